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

/* Macro F1 follows from how often each class is true, predicted, and both. */
enum { F1_COUNTS = 3 };

/* Returns the number of classes or labels that are counted. */
size_t f1_classes(const struct network *network);

/* Counts the samples first .. first + count - 1 of `data`, which holds the samples of `dataset`, in
 * counts [f1_classes][F1_COUNTS]. The pass must hold the parameters. Not for task regress. */
WEFT_MUST_CHECK enum weft_status f1_count(struct pass *pass, const struct device_data *data,
                                          const struct weft_dataset *dataset, size_t first,
                                          size_t count, uint64_t *counts);

/* Returns the mean of 2 TP / (2 TP + FP + FN) over the classes that are true or predicted
 * somewhere. For task multilabel, the mean is over all labels, and a label that is neither true nor
 * predicted counts as 0. */
double f1_macro(const struct network *network, const uint64_t *counts);

#endif
