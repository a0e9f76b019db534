/* The vector loops of the CPU backend: one function for each row of backend/primitive.h.
 *
 * Every function runs on all OpenMP threads and waits for them. Work is cut into parts whose size
 * depends on the shape alone, and sums over parts run in order, so results do not depend on the
 * number of threads. (Products that the BLAS computes may differ in the last bit between numbers of
 * threads: see cpu_product.c.) Arrays may lie anywhere; in place means that input and output are
 * the same array, and is allowed where it is said.
 */
#ifndef WEFT_CPU_KERNELS_H
#define WEFT_CPU_KERNELS_H

#include "backend/primitive.h"

enum {
    CPU_PART = 8192,     /* elements in one part of an element-wise loop: 32 KiB of floats */
    CPU_ROWS_PART = 2048 /* elements in one part of rows, at least a row: all passes in cache */
};

/* How many parts of `size` make up `n`. */
static inline size_t cpu_part_count(size_t n, size_t size)
{
    return n / size + (n % size != 0);
}

/* Rows in one part of a matrix of `columns` columns. */
static inline size_t cpu_part_rows(size_t columns)
{
    return columns < CPU_ROWS_PART ? CPU_ROWS_PART / columns : 1;
}

/* Position of the largest of `z` [n]; the first of equal ones. */
static inline size_t cpu_argmax(const float *z, size_t n)
{
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        if (z[i] > z[best])
            best = i;
    return best;
}

/* Whether a product of m by n by k takes no longer than threads take to start and meet. */
static inline bool cpu_product_is_small(size_t m, size_t n, size_t k)
{
    return (double)m * (double)n * (double)k < 0x1p18;
}

/* ---- cpu_product.c ---- */

/* WEFT_ERROR_USAGE unless `size` fits the int of CBLAS; `what` says whose size it is. */
WEFT_MUST_CHECK enum weft_status cpu_product_size(const char *what, size_t size);

/* Elements that cpu_product wants in `panels`, 0 where the BLAS computes it; false where that
 * overflows. */
bool cpu_product_panels(enum product_form form, size_t m, size_t n, size_t k, size_t *count);

/* c [M][N] of a form of product, shapes as in backend/primitive.h; sizes checked before. */
void cpu_product(enum product_form form, const float *a, const float *b, size_t m, size_t n,
                 size_t k, float *panels, float *c);

/* ---- cpu_block_product.c ---- */

/* Elements of the panels of a matrix of K by `columns`; false where that overflows. */
bool cpu_panels_size(size_t columns, size_t inner, size_t *count);

/* The matrix b [K][columns], or `transposed` [columns][K], as cpu_block_product reads it. */
void cpu_panels_pack(const float *b, bool transposed, size_t columns, size_t inner, float *panels);

/* z [rows][columns] = x [rows][K] times the matrix of the panels: the bits of a row depend on
 * nothing but the row. */
void cpu_block_product(const float *x, const float *panels, size_t rows, size_t columns,
                       size_t inner, float *z);

/* ---- cpu_gradient_product.c ---- */

/* Elements of `panels` of cpu_gradient_product; false where that overflows. */
bool cpu_gradient_panels_size(size_t outputs, size_t samples, size_t *count);

/* dw [O][I] = dz' x, dz [samples][O], x [samples][I]; `panels` is room to work in. */
void cpu_gradient_product(const float *dz, const float *x, size_t samples, size_t outputs,
                          size_t inputs, float *panels, float *dw);

/* ---- cpu_elementwise.c ---- */

void cpu_bias_add(float *z, const float *b, size_t rows, size_t columns);
void cpu_sigmoid_forward(float *z, size_t n);
void cpu_clip_unit(const float *z, size_t n, float *p); /* in place allowed */
void cpu_penalty_gradient(const float *w, size_t n, float l1, float l2, float *dw);
void cpu_standardize_rows(float *x, const float *mean, const float *std, size_t rows,
                          size_t columns);
void cpu_gather_rows(const float *x, const int32_t *labels, const uint32_t *order, size_t rows,
                     size_t columns, float *y, int32_t *labels_y);
/* standardized; `order` NULL: the file's */
void cpu_gather_byte_rows(const uint8_t *x, const int32_t *labels, const uint32_t *order,
                          size_t first, const float *mean, const float *std, size_t rows,
                          size_t columns, float *y, int32_t *labels_y);

/* ---- cpu_optimizers.c ---- */

/* Arrays of an update: all [n], the first `weights` of them weights. */
struct cpu_update {
    float *w; /* in place */
    const float *dw;
    float *state[2]; /* in place; optimizer_states() of them: v, or m and v */
    float clip;      /* factor of the gradient */
    size_t n, weights;
};
/* The update of rule->optimizer, without its average: sgd_update, momentum_update, rmsprop_update
 * or adam_update. */
