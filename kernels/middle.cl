/* The middle of a training step of a small network, for GPUs: all between the product that begins
 * forward, z = x W', and the one that ends backward, dw = dz' x, of the first layer, in one kernel;
 * and one that adds up the gradient, adds the penalty's, and updates.
 *
 * A work-group has a panel of LANES samples at a time, in local memory: a work-item computes an
 * element of a layer, and everything a layer needs of the one before is there. Two sizes decide how
 * sums are cut, rows and slice_panels, so that a group of any size gives the same bits. The
 * gradient of the layers above the first, and of all biases, is added up panel by panel in
 * `partial`, a slice for each group; these parameters are the last in the layout of struct network.
 *
 * Shapes: as in step.cl. In local memory a unit's samples lie MIDDLE_LINE numbers from the next
 * one's, so that neighbors in a column fall on different banks.
 */
enum { MIDDLE_LINE = LANES + 1 };

/* a [units] lines = z [rows][units] of the panel's rows, the last one again behind it. */
void middle_load(__global const float *z, uint first, uint rows, uint units, __local float *a)
{
    for (uint e = get_local_id(0); e < units * LANES; e += get_local_size(0)) {
        const uint lane = e / units, u = e - lane * units;
        a[u * MIDDLE_LINE + lane] = z[(ulong)min(first + lane, rows - 1) * units + u];
    }
}

/* z [rows][units] = a [units] lines, for the rows that there are. */
void middle_store(__local const float *a, uint first, uint rows, uint units, __global float *z)
{
    for (uint e = get_local_id(0); e < units * LANES; e += get_local_size(0)) {
        const uint lane = e / units, u = e - lane * units;
        if (first + lane < rows)
            z[(ulong)(first + lane) * units + u] = a[u * MIDDLE_LINE + lane];
    }
}

/* z [outputs] lines = W a, a [inputs] lines; without the bias. */
void middle_forward(__local const float *a, __global const float *parameters,
                    __global const struct step_layer *layer, __local float *z)
{
    const uint inputs = layer->inputs;
    for (uint e = get_local_id(0); e < layer->outputs * LANES; e += get_local_size(0)) {
        const uint o = e / LANES, lane = e - o * LANES;
        __global const float *w = parameters + layer->weights + (ulong)o * inputs;
        float sum = 0.0f;
        for (uint i = 0; i < inputs; i++)
            sum = multiply_add(w[i], a[i * MIDDLE_LINE + lane], sum);
        z[o * MIDDLE_LINE + lane] = sum;
    }
}

/* a = activation(z + b), in place; z [outputs] lines. */
void middle_activate(__global const float *parameters, __global const struct step_layer *layer,
                     __local float *z)
{
    for (uint o = get_local_id(0); o < layer->outputs; o += get_local_size(0)) {
        const float b = layer->has_bias ? parameters[layer->biases + o] : 0.0f;
        __local float *line = z + o * MIDDLE_LINE;
        vstore16(activate(layer->activation, vload16(0, line) + b), 0, line);
    }
}

/* dz_below [inputs] lines = W' dz, dz [outputs] lines. */
void middle_backward(__local const float *dz, __global const float *parameters,
                     __global const struct step_layer *layer, __local float *dz_below)
{
    const uint inputs = layer->inputs;
    for (uint e = get_local_id(0); e < inputs * LANES; e += get_local_size(0)) {
        const uint i = e / LANES, lane = e - i * LANES;
        __global const float *w = parameters + layer->weights + i;
        float sum = 0.0f;
        for (uint o = 0; o < layer->outputs; o++)
            sum = multiply_add(w[(ulong)o * inputs], dz[o * MIDDLE_LINE + lane], sum);
        dz_below[i * MIDDLE_LINE + lane] = sum;
    }
}

