/* Expected values and error bounds of the augmentation primitives and of samples in bytes. They
 * belong to the table in check_cases.c, whose conventions hold here.
 */
#include <math.h>
#include <string.h>

#include "check/check_cases.h"
#include "reference/reference.h"

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

static struct ref_images images_of(const struct check_case *c)
{
    const struct augmentation *augmentation = &c->augmentation;
    return (struct ref_images){.height = augmentation->height,
                               .width = augmentation->width,
                               .channels = augmentation->channels,
                               .shift = augmentation->shift,
                               .erase = augmentation->erase,
                               .flip = augmentation->flip,
                               .seed = c->draw.seed,
                               .epoch = c->draw.epoch,
                               .batch = c->draw.batch};
}

/* All results are exact integers. */
void expect_image_draws(struct check_case *c)
{
    const struct ref_images images = images_of(c);
    for (size_t r = 0; r < c->rows; r++) {
        int32_t draw[DRAW_NUMBERS] = {c->integers[1][r]};
        ref_image_draw(&images, r, draw + 1);
        for (size_t n = 0; n < DRAW_NUMBERS; n++)
            c->want[2][r * DRAW_NUMBERS + n] = draw[n];
        c->want[3][r] = c->integers[0][c->integers[1][r]];
    }
    memset(c->bound[2], 0, c->rows * DRAW_NUMBERS * sizeof *c->bound[2]);
    memset(c->bound[3], 0, c->rows * sizeof *c->bound[3]);
}

/* Element i of array `y` is (raw - mean) / std: subtraction 1/2, division 2.5. A difference that
 * overflows stays infinite. */
static void expect_standardized(struct check_case *c, size_t y, size_t i, double raw, double mean,
                                double std)
{
    const double difference = raw - mean;
    c->want[y][i] = difference / std;
    c->bound[y][i] = 3.1 * ULP * fabs(c->want[y][i]) + 3.0 * TINY;
    if (isinf((float)difference)) {
        c->want[y][i] = (double)(float)difference;
        c->bound[y][i] = 0.0;
    }
}

/* Returns an element of the first array, which holds floats or bytes. */
static double raw_number(const struct check_case *c, bool bytes, size_t i)
{
    const uint8_t *words = (const uint8_t *)c->integers[0];
    return bytes ? (double)words[i] : (double)c->floats[0][i];
}

static void expect_images(struct check_case *c, bool bytes)
{
    const struct ref_images images = images_of(c);
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
    memset(c->bound[6], 0, c->rows * sizeof *c->bound[6]);
}

/* Each element is two products and a sum. The middle row of an odd number of rows stays the
 * same. */
void expect_mix_rows(struct check_case *c)
{
    const double share = (double)c->scalars[0];
    ref_mix_rows(c->in[0], c->rows, c->columns, share, c->want[0]);
    for (size_t i = 0; i < c->rows * c->columns; i++) {
        const size_t other = (c->rows - 1 - i / c->columns) * c->columns + i % c->columns;
        const double size = share * fabs(c->in[0][i]) + (1.0 - share) * fabs(c->in[0][other]);
        c->bound[0][i] = 2.02 * U * size + 2.0 * TINY;
    }
}
