/* What early stopping looks at: one number of the validation part after each epoch. */
#ifndef WEFT_TRAIN_MONITOR_H
#define WEFT_TRAIN_MONITOR_H

#include "data/dataset.h"
#include "train/pass.h"

struct monitor {
    enum weft_monitor what;
    double min_delta;
    size_t patience;   /* epochs in a row without a better value; 0: it never stops */
    double best;       /* NaN before any */
    size_t best_epoch; /* 0 before any */
    size_t worse;      /* epochs since */
};

struct monitor monitor_make(const struct weft_options *options);

/* Takes note of an epoch's value; true where it is the best so far: by more than min_delta. */
bool monitor_note(struct monitor *monitor, size_t epoch, double value);

/* Whether enough epochs were no better. */
bool monitor_stops(const struct monitor *monitor);

/* The mean of 2 TP / (2 TP + FP + FN) over the classes that are true or predicted somewhere; of
 * task multilabel over all labels, 0 of one that is neither. `data` are the samples of `dataset`;
 * the pass has the parameters. */
WEFT_MUST_CHECK enum weft_status monitor_macro_f1(struct pass *pass, const struct device_data *data,
                                                  const struct weft_dataset *dataset, double *f1);

#endif
