/* The options that decide how gradients move the weights: optimizer, schedule, average, and
 * when they are moved enough. */
#ifndef WEFT_TRAIN_UPDATE_OPTIONS_H
#define WEFT_TRAIN_UPDATE_OPTIONS_H

#include "base/status.h"

/* As weft_options_set, each for one option. */
WEFT_MUST_CHECK enum weft_status set_monitor(struct weft_options *options, const char *name,
                                             const char *text);
WEFT_MUST_CHECK enum weft_status set_schedule(struct weft_options *options, const char *name,
                                              const char *text);
WEFT_MUST_CHECK enum weft_status set_optimizer(struct weft_options *options, const char *name,
                                               const char *text);

/* As training_options_check, of these members. */
WEFT_MUST_CHECK enum weft_status update_options_check(const struct weft_options *options);

#endif
