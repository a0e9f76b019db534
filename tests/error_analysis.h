/* One error analysis of a training step: what it starts from, and where its bounds go.
 *
 * The formulas are those of check/error_analysis.h, which `weft check` and shadow training use.
 */
#ifndef WEFT_TESTS_ERROR_ANALYSIS_H
#define WEFT_TESTS_ERROR_ANALYSIS_H

#include "check/error_analysis.h"
#include "step_answer.h"

/* One analysis; all arrays [spans.total] but `p`. */
struct analysis {
    const struct problem *problem;
    const struct spans *spans;
    const struct exact *exact;
    struct precision in;
    const double *inputs; /* what each stage of the step starts from */
    const double *errors; /* e of these */
    struct answer *want;  /* what each stage should give; gets the range of samples right */
    double *bounds;       /* e of what each stage gives */
    double *p;            /* [C] of one row, scratch */
};

static inline const double *input_of(const struct analysis *analysis, size_t l, enum span_kind kind)
{
    return analysis->inputs + span_first(analysis->spans, l, kind);
}

static inline const double *error_of(const struct analysis *analysis, size_t l, enum span_kind kind)
{
    return analysis->errors + span_first(analysis->spans, l, kind);
}

static inline const double *want_of(const struct analysis *analysis, size_t l, enum span_kind kind)
{
    return analysis->want->values + span_first(analysis->spans, l, kind);
}

static inline double *bounds_of(const struct analysis *analysis, size_t l, enum span_kind kind)
{
    return analysis->bounds + span_first(analysis->spans, l, kind);
}

#endif
