/* weft_device.h: check, time and tune devices.
 *
 * Programs that train and predict need only weft.h. weft_check tests whether a device computes
 * correct results, and weft_bench measures how fast it is. weft_tune finds its fastest
 * matrix-product kernels. The conventions of weft.h apply here too.
 */
#ifndef WEFT_DEVICE_H
#define WEFT_DEVICE_H

#include <weft.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------- checking */

/* The result of one operation at one shape, compared with the double-precision reference. The
 * strings are valid during the callback that receives them. */
struct weft_check_result {
    const char *name;  /* "sigmoid_forward", "product_forward", "dense_forward", ... */
    const char *shape; /* "64x50", "2400x50x784 with offsets", "layer 0: 2400x50" */
    bool ok;
    double worst;      /* the largest |got - want| / bound of all elements; at most 1 if correct. If
                          the bound is 0, this is 0 for an exact result and infinite for any other.
                          Infinite for a NaN */
    const char *array; /* the array of the worst element: "output 1", "guard 0", "dz" */
    size_t index;      /* its index in that array */
    double got, want;  /* its value on the device and in the reference */
    double bound;      /* the largest |got - want| that rounding can explain */
};

/* Receives each result of a check, in the order of the operations. */
typedef void weft_check_function(void *user, const struct weft_check_result *result);

/* The totals of a check. */
struct weft_check {
    size_t results, failed;
    double seconds;
};

/* Compares a device with the reference: every kernel, with shapes and values that some drivers get
 * wrong; every matrix product of the network; and ten training steps. docs/checking.md derives the
 * bounds.
 *
 * device     the device to check
 * model      the network; the steps start from its weights
 * options    how the network is trained; see weft_options_init
 * dataset    samples for the steps; NULL: random samples, in batches of the size that training on
 *            60000 samples would use
 * thorough   check more shapes and values
 * function   receives each result, or NULL
 * user       passed to `function`
 * check      receives the totals
 *
 * If the engine of the matrix products gives wrong results, the device switches to the next engine
 * before the comparison begins. The `note` of weft_device_get_info then says so.
 *
 * Returns WEFT_ERROR_WRONG_RESULT if any result is wrong; weft_error() describes the first one. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_check(struct weft_device *device,
                                                     const struct weft_model *model,
                                                     const struct weft_options *options,
                                                     const struct weft_dataset *dataset,
                                                     bool thorough, weft_check_function *function,
                                                     void *user, struct weft_check *check);

enum { WEFT_WORST_PARAMETERS = 10 };

/* The gradient of one parameter. The device and the reference each compute it in two ways: as in
 * training, and as a finite difference of the loss. */
struct weft_parameter_gradient {
    size_t layer;
    const char *tensor; /* "weight", "bias", "norm.weight" or "norm.bias", as in a model file */
    bool bias;
    size_t output, input;     /* row and column of a weight; input is 0 for other tensors */
    double value;             /* of the parameter */
    double device, reference; /* as in training */
    double device_difference, reference_difference; /* finite differences */
    double ratio; /* |device - reference| / the largest difference that rounding can explain */
};

/* The result of weft_check_gradient. */
struct weft_gradient {
    struct weft_check check;
    size_t samples; /* in the batch */
    size_t worst_count;
    struct weft_parameter_gradient worst[WEFT_WORST_PARAMETERS]; /* largest ratio first */
};

/* Checks the gradient of a model on one batch, which is drawn as in training. The gradient of every
 * parameter is compared with the reference. For some parameters of each tensor, device and
 * reference are also compared with finite differences of their own losses.
 *
 * dataset    the samples to draw from; NULL: random samples
 * gradient   receives the totals and the worst parameters
 *
 * The other parameters and the errors are those of weft_check. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_check_gradient(
    struct weft_device *device, const struct weft_model *model, const struct weft_options *options,
    const struct weft_dataset *dataset, weft_check_function *function, void *user,
    struct weft_gradient *gradient);

/* Repeats the training step of a bundle on a device and compares it with the reference. A bundle is
 * a file that weft_train writes when the device disagrees with the reference (see check_bundle in
 * struct weft_options).
 *
 * Returns WEFT_ERROR_MODEL if the file is damaged or not a bundle; the other errors are those of
 * weft_check. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_check_replay(struct weft_device *device,
                                                            const char *path,
                                                            weft_check_function *function,
                                                            void *user, struct weft_check *check);

/* ---------------------------------------------------------------- benchmarks */

enum { WEFT_BENCH_SIDES = 8, WEFT_BENCH_ROUNDS = 5, WEFT_BENCH_MOST_ROUNDS = 100000 };

/* The progress of a benchmark. */
struct weft_bench_progress {
    const char *what;   /* static: "start", "cold start", "warm start", "upload", "epochs",
                           "profile" or "ceiling" */
    const char *device; /* the spec of the side that is measured */
    size_t step, steps; /* this step, and the number of steps of this kind over all sides; both 0 if
                           unknown */
};

/* What to measure. Initialize it with zeros, then set what you need. Each device is one side of the
 * comparison. */
