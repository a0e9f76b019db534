/* Provides arrays for running the primitives of a backend one by one. They are filled with NaN,
 * followed by guard words, and accompanied by their exact values in double precision.
 *
 * The bounds use u = 2^-24; one rounding to float32 is a relative error of at most u. The reference
 * counts as exact.
 *
 *   product               (K + 1) u sum |a b|: K products and K - 1 sums in any order, fused
 *                         or not, cause at most K roundings of each term; + u covers
 *                         second-order terms
 *   bias_add, update,     1, 2 and 3 roundings, each u times the rounded magnitude, which is
 *   penalty_gradient      at most the sum of the operands' magnitudes
 *   standardize_rows      2 roundings, relative
 *   sigmoid, softplus     3 ulp (test_cpu_math.c), relative; an ulp is at most 2 u, so 6 u
 *   softmax               exp(z - m) has an error of u |z - m| from the subtraction and 2 ulp
 *                         of its own; with |z - m| <= R this is R u + 4 u. The sum of such
 *                         terms has the same error and one rounding, the division one more
 *                         rounding: 2 R u + 10 u, relative. The log of the sum: R u + 4 u
 *   p - y, times factor   u |p - y| each
 *   sums                  in double, rounded once to float: u |sum|, and a trace from double
 *
 * Copies, clips and counts are exact.
 */
#ifndef WEFT_TESTS_PRIMITIVE_ARRAYS_H
#define WEFT_TESTS_PRIMITIVE_ARRAYS_H

#include "backend/primitive.h"
#include "base/random.h"
#include "cpu/cpu.h"
#include "suite.h"

#define U 0x1p-24

enum { GUARD = 17 };                            /* number of guard words after every array */
static const uint32_t guard_word = 0x7fc0deadU; /* a NaN with a pattern of our own */

/* Numbers of rows, and below them the matching numbers of columns. */
static const size_t sizes[] = {1, 7, 64, 93, 1000, 3001};
enum { SIZES = sizeof sizes / sizeof sizes[0] };
static const size_t widths[] = {1, 2, 10, 50, 93, 3001};

/* Elements of the largest array: WEFT_KERNEL_ELEMENTS, for sanitizers. With 100000 of them, loops
 * still share their elements among threads (CPU_SHARED). */
static inline size_t most_elements(void)
{
    const char *text = getenv("WEFT_KERNEL_ELEMENTS");
    return text != NULL ? strtoul(text, NULL, 10) : 1000000;
}

static struct weft_device *device;

static inline void open_device(void)
{
    ck_ok(cpu_device_create(&device));
}

static inline void close_device(void)
{
    device->backend->device_destroy(device);
}

/* An array of a call, as 4-byte words for the device and in double precision for the reference. */
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

/* Makes an array of NaN with its guard. */
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

/* Makes random floats in low .. high. Each array of a call has its own `stream`. */
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

/* Makes random integers below `limit`. */
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

/* The update rule that run() uses for optimizers. */
static const struct update_rule *run_update;

/* Runs the primitive on the arrays and checks the guards. */
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

/* Checks that every element of `array` is within bound [n] of array->exact. Reports the worst
 * element. */
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

/* Checks that each element is within `factor` u of its own magnitude, plus a denormal. */
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
