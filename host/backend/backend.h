/* What a device offers to the training loop: a table of operations, and nothing else.
 *
 * The table is cut where a device may fuse: an operation can be one kernel or five. All operations
 * are queued in order and return before they have run, except the ones named *_download and
 * *_create, which wait.
 *
 * No memory of the device is allocated after workspace_create, but in two places of the OpenCL
 * backend, both for CLBlast's products: the first batch_gather of data may make views of its
 * batches and a second copy of its samples, turned (opencl/batch_views.h), and a gradient of
 * weights that tuning has cut into slices allocates inside CLBlast at each call
 * (opencl/products_split.h). Kernel objects are made as they are first launched
 * (opencl/kernel_call.h).
 *
 * A training workspace may put work off: tensors of dense_forward are there after output_delta,
 * those of dense_backward after that of layer 0.
 *
 * Shapes: B samples in a batch, D features, I and O inputs and outputs of a layer, C outputs of the
 * network; all matrices row-major, weights [O][I].
 */
#ifndef WEFT_BACKEND_BACKEND_H
#define WEFT_BACKEND_BACKEND_H

#include "backend/update_rule.h"
#include "data/augmentation.h"
#include "data/scale.h"
#include "network/network.h"

struct record; /* record/record.h */
struct record_product;
struct record_tuning;

/* A device that is open. Backends begin their own device structure with this one. */
struct weft_device {
    const struct backend *backend; /* static */
    struct record *record;         /* owned by weft_device_create; NULL: none, as in tests */
    weft_log_function *log;        /* what a person debugging the device wants; may be NULL */
    void *log_user;
    struct weft_device_info info;
    uint64_t peak_bytes;    /* most bytes of its buffers that existed at once; 0: it has none */
    uint64_t known_answers; /* digest of the plan that the known-answer test last passed; 0: none */
};

struct device_data; /* samples on a device, standardized */
struct workspace;   /* parameters, activations, gradients of one network on a device */

struct data_source {
    size_t samples, features;
    const float *x;            /* [N][D] raw, borrowed during data_create */
    const int32_t *labels;     /* [N] borrowed during data_create; NULL: all 0 */
    const struct scale *scale; /* applied on the device; NULL or 0 features: none */
    const float *targets;      /* [N][C] borrowed during data_create; NULL: the labels say them */
    size_t target_count;       /* C; 0 without targets */
    bool images; /* a training may change them: they stay raw, and are standardized when gathered */
    bool gathered; /* no batch is a slice of them: what is copied anyway may lie there as bytes */
};

/* The targets of a batch where its labels alone do not say them: y [B][C] of the outputs, and a
 * weight for the loss and the delta of each sample. All zeros: plain labels. */
struct target_rule {
    bool dense;         /* y and weights are made; without, the rest is ignored */
    bool each;          /* a sample is right where each output is; else where the largest one is */
    float keep, spread; /* y = keep t + spread, t the one-hot label or the data's targets */
    const float *class_weights; /* [C], of a single output [2]; NULL: all 1. Borrowed during
                                   workspace_create */
};

struct workspace_plan {
    const struct network *network; /* borrowed for the life of the workspace */
    size_t batch;                  /* largest number of samples in a batch */
    size_t slots;                  /* metrics kept until they are downloaded */
    bool training; /* true: gradients, batches of any size up to `batch`. false: forward and loss
                      alone, every batch zero-padded to `batch` rows, so that the result for a
                      sample does not depend on its company */
    enum weft_gemm products;
    struct target_rule targets;
    size_t states; /* arrays of value_count beside the parameters, zero at first: what the updates
                      keep, see update_states. An average is of the statistics, too; the others
                      stay zero behind the parameters */
    struct augmentation augmentation; /* of batches with a draw; mixup needs dense targets, changed
                                         images data that are kept raw */
};

/* What the random numbers of a batch in training are drawn from: (seed, epoch, batch) and their
 * purpose and place, nothing else, so that they are the same on every device and after a resume. */
struct batch_draw {
    uint64_t seed;
    uint32_t epoch; /* from 1 */
    uint32_t batch; /* from 0 */
};

/* How a batch is judged. */
struct loss_rule {
    float delta_factor;   /* dz = delta_factor (p - y): 1 / B for means, 1 for sums */
    bool true_class_only; /* sigmoid head: the article's loss, -log p of the true class alone */
};

/* What a batch left in its slot, all sums before the update. */
struct batch_metrics {
    float loss;           /* sum over the samples of the batch */
    float weight_abs;     /* sum |w| over all weights; 0 unless penalty_terms ran */
    float weight_squares; /* sum w^2 over all weights; likewise */
    uint32_t correct;     /* samples whose class is predicted right */
};

enum tensor {
    TENSOR_INPUT,           /* x [B][D], layer ignored */
    TENSOR_PRODUCT,         /* q [B][O] of a layer with batch norm */
    TENSOR_STATISTICS,      /* [2][O] mean and variance of q, likewise; in training */
    TENSOR_PRE_ACTIVATION,  /* z [B][O] of a layer that keeps it */
    TENSOR_ACTIVATION,      /* a [B][O]; of the output layer its pre-activation */
    TENSOR_DELTA,           /* dz [B][O], of a layer with batch norm dq */
    TENSOR_WEIGHT_GRADIENT, /* dw [O][I], with the penalty's after update */
    TENSOR_BIAS_GRADIENT,   /* db [O] */
    TENSOR_NORM_GRADIENT,   /* [2][O] of scale and shift of a layer with batch norm */
    TENSOR_TARGET,          /* y [B][C], layer ignored; of a plan with dense targets */
    TENSOR_SAMPLE_WEIGHT,   /* [B], likewise */
    TENSOR_CLIP,            /* [1] what the last update scaled the gradient by, layer ignored */
    TENSOR_PROBABILITY      /* p [B][C], layer ignored; after output_probabilities */
};

