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
    uint64_t data;                /* number of the data that is turned */
    size_t batches;               /* that are, from the first */
    cl_mem turned;                /* [batches][D][B] owned; NULL: none */

    /* The present batch, owned handles without memory of their own; NULL: none. */
    cl_mem slice;        /* [count][D] of the data */
    cl_mem slice_turned; /* [D][B] of `turned` */
};

/* For batches of up to `batch` samples, for a first layer of `outputs`. NULL where views save
 * nothing. */
WEFT_MUST_CHECK enum weft_status batch_views_create(struct opencl_device *device, size_t batch,
                                                    size_t features, size_t outputs,
                                                    struct batch_views **views);
void batch_views_destroy(struct batch_views *views);

/* Views of samples first .. first + count - 1 of `data`; turned at the first batch of it. Queued
 * kernels may still use the views before. */
WEFT_MUST_CHECK enum weft_status batch_views_take(struct batch_views *views,
                                                  const struct device_data *data, size_t first,
                                                  size_t count);

#endif
