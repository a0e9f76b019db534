/* Streams batches from the host to the device. See opencl_stream.h.
 *
 * A slot goes around in four steps: the host fills its pinned memory; the copy queue copies that to
 * the device; kernels of the compute queue read it; the slot is free. Two events order the steps.
 * `copied` orders the copy before the kernels, and before the next filling. `used` orders the
 * kernels before the next copy. The host waits only for `copied`, which ends long before.
 */
#include "opencl/opencl_stream.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"

/* Every part of a slot begins at a multiple of PART_ALIGN bytes of the pinned memory. From
 * SHARED_BYTES on, several threads fill a slot. */
enum { ELEMENT_BYTES = 4, PART_ALIGN = 64, SHARED_BYTES = 1 << 20, SLOTS = 2 };

/* Part of a slot: what a batch holds of one array. */
struct part {
    cl_mem buffer; /* owned; [L] rows on the device */
    size_t offset; /* bytes from the start of the pinned memory */
    size_t row; /* bytes of a sample; 0: all samples have the same value, which is never copied */
};

enum { PART_X, PART_LABELS, PART_TARGETS, PART_WEIGHTS, PARTS };

struct slot {
    struct part parts[PARTS];
    cl_mem pinned;         /* owned */
    uint8_t *host;         /* the pinned memory, mapped */
    cl_event copied, used; /* owned; NULL: there is nothing to wait for */
    size_t first, count;   /* the samples in the slot; count 0: none */
};

struct stream {
    struct opencl_device *device; /* borrowed */
    struct data_source source;    /* borrows its arrays */
    bool bytes;                   /* x goes to the device as bytes */
    size_t largest;               /* L: the most samples in a slot */
    size_t pinned_bytes;          /* of a slot */
    cl_command_queue queue;       /* owned; for copies */
    cl_mem order;                 /* [L] 0 .. L-1 owned */
    const uint32_t *sample_order; /* [N] borrowed; NULL: file order */
    struct slot slots[SLOTS];
    size_t current; /* the slot that was taken last */
    size_t usual;   /* samples in the largest batch since the order was set */
};

/* ---- filling a slot ---- */

struct filling {
    const struct stream *stream;
    const struct slot *slot;
};

/* Copies what a part holds of a sample, unless it is the part of x. */
static void part_fill(const struct slot *slot, size_t part, size_t i, const void *array,
                      size_t sample)
{
    const size_t row = slot->parts[part].row;
    if (row > 0)
        memcpy(slot->host + slot->parts[part].offset + i * row,
               (const uint8_t *)array + sample * row, row);
}

static void fill_piece(const void *work, size_t first, size_t count)
{
    const struct filling *of = work;
    const struct stream *stream = of->stream;
    const struct slot *slot = of->slot;
    const struct sample_rows rows = data_source_rows(&stream->source);
    const struct part *x = &slot->parts[PART_X];
    const size_t features = rows.features;
    for (size_t i = first; i < first + count; i++) {
        const size_t place = slot->first + i;
        const size_t sample = stream->sample_order != NULL ? stream->sample_order[place] : place;
        uint8_t *row = slot->host + x->offset + i * x->row;
        if (stream->bytes)
            sample_rows_bytes(&rows, sample * features, features, row);
        else
            sample_rows_numbers(&rows, sample * features, features, (float *)(void *)row);
        part_fill(slot, PART_LABELS, i, stream->source.labels, sample);
        part_fill(slot, PART_TARGETS, i, stream->source.targets, sample);
        part_fill(slot, PART_WEIGHTS, i, stream->source.weights, sample);
    }
}

/* Fills the pinned memory. The cores of a CPU device are busy with kernels. */
static void slot_fill(const struct stream *stream, const struct slot *slot)
{
    const struct filling filling = {stream, slot};
    const size_t row = slot->parts[PART_X].row;
    const bool shared = !opencl_is_cpu(stream->device) && slot->count * row >= SHARED_BYTES;
    parallel_for(slot->count, size_max(1, SHARED_BYTES / 8 / row), shared, fill_piece, &filling);
}

/* ---- queues and events ---- */

static void event_release(cl_event *event)
{
    if (*event != NULL)
        (void)clReleaseEvent(*event);
    *event = NULL;
}

/* Queues the copy of a slot's part. With `last`, the event of the slot follows. */
static enum weft_status part_copy(const struct stream *stream, struct slot *slot, size_t part)
{
    const struct part *of = &slot->parts[part];
    if (of->row == 0)
        return WEFT_OK;
    return opencl_check(stream->device,
                        clEnqueueWriteBuffer(stream->queue, of->buffer, CL_FALSE, 0,
                                             slot->count * of->row, slot->host + of->offset, 0,
                                             NULL, NULL),
                        "copy of a batch");
}

