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
 * The conventions of weft.h apply here too. docs/embedding.md explains the methods.
 */
#ifndef WEFT_EMBED_H
#define WEFT_EMBED_H

#include "weft.h"

#ifdef __cplusplus
extern "C" {
#endif

enum weft_embed_method {
    WEFT_EMBED_TSNE, /* t-SNE, which keeps neighbors together (van der Maaten and Hinton 2008) */
    WEFT_EMBED_PCA   /* the first two principal components: the positions along the two directions
                        in which the samples vary most (Pearson 1901) */
};

/* The progress of t-SNE. */
struct weft_embed_progress {
    size_t iteration, iterations; /* iterations done, and iterations in all */
    double divergence;            /* Kullback-Leibler divergence of the map, a few iterations old
                                     if computing it takes long; NaN before the first iteration */
    double seconds;               /* since weft_embed began */
    size_t searched, samples;     /* samples whose neighbors are found, and samples in all */
};

/* How to embed. New versions add members at the end. */
struct weft_embed_options {
    size_t size; /* size of this struct; weft_embed_options_init sets it */
    enum weft_embed_method method;
    enum weft_scale scale; /* how features are scaled first. Except for rounding, t-SNE gives the
                              same map for WEFT_SCALE_NONE and WEFT_SCALE_GLOBAL */

    /* t-SNE */
    double perplexity;    /* effective number of neighbors, 1 to (N - 1) / 3; 0: 30, or less if N
                             is too small */
    size_t iterations;    /* at most 1000000 */
    double exaggeration;  /* factor that multiplies the attraction in the first quarter of the
                             iterations, or in the first 250 if a quarter is more */
    double learning_rate; /* 0: N / exaggeration, but at least 200 */
    uint64_t seed;        /* random seed of the tiny numbers that are added to the initial map */
    /* Called every 50 iterations, and also about every half second if 50 iterations take longer.
     * With more than 1024 samples, it is also called during the search for neighbors, with
     * iteration 0. May be NULL. A non-zero return value stops t-SNE, and the result is the map so
     * far. Before the first iteration, this map consists of the principal components. */
    int (*progress)(void *user, const struct weft_embed_progress *progress);
    void *user; /* passed to `progress` */
};

/* Fills the options with t-SNE, no scaling, 1000 iterations and exaggeration 12. Like
 * weft_options_init, it is a macro. */
#define weft_embed_options_init(options) weft_embed_options_init_sized((options), sizeof *(options))
WEFT_API void weft_embed_options_init_sized(struct weft_embed_options *options, size_t size);

/* The result of weft_embed. Members that belong to the other method are NaN or 0. */
struct weft_embedding {
    double seconds;
    bool stopped;         /* the callback stopped it */
    double perplexity;    /* t-SNE: the perplexity used */
    double learning_rate; /* t-SNE: the learning rate during exaggeration */
    size_t neighbors;     /* t-SNE: neighbors of each sample: 3 times the perplexity */
    size_t iterations;    /* t-SNE: iterations done */
    double divergence;    /* t-SNE: sum p log(p / q) of the map */
    double variance[2];   /* PCA: the fraction of the variance along each axis */
};

/* Checks the options for N samples of D features, and computes how much memory weft_embed needs.
 *
 * bytes   receives the number of bytes of host memory, without the caller's arrays. It grows with
 *         N, not with N^2. An OpenCL device also has a copy of some of these bytes in its memory.
 *
 * Returns WEFT_ERROR_USAGE for options that weft_embed rejects, and WEFT_ERROR_DATA if there are no
 * samples or features. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_embed_check(const struct weft_embed_options *options,
                                                           size_t samples, size_t features,
                                                           double *bytes);

/* Embeds samples in two dimensions. For t-SNE, the device must first pass a known-answer test.
 *
 * device        computes distances and repulsion for t-SNE; may be NULL for PCA
 * x             [N][D] features
 * options       how to embed, or NULL for the defaults of weft_embed_options_init
 * coordinates   [N][2] receives the map
 * embedding     receives the result
 *
 * The axes of PCA are orthogonal, and the largest weight of each axis is positive. t-SNE starts
 * from the map of PCA. On one device, the same samples, options and seed give the same bits, with
 * any number of threads.
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

/* Chooses random samples of a data set for a map. Every class keeps its proportion, as far as whole
 * numbers allow. Without labels, all samples are equally likely.
 *
 * count   how many samples to choose, at most N
 * rows    [count] receives the indices of the samples, in increasing order
 *
 * Returns WEFT_ERROR_USAGE unless count is 1 to N. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_embed_choose(const struct weft_dataset *dataset,
                                                            size_t count, uint64_t seed,
                                                            size_t *rows);

/* A map to write. All pointers are borrowed. */
struct weft_embed_table {
    size_t samples;           /* N of the map */
    const float *coordinates; /* [N][2] */
    const size_t *rows;       /* [N] the index of each sample in its data set; NULL: 0, 1, ... */
    const int32_t *labels;    /* of the data set, or NULL */
    const char *const *class_names; /* [C] */
    const float *targets;           /* [][target_count] of the data set, or NULL */
    size_t target_count;
};

/* Writes a map as CSV (RFC 4180) with the columns x, y, label and index. The label is the name of
 * the class, or the first target. It is empty if the data has neither. The index is the position of
 * the sample in its data set. An existing file is replaced whole or not at all.
 *
 * Returns WEFT_ERROR_IO if the file cannot be written. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_embed_write(const struct weft_embed_table *table,
                                                           const char *path);

/* Computes the activations of one layer of a model. For the output layer, these are the
 * pre-activations.
 *
 * x             [N][D] features before scaling; the model scales them
 * layer         counted from 1
 * activations   [N][O] receives the activations; O is the width of the layer
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
