/* Expected values and bounds of the operations between the products of layers. See
 * check_cases.h. */
#include <string.h>

#include "check/check_cases.h"
#include "check/error_analysis.h"
#include "options/activation_text.h"
#include "reference/reference.h"

static const double tiny = 0x1p-126;

/* Returns element `i` of the z that a layer reads, with its a. */
static struct activated unit_of(const struct check_case *c, size_t i)
{
    struct activated unit = {.activation = c->activation, .z = c->in[0][i], .a = c->in[0][i]};
    ref_activation_forward(unit.activation, &unit.a, 1);
    activation_bound(single_precision, &unit);
    return unit;
}

void expect_layer_forward(struct check_case *c)
{
    for (size_t i = 0; i < c->rows * c->columns; i++) {
        const struct activated unit = unit_of(c, i);
        c->want[1][i] = unit.a;
        c->bound[1][i] = unit.e_a + tiny; /* a copy may flush too */
    }
}

void expect_layer_backward(struct check_case *c)
{
    memcpy(c->want[1], c->in[1], c->rows * c->columns * sizeof *c->want[1]);
    for (size_t i = 0; i < c->rows * c->columns; i++) {
        const struct activated unit = unit_of(c, i);
        const double da = c->in[1][i];
        ref_activation_backward(unit.activation, &unit.z, &unit.a, &c->want[1][i], 1);
        c->bound[1][i] = activation_backward_bound(single_precision, &unit, da, 0.0) + tiny;
    }
}

/* The error is one rounding of the scale and one of the product. */
void expect_dropout(struct check_case *c)
{
    const struct ref_draw draw = {c->draw.seed, c->draw.epoch, c->draw.batch};
    for (size_t i = 0; i < c->rows * c->columns; i++) {
        c->want[0][i] = c->in[0][i] * ref_dropout(&draw, 1, (double)c->scalars[0], i);
        c->bound[0][i] = dropout_bound(single_precision, c->want[0][i]);
    }
}

const char *check_variant_name(enum primitive primitive, int variant)
{
    if (primitive == PRIMITIVE_LAYER_FORWARD || primitive == PRIMITIVE_LAYER_BACKWARD)
        return activation_names[variant];
    if (primitive == PRIMITIVE_PARAMETERS_UPDATE)
        return optimizer_names[variant];
    if (variant == 0)
        return "";
    return variant == 2 ? "true class" : "each output";
}
