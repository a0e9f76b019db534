/* What the CPU backend keeps: samples, and one network with all its arrays. Private to host/cpu. */
#ifndef WEFT_CPU_WORKSPACE_H
#define WEFT_CPU_WORKSPACE_H

#include "backend/backend.h"

struct device_data {
    size_t samples, features;
    float *x;          /* [N][D] owned, standardized */
    int32_t *labels;   /* [N] owned */
    float *targets;    /* [N][C] owned; NULL: the labels say them */
    float *mean, *std; /* [D] owned, of samples that stay raw; NULL: x is standardized */
    uint32_t *order;   /* [N] owned; undefined while in file order */
    bool ordered;      /* `order` holds; else file order */
};

struct workspace {
    const struct network *network; /* borrowed from the plan */
    size_t batch, slots;
    bool training;

    float *parameters;                /* [value_count] owned, layout of struct network */
    float *gradient;                  /* [parameter_count] owned, likewise; NULL unless training */
    float *state[UPDATE_MOST_STATES]; /* [states] of [value_count] owned, likewise */
    size_t states;
    float clip;     /* what the last update scaled the gradient by; 1 before any */
    float **panels; /* [layer_count] owned: the weights for cpu_block_product; NULL in training */
    float *scratch; /* owned: what the largest cpu_product of training packs; NULL otherwise */

    float *rows_copy;     /* [batch][D] owned, where the batch is not a view */
    int32_t *labels_copy; /* [batch] owned, likewise */

    /* The present batch: a view into the data, or the copies above. */
    const float *x;             /* [rows][D] */
    const int32_t *labels;      /* [count] */
    struct target_rule targets; /* its class_weights are the array below */
    float *y;            /* [batch][C] owned, dense targets; NULL, like the next two, without */
    float *weight;       /* [batch] owned, of the samples */
    float *class_weight; /* [C], of a single output [2]; owned */
    struct augmentation augmentation;
    int32_t *draws; /* [batch][DRAW_NUMBERS] owned, of images; NULL where they are not changed */
    size_t count;   /* samples in it */
    size_t rows;    /* rows to compute: count, or batch with the rest zero */
    struct batch_draw draw; /* of its random numbers, */
    bool drawn;             /* or false: evaluation */

    float **q; /* [layer_count] of [batch][O] owned: products of layers with batch norm, */
    float
        *statistics;    /* [statistic_count] and their mean and variance in the batch, owned, laid
                           out  as the running ones; training alone. NULL, both, without batch norm */
    float **z;          /* [layer_count] of [batch][O] owned: pre-activations; the layer's `a` where
                           the slope follows from that: a is then computed in place */
    float **a;          /* [layer_count] of [batch][O] owned */
    float **dz;         /* [layer_count] of [batch][O] owned; without training the last alone */
    float *loss;        /* [batch] owned */
    uint32_t *correct;  /* [batch] owned */
    float *probability; /* [batch][C] owned */

    struct batch_metrics *metrics; /* [slots] owned */
};

/* Entries of the operation table; see backend/backend.h. */

/* cpu_data.c */
WEFT_MUST_CHECK enum weft_status cpu_data_create(struct weft_device *device,
                                                 const struct data_source *source,
                                                 struct device_data **data);
void cpu_data_destroy(struct device_data *data);
WEFT_MUST_CHECK enum weft_status cpu_order_upload(struct device_data *data, const uint32_t *order);
WEFT_MUST_CHECK enum weft_status cpu_batch_gather(struct workspace *workspace,
                                                  const struct device_data *data, size_t first,
                                                  size_t count, const struct batch_draw *draw);

/* cpu_workspace.c */
WEFT_MUST_CHECK enum weft_status cpu_workspace_create(struct weft_device *device,
                                                      const struct workspace_plan *plan,
                                                      struct workspace **workspace);
void cpu_workspace_destroy(struct workspace *workspace);
WEFT_MUST_CHECK enum weft_status cpu_parameters_upload(struct workspace *workspace,
                                                       const float *parameters);
WEFT_MUST_CHECK enum weft_status cpu_parameters_download(struct workspace *workspace,
                                                         float *parameters);
WEFT_MUST_CHECK enum weft_status cpu_metrics_download(struct workspace *workspace, size_t count,
                                                      struct batch_metrics *metrics);
WEFT_MUST_CHECK enum weft_status cpu_tensor_download(struct workspace *workspace,
                                                     enum tensor tensor, size_t layer,
                                                     float *values);

WEFT_MUST_CHECK enum weft_status cpu_state_upload(struct workspace *workspace, size_t state,
                                                  const float *values);
WEFT_MUST_CHECK enum weft_status cpu_state_download(struct workspace *workspace, size_t state,
                                                    float *values);

/* cpu_operations.c */
WEFT_MUST_CHECK enum weft_status cpu_dense_forward(struct workspace *workspace, size_t layer);
WEFT_MUST_CHECK enum weft_status cpu_output_delta(struct workspace *workspace,
                                                  const struct loss_rule *rule, size_t slot);
WEFT_MUST_CHECK enum weft_status cpu_dense_backward(struct workspace *workspace, size_t layer);
WEFT_MUST_CHECK enum weft_status cpu_network_penalty(struct workspace *workspace, size_t slot);
WEFT_MUST_CHECK enum weft_status cpu_update(struct workspace *workspace,
                                            const struct update_rule *rule);
WEFT_MUST_CHECK enum weft_status cpu_output_probabilities(struct workspace *workspace,
                                                          bool squeeze);

/* cpu_primitives.c */
WEFT_MUST_CHECK enum weft_status cpu_primitive_run(struct weft_device *device,
                                                   const struct primitive_call *call);

#endif
