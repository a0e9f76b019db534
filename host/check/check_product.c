/* Compares matrix products with the reference: reals within a bound, integers exactly. See
 * check.h. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "check/check.h"
#include "check/error_analysis.h"

/* float32 is exact for integers up to this limit and for their sums up to it. */
#define EXACT_LIMIT 0x1p24

/* The largest magnitudes in the operands of the exact check. FULL_TERMS elements in a row of A may
 * have the largest one. */
#define A_LARGEST 4095.0
#define B_LARGEST 2.0
enum { FULL_TERMS = 1024 };

static const char *const form_names[] = {[PRODUCT_FORWARD] = "product_forward",
                                         [PRODUCT_WEIGHT_GRADIENT] = "product_weight_gradient",
                                         [PRODUCT_DELTA] = "product_delta"};

/* The operands of a product, each after `offset` other elements, and scratch for a comparison. All
 * arrays are owned. */
struct product_arrays {
    float *a, *b, *c;
    float *r;   /* [n] */
    double *br; /* [k] */
};

/* A view of a matrix in any form. Element (row, column) is at row * row_step + column * step. */
struct view {
    const float *values;
    size_t row_step, step;
};

/* view_a returns A [M][K] and view_b returns B [K][N] as in the formula, whatever the form
 * stores. */
static struct view view_a(const struct product_shape *shape, const struct product_arrays *arrays)
{
    const float *a = arrays->a + shape->offset;
    return product_a_transposed(shape->form) ? (struct view){a, 1, shape->m}
                                             : (struct view){a, shape->k, 1};
}

static struct view view_b(const struct product_shape *shape, const struct product_arrays *arrays)
{
    const float *b = arrays->b + shape->offset;
    return product_b_transposed(shape->form) ? (struct view){b, 1, shape->k}
                                             : (struct view){b, shape->n, 1};
}

/* Runs the product. C starts as NaNs. The elements before it hold a number that must come back. */
static enum weft_status product_run(struct weft_device *device, const struct product_shape *shape,
                                    const struct product_arrays *arrays,
                                    struct check_result *result)
{
    const float guard = 1.23f;
    const size_t offset = shape->offset, count = shape->m * shape->n + offset;
    for (size_t i = 0; i < count; i++)
        arrays->c[i] = i < offset ? guard : NAN;
    const struct primitive_call call = {.primitive = PRIMITIVE_PRODUCT,
                                        .form = shape->form,
                                        .products = shape->products,
                                        .rows = shape->m,
                                        .columns = shape->n,
                                        .inner = shape->k,
                                        .offset = offset,
                                        .like = shape->like,
                                        .arrays = {{arrays->a, shape->m * shape->k + offset},
                                                   {arrays->b, shape->n * shape->k + offset},
                                                   {arrays->c, count}}};
    TRY(device->backend->primitive_run(device, &call));
    for (size_t i = 0; i < offset; i++)
        result_note(result, i, (double)arrays->c[i], (double)guard, 0.0);
    return WEFT_OK;
}

/* ---- reals ---- */

static void real_compare(const struct product_shape *shape, const struct product_arrays *arrays,
                         struct check_result *result)
{
    const struct view a = view_a(shape, arrays), b = view_b(shape, arrays);
    const float *c = arrays->c + shape->offset;
    const size_t m = shape->m, n = shape->n, k = shape->k;
    for (size_t row = 0; row < m; row++)
        for (size_t column = 0; column < n; column++) {
            double sum = 0.0, magnitude = 0.0;
            for (size_t i = 0; i < k; i++) {
                const double term = (double)a.values[row * a.row_step + i * a.step] *
                                    (double)b.values[i * b.row_step + column * b.step];
                sum += term;
                magnitude += fabs(term);
            }
            const size_t index = row * n + column;
            result_note(result, index, (double)c[index], sum,
                        product_bound_of(single_precision, magnitude, k, 0));
        }
}

static enum weft_status real_check(struct weft_device *device, const struct product_shape *shape,
                                   uint64_t seed, const struct product_arrays *arrays,
                                   struct check_result *result)
{
    const struct random_stream a = {seed, RANDOM_CHECK, 0}, b = {seed, RANDOM_CHECK, 1};
    for (size_t i = 0; i < shape->m * shape->k + shape->offset; i++)
        arrays->a[i] = random_uniform(a, i, -1.0f, 1.0f);
    for (size_t i = 0; i < shape->n * shape->k + shape->offset; i++)
        arrays->b[i] = random_uniform(b, i, -1.0f, 1.0f);
    TRY(product_run(device, shape, arrays, result));
    real_compare(shape, arrays, result);
    return WEFT_OK;
}

/* ---- integers ---- */

/* values [n] = random integers -largest..largest, never all equal. A cheap generator seeded by
 * Philox makes them, because every training run starts with millions of them. */
static void integers_fill(struct random_stream stream, float *values, size_t n, double largest)
{
    uint32_t state = random_bits(stream, 0) | 1u;
    const uint32_t width = 2u * (uint32_t)largest + 1u;
    for (size_t i = 0; i < n; i++) {
        state = state * 1664525u + 1013904223u; /* Numerical Recipes, 7.1 */
        values[i] = (float)((int64_t)(((uint64_t)state * width) >> 32) - (int64_t)largest);
    }
}

