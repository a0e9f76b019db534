/* weft.h: train, evaluate and use neural-network classifiers on any OpenCL device, or on the CPU.
 *
 * The order of this header is the order of use:
 *
 *     options  -> dataset -> device -> model -> train -> evaluate, predict
 *
 * Every function that can fail returns enum weft_status; WEFT_OK is 0, and weft_error() then reads
 * one line that says what was wrong, where, and what was needed. Every function that allocates may
 * also fail with WEFT_ERROR_MEMORY, every one that uses a device with WEFT_ERROR_DEVICE. The
 * library never prints, never exits, and installs no signal handler. Its threads block all signals
 * and end when a device is destroyed; OMP_NUM_THREADS or omp_set_num_threads says how many.
 *
 * The library is used from one thread at a time: CLBlast keeps state for all devices of a process.
 *
 * Ownership: what a *_create, *_read, *_open or *_holdout function returns belongs to the caller,
 * who ends it with the *_destroy function of its kind. Destroy functions take NULL.
 *
 * Letters: N samples, D features, C classes, I and O inputs and outputs of a layer.
 * Matrices are row-major: [N][D] is N rows of D numbers.
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

/* ---------------------------------------------------------------- status */

/* What a function returns; also the exit codes of the program. */
enum weft_status {
    WEFT_OK = 0,
    WEFT_ERROR_INTERNAL = 1,      /* a fault of Weft itself */
    WEFT_ERROR_USAGE = 2,         /* an option or argument that makes no sense */
    WEFT_ERROR_DATA = 3,          /* bad data: wrong format, shape, label or number */
    WEFT_ERROR_MODEL = 4,         /* bad model file */
    WEFT_ERROR_IO = 5,            /* file missing, no permission, no space, read or write error */
    WEFT_ERROR_NO_DEVICE = 6,     /* no usable OpenCL device of the kind asked for */
    WEFT_ERROR_DEVICE = 7,        /* the device failed: build, memory, lost */
    WEFT_ERROR_MEMORY = 8,        /* no memory on the host */
    WEFT_ERROR_DIVERGED = 9,      /* loss or weights are not finite any more */
    WEFT_ERROR_WRONG_RESULT = 10, /* the device computes wrong results */
    WEFT_ERROR_DISTRIBUTED = 11,  /* reserved */
    WEFT_ERROR_BUSY = 12          /* another process holds the folder */
};

/* The line that belongs to the last failure in this thread, subject first; "" before any. Never
 * NULL. Valid until the next failure in this thread. */
WEFT_API const char *weft_error(void);

/* The name of the option that the last failure in this thread is about ("learning-rate"), with
 * which weft_error() then begins; NULL if it is about something else. The text is static. */
WEFT_API const char *weft_error_option(void);

/* "1.0.0" */
WEFT_API const char *weft_version(void);

/* One line for each component, for `weft --version`: OpenCL and the platforms of this machine,
 * CLBlast, the BLAS. The text is static. */
WEFT_API const char *weft_components(void);

/* ---------------------------------------------------------------- options */

/* What a sample's targets are, and with them the loss and the score. */
enum weft_task {
    WEFT_TASK_CLASSIFY,   /* one class of C, its label */
    WEFT_TASK_MULTILABEL, /* any of C labels, each 0 or 1; needs head sigmoid: binary cross-entropy
                             summed over labels */
    WEFT_TASK_REGRESS     /* C numbers; needs head identity: half the squared error, summed */
};

enum weft_head {
    WEFT_HEAD_SIGMOID, /* a sigmoid for each class; binary cross-entropy summed over classes */
    WEFT_HEAD_SOFTMAX, /* softmax over the classes; cross-entropy */
    WEFT_HEAD_IDENTITY /* the pre-activations themselves; half the squared error */
};

/* What a hidden layer makes of its pre-activation z; slopes are 0 or 0.01 at the kink of the
 * piecewise linear ones. */
enum weft_activation {
    WEFT_ACTIVATION_IDENTITY,   /* z */
    WEFT_ACTIVATION_SIGMOID,    /* 1 / (1 + exp(-z)) */
    WEFT_ACTIVATION_TANH,       /* tanh z */
    WEFT_ACTIVATION_RELU,       /* max(z, 0) (Nair and Hinton 2010) */
    WEFT_ACTIVATION_LEAKY_RELU, /* z, 0.01 z below 0 (Maas, Hannun and Ng 2013) */
    WEFT_ACTIVATION_ELU,     /* z, exp(z) - 1 below 0 (Clevert, Unterthiner and Hochreiter 2015) */
    WEFT_ACTIVATION_GELU,    /* z Phi(z), Phi the normal distribution (Hendrycks and Gimpel 2016) */
    WEFT_ACTIVATION_SILU,    /* z / (1 + exp(-z)) (Elfwing, Uchibe and Doya 2017) */
    WEFT_ACTIVATION_SOFTPLUS /* log(1 + exp(z)) */
};

enum weft_reduction {
    WEFT_REDUCTION_MEAN, /* gradients and loss are means over the samples of a batch */
    WEFT_REDUCTION_SUM   /* ... are sums over the samples of a batch */
};

/* What is done to features before anything else; a model keeps the statistics and the word. */
enum weft_scale {
    WEFT_SCALE_NONE,
    WEFT_SCALE_STANDARD, /* (x - mean) / std of each feature in the training part */
    WEFT_SCALE_GLOBAL    /* the same with one mean and one std of all features together */
};

/* Weights at the start; biases are 0. Uniform(-r, r) where no other is said. */
enum weft_initialization {
    WEFT_INIT_AUTO,        /* He under ReLU, leaky ReLU, ELU, GELU and SiLU, else Glorot */
    WEFT_INIT_GLOROT,      /* r = sqrt(6 / (I + O)) (Glorot and Bengio 2010) */
    WEFT_INIT_HE,          /* r = sqrt(6 / I) (He, Zhang, Ren and Sun 2015) */
    WEFT_INIT_LECUN,       /* r = sqrt(3 / I) (LeCun, Bottou, Orr and Mueller 1998) */
    WEFT_INIT_UNIFORM,     /* r = initial_range */
    WEFT_INIT_ZEROS,       /* 0: for a network without hidden layers */
    WEFT_INIT_UNIFORM_ONE, /* r = 1, the article's */
    WEFT_INIT_UNIFORM_UNIT /* uniform(0, 1), the article's XOR */
};

