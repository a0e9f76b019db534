/* The objects of the CPU backend: samples, and one network with all its arrays. Private to
 * host/cpu. */
#ifndef WEFT_CPU_WORKSPACE_H
#define WEFT_CPU_WORKSPACE_H

#include "backend/backend.h"

/* Copies of the arrays of a data set. Streamed data have none. */
struct sample_copies {
    float *x;
    int32_t *labels;
    float *targets, *weights;
    uint32_t *order;
};

struct device_data {
    size_t samples, features;
    struct sample_copies owned;
    float *mean, *std; /* [D] owned, for raw samples; NULL if x is standardized */

    /* What batches come from: the copies above, or the arrays of the source. */
    const float *x;        /* [N][D]; standardized if `mean` is NULL */
    const uint8_t *bytes;  /* [N][D] raw; NULL: use x */
    const uint32_t *index; /* [N] sample i is row index[i] of x or bytes; NULL: row i */
    const int32_t *labels; /* [N]; NULL means all 0 */
    const float *targets;  /* [N][C]; NULL if the labels define the targets */
    const float *weights;  /* [N] weight of each sample; NULL means all 1 */
    const uint32_t *order; /* [N]; NULL means file order */
};

/* What training steps in parts need; see cpu_parts.c. Arrays are owned, and NULL without parts. */
struct cpu_parts {
    float *gradients; /* [parts][parameter_count] */
    float **forward;  /* [layer_count] packed weights of the forward pass */
    float **delta;    /* [layer_count] packed weights of the deltas; NULL for layer 0 */
    float **matrices; /* [parts][3][layer_count] a, z and dz of a part; borrowed from the layers */
    float *scratch;   /* [parts][scratch_size] */
    size_t scratch_size;
    const struct device_data *data; /* borrowed: the source of the current batch */
    size_t first;                   /* the number of its first sample there */
};

struct workspace {
    const struct network *network; /* borrowed from the plan */
    size_t batch, slots;
    bool training, sliced;
    bool shares; /* what is marked "shared" belongs to the workspace `first` of the plan */

    float *parameters; /* [value_count] owned, shared, layout of struct network */
    float *gradient;   /* [parameter_count] owned, same layout; NULL unless training */
    /* [sum_count] of [parameter_count] owned, same layout: sums of gradients of slices; NULL unless
     * the plan is sliced; shared. A sum that begins swaps its array with that of the gradient. */
    float **sums;
    size_t sum_count;
    struct update_range range;        /* the values that updates change */
    float *state[UPDATE_MOST_STATES]; /* [states] of [value_count] owned, shared */
    size_t states;
    float clip; /* factor by which the last update scaled the gradient; 1 before any */
    /* [layer_count] owned: the packed weights for cpu_block_product; NULL in training */
    float **panels;
    /* owned, shared: panels for the largest cpu_product of training; NULL otherwise */
    float *scratch;

    float *rows_copy;     /* [batch][D] owned, used if the batch is not a view */
    int32_t *labels_copy; /* [batch] owned, used if the batch is not a view */

    /* The current batch: a view into the data, or the copies above. */
    const float *x;        /* [rows][D] */
    const int32_t *labels; /* [count] */
    struct target_rule targets;
    float *y;      /* [batch][C] owned, targets */
    float *weight; /* [batch] owned; weight of each sample */
    struct augmentation augmentation;
    /* [batch][DRAW_NUMBERS] owned, for image augmentation; NULL without it */
    int32_t *draws;
    size_t count;           /* samples in the batch */
    size_t rows;            /* rows to compute: `count`, or `batch` with the rest zero */
    struct batch_draw draw; /* identifies the random numbers of the batch */
    bool drawn;             /* whether `draw` is valid; false in evaluation */

    /* [layer_count] of [batch][O] owned: matrix products of layers with batch normalization; NULL
     * without it */
    float **q;
    /* [statistic_count] owned, shared: batch mean and variance, laid out like the running
     * statistics; only in training */
    float *statistics;
    /* [layer_count] of [batch][O] owned: pre-activations. If the slope follows from `a`, z is the
     * same array as the layer's `a`, which is then computed in place. */
    float **z;
    float **a;          /* [layer_count] of [batch][O] owned */
    float **dz;         /* [layer_count] of [batch][O] owned; without training only the last */
    float *loss;        /* [batch] owned */
    uint32_t *correct;  /* [batch] owned */
    float *probability; /* [batch][C] owned */

