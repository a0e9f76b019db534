/* Embeds samples from the features to the map. See embed.h. */
#include "embed/embed.h"

#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/random.h"
#include "embed/pca.h"
#include "embed/tsne.h"

enum { MOST_ITERATIONS = 1000000 };

/* t-SNE starts with this standard deviation along the first axis, and with random numbers of one
 * hundredth of it, which part equal samples. */
static const double start_deviation = 1e-4, start_noise = 1e-6;

/* ---- options ---- */

static enum weft_status number_check(const char *option, double value, double low, double high)
{
    char text[NUMBER_TEXT_SIZE];
    number_to_text(value, text);
    if (value >= low && value <= high)
        return WEFT_OK;
    return fail_option(option, text, "need %g to %g", low, high);
}

static enum weft_status perplexity_settle(struct weft_embed_options *options, size_t samples)
{
    const double most = ((double)samples - 1.0) / 3.0, usual = 30.0;
    char text[NUMBER_TEXT_SIZE];
    number_to_text(options->perplexity, text);
    if (options->perplexity == 0.0) {
        options->perplexity = fmax(fmin(usual, most), 1.0);
        return WEFT_OK;
    }
    if (!(options->perplexity >= 1.0))
        return fail_option("perplexity", text, "need at least 1");
    if (options->perplexity > most)
        return fail_option("perplexity", text,
                           "needs 3 x %g neighbors of each sample, and there are %zu samples: need "
                           "at most %.6g",
                           options->perplexity, samples, floor(most * 1e3) / 1e3);
    return WEFT_OK;
}

enum weft_status embed_options_settle(struct weft_embed_options *options, size_t samples,
                                      size_t features)
{
    if (samples == 0 || samples > INT32_MAX || features == 0)
        return fail(WEFT_ERROR_DATA, "samples: got %zu of %zu features, need 1 to %ld", samples,
                    features, (long)INT32_MAX);
    if ((unsigned)options->method > WEFT_EMBED_PCA)
        return fail_option("method", NULL, "got %d, need tsne or pca", (int)options->method);
    if ((unsigned)options->scale > WEFT_SCALE_GLOBAL)
        return fail_option("scale", NULL, "got %d, need none, standard or global",
                           (int)options->scale);
    if (options->method == WEFT_EMBED_PCA)
        return WEFT_OK;
    TRY(number_check("iterations", (double)options->iterations, 1.0, MOST_ITERATIONS));
    TRY(number_check("exaggeration", options->exaggeration, 1.0, 1e6));
    TRY(number_check("learning-rate", options->learning_rate, 0.0, 1e12));
    TRY(perplexity_settle(options, samples));
    if (options->learning_rate == 0.0)
        options->learning_rate = fmax((double)samples / options->exaggeration, 200.0);
    return WEFT_OK;
}

size_t embed_neighbors(const struct weft_embed_options *options, size_t samples)
{
    return size_min(samples - 1, (size_t)(3.0 * options->perplexity));
}

double embed_bytes(const struct weft_embed_options *options, size_t samples, size_t features)
{
    const double n = (double)samples, d = (double)features;
    const double scaled = n * d * sizeof(float), axes = (2.0 * n + 250.0 * d) * sizeof(double);
    if (options->method == WEFT_EMBED_PCA || samples == 1)
        return scaled + axes;
    const size_t k = embed_neighbors(options, samples);
    return scaled + fmax(axes, neighbors_bytes(samples, k) + affinities_bytes(samples, k)) +
           tsne_bytes(samples) + 2.0 * n * sizeof(double);
}

/* ---- PCA ---- */

/* Finds the axes and stores the coordinates [N][2] of the samples along them. */
static enum weft_status axes_project(const struct embed_samples *samples, double *coordinates,
                                     struct weft_embedding *embedding)
{
    struct principal_components components;
    TRY(principal_components_find(samples, &components));
    principal_components_apply(&components, samples, coordinates);
    for (size_t k = 0; k < 2; k++)
        embedding->variance[k] =
            components.total > 0.0 ? components.variance[k] / components.total : 0.0;
    principal_components_reset(&components);
    return WEFT_OK;
}

static enum weft_status pca_finish(const struct embed_samples *samples, const double *axes,
                                   float *coordinates)
{
    for (size_t i = 0; i < 2 * samples->count; i++) {
        coordinates[i] = (float)ldexp(axes[i], samples->exponent);
        if (!isfinite(coordinates[i]))
            return fail(WEFT_ERROR_DATA, "sample %zu: its principal components overflow float32",
                        i / 2);
    }
    return WEFT_OK;
}

