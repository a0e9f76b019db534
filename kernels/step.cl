/* A whole training step of a small network in three kernels. They are for devices whose work-items
 * are threads with vectors of their own. step_rows and step_gradient run in work-groups of one
 * work-item. No kernel uses local memory.
 *
 * The rows of a batch are cut into panels of LANES rows. A panel stores its activations and deltas
 * as units x LANES, so that a lane is a sample. Every formula of a layer is written once, for a
 * sample, and runs for a whole panel. Only the samples themselves, [rows][D], are read by rows.
 * Sums over samples are cut into slices of panels. step_update adds the slices in order.
 *
 * Shapes: panels [panels][units][LANES]; parameters and gradient in the layout of struct network;
 * partial [slices][parameters]. Rows beyond the last one repeat it, and their deltas are 0.
 */

/* Computes everything from the samples to the deltas
 *   forward:   z = W a_below + b, a = activation(z), dropped
 *   top:       loss and dz
 *   backward:  dz_below = (W' dz) a'(z_below), 0 where a_below was dropped
 * Shapes: x [rows][D] from x_offset; labels from labels_first; y [rows][C] and weight [rows], only
 * with `dense`; outputs [rows][C], the last layer's z; loss, correct [rows].
 * Grid: panels, in work-groups of one. Reference: ref_step_run. */
__kernel void step_rows(__global const float *x, ulong x_offset, __global const int *labels,
                        ulong labels_first, __global const float *y, __global const float *weight,
                        __global const float *parameters, __global const struct step_layer *layers,
                        uint layer_count, uint rows, uint head, float delta_factor, uint each,
                        uint true_class_only, uint dense, uint drops, ulong seed, uint epoch,
                        uint batch, ulong row, uint transposed, uint units, __global float *panels,
                        __global float *outputs, __global float *loss, __global uint *correct)
{
    const uint first = get_global_id(0) * LANES;
    const uint last = layer_count - 1, classes = layers[last].outputs;
    const struct step_rule rule = {head, delta_factor, each, true_class_only, dense};
    const struct step_draw draw = {drops, seed, epoch, batch, row};
    __global float *panel = panels + (ulong)get_global_id(0) * units * LANES;
    __global float *z = panel + layers[last].a * LANES, *dz = panel + layers[last].dz * LANES;
    __global float *samples = panel + (transposed ? units - layers[0].inputs : 0) * LANES;
    if (transposed)
        step_transpose(x + x_offset, first, rows, layers[0].inputs, samples);
    for (uint l = 0; l < layer_count; l++) {
        if (l == 0 && transposed)
            step_short_layer(samples, parameters, layers, panel + layers[0].a * LANES);
        else if (l == 0)
            step_first_layer(x + x_offset, first, rows, parameters, layers,
                             panel + layers[0].a * LANES);
        else
            step_layer_forward(panel + layers[l - 1].a * LANES, parameters, &layers[l],
                               panel + layers[l].a * LANES);
        step_activate(&layers[l], panel);
        if (step_drops(&layers[l], draw))
            step_drop(&layers[l], draw, first, rows, panel);
    }
    step_outputs(z, classes, first, rows, outputs);
    const lanes weights =
        step_targets(labels + labels_first, y, weight, classes, first, rows, dense, dz);
    step_head(z, dz, weights, classes, first, rows, rule, loss, correct);
    for (uint l = last; l > 0; l--) {
        step_layer_backward(panel + layers[l].dz * LANES, parameters, &layers[l],
                            panel + layers[l - 1].dz * LANES);
        step_slopes(&layers[l - 1], draw, panel);
    }
}

/* What a work-item of step_gradient adds up: panels begin .. end - 1 of `rows` rows. */
struct step_slice {
    uint begin, end, rows;
};

/* db[o] = sum of dz[o] over the slice, for from <= o < to. */
SEPARATE void step_biases(__global const float *panels, uint units, struct step_slice slice,
                          uint dz, uint from, uint to, __global float *db)
{
    for (uint o = from; o < to; o++) {
        lanes sum = 0.0f;
        for (uint p = slice.begin; p < slice.end; p++)
            sum += lanes_at(dz + o, panels + (ulong)p * units * LANES);
        db[o] = lanes_sum(sum);
    }
}