/* The k terms |a| |b| of an element sum to less than 2^24. In every row of A, up to FULL_TERMS
 * elements have 12 bits, so that a device that drops bits is seen whatever k is. The other elements
 * share the remaining bits. */
static void exact_a_fill(struct random_stream stream, const struct product_shape *shape,
                         const struct product_arrays *arrays)
{
    float *a = arrays->a + shape->offset;
    integers_fill(stream, arrays->a, shape->m * shape->k + shape->offset, A_LARGEST);
    const size_t stride = size_divide_up(shape->k, FULL_TERMS);
    const double left = EXACT_LIMIT / B_LARGEST - FULL_TERMS * A_LARGEST;
    const int32_t largest = (int32_t)fmax(1.0, floor(left / (double)shape->k));
    const struct view view = view_a(shape, arrays);
    for (size_t row = 0; row < shape->m && stride > 1; row++)
        for (size_t i = 0; i < shape->k; i++) {
            float *value = &a[row * view.row_step + i * view.step];
            if ((row + i) % stride != 0)
                *value = (float)((int32_t)*value % (largest + 1));
        }
}

/* Computes B r, then A (B r), and compares with C r. All are exact in double. */
static void exact_compare(const struct product_shape *shape, const struct product_arrays *arrays,
                          struct check_result *result)
{
    const struct view a = view_a(shape, arrays), b = view_b(shape, arrays);
    const float *c = arrays->c + shape->offset, *r = arrays->r;
    const size_t m = shape->m, n = shape->n, k = shape->k;
    double *br = arrays->br;
    for (size_t i = 0; i < k; i++)
        br[i] = 0.0;
    /* Both loops walk B in memory order. */
    if (b.step == 1)
        for (size_t i = 0; i < k; i++)
            for (size_t column = 0; column < n; column++)
                br[i] += (double)b.values[i * b.row_step + column] * (double)r[column];
    else
        for (size_t column = 0; column < n; column++)
            for (size_t i = 0; i < k; i++)
                br[i] += (double)b.values[i + column * b.step] * (double)r[column];
    for (size_t row = 0; row < m; row++) {
        double want = 0.0, got = 0.0;
        for (size_t i = 0; i < k; i++)
            want += (double)a.values[row * a.row_step + i * a.step] * br[i];
        for (size_t column = 0; column < n; column++)
            got += (double)c[row * n + column] * (double)r[column];
        result_note(result, row, got, want, 0.0);
    }
}

static enum weft_status exact_check(struct weft_device *device, const struct product_shape *shape,
                                    uint64_t seed, const struct product_arrays *arrays,
                                    struct check_result *result)
{
    const struct random_stream b = {seed, RANDOM_CHECK, 3}, r = {seed, RANDOM_CHECK, 4};
    exact_a_fill((struct random_stream){seed, RANDOM_CHECK, 2}, shape, arrays);
    integers_fill(b, arrays->b, shape->n * shape->k + shape->offset, B_LARGEST);
    integers_fill(r, arrays->r, shape->n, 64.0);
    for (size_t i = 0; i < shape->n; i++)
        arrays->r[i] += arrays->r[i] >= 0.0f; /* never 0, so that every column counts */
    TRY(product_run(device, shape, arrays, result));
    exact_compare(shape, arrays, result);
    return WEFT_OK;
}

/* ---- entry points ---- */

static enum weft_status arrays_allocate(struct product_arrays *arrays,
                                        const struct product_shape *shape)
{
    TRY(NEW_ARRAY(arrays->a, shape->m * shape->k + shape->offset));
    TRY(NEW_ARRAY(arrays->b, shape->n * shape->k + shape->offset));
    TRY(NEW_ARRAY(arrays->c, shape->m * shape->n + shape->offset));
    TRY(NEW_ARRAY(arrays->r, shape->n));
    return NEW_ARRAY(arrays->br, shape->k);
}

/* Allocates the operands, runs one of the two checks, and frees the operands. */
static enum weft_status check_with(struct weft_device *device, const struct product_shape *shape,
                                   uint64_t seed, bool exact, struct check_result *result)
{
    struct product_arrays arrays = {.a = NULL};
    result_begin(result, form_names[shape->form], exact ? "row of c" : "c");
    snprintf(result->shape, sizeof result->shape, "%zux%zux%zu%s", shape->m, shape->n, shape->k,
             shape->offset > 0 ? " with offsets" : "");
    enum weft_status status = arrays_allocate(&arrays, shape);
    if (status == WEFT_OK)
        status = exact ? exact_check(device, shape, seed, &arrays, result)
                       : real_check(device, shape, seed, &arrays, result);
    memory_free(arrays.br);
    memory_free(arrays.r);
    memory_free(arrays.c);
    memory_free(arrays.b);
    memory_free(arrays.a);
    return status;
}

enum weft_status check_product(struct weft_device *device, const struct product_shape *shape,
                               uint64_t seed, struct check_result *result)
{
    return check_with(device, shape, seed, false, result);
}

enum weft_status check_product_exact(struct weft_device *device, const struct product_shape *shape,
                                     uint64_t seed, struct check_result *result)
{
    return check_with(device, shape, seed, true, result);
}
