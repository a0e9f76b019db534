/* Samples on an OpenCL device. */
#ifndef WEFT_OPENCL_OPENCL_DATA_H
#define WEFT_OPENCL_OPENCL_DATA_H

#include "opencl/opencl_device.h"

struct stream; /* opencl/opencl_stream.h */

struct device_data {
    struct opencl_device *device; /* borrowed */
    struct stream *stream; /* owned; not NULL: a batch comes from there, not from x .. order */
    size_t samples, features;
    cl_mem x;         /* [N][D] standardized or raw */
    bool bytes;       /* x is raw uint8 instead of float */
    cl_mem labels;    /* [N] int32 */
    cl_mem targets;   /* [N][C]; NULL: targets follow from the labels */
    cl_mem weights;   /* [N] sample weights */
    cl_mem order;     /* [N] uint32 */
    cl_mem mean, std; /* [D] statistics of raw samples; NULL: x is standardized */
    bool ordered;     /* false: the order is 0 .. N-1, so a batch is a slice of x */
};

enum weft_status opencl_data_create(struct weft_device *device, const struct data_source *source,
                                    struct device_data **data);
void opencl_data_destroy(struct device_data *data);
enum weft_status opencl_data_count(struct weft_device *device, const struct data_source *source,
                                   struct memory_counts *counts);
enum weft_status opencl_order_upload(struct device_data *data, const uint32_t *order);

#endif
