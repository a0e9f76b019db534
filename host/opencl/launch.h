/* One launcher for each primitive. A launcher sets the kernel's arguments and queues the kernel; it
 * never waits.
 *
 * Names, shapes and formulas match the kernels in kernels/. Offsets count elements.
 */
#ifndef WEFT_OPENCL_LAUNCH_H
#define WEFT_OPENCL_LAUNCH_H

#include "base/random.h"
#include "opencl/opencl_device.h"

/* The elements that two-step sums need between their steps, for matrices of up to `columns`
 * columns. */
size_t launch_partial_size(size_t columns);

enum weft_status launch_bias_add(struct opencl_device *device, cl_mem z, cl_mem b, size_t b_offset,
                                 size_t rows, size_t columns);
enum weft_status launch_sigmoid_forward(struct opencl_device *device, cl_mem z, size_t n);
/* `a` may be the same buffer as `z`. */
enum weft_status launch_layer_forward(struct opencl_device *device, enum weft_activation activation,
                                      cl_mem z, cl_mem a, size_t n);
/* `x` holds z if `from_z`, otherwise a. */
enum weft_status launch_layer_backward(struct opencl_device *device,
                                       enum weft_activation activation, bool from_z, cl_mem x,
                                       cl_mem da, size_t n);
enum weft_status launch_clip_unit(struct opencl_device *device, cl_mem z, cl_mem p, size_t n);

/* Returns the purpose of the random numbers for the dropout of layer `layer`. */
static inline cl_uint dropout_purpose(size_t layer)
{
    return (cl_uint)(RANDOM_DROPOUT + (layer << 8));
}

/* Drops elements of `x` in place. x holds the activations of layer `layer`, or their deltas; `draw`
 * and `layer` select the random numbers. */
enum weft_status launch_dropout(struct opencl_device *device, const struct batch_draw *draw,
                                size_t layer, float share, cl_mem x, size_t rows, size_t columns);

/* ---- augmentation, launch_images.c ---- */

/* A batch of images to draw and gather. */
struct image_buffers {
    cl_mem x, labels, order; /* [N][columns] raw, [N], [N] */
    size_t order_first, rows, columns;
    cl_mem mean, std; /* [columns] */
    cl_mem draws;     /* [rows][DRAW_NUMBERS] int32 */
    cl_mem y, labels_y;
    bool bytes; /* x is uint8 */
    const struct augmentation *augmentation;
    const struct batch_draw *draw;
};
enum weft_status launch_image_draws(struct opencl_device *device,
                                    const struct image_buffers *images);
enum weft_status launch_gather_images(struct opencl_device *device,
                                      const struct image_buffers *images);
enum weft_status launch_mix_rows(struct opencl_device *device, cl_mem m, size_t rows,
                                 size_t columns, float share);

/* ---- targets and losses, launch_losses.c ---- */

/* The targets of a batch, from the labels of its rows or from the targets of the data set. */
struct target_buffers {
    cl_mem labels;         /* read by label_targets from labels_first */
    cl_mem targets;        /* read by gather_targets: [N][columns] */
    cl_mem weights, order; /* [N] */
    size_t labels_first, order_first;
    size_t rows, columns;
    float share, spread;
    cl_mem y, weight; /* [rows][columns], [rows] */
};
enum weft_status launch_label_targets(struct opencl_device *device,
                                      const struct target_buffers *targets);
enum weft_status launch_gather_targets(struct opencl_device *device,
                                       const struct target_buffers *targets);

/* `p` may be the same buffer as `z`. */
enum weft_status launch_softmax_rows(struct opencl_device *device, cl_mem z, cl_mem p, size_t rows,
                                     size_t columns);

/* The buffers and settings of the three losses. */
struct loss_buffers {
    cl_mem z, y;          /* [rows][columns] */
    cl_mem weight;        /* [rows] */
    cl_mem dz;            /* [rows][columns] */
    cl_mem loss, correct; /* [rows] */
    size_t rows, columns;
    float delta_factor;
    bool each;            /* judge every output separately; unused by softmax */
    bool true_class_only; /* used only by sigmoid */
};
enum weft_status launch_softmax_cross_entropy(struct opencl_device *device,
                                              const struct loss_buffers *loss);
enum weft_status launch_sigmoid_cross_entropy(struct opencl_device *device,
                                              const struct loss_buffers *loss);
enum weft_status launch_identity_squared_error(struct opencl_device *device,
                                               const struct loss_buffers *loss);

