/* Reads the article's algorithm on a tiny problem, step by step. golden/make_article_golden.py
 * wrote it in float64 with NumPy. A suite reads its numbers with golden_numbers. */
#ifndef WEFT_TESTS_GOLDEN_ARTICLE_H
#define WEFT_TESTS_GOLDEN_ARTICLE_H

#include <jansson.h>

#include "network/network.h"
#include "suite.h"

enum { GOLDEN_MAX = 64 }; /* size of the largest array in the file */

struct golden {
    json_t *root; /* owned */
    size_t samples, features, hidden, classes, batches, epochs;
    double l1, l2, learning_rate;
    double x[GOLDEN_MAX];          /* [N][D] */
    int32_t labels[GOLDEN_MAX];    /* [N] */
    double parameters[GOLDEN_MAX]; /* w1 [H][D], then w2 [C][H], as in struct network */
    struct network network;
};

/* Appends every number of the nested array `node` to `values`, which already has `count` numbers.
 * Returns the new count. */
static inline size_t golden_flatten(const json_t *node, double *values, size_t count)
{
    if (json_is_number(node)) {
        ck_assert_uint_lt(count, GOLDEN_MAX);
        values[count] = json_number_value(node);
        return count + 1;
    }
    ck_assert(json_is_array(node));
    for (size_t i = 0; i < json_array_size(node); i++)
        count = golden_flatten(json_array_get(node, i), values, count);
    return count;
}

/* Reads the array or number `key` of `object`, row by row, into values [expected]. */
static inline void golden_numbers(const json_t *object, const char *key, double *values,
                                  size_t expected)
{
    double all[GOLDEN_MAX];
    size_t count = golden_flatten(json_object_get(object, key), all, 0);
    ck_assert_msg(count == expected, "%s: %zu numbers, expected %zu", key, count, expected);
    memcpy(values, all, expected * sizeof *values);
}

static inline size_t golden_size(const json_t *object, const char *key)
{
    double value;
    golden_numbers(object, key, &value, 1);
    return (size_t)value;
}

static inline void golden_load(struct golden *golden)
{
    json_error_t error;
    golden->root = json_load_file(WEFT_SOURCE_DIR "/tests/golden/article_tiny.json", 0, &error);
    ck_assert_msg(golden->root != NULL, "%s", error.text);
    const json_t *shape = json_object_get(golden->root, "shape");
    golden->samples = golden_size(shape, "samples");
    golden->features = golden_size(shape, "features");
    golden->hidden = golden_size(shape, "hidden");
    golden->classes = golden_size(shape, "classes");
    golden->batches = golden_size(shape, "batches");
    golden->epochs = golden_size(shape, "epochs");
    golden_numbers(golden->root, "l1", &golden->l1, 1);
    golden_numbers(golden->root, "l2", &golden->l2, 1);
    golden_numbers(golden->root, "learning_rate", &golden->learning_rate, 1);
    golden_numbers(golden->root, "X", golden->x, golden->samples * golden->features);
    double labels[GOLDEN_MAX];
    golden_numbers(golden->root, "labels", labels, golden->samples);
    for (size_t i = 0; i < golden->samples; i++)
        golden->labels[i] = (int32_t)labels[i];

    size_t first = golden->hidden * golden->features;
    golden_numbers(golden->root, "w1", golden->parameters, first);
    golden_numbers(golden->root, "w2", golden->parameters + first,
                   golden->classes * golden->hidden);
    size_t widths[] = {golden->features, golden->hidden, golden->classes};
    ck_ok(network_init(&golden->network, widths, 2, WEFT_HEAD_SIGMOID, false));
}

static inline void golden_free(struct golden *golden)
{
    network_reset(&golden->network);
    json_decref(golden->root);
}

/* Returns the object of step `index`. There are epochs x batches steps. */
static inline const json_t *golden_step(const struct golden *golden, size_t index)
{
    const json_t *steps = json_object_get(golden->root, "steps");
    ck_assert_uint_eq(json_array_size(steps), golden->epochs * golden->batches);
    return json_array_get(steps, index);
}

/* Finds batch `index` of an epoch, as numpy.array_split divides it. */
static inline void golden_batch(const struct golden *golden, size_t index, size_t *first,
                                size_t *count)
{
    size_t size = golden->samples / golden->batches, longer = golden->samples % golden->batches;
    *count = size + (index < longer ? 1 : 0);
    *first = index * size + (index < longer ? index : longer);
}

/* Returns the article's error of a batch: half of (loss / C + penalty terms, each halved). */
static inline double golden_error(const struct golden *golden, double loss, double weight_abs,
                                  double weight_squares)
{
    double penalty = 0.5 * golden->l1 * weight_abs + 0.5 * golden->l2 * weight_squares;
    return 0.5 * (loss / (double)golden->classes + penalty);
}

/* Checks |got - expected| <= tolerance (1 + |expected|) for arrays [n]. The message names `what`
 * and `step`. */
static inline void golden_compare(const char *what, size_t step, const double *got,
                                  const double *expected, size_t n, double tolerance)
{
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(fabs(got[i] - expected[i]) <= tolerance * (1.0 + fabs(expected[i])),
                      "step %zu: %s[%zu]: got %.17g, expected %.17g, tolerance %g", step, what, i,
                      got[i], expected[i], tolerance);
}

#endif
