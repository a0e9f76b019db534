/* Runs one primitive on host arrays, through the launchers that training uses.
 *
 * Every array becomes a buffer of its full length, so that the caller can check that the elements
 * beyond the shape are unchanged.
 */
#include "base/file.h"
#include "base/memory.h"
#include "opencl/launch.h"
#include "opencl/products.h"

/* The buffers of a call by position; see backend/primitive.h. */
struct operands {
    cl_mem buffers[PRIMITIVE_MAX_ARRAYS];
    struct product_workspace scratch; /* partial sums, or the workspace of a product */
};

static enum product_engine engine_of(struct opencl_device *device,
                                     const struct primitive_call *call)
{
    size_t m = call->rows, k = call->inner;
    if (call->like > 0)
        *(call->form == PRODUCT_WEIGHT_GRADIENT ? &k : &m) = call->like;
    const struct product_ask ask = {call->products, call->form, m, call->columns, k};
    return products_engine_now(device, &ask);
}

static enum weft_status run_product(struct opencl_device *device, const struct primitive_call *call,
                                    const struct operands *operands)
{
    const struct product product = {.form = call->form,
                                    .engine = engine_of(device, call),
                                    .m = call->rows,
                                    .n = call->columns,
                                    .k = call->inner,
                                    .a = operands->buffers[0],
                                    .b = operands->buffers[1],
                                    .c = operands->buffers[2],
                                    .a_offset = call->offset,
                                    .b_offset = call->offset,
                                    .c_offset = call->offset};
    return products_run(device, &product, operands->scratch);
}

static enum weft_status run_loss(struct opencl_device *device, const struct primitive_call *call,
                                 const struct operands *operands)
{
    const struct loss_buffers loss = {.z = operands->buffers[0],
                                      .y = operands->buffers[1],
                                      .weight = operands->buffers[2],
                                      .dz = operands->buffers[3],
                                      .loss = operands->buffers[4],
                                      .correct = operands->buffers[5],
                                      .rows = call->rows,
                                      .columns = call->columns,
                                      .delta_factor = call->scalars[0],
                                      .each = call->scalars[1] == 1.0f,
                                      .true_class_only = call->scalars[1] == 2.0f};
    switch (call->primitive) {
    case PRIMITIVE_SOFTMAX_CROSS_ENTROPY:
        return launch_softmax_cross_entropy(device, &loss);
    case PRIMITIVE_SIGMOID_CROSS_ENTROPY:
        return launch_sigmoid_cross_entropy(device, &loss);
    default:
        return launch_identity_squared_error(device, &loss);
    }
}

static enum weft_status run_targets(struct opencl_device *device, const struct primitive_call *call,
                                    const struct operands *operands)
{
    const struct target_buffers targets = {.labels = operands->buffers[0],
                                           .targets = operands->buffers[0],
                                           .weights = operands->buffers[1],
                                           .order = operands->buffers[2],
                                           .rows = call->rows,
                                           .columns = call->columns,
                                           .share = call->scalars[0],
                                           .spread = call->scalars[1],
                                           .y = operands->buffers[3],
                                           .weight = operands->buffers[4]};
    return call->primitive == PRIMITIVE_LABEL_TARGETS ? launch_label_targets(device, &targets)
                                                      : launch_gather_targets(device, &targets);
}

/* Runs image_draws, gather_images or mix_rows. */
static enum weft_status run_images(struct opencl_device *device, const struct primitive_call *call,
                                   const struct operands *operands)
{
    const bool drawing = call->primitive == PRIMITIVE_IMAGE_DRAWS;
    const struct image_buffers images = {.x = operands->buffers[0],
                                         .labels = operands->buffers[0],
                                         .order = operands->buffers[1],
                                         .rows = call->rows,
                                         .columns = call->columns,
                                         .mean = operands->buffers[2],
                                         .std = operands->buffers[3],
                                         .draws = operands->buffers[drawing ? 2 : 1],
                                         .y = operands->buffers[4],
                                         .labels_y = operands->buffers[3],
                                         .bytes = call->primitive == PRIMITIVE_GATHER_BYTE_IMAGES,
                                         .augmentation = &call->augmentation,
                                         .draw = &call->draw};
    if (call->primitive == PRIMITIVE_MIX_ROWS)
        return launch_mix_rows(device, images.x, call->rows, call->columns, call->scalars[0]);
    return drawing ? launch_image_draws(device, &images) : launch_gather_images(device, &images);
}

