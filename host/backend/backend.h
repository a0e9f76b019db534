/* The operations that a device offers to the training loop, as a table of functions.
 *
 * The table leaves devices free to fuse: one operation may be one kernel or five. All operations
 * are queued in order and return before they have run. Only those named *_download and *_create
 * wait. batch_gather of streamed data waits until an earlier batch is copied.
 *
 * After workspace_create, no device memory is allocated. The first launch of a kernel creates its
 * kernel object (opencl/kernel_call.h).
 *
 * A training workspace whose plan is not by_operation may run batch_gather and all layers in
 * output_delta, or the backward pass in dense_backward of layer 0. So the tensors of batch_gather
 * and dense_forward are valid after output_delta, and the tensors of dense_backward after
 * dense_backward of layer 0.
 *
 * Shapes: B samples in a batch, D features, I inputs and O outputs of a layer, C outputs of the
 * network. All matrices are row-major; weights are [O][I].
 */
#ifndef WEFT_BACKEND_BACKEND_H
#define WEFT_BACKEND_BACKEND_H

#include "backend/update_rule.h"
#include "base/memory_count.h"
#include "data/augmentation.h"
#include "data/bytes.h"
#include "data/scale.h"
#include "network/network.h"

struct record;      /* record/record.h */
struct slice_group; /* train/slice_group.h */
struct record_product;
struct record_tuning;

/* An open device. The device structure of each backend begins with this one. */
struct weft_device {
    const struct backend *backend; /* static */
    struct record *record;         /* owned by weft_device_create; may be NULL */
    weft_log_function *log;        /* receives details for debugging the device; may be NULL */
    void *log_user;
    struct weft_device_info info;
    uint64_t memory_limit;     /* see weft_device_limit_memory; 0: none */
    uint64_t largest_buffer;   /* bytes of the largest possible buffer; 0: unlimited */
    uint64_t peak_bytes;       /* peak size of all its buffers in bytes; 0 if the device has none */
    struct slice_group *group; /* borrowed: the ranks that train together; NULL: this one alone */
    uint64_t known_answers;    /* digest of the plan that last passed the known-answer test, or 0 */
};

struct device_data; /* samples on a device, usually standardized */
struct workspace;   /* parameters, activations and gradients of one network on a device */

struct data_source {
    size_t samples, features;
    const float *x;            /* [N][D] raw, borrowed during data_create; NULL if x_bytes is set */
    const uint8_t *x_bytes;    /* [N][D] the same as bytes, also borrowed; NULL: use x */
    const uint32_t *x_index;   /* [N] sample i is row x_index[i] of x or x_bytes, also borrowed;
                                  NULL: row i */
    enum bytes_known *known;   /* remembers whether all x are bytes; borrowed, may be NULL */
    const int32_t *labels;     /* [N] borrowed during data_create; NULL means all 0 */
    const struct scale *scale; /* applied on the device; NULL or 0 features means none */
    const float *targets;      /* [N][C] borrowed during data_create; NULL means use the labels */
    size_t target_count;       /* C; 0 without targets */
    const float *weights;      /* [N] borrowed during data_create; NULL means all 1 */
    bool images;    /* training may augment these images, so they stay raw and are standardized when
                       gathered */
    bool gathered;  /* every batch is copied, so the samples may be stored as bytes */
    bool streamed;  /* the samples do not fit: x, x_bytes, labels, targets and weights stay borrowed
                       while the data exist, and each batch goes to the device when it is gathered */
    size_t largest; /* if streamed: the most samples in a batch that is gathered */
    size_t taken;   /* if streamed: how many samples of an order are gathered; 0: all N */
};

/* Returns the samples, wherever they lie. */
static inline struct sample_rows data_source_rows(const struct data_source *source)
{
    return (struct sample_rows){.features = source->features,
                                .x = source->x,
                                .bytes = source->x_bytes,
                                .index = source->x_index};
}

/* The targets of a batch: y [B][C] for the outputs, and one weight per sample for its loss and
 * delta. With all members 0, the targets are plain labels. */
struct target_rule {
    bool dense;          /* not plain labels */
    bool each;           /* true: a sample is correct if each output is; false: if the largest
                            output is the right one */
    float share, spread; /* if dense: y = share t + spread, where t is the one-hot label or the
                            target in the data, and share is what label smoothing leaves of t;
                            otherwise y = t */
};

/* The values that an update changes, first .. first + count - 1. `first` is a multiple of 1024. */
struct update_range {
    size_t first, count;
};

