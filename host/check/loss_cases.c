/* Expected values and bounds of probabilities and losses. See check_cases.h. */
#include "check/check_cases.h"
#include "check/error_loss.h"
#include "reference/reference.h"

void expect_softmax_rows(struct check_case *c)
{
    for (size_t i = 0; i < case_size(c); i += c->columns) {
        const struct head_row row = {
            .z = c->in[0] + i, .scratch = c->want[1] + i, .columns = c->columns};
        softmax_row_bounds(unlimited_precision, &row, c->bound[1] + i);
    }
}

/* The result is exact, but a denormal number may be flushed. */
void expect_clip_unit(struct check_case *c)
{
    ref_clip_unit(c->in[0], case_size(c), c->want[1]);
    case_bound_rounded(c, 1, case_size(c), 0);
}

/* Fills the bounds of a loss from its expected values, and expects the exact number of correct
 * predictions. A loss beyond the largest float is infinite. */
static void loss_bounds(struct check_case *c, enum weft_head head)
{
    for (size_t r = 0; r < c->rows; r++) {
        const size_t first = r * c->columns;
        const struct head_row row = {.head = head,
                                     .z = c->in[0] + first,
                                     .y = c->in[1] + first,
                                     .dz = c->want[3] + first,
                                     .e_dz = c->bound[3] + first,
                                     .scratch = c->scratch,
                                     .columns = c->columns,
                                     .factor = (double)c->scalars[0],
                                     .loss = c->want[4][r],
                                     .weight = c->in[2][r],
                                     .each = c->scalars[1] == 1.0f,
                                     .true_class_only = c->scalars[1] == 2.0f};
        const double e = head_row_bounds(unlimited_precision, &row);
        c->bound[4][r] = isinf(c->want[4][r]) ? 0.0 : e;
        c->want[5][r] = c->counts[r];
    }
    case_bound_exact(c, 5, c->rows);
}

/* Returns whether z - max overflows in a column that counts. The loss is then infinite. */
static bool fall_overflows(const struct check_case *c, size_t r)
{
    const double *z = c->in[0] + r * c->columns, *y = c->in[1] + r * c->columns;
    double largest = z[0], smallest = HUGE_VAL;
    for (size_t j = 0; j < c->columns; j++) {
        largest = fmax(largest, z[j]);
        smallest = y[j] > 0.0 ? fmin(smallest, z[j]) : smallest;
    }
    return isinf((float)(largest - smallest)) && isfinite(smallest);
}

void expect_softmax_cross_entropy(struct check_case *c)
{
    ref_softmax_cross_entropy(c->in[0], c->in[1], c->in[2], c->rows, c->columns,
                              (double)c->scalars[0], c->want[3], c->want[4], c->counts);
    for (size_t r = 0; r < c->rows; r++)
        if (fall_overflows(c, r))
            c->want[4][r] = HUGE_VAL;
    loss_bounds(c, WEFT_HEAD_SOFTMAX);
}

void expect_sigmoid_cross_entropy(struct check_case *c)
{
    ref_sigmoid_cross_entropy(c->in[0], c->in[1], c->in[2], c->rows, c->columns,
                              (double)c->scalars[0], c->scalars[1] == 1.0f, c->scalars[1] == 2.0f,
                              c->want[3], c->want[4], c->counts);
    loss_bounds(c, WEFT_HEAD_SIGMOID);
}

void expect_identity_squared_error(struct check_case *c)
{
    ref_identity_squared_error(c->in[0], c->in[1], c->in[2], c->rows, c->columns,
                               (double)c->scalars[0], c->scalars[1] == 1.0f, c->want[3], c->want[4],
                               c->counts);
    loss_bounds(c, WEFT_HEAD_IDENTITY);
}

void expect_metrics_sum(struct check_case *c)
{
    c->want[2][0] = c->want[3][0] = 0.0;
    for (size_t r = 0; r < c->rows; r++) {
        c->want[2][0] += c->in[0][r];
        c->want[3][0] += c->integers[1][r];
    }
    c->bound[2][0] = sum_bound(unlimited_precision, c->in[0], NULL, c->rows, 1);
    case_bound_exact(c, 3, 1);
}
