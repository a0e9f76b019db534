/* One judgment on its way: what the files that judge a step's stages share. */
#ifndef WEFT_CHECK_STEP_JUDGE_H
#define WEFT_CHECK_STEP_JUDGE_H

#include "check/error_analysis.h"
#include "check/slab_products.h"
#include "check/step_trial.h"
#include "reference/reference.h"

/* One judgment; arrays owned unless said. */
struct judge {
    const struct step_trial *trial;     /* borrowed */
    const struct step_capture *capture; /* borrowed */
    const struct check_sink *sink;      /* borrowed */
    struct precision in;
    struct ref_rule rule;
    struct ref_draw draw; /* of the rule, where the trial has one */
    float *changed;       /* [B][D] raw images as they were changed; NULL where they are not */
    const float *raw;     /* [B][D] borrowed: these, or the trial's */
    double share;         /* that samples keep where they are mixed; 1: they are not */
    double *parameters;   /* [value_count] before the step */
    double *want;         /* [largest tensor] */
    double *z;            /* [B][widest] pre-activations that the device did not keep */
    double *norms;        /* [largest tensor's rows and columns]: of the factors of a product */
    double *bounds;       /* [largest of B, C, B * C] of the head */
    double *loss;         /* [B] */
    double *scratch;      /* [C] */
    uint32_t *correct;    /* [B] */
    struct slabs slabs;
    double *first_gradient; /* [O][I] of the first layer, without the penalty's: see stages_judge */
    double *first_norms;    /* [D] */
    double *e_delta; /* [B][widest] errors of the delta that reaches a layer with batch norm */
    double *norm;    /* [4][widest] what its columns have one of, and errors */
};

static inline void judge_tell(const struct judge *judge, const struct check_result *result)
{
    judge->sink->result(judge->sink->user, result);
}

/* "layer 0: 64x50" */
void judge_layer_shape(struct check_result *result, size_t layer, size_t rows, size_t columns);

/* The samples themselves, standardized where there is a scale. */
void judge_gather(struct judge *judge);

/* ---- batch norm of layer `l`, step_judge_norm.c ---- */

/* Statistics and running statistics from q, then z. */
void judge_norm_forward(struct judge *judge, size_t l);
/* Gradients of scale and shift, then dq, from judge->want [B][O] and its errors e_delta: the delta
 * as it reaches the layer. */
void judge_norm_backward(struct judge *judge, size_t l);

#endif