struct workspace_plan {
    const struct network *network; /* borrowed for the life of the workspace */
    size_t batch;                  /* largest number of samples in a batch */
    size_t slots;                  /* number of metrics stored until they are downloaded */
    bool training; /* true: computes gradients, for batches of any size up to `batch`; false:
                      forward pass and loss only, with each batch zero-padded to `batch` rows, so
                      that the result for a sample does not depend on the rest of its batch */
    enum weft_gemm products;
    bool by_operation; /* true: steps run operation by operation, whatever else the device offers */
    struct target_rule targets;
    size_t sums; /* above 0: a batch comes in slices, whose gradients are added in so many sums;
                    updates use sum 0 */
    const struct update_range *range; /* borrowed for the call; NULL: updates change all values */
    bool shares; /* true: the workspace of another slice. It shares the parameters, their updates,
                    the metrics and scratch with `first`, whose plan is the same otherwise */
    struct workspace *first; /* borrowed; NULL while memory is counted */
    size_t states; /* arrays of value_count numbers besides the parameters, initially zero (see
                      update_states); the average includes the statistics, and the other arrays
                      stay zero behind the parameters */
    struct augmentation augmentation; /* for batches with a draw; mixup needs dense targets, and
                                         changed images need data that are kept raw */
};

/* Returns the target rule of a plan with valid `share` and `spread`, even for plain labels. */
static inline struct target_rule target_rule_of(const struct workspace_plan *plan)
{
    return plan->targets.dense ? plan->targets : (struct target_rule){.share = 1.0f};
}

/* Returns the range of values that a plan updates: all of them, unless it names a range. */
static inline struct update_range update_range_of(const struct workspace_plan *plan)
{
    return plan->range != NULL ? *plan->range
                               : (struct update_range){.count = plan->network->value_count};
}

/* The seed of the random numbers of a training batch. They depend only on (seed, epoch, batch), on
 * their purpose and on their position in the whole batch. Therefore, they are the same on every
 * device, in every slice and after a resume. */
struct batch_draw {
    uint64_t seed;
    uint32_t epoch; /* counted from 1 */
    uint32_t batch; /* counted from 0 */
    size_t row;     /* place of the first sample in the whole batch; 0 unless it is a slice */
};

/* How the loss of a batch is computed. */
struct loss_rule {
    float delta_factor;   /* dz = delta_factor (p - y): 1 / B for means, 1 for sums */
    bool true_class_only; /* sigmoid head: the article's loss, -log p of the true class only */
};

/* The metrics of a batch in its slot. All sums are from before the update. */
struct batch_metrics {
    float loss;           /* sum over the samples of the batch */
    float weight_abs;     /* sum |w| over all weights; 0 unless penalty_terms ran */
    float weight_squares; /* sum w^2 over all weights; 0 unless penalty_terms ran */
    uint32_t correct;     /* number of correct predictions */
};

enum tensor {
    TENSOR_INPUT,           /* x [B][D]; layer is ignored */
    TENSOR_PRODUCT,         /* q [B][O] of a layer with batch norm */
    TENSOR_STATISTICS,      /* [2][O] mean and variance of q with batch norm; training only */
    TENSOR_PRE_ACTIVATION,  /* z [B][O] of a layer that keeps it */
    TENSOR_ACTIVATION,      /* a [B][O]; for the output layer, its pre-activation */
    TENSOR_DELTA,           /* dz [B][O]; for a layer with batch norm, dq */
    TENSOR_WEIGHT_GRADIENT, /* dw [O][I]; includes the penalty's gradient after update. With a
                               sliced plan, all gradients are the sum of the slices */
    TENSOR_BIAS_GRADIENT,   /* db [O] */
    TENSOR_NORM_GRADIENT,   /* [2][O] gradients of scale and shift of a layer with batch norm */
    TENSOR_TARGET,          /* y [B][C]; layer is ignored; only of dense targets */
    TENSOR_SAMPLE_WEIGHT,   /* [B]; layer is ignored; only of dense targets */
    TENSOR_CLIP,            /* [1] clip of the last update; layer is ignored */
    TENSOR_PROBABILITY      /* p [B][C] after output_probabilities; layer is ignored */
};

struct primitive_call; /* backend/primitive.h */

/* What a repair has changed. */
struct repair_change {
    char wrong[48];      /* what is no longer used: "blocked products", "fused step" */
    char use[96];        /* a list of the replacements for everything that is no longer used */
    const char *setting; /* new setting of the GEMM library; static */
};

/* The choices for a training step; see step_choices below. */
struct step_choices {
    bool fusible;  /* the step can run fused or not; a record_step decides */
    size_t layers; /* this many layers, counted from the input, run separate matrix products if
                      the step is not fused */
};

struct backend {
    const char *name; /* "opencl", "cpu" */

    void (*device_destroy)(struct weft_device *device);

