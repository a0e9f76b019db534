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
 * - A borrowed pointer points into another object, and is valid until that object is destroyed. In
 *   each struct whose name ends in _info, all pointers are borrowed. Where a comment says
 *   that a string or a struct is static, it stays valid until the program ends.
 * - Matrices are row-major: [N][D] has N rows of D numbers. In shapes, N is the number of samples,
 *   and D is the number of features. C is the number of classes, labels (multilabel) or targets
 *   (regression). A layer has I inputs and O outputs.
 * - The library never prints, never exits and installs no signal handler.
 * - Call the library from one thread at a time, even for different devices, because CLBlast keeps
 *   state that all devices share. Inside a call, the library uses all cores.
 *
 * The reference is a second implementation of the network, in double precision. A kernel is a
 * function that runs on the device. Before each run, the known-answer test runs every kernel that
 * the run needs, and compares the results with the results of the reference.
 *
 * This file declares devices, training and prediction. It includes the other headers that a
 * training program needs. In the order of use, they are:
 *
 *     weft_status.h       errors
 *     weft_options.h      how to train
 *     weft_dataset.h      data sets from arrays, files and folders
 *     weft_data.h         tables, and data sets larger than memory
 *     weft_model.h        networks and their files
 *     weft_checkpoint.h   memory and time of a training run; how to resume it
 *     weft_evaluation.h   scores
 *
 * Five more headers are separate, so a program that needs one of them must include it itself. The
 * functions of weft_device.h check, benchmark and tune devices. With weft_ranks.h, several
 * processes, called ranks, train one model together. weft_embed.h makes maps of samples,
 * weft_plot.h draws charts, and weft_report.h writes HTML pages.
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
 * the date on which the device last passed a check, the kernel parameters that CLBlast uses, and
 * the measurements of weft_tune and weft_bench. The folder also holds compiled kernels, unless the
 * driver caches them itself. You may delete the folder. Without the measurements in it, Weft may
 * use other kernels than before, so results may change in the last digits. A missing, damaged or
 * read-only record causes no failure. */

/* A device that trains and predicts: an OpenCL device, or the CPU without OpenCL (the CPU
 * backend). */
struct weft_device;

/* The description of a device. */
struct weft_device_info {
    bool opencl;                            /* false for the CPU backend */
    size_t index;                           /* position in the list of OpenCL devices, counted from
                                               0 */
    size_t platform_index, platform_device; /* index of the platform, and index of the device within
                                               this platform */
    char platform[128], name[128], driver[128];
    char type[16];       /* "gpu", "cpu" or "accelerator" */
    bool unified_memory; /* the device and the host share one memory, as with integrated GPUs */
    unsigned compute_units;
    uint64_t global_bytes; /* size of the device's global memory */
    bool fp64;             /* the device can compute in double precision */
    char checked[32]; /* date on which the device last passed a check, such as "2026-11-22"; "" if
                         it has passed none with this driver and this version of Weft */
    char tuned[32];   /* date on which weft_tune last ran, or "" if it never did */
    char note[512];   /* one line for the user if kernels computed wrong results on this device. It
                         names these kernels, and what Weft uses instead. Otherwise "" */
};

/* Receives lines that help to debug a device: the logs of the driver when it builds kernels, and
 * messages about a device record that could not be written. */
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
 * log    receives the lines that help to debug the device, or NULL
 * user   passed to `log`
 *
 * Returns
 * - WEFT_ERROR_NO_DEVICE if there is no such device
 * - WEFT_ERROR_USAGE for a malformed spec
 * - WEFT_ERROR_DEVICE if the kernels do not build
 * - WEFT_ERROR_IO if the environment variable WEFT_KERNEL_DIR names a folder of kernels, but this
 *   folder cannot be read */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_device_create(const char *spec,
                                                             weft_log_function *log, void *user,
                                                             struct weft_device **device);

/* Limits the memory that Weft uses on a device. Weft streams data sets that do not fit; see struct
 * weft_training_plan. If a training run does not fit even then, Weft rejects it. On the CPU
 * backend, the limit applies to the working memory of a run, not to the data sets and the model.
 * Call this function before you use the device.
 *
 * bytes   the limit in bytes; 0: use all memory of the device */
