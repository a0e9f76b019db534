/* The tensors of a gradient check. See gradient_spans.h. */
#include "check/gradient_spans.h"

#include <stdio.h>

const struct span_words span_kinds[SPAN_KINDS] = {
    {"weight", "weights", "dw"},
    {"bias", "biases", "db"},
    {"norm.weight", "scales", "dscale"},
    {"norm.bias", "shifts", "dshift"},
};

struct span span_of(const struct network *network, size_t l, enum span_kind kind)
{
    const struct dense_layer *layer = &network->layers[l];
    const size_t normed = layer->batch_norm ? layer->outputs : 0;
    switch (kind) {
    case SPAN_BIASES:
        return (struct span){l, layer->bias_offset, layer->bias ? layer->outputs : 0, 1, kind};
    case SPAN_SCALES:
        return (struct span){l, layer->scale_offset, normed, 1, kind};
    case SPAN_SHIFTS:
        return (struct span){l, layer->shift_offset, normed, 1, kind};
    case SPAN_WEIGHTS:
    case SPAN_KINDS:
        break;
    }
    return (struct span){l, layer->weight_offset, layer->outputs * layer->inputs, layer->inputs,
                         SPAN_WEIGHTS};
}

void span_begin(const struct span *span, const char *name, struct check_result *result)
{
    result_begin(result, name, span_kinds[span->kind].gradient);
    if (span->kind != SPAN_WEIGHTS)
        snprintf(result->shape, sizeof result->shape, "layer %zu: %s, %zu", span->layer,
                 span_kinds[span->kind].plural, span->count);
    else
        snprintf(result->shape, sizeof result->shape, "layer %zu: weights, %zux%zu", span->layer,
                 span->count / span->columns, span->columns);
}

struct span span_with(const struct network *network, size_t p)
{
    size_t i = 0;
    struct span span = span_of(network, 0, SPAN_WEIGHTS);
    for (; p < span.first || p >= span.first + span.count; i++)
        span = span_of(network, i / SPAN_KINDS, (enum span_kind)(i % SPAN_KINDS));
    return span;
}
