/* The vector loops of the CPU backend: one function for each row of backend/primitive.h.
 *
 * A function with enough work shares it with the helper threads of base/parallel.h. Small work
 * stays in the calling thread, so a small training run starts no other thread. The size of a part
 * depends on the shape alone, and sums over parts run in order. So results do not depend on the
 * number of threads. Arrays need no alignment. "In place" means that input and output are the same
 * array. It is allowed only where a comment says so.
 */
#ifndef WEFT_CPU_KERNELS_H
#define WEFT_CPU_KERNELS_H

#include "backend/primitive.h"
#include "base/parallel.h"

enum {
    CPU_PART = 8192,          /* elements in one part of an element-wise loop: 32 KiB of floats */
    CPU_ROWS_PART = 2048,     /* elements in one part of rows, at least a row; fits the cache */
    CPU_SHARED = 1 << 15,     /* smallest number of elements that a loop shares among threads */
    CPU_SLOW_SHARED = 1 << 13 /* the same limit for loops with logarithms or random numbers */
};

/* Returns how many parts of `size` elements cover `n` elements. */
static inline size_t cpu_part_count(size_t n, size_t size)
{
    return n / size + (n % size != 0);
}

/* Returns the number of rows in one part of a matrix with `columns` columns. */
static inline size_t cpu_part_rows(size_t columns)
{
    return columns < CPU_ROWS_PART ? CPU_ROWS_PART / columns : 1;
}

/* Returns the number of rows that one piece of a gather copies. */
static inline size_t cpu_gather_step(size_t columns)
{
    return columns < CPU_PART ? CPU_PART / columns : 1;
}

/* Returns the position of the largest of `z` [n]. The first one wins a tie. */
static inline size_t cpu_argmax(const float *z, size_t n)
{
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        if (z[i] > z[best])
            best = i;
    return best;
}

/* Returns whether an m by n by k matrix product is too small to pack its operands into tiles. */
static inline bool cpu_product_is_small(size_t m, size_t n, size_t k)
{
    return (double)m * (double)n * (double)k < 0x1p18;
}

/* Returns whether an m by n by k matrix product is worth a second thread (20 microseconds or
 * more). */
static inline bool cpu_product_is_shared(size_t m, size_t n, size_t k)
{
    return (double)m * (double)n * (double)k >= 0x1p20;
}

/* ---- cpu_product.c ---- */

/* Returns WEFT_ERROR_USAGE unless `size` fits the int of CBLAS. `what` names the size in the
 * message. */
WEFT_MUST_CHECK enum weft_status cpu_product_size(const char *what, size_t size);

/* Sets *count to the number of elements that cpu_product needs in `panels`, or 0 if the BLAS
 * computes the product. Returns false on overflow. */
bool cpu_product_panels(enum product_form form, size_t m, size_t n, size_t k, size_t *count);

/* What follows a product: `run` processes rows first .. first + count - 1 of the result, while they
 * are in the cache of the thread that has computed them. */
struct cpu_after {
    parallel_piece *run;
    const void *work; /* borrowed */
};

/* Processes all rows of a matrix [rows][columns]. If `after` is NULL, nothing follows; the same
 * holds for the products below. */
void cpu_after_run(const struct cpu_after *after, size_t rows, size_t columns);

/* Computes c [M][N] for one product form, and what follows; backend/primitive.h has the shapes. The
 * caller has checked the sizes. */
void cpu_product(enum product_form form, const float *a, const float *b, size_t m, size_t n,
                 size_t k, float *panels, float *c, const struct cpu_after *after);

/* ---- cpu_block_product.c ---- */

/* Sets *count to the elements in the panels of a K by `columns` matrix. Returns false on
 * overflow. */
bool cpu_panels_size(size_t columns, size_t inner, size_t *count);

/* Packs the matrix b [K][columns], or [columns][K] if `transposed`, for cpu_block_product. */
void cpu_panels_pack(const float *b, bool transposed, size_t columns, size_t inner, float *panels);

