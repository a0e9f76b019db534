/* All that a network needs on an OpenCL device, allocated once. */
#ifndef WEFT_OPENCL_OPENCL_WORKSPACE_H
#define WEFT_OPENCL_OPENCL_WORKSPACE_H

#include "opencl/opencl_data.h"
#include "opencl/product.h"
#include "opencl/step_panels.h"

struct workspace {
    struct opencl_device *device;  /* borrowed */
    const struct network *network; /* borrowed */
    const struct step_plan *plan;  /* how a step runs; static */
    size_t batch;                  /* B: the most rows in a batch */
    size_t slots;
    bool training, sliced;
    bool shares; /* what is marked "shared" belongs to the workspace `first` of the plan */
    enum weft_gemm products;

    cl_mem parameters; /* [value_count] in the layout of struct network; shared */
    cl_mem gradient;   /* [parameter_count] in the same layout; only in training */
    cl_mem *sums;      /* [sum_count] of [parameter_count] in the same layout: sums of gradients of
                          slices; NULL unless the plan is sliced; shared */
    size_t sum_count;
    struct update_range range; /* the values that updates change */
    /* The range of the parameters, of sum 0 and of the states: sub-buffers, or NULL if the range
     * has all values or none; shared. */
    cl_mem range_w, range_dw, range_state[UPDATE_MOST_STATES];
    cl_mem clip; /* [1] factor of the gradient, initially 1; only in training; shared */
    cl_mem state[UPDATE_MOST_STATES]; /* [states] of [value_count]; only in training; shared */
    size_t states;

    /* The matrices of the layers, [layer_count] each. The plan creates those that it uses. */
    cl_mem *q;  /* [B][O]: products; only of layers with batch norm */
    cl_mem *z;  /* [B][O]: pre-activations; `a` itself unless the layer keeps z */
    cl_mem *a;  /* [B][O]: activations; the output layer holds its pre-activation */
    cl_mem *dz; /* [B][O]: deltas; without training only of the output layer */

    struct step_panels panels; /* owned; activations and deltas of small networks; may be empty */
    cl_mem statistics;         /* [statistic_count] batch mean and variance, in the layout of the
                                  running ones; NULL without batch norm or without training; shared */
    cl_mem whole_norm;         /* [statistic_count] gradients of scale and shift of the whole batch,
                                  in the same layout; NULL unless the plan is sliced; shared */
    cl_mem probability;        /* [B][C] */

    cl_mem gathered;        /* [B][D] */
    cl_mem gathered_labels; /* [B] */
    struct target_rule targets;
    cl_mem y;      /* [B][C] targets; NULL if the step reads labels */
    cl_mem weight; /* [B] sample weights; NULL if the step reads labels */
    struct augmentation augmentation;
    cl_mem draws;          /* [B][DRAW_NUMBERS] draws of images; NULL if images are not changed */
    cl_mem row_loss;       /* [B] */
    cl_mem row_correct;    /* [B] uint32 */
    cl_mem partial;        /* launch_partial_size(widest layer); shared */
    cl_mem loss_sums;      /* [slots]; shared */
    cl_mem correct_counts; /* [slots] uint32; shared */
    cl_mem penalty_sums;   /* [slots][2]; shared */
    struct product_workspace product_workspace; /* for the largest matrix product; owned */
    float *host_sums;                           /* [3][slots] owned: downloaded sums */
    uint32_t *host_counts;                      /* [slots] owned */

    /* The current batch: a slice of the data, or a gathered copy. The buffers are borrowed. */
    cl_mem x;        /* [rows][D] from x_offset */
    cl_mem labels;   /* [rows] from labels_first */
    size_t x_offset; /* elements */
    size_t labels_first;
    size_t count;           /* samples in the batch */
    struct batch_draw draw; /* random numbers of the batch */
    bool drawn;             /* false in evaluation, which has no random numbers */
    size_t rows;            /* rows to compute: `count`, or `batch` without training */
};

/* Returns the gradient [parameter_count] that an update uses. */
static inline cl_mem opencl_whole_gradient(const struct workspace *workspace)
{
    return workspace->sums != NULL ? workspace->sums[0] : workspace->gradient;
}

/* ---- the operations of backend.h ---- */

/* opencl_workspace.c */
enum weft_status opencl_workspace_create(struct weft_device *device,
                                         const struct workspace_plan *plan,
                                         struct workspace **workspace);
