/* struct weft_options as other rooms see it: taken over whole from a program, option by option. */
#ifndef WEFT_OPTIONS_OPTIONS_H
#define WEFT_OPTIONS_OPTIONS_H

#include "options/option_table.h"

/* Copies what a program handed in: every function of weft.h that takes options begins with this.
 * Members beyond `given->size`, which the program does not know, get the values of the preset.
 * WEFT_ERROR_USAGE: never filled by weft_options_init, filled by a newer one, or a member that is
 * out of range. */
WEFT_MUST_CHECK enum weft_status options_take(const struct weft_options *given,
                                              struct weft_options *whole);

/* Refuses an option that was set and has no effect beside the others. */
WEFT_MUST_CHECK enum weft_status options_check_use(const struct weft_options *options);

/* One member from text, to text, and checked. The option is not marked as given. */
WEFT_MUST_CHECK enum weft_status option_read(struct weft_options *options,
                                             const struct option_row *row, const char *text);
WEFT_MUST_CHECK enum weft_status option_check(const struct weft_options *options,
                                              const struct option_row *row);
/* `text` [WEFT_OPTION_TEXT_SIZE]; the member has passed option_check. */
void option_write(const struct weft_options *options, const struct option_row *row, char *text);

/* What `options` bring with the one that was just set, unless it is given itself: a task its head,
 * a batch size no count of batches. */
void options_follow(struct weft_options *options, const struct option_row *row);

/* Marks as given, in a copy of settled `options`, what a model file records of their training. */
void options_record(const struct weft_options *options, struct weft_options *record);

/* The preset of that name, or NULL. */
const struct weft_options *preset_find(const char *name);

/* The head that a task needs, where the options leave it to the task. */
enum weft_head task_head(enum weft_task task, const struct weft_options *preset);

#endif
