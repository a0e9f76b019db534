/* What the kernels of the plans fused and middle read and write: a table of the network's layers,
 * the activations and deltas of a batch in panels, and the gradient in slices. See
 * kernels/step.cl and kernels/middle.cl.
 */
#ifndef WEFT_OPENCL_STEP_PANELS_H
#define WEFT_OPENCL_STEP_PANELS_H

#include "opencl/opencl_device.h"

/* The same as struct step_layer in kernels/step_layer.cl. */
struct step_layer {
    cl_uint inputs, outputs, weights, biases, has_bias, activation, a, dz;
    cl_uint line, keeps_z, z, purpose, threshold;
    cl_float scale;
};

/* What a step takes of struct batch_draw. All are 0 unless something is dropped, so that no
 * argument of a kernel changes from batch to batch. */
struct step_draws {
    cl_uint drops; /* whether anything is dropped */
    cl_ulong seed, row;
    cl_uint epoch, batch;
};

struct step_panels {
    struct opencl_device *device; /* borrowed */
    struct step_layer *table;     /* [layer_count] owned; the content of `layers` */
    size_t width;                 /* samples in a panel */
    size_t units;                 /* numbers that a panel stores per sample */
    cl_mem layers;                /* [layer_count] struct step_layer */
    cl_mem panels;                /* [panels][units][width] */

    cl_mem partial;        /* [most_slices][...] the gradient in slices; the plan has its shape */
    size_t most_slices;    /* slices that `partial` can hold */
    size_t slices;         /* slices of the current batch */
    size_t product_slices; /* slices of the first layer's weight gradient; only step_middle */
    bool pending;          /* the slices of the current batch are not added up yet */
};

/* The panels of `width` samples that hold these rows. */
size_t step_panels_count(size_t rows, size_t width);

/* The size of panels and slices. */
struct step_sizes {
    size_t batch;        /* the most samples in a batch */
    size_t width;        /* samples in a panel */
    bool outputs;        /* panels also store the pre-activations of the output layer */
    bool samples;        /* and, at their end, the samples themselves */
    size_t most_slices;  /* slices of the gradient */
    size_t slice_values; /* numbers in each */
};

/* Returns whether the panels fit into one buffer of the device. */
bool step_panels_fit(const struct opencl_device *device, const struct network *network,
                     const struct step_sizes *sizes);

/* Creates the panels and the slices. A panel stores the activations of the hidden layers, the
 * pre-activations of those that keep them, and the deltas of all layers. Even after a failure, the
 * caller must call step_panels_reset. */
WEFT_MUST_CHECK enum weft_status step_panels_init(struct step_panels *panels,
                                                  struct opencl_device *device,
                                                  const struct network *network,
                                                  const struct step_sizes *sizes);

/* Uploads the description of the layers. Does nothing for panels that were never created. */
WEFT_MUST_CHECK enum weft_status step_panels_fill(struct step_panels *panels,
                                                  const struct network *network);

/* Also accepts panels that are all zero, which were never created. */
void step_panels_reset(struct step_panels *panels);

/* Whether the panels hold this tensor: a hidden layer's activations or pre-activations, or any
 * layer's deltas. */
bool step_panels_hold(const struct step_panels *panels, const struct network *network,
                      enum tensor tensor, size_t layer);

/* Waits, then copies a tensor that the panels hold to values [rows][O]. */
WEFT_MUST_CHECK enum weft_status step_panels_download(const struct step_panels *panels,
                                                      enum tensor tensor, size_t layer, size_t rows,
                                                      float *values);

/* The random numbers of a batch. `draw` is NULL in a batch without any. */
struct step_draws step_draws_of(const struct network *network, const struct batch_draw *draw);

/* What the last kernel of a step does besides adding up the gradient g. */
struct step_finish {
    cl_float l1, l2;        /* g += l1 sign(w) + l2 w for weights */
    cl_float learning_rate; /* w -= learning_rate g, only if `apply` */
    cl_uint apply;
};

/* Plain gradient descent is applied at once; other optimizers run afterwards. Without a rule, the
 * kernel only adds up the gradient. */
struct step_finish step_finish_of(const struct update_rule *rule);

#endif