/* Runs a primitive of batch normalization. Each primitive has its own order of vectors. */
static enum weft_status run_norm(struct opencl_device *device, const struct primitive_call *call,
                                 const struct operands *operands)
{
    const cl_mem *buffer = operands->buffers;
    struct norm_buffers norm = {.rows = call->rows,
                                .samples = call->rows,
                                .columns = call->columns,
                                .q = buffer[0],
                                .mean = {buffer[1], 0},
                                .variance = {buffer[2], 0},
                                .scale = {buffer[3], 0},
                                .partial = operands->scratch.buffer};
    switch (call->primitive) {
    case PRIMITIVE_NORM_STATISTICS:
        return launch_norm_statistics(device, &norm);
    case PRIMITIVE_NORM_FORWARD:
        norm.shift.buffer = buffer[4];
        norm.u = buffer[5];
        return launch_norm_forward(device, &norm);
    case PRIMITIVE_NORM_GRADIENT:
        norm.u = buffer[1];
        norm.mean.buffer = buffer[2];
        norm.variance.buffer = buffer[3];
        norm.dscale.buffer = buffer[4];
        norm.dshift.buffer = buffer[5];
        return launch_norm_gradient(device, &norm);
    case PRIMITIVE_NORM_BACKWARD:
        norm.dscale.buffer = buffer[4];
        norm.dshift.buffer = buffer[5];
        norm.u = buffer[6];
        return launch_norm_backward(device, &norm);
    default:
        norm.mean.buffer = buffer[0];
        norm.variance.buffer = buffer[1];
        norm.running_mean.buffer = buffer[2];
        norm.running_variance.buffer = buffer[3];
        return launch_norm_running(device, &norm, call->scalars[0], call->scalars[1]);
    }
}

static enum weft_status run_gather(struct opencl_device *device, const struct primitive_call *call,
                                   const struct operands *operands)
{
    const struct gather gather = {.x = operands->buffers[0],
                                  .labels = operands->buffers[1],
                                  .order = operands->buffers[2],
                                  .count = call->rows,
                                  .rows = call->rows,
                                  .columns = call->columns,
                                  .y = operands->buffers[3],
                                  .labels_y = operands->buffers[4]};
    struct gather bytes = gather;
    if (call->primitive == PRIMITIVE_GATHER_ROWS)
        return launch_gather_rows(device, &gather);
    bytes.mean = operands->buffers[3];
    bytes.std = operands->buffers[4];
    bytes.y = operands->buffers[5];
    bytes.labels_y = operands->buffers[6];
    return launch_gather_byte_rows(device, &bytes);
}

/* Runs an optimizer. The buffers are w, dw, clip and the optimizer state. */
static enum weft_status run_optimizer(struct opencl_device *device,
                                      const struct primitive_call *call,
                                      const struct operands *operands)
{
    const size_t states = optimizer_states(call->update->optimizer);
    struct update_buffers buffers = {.w = operands->buffers[0],
                                     .dw = operands->buffers[1],
                                     .clip = operands->buffers[2],
                                     .n = call->rows * call->columns,
                                     .weights = call->inner};
    for (size_t i = 0; i < states; i++)
        buffers.state[i] = operands->buffers[3 + i];
    return launch_update(device, &buffers, call->update);
}

/* Runs what follows the gradients: the penalty, the clip factor, updates and averages. */
static enum weft_status run_update(struct opencl_device *device, const struct primitive_call *call,
                                   const struct operands *operands)
{
    const cl_mem *buffer = operands->buffers;
    const size_t n = call->rows * call->columns;
    const float first = call->scalars[0], second = call->scalars[1];
    switch (call->primitive) {
    case PRIMITIVE_PENALTY_GRADIENT:
        return launch_penalty_gradient(device, buffer[0], buffer[1], n, first, second);
    case PRIMITIVE_GRADIENT_ADD:
        return launch_gradient_add(device, buffer[0], buffer[1], n);
    case PRIMITIVE_PENALTY_TERMS:
        return launch_penalty_terms(device, buffer[0], n, operands->scratch.buffer, buffer[1], 0);
    case PRIMITIVE_CLIP_FACTOR:
        return launch_clip_factor(device, buffer[0], n, operands->scratch.buffer, first, buffer[1]);
    case PRIMITIVE_AVERAGE_UPDATE:
        return launch_average_update(device, buffer[0], buffer[1], n, first);
    default:
        return run_optimizer(device, call, operands);
    }
}

