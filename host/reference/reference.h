/* The reference: the same network in double precision and plain loops.
 *
 * It shares no code with the backends and repeats their orchestration on purpose, so that a
 * transposed product or a forgotten bias shows. It is written to be read next to a textbook, not to
 * be fast. Formulas: Bishop, Pattern Recognition and Machine Learning, 5.2-5.3.
 */
#ifndef WEFT_REFERENCE_REFERENCE_H
#define WEFT_REFERENCE_REFERENCE_H

#include "network/network.h"

/* ---- primitives, one for each row of backend/primitive.h, same names, same shapes ---- */

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

/* z [rows][columns], labels [rows] -> dz [rows][columns], loss [rows], correct [rows] */
void ref_softmax_cross_entropy(const double *z, const int32_t *labels, size_t rows, size_t columns,
                               double delta_factor, double *dz, double *loss, uint32_t *correct);
void ref_sigmoid_cross_entropy(const double *z, const int32_t *labels, size_t rows, size_t columns,
                               double delta_factor, bool true_class_only, double *dz, double *loss,
                               uint32_t *correct);
void ref_identity_squared_error(const double *z, const int32_t *labels, size_t rows, size_t columns,
                                double delta_factor, double *dz, double *loss, uint32_t *correct);

/* Dense targets y [rows][columns] with weights [rows]. `class_weight` NULL: all 1. `each`: every
 * output is right or wrong by itself. */
void ref_label_targets(const int32_t *labels, const double *class_weight, size_t rows,
                       size_t columns, double keep, double spread, double *y, double *weight);
void ref_gather_targets(const double *targets, const int32_t *order, size_t rows, size_t columns,
                        double keep, double spread, double *y, double *weight);
void ref_softmax_cross_entropy_targets(const double *z, const double *y, const double *weight,
                                       size_t rows, size_t columns, double delta_factor, double *dz,
                                       double *loss, uint32_t *correct);
void ref_sigmoid_cross_entropy_targets(const double *z, const double *y, const double *weight,
                                       size_t rows, size_t columns, double delta_factor, bool each,
                                       double *dz, double *loss, uint32_t *correct);
void ref_identity_squared_error_targets(const double *z, const double *y, const double *weight,
                                        size_t rows, size_t columns, double delta_factor, bool each,
                                        double *dz, double *loss, uint32_t *correct);

/* How images of a batch are changed; members as of data/augmentation.h, from which nothing else is
 * taken. */
struct ref_images {
    size_t height, width, channels, shift, erase;
    bool flip;
    uint64_t seed;
    uint32_t epoch, batch;
};
/* draw [5] of a row: pixels down and right, whether mirrored, top and left of what is erased. */
void ref_image_draw(const struct ref_images *images, size_t row, int32_t *draw);
/* The element of an image [height][width][channels] that element `element` of the changed image is;
 * SIZE_MAX: none, it is 0. */
size_t ref_image_source(const struct ref_images *images, const int32_t *draw, size_t element);
/* mixed [rows][columns]: of row i the share, the rest of row rows - 1 - i. */
void ref_mix_rows(const double *m, size_t rows, size_t columns, double share, double *mixed);

/* ---- batch normalization, reference_norm.c: q, u, du [rows][columns], all others [columns] ----
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
/* `unbiased` is B / (B - 1) of B samples */
void ref_norm_running(const double *mean, const double *variance, size_t columns, double momentum,
                      double unbiased, double *running_mean, double *running_variance);

/* ---- the rest of the primitives ---- */

void ref_clip_unit(const double *z, size_t n, double *p);
void ref_bias_gradient(const double *dz, size_t rows, size_t columns, double *db);
void ref_penalty_gradient(const double *w, size_t n, double l1, double l2, double *dw);
void ref_penalty_terms(const double *w, size_t n, double *sum_abs, double *sum_squares);
void ref_standardize_rows(double *x, const double *mean, const double *std, size_t rows,
                          size_t columns);

/* ---- optimizers, reference_optimizers.c ---- */

/* The scalars of an update; the meaning of struct update_rule of the backend. */
struct ref_update {
    enum weft_optimizer optimizer;
    double learning_rate;
    double clip; /* g = clip dw */
    double momentum, beta1, beta2, gain1, gain2, epsilon, step, root, keep;
};