/* dz *= a'(z); a, dz [units] lines. */
void middle_slope(uint activation, uint units, __local const float *a, __local float *dz)
{
    for (uint u = get_local_id(0); u < units; u += get_local_size(0)) {
        const lanes value = vload16(0, a + u * MIDDLE_LINE);
        __local float *line = dz + u * MIDDLE_LINE;
        vstore16(vload16(0, line) * activation_slope(activation, value, value), 0, line);
    }
}

/* dw [outputs][inputs] = dz' a of the panel, `more`: added to what is there; a [inputs] lines. */
void middle_weights(__local const float *dz, __local const float *a, uint outputs, uint inputs,
                    bool more, __global float *dw)
{
    for (uint e = get_local_id(0); e < outputs * inputs; e += get_local_size(0)) {
        const uint o = e / inputs, i = e - o * inputs;
        float sum = more ? dw[e] : 0.0f;
        for (uint lane = 0; lane < LANES; lane++)
            sum = multiply_add(dz[o * MIDDLE_LINE + lane], a[i * MIDDLE_LINE + lane], sum);
        dw[e] = sum;
    }
}

/* db [units] = sums of dz over the panel, likewise. */
void middle_biases(__local const float *dz, uint units, bool more, __global float *db)
{
    for (uint u = get_local_id(0); u < units; u += get_local_size(0)) {
        float sum = more ? db[u] : 0.0f;
        for (uint lane = 0; lane < LANES; lane++)
            sum += dz[u * MIDDLE_LINE + lane];
        db[u] = sum;
    }
}

/* Loss, hits and dz [rows][outputs] of the panel's rows from z [rows][outputs], a work-item each;
 * dz becomes lines of the panel, 0 from row `rows` on. */
void middle_head(__global const float *z, uint outputs, __global const int *labels, uint first,
                 uint rows, struct step_rule rule, __global float *dz, __global float *loss,
                 __global uint *correct, __local float *delta)
{
    for (uint lane = get_local_id(0); lane < LANES; lane += get_local_size(0)) {
        const uint r = first + lane;
        const ulong at = (ulong)r * outputs;
        if (r < rows && rule.head == HEAD_SOFTMAX)
            softmax_cross_entropy_row(z + at, outputs, (uint)labels[r], rule.delta_factor, dz + at,
                                      loss + r, correct + r);
        else if (r < rows && rule.head == HEAD_SIGMOID)
            sigmoid_cross_entropy_row(z + at, outputs, (uint)labels[r], rule.delta_factor,
                                      rule.true_class_only, dz + at, loss + r, correct + r);
        else if (r < rows)
            identity_squared_error_row(z + at, outputs, (uint)labels[r], rule.delta_factor, dz + at,
                                       loss + r, correct + r);
        for (uint c = 0; c < outputs; c++)
            delta[c * MIDDLE_LINE + lane] = r < rows ? dz[at + c] : 0.0f;
    }
}

/* The gradient of a panel, but of the first layer's weights; partial as of middle_rows. */
void middle_gradient(__local const float *panel, __global const struct step_layer *layers,
                     uint layer_count, uint below, bool more, __global float *partial)
{
    for (uint l = 0; l < layer_count; l++) {
        __local const float *dz = panel + layers[l].dz * MIDDLE_LINE;
        if (l > 0)
            middle_weights(dz, panel + layers[l - 1].a * MIDDLE_LINE, layers[l].outputs,
                           layers[l].inputs, more, partial + (layers[l].weights - below));
        if (layers[l].has_bias)
            middle_biases(dz, layers[l].outputs, more, partial + (layers[l].biases - below));
    }
}

/* z1 [rows][O] of the first layer, without its bias, to dz1 [rows][O]; formulas as of step_rows
 * labels from labels_first; outputs [rows][C] the last layer's z, dz [rows][C] its delta; loss,
 * correct [rows]; panels [panels][units][LANES] all activations and deltas; partial
 * [slices][parameters - below], `below` the number of the first layer's weights; panel [units]
 * lines. Grid: slices of slice_panels panels each, a work-group for each. Reference: ref_step_run.
 */