    struct batch_metrics *metrics; /* [slots] owned, shared */

    struct cpu_parts parts;
};

/* A layer of a workspace, for pieces of loops over its rows. */
struct workspace_layer {
    struct workspace *workspace;
    size_t layer;
};

/* Returns the input of layer `layer`, [rows][I]. */
static inline const float *cpu_layer_input(const struct workspace *workspace, size_t layer)
{
    return layer == 0 ? workspace->x : workspace->a[layer - 1];
}

/* Returns the gradient [parameter_count] that an update uses. */
static inline float *cpu_whole_gradient(const struct workspace *workspace)
{
    return workspace->sums != NULL ? workspace->sums[0] : workspace->gradient;
}

/* ---- the operations of backend.h ---- */

/* cpu_data.c */
WEFT_MUST_CHECK enum weft_status cpu_data_create(struct weft_device *device,
                                                 const struct data_source *source,
                                                 struct device_data **data);
void cpu_data_destroy(struct device_data *data);
WEFT_MUST_CHECK enum weft_status cpu_data_count(struct weft_device *device,
                                                const struct data_source *source,
                                                struct memory_counts *counts);
WEFT_MUST_CHECK enum weft_status cpu_order_upload(struct device_data *data, const uint32_t *order);

/* cpu_workspace.c */
WEFT_MUST_CHECK enum weft_status cpu_workspace_create(struct weft_device *device,
                                                      const struct workspace_plan *plan,
                                                      struct workspace **workspace);
void cpu_workspace_destroy(struct workspace *workspace);
WEFT_MUST_CHECK enum weft_status cpu_workspace_count(struct weft_device *device,
                                                     const struct workspace_plan *plan,
                                                     struct memory_counts *counts);

/* cpu_transfer.c */
WEFT_MUST_CHECK enum weft_status cpu_parameters_upload(struct workspace *workspace,
                                                       const float *parameters);
WEFT_MUST_CHECK enum weft_status cpu_parameters_download(struct workspace *workspace,
                                                         float *parameters);
WEFT_MUST_CHECK enum weft_status cpu_state_upload(struct workspace *workspace, size_t state,
                                                  const float *values);
WEFT_MUST_CHECK enum weft_status cpu_state_download(struct workspace *workspace, size_t state,
                                                    float *values);
WEFT_MUST_CHECK enum weft_status cpu_sum_download(struct workspace *workspace, size_t sum,
                                                  float *values);
WEFT_MUST_CHECK enum weft_status cpu_sum_upload(struct workspace *workspace, size_t first,
                                                size_t count, const float *values);
WEFT_MUST_CHECK enum weft_status cpu_range_download(struct workspace *workspace, float *values);
float *cpu_sum_in_place(struct workspace *workspace, size_t sum);
float *cpu_parameters_in_place(struct workspace *workspace);
WEFT_MUST_CHECK enum weft_status cpu_metrics_download(struct workspace *workspace, size_t count,
                                                      struct batch_metrics *metrics);
WEFT_MUST_CHECK enum weft_status cpu_tensor_download(struct workspace *workspace,
                                                     enum tensor tensor, size_t layer,
                                                     float *values);

/* cpu_gather.c */
WEFT_MUST_CHECK enum weft_status cpu_batch_gather(struct workspace *workspace,
                                                  const struct device_data *data, size_t first,
                                                  size_t count, const struct batch_draw *draw);

/* cpu_forward.c */
WEFT_MUST_CHECK enum weft_status cpu_dense_forward(struct workspace *workspace, size_t layer);

/* cpu_batch_norm.c */
WEFT_MUST_CHECK enum weft_status cpu_slice_norm_statistics(struct workspace *workspace,
                                                           size_t layer, float *statistics);
WEFT_MUST_CHECK enum weft_status cpu_slice_norm_merge(struct workspace *workspace, size_t layer,
                                                      const float *statistics, size_t samples);
WEFT_MUST_CHECK enum weft_status cpu_slice_norm_forward(struct workspace *workspace, size_t layer);
WEFT_MUST_CHECK enum weft_status cpu_slice_norm_gradient(struct workspace *workspace, size_t layer,
                                                         float *gradient);
