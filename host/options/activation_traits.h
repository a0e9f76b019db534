/* What the code knows about each activation, besides its mathematics.
 *
 * An activation has one row here. Its mathematics stands once per side: in kernels/activation.cl,
 * cpu/cpu_layer.c, reference/reference_layers.c and check/error_activation.c. A row without a
 * function does not compile, and neither does a value of enum weft_activation without a row.
 * CONTRIBUTING.md has the checklist.
 */
#ifndef WEFT_OPTIONS_ACTIVATION_TRAITS_H
#define WEFT_OPTIONS_ACTIVATION_TRAITS_H

#include "base/status.h"

/* Calls ROW(value, name, slope, initialization, shape) for each activation.
 *
 *   value            of enum weft_activation, without its prefix
 *   name             in options and model files, and in the functions of the CPU backend
 *   slope            FROM_A if a'(z) follows from a; FROM_Z if a layer has to keep z for it
 *   initialization   what WEFT_INIT_AUTO picks. Rectifiers lose half of their inputs, which HE
 *                    compensates; SELU needs LECUN to normalize itself.
 *   shape            KINKED if a' or its derivative jumps at z = 0, otherwise SMOOTH
 */
#define ACTIVATION_ROWS(ROW)                                                                       \
    ROW(IDENTITY, identity, FROM_A, GLOROT, SMOOTH)                                                \
    ROW(SIGMOID, sigmoid, FROM_A, GLOROT, SMOOTH)                                                  \
    ROW(TANH, tanh, FROM_A, GLOROT, SMOOTH)                                                        \
    ROW(RELU, relu, FROM_A, HE, KINKED)                                                            \
    ROW(LEAKY_RELU, leaky_relu, FROM_A, HE, KINKED)                                                \
    ROW(ELU, elu, FROM_A, HE, KINKED)                                                              \
    ROW(GELU, gelu, FROM_Z, HE, SMOOTH)                                                            \
    ROW(SILU, silu, FROM_Z, HE, SMOOTH)                                                            \
    ROW(SOFTPLUS, softplus, FROM_A, GLOROT, SMOOTH)                                                \
    ROW(SELU, selu, FROM_A, LECUN, KINKED)                                                         \
    ROW(MISH, mish, FROM_Z, HE, SMOOTH)

#define ACTIVATION_COUNTED(value, ...) +1
enum { ACTIVATION_COUNT = 0 ACTIVATION_ROWS(ACTIVATION_COUNTED) };

/* The names of all activations, in the order of enum weft_activation: "leaky_relu". */
extern const char *const activation_names[ACTIVATION_COUNT];

struct activation_traits {
    bool slope_from_z;
    bool kink;
    enum weft_initialization initialization;
};

/* Returns the traits of an activation. */
struct activation_traits activation_traits(enum weft_activation activation);

#endif
