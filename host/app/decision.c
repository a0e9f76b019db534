/* Implements decision.h. */
#include "decision.h"

#include "message.h"

enum weft_status decision_read(const struct command_line *line, const struct weft_model_info *model,
                               struct decision *decision)
{
    *decision = (struct decision){.threshold = 0.0};
    TRY(option_fraction(line, OPTION_THRESHOLD, "probability", &decision->threshold));
    TRY(option_fraction(line, OPTION_REJECT, "probability", &decision->reject));
    if (decision->threshold != 0.0 && model->task != WEFT_TASK_MULTILABEL &&
        (model->task != WEFT_TASK_CLASSIFY || model->classes != 2))
        return complain(WEFT_ERROR_USAGE,
                        "--threshold: needs a model with two classes, or with labels");
    if (decision->reject != 0.0 && model->task != WEFT_TASK_CLASSIFY)
        return complain(WEFT_ERROR_USAGE, "--reject: needs a model with classes");
    return WEFT_OK;
}