WEFT_MUST_CHECK enum weft_status cpu_slice_norm_backward(struct workspace *workspace, size_t layer,
                                                         const float *gradient, size_t samples);

/* cpu_output.c */
WEFT_MUST_CHECK enum weft_status cpu_output_delta(struct workspace *workspace,
                                                  const struct loss_rule *rule, size_t slot);
WEFT_MUST_CHECK enum weft_status cpu_output_probabilities(struct workspace *workspace,
                                                          bool squeeze);

/* cpu_backward.c */
WEFT_MUST_CHECK enum weft_status cpu_dense_backward(struct workspace *workspace, size_t layer);

/* cpu_update.c */
WEFT_MUST_CHECK enum weft_status cpu_slice_gradient_add(struct workspace *workspace, size_t sum,
                                                        bool begins);
WEFT_MUST_CHECK enum weft_status cpu_sum_clear(struct workspace *workspace, size_t sum);
WEFT_MUST_CHECK enum weft_status cpu_sum_add(struct workspace *workspace, size_t into, size_t from);
WEFT_MUST_CHECK enum weft_status cpu_network_penalty(struct workspace *workspace, size_t slot);
WEFT_MUST_CHECK enum weft_status cpu_update(struct workspace *workspace,
                                            const struct update_rule *rule);

/* cpu_primitives.c */
WEFT_MUST_CHECK enum weft_status cpu_primitive_run(struct weft_device *device,
                                                   const struct primitive_call *call);

/* ---- parts of dense_forward and dense_backward, cpu_batch_norm.c ---- */

/* Computes the statistics of q of a layer with batch norm. */
void cpu_batch_norm_statistics(struct workspace *workspace, size_t layer);
/* Updates the running statistics, unless the batch is a single sample. */
void cpu_batch_norm_running(struct workspace *workspace, size_t layer, size_t samples);
/* Computes z of the layer from its q and the statistics. */
void cpu_batch_norm_forward(struct workspace *workspace, size_t layer);
/* Computes the gradients of scale and shift from the delta of the layer, dz. */
void cpu_batch_norm_gradient(struct workspace *workspace, size_t layer);
/* Turns dz into dq, with the gradients of scale and shift of a batch of `samples` samples. */
void cpu_batch_norm_backward(struct workspace *workspace, size_t layer, size_t samples,
                             const float *dscale, const float *dshift);

/* ---- parts of operations, for cpu_parts.c ---- */

/* The part of batch_gather that fills the arrays of the batch, cpu_gather.c */
void cpu_samples_gather(struct workspace *workspace, const struct device_data *data, size_t first,
                        size_t count);
/* Computes a layer without batch norm, from packed weights, cpu_forward.c */
void cpu_packed_forward(struct workspace *workspace, size_t layer, const float *panels);
/* Fills dz of the output layer, and the loss and the correct flag of each sample, cpu_output.c */
void cpu_row_losses(struct workspace *workspace, const struct loss_rule *rule);
/* Computes dz of the layer below, which has no batch norm, from packed weights, cpu_backward.c */
void cpu_packed_delta(struct workspace *workspace, size_t layer, const float *panels);

/* ---- cpu_parts.c ---- */

/* Returns whether the training steps of a plan run in parts if a batch has enough samples. Large
 * networks do not. Batch norm and mixup need the whole batch. Without fused multiply-adds, the BLAS
 * is faster. */
bool cpu_parts_take(const struct workspace_plan *plan);

/* Allocates the arrays of struct cpu_parts, or counts them. Does nothing if the largest batch is
 * too small for parts. */
WEFT_MUST_CHECK enum weft_status cpu_parts_allocate(struct workspace *workspace,
                                                    struct memory_count *count);
void cpu_parts_free(struct workspace *workspace);

/* Returns whether the current batch, whose size is known, runs in parts. */
bool cpu_parts_in_use(const struct workspace *workspace);

/* Gathers the current batch, and computes its losses and its gradient. */
void cpu_parts_run(struct workspace *workspace, const struct loss_rule *rule);

/* ---- cpu_forward.c ---- */

/* The part of dense_forward after the product and batch norm. */
void cpu_dense_finish(struct workspace *workspace, size_t layer);

#endif
