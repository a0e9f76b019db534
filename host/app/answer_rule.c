/* Implements answer_rule.h. */
#include "answer_rule.h"

#include "message.h"

enum weft_status answer_rule_read(const struct command_line *line,
                                  const struct weft_model_info *model, struct answer_rule *rule)
{
    *rule = (struct answer_rule){.threshold = 0.0};
    TRY(option_fraction(line, OPTION_THRESHOLD, "probability", &rule->threshold));
    TRY(option_fraction(line, OPTION_REJECT, "probability", &rule->reject));
    if (rule->threshold != 0.0 && model->task != WEFT_TASK_MULTILABEL &&
        (model->task != WEFT_TASK_CLASSIFY || model->classes != 2))
        return complain(WEFT_ERROR_USAGE,
                        "--threshold: needs a model with two classes, or with labels");
    if (rule->reject != 0.0 && model->task != WEFT_TASK_CLASSIFY)
        return complain(WEFT_ERROR_USAGE, "--reject: needs a model with classes");
    return WEFT_OK;
}
