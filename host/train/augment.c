/* Implements augment.h. */
#include "train/augment.h"

#include "base/memory.h"

static bool changes_images(const struct weft_options *options)
{
    return options->shift > 0 || options->flip || options->erase > 0;
}

enum weft_status augmentation_fits(const struct weft_options *options,
                                   const struct weft_dataset *train)
{
    if (!changes_images(options))
        return WEFT_OK;
    if (train->height == 0)
        return fail(WEFT_ERROR_USAGE,
                    "%s: samples are not images: got shift %zu, flip %s and erase %zu, need 0, no "
                    "and 0",
                    train->name, options->shift, options->flip ? "yes" : "no", options->erase);
    const size_t side = size_min(train->height, train->width);
    if (size_max(train->height, train->width) > UINT16_MAX || options->shift >= side ||
        options->erase > side)
        return fail(WEFT_ERROR_USAGE,
                    "%s: images of %zux%zu: got shift %zu and erase %zu, need less than %zu and at "
                    "most %zu",
                    train->name, train->height, train->width, options->shift, options->erase, side,
                    side);
    return WEFT_OK;
}

enum weft_status augmentation_make(const struct weft_options *options,
                                   const struct weft_dataset *train,
                                   struct augmentation *augmentation)
{
    *augmentation =
        (struct augmentation){.mixup = options->mixup, .dropout = (float)options->input_dropout};
    if (train == NULL || !changes_images(options))
        return WEFT_OK;
    TRY(augmentation_fits(options, train));
    augmentation->height = train->height;
    augmentation->width = train->width;
    augmentation->channels = train->channels;
    augmentation->shift = options->shift;
    augmentation->flip = options->flip;
    augmentation->erase = options->erase;
    return WEFT_OK;
}