/* How a gradient g (with its penalty) moves a parameter w at rate r. States begin at 0. */
enum weft_optimizer {
    WEFT_OPTIMIZER_SGD,      /* w -= r g */
    WEFT_OPTIMIZER_MOMENTUM, /* v = mu v + g; w -= r v (Polyak 1964, as PyTorch has it) */
    WEFT_OPTIMIZER_NESTEROV, /* v = mu v + g; w -= r (g + mu v) (Sutskever et al. 2013, likewise) */
    WEFT_OPTIMIZER_RMSPROP,  /* v = beta2 v + (1 - beta2) g^2; w -= r g / (sqrt(v) + epsilon)
                                (Hinton 2012) */
    WEFT_OPTIMIZER_ADAM,     /* m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
                                w -= r m' / (sqrt(v') + epsilon), m' = m / (1 - beta1^t) and
                                v' = v / (1 - beta2^t) in step t (Kingma and Ba 2015) */
    WEFT_OPTIMIZER_ADAMW     /* weights first lose r weight_decay w; then Adam (Loshchilov and
                                Hutter 2019) */
};

/* How the learning rate goes on through a training, from batch to batch where that is smooth.
 * docs/training.md lists how trainings differ from PyTorch's. */
enum weft_schedule {
    WEFT_SCHEDULE_CONSTANT,
    WEFT_SCHEDULE_STEP,        /* times rate_factor after every rate_every epochs */
    WEFT_SCHEDULE_EXPONENTIAL, /* times rate_factor after every epoch */
    WEFT_SCHEDULE_COSINE,      /* along half a cosine down to min_rate */
    WEFT_SCHEDULE_ONE_CYCLE,   /* from 1/25 of the rate up to it, then down to 1/250000, along half
                                  cosines (Smith and Topin 2019) */
    WEFT_SCHEDULE_PLATEAU      /* times rate_factor, down to min_rate, after more than rate_patience
                                  epochs in a row whose monitored number was no better by more than
                                  min_delta, as long as that takes more than 1e-8 off; needs a
                                  validation part */
};

/* What early stopping looks at in the validation part. */
enum weft_monitor {
    WEFT_MONITOR_LOSS,     /* mean over the samples, without penalty */
    WEFT_MONITOR_ACCURACY, /* fraction right */
    WEFT_MONITOR_MACRO_F1  /* mean of F1 over the classes that are there or predicted; over all
                              labels of task multilabel, 0 of one that is neither */
};

/* Which engine runs the layer products of an OpenCL device; the CPU backend has its BLAS alone. */
enum weft_gemm {
    WEFT_GEMM_AUTO,    /* the fastest that is known for this device; CLBlast where nothing is */
    WEFT_GEMM_CLBLAST, /* CLBlast; Weft's own kernels where none of its settings is right */
    WEFT_GEMM_OWN      /* Weft's own kernels */
};

/* What weighs the samples of a class in the loss. */
enum weft_class_weight {
    WEFT_CLASS_WEIGHT_NONE,     /* all alike */
    WEFT_CLASS_WEIGHT_BALANCED, /* N / (C n), n samples of the class among N in training, C the
                                   classes that have some there */
    WEFT_CLASS_WEIGHT_GIVEN     /* options.class_weights */
};

enum { WEFT_MAX_HIDDEN = 64, WEFT_MAX_CLASS_WEIGHTS = 256, WEFT_MAX_OPTIONS = 128 };

/* Everything that decides a training. Fill it with weft_options_init, then change members or use
 * weft_options_set.
 *
 * New members are added at the end. `size` tells the library which members a program knows, so that
 * a program built with an older weft.h works with a newer library: the members it does not know
 * have the values of its preset. */
struct weft_options {
    size_t size;                           /* of this struct; weft_options_init sets it */
    uint64_t given[WEFT_MAX_OPTIONS / 64]; /* the library's: what weft_options_set has set */
    char preset[32];                       /* the preset that it was filled from */

    /* Network: what weft_model_create makes. A model that is there has its own, and trainings look
     * at nothing of this but task, which must be the model's, dropout, input_dropout and seed;
     * weft_fit also at initialization and initial_range. */
    enum weft_task task;
    size_t hidden_count;            /* number of hidden layers, 0 to WEFT_MAX_HIDDEN */
    size_t hidden[WEFT_MAX_HIDDEN]; /* their widths, input side first */
    size_t activation_count;        /* 1: one for all hidden layers; else one for each */
    enum weft_activation activation[WEFT_MAX_HIDDEN];
    size_t dropout_count;            /* 0: none, 1: one for all hidden layers; else one for each */
    double dropout[WEFT_MAX_HIDDEN]; /* share of a layer's activations that training leaves out, 0
                                        to below 1; the rest is divided by 1 - share (Srivastava et
                                        al. 2014) */
    bool batch_norm;      /* of all hidden layers, before their activations, in the place of
                             their biases (Ioffe and Szegedy 2015): epsilon 1e-5, running
                             statistics with momentum 0.1 and the unbiased variance, as
                             PyTorch has it. A batch of one sample leaves these as they are */
    double input_dropout; /* as dropout, of the features once they are standardized */
    enum weft_head head;
    bool bias;
    bool single_output; /* one output whose target is the label (two classes), not one per class */
    enum weft_initialization initialization;
    double initial_range; /* of WEFT_INIT_UNIFORM */
    uint64_t seed;        /* of the initial weights, the order of the samples and the holdout */

    /* training */
    size_t epochs;     /* 0: left to the data, see weft_options_settle */
    size_t batch_size; /* samples in a batch; 0 where `batches` says it */
    size_t batches; /* nearly equal contiguous parts per epoch; 0 where `batch_size` says it; both
                       0: left to the data */
    double learning_rate;
    enum weft_schedule schedule;
    double warmup;        /* epochs in which the rate rises from 0 to learning_rate, before the
                             schedule begins; may be a fraction */
    double rate_factor;   /* of step, exponential and plateau, above 0 to 1; 0: the schedule's own,
                             0.1, of exponential 0.95 */
    size_t rate_every;    /* of step: epochs */
    size_t rate_patience; /* of plateau: epochs, 0 or more */
    double min_rate;      /* of cosine and plateau */
    double rise;          /* of one-cycle: part of all steps, 0 to 1 */
    double l1, l2;        /* penalty l1 sum|w| + l2/2 sum w^2; biases exempt */
    enum weft_optimizer optimizer;
    double momentum;     /* mu of momentum and nesterov, 0 to below 1 */
    double beta1, beta2; /* of adam and adamw, beta2 of rmsprop too, 0 to below 1; beta2 0: the
                            optimizer's own, 0.99 of rmsprop, 0.999 of the others */
    double epsilon;      /* of rmsprop, adam and adamw */
    double weight_decay; /* of adamw, on weights; biases exempt */
    double clip_norm;    /* gradients whose norm, over all parameters, is above it are scaled by
                            clip_norm / (norm + 1e-6), as PyTorch does it; 0: none are */
    double ema;          /* 0: none. The model gets, and scores are of, the running average of all
                            parameters, and with batch norm of its running statistics: those after
                            the first step, then ema average + (1 - ema) of those after each, as
                            PyTorch's AveragedModel with use_buffers */
    enum weft_reduction reduction;
    /* Targets of training: (1 - e) of the class and e / C of each (Szegedy et al. 2016), with a
     * single output (1 - e) of the label and e / 2. */
    double label_smoothing; /* e, 0 to less than 1 */
    /* A sample's loss and gradient are multiplied by the weight of its class; means still divide by
     * the number of samples. */
    enum weft_class_weight class_weight;
    size_t class_weight_count;                    /* of given ones: C */
    double class_weights[WEFT_MAX_CLASS_WEIGHTS]; /* 0 or more, not all 0 */
    /* Augmentation, of batches in training alone. The first three need images
     * (weft_dataset_set_image) and change them before they are standardized; what is moved in or
     * erased is 0. */
    size_t shift; /* pixels: up or down, left or right, each at random up to so many */
    bool flip;    /* every other image is mirrored, left to right */
    size_t erase; /* side of a square somewhere in the image */
    /* Samples and their targets are mixed in pairs, share l and 1 - l from Beta(alpha, alpha), one
     * draw a batch (Zhang et al. 2018); class weights likewise. 0: not. */
    double mixup;
    bool shuffle; /* a new order of the samples in each epoch */
    enum weft_scale scale;

