/* primitive_run of the CPU runs each primitive directly on the caller's arrays. */
#include <assert.h>

#include "base/memory.h"
#include "cpu/cpu_kernels.h"
#include "cpu/cpu_workspace.h"

static enum weft_status product_run(const struct primitive_call *call)
{
    TRY(cpu_product_size("rows of a product", call->rows));
    TRY(cpu_product_size("columns of a product", call->columns));
    TRY(cpu_product_size("inner size of a product", call->inner));
    const float *a = call->arrays[0].values, *b = call->arrays[1].values;
    float *c = call->arrays[2].values;
    float *panels;
    size_t count;
    if (!cpu_product_panels(call->form, call->rows, call->columns, call->inner, &count))
        return memory_exhausted(call->columns, call->inner);
    TRY(NEW_ARRAY(panels, count));
    cpu_product(call->form, a + call->offset, b + call->offset, call->rows, call->columns,
                call->inner, panels, c + call->offset, NULL);
    memory_free(panels);
    return WEFT_OK;
}

static void targets_run(const struct primitive_call *call, void *const *values)
{
    const struct cpu_targets targets = {.weights = values[1],
                                        .order = values[2],
                                        .rows = call->rows,
                                        .columns = call->columns,
                                        .share = call->scalars[0],
                                        .spread = call->scalars[1],
                                        .y = values[3],
                                        .weight = values[4]};
    if (call->primitive == PRIMITIVE_LABEL_TARGETS)
        cpu_label_targets(values[0], &targets);
    else
        cpu_gather_targets(values[0], &targets);
}

/* Runs the primitives that compute the loss of a batch: z, y, weight -> dz, loss, correct. */
static void loss_run(const struct primitive_call *call, void *const *values)
{
    const struct cpu_loss loss = {.z = values[0],
                                  .y = values[1],
                                  .weight = values[2],
                                  .rows = call->rows,
                                  .columns = call->columns,
                                  .delta_factor = call->scalars[0],
                                  .each = call->scalars[1] == 1.0f,
                                  .true_class_only = call->scalars[1] == 2.0f};
    if (call->primitive == PRIMITIVE_SOFTMAX_CROSS_ENTROPY)
        cpu_softmax_cross_entropy(&loss, values[3], values[4], values[5]);
    else if (call->primitive == PRIMITIVE_SIGMOID_CROSS_ENTROPY)
        cpu_sigmoid_cross_entropy(&loss, values[3], values[4], values[5]);
    else
        cpu_identity_squared_error(&loss, values[3], values[4], values[5]);
}

/* Runs the element-wise primitives. */
static void elementwise_run(const struct primitive_call *call, void *const *values)
{
    size_t rows = call->rows, columns = call->columns, n = rows * columns;
    float first = call->scalars[0], second = call->scalars[1];
    switch (call->primitive) {
    case PRIMITIVE_BIAS_ADD:
        cpu_bias_add(values[0], values[1], rows, columns);
        break;
    case PRIMITIVE_SIGMOID_FORWARD:
        cpu_sigmoid_forward(values[0], n);
        break;
    case PRIMITIVE_LAYER_FORWARD:
        cpu_layer_forward(call->activation, values[0], n, values[1]);
        break;
    case PRIMITIVE_DROPOUT:
        cpu_dropout(&call->draw, 1, first, values[0], rows, columns);
        break;
    case PRIMITIVE_LAYER_BACKWARD:
        cpu_layer_backward(call->activation, true, values[0], n, values[1]);
        break;
    case PRIMITIVE_CLIP_UNIT:
        cpu_clip_unit(values[0], n, values[1]);
        break;
    case PRIMITIVE_PENALTY_GRADIENT:
        cpu_penalty_gradient(values[0], n, first, second, values[1]);
        break;
    case PRIMITIVE_GRADIENT_ADD:
        cpu_gradient_add(values[0], n, values[1]);
        break;
    case PRIMITIVE_AVERAGE_UPDATE:
        cpu_average_update(values[0], n, first, values[1]);
        break;
    case PRIMITIVE_STANDARDIZE_ROWS:
        cpu_standardize_rows(values[0], values[1], values[2], rows, columns);
        break;
    default:
        assert(false);
    }
}

/* Runs an optimizer. The arrays are w, dw, clip and the optimizer state. */
static void update_run(const struct primitive_call *call, void *const *values)
{
    const size_t states = optimizer_states(call->update->optimizer);
    struct cpu_update update = {.w = values[0],
                                .dw = values[1],
                                .clip = *(const float *)values[2],
                                .n = call->rows * call->columns,
                                .weights = call->inner};
    for (size_t i = 0; i < states; i++)
        update.state[i] = values[3 + i];
    cpu_parameters_update(&update, call->update);
}

/* Runs the augmentation primitives. */
static void images_run(const struct primitive_call *call, void *const *values)
{
    if (call->primitive == PRIMITIVE_IMAGE_DRAWS)
        cpu_image_draws(values[0], values[1], 0, call->rows, &call->augmentation, &call->draw,
                        values[2], values[3]);
    else if (call->primitive == PRIMITIVE_GATHER_IMAGES)
        cpu_gather_images(values[0], values[1], values[2], values[3], call->rows,
                          &call->augmentation, values[4]);
    else if (call->primitive == PRIMITIVE_GATHER_BYTE_IMAGES)
        cpu_gather_byte_images(values[0], values[1], values[2], values[3], call->rows,
                               &call->augmentation, values[4]);
    else
        cpu_mix_rows(values[0], call->rows, call->columns, call->scalars[0]);
}

