/* Kernels, matrix products and small steps, each with its own result. See check_suite.h. */
#include "check/check_suite.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "check/check_cases.h"
#include "options/activation_text.h"

static void shape_append(struct check_result *result, const char *text)
{
    const size_t length = strlen(result->shape);
    snprintf(result->shape + length, sizeof result->shape - length, "%s", text);
}

/* ---- kernels ---- */

/* The number of rows and columns of a kernel's arrays. */
struct kernel_shape {
    size_t rows, columns;
    bool thorough; /* only in a thorough check */
    bool extreme;  /* also with extreme values */
};

static const struct kernel_shape kernel_shapes[] = {
    {1, 1, false, false},   {1, 7, true, false},      {7, 3, false, false},
    {64, 64, false, false}, {65, 1, false, true},     {93, 17, false, true},
    {33, 128, true, false}, {1000, 10, false, false}, {2053, 5, true, false},
    {300, 257, true, false}};

static enum weft_status kernel_check(struct weft_device *device,
                                     const struct check_subject *subject, enum primitive primitive,
                                     const struct kernel_shape *shape, enum check_values values,
                                     int variant, const struct check_sink *sink)
{
    struct check_result result;
    TRY(check_primitive(device, primitive, shape->rows, shape->columns, values, variant,
                        subject->seed, &result));
    if (values == CHECK_EXTREME)
        shape_append(&result, ", extreme values");
    sink->result(sink->user, &result);
    return WEFT_OK;
}

/* Checks ordinary values at every shape, and extreme values at some shapes or, if thorough, at
 * all. */
static enum weft_status kernel_shapes_check(struct weft_device *device,
                                            const struct check_subject *subject,
                                            enum primitive primitive, int variant,
                                            const struct check_sink *sink)
{
    for (size_t s = 0; s < sizeof kernel_shapes / sizeof *kernel_shapes; s++) {
        const struct kernel_shape *shape = &kernel_shapes[s];
        if (shape->thorough && !subject->thorough)
            continue;
        TRY(kernel_check(device, subject, primitive, shape, CHECK_ORDINARY, variant, sink));
        if (shape->extreme || subject->thorough)
            TRY(kernel_check(device, subject, primitive, shape, CHECK_EXTREME, variant, sink));
    }
    return WEFT_OK;
}

enum weft_status check_kernels(struct weft_device *device, const struct check_subject *subject,
                               const struct check_sink *sink)
{
    for (int p = 0; p < PRIMITIVE_COUNT; p++)
        for (int v = 0; p != PRIMITIVE_PRODUCT && v < check_primitive_variants((enum primitive)p);
             v++)
            TRY(kernel_shapes_check(device, subject, (enum primitive)p, v, sink));
    return WEFT_OK;
}

/* ---- products ---- */

/* Largest number of elements in an operand. A larger product has the same tiles, only more of them.
 * Testing it whole would take seconds. */
enum { LARGEST_OPERAND = 1 << 22 };
/* Largest number of multiplications in a product whose every element is computed again. */
enum { LARGEST_REAL = 1 << 24 };

size_t check_samples(size_t samples, size_t width)
{
    enum { TILE = 1024 }; /* a multiple of every tile size */
    const size_t limit = size_max(LARGEST_OPERAND / width, 2 * TILE);
    if (samples <= limit)
        return samples;
    return samples % TILE + (limit - TILE) / TILE * TILE;
}

/* Checks integers, with operands at the start of their arrays and at an offset. `whose` is appended
 * to the shape. */
static enum weft_status product_check_exact(struct weft_device *device,
                                            const struct check_subject *subject,
                                            struct product_shape shape, const char *whose,
                                            const struct check_sink *sink)
{
    for (; shape.offset <= 64; shape.offset += 64) {
        struct check_result result;
        TRY(check_product_exact(device, &shape, subject->seed, &result));
        shape_append(&result, whose);
        sink->result(sink->user, &result);
    }
    return WEFT_OK;
}

static enum weft_status product_check(struct weft_device *device,
                                      const struct check_subject *subject,
                                      struct product_shape shape, const char *whose,
                                      const struct check_sink *sink)
{
    struct check_result result;
    TRY(product_check_exact(device, subject, shape, whose, sink));
    /* The samples are the rows, or the inner dimension of a weight gradient. */
    const bool gradient = shape.form == PRODUCT_WEIGHT_GRADIENT;
    size_t *samples = gradient ? &shape.k : &shape.m;
    const size_t each = shape.n * (gradient ? shape.m : shape.k);
    if (!subject->thorough)
        *samples = size_min(*samples, size_max(LARGEST_REAL / each, 1));
    TRY(check_product(device, &shape, subject->seed, &result));
    shape_append(&result, whose);
    sink->result(sink->user, &result);
    return WEFT_OK;
}

