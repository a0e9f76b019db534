/* What the code knows about each optimizer, besides its mathematics.
 *
 * An optimizer has one row here. Its mathematics stands once per side: in kernels/update.cl with
 * opencl/launch_update.c, cpu/cpu_optimizers.c, reference/reference_optimizers.c and
 * check/error_update.c. A value of enum weft_optimizer without a row does not compile.
 * CONTRIBUTING.md has the checklist.
 */
#ifndef WEFT_OPTIONS_OPTIMIZER_TRAITS_H
#define WEFT_OPTIONS_OPTIMIZER_TRAITS_H

#include "base/status.h"

/* The options that only some optimizers use; they have no effect on the others. */
enum optimizer_uses {
    USES_MOMENTUM = 1,
    USES_BETA1 = 2,
    USES_BETA2 = 4,
    USES_EPSILON = 8,
    USES_WEIGHT_DECAY = 16
};

/* The arrays of optimizer state, each with a number for every parameter. */
enum optimizer_state {
    STATE_NONE,
    STATE_VELOCITIES, /* v of momentum */
    STATE_MEANS,      /* m, running means of gradients */
    STATE_SQUARES,    /* v, running means of squared gradients; never negative */
    STATE_KINDS
};

/* Calls ROW(value, name, first state, second state, uses, beta2, large rate) for each optimizer.
 *
 *   value        of enum weft_optimizer, without its prefix
 *   name         in options and model files
 *   states       its state arrays, without the prefix STATE_
 *   uses         bits of enum optimizer_uses
 *   beta2        the default of option beta2, as in PyTorch
 *   large rate   learning rates above it are unusual */
#define OPTIMIZER_ROWS(ROW)                                                                        \
    ROW(SGD, sgd, NONE, NONE, 0, 0.0, 1.0)                                                         \
    ROW(MOMENTUM, momentum, VELOCITIES, NONE, USES_MOMENTUM, 0.0, 1.0)                             \
    ROW(NESTEROV, nesterov, VELOCITIES, NONE, USES_MOMENTUM, 0.0, 1.0)                             \
    ROW(RMSPROP, rmsprop, SQUARES, NONE, USES_BETA2 | USES_EPSILON, 0.99, 0.02)                    \
    ROW(ADAM, adam, MEANS, SQUARES, USES_BETA1 | USES_BETA2 | USES_EPSILON, 0.999, 0.02)           \
    ROW(ADAMW, adamw, MEANS, SQUARES, USES_BETA1 | USES_BETA2 | USES_EPSILON | USES_WEIGHT_DECAY,  \
        0.999, 0.02)

#define OPTIMIZER_COUNTED(value, ...) +1
enum { OPTIMIZERS = 0 OPTIMIZER_ROWS(OPTIMIZER_COUNTED), OPTIMIZER_MOST_STATES = 2 };

/* The names of all optimizers, in the order of enum weft_optimizer. */
extern const char *const optimizer_names[OPTIMIZERS];

struct optimizer_traits {
    enum optimizer_state state[OPTIMIZER_MOST_STATES]; /* STATE_NONE after the last one */
    unsigned uses;                                     /* bits of enum optimizer_uses */
    double beta2, large_rate;
};

/* Returns the traits of an optimizer. */
struct optimizer_traits optimizer_traits(enum weft_optimizer optimizer);

/* Returns the number of arrays of parameter_count numbers in the optimizer state. */
size_t optimizer_states(enum weft_optimizer optimizer);

/* The name of what a state array holds: "squares". */
extern const char *const optimizer_state_names[STATE_KINDS];

#endif