/* z [rows][columns] = x [rows][K] times the packed matrix, then what follows. The bits of a row of
 * the product depend on no other row. */
void cpu_block_product(const float *x, const float *panels, size_t rows, size_t columns,
                       size_t inner, float *z, const struct cpu_after *after);

/* ---- cpu_panel_product.c ---- */

/* Returns whether cpu_panel_product is faster than cpu_block_product for these weights. */
bool cpu_panel_product_takes(size_t columns, size_t inner);

/* c [rows][columns] = a [rows][K] times b [K][columns], or [columns][K] if `transposed`.
 * cpu_block_product gives the same bits. */
void cpu_panel_product(const float *a, const float *b, bool transposed, size_t rows, size_t columns,
                       size_t inner, float *c);

/* ---- cpu_gradient_product.c ---- */

/* Sets *count to the elements that cpu_gradient_product needs in `panels`. Returns false on
 * overflow. */
bool cpu_gradient_panels_size(size_t outputs, size_t samples, size_t *count);

/* dw [O][I] = dz' x, dz [samples][O], x [samples][I]; `panels` is the workspace. */
void cpu_gradient_product(const float *dz, const float *x, size_t samples, size_t outputs,
                          size_t inputs, float *panels, float *dw);

/* ---- cpu_elementwise.c ---- */

void cpu_bias_add(float *z, const float *b, size_t rows, size_t columns);
void cpu_sigmoid_forward(float *z, size_t n);
void cpu_clip_unit(const float *z, size_t n, float *p); /* in place allowed */
void cpu_penalty_gradient(const float *w, size_t n, float l1, float l2, float *dw);
/* sum += dw, both [n] */
void cpu_gradient_add(const float *dw, size_t n, float *sum);
void cpu_standardize_rows(float *x, const float *mean, const float *std, size_t rows,
                          size_t columns);
/* Gathers samples first .. first + rows - 1 of the order. A NULL `order` means file order, and NULL
 * `labels` mean all 0. */
void cpu_gather_rows(const float *x, const int32_t *labels, const uint32_t *order, size_t first,
                     size_t rows, size_t columns, float *y, int32_t *labels_y);
/* Likewise, and standardizes the rows that it gathers. */
void cpu_gather_byte_rows(const uint8_t *x, const int32_t *labels, const uint32_t *order,
                          size_t first, const float *mean, const float *std, size_t rows,
                          size_t columns, float *y, int32_t *labels_y);

/* ---- cpu_optimizers.c ---- */

/* The arrays of an update. Each is [n]; the first `weights` elements are weights. */
struct cpu_update {
    float *w; /* in place */
    const float *dw;
    float *state[OPTIMIZER_MOST_STATES]; /* optimizer_states() arrays, in place */
    float clip;                          /* factor that scales the gradient */
    size_t n, weights;
};
/* Runs the update of rule->optimizer without the weight average. */
void cpu_parameters_update(const struct cpu_update *update, const struct update_rule *rule);
void cpu_average_update(const float *w, size_t n, float gain, float *average);

/* ---- cpu_layer.c ---- */

void cpu_layer_forward(enum weft_activation activation, const float *z, size_t n,
                       float *a); /* in place allowed */
/* Applies dropout in place to x [rows][columns] of layer `layer`, with the random numbers of
 * `draw`. A dropped element becomes -0, and a kept one is never -0. */
void cpu_dropout(const struct batch_draw *draw, size_t layer, float share, float *x, size_t rows,
                 size_t columns);
/* Applies the dropout of a [n], which cpu_dropout has marked, to da [n]. */
void cpu_dropout_delta(const float *a, float share, size_t n, float *da);
/* da *= a'(z); x is z if `from_z`, otherwise a */
void cpu_layer_backward(enum weft_activation activation, bool from_z, const float *x, size_t n,
                        float *da);

/* ---- cpu_losses.c ---- */

