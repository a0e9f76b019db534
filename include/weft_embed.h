/* weft_embed.h: maps of samples in two dimensions, by t-SNE or principal components.
 *
 *     struct weft_embed_options options;
 *     struct weft_embedding result;
 *     struct weft_dataset_info info;
 *
 *     weft_embed_options_init(&options);
 *     weft_dataset_get_info(dataset, &info);
 *     float *points = malloc(info.samples * 2 * sizeof *points);
 *     if (weft_embed(device, info.x, info.samples, info.features, &options, points, &result))
 *         fprintf(stderr, "%s\n", weft_error());
 *
 * The conventions are those of weft.h. docs/embedding.md explains the methods.
 */
#ifndef WEFT_EMBED_H
#define WEFT_EMBED_H

#include "weft.h"

#ifdef __cplusplus
extern "C" {
#endif

enum weft_embed_method {
    WEFT_EMBED_TSNE, /* t-SNE: neighbors stay neighbors (van der Maaten and Hinton 2008) */
    WEFT_EMBED_PCA   /* the first two principal components: the positions along the two directions
                        in which the samples vary most (Pearson 1901) */
};

/* How far t-SNE has come. */
struct weft_embed_progress {
    size_t iteration, iterations; /* iterations done, and their number */
    double divergence;            /* Kullback-Leibler divergence of the map so far, or of one a few
                                     iterations ago where it takes long; NaN before the first
                                     iteration */
    double seconds;               /* since weft_embed began */
    size_t searched, samples;     /* samples whose neighbors are found, and their number */
};

/* How to embed. New versions add members at the end. */
struct weft_embed_options {
    size_t size; /* of this struct; weft_embed_options_init sets it */
    enum weft_embed_method method;
    enum weft_scale scale; /* how features are scaled first; t-SNE gives the same map for
                              WEFT_SCALE_NONE and WEFT_SCALE_GLOBAL, except for rounding */

    /* t-SNE */
    double perplexity;    /* effective number of neighbors, 1 to (N - 1) / 3; 0: 30, or less if N
                             is too small */
    size_t iterations;    /* at most 1000000 */
    double exaggeration;  /* attraction is this many times stronger in the first quarter of the
                             iterations, but in no more than 250 */
    double learning_rate; /* 0: N / exaggeration, but at least 200 */
    uint64_t seed;        /* of the tiny random numbers added to the start */
    /* Called every 50 iterations, and about every half second if they take longer, or NULL. Of more
     * than 1024 samples, it is also called while their neighbors are searched, with iteration 0. If
     * it returns a non-zero value, the map so far is the result: before the first iteration, the
     * principal components. */
    int (*progress)(void *user, const struct weft_embed_progress *progress);
    void *user; /* passed to `progress` */
};

/* Fills the options with t-SNE, no scaling, 1000 iterations and exaggeration 12. It is a macro, as
 * weft_options_init is. */
#define weft_embed_options_init(options) weft_embed_options_init_sized((options), sizeof *(options))
WEFT_API void weft_embed_options_init_sized(struct weft_embed_options *options, size_t size);

/* The result of weft_embed. Members for the other method are NaN or 0. */
struct weft_embedding {
    double seconds;
    bool stopped;         /* the callback stopped it */
    double perplexity;    /* t-SNE: the perplexity used */
    double learning_rate; /* t-SNE: the learning rate during exaggeration */
    size_t neighbors;     /* t-SNE: neighbors of each sample, 3 perplexity */
    size_t iterations;    /* t-SNE: iterations done */
    double divergence;    /* t-SNE: sum p log(p / q) of the map */
    double variance[2];   /* PCA: the fraction of the variance along each axis */
};

/* Checks the options for N samples of D features, and computes how much memory weft_embed needs.
 *
 * bytes   receives the bytes of host memory, without the caller's arrays. They grow with N, not
 * with N^2. An OpenCL device needs some of these bytes in its own memory too.
 *
 * Returns WEFT_ERROR_USAGE for options that weft_embed refuses, and WEFT_ERROR_DATA without samples
 * or features. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_embed_check(const struct weft_embed_options *options,
                                                           size_t samples, size_t features,
                                                           double *bytes);

/* Embeds samples in two dimensions. For t-SNE, the device must first pass a known-answer test.
 *
 * device        computes distances and repulsion for t-SNE; may be NULL for PCA
 * x             [N][D] features
 * options       how to embed, or NULL for what weft_embed_options_init fills in
 * coordinates   [N][2] receives the map
 * embedding     receives the result
 *
 * The axes of PCA are orthogonal, and the largest weight of each is positive. t-SNE starts from
 * these two components. The same samples, options and seed give the same bits on the same device,
 * with any number of threads.
 *
 * Returns WEFT_ERROR_USAGE if an option is out of range, or if the perplexity is too large for N;
 * WEFT_ERROR_DATA if there are no samples or a feature is not finite; WEFT_ERROR_DIVERGED if the
 * map grows without limit, as it may with a learning rate that is too large; and
 * WEFT_ERROR_WRONG_RESULT if the device fails the known-answer test. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_embed(struct weft_device *device, const float *x,
                                                     size_t samples, size_t features,
                                                     const struct weft_embed_options *options,
                                                     float *coordinates,
                                                     struct weft_embedding *embedding);

/* Chooses samples of a data set for a map. Every class keeps its proportion, as far as whole
 * numbers allow. Without labels, all samples are alike.
 *
 * count   at most N
 * rows    [count] receives the numbers of the samples, in order
 *
 * Returns WEFT_ERROR_USAGE unless count is 1 to N. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_embed_choose(const struct weft_dataset *dataset,
                                                            size_t count, uint64_t seed,
                                                            size_t *rows);

/* A map to write. All pointers are borrowed. */
struct weft_embed_table {
    size_t samples;           /* N of the map */
    const float *coordinates; /* [N][2] */
    const size_t *rows;       /* [N] the number of each sample in its data set; NULL: 0, 1, ... */
    const int32_t *labels;    /* of the data set, or NULL */
    const char *const *class_names; /* [C] */
    const float *targets;           /* [][target_count] of the data set, or NULL */
    size_t target_count;
};

/* Writes a map as CSV (RFC 4180) with the columns x, y, label and index. The label is the name of
 * the class, or the first target; it is empty if the data have neither. The index is the number of
 * the sample in its data set. An existing file is replaced whole or not at all.
 *
 * Returns WEFT_ERROR_IO if the file cannot be written. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_embed_write(const struct weft_embed_table *table,
                                                           const char *path);

/* Computes the activations of one layer of a model for samples.
 *
 * x             [N][D] features before scaling; the model scales them
 * layer         counted from 1: the activations of a hidden layer, or the pre-activations of the
 *               output layer
 * activations   [N][O] receives the numbers, O of that layer
 *
 * For an ensemble, these are the activations of its first member.
 *
 * Returns WEFT_ERROR_USAGE if the model has no such layer, and WEFT_ERROR_DATA if a feature or an
 * activation is not finite. The other errors are those of weft_predict. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_activations(struct weft_device *device,
                                                                 const struct weft_model *model,
                                                                 const float *x, size_t samples,
                                                                 size_t layer, float *activations);

#ifdef __cplusplus
}
#endif
#endif
