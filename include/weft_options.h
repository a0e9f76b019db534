/* weft_options.h: the options of a training run, their names and their presets.
 *
 * A program fills the options with weft_options_init. It then changes some of them, with
 * weft_options_set or directly. The conventions of weft.h apply here too. */
#ifndef WEFT_OPTIONS_H
#define WEFT_OPTIONS_H

#include "weft_status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The kind of target that a network predicts. The task decides the loss and the scores. */
enum weft_task {
    WEFT_TASK_CLASSIFY,   /* one of C classes. Head: any */
    WEFT_TASK_MULTILABEL, /* C labels, each 0 or 1. Head: sigmoid. Loss: binary cross-entropy summed
                             over the labels */
    WEFT_TASK_REGRESS     /* C numbers. Head: identity. Loss: half the squared error summed over the
                             outputs. The network learns standardized targets, (y - mean) / std with
                             the mean and std of each output */
};

/* The head of a network: the loss, together with the function that the output layer applies to its
 * pre-activations. The pre-activations of a layer are the values to which this function, or the
 * activation of a hidden layer, is applied: the matrix product of inputs and weights, plus the
 * biases or after batch normalization. */
enum weft_head {
    WEFT_HEAD_SIGMOID, /* a sigmoid for each class; binary cross-entropy, summed over the classes */
    WEFT_HEAD_SOFTMAX, /* softmax over the classes; cross-entropy */
    WEFT_HEAD_IDENTITY /* no function; half the squared error, summed over the outputs */
};

/* The activation of a hidden layer: a function of each pre-activation z. If its derivative jumps at
 * z = 0, Weft uses the value on the left of the jump. */