    /* The tutorial to the letter: the gradient of the penalty is (l1 + l2) w and its term is
     * halved, the reported error counts only the true class, probabilities are the softmax of the
     * sigmoid outputs. Needs head sigmoid. */
    bool article_quirks;

    /* Early stopping: after `patience` epochs in a row whose monitored number is not better by more
     * than min_delta the training ends, and in any case the model gets the weights of the best
     * epoch. Needs a validation part. patience 0: none of it. */
    size_t patience;
    enum weft_monitor monitor;
    double min_delta;

    bool warm_start; /* weft_fit begins with the weights that there are */

    enum weft_gemm gemm;

    /* Shadow training: every check_every-th batch is computed again by the reference; 0: none. */
    size_t check_every;
    const char *check_bundle; /* where the step goes that the device computed wrong: a file, as
                                 weft_check_replay reads; NULL: nowhere. Borrowed. */
};

/* Fills `options` from the preset `preset`: "default", "best-plain", "best", "article" or "xor".
 *
 *     enum weft_status weft_options_init(struct weft_options *options, const char *preset);
 *
 * Returns WEFT_ERROR_USAGE for an unknown name; the error lists the valid ones. It is a macro,
 * because it tells the library the size of the struct that this program was built with. Bindings of
 * other languages call the function behind it. */
#define weft_options_init(options, preset)                                                         \
    weft_options_init_sized((options), sizeof *(options), (preset))
WEFT_API WEFT_MUST_CHECK enum weft_status weft_options_init_sized(struct weft_options *options,
                                                                  size_t size, const char *preset);

/* Sets the option `name` from the text `value`: "hidden" from "128,64", "optimizer" from "adam",
 * "batch-norm" from "yes". weft_option_describe lists the options; their names are those of the
 * command line, without dashes. Texts mean the same in every locale.
 *
 * The order of calls does not matter, with one exception: of "batch-size" and "batches" the last
 * one decides. "task" also sets the head that the task needs, and no label smoothing for tasks
 * without classes, unless "head" or "label-smoothing" is set as well.
 *
 * Returns WEFT_ERROR_USAGE for an unknown option or a value that it does not take, and leaves
 * `options` unchanged. The error says what is valid. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_options_set(struct weft_options *options,
                                                           const char *name, const char *value);

enum { WEFT_OPTION_TEXT_SIZE = 8192 }; /* bytes that are enough for the value of any option */

/* Writes the value of the option `name` into `text` [size], as weft_options_set reads it.
 * Returns WEFT_ERROR_USAGE for an unknown option, a member that is out of range, or a `text` that
 * is too small. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_options_get(const struct weft_options *options,
                                                           const char *name, char *text,
                                                           size_t size);

/* Whether weft_options_set has set the option `name` since weft_options_init. */
WEFT_API bool weft_options_given(const struct weft_options *options, const char *name);

/* Checks all members at once, before there is a model or data. Functions that take options check
 * their values too. This one also refuses an option that weft_options_set has set and that nothing
 * would use: a "momentum" for "adam", a "rise" for schedule "cosine".
 * Returns WEFT_ERROR_USAGE for the first fault. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_options_check(const struct weft_options *options);

/* The commands of the program, and so the functions of the library, that use an option. */
enum weft_option_commands {
    WEFT_COMMAND_TRAIN = 1, /* weft_train, weft_fit, weft_partial_fit */
    WEFT_COMMAND_CHECK = 2, /* weft_check, weft_check_gradient */
    WEFT_COMMAND_BENCH = 4, /* weft_bench */
    WEFT_COMMAND_TUNE = 8,  /* weft_tune */
    WEFT_COMMAND_OWN = 16   /* this bit and those above it are free for programs */
};

/* One option, for whoever writes a help text, a form or a completion. New members are added at the
 * end. */
struct weft_option_info {
    const char *name;         /* "learning-rate" */
    const char *help;         /* half a sentence, lower case */
    const char *placeholder;  /* of its value: "RATE"; NULL if the option is yes or no */
    const char *group;        /* the heading it stands under: "Training" */
    const char *const *words; /* [word_count] the words that it takes; NULL if it takes others */
    size_t word_count;
    unsigned commands;    /* which commands use it: enum weft_option_commands */
    bool common;          /* belongs in a short help */
    bool network;         /* describes a network; a model that exists has its own */
    const char *excludes; /* names with blanks between: options that it may not stand beside */
    const char *formerly; /* the name that it had in earlier versions; NULL if it had no other */
    char letter;          /* programs only: its short form; 0 if it has none */
};

/* Describes option `index`, counted from 0; NULL beyond the last. The result is static. */
WEFT_API const struct weft_option_info *weft_option_describe(size_t index);

/* The word for a value of an enum: weft_option_word("head", WEFT_HEAD_SOFTMAX) is "softmax". NULL
 * for an unknown option or value. */
WEFT_API const char *weft_option_word(const char *name, unsigned value);

struct weft_preset_info {
    const char *name;    /* "best" */
    const char *summary; /* what it is for, one sentence */
    const char *data;    /* the known data set that it belongs to ("xor"); NULL: any */
};

/* Describes preset `index`, counted from 0; NULL beyond the last. The result is static. */
WEFT_API const struct weft_preset_info *weft_preset_describe(size_t index);

/* Writes the words of `words` [count] that the mistyped `word` may have meant into `list` [size],
 * each after `prefix`: "--adam or --adamw". The list is "" if no word is near. */
WEFT_API void weft_suggest(const char *word, const char *const *words, size_t count,
                           const char *prefix, char *list, size_t size);

/* Fills what `options` leave to the data, N training samples: the batch size becomes N / 50, but 16
 * to 256; the epochs 30, or as many as give 2000 updates. Functions that take options and a data
 * set do this with a copy; a program does it to know the numbers. samples >= 1. */
