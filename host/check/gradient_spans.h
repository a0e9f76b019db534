/* The tensors by which a gradient is checked. Each is a run of parameters of one layer and one
 * kind. */
#ifndef WEFT_CHECK_GRADIENT_SPANS_H
#define WEFT_CHECK_GRADIENT_SPANS_H

#include "check/check_result.h"
#include "network/network.h"

enum span_kind { SPAN_WEIGHTS, SPAN_BIASES, SPAN_SCALES, SPAN_SHIFTS, SPAN_KINDS };

/* The names of a tensor in a model file, of its numbers, and of their gradient. */
extern const struct span_words {
    const char *tensor, *plural, *gradient;
} span_kinds[SPAN_KINDS];

struct span {
    size_t layer, first, count, columns; /* in parameters; count 0: the layer has none */
    enum span_kind kind;
};

/* Returns the span of one kind of parameters of layer `l`. */
struct span span_of(const struct network *network, size_t l, enum span_kind kind);

/* Returns the span that contains parameter `p`. */
struct span span_with(const struct network *network, size_t p);

/* Starts a result about the span. It has compared nothing yet. */
void span_begin(const struct span *span, const char *name, struct check_result *result);

#endif