/* Runs the batch normalization primitives. */
static void norm_run(const struct primitive_call *call, void *const *values)
{
    size_t rows = call->rows, columns = call->columns;
    switch (call->primitive) {
    case PRIMITIVE_NORM_STATISTICS:
        cpu_norm_statistics(values[0], rows, columns, values[1], values[2]);
        break;
    case PRIMITIVE_NORM_FORWARD:
        cpu_norm_forward(values[0], rows, columns, values[1], values[2], values[3], values[4],
                         values[5]);
        break;
    case PRIMITIVE_NORM_GRADIENT:
        cpu_norm_gradient(values[0], values[1], rows, columns, values[2], values[3], values[4],
                          values[5]);
        break;
    case PRIMITIVE_NORM_BACKWARD:
        cpu_norm_backward(values[0], rows, columns, rows, values[1], values[2], values[3],
                          values[4], values[5], values[6]);
        break;
    default:
        cpu_norm_running(values[0], values[1], columns, call->scalars[0], call->scalars[1],
                         values[2], values[3]);
    }
}

/* Runs the sums over columns, weights or samples. */
static void sums_run(const struct primitive_call *call, void *const *values)
{
    size_t rows = call->rows, columns = call->columns;
    float *sums = values[1];
    if (call->primitive == PRIMITIVE_BIAS_GRADIENT)
        cpu_bias_gradient(values[0], rows, columns, sums);
    else if (call->primitive == PRIMITIVE_CLIP_FACTOR)
        sums[0] = cpu_clip_factor(values[0], rows * columns, call->scalars[0]);
    else if (call->primitive == PRIMITIVE_PENALTY_TERMS)
        cpu_penalty_terms(values[0], rows * columns, &sums[0], &sums[1]);
    else
        cpu_metrics_sum(values[0], values[1], rows, values[2], values[3]);
}

/* Gathers samples in a new order, from floats or bytes. */
static void gather_run(const struct primitive_call *call, void *const *values)
{
    if (call->primitive == PRIMITIVE_GATHER_BYTE_ROWS)
        cpu_gather_byte_rows(values[0], values[1], values[2], 0, values[3], values[4], call->rows,
                             call->columns, values[5], values[6]);
    else
        cpu_gather_rows(values[0], values[1], values[2], 0, call->rows, call->columns, values[3],
                        values[4]);
}

enum weft_status cpu_primitive_run(struct weft_device *device, const struct primitive_call *call)
{
    (void)device;
    void *values[PRIMITIVE_MAX_ARRAYS];
    for (size_t i = 0; i < PRIMITIVE_MAX_ARRAYS; i++)
        values[i] = call->arrays[i].values;

    switch (call->primitive) {
    case PRIMITIVE_PRODUCT:
        return product_run(call);
    case PRIMITIVE_SOFTMAX_ROWS:
        cpu_softmax_rows(values[0], call->rows, call->columns, values[1]);
        break;
    case PRIMITIVE_SOFTMAX_CROSS_ENTROPY:
    case PRIMITIVE_SIGMOID_CROSS_ENTROPY:
    case PRIMITIVE_IDENTITY_SQUARED_ERROR:
        loss_run(call, values);
        break;
    case PRIMITIVE_IMAGE_DRAWS:
    case PRIMITIVE_GATHER_IMAGES:
    case PRIMITIVE_GATHER_BYTE_IMAGES:
    case PRIMITIVE_MIX_ROWS:
        images_run(call, values);
        break;
    case PRIMITIVE_LABEL_TARGETS:
    case PRIMITIVE_GATHER_TARGETS:
        targets_run(call, values);
        break;
    case PRIMITIVE_NORM_STATISTICS:
    case PRIMITIVE_NORM_FORWARD:
    case PRIMITIVE_NORM_GRADIENT:
    case PRIMITIVE_NORM_BACKWARD:
    case PRIMITIVE_NORM_RUNNING:
        norm_run(call, values);
        break;
    case PRIMITIVE_BIAS_GRADIENT:
    case PRIMITIVE_PENALTY_TERMS:
    case PRIMITIVE_CLIP_FACTOR:
    case PRIMITIVE_METRICS_SUM:
        sums_run(call, values);
        break;
    case PRIMITIVE_PARAMETERS_UPDATE:
        update_run(call, values);
        break;
    case PRIMITIVE_GATHER_BYTE_ROWS:
    case PRIMITIVE_GATHER_ROWS:
        gather_run(call, values);
        break;
    case PRIMITIVE_REPULSION:
        cpu_repulsion(values[0], call->rows, values[1], values[2]);
        break;
    case PRIMITIVE_COUNT:
        return fail(WEFT_ERROR_INTERNAL, "cpu: primitive %d: there is none", (int)call->primitive);
    default:
        elementwise_run(call, values);
    }
    return WEFT_OK;
}