/* Runs an element-wise primitive. */
static enum weft_status run_elementwise(struct opencl_device *device,
                                        const struct primitive_call *call,
                                        const struct operands *operands)
{
    const cl_mem *buffer = operands->buffers;
    const size_t n = call->rows * call->columns;
    switch (call->primitive) {
    case PRIMITIVE_BIAS_ADD:
        return launch_bias_add(device, buffer[0], buffer[1], 0, call->rows, call->columns);
    case PRIMITIVE_SIGMOID_FORWARD:
        return launch_sigmoid_forward(device, buffer[0], n);
    case PRIMITIVE_LAYER_FORWARD:
        return launch_layer_forward(device, call->activation, buffer[0], buffer[1], n);
    case PRIMITIVE_LAYER_BACKWARD:
        return launch_layer_backward(device, call->activation, true, buffer[0], buffer[1], n);
    case PRIMITIVE_DROPOUT:
        return launch_dropout(device, &call->draw, 1, call->scalars[0], buffer[0], call->rows,
                              call->columns);
    default:
        return launch_clip_unit(device, buffer[0], buffer[1], n);
    }
}

static enum weft_status run(struct opencl_device *device, const struct primitive_call *call,
                            const struct operands *operands)
{
    const cl_mem *buffer = operands->buffers;
    const size_t rows = call->rows, columns = call->columns;
    switch (call->primitive) {
    case PRIMITIVE_PRODUCT:
        return run_product(device, call, operands);
    case PRIMITIVE_BIAS_ADD:
    case PRIMITIVE_SIGMOID_FORWARD:
    case PRIMITIVE_LAYER_FORWARD:
    case PRIMITIVE_LAYER_BACKWARD:
    case PRIMITIVE_DROPOUT:
    case PRIMITIVE_CLIP_UNIT:
        return run_elementwise(device, call, operands);
    case PRIMITIVE_SOFTMAX_ROWS:
        return launch_softmax_rows(device, buffer[0], buffer[1], rows, columns);
    case PRIMITIVE_SOFTMAX_CROSS_ENTROPY:
    case PRIMITIVE_SIGMOID_CROSS_ENTROPY:
    case PRIMITIVE_IDENTITY_SQUARED_ERROR:
        return run_loss(device, call, operands);
    case PRIMITIVE_IMAGE_DRAWS:
    case PRIMITIVE_GATHER_IMAGES:
    case PRIMITIVE_GATHER_BYTE_IMAGES:
    case PRIMITIVE_MIX_ROWS:
        return run_images(device, call, operands);
    case PRIMITIVE_LABEL_TARGETS:
    case PRIMITIVE_GATHER_TARGETS:
        return run_targets(device, call, operands);
    case PRIMITIVE_NORM_STATISTICS:
    case PRIMITIVE_NORM_FORWARD:
    case PRIMITIVE_NORM_GRADIENT:
    case PRIMITIVE_NORM_BACKWARD:
    case PRIMITIVE_NORM_RUNNING:
        return run_norm(device, call, operands);
    case PRIMITIVE_BIAS_GRADIENT:
        return launch_bias_gradient(device, buffer[0], rows, columns, operands->scratch.buffer,
                                    buffer[1], 0);
    case PRIMITIVE_PENALTY_GRADIENT:
    case PRIMITIVE_GRADIENT_ADD:
    case PRIMITIVE_PENALTY_TERMS:
    case PRIMITIVE_CLIP_FACTOR:
    case PRIMITIVE_AVERAGE_UPDATE:
    case PRIMITIVE_PARAMETERS_UPDATE:
        return run_update(device, call, operands);
    case PRIMITIVE_METRICS_SUM:
        return launch_metrics_sum(device, buffer[0], buffer[1], rows, buffer[2], buffer[3], 0);
    case PRIMITIVE_STANDARDIZE_ROWS:
        return launch_standardize_rows(device, buffer[0], buffer[1], buffer[2], 0, rows, columns);
    case PRIMITIVE_GATHER_ROWS:
    case PRIMITIVE_GATHER_BYTE_ROWS:
        return run_gather(device, call, operands);
    case PRIMITIVE_REPULSION:
        return launch_repulsion(device, buffer[0], rows, operands->scratch.buffer, buffer[1],
                                buffer[2]);
    case PRIMITIVE_COUNT:
        break;
    }
    return fail(WEFT_ERROR_INTERNAL, "primitive %d: unknown", (int)call->primitive);
}

/* The bytes that replace the contents of the caches: twice as many as the device tells, within
 * limits. Virtual machines tell the cache of a whole processor. */
