/* Dense targets: what every output of every sample of a batch is to become, and the losses that
 * take it so. They serve what plain labels cannot say: label smoothing, class weights, mixed
 * samples, several labels a sample, and real numbers. Plain labels keep the kernels of head.cl.
 *
 * Shapes of all kernels here: y, z, dz [rows][columns]; weight, loss, correct [rows]. A sample's
 * loss and delta are multiplied by its weight. `delta_factor` is as in head.cl.
 */

/* y = keep onehot(label) + spread, with a single column keep label + spread;
 * weight = class_weight[label]
 * labels from labels_first; class_weight [columns], with a single column [2].
 * Grid: (columns, rows). Reference: ref_label_targets. */
__kernel void label_targets(__global const int *labels, ulong labels_first,
                            __global const float *class_weight, uint rows, uint columns, float keep,
                            float spread, __global float *y, __global float *weight)
{
    const uint c = get_global_id(0);
    const uint r = get_global_id(1);
    if (c >= columns || r >= rows)
        return;
    const uint label = (uint)labels[labels_first + r];
    const bool hit = columns == 1 ? label == 1 : c == label;
    y[(ulong)r * columns + c] = hit ? keep + spread : spread;
    if (c == 0)
        weight[r] = class_weight[label];
}

/* y[r] = keep targets[order[order_first + r]] + spread, weight = 1; rows from `count` on become
 * zeros
 * targets [N][columns], order [N].
 * Grid: (columns, rows). Reference: ref_gather_targets. */
__kernel void gather_targets(__global const float *targets, __global const uint *order,
                             ulong order_first, uint count, uint rows, uint columns, float keep,
                             float spread, __global float *y, __global float *weight)
{
    const uint c = get_global_id(0);
    const uint r = get_global_id(1);
    if (c >= columns || r >= rows)
        return;
    const bool present = r < count;
    const ulong sample = present ? order[order_first + r] : 0;
    y[(ulong)r * columns + c] =
        present ? multiply_add(keep, targets[sample * columns + c], spread) : 0.0f;
    if (c == 0)
        weight[r] = present ? 1.0f : 0.0f;
}

/* loss = weight sum y (log sum exp(z - max) - (z - max)),
 * dz = delta_factor weight (softmax(z) sum y - y): rounded targets need not sum to 1
 * correct: z and y are largest in the same column.
 * Grid: rows. Reference: ref_softmax_cross_entropy_targets. */
__kernel void softmax_cross_entropy_targets(__global const float *z, __global const float *y,
                                            __global const float *weight, uint rows, uint columns,
                                            float delta_factor, __global float *dz,
                                            __global float *loss, __global uint *correct)
{
    const uint r = get_global_id(0);
    if (r >= rows)
        return;
    z += (ulong)r * columns;
    y += (ulong)r * columns;
    dz += (ulong)r * columns;
    const uint best = largest_column(z, columns);
    const float largest = z[best];
    const float scale = delta_factor * weight[r];
    float sum = 0.0f;
    float whole = 0.0f;
    for (uint c = 0; c < columns; c++) {
        sum += exp(z[c] - largest);
        whole += y[c];
    }
    const float log_sum = log(sum);
    float total = 0.0f;
    for (uint c = 0; c < columns; c++) {
        const float fall = z[c] - largest; /* may be infinite, where y has to be 0 */
        if (y[c] != 0.0f)
            total += (weight[r] * y[c]) * (log_sum - fall);
        dz[c] = scale * (exp(fall) / sum * whole - y[c]);
    }
    loss[r] = total;
    correct[r] = best == largest_column(y, columns);
}

/* Whether a row is right: `sides`, that every output is on its target's side of 1/2, counts with
 * `each` and of a single column; else z and y are to be largest in the same one. */
uint target_met(__global const float *z, __global const float *y, uint columns, uint each,
                bool sides)
{
    if (each || columns == 1)
        return sides;
    return largest_column(z, columns) == largest_column(y, columns);
}

/* loss = weight sum (softplus(z) - y z),  dz = delta_factor weight (sigmoid(z) - y), both without a
 * difference that cancels: for y in 0..1
 *     softplus(z) - y z = log(1 + exp(-|z|)) + y max(-z, 0) + (1 - y) max(z, 0)
 *     sigmoid(z) - y    = (1 - y) sigmoid(z) - y sigmoid(-z)
 * correct: target_met, of the probabilities.
 * Grid: rows. Reference: ref_sigmoid_cross_entropy_targets. */
__kernel void sigmoid_cross_entropy_targets(__global const float *z, __global const float *y,
                                            __global const float *weight, uint rows, uint columns,
                                            float delta_factor, uint each, __global float *dz,
                                            __global float *loss, __global uint *correct)
{
    const uint r = get_global_id(0);
    if (r >= rows)
        return;
    z += (ulong)r * columns;
    y += (ulong)r * columns;
    dz += (ulong)r * columns;
    const float scale = delta_factor * weight[r];
    float total = 0.0f;
    bool sides = true;
    for (uint c = 0; c < columns; c++) {
        const float rest = 1.0f - y[c];
        const float term =
            log1p(exp(-fabs(z[c]))) + y[c] * fmax(-z[c], 0.0f) + rest * fmax(z[c], 0.0f);
        total += weight[r] * term;
        dz[c] = scale * (rest * sigmoid(z[c]) - y[c] * sigmoid(-z[c]));
        sides = sides && (sigmoid(z[c]) > 0.5f) == (y[c] > 0.5f);
    }
    loss[r] = total;
    correct[r] = target_met(z, y, columns, each, sides);
}

/* loss = weight sum (z - y)^2 / 2,  dz = delta_factor weight (z - y)
 * correct: target_met, of z itself.
 * Grid: rows. Reference: ref_identity_squared_error_targets. */
__kernel void identity_squared_error_targets(__global const float *z, __global const float *y,
                                             __global const float *weight, uint rows, uint columns,
                                             float delta_factor, uint each, __global float *dz,
                                             __global float *loss, __global uint *correct)
{
    const uint r = get_global_id(0);
    if (r >= rows)
        return;
    z += (ulong)r * columns;
    y += (ulong)r * columns;
    dz += (ulong)r * columns;
    const float scale = delta_factor * weight[r], half_weight = 0.5f * weight[r];
    float total = 0.0f;
    bool sides = true;
    for (uint c = 0; c < columns; c++) {
        const float difference = z[c] - y[c];
        total += (half_weight * difference) * difference;
        dz[c] = scale * difference;
        sides = sides && (z[c] > 0.5f) == (y[c] > 0.5f);
    }
    loss[r] = total;
    correct[r] = target_met(z, y, columns, each, sides);
}
