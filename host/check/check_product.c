/* Products against the reference: reals with a bound, integers exactly. See check.h. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "check/check.h"
#include "reference/reference.h"

/* Integers up to this, and all their sums, are exact in float32. */
#define EXACT_LIMIT 0x1p24

/* Operands of the exact check: magnitudes, and how many of a row of A are as large as that. */
#define A_LARGEST 4095.0
#define B_LARGEST 2.0
enum { FULL_TERMS = 1024 };

static const char *const form_names[] = {[PRODUCT_FORWARD] = "product_forward",
                                         [PRODUCT_WEIGHT_GRADIENT] = "product_weight_gradient",
                                         [PRODUCT_DELTA] = "product_delta"};

/* A product's operands, all owned. */
struct product_arrays {
    float *a, *b, *c;
};

/* Steps through a matrix of a form: element (row, column) lies at row * row_step + column * step.
 */
struct view {
    const float *values;
    size_t row_step, step;
};

/* A [M][K] and B [K][N] as the formula has them, whatever the form stores. */
static struct view view_a(enum product_form form, const float *a, size_t m, size_t k)
{
    return form == PRODUCT_WEIGHT_GRADIENT ? (struct view){a, 1, m} : (struct view){a, k, 1};
}

static struct view view_b(enum product_form form, const float *b, size_t n, size_t k)
{
    return form == PRODUCT_FORWARD ? (struct view){b, 1, k} : (struct view){b, n, 1};
}

static void result_begin(struct check_result *result, enum product_form form, size_t m, size_t n,
                         size_t k)
{
    memset(result, 0, sizeof *result);
    result->name = form_names[form];
    result->ok = true;
    (void)snprintf(result->shape, sizeof result->shape, "%zux%zux%zu", m, n, k);
    (void)snprintf(result->array, sizeof result->array, "c");
}

/* Takes note of an element that is worse than those before. */
static void note(struct check_result *result, size_t index, double got, double want, double bound)
{
    const double error = fabs(got - want);
    const bool right = error <= bound; /* false for a NaN */
    const double ratio = right ? (bound > 0.0 ? error / bound : 0.0) : HUGE_VAL;
    result->ok = result->ok && right;
    if (ratio <= result->worst && index != 0)
        return;
    result->worst = ratio;
    result->index = index;
    result->got = got;
    result->want = want;
    result->bound = bound;
}

static enum weft_status product_run(struct weft_device *device, enum product_form form, size_t m,
                                    size_t n, size_t k, const struct product_arrays *arrays)
{
    for (size_t i = 0; i < m * n; i++)
        arrays->c[i] = NAN;
    const struct primitive_call call = {
        .primitive = PRIMITIVE_PRODUCT,
        .form = form,
        .rows = m,
        .columns = n,
        .inner = k,
        .arrays = {{arrays->a, m * k}, {arrays->b, n * k}, {arrays->c, m * n}}};
    return device->backend->primitive_run(device, &call);
}

/* ---- reals ---- */

static void real_compare(enum product_form form, size_t m, size_t n, size_t k,
                         const struct product_arrays *arrays, struct check_result *result)
{
    const struct view a = view_a(form, arrays->a, m, k), b = view_b(form, arrays->b, n, k);
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
            note(result, index, (double)arrays->c[index], sum,
                 (double)k * 0x1p-24 * magnitude + 0x1p-126);
        }
}

static enum weft_status real_check(struct weft_device *device, enum product_form form, size_t m,
                                   size_t n, size_t k, uint64_t seed,
                                   const struct product_arrays *arrays, struct check_result *result)
{
    const struct random_stream a = {seed, RANDOM_CHECK, 0}, b = {seed, RANDOM_CHECK, 1};
    for (size_t i = 0; i < m * k; i++)
        arrays->a[i] = random_uniform(a, i, -1.0f, 1.0f);
    for (size_t i = 0; i < n * k; i++)
        arrays->b[i] = random_uniform(b, i, -1.0f, 1.0f);
    TRY(product_run(device, form, m, n, k, arrays));
    real_compare(form, m, n, k, arrays, result);
    return WEFT_OK;
}

/* ---- integers ---- */

/* values [n] = random integers -largest..largest, never all alike: a cheap generator seeded by
 * Philox, because millions of them are made before every training. */
static void integers_fill(struct random_stream stream, float *values, size_t n, double largest)
{
    uint32_t state = random_bits(stream, 0) | 1u;
    const uint32_t width = 2u * (uint32_t)largest + 1u;
    for (size_t i = 0; i < n; i++) {
        state = state * 1664525u + 1013904223u; /* Numerical Recipes, 7.1 */
        values[i] = (float)((int64_t)(((uint64_t)state * width) >> 32) - (int64_t)largest);
    }
}

