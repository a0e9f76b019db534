/* What the kernels of a whole step read and write: a table of the network's layers, and the
 * activations and deltas of a batch in panels of LANES samples. See kernels/step.cl.
 */
#ifndef WEFT_OPENCL_STEP_PANELS_H
#define WEFT_OPENCL_STEP_PANELS_H

#include "opencl/opencl_device.h"

/* The same as struct step_layer in kernels/step.cl. */
struct step_layer {
    cl_uint inputs, outputs, weights, biases, has_bias, activation, a, dz;
};

struct step_panels {
    struct opencl_device *device; /* borrowed */
    struct step_layer *table;     /* [layer_count] owned; the content of `layers` */
    size_t units;                 /* numbers that a panel stores per sample */
    cl_mem layers;                /* [layer_count] struct step_layer */
    cl_mem panels;                /* [panels][units][LANES] */
};

/* The numbers that a panel stores per sample of the network. */
size_t step_panels_units(const struct network *network);

size_t step_panels_count(size_t rows);

/* Creates the panels for batches of up to `batch` samples. Even after a failure, the caller must
 * call step_panels_reset. */
WEFT_MUST_CHECK enum weft_status step_panels_init(struct step_panels *panels,
                                                  struct opencl_device *device,
                                                  const struct network *network, size_t batch);
void step_panels_reset(struct step_panels *panels);

/* Waits, then copies to values [rows][O] the activations of a hidden layer or the deltas of any
 * layer. */
WEFT_MUST_CHECK enum weft_status step_panels_download(const struct step_panels *panels,
                                                      enum tensor tensor, size_t layer, size_t rows,
                                                      float *values);

#endif
