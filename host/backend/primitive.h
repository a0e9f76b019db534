/* The primitives that make up the operations. Each of them can run alone on host arrays.
 *
 * Checks and tests run the primitives this way on every backend. The kernel, the launcher, the CPU
 * function and the reference function of a primitive share its name. primitive_run uploads every
 * array, launches what training launches, and downloads every array. An array may be longer than
 * the shape requires. The elements beyond the shape, and all inputs, must come back unchanged.
 *
 * The list gives the arrays by position. M = rows, N = columns, K = inner; `*` marks the outputs:
 *
 *   product
 *       a, b, *c
 *       form FORWARD: a [M][K], b [N][K], c [M][N] = a b'
 *       form WEIGHT_GRADIENT: a [K][M], b [K][N], c [M][N] = a' b
 *       form DELTA: a [M][K], b [K][N], c [M][N] = a b
 *   bias_add
 *       *z [M][N], b [N]
 *       z += b in each row
 *   sigmoid_forward
 *       *z [M*N]
 *       z = 1 / (1 + exp(-z)), in place
 *   layer_forward
 *       z [M*N], *a [M*N]
 *       a = activation(z)
 *   dropout
 *       *x [M*N]
 *       with the mask of layer 1; scalars[0] is the dropout rate
 *   layer_backward
 *       z [M*N], *da [M*N]
 *       da *= a'(z)
 *   softmax_rows
 *       z [M][N], *p [M][N]
 *   softmax_cross_entropy, sigmoid_cross_entropy, identity_squared_error
 *       z [M][N], y [M][N], weight [M], *dz [M][N], *loss [M], *correct uint32 [M]
 *       scalars[0] is the delta factor
 *       scalars[1] is 1 if each output counts separately, 2 for the true class only (sigmoid)
 *   label_targets
 *       labels int32 [M], weights [K], order uint32 [M], *y [M][N], *weight [M]
 *       scalars[0] is share, scalars[1] is spread
 *   gather_targets
 *       targets [K][N], weights [K], order uint32 [M], *y [M][N], *weight [M]
 *       scalars[0] is share, scalars[1] is spread
 *   image_draws
 *       labels int32 [K], order uint32 [M], *draws int32 [M][6], *labels_y int32 [M]
 *       uses `augmentation` and `draw`
 *   gather_images
 *       x [K][N] raw, draws int32 [M][6], mean [N], std [N], *y [M][N]
 *   mix_rows
 *       *m [M][N]
 *       scalars[0] is the share that each sample keeps
 *   clip_unit
 *       z [M*N], *p [M*N]
 *       p = min(max(z, 0), 1)
 *   norm_statistics
 *       q [M][N], *mean [N], *variance [N]
 *       over the M samples; the variance is biased: a mean of squares
 *   norm_forward
 *       q [M][N], mean [N], variance [N], scale [N], shift [N], *u [M][N]
 *       u = scale x + shift, x = (q - mean) / sqrt(variance + 1e-5)
 *   norm_gradient
 *       q [M][N], du [M][N], mean [N], variance [N], *dscale [N], *dshift [N]
 *       dscale = sum du x, dshift = sum du
 *   norm_backward
 *       q [M][N], mean [N], variance [N], scale [N], dscale [N], dshift [N], *du [M][N]
 *       du becomes dq = scale (du - dshift / M - x dscale / M) / sqrt(variance + 1e-5)
 *   norm_running
 *       mean [N], variance [N], *running_mean [N], *running_variance [N]
 *       running = (1 - momentum) running + momentum batch
 *       scalars[0] is the momentum; scalars[1] multiplies the variance of the batch: B / (B - 1)
 *       for B samples
 *   bias_gradient
 *       dz [M][N], *db [N]
 *       column sums
 *   penalty_gradient
 *       w [M*N], *dw [M*N]
 *       dw += scalars[0] sign(w) + scalars[1] w
 *   gradient_add
 *       dw [M*N], *sum [M*N]
 *       sum += dw
 *   penalty_terms
 *       w [M*N], *sums [2]
 *       sum |w|, sum w^2
 *   clip_factor
 *       dw [M*N], *clip [1]
 *       min(1, scalars[0] / (||dw|| + 1e-6))
 *   parameters_update
 *       *w [M*N], dw [M*N], clip [1], then each array of the optimizer state, *[M*N]
 *       g = clip dw; call->update has the optimizer and its scalars, kernels/update.cl the formulas
 *       `inner` is the number of weights
 *   average_update
 *       w [M*N], *average [M*N]
 *       average += scalars[0] (w - average)
 *   metrics_sum
 *       loss [M], correct uint32 [M], *sum [1], *count uint32 [1]
 *   standardize_rows
 *       *x [M][N], mean [N], std [N]
 *       x = (x - mean) / std
 *   gather_rows
 *       x [K][N], labels int32 [K], order uint32 [M], *y [M][N], *labels_y int32 [M]
 *   gather_byte_rows
 *       x uint8 [K][N], labels int32 [K], order uint32 [M], mean [N], std [N], *y [M][N],
 *       *labels_y int32 [M]
 *       y = (x - mean) / std
 *   gather_byte_images
 *       like gather_images, but with x uint8
 *   repulsion
 *       y [2][M], *force [2][M], *z [M]
 *       z_i = sum q_ij, force_i = sum q_ij^2 (y_i - y_j), both over j != i
 *       q_ij = 1 / (1 + |y_i - y_j|^2); no coordinate is larger than REPULSION_LARGEST
 */
#ifndef WEFT_BACKEND_PRIMITIVE_H
#define WEFT_BACKEND_PRIMITIVE_H