struct weft_bench_plan {
    const char *devices[WEFT_BENCH_SIDES]; /* the sides, as specs for weft_device_create; repeated
                                              devices are dropped */
    size_t device_count;
    size_t rounds; /* timed epochs per side, WEFT_BENCH_ROUNDS to WEFT_BENCH_MOST_ROUNDS */
    bool profile;  /* also time each operation */
    /* An earlier benchmark of the same devices, whose `startup` and `ceiling_gflops` are reused.
     * Borrowed. NULL: measure start-up in child processes. */
    const struct weft_bench *started;
    weft_log_function *log; /* as in weft_device_create, for all devices; may be NULL */
    void *user;             /* passed to both callbacks */
    /* Called repeatedly; may be NULL. A non-zero return value stops the benchmark: weft_bench then
     * returns WEFT_OK and sets `stopped`. */
    int (*progress)(void *user, const struct weft_bench_progress *progress);
};

/* The steps of a start-up, up to the first batch, in seconds. They are measured in a child process
 * with empty caches and, for an OpenCL device, again in another one with the caches of the first.
 * NaN means that the side has no such step, or that it was not measured. The time that a user waits
 * is the sum of these times, but with only one of the two builds: the cold or the warm one. */
struct weft_bench_startup {
    double platform_seconds;   /* loading OpenCL and listing its devices */
    double build_cold_seconds; /* opening the device and building its kernels, with empty caches */
    double build_warm_seconds; /* the same, with the caches of an earlier run */
    double check_seconds;      /* the known-answer test, without building its kernels */
    double upload_seconds;     /* allocating device memory, copying and standardizing samples */
};

/* The time of one operation of the training loop over a whole epoch. */
struct weft_bench_operation {
    char name[32];  /* "order", "gather", "forward 1", "output delta", "backward 1", "penalty",
                       "update", "download" */
    double seconds; /* Weft waits for each call, so the sum of all operations is longer than the
                       epoch */
};

enum { WEFT_BENCH_OPERATIONS = 2 * (WEFT_MAX_HIDDEN + 1) + 6 };

/* The measurements of one side. */
struct weft_bench_side {
    struct weft_device_info device;
    struct weft_bench_startup startup;
    double first_epoch_seconds; /* in the process that measured the warm build */
    double median_epoch_seconds, min_epoch_seconds, max_epoch_seconds; /* over the rounds */
    double samples_per_second; /* at the median epoch time */
    double gflops;             /* 10^9 operations per second in the matrix products, at the median
                                  epoch time */
    double ceiling_gflops;     /* the highest rate of a large matrix product in this run */
    double error;              /* the error of the last round, as in weft_epoch */
    uint64_t host_bytes;   /* peak memory of a process that trains on this side only; 0: unknown */
    uint64_t device_bytes; /* peak size of all device buffers; 0: the device has no memory of its
                              own */
    double speedup; /* median_epoch_seconds of the last side / median_epoch_seconds of this side;
                       NaN for the last side, and if the losses of the sides disagree */
    /* The number of epochs after which this side has overtaken the last side, start-up included.
     * Infinite: it never does. NaN: unknown, or this is the last side. */
    double break_even_cold; /* with a cold kernel build */
    double break_even_warm; /* with a warm kernel build */
    size_t operation_count;
    struct weft_bench_operation operations[WEFT_BENCH_OPERATIONS]; /* with `profile` */
};

/* The same training run, measured on every side. The sides take turns, one epoch each. */
struct weft_bench {
    bool stopped;            /* a callback stopped the benchmark; figures may be missing */
    size_t samples, batches; /* of an epoch */
    size_t largest;          /* samples in the largest batch */
    double epoch_gflop;      /* 10^9 operations in the matrix products of an epoch */
    size_t rounds;
    double disagreement; /* the largest relative difference between the losses of two sides in the
                            first eight batches; later batches amplify rounding errors */
    double disagreement_limit; /* above this limit, the sides have not done the same work */
    size_t side_count;
    struct weft_bench_side sides[WEFT_BENCH_SIDES];
};

/* Times the training of a model on several devices, after a known-answer test of each.
 *
 * plan      the devices and what to measure
 * model     the network; it is not changed
 * options   how to train; see weft_options_init
 * train     the samples
 * bench     receives the result; release it with weft_bench_destroy
 *
 * Start-up is measured in child processes, which do not inherit the threads of a driver. Therefore,
 * call weft_bench before the process uses OpenCL or the CPU backend, or set plan->started.
 *
 * Returns WEFT_ERROR_USAGE if the plan has no device or too few rounds, and the errors of
 * weft_device_create and weft_train. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_bench(const struct weft_bench_plan *plan,
                                                     const struct weft_model *model,
                                                     const struct weft_options *options,
                                                     const struct weft_dataset *train,
                                                     struct weft_bench **bench);
WEFT_API void weft_bench_destroy(struct weft_bench *bench);

/* Finds the batch size at which the first side becomes faster.
 *
 * benches   [count] benchmarks of one network, in order of increasing batch size
 *
 * Returns the smallest index i such that the speed-up of the first side is above 1 in benches[i]
 * and in all later benchmarks. Returns `count` if there is none. */
