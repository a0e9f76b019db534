/* The reference computes the same network in double precision with plain loops.
 *
 * It shares no code with the backends and deliberately repeats their orchestration. So it exposes a
 * transposed product or a forgotten bias. It is written to be read next to a textbook, not to be
 * fast. Formulas: Bishop, Pattern Recognition and Machine Learning, 5.2-5.3.
 */
#ifndef WEFT_REFERENCE_REFERENCE_H
#define WEFT_REFERENCE_REFERENCE_H

#include "network/network.h"

/* ---- primitives, one for each row of backend/primitive.h, with the same names and shapes ---- */

/* c [M][N] = a b', a [M][K], b [N][K] */
void ref_product_forward(const double *a, const double *b, size_t m, size_t n, size_t k, double *c);
/* c [M][N] = a' b, a [K][M], b [K][N] */
void ref_product_weight_gradient(const double *a, const double *b, size_t m, size_t n, size_t k,
                                 double *c);
/* c [M][N] = a b, a [M][K], b [K][N] */
void ref_product_delta(const double *a, const double *b, size_t m, size_t n, size_t k, double *c);
void ref_bias_add(double *z, const double *b, size_t rows, size_t columns);
void ref_sigmoid_forward(double *z, size_t n);
void ref_softmax_rows(const double *z, size_t rows, size_t columns, double *p);

/* Fills y [rows][columns] from labels [rows], or from rows order [rows] of the targets. */
void ref_label_targets(const int32_t *labels, size_t rows, size_t columns, double share,
                       double spread, double *y);
void ref_gather_targets(const double *targets, const int32_t *order, size_t rows, size_t columns,
                        double share, double spread, double *y);

/* z, y [rows][columns], weight [rows] -> dz [rows][columns], loss [rows], correct [rows]. `each`
 * means that each output is judged separately. */
void ref_softmax_cross_entropy(const double *z, const double *y, const double *weight, size_t rows,
                               size_t columns, double delta_factor, double *dz, double *loss,
                               uint32_t *correct);
void ref_sigmoid_cross_entropy(const double *z, const double *y, const double *weight, size_t rows,
                               size_t columns, double delta_factor, bool each, bool true_class_only,
                               double *dz, double *loss, uint32_t *correct);
void ref_identity_squared_error(const double *z, const double *y, const double *weight, size_t rows,
                                size_t columns, double delta_factor, bool each, double *dz,
                                double *loss, uint32_t *correct);

/* How the images of a batch are augmented. The members mean the same as in data/augmentation.h. The
 * reference uses nothing else from there. */
struct ref_images {
    size_t height, width, channels, shift, erase;
    bool flip;
    uint64_t seed;
    uint32_t epoch, batch;
};
/* draw [5] of a row: pixels down, pixels right, 1 if mirrored, top and left of the erased
 * square. */
void ref_image_draw(const struct ref_images *images, size_t row, int32_t *draw);
/* Returns the element of an image [height][width][channels] that becomes element `element` of the
 * augmented image. SIZE_MAX means that no element does and the value is 0. */
size_t ref_image_source(const struct ref_images *images, const int32_t *draw, size_t element);
/* Row i of mixed [rows][columns] is share m_i + (1 - share) m_(rows - 1 - i), for rows m_i of m. */
void ref_mix_rows(const double *m, size_t rows, size_t columns, double share, double *mixed);

/* ---- batch normalization, reference_norm.c; q, u, du [rows][columns], the others [columns] ----
 */

void ref_norm_statistics(const double *q, size_t rows, size_t columns, double *mean,
                         double *variance);
void ref_norm_forward(const double *q, size_t rows, size_t columns, const double *mean,
                      const double *variance, const double *scale, const double *shift, double *u);
void ref_norm_gradient(const double *q, const double *du, size_t rows, size_t columns,
                       const double *mean, const double *variance, double *dscale, double *dshift);
/* du becomes dq */
void ref_norm_backward(const double *q, size_t rows, size_t columns, const double *mean,
                       const double *variance, const double *scale, const double *dscale,
                       const double *dshift, double *du);
/* `unbiased` is B / (B - 1) for B samples */
void ref_norm_running(const double *mean, const double *variance, size_t columns, double momentum,
                      double unbiased, double *running_mean, double *running_variance);

/* ---- other primitives ---- */

void ref_clip_unit(const double *z, size_t n, double *p);
void ref_bias_gradient(const double *dz, size_t rows, size_t columns, double *db);
void ref_penalty_gradient(const double *w, size_t n, double l1, double l2, double *dw);
/* sum += dw, both [n] */
void ref_gradient_add(const double *dw, size_t n, double *sum);
void ref_penalty_terms(const double *w, size_t n, double *sum_abs, double *sum_squares);
void ref_standardize_rows(double *x, const double *mean, const double *std, size_t rows,
                          size_t columns);

/* ---- embeddings, reference_embedding.c ---- */

