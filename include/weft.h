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
 * weft_device.h declares functions that check, benchmark and tune devices. Training programs rarely
 * need them. With weft_ranks.h, several processes, called ranks, train one model together.
 */
#ifndef WEFT_H
#define WEFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define WEFT_API
#else
#define WEFT_API __attribute__((visibility("default")))
#endif
#if defined(__GNUC__)
#define WEFT_MUST_CHECK __attribute__((warn_unused_result))
#else
#define WEFT_MUST_CHECK
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------- errors */

/* The status that a function returns. The program `weft` uses the same numbers as exit codes. */
enum weft_status {
    WEFT_OK = 0,
    WEFT_ERROR_INTERNAL = 1,      /* a bug in Weft */
    WEFT_ERROR_USAGE = 2,         /* an invalid option or argument */
    WEFT_ERROR_DATA = 3,          /* bad data: format, shape, label or number */
    WEFT_ERROR_MODEL = 4,         /* a bad model file or checkpoint */
    WEFT_ERROR_IO = 5,            /* missing file, no permission, disk full, read or write error */
    WEFT_ERROR_NO_DEVICE = 6,     /* no usable OpenCL device of the requested kind */
    WEFT_ERROR_DEVICE = 7,        /* failed kernel build, out of device memory, device lost */
    WEFT_ERROR_MEMORY = 8,        /* out of host memory */
    WEFT_ERROR_DIVERGED = 9,      /* the loss or the weights are no longer finite */
    WEFT_ERROR_WRONG_RESULT = 10, /* the device computes wrong results */
    WEFT_ERROR_DISTRIBUTED = 11,  /* another rank of a distributed training run failed */
    WEFT_ERROR_BUSY = 12          /* another process is writing this file */
};

/* Describes the last failure in this thread in one line. The line begins with the thing that
 * failed, such as the name of a file. Returns "" before any failure, and never NULL. The string is
 * valid until the next failure in this thread. */
WEFT_API const char *weft_error(void);

/* Returns the name of the option that caused the last failure in this thread, such as
 * "learning-rate". The line of weft_error() then begins with this name. Returns NULL if no option
 * caused the failure. The string is static. */
WEFT_API const char *weft_error_option(void);

/* Returns the version of the library, such as "1.0.0". */
WEFT_API const char *weft_version(void);

/* Returns the names and versions of the components, one per line: OpenCL and its platforms,
 * CLBlast, the BLAS, and the optional libraries. The string is static. */
WEFT_API const char *weft_components(void);

/* ---------------------------------------------------------------- options */

/* The kind of target that a network predicts. The task decides the loss and the scores. */
enum weft_task {
    WEFT_TASK_CLASSIFY,   /* one of C classes */
    WEFT_TASK_MULTILABEL, /* C labels, each 0 or 1. Head: sigmoid. Loss: binary cross-entropy summed
                             over the labels */
    WEFT_TASK_REGRESS     /* C numbers. Head: identity. Loss: half the squared error summed over the
                             outputs. The network learns standardized targets: (y - mean) / std for
                             each output */
};

/* The head of a network: the function of its output layer, and the loss. */
enum weft_head {
    WEFT_HEAD_SIGMOID, /* a sigmoid per class; binary cross-entropy summed over the classes */
    WEFT_HEAD_SOFTMAX, /* softmax over the classes; cross-entropy */
    WEFT_HEAD_IDENTITY /* the pre-activations; half the squared error */
};

/* The activation of a hidden layer, a function of its pre-activation z. If the derivative jumps at
 * z = 0, Weft uses the derivative from the left there. */
enum weft_activation {
    WEFT_ACTIVATION_IDENTITY,   /* z */
    WEFT_ACTIVATION_SIGMOID,    /* 1 / (1 + exp(-z)) */
    WEFT_ACTIVATION_TANH,       /* tanh z */
    WEFT_ACTIVATION_RELU,       /* max(z, 0) (Nair and Hinton 2010) */
    WEFT_ACTIVATION_LEAKY_RELU, /* z if z > 0, else 0.01 z (Maas, Hannun and Ng 2013) */
    WEFT_ACTIVATION_ELU,        /* z if z > 0, else exp(z) - 1 (Clevert, Unterthiner and
                                   Hochreiter 2015) */
    WEFT_ACTIVATION_GELU,       /* z Phi(z), where Phi is the normal distribution function
                                   (Hendrycks and Gimpel 2016) */
    WEFT_ACTIVATION_SILU,       /* z / (1 + exp(-z)) (Elfwing, Uchibe and Doya 2017) */
    WEFT_ACTIVATION_SOFTPLUS,   /* log(1 + exp(z)) */
    WEFT_ACTIVATION_SELU,       /* lambda z if z > 0, else lambda alpha (exp(z) - 1), with lambda =
                                   1.0507009873554805 and alpha = 1.6732632423543772 (Klambauer,
                                   Unterthiner, Mayr and Hochreiter 2017) */
    WEFT_ACTIVATION_MISH        /* z tanh(log(1 + exp(z))) (Misra 2019) */
};

/* How the losses of the samples in a batch are combined. */
enum weft_reduction {
    WEFT_REDUCTION_MEAN, /* loss and gradients are means over the batch */
    WEFT_REDUCTION_SUM   /* loss and gradients are sums over the batch */
};

/* How features are scaled before the first layer. The statistics come from the training set and
 * are stored in the model. */
enum weft_scale {
    WEFT_SCALE_NONE,
    WEFT_SCALE_STANDARD, /* (x - mean) / std for each feature */
    WEFT_SCALE_GLOBAL    /* (x - mean) / std with one mean and one std for all features */
};

/* The distribution of initial weights: uniform(-r, r) unless noted. Biases start at 0. */
enum weft_initialization {
    WEFT_INIT_AUTO,        /* HE for the ReLU family, ELU, GELU, SiLU and Mish; LECUN for SELU;
                              otherwise GLOROT */
    WEFT_INIT_GLOROT,      /* r = sqrt(6 / (I + O)) (Glorot and Bengio 2010) */
    WEFT_INIT_HE,          /* r = sqrt(6 / I) (He, Zhang, Ren and Sun 2015) */
    WEFT_INIT_LECUN,       /* r = sqrt(3 / I) (LeCun, Bottou, Orr and Mueller 1998) */
    WEFT_INIT_UNIFORM,     /* r = initial_range */
    WEFT_INIT_ZEROS,       /* 0, for a network without hidden layers */
    WEFT_INIT_UNIFORM_ONE, /* r = 1, as in docs/article.md */
    WEFT_INIT_UNIFORM_UNIT /* uniform(0, 1), as in the XOR network of docs/article.md */
};

/* How a gradient g (penalty included) changes a parameter w at the learning rate r. The optimizer
 * state (v and m) starts at 0. Steps t are counted from 1. */
enum weft_optimizer {
    WEFT_OPTIMIZER_SGD,      /* w -= r g */
    WEFT_OPTIMIZER_MOMENTUM, /* v = mu v + g; w -= r v (Polyak 1964) */
    WEFT_OPTIMIZER_NESTEROV, /* v = mu v + g; w -= r (g + mu v) (Sutskever et al. 2013) */
    WEFT_OPTIMIZER_RMSPROP,  /* v = beta2 v + (1 - beta2) g^2; w -= r g / (sqrt(v) + epsilon)
                                (Hinton 2012) */
    WEFT_OPTIMIZER_ADAM,     /* m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
                                w -= r m' / (sqrt(v') + epsilon) with m' = m / (1 - beta1^t) and
                                v' = v / (1 - beta2^t) in step t (Kingma and Ba 2015) */
    WEFT_OPTIMIZER_ADAMW     /* w -= r weight_decay w; then as ADAM (Loshchilov and Hutter 2019) */
};

/* How the learning rate changes during training. Warm-up, cosine and one-cycle change it with every
 * batch; the other schedules change it only between epochs. */
enum weft_schedule {
    WEFT_SCHEDULE_CONSTANT,
    WEFT_SCHEDULE_STEP,        /* multiplied by rate_factor every rate_every epochs */
    WEFT_SCHEDULE_EXPONENTIAL, /* multiplied by rate_factor every epoch */
    WEFT_SCHEDULE_COSINE, /* falls to min_rate along half a cosine (Loshchilov and Hutter 2017) */
    WEFT_SCHEDULE_ONE_CYCLE, /* rises from learning_rate / 25 to learning_rate, then falls to
                                learning_rate / 250000, along half cosines (Smith and Topin 2019) */
    WEFT_SCHEDULE_PLATEAU    /* multiplied by rate_factor after rate_patience + 1 epochs in a row
                                without improvement (see min_delta), but never below min_rate. A
                                change of 1e-8 or less is skipped. Needs a validation set */
};

/* The value that early stopping and the plateau schedule watch on the validation set. */
enum weft_monitor {
    WEFT_MONITOR_LOSS,     /* mean loss over the samples, without the penalty; regression uses
                              standardized targets */
    WEFT_MONITOR_ACCURACY, /* fraction of correct predictions */
    WEFT_MONITOR_MACRO_F1  /* mean F1 over the classes that occur or are predicted; for multilabel,
                              over all labels, where an undefined F1 counts as 0 */
};

/* The engine that computes matrix products (GEMM) on an OpenCL device. The CPU backend uses its
 * BLAS instead. */
