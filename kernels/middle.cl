/* The middle of a training step of a small network, for GPUs. Two matrix products of the first
 * layer run separately: the forward product, z = x W', and the weight gradient, dw = dz' x.
 * middle_rows computes everything between them. middle_update adds up the gradient, adds the
 * gradient of the penalty, and updates the parameters.
 *
 * A work-group processes one panel of PANEL samples at a time in local memory. A work-item computes
 * one element of a layer at a time, and local memory holds all that it needs from the layer below.
 * Only `rows` and `slice_panels` decide how sums are cut, so a group of any size gives the same
 * bits. Each group has a slice of `partial`. It adds the gradient of all biases and of the layers
 * above the first to its slice, panel by panel. These parameters come last in the layout of struct
 * network.
 *
 * Shapes: as in step.cl. In local memory, a line holds the PANEL samples of one unit. Lines are
 * MIDDLE_LINE numbers apart, so that neighbors in a column fall into different banks.
 */
enum { PANEL = 16, MIDDLE_LINE = PANEL + 1 };

/* a [units] lines = z [rows][units] for the rows of the panel. Rows beyond the last one repeat
 * it. */
void middle_load(__global const float *z, uint first, uint rows, uint units, __local float *a)
{
    for (uint e = get_local_id(0); e < units * PANEL; e += get_local_size(0)) {
        const uint lane = e / units, u = e - lane * units;
        a[u * MIDDLE_LINE + lane] = z[(ulong)min(first + lane, rows - 1) * units + u];
    }
}

/* z [rows][units] = a [units] lines, without rows beyond the last one. */
void middle_store(__local const float *a, uint first, uint rows, uint units, __global float *z)
{
    for (uint e = get_local_id(0); e < units * PANEL; e += get_local_size(0)) {
        const uint lane = e / units, u = e - lane * units;
        if (first + lane < rows)
            z[(ulong)(first + lane) * units + u] = a[u * MIDDLE_LINE + lane];
    }
}

/* z [outputs] lines = W a, without the bias; a [inputs] lines. */
void middle_forward(__local const float *a, __global const float *parameters,
                    __global const struct step_layer *layer, __local float *z)
{
    const uint inputs = layer->inputs;
    for (uint e = get_local_id(0); e < layer->outputs * PANEL; e += get_local_size(0)) {
        const uint o = e / PANEL, lane = e - o * PANEL;
        __global const float *w = parameters + layer->weights + (ulong)o * inputs;
        float sum = 0.0f;
        for (uint i = 0; i < inputs; i++)
            sum = multiply_add(w[i], a[i * MIDDLE_LINE + lane], sum);
        z[o * MIDDLE_LINE + lane] = sum;
    }
}

/* The vectors of lanes.cl in a line. */
enum { PARTS = PANEL / LANES };

/* a = activation(z + b), in place; z [outputs] lines. */
void middle_activate(__global const float *parameters, __global const struct step_layer *layer,
                     __local float *z)
{
    for (uint e = get_local_id(0); e < layer->outputs * PARTS; e += get_local_size(0)) {
        const uint o = e / PARTS;
        const float b = layer->has_bias ? parameters[layer->biases + o] : 0.0f;
        __local float *line = z + o * MIDDLE_LINE + (e - o * PARTS) * LANES;
        lanes_put(activate(layer->activation, lanes_at(0, line) + b), 0, line);
    }
}

