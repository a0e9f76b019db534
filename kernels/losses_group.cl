/* The kernels of losses.cl for GPUs, where several work-items share a row.
 *
 * Formulas, shapes and arguments are those of losses.cl. Work-item i of a row computes columns i,
 * i + items, i + 2 items, ..., so that neighbors read neighboring numbers. Each adds up its columns
 * in order; then row_sum adds up the work-items in a fixed tree.
 * Grid: (items, rows), in work-groups of (items, any number) work-items; `items` is a power of two.
 * Shapes: scratch, places [local size]. Every work-item of a group calls each function with a
 * barrier. Rows beyond the last one have no columns.
 */
#if LANES != 16 /* CPUs would only compile them */

/* The part of a row that a work-item computes. */
struct row_part {
    uint first, step, columns; /* columns first, first + step, ... of `columns` */
    uint line;                 /* where the row begins in scratch and places */
    uint r;
};

struct row_part row_part_of(uint rows, uint columns)
{
    const uint r = get_global_id(1);
    const struct row_part part = {get_local_id(0), get_local_size(0), r < rows ? columns : 0,
                                  get_local_id(1) * get_local_size(0), r};
    return part;
}

/* Returns the sum of `value` over the work-items of a row. */
float row_sum(struct row_part part, float value, __local float *scratch)
{
    __local float *own = scratch + part.line + part.first;
    *own = value;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (uint half_size = part.step / 2; half_size > 0; half_size /= 2) {
        if (part.first < half_size)
            *own += own[half_size];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    const float sum = scratch[part.line];
    barrier(CLK_LOCAL_MEM_FENCE); /* the next sum may begin */
    return sum;
}

/* largest_column() of a row z [columns]. Afterwards the row may be overwritten. */
uint row_largest(struct row_part part, __global const float *z, __local uint *places)
{
    __local uint *own = places + part.line + part.first;
    uint best = part.first < part.columns ? part.first : 0;
    for (uint c = part.first + part.step; c < part.columns; c += part.step)
        if (z[c] > z[best])
            best = c;
    *own = best;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (uint half_size = part.step / 2; half_size > 0; half_size /= 2) {
        if (part.first < half_size && part.columns > 0) {
            const uint a = *own, b = own[half_size];
            *own = z[b] > z[a] || (z[b] == z[a] && b < a) ? b : a;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    best = places[part.line];
    barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
    return best;
}

/* Reference: ref_softmax_rows. */
__kernel void softmax_rows_group(__global const float *z, __global float *p, uint rows,
                                 uint columns, __local float *scratch, __local uint *places)
{
    const struct row_part part = row_part_of(rows, columns);
    z += (ulong)part.r * columns;
    p += (ulong)part.r * columns;
    const uint best = row_largest(part, z, places);
    const float largest = part.columns > 0 ? z[best] : 0.0f;
    float sum = 0.0f;
    barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE); /* p may be z */
    for (uint c = part.first; c < part.columns; c += part.step) {
        p[c] = exp(z[c] - largest);
        sum += p[c];
    }
    sum = row_sum(part, sum, scratch);
    for (uint c = part.first; c < part.columns; c += part.step)
        p[c] /= sum;
}

/* Reference: ref_softmax_cross_entropy. */
__kernel void softmax_cross_entropy_group(__global const float *z, __global const float *y,
                                          __global const float *weight, uint rows, uint columns,
                                          float delta_factor, __global float *dz,
                                          __global float *loss, __global uint *correct,
                                          __local float *scratch, __local uint *places)
{
    const struct row_part part = row_part_of(rows, columns);
    const ulong at = (ulong)part.r * columns;
    z += at, y += at, dz += at;
    const uint best = row_largest(part, z, places), wanted = row_largest(part, y, places);
    const float own_weight = part.columns > 0 ? weight[part.r] : 0.0f;
    const float largest = part.columns > 0 ? z[best] : 0.0f;
    const float scale = delta_factor * own_weight;
    float sum = 0.0f, whole = 0.0f, total = 0.0f;
    for (uint c = part.first; c < part.columns; c += part.step) {
        sum += exp(z[c] - largest);
        whole += y[c];
    }
    sum = row_sum(part, sum, scratch);
    whole = row_sum(part, whole, scratch);
    const float log_sum = log(sum);
    for (uint c = part.first; c < part.columns; c += part.step) {
        const float target = y[c];
        const float fall = z[c] - largest; /* may be infinite where y is 0 */
        if (target != 0.0f)
            total += (own_weight * target) * (log_sum - fall);
        dz[c] = scale * (exp(fall) / sum * whole - target);
    }
    total = row_sum(part, total, scratch);
    if (part.first == 0 && part.columns > 0) {
        loss[part.r] = total;
        correct[part.r] = best == wanted;
    }
}

/* Whether all outputs of a row are on the side of their targets, where `wrong` counts those of a
 * work-item that are not; with `same`, whether the largest ones agree. */
void row_loss_store(struct row_part part, float total, float wrong, bool by_side, bool same,
                    __local float *scratch, __global float *loss, __global uint *correct)
{
    total = row_sum(part, total, scratch);
    wrong = row_sum(part, wrong, scratch);
    if (part.first == 0 && part.columns > 0) {
        loss[part.r] = total;
        correct[part.r] = by_side ? wrong == 0.0f : same;
    }
}

/* Reference: ref_sigmoid_cross_entropy. */
__kernel void sigmoid_cross_entropy_group(__global const float *z, __global const float *y,
                                          __global const float *weight, uint rows, uint columns,
                                          float delta_factor, uint each, uint true_class_only,
                                          __global float *dz, __global float *loss,
                                          __global uint *correct, __local float *scratch,
                                          __local uint *places)
{
    const struct row_part part = row_part_of(rows, columns);
    const ulong at = (ulong)part.r * columns;
    z += at, y += at, dz += at;
    const bool same = row_largest(part, z, places) == row_largest(part, y, places);
    const float own_weight = part.columns > 0 ? weight[part.r] : 0.0f;
    const float scale = delta_factor * own_weight;
    float total = 0.0f, wrong_sides = 0.0f;
    for (uint c = part.first; c < part.columns; c += part.step) {
        const float target = y[c], rest = 1.0f - target;
        const float wrong = z[c] > 0.0f ? rest : target;
        const float term = softplus(-fabs(z[c])) + (wrong != 0.0f ? wrong * fabs(z[c]) : 0.0f);
        const float of_class = target != 0.0f ? target * softplus(-z[c]) : 0.0f;
        total += own_weight * (true_class_only && columns > 1 ? of_class : term);
        wrong_sides += (sigmoid(z[c]) > 0.5f) == (target > 0.5f) ? 0.0f : 1.0f;
        dz[c] = scale * (rest * sigmoid(z[c]) - target * sigmoid(-z[c]));
    }
    row_loss_store(part, total, wrong_sides, each || columns == 1, same, scratch, loss, correct);
}

/* Reference: ref_identity_squared_error. */
__kernel void identity_squared_error_group(__global const float *z, __global const float *y,
                                           __global const float *weight, uint rows, uint columns,
                                           float delta_factor, uint each, __global float *dz,
                                           __global float *loss, __global uint *correct,
                                           __local float *scratch, __local uint *places)
{
    const struct row_part part = row_part_of(rows, columns);
    const ulong at = (ulong)part.r * columns;
    z += at, y += at, dz += at;
    const bool same = row_largest(part, z, places) == row_largest(part, y, places);
    const float own_weight = part.columns > 0 ? weight[part.r] : 0.0f;
    const float scale = delta_factor * own_weight, half_weight = 0.5f * own_weight;
    float total = 0.0f, wrong_sides = 0.0f;
    for (uint c = part.first; c < part.columns; c += part.step) {
        const float target = y[c], difference = z[c] - target;
        total += (half_weight * difference) * difference;
        wrong_sides += (z[c] > 0.5f) == (target > 0.5f) ? 0.0f : 1.0f;
        dz[c] = scale * difference;
    }
    row_loss_store(part, total, wrong_sides, each || columns == 1, same, scratch, loss, correct);
}
#endif