WEFT_API void weft_device_limit_memory(struct weft_device *device, uint64_t bytes);

/* Describes an open device. */
WEFT_API void weft_device_get_info(const struct weft_device *device, struct weft_device_info *info);

/* Closes a device and releases its memory. */
WEFT_API void weft_device_destroy(struct weft_device *device);

/* ---------------------------------------------------------------- training */

/* The progress of a training run. */
struct weft_progress {
    size_t epoch, epochs;  /* the current epoch, counted from 1; the number of epochs */
    size_t batch, batches; /* batches of this epoch that are already submitted to the device;
                              batches per epoch */
    size_t samples;        /* samples per epoch */
    bool stopping; /* true: a callback on some rank has asked to stop, and this is the last batch
                      (only with several ranks; see struct weft_callbacks) */
};

/* The results of one epoch. */
struct weft_epoch {
    size_t epoch;          /* number of the epoch, counted from 1 */
    double error;          /* loss plus penalty, averaged over the batches. Each batch is measured
                              before it changes the weights. In regression, the loss is
                              computed from standardized targets */
    double train_accuracy; /* fraction of correct predictions in the training set. Each batch is
                              measured before it changes the weights. NaN for regression */
    double validation_accuracy; /* accuracy on the validation set after the epoch; NaN for
                                   regression, and NaN without a validation set */
    double validation_r2;       /* R^2 on the validation set after the epoch; NaN unless the task is
                                   regression and there is a validation set */
    double learning_rate;       /* the learning rate of the last batch */
    double seconds;             /* wall time of the epoch; does not include the time of
                                   validation */
    double monitored; /* the value that early stopping or the plateau schedule watches; NaN if
                         neither is in use */
};

/* Gets the results of one epoch. A model keeps the results of the epochs of its last training run.
 * Returns false if `index` is beyond the last epoch. For example:
 *
 *     for (size_t i = 0; weft_model_get_epoch(model, 0, i, &epoch); i++)
 *         printf("%zu %g\n", epoch.epoch, epoch.error);
 *
 * member   the index of a member of an ensemble; 0 for any other model
 * index    position in the list of epochs that the model keeps, counted from 0
 *
 * The numbers in `epoch` have the precision of float. A model does not keep `seconds` and
 * `monitored`, so this function sets them to NaN.
 *
 * A model in memory keeps all epochs. A model file keeps at most 500 evenly spaced epochs, plus the
 * best and the last epoch. The file of an ensemble keeps fewer epochs (see docs/models.md). Files
 * that earlier versions of Weft wrote have no epochs. */
WEFT_API bool weft_model_get_epoch(const struct weft_model *model, size_t member, size_t index,
                                   struct weft_epoch *epoch);

/* The state of a training run after the batch that was submitted most recently. It exists only
 * during a call of the callback `batch` (see struct weft_callbacks), which can write it to a file
 * with weft_checkpoint_write. */
struct weft_moment;

/* Functions that the library calls during training. Each may be NULL. A callback that returns a
 * non-zero value stops the training run. With one rank, the run stops after the batches that it has
 * already submitted to the device. With several ranks, all ranks run one more batch and then stop.
 * In both cases, weft_train returns WEFT_OK and sets training->stopped. */
struct weft_callbacks {
    void *user; /* passed to each callback */
    /* Called after each batch has been submitted. */
    int (*progress)(void *user, const struct weft_progress *progress);
    /* Called after each completed epoch and its validation. */
    int (*epoch)(void *user, const struct weft_epoch *epoch);
    /* Called right after `progress`, even if `progress` has just stopped the run. */
    int (*batch)(void *user, struct weft_moment *moment);
};

/* The score of a model on one data set. */
struct weft_score {
    size_t samples; /* number of samples; 0 if there was no data set, and then the scores are NaN */
    double accuracy; /* fraction of correct predictions (multilabel: all labels correct); NaN for
                        regression */
    double r2;       /* R^2, as in struct weft_evaluation; NaN unless the task is regression */
    double error;    /* loss plus penalty, on the same scale as `error` of struct weft_epoch. In
                        regression, the loss is computed from standardized targets */
};