WEFT_API void weft_options_settle(struct weft_options *options, size_t samples);

/* ---------------------------------------------------------------- data */

/* N samples of D float32 features, each with a label 0..C-1, or with C targets (of the tasks
 * multilabel and regress), or with neither: for prediction only. */
struct weft_dataset;

struct weft_dataset_info {
    const char *name;               /* borrowed from the dataset, as all pointers here */
    size_t samples;                 /* N */
    size_t features;                /* D */
    size_t classes;                 /* C; 0 without labels and targets */
    const char *const *class_names; /* [C] */
    const float *x;                 /* [N][D], as read, not standardized */
    const int32_t *labels;          /* [N], or NULL */
    const float *targets;           /* [N][C], or NULL */
    size_t height, width, channels; /* of images; 0 where samples are none */
    const char *labels_name;        /* as name, of what the labels or targets were read from */
};

/* Copies `x` [N][D] and `labels` [N] (may be NULL) into a new dataset. `classes` 0 means the
 * largest label + 1; class names are the numbers.
 * WEFT_ERROR_DATA: no samples, a feature that is not finite, a label outside 0..C-1. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_create(size_t samples, size_t features,
                                                              size_t classes, const float *x,
                                                              const int32_t *labels,
                                                              struct weft_dataset **dataset);

/* Copies `x` [N][D] and `targets` [N][C] into a new dataset: numbers to regress, or labels that are
 * each 0 or 1. Their names are their numbers, from 0.
 * WEFT_ERROR_DATA: no samples or targets, a feature or a target that is not finite. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_create_targets(
    size_t samples, size_t features, size_t outputs, const float *x, const float *targets,
    struct weft_dataset **dataset);

/* Reads a known data set ("fashion-mnist", "xor"), a folder with the four IDX names of MNIST, or
 * one IDX file (samples without labels).
 * Known sets are looked for in $WEFT_DATA, ./data, the XDG data folder and /usr/share/datasets.
 * `*test` becomes NULL where the data have one part only. `train` or `test` may be NULL: that part
 * is then not read.
 * WEFT_ERROR_IO: unknown name (the error lists the known ones) or a file that cannot be read;
 * WEFT_ERROR_DATA: a file that is not what it should be, with byte and numbers. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_open(const char *what,
                                                            struct weft_dataset **train,
                                                            struct weft_dataset **test);

/* Tells `function` each file that weft_dataset_open reads for `what`, so that a program can keep
 * what it writes apart from them. What is not there is not told; opening it says what is missing.
 */
typedef void weft_file_function(void *user, const char *path);
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_files(const char *what,
                                                             weft_file_function *function,
                                                             void *user);

/* Reads a pair of IDX files, plain or gzip; `labels` may be NULL. Whole numbers of one dimension
 * are labels; what has two dimensions, and floating-point numbers, are targets. Errors as
 * weft_dataset_open. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_read_idx(const char *images,
                                                                const char *labels,
                                                                struct weft_dataset **dataset);

/* Makes up samples from `seed`: features uniform in -1..1; the class is the largest of the first C
 * features, or random where there are fewer. The same numbers on every machine.
 * WEFT_ERROR_USAGE: no samples or features, fewer than two classes, or sizes that overflow. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_synthetic(size_t samples, size_t features,
                                                                 size_t classes, uint64_t seed,
                                                                 struct weft_dataset **dataset);

/* The same features with `outputs` targets: of WEFT_TASK_MULTILABEL label c is 1 where feature c is
 * above 0, of WEFT_TASK_REGRESS target c is the product of the features c and c + 1, both counted
 * round and round. WEFT_ERROR_USAGE: no samples, features or outputs, task classify, or sizes that
 * overflow. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_synthetic_targets(
    size_t samples, size_t features, size_t outputs, enum weft_task task, uint64_t seed,
    struct weft_dataset **dataset);

/* Cuts a random part of round(fraction N) samples off `dataset`, chosen by `seed`; both parts keep
 * file order and are copies. WEFT_ERROR_USAGE unless both parts get at least one sample. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_holdout(const struct weft_dataset *dataset,
                                                               double fraction, uint64_t seed,
                                                               struct weft_dataset **rest,
                                                               struct weft_dataset **holdout);

/* Says that samples are images: rows of pixels, a pixel's channels together. Files of images say it
 * themselves. WEFT_ERROR_USAGE unless height width channels is the number of features. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_dataset_set_image(struct weft_dataset *dataset,
                                                                 size_t height, size_t width,
                                                                 size_t channels);

WEFT_API void weft_dataset_get_info(const struct weft_dataset *dataset,
                                    struct weft_dataset_info *info);
WEFT_API void weft_dataset_destroy(struct weft_dataset *dataset);

/* ---------------------------------------------------------------- devices
 *
 * Weft remembers, for each device with its driver, libraries and kernels, when a check passed,
 * which setting of the products is in force after another computed wrong, who computes which
 * product the fastest (weft_tune), and compiled programs
 * that the driver does not keep itself: in $XDG_CACHE_HOME/weft, else ~/.cache/weft, which may be
 * deleted at any time. It saves time and tells dates. It is never trusted for correctness: the
 * known-answer test runs with it as without it, and nothing fails where it is missing, damaged or
 * read-only. */

/* A device that runs training: an OpenCL device, or the CPU through CBLAS. */
struct weft_device;

struct weft_device_info {
    bool opencl;                            /* false: the CPU backend */
    size_t index;                           /* number in the list of OpenCL devices, from 0 */
    size_t platform_index, platform_device; /* P:D */
    char platform[128], name[128], driver[128];
    char type[16];       /* "gpu", "cpu", "accelerator" */
    bool unified_memory; /* shares its memory with the host, as integrated GPUs do */
    unsigned compute_units;
    uint64_t global_bytes;
    bool fp64;
    char checked[32]; /* the day of the last check that found nothing wrong, "2026-11-22"; "": none
                         is remembered of this device, driver, kernels and version of Weft */
    char tuned[32];   /* the day that weft_tune last measured products for it; "": never */
    char note[512];   /* one line that the user should know (a fallback that was taken), or "" */
};

/* Receives lines a person debugging a device wants: whole build logs of the driver, and why the
 * device record could not be written. */
typedef void weft_log_function(void *user, const char *line);

/* Number of OpenCL devices on this machine; 0, and no error, without OpenCL. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_device_count(size_t *count);

/* Why there is no OpenCL device and what helps, in one line: what to install, or which platforms
 * are there without a device. The text is static. */
WEFT_API const char *weft_device_absence(void);

