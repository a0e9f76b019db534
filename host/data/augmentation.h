/* Augmentation: the changes that training may make to images and samples before the network sees
 * them, and the random numbers that decide these changes.
 *
 * All numbers depend only on (seed, epoch, batch, row), so they are the same on every device and
 * after a resume. One block of four words of purpose RANDOM_IMAGES decides the image of a row. The
 * counter of the block is (row, batch, epoch, purpose).
 */
#ifndef WEFT_DATA_AUGMENTATION_H
#define WEFT_DATA_AUGMENTATION_H

#include "base/status.h"

/* How training augments its samples. All zeros disable augmentation. */
struct augmentation {
    size_t height, width, channels; /* shape of an image; the channels of a pixel are adjacent */
    size_t shift;                   /* maximum shift in each direction, in pixels */
    bool flip;                      /* mirror an image left to right with probability 1/2 */
    size_t erase;                   /* side of the square that becomes blank */
    double mixup;                   /* alpha of Beta(alpha, alpha); 0 disables mixup */
    float dropout; /* dropout rate of the features, after standardization and mixup */
};

/* Positions of the numbers in the draw of a row. */
enum image_draw {
    DRAW_SAMPLE, /* index of the sample, 32 bits; from 2^31 on it is negative here, so use
                    image_draw_sample */
    DRAW_DOWN,   /* -shift .. shift */
    DRAW_RIGHT,
    DRAW_FLIP, /* 0 or 1 */
    DRAW_TOP,  /* upper edge of the erased square, which lies within the image */
    DRAW_LEFT,
    DRAW_NUMBERS
};

/* Returns the index of the sample of a draw [DRAW_NUMBERS]. */
static inline size_t image_draw_sample(const int32_t *draw)
{
    return (uint32_t)draw[DRAW_SAMPLE];
}

/* The layer number of the input when dropout masks are drawn. No hidden layer has this number. */
enum { DROPOUT_OF_INPUT = WEFT_MAX_HIDDEN };

/* Tells whether augmentation changes features after standardization. */
static inline bool augmentation_of_features(const struct augmentation *augmentation)
{
    return augmentation->mixup > 0.0 || augmentation->dropout > 0.0f;
}

/* Tells whether augmentation changes single images. Mixup alone does not count. */
static inline bool augmentation_of_images(const struct augmentation *augmentation)
{
    return augmentation->shift > 0 || augmentation->flip || augmentation->erase > 0;
}

/* Fills draw [DRAW_NUMBERS], except for its sample, from the four words of a row. */
void image_draw_from(const struct augmentation *augmentation, const uint32_t *words, int32_t *draw);

/* Stores the four random words of a row in words [4]. */
void image_draw_words(uint64_t seed, uint32_t epoch, uint32_t batch, uint32_t row, uint32_t *words);

/* Returns the share that each sample keeps in a batch under mixup (Zhang et al. 2018). It is the
 * larger part of a draw from Beta(alpha, alpha), so it lies between 0.5 and 1. Sample r gets the
 * rest from sample B - 1 - r. */
float mixup_share(double alpha, uint64_t seed, uint32_t epoch, uint32_t batch);

#endif