void opencl_workspace_destroy(struct workspace *workspace);
enum weft_status opencl_workspace_count(struct weft_device *device,
                                        const struct workspace_plan *plan,
                                        struct memory_counts *counts);

/* opencl_transfer.c */
enum weft_status opencl_parameters_upload(struct workspace *workspace, const float *parameters);
enum weft_status opencl_parameters_download(struct workspace *workspace, float *parameters);
enum weft_status opencl_state_upload(struct workspace *workspace, size_t state,
                                     const float *values);
enum weft_status opencl_state_download(struct workspace *workspace, size_t state, float *values);
enum weft_status opencl_sum_download(struct workspace *workspace, size_t sum, float *values);
enum weft_status opencl_sum_upload(struct workspace *workspace, size_t first, size_t count,
                                   const float *values);
enum weft_status opencl_range_download(struct workspace *workspace, float *values);
enum weft_status opencl_metrics_download(struct workspace *workspace, size_t count,
                                         struct batch_metrics *metrics);
enum weft_status opencl_tensor_download(struct workspace *workspace, enum tensor tensor,
                                        size_t layer, float *values);

/* opencl_gather.c */
enum weft_status opencl_batch_gather(struct workspace *workspace, const struct device_data *data,
                                     size_t first, size_t count, const struct batch_draw *draw);

/* opencl_forward.c */
enum weft_status opencl_dense_forward(struct workspace *workspace, size_t layer);

/* opencl_batch_norm.c */
enum weft_status opencl_slice_norm_statistics(struct workspace *workspace, size_t layer,
                                              float *statistics);
enum weft_status opencl_slice_norm_merge(struct workspace *workspace, size_t layer,
                                         const float *statistics, size_t samples);
enum weft_status opencl_slice_norm_forward(struct workspace *workspace, size_t layer);
enum weft_status opencl_slice_norm_gradient(struct workspace *workspace, size_t layer,
                                            float *gradient);
enum weft_status opencl_slice_norm_backward(struct workspace *workspace, size_t layer,
                                            const float *gradient, size_t samples);

/* opencl_output.c */
enum weft_status opencl_output_delta(struct workspace *workspace, const struct loss_rule *rule,
                                     size_t slot);
enum weft_status opencl_output_probabilities(struct workspace *workspace, bool squeeze);

/* opencl_backward.c */
enum weft_status opencl_dense_backward(struct workspace *workspace, size_t layer);

/* opencl_update.c */
enum weft_status opencl_slice_gradient_add(struct workspace *workspace, size_t sum, bool begins);
enum weft_status opencl_sum_clear(struct workspace *workspace, size_t sum);
enum weft_status opencl_sum_add(struct workspace *workspace, size_t into, size_t from);
enum weft_status opencl_network_penalty(struct workspace *workspace, size_t slot);
enum weft_status opencl_update(struct workspace *workspace, const struct update_rule *rule);

/* ---- a part of them, opencl_update.c ---- */

/* Adds up the gradient of the current batch if the plan has left it in pieces. */
enum weft_status opencl_gradient_complete(struct workspace *workspace);

/* ---- the functions of the plan by operation, in the same files; see step_plan.h ---- */

enum weft_status by_operation_forward(struct workspace *workspace, size_t layer);
/* The part of by_operation_forward after the product and batch norm. The launch of the product has
 * run the steps `done`; see product.h. */
enum weft_status opencl_dense_finish(struct workspace *workspace, size_t layer, cl_uint done);
enum weft_status by_operation_losses(struct workspace *workspace, const struct loss_rule *rule);
enum weft_status by_operation_backward(struct workspace *workspace, size_t layer);
enum weft_status by_operation_gradient(struct workspace *workspace, const struct update_rule *rule,
                                       bool *updated);

/* ---- parts of them, opencl_batch_norm.c ---- */

/* Computes the statistics of q of a layer with batch norm. */
enum weft_status opencl_batch_norm_statistics(struct workspace *workspace, size_t layer);
/* Updates the running statistics, unless the batch is a single sample. */
enum weft_status opencl_batch_norm_running(struct workspace *workspace, size_t layer,
                                           size_t samples);
/* Computes z of the layer from its q and the statistics. */
enum weft_status opencl_batch_norm_forward(struct workspace *workspace, size_t layer);
/* Computes the gradients of scale and shift from the delta of the layer, dz. */
enum weft_status opencl_batch_norm_gradient(struct workspace *workspace, size_t layer);
/* Turns dz into dq. */
enum weft_status opencl_batch_norm_backward(struct workspace *workspace, size_t layer);

#endif
