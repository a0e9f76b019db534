/* The forces of t-SNE and the divergence (van der Maaten and Hinton 2008, section 3). See tsne.h.
 *
 * Points that are not neighbors have p = 0, so attraction and divergence sum over the sparse P. The
 * device computes the repulsion, which sums over all pairs.
 */
#include <math.h>
#include <string.h>

#include "backend/primitive.h"
#include "base/clones.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "embed/tsne.h"

enum { PIECE_ROWS = 64 };

enum weft_status tsne_map_init(struct tsne_map *map, struct weft_device *device,
                               const struct affinities *p)
{
    const size_t n = p->samples;
    *map = (struct tsne_map){.device = device, .p = p, .samples = n};
    enum weft_status status = NEW_ARRAY(map->y, 2 * n);
    if (status == WEFT_OK)
        status = NEW_ARRAY(map->attraction, 2 * n);
    if (status == WEFT_OK)
        status = NEW_ARRAY(map->repulsion, 2 * n);
    if (status == WEFT_OK)
        status = NEW_ARRAY(map->z, n);
    if (status == WEFT_OK)
        status = NEW_ARRAY(map->partial, n);
    if (status != WEFT_OK)
        tsne_map_reset(map);
    return status;
}

void tsne_map_reset(struct tsne_map *map)
{
    memory_free(map->y);
    memory_free(map->attraction);
    memory_free(map->repulsion);
    memory_free(map->z);
    memory_free(map->partial);
    memset(map, 0, sizeof *map);
}

/* ---- forces ---- */

/* Returns sum p_j q_j (y_i - y_j) over the `count` elements of row i in sum [2]. */
VECTOR_CLONES static void row_attraction(const float *x, const float *y, size_t i,
                                         const int32_t *column, const float *p, size_t count,
                                         float *sum)
{
    const float xi = x[i], yi = y[i];
    float sum_x = 0.0f, sum_y = 0.0f;
#pragma omp simd reduction(+ : sum_x, sum_y)
    for (size_t e = 0; e < count; e++) {
        const float dx = xi - x[column[e]], dy = yi - y[column[e]];
        const float w = p[e] / (1.0f + dx * dx + dy * dy);
        sum_x += w * dx;
        sum_y += w * dy;
    }
    sum[0] = sum_x;
    sum[1] = sum_y;
}

static void attraction_piece(const void *work, size_t first, size_t count)
{
    const struct tsne_map *map = work;
    const struct affinities *p = map->p;
    const size_t n = map->samples;
    for (size_t i = first; i < first + count; i++) {
        const size_t begin = p->first[i];
        float sum[2];
        row_attraction(map->y, map->y + n, i, p->column + begin, p->p + begin,
                       p->first[i + 1] - begin, sum);
        map->attraction[i] = sum[0];
        map->attraction[n + i] = sum[1];
    }
}

enum weft_status tsne_map_forces(struct tsne_map *map)
{
    const size_t n = map->samples;
    const struct primitive_call call = {
        .primitive = PRIMITIVE_REPULSION,
        .rows = n,
        .columns = 1,
        .arrays = {{map->y, 2 * n}, {map->repulsion, 2 * n}, {map->z, n}}};
    TRY(map->device->backend->primitive_run(map->device, &call));
    parallel_for(n, PIECE_ROWS, true, attraction_piece, map);
    map->total = 0.0;
    for (size_t i = 0; i < n; i++)
        map->total += (double)map->z[i];
    return WEFT_OK;
}

/* ---- the divergence ---- */

/* Stores sum p_ij log(p_ij (1 + |y_i - y_j|^2)) over j for each row. */
static void divergence_piece(const void *work, size_t first, size_t count)
{
    const struct tsne_map *map = work;
    const float *x = map->y, *y = map->y + map->samples;
    for (size_t i = first; i < first + count; i++) {
        double sum = 0.0;
        for (size_t e = map->p->first[i]; e < map->p->first[i + 1]; e++) {
            const int32_t j = map->p->column[e];
            const double p = (double)map->p->p[e];
            const double dx = (double)x[i] - (double)x[j], dy = (double)y[i] - (double)y[j];
            if (p > 0.0)
                sum += p * log(p * (1.0 + dx * dx + dy * dy));
        }
        map->partial[i] = sum;
    }
}

double tsne_map_divergence(struct tsne_map *map)
{
    double sum = log(map->total); /* because the p_ij add up to 1 */
    parallel_for(map->samples, PIECE_ROWS, true, divergence_piece, map);
    for (size_t i = 0; i < map->samples; i++)
        sum += map->partial[i];
    return sum;
}