/* Describes OpenCL device `index`; builds nothing. WEFT_ERROR_NO_DEVICE where there is none with
 * that number. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_device_describe(size_t index,
                                                               struct weft_device_info *info);

/* Opens a device and builds its kernels. `spec`: "auto", "cpu" (CBLAS, no OpenCL), "opencl", "gpu",
 * an index, "P:D", or a part of a device's name in any case. "auto" (or NULL) takes a discrete GPU,
 * else an integrated one, else an OpenCL CPU, else the CPU backend, which info.note then says;
 * "opencl" the first of these three, or else an accelerator, which is taken by no other word; "gpu"
 * the first of two. None takes a device that its driver cannot describe.
 * `log` may be NULL. WEFT_ERROR_NO_DEVICE: no such device, the error lists those that are;
 * WEFT_ERROR_USAGE: bad syntax; WEFT_ERROR_DEVICE: the kernels do not build; WEFT_ERROR_IO: what
 * the environment variable WEFT_KERNEL_DIR names cannot be read. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_device_create(const char *spec,
                                                             weft_log_function *log, void *user,
                                                             struct weft_device **device);
WEFT_API void weft_device_get_info(const struct weft_device *device, struct weft_device_info *info);
WEFT_API void weft_device_destroy(struct weft_device *device);

/* ---------------------------------------------------------------- models */

/* A network with its parameters, standardization, class names and how it was trained. */
struct weft_model;

struct weft_model_info {
    const char *preset; /* borrowed from the model, as all pointers here */
    enum weft_task task;
    enum weft_head head;
    bool bias;                               /* of layers without batch norm */
    bool batch_norm;                         /* of all hidden layers */
    size_t features;                         /* D */
    size_t classes;                          /* C */
    size_t outputs;                          /* C, or 1 with a single output */
    size_t layers;                           /* dense layers, output layer included */
    const enum weft_activation *activations; /* [layers - 1] of the hidden layers */
    const size_t *widths;                    /* [layers + 1]: features, hidden widths, outputs */
    const char *const *class_names;          /* [C] */
    enum weft_scale scale;
    const float *scale_mean, *scale_std; /* [D], or NULL without scale */
    uint64_t seed;
    size_t epochs; /* epochs it was trained for */
    double l1, l2;
    enum weft_optimizer optimizer; /* of the last training, as l1 and l2 */
    enum weft_schedule schedule;
    size_t parameters; /* how many numbers it learns; a member of an ensemble */
    size_t members;    /* models of an ensemble; 1: none */
};

/* Fills `options` with how `model` was trained: its preset, its task, and the training options that
 * its file records. Options that a file does not record have the values of the preset, or of preset
 * default if this version does not know the model's preset.
 *
 * options      filled by weft_options_init before
 *
 * Returns WEFT_ERROR_USAGE if the file records a value that this version does not take. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_get_options(const struct weft_model *model,
                                                                 struct weft_options *options);

/* A new network for the features and classes of `dataset`, with initial weights from
 * options->seed. WEFT_ERROR_USAGE: options that contradict each other or the data;
 * WEFT_ERROR_DATA: no labels or targets of the task, one class only, or more classes than a model
 * file can name. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_create(const struct weft_options *options,
                                                            const struct weft_dataset *dataset,
                                                            struct weft_model **model);

/* As weft_model_create, with the weights (and, where it has them, the biases and the scale) of a
 * safetensors file: `layers.0.weight` [O][I], `layers.0.bias` [O], ..., `scale.mean`, `scale.std`
 * [D]. Metadata are not needed; missing biases are 0. The scale of the file is taken where
 * `keep_scale` is true and the file has one, or none where it is of a model that was trained
 * without. Weights alone suit a network with batch norm, too.
 * WEFT_ERROR_MODEL: shapes that are not the options' network, a tensor that has no place in it, an
 * ensemble, a file of weft_model_write whose task, head or activations are not the options'. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_create_from(const char *path,
                                                                 const struct weft_options *options,
                                                                 bool keep_scale,
                                                                 const struct weft_dataset *dataset,
                                                                 struct weft_model **model);

/* Reads a model that weft_model_write wrote. WEFT_ERROR_MODEL: damaged, or written by a newer
 * version; WEFT_ERROR_IO: cannot be read. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_read(const char *path,
                                                          struct weft_model **model);

/* Writes the model as safetensors: a new file replaces an old one whole, or not at all.
 * The same model gives the same bytes. WEFT_ERROR_IO: cannot be written; an old file is untouched.
 */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_write(const struct weft_model *model,
                                                           const char *path);

/* WEFT_ERROR_IO unless weft_model_write could write `path` now: asked before hours of training, not
 * after. Leaves nothing behind. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_check_path(const char *path);

/* Makes `model` an ensemble, or adds to it: predictions are the mean of all members'
 * probabilities (of task regress outputs), and the loss of weft_evaluate is that of these means,
 * which is at most the mean of their losses; files hold them all.
 * `member`, of the same network and scale, then belongs to `model`. Whatever else is asked of
 * `model` concerns its first member, seed and epochs in a file too; accuracies of training, which a
 * file of one model has, are left out. WEFT_ERROR_USAGE: another network, or a member that it has
 * already; `member` then belongs to whom it did before. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_add_member(struct weft_model *model,
                                                                struct weft_model *member);

/* From now on predictions are means over each image and its mirror image, left to right: `width`
 * pixels of `channels` numbers in a row of an image; 0: over the image alone. No file keeps it. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_predict_mirrored(struct weft_model *model,
                                                                      size_t width,
                                                                      size_t channels);

WEFT_API void weft_model_get_info(const struct weft_model *model, struct weft_model_info *info);

/* Weights [O][I] of dense layer `layer` (0 is next to the input), borrowed; NULL beyond the last.
 */
WEFT_API const float *weft_model_weights(const struct weft_model *model, size_t layer);
/* Biases [O] of dense layer `layer`, borrowed; NULL beyond the last or without biases. */
WEFT_API const float *weft_model_biases(const struct weft_model *model, size_t layer);

/* Batch normalization of a layer: z = scale (q - mean) / sqrt(variance + 1e-5) + shift, q the
 * product of its inputs and weights. */
struct weft_norm {
    const float *scale, *shift;   /* [O] borrowed from the model, as all */
    const float *mean, *variance; /* [O] the running statistics, which predictions use */
};
/* False, and all NULL, for a layer without batch norm. */
WEFT_API bool weft_model_norm(const struct weft_model *model, size_t layer, struct weft_norm *norm);
WEFT_API void weft_model_destroy(struct weft_model *model);

/* ---------------------------------------------------------------- training */

/* Where a training is; handed to the progress callback. */
struct weft_progress {
    size_t epoch, epochs;  /* the epoch that runs, from 1, of how many: at least as many as that */
    size_t batch, batches; /* batches handed to the device in this epoch, of how many */
    size_t samples;        /* samples in a whole epoch */
};

