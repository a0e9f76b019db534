/* Expected values and bounds of penalties and optimizers. See check_cases.h. If optimizer state is
 * infinite on a device, the expected parameter follows from the infinity. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "check/check_cases.h"
#include "check/error_update.h"

/* Scalars are not powers of two, so that a lost or doubled factor shows. Gains differ from 1 -
 * beta, so that the use of one for the other shows. Each optimizer ignores what it has no use
 * for. */
struct update_rule case_update(enum weft_optimizer optimizer)
{
    return (struct update_rule){.optimizer = optimizer,
                                .learning_rate = 0.3f,
                                .momentum = 0.9f,
                                .beta1 = 0.7f,
                                .gain1 = 0.2f,
                                .beta2 = 0.9f,
                                .gain2 = 0.15f,
                                .epsilon = 0.01f,
                                .step = 0.37f,
                                .root = 1.7f,
                                .decay_factor = 0.6f};
}

/* The arrays before the optimizer state: w, dw and clip. */
enum { STATE_ARRAY = 3 };

void case_update_operands(enum weft_optimizer optimizer,
                          struct operand operands[PRIMITIVE_MAX_ARRAYS])
{
    const struct optimizer_traits traits = optimizer_traits(optimizer);
    for (size_t s = 0; s < OPTIMIZER_MOST_STATES; s++) {
        struct operand *operand = &operands[STATE_ARRAY + s];
        if (traits.state[s] == STATE_NONE)
            *operand = (struct operand){.extent = EXTENT_NONE};
        else if (traits.state[s] == STATE_SQUARES)
            operand->content = CONTENT_SQUARE;
    }
}

void expect_penalty_gradient(struct check_case *c)
{
    const double l1 = (double)c->scalars[0], l2 = (double)c->scalars[1];
    case_want_input(c, 1, case_size(c));
    ref_penalty_gradient(c->in[0], case_size(c), l1, l2, c->want[1]);
    for (size_t i = 0; i < case_size(c); i++)
        c->bound[1][i] =
            penalty_gradient_bound(unlimited_precision, l1, l2, c->in[0][i], c->in[1][i], 0.0);
}

void expect_gradient_add(struct check_case *c)
{
    case_want_input(c, 1, case_size(c));
    ref_gradient_add(c->in[0], case_size(c), c->want[1]);
    for (size_t i = 0; i < case_size(c); i++)
        c->bound[1][i] = gradient_add_bound(unlimited_precision, c->in[0][i], c->in[1][i]);
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

/* If a number overflows on its way to w, w follows from the infinity. It becomes infinite too, or,
 * if the infinity divides the direction, only what the decay leaves of w remains. */
static void overflow_follow(struct check_case *c, const struct ref_update *rule, size_t i,
                            const struct optimizer_element *after)
{
    struct optimizer_element before = {.w = c->in[0][i]}, held = *after;
    bool finite = true;
    for (size_t s = 0; s < OPTIMIZER_MOST_STATES; s++) {
        held.state[s] = as_float(after->state[s]);
        finite = finite && isfinite(held.state[s]);
    }
    const struct optimizer_move move =
        optimizer_move(rule, i < c->rows, c->in[1][i], &before, &held);
    const double moved = as_float(move.rate * as_float(move.direction));
    if (finite && isfinite(moved))
        return;
    c->want[0][i] = move.kept - moved;
    c->bound[0][i] = rounded_bound(unlimited_precision, 1, move.kept);
}

/* The arrays are w, dw, clip and the optimizer state. The first `rows` parameters are weights. */
void expect_parameters_update(struct check_case *c)
{
    const size_t n = case_size(c), states = optimizer_states(c->update->optimizer);
    const struct ref_update rule = optimizer_reference(c->update, c->in[2][0]);
    double *const state[OPTIMIZER_MOST_STATES] = {c->want[STATE_ARRAY], c->want[STATE_ARRAY + 1]};
    case_want_input(c, 0, n);
    for (size_t s = 0; s < states; s++)
        case_want_input(c, STATE_ARRAY + s, n);
    ref_update(c->want[0], c->in[1], state, n, c->rows, &rule);
    for (size_t i = 0; i < n; i++) {
        struct optimizer_element before = {c->in[0][i], {0.0}}, after = {c->want[0][i], {0.0}};
        for (size_t s = 0; s < states; s++) {
            before.state[s] = c->in[STATE_ARRAY + s][i];
            after.state[s] = state[s][i];
        }
        const struct optimizer_element e =
            optimizer_bound(unlimited_precision, &rule, i < c->rows, c->in[1][i], &before, &after);
        c->bound[0][i] = e.w;
        for (size_t s = 0; s < states; s++)
            c->bound[STATE_ARRAY + s][i] = e.state[s];
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