static enum weft_status slot_copy(const struct stream *stream, struct slot *slot)
{
    const struct opencl_device *device = stream->device;
    if (slot->used != NULL)
        TRY(opencl_check(device, clEnqueueBarrierWithWaitList(stream->queue, 1, &slot->used, NULL),
                         "order of copies"));
    event_release(&slot->used);
    for (size_t part = 0; part < PARTS; part++)
        TRY(part_copy(stream, slot, part));
    TRY(opencl_check(device, clEnqueueMarkerWithWaitList(stream->queue, 0, NULL, &slot->copied),
                     "end of a copy"));
    return opencl_check(device, clFlush(stream->queue), "copies");
}

/* Brings samples into a slot. It returns before they are copied. */
static enum weft_status slot_stage(struct stream *stream, struct slot *slot, size_t first,
                                   size_t count)
{
    slot->count = 0;
    if (slot->copied != NULL)
        TRY(opencl_check(stream->device, clWaitForEvents(1, &slot->copied), "wait for a copy"));
    event_release(&slot->copied);
    slot->first = first;
    slot->count = count;
    slot_fill(stream, slot);
    const enum weft_status status = slot_copy(stream, slot);
    if (status != WEFT_OK)
        slot->count = 0;
    return status;
}

static bool slot_holds(const struct slot *slot, size_t first, size_t count)
{
    return slot->count >= count && slot->first == first;
}

void stream_order(struct stream *stream, const uint32_t *order)
{
    stream->sample_order = order;
    stream->usual = 0;
    for (size_t i = 0; i < SLOTS; i++)
        stream->slots[i].count = 0;
}

enum weft_status stream_take(struct stream *stream, size_t first, size_t count,
                             struct staged_batch *batch)
{
    struct opencl_device *device = stream->device;
    assert(count <= stream->largest && first + count <= stream->source.samples);
    stream->current = (stream->current + 1) % SLOTS;
    struct slot *slot = &stream->slots[stream->current];
    if (!slot_holds(slot, first, count))
        TRY(slot_stage(stream, slot, first, count));
    TRY(opencl_check(device, clEnqueueBarrierWithWaitList(device->queue, 1, &slot->copied, NULL),
                     "wait for a batch"));
    *batch = (struct staged_batch){.x = slot->parts[PART_X].buffer,
                                   .labels = slot->parts[PART_LABELS].buffer,
                                   .targets = slot->parts[PART_TARGETS].buffer,
                                   .weights = slot->parts[PART_WEIGHTS].buffer,
                                   .order = stream->order};
    stream->usual = size_max(stream->usual, count);
    slot->count = count; /* so that the next batch begins behind it */
    return WEFT_OK;
}

/* Returns how many samples may still be gathered from place `next` on. */
static size_t samples_left(const struct stream *stream, size_t next)
{
    const size_t taken = stream->sample_order != NULL ? stream->source.taken : 0;
    const size_t end = taken > 0 ? taken : stream->source.samples;
    return next < end ? end - next : 0;
}

enum weft_status stream_advance(struct stream *stream)
{
    struct opencl_device *device = stream->device;
    struct slot *slot = &stream->slots[stream->current];
    struct slot *other = &stream->slots[(stream->current + 1) % SLOTS];
    const size_t next = slot->first + slot->count;
    const size_t count = size_min(stream->usual, samples_left(stream, next));
    event_release(&slot->used);
    TRY(opencl_check(device, clEnqueueMarkerWithWaitList(device->queue, 0, NULL, &slot->used),
                     "end of a batch"));
    TRY(opencl_check(device, clFlush(device->queue), "kernels"));
    if (count == 0 || slot_holds(other, next, count))
        return WEFT_OK;
    return slot_stage(stream, other, next, count);
}

/* ---- setup and teardown ---- */

/* Creates a part with rows of `row` bytes. A part without an array holds `value` for all samples.
 * Nothing is filled while buffers are counted. */
static enum weft_status part_create(struct stream *stream, struct slot *slot, size_t part,
                                    size_t row, const void *array, float value)
{
    struct opencl_device *device = stream->device;
    struct part *made = &slot->parts[part];
    const size_t bytes = size_product(stream->largest, row);
    const size_t elements = bytes / ELEMENT_BYTES + (bytes % ELEMENT_BYTES != 0);
    TRY(buffer_create(device, WEFT_MEMORY_WORKSPACE, elements, "a streamed batch", &made->buffer));
    if (array == NULL)
        return device->counts != NULL ? WEFT_OK
                                      : buffer_fill(device, made->buffer, value, stream->largest);
    made->row = row;
    made->offset = stream->pinned_bytes;
    stream->pinned_bytes =
        size_product(size_divide_up(made->offset + bytes, PART_ALIGN), PART_ALIGN);
    return WEFT_OK;
}