/* dz_below [inputs] lines = W' dz; dz [outputs] lines. */
void middle_backward(__local const float *dz, __global const float *parameters,
                     __global const struct step_layer *layer, __local float *dz_below)
{
    const uint inputs = layer->inputs;
    for (uint e = get_local_id(0); e < inputs * PANEL; e += get_local_size(0)) {
        const uint i = e / PANEL, lane = e - i * PANEL;
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
    for (uint e = get_local_id(0); e < units * PARTS; e += get_local_size(0)) {
        const uint u = e / PARTS, at = u * MIDDLE_LINE + (e - u * PARTS) * LANES;
        const lanes value = lanes_at(0, a + at);
        __local float *line = dz + at;
        lanes_put(lanes_at(0, line) * activation_slope(activation, value, value), 0, line);
    }
}

/* dw [outputs][inputs] = dz' a over the panel; a [inputs] lines. With `more`, the sum is added to
 * what dw holds. */
void middle_weights(__local const float *dz, __local const float *a, uint outputs, uint inputs,
                    bool more, __global float *dw)
{
    for (uint e = get_local_id(0); e < outputs * inputs; e += get_local_size(0)) {
        const uint o = e / inputs, i = e - o * inputs;
        float sum = more ? dw[e] : 0.0f;
        for (uint lane = 0; lane < PANEL; lane++)
            sum = multiply_add(dz[o * MIDDLE_LINE + lane], a[i * MIDDLE_LINE + lane], sum);
        dw[e] = sum;
    }
}

/* db [units] = sums of dz over the panel. With `more`, they are added to what db holds. */
void middle_biases(__local const float *dz, uint units, bool more, __global float *db)
{
    for (uint u = get_local_id(0); u < units; u += get_local_size(0)) {
        float sum = more ? db[u] : 0.0f;
        for (uint lane = 0; lane < PANEL; lane++)
            sum += dz[u * MIDDLE_LINE + lane];
        db[u] = sum;
    }
}

/* Turns the panel's top lines from z into dz, and writes both by rows, with loss and correct. A
 * work-item computes a row at a time; dz first holds the targets of its label. Rows beyond the last
 * one get a delta of 0.
 * Shapes: z, dz [rows][outputs]; loss, correct [rows]; top [outputs] lines. */
void middle_head(uint outputs, __global const int *labels, uint first, uint rows,
                 struct step_rule rule, __global float *z, __global float *dz, __global float *loss,
                 __global uint *correct, __local float *top)
{
    for (uint lane = get_local_id(0); lane < PANEL; lane += get_local_size(0)) {
        const uint r = first + lane;
        const ulong at = (ulong)r * outputs;
        for (uint c = 0; r < rows && c < outputs; c++) {
            z[at + c] = top[c * MIDDLE_LINE + lane];
            dz[at + c] = label_target((uint)labels[r], c, outputs);
        }
        if (r < rows && rule.head == HEAD_SOFTMAX)
            softmax_cross_entropy_row(z + at, dz + at, 1.0f, outputs, rule.delta_factor, dz + at,
                                      loss + r, correct + r);
        else if (r < rows && rule.head == HEAD_SIGMOID)
            sigmoid_cross_entropy_row(z + at, dz + at, 1.0f, outputs, rule.delta_factor, 0,
                                      rule.true_class_only, dz + at, loss + r, correct + r);
        else if (r < rows)
            identity_squared_error_row(z + at, dz + at, 1.0f, outputs, rule.delta_factor, 0,
                                       dz + at, loss + r, correct + r);
        for (uint c = 0; c < outputs; c++)
            top[c * MIDDLE_LINE + lane] = r < rows ? dz[at + c] : 0.0f;
    }
}

/* The gradient of a panel, without the weights of the first layer; partial as in middle_rows. */
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

/* One stage of the forward pass, for layer stage / 2. Even stages compute W a_below, or load z1 for
 * the first layer. Odd stages add the bias and apply the activation. */
void middle_up(uint stage, __global const float *z1, uint first, uint rows,
               __global const float *parameters, __global const struct step_layer *layers,
               __local float *panel)
{
    const uint l = stage / 2;
    __local float *a = panel + layers[l].a * MIDDLE_LINE;
    if (stage % 2 == 1)
        middle_activate(parameters, &layers[l], a);
    else if (l > 0)
        middle_forward(panel + layers[l - 1].a * MIDDLE_LINE, parameters, &layers[l], a);
    else
        middle_load(z1, first, rows, layers[0].outputs, a);
}

/* One stage of the backward pass, from layer last - stage / 2. Even stages compute the delta of the
 * layer below. Odd stages multiply it by the slope of the activation. */
void middle_down(uint stage, uint last, __global const float *parameters,
                 __global const struct step_layer *layers, __local float *panel)
{
    __global const struct step_layer *layer = &layers[last - stage / 2];
    __global const struct step_layer *below = layer - 1;
    __local float *delta = panel + below->dz * MIDDLE_LINE;
    if (stage % 2 == 0)
        middle_backward(panel + layer->dz * MIDDLE_LINE, parameters, layer, delta);
    else
        middle_slope(below->activation, below->outputs, panel + below->a * MIDDLE_LINE, delta);
}

/* Computes dz1 from z1, the first layer's z without its bias. The formulas are the same as in
 * step_rows.
 * One loop with one barrier takes each panel through its stages, because loops with barriers must
 * not be nested (CONTRIBUTING.md).
 * Shapes: z1, dz1 [rows][O] of the first layer; labels from labels_first; outputs, dz [rows][C],
 * the z and the delta of the last layer; loss, correct [rows]; panels [panels][units][PANEL], all
 * activations and deltas; partial [slices][parameters - below], where `below` is the number of
 * weights in the first layer; panel [units] lines.
 * Grid: one work-group for each slice of slice_panels panels. Reference: ref_step_run. */
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
    const uint last = layer_count - 1, top_stage = 2 * layer_count, stages = 4 * layer_count;
    const uint begin = get_group_id(0) * slice_panels;
    const uint end = min(begin + slice_panels, (rows + PANEL - 1) / PANEL);
    partial += (ulong)get_group_id(0) * (parameter_count - below);
    barrier(CLK_LOCAL_MEM_FENCE);
    for (uint turn = 0; turn < (end - begin) * stages; turn++) {
        const uint done = turn / stages, p = begin + done, first = p * PANEL;
        const uint stage = turn - done * stages; /* Oclgrind cannot run `%` beside `/` */
        if (stage < top_stage)
            middle_up(stage, z1, first, rows, parameters, layers, panel);
        else if (stage == top_stage)
            middle_head(layers[last].outputs, labels + labels_first, first, rows, rule, outputs, dz,
                        loss, correct, panel + layers[last].dz * MIDDLE_LINE);
        else if (stage < stages - 1)
            middle_down(stage - top_stage - 1, last, parameters, layers, panel);
        else {
            middle_store(panel + layers[0].dz * MIDDLE_LINE, first, rows, layers[0].outputs, dz1);
            middle_gradient(panel, layers, layer_count, below, p > begin, partial);
            for (uint e = get_local_id(0); e < units * PANEL; e += get_local_size(0))
                panels[(ulong)p * units * PANEL + e] =
                    panel[e / PANEL * MIDDLE_LINE + (e & (PANEL - 1))];
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
}

/* g = sum over slices, in order, plus l1 sign(w) + l2 w for weights, which come first
 * w -= learning_rate g, only if `apply`
 * Shapes: product [product_slices][below], the first layer's dw in slices, which may be `gradient`
 * if there is one slice; partial [slices][parameters - below]; gradient, w [parameters].
 * Grid: parameters. Reference: ref_step_run. */
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
