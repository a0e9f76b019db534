/* Watches one number of the validation set after each epoch, for early stopping. */
#ifndef WEFT_TRAIN_MONITOR_H
#define WEFT_TRAIN_MONITOR_H

#include "data/dataset.h"
#include "train/pass.h"

struct monitor {
    enum weft_monitor what;
    double min_delta;
    /* Epochs in a row without improvement before training stops. 0: never stop. */
    size_t patience;
    double best;       /* NaN before the first value */
    size_t best_epoch; /* 0 before the first value */
    size_t worse;      /* epochs since the best one */
};

/* Returns a monitor that has seen no epoch. */
struct monitor monitor_make(const struct weft_options *options);

/* Records the value of an epoch. Returns true if it is the best so far by more than min_delta. */
bool monitor_note(struct monitor *monitor, size_t epoch, double value);

/* Returns true if enough epochs in a row have brought no improvement. */
bool monitor_stops(const struct monitor *monitor);

/* Computes the mean of 2 TP / (2 TP + FP + FN) over the classes that are true or predicted
 * somewhere. For task multilabel, the mean is over all labels, and a label that is neither true nor
 * predicted counts as 0. `data` holds the samples of `dataset`. The pass must hold the
 * parameters. */
WEFT_MUST_CHECK enum weft_status monitor_macro_f1(struct pass *pass, const struct device_data *data,
                                                  const struct weft_dataset *dataset, double *f1);

#endif