/* Checks Weft's own product kernels, which stand in for all other engines. They are checked
 * whatever engine is in use, unless they were found wrong and replaced. The sizes are odd and even,
 * below, at and above a tile. */
static enum weft_status own_products_check(struct weft_device *device,
                                           const struct check_subject *subject,
                                           const struct check_sink *sink)
{
    static const size_t shapes[][3] = {
        {1, 1, 1}, {7, 3, 5}, {64, 64, 64}, {93, 17, 33}, {130, 67, 70}};
    if (device->backend->repair == NULL) /* there is only one engine */
        return WEFT_OK;
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (int form = PRODUCT_FORWARD; form < PRODUCT_FORMS; form++)
            TRY(product_check(device, subject,
                              (struct product_shape){(enum product_form)form, shapes[s][0],
                                                     shapes[s][1], shapes[s][2], 0, WEFT_GEMM_OWN,
                                                     0},
                              ", own kernels", sink));
    return WEFT_OK;
}

/* Checks the products of a training batch of `batch` samples, with the engine of the largest
 * batch. */
static enum weft_status batch_products_check(struct weft_device *device,
                                             const struct check_subject *subject, size_t batch,
                                             const struct check_sink *sink)
{
    const struct network *network = subject->network;
    const size_t like = subject->batches[0];
    for (size_t l = 0; l < network->layer_count && batch > 0; l++) {
        const size_t inputs = network->layers[l].inputs, outputs = network->layers[l].outputs;
        const size_t samples = check_samples(batch, size_max(inputs, outputs));
        const enum weft_gemm products = subject->products;
        const struct product_shape shapes[] = {
            {PRODUCT_FORWARD, samples, outputs, inputs, 0, products, like},
            {PRODUCT_WEIGHT_GRADIENT, outputs, inputs, samples, 0, products, like},
            {PRODUCT_DELTA, samples, inputs, outputs, 0, products, like}};
        for (size_t s = 0; s < (l > 0 ? 3 : 2); s++)
            TRY(product_check(device, subject, shapes[s], "", sink));
    }
    return WEFT_OK;
}

enum weft_status check_products(struct weft_device *device, const struct check_subject *subject,
                                const struct check_sink *sink)
{
    const struct network *network = subject->network;
    for (size_t i = 0; i < sizeof subject->batches / sizeof *subject->batches; i++)
        TRY(batch_products_check(device, subject, subject->batches[i], sink));
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct product_shape shape = {PRODUCT_FORWARD,
                                            subject->block,
                                            network->layers[l].outputs,
                                            network->layers[l].inputs,
                                            0,
                                            subject->products,
                                            0};
        TRY(product_check_exact(device, subject, shape, "", sink));
    }
    return own_products_check(device, subject, sink);
}

/* ---- small steps ---- */

static enum weft_status small_step_check(struct weft_device *device,
                                         const struct check_subject *subject,
                                         const struct step_variant *variant,
                                         const struct check_sink *sink)
{
    struct check_result result;
    TRY(check_step(device, variant, subject->seed, &result));
    snprintf(result.shape, sizeof result.shape, "%s, %s%s%s%s", head_name(variant->head),
             activation_names[variant->activation], variant->bias ? ", bias" : "",
             variant->true_class_only ? ", true class" : "", variant->shuffled ? ", shuffled" : "");
    sink->result(sink->user, &result);
    return WEFT_OK;
}

enum weft_status check_small_steps(struct weft_device *device, const struct check_subject *subject,
                                   const struct check_sink *sink)
{
    for (int head = 0; head < HEADS; head++)
        for (int bits = 0; bits < 4; bits++) {
            struct step_variant variant = {.head = (enum weft_head)head,
                                           .activation =
                                               network_hidden_activation(subject->network),
                                           .bias = (bits & 1) != 0,
                                           .shuffled = (bits & 2) != 0,
                                           .products = subject->products};
            TRY(small_step_check(device, subject, &variant, sink));
            variant.true_class_only = true;
            if (head == WEFT_HEAD_SIGMOID)
                TRY(small_step_check(device, subject, &variant, sink));
        }
    return WEFT_OK;
}