/* What one finished epoch gave. */
struct weft_epoch {
    size_t epoch;          /* from 1 */
    double error;          /* mean over its batches, each before its update; with the penalty */
    double train_accuracy; /* fraction right, each batch before its update; NaN of task regress, as
                              the next */
    double validation_accuracy; /* fraction right after the epoch; NaN without validation part */
    double learning_rate;       /* of its last batch */
    double seconds;       /* wall time of the batches of this epoch, validation not included */
    double validation_r2; /* of task regress, in the place of the accuracy; NaN where that is not */
    double monitored;     /* what early stopping or plateau looks at; NaN without either */
};

/* Called during training; either may be NULL. A non-zero answer stops the training after the
 * batches that were handed to the device: weft_train then returns WEFT_OK with stopped = true. */
struct weft_callbacks {
    void *user;
    int (*progress)(void *user, const struct weft_progress *progress);
    int (*epoch)(void *user, const struct weft_epoch *epoch);
};

struct weft_score {
    size_t samples;  /* 0: there was no such part, accuracy and error are NaN */
    double accuracy; /* fraction right, of task multilabel in all labels; NaN of task regress */
    double r2;       /* of task regress, as in weft_evaluation; NaN of the others */
    double error;    /* loss and penalty, as in weft_epoch: of a batch of the training's mean size,
                        where a sum over the batch depends on it */
};

struct weft_training {
    bool stopped;       /* a callback asked for it */
    size_t epochs;      /* whole epochs that ran */
    bool stopped_early; /* patience was at its end */
    size_t best_epoch;  /* whose weights the model has; 0 without early stopping */
    struct weft_score train, validation, test;                         /* of the final weights */
    double median_epoch_seconds, min_epoch_seconds, max_epoch_seconds; /* NaN without an epoch */
    double check_seconds; /* the known-answer test before the first batch */
    char note[256]; /* one line that the user should know, because the scores are finite and the
                       model is useless: it predicts one class for every sample, it saw one class
                       only, R^2 is below 0; "" */
};

/* Trains `model` in place on `device`: a known-answer test of the device, then the epochs of
 * `options`. `validation` and `test` may be NULL. On its first training a model gets the
 * standardization of options->scale, computed from `train`, or none; this it keeps, in files too,
 * whatever options->scale says later. `callbacks` may be NULL. `training` is filled. After whatever
 * failure the model has the weights of the last whole epoch that was good, with early stopping of
 * the best so far; training->epochs and training->best_epoch, and nothing else of it, say which: 0
 * epochs, and they are as they were.
 *
 * The same model, options and data give the same bits on the same device and driver with the same
 * device record: products under `auto` are computed as weft_tune found best, and nothing else
 * changes that choice. The number of threads changes nothing.
 *
 * With options->check_every the device's numbers are compared with the reference's in every so many
 * batches: loss, activations, deltas, gradients, updated parameters.
 *
 * WEFT_ERROR_USAGE: options that contradict each other, that the data do not suit (images are
 * changed where there are none), or that the model's network cannot be trained with: another task,
 * dropout or class weights for another number of layers or classes, article_quirks without a
 * sigmoid output for each class, single samples as batches of batch norm; or an ensemble, whose
 * members are trained each by itself. WEFT_ERROR_WRONG_RESULT: the device fails the known-answer
 * test, or disagrees with the reference in a batch; the error names the operation.
 * WEFT_ERROR_DIVERGED: loss or weights are not finite. WEFT_ERROR_DATA: parts that do not fit the
 * model; standardizing a sample overflows float32; or, after the last epoch, an output of a sample
 * of `validation` or `test` is not finite. WEFT_ERROR_DEVICE: not enough memory on the device (both
 * numbers) or a failure there. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_train(
    struct weft_device *device, struct weft_model *model, const struct weft_options *options,
    const struct weft_dataset *train, const struct weft_dataset *validation,
    const struct weft_dataset *test, const struct weft_callbacks *callbacks,
    struct weft_training *training);

/* The words of scikit-learn for the same, on one object: the model.
 *
 * weft_fit forgets what `model` has learned (weights, standardization, optimizer), unless
 * options->warm_start, and trains it as weft_train does; initial weights are those of
 * options->seed. What is refused (WEFT_ERROR_USAGE, WEFT_ERROR_DATA), and a device that fails the
 * known-answer test, leave `model` as it is. `validation` and `callbacks` may be NULL. Statuses as
 * weft_train. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_fit(
    struct weft_device *device, struct weft_model *model, const struct weft_options *options,
    const struct weft_dataset *train, const struct weft_dataset *validation,
    const struct weft_callbacks *callbacks, struct weft_training *training);

/* One epoch more: of `model` as its last training in this process left it, what the optimizer keeps
 * and the number of its step included. So options->epochs calls with the same options and data make
 * the same model, to the bit, as weft_fit of a new one. Another optimizer begins anew. `train` is
 * the whole training part, each time: its standardization is that of the first call, and what
 * options leave to the data (batch size, epochs) is settled by the data of each call. Schedules are
 * those of options->epochs epochs, and later calls have the rate of their last step, which of
 * one-cycle and cosine is next to nothing or min_rate: without a known end set schedule constant.
 * Statuses as weft_train; WEFT_ERROR_USAGE: patience or schedule plateau, for there is no
 * validation part. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_partial_fit(struct weft_device *device,
                                                           struct weft_model *model,
                                                           const struct weft_options *options,
                                                           const struct weft_dataset *train,
                                                           const struct weft_callbacks *callbacks,
                                                           struct weft_training *training);

/* ---------------------------------------------------------------- checking */

/* One operation at one shape, held against the double-precision reference. Texts are valid during
 * the call that brings them. */
struct weft_check_result {
    const char *name;  /* "sigmoid_forward", "product_forward", "dense_forward", ... */
    const char *shape; /* "64x50", "2400x50x784 with offsets", "layer 0: 2400x50" */
    bool ok;
    double worst;      /* |got - want| / bound of the worst element: right up to 1; 0 where results
                          must be exact and are; infinite for a NaN */
    const char *array; /* where the worst element is: "output 1", "guard 0", "dz" */
    size_t index;      /* of it, in its array */
    double got, want;  /* its value on the device and in the reference */
    double bound;      /* largest |got - want| that rounding explains */
};

typedef void weft_check_function(void *user, const struct weft_check_result *result);

struct weft_check {
    size_t results, failed;
    double seconds;
};

/* Checks what `device` computes: every kernel at the shapes and values that break drivers, every
 * product at the shapes of `model` under `options`, in all its forms, and ten training steps of
 * `model` from its present weights, each operation from the numbers that the device gave it. The
 * bounds follow from the accuracies that OpenCL promises; docs/checking.md derives them.
 * `dataset` brings the samples of the steps and the sizes of the batches; NULL: random samples, and
 * batches as of 60000. `thorough`: more shapes and values, nothing cut to save time.
 * `function` (may be NULL) is told each result. `check` is filled.
 * WEFT_ERROR_WRONG_RESULT: the first result that is not ok, in one line, after all were told.
 * Products and steps that compute wrong are repaired first by other engines: info.note then says
 * so. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_check(struct weft_device *device,
                                                     const struct weft_model *model,
                                                     const struct weft_options *options,
                                                     const struct weft_dataset *dataset,
                                                     bool thorough, weft_check_function *function,
                                                     void *user, struct weft_check *check);

enum { WEFT_WORST_PARAMETERS = 10 };

/* The gradient of one parameter, four ways: of the device, of the reference, and as difference
 * quotients of the losses of both. */
