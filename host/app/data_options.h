/* The options that say which data: --data, --images, --labels, --test, --holdout, --part. */
#ifndef WEFT_APP_DATA_OPTIONS_H
#define WEFT_APP_DATA_OPTIONS_H

#include "options.h"

/* The parts of the data of a training; owned, NULL where there is no such part. */
struct data_parts {
    struct weft_dataset *train;
    struct weft_dataset *validation; /* what --holdout cut off the training part */
    struct weft_dataset *test;       /* of --test, else of the data themselves */
};

/* Opens what a training needs into `parts`, already zero. Preset xor brings its own data. The
 * caller ends `parts` with data_parts_reset in either case. */
WEFT_MUST_CHECK enum weft_status data_open_parts(const struct command_line *line,
                                                 const struct weft_options *options,
                                                 struct data_parts *parts);
void data_parts_reset(struct data_parts *parts);

/* WEFT_ERROR_DATA, said, where `dataset` does not fit the model: asked before a device is opened,
 * since building its kernels may take a minute. */
WEFT_MUST_CHECK enum weft_status data_check_part(const struct command_line *line,
                                                 const struct weft_dataset *dataset,
                                                 bool need_labels,
                                                 const struct weft_model *model);

/* Opens the part of --part (test where not given), which fits the model; data with one part are
 * used whole. The caller destroys `*dataset`, NULL at first, in either case. */
WEFT_MUST_CHECK enum weft_status data_open_part(const struct command_line *line, bool need_labels,
                                                const struct weft_model *model,
                                                struct weft_dataset **dataset);

/* --test-time-flip: the model predicts the images of `dataset` mirrored, too. */
WEFT_MUST_CHECK enum weft_status data_mirror(const struct command_line *line,
                                             const struct weft_dataset *dataset,
                                             struct weft_model *model);

/* Made-up samples for `options`: with labels of `classes`, or so many targets. */
WEFT_MUST_CHECK enum weft_status data_make_up(const struct weft_options *options, size_t samples,
                                              size_t features, size_t classes,
                                              struct weft_dataset **dataset);

#endif
