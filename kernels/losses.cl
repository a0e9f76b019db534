/* Kernels for the outputs of a network: targets, probabilities, and the value and delta of each
 * loss.
 *
 * Every loss reads dense targets y and a weight for each sample. Plain labels become targets first,
 * so each loss has one formula. Functions that end in _row compute one row, for the kernels here
 * and for middle.cl. They take z, y, dz [columns] and the loss and correct of the row; y may be dz.
 *
 * Shapes of all kernels here: y, z, p, dz [rows][columns]; weight, loss, correct [rows].
 *
 * The loss and the delta of a sample are multiplied by its weight. `delta_factor` is 1 / rows for a
 * mean over the batch and 1 for a sum. `correct` is 1 if the prediction is correct, that is, if z
 * and y are largest in the same column. With `each`, or with a single column, it is 1 if every
 * output is on the same side of 1/2 as its target.
 */

/* The target of column c for a sample of class `label`. Targets are one-hot; a single column takes
 * the label. */
float label_target(uint label, uint c, uint columns)
{
    return (columns == 1 ? label == 1 : c == label) ? 1.0f : 0.0f;
}

/* y = share onehot(label) + spread; with a single column, y = share label + spread
 * weight = weights[order[order_first + r]]
 * Shapes: labels [rows] from labels_first; weights, order [N].
 * Grid: (columns, rows). Reference: ref_label_targets. */
__kernel void label_targets(__global const int *labels, ulong labels_first,
                            __global const float *weights, __global const uint *order,
                            ulong order_first, uint rows, uint columns, float share, float spread,
                            __global float *y, __global float *weight)
{
    const uint c = get_global_id(0);
    const uint r = get_global_id(1);
    if (c >= columns || r >= rows)
        return;
    const float target = label_target((uint)labels[labels_first + r], c, columns);
    y[(ulong)r * columns + c] = multiply_add(share, target, spread);
    if (c == 0)
        weight[r] = weights[order[order_first + r]];
}

/* y = share targets[order[order_first + r]] + spread, weight = weights[order[order_first + r]]
 * Shapes: targets [N][columns]; weights, order [N].
 * Grid: (columns, rows). Reference: ref_gather_targets. */
__kernel void gather_targets(__global const float *targets, __global const float *weights,
                             __global const uint *order, ulong order_first, uint rows, uint columns,
                             float share, float spread, __global float *y, __global float *weight)
{
    const uint c = get_global_id(0);
    const uint r = get_global_id(1);
    if (c >= columns || r >= rows)
        return;
    const ulong sample = order[order_first + r];
    y[(ulong)r * columns + c] = multiply_add(share, targets[sample * columns + c], spread);
    if (c == 0)
        weight[r] = weights[sample];
}

/* p = exp(z - max) / sum exp(z - max) in each row
 * p may be z. Grid: rows. Reference: ref_softmax_rows. */
__kernel void softmax_rows(__global const float *z, __global float *p, uint rows, uint columns)
{
    const uint r = get_global_id(0);
    if (r >= rows)
        return;
    z += (ulong)r * columns;
    p += (ulong)r * columns;
    const float largest = z[largest_column(z, columns)];
    float sum = 0.0f;
    for (uint c = 0; c < columns; c++) {
        p[c] = exp(z[c] - largest);
        sum += p[c];
    }
    for (uint c = 0; c < columns; c++)
        p[c] /= sum;
}

/* What a row adds to the metrics. */
struct row_loss {
    float loss;
    uint correct;
};

/* loss = weight sum y (log sum exp(z - max) - (z - max))
 * dz = delta_factor weight (softmax(z) sum y - y)
 * The factor sum y is needed because rounded targets may not sum to 1. */
struct row_loss softmax_cross_entropy_row(__global const float *z, __global const float *y,
                                          float weight, uint columns, float delta_factor,
                                          __global float *dz)
{
    const uint best = largest_column(z, columns), wanted = largest_column(y, columns);
    const float largest = z[best];
    const float scale = delta_factor * weight;
    float sum = 0.0f;
    float whole = 0.0f;
    for (uint c = 0; c < columns; c++) {
        sum += exp(z[c] - largest);
        whole += y[c];
    }
    const float log_sum = log(sum);
    float total = 0.0f;
    for (uint c = 0; c < columns; c++) {
        const float target = y[c];
        const float fall = z[c] - largest; /* may be infinite where y is 0 */
        if (target != 0.0f)
            total += (weight * target) * (log_sum - fall);
        dz[c] = scale * (exp(fall) / sum * whole - target);
    }
    const struct row_loss row = {total, best == wanted};
    return row;
}

