/* Arrays for running primitives of a backend one by one: filled with NaN, guarded behind, each with
 * its exact values in double beside it.
 *
 * Bounds, with u = 2^-24 (one rounding to float32 is a relative error of at most u) and the
 * reference taken as exact:
 *   product               (K + 1) u sum |a b|: K products and K - 1 sums in any order, fused or
 *                         not, are at most K roundings on the way of each term; + u for second
 * order bias_add, update,     the roundings counted (1, 2, 3), each u times the magnitude it
 * rounds, penalty_gradient      which is at most the sum of the operands'; standardize_rows 2,
 * relative sigmoid, softplus     3 ulp (test_cpu_math.c), an ulp is at most 2 u: 6 u
 *   softmax               exp(z - m) has u |z - m| from the subtraction and 2 ulp of its own: with
 *                         |z - m| <= R, R u + 4 u; the sum, of such terms, the same, rounded once;
 *                         the division once: 2 R u + 10 u, relative. log of the sum: R u + 4 u
 *   p - y, times factor   u |p - y| each
 *   sums                  in double, rounded once to float: u |sum|, and a trace of double's
 * Copies, clips and counts are exact.
 */
#ifndef WEFT_TESTS_PRIMITIVE_ARRAYS_H
#define WEFT_TESTS_PRIMITIVE_ARRAYS_H

#include "backend/primitive.h"
#include "base/random.h"
#include "cpu/cpu.h"
#include "suite.h"

#define U 0x1p-24

enum { GUARD = 17 };                            /* elements behind every array */
static const uint32_t guard_word = 0x7fc0deadU; /* a NaN of ours */

/* Rows, and the columns that go with them. */
static const size_t sizes[] = {1, 7, 64, 93, 1000, 3001};
enum { SIZES = sizeof sizes / sizeof sizes[0] };
static const size_t widths[] = {1, 2, 10, 50, 93, 3001};

static struct weft_device *device;

static inline void open_device(void)
{
    ck_ok(cpu_device_create(&device));
}

static inline void close_device(void)
{
    device->backend->device_destroy(device);
}

/* One array of a call, as the device sees it (4-byte words) and in double for the reference. */
struct array {
    size_t n;
    union {
        float *f;
        int32_t *i;
        uint32_t *u;
        void *words;
    } at;
    double *exact; /* [n] */
};

/* An array of NaN with its guard. */
static inline struct array array_output(size_t n)
{
    struct array array = {.n = n};
    ck_assert_uint_lt(n, (size_t)1 << 31);
    array.at.words = malloc((n + GUARD) * sizeof(float));
    array.exact = calloc(n, sizeof *array.exact);
    ck_assert(array.at.words != NULL && array.exact != NULL);
    for (size_t i = 0; i < n + GUARD; i++)
        array.at.u[i] = guard_word;
    return array;
}

/* Random floats of low .. high; `stream` tells arrays of one call apart. */
static inline struct array array_random(uint32_t stream, size_t n, float low, float high)
{
    struct array array = array_output(n);
    for (size_t i = 0; i < n; i++) {
        array.at.f[i] =
            random_uniform((struct random_stream){42, RANDOM_CHECK, stream}, i, low, high);
        array.exact[i] = (double)array.at.f[i];
    }
    return array;
}

/* Random integers below `limit`. */
static inline struct array array_integers(uint32_t stream, size_t n, size_t limit)
{
    struct array array = array_output(n);
    for (size_t i = 0; i < n; i++)
        array.at.u[i] =
            random_bits((struct random_stream){43, RANDOM_CHECK, stream}, i) % (uint32_t)limit;
    return array;
}

static inline void array_free(struct array *array)
{
    free(array->at.words);
    free(array->exact);
}

/* The rule of the optimizers that run() runs. */
static const struct update_rule *run_update;

/* Runs on the arrays and looks at the guards. */
static inline void run(enum primitive primitive, enum product_form form, const size_t shape[3],
                       const float scalars[2], struct array *arrays, size_t count)
{
    struct primitive_call call = {.primitive = primitive,
                                  .form = form,
                                  .rows = shape[0],
                                  .columns = shape[1],
                                  .inner = shape[2],
                                  .scalars = {scalars[0], scalars[1]},
                                  .update = run_update};
    for (size_t i = 0; i < count; i++)
        call.arrays[i] = (struct primitive_array){arrays[i].at.words, arrays[i].n + GUARD};
    ck_ok(device->backend->primitive_run(device, &call));
    for (size_t i = 0; i < count; i++) {
        for (size_t j = arrays[i].n; j < arrays[i].n + GUARD; j++)
            ck_assert_msg(arrays[i].at.u[j] == guard_word,
                          "primitive %d, %zu x %zu: array %zu written at %zu of %zu",
                          (int)primitive, shape[0], shape[1], i, j, arrays[i].n);
    }
}

/* Every element of `array` within its bound [n] of array->exact; shows the worst. */
static inline void check_floats(const char *name, const struct array *array, const double *bound)
{
    size_t worst = 0;
    double worst_ratio = -1.0;
    for (size_t i = 0; i < array->n; i++) {
        double error = fabs((double)array->at.f[i] - array->exact[i]);
        double ratio = error == 0.0 ? 0.0 : error / bound[i];
        if (!(ratio <= worst_ratio)) { /* a NaN is the worst */
            worst = i;
            worst_ratio = ratio;
            if (isnan(ratio))
                break;
        }
    }
    ck_assert_msg(worst_ratio <= 1.0, "%s: [%zu] of %zu: got %.9g, expected %.17g, bound %g", name,
                  worst, array->n, (double)array->at.f[worst], array->exact[worst], bound[worst]);
}

/* Each element within `factor` u of its own magnitude, and a denormal. */
static inline void check_relative(const char *name, const struct array *array, double factor)
{
    double *bound = calloc(array->n, sizeof *bound);
    ck_assert_ptr_nonnull(bound);
    for (size_t i = 0; i < array->n; i++)
        bound[i] = factor * U * fabs(array->exact[i]) + 0x1p-149;
    check_floats(name, array, bound);
    free(bound);
}

static inline void check_exact(const char *name, const struct array *array)
{
    check_relative(name, array, 0.0);
}

#endif
