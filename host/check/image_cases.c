/* Expected values and error bounds of augmentation's primitives; a part of check_cases.c, whose
 * conventions hold here.
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

/* Integers, all exact. */
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

/* (raw - mean) / std: subtract 1/2, divide 2.5; what overflows on the way stays infinite. */
void expect_gather_images(struct check_case *c)
{
    const struct ref_images images = images_of(c);
    for (size_t i = 0; i < c->rows * c->columns; i++) {
        const int32_t *draw = c->integers[1] + i / c->columns * DRAW_NUMBERS;
        const size_t column = i % c->columns;
        const float *x = c->floats[0] + (size_t)draw[DRAW_SAMPLE] * c->columns;
        const double difference = ref_image_pixel(&images, draw + 1, x, column) - c->in[2][column];
        c->want[4][i] = difference / c->in[3][column];
        c->bound[4][i] = 3.1 * ULP * fabs(c->want[4][i]) + 3.0 * TINY;
        if (isinf((float)difference)) {
            c->want[4][i] = (double)(float)difference;
            c->bound[4][i] = 0.0;
        }
    }
}

/* Two products and a sum; the row in the middle of an odd number stays. */
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
