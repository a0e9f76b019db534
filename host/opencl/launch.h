/* One launcher for each primitive: sets the kernel's arguments and queues it. Nothing waits.
 *
 * Names, shapes and formulas are those of the kernels in kernels/. Offsets count elements.
 */
#ifndef WEFT_OPENCL_LAUNCH_H
#define WEFT_OPENCL_LAUNCH_H

#include "opencl/opencl_device.h"

/* Elements that the two-step sums need between their steps, for matrices of up to `columns`
 * columns. */
size_t launch_partial_size(size_t columns);

enum weft_status launch_bias_add(struct opencl_device *device, cl_mem z, cl_mem b, size_t b_offset,
                                 size_t rows, size_t columns);
enum weft_status launch_sigmoid_forward(struct opencl_device *device, cl_mem z, size_t n);
/* a may be z */
enum weft_status launch_layer_forward(struct opencl_device *device, enum weft_activation activation,
                                      cl_mem z, cl_mem a, size_t n);
/* x is z where `from_z`, else a */
enum weft_status launch_layer_backward(struct opencl_device *device,
                                       enum weft_activation activation, bool from_z, cl_mem x,
                                       cl_mem da, size_t n);
enum weft_status launch_clip_unit(struct opencl_device *device, cl_mem z, cl_mem p, size_t n);
enum weft_status launch_softmax_rows(struct opencl_device *device, cl_mem z, cl_mem p, size_t rows,
                                     size_t columns);

/* x of layer `layer` in the batch of `draw`, in place */
enum weft_status launch_dropout(struct opencl_device *device, const struct batch_draw *draw,
                                size_t layer, float share, cl_mem x, size_t n);

/* What the three loss kernels share. */
struct head_buffers {
    cl_mem z;      /* [rows][columns] */
    cl_mem labels; /* from labels_first */
    size_t labels_first;
    cl_mem dz;      /* [rows][columns] */
    cl_mem loss;    /* [rows] */
    cl_mem correct; /* [rows] */
    size_t rows, columns;
};
enum weft_status launch_softmax_cross_entropy(struct opencl_device *device,
                                              const struct head_buffers *head,
                                              const struct loss_rule *rule);
enum weft_status launch_sigmoid_cross_entropy(struct opencl_device *device,
                                              const struct head_buffers *head,
                                              const struct loss_rule *rule);
enum weft_status launch_identity_squared_error(struct opencl_device *device,
                                               const struct head_buffers *head,
                                               const struct loss_rule *rule);

/* ---- augmentation, launch_images.c ---- */

/* A batch of images, drawn and gathered. */
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

/* ---- dense targets, launch_targets.c ---- */

/* How y and the weights of a batch are made. */
struct target_buffers {
    cl_mem labels, class_weight; /* of label_targets */
    size_t labels_first;
    cl_mem targets, order; /* of gather_targets: [N][columns], [N] */
    size_t order_first, count;
    size_t rows, columns;
    float keep, spread;
    cl_mem y, weight; /* [rows][columns], [rows] */
};
enum weft_status launch_label_targets(struct opencl_device *device,
                                      const struct target_buffers *targets);
enum weft_status launch_gather_targets(struct opencl_device *device,
                                       const struct target_buffers *targets);

/* What the three losses of dense targets share. */
struct target_loss {
    cl_mem z, y;          /* [rows][columns] */
    cl_mem weight;        /* [rows] */
    cl_mem dz;            /* [rows][columns] */
    cl_mem loss, correct; /* [rows] */
    size_t rows, columns;
    float delta_factor;
    bool each; /* every output is right or wrong by itself; not for softmax */
};
enum weft_status launch_softmax_cross_entropy_targets(struct opencl_device *device,
                                                      const struct target_loss *loss);
enum weft_status launch_sigmoid_cross_entropy_targets(struct opencl_device *device,
                                                      const struct target_loss *loss);
enum weft_status launch_identity_squared_error_targets(struct opencl_device *device,
                                                       const struct target_loss *loss);

/* `partial` has launch_partial_size elements, here and in penalty_terms. */
enum weft_status launch_bias_gradient(struct opencl_device *device, cl_mem dz, size_t rows,
                                      size_t columns, cl_mem partial, cl_mem db, size_t db_offset);
/* sums [slots][2]; over the first n weights */
enum weft_status launch_penalty_terms(struct opencl_device *device, cl_mem w, size_t n,
                                      cl_mem partial, cl_mem sums, size_t slot);
/* sums, counts [slots] */
enum weft_status launch_metrics_sum(struct opencl_device *device, cl_mem loss, cl_mem correct,
                                    size_t rows, cl_mem sums, cl_mem counts, size_t slot);
enum weft_status launch_penalty_gradient(struct opencl_device *device, cl_mem w, cl_mem dw,
                                         size_t n, float l1, float l2);

/* ---- launch_update.c ---- */

/* What the optimizers share; all [n], the first `weights` of them weights, but clip [1]. */
struct update_buffers {
    cl_mem w, dw, clip;
    cl_mem state[2]; /* optimizer_states() of them: v, or m and v */
    size_t n, weights;
};
/* The update of rule->optimizer, without its average: sgd_update, momentum_update, rmsprop_update
 * or adam_update. */
enum weft_status launch_update(struct opencl_device *device, const struct update_buffers *buffers,
                               const struct update_rule *rule);
/* clip [1]; `partial` has launch_partial_size elements. */
enum weft_status launch_clip_factor(struct opencl_device *device, cl_mem dw, size_t n,
                                    cl_mem partial, float limit, cl_mem clip);
enum weft_status launch_average_update(struct opencl_device *device, cl_mem w, cl_mem average,
                                       size_t n, float keep, float gain);

/* ---- batch normalization, launch_norm.c ---- */

/* A vector [columns] within a buffer. */
struct norm_vector {
    cl_mem buffer;
    size_t first;
};

/* What the five launchers read and write; each takes what its kernel has. */
struct norm_buffers {
    size_t rows, columns;
    cl_mem q; /* [rows][columns] */
    cl_mem u; /* [rows][columns]: u of norm_forward, du of the way back */
    struct norm_vector mean, variance;
    struct norm_vector scale, shift, dscale, dshift;
    struct norm_vector running_mean, running_variance;
    cl_mem partial; /* launch_partial_size elements, of sums */
};
enum weft_status launch_norm_statistics(struct opencl_device *device,
                                        const struct norm_buffers *norm);
enum weft_status launch_norm_forward(struct opencl_device *device, const struct norm_buffers *norm);
enum weft_status launch_norm_gradient(struct opencl_device *device,
                                      const struct norm_buffers *norm);
enum weft_status launch_norm_backward(struct opencl_device *device,
                                      const struct norm_buffers *norm);
/* `unbiased` is B / (B - 1) of B samples */
enum weft_status launch_norm_running(struct opencl_device *device, const struct norm_buffers *norm,
                                     float momentum, float unbiased);

/* ---- launch.c again ---- */

enum weft_status launch_standardize_rows(struct opencl_device *device, cl_mem x, cl_mem mean,
                                         cl_mem std, size_t row_first, size_t rows, size_t columns);

/* Samples order_first .. order_first + count - 1 of the order into y [rows][columns]; zeros beyond.
 */
struct gather {
    cl_mem x, labels, order;
    cl_mem mean, std; /* [columns], of x uint8 alone */
    size_t order_first, count, rows, columns;
    cl_mem y, labels_y;
};
enum weft_status launch_gather_rows(struct opencl_device *device, const struct gather *gather);
enum weft_status launch_gather_byte_rows(struct opencl_device *device, const struct gather *gather);

#endif