enum weft_gemm {
    WEFT_GEMM_AUTO,    /* the fastest engine known for this device */
    WEFT_GEMM_CLBLAST, /* CLBlast; Weft's own kernels if no CLBlast setting gives correct results */
    WEFT_GEMM_OWN      /* Weft's own kernels; CLBlast if they give wrong results */
};

/* How the loss weights the classes. */
enum weft_class_weight {
    WEFT_CLASS_WEIGHT_NONE,     /* all equal */
    WEFT_CLASS_WEIGHT_BALANCED, /* N / (K n) for a class with n of the N training samples, where K
                                   classes occur. With sample weights, N and n are sums of sample
                                   weights */
    WEFT_CLASS_WEIGHT_GIVEN     /* the numbers in class_weights */
};

/* If learning_rate, weight_decay or label_smoothing has this value, weft_options_settle replaces it
 * with a value that suits the data. */
#define WEFT_AUTO (-1.0)

enum { WEFT_MAX_HIDDEN = 64, WEFT_MAX_CLASS_WEIGHTS = 256, WEFT_MAX_OPTIONS = 128 };

/* All options of a training run. Fill the struct with weft_options_init, then change members or
 * call weft_options_set.
 *
 * New versions add members at the end. `size` tells the library which members a program knows, so a
 * program built with an older weft.h works with a newer library. Members that the program does not
 * know get their values from the preset. */
struct weft_options {
    size_t size;                           /* size of this struct; weft_options_init sets it */
    uint64_t given[WEFT_MAX_OPTIONS / 64]; /* internal: the options set by weft_options_set */
    char preset[32];                       /* name of the preset that filled this struct */

    /* The network. weft_model_create reads this whole group. Training functions take the network
     * from the model. Of this group, they read only dropout, input_dropout, seed and task, and
     * `task` must equal the task of the model. weft_fit also reads initialization and
     * initial_range. */
    enum weft_task task;
    size_t hidden_count;            /* hidden layers, 0 to WEFT_MAX_HIDDEN */
    size_t hidden[WEFT_MAX_HIDDEN]; /* widths of the hidden layers, input side first */
    size_t activation_count;        /* 1: one for all hidden layers; hidden_count: one for each */
    enum weft_activation activation[WEFT_MAX_HIDDEN];
    size_t dropout_count;            /* 0: no dropout; otherwise as activation_count */
    double dropout[WEFT_MAX_HIDDEN]; /* dropout rates, at least 0 and below 1; the activations that
                                        remain are divided by 1 - rate (Srivastava et al. 2014) */
    bool batch_norm;      /* normalize each hidden layer over the batch, before the activation;
                             replaces the bias (Ioffe and Szegedy 2015). Epsilon is 1e-5. The
                             running statistics use momentum 0.1 and the unbiased variance; a batch
                             of one sample does not change them */
    double input_dropout; /* dropout rate of the scaled features */
    enum weft_head head;
    bool bias;
    bool single_output; /* two classes share one output, whose target is the label 0 or 1 */
    enum weft_initialization initialization;
    double initial_range; /* r of WEFT_INIT_UNIFORM */
    uint64_t seed;        /* random seed for initialization, shuffling and the holdout split */

    /* Batches and the learning rate. */
    size_t epochs;        /* 0: weft_options_settle chooses it */
    size_t batch_size;    /* samples in a batch; 0: `batches` decides */
    size_t batches;       /* batches per epoch, of nearly equal size. If batch_size and batches are
                             both 0, weft_options_settle chooses batch_size */
    double learning_rate; /* at least 0, or WEFT_AUTO */
    enum weft_schedule schedule;
    double warmup;        /* epochs of linear warm-up before the schedule begins; fractions are
                             allowed */
    double rate_factor;   /* multiplies the rate at each drop (step, exponential, plateau); above 0
                             and at most 1; 0 means 0.95 for exponential and 0.1 otherwise */
    size_t rate_every;    /* epochs between two drops (step) */
    size_t rate_patience; /* the rate drops after more than this number of epochs in a row without
                             improvement (plateau) */
    double min_rate;      /* lowest learning rate (cosine, plateau) */
    double rise;          /* fraction of all steps during which the rate rises (one-cycle) */
    double l1, l2;        /* penalty l1 sum|w| + l2/2 sum w^2 over all weights; biases are exempt */

    /* The optimizer. */
    enum weft_optimizer optimizer;
    double momentum;     /* mu (momentum, nesterov), at least 0 and below 1 */
    double beta1, beta2; /* decay rates of the running means m and v, at least 0 and below 1.
                            beta2 = 0 means 0.99 for rmsprop and 0.999 for adam and adamw */
    double epsilon;      /* keeps the denominator above 0 (rmsprop, adam, adamw) */
    double weight_decay; /* decoupled weight decay (adamw), at least 0, or WEFT_AUTO; biases are
                            exempt */
    double clip_norm;    /* if the norm of the gradient over all parameters exceeds clip_norm, the
                            gradient is multiplied by clip_norm / (norm + 1e-6); 0: no clipping */
    double ema;          /* decay rate of a running average of every parameter and every statistic
                            of batch norm. After each step, average += (1 - ema) (value - average).
                            Scores and the final model use the average. 0: no average */
    enum weft_reduction reduction;

    /* Targets. */
    double label_smoothing; /* e, at least 0 and below 1, or WEFT_AUTO. The target y of a class is 1
                               for the true class and 0 for the others. It becomes
                               (1 - e) y + e / C (Szegedy et al. 2016). With a single output, and
                               for each label of multilabel, it becomes (1 - e) y + e / 2 */
    enum weft_class_weight class_weight; /* the loss and the gradient of a sample are multiplied by
                                            the weight of its class and by its sample weight (see
                                            weft_dataset_set_weights). A mean loss is the sum of
                                            these products, divided by the number of samples */
    size_t class_weight_count;           /* C with WEFT_CLASS_WEIGHT_GIVEN */
    double class_weights[WEFT_MAX_CLASS_WEIGHTS]; /* at least 0, not all 0 */

    /* Augmentation: random changes of training batches. shift, flip and erase need images (see
     * weft_dataset_set_image) and change them before features are scaled. Blanked pixels are 0, and
     * so are pixels that a shift brings in from outside the image. */
    size_t shift; /* the largest random shift in pixels, horizontally and vertically */
    bool flip;    /* mirror a random half of the images, left to right */
    size_t erase; /* side length, in pixels, of a random square to blank in each image */
    double mixup; /* alpha: mix pairs of samples and their targets. The mixing ratio is drawn from
                     Beta(alpha, alpha) once per batch (Zhang et al. 2018). 0: no mixup */

    bool shuffle; /* a new random order of the samples in each epoch */
    enum weft_scale scale;
    bool article_quirks; /* reproduce the article of docs/article.md exactly. The gradient of the
                            penalty is (l1 + l2) w, and the reported penalty is halved. The error
                            has only the loss of the true class. Probabilities are the softmax of
                            the sigmoid outputs. Needs head sigmoid */

    /* Early stopping: training ends after `patience` epochs in a row without improvement. The model
     * gets the weights of the best epoch. Needs a validation set. */
    size_t patience; /* 0: no early stopping */
    enum weft_monitor monitor;
    double min_delta; /* an epoch is an improvement if its monitored value is better than the best
                         value so far by more than min_delta */

    bool warm_start;     /* weft_fit starts from the current weights */
    enum weft_gemm gemm; /* the engine of the matrix products */

    size_t check_every;       /* compare every check_every-th batch with the reference; 0: none */
    const char *check_bundle; /* file that receives a step with wrong results, for
                                 weft_check_replay; NULL: no file. Borrowed. */

    /* Cut each batch into S slices, and add their gradients in an order that S decides. With batch
     * norm, memory must hold the whole batch; without batch norm, memory for one slice is enough.
     * The training set is divided into S shards of consecutive samples. Slice s of every batch
     * takes its samples from shard s. If S does not divide the number of samples in a batch, some
     * slices have one more sample than others, and their shards are larger in proportion. S must
     * not exceed the number of samples in a batch. 0 and 1: batches are not cut. */
    size_t slices;

    /* Shuffle blocks of consecutive samples, and then the samples inside each group of 64 shuffled
     * blocks. An epoch then reads a mapped file block by block, and reads little of it twice. Needs
     * `shuffle`. docs/data.md has the sizes of the blocks. */
    bool shuffle_blocks;

    /* Bytes of host memory that a training run may use, data sets included. Samples that stay in a
     * file do not count; see `map` of the data options. Data sets that do not fit are streamed, see
     * weft_plan_training. 0: as much as the machine and its limits allow. */
    uint64_t memory;
};

/* Fills options from a preset: "default", "best-plain", "best", "article" or "xor".
 *
 *     enum weft_status weft_options_init(struct weft_options *options, const char *preset);
 *
 * weft_options_init is a macro. It passes the size of the struct, so that the library knows which
 * version of weft.h the program was built with. Bindings for other languages call
 * weft_options_init_sized.
 *
 * Returns WEFT_ERROR_USAGE for an unknown preset; the error lists the valid ones. */
#define weft_options_init(options, preset)                                                         \
    weft_options_init_sized((options), sizeof *(options), (preset))
WEFT_API WEFT_MUST_CHECK enum weft_status weft_options_init_sized(struct weft_options *options,
                                                                  size_t size, const char *preset);