/* The result of a training run. */
struct weft_training {
    bool stopped;       /* true: a callback stopped the run */
    size_t epochs;      /* number of completed epochs */
    bool stopped_early; /* true: early stopping ended the run */
    size_t best_epoch;  /* number of the best epoch, whose weights the model now has; 0 if
                           options->patience is 0 or no epoch was completed */
    struct weft_score train, validation, test;                         /* scores of the weights
                                                                          that the model now has */
    double median_epoch_seconds, min_epoch_seconds, max_epoch_seconds; /* wall times; NaN if no
                                                                          epoch was completed */
    double check_seconds; /* wall time of the known-answer test, which precedes the first batch */
    char note[256];       /* one line for the user if the model is useless, otherwise "". A model is
                             useless if it predicts the same class for every sample, if its training
                             set has only one class, or if its R^2 is below 0 */
};

/* Trains a model on a data set. Before the first batch, the device must pass a known-answer test.
 *
 * device       where the training runs
 * model        the model to train; receives the trained weights, and also a scaling if the model
 *              has none yet (see below)
 * options      how to train; see weft_options_init
 * train        the training set
 * validation   the validation set, for early stopping, the plateau schedule and scores; or NULL
 * test         the test set, for the final score; or NULL
 * callbacks    called during the training, or NULL
 * training     receives the result
 *
 * If the model has no scaling yet, weft_train computes a scaling from `train` and stores it in the
 * model. It consists of the feature scaling that options->scale selects and, for regression, the
 * mean and the standard deviation of the targets. Later calls to weft_train keep this scaling.
 *
 * Afterward, the model has these weights:
 * - if training->best_epoch is not 0: the weights after that epoch
 * - otherwise, if training failed: the weights after the last completed epoch, or the weights from
 *   which training began if it failed in the first epoch
 * - otherwise: the weights after the last batch, which may be in the middle of an epoch
 *
 * A scaling that weft_train has computed stays in the model, even if training fails.
 *
 * Two runs give the same bits if they start from the same model, options and data, and use the same
 * device, driver and device record. The number of threads does not change the bits.
 *
 * Returns
 * - WEFT_ERROR_USAGE if options contradict each other, or do not suit the data or the model; or if
 *   the model is an ensemble
 * - WEFT_ERROR_DATA if a data set does not fit the model; if a feature or a target overflows when
 *   it is scaled; or if an output for a validation or test sample is not finite
 * - WEFT_ERROR_WRONG_RESULT if the device fails the known-answer test, or computes wrong results
 *   for a batch that options->check_every selects
 * - WEFT_ERROR_DIVERGED if the loss or a weight is no longer finite
 * - WEFT_ERROR_DEVICE if the device fails or has too little memory */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_train(
    struct weft_device *device, struct weft_model *model, const struct weft_options *options,
    const struct weft_dataset *train, const struct weft_dataset *validation,
    const struct weft_dataset *test, const struct weft_callbacks *callbacks,
    struct weft_training *training);

/* ---------------------------------------------------------------- training as in scikit-learn */

/* Trains a model from scratch, like scikit-learn's fit. Unless options->warm_start is set, weft_fit
 * draws new initial weights with the random seed options->seed, and discards the scaling of the
 * model. With or without warm_start, the optimizer starts with fresh state. If weft_fit rejects an
 * argument, or if the device fails the known-answer test, the model is unchanged. weft_fit has
 * the parameters and errors of weft_train, but no test set. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_fit(
    struct weft_device *device, struct weft_model *model, const struct weft_options *options,
    const struct weft_dataset *train, const struct weft_dataset *validation,
    const struct weft_callbacks *callbacks, struct weft_training *training);

/* Trains a model for one more epoch, like scikit-learn's partial_fit. Each call continues where the
 * previous call with the same model stopped. For this purpose, the model in memory keeps the state
 * of the optimizer, of early stopping and of the plateau schedule, and the number of steps. Let E
 * be options->epochs. Then E calls to weft_partial_fit on a new model give the same bits as one
 * call to weft_fit with the same options and data.
 *
 * train        the whole training set; every call needs all of it
 * validation   the validation set, for early stopping, the plateau schedule and scores; or NULL
 *
 * The learning-rate schedule covers the first E epochs. All later epochs use the last learning rate
 * of the schedule. If you do not know the number of epochs in advance, use WEFT_SCHEDULE_CONSTANT.
 * If options->optimizer is not the same as in the previous call, the new optimizer starts with
 * fresh state.
 *
 * If options->patience is not 0, each call leaves the weights of the best epoch in the model. The
 * next call still continues from the weights of the last epoch. After a call has set
 * training->stopped_early, further calls train nothing.
 *
 * weft_train describes the other parameters and the errors. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_partial_fit(
    struct weft_device *device, struct weft_model *model, const struct weft_options *options,
    const struct weft_dataset *train, const struct weft_dataset *validation,
    const struct weft_callbacks *callbacks, struct weft_training *training);

/* ---------------------------------------------------------------- prediction */