struct weft_parameter_gradient {
    size_t layer;
    const char *tensor; /* as model files have it: "weight", "bias", "norm.weight" or "norm.bias" */
    bool bias;
    size_t output, input; /* row and column of its weight; input 0 for all others */
    double value;
    double device, reference, device_difference, reference_difference;
    double ratio; /* |device - reference| / what rounding explains */
};

struct weft_gradient {
    struct weft_check check;
    size_t samples; /* in the batch */
    size_t worst_count;
    struct weft_parameter_gradient worst[WEFT_WORST_PARAMETERS]; /* largest ratio first */
};

/* Checks the gradient of `model` on the first samples of `dataset` (NULL: random ones), a batch as
 * training draws it: every parameter's by the device against the reference, within what the
 * roundings of a whole step explain, and both against finite differences of their own losses along
 * some parameters of each tensor. Other arguments and statuses as weft_check. `gradient` is filled.
 */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_check_gradient(
    struct weft_device *device, const struct weft_model *model, const struct weft_options *options,
    const struct weft_dataset *dataset, weft_check_function *function, void *user,
    struct weft_gradient *gradient);

/* Runs the training step of a bundle, which weft_train wrote where the device disagreed with the
 * reference (options.check_bundle), and judges it on `device`. Statuses as weft_check;
 * WEFT_ERROR_MODEL: the file is damaged, or no bundle. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_check_replay(struct weft_device *device,
                                                            const char *path,
                                                            weft_check_function *function,
                                                            void *user, struct weft_check *check);

/* ---------------------------------------------------------------- evaluation, prediction */

struct weft_class_score {
    double precision, recall, f1; /* NaN where undefined: nothing predicted, nothing there */
    size_t support;               /* samples of this class */
};

struct weft_evaluation {
    size_t samples, classes;
    enum weft_task task;
    double accuracy; /* fraction right, of task multilabel in all labels; NaN of task regress */
    double loss;     /* mean over samples, without penalty; of an ensemble and with mirror images
                        that of the mean outputs */
    double r2; /* of task regress: 1 - sum (y - z)^2 / sum (y - mean y)^2, mean over the outputs; of
                  one that is constant 1 where it is met, else 0. NaN of the others */
    size_t *confusion; /* [C][C]: row the true class, column the predicted one; NULL but of task
                          classify */
    struct weft_class_score *scores; /* [C] of each class or label; NULL of task regress */
    char note[256]; /* as of weft_training: one class for every sample, R^2 below 0; "" */
};

/* Predicts every sample of `dataset` and compares with its labels, after a known-answer test of the
 * device unless it has passed it for this network. WEFT_ERROR_WRONG_RESULT: it fails the test;
 * WEFT_ERROR_DATA: another number of features than the model's, a label it does not know, no
 * labels, a sample whose outputs are not finite, because numbers overflow float32 on their way. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_evaluate(struct weft_device *device,
                                                        const struct weft_model *model,
                                                        const struct weft_dataset *dataset,
                                                        struct weft_evaluation **evaluation);
WEFT_API void weft_evaluation_destroy(struct weft_evaluation *evaluation);

/* Predictions for `samples` rows `x` [N][D], raw: the model's standardization is
 * applied. `classes` [N] and `probabilities` [N][C] belong to the caller; either may be NULL.
 * Softmax head: rows sum to 1. Sigmoid head: each class by itself (with article_quirks the softmax
 * of these). Identity head: outputs cut to 0..1. Single output p: 1-p and p, class 1 where the
 * output exceeds 0.5. The result for a row does not depend on the other rows, nor on how many there
 * are.
 * Of task multilabel `classes` is [N][C], 1 where the probability of a label exceeds 0.5, else 0.
 * Of task regress `classes` is NULL, and `probabilities` are the outputs.
 * WEFT_ERROR_WRONG_RESULT as weft_evaluate; WEFT_ERROR_DATA: a feature that is not finite, or a
 * sample whose outputs are not, because numbers overflow float32 on their way; WEFT_ERROR_USAGE:
 * classes of task regress. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_predict(struct weft_device *device,
                                                       const struct weft_model *model,
                                                       const float *x, size_t samples,
                                                       int32_t *classes, float *probabilities);

/* Predicts the samples first .. first + count - 1 of `dataset`, as weft_predict does; `classes` and
 * `probabilities` hold `count` rows. Errors name the data set and the sample's number in it.
 * WEFT_ERROR_DATA also: another number of features than the model's; WEFT_ERROR_USAGE also: the
 * data set has fewer samples. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_predict_dataset(
    struct weft_device *device, const struct weft_model *model, const struct weft_dataset *dataset,
    size_t first, size_t count, int32_t *classes, float *probabilities);

/* weft_predict's probabilities alone, [N][C]. WEFT_ERROR_USAGE: task regress has none. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_predict_proba(struct weft_device *device,
                                                             const struct weft_model *model,
                                                             const float *x, size_t samples,
                                                             float *probabilities);

/* `*score` = the fraction of `dataset` that is predicted right, of task multilabel in all labels;
 * of task regress R^2. Statuses as weft_evaluate. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_score(struct weft_device *device,
                                                     const struct weft_model *model,
                                                     const struct weft_dataset *dataset,
                                                     double *score);

/* ---------------------------------------------------------------- benchmarks */

enum { WEFT_BENCH_SIDES = 8, WEFT_BENCH_ROUNDS = 5, WEFT_BENCH_MOST_ROUNDS = 100000 };

/* How far a benchmark is; `what` is static, device the spec of the side. */
struct weft_bench_progress {
    const char
        *what; /* "start", "cold start", "warm start", "upload", "epochs", "profile", "ceiling" */
    const char *device;
    size_t step, steps; /* of how many of this kind, over all sides; 0 of 0: not counted */
};

/* What to measure. Fill it with zeros, then set what is wanted. */
struct weft_bench_plan {
    const char *devices[WEFT_BENCH_SIDES]; /* specs of weft_device_create, a side each; one that
                                              comes to the same device as another is left out */
    size_t device_count;
    size_t rounds; /* timed epochs of each side, in turn, WEFT_BENCH_ROUNDS to
                      WEFT_BENCH_MOST_ROUNDS */
    bool profile;  /* also the time of each operation */
    /* NULL: start-up is measured, in child processes. Else an earlier benchmark of the same
     * devices, whose start-up and ceilings are taken over. */
    const struct weft_bench *started;
    weft_log_function *log; /* as of weft_device_create, for all devices; may be NULL */
    void *user;             /* handed to both callbacks */
    /* Called again and again; may be NULL. A non-zero answer stops: weft_bench then returns WEFT_OK
     * with stopped = true. */
    int (*progress)(void *user, const struct weft_bench_progress *progress);
};

