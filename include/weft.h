/* weft.h: train, evaluate and use neural networks on any OpenCL device, or on the CPU.
 *
 * A complete program:
 *
 *     #include <stdio.h>
 *     #include <weft.h>
 *
 *     int main(void)
 *     {
 *         struct weft_options options;
 *         struct weft_dataset *train = NULL, *test = NULL;
 *         struct weft_device *device = NULL;
 *         struct weft_model *model = NULL;
 *         struct weft_training training;
 *         double accuracy = 0;
 *
 *         const bool ok = !weft_options_init(&options, "default") &&
 *                         !weft_dataset_open("fashion-mnist", &train, &test) &&
 *                         !weft_device_create("auto", NULL, NULL, &device) &&
 *                         !weft_model_create(&options, train, &model) &&
 *                         !weft_fit(device, model, &options, train, NULL, NULL, &training) &&
 *                         !weft_score(device, model, test, &accuracy) &&
 *                         !weft_model_write(model, "fashion.safetensors");
 *         if (ok)
 *             printf("accuracy %.2f %%\n", 100 * accuracy);
 *         else
 *             fprintf(stderr, "%s\n", weft_error());
 *
 *         weft_model_destroy(model);
 *         weft_device_destroy(device);
 *         weft_dataset_destroy(test);
 *         weft_dataset_destroy(train);
 *         return !ok;
 *     }
 *
 * Conventions:
 *
 * - A function that can fail returns enum weft_status, which is 0 on success. After a failure,
 *   weft_error() describes it in one line. Each function lists its own errors. In addition, any
 *   function that allocates can return WEFT_ERROR_MEMORY, and any function that uses a device can
 *   return WEFT_ERROR_DEVICE.
 * - The caller owns what a function creates, and must release it with the matching weft_*_destroy.
 *   Destroy functions accept NULL.
 * - A borrowed pointer belongs to another object, and is valid until that object is destroyed. All
 *   pointers inside structs whose name ends in _info are borrowed. Static strings and structs are
 *   always valid.
 * - Matrices are row-major: [N][D] has N rows of D numbers. Shapes use these letters: N samples, D
 *   features, C classes, I inputs and O outputs of a layer.
 * - The library never prints, never exits and installs no signal handler.
 * - Call the library from one thread at a time: CLBlast keeps state that all devices share. The
 *   library itself uses all cores.
 *
 * The reference is a second implementation of the network, in double precision. A kernel is a
 * function that runs on the device. Before each run, the known-answer test compares every kernel
 * that the run will use with the reference.
 *
 * This file declares devices, training and prediction. It includes the headers of everything else
 * that a training program needs, here in the order of use:
 *
 *     weft_status.h       errors
 *     weft_options.h      how to train
 *     weft_dataset.h      data sets from arrays and known files
 *     weft_data.h         tables, and data sets larger than memory
 *     weft_model.h        networks and their files
 *     weft_checkpoint.h   memory and time of a training run; how to resume it
 *     weft_evaluation.h   scores
 *
 * Programs include the other headers if they need them: weft_device.h checks, benchmarks and tunes
 * devices. With weft_ranks.h, several processes, called ranks, train one model together.
 * weft_embed.h makes maps of samples, weft_plot.h draws charts, and weft_report.h writes pages.
 */
#ifndef WEFT_H
#define WEFT_H

#include "weft_checkpoint.h"
#include "weft_data.h"
#include "weft_dataset.h"
#include "weft_evaluation.h"
#include "weft_model.h"
#include "weft_options.h"
#include "weft_status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------- devices
 *
 * Weft keeps a record of each device in $XDG_CACHE_HOME/weft or ~/.cache/weft. The record stores
 * the date of the last passed check, the CLBlast setting in use, and the measurements of weft_tune
 * and weft_bench. The folder also has compiled kernels that the driver does not cache itself. You
 * may delete the folder. Without the measurements, Weft may then use other kernels, so results may
 * change in the last digits. A missing, damaged or read-only record causes no failure. */

/* A device that trains and predicts: an OpenCL device, or the CPU backend. */
struct weft_device;

/* The description of a device. */
struct weft_device_info {
    bool opencl;                            /* false for the CPU backend */
    size_t index;                           /* in the list of OpenCL devices, from 0 */
    size_t platform_index, platform_device; /* P and D of "P:D", see weft_device_create */
    char platform[128], name[128], driver[128];
    char type[16];       /* "gpu", "cpu" or "accelerator" */
    bool unified_memory; /* shares its memory with the host, as integrated GPUs do */
    unsigned compute_units;
    uint64_t global_bytes;
    bool fp64;
    char checked[32]; /* date of the last passed check, "2026-11-22"; "" if the device has passed no
                         check with this driver and this version of Weft */
    char tuned[32];   /* date of the last weft_tune, or "" */
    char note[512];   /* one line for the user, for example if matrix products were wrong and now
                         use another engine (enum weft_gemm); otherwise "" */
};