/* Makes predictions for samples. The result for a sample depends on that sample alone.
 *
 * x               [N][D] features that are not scaled yet; the model scales them
 * classes         receives the predicted classes [N] or, for multilabel, the labels [N][C], each 0
 *                 or 1; may be NULL; must be NULL for regression
 * probabilities   receives the probabilities [N][C] or, for regression, the outputs [N][C], in the
 *                 units of the targets; may be NULL
 *
 * With a softmax head, each row of probabilities sums to 1. With a sigmoid head, a row need not sum
 * to 1. If a classifier has an identity head, its probabilities are its outputs, clipped to 0..1.
 * The outputs of regression are never clipped. For multilabel, a label is 1 if its probability
 * exceeds 0.5. If two classes share a single output p (see `single_output` of struct weft_options),
 * the probabilities of class 0 and class 1 are 1 - p and p.
 *
 * Returns
 * - WEFT_ERROR_DATA if a feature or an output is not finite
 * - WEFT_ERROR_USAGE if classes are requested for regression
 * - WEFT_ERROR_WRONG_RESULT if the device fails the known-answer test */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_predict(struct weft_device *device,
                                                       const struct weft_model *model,
                                                       const float *x, size_t samples,
                                                       int32_t *classes, float *probabilities);

/* Makes predictions, as weft_predict does, for `count` samples of a data set. The first of them is
 * sample `first`, counted from 0. The arrays `classes` and `probabilities` have `count` rows;
 * either may be NULL. Errors name the data set and the sample.
 *
 * Returns WEFT_ERROR_DATA if the data set does not fit the model, and WEFT_ERROR_USAGE if the data
 * set has fewer than `first` + `count` samples. It also returns the errors of weft_predict. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_predict_dataset(
    struct weft_device *device, const struct weft_model *model, const struct weft_dataset *dataset,
    size_t first, size_t count, int32_t *classes, float *probabilities);

/* Does the same as weft_predict, but computes only the probabilities [N][C].
 *
 * Returns WEFT_ERROR_USAGE for regression. It also returns the errors of weft_predict. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_predict_proba(struct weft_device *device,
                                                             const struct weft_model *model,
                                                             const float *x, size_t samples,
                                                             float *probabilities);

/* Applies a decision threshold, a rejection rule or both to predicted classes. The commands `weft
 * evaluate` and `weft predict` do this with --threshold and --reject.
 *
 * threshold       a number between 0 and 1 (exclusive), or 0 for no threshold. With two classes,
 *                 the decision is class 1 if its probability exceeds `threshold`, otherwise class
 *                 0. For multilabel, a label is 1 if its probability exceeds `threshold`.
 * reject          a number between 0 and 1 (exclusive), or 0 to reject nothing. Only for the task
 *                 classify: the class of a sample becomes -1 (no answer) unless its probability
 *                 exceeds `reject`.
 * probabilities   [N][C] from weft_predict
 * classes         [N] predicted classes or, for multilabel, [N][C] labels, from weft_predict; the
 *                 decisions replace them
 *
 * Returns WEFT_ERROR_USAGE if the task or the number of classes does not allow the threshold or
 * the rejection, or if `threshold` or `reject` is out of range. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_decide(const struct weft_model *model,
                                                      double threshold, double reject,
                                                      size_t samples, const float *probabilities,
                                                      int32_t *classes);

#ifdef __cplusplus
}
#endif
#endif