void cpu_parameters_update(const struct cpu_update *update, const struct update_rule *rule);
void cpu_average_update(const float *w, size_t n, float keep, float gain, float *average);

/* ---- cpu_layer.c ---- */

void cpu_layer_forward(enum weft_activation activation, const float *z, size_t n,
                       float *a); /* in place allowed */
/* x of layer `layer` in the batch of `draw`, in place */
void cpu_dropout(const struct batch_draw *draw, size_t layer, float share, float *x, size_t n);
/* da *= a'(z); x is z where `from_z`, else a */
void cpu_layer_backward(enum weft_activation activation, bool from_z, const float *x, size_t n,
                        float *da);

/* ---- cpu_losses.c ---- */

void cpu_softmax_rows(const float *z, size_t rows, size_t columns, float *p); /* in place allowed */

/* z [rows][columns], labels [rows] -> dz [rows][columns], loss [rows], correct [rows] */
void cpu_softmax_cross_entropy(const float *z, const int32_t *labels, size_t rows, size_t columns,
                               float delta_factor, float *dz, float *loss, uint32_t *correct);
void cpu_sigmoid_cross_entropy(const float *z, const int32_t *labels, size_t rows, size_t columns,
                               float delta_factor, bool true_class_only, float *dz, float *loss,
                               uint32_t *correct);
void cpu_identity_squared_error(const float *z, const int32_t *labels, size_t rows, size_t columns,
                                float delta_factor, float *dz, float *loss, uint32_t *correct);

/* ---- cpu_norm.c ---- */

/* q, u, du [rows][columns]; all others [columns] */
void cpu_norm_statistics(const float *q, size_t rows, size_t columns, float *mean, float *variance);
void cpu_norm_forward(const float *q, size_t rows, size_t columns, const float *mean,
                      const float *variance, const float *scale, const float *shift, float *u);
void cpu_norm_gradient(const float *q, const float *du, size_t rows, size_t columns,
                       const float *mean, const float *variance, float *dscale, float *dshift);
/* du becomes dq */
void cpu_norm_backward(const float *q, size_t rows, size_t columns, const float *mean,
                       const float *variance, const float *scale, const float *dscale,
                       const float *dshift, float *du);
/* `unbiased` is B / (B - 1) of B samples */
void cpu_norm_running(const float *mean, const float *variance, size_t columns, float momentum,
                      float unbiased, float *running_mean, float *running_variance);

/* ---- cpu_images.c ---- */

/* draws [rows][DRAW_NUMBERS], labels_y [rows]; `order` NULL: the file's */
void cpu_image_draws(const int32_t *labels, const uint32_t *order, size_t first, size_t rows,
                     const struct augmentation *augmentation, const struct batch_draw *draw,
                     int32_t *draws, int32_t *labels_y);
void cpu_gather_images(const float *x, const int32_t *draws, const float *mean, const float *std,
                       size_t rows, const struct augmentation *augmentation, float *y);
void cpu_gather_byte_images(const uint8_t *x, const int32_t *draws, const float *mean,
                            const float *std, size_t rows, const struct augmentation *augmentation,
                            float *y);
void cpu_mix_rows(float *m, size_t rows, size_t columns, float share);

/* ---- cpu_targets.c ---- */

/* class_weight [columns], of a single column [2] -> y [rows][columns], weight [rows] */
void cpu_label_targets(const int32_t *labels, const float *class_weight, size_t rows,
                       size_t columns, float keep, float spread, float *y, float *weight);
/* targets [N][columns]; `order` NULL: the file's */
void cpu_gather_targets(const float *targets, const uint32_t *order, size_t first, size_t rows,
                        size_t columns, float keep, float spread, float *y, float *weight);

struct cpu_target_loss {
    const float *z, *y;  /* [rows][columns] */
    const float *weight; /* [rows] */
    size_t rows, columns;
    float delta_factor;
    bool each; /* every output is right or wrong by itself; not for softmax */
};
/* -> dz [rows][columns], losses [rows], correct [rows] */
void cpu_softmax_cross_entropy_targets(const struct cpu_target_loss *loss, float *dz, float *losses,
                                       uint32_t *correct);
void cpu_sigmoid_cross_entropy_targets(const struct cpu_target_loss *loss, float *dz, float *losses,
                                       uint32_t *correct);
void cpu_identity_squared_error_targets(const struct cpu_target_loss *loss, float *dz,
                                        float *losses, uint32_t *correct);

/* ---- cpu_sums.c ---- */

void cpu_bias_gradient(const float *dz, size_t rows, size_t columns, float *db);
void cpu_penalty_terms(const float *w, size_t n, float *sum_abs, float *sum_squares);
/* min(1, limit / (||dw|| + 1e-6)), 1 where the norm is no number */
float cpu_clip_factor(const float *dw, size_t n, float limit);
void cpu_metrics_sum(const float *loss, const uint32_t *correct, size_t n, float *sum,
                     uint32_t *count);

#endif
