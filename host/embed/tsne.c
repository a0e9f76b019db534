/* The descent of t-SNE. See tsne.h.
 *
 * Practice has added to the paper: early exaggeration and a rate that grows with N (Belkina et al.,
 * Automated optimized parameters for t-SNE, Nature Communications 2019), and gains (Jacobs,
 * Increased rates of convergence through learning rate adaptation, 1988). As there, the gradient is
 * without its factor 4, which belongs to the rate. The descent restarts where the exaggeration
 * ends, as in scikit-learn: gains from before would throw small maps into worse minima.
 */
#include "embed/tsne.h"

#include <math.h>

#include "backend/primitive.h"
#include "base/file.h"
#include "base/memory.h"

enum { EXAGGERATED = 250, PROGRESS_EVERY = 50 };
static const float early_momentum = 0.5f, late_momentum = 0.8f;
static const float gain_more = 0.2f, gain_less = 0.8f, gain_least = 0.01f;

/* The state of each coordinate, and the numbers of one iteration. */
struct descent {
    float *velocity, *gain; /* [2][N] owned */
    float exaggeration, momentum, rate;
    double divergence, divergence_due; /* as told last, and when to compute it again */
};

/* y += velocity, velocity = momentum velocity - rate gain gradient. A gain grows while the velocity
 * goes downhill, and shrinks otherwise. */
static void coordinates_move(struct tsne_map *map, struct descent *descent)
{
    const float share = (float)(1.0 / map->total);
    for (size_t i = 0; i < 2 * map->samples; i++) {
        const float gradient =
            descent->exaggeration * map->attraction[i] - share * map->repulsion[i];
        const bool downhill = gradient > 0.0f ? descent->velocity[i] < 0.0f
                                              : gradient < 0.0f && descent->velocity[i] > 0.0f;
        const float gain = downhill ? descent->gain[i] + gain_more : descent->gain[i] * gain_less;
        descent->gain[i] = gain > gain_least ? gain : gain_least;
        descent->velocity[i] =
            descent->momentum * descent->velocity[i] - descent->rate * descent->gain[i] * gradient;
        map->y[i] += descent->velocity[i];
    }
}

/* Moves the mean of each coordinate to 0. Returns false if a coordinate is too large, or NaN. */
static bool coordinates_center(struct tsne_map *map)
{
    bool fine = true;
    for (size_t k = 0; k < 2; k++) {
        float *y = map->y + k * map->samples;
        double mean = 0.0;
        for (size_t i = 0; i < map->samples; i++)
            mean += (double)y[i];
        mean /= (double)map->samples;
        for (size_t i = 0; i < map->samples; i++) {
            y[i] = (float)((double)y[i] - mean);
            fine = fine && fabsf(y[i]) < REPULSION_LARGEST;
        }
    }
    return fine;
}

/* Returns the divergence, or a recent one while it would take more than a twentieth of the time. */
static double recent_divergence(struct tsne_map *map, struct descent *descent, bool exact)
{
    const double now = clock_seconds();
    if (exact || now >= descent->divergence_due) {
        descent->divergence = tsne_map_divergence(map);
        descent->divergence_due = now + 20.0 * (clock_seconds() - now);
    }
    return descent->divergence;
}

/* Tells the caller how far the descent is. Returns whether to stop. */
static bool progress_tell(struct tsne_map *map, struct descent *descent, struct embed_watch *watch,
                          size_t iteration)
{
    const bool regular = iteration % PROGRESS_EVERY == 0;
    if (iteration == 0 || !embed_watch_due(watch, regular))
        return false;
    const struct weft_embed_progress progress = {.iteration = iteration,
                                                 .divergence =
                                                     recent_divergence(map, descent, regular),
                                                 .searched = map->samples,
                                                 .samples = map->samples};
    return embed_watch_tell(watch, progress);
}

/* Begins the phase that starts at this iteration, if one does. */
static void phase_begin(const struct weft_embed_options *options, size_t samples, size_t iteration,
                        struct descent *descent)
{
    const size_t early = size_min(options->iterations / 4, EXAGGERATED);
    if (iteration != 0 && iteration != early)
        return;
    descent->exaggeration = iteration < early ? (float)options->exaggeration : 1.0f;
    descent->momentum = iteration < early ? early_momentum : late_momentum;
    for (size_t i = 0; i < 2 * samples; i++) {
        descent->velocity[i] = 0.0f;
        descent->gain[i] = 1.0f;
    }
}

static enum weft_status descend(struct tsne_map *map, const struct weft_embed_options *options,
                                struct embed_watch *watch, struct descent *descent,
                                struct weft_embedding *embedding)
{
    TRY(NEW_ARRAY(descent->velocity, 2 * map->samples));
    TRY(NEW_ARRAY(descent->gain, 2 * map->samples));
    descent->rate = (float)options->learning_rate;
    for (size_t i = 0; i < options->iterations; i++) {
        TRY(tsne_map_forces(map));
        embedding->stopped = progress_tell(map, descent, watch, i);
        if (embedding->stopped)
            break;
        phase_begin(options, map->samples, i, descent);
        coordinates_move(map, descent);
        if (!coordinates_center(map))
            return fail(WEFT_ERROR_DIVERGED,
                        "t-SNE diverged in iteration %zu: the map is no longer finite; try a "
                        "smaller learning rate (now %g)",
                        i + 1, options->learning_rate);
        embedding->iterations = i + 1;
    }
    TRY(tsne_map_forces(map));
    embedding->divergence = tsne_map_divergence(map);
    return WEFT_OK;
}

enum weft_status tsne_descend(struct tsne_map *map, const struct weft_embed_options *options,
                              struct embed_watch *watch, struct weft_embedding *embedding)
{
    struct descent descent = {.velocity = NULL};
    const enum weft_status status = descend(map, options, watch, &descent, embedding);
    memory_free(descent.velocity);
    memory_free(descent.gain);
    return status;
}

double tsne_bytes(size_t samples)
{
    return (double)samples * (11.0 * sizeof(float) + sizeof(double));
}