#include "backend/backend.h"
#include "base/memory.h"

enum primitive {
    PRIMITIVE_PRODUCT,
    PRIMITIVE_BIAS_ADD,
    PRIMITIVE_SIGMOID_FORWARD,
    PRIMITIVE_LAYER_FORWARD,
    PRIMITIVE_LAYER_BACKWARD,
    PRIMITIVE_DROPOUT,
    PRIMITIVE_SOFTMAX_ROWS,
    PRIMITIVE_SOFTMAX_CROSS_ENTROPY,
    PRIMITIVE_SIGMOID_CROSS_ENTROPY,
    PRIMITIVE_IDENTITY_SQUARED_ERROR,
    PRIMITIVE_LABEL_TARGETS,
    PRIMITIVE_GATHER_TARGETS,
    PRIMITIVE_IMAGE_DRAWS,
    PRIMITIVE_GATHER_IMAGES,
    PRIMITIVE_MIX_ROWS,
    PRIMITIVE_CLIP_UNIT,
    PRIMITIVE_NORM_STATISTICS,
    PRIMITIVE_NORM_FORWARD,
    PRIMITIVE_NORM_GRADIENT,
    PRIMITIVE_NORM_BACKWARD,
    PRIMITIVE_NORM_RUNNING,
    PRIMITIVE_BIAS_GRADIENT,
    PRIMITIVE_PENALTY_GRADIENT,
    PRIMITIVE_GRADIENT_ADD,
    PRIMITIVE_PENALTY_TERMS,
    PRIMITIVE_CLIP_FACTOR,
    PRIMITIVE_PARAMETERS_UPDATE,
    PRIMITIVE_AVERAGE_UPDATE,
    PRIMITIVE_METRICS_SUM,
    PRIMITIVE_STANDARDIZE_ROWS,
    PRIMITIVE_GATHER_ROWS,
    PRIMITIVE_GATHER_BYTE_ROWS,
    PRIMITIVE_GATHER_BYTE_IMAGES,
    PRIMITIVE_REPULSION,
    PRIMITIVE_COUNT
};

_Static_assert(PRIMITIVE_COUNT <= 64, "a set of primitives is a 64-bit number");

/* The bit of a primitive in a set of primitives. */
static inline uint64_t primitive_bit(enum primitive primitive)
{
    return UINT64_C(1) << primitive;
}

enum product_form { PRODUCT_FORWARD, PRODUCT_WEIGHT_GRADIENT, PRODUCT_DELTA, PRODUCT_FORMS };

/* Whether a is stored as [K][M] instead of [M][K], and b as [N][K] instead of [K][N]. */
static inline bool product_a_transposed(enum product_form form)
{
    return form == PRODUCT_WEIGHT_GRADIENT;
}

/* Tells whether a product reads its second operand transposed. */
static inline bool product_b_transposed(enum product_form form)
{
    return form == PRODUCT_FORWARD;
}

/* Returns the name of a form of product, as in the device record. */
static inline const char *product_form_name(enum product_form form)
{
    static const char *const names[] = {"forward", "weight_gradient", "delta"};
    return names[form];
}

/* norm_slice_rows returns the number of rows in a slice. Under batch norm, sums over the rows of a
 * batch first run within slices, and then over at most NORM_SLICES slices. Error bounds count the
 * roundings that this order implies. */
enum { NORM_SLICES = 32, NORM_LEAST_ROWS = 32 };
static inline size_t norm_slice_rows(size_t rows)
{
    return size_max(NORM_LEAST_ROWS, size_divide_up(rows, NORM_SLICES));
}

/* A division serves two pairs of points, and the product of their 1 + |y_i - y_j|^2 must stay
 * finite. */
#define REPULSION_LARGEST 1e9f

/* Returns the number of points in a slice. The terms of a point are first summed within slices, and
 * then over at most REPULSION_SLICES slices. Error bounds count these roundings. */
enum { REPULSION_SLICES = 64, REPULSION_LEAST_POINTS = 256 };
static inline size_t repulsion_slice_points(size_t points)
{
    return size_max(REPULSION_LEAST_POINTS, size_divide_up(points, REPULSION_SLICES));
}

enum { PRIMITIVE_MAX_ARRAYS = 8 };

struct primitive_array {
    void *values;  /* 4-byte elements, or groups of four bytes; borrowed */
    size_t length; /* number of elements, at least what the shape requires */
};

/* Timed runs. They are queued one after the other, and the host waits once. If they are cold, the
 * host waits for each run, and before it the caches of the device get other contents. */
struct primitive_timing {
    size_t runs;
    bool cold;
    double seconds; /* total time of all runs */
};

struct primitive_call {
    enum primitive primitive;
    enum product_form form;  /* of PRIMITIVE_PRODUCT */
    enum weft_gemm products; /* engine of PRIMITIVE_PRODUCT */
    size_t rows, columns, inner;
    size_t offset; /* of PRIMITIVE_PRODUCT: number of elements before each operand in its array */
    size_t like;   /* of PRIMITIVE_PRODUCT: compute it with the engine for the same product of
                      this many samples, of which it is a truncated version; 0 means none */
    struct primitive_timing *timing; /* timed runs after the first one, or NULL; only for
                                        backends with product_algorithm */
    enum weft_activation activation; /* of layer_forward and layer_backward */
    float scalars[2];
    const struct update_rule *update; /* of parameters_update; borrowed */
    struct augmentation augmentation; /* of images */
    struct batch_draw draw;           /* of images and dropout */
    struct primitive_array arrays[PRIMITIVE_MAX_ARRAYS];
};

#endif