enum weft_activation {
    WEFT_ACTIVATION_IDENTITY,   /* z */
    WEFT_ACTIVATION_SIGMOID,    /* 1 / (1 + exp(-z)) */
    WEFT_ACTIVATION_TANH,       /* tanh z */
    WEFT_ACTIVATION_RELU,       /* max(z, 0) (Nair and Hinton 2010) */
    WEFT_ACTIVATION_LEAKY_RELU, /* z if z > 0, else 0.01 z (Maas, Hannun and Ng 2013) */
    WEFT_ACTIVATION_ELU,        /* z if z > 0, else exp(z) - 1 (Clevert, Unterthiner and
                                   Hochreiter 2015) */
    WEFT_ACTIVATION_GELU,       /* z Phi(z), where Phi is the cumulative distribution
                                   function of the standard normal distribution (Hendrycks and
                                   Gimpel 2016) */
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

/* How features are scaled before the first layer. Each mean and std (standard deviation) is
 * computed on the training set and stored in the model. */
enum weft_scale {
    WEFT_SCALE_NONE,
    WEFT_SCALE_STANDARD, /* (x - mean) / std, with the mean and std of each feature */
    WEFT_SCALE_GLOBAL    /* (x - mean) / std, with one mean and one std of all features */
};

/* The distribution of the initial weights of a layer with I inputs and O outputs. It is uniform
 * between -r and r, unless noted. Biases start at 0. */
enum weft_initialization {
    WEFT_INIT_AUTO,        /* chosen by activation: HE for RELU, LEAKY_RELU, ELU, GELU, SILU and
                              MISH; LECUN for SELU; otherwise GLOROT */
    WEFT_INIT_GLOROT,      /* r = sqrt(6 / (I + O)) (Glorot and Bengio 2010) */
    WEFT_INIT_HE,          /* r = sqrt(6 / I) (He, Zhang, Ren and Sun 2015) */
    WEFT_INIT_LECUN,       /* r = sqrt(3 / I) (LeCun, Bottou, Orr and Mueller 1998) */
    WEFT_INIT_UNIFORM,     /* r is `initial_range` of the options */
    WEFT_INIT_ZEROS,       /* all weights are 0; meant for a network without hidden layers */
    WEFT_INIT_UNIFORM_ONE, /* r = 1, as in docs/article.md */
    WEFT_INIT_UNIFORM_UNIT /* uniform between 0 and 1, as in the XOR network of docs/article.md */
};

/* How a step changes a parameter w. Here g is the gradient of the loss plus penalty, and r is the
 * learning rate. The optimizer state (v and m) starts at 0. Step t is counted from 1. The other
 * names are options; mu is `momentum`. */
enum weft_optimizer {
    WEFT_OPTIMIZER_SGD,      /* w -= r g */
    WEFT_OPTIMIZER_MOMENTUM, /* v = mu v + g; w -= r v (Polyak 1964) */
    WEFT_OPTIMIZER_NESTEROV, /* v = mu v + g; w -= r (g + mu v) (Sutskever et al. 2013) */
    WEFT_OPTIMIZER_RMSPROP,  /* v = beta2 v + (1 - beta2) g^2; w -= r g / (sqrt(v) + epsilon)
                                (Hinton 2012) */
    WEFT_OPTIMIZER_ADAM,     /* m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
                                w -= r m' / (sqrt(v') + epsilon) with m' = m / (1 - beta1^t) and
                                v' = v / (1 - beta2^t) in step t (Kingma and Ba 2015) */
    WEFT_OPTIMIZER_ADAMW     /* w -= r weight_decay w, and then the same as ADAM (Loshchilov and
                                Hutter 2019) */
};

/* How the learning rate changes during training. COSINE, ONE_CYCLE and the option `warmup` change
 * the rate with every batch. The other schedules change it only between epochs. */
enum weft_schedule {
    WEFT_SCHEDULE_CONSTANT,
    WEFT_SCHEDULE_STEP,        /* the rate is multiplied by rate_factor every rate_every epochs */
    WEFT_SCHEDULE_EXPONENTIAL, /* the rate is multiplied by rate_factor after every epoch */
    WEFT_SCHEDULE_COSINE, /* the rate falls to min_rate along half a cosine (Loshchilov and Hutter
                             2017) */
    WEFT_SCHEDULE_ONE_CYCLE, /* the rate rises from learning_rate / 25 to learning_rate, then falls
                                to learning_rate / 250000, along half cosines (Smith and Topin
                                2019) */
    WEFT_SCHEDULE_PLATEAU    /* the rate is multiplied by rate_factor after rate_patience + 1 epochs
                                in a row without improvement (see min_delta), but is never below
                                min_rate. A drop by 1e-8 or less is skipped. Needs a validation
                                set */
};

/* The value that early stopping and the plateau schedule watch on the validation set. */
enum weft_monitor {
    WEFT_MONITOR_LOSS,     /* mean loss over the samples, without the penalty; in regression,
                              targets are standardized */
    WEFT_MONITOR_ACCURACY, /* fraction of correct predictions */
    WEFT_MONITOR_MACRO_F1  /* mean F1 over the classes that occur or are predicted; for multilabel,
                              mean F1 over all labels, with 0 where F1 is undefined */
};

/* The engine that computes matrix products (GEMM) on an OpenCL device. The CPU backend uses its
 * BLAS instead. */
enum weft_gemm {
    WEFT_GEMM_AUTO,    /* the fastest engine known for this device */
    WEFT_GEMM_CLBLAST, /* CLBlast or, if none of its kernel parameters give correct results,
                          Weft's own kernels */
    WEFT_GEMM_OWN      /* Weft's own kernels or, if they give wrong results, CLBlast */
};

/* The weight that each class has in the loss. */
enum weft_class_weight {
    WEFT_CLASS_WEIGHT_NONE,     /* 1 for each class */
    WEFT_CLASS_WEIGHT_BALANCED, /* N / (K n), where N is the number of training samples, n is the
                                   number of those in the class, and K is the number of classes that
                                   occur. With sample weights, N and n are sums of weights instead
                                   of counts */
    WEFT_CLASS_WEIGHT_GIVEN     /* the numbers in class_weights */
};

/* If learning_rate, weight_decay or label_smoothing has this value, weft_options_settle replaces it
 * with a value that suits the data. */
#define WEFT_AUTO (-1.0)

enum { WEFT_MAX_HIDDEN = 64, WEFT_MAX_CLASS_WEIGHTS = 256, WEFT_MAX_OPTIONS = 128 };

/* All options of a training run. Fill the struct with weft_options_init, then change members or
 * call weft_options_set.
 *
 * New versions add members at the end. A program that was built with an older weft.h still works
 * with a newer library: `size` tells the library which members the program knows. Members that it
 * does not know have the values of the preset. */
struct weft_options {
    size_t size;                           /* size of this struct; weft_options_init sets it */
    uint64_t given[WEFT_MAX_OPTIONS / 64]; /* internal: the options set by weft_options_set */
    char preset[32];                       /* name of the preset that filled this struct */

