/* Output heads: probabilities, and for each loss its value and its delta, one work-item a row.
 * Functions that end in _row compute one row for their kernel, and for middle.cl: z, dz [columns],
 * loss and correct of the row.
 *
 * Shapes of all kernels here: z, p, dz [rows][columns]; labels from labels_first; loss, correct
 * [rows]. The target y is one-hot, except with a single column: there it is the label itself, and
 * class 1 is predicted where the output exceeds 0.5. `correct` is 1 where the prediction is right.
 * `delta_factor` is 1 / rows for a mean over the batch, 1 for a sum.
 */

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

/* loss = log sum exp(z - max) - (z_label - max),  dz = delta_factor (softmax(z) - y) */
void softmax_cross_entropy_row(__global const float *z, uint columns, uint label,
                               float delta_factor, __global float *dz, __global float *loss,
                               __global uint *correct)
{
    const uint best = largest_column(z, columns);
    const float largest = z[best];
    float sum = 0.0f;
    for (uint c = 0; c < columns; c++)
        sum += exp(z[c] - largest);
    for (uint c = 0; c < columns; c++) {
        const float p = exp(z[c] - largest) / sum;
        dz[c] = delta_factor * (c == label ? p - 1.0f : p);
    }
    *loss = log(sum) - (z[label] - largest);
    *correct = best == label;
}

/* Grid: rows. Reference: ref_softmax_cross_entropy. */
__kernel void softmax_cross_entropy(__global const float *z, __global const int *labels,
                                    ulong labels_first, uint rows, uint columns, float delta_factor,
                                    __global float *dz, __global float *loss,
                                    __global uint *correct)
{
    const uint r = get_global_id(0);
    if (r >= rows)
        return;
    const ulong at = (ulong)r * columns;
    softmax_cross_entropy_row(z + at, columns, (uint)labels[labels_first + r], delta_factor,
                              dz + at, loss + r, correct + r);
}

/* loss = sum over classes of softplus(z) - y z,  dz = delta_factor (sigmoid(z) - y)
 * true_class_only: the article's loss, -log sigmoid(z_label) = softplus(-z_label), and nothing for
 * the other classes; the delta is the same. A single column holds both classes: its term is the
 * true class's. */
void sigmoid_cross_entropy_row(__global const float *z, uint columns, uint label,
                               float delta_factor, uint true_class_only, __global float *dz,
                               __global float *loss, __global uint *correct)
{
    float total = 0.0f;
    for (uint c = 0; c < columns; c++) {
        const bool hit = columns == 1 ? label == 1 : c == label;
        if (hit || columns == 1 || !true_class_only)
            total += softplus(hit ? -z[c] : z[c]);
        dz[c] = delta_factor * (hit ? -sigmoid(-z[c]) : sigmoid(z[c]));
    }
    *loss = total;
    *correct = (columns == 1 ? (uint)(sigmoid(z[0]) > 0.5f) : largest_column(z, columns)) == label;
}

/* Grid: rows. Reference: ref_sigmoid_cross_entropy. */
__kernel void sigmoid_cross_entropy(__global const float *z, __global const int *labels,
                                    ulong labels_first, uint rows, uint columns, float delta_factor,
                                    uint true_class_only, __global float *dz, __global float *loss,
                                    __global uint *correct)
{
    const uint r = get_global_id(0);
    if (r >= rows)
        return;
    const ulong at = (ulong)r * columns;
    sigmoid_cross_entropy_row(z + at, columns, (uint)labels[labels_first + r], delta_factor,
                              true_class_only, dz + at, loss + r, correct + r);
}

/* loss = sum (z - y)^2 / 2,  dz = delta_factor (z - y) */
void identity_squared_error_row(__global const float *z, uint columns, uint label,
                                float delta_factor, __global float *dz, __global float *loss,
                                __global uint *correct)
{
    float total = 0.0f;
    for (uint c = 0; c < columns; c++) {
        const bool hit = columns == 1 ? label == 1 : c == label;
        const float difference = hit ? z[c] - 1.0f : z[c];
        total += 0.5f * difference * difference;
        dz[c] = delta_factor * difference;
    }
    *loss = total;
    *correct = (columns == 1 ? (uint)(z[0] > 0.5f) : largest_column(z, columns)) == label;
}

/* Grid: rows. Reference: ref_identity_squared_error. */
__kernel void identity_squared_error(__global const float *z, __global const int *labels,
                                     ulong labels_first, uint rows, uint columns,
                                     float delta_factor, __global float *dz, __global float *loss,
                                     __global uint *correct)
{
    const uint r = get_global_id(0);
    if (r >= rows)
        return;
    const ulong at = (ulong)r * columns;
    identity_squared_error_row(z + at, columns, (uint)labels[labels_first + r], delta_factor,
                               dz + at, loss + r, correct + r);
}
