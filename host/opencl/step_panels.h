/* What the kernels of a whole step read and leave behind: a table of the network's layers, and the
 * activations and deltas of a batch in panels of LANES samples, see kernels/step.cl.
 */
#ifndef WEFT_OPENCL_STEP_PANELS_H
#define WEFT_OPENCL_STEP_PANELS_H

#include "opencl/opencl_device.h"

/* struct step_layer of kernels/step.cl */
struct step_layer {
    cl_uint inputs, outputs, weights, biases, has_bias, activation, a, dz;
};

struct step_panels {
    struct opencl_device *device; /* borrowed */
    struct step_layer *table;     /* [layer_count] owned, as `layers` has them */
    size_t units;                 /* numbers that a panel keeps of a sample */
    cl_mem layers;                /* [layer_count] struct step_layer */
    cl_mem panels;                /* [panels][units][LANES] */
};

/* Numbers that a panel keeps of a sample of the network. */
size_t step_panels_units(const struct network *network);

size_t step_panels_count(size_t rows);

/* For batches of up to `batch` samples. What was made of it step_panels_reset releases. */
WEFT_MUST_CHECK enum weft_status step_panels_init(struct step_panels *panels,
                                                  struct opencl_device *device,
                                                  const struct network *network, size_t batch);
void step_panels_reset(struct step_panels *panels);

/* Waits; values [rows][O] = the activations of a hidden layer, or the deltas of any. */
WEFT_MUST_CHECK enum weft_status step_panels_download(const struct step_panels *panels,
                                                      enum tensor tensor, size_t layer, size_t rows,
                                                      float *values);

#endif