    /* The network. weft_model_create reads this whole group. Training functions take the network
     * from the model. Of this group, they read only `dropout`, `input_dropout`, `seed` and `task`;
     * `task` must equal the task of the model. weft_fit also reads `initialization` and
     * `initial_range`. */
    enum weft_task task;
    size_t hidden_count;            /* number of hidden layers, 0 to WEFT_MAX_HIDDEN */
    size_t hidden[WEFT_MAX_HIDDEN]; /* units of each hidden layer, from the input to the output */
    size_t activation_count;        /* 1 (the same for all hidden layers) or hidden_count (one for
                                       each layer) */
    enum weft_activation activation[WEFT_MAX_HIDDEN];
    size_t dropout_count;            /* 0 (no dropout), 1 (the same for all hidden layers) or
                                        hidden_count (one for each layer) */
    double dropout[WEFT_MAX_HIDDEN]; /* dropout rates, at least 0 and below 1. Activations that are
                                        not dropped are divided by 1 - rate (Srivastava et al.
                                        2014) */
    bool batch_norm;      /* batch normalization in each hidden layer: the matrix product is
                             normalized over the batch, and has no bias (Ioffe and Szegedy 2015).
                             Epsilon is 1e-5. In the running statistics, each batch has weight 0.1,
                             and the variance is unbiased; a batch of one sample does not change
                             them */
    double input_dropout; /* dropout rate of the scaled features, at least 0 and below 1 */
    enum weft_head head;
    bool bias;          /* true: each layer without batch norm has a bias */
    bool single_output; /* true: two classes share one output, whose target is the label (0 or 1) */
    enum weft_initialization initialization;
    double initial_range; /* r of WEFT_INIT_UNIFORM */
    uint64_t seed;        /* random seed for initialization, shuffling, dropout and augmentation */

    /* Batches and the learning rate. Words in parentheses name the schedules that use a member. */
    size_t epochs;        /* 0: weft_options_settle chooses it */
    size_t batch_size;    /* samples per batch; 0: `batches` decides */
    size_t batches;       /* number of batches per epoch, of nearly equal size; 0: batch_size
                             decides. If both are 0, weft_options_settle chooses batch_size. At
                             least one of them must be 0 */
    double learning_rate; /* at least 0, or WEFT_AUTO */
    enum weft_schedule schedule;
    double warmup;        /* number of epochs, not necessarily whole, of linear warm-up before the
                             schedule begins */
    double rate_factor;   /* multiplies the learning rate at each drop (step, exponential, plateau);
                             above 0 and at most 1. 0: use 0.95 for exponential, otherwise 0.1 */
    size_t rate_every;    /* epochs between two drops of the learning rate (step) */
    size_t rate_patience; /* the learning rate drops after more than this number of epochs in a row
                             without improvement (plateau) */
    double min_rate;      /* lowest learning rate (cosine, plateau) */
    double rise;          /* fraction of all steps during which the learning rate rises, 0 to 1
                             (one-cycle) */
    double l1, l2;        /* factors of the penalty l1 sum |w| + (l2 / 2) sum w^2, at least 0. The
                             sums are over all weights; biases are exempt */

    /* The optimizer. Words in parentheses name the optimizers that use a member. */
    enum weft_optimizer optimizer;
    double momentum;     /* mu (momentum, nesterov), at least 0 and below 1 */
    double beta1, beta2; /* decay rates of the running means m and v, at least 0 and below 1 (beta1:
                            adam, adamw; beta2: rmsprop, adam, adamw). If beta2 is 0, it becomes
                            0.99 for rmsprop, otherwise 0.999 */
    double epsilon;      /* above 0; keeps the denominator above 0 (rmsprop, adam, adamw) */
    double weight_decay; /* decoupled weight decay (adamw), at least 0, or WEFT_AUTO; biases are
                            exempt */
    double clip_norm;    /* if the norm of the gradient of all parameters together exceeds
                            clip_norm, the gradient is multiplied by clip_norm / (norm + 1e-6). 0:
                            no clipping */
    double ema;          /* decay rate of running averages, below 1. Every parameter and every
                            statistic of batch norm has such an average. After each step, (1 - ema)
                            (value - average) is added to it. Scores and the final model use the
                            averages. 0: no averages */
    enum weft_reduction reduction;

    /* Targets. */
    double label_smoothing; /* e in these formulas; at least 0 and below 1, or WEFT_AUTO. Without
                               smoothing, the target y is 1 for the true class and 0 for the others.
                               With smoothing, it becomes (1 - e) y + e / C (Szegedy et al. 2016).
                               With a single output, and for each label of multilabel, it becomes (1
                               - e) y + e / 2 */
    enum weft_class_weight class_weight; /* how classes are weighted. The loss and the gradient of a
                                            sample are multiplied by the weight of its class and by
                                            the weight of the sample (weft_dataset_set_weights). A
                                            mean loss is the sum of these weighted losses, divided
                                            by the number of samples */
    size_t class_weight_count;           /* must be C if class_weight is
                                            WEFT_CLASS_WEIGHT_GIVEN */
    double class_weights[WEFT_MAX_CLASS_WEIGHTS]; /* one for each class; at least 0, not all 0 */

