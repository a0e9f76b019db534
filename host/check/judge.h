/* A judgment in progress, shared by the files that judge the stages of a step. */
#ifndef WEFT_CHECK_JUDGE_H
#define WEFT_CHECK_JUDGE_H

#include "check/check_result.h"
#include "check/error_analysis.h"
#include "check/slab_products.h"
#include "check/step_capture.h"
#include "check/step_trial.h"
#include "reference/reference.h"

/* One judgment. The arrays are owned unless a comment says otherwise. */
struct judge {
    const struct step_trial *trial;     /* borrowed */
    const struct step_capture *capture; /* borrowed */
    const struct check_sink *sink;      /* borrowed */
    struct precision in;
    struct ref_rule rule;
    struct ref_draw draw; /* used by the rule if the trial has a draw */
    double *parameters;   /* [value_count] before the step */
    double *want;         /* [largest tensor] expected values */
    double *z;            /* [B][widest] pre-activations that the device did not keep */
    double *norms;        /* norms of the rows and columns of a product's factors */
    double *bounds;       /* [B * C + B] bounds of the head's deltas and losses */
    double *loss;         /* [B] */
    double *scratch;      /* [C] */
    uint32_t *correct;    /* [B] */
    /* targets and weights made from plain labels, which the rule borrows; or NULL */
    double *made;
    struct slabs slabs;
    /* [O][I] gradient of the first layer without the penalty, see stages_judge */
    double *first_gradient;
    double *first_norms; /* [D] */
    /* [B][widest] errors of the delta that reaches a layer with batch normalization */
    double *e_delta;
    double *norm; /* [4][widest] numbers of the columns, and their errors */
};

/* Tells the sink a result. */
static inline void judge_tell(const struct judge *judge, const struct check_result *result)
{
    judge->sink->result(judge->sink->user, result);
}

/* ---- batch normalization of layer `l`, step_judge_norm.c ---- */

/* Judges statistics and running statistics from q, then z. */
void judge_norm_forward(struct judge *judge, size_t l);
/* Judges the gradients of scale and shift, then dq. It starts from judge->want [B][O] and its
 * errors e_delta: the delta as it reaches the layer. */
void judge_norm_backward(struct judge *judge, size_t l);

/* ---- step_judge_update.c ---- */

/* Judges clip_factor, update and average_update. */
void judge_update(const struct judge *judge);

#endif
