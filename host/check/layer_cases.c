/* Expected values and bounds of the operations of a layer, except its matrix products. See
 * check_cases.h. */
#include "check/check_cases.h"
#include "check/error_activation.h"
#include "reference/reference.h"

void expect_bias_add(struct check_case *c)
{
    case_want_input(c, 0, case_size(c));
    ref_bias_add(c->want[0], c->in[1], c->rows, c->columns);
    case_bound_rounded(c, 0, case_size(c), 1);
}

/* Returns a pre-activation with its activation. */
static struct activated unit_of(enum weft_activation activation, double z)
{
    struct activated unit = {.activation = activation, .z = z, .a = z};
    ref_activation_forward(activation, &unit.a, 1);
    activation_bound(unlimited_precision, &unit);
    return unit;
}

void expect_sigmoid_forward(struct check_case *c)
{
    for (size_t i = 0; i < case_size(c); i++) {
        const struct activated unit = unit_of(WEFT_ACTIVATION_SIGMOID, c->in[0][i]);
        c->want[0][i] = unit.a;
        c->bound[0][i] = unit.e_a;
    }
}

void expect_layer_forward(struct check_case *c)
{
    for (size_t i = 0; i < case_size(c); i++) {
        const struct activated unit = unit_of(c->activation, c->in[0][i]);
        c->want[1][i] = unit.a;
        c->bound[1][i] = unit.e_a + unlimited_precision.tiny; /* a copy may flush too */
    }
}

void expect_layer_backward(struct check_case *c)
{
    case_want_input(c, 1, case_size(c));
    for (size_t i = 0; i < case_size(c); i++) {
        const struct activated unit = unit_of(c->activation, c->in[0][i]);
        const double da = c->in[1][i];
        ref_activation_backward(unit.activation, &unit.z, &unit.a, &c->want[1][i], 1);
        c->bound[1][i] = activation_backward_bound(unlimited_precision, &unit, da, 0.0) +
                         unlimited_precision.tiny;
    }
}

void expect_dropout(struct check_case *c)
{
    const struct ref_draw draw = {c->draw.seed, c->draw.epoch, c->draw.batch};
    const size_t first = c->draw.row * c->columns;
    for (size_t i = 0; i < case_size(c); i++) {
        c->want[0][i] = c->in[0][i] * ref_dropout(&draw, 1, (double)c->scalars[0], first + i);
        c->bound[0][i] = dropout_bound(unlimited_precision, c->want[0][i], 0.0);
    }
}

void expect_bias_gradient(struct check_case *c)
{
    ref_bias_gradient(c->in[0], c->rows, c->columns, c->want[1]);
    for (size_t j = 0; j < c->columns; j++)
        c->bound[1][j] = sum_bound(unlimited_precision, c->in[0] + j, NULL, c->rows, c->columns);
}