    /* Augmentation: random changes to training batches. `shift`, `flip` and `erase` need images
     * (see weft_dataset_set_image). They change the images before features are scaled. Blanked
     * pixels become 0, and so do pixels that a shift brings in from outside the image. */
    size_t shift; /* shift each image at random, by at most this number of pixels horizontally and
                     vertically */
    bool flip;    /* mirror a random half of the images, left to right */
    size_t erase; /* blank a square at a random place in each image; this is its side length in
                     pixels */
    double mixup; /* mix pairs of samples, and their targets. The mixing ratio is drawn once per
                     batch from the distribution Beta(mixup, mixup) (Zhang et al. 2018). 0: no
                     mixup */

    bool shuffle; /* true: a new random order of the samples in each epoch */
    enum weft_scale scale;
    bool article_quirks; /* true: compute exactly what the article computes (see docs/article.md).
                            The gradient of the penalty is (l1 + l2) w, and the reported penalty is
                            halved. The reported error contains only one term of the loss, for
                            the true class. Probabilities are the softmax of the sigmoid outputs.
                            Needs the sigmoid head */

    /* Early stopping: training ends after `patience` epochs in a row without improvement. The model
     * gets the weights of the best epoch. Needs a validation set. */
    size_t patience; /* 0: no early stopping */
    enum weft_monitor monitor;
    /* An epoch is an improvement if its monitored value is better than in all earlier epochs by
     * more than min_delta. The plateau schedule uses this too. */
    double min_delta;

    bool warm_start;     /* true: weft_fit starts from the current weights of the model */
    enum weft_gemm gemm; /* the engine of the matrix products */

    size_t check_every;       /* K: compare the results of every Kth batch with those of the
                                 reference; 0: no batch */
    const char *check_bundle; /* name of a file that receives the first batch with wrong results,
                                 for weft_check_replay; NULL: no file. Borrowed */

    /* S: cut each batch into S slices, and add the gradients of the slices in an order that depends
     * only on S. Without batch norm, memory for one slice is enough; with batch norm, memory must
     * hold the whole batch. The training set is divided into S shards of consecutive samples. Slice
     * number s of every batch takes its samples from shard number s. If S does not divide the
     * number of samples in a batch, some slices have one sample more than others, and their shards
     * are larger in proportion. S must not exceed the number of samples in a batch. 0 or 1: batches
     * are not cut. */
    size_t slices;

    /* True: shuffle blocks of consecutive samples, and then shuffle the samples inside each group
     * of 64 shuffled blocks. An epoch then reads a mapped file (see `map` of the data options)
     * block by block, and reads almost no part of the file more than once. Needs `shuffle`.
     * docs/data.md gives the sizes of the blocks. */
    bool shuffle_blocks;

