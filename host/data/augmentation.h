/* Augmentation: what training may do to images and samples before a network sees them, and the
 * random numbers that decide it.
 *
 * Everything follows from (seed, epoch, batch, row): the same on every device and after a resume.
 * A row's image is drawn from one block of four words of purpose RANDOM_IMAGES, whose counter is
 * (row, batch, epoch, purpose).
 */
#ifndef WEFT_DATA_AUGMENTATION_H
#define WEFT_DATA_AUGMENTATION_H

#include "base/status.h"

/* All zeros: nothing is done. */
struct augmentation {
    size_t height, width, channels; /* of an image, pixel by pixel, a pixel's channels together */
    size_t shift;                   /* pixels, up, down, left and right at most */
    bool flip;                      /* every other image is mirrored, left to right */
    size_t erase;                   /* side of a square that becomes blank */
    double mixup;                   /* alpha of Beta(alpha, alpha); 0: samples are not mixed */
    float dropout; /* share of the features that is left out, of what is standardized and mixed */
};

/* Where the numbers of a row's draw lie. */
enum image_draw {
    DRAW_SAMPLE, /* number of the sample in its data, 32 bits: as an integer here, negative from
                    2^31 on; image_draw_sample */
    DRAW_DOWN,   /* -shift .. shift */
    DRAW_RIGHT,
    DRAW_FLIP, /* 0 or 1 */
    DRAW_TOP,  /* of the erased square, all of it within the image */
    DRAW_LEFT,
    DRAW_NUMBERS
};

/* The sample of a draw [DRAW_NUMBERS]. */
static inline size_t image_draw_sample(const int32_t *draw)
{
    return (uint32_t)draw[DRAW_SAMPLE];
}

/* The number of the input among the layers whose masks are drawn: no hidden layer has it. */
enum { DROPOUT_OF_INPUT = WEFT_MAX_HIDDEN };

/* Whether features change once they are standardized. */
static inline bool augmentation_of_features(const struct augmentation *augmentation)
{
    return augmentation->mixup > 0.0 || augmentation->dropout > 0.0f;
}

/* Whether images are changed, not only mixed. */
static inline bool augmentation_of_images(const struct augmentation *augmentation)
{
    return augmentation->shift > 0 || augmentation->flip || augmentation->erase > 0;
}

/* Fills what the words of a row's block decide: all of draw [DRAW_NUMBERS] but its sample. */
void image_draw_from(const struct augmentation *augmentation, const uint32_t *words, int32_t *draw);

/* The four words of a row. */
void image_draw_words(uint64_t seed, uint32_t epoch, uint32_t batch, uint32_t row, uint32_t *words);

/* The share that samples keep in a batch: the larger part of a draw from Beta(alpha, alpha), so
 * 0.5 to 1. Sample r gets the rest from sample B - 1 - r. (Zhang et al. 2018, mixup) */
float mixup_share(double alpha, uint64_t seed, uint32_t epoch, uint32_t batch);

#endif