/* y, force [2][n]; z [n] */
void ref_repulsion(const double *y, size_t n, double *force, double *z);

/* ---- optimizers, reference_optimizers.c ---- */

/* The scalars of an update, with the same meaning as in the backend's struct update_rule. */
struct ref_update {
    enum weft_optimizer optimizer;
    double learning_rate;
    double clip; /* g = clip dw */
    double momentum, beta1, beta2, gain1, gain2, epsilon, step, root, decay_factor;
};

/* min(1, limit / (||dw|| + 1e-6)) */
double ref_clip_factor(const double *dw, size_t n, double limit);
/* All arrays are updated in place except dw. Arrays are [n]; the first `weights` elements are
 * weights. */
void ref_sgd_update(double *w, const double *dw, size_t n, double learning_rate);
void ref_average_update(const double *w, size_t n, double gain, double *average);
/* Runs the update of rule->optimizer. `state` holds v, or m and v. */
void ref_update(double *w, const double *dw, double *const *state, size_t n, size_t weights,
                const struct ref_update *rule);

/* ---- dropout, activations and heads ---- */

/* Identifies the random numbers of a batch, like the backend's struct batch_draw. */
struct ref_draw {
    uint64_t seed;
    uint32_t epoch, batch;
};

/* How the loss of the batch is computed, with the meaning of the backend's struct loss_rule and
 * struct update_rule. */
struct ref_rule {
    double delta_factor;
    bool true_class_only;
    double l1, l2;
    const double *targets;       /* [B][C] of the batch; NULL: plain labels and weights of 1 */
    const double *weights;       /* [B] sample weights, used with targets */
    bool each;                   /* each output is judged separately */
    const struct ref_draw *draw; /* for dropout; NULL: no dropout */
};

/* Returns the dropout factor of element `i` of layer `l`: 0 or 1 / (1 - share). Returns 1 if the
 * layer has no dropout or `draw` is NULL. */
double ref_dropout_factor(const struct ref_draw *draw, const struct network *network, size_t l,
                          size_t i);
/* Returns the same factor for layer number `l` and dropout rate `share`. */
double ref_dropout(const struct ref_draw *draw, size_t l, double share, size_t i);

/* a = activation(z), in place. da *= a'(z), computed from a. Only activations whose slope is FROM_Z
 * (options/activation_traits.h) read z; for the others it may be NULL. */
void ref_activation_forward(enum weft_activation activation, double *z, size_t n);
void ref_activation_backward(enum weft_activation activation, const double *z, const double *a,
                             double *da, size_t n);

/* Returns whether a slope in `network`, or its derivative, jumps at z = 0. */
bool ref_network_has_kinks(const struct network *network);
/* Returns whether some unit with such a jump lies on different sides of 0 in the two steps. z is as
 * in struct ref_step. */
bool ref_kink_crossed(const struct network *network, size_t batch, double *const *z,
                      double *const *other);

/* Completes a rule without targets: adds the targets of the labels and weights of 1. `*made` is the
 * array that the rule then borrows, and the caller frees it. Otherwise `*made` is NULL. */
WEFT_MUST_CHECK enum weft_status ref_rule_complete(struct ref_rule *rule, const int32_t *labels,
                                                   size_t rows, size_t columns, double **made);

/* Computes the loss of a head under a rule with targets, by calling one of the three losses above.
 * The shapes are theirs. */
void ref_head_loss(enum weft_head head, const double *z, size_t rows, size_t columns,
                   const struct ref_rule *rule, double *dz, double *loss, uint32_t *correct);

/* ---- a whole step ---- */

/* One batch through the network. The result owns its arrays; ref_step_reset frees them. */
struct ref_step {
    size_t layer_count;
    /* [layer_count] of [B][O]: matrix products of layers with batch normalization, otherwise NULL
     */
    double **q;
    /* [statistic_count]: batch mean and variance, laid out like the running statistics */
    double *statistics;
    double **z; /* [layer_count] of [B][O]: pre-activations */
    /* [layer_count] of [B][O]: activations; for the output layer, its pre-activations */
    double **a;
    double **dz;      /* [layer_count] of [B][O]; dq in layers with batch normalization */
    double *gradient; /* [parameter_count], layout of struct network, with penalty */
    double loss;      /* sum of the samples' losses over the batch, without penalty */
    double weight_abs, weight_squares; /* sums over all weights before the update */
    size_t correct;
};

/* Runs the forward and backward pass of `x` [B][D] (standardized) and `labels` [B] with
 * `parameters`. The only error is WEFT_ERROR_MEMORY. */
WEFT_MUST_CHECK enum weft_status ref_step_run(const struct network *network,
                                              const double *parameters, const double *x,
                                              const int32_t *labels, size_t batch,
                                              const struct ref_rule *rule, struct ref_step *step);
void ref_step_reset(struct ref_step *step);

#endif