/* min(1, limit / (||dw|| + 1e-6)) */
double ref_clip_factor(const double *dw, size_t n, double limit);
/* All in place but dw; arrays [n], the first `weights` of them weights. */
void ref_sgd_update(double *w, const double *dw, size_t n, double learning_rate);
void ref_momentum_update(double *w, const double *dw, double *v, size_t n,
                         const struct ref_update *rule);
void ref_rmsprop_update(double *w, const double *dw, double *v, size_t n,
                        const struct ref_update *rule);
void ref_adam_update(double *w, const double *dw, double *m, double *v, size_t n, size_t weights,
                     const struct ref_update *rule);
void ref_average_update(const double *w, size_t n, double keep, double gain, double *average);
/* The update of rule->optimizer; `state` has v, or m and v. */
void ref_update(double *w, const double *dw, double *const *state, size_t n, size_t weights,
                const struct ref_update *rule);

/* ---- what layers and heads choose from ---- */

/* What the random numbers of a batch follow from; the meaning of struct batch_draw. */
struct ref_draw {
    uint64_t seed;
    uint32_t epoch, batch;
};

/* How the batch is judged; the meaning of struct loss_rule and struct update_rule of the backend.
 */
struct ref_rule {
    double delta_factor;
    bool true_class_only;
    double l1, l2;
    const double *targets;       /* [B][C] of the batch; NULL: its labels say them */
    const double *weights;       /* [B] of its samples, with targets */
    bool each;                   /* with targets: each output is right or wrong by itself */
    const struct ref_draw *draw; /* of dropout; NULL: nothing is left out */
};

/* What dropout makes of element `i` of layer `l`: 0, or 1 / (1 - share). 1 where the layer has none
 * or `draw` is NULL. */
double ref_dropout_factor(const struct ref_draw *draw, const struct network *network, size_t l,
                          size_t i);
/* The same by its numbers. */
double ref_dropout(const struct ref_draw *draw, size_t l, double share, size_t i);

/* a = activation(z), in place; da *= a'(z) in terms of a, of GELU and SiLU in terms of z, which
 * others do not read. */
void ref_activation_forward(enum weft_activation activation, double *z, size_t n);
void ref_activation_backward(enum weft_activation activation, const double *z, const double *a,
                             double *da, size_t n);

/* Do the slopes of `network`, or their derivatives, jump at a z of 0? */
bool ref_network_has_kinks(const struct network *network);
/* Is a unit whose slope does on the other side of 0 in one step than in the other? z as of struct
 * ref_step. */
bool ref_kink_crossed(const struct network *network, size_t batch, double *const *z,
                      double *const *other);

/* The loss of a head; shapes as of the three losses above, which it calls. */
void ref_head_loss(enum weft_head head, const double *z, const int32_t *labels, size_t rows,
                   size_t columns, const struct ref_rule *rule, double *dz, double *loss,
                   uint32_t *correct);

/* ---- a whole step ---- */

/* One batch through the network. Arrays belong to the result; ref_step_reset frees them. */
struct ref_step {
    size_t layer_count;
    double **q;         /* [layer_count] of [B][O]: products of layers with batch norm, else NULL */
    double *statistics; /* [statistic_count] and their mean and variance in the batch, laid out as
                           the running ones */
    double **z;         /* [layer_count] of [B][O]: pre-activations */
    double **a;         /* [layer_count] of [B][O]: activations; of the output layer its
                           pre-activation */
    double **dz;        /* [layer_count] of [B][O]; of layers with batch norm dq */
    double *gradient;   /* [parameter_count], layout of struct network, penalty included */
    double loss;        /* sum over the batch of the samples' losses, without penalty */
    double weight_abs, weight_squares; /* of all weights, before any update */
    size_t correct;
};

/* Forward and backward pass of `x` [B][D] (standardized), `labels` [B] with `parameters`.
 * WEFT_ERROR_MEMORY alone. */
WEFT_MUST_CHECK enum weft_status ref_step_run(const struct network *network,
                                              const double *parameters, const double *x,
                                              const int32_t *labels, size_t batch,
                                              const struct ref_rule *rule, struct ref_step *step);
void ref_step_reset(struct ref_step *step);

#endif
