/* Kernels and matrix products, each with its own result. See check_suite.h. */
#include "check/check_suite.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "check/check_cases.h"

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

static enum weft_status kernel_check(struct weft_device *device, const struct check_plan *plan,
                                     enum primitive primitive, const struct kernel_shape *shape,
                                     enum check_values values, int variant,
                                     const struct check_sink *sink)
{
    struct check_result result;
    TRY(check_primitive(device, primitive, shape->rows, shape->columns, values, variant, plan->seed,
                        &result));
    if (values == CHECK_EXTREME)
        shape_append(&result, ", extreme values");
    sink->result(sink->user, &result);
    return WEFT_OK;
}

/* Checks ordinary values at every shape, and extreme values at some shapes or, if thorough, at
 * all. */
static enum weft_status kernel_shapes_check(struct weft_device *device,
                                            const struct check_plan *plan, enum primitive primitive,
                                            int variant, const struct check_sink *sink)
{
    for (size_t s = 0; s < sizeof kernel_shapes / sizeof *kernel_shapes; s++) {
        const struct kernel_shape *shape = &kernel_shapes[s];
        if (shape->thorough && !plan->thorough)
            continue;
        TRY(kernel_check(device, plan, primitive, shape, CHECK_ORDINARY, variant, sink));
        if (shape->extreme || plan->thorough)
            TRY(kernel_check(device, plan, primitive, shape, CHECK_EXTREME, variant, sink));
    }
    return WEFT_OK;
}

enum weft_status check_kernels(struct weft_device *device, const struct check_plan *plan,
                               const struct check_sink *sink)
{
    for (int p = 0; p < PRIMITIVE_COUNT; p++)
        for (int v = 0; p != PRIMITIVE_PRODUCT && v < check_primitive_variants((enum primitive)p);
             v++)
            TRY(kernel_shapes_check(device, plan, (enum primitive)p, v, sink));
    return WEFT_OK;
}

/* ---- products ---- */

/* Largest number of multiplications in a product whose every element is computed again. */
enum { LARGEST_REAL = 1 << 24 };

/* Checks integers, with operands at the start of their arrays and at an offset. `whose` is appended
 * to the shape. */
static enum weft_status product_check_exact(struct weft_device *device,
                                            const struct check_plan *plan,
                                            struct product_shape shape, const char *whose,
                                            const struct check_sink *sink)
{
    for (; shape.offset <= 64; shape.offset += 64) {
        struct check_result result;
        TRY(check_product_exact(device, &shape, plan->seed, &result));
        shape_append(&result, whose);
        sink->result(sink->user, &result);
    }
    return WEFT_OK;
}

static enum weft_status product_check(struct weft_device *device, const struct check_plan *plan,
                                      struct product_shape shape, const char *whose,
                                      const struct check_sink *sink)
{
    struct check_result result;
    TRY(product_check_exact(device, plan, shape, whose, sink));
    /* The samples are the rows, or the inner dimension of a weight gradient. */
    const bool gradient = shape.form == PRODUCT_WEIGHT_GRADIENT;
    size_t *samples = gradient ? &shape.k : &shape.m;
    const size_t each = shape.n * (gradient ? shape.m : shape.k);
    if (!plan->thorough)
        *samples = size_min(*samples, size_max(LARGEST_REAL / each, 1));
    TRY(check_product(device, &shape, plan->seed, &result));
    shape_append(&result, whose);
    sink->result(sink->user, &result);
    return WEFT_OK;
}

/* Checks Weft's own product kernels, which stand in for all other engines. They are checked
 * whatever engine is in use, unless they were found wrong and replaced. The sizes are odd and even,
 * below, at and above a tile. */
static enum weft_status own_products_check(struct weft_device *device,
                                           const struct check_plan *plan,
                                           const struct check_sink *sink)
{
    static const size_t shapes[][3] = {
        {1, 1, 1}, {7, 3, 5}, {64, 64, 64}, {93, 17, 33}, {130, 67, 70}};
    if (device->backend->repair == NULL) /* there is only one engine */
        return WEFT_OK;
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (int form = PRODUCT_FORWARD; form < PRODUCT_FORMS; form++)
            TRY(product_check(device, plan,
                              (struct product_shape){(enum product_form)form, shapes[s][0],
                                                     shapes[s][1], shapes[s][2], 0, WEFT_GEMM_OWN,
                                                     0},
                              ", own kernels", sink));
    return WEFT_OK;
}

enum weft_status check_products(struct weft_device *device, const struct check_plan *plan,
                                const struct check_sink *sink)
{
    struct product_shape *shapes = NULL;
    size_t count = 0;
    TRY(check_plan_products(plan, &shapes, &count));
    enum weft_status status = WEFT_OK;
    for (size_t i = 0; i < count && status == WEFT_OK; i++)
        status = shapes[i].like > 0 ? product_check(device, plan, shapes[i], "", sink)
                                    : product_check_exact(device, plan, shapes[i], "", sink);
    memory_free(shapes);
    TRY(status);
    return own_products_check(device, plan, sink);
}