/* ---- sums and the penalty, launch.c ---- */

/* `partial` has launch_partial_size elements, here and in launch_penalty_terms. */
enum weft_status launch_bias_gradient(struct opencl_device *device, cl_mem dz, size_t rows,
                                      size_t columns, cl_mem partial, cl_mem db, size_t db_offset);
/* Sums over the first n weights; sums [slots][2]. */
enum weft_status launch_penalty_terms(struct opencl_device *device, cl_mem w, size_t n,
                                      cl_mem partial, cl_mem sums, size_t slot);
/* sums and counts are [slots]. */
enum weft_status launch_metrics_sum(struct opencl_device *device, cl_mem loss, cl_mem correct,
                                    size_t rows, cl_mem sums, cl_mem counts, size_t slot);
enum weft_status launch_penalty_gradient(struct opencl_device *device, cl_mem w, cl_mem dw,
                                         size_t n, float l1, float l2);
enum weft_status launch_gradient_add(struct opencl_device *device, cl_mem dw, cl_mem sum, size_t n);

/* ---- optimizers, launch_update.c ---- */

/* Buffers of all optimizers. Each is [n], except clip, which is [1]. The first `weights` elements
 * are weights. */
struct update_buffers {
    cl_mem w, dw, clip;
    cl_mem state[OPTIMIZER_MOST_STATES]; /* optimizer_states() buffers */
    size_t n, weights;
};
/* Queues the kernel of rule->optimizer. It does not update the average of the weights. */
enum weft_status launch_update(struct opencl_device *device, const struct update_buffers *buffers,
                               const struct update_rule *rule);
/* clip is [1]; `partial` has launch_partial_size elements. */
enum weft_status launch_clip_factor(struct opencl_device *device, cl_mem dw, size_t n,
                                    cl_mem partial, float limit, cl_mem clip);
enum weft_status launch_average_update(struct opencl_device *device, cl_mem w, cl_mem average,
                                       size_t n, float gain);

/* ---- batch normalization, launch_norm.c ---- */

/* A vector [columns] within a buffer. */
struct norm_vector {
    cl_mem buffer;
    size_t first;
};

/* Buffers of the five launchers. Each launcher uses the ones that its kernel takes. */
struct norm_buffers {
    size_t rows, columns;
    size_t samples; /* in the whole batch, of which the rows may be a slice; only norm_backward */
    cl_mem q;       /* [rows][columns] */
    cl_mem u;       /* [rows][columns]: u in norm_forward, du in the backward pass */
    struct norm_vector mean, variance;
    struct norm_vector scale, shift, dscale, dshift;
    struct norm_vector running_mean, running_variance;
    cl_mem partial; /* partial sums, launch_partial_size elements */
};
enum weft_status launch_norm_statistics(struct opencl_device *device,
                                        const struct norm_buffers *norm);
enum weft_status launch_norm_forward(struct opencl_device *device, const struct norm_buffers *norm);
enum weft_status launch_norm_gradient(struct opencl_device *device,
                                      const struct norm_buffers *norm);
enum weft_status launch_norm_backward(struct opencl_device *device,
                                      const struct norm_buffers *norm);
/* `unbiased` is B / (B - 1) for a batch of B samples. */
enum weft_status launch_norm_running(struct opencl_device *device, const struct norm_buffers *norm,
                                     float momentum, float unbiased);

/* ---- samples, launch.c ---- */

enum weft_status launch_standardize_rows(struct opencl_device *device, cl_mem x, cl_mem mean,
                                         cl_mem std, size_t row_first, size_t rows, size_t columns);

/* A gather of samples order_first .. order_first + count - 1 of the order into y [rows][columns].
 * The remaining rows become zeros. */
struct gather {
    cl_mem x, labels, order;
    cl_mem mean, std; /* [columns], used only if x is uint8 */
    size_t order_first, count, rows, columns;
    cl_mem y, labels_y;
};
enum weft_status launch_gather_rows(struct opencl_device *device, const struct gather *gather);
enum weft_status launch_gather_byte_rows(struct opencl_device *device, const struct gather *gather);

/* ---- embeddings, launch_repulsion.c ---- */

/* The elements of `partial` for n points. */
size_t launch_repulsion_partial(size_t n);
/* y, force [2][n]; z [n] */
enum weft_status launch_repulsion(struct opencl_device *device, cl_mem y, size_t n, cl_mem partial,
                                  cl_mem force, cl_mem z);

#endif