/* Sets one option from text: "hidden" from "128,64", "optimizer" from "adam", "batch-norm" from
 * "yes". weft_option_describe lists the options. They have the same names on the command line,
 * after two dashes. The locale does not affect how values are read.
 *
 * The order of calls does not matter, except that "batch-size" and "batches" replace each other.
 * "task" also sets the head that the task needs, and turns label smoothing off for multilabel and
 * regression. With preset "default", task "regress" also sets hidden layers of 128, 128 and 64
 * units, activation silu and dropout 0.1. If a program also sets one of these options by its name,
 * "task" leaves that option alone.
 *
 * Returns WEFT_ERROR_USAGE for an unknown option or an invalid value, and leaves the options
 * unchanged. The error says what is valid. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_options_set(struct weft_options *options,
                                                           const char *name, const char *value);

enum { WEFT_OPTION_TEXT_SIZE = 8192 }; /* bytes, enough for the value of any option */

/* Writes the value of one option into `text` [size], in the form that weft_options_set reads.
 *
 * Returns WEFT_ERROR_USAGE for an unknown option, a member that is out of range, or a `text` that
 * is too small. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_options_get(const struct weft_options *options,
                                                           const char *name, char *text,
                                                           size_t size);

/* Tells whether weft_options_set has set an option since weft_options_init. */
WEFT_API bool weft_options_given(const struct weft_options *options, const char *name);

/* Checks all members, without a model or data. Every function that takes options checks their
 * values. Only weft_options_check also rejects an option that weft_options_set has set but that has
 * no effect, such as "momentum" with optimizer "adam", or "rise" with schedule "cosine".
 *
 * Returns WEFT_ERROR_USAGE for the first invalid option. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_options_check(const struct weft_options *options);

struct weft_dataset; /* see "data" */

/* Replaces each of the following options whose value is 0 or WEFT_AUTO. N is the number of training
 * samples, and clamp(x, low, high) limits x to the range from low to high. A table is called curved
 * if its task is regress, it has at most 5000 samples, and a flexible regression has clearly
 * smaller errors on it than ridge regression. Both are tried on at most 256 of the samples, and
 * each of these samples is predicted from the others (docs/recipes.md).
 *
 * - batch_size: clamp(N / 50, 16, 256)
 * - epochs: 20 for fewer than 10000 samples, otherwise 30. If that gives fewer than M batches in
 *   total, epochs becomes the smallest number that gives at least M. For regress, M is
 *   clamp(2 N, 2000, 4000) for a curved table and clamp(N, 1000, 4000) for other data. For other
 *   tasks, M is clamp(N / 3, 500, 5000)
 * - learning_rate: for regress, 180 / N, but at most 0.005. For other tasks, 0.003 if N is 64 to
 *   999 and the samples are not images; otherwise 180 / N, but at most 0.01
 * - weight_decay: 0.1 for a curved table. For other data with the task regress, the larger of
 *   clamp((3000 / N)^2, 1/30, 0.3) and clamp((360 / N)^2, 0, 2). For other tasks,
 *   clamp((3000 / N)^2, 1/30, 1)
 * - label_smoothing: 0.05 for the classification of images, otherwise 0
 *
 * Every function that takes options chooses the same values, but does not store them in the
 * options. Call weft_options_settle to learn them. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_options_settle(struct weft_options *options,
                                                              const struct weft_dataset *train);

/* Which commands use an option. The comments name the library functions that match a command. */
enum weft_option_commands {
    WEFT_COMMAND_TRAIN = 1, /* weft_train, weft_fit, weft_partial_fit */
    WEFT_COMMAND_CHECK = 2, /* weft_check, weft_check_gradient */
    WEFT_COMMAND_BENCH = 4, /* weft_bench */
    WEFT_COMMAND_TUNE = 8,  /* weft_tune */
    WEFT_COMMAND_OWN = 16   /* this bit and all higher bits are free for programs */
};

/* The description of one option, for help texts, forms and completions. New versions add members at
 * the end. */
struct weft_option_info {
    const char *name;         /* "learning-rate" */
    const char *help;         /* a short description, without a capital letter or a period */
    const char *placeholder;  /* stands for the value, "RATE"; NULL for a yes-or-no option */
    const char *group;        /* the heading in a help text, "Training" */
    const char *const *words; /* [word_count] the words that the option takes, or NULL */
    size_t word_count;
    unsigned commands;    /* the commands that use it: enum weft_option_commands */
    bool common;          /* belongs in a short help text */
    bool network;         /* describes the network, which an existing model already has */
    const char *excludes; /* options that this one cannot be combined with, separated by blanks */
    const char *formerly; /* name in earlier versions, or NULL */
    char letter;          /* one-letter form of the option, 'o' for -o, or 0 */
    const char *needs;    /* the name of another option, or NULL. If it is not NULL, this option has
                             an effect only if the other option has one of the values in `needed` */
    unsigned needed;      /* bit v stands for the enum value v; weft_option_word(needs, v) is the
                             word for v */
};

/* Describes option number `index`, counted from 0. Returns NULL beyond the last option. The result
 * is static. */
WEFT_API const struct weft_option_info *weft_option_describe(size_t index);

/* Returns the word for an enum value of an option: weft_option_word("head", WEFT_HEAD_SOFTMAX) is
 * "softmax". Returns NULL for an unknown option or value. */
WEFT_API const char *weft_option_word(const char *name, unsigned value);

/* The description of a preset. */
struct weft_preset_info {
    const char *name;    /* "best" */
    const char *summary; /* what it is for, in one sentence */
    const char *data;    /* the known data set that it is made for, such as "xor"; or NULL */
};

/* Describes preset number `index`, counted from 0. Returns NULL beyond the last preset. The result
 * is static. */
WEFT_API const struct weft_preset_info *weft_preset_describe(size_t index);

/* Suggests corrections of a mistyped word. Writes the most similar of `words` [count] into `list`
 * [size], with `prefix` before each, as in "--adam or --adamw". The list is "" if no word is
 * similar. */
WEFT_API void weft_suggest(const char *word, const char *const *words, size_t count,
                           const char *prefix, char *list, size_t size);

/* ---------------------------------------------------------------- data */

struct weft_model; /* see "models" */

/* A data set: N samples of D float32 features. Each sample has a label 0..C-1 (classification), C
 * targets (multilabel, regression), or neither (prediction only). */
struct weft_dataset;

/* What a data set holds. Pointers are borrowed from the data set. */
struct weft_dataset_info {
    const char *name;                 /* the source of the samples, such as a file name */
    const char *labels_name;          /* the source of the labels or targets */
    size_t samples;                   /* N */
    size_t features;                  /* D */
    size_t classes;                   /* C; 0 without labels and targets */
    const char *const *class_names;   /* [C] */
    const float *x;                   /* [N][D], before scaling; NULL if `map` of the data options
                                         left the samples in a file: use weft_dataset_read */
    const int32_t *labels;            /* [N], or NULL */
    const float *targets;             /* [N][C], or NULL */
    size_t height, width, channels;   /* of images; otherwise 0 */
    const float *weights;             /* [N] sample weights, or NULL if all are 1 */
    const char *const *feature_names; /* [D] of tables, or NULL */
    size_t unseen;       /* number of samples that were left out because the model does not know
                            their class; scores count them as wrong */
    bool task_known;     /* the data set has labels or targets, so `task` is valid */
    enum weft_task task; /* classify for labels, multilabel for several columns of 0 and 1, regress
                            for other numbers */
};

/* What replaces missing numbers. The mean and the median are those of the training set. */
enum weft_impute {
    WEFT_IMPUTE_MEAN,
    WEFT_IMPUTE_MEDIAN,
    WEFT_IMPUTE_NONE /* nothing; a missing number is an error */
};

/* How data is read, and what the columns of a table mean. If a member is NULL, 0 or false, Weft
 * detects the value or uses a default. Strings are borrowed. The items of a list are separated by
 * commas. A column is given by its name or, if no column has this name, by its number, counted
 * from 1. New versions add members at the end.
 *
 * Weft decides from the training set what to do with each column. A column of numbers becomes one
 * feature. A text column becomes one feature for each category. If it has more than 9 categories,
 * the rare categories share a feature. Weft leaves out columns of dates or free text, columns
 * with a single value, and text columns whose values all differ. A note reports each of them. */
struct weft_data_options {
    size_t size; /* size of this struct; weft_data_options_init sets it */

    /* Columns of a table. */
    const char *target;      /* the columns to predict */
    const char *ignore;      /* columns to leave out */
    const char *id;          /* a column that names each sample; copied to predictions */
    const char *weight;      /* a column of sample weights */
    const char *categorical; /* columns to read as categories, even if they hold numbers */
    const char *keep;        /* columns whose text to keep, for printing with predictions or for
                                grouping samples; see weft_stream_text and weft_dataset_text */
    bool task_given;         /* true: use `task`; false: the target decides the task. Several
                                columns of 0 and 1 mean multilabel. One column of text, or of 0 and
                                1, means classify. So does one column of at most 20 distinct whole
                                numbers that each occur at least 5 times. Other numbers mean
                                regress */
    enum weft_task task;
    enum weft_impute impute;
    bool strict; /* a category that training never saw is an error */

    /* Text files: CSV and similar formats. */
    char delimiter;      /* 0: comma, tab, semicolon or bar, detected from the file */
    char decimal;        /* decimal separator; 0: a point */
    bool no_header;      /* the first row has values, not names; refer to columns by number */
    const char *missing; /* words for missing values; NULL: "", NA, NaN, null, ? */

