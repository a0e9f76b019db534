/* Augmentation on the CPU: the CPU twins of kernels/images.cl. */
#include <string.h>

#include "cpu/cpu_kernels.h"

void cpu_image_draws(const int32_t *labels, const uint32_t *order, size_t first, size_t rows,
                     const struct augmentation *augmentation, const struct batch_draw *draw,
                     int32_t *draws, int32_t *labels_y)
{
    for (size_t r = 0; r < rows; r++) {
        const size_t sample = order != NULL ? order[first + r] : first + r;
        uint32_t words[4];
        image_draw_words(draw->seed, draw->epoch, draw->batch, (uint32_t)r, words);
        image_draw_from(augmentation, words, draws + r * DRAW_NUMBERS);
        draws[r * DRAW_NUMBERS + DRAW_SAMPLE] = (int32_t)sample;
        labels_y[r] = labels != NULL ? labels[sample] : 0;
    }
}

/* The samples that a gather reads, as floats or as bytes. */
struct pixels {
    const float *x; /* NULL: use `bytes` */
    const uint8_t *bytes;
};

/* Copies the numbers first .. first + count - 1. */
static void pixels_take(const struct pixels *from, size_t first, size_t count, float *to)
{
    if (from->x != NULL) {
        memcpy(to, from->x + first, count * sizeof *to);
        return;
    }
    for (size_t i = 0; i < count; i++)
        to[i] = (float)from->bytes[first + i];
}

/* Copies one row of pixels [width][channels] of the shifted and mirrored image, which begins at
 * number `line` of the samples. Pixels from outside the image are 0. */
static void line_copy(const struct pixels *from, size_t line, const struct augmentation *image,
                      const int32_t *draw, float *to)
{
    const int32_t width = (int32_t)image->width, right = draw[DRAW_RIGHT];
    const size_t channels = image->channels;
    const int32_t first = right > 0 ? right : 0, end = right < 0 ? width + right : width;
    memset(to, 0, image->width * channels * sizeof *to);
    if (first >= end)
        return;
    if (draw[DRAW_FLIP] == 0) {
        pixels_take(from, line + (size_t)(first - right) * channels,
                    (size_t)(end - first) * channels, to + (size_t)first * channels);
        return;
    }
    for (int32_t j = first; j < end; j++)
        for (size_t k = 0; k < channels; k++) {
            const size_t i = line + (size_t)(width - 1 - j + right) * channels + k;
            to[(size_t)j * channels + k] = from->x != NULL ? from->x[i] : (float)from->bytes[i];
        }
}

/* y [columns] = the augmented image of draw [DRAW_NUMBERS], before standardization */
static void image_change(const struct pixels *from, const struct augmentation *image,
                         const int32_t *draw, float *y)
{
    const int32_t height = (int32_t)image->height;
    const size_t line = image->width * image->channels, side = image->erase;
    const size_t first = image_draw_sample(draw) * image->height * line;
    for (int32_t i = 0; i < height; i++) {
        const int32_t row = i - draw[DRAW_DOWN];
        if (row >= 0 && row < height)
            line_copy(from, first + (size_t)row * line, image, draw, y + (size_t)i * line);
        else
            memset(y + (size_t)i * line, 0, line * sizeof *y);
    }
    for (size_t i = (size_t)draw[DRAW_TOP]; i < (size_t)draw[DRAW_TOP] + side; i++)
        memset(y + i * line + (size_t)draw[DRAW_LEFT] * image->channels, 0,
               side * image->channels * sizeof *y);
}

struct gather_images {
    struct pixels from;
    const int32_t *draws;
    const float *mean, *std;
    size_t columns;
    const struct augmentation *augmentation;
    float *y;
};

static void gather_images_piece(const void *work, size_t first, size_t count)
{
    const struct gather_images *of = work;
    const size_t columns = of->columns;
    for (size_t r = first; r < first + count; r++) {
        float *row = of->y + r * columns; /* [columns] */
        image_change(&of->from, of->augmentation, of->draws + r * DRAW_NUMBERS, row);
        for (size_t c = 0; c < columns; c++)
            row[c] = (row[c] - of->mean[c]) / of->std[c];
    }
}

static void gather_images(struct pixels from, const int32_t *draws, const float *mean,
                          const float *std, size_t rows, const struct augmentation *augmentation,
                          float *y)
{
    const size_t columns = augmentation->height * augmentation->width * augmentation->channels;
    const struct gather_images work = {from, draws, mean, std, columns, augmentation, y};
    parallel_for(rows, cpu_part_rows(columns), rows * columns >= CPU_SHARED, gather_images_piece,
                 &work);
}

void cpu_gather_images(const float *x, const int32_t *draws, const float *mean, const float *std,
                       size_t rows, const struct augmentation *augmentation, float *y)
{
    gather_images((struct pixels){.x = x}, draws, mean, std, rows, augmentation, y);
}

void cpu_gather_byte_images(const uint8_t *x, const int32_t *draws, const float *mean,
                            const float *std, size_t rows, const struct augmentation *augmentation,
                            float *y)
{
    gather_images((struct pixels){.bytes = x}, draws, mean, std, rows, augmentation, y);
}

void cpu_mix_rows(float *m, size_t rows, size_t columns, float share)
{
    const float rest = 1.0f - share;
    for (size_t r = 0; r < rows / 2; r++) {
        float *one = m + r * columns, *other = m + (rows - 1 - r) * columns; /* [columns] */
        for (size_t c = 0; c < columns; c++) {
            const float a = one[c], b = other[c];
            one[c] = share * a + rest * b;
            other[c] = share * b + rest * a;
        }
    }
}
