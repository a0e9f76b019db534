/* Expected values and bounds of the operations that make a batch: gathering, standardization,
 * augmentation and targets. See check_cases.h. */
#include "check/batch_judge.h"
#include "check/check_cases.h"

/* ---- images ---- */

struct augmentation case_augmentation(size_t columns)
{
    struct augmentation augmentation = {.height = 1, .channels = columns % 3 == 0 ? 3 : 1};
    const size_t pixels = columns / augmentation.channels;
    for (size_t height = 1; height * height <= pixels; height++)
        if (pixels % height == 0)
            augmentation.height = height;
    augmentation.width = pixels / augmentation.height;
    augmentation.shift = 2;
    augmentation.flip = true;
    augmentation.erase = augmentation.height < 3 ? augmentation.height : 3;
    return augmentation;
}

/* All results are exact integers. */
void expect_image_draws(struct check_case *c)
{
    const struct ref_images images = batch_images(&c->augmentation, &c->draw);
    for (size_t r = 0; r < c->rows; r++) {
        int32_t draw[DRAW_NUMBERS] = {c->integers[1][r]};
        ref_image_draw(&images, c->draw.row + r, draw + 1);
        for (size_t n = 0; n < DRAW_NUMBERS; n++)
            c->want[2][r * DRAW_NUMBERS + n] = draw[n];
        c->want[3][r] = c->integers[0][c->integers[1][r]];
    }
    case_bound_exact(c, 2, c->rows * DRAW_NUMBERS);
    case_bound_exact(c, 3, c->rows);
}

/* Element i of array `y` is (raw - mean) / std. A difference that overflows stays infinite. */
static void expect_standardized(struct check_case *c, size_t y, size_t i, double raw, double mean,
                                double std)
{
    const double difference = raw - mean;
    const bool overflows = isinf((float)difference);
    c->want[y][i] = overflows ? (double)(float)difference : difference / std;
    c->bound[y][i] = overflows ? 0.0 : standardized_bound(unlimited_precision, difference, std);
}

/* Returns an element of the first array, which holds floats or bytes. */
static double raw_number(const struct check_case *c, bool bytes, size_t i)
{
    const uint8_t *words = (const uint8_t *)c->integers[0];
    return bytes ? (double)words[i] : (double)c->floats[0][i];
}

static void expect_images(struct check_case *c, bool bytes)
{
    const struct ref_images images = batch_images(&c->augmentation, &c->draw);
    for (size_t i = 0; i < c->rows * c->columns; i++) {
        const int32_t *draw = c->integers[1] + i / c->columns * DRAW_NUMBERS;
        const size_t column = i % c->columns;
        const size_t from = ref_image_source(&images, draw + 1, column);
        const size_t sample = image_draw_sample(draw);
        const double raw =
            from == SIZE_MAX ? 0.0 : raw_number(c, bytes, sample * c->columns + from);
        expect_standardized(c, 4, i, raw, c->in[2][column], c->in[3][column]);
    }
}

void expect_gather_images(struct check_case *c)
{
    expect_images(c, false);
}

void expect_gather_byte_images(struct check_case *c)
{
    expect_images(c, true);
}

void expect_gather_byte_rows(struct check_case *c)
{
    for (size_t i = 0; i < c->rows * c->columns; i++) {
        const size_t sample = (size_t)c->integers[2][i / c->columns], column = i % c->columns;
        expect_standardized(c, 5, i, raw_number(c, true, sample * c->columns + column),
                            c->in[3][column], c->in[4][column]);
    }
    for (size_t r = 0; r < c->rows; r++)
        c->want[6][r] = c->integers[1][c->integers[2][r]];
    case_bound_exact(c, 6, c->rows);
}

/* The middle row of an odd number of rows stays the same. */
void expect_mix_rows(struct check_case *c)
{
    const double share = (double)c->scalars[0];
    ref_mix_rows(c->in[0], c->rows, c->columns, share, c->want[0]);
    for (size_t i = 0; i < case_size(c); i++) {
        const size_t other = (c->rows - 1 - i / c->columns) * c->columns + i % c->columns;
        const double size = share * fabs(c->in[0][i]) + (1.0 - share) * fabs(c->in[0][other]);
        c->bound[0][i] = mixed_bound(unlimited_precision, size, 0.0);
    }
}

/* ---- rows ---- */

void expect_standardize_rows(struct check_case *c)
{
    for (size_t i = 0; i < case_size(c); i++)
        expect_standardized(c, 0, i, c->in[0][i], c->in[1][i % c->columns],
                            c->in[2][i % c->columns]);
}

void expect_gather_rows(struct check_case *c)
{
    for (size_t r = 0; r < c->rows; r++) {
        const size_t sample = (size_t)c->integers[2][r];
        memcpy(c->want[3] + r * c->columns, c->in[0] + sample * c->columns,
               c->columns * sizeof *c->want[3]);
        c->want[4][r] = c->integers[1][sample];
    }
    case_bound_exact(c, 3, case_size(c));
    case_bound_exact(c, 4, c->rows);
}

/* ---- targets ---- */

/* Fills the bound of element `i` of y, and expects the sample weights in the order of the batch. */
static void expect_targets(struct check_case *c, size_t row, size_t column, double t)
{
    const double share = (double)c->scalars[0], spread = (double)c->scalars[1];
    c->bound[3][row * c->columns + column] = target_bound(unlimited_precision, share, t, spread);
    c->want[4][row] = c->in[1][c->integers[2][row]];
    c->bound[4][row] = 0.0;
}

void expect_label_targets(struct check_case *c)
{
    ref_label_targets(c->integers[0], c->rows, c->columns, (double)c->scalars[0],
                      (double)c->scalars[1], c->want[3]);
    for (size_t r = 0; r < c->rows; r++)
        for (size_t j = 0; j < c->columns; j++)
            expect_targets(c, r, j, (size_t)c->integers[0][r] == (c->columns > 1 ? j : 1));
}

void expect_gather_targets(struct check_case *c)
{
    ref_gather_targets(c->in[0], c->integers[2], c->rows, c->columns, (double)c->scalars[0],
                       (double)c->scalars[1], c->want[3]);
    for (size_t r = 0; r < c->rows; r++)
        for (size_t j = 0; j < c->columns; j++)
            expect_targets(c, r, j, c->in[0][(size_t)c->integers[2][r] * c->columns + j]);
}
