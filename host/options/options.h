/* Functions on struct weft_options for the rest of the library. */
#ifndef WEFT_OPTIONS_OPTIONS_H
#define WEFT_OPTIONS_OPTIONS_H

#include "options/option_table.h"

/* Copies and checks the options that a program passed in. Every function of weft.h that takes
 * options calls it first.
 *
 * Members beyond `given->size`, which the program does not know, get the values of the preset.
 * Returns WEFT_ERROR_USAGE if weft_options_init never filled the options, if a newer version filled
 * them, or if a member is out of range.
 */
WEFT_MUST_CHECK enum weft_status options_take(const struct weft_options *given,
                                              struct weft_options *whole);

/* Refuses an option that was set but has no effect with the other options. */
WEFT_MUST_CHECK enum weft_status options_check_use(const struct weft_options *options);

/* Read a member from text, and check a member. Reading does not mark the option as given. */
WEFT_MUST_CHECK enum weft_status option_read(struct weft_options *options,
                                             const struct option_row *row, const char *text);
WEFT_MUST_CHECK enum weft_status option_check(const struct weft_options *options,
                                              const struct option_row *row);
/* Writes a member to `text` [WEFT_OPTION_TEXT_SIZE]. option_check must have accepted the member. */
void option_write(const struct weft_options *options, const struct option_row *row, char *text);

/* Adjusts the options that depend on the option that was just set. A task sets what the preset has
 * for it, unless that was given. A batch size and a number of batches replace each other. */
void options_follow(struct weft_options *options, const struct option_row *row);

/* Copies `options`, and marks as given those that a model file records of this training run. */
void options_record(const struct weft_options *options, struct weft_options *record);

/* Returns the preset of that name, or NULL. */
const struct weft_options *preset_find(const char *name);

/* Returns the head that a task uses by default. For classification, this is the head of the
 * preset. */
enum weft_head task_head(enum weft_task task, const struct weft_options *preset);

/* Adapts a preset, which is made for classify, to a task: the head, the label smoothing and, for
 * preset default, the hidden layers, the activation and the dropout. */
void preset_fit_task(struct weft_options *preset, enum weft_task task);

#endif
