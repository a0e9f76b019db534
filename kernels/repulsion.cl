/* The repulsion between the points of an embedding (van der Maaten and Hinton, Visualizing data
 * using t-SNE, JMLR 2008).
 *
 *   q_ij = 1 / (1 + |y_i - y_j|^2)
 *   z_i = sum q_ij, force_i = sum q_ij^2 (y_i - y_j), both over j != i
 *
 * A tile is a vector of LANES points i and a slice of the points j. The sums of a tile stay in
 * registers, and its y_j are the same for all lanes. One division serves two points j:
 * with a = 1 / q_ij, b = 1 / q_ik and r = 1 / (a b), q_ij = r b and q_ik = r a.
 * Coordinates are at most 1e9, so that a b is finite and r is no denormal.
 */

/* The points of a tile's lanes, and their sums. */
struct repulsion_tile {
    lanes x, y;
    lanes force_x, force_y, z;
};

/* Adds the terms of q = q_ij, where (dx, dy) = y_i - y_j. */
void repulsion_add(struct repulsion_tile *tile, lanes q, lanes dx, lanes dy)
{
    const lanes w = q * q;
    tile->z += q;
    tile->force_x = multiply_add(w, dx, tile->force_x);
    tile->force_y = multiply_add(w, dy, tile->force_y);
}

/* Adds the points begin .. end - 1, none of which is a lane's own. y [2][n] */
void repulsion_others(struct repulsion_tile *tile, __global const float *y, uint n, uint begin,
                      uint end)
{
    uint j = begin;
    for (; j + 1 < end; j += 2) {
        const lanes dx = tile->x - y[j], dy = tile->y - y[n + j];
        const lanes ex = tile->x - y[j + 1], ey = tile->y - y[n + j + 1];
        const lanes a = multiply_add(dy, dy, multiply_add(dx, dx, (lanes)1.0f));
        const lanes b = multiply_add(ey, ey, multiply_add(ex, ex, (lanes)1.0f));
        const lanes r = 1.0f / (a * b);
        repulsion_add(tile, r * b, dx, dy);
        repulsion_add(tile, r * a, ex, ey);
    }
    if (j < end) {
        const lanes dx = tile->x - y[j], dy = tile->y - y[n + j];
        repulsion_add(tile, 1.0f / multiply_add(dy, dy, multiply_add(dx, dx, (lanes)1.0f)), dx, dy);
    }
}

/* Adds the points begin .. end - 1, some of which are the lanes' own; lane 0 is point `first`. */
void repulsion_own(struct repulsion_tile *tile, __global const float *y, uint n, uint first,
                   uint begin, uint end)
{
    for (uint j = begin; j < end; j++) {
        const lanes dx = tile->x - y[j], dy = tile->y - y[n + j];
        const lanes q = 1.0f / multiply_add(dy, dy, multiply_add(dx, dx, (lanes)1.0f));
        const lane_mask own = lane_numbers() == (int)(j - first);
        repulsion_add(tile, select(q, (lanes)0.0f, own), dx, dy);
    }
}

/* First step: the sums over the points j of slice s
 *   partial[0], partial[1] = force, partial[2] = z
 * Shapes: y [2][n]; partial [3][slices][n]; slice_points points per slice.
 * Grid: (any number, slices); the work-items of a slice share the vectors of points i.
 * Reference: ref_repulsion. */
__kernel void repulsion_slices(__global const float *y, uint n, uint slice_points, uint slices,
                               __global float *partial)
{
    const uint s = get_global_id(1);
    if (s >= slices)
        return;
    const uint begin = s * slice_points, end = min(begin + slice_points, n);
    const struct share share = share_of((n + LANES - 1) / LANES);
    const ulong plane = (ulong)slices * n;
    partial += (ulong)s * n;
    for (uint v = share.first; v < share.end; v += share.step) {
        const uint i = v * LANES, count = min((uint)LANES, n - i);
        const uint own_begin = clamp(i, begin, end), own_end = clamp(i + count, begin, end);
        struct repulsion_tile tile = {.x = lanes_load(y + i, count),
                                      .y = lanes_load(y + n + i, count),
                                      .force_x = 0.0f,
                                      .force_y = 0.0f,
                                      .z = 0.0f};
        repulsion_others(&tile, y, n, begin, own_begin);
        repulsion_own(&tile, y, n, i, own_begin, own_end);
        repulsion_others(&tile, y, n, own_end, end);
        lanes_store(tile.force_x, count, partial + i);
        lanes_store(tile.force_y, count, partial + plane + i);
        lanes_store(tile.z, count, partial + 2 * plane + i);
    }
}

/* Second step: adds the slices in order.
 * Shapes: partial [3][slices][n]; force [2][n]; z [n]. Grid: n. Reference: ref_repulsion. */
__kernel void repulsion(__global const float *partial, uint slices, uint n, __global float *force,
                        __global float *z)
{
    const uint i = get_global_id(0);
    if (i >= n)
        return;
    const ulong plane = (ulong)slices * n;
    float force_x = 0.0f;
    float force_y = 0.0f;
    float sum = 0.0f;
    for (uint s = 0; s < slices; s++) {
        const ulong at = (ulong)s * n + i;
        force_x += partial[at];
        force_y += partial[plane + at];
        sum += partial[2 * plane + at];
    }
    force[i] = force_x;
    force[n + i] = force_y;
    z[i] = sum;
}
