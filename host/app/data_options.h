/* Handles the options that select data and say how to read them. */
#ifndef WEFT_APP_DATA_OPTIONS_H
#define WEFT_APP_DATA_OPTIONS_H

#include "options.h"

/* Opens the data sets that a training run needs into `sets`, which is zero on entry. Preset xor has
 * its own data. A table is read as `model` needs it or, if `model` is NULL, as the model of
 * --init-model needs it. If --task is not given, the data decide about the task in `options`. The
 * caller calls weft_data_sets_reset in either case. */
WEFT_MUST_CHECK enum weft_status data_open_sets(const struct command_line *line,
                                                struct weft_options *options,
                                                const struct weft_model *model,
                                                struct weft_data_sets *sets);

/* Returns true if the standard input or a pipe is part of the data, which can be read only once. */
bool data_passes_once(const struct command_line *line);

/* Returns WEFT_ERROR_DATA, with a message, if `dataset` does not fit the model. Call it before
 * opening a device, because building the kernels may take a minute. */
WEFT_MUST_CHECK enum weft_status data_check_set(const struct command_line *line,
                                                const struct weft_dataset *dataset,
                                                bool need_labels, const struct weft_model *model);

/* Opens the data set that --part selects (default: test) and checks that it fits the model. Data
 * with only one set are used whole. On entry, `*dataset` is NULL; the caller destroys it in either
 * case. */
WEFT_MUST_CHECK enum weft_status data_open_set(const struct command_line *line, bool need_labels,
                                               const struct weft_model *model,
                                               struct weft_dataset **dataset);

/* Opens the labeled data set that a report measures a model on: the data of --test, or the test set
 * of --data. Data with only one set are used whole; `*is_test` is then false, because the model may
 * have been trained on them. On entry, `*dataset` is NULL; the caller destroys it in either case.
 */
WEFT_MUST_CHECK enum weft_status data_open_test(const struct command_line *line,
                                                const struct weft_model *model,
                                                struct weft_dataset **dataset, bool *is_test);

/* Opens data without a model, and chooses the part that --part selects (default: test). Data with
 * only one set are used whole. `*dataset` is borrowed from `sets`, which the caller resets in
 * either case. */
WEFT_MUST_CHECK enum weft_status data_open_any(const struct command_line *line,
                                               struct weft_data_sets *sets,
                                               const struct weft_dataset **dataset);

/* Opens the data set that --part selects for predictions, block by block. The caller closes the
 * stream in either case. */
WEFT_MUST_CHECK enum weft_status data_open_stream(const struct command_line *line,
                                                  const struct weft_model *model,
                                                  struct weft_stream **stream);

/* Reads the options about the form of data: --target, --delimiter and so on. Strings are borrowed
 * from the command line. */
WEFT_MUST_CHECK enum weft_status data_read_options(const struct command_line *line,
                                                   struct weft_data_options *form);

/* Opens labeled data for a command that needs no model. The caller calls weft_data_sets_reset in
 * either case. */
WEFT_MUST_CHECK enum weft_status data_open_labeled(const struct command_line *line,
                                                   struct weft_data_sets *sets);

/* Reads the table of --data. The caller destroys it in either case. */
WEFT_MUST_CHECK enum weft_status data_open_table(const struct command_line *line,
                                                 struct weft_table **table);

/* Tells whether `--data` is a table of text that can be read again. Packed data and arrays are
 * none, even if the columns of their model have names. */
WEFT_MUST_CHECK enum weft_status data_find_table(const struct command_line *line, bool *found);

/* Handles --test-time-flip: the model also predicts the mirrored images of `dataset`. */
WEFT_MUST_CHECK enum weft_status data_mirror(const struct command_line *line,
                                             const struct weft_dataset *dataset,
                                             struct weft_model *model);

/* Makes synthetic samples for `options`, with labels of `classes` classes or as many targets. */
WEFT_MUST_CHECK enum weft_status data_make_up(const struct weft_options *options, size_t samples,
                                              size_t features, size_t classes,
                                              struct weft_dataset **dataset);

/* Reads --task of commands that do not train. */
WEFT_MUST_CHECK enum weft_status data_read_task(const struct command_line *line,
                                                struct weft_data_options *form);

/* Reads --part. Without it, `*test` becomes `otherwise`. */
WEFT_MUST_CHECK enum weft_status data_part_is_test(const struct command_line *line, bool otherwise,
                                                   bool *test);

/* Finds what to read, and whether --part asks for the test set. */
WEFT_MUST_CHECK enum weft_status data_find(const struct command_line *line, const char **what,
                                           bool *test);

#endif