    /* Bytes of host memory that a training run may use, data sets included. Samples that stay in a
     * file do not count; see `map` of the data options. A run normally copies each data set
     * within this memory. If a data set and its copy do not fit, the run streams the data set;
     * see struct weft_training_plan. 0: as much as the machine and its limits allow. */
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
 * Returns WEFT_ERROR_USAGE for an unknown preset. The line of weft_error() then lists the valid
 * presets. */
#define weft_options_init(options, preset)                                                         \
    weft_options_init_sized((options), sizeof *(options), (preset))
WEFT_API WEFT_MUST_CHECK enum weft_status weft_options_init_sized(struct weft_options *options,
                                                                  size_t size, const char *preset);

/* Sets one option from text, for example "hidden" to "128,64", "optimizer" to "adam", or
 * "batch-norm" to "yes". weft_option_describe lists the options. On the command line, options have
 * the same names, after two dashes. The locale does not affect how values are read.
 *
 * The order of calls does not matter, except that "batch-size" and "batches" replace each other.
 * Setting "task" also sets the head that the task needs, and turns label smoothing off for
 * multilabel and regression. With preset "default", setting "task" to "regress" also sets three
 * hidden layers of 128, 128 and 64 units, activation silu and dropout 0.1. But setting "task" never
 * changes an option that the program sets with this function, earlier or later.
 *
 * Returns WEFT_ERROR_USAGE for an unknown option or an invalid value; the options are then
 * unchanged, and the line of weft_error() says what is valid. */
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

/* Checks all members; needs no model and no data. Every function that takes options checks their
 * values. weft_options_check also rejects an option that weft_options_set has set but that has no
 * effect, such as "momentum" with optimizer "adam", or "rise" with schedule "cosine".
 *
 * Returns WEFT_ERROR_USAGE for the first invalid option. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_options_check(const struct weft_options *options);

struct weft_dataset; /* see weft_dataset.h */

/* Replaces these options with values that suit the data: `epochs` if it is 0; `batch_size` if it
 * and `batches` are both 0; `learning_rate`, `weight_decay` and `label_smoothing`, each if it is
 * WEFT_AUTO.
 *
 * Below, N is the number of training samples, and clamp(x, low, high) limits x to the range from
 * low to high. A table is called curved if its task is regress, it has at most 5000 samples, and
 * kernel ridge regression predicts its targets with clearly smaller errors than linear ridge
 * regression does. This comparison uses at most 256 samples. Each method predicts each of them from
 * all the others (docs/recipes.md).
 *
 * - batch_size: clamp(N / 50, 16, 256)
 * - epochs: 20 if N is below 10000, otherwise 30. If this number of epochs has fewer than M batches
 *   in total, `epochs` becomes the smallest number that has at least M batches. For task regress, M
 *   is clamp(2 N, 2000, 4000) if the data is a curved table, otherwise clamp(N, 1000, 4000). For
 *   other tasks, M is clamp(N / 3, 500, 5000)
 * - learning_rate: for task regress, 180 / N, but at most 0.005. For other tasks, 0.003 if N is 64
 *   to 999 and the samples are not images; otherwise 180 / N, but at most 0.01
 * - weight_decay: for task regress, 0.1 if the data is a curved table, otherwise the larger of
 *   clamp((3000 / N)^2, 1/30, 0.3) and clamp((360 / N)^2, 0, 2). For other tasks, it is clamp((3000
 *   / N)^2, 1/30, 1)
 * - label_smoothing: 0.05 for task classify if the samples are images, otherwise 0
 *
 * Every function that takes options and data chooses the same values, but does not store them in
 * the options. Call weft_options_settle if you want to know these values. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_options_settle(struct weft_options *options,
                                                              const struct weft_dataset *train);

/* The commands of the program `weft` that use an option, one bit each. The comments name the
 * library functions that do the same as a command. */
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
    const char *name;         /* such as "learning-rate" */
    const char *help;         /* a short description, without a capital letter or a period */
    const char *placeholder;  /* stands for the value in a help text, such as "RATE"; NULL for a
                                 yes-or-no option */
    const char *group;        /* the heading in a help text, such as "Training" */
    const char *const *words; /* [word_count] the words that are valid values, or NULL if values are
                                 not words */
    size_t word_count;
    unsigned commands;    /* the commands that use the option, bits of enum weft_option_commands */
    bool common;          /* true: belongs in a short help text */
    bool network;         /* true: describes the network, so an existing model fixes the value */
    const char *excludes; /* names of the options that cannot be combined with this one, separated
                             by spaces; or NULL */
    const char *formerly; /* name of this option in earlier versions, or NULL */
    char letter;          /* one-letter form of the option, such as 'o' for -o; or 0 */
    const char *needs;    /* the name of another option, or NULL. If it is not NULL, this option has
                             an effect only if the other option has one of the values in `needed` */
    unsigned needed;      /* bit v stands for the enum value v of the other option;
                             weft_option_word(needs, v) is the word for v */
};

/* Describes option number `index`, counted from 0. Returns NULL beyond the last option. The result
 * is static. */
WEFT_API const struct weft_option_info *weft_option_describe(size_t index);

/* Returns the word for an enum value of an option: weft_option_word("head", WEFT_HEAD_SOFTMAX) is
 * "softmax". Returns NULL for an unknown option or value. */
WEFT_API const char *weft_option_word(const char *name, unsigned value);

/* The description of a preset. */
struct weft_preset_info {
    const char *name;    /* such as "best" */
    const char *summary; /* what the preset is for, in one sentence */
    const char *data;    /* name of the known data set that the preset is made for, such as "xor";
                            or NULL */
};

/* Describes preset number `index`, counted from 0. Returns NULL beyond the last preset. The result
 * is static. */
WEFT_API const struct weft_preset_info *weft_preset_describe(size_t index);

/* Suggests corrections for a mistyped word. Chooses the words in `words` [count] that are most
 * similar to `word`, and writes them into `list` [size]. It puts `prefix` in front of each of them.
 * For example, the list is "--beta1 or --beta2" if `prefix` is "--". The list is "" if no word is
 * similar. */
WEFT_API void weft_suggest(const char *word, const char *const *words, size_t count,
                           const char *prefix, char *list, size_t size);

#ifdef __cplusplus
}
#endif
#endif
