/* Maps of samples in two dimensions. */
#ifndef WEFT_EMBED_EMBED_H
#define WEFT_EMBED_EMBED_H

#include "backend/backend.h"
#include "weft_embed.h"

/* Checks the options and fills in what they leave to the data: perplexity and learning rate. */
WEFT_MUST_CHECK enum weft_status embed_options_settle(struct weft_embed_options *options,
                                                      size_t samples, size_t features);

/* Embeds the samples x [N][D], N at least 1, whose features are finite. The options are settled.
 * `device` may be NULL for PCA. */
WEFT_MUST_CHECK enum weft_status embed_run(struct weft_device *device, const float *x,
                                           size_t samples, size_t features,
                                           const struct weft_embed_options *options,
                                           float *coordinates, struct weft_embedding *embedding);

/* Returns the bytes that embed_run needs at most. The options are settled. */
double embed_bytes(const struct weft_embed_options *options, size_t samples, size_t features);

/* Returns the number of neighbors of each sample, and the rows of a product that finds them. */
size_t embed_neighbors(const struct weft_embed_options *options, size_t samples);

#endif