/* Grid: rows. Reference: ref_softmax_cross_entropy. */
__kernel void softmax_cross_entropy(__global const float *z, __global const float *y,
                                    __global const float *weight, uint rows, uint columns,
                                    float delta_factor, __global float *dz, __global float *loss,
                                    __global uint *correct)
{
    const uint r = get_global_id(0);
    if (r >= rows)
        return;
    const ulong at = (ulong)r * columns;
    const struct row_loss row =
        softmax_cross_entropy_row(z + at, y + at, weight[r], columns, delta_factor, dz + at);
    loss[r] = row.loss;
    correct[r] = row.correct;
}

/* loss = weight sum (softplus(z) - y z)
 * dz = delta_factor weight (sigmoid(z) - y)
 *
 * The code avoids differences that cancel:
 *     softplus(z) - y z = log(1 + exp(-|z|)) + wrong |z|, wrong = 1 - y if z > 0, else y
 *     sigmoid(z) - y    = (1 - y) sigmoid(z) - y sigmoid(-z)
 * An infinite z on the side of its target costs nothing.
 *
 * With true_class_only the loss is weight sum -y log sigmoid(z), as in the article. Other classes
 * add nothing, and the delta is the same. A single column holds both classes, so its term is
 * complete. */
struct row_loss sigmoid_cross_entropy_row(__global const float *z, __global const float *y,
                                          float weight, uint columns, float delta_factor, uint each,
                                          uint true_class_only, __global float *dz)
{
    const bool same = largest_column(z, columns) == largest_column(y, columns);
    const float scale = delta_factor * weight;
    float total = 0.0f;
    bool sides = true;
#pragma unroll 1
    for (uint c = 0; c < columns; c++) {
        const float target = y[c], rest = 1.0f - target;
        const float wrong = z[c] > 0.0f ? rest : target;
        const float term = softplus(-fabs(z[c])) + (wrong != 0.0f ? wrong * fabs(z[c]) : 0.0f);
        const float of_class = target != 0.0f ? target * softplus(-z[c]) : 0.0f;
        total += weight * (true_class_only && columns > 1 ? of_class : term);
        sides = sides && (sigmoid(z[c]) > 0.5f) == (target > 0.5f);
        dz[c] = scale * (rest * sigmoid(z[c]) - target * sigmoid(-z[c]));
    }
    const struct row_loss row = {total, each || columns == 1 ? sides : same};
    return row;
}

/* Grid: rows. Reference: ref_sigmoid_cross_entropy. */
__kernel void sigmoid_cross_entropy(__global const float *z, __global const float *y,
                                    __global const float *weight, uint rows, uint columns,
                                    float delta_factor, uint each, uint true_class_only,
                                    __global float *dz, __global float *loss,
                                    __global uint *correct)
{
    const uint r = get_global_id(0);
    if (r >= rows)
        return;
    const ulong at = (ulong)r * columns;
    const struct row_loss row = sigmoid_cross_entropy_row(
        z + at, y + at, weight[r], columns, delta_factor, each, true_class_only, dz + at);
    loss[r] = row.loss;
    correct[r] = row.correct;
}

/* loss = weight sum (z - y)^2 / 2
 * dz = delta_factor weight (z - y) */
struct row_loss identity_squared_error_row(__global const float *z, __global const float *y,
                                           float weight, uint columns, float delta_factor,
                                           uint each, __global float *dz)
{
    const bool same = largest_column(z, columns) == largest_column(y, columns);
    const float scale = delta_factor * weight, half_weight = 0.5f * weight;
    float total = 0.0f;
    bool sides = true;
#pragma unroll 1
    for (uint c = 0; c < columns; c++) {
        const float target = y[c], difference = z[c] - target;
        total += (half_weight * difference) * difference;
        sides = sides && (z[c] > 0.5f) == (target > 0.5f);
        dz[c] = scale * difference;
    }
    const struct row_loss row = {total, each || columns == 1 ? sides : same};
    return row;
}

/* Grid: rows. Reference: ref_identity_squared_error. */
__kernel void identity_squared_error(__global const float *z, __global const float *y,
                                     __global const float *weight, uint rows, uint columns,
                                     float delta_factor, uint each, __global float *dz,
                                     __global float *loss, __global uint *correct)
{
    const uint r = get_global_id(0);
    if (r >= rows)
        return;
    const ulong at = (ulong)r * columns;
    const struct row_loss row =
        identity_squared_error_row(z + at, y + at, weight[r], columns, delta_factor, each, dz + at);
    loss[r] = row.loss;
    correct[r] = row.correct;
}