    /* Arrays and images. */
    const char *x, *y;  /* names of arrays in an NPZ file; NULL: x and y, x_train and y_train, or
                           other common names */
    const char *labels; /* a second file that holds the labels or targets: IDX, NPY or NPZ */
    size_t image_height, image_width; /* resize images; 0: all must have the same size */
    bool grayscale;                   /* make colored images gray */

    /* How a validation set is split off the training set. */
    double holdout;   /* fraction of the training set to hold out; 0: none */
    bool no_stratify; /* ignore the classes when splitting, instead of keeping their proportions */
    uint64_t seed;    /* random seed of the split */

    /* Receives notes for the user, one line each: the inferred task, columns that were left out,
     * categories that training never saw, and so on. NULL: notes are dropped. */
    void (*note)(void *user, const char *line);
    void *user; /* passed to `note` */

    /* Read a table with the column meanings that this model stores. Required if training starts
     * from a model. NULL: learn the meanings from the training set. */
    const struct weft_model *model;

    /* Map the file instead of reading it, if its format allows this: files of weft_pack,
     * uncompressed IDX files of bytes, and uncompressed NPY files of bytes or float32. `x` of
     * weft_dataset_info may then be NULL; weft_dataset_read copies samples. If another process
     * truncates the file before the data set is destroyed, this process gets SIGBUS. */
    bool map;

    /* Read a table with the column meanings and the classes of this data set, such as a training
     * set that was packed before. NULL: use `model`, or learn them from the training set. */
    const struct weft_dataset *like;

    /* Bytes of host memory that data may take. A larger file that cannot be mapped is rejected with
     * WEFT_ERROR_MEMORY before it is read. 0: no limit. */
    uint64_t memory;

    /* `impute` has no effect on data that is already packed. Packed data is therefore rejected if
     * the user asked for `impute`. Any value but WEFT_IMPUTE_MEAN, the default, counts as asking.
     * If the user asked for WEFT_IMPUTE_MEAN, set impute_given to tell it from the default. */
    bool impute_given;
};

/* Fills data options with 0 and NULL. Like weft_options_init, it is a macro. Call it first:
 * otherwise, functions that take data options return WEFT_ERROR_USAGE. */
#define weft_data_options_init(options) weft_data_options_init_sized((options), sizeof *(options))
WEFT_API void weft_data_options_init_sized(struct weft_data_options *options, size_t size);

/* The data sets of a training run. */
struct weft_data_sets {
    struct weft_dataset *train, *validation, *test; /* owned; NULL if there is no such set */
};

/* Opens data of any kind and splits it into a training set, a validation set and a test set. Weft
 * recognizes the format of a file by its content, not by its name. It learns from the training set
 * alone what the columns of a table mean. The data sets, and the models created from them, store
 * these meanings.
 *
 * what      a known data set, a table (CSV, TSV, NPY, NPZ, LIBSVM), a folder of images with one
 *           subfolder per class, IDX files, or "-" for standard input; files may be gzipped
 * test      data for the test set; NULL: use the test set of `what`, if it has one
 * options   how to read the data, or NULL
 * sets      receives the data sets; release them with weft_data_sets_reset
 *
 * Returns WEFT_ERROR_IO for an unknown name or an unreadable file, WEFT_ERROR_DATA for invalid
 * contents, and WEFT_ERROR_USAGE for options that do not fit the data. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_data_open(const char *what, const char *test,
                                                         const struct weft_data_options *options,
                                                         struct weft_data_sets *sets);

/* Releases the data sets. */
WEFT_API void weft_data_sets_reset(struct weft_data_sets *sets);

/* Opens data for a model. Columns are matched by name with the columns that the model was trained
 * on.
 *
 * what           the data
 * test           true: the test set; false: the training set; ignored if the data has only one set
 * with_targets   true: labels or targets are required
 *
 * Returns the errors of weft_data_open, and WEFT_ERROR_DATA if the data does not fit the model. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_data_open_for(
    const struct weft_model *model, const char *what, bool test, bool with_targets,
    const struct weft_data_options *options, struct weft_dataset **dataset);

/* Returns the text of sample `row` in one of the columns listed in `keep` of the data options, or
 * NULL if the value is missing. The text is borrowed. Data sets from weft_data_open_for, from
 * weft_table_for and from packed files have texts. If the data is packed, `keep` chooses among the
 * columns of text that were packed.
 *
 * column   0 is the first column of `keep` */
WEFT_API const char *weft_dataset_text(const struct weft_dataset *dataset, size_t column,
                                       size_t row);

/* Returns the name of a column of weft_dataset_text, or NULL if there is no such column. */
WEFT_API const char *weft_dataset_column(const struct weft_dataset *dataset, size_t column);

/* Data that is read block by block, so that predictions need little memory. */
struct weft_stream;

/* Opens a table for predictions. Data of other kinds becomes a single block. Parameters and errors
 * are those of weft_data_open_for. If `note` is set, the options and their strings must outlive the
 * stream. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_stream_open(const struct weft_model *model,
                                                           const char *what, bool test,
                                                           const struct weft_data_options *options,
                                                           struct weft_stream **stream);

/* Reads the next block. After the last block, `note` of the data options receives a line about
 * anything unusual in the data.
 *
 * rows      the maximum number of samples in the block; must be at least 1
 * dataset   receives the block, which the stream owns until the next call; NULL at the end
 *
 * Returns the errors of weft_data_open_for. After an error, the stream has no more blocks. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_stream_next(struct weft_stream *stream, size_t rows,
                                                           const struct weft_dataset **dataset);

/* Returns the original text of a value in the current block. NULL: it is missing, or there is no
 * current block. The text is borrowed, and valid until the next call for this column.
 *
 * column   0: the column named by `id` of the data options or, if that is NULL, the `id` column of
 *          the training run; for a folder of images, the name of each file; 1 and above: the
 *          columns of `keep` */
WEFT_API const char *weft_stream_text(const struct weft_stream *stream, size_t column, size_t row);

/* Returns the name of a column of weft_stream_text, or NULL if there is no such column. */
WEFT_API const char *weft_stream_column(const struct weft_stream *stream, size_t column);

/* Closes a stream and releases its block. */
WEFT_API void weft_stream_close(struct weft_stream *stream);

/* A table: named columns of numbers or text, with missing values. */
struct weft_table;

/* Reads a table from a file. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_table_read(const char *path,
                                                          const struct weft_data_options *options,
                                                          struct weft_table **table);

/* Creates a table of `rows` rows, which has no columns yet. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_table_create(size_t rows, struct weft_table **table);

/* These two functions add a column to a table and copy its values.
 *
 * numbers   [rows]; NaN stands for a missing value
 * texts     [rows] UTF-8; NULL stands for a missing value
 *
 * Returns WEFT_ERROR_USAGE if the table has a column of this name. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_table_add_numbers(struct weft_table *table,
                                                                 const char *name,
                                                                 const double *numbers);
WEFT_API WEFT_MUST_CHECK enum weft_status weft_table_add_texts(struct weft_table *table,
                                                               const char *name,
                                                               const char *const *texts);

/* What a column of a table holds. The name is borrowed from the table. */
struct weft_table_column {
    const char *name;
    bool text;      /* the column holds texts, not numbers */
    size_t missing; /* number of missing values */
};

/* Returns the number of rows. */
WEFT_API size_t weft_table_rows(const struct weft_table *table);

/* Describes column number `index`, counted from 0. Returns false beyond the last column. */
WEFT_API bool weft_table_get_column(const struct weft_table *table, size_t index,
                                    struct weft_table_column *column);

/* Finds a column by its name or, if no column has this name, by its number, counted from 1.
 *
 * Returns WEFT_ERROR_USAGE if there is none. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_table_find(const struct weft_table *table,
                                                          const char *name, size_t *index);

/* Copies the values of a numeric column to `numbers` [rows]. Missing values become NaN. */
WEFT_API void weft_table_copy_numbers(const struct weft_table *table, size_t index,
                                      double *numbers);

/* Returns a value of a text column, or NULL if it is missing. The text is borrowed. */
WEFT_API const char *weft_table_text(const struct weft_table *table, size_t index, size_t row);

/* Splits a table into data sets and learns what its columns mean, as weft_data_open does. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_table_split(const struct weft_table *table,
                                                           const struct weft_data_options *options,
                                                           struct weft_data_sets *sets);

/* Turns a table into a data set for a model, as weft_data_open_for does. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_table_for(const struct weft_model *model,
                                                         const struct weft_table *table,
                                                         bool with_targets,
                                                         const struct weft_data_options *options,
                                                         struct weft_dataset **dataset);

/* Releases a table. */
WEFT_API void weft_table_destroy(struct weft_table *table);

/* Opens a known data set ("fashion-mnist", "xor"), a folder with the four IDX files of MNIST, or a
 * folder of images with one subfolder per class. It also opens an NPY, NPZ or LIBSVM file, and one
 * IDX file of samples without labels. Weft looks for known data sets in $WEFT_DATA, ./data, the XDG
 * data folder and /usr/share/datasets. Tables need weft_data_open.
 *
 * train, test   receive the two sets; either may be NULL if it is not needed. `*test` becomes NULL
 *               if the data has no test set.
 *
 * Returns WEFT_ERROR_IO for an unknown name or an unreadable file, and WEFT_ERROR_DATA for a file
 * with invalid contents. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_open(const char *what,
                                                            struct weft_dataset **train,
                                                            struct weft_dataset **test);

/* Receives the path of a file. */
typedef void weft_file_function(void *user, const char *path);

