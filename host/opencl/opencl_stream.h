/* Samples that stay on the host. Each batch is copied to the device shortly before it is needed.
 *
 * There are two slots, each with pinned memory on the host and buffers on the device. While the
 * device computes a batch from one slot, a second queue copies the next batch into the other.
 * Batches usually follow each other in the order of the samples, so the next one is known. Any
 * other batch is copied when it is asked for.
 */
#ifndef WEFT_OPENCL_OPENCL_STREAM_H
#define WEFT_OPENCL_OPENCL_STREAM_H

#include "opencl/opencl_device.h"

struct stream;

/* A batch on the device. All buffers are borrowed from the stream. */
struct staged_batch {
    cl_mem x;                        /* [B][D] raw, floats or bytes */
    cl_mem labels, targets, weights; /* [B], [B][C] or NULL, [B] */
    cl_mem order;                    /* [B] 0 .. B-1 */
};

/* Creates the slots for batches of `source`, with x as bytes if `bytes`. While buffers are counted,
 * it only counts, and *stream stays NULL. */
WEFT_MUST_CHECK enum weft_status stream_create(struct opencl_device *device,
                                               const struct data_source *source, bool bytes,
                                               struct stream **stream);
void stream_destroy(struct stream *stream);

/* Sets the order of the samples, which stays borrowed; NULL means file order. */
void stream_order(struct stream *stream, const uint32_t *order);

/* Provides the samples first .. first + count - 1 of the order. Kernels that are queued from now on
 * find them in `batch`. */
WEFT_MUST_CHECK enum weft_status stream_take(struct stream *stream, size_t first, size_t count,
                                             struct staged_batch *batch);

/* Frees the slot that was taken last as soon as all kernels queued until now have run. Begins to
 * copy the next batch into the other slot. */
WEFT_MUST_CHECK enum weft_status stream_advance(struct stream *stream);

#endif
