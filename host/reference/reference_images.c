/* Augmentation of the reference: finds the source of each pixel of an augmented image, one by
 * one. */
#include "base/random.h"
#include "reference/reference.h"

void ref_image_draw(const struct ref_images *images, size_t row, int32_t *draw)
{
    const struct random_stream stream = {
        .seed = images->seed, .purpose = RANDOM_IMAGES, .epoch = images->epoch};
    const uint64_t block = ((uint64_t)images->batch << 32) + row;
    const uint64_t places = 2 * images->shift + 1; /* each place has 2^32 / places bit patterns */
    uint32_t words[4];
    random_block(stream, block, words);
    draw[0] = (int32_t)(words[0] * places >> 32) - (int32_t)images->shift;
    draw[1] = (int32_t)(words[1] * places >> 32) - (int32_t)images->shift;
    draw[2] = images->flip ? (int32_t)(words[2] / 0x80000000u) : 0;
    /* The two halves of one word give both coordinates. */
    draw[3] =
        (int32_t)((uint64_t)(words[3] / 65536) * (images->height - images->erase + 1) / 65536);
    draw[4] = (int32_t)((uint64_t)(words[3] % 65536) * (images->width - images->erase + 1) / 65536);
    if (images->erase == 0)
        draw[3] = draw[4] = 0;
}

size_t ref_image_source(const struct ref_images *images, const int32_t *draw, size_t element)
{
    const size_t channels = images->channels, erase = images->erase;
    const size_t i = element / (images->width * channels);
    const size_t j = element / channels % images->width, channel = element % channels;
    if (i >= (size_t)draw[3] && i - (size_t)draw[3] < erase && j >= (size_t)draw[4] &&
        j - (size_t)draw[4] < erase)
        return SIZE_MAX;
    const int64_t row = (int64_t)i - draw[0];
    int64_t column = (int64_t)j - draw[1];
    if (draw[2] == 1)
        column = (int64_t)images->width - 1 - column;
    if (row < 0 || row >= (int64_t)images->height || column < 0 || column >= (int64_t)images->width)
        return SIZE_MAX;
    return ((size_t)row * images->width + (size_t)column) * channels + channel;
}

void ref_mix_rows(const double *m, size_t rows, size_t columns, double share, double *mixed)
{
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++)
            mixed[i * columns + j] =
                share * m[i * columns + j] + (1.0 - share) * m[(rows - 1 - i) * columns + j];
}
