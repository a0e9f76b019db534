/* Everything one network needs on an OpenCL device, allocated once. */
#ifndef WEFT_OPENCL_OPENCL_WORKSPACE_H
#define WEFT_OPENCL_OPENCL_WORKSPACE_H

#include "opencl/batch_views.h"
#include "opencl/fused.h"
#include "opencl/middle.h"
#include "opencl/opencl_data.h"

struct workspace {
    struct opencl_device *device;  /* borrowed */
    const struct network *network; /* borrowed */
    size_t batch;                  /* B: rows that the buffers hold */
    size_t slots;
    bool training;
    enum weft_gemm products;

    struct fused *fused;       /* owned; the training step of a small network, else NULL */
    struct middle *middle;     /* owned; likewise, of a GPU */
    bool fused_summed;         /* the gradient of either has been added up */
    struct batch_views *views; /* owned; of CLBlast's products, else NULL */

    cl_mem parameters; /* [value_count], layout of struct network */
    cl_mem gradient;   /* [parameter_count] likewise; training only */
    cl_mem clip;       /* [1] what the gradient is scaled by; training only, 1 at first */
    cl_mem state[UPDATE_MOST_STATES]; /* [states] of [value_count]; training only */
    size_t states;
    cl_mem *q;          /* [layer_count] of [B][O]: products of layers with batch norm, */
    cl_mem statistics;  /* [statistic_count] and their mean and variance in the batch, laid out as
                           the  running ones; training alone. NULL, both, without batch norm */
    cl_mem *z;          /* [layer_count] of [B][O]: pre-activations; the layer's `a` where the slope
                           follows from that: a is then computed in place */
    cl_mem *a;          /* [layer_count] of [B][O]: activations; output layer: pre-activation */
    cl_mem *dz;         /* [layer_count] of [B][O]: deltas; without training of the output alone.
                           A fused step has the outputs alone of all these */
    cl_mem probability; /* [B][C] */

    cl_mem gathered;            /* [B][D] */
    cl_mem gathered_labels;     /* [B] */
    struct target_rule targets; /* its class_weights are the buffer's */
    cl_mem y;                   /* [B][C] dense targets; NULL, like the next two, without them */
    cl_mem weight;              /* [B] of the samples */
    cl_mem class_weight;        /* [C], of a single output [2] */
    struct augmentation augmentation;
    cl_mem draws;          /* [B][DRAW_NUMBERS] of images; NULL where they are not changed */
    cl_mem row_loss;       /* [B] */
    cl_mem row_correct;    /* [B] uint32 */
    cl_mem partial;        /* launch_partial_size(widest layer) */
    cl_mem loss_sums;      /* [slots] */
    cl_mem correct_counts; /* [slots] uint32 */
    cl_mem penalty_sums;   /* [slots][2] */
    struct product_room product_room; /* of the largest of the network's products; owned */
    float *host_sums;      /* [3][slots] owned: losses and penalty terms on their way to the host */
    uint32_t *host_counts; /* [slots] owned */

    /* The present batch: a slice of the data, or what was gathered; borrowed. */
    cl_mem x;        /* [rows][D] from x_offset */
    cl_mem x_turned; /* [D][rows]; NULL: there is none */
    cl_mem labels;   /* [rows] from labels_first */
    size_t x_offset; /* elements */
    size_t labels_first;
    size_t present;         /* samples in the batch */
    struct batch_draw draw; /* of its random numbers, */
    bool drawn;             /* or false: evaluation */
    size_t rows;            /* rows computed: present, or `batch` without training */
};

enum weft_status opencl_workspace_create(struct weft_device *device,
                                         const struct workspace_plan *plan,
                                         struct workspace **workspace);
void opencl_workspace_destroy(struct workspace *workspace);

/* ---- the operations of backend.h, opencl_operations.c ---- */
enum weft_status opencl_parameters_upload(struct workspace *workspace, const float *parameters);
enum weft_status opencl_parameters_download(struct workspace *workspace, float *parameters);
enum weft_status opencl_batch_gather(struct workspace *workspace, const struct device_data *data,
                                     size_t first, size_t count, const struct batch_draw *draw);
enum weft_status opencl_dense_forward(struct workspace *workspace, size_t layer);
enum weft_status opencl_output_delta(struct workspace *workspace, const struct loss_rule *rule,
                                     size_t slot);
enum weft_status opencl_dense_backward(struct workspace *workspace, size_t layer);
enum weft_status opencl_output_probabilities(struct workspace *workspace, bool squeeze);

/* ---- parts of dense_forward and dense_backward, opencl_norm.c ---- */

/* z of a layer with batch norm from its q, and the statistics on the way. */
enum weft_status opencl_norm_forward(struct workspace *workspace, size_t layer);
/* Its delta, which is dz, becomes dq; the gradients of scale and shift. */
enum weft_status opencl_norm_backward(struct workspace *workspace, size_t layer);

/* ---- operations again, opencl_download.c ---- */
enum weft_status opencl_metrics_download(struct workspace *workspace, size_t count,
                                         struct batch_metrics *metrics);
enum weft_status opencl_tensor_download(struct workspace *workspace, enum tensor tensor,
                                        size_t layer, float *values);

/* ---- likewise, opencl_update.c ---- */
enum weft_status opencl_state_upload(struct workspace *workspace, size_t state,
                                     const float *values);
enum weft_status opencl_state_download(struct workspace *workspace, size_t state, float *values);
enum weft_status opencl_penalty_terms(struct workspace *workspace, size_t slot);
enum weft_status opencl_update(struct workspace *workspace, const struct update_rule *rule);

#endif
