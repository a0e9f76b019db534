/* Handles --threshold and --reject: when a prediction is an answer. */
#ifndef WEFT_APP_ANSWER_RULE_H
#define WEFT_APP_ANSWER_RULE_H

#include "options.h"

/* The rule; 0 for what is not given. */
struct answer_rule {
    double threshold, reject;
};

/* Reads the rule. Rejects a rule that the model's task does not allow, before any data is read.
 */
WEFT_MUST_CHECK enum weft_status answer_rule_read(const struct command_line *line,
                                                  const struct weft_model_info *model,
                                                  struct answer_rule *rule);

#endif
