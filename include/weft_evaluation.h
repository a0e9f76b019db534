/* weft_evaluation.h: the scores of a model on a data set.
 *
 * The conventions of weft.h apply here too. docs/evaluation.md explains the scores. */
#ifndef WEFT_EVALUATION_H
#define WEFT_EVALUATION_H

#include "weft_model.h"

#ifdef __cplusplus
extern "C" {
#endif

struct weft_device; /* see weft.h */

/* The scores of one class or label. Undefined values are NaN. */
struct weft_class_score {
    double precision, recall, f1;
    size_t support; /* number of samples of this class, or with this label */
    double roc_auc; /* for this class against all other classes; see enum weft_metric */
    double average_precision;
};

/* The scores of one output in regression. */
struct weft_output_score {
    double r2, rmse, mae, median_error; /* see enum weft_metric */
};

/* The scores of a whole data set. docs/evaluation.md explains when to use each of these scores.
 *
 * In classification, p_c is the predicted probability of class c; y_c is 1 for the true class and 0
 * for the others. For LOG_LOSS and BRIER, the probabilities p_c of each sample are scaled so that
 * their sum is 1. For multilabel, p is the predicted probability of a label, and y is the label, 0
 * or 1. In regression, z is an output, and y is its target. */
enum weft_metric {
    WEFT_METRIC_ACCURACY,          /* fraction of correct predictions; for multilabel, all labels of
                                      a sample must be correct */
    WEFT_METRIC_BALANCED_ACCURACY, /* mean recall over the classes that occur; for classify only */
    WEFT_METRIC_TOP_5_ACCURACY,    /* fraction of samples whose true class is among the five most
                                      probable classes; for classify only, if there are more than
                                      five classes */
    WEFT_METRIC_LOG_LOSS,          /* mean of -log p_c for the true class c; multilabel: mean of
                                      -log(1 - |y - p|) over samples and labels */
    WEFT_METRIC_BRIER, /* mean of sum_c (p_c - y_c)^2, halved for two classes; multilabel:
                          mean of (p - y)^2 over samples and labels (Brier 1950) */
    WEFT_METRIC_CALIBRATION_ERROR, /* mean of |accuracy - confidence| over the bins (see struct
                                      weft_calibration_bin); each bin is weighted by its number of
                                      samples (Guo et al. 2017); for classify only */
    WEFT_METRIC_ROC_AUC,           /* probability that a random sample of class c has a higher p_c
                                      than a random sample of another class; ties count half. If a
                                      model classifies into two classes, c is 1. Otherwise, ROC_AUC
                                      is the mean over all classes or labels c */
    WEFT_METRIC_AVERAGE_PRECISION, /* sum_n (R_n - R_(n-1)) P_n over all thresholds, where R_n is
                                      the recall and P_n the precision at threshold n. If
                                      a model classifies into two classes, it is computed for class
                                      1. Otherwise, it is the mean over all classes or labels */
    WEFT_METRIC_MACRO_F1,          /* mean F1 over the classes that occur or are predicted; for
                                      multilabel, mean F1 over all labels, with 0 where F1 is
                                      undefined */
    WEFT_METRIC_WEIGHTED_F1,       /* mean F1, in which each class or label has its support as
                                      weight */
    WEFT_METRIC_MATTHEWS,          /* correlation of the true and the predicted classes (Gorodkin
                                      2004); for classify only */
    WEFT_METRIC_R2,                /* 1 - sum (y - z)^2 / sum (y - mean y)^2. For a constant
                                      target: 1 if the predictions are exact, 0 if they are not. R2,
                                      RMSE, MAE and MEDIAN_ERROR are for regression; each is
                                      computed for each output, and then averaged over the
                                      outputs */
    WEFT_METRIC_RMSE,              /* square root of the mean of (y - z)^2 */
    WEFT_METRIC_MAE,               /* mean of |y - z| */
    WEFT_METRIC_MEDIAN_ERROR,      /* median of |y - z| */
    WEFT_METRICS                   /* the number of metrics; new versions may add metrics */
};

/* The description of a metric. */
struct weft_metric_info {
    const char *name;  /* the key in JSON output, such as "roc_auc" */
    const char *title; /* such as "ROC AUC" */
    bool fraction;     /* true: a fraction of samples, best shown in percent */
};

/* Describes a metric. Returns NULL beyond the last metric. The result is static. */
WEFT_API const struct weft_metric_info *weft_metric_describe(size_t metric);

/* A score with its 95 % interval. Undefined numbers are NaN. */
struct weft_estimate {
    double value;
    double low, high; /* ends of the interval; NaN if there is no interval */
};

/* Returns the 95 % interval (Wilson 1927) of a fraction, such as an accuracy, that was measured on
 * `samples` independent samples. The interval is NaN if `samples` is 0 or `fraction` is NaN. */
WEFT_API struct weft_estimate weft_fraction_interval(double fraction, size_t samples);

enum { WEFT_CALIBRATION_BINS = 15 };

/* One bin of the calibration, which groups samples by the probability of their predicted class. In
 * bin i, this probability is above i / 15 and at most (i + 1) / 15. Bin 0 also includes probability
 * 0. */
struct weft_calibration_bin {
    size_t samples;
    double confidence; /* mean probability of the predicted classes; NaN for an empty bin */
    double accuracy;   /* fraction of correct predictions; NaN for an empty bin */
};

/* The scores of a model on a data set. Undefined numbers are NaN. New versions add members at the
 * end. */
struct weft_evaluation {
    size_t samples, classes;
    enum weft_task task;
    double accuracy; /* fraction of correct predictions; for multilabel, all labels of a sample must
                        be correct. NaN for regression */
    double loss;     /* mean loss over the samples, without the penalty. For an ensemble, it is the
                        loss of the mean prediction. For regression, it is computed from targets
                        that are not standardized. NaN in the evaluations that `groups` holds */
    double r2;       /* R^2, as WEFT_METRIC_R2; NaN except for regression */
    size_t *confusion;               /* [C][C] number of samples for each true class (row) and
                                        predicted class (column), or NULL */
    struct weft_class_score *scores; /* [C], or NULL for regression */
    char note[256]; /* one line for the user if the model is useless, as in struct weft_training;
                       otherwise "" */

    struct weft_estimate *metrics;     /* [WEFT_METRICS] by enum weft_metric. Metrics that are
                                          fractions of samples have Wilson intervals. Other metrics
                                          have bootstrap intervals, if the options ask for these */
    struct weft_output_score *outputs; /* [C] for regression, otherwise NULL */
    struct weft_calibration_bin *bins; /* [WEFT_CALIBRATION_BINS] for classification, otherwise
                                          NULL */
    size_t unknown; /* number of samples of classes that the model does not know. `samples` includes
                       them, and they count as wrong predictions. Means over classes treat them as
                       one more class, with recall 0. The loss and the metrics LOG_LOSS, BRIER,
                       CALIBRATION_ERROR, ROC_AUC, AVERAGE_PRECISION and MATTHEWS leave them out */

    /* The effect of `reject` of the options. If `reject` is 0, all samples are answered. */
    size_t answered;                      /* number of samples whose predicted class has a
                                             probability above `reject`, plus all samples of unknown
                                             classes */
    struct weft_estimate answer_accuracy; /* accuracy on the answered samples; NaN for regression.
                                             Samples of unknown classes count as wrong answers */

    size_t group_count;
    struct weft_evaluation **groups; /* [group_count] the evaluation of each group, owned; or NULL.
                                        Such an evaluation has no groups and no note itself */
};

/* Options of an evaluation. Members that are 0 or NULL have no effect. New versions add members at
 * the end. */
struct weft_evaluate_options {
    size_t size;              /* size of this struct; weft_evaluate_options_init sets it */
    double threshold, reject; /* as in weft_decide; `reject` changes only `answered` and
                                 `answer_accuracy` of the evaluation */
    size_t bootstrap;         /* number of bootstrap resamples: at least 100, usually 1000; 0: no
                                 bootstrap intervals. An interval spans the 2.5th to the 97.5th
                                 percentile (Efron and Tibshirani 1993). CALIBRATION_ERROR has no
                                 interval, because resampling biases this metric upward */
    uint64_t seed;            /* random seed of the resamples */
    const int32_t *groups;    /* [N] number of the group of each sample, below group_count;
                                 negative: the sample is in no group. Borrowed. NULL: no groups */
    size_t group_count;
};

/* Fills the options with 0 and NULL. Like weft_options_init, it is a macro. */
#define weft_evaluate_options_init(options)                                                        \
    weft_evaluate_options_init_sized((options), sizeof *(options))
WEFT_API void weft_evaluate_options_init_sized(struct weft_evaluate_options *options, size_t size);

/* Makes predictions for every sample of a data set, and compares the predictions with the labels or
 * targets. Sample weights are ignored.
 *
 * evaluation   receives the scores; release them with weft_evaluation_destroy
 *
 * Returns WEFT_ERROR_DATA if the data set does not fit the model, or has neither labels nor
 * targets. Returns WEFT_ERROR_WRONG_RESULT if the device fails the known-answer test. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_evaluate(struct weft_device *device,
                                                        const struct weft_model *model,
                                                        const struct weft_dataset *dataset,
                                                        struct weft_evaluation **evaluation);

/* Evaluates as weft_evaluate does, but with options.
 *
 * Returns WEFT_ERROR_USAGE if the task does not allow an option, or if an option is out of range;
 * the other errors are those of weft_evaluate. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_evaluate_with(
    struct weft_device *device, const struct weft_model *model, const struct weft_dataset *dataset,
    const struct weft_evaluate_options *options, struct weft_evaluation **evaluation);

/* Releases an evaluation and its groups. */
WEFT_API void weft_evaluation_destroy(struct weft_evaluation *evaluation);

/* Computes one score: R^2 for regression, otherwise the accuracy. The errors are those of
 * weft_evaluate. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_score(struct weft_device *device,
                                                     const struct weft_model *model,
                                                     const struct weft_dataset *dataset,
                                                     double *score);

#ifdef __cplusplus
}
#endif
#endif