/* How to make the targets of a batch. The batch starts at sample `first` of the order. */
struct cpu_targets {
    const float *weights;  /* [N] weight of each sample; NULL means all 1 */
    const uint32_t *order; /* [N], or NULL for file order */
    size_t first, rows, columns;
    float share, spread;
    float *y, *weight; /* [rows][columns], [rows] */
};
/* labels [rows] of the batch */
void cpu_label_targets(const int32_t *labels, const struct cpu_targets *targets);
/* values [N][columns] */
void cpu_gather_targets(const float *values, const struct cpu_targets *targets);

void cpu_softmax_rows(const float *z, size_t rows, size_t columns, float *p); /* in place allowed */

struct cpu_loss {
    const float *z, *y;  /* [rows][columns] */
    const float *weight; /* [rows] */
    size_t rows, columns;
    float delta_factor;
    bool each;            /* each output is judged separately; not for softmax */
    bool true_class_only; /* for sigmoid only */
};
/* -> dz [rows][columns], losses [rows], correct [rows] */
void cpu_softmax_cross_entropy(const struct cpu_loss *loss, float *dz, float *losses,
                               uint32_t *correct);
void cpu_sigmoid_cross_entropy(const struct cpu_loss *loss, float *dz, float *losses,
                               uint32_t *correct);
void cpu_identity_squared_error(const struct cpu_loss *loss, float *dz, float *losses,
                                uint32_t *correct);

/* ---- cpu_norm.c ---- */

/* q, u, du [rows][columns]; all others [columns] */
void cpu_norm_statistics(const float *q, size_t rows, size_t columns, float *mean, float *variance);
void cpu_norm_forward(const float *q, size_t rows, size_t columns, const float *mean,
                      const float *variance, const float *scale, const float *shift, float *u);
void cpu_norm_gradient(const float *q, const float *du, size_t rows, size_t columns,
                       const float *mean, const float *variance, float *dscale, float *dshift);
/* du becomes dq */
/* `samples` are those of the whole batch, of which the rows may be a slice. */
void cpu_norm_backward(const float *q, size_t rows, size_t columns, size_t samples,
                       const float *mean, const float *variance, const float *scale,
                       const float *dscale, const float *dshift, float *du);
/* `unbiased` is B / (B - 1) for B samples */
void cpu_norm_running(const float *mean, const float *variance, size_t columns, float momentum,
                      float unbiased, float *running_mean, float *running_variance);

/* ---- cpu_images.c ---- */

/* draws [rows][DRAW_NUMBERS], labels_y [rows]; NULL `order` and `labels` as in cpu_gather_rows */
void cpu_image_draws(const int32_t *labels, const uint32_t *order, size_t first, size_t rows,
                     const struct augmentation *augmentation, const struct batch_draw *draw,
                     int32_t *draws, int32_t *labels_y);
void cpu_gather_images(const float *x, const int32_t *draws, const float *mean, const float *std,
                       size_t rows, const struct augmentation *augmentation, float *y);
void cpu_gather_byte_images(const uint8_t *x, const int32_t *draws, const float *mean,
                            const float *std, size_t rows, const struct augmentation *augmentation,
                            float *y);
void cpu_mix_rows(float *m, size_t rows, size_t columns, float share);

/* ---- cpu_repulsion.c ---- */

/* y, force [2][n]; z [n] */
void cpu_repulsion(const float *y, size_t n, float *force, float *z);

/* ---- cpu_sums.c ---- */

void cpu_bias_gradient(const float *dz, size_t rows, size_t columns, float *db);
void cpu_penalty_terms(const float *w, size_t n, float *sum_abs, float *sum_squares);
/* min(1, limit / (||dw|| + 1e-6)), or 1 if the norm is NaN */
float cpu_clip_factor(const float *dw, size_t n, float limit);
void cpu_metrics_sum(const float *loss, const uint32_t *correct, size_t n, float *sum,
                     uint32_t *count);

#endif
