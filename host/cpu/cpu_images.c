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
        image_draw_words(draw->seed, draw->epoch, draw->batch, (uint32_t)(draw->row + r), words);
        image_draw_from(augmentation, words, draws + r * DRAW_NUMBERS);
        draws[r * DRAW_NUMBERS + DRAW_SAMPLE] = (int32_t)sample;
        labels_y[r] = labels[sample];
    }
}

/* Copies one row of pixels [width][channels] of the shifted and mirrored image. Pixels from outside
 * the image are 0. */
static void pixels_copy(const float *from, const struct augmentation *image, const int32_t *draw,
                        float *to)
{
    const int32_t width = (int32_t)image->width, right = draw[DRAW_RIGHT];
    const size_t channels = image->channels;
    const int32_t first = right > 0 ? right : 0, end = right < 0 ? width + right : width;
    memset(to, 0, image->width * channels * sizeof *to);
    if (draw[DRAW_FLIP] == 0 && first < end) {
        memcpy(to + (size_t)first * channels, from + (size_t)(first - right) * channels,
               (size_t)(end - first) * channels * sizeof *to);
        return;
    }
    for (int32_t j = first; j < end; j++)
        for (size_t k = 0; k < channels; k++)
            to[(size_t)j * channels + k] = from[(size_t)(width - 1 - j + right) * channels + k];
}

/* y [columns] = the augmented image, before standardization */
static void image_change(const float *x, const struct augmentation *image, const int32_t *draw,
                         float *y)
{
    const int32_t height = (int32_t)image->height;
    const size_t line = image->width * image->channels, side = image->erase;
    for (int32_t i = 0; i < height; i++) {
        const int32_t row = i - draw[DRAW_DOWN];
        if (row >= 0 && row < height)
            pixels_copy(x + (size_t)row * line, image, draw, y + (size_t)i * line);
        else
            memset(y + (size_t)i * line, 0, line * sizeof *y);
    }
    for (size_t i = (size_t)draw[DRAW_TOP]; i < (size_t)draw[DRAW_TOP] + side; i++)
        memset(y + i * line + (size_t)draw[DRAW_LEFT] * image->channels, 0,
               side * image->channels * sizeof *y);
}

/* Returns the element of an image [columns] that its draw moves to element c, or SIZE_MAX if there
 * is none. */
static size_t image_source(const struct augmentation *image, const int32_t *draw, size_t c)
{
    const int32_t width = (int32_t)image->width, height = (int32_t)image->height;
    const int32_t pixel = (int32_t)(c / image->channels), side = (int32_t)image->erase;
    const int32_t i = pixel / width, j = pixel % width;
    const int32_t row = i - draw[DRAW_DOWN], moved = j - draw[DRAW_RIGHT];
    const int32_t column = draw[DRAW_FLIP] != 0 ? width - 1 - moved : moved;
    const int32_t down = i - draw[DRAW_TOP],
                  right = j - draw[DRAW_LEFT]; /* from the erased square */
    if (row < 0 || row >= height || column < 0 || column >= width ||
        (down >= 0 && down < side && right >= 0 && right < side))
        return SIZE_MAX;
    return (size_t)(row * width + column) * image->channels + c % image->channels;
}

struct gather_images {
    const float *x;
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
        const int32_t *draw = of->draws + r * DRAW_NUMBERS;
        float *row = of->y + r * columns; /* [columns] */
        image_change(of->x + image_draw_sample(draw) * columns, of->augmentation, draw, row);
        for (size_t c = 0; c < columns; c++)
            row[c] = (row[c] - of->mean[c]) / of->std[c];
    }
}

void cpu_gather_images(const float *x, const int32_t *draws, const float *mean, const float *std,
                       size_t rows, const struct augmentation *augmentation, float *y)
{
    const size_t columns = augmentation->height * augmentation->width * augmentation->channels;
    const struct gather_images work = {x, draws, mean, std, columns, augmentation, y};
    parallel_for(rows, cpu_part_rows(columns), rows * columns >= CPU_SHARED, gather_images_piece,
                 &work);
}

/* This function works pixel by pixel. Speed does not matter, because the CPU backend stores
 * floats. */
void cpu_gather_byte_images(const uint8_t *x, const int32_t *draws, const float *mean,
                            const float *std, size_t rows, const struct augmentation *augmentation,
                            float *y)
{
    const size_t columns = augmentation->height * augmentation->width * augmentation->channels;
    for (size_t r = 0; r < rows; r++) {
        const int32_t *draw = draws + r * DRAW_NUMBERS;
        const uint8_t *image = x + image_draw_sample(draw) * columns; /* [columns] */
        for (size_t c = 0; c < columns; c++) {
            const size_t from = image_source(augmentation, draw, c);
            const float raw = from < columns ? (float)image[from] : 0.0f;
            y[r * columns + c] = (raw - mean[c]) / std[c];
        }
    }
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