WEFT_API size_t weft_bench_pays_from(const struct weft_bench *const *benches, size_t count);

/* ---------------------------------------------------------------- the fastest device */

/* The device for a training run, and why. */
struct weft_device_choice {
    char device[24]; /* for weft_device_create: "cpu", an index, or "auto" */
    char why[256];   /* "measured 0.35 s an epoch; CPU backend 0.41 s"; "" if nothing is known */
};

/* Chooses the device that trains fastest, the CPU backend included. For a small training run (at
 * most 10^9 operations) without options->check_every, this is the CPU backend, because OpenCL takes
 * longer to start. Otherwise it compares the times that weft_bench or an earlier call have measured
 * for this network and batch size, on this version of the driver. If `measure` is true and the
 * training run is long, it first measures two devices, unless their times are known: the CPU
 * backend, and the device that "auto" opens. This takes about a second, and the device records keep
 * the times. A device that fails is not chosen.
 *
 * options   how to train; see weft_options_init
 * train     the samples
 * models    how many models are trained, one after another: 1, or the size of an ensemble
 * last      the name of the device that the training run began on (see struct
 *           weft_checkpoint_info), which is chosen if it is there; NULL: any device
 *
 * Returns WEFT_ERROR_USAGE for invalid options, and WEFT_ERROR_MEMORY. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_device_choose(const struct weft_options *options,
                                                             const struct weft_dataset *train,
                                                             size_t models, const char *last,
                                                             bool measure,
                                                             struct weft_device_choice *choice);

/* Chooses the device for predictions: the CPU backend for few predictions (at most 10^9
 * operations), because OpenCL takes longer to start, and "auto" otherwise. */
WEFT_API void weft_device_choose_predict(const struct weft_model *model, size_t samples,
                                         struct weft_device_choice *choice);

/* ---------------------------------------------------------------- tuning */

enum { WEFT_TUNE_SECONDS = 60 }; /* enough for a network of a few layers */

/* One way to compute a matrix product, or a whole training step. */
struct weft_tune_candidate {
    char product[24];   /* "forward", "weight_gradient", "delta" or "step" */
    char shape[160];    /* "2400x50x784"; for a step "784-50-10 in batches of 2400" */
    char candidate[64]; /* "clblast cpu", "blocked", "plain"; for a step "fused" or "unfused" */
    double gflops;      /* median rate in 10^9 operations per second; NaN: not timed */
    bool right;         /* it agreed with the reference and was timed */
    bool winner;        /* it is used from now on */
    char verdict[256];  /* "right", or why it cannot win: "timed out after 10 s", "wrong: ..." */
};

/* What to tune. Initialize it with zeros, then set what you need. */
struct weft_tune_plan {
    const char *device; /* as in weft_device_create; not the CPU backend */
    double seconds;     /* time limit; a product that is not measured in time keeps its engine */
    weft_log_function *log; /* as in weft_device_create; may be NULL */
    void *user;             /* passed to all callbacks */
    /* Called before each candidate and repeatedly while it runs; may be NULL. While the device is
     * opened, the texts of `now` are empty. A non-zero return value stops the tuning: weft_tune
     * then returns WEFT_OK, sets `stopped` and keeps nothing. */
    int (*progress)(void *user, const struct weft_tune_candidate *now);
};

/* The result of weft_tune. */
struct weft_tuning {
    bool stopped;  /* a callback stopped it */
    bool complete; /* every product and the step were measured in time */
    struct weft_device_info device;
    char setting[48]; /* the kernel parameters that CLBlast uses from now on; "": they did not
                         change, because CLBlast was the fastest engine for none of the products */
    double seconds;
    size_t count;
    struct weft_tune_candidate *candidates; /* [count], owned */
};

/* Measures which engine computes each matrix product of a network fastest on an OpenCL device:
 * CLBlast under each setting that fits, or Weft's own kernels. Then it measures whether a fused
 * training step, which needs only a few kernels for the whole network, is faster.
 *
 * plan      the device and the time limit
 * model     the network; it is not changed
 * options   determine the batch sizes; see weft_options_init
 * samples   number of training samples
 * tuning    receives the result; release it with weft_tuning_destroy
 *
 * Each candidate runs in a child process with a time limit and must agree with the reference before
 * it can win. A candidate that hangs, crashes or gives wrong results cannot win; its verdict says
 * why. The winners are stored in the device record, where WEFT_GEMM_AUTO finds them. Call weft_tune
 * before the process uses OpenCL or the CPU backend.
 *
 * Returns WEFT_ERROR_USAGE for the CPU backend, WEFT_ERROR_NO_DEVICE if there is no such device,
 * and WEFT_ERROR_IO if the device record cannot be written. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_tune(const struct weft_tune_plan *plan,
                                                    const struct weft_model *model,
                                                    const struct weft_options *options,
                                                    size_t samples, struct weft_tuning **tuning);
WEFT_API void weft_tuning_destroy(struct weft_tuning *tuning);

#ifdef __cplusplus
}
#endif
#endif
