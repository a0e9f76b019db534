/* The members of struct weft_options that decide training; those that decide the network are
 * checked where a model is made. */
#ifndef WEFT_TRAIN_TRAINING_OPTIONS_H
#define WEFT_TRAIN_TRAINING_OPTIONS_H

#include "base/status.h"

/* WEFT_ERROR_USAGE where weft_options_set would not have let a value pass: a program may fill the
 * members by itself. */
WEFT_MUST_CHECK enum weft_status training_options_check(const struct weft_options *options);

#endif