    /* Waits for all queued operations. Training does not need it, because it waits for its
     * metrics. */
    enum weft_status (*device_wait)(struct weft_device *device);

    /* Uploads samples and standardizes them on the device, unless they are streamed. Returns
     * WEFT_ERROR_DEVICE with the needed and available bytes if they do not fit. */
    enum weft_status (*data_create)(struct weft_device *device, const struct data_source *source,
                                    struct device_data **data);
    void (*data_destroy)(struct device_data *data);
    /* Counts the memory that data_create would allocate. */
    enum weft_status (*data_count)(struct weft_device *device, const struct data_source *source,
                                   struct memory_counts *counts);

    /* Sets the order in which batches draw samples. `order` [N] is copied; NULL means file order.
     * Streamed data do not copy it: `order` stays borrowed until the next call. */
    enum weft_status (*order_upload)(struct device_data *data, const uint32_t *order);

    /* Allocates everything that a network needs on the device. The parameters are undefined until
     * they are uploaded. Returns WEFT_ERROR_DEVICE with the needed and available bytes if they do
     * not fit. */
    enum weft_status (*workspace_create)(struct weft_device *device,
                                         const struct workspace_plan *plan,
                                         struct workspace **workspace);
    void (*workspace_destroy)(struct workspace *workspace);
    /* Counts the memory that workspace_create would allocate. */
    enum weft_status (*workspace_count)(struct weft_device *device,
                                        const struct workspace_plan *plan,
                                        struct memory_counts *counts);

    /* Transfer parameters [network.value_count] in the layout of struct network: the parameters,
     * followed by the statistics. */
    enum weft_status (*parameters_upload)(struct workspace *workspace, const float *parameters);
    enum weft_status (*parameters_download)(struct workspace *workspace, float *parameters);
    /* Transfer values [value_count] of array `state` of the optimizer state or the average; see
     * update_states. */
    enum weft_status (*state_upload)(struct workspace *workspace, size_t state,
                                     const float *values);
    enum weft_status (*state_download)(struct workspace *workspace, size_t state, float *values);

    /* Makes the samples first .. first + count - 1 of the order the current batch. `data` is
     * borrowed until the next gather. If `draw` is not NULL, the batch is for training; `draw` is
     * copied. If `draw` is NULL, the batch is for evaluation, and nothing is random. */
    enum weft_status (*batch_gather)(struct workspace *workspace, const struct device_data *data,
                                     size_t first, size_t count, const struct batch_draw *draw);
    /* Computes z = a_below W' + b and a = activation(z); layer 0 reads the batch.
     *
     * In a training workspace, batch norm uses the statistics of the batch. They also update the
     * running statistics, unless the batch is a single sample. In any other workspace, batch norm
     * uses the running statistics.
     */
    enum weft_status (*dense_forward)(struct workspace *workspace, size_t layer);
    /* Stores the loss and the number of correct predictions of the batch in `slot`. In a training
     * workspace, also computes the delta of the output layer. */
    enum weft_status (*output_delta)(struct workspace *workspace, const struct loss_rule *rule,
                                     size_t slot);
    /* Computes dw = dz' a_below and db = column sums of dz. Above layer 0, also computes dz_below =
     * (dz W) a'(z_below). If the layer below has batch norm, its backward pass follows, which also
     * computes the gradients of its scale and shift. */
    enum weft_status (*dense_backward)(struct workspace *workspace, size_t layer);
    /* Adds the gradient of the current batch to a sum, or begins the sum with it. The gradient is
     * undefined afterward. The plan must be sliced. Workspaces that share parameters have the same
     * sums. */
    enum weft_status (*gradient_add)(struct workspace *workspace, size_t sum, bool begins);
    /* Sets a sum to -0, which changes no number that is added to it. */
    enum weft_status (*sum_clear)(struct workspace *workspace, size_t sum);
    /* Adds sum `from` to sum `into`. */
    enum weft_status (*sum_add)(struct workspace *workspace, size_t into, size_t from);
    /* Waits for all queued operations, and then downloads a sum [parameter_count]. */
    enum weft_status (*sum_download)(struct workspace *workspace, size_t sum, float *values);
    /* Replaces the numbers first .. first + count - 1 of sum 0. */
    enum weft_status (*sum_upload)(struct workspace *workspace, size_t first, size_t count,
                                   const float *values);
    /* Waits for all queued operations, and then downloads the values of plan.range to the same
     * places of values [value_count]. */
    enum weft_status (*range_download)(struct workspace *workspace, float *values);
    /* Return the sum or the parameters themselves, if they are in the memory of the host.
     * Otherwise, the members are NULL. A sum is valid until the next gradient_add. */
    float *(*sum_in_place)(struct workspace *workspace, size_t sum);
    float *(*parameters_in_place)(struct workspace *workspace);
    /* The following five run a layer with batch norm if the plan is sliced. Its dense_forward has
     * three parts, because the statistics of all slices merge.
     *
     * Computes q, and downloads its mean and variance [2][O] over the slice. */
    enum weft_status (*norm_statistics)(struct workspace *workspace, size_t layer,
                                        float *statistics);
    /* Sets the mean and variance [2][O] of the whole batch, of `samples` samples, for all
     * workspaces that share parameters, and updates the running statistics unless the batch is a
     * single sample. */
    enum weft_status (*norm_merge)(struct workspace *workspace, size_t layer,
                                   const float *statistics, size_t samples);
    /* Computes z and a of the slice. */
    enum weft_status (*norm_forward)(struct workspace *workspace, size_t layer);
    /* Downloads the gradients of scale and shift [2][O] over the slice. dense_backward of the layer
     * above has computed them, and left dz of this layer as it was before batch norm. */
    enum weft_status (*norm_gradient)(struct workspace *workspace, size_t layer, float *gradient);
    /* Computes dq of the slice from the gradients of scale and shift [2][O] of the whole batch, of
     * `samples` samples. */
    enum weft_status (*norm_backward)(struct workspace *workspace, size_t layer,
                                      const float *gradient, size_t samples);
    /* Stores the sums of |w| and w^2 over the current weights in `slot`. */
    enum weft_status (*penalty_terms)(struct workspace *workspace, size_t slot);
    /* Adds the gradient of the penalty, and then updates the parameters, the optimizer state and
     * the average. With plan.range, the gradient must be complete there, and everywhere if
     * rule->clip_norm is not 0. */
    enum weft_status (*update)(struct workspace *workspace, const struct update_rule *rule);
    /* Computes the probabilities p of the head for the batch. With `squeeze`, computes the softmax
     * of the sigmoid outputs instead. */
    enum weft_status (*output_probabilities)(struct workspace *workspace, bool squeeze);