/* Lists the existing files that weft_dataset_open would read, so that a program can avoid
 * overwriting them.
 *
 * function   receives each path
 * user       passed to `function` */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_files(const char *what,
                                                             weft_file_function *function,
                                                             void *user);

/* Reads a pair of IDX files, plain or gzipped. The second file has labels if it is one-dimensional
 * and holds integers. Otherwise, it has targets.
 *
 * labels   may be NULL
 *
 * Errors are those of weft_dataset_open. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_read_idx(const char *images,
                                                                const char *labels,
                                                                struct weft_dataset **dataset);

/* Creates a data set for classification from arrays, which are copied.
 *
 * x         [N][D] features
 * labels    [N] in 0..C-1, or NULL for prediction only
 * classes   C, or 0 for the largest label + 1; the classes are named by their numbers
 *
 * Returns WEFT_ERROR_DATA if there are no samples, a feature is not finite, or a label is not in
 * 0..C-1. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_create(size_t samples, size_t features,
                                                              size_t classes, const float *x,
                                                              const int32_t *labels,
                                                              struct weft_dataset **dataset);

/* Creates a data set for multilabel or regression from arrays, which are copied.
 *
 * x         [N][D] features
 * targets   [N][outputs] numbers, or labels that are each 0 or 1; the outputs are named 0, 1, ...
 *
 * Returns WEFT_ERROR_DATA if there are no samples or targets, or a number is not finite. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_create_targets(
    size_t samples, size_t features, size_t outputs, const float *x, const float *targets,
    struct weft_dataset **dataset);

/* Generates a data set for classification. Features are uniform(-1, 1). The class is the index of
 * the largest of the first C features, or random if D < C. Every machine generates the same
 * numbers.
 *
 * Returns WEFT_ERROR_USAGE if there are no samples or features, if there are fewer than two
 * classes, or if a size overflows. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_synthetic(size_t samples, size_t features,
                                                                 size_t classes, uint64_t seed,
                                                                 struct weft_dataset **dataset);

/* Generates a data set with the features of weft_dataset_synthetic and `outputs` targets per
 * sample. For WEFT_TASK_MULTILABEL, label c is 1 if feature c mod D is positive. For
 * WEFT_TASK_REGRESS, target c is the product of the features c mod D and (c + 1) mod D.
 *
 * Returns WEFT_ERROR_USAGE if there are no samples, features or outputs, if `task` is
 * WEFT_TASK_CLASSIFY, or if a size overflows. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_synthetic_targets(
    size_t samples, size_t features, size_t outputs, enum weft_task task, uint64_t seed,
    struct weft_dataset **dataset);

/* Splits a data set at random: `holdout` receives round(fraction N) samples, and `rest` receives
 * the others. Both are copies and keep the order of the samples.
 *
 * Returns WEFT_ERROR_USAGE if one of the sets would be empty. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_holdout(const struct weft_dataset *dataset,
                                                               double fraction, uint64_t seed,
                                                               struct weft_dataset **rest,
                                                               struct weft_dataset **holdout);

/* Splits a data set as weft_dataset_holdout does, but class by class, so that both sets have the
 * same proportions of classes. Each class has at least one sample in `rest`. A class of two or more
 * samples also has one in `holdout`, if `holdout` is large enough. Without labels, the two
 * functions do the same. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_holdout_stratified(
    const struct weft_dataset *dataset, double fraction, uint64_t seed, struct weft_dataset **rest,
    struct weft_dataset **holdout);

/* Sets sample weights. In training, the weight of a sample multiplies its loss and its gradient,
 * like a class weight. Means still divide by the number of samples. A sample of weight 2 adds as
 * much to the gradient as two equal samples. Feature scaling, scores and validation ignore the
 * weights.
 *
 * weights   [N] at least 0, not all 0; copied; NULL removes them
 *
 * Returns WEFT_ERROR_DATA for invalid weights. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_set_weights(struct weft_dataset *dataset,
                                                                   const float *weights);

/* Sets the names of the classes, labels or outputs.
 *
 * names   [C] distinct UTF-8 texts, copied */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_set_class_names(struct weft_dataset *dataset,
                                                                       const char *const *names);

/* A value of a column, and how often it occurs. */
struct weft_value_count {
    const char *text;
    size_t count;
};

enum { WEFT_COMMON_VALUES = 5 };

/* The description of a column. New versions add members at the end. */
struct weft_column_info {
    const char *name;
    bool text;                  /* the column has texts, not numbers */
    size_t missing, distinct;   /* counts of missing values and of distinct values */
    double min, max, mean, std; /* of numbers; std divides by N; NaN for texts */
    size_t common_count;
    struct weft_value_count common[WEFT_COMMON_VALUES]; /* the most frequent values first */
    const char *use;    /* what training does with the column: "number", "category", "target",
                           "id", "weight" or "ignored"; NULL if training would fail */
    const char *reason; /* why the column is ignored, or NULL */
    size_t features;    /* number of features that the column becomes */
};

/* The description of data. Pointers are borrowed from the description. */
struct weft_data_description {
    const char *name;
    size_t samples, test_samples;     /* of the training set and of the test set */
    size_t column_count;              /* 0 unless the data is a table */
    struct weft_column_info *columns; /* [column_count] */
    bool target_assumed;              /* the options name no target, so the last column is used */
    bool task_known;
    enum weft_task task;
    size_t features, classes;       /* D and C for training on this data; 0 if unknown */
    const char *const *class_names; /* [C] */
    const size_t *class_counts;     /* [C] samples of each class, or with each label; NULL for
                                       task regress */
    size_t height, width, channels; /* of images; otherwise 0 */
    double min, max, mean;          /* over all features; NaN for a table */
    const char *obstacle; /* why training on this table would fail, for example because it has no
                             target. task, features and classes are then unknown. NULL: training
                             would not fail */
};

/* Describes data of any kind, and what training would do with it. Parameters and errors are those
 * of weft_data_open, except that a table needs no target. Release the result with
 * weft_data_description_destroy. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_data_describe(
    const char *what, const struct weft_data_options *options,
    struct weft_data_description **description);
WEFT_API void weft_data_description_destroy(struct weft_data_description *description);

/* Declares that each sample is an image [height][width][channels]. Data sets that were read from
 * image files need no such call.
 *
 * Returns WEFT_ERROR_USAGE unless height * width * channels == D. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_set_image(struct weft_dataset *dataset,
                                                                 size_t height, size_t width,
                                                                 size_t channels);

/* Describes a data set. */
WEFT_API void weft_dataset_get_info(const struct weft_dataset *dataset,
                                    struct weft_dataset_info *info);

/* What weft_pack wrote. */
struct weft_pack_info {
    size_t samples, features, classes; /* N, D and C */
    bool bytes;                        /* the samples are bytes; otherwise float32 */
    uint64_t file_bytes;               /* size of the file */
    bool labeled;                      /* the file has labels or targets */
    size_t texts;                      /* columns of texts: the id and those that are kept */
};

/* Converts data of any kind into one file, which can be larger than memory. Set `map` of the data
 * options to map this file instead of reading it. The file stores the samples in the narrowest type
 * that is exact. It also stores labels or targets, sample weights, the meanings of columns, the
 * classes, the means and variances of the features, and the texts of the columns that `id` and
 * `keep` of the options name.
 *
 * weft_pack reads the data once, so the data may come from a pipe. It needs little memory, whatever
 * the size of the data: large arrays go to temporary files without names in the folder of `path`.
 * To pack test data with the meanings of its training set, set `model` or `like` of the options. A
 * table may then lack the target. If neither is set, weft_pack learns the meanings of columns from
 * the training set. If `holdout` is set, weft_pack still packs all samples, but it learns fill
 * values and categories without the samples that `holdout`, `no_stratify` and `seed` choose. If you
 * later split the packed file with the same three options, you get the same data sets as by
 * splitting the table.
 *
 * what      as for weft_data_open
 * test      true: pack the test set, if there are two sets; false: the training set
 * options   how to read the data, or NULL; `map` is ignored
 * path      the file, which is replaced only if all goes well
 * info      receives what was written; or NULL
 *
 * Returns the errors of weft_data_open, and WEFT_ERROR_IO if a file cannot be written. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_pack(const char *what, bool test,
                                                    const struct weft_data_options *options,
                                                    const char *path, struct weft_pack_info *info);

/* Writes a data set to a file as weft_pack does. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_pack(const struct weft_dataset *dataset,
                                                            const char *path,
                                                            struct weft_pack_info *info);

/* Maps a file of weft_pack. weft_data_open with `map` does the same for each kind of file that can
 * be mapped. Returns WEFT_ERROR_DATA if the file is damaged, or if weft_pack did not write it. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_map(const char *path,
                                                           struct weft_dataset **dataset);

/* Copies the samples first .. first + count - 1 to x [count][D], before scaling. It works for all
 * data sets. Returns WEFT_ERROR_USAGE if there are fewer samples. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_read(const struct weft_dataset *dataset,
                                                            size_t first, size_t count, float *x);

/* Releases a data set. */
WEFT_API void weft_dataset_destroy(struct weft_dataset *dataset);