/* dw [outputs][inputs] of the first layer over a slice, at the columns in at[]. It adds up
 * OUTER_CHUNK rows at a time. */
SEPARATE void step_first_gradient(__global const float *x, __global const float *panels, uint units,
                                  __global const struct step_layer *layer, struct step_slice slice,
                                  const uint *at, __global float *dw)
{
    const uint inputs = layer->inputs, outputs = layer->outputs;
    const uint first = slice.begin * LANES, end = min(slice.end * LANES, slice.rows);
    for (uint r = first; r < end; r += OUTER_CHUNK)
        for (uint o = 0; o < outputs; o += OUTER_ROWS) {
            ulong unit_at[OUTER_ROWS];
            for (uint i = 0; i < OUTER_ROWS; i++)
                unit_at[i] = (layer->dz + min(o + i, outputs - 1)) * LANES;
            outer_block(panels, unit_at, 1, units * LANES, x, inputs, r, min(r + OUTER_CHUNK, end),
                        at, at[o / OUTER_ROWS % BLOCK_WIDTH], r > first,
                        min((uint)OUTER_ROWS, outputs - o), dw + (ulong)o * inputs);
        }
}

/* dw of the first layer for rows shorter than a vector, which they fill in part. */
SEPARATE void step_narrow_gradient(__global const float *x, __global const float *panels,
                                   uint units, __global const struct step_layer *layer,
                                   struct step_slice slice, __global float *dw)
{
    const uint inputs = layer->inputs, outputs = layer->outputs;
    const uint end = min(slice.end * LANES, slice.rows);
    for (uint o = 0; o < outputs; o += STEP_BLOCK) {
        lanes sums[STEP_BLOCK];
#pragma unroll
        for (uint j = 0; j < STEP_BLOCK; j++)
            sums[j] = 0.0f;
        for (uint r = slice.begin * LANES; r < end; r++) {
            const lanes columns = lanes_part(x + (ulong)r * inputs, inputs);
            __global const float *term = panels + (ulong)(r / LANES) * units * LANES + r % LANES;
#pragma unroll
            for (uint j = 0; j < STEP_BLOCK; j++)
                sums[j] = multiply_add((lanes)term[(layer->dz + min(o + j, outputs - 1)) * LANES],
                                       columns, sums[j]);
        }
#pragma unroll
        for (uint j = 0; j < STEP_BLOCK; j++)
            if (o + j < outputs)
                lanes_store_part(sums[j], inputs, dw + (ulong)(o + j) * inputs);
    }
}

/* dw [outputs][inputs] of a layer above the first over a slice, for BLOCK_COLUMNS outputs from
 * `from` on, but only those before `to`. Each lane adds up its own samples. The lanes are added at
 * the end. */
SEPARATE void step_upper_gradient(__global const float *panels, uint units,
                                  __global const struct step_layer *layer, uint a,
                                  struct step_slice slice, uint from, uint to, __global float *dw)
{
    const uint inputs = layer->inputs;
    for (uint i = 0; i < inputs; i += BLOCK_WIDTH) {
        lanes sums[BLOCK_COLUMNS][BLOCK_WIDTH];
#pragma unroll
        for (uint o = 0; o < BLOCK_COLUMNS; o++)
#pragma unroll
            for (uint j = 0; j < BLOCK_WIDTH; j++)
                sums[o][j] = 0.0f;
        for (uint p = slice.begin; p < slice.end; p++) {
            __global const float *panel = panels + (ulong)p * units * LANES;
            lanes below[BLOCK_WIDTH];
#pragma unroll
            for (uint j = 0; j < BLOCK_WIDTH; j++)
                below[j] = lanes_at(a + min(i + j, inputs - 1), panel);
#pragma unroll
            for (uint o = 0; o < BLOCK_COLUMNS; o++) {
                const lanes delta = lanes_at(layer->dz + min(from + o, to - 1), panel);
#pragma unroll
                for (uint j = 0; j < BLOCK_WIDTH; j++)
                    sums[o][j] = multiply_add(delta, below[j], sums[o][j]);
            }
        }
#pragma unroll
        for (uint o = 0; o < BLOCK_COLUMNS; o++)
#pragma unroll
            for (uint j = 0; j < BLOCK_WIDTH; j++)
                if (from + o < to && i + j < inputs)
                    dw[(ulong)(from + o) * inputs + i + j] = lanes_sum(sums[o][j]);
    }
}