/* Receives lines that help to debug a device: the driver's build logs, and failures to write the
 * device record. */
typedef void weft_log_function(void *user, const char *line);

/* Counts the OpenCL devices of this machine. Without OpenCL, the count is 0. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_device_count(size_t *count);

/* Explains in one line why there is no OpenCL device, and what to do about it. The string is
 * static. */
WEFT_API const char *weft_device_absence(void);

/* Describes an OpenCL device without building any kernel.
 *
 * Returns WEFT_ERROR_NO_DEVICE if there is no device with this index. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_device_describe(size_t index,
                                                               struct weft_device_info *info);

/* Opens a device and builds its kernels.
 *
 * spec   the device:
 *          "auto" or NULL   a discrete GPU, else an integrated GPU, else an OpenCL CPU, else the
 *                           CPU backend
 *          "cpu"            the CPU backend, which needs no OpenCL
 *          "opencl"         a GPU, else an OpenCL CPU, else an accelerator
 *          "gpu"            a GPU
 *          "0"              the index of an OpenCL device
 *          "1:0"            P:D, the index of a platform and of a device of this platform
 *          other text       part of a device's name; case is ignored
 * log    receives build logs, or NULL
 * user   passed to `log`
 *
 * Returns
 * - WEFT_ERROR_NO_DEVICE if there is no such device
 * - WEFT_ERROR_USAGE for a malformed spec
 * - WEFT_ERROR_DEVICE if the kernels do not build
 * - WEFT_ERROR_IO if the environment variable WEFT_KERNEL_DIR names a folder that cannot be read */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_device_create(const char *spec,
                                                             weft_log_function *log, void *user,
                                                             struct weft_device **device);

/* Limits the memory that Weft uses on a device. Data sets that do not fit are streamed; see
 * weft_plan_training. A training run that still does not fit is rejected. On the CPU backend, the
 * limit applies to the working memory of a run, not to the data sets and the model. Call this
 * function before the device is used.
 *
 * bytes   the limit; 0: the memory of the device */
WEFT_API void weft_device_limit_memory(struct weft_device *device, uint64_t bytes);

/* Describes an open device. */
WEFT_API void weft_device_get_info(const struct weft_device *device, struct weft_device_info *info);

/* Closes a device and releases its memory. */
WEFT_API void weft_device_destroy(struct weft_device *device);

/* ---------------------------------------------------------------- training */

/* The progress of a training run. */
struct weft_progress {
    size_t epoch, epochs;  /* the current epoch, from 1, and the number of epochs */
    size_t batch, batches; /* batches submitted in this epoch, and batches per epoch */
    size_t samples;        /* samples per epoch */
    bool stopping; /* a callback of some rank has asked to stop, so all ranks stop after this
                      batch */
};

/* The results of one epoch. */
struct weft_epoch {
    size_t epoch;          /* from 1 */
    double error;          /* loss plus penalty, averaged over the batches. Each batch is measured
                              before its update. Regression uses standardized targets */
    double train_accuracy; /* fraction of correct predictions, measured in each batch before its
                              update; NaN for regression */
    double validation_accuracy; /* after the epoch; NaN for regression or without a validation
                                   set */
    double validation_r2;       /* R^2 after the epoch; NaN unless regression */
    double learning_rate;       /* of the last batch */
    double seconds;             /* wall time of the epoch, without validation */
    double monitored; /* the value that early stopping or the plateau schedule watches, or NaN */
};

/* Describes one epoch. A model keeps the epochs of its last training run. Returns false if `index`
 * is beyond the last epoch:
 *
 *     for (size_t i = 0; weft_model_get_epoch(model, 0, i, &epoch); i++)
 *         printf("%zu %g\n", epoch.epoch, epoch.error);
 *
 * member   0, or the index of a member of an ensemble
 * index    counted from 0
 *
 * Numbers have the precision of float, and `seconds` and `monitored` are always NaN.
 *
 * A model in memory keeps all epochs. A model file keeps at most 500 evenly spaced epochs, plus the
 * best and the last epoch. An ensemble keeps fewer (see docs/models.md). Files of earlier versions
 * have none. */