/* ---------------------------------------------------------------- devices
 *
 * Weft keeps a record of each device in $XDG_CACHE_HOME/weft or ~/.cache/weft. The record stores
 * the day of the last passed check, the CLBlast setting in use, and the measurements of weft_tune
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
    char checked[32]; /* day of the last passed check, "2026-11-22"; "" if the device has passed no
                         check with this driver and this version of Weft */
    char tuned[32];   /* day of the last weft_tune, or "" */
    char note[512];   /* one line for the user, for example if an engine with wrong results was
                         replaced; otherwise "" */
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
 * limit does not include the data sets and the model. Call this function before the device is used.
 *
 * bytes   the limit; 0: the memory of the device */
WEFT_API void weft_device_limit_memory(struct weft_device *device, uint64_t bytes);

/* Describes an open device. */
WEFT_API void weft_device_get_info(const struct weft_device *device, struct weft_device_info *info);

/* Closes a device and releases its memory. */
WEFT_API void weft_device_destroy(struct weft_device *device);

/* ---------------------------------------------------------------- models */

/* A network with its parameters, the scaling of its features and targets, and its class names. */
struct weft_model;

/* The description of a model. Pointers are borrowed from the model. */
struct weft_model_info {
    const char *preset;
    enum weft_task task;
    enum weft_head head;
    bool bias;                               /* layers without batch norm have biases */
    bool batch_norm;                         /* all hidden layers have batch norm */
    size_t features;                         /* D */
    size_t classes;                          /* C */
    size_t outputs;                          /* C, or 1 with a single output */
    size_t layers;                           /* dense layers, output layer included */
    const enum weft_activation *activations; /* [layers - 1] of the hidden layers */
    const size_t *widths;                    /* [layers + 1] features, hidden widths, outputs */
    const char *const *class_names;          /* [C] */
    enum weft_scale scale;
    const float *scale_mean, *scale_std;   /* [D], or NULL without scaling */
    const float *target_mean, *target_std; /* [C] for regression with standardized targets, or
                                              NULL */
    uint64_t seed;
    size_t epochs;                    /* epochs that the model was trained for */
    double l1, l2;                    /* of the last training run */
    enum weft_optimizer optimizer;    /* of the last training run */
    enum weft_schedule schedule;      /* of the last training run */
    size_t parameters;                /* trainable numbers; for an ensemble, of one member */
    size_t members;                   /* number of members of an ensemble; otherwise 1 */
    const char *const *feature_names; /* [D] of models that were trained on a table, or NULL */
    double train_accuracy, validation_accuracy, test_accuracy; /* of the last training run; NaN if
                                                                  unknown */
    const char *devices; /* "slices 0-3: NAME; slices 4-7: NAME" if devices of several kinds
                            computed the last training run together; otherwise "" */
};

/* Tests whether a model can work on a data set.
 *
 * with_targets   true: the labels or targets must fit too, as training and evaluation require
 *
 * Returns WEFT_ERROR_DATA if the number of features differs from the model's. If with_targets is
 * true, it also returns WEFT_ERROR_DATA if labels or targets are missing, or do not fit the task
 * and the classes. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_accepts(const struct weft_model *model,
                                                             const struct weft_dataset *dataset,
                                                             bool with_targets);

/* Fills options with the settings that a model was trained with: its preset, its task, and the
 * options that its file records. All other options get the values of the preset, or of preset
 * "default" if this version does not know the preset.
 *
 * options   must have been filled by weft_options_init
 *
 * Returns WEFT_ERROR_USAGE if the file records a value that this version does not accept. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_get_options(const struct weft_model *model,
                                                                 struct weft_options *options);

/* Creates a network for the features and classes of a data set. options->seed determines its random
 * initial weights.
 *
 * Returns
 * - WEFT_ERROR_USAGE if the options contradict each other or the data
 * - WEFT_ERROR_DATA if the data set has only one class, or no targets that the task can use
 * - WEFT_ERROR_DATA if there are more classes than a model file can name */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_create(const struct weft_options *options,
                                                            const struct weft_dataset *dataset,
                                                            struct weft_model **model);

/* Creates a network as weft_model_create does, with the weights of a safetensors file. The tensors
 * of the file are `layers.0.weight` [O][I], `layers.0.bias` [O], ..., `scale.mean` and `scale.std`
 * [D], and for regression `target.mean` and `target.std` [C]. The file needs no metadata. Missing
 * biases are 0. With batch norm, hidden layers have no biases, so the file must have none for them.
 *
 * keep_scale   true: take the scaling of features and targets from the file; if the file is a Weft
 *              model without scaling, nothing is scaled. false: the first training run computes the
 *              scaling
 *
 * Returns WEFT_ERROR_MODEL if a tensor does not fit the network, or if the file is an ensemble or a
 * Weft model with another task, head or activation. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_create_from(const char *path,
                                                                 const struct weft_options *options,
                                                                 bool keep_scale,
                                                                 const struct weft_dataset *dataset,
                                                                 struct weft_model **model);

/* Reads a model file.
 *
 * Returns WEFT_ERROR_MODEL if it is damaged or comes from a newer version, and WEFT_ERROR_IO if it
 * cannot be read. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_read(const char *path,
                                                          struct weft_model **model);

/* Tells whether a file starts like a model file. Its contents may still be damaged. Returns false
 * for a pipe, and for a file that cannot be read. */
WEFT_API bool weft_model_recognize(const char *path);

/* Writes a model as a safetensors file. An existing file is replaced whole or not at all. Equal
 * models give equal bytes.
 *
 * Returns WEFT_ERROR_IO if the file cannot be written. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_write(const struct weft_model *model,
                                                           const char *path);

/* Tests whether weft_model_write could write to a path now, and leaves nothing behind. Call it
 * before a long training run.
 *
 * Returns WEFT_ERROR_IO if the file could not be written. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_check_path(const char *path);

/* Adds a member to a model, which turns the model into an ensemble. An ensemble predicts the mean
 * of its members' probabilities or, for regression, of their outputs. weft_model_get_info describes
 * the first member.
 *
 * member   a model with the same network and scaling; on success it belongs to `model`
 *
 * Returns WEFT_ERROR_USAGE if the networks differ, or if `model` already has this member. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_add_member(struct weft_model *model,
                                                                struct weft_model *member);

/* Makes a model predict the average over each image and its mirror image (left to right). Model
 * files do not store this setting.
 *
 * width      pixels in a row, or 0 to turn averaging off
 * channels   numbers per pixel */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_predict_mirrored(struct weft_model *model,
                                                                      size_t width,
                                                                      size_t channels);

/* Describes a model. */
WEFT_API void weft_model_get_info(const struct weft_model *model, struct weft_model_info *info);

/* What a model does with a column of a table. Pointers are borrowed from the model. */
struct weft_model_column {
    const char *name; /* NULL if columns are matched by position */
    const char *use;  /* as in struct weft_column_info */
    const char *reason;
    size_t features;
    double fill; /* replaces a missing number; NaN if a missing number is an error */
    size_t category_count;
    const char *const *categories; /* [category_count] one feature for each, most frequent first */
};

/* Describes column number `index`, counted from 0, of the table that a model was trained on.
 * Returns false beyond the last column, and for models that were not trained on a table. */
WEFT_API bool weft_model_get_column(const struct weft_model *model, size_t index,
                                    struct weft_model_column *column);

/* Returns the weights [O][I] of a dense layer, borrowed. Layer 0 is next to the input. Returns NULL
 * beyond the last layer. */
WEFT_API const float *weft_model_weights(const struct weft_model *model, size_t layer);

/* Returns the biases [O] of a dense layer, borrowed, or NULL if it has none. */
WEFT_API const float *weft_model_biases(const struct weft_model *model, size_t layer);

/* The batch normalization of a layer: z = scale (q - mean) / sqrt(variance + 1e-5) + shift, where q
 * is the matrix product of inputs and weights (Ioffe and Szegedy 2015). Pointers are borrowed. */
struct weft_norm {
    const float *scale, *shift;   /* [O] */
    const float *mean, *variance; /* [O] running statistics, used by predictions */
};

/* Gets the batch normalization of a layer. Returns false, and NULL pointers, if it has none. */
WEFT_API bool weft_model_norm(const struct weft_model *model, size_t layer, struct weft_norm *norm);

/* Releases a model and the members that it owns. */
WEFT_API void weft_model_destroy(struct weft_model *model);

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
    double error;          /* mean of loss plus penalty over the batches, each measured before its
                              update. Regression uses standardized targets */
    double train_accuracy; /* fraction of correct predictions, measured in each batch before its
                              update; NaN for regression */
    double validation_accuracy; /* after the epoch; NaN for regression, or without validation set */
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
 * submitted. With several ranks, all ranks stop after the next batch. weft_train then returns
 * WEFT_OK and sets `stopped`. */
struct weft_callbacks {
    void *user; /* passed to all */
    int (*progress)(void *user, const struct weft_progress *progress);
    int (*epoch)(void *user, const struct weft_epoch *epoch);
    /* Called after each batch and after `progress`, even if `progress` stops the run. */
    int (*batch)(void *user, struct weft_moment *moment);
};

/* The score of a model on one data set. */
struct weft_score {
    size_t samples;  /* 0: there is no such data set, and the scores are NaN */
    double accuracy; /* fraction of correct predictions (multilabel: all labels correct); NaN for
                        regression */
    double r2;       /* as in struct weft_evaluation; NaN unless regression */
    double error; /* loss plus penalty. With WEFT_REDUCTION_SUM, it is scaled to a batch of average
                     size, to be comparable with the error of struct weft_epoch. Regression uses
                     standardized targets: a model that always predicts the mean has a loss of 1/2
                     per output, in any units */
};