/* partial[s] = the gradient over the panels of slice s: dw = dz' a_below, db = column sums of dz
 * Items 0 .. column_items - 1 share the vectors of the first layer's columns. If a row has two
 * vectors or more, each item has at least two, so that no two items write the same element. Each of
 * the other items has `item_outputs` outputs of a layer above the first, layer after layer.
 * Shapes: x [rows][D] from x_offset.
 * Grid: (items, slices), in work-groups of one. Reference: ref_step_run. */
__kernel void step_gradient(__global const float *x, ulong x_offset, __global const float *panels,
                            uint units, __global const struct step_layer *layers, uint rows,
                            uint slice_panels, uint column_items, uint item_outputs,
                            uint parameters, __global float *partial)
{
    uint item = get_global_id(0);
    const uint s = get_global_id(1);
    const uint end = (rows + LANES - 1) / LANES;
    const struct step_slice slice = {s * slice_panels, min((s + 1) * slice_panels, end), rows};
    partial += (ulong)s * parameters;
    if (item < column_items) {
        const uint vectors = (layers[0].inputs + LANES - 1) / LANES;
        const uint vectors_end = (item + 1) * vectors / column_items;
        __global float *dw = partial + layers[0].weights;
        if (layers[0].inputs < LANES)
            step_narrow_gradient(x + x_offset, panels, units, layers, slice, dw);
        else
            for (uint v = item * vectors / column_items; v < vectors_end; v += BLOCK_WIDTH) {
                uint at[BLOCK_WIDTH];
                columns_place(v, vectors_end, layers[0].inputs, at);
                step_first_gradient(x + x_offset, panels, units, layers, slice, at, dw);
            }
        if (item == 0 && layers[0].has_bias)
            step_biases(panels, units, slice, layers[0].dz, 0, layers[0].outputs,
                        partial + layers[0].biases);
        return;
    }
    item -= column_items;
    uint l = 1;
    for (; item >= (layers[l].outputs + item_outputs - 1) / item_outputs; l++)
        item -= (layers[l].outputs + item_outputs - 1) / item_outputs;
    const uint from = item * item_outputs;
    const uint to = min(from + item_outputs, layers[l].outputs);
    for (uint o = from; o < to; o += BLOCK_COLUMNS)
        step_upper_gradient(panels, units, &layers[l], layers[l - 1].a, slice, o, to,
                            partial + layers[l].weights);
    if (layers[l].has_bias)
        step_biases(panels, units, slice, layers[l].dz, from, to, partial + layers[l].biases);
}

/* g = sum over slices of partial, in order, plus l1 sign(w) + l2 w for weights, which come first
 * w -= learning_rate g, only if `apply`
 * Shapes: partial [slices][parameters]; gradient, w [parameters].
 * Grid: vectors of parameters. Reference: ref_step_run. */
__kernel void step_update(__global const float *partial, uint slices, uint parameters, uint weights,
                          float l1, float l2, float learning_rate, uint apply,
                          __global float *gradient, __global float *w)
{
    const uint i = get_global_id(0) * LANES;
    if (i >= parameters)
        return;
    const uint count = min((uint)LANES, parameters - i);
    const lanes value = lanes_load(w + i, count);
    lanes g = lanes_load(partial + i, count);
    for (uint s = 1; s < slices; s++)
        g += lanes_load(partial + (ulong)s * parameters + i, count);
    if (l1 != 0.0f || l2 != 0.0f) {
        const lane_mask weight = lane_numbers() + (lane_mask)(int)i < (lane_mask)(int)weights;
        g += select((lanes)0.0f, l1 * sign(value) + l2 * value, weight);
    }
    lanes_store(g, count, gradient + i);
    if (apply)
        lanes_store(value - learning_rate * g, count, w + i);
}