WEFT_API bool weft_model_get_epoch(const struct weft_model *model, size_t member, size_t index,
                                   struct weft_epoch *epoch);

/* The state of a training run at the end of a batch. It exists only during the call of a batch
 * callback, which can write it to a file with weft_checkpoint_write. */
struct weft_moment;

/* Functions that are called during training. Each may be NULL. A callback that returns a non-zero
 * value stops the training run. With one rank, the run stops after the batches that were already
 * submitted. With several ranks, all ranks run one more batch and then stop. weft_train then
 * returns WEFT_OK and sets `stopped`. */
struct weft_callbacks {
    void *user; /* passed to all */
    int (*progress)(void *user, const struct weft_progress *progress);
    int (*epoch)(void *user, const struct weft_epoch *epoch);
    /* Called once after each batch, after `progress` has returned, even if `progress` stops the
     * run. */
    int (*batch)(void *user, struct weft_moment *moment);
};

/* The score of a model on one data set. */
struct weft_score {
    size_t samples;  /* 0: there is no such data set, and the scores are NaN */
    double accuracy; /* fraction of correct predictions (multilabel: all labels correct); NaN for
                        regression */
    double r2;       /* as in struct weft_evaluation; NaN unless regression */
    double error;    /* loss plus penalty. With WEFT_REDUCTION_SUM, the loss is the mean loss
                        per sample, multiplied by the average batch size, so that the error is
                        comparable with that of struct weft_epoch. Regression uses standardized
                        targets: a model that always predicts the mean has a loss of 1/2 per output,
                        whatever the units of the targets */
};

/* The result of a training run. */
struct weft_training {
    bool stopped;       /* a callback stopped the run */
    size_t epochs;      /* number of completed epochs */
    bool stopped_early; /* early stopping ended the run */
    size_t best_epoch;  /* the epoch whose weights the model has; 0 if `patience` is 0 */
    struct weft_score train, validation, test;                         /* of the final weights */
    double median_epoch_seconds, min_epoch_seconds, max_epoch_seconds; /* NaN if no epoch ended */
    double check_seconds; /* time of the known-answer test before the first batch */
    char note[256];       /* one line for the user if the model is useless, otherwise "". A model is
                             useless if it predicts one class for every sample, was trained on only
                             one class, or has an R^2 below 0 */
};

/* Trains a model on a data set. Before the first batch, the device must pass a known-answer test.
 *
 * device       where the training runs
 * model        receives the trained weights; see below for its scaling
 * options      how to train; see weft_options_init
 * train        the training set
 * validation   samples for early stopping and scores, or NULL
 * test         samples for the final score, or NULL
 * callbacks    called during the training, or NULL
 * training     receives the result
 *
 * If the model has no scaling yet, training computes it from `train` and stores it in the model:
 * the feature scaling that options->scale selects and, for regression, the mean and the standard
 * deviation of the targets. Later training runs keep both.
 *
 * After a failure, the model has the weights of the last good epoch, whose number is
 * training->epochs. If options->patience is not 0, it has the weights of training->best_epoch
 * instead. If training->epochs is 0, the model has its initial weights; after weft_fit, these may
 * be new random weights. Once training has begun, the model keeps its scaling, even after a
 * failure.
 *
 * Two runs give the same bits if model, options, data, device, driver and device record are the
 * same. The number of threads does not matter.
 *
 * Returns
 * - WEFT_ERROR_USAGE if the options contradict each other, the data or the model, or if the model
 *   is an ensemble
 * - WEFT_ERROR_DATA if a data set does not fit the model, or if scaling a feature or a target
 *   overflows
 * - WEFT_ERROR_DATA if an output for a validation or test sample is not finite
 * - WEFT_ERROR_WRONG_RESULT if the device fails the known-answer test, or disagrees with the
 *   reference in a batch that options->check_every selects
 * - WEFT_ERROR_DIVERGED if the loss or a weight is no longer finite
 * - WEFT_ERROR_DEVICE if the device fails or has too little memory */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_train(
    struct weft_device *device, struct weft_model *model, const struct weft_options *options,
    const struct weft_dataset *train, const struct weft_dataset *validation,
    const struct weft_dataset *test, const struct weft_callbacks *callbacks,
    struct weft_training *training);

/* ---------------------------------------------------------------- training as in scikit-learn */