/* The result of a training run. */
struct weft_training {
    bool stopped;       /* a callback stopped the run */
    size_t epochs;      /* number of completed epochs */
    bool stopped_early; /* early stopping ended the run */
    size_t best_epoch;  /* the epoch whose weights the model has; 0 without early stopping */
    struct weft_score train, validation, test;                         /* of the final weights */
    double median_epoch_seconds, min_epoch_seconds, max_epoch_seconds; /* NaN without an epoch */
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
 * training->epochs. With early stopping, it has the weights of training->best_epoch instead. If
 * training->epochs is 0, the model has its initial weights; after weft_fit, these may be new random
 * weights. The scaling is set as soon as training begins.
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

/* ---------------------------------------------------------------- plans
 *
 * A plan describes the network, the memory and the time of a training run before it starts. */

/* What a training run uses memory for. */
enum weft_memory {
    WEFT_MEMORY_SAMPLES,     /* data sets: samples, labels, targets, sample weights, their order */
    WEFT_MEMORY_PARAMETERS,  /* weights, biases and statistics; also those of earlier epochs and of
                                finished members */
    WEFT_MEMORY_OPTIMIZER,   /* the optimizer state, and the running average of the weights */
    WEFT_MEMORY_GRADIENT,    /* the gradient, and the statistics of a batch */
    WEFT_MEMORY_ACTIVATIONS, /* the results of all layers for a batch */
    WEFT_MEMORY_WORKSPACE    /* batches, packed operands of matrix products, sums, metrics */
};
enum { WEFT_MEMORY_KINDS = 6 };

/* Returns the name of a kind of memory, such as "optimizer state". The string is static. */
WEFT_API const char *weft_memory_name(enum weft_memory kind);

/* The memory that Weft allocates on the host or on a device during training, in bytes. Drivers and
 * libraries need some memory of their own in addition. */
struct weft_memory_plan {
    uint64_t bytes[WEFT_MEMORY_KINDS]; /* by enum weft_memory */
    uint64_t total;                    /* the sum of all kinds */
    uint64_t available;                /* upper limit of `total`; 0: unknown, or no such memory */
    uint64_t largest;                  /* size of the largest single allocation */
    enum weft_memory largest_kind;     /* what the largest allocation is for */
    uint64_t largest_possible;         /* upper limit of `largest`; 0: no limit */
};

/* One dense layer of the network. */
struct weft_layer_plan {
    size_t inputs, outputs;
    enum weft_activation activation; /* identity for the output layer */
    double dropout;
    bool bias, batch_norm;
    size_t parameters; /* weights, biases, scales and shifts */
};

/* The plan of a training run. */
struct weft_training_plan {
    size_t samples, validation_samples, test_samples;
    size_t epochs, batches, largest; /* epochs; batches in an epoch; samples in the largest batch */
    size_t parameters;               /* trainable numbers of one model */
    size_t layer_count;
    struct weft_layer_plan layers[WEFT_MAX_HIDDEN + 1]; /* [layer_count], input side first */
    double epoch_gflop; /* 10^9 operations in the matrix products of an epoch and its validation */
    struct weft_memory_plan host, device; /* on the CPU backend, everything is on the host */
    /* True for data sets that do not fit and are streamed: they stay on the host. While an OpenCL
     * device computes one batch, it copies the next one. The CPU backend reads batches where they
     * are. Streaming does not change the bits of any result. */
    bool streams_train, streams_validation, streams_test;
    uint64_t epoch_read_bytes; /* bytes that an epoch reads from a mapped file; 0 if the training
                                  set is not streamed from such a file */
    bool reads_at_random;      /* an epoch reads the pages of this file in random order: the file
                                  does not fit into memory, and the options have `shuffle` without
                                  `shuffle_blocks` */
    uint64_t staging_host_bytes, staging_device_bytes; /* memory for batches on their way; part of
                                                          the totals of `host` and `device` */
    uint64_t epoch_copied_bytes; /* bytes that an epoch and its validation copy to the device */
    double gflops; /* speed of the training steps in 10^9 operations per second, from the device
                      record; NaN if neither weft_bench nor weft_tune has measured this network on
                      this device */
    double epoch_seconds, seconds; /* expected time of one epoch, and of all epochs and members; NaN
                                      if unknown */
    /* WEFT_OK if the run fits into memory. Otherwise WEFT_ERROR_DEVICE or WEFT_ERROR_MEMORY, and
     * `refusal` says in one line how many bytes are needed, how many are available, and what would
     * help. weft_train fails with the same line. */
    enum weft_status fits;
    char refusal[512];
    /* The size of the samples of each set in bytes, and whether they lie in a mapped file. Each
     * feature takes 1 byte, or 4 as float32. 0 and false for a set that is absent. */
    uint64_t train_bytes, validation_bytes, test_bytes;
    bool maps_train, maps_validation, maps_test;
};

/* Plans a training run, without training. It changes nothing and needs very little memory.
 *
 * device    where the training would run. NULL: plan only the network, and the host memory that is
 *           used outside the backend of a device
 * model     the model to train, or NULL for the model that weft_model_create would create
 * options   how to train; see weft_options_init
 * sets      the data; `validation` and `test` may be NULL
 * members   the number of models to train, one after the other, for an ensemble; otherwise 1
 * plan      receives the plan, which owns no memory
 *
 * Returns the errors of weft_model_create and weft_train about options and data. A run that does
 * not fit is not an error of this function; see plan->fits. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_plan_training(
    struct weft_device *device, const struct weft_model *model, const struct weft_options *options,
    const struct weft_data_sets *sets, size_t members, struct weft_training_plan *plan);

/* ---------------------------------------------------------------- checkpoints
 *
 * A checkpoint is a file that holds the whole state of a training run at the end of a batch. A run
 * that is resumed from it gives the same bits as an uninterrupted run, under the conditions that
 * weft_train states for equal bits. docs/checkpoints.md has the details. */

struct weft_checkpoint;      /* a checkpoint that was read */
struct weft_checkpoint_lock; /* prevents other processes from writing the same checkpoint file */

/* Prepares a checkpoint on all ranks of a job. Every rank calls this function in its batch
 * callback, for the same batch. Rank 0 then calls weft_checkpoint_write. With one rank,
 * weft_moment_take is not needed. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_moment_take(struct weft_moment *moment);

/* What a checkpoint says about its training run. New versions add members at the end. Strings are
 * borrowed from the checkpoint. */
struct weft_checkpoint_info {
    size_t epoch, batch; /* the last batch that ran, both from 1 */
    const char *device;  /* the name of the device */
    const char *version; /* the version of Weft */
    const char *note;    /* the note passed to weft_checkpoint_write, or "" */
};

/* Writes a checkpoint. An existing file is replaced whole or not at all: it stays until the new
 * file is safely on the disk. Waits for the device.
 *
 * moment     from the batch callback
 * note       any UTF-8 text to store with the run, or NULL
 * finished   a model to store in the same file, such as the finished members of an ensemble; may be
 *            NULL
 *
 * Returns WEFT_ERROR_IO if the file cannot be written. Training can go on after any failure. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_checkpoint_write(struct weft_moment *moment,
                                                                const char *path, const char *note,
                                                                const struct weft_model *finished);

/* Reads a checkpoint. Release it with weft_checkpoint_destroy.
 *
 * Returns WEFT_ERROR_MODEL unless the file is a complete, undamaged checkpoint. A digest covers all
 * its contents. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_checkpoint_read(const char *path,
                                                               struct weft_checkpoint **checkpoint);
WEFT_API void weft_checkpoint_destroy(struct weft_checkpoint *checkpoint);

/* Describes a checkpoint. */
WEFT_API void weft_checkpoint_get_info(const struct weft_checkpoint *checkpoint,
                                       struct weft_checkpoint_info *info);

/* Creates the model that weft_checkpoint_write stored as `finished`; release it with
 * weft_model_destroy. `*model` becomes NULL if no model was stored. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_checkpoint_get_finished(
    const struct weft_checkpoint *checkpoint, struct weft_model **model);

/* Resumes a training run from a checkpoint. Create the model as for the original run, from the same
 * options and data. The other parameters are those of weft_train.
 *
 * Returns WEFT_ERROR_MODEL if the data, the options or the version of Weft differ from those of the
 * checkpoint; the error says what differs. Only the options gemm and check-every may differ. The
 * other errors are those of weft_train. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_resume(
    struct weft_device *device, struct weft_model *model, const struct weft_options *options,
    const struct weft_dataset *train, const struct weft_dataset *validation,
    const struct weft_dataset *test, const struct weft_callbacks *callbacks,
    const struct weft_checkpoint *checkpoint, struct weft_training *training);

/* Locks a checkpoint file until weft_checkpoint_unlock, or until this process ends or crashes. The
 * lock is a second file, "PATH.lock".
 *
 * Returns WEFT_ERROR_BUSY if another process holds the lock. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_checkpoint_lock(const char *path,
                                                               struct weft_checkpoint_lock **lock);
WEFT_API void weft_checkpoint_unlock(struct weft_checkpoint_lock *lock);

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
 * state of early stopping and of the plateau schedule. On a new model, options->epochs calls of
 * weft_partial_fit give the same bits as one call of weft_fit with the same options and data.
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

/* ---------------------------------------------------------------- prediction and evaluation */

/* Predicts samples. The result for a sample depends on that sample alone.
 *
 * x               [N][D] features before scaling; the model scales them
 * classes         receives the predicted classes [N] or, for multilabel, the labels 0 or 1 [N][C];
 *                 may be NULL, and must be NULL for regression
 * probabilities   receives the probabilities [N][C] or, for regression, the outputs [N][C] in the
 *                 units of the targets; may be NULL
 *
 * With a softmax head, each row of probabilities sums to 1. With a sigmoid head, a row need not sum
 * to 1; in multilabel, a label is 1 if its probability exceeds 0.5. With an identity head, outputs
 * are clipped to 0..1, except for regression. A single output p gives the probabilities 1 - p and
 * p.
 *
 * Returns
 * - WEFT_ERROR_DATA if a feature or an output is not finite
 * - WEFT_ERROR_USAGE if classes are requested for regression
 * - WEFT_ERROR_WRONG_RESULT if the device fails the known-answer test */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_predict(struct weft_device *device,
                                                       const struct weft_model *model,
                                                       const float *x, size_t samples,
                                                       int32_t *classes, float *probabilities);

/* Predicts the samples first .. first + count - 1 of a data set, as weft_predict does. `classes`
 * and `probabilities` have `count` rows. Errors name the data set and the sample.
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

/* The scores of one class or label. Undefined values are NaN. */
struct weft_class_score {
    double precision, recall, f1;
    size_t support; /* samples of this class */
    double roc_auc; /* of this class against all others; see enum weft_metric */
    double average_precision;
};

/* The scores of one output of a regression. */
struct weft_output_score {
    double r2, rmse, mae, median_error; /* see enum weft_metric */
};

/* The scores of a whole data set. docs/evaluation.md explains when to use each of them.
 *
 * p_c is the probability of class c, and y_c is 1 for the true class and 0 for the others. For
 * LOG_LOSS and BRIER, the p_c of a sample are scaled to sum to 1. In multilabel, p is the
 * probability of a label and y its value. In regression, z is an output and y its target. */
enum weft_metric {
    WEFT_METRIC_ACCURACY,          /* fraction of correct predictions; multilabel: all labels
                                      correct */
    WEFT_METRIC_BALANCED_ACCURACY, /* mean recall over the classes that occur; classify only */
    WEFT_METRIC_TOP_5_ACCURACY,    /* fraction of samples whose class is among the five most
                                      probable ones; classify only, with more than five classes */
    WEFT_METRIC_LOG_LOSS,          /* mean of -log p_c for the true class c; multilabel: mean of
                                      -log(1 - |y - p|) over samples and labels */
    WEFT_METRIC_BRIER, /* mean of sum_c (p_c - y_c)^2, halved for two classes; multilabel:
                          mean of (p - y)^2 over samples and labels (Brier 1950) */
    WEFT_METRIC_CALIBRATION_ERROR, /* mean of |accuracy - confidence| over the bins (see
                                      struct weft_calibration_bin), weighted by their number of
                                      samples (Guo et al. 2017); classify only */
    WEFT_METRIC_ROC_AUC,           /* probability that a random sample of class c has a higher p_c
                                      than a random sample of another class; ties count half. With
                                      two classes, c is 1; otherwise this is the mean over the
                                      classes */
    WEFT_METRIC_AVERAGE_PRECISION, /* sum_n (R_n - R_(n-1)) P_n over the thresholds n, where R_n is
                                      recall and P_n precision. With two classes, this is for class
                                      1; otherwise it is the mean over the classes */
    WEFT_METRIC_MACRO_F1,          /* mean F1 over the classes that occur or are predicted;
                                      multilabel: over all labels, with 0 where F1 is undefined */
    WEFT_METRIC_WEIGHTED_F1,       /* mean F1 weighted by support */
    WEFT_METRIC_MATTHEWS,          /* correlation of classes and predictions (Gorodkin 2004);
                                      classify only */
    WEFT_METRIC_R2,                /* 1 - sum (y - z)^2 / sum (y - mean y)^2; for a constant target,
                                      1 if predicted exactly, else 0. This metric and the next
                                      three are for regression; each is a mean over the outputs */
    WEFT_METRIC_RMSE,              /* square root of the mean of (y - z)^2 */
    WEFT_METRIC_MAE,               /* mean of |y - z| */
    WEFT_METRIC_MEDIAN_ERROR,      /* median of |y - z| */
    WEFT_METRICS                   /* number of metrics; new versions add some */
};

/* The description of a metric. */
struct weft_metric_info {
    const char *name;  /* "roc_auc", the key in JSON */
    const char *title; /* "ROC AUC" */
    bool fraction;     /* a fraction of samples, best shown in percent */
};

/* Describes a metric. Returns NULL beyond the last metric. The result is static. */
WEFT_API const struct weft_metric_info *weft_metric_describe(size_t metric);

/* A score with its 95 % interval. Undefined numbers are NaN. */
struct weft_estimate {
    double value;
    double low, high; /* ends of the interval; NaN if there is none */
};

/* Returns the 95 % interval (Wilson 1927) of a fraction of `samples` independent samples, such as
 * an accuracy. The interval is NaN if `samples` is 0 or `fraction` is NaN. */
WEFT_API struct weft_estimate weft_fraction_interval(double fraction, size_t samples);

enum { WEFT_CALIBRATION_BINS = 15 };

/* A bin of the calibration. Bin i has the samples whose predicted class has a probability above
 * i / 15 and at most (i + 1) / 15. Bin 0 includes 0. */
struct weft_calibration_bin {
    size_t samples;
    double confidence; /* mean probability of the predictions; NaN for an empty bin */
    double accuracy;   /* fraction of correct predictions; NaN for an empty bin */
};

/* The scores of a model on a data set. Undefined numbers are NaN. New versions add members at the
 * end. */
struct weft_evaluation {
    size_t samples, classes;
    enum weft_task task;
    double accuracy; /* fraction of correct predictions (multilabel: all labels correct); NaN for
                        regression */
    double loss;     /* mean loss over the samples, without the penalty. For an ensemble, it is the
                        loss of the mean prediction; for regression, it is in the units of the
                        targets. NaN in an evaluation of a group */
    double r2;       /* as WEFT_METRIC_R2; NaN unless regression */
    size_t *confusion;               /* [C][C] true class by predicted class, or NULL */
    struct weft_class_score *scores; /* [C], or NULL for regression */
    char note[256]; /* why the model is useless, as in struct weft_training, or "" */