static enum weft_status parts_create(struct stream *stream, struct slot *slot)
{
    const struct data_source *source = &stream->source;
    const void *x = source->x_bytes != NULL ? (const void *)source->x_bytes : source->x;
    stream->pinned_bytes = 0;
    TRY(part_create(stream, slot, PART_X,
                    size_product(source->features, stream->bytes ? 1 : ELEMENT_BYTES), x, 0.0f));
    TRY(part_create(stream, slot, PART_LABELS, ELEMENT_BYTES, source->labels, 0.0f));
    TRY(part_create(stream, slot, PART_WEIGHTS, ELEMENT_BYTES, source->weights, 1.0f));
    if (source->targets == NULL)
        return WEFT_OK;
    return part_create(stream, slot, PART_TARGETS,
                       size_product(source->target_count, ELEMENT_BYTES), source->targets, 0.0f);
}

/* Creates the pinned memory, which drivers copy from without another copy. */
static enum weft_status pinned_create(struct stream *stream, struct slot *slot)
{
    struct opencl_device *device = stream->device;
    cl_int code = CL_SUCCESS;
    if (device->counts != NULL)
        return memory_count_array(&device->counts->host, WEFT_MEMORY_WORKSPACE,
                                  stream->pinned_bytes, 1, 1);
    slot->pinned = clCreateBuffer(device->context, CL_MEM_READ_WRITE | CL_MEM_ALLOC_HOST_PTR,
                                  stream->pinned_bytes, NULL, &code);
    TRY(opencl_check(device, code, "pinned memory"));
    slot->host = clEnqueueMapBuffer(stream->queue, slot->pinned, CL_TRUE, CL_MAP_WRITE, 0,
                                    stream->pinned_bytes, 0, NULL, NULL, &code);
    return opencl_check(device, code, "pinned memory");
}

/* Uploads the order 0 .. L-1. */
static enum weft_status order_create(struct stream *stream)
{
    struct opencl_device *device = stream->device;
    uint32_t *order = NULL;
    TRY(buffer_create(device, WEFT_MEMORY_WORKSPACE, stream->largest, "the order of a batch",
                      &stream->order));
    if (device->counts != NULL)
        return WEFT_OK;
    TRY(NEW_ARRAY(order, stream->largest));
    for (size_t i = 0; i < stream->largest; i++)
        order[i] = (uint32_t)i;
    const enum weft_status status = buffer_upload(device, stream->order, 0, order, stream->largest);
    memory_free(order);
    return status;
}

static enum weft_status stream_make(struct stream *stream)
{
    struct opencl_device *device = stream->device;
    cl_int code = CL_SUCCESS;
    if (device->counts == NULL) {
        stream->queue = clCreateCommandQueue(device->context, device->id, 0, &code);
        TRY(opencl_check(device, code, "queue for copies"));
    }
    TRY(order_create(stream));
    for (size_t i = 0; i < SLOTS; i++) {
        TRY(parts_create(stream, &stream->slots[i]));
        TRY(pinned_create(stream, &stream->slots[i]));
    }
    return WEFT_OK;
}

enum weft_status stream_create(struct opencl_device *device, const struct data_source *source,
                               bool bytes, struct stream **stream)
{
    struct stream *created = NULL;
    *stream = NULL;
    TRY(NEW_ARRAY(created, 1));
    created->device = device;
    created->source = *source;
    created->bytes = bytes;
    created->largest = size_min(source->largest, source->samples);
    const enum weft_status status = stream_make(created);
    if (status != WEFT_OK || device->counts != NULL) {
        stream_destroy(created);
        return status;
    }
    *stream = created;
    return WEFT_OK;
}

static void slot_release(struct stream *stream, struct slot *slot)
{
    event_release(&slot->copied);
    event_release(&slot->used);
    if (slot->host != NULL)
        (void)clEnqueueUnmapMemObject(stream->queue, slot->pinned, slot->host, 0, NULL, NULL);
    if (slot->pinned != NULL)
        (void)clReleaseMemObject(slot->pinned);
    for (size_t part = 0; part < PARTS; part++)
        buffer_release(stream->device, &slot->parts[part].buffer);
}

void stream_destroy(struct stream *stream)
{
    if (stream == NULL)
        return;
    (void)clFinish(stream->device->queue); /* queued kernels may still read the slots */
    if (stream->queue != NULL)
        (void)clFinish(stream->queue);
    for (size_t i = 0; i < SLOTS; i++)
        slot_release(stream, &stream->slots[i]);
    if (stream->queue != NULL) {
        (void)clFinish(stream->queue);
        (void)clReleaseCommandQueue(stream->queue);
    }
    buffer_release(stream->device, &stream->order);
    memory_free(stream);
}