/* Trains a model from scratch, like scikit-learn's fit. Unless options->warm_start is set, it draws
 * new initial weights from options->seed and discards the scaling and the optimizer state. If an
 * argument is rejected, or the device fails the known-answer test, the model is unchanged.
 * Parameters and errors are those of weft_train. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_fit(
    struct weft_device *device, struct weft_model *model, const struct weft_options *options,
    const struct weft_dataset *train, const struct weft_dataset *validation,
    const struct weft_callbacks *callbacks, struct weft_training *training);

/* Trains a model for one more epoch, like scikit-learn's partial_fit. It continues where the last
 * call in this process stopped: the model keeps the optimizer state, the number of steps, and the
 * state of early stopping and of the plateau schedule. E calls of weft_partial_fit on a new
 * model, where E is options->epochs, give the same bits as one call of weft_fit with the same
 * options and data.
 *
 * train        the whole training set, in every call
 * validation   the validation set for patience and the plateau schedule, or NULL
 *
 * The schedule covers options->epochs epochs. Later calls use the last learning rate of the
 * schedule. If you do not know the number of epochs in advance, use WEFT_SCHEDULE_CONSTANT. If a
 * call changes the optimizer, the new one starts with fresh state.
 *
 * With patience, each call leaves the weights of the best epoch in the model. The next call still
 * continues from the weights of the last epoch. Once training->stopped_early is set, further calls
 * train nothing.
 *
 * The other parameters and errors are those of weft_train. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_partial_fit(
    struct weft_device *device, struct weft_model *model, const struct weft_options *options,
    const struct weft_dataset *train, const struct weft_dataset *validation,
    const struct weft_callbacks *callbacks, struct weft_training *training);

/* ---------------------------------------------------------------- prediction */

/* Makes predictions for samples. The result for a sample depends on that sample alone.
 *
 * x               [N][D] features before scaling; the model scales them
 * classes         receives the predicted classes [N] or, for multilabel, the labels 0 or 1 [N][C];
 *                 may be NULL, and must be NULL for regression
 * probabilities   receives the probabilities [N][C] or, for regression, the outputs [N][C] in the
 *                 units of the targets; may be NULL
 *
 * With a softmax head, each row of probabilities sums to 1. With a sigmoid head, a row need not sum
 * to 1; in multilabel, a label is 1 if its probability exceeds 0.5. With an identity head, outputs
 * are clipped to 0..1, except for regression. If two classes share a single output
 * p (single_output of the options), their probabilities are 1 - p and p.
 *
 * Returns
 * - WEFT_ERROR_DATA if a feature or an output is not finite
 * - WEFT_ERROR_USAGE if classes are requested for regression
 * - WEFT_ERROR_WRONG_RESULT if the device fails the known-answer test */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_predict(struct weft_device *device,
                                                       const struct weft_model *model,
                                                       const float *x, size_t samples,
                                                       int32_t *classes, float *probabilities);

/* Makes predictions for `count` samples of a data set, from sample `first` on, as weft_predict
 * does. `classes` and `probabilities` have `count` rows. Errors name the data set and the sample.
 *
 * Returns WEFT_ERROR_DATA if the data set does not fit the model, and WEFT_ERROR_USAGE if it has
 * fewer than first + count samples. The other errors are those of weft_predict. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_predict_dataset(
    struct weft_device *device, const struct weft_model *model, const struct weft_dataset *dataset,
    size_t first, size_t count, int32_t *classes, float *probabilities);

/* Predicts only the probabilities [N][C], as weft_predict does.
 *
 * Returns WEFT_ERROR_USAGE for regression; the other errors are those of weft_predict. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_predict_proba(struct weft_device *device,
                                                             const struct weft_model *model,
                                                             const float *x, size_t samples,
                                                             float *probabilities);

/* Applies a decision threshold or a rejection rule to predicted classes, as `weft evaluate` and
 * `weft predict` do with --threshold and --reject.
 *
 * threshold       above 0 and below 1, or 0 for no threshold. With two classes, class 1
 *                 is predicted if its probability exceeds `threshold`. In multilabel, a label is 1
 *                 if its probability exceeds `threshold`.
 * reject          above 0 and below 1, or 0 to reject nothing. In classification, a class becomes
 *                 -1 (no answer) unless its probability exceeds `reject`.
 * probabilities   [N][C] from weft_predict
 * classes         [N] classes, or [N][C] labels for multilabel, from weft_predict; receives the
 *                 decisions
 *
 * Returns WEFT_ERROR_USAGE if the task does not allow the rule, or if a number is out of range. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_decide(const struct weft_model *model,
                                                      double threshold, double reject,
                                                      size_t samples, const float *probabilities,
                                                      int32_t *classes);

#ifdef __cplusplus
}
#endif
#endif