/* The k terms |a| |b| of an element stay below 2^24 together. a takes the bits: in every row up to
 * FULL_TERMS elements have 12 of them, so that a device that drops some is seen whatever k is; the
 * others share what is left. */
static void exact_a_fill(struct random_stream stream, enum product_form form, size_t m, size_t k,
                         float *a)
{
    integers_fill(stream, a, m * k, A_LARGEST);
    const size_t stride = (k + FULL_TERMS - 1) / FULL_TERMS;
    const double left = EXACT_LIMIT / B_LARGEST - FULL_TERMS * A_LARGEST;
    const int32_t largest = (int32_t)fmax(1.0, floor(left / (double)k));
    const struct view view = view_a(form, a, m, k);
    for (size_t row = 0; row < m && stride > 1; row++)
        for (size_t i = 0; i < k; i++) {
            float *value = &a[row * view.row_step + i * view.step];
            if ((row + i) % stride != 0)
                *value = (float)((int32_t)*value % (largest + 1));
        }
}

/* B r, then A (B r): both in double, exact. Scratch: br [k]. */
static void exact_compare(enum product_form form, size_t m, size_t n, size_t k,
                          const struct product_arrays *arrays, const float *r, double *br,
                          struct check_result *result)
{
    const struct view a = view_a(form, arrays->a, m, k), b = view_b(form, arrays->b, n, k);
    for (size_t i = 0; i < k; i++)
        br[i] = 0.0;
    /* In the order of memory, whichever way the form has it. */
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
            got += (double)arrays->c[row * n + column] * (double)r[column];
        note(result, row, got, want, 0.0);
    }
}

static enum weft_status exact_check(struct weft_device *device, enum product_form form, size_t m,
                                    size_t n, size_t k, uint64_t seed,
                                    const struct product_arrays *arrays, float *r, double *br,
                                    struct check_result *result)
{
    exact_a_fill((struct random_stream){seed, RANDOM_CHECK, 2}, form, m, k, arrays->a);
    integers_fill((struct random_stream){seed, RANDOM_CHECK, 3}, arrays->b, n * k, B_LARGEST);
    integers_fill((struct random_stream){seed, RANDOM_CHECK, 4}, r, n, 64.0);
    for (size_t i = 0; i < n; i++)
        r[i] = r[i] >= 0.0f ? r[i] + 1.0f : r[i]; /* never 0: every column counts */
    TRY(product_run(device, form, m, n, k, arrays));
    (void)snprintf(result->array, sizeof result->array, "row of c");
    exact_compare(form, m, n, k, arrays, r, br, result);
    return WEFT_OK;
}

/* ---- the doors ---- */

static enum weft_status arrays_allocate(struct product_arrays *arrays, size_t m, size_t n, size_t k)
{
    TRY(NEW_ARRAY(arrays->a, m * k));
    TRY(NEW_ARRAY(arrays->b, n * k));
    return NEW_ARRAY(arrays->c, m * n);
}

static void arrays_reset(struct product_arrays *arrays)
{
    memory_free(arrays->a);
    memory_free(arrays->b);
    memory_free(arrays->c);
}

enum weft_status check_product(struct weft_device *device, enum product_form form, size_t m,
                               size_t n, size_t k, uint64_t seed, struct check_result *result)
{
    struct product_arrays arrays = {NULL, NULL, NULL};
    result_begin(result, form, m, n, k);
    enum weft_status status = arrays_allocate(&arrays, m, n, k);
    if (status == WEFT_OK)
        status = real_check(device, form, m, n, k, seed, &arrays, result);
    arrays_reset(&arrays);
    return status;
}

enum weft_status check_product_exact(struct weft_device *device, enum product_form form, size_t m,
                                     size_t n, size_t k, uint64_t seed, struct check_result *result)
{
    struct product_arrays arrays = {NULL, NULL, NULL};
    float *r = NULL;
    double *br = NULL;
    result_begin(result, form, m, n, k);
    enum weft_status status = arrays_allocate(&arrays, m, n, k);
    if (status == WEFT_OK)
        status = NEW_ARRAY(r, n);
    if (status == WEFT_OK)
        status = NEW_ARRAY(br, k);
    if (status == WEFT_OK)
        status = exact_check(device, form, m, n, k, seed, &arrays, r, br, result);
    memory_free(br);
    memory_free(r);
    arrays_reset(&arrays);
    return status;
}
