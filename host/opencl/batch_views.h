/* The samples of a batch as CLBlast takes them without copying: from the start of a buffer, and for
 * the forward product turned.
 *
 * CLBlast's fast kernel reads both operands with the terms of the sums slowest; whatever lies
 * otherwise, or begins within a buffer, it copies at every call. Samples never change, so that they
 * can stay on the device both ways: [N][D] as they are, and turned, batch by batch, [D][B]. That
 * takes the memory of the samples once more, and is done where it saves copies and fits.
 */
#ifndef WEFT_OPENCL_BATCH_VIEWS_H
#define WEFT_OPENCL_BATCH_VIEWS_H

#include "opencl/opencl_data.h"

struct batch_views {
    struct opencl_device *device; /* borrowed */
    size_t batch, features;       /* B, D */
    uint64_t data;                /* number of the data that is viewed; 0: none */
    size_t batches;               /* of it */
    cl_mem *slices;               /* [batches] owned: [B][D] of the data, the last maybe shorter */
    cl_mem *turned_slices;        /* [batches] owned: [D][B] of `turned`; NULL: none */
    cl_mem turned;                /* [whole batches][D][B] owned; NULL: none */

    cl_mem slice, slice_turned; /* those of the present batch, borrowed; NULL: none */
};

/* For batches of up to `batch` samples, for a first layer of `outputs`. NULL where views save
 * nothing. */
WEFT_MUST_CHECK enum weft_status batch_views_create(struct opencl_device *device, size_t batch,
                                                    size_t features, size_t outputs,
                                                    struct batch_views **views);
void batch_views_destroy(struct batch_views *views);

/* Views of samples first .. first + count - 1 of `data`; all are made at the first batch of it. */
WEFT_MUST_CHECK enum weft_status batch_views_take(struct batch_views *views,
                                                  const struct device_data *data, size_t first,
                                                  size_t count);

#endif