    struct weft_estimate *metrics;     /* [WEFT_METRICS] by enum weft_metric. Fractions of samples
                                          have Wilson intervals; other metrics have bootstrap
                                          intervals if the options ask for them */
    struct weft_output_score *outputs; /* [C] for regression, otherwise NULL */
    struct weft_calibration_bin *bins; /* [WEFT_CALIBRATION_BINS] for classification, or NULL */
    size_t unknown; /* samples of classes that the model does not know. `samples` includes them, and
                       they count as wrong. Means over classes treat them as one more class with
                       recall 0. The loss and the metrics LOG_LOSS, BRIER, CALIBRATION_ERROR,
                       ROC_AUC, AVERAGE_PRECISION and MATTHEWS leave them out */

    /* The effect of `reject`. Without it, all samples are answered. */
    size_t answered;                      /* samples whose predicted class has a probability above
                                             `reject`, and all samples of unknown classes */
    struct weft_estimate answer_accuracy; /* accuracy on the answered samples; NaN for regression.
                                             Samples of unknown classes count as wrong answers */

    size_t group_count;
    struct weft_evaluation **groups; /* [group_count] owned, or NULL. The evaluation of a group has
                                        no groups and no note */
};

/* Options of an evaluation. Members that are 0 or NULL have no effect. New versions add members at
 * the end. */
struct weft_evaluate_options {
    size_t size;              /* size of this struct; weft_evaluate_options_init sets it */
    double threshold, reject; /* as in weft_decide; `reject` changes only `answered` and
                                 `answer_accuracy` */
    size_t bootstrap;         /* number of bootstrap resamples: at least 100, usually 1000; 0: no
                                 bootstrap intervals. An interval spans the 2.5th to the 97.5th
                                 percentile (Efron and Tibshirani 1993). CALIBRATION_ERROR has none,
                                 because resampling biases it upward */
    uint64_t seed;            /* random seed of the resamples */
    const int32_t *groups;    /* [N] the group of each sample, below group_count; a sample with a
                                 negative number is in no group. Borrowed. NULL: no groups */
    size_t group_count;
};

/* Fills the options with 0 and NULL. Like weft_options_init, it is a macro. */
#define weft_evaluate_options_init(options)                                                        \
    weft_evaluate_options_init_sized((options), sizeof *(options))
WEFT_API void weft_evaluate_options_init_sized(struct weft_evaluate_options *options, size_t size);

/* Predicts every sample of a data set and compares the predictions with the labels or targets.
 * Ignores sample weights.
 *
 * evaluation   receives the scores; release them with weft_evaluation_destroy
 *
 * Returns WEFT_ERROR_DATA if the data set does not fit the model or has no labels, and
 * WEFT_ERROR_WRONG_RESULT if the device fails the known-answer test. */
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

/* Computes one score: the accuracy, or R^2 for regression. Errors are those of weft_evaluate. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_score(struct weft_device *device,
                                                     const struct weft_model *model,
                                                     const struct weft_dataset *dataset,
                                                     double *score);

#ifdef __cplusplus
}
#endif
#endif