struct primitive_call; /* backend/primitive.h */

/* Names of the settings that gave and took the place; static. */
struct products_change {
    const char *from, *to;
};

struct backend {
    const char *name; /* "opencl", "cpu" */

    void (*device_destroy)(struct weft_device *device);

    /* Waits for everything queued. Training has no use for it: it waits for its metrics. */
    enum weft_status (*device_wait)(struct weft_device *device);

    /* Samples onto the device, standardized there. WEFT_ERROR_DEVICE with needed and available
     * bytes where they do not fit. */
    enum weft_status (*data_create)(struct weft_device *device, const struct data_source *source,
                                    struct device_data **data);
    void (*data_destroy)(struct device_data *data);

    /* The order in which batches draw samples: `order` [N], copied before return; NULL: file order.
     */
    enum weft_status (*order_upload)(struct device_data *data, const uint32_t *order);

    /* Everything a network needs on the device, allocated once. Parameters are undefined until
     * uploaded. WEFT_ERROR_DEVICE with needed and available bytes where it does not fit. */
    enum weft_status (*workspace_create)(struct weft_device *device,
                                         const struct workspace_plan *plan,
                                         struct workspace **workspace);
    void (*workspace_destroy)(struct workspace *workspace);

    /* parameters [network.value_count] in the layout of struct network: the statistics are behind
     * them. */
    enum weft_status (*parameters_upload)(struct workspace *workspace, const float *parameters);
    enum weft_status (*parameters_download)(struct workspace *workspace, float *parameters);
    /* What the updates keep: values [value_count] of array `state`, see update_states. */
    enum weft_status (*state_upload)(struct workspace *workspace, size_t state,
                                     const float *values);
    enum weft_status (*state_download)(struct workspace *workspace, size_t state, float *values);

    /* The batch becomes the samples first .. first + count - 1 of the order. `data` is borrowed
     * until the next gather. `draw`, copied, makes it a batch to train with; NULL: the network is
     * evaluated, nothing is random. */
    enum weft_status (*batch_gather)(struct workspace *workspace, const struct device_data *data,
                                     size_t first, size_t count, const struct batch_draw *draw);
    /* z = a_below W' + b, a = activation(z); layer 0 reads the batch. Batch norm takes its
     * statistics from the batch in a training workspace, where they also enter the running ones
     * unless the batch is a single sample; elsewhere the running ones. */
    enum weft_status (*dense_forward)(struct workspace *workspace, size_t layer);
    /* Loss and correct count of the batch into `slot`; in a training workspace also the delta of
     * the output layer. */
    enum weft_status (*output_delta)(struct workspace *workspace, const struct loss_rule *rule,
                                     size_t slot);
    /* dw = dz' a_below, db = column sums of dz, and, above layer 0, dz_below = (dz W) a'(z_below),
     * taken on through its batch norm, where the gradients of scale and shift fall out. */
    enum weft_status (*dense_backward)(struct workspace *workspace, size_t layer);
    /* Sums |w| and w^2 of the present weights into `slot`. */
    enum weft_status (*penalty_terms)(struct workspace *workspace, size_t slot);
    /* The penalty's gradient, then the parameters and what the update keeps. */
    enum weft_status (*update)(struct workspace *workspace, const struct update_rule *rule);
    /* p of the head for the batch; `squeeze`: the softmax of the sigmoid outputs instead. */
    enum weft_status (*output_probabilities)(struct workspace *workspace, bool squeeze);

    /* Waits for everything queued; then the first `count` slots. */
    enum weft_status (*metrics_download)(struct workspace *workspace, size_t count,
                                         struct batch_metrics *metrics);
    /* Waits; then the rows of the present batch (not its padding), or the whole gradient. */
    enum weft_status (*tensor_download)(struct workspace *workspace, enum tensor tensor,
                                        size_t layer, float *values);

    /* Runs one primitive on host arrays through the launcher that training uses. All arrays are
     * downloaded again, whole. */
    enum weft_status (*primitive_run)(struct weft_device *device,
                                      const struct primitive_call *call);

    /* Puts another choice of product kernels in force where the last product of primitive_run was
     * CLBlast's, `change` says which: its next setting, at last Weft's own kernels; workspaces made
     * before are not to be used any more. WEFT_ERROR_WRONG_RESULT: none is left. NULL: there is
     * only one.
     */
    enum weft_status (*products_repair)(struct weft_device *device, struct products_change *change);

    /* Runs training steps by operation from now on where one kernel stood for several of them;
     * workspaces made before are not to be used any more. False: they do so already. NULL: always.
     */
    bool (*step_repair)(struct weft_device *device);

    /* The engine of way number `index` to compute the product of the given shape, into
     * product->engine; `*setting` is what the device is to be set to for it, "" for none, static.
     * False beyond the last. NULL, as tuning_apply then: there is only one way. */
    bool (*product_way)(struct weft_device *device, size_t index, struct record_product *product,
                        const char **setting);

    /* Puts what was tuned in force for products and steps under `auto`, as a device does with its
     * record when it is opened; workspaces made before are not to be used any more.
     * WEFT_ERROR_DEVICE: the setting does not fit. */
    enum weft_status (*tuning_apply)(struct weft_device *device,
                                     const struct record_tuning *tuning);
};

#endif
