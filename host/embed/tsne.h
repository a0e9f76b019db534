/* t-SNE: the descent that makes a map from affinities. */
#ifndef WEFT_EMBED_TSNE_H
#define WEFT_EMBED_TSNE_H

#include "embed/affinity.h"
#include "embed/watch.h"

/* The divergence and its gradient at one map. They are the mathematics of t-SNE; the rest is
 * descent. */
struct tsne_map {
    struct weft_device *device;    /* borrowed */
    const struct affinities *p;    /* borrowed */
    size_t samples;                /* N */
    float *y;                      /* [2][N] owned, like all arrays here */
    float *attraction, *repulsion; /* [2][N] */
    float *z;                      /* [N] */
    double *partial;               /* [N] for sums */
    double total;                  /* Z, the sum of z */
};

/* Allocates the arrays of a map; `p` is borrowed. */
WEFT_MUST_CHECK enum weft_status tsne_map_init(struct tsne_map *map, struct weft_device *device,
                                               const struct affinities *p);
void tsne_map_reset(struct tsne_map *map);

/* Computes the forces between the points y:
 *
 *   attraction_i = sum p_ij q_ij (y_i - y_j), q_ij = 1 / (1 + |y_i - y_j|^2)
 *   repulsion_i = sum q_ij^2 (y_i - y_j), Z = sum q_ij
 *
 * The gradient of the divergence is 4 (attraction - repulsion / Z). */
WEFT_MUST_CHECK enum weft_status tsne_map_forces(struct tsne_map *map);

/* Returns the divergence sum p_ij log(p_ij Z / q_ij) of y, for which tsne_map_forces has run. */
double tsne_map_divergence(struct tsne_map *map);

/* Improves map->y, as the options say, which are valid and complete. Fills the members of
 * `embedding` that describe the descent. Tells `watch` every 50 iterations, and sooner if they take
 * long. */
WEFT_MUST_CHECK enum weft_status tsne_descend(struct tsne_map *map,
                                              const struct weft_embed_options *options,
                                              struct embed_watch *watch,
                                              struct weft_embedding *embedding);

/* Returns the bytes of a map and its descent. */
double tsne_bytes(size_t samples);

#endif
