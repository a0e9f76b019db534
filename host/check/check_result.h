/* The result of a comparison with the reference: its worst element so far, and who receives it. */
#ifndef WEFT_CHECK_CHECK_RESULT_H
#define WEFT_CHECK_CHECK_RESULT_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

struct check_result {
    const char *name; /* "sigmoid_forward"; static */
    char shape[96];   /* "64x50" */
    bool ok;
    double worst;   /* error / bound of the worst element; infinite for a NaN */
    char array[16]; /* where the worst element is: "output 1", "guard 0", "input 2" */
    size_t index;   /* index of the worst element in its array */
    double got, want, bound;
};

/* Receives each result, in the order of the operations. */
struct check_sink {
    void *user;
    void (*result)(void *user, const struct check_result *result);
};

/* Returns a sink that copies the first wrong result to `fault`. Sets fault->name to NULL, which
 * means that no result was wrong. */
struct check_sink first_fault_sink(struct check_result *fault);

/* Returns a number as results store it and messages print it. A NaN loses its sign, so that it
 * prints as "nan" and never as "-nan". */
static inline double result_number(double value)
{
    return isnan(value) ? (double)NAN : value;
}

enum { RESULT_TEXT_SIZE = 320 };

/* Describes the worst element: "sigmoid_forward 67x19: output 0, element 3: got 1, need 0.5 within
 * 1e-07". */
void result_to_text(const struct check_result *result, char text[RESULT_TEXT_SIZE]);

/* Starts a comparison. It has compared no element and seen no error yet. The caller fills the
 * shape. */
void result_begin(struct check_result *result, const char *name, const char *array);

/* Sets the shape to "layer 0: 64x50". */
void result_layer_shape(struct check_result *result, size_t layer, size_t rows, size_t columns);

/* Records an element that is worse than those before. */
void result_note_worse(struct check_result *result, size_t index, double got, double want,
                       double bound);

/* Records an element, which is right if |got - want| <= bound. If float32 cannot hold the expected
 * value, any `got` that is not finite is right too. If the expected value is NaN or the bound is
 * not finite, any `got` is right. A cheap test skips elements that are no worse than the worst one
 * so far, and most are. */
static inline void result_note(struct check_result *result, size_t index, double got, double want,
                               double bound)
{
    if (result->worst < 0.0 ||
        !(fabs(got - want) <= result->worst * bound)) /* also true for a NaN */
        result_note_worse(result, index, got, want, bound);
}

#endif