/* From nothing to the first batch, in a process that does nothing else; NaN: there is no such step,
 * or it was not measured. Their sum (with one of the builds) is what a user waits. */
struct weft_bench_startup {
    double platform_seconds;   /* OpenCL loaded, its devices listed */
    double build_cold_seconds; /* device opened and kernels built, all caches empty */
    double build_warm_seconds; /* the same, with the caches that a first run left */
    double check_seconds;      /* the known-answer test, without the kernels it builds */
    double upload_seconds;     /* memory allocated on the device, samples copied, standardized */
};

/* An operation of the training loop, over a whole epoch. */
struct weft_bench_operation {
    char name[32];  /* "order", "gather", "forward 1", "output delta", "backward 1", "penalty",
                       "update", "download" */
    double seconds; /* each call waited for, so that nothing overlaps: their sum exceeds an epoch */
};

enum { WEFT_BENCH_OPERATIONS = 2 * (WEFT_MAX_HIDDEN + 1) + 6 };

/* One device's part in a benchmark. */
struct weft_bench_side {
    struct weft_device_info device;
    struct weft_bench_startup startup;
    double first_epoch_seconds; /* in that same process, after a warm build */
    double median_epoch_seconds, min_epoch_seconds, max_epoch_seconds; /* of the rounds */
    double samples_per_second;                                         /* at the median */
    double gflops;         /* 10^9 operations a second of the network's products, at the median */
    double ceiling_gflops; /* the largest rate that one big product reached here and now */
    double error;          /* of the last round's epoch, as weft_epoch */
    uint64_t host_bytes;   /* most memory of a process that trains on this side alone; 0: unknown */
    uint64_t device_bytes; /* most memory in buffers on the device; 0: it has none of its own */
    double speedup; /* median epoch of the last side / of this one; NaN for the last one, and where
                       the sides disagree */
    /* Epochs, from the start, after which this side has overtaken the last one; infinite: never;
     * NaN: not known, or this is the last one. Cold: with the first build, warm: with caches. */
    double break_even_cold, break_even_warm;
    size_t operation_count;
    struct weft_bench_operation operations[WEFT_BENCH_OPERATIONS]; /* where profiled */
};

/* The same training on every side: data, weights, order and rule; epoch by epoch in turn. */
struct weft_bench {
    bool stopped;                     /* the callback asked for it; figures may be missing */
    size_t samples, batches, largest; /* of an epoch; samples in the largest batch */
    double epoch_gflop;               /* 10^9 operations in the products of an epoch */
    size_t rounds;
    double disagreement; /* largest |e - f| / max(|e|, |f|) of two sides' losses of one of their
                            first eight batches; later, training amplifies rounding */
    double disagreement_limit; /* above it the sides have not done the same work */
    size_t side_count;
    struct weft_bench_side sides[WEFT_BENCH_SIDES];
};

/* Times the training of `model` (left as it is) on the devices of `plan`, after a known-answer test
 * of each. Start-up is measured in child processes, which a driver's threads do not survive: call
 * it before anything of this process has used OpenCL or the CPU backend, or set plan->started.
 * Errors as weft_device_create and weft_train; WEFT_ERROR_USAGE: no device, too few rounds. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_bench(const struct weft_bench_plan *plan,
                                                     const struct weft_model *model,
                                                     const struct weft_options *options,
                                                     const struct weft_dataset *train,
                                                     struct weft_bench **bench);
WEFT_API void weft_bench_destroy(struct weft_bench *bench);

/* Of `benches` [count], the same network at growing batches: the first from which on the first side
 * has a speed-up above 1 in every one; `count` where there is none. */
WEFT_API size_t weft_bench_pays_from(const struct weft_bench *const *benches, size_t count);

/* ---------------------------------------------------------------- tuning */

enum { WEFT_TUNE_SECONDS = 60 }; /* what is enough for a network of a few layers */

/* One way of computing one product, or the training step. */
struct weft_tune_candidate {
    char product[24];   /* "forward", "weight_gradient", "delta", "step" */
    char shape[160];    /* "2400x50x784"; of a step "784-50-10 in batches of 2400" */
    char candidate[64]; /* "clblast cpu", "blocked", "plain"; of a step "fused", "unfused" */
    double gflops;      /* 10^9 operations a second of its products, the median; NaN: not timed */
    bool right;         /* held against the reference, and timed */
    bool winner;        /* in use from now on */
    char verdict[256];  /* "right", or why it is none: "timed out after 10 s", "wrong: ..." */
};

/* What to tune. Fill it with zeros, then set what is wanted. */
struct weft_tune_plan {
    const char *device;     /* as of weft_device_create; not the CPU backend */
    double seconds;         /* for all of it: what is not measured then stays as it is */
    weft_log_function *log; /* as of weft_device_create; may be NULL */
    void *user;             /* handed to all callbacks */
    /* Called before each candidate is measured, and again and again meanwhile; may be NULL. A
     * non-zero answer stops: weft_tune then returns WEFT_OK with stopped = true and nothing kept.
     */
    int (*progress)(void *user, const struct weft_tune_candidate *now);
};

struct weft_tuning {
    bool stopped;  /* the callback asked for it */
    bool complete; /* every product and the step were measured within the time */
    struct weft_device_info device;
    char setting[48]; /* of CLBlast's kernels, from now on; "": none is right */
    double seconds;
    size_t count;
    struct weft_tune_candidate *candidates; /* [count] owned */
};

/* Measures who computes the products of `model` the fastest on a device, at the batches of
 * `options` over `samples` samples and in the blocks of predictions: CLBlast under each setting
 * that fits, and Weft's own kernels; then whether to fuse the training step, where the device can
 * run it both ways. Products that training does not run are left out. Each candidate runs in a
 * child process with a time limit and is held against the reference before it may win; one that
 * hangs, crashes or is wrong is named and left out. The winners go into the device record, where
 * training, checks, benchmarks and predictions find them under WEFT_GEMM_AUTO. Call it before
 * anything of this process has used OpenCL or the CPU backend. WEFT_ERROR_USAGE: the CPU backend,
 * which has one way only; WEFT_ERROR_NO_DEVICE; WEFT_ERROR_IO: the record cannot be written. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_tune(const struct weft_tune_plan *plan,
                                                    const struct weft_model *model,
                                                    const struct weft_options *options,
                                                    size_t samples, struct weft_tuning **tuning);
WEFT_API void weft_tuning_destroy(struct weft_tuning *tuning);

#ifdef __cplusplus
}
#endif
#endif
