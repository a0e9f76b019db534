/* Expected values and bounds of penalties and optimizers. See check_cases.h. If optimizer state is
 * infinite on a device, the expected parameter follows from the infinity. */
#include <float.h>

#include "check/check_cases.h"
#include "check/error_update.h"

/* Scalars are not powers of two, so that a lost or doubled factor shows. Gains differ from 1 -
 * beta, so that the use of one for the other shows. */
const struct update_rule check_sgd = {.learning_rate = 0.3f};
const struct update_rule check_momentum = {
    .optimizer = WEFT_OPTIMIZER_MOMENTUM, .learning_rate = 0.3f, .momentum = 0.9f};
const struct update_rule check_nesterov = {
    .optimizer = WEFT_OPTIMIZER_NESTEROV, .learning_rate = 0.3f, .momentum = 0.9f};
const struct update_rule check_rmsprop = {.optimizer = WEFT_OPTIMIZER_RMSPROP,
                                          .learning_rate = 0.3f,
                                          .beta2 = 0.9f,
                                          .gain2 = 0.2f,
                                          .epsilon = 0.01f};
const struct update_rule check_adam = {.optimizer = WEFT_OPTIMIZER_ADAMW,
                                       .beta1 = 0.7f,
                                       .gain1 = 0.2f,
                                       .beta2 = 0.9f,
                                       .gain2 = 0.15f,
                                       .epsilon = 0.01f,
                                       .step = 0.3f,
                                       .root = 1.7f,
                                       .keep = 0.6f};

void expect_penalty_gradient(struct check_case *c)
{
    const double l1 = (double)c->scalars[0], l2 = (double)c->scalars[1];
    case_want_input(c, 1, case_size(c));
    ref_penalty_gradient(c->in[0], case_size(c), l1, l2, c->want[1]);
    for (size_t i = 0; i < case_size(c); i++)
        c->bound[1][i] =
            penalty_gradient_bound(unlimited_precision, l1, l2, c->in[0][i], c->in[1][i], 0.0);
}

void expect_penalty_terms(struct check_case *c)
{
    ref_penalty_terms(c->in[0], case_size(c), &c->want[1][0], &c->want[1][1]);
    penalty_terms_bounds(unlimited_precision, case_size(c), c->want[1], c->bound[1]);
}

void expect_clip_factor(struct check_case *c)
{
    const double limit = (double)c->scalars[0];
    double squares = 0.0;
    for (size_t i = 0; i < case_size(c); i++)
        squares += c->in[0][i] * c->in[0][i];
    c->want[1][0] = ref_clip_factor(c->in[0], case_size(c), limit);
    c->bound[1][0] = clip_factor_bound(single_precision, case_size(c), sqrt(squares), limit);
}

/* Returns the value that float32 holds: infinite beyond its largest number. */
static double as_float(double value)
{
    return fabs(value) >= (double)FLT_MAX + 0x1p103 ? copysign(HUGE_VAL, value) : value;
}

/* Returns what the rate multiplies, from g and the optimizer state after the update. */
static double direction(const struct ref_update *rule, double g, double first, double second)
{
    switch (rule->optimizer) {
    case WEFT_OPTIMIZER_SGD:
        break;
    case WEFT_OPTIMIZER_MOMENTUM:
        return first;
    case WEFT_OPTIMIZER_NESTEROV:
        return g + as_float(rule->momentum * first);
    case WEFT_OPTIMIZER_RMSPROP:
        return g / (sqrt(first) + rule->epsilon);
    case WEFT_OPTIMIZER_ADAM:
    case WEFT_OPTIMIZER_ADAMW:
        return first / (sqrt(second) * rule->root + rule->epsilon);
    }
    return g;
}

/* If a number overflows on its way to w, w follows from the infinity. It becomes infinite too, or,
 * if the infinity divides the direction, only what the decay leaves of w remains. */
static void overflow_follow(struct check_case *c, const struct ref_update *rule, size_t i,
                            const struct optimizer_element *after)
{
    const bool adam = optimizer_states(rule->optimizer) == 2;
    const double first = as_float(after->state[0]), second = as_float(after->state[1]);
    const double d = as_float(direction(rule, rule->clip * c->in[1][i], first, second));
    const double moved = as_float((adam ? rule->step : rule->learning_rate) * d);
    const double kept = adam && i < c->rows ? rule->keep * c->in[0][i] : c->in[0][i];
    if (isfinite(first) && isfinite(second) && isfinite(moved))
        return;
    c->want[0][i] = kept - moved;
    c->bound[0][i] = rounded_bound(unlimited_precision, 1, kept);
}

/* The arrays are w, dw, the optimizer state and clip. The first `rows` parameters are weights. */
void expect_update(struct check_case *c)
{
    const size_t n = case_size(c), states = optimizer_states(c->update->optimizer);
    const struct ref_update rule = optimizer_reference(c->update, c->in[2 + states][0]);
    double *const state[2] = {c->want[2], c->want[3]};
    for (size_t a = 0; a < 2 + states; a++)
        for (size_t i = 0; a != 1 && i < n; i++)
            c->want[a][i] = c->in[a][i];
    ref_update(c->want[0], c->in[1], state, n, c->rows, &rule);
    for (size_t i = 0; i < n; i++) {
        struct optimizer_element before = {c->in[0][i], {0.0}}, after = {c->want[0][i], {0.0}};
        for (size_t s = 0; s < states; s++) {
            before.state[s] = c->in[2 + s][i];
            after.state[s] = c->want[2 + s][i];
        }
        const struct optimizer_element e =
            optimizer_bound(unlimited_precision, &rule, i < c->rows, c->in[1][i], &before, &after);
        c->bound[0][i] = e.w;
        for (size_t s = 0; s < states; s++)
            c->bound[2 + s][i] = e.state[s];
        overflow_follow(c, &rule, i, &after);
    }
}

void expect_average_update(struct check_case *c)
{
    const double gain = (double)c->scalars[0];
    case_want_input(c, 1, case_size(c));
    ref_average_update(c->in[0], case_size(c), gain, c->want[1]);
    for (size_t i = 0; i < case_size(c); i++) {
        const double apart = as_float(c->in[0][i] - c->in[1][i]);
        c->bound[1][i] = average_bound(unlimited_precision, c->in[1][i], gain, c->in[0][i]);
        c->want[1][i] = isfinite(apart) ? c->want[1][i] : apart;
    }
}
