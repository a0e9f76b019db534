/* Views that let CLBlast read the samples of a batch without copying them.
 *
 * CLBlast's fast kernel expects both operands with the summation index varying slowest, each at the
 * start of a buffer. It copies any other operand at every call. Samples never change, so the device
 * can keep both layouts: [N][D] as uploaded, and [D][B] for each batch, transposed for the forward
 * product. This doubles the memory for the samples. Weft does it only if it saves copies and fits.
 */
#ifndef WEFT_OPENCL_BATCH_VIEWS_H
#define WEFT_OPENCL_BATCH_VIEWS_H

#include "opencl/opencl_data.h"

struct batch_views {
    struct opencl_device *device; /* borrowed */
    size_t batch, features;       /* B, D */
    uint64_t data;                /* number of the viewed data; 0: none */
    size_t batches;               /* batches in the viewed data */
    cl_mem *slices;               /* [batches] owned: [B][D] of the data; the last may be shorter */
    cl_mem *turned_slices;        /* [batches] owned: [D][B] of `turned`; NULL: none */
    cl_mem turned;                /* [whole batches][D][B] owned; NULL: none */

    cl_mem slice, slice_turned; /* views of the current batch, borrowed; NULL: none */
};

/* Creates views for batches of up to `batch` samples and a first layer with `outputs` outputs.
 * *views is NULL if the batches are not aligned or views save no copies. */
WEFT_MUST_CHECK enum weft_status batch_views_create(struct opencl_device *device, size_t batch,
                                                    size_t features, size_t outputs,
                                                    struct batch_views **views);
void batch_views_destroy(struct batch_views *views);

/* Selects the views of samples first .. first + count - 1 of `data`. The first call for a data set
 * creates all of its views. */
WEFT_MUST_CHECK enum weft_status batch_views_take(struct batch_views *views,
                                                  const struct device_data *data, size_t first,
                                                  size_t count);

#endif