    /* Waits for all queued operations, and then downloads the first `count` slots. */
    enum weft_status (*metrics_download)(struct workspace *workspace, size_t count,
                                         struct batch_metrics *metrics);
    /* Waits for all queued operations, and then downloads a tensor: the rows of the current batch
     * without padding, or a whole gradient. */
    enum weft_status (*tensor_download)(struct workspace *workspace, enum tensor tensor,
                                        size_t layer, float *values);

    /* Runs one primitive on host arrays with the launcher that training uses. Downloads every array
     * completely. */
    enum weft_status (*primitive_run)(struct weft_device *device,
                                      const struct primitive_call *call);

    /* Replaces the engine of the last matrix product by the next engine. With `step`, replaces
     * the engine of the last training step; the last choice is then the step by operation.
     * `change` tells what changed. Existing workspaces must not be used any more. Returns
     * WEFT_ERROR_WRONG_RESULT if no engine is left. The member is NULL if there is only one
     * engine. */
    enum weft_status (*repair)(struct weft_device *device, bool step, struct repair_change *change);

    /* Stores the engine of choice number `index` for a matrix product of the given shape in
     * product->engine. `*setting` receives the setting that the device needs for it, a static
     * string, or "" for none. Returns false if `index` is beyond the last choice. If there is only
     * one choice, the members product_algorithm, step_choices and tuning_apply are NULL. */
    bool (*product_algorithm)(struct weft_device *device, size_t index,
                              struct record_product *product, const char **setting);

    /* Returns how many layers, counted from the input, run matrix products of their own in a
     * training step of the plan. If all do, the step runs operation by operation, as primitives.
     * The member is NULL if every step does. */
    size_t (*step_product_layers)(const struct weft_device *device,
                                  const struct workspace_plan *plan);

    /* Returns a set of primitive_bit: which of bias_add, layer_forward, dropout, layer_backward and
     * bias_gradient the layers launch if they run by operation, because their matrix products do
     * not do them in the same launch. The member is NULL if the layers launch all that they
     * have. */
    uint64_t (*layer_primitives)(const struct weft_device *device,
                                 const struct workspace_plan *plan);

    /* Tells how a training step of the plan may run. Of the plan, it reads the network, the batch
     * and whether targets are dense. */
    void (*step_choices)(struct weft_device *device, const struct workspace_plan *plan,
                         struct step_choices *choices);

    /* Applies a tuning to matrix products and steps under `auto`. A device does the same with its
     * record when it is opened. Existing workspaces must not be used any more. Returns
     * WEFT_ERROR_DEVICE if the setting does not fit the device. */
    enum weft_status (*tuning_apply)(struct weft_device *device,
                                     const struct record_tuning *tuning);
};

#endif
