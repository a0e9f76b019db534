/* How far a whole training step in float32 may be from the exact one: errors carried from stage to
 * stage, from the given numbers to the gradient.
 *
 * Wider than the bounds of single stages (step_trial.h), since every stage adds to what the ones
 * before left; but nothing of the device is taken as given, so any fault of order or place shows.
 */
#ifndef WEFT_CHECK_STEP_BOUNDS_H
#define WEFT_CHECK_STEP_BOUNDS_H

#include "check/error_analysis.h"
#include "reference/reference.h"

/* A step that the reference has run; everything borrowed. */
struct exact_step {
    const struct network *network;
    size_t batch;             /* B */
    const double *x;          /* [B][D] exact */
    const int32_t *labels;    /* [B] */
    const double *parameters; /* [value_count] exact */
    const struct ref_rule *rule;
    const struct ref_step *step;
};

/* Largest |computed - exact|; arrays owned, shapes as in struct ref_step. */
struct step_bounds {
    size_t layer_count;
    double **q, **z, **a, **dz;
    double *statistics;
    double *gradient;
    double loss;
};

/* O(B I O) for each layer. WEFT_ERROR_MEMORY alone. */
WEFT_MUST_CHECK enum weft_status step_bounds_init(struct step_bounds *bounds, struct precision in,
                                                  const struct exact_step *exact);
void step_bounds_reset(struct step_bounds *bounds);

/* The bound of the loss alone, at the cost of a forward pass. */
WEFT_MUST_CHECK enum weft_status step_loss_bound(struct precision in,
                                                 const struct exact_step *exact, double *bound);

#endif