/* ---- t-SNE ---- */

/* Fills y [2][N] with the coordinates [N][2], scaled down, plus noise. */
static void start_fill(const double *axes, uint64_t seed, struct tsne_map *map)
{
    const size_t n = map->samples;
    const struct random_stream stream = {seed, RANDOM_EMBED, 1};
    double squares = 0.0;
    for (size_t i = 0; i < n; i++)
        squares += axes[2 * i] * axes[2 * i];
    const double deviation = sqrt(squares / (double)n);
    const double factor = deviation > 0.0 ? start_deviation / deviation : 0.0;
    for (size_t i = 0; i < 2 * n; i++) {
        const double noise = start_noise * (double)random_uniform(stream, i, -1.0f, 1.0f);
        map->y[i % 2 * n + i / 2] = (float)(factor * axes[i] + noise);
    }
}

/* Makes no affinities, and stores `*stopped`, if the caller's function stops the search. */
static enum weft_status tsne_affinities(struct weft_device *device,
                                        const struct embed_samples *samples,
                                        const struct weft_embed_options *options,
                                        struct embed_watch *watch, bool *stopped,
                                        struct affinities *p)
{
    struct neighbors neighbors;
    TRY(neighbors_find(device, samples, embed_neighbors(options, samples->count), watch,
                       &neighbors));
    *stopped = neighbors.stopped;
    const enum weft_status status =
        *stopped ? WEFT_OK : affinities_make(&neighbors, options->perplexity, p);
    neighbors_reset(&neighbors);
    return status;
}

static enum weft_status tsne_on(struct weft_device *device, const struct affinities *p,
                                const struct weft_embed_options *options, struct embed_watch *watch,
                                const double *axes, float *coordinates,
                                struct weft_embedding *embedding)
{
    struct tsne_map map;
    TRY(tsne_map_init(&map, device, p));
    start_fill(axes, options->seed, &map);
    const enum weft_status status = tsne_descend(&map, options, watch, embedding);
    for (size_t i = 0; i < 2 * map.samples; i++)
        coordinates[i] = map.y[i % 2 * map.samples + i / 2];
    tsne_map_reset(&map);
    return status;
}

static enum weft_status tsne_run(struct weft_device *device, const struct embed_samples *samples,
                                 const struct weft_embed_options *options,
                                 struct embed_watch *watch, const double *axes, float *coordinates,
                                 struct weft_embedding *embedding)
{
    struct affinities p;
    embedding->perplexity = options->perplexity;
    embedding->learning_rate = options->learning_rate;
    embedding->neighbors = embed_neighbors(options, samples->count);
    embedding->variance[0] = embedding->variance[1] = (double)NAN;
    TRY(tsne_affinities(device, samples, options, watch, &embedding->stopped, &p));
    if (embedding->stopped)
        return pca_finish(samples, axes, coordinates);
    const enum weft_status status =
        tsne_on(device, &p, options, watch, axes, coordinates, embedding);
    affinities_reset(&p);
    return status;
}

/* ---- both ---- */

static enum weft_status run_on(struct weft_device *device, const struct embed_samples *samples,
                               const struct weft_embed_options *options, struct embed_watch *watch,
                               float *coordinates, struct weft_embedding *embedding)
{
    double *axes; /* [N][2] */
    TRY(NEW_ARRAY(axes, 2 * samples->count));
    enum weft_status status = axes_project(samples, axes, embedding);
    if (status == WEFT_OK && options->method == WEFT_EMBED_PCA)
        status = pca_finish(samples, axes, coordinates);
    else if (status == WEFT_OK && samples->count > 1)
        status = tsne_run(device, samples, options, watch, axes, coordinates, embedding);
    memory_free(axes);
    return status;
}

enum weft_status embed_run(struct weft_device *device, const float *x, size_t samples,
                           size_t features, const struct weft_embed_options *options,
                           float *coordinates, struct weft_embedding *embedding)
{
    struct embed_watch watch = embed_watch_start(options);
    struct embed_samples scaled;
    *embedding = (struct weft_embedding){.divergence = (double)NAN};
    memset(coordinates, 0, 2 * samples * sizeof *coordinates);
    TRY(embed_samples_init(&scaled, x, samples, features, options->scale));
    const enum weft_status status =
        run_on(device, &scaled, options, &watch, coordinates, embedding);
    embed_samples_reset(&scaled);
    embedding->seconds = clock_seconds() - watch.started;
    return status;
}