static enum weft_status cache_bytes(const struct opencl_device *device, size_t *bytes)
{
    enum { LEAST_BYTES = 1 << 26, MOST_BYTES = 1 << 27 };
    cl_ulong cache = 0;
    TRY(opencl_property(device->base.info.name, device->id, CL_DEVICE_GLOBAL_MEM_CACHE_SIZE,
                        "CL_DEVICE_GLOBAL_MEM_CACHE_SIZE", &cache, sizeof cache));
    *bytes = size_min(size_max(2 * (size_t)cache, LEAST_BYTES), MOST_BYTES);
    return WEFT_OK;
}

/* Writes `count` elements of `other` before each run, unless it is NULL. */
static enum weft_status cold_runs(struct opencl_device *device, const struct primitive_call *call,
                                  const struct operands *operands, cl_mem other, size_t count)
{
    for (size_t i = 0; i < call->timing->runs; i++) {
        if (other != NULL)
            TRY(buffer_fill(device, other, 0.0f, count));
        TRY(device->base.backend->device_wait(&device->base));
        const double start = clock_seconds();
        TRY(run(device, call, operands));
        TRY(device->base.backend->device_wait(&device->base));
        call->timing->seconds += clock_seconds() - start;
    }
    return WEFT_OK;
}

/* A device without the memory for other contents runs without. */
static enum weft_status run_cold(struct opencl_device *device, const struct primitive_call *call,
                                 const struct operands *operands)
{
    size_t bytes = 0;
    cl_mem other = NULL;
    TRY(cache_bytes(device, &bytes));
    const size_t count = bytes / sizeof(cl_float);
    if (buffer_fits(device, count))
        TRY(buffer_create(device, WEFT_MEMORY_WORKSPACE, count, "the contents of caches", &other));
    call->timing->seconds = 0.0;
    const enum weft_status status = cold_runs(device, call, operands, other, count);
    buffer_release(device, &other);
    return status;
}

static enum weft_status run_timed(struct opencl_device *device, const struct primitive_call *call,
                                  const struct operands *operands)
{
    if (call->timing->cold)
        return run_cold(device, call, operands);
    TRY(device->base.backend->device_wait(&device->base));
    const double start = clock_seconds();
    for (size_t i = 0; i < call->timing->runs; i++)
        TRY(run(device, call, operands));
    TRY(device->base.backend->device_wait(&device->base));
    call->timing->seconds = clock_seconds() - start;
    return WEFT_OK;
}

static enum weft_status scratch_create(struct opencl_device *device,
                                       const struct primitive_call *call,
                                       struct product_workspace *scratch)
{
    scratch->count = launch_partial_size(call->columns);
    if (call->primitive == PRIMITIVE_REPULSION)
        scratch->count = launch_repulsion_partial(call->rows);
    if (call->primitive == PRIMITIVE_PRODUCT)
        TRY(products_workspace_size(device, engine_of(device, call), call->form, call->rows,
                                    call->columns, call->inner, &scratch->count));
    return buffer_create(device, WEFT_MEMORY_WORKSPACE, scratch->count,
                         "the scratch of a primitive", &scratch->buffer);
}

static enum weft_status run_on(struct opencl_device *device, const struct primitive_call *call,
                               struct operands *operands)
{
    for (size_t i = 0; i < PRIMITIVE_MAX_ARRAYS && call->arrays[i].values != NULL; i++) {
        const struct primitive_array *array = &call->arrays[i];
        TRY(buffer_create(device, WEFT_MEMORY_WORKSPACE, array->length,
                          "the operand of a primitive", &operands->buffers[i]));
        TRY(buffer_upload(device, operands->buffers[i], 0, array->values, array->length));
    }
    TRY(scratch_create(device, call, &operands->scratch));
    TRY(run(device, call, operands));
    if (call->timing != NULL)
        TRY(run_timed(device, call, operands));
    for (size_t i = 0; i < PRIMITIVE_MAX_ARRAYS && call->arrays[i].values != NULL; i++)
        TRY(buffer_download(device, operands->buffers[i], 0, call->arrays[i].values,
                            call->arrays[i].length));
    return WEFT_OK;
}

enum weft_status opencl_primitive_run(struct weft_device *base, const struct primitive_call *call)
{
    struct opencl_device *device = opencl_from(base);
    struct operands operands = {.buffers = {NULL}};
    const enum weft_status status = run_on(device, call, &operands);
    (void)clFinish(device->queue);
    buffer_release(device, &operands.scratch.buffer);
    for (size_t i = 0; i < PRIMITIVE_MAX_ARRAYS; i++)
        buffer_release(device, &operands.buffers[i]);
    return status;
}
