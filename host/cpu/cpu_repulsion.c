/* The repulsion between the points of an embedding. kernels/repulsion.cl lists the formulas.
 *
 * A tile is LANES points i and a slice of the points j. Lanes are neighbors in i, so each of them
 * sums its terms in the order of j, and no vector is summed across. The sums stay in registers.
 */
#include "base/clones.h"
#include "cpu/cpu_kernels.h"

enum { LANES = 16, SHARE_VECTORS = 4 };

/* The points of a tile's lanes, and their sums. */
struct tile {
    float x[LANES], y[LANES];
    float force_x[LANES], force_y[LANES], z[LANES];
};

/* Adds the points begin .. end - 1 to the sums, two at a time, and none of them a lane's own.
 * `end - begin` is even. x, y [N] */
VECTOR_CLONES static void pairs_add(struct tile *to, const float *x, const float *y, size_t begin,
                                    size_t end)
{
    struct tile tile = *to;
    for (size_t j = begin; j < end; j += 2) {
        const float jx = x[j], jy = y[j], kx = x[j + 1], ky = y[j + 1];
#pragma omp simd
        for (size_t l = 0; l < LANES; l++) {
            const float dx = tile.x[l] - jx, dy = tile.y[l] - jy;
            const float ex = tile.x[l] - kx, ey = tile.y[l] - ky;
            const float a = 1.0f + dx * dx + dy * dy, b = 1.0f + ex * ex + ey * ey;
            const float r = 1.0f / (a * b), q = r * b, p = r * a;
            const float w = q * q, v = p * p;
            tile.z[l] += q;
            tile.z[l] += p;
            tile.force_x[l] += w * dx;
            tile.force_x[l] += v * ex;
            tile.force_y[l] += w * dy;
            tile.force_y[l] += v * ey;
        }
    }
    *to = tile;
}

/* Adds point j, which may be the own point of a lane; lane 0 is point `first`. */
static void point_add(struct tile *tile, const float *x, const float *y, size_t first, size_t j)
{
    for (size_t l = 0; l < LANES; l++) {
        const float dx = tile->x[l] - x[j], dy = tile->y[l] - y[j];
        const float q = first + l == j ? 0.0f : 1.0f / (1.0f + dx * dx + dy * dy);
        const float w = q * q;
        tile->z[l] += q;
        tile->force_x[l] += w * dx;
        tile->force_y[l] += w * dy;
    }
}

static void others_add(struct tile *tile, const float *x, const float *y, size_t first,
                       size_t begin, size_t end)
{
    const size_t even = begin + (end - begin) / 2 * 2;
    pairs_add(tile, x, y, begin, even);
    if (even < end)
        point_add(tile, x, y, first, even);
}

/* Stores the sums over the slice begin .. end - 1 for the lanes of `tile`; lane 0 is point
 * `first`. */
static void slice_sum(struct tile *tile, const float *x, const float *y, size_t first, size_t begin,
                      size_t end)
{
    const size_t own_begin = size_min(size_max(first, begin), end);
    const size_t own_end = size_min(size_max(first + LANES, begin), end);
    for (size_t l = 0; l < LANES; l++)
        tile->force_x[l] = tile->force_y[l] = tile->z[l] = 0.0f;
    others_add(tile, x, y, first, begin, own_begin);
    for (size_t j = own_begin; j < own_end; j++)
        point_add(tile, x, y, first, j);
    others_add(tile, x, y, first, own_end, end);
}

struct repulsion {
    const float *y;
    size_t n;
    float *force, *z;
};

/* Computes the points first .. first + count - 1, at most LANES. */
static void points_repulsion(const struct repulsion *of, size_t first, size_t count)
{
    const float *x = of->y, *y = of->y + of->n;
    const size_t slice = repulsion_slice_points(of->n);
    float *force_x = of->force, *force_y = of->force + of->n;
    struct tile tile = {{0.0f}, {0.0f}, {0.0f}, {0.0f}, {0.0f}};
    for (size_t l = 0; l < count; l++) {
        tile.x[l] = x[first + l];
        tile.y[l] = y[first + l];
        force_x[first + l] = force_y[first + l] = of->z[first + l] = 0.0f;
    }
    for (size_t begin = 0; begin < of->n; begin += slice) {
        slice_sum(&tile, x, y, first, begin, size_min(begin + slice, of->n));
        for (size_t l = 0; l < count; l++) {
            force_x[first + l] += tile.force_x[l];
            force_y[first + l] += tile.force_y[l];
            of->z[first + l] += tile.z[l];
        }
    }
}

static void repulsion_piece(const void *work, size_t first, size_t count)
{
    for (size_t i = first; i < first + count; i += LANES)
        points_repulsion(work, i, size_min(LANES, first + count - i));
}

void cpu_repulsion(const float *y, size_t n, float *force, float *z)
{
    const struct repulsion work = {y, n, force, z};
    parallel_for(n, LANES * SHARE_VECTORS, n * n >= CPU_SHARED, repulsion_piece, &work);
}