__kernel void middle_rows(__global const float *z1, __global const int *labels, ulong labels_first,
                          __global const float *parameters,
                          __global const struct step_layer *layers, uint layer_count, uint rows,
                          uint head, float delta_factor, uint true_class_only, uint units,
                          uint slice_panels, uint below, uint parameter_count,
                          __global float *panels, __global float *outputs, __global float *dz,
                          __global float *loss, __global uint *correct, __global float *dz1,
                          __global float *partial, __local float *panel)
{
    const struct step_rule rule = {head, delta_factor, true_class_only};
    const uint last = layer_count - 1, classes = layers[last].outputs;
    const uint begin = get_group_id(0) * slice_panels;
    const uint end = min(begin + slice_panels, (rows + LANES - 1) / LANES);
    __local float *top = panel + layers[last].dz * MIDDLE_LINE;
    partial += (ulong)get_group_id(0) * (parameter_count - below);
    for (uint p = begin; p < end; p++) {
        const uint first = p * LANES;
        middle_load(z1, first, rows, layers[0].outputs, panel + layers[0].a * MIDDLE_LINE);
        barrier(CLK_LOCAL_MEM_FENCE);
        middle_activate(parameters, layers, panel + layers[0].a * MIDDLE_LINE);
        for (uint l = 1; l <= last; l++) {
            barrier(CLK_LOCAL_MEM_FENCE);
            middle_forward(panel + layers[l - 1].a * MIDDLE_LINE, parameters, &layers[l],
                           panel + layers[l].a * MIDDLE_LINE);
            barrier(CLK_LOCAL_MEM_FENCE);
            middle_activate(parameters, &layers[l], panel + layers[l].a * MIDDLE_LINE);
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        middle_store(top, first, rows, classes, outputs);
        barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
        middle_head(outputs, classes, labels + labels_first, first, rows, rule, dz, loss, correct,
                    top);
        for (uint l = last; l > 0; l--) {
            __local float *delta = panel + layers[l - 1].dz * MIDDLE_LINE;
            barrier(CLK_LOCAL_MEM_FENCE);
            middle_backward(panel + layers[l].dz * MIDDLE_LINE, parameters, &layers[l], delta);
            barrier(CLK_LOCAL_MEM_FENCE);
            middle_slope(layers[l - 1].activation, layers[l - 1].outputs,
                         panel + layers[l - 1].a * MIDDLE_LINE, delta);
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        middle_store(panel + layers[0].dz * MIDDLE_LINE, first, rows, layers[0].outputs, dz1);
        middle_gradient(panel, layers, layer_count, below, p > begin, partial);
        for (uint e = get_local_id(0); e < units * LANES; e += get_local_size(0))
            panels[(ulong)p * units * LANES + e] =
                panel[e / LANES * MIDDLE_LINE + (e & (LANES - 1))];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
}

/* g = sum over slices of partial, in order, plus l1 sign(w) + l2 w on the weights, which come
 * first; w -= learning_rate g product [product_slices][below], the first layer's dw in slices, may
 * be the gradient itself where there is one; partial [slices][parameters - below]; gradient, w
 * [parameters]. Without `apply` w stays as it is. Grid: parameters. Reference: ref_step_run. */
__kernel void middle_update(__global const float *product, uint product_slices, uint below,
                            __global const float *partial, uint slices, uint parameters,
                            uint weights, float l1, float l2, float learning_rate, uint apply,
                            __global float *gradient, __global float *w)
{
    const uint i = get_global_id(0);
    if (i >= parameters)
        return;
    const bool first_layer = i < below;
    const uint count = first_layer ? product_slices : slices;
    const uint step = first_layer ? below : parameters - below;
    __global const float *from = first_layer ? product + i : partial + (i - below);
    float g = from[0];
    for (uint s = 1; s < count; s++)
        g += from[(ulong)s * step];
    const float value = w[i];
    if (i < weights && (l1 != 0.0f || l2 != 0.0f))
        g += l1 * sign(value) + l2 * value;
    gradient[i] = g;
    if (apply)
        w[i] = value - learning_rate * g;
}
