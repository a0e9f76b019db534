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
 * In local memory, a line holds the PANEL samples of one unit. Lines are MIDDLE_LINE numbers apart,
 * so that neighbors in a column fall into different banks. A layer has one line for each unit. It
 * holds z, then the activation, and then the delta, which replaces the activation once the layer
 * above has used it. All of them also go to `panels`, from which they can be downloaded. Only z is
 * read from there again, by the work-item that wrote it.
 *
 * Dropped activations are -0, and others never are. This is how the backward pass knows them.
 */
enum { PANEL = 16, MIDDLE_LINE = PANEL + 1 };

/* The lines of a layer = z [rows][units] for the rows of the panel. Rows beyond the last one repeat
 * it. */
void middle_load(__global const float *z, uint first, uint rows, uint units, __local float *lines)
{
    for (uint e = get_local_id(0); e < units * PANEL; e += get_local_size(0)) {
        const uint lane = e / units, u = e - lane * units;
        lines[u * MIDDLE_LINE + lane] = z[(ulong)min(first + lane, rows - 1) * units + u];
    }
}

/* z [rows][units] = the lines of a layer, without rows beyond the last one. */
void middle_store(__local const float *lines, uint first, uint rows, uint units, __global float *z)
{
    for (uint e = get_local_id(0); e < units * PANEL; e += get_local_size(0)) {
        const uint lane = e / units, u = e - lane * units;
        if (first + lane < rows)
            z[(ulong)(first + lane) * units + u] = lines[u * MIDDLE_LINE + lane];
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

/* a = activation(z + b), in place. `stored` receives z + b if the slope needs it, and a unless it
 * will be dropped or is the output.
 * Shapes: lines [outputs]; stored [units][PANEL], the panel in `panels`. */
void middle_activate(__global const float *parameters, __global const struct step_layer *layer,
                     bool stores, __global float *stored, __local float *lines)
{
    for (uint e = get_local_id(0); e < layer->outputs * PARTS; e += get_local_size(0)) {
        const uint o = e / PARTS, at = (e - o * PARTS) * LANES;
        const float b = layer->has_bias ? parameters[layer->biases + o] : 0.0f;
        __local float *line = lines + o * MIDDLE_LINE + at;
        const lanes z = lanes_at(0, line) + b;
        if (layer->keeps_z)
            lanes_put(z, 0, stored + (layer->z + o) * PANEL + at);
        const lanes a = activate(layer->activation, z);
        if (stores)
            lanes_put(a, 0, stored + (layer->a + o) * PANEL + at);
        lanes_put(a, 0, line);
    }
}

/* Drops activations, as kernel dropout does. A work-item takes a block of four random numbers at a
 * time. A row of activations may begin within a block. */
void middle_drop(__global const struct step_layer *layer, struct step_draw draw, uint first,
                 uint rows, __global float *stored, __local float *lines)
{
    const uint outputs = layer->outputs, blocks = (outputs + 6) / 4;
    const uint2 key = (uint2)((uint)draw.seed, (uint)(draw.seed >> 32));
    for (uint e = get_local_id(0); e < blocks * PANEL; e += get_local_size(0)) {
        const uint block = e / PANEL, lane = e - block * PANEL;
        const ulong number = (draw.row + min(first + lane, rows - 1)) * outputs;
        const uint skip = (uint)number & 3;
        const uint4 counter =
            (uint4)((uint)(number / 4) + block, draw.batch, draw.epoch, layer->purpose);
        uint words[4];
        vstore4(philox(counter, key), 0, words);
#pragma unroll
        for (uint i = 0; i < 4; i++) {
            const uint u = 4 * block + i - skip; /* wraps before the first unit */
            if (u >= outputs)
                continue;
            __local float *at = lines + u * MIDDLE_LINE + lane;
            const float kept = layer->scale * *at + 0.0f; /* -0 + 0 is 0 */
            const float a = words[i] >= layer->threshold ? kept : -0.0f;
            *at = a;
            stored[(layer->a + u) * PANEL + lane] = a;
        }
    }
}

/* dz_below = (W' dz) a'(z_below), in place of a_below; 0 where a_below was dropped.
 * Shapes: dz [outputs] lines; lines [inputs]; stored as in middle_activate. */
void middle_delta(__local const float *dz, __global const float *parameters,
                  __global const struct step_layer *layer, struct step_draw draw,
                  __global float *stored, __local float *lines)
{
    __global const struct step_layer *below = layer - 1;
    const uint inputs = layer->inputs;
    for (uint e = get_local_id(0); e < inputs * PARTS; e += get_local_size(0)) {
        const uint i = e / PARTS, at = (e - i * PARTS) * LANES;
        __global const float *w = parameters + layer->weights + i;
        __local float *line = lines + i * MIDDLE_LINE + at;
        lanes sum = 0.0f;
        for (uint o = 0; o < layer->outputs; o++)
            sum = multiply_add((lanes)w[(ulong)o * inputs], lanes_at(0, dz + o * MIDDLE_LINE + at),
                               sum);
        lanes a = lanes_at(0, line), z = a;
        if (step_drops(below, draw))
            sum = select(below->scale * sum, (lanes)0.0f, as_lane_words(a) == 0x80000000u);
        if (below->keeps_z) {
            z = lanes_at(0, stored + (below->z + i) * PANEL + at);
            a = activate(below->activation, z);
        }
        sum *= activation_slope(below->activation, z, a);
        lanes_put(sum, 0, stored + (below->dz + i) * PANEL + at);
        lanes_put(sum, 0, line);
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

/* Computes the loss and dz [outputs] of a row from z and its targets. dz may be y. */
struct row_loss middle_loss(uint outputs, __global const float *z, __global const float *y,
                            float weight, struct step_rule rule, __global float *dz)
{
    if (rule.head == HEAD_SOFTMAX)
        return softmax_cross_entropy_row(z, y, weight, outputs, rule.delta_factor, dz);
    if (rule.head == HEAD_SIGMOID)
        return sigmoid_cross_entropy_row(z, y, weight, outputs, rule.delta_factor, rule.each,
                                         rule.true_class_only, dz);
    return identity_squared_error_row(z, y, weight, outputs, rule.delta_factor, rule.each, dz);
}

/* Turns the lines of the output layer from z into dz, and writes both by rows, with loss and
 * correct. A work-item computes a row at a time. Rows beyond the last one get a delta of 0.
 * Shapes: y, z, dz [rows][outputs]; weight, loss, correct [rows]; stored [outputs][PANEL], the
 * deltas of the panel in `panels`; lines [outputs]. */
void middle_head(uint outputs, __global const int *labels, __global const float *y,
                 __global const float *weight, uint first, uint rows, struct step_rule rule,
                 __global float *z, __global float *dz, __global float *loss,
                 __global uint *correct, __global float *stored, __local float *lines)
{
    for (uint lane = get_local_id(0); lane < PANEL; lane += get_local_size(0)) {
        const uint r = first + lane;
        const ulong at = (ulong)r * outputs;
        if (r < rows) {
            for (uint c = 0; c < outputs; c++) {
                z[at + c] = lines[c * MIDDLE_LINE + lane];
                dz[at + c] = rule.dense ? y[at + c] : label_target((uint)labels[r], c, outputs);
            }
            const struct row_loss row =
                middle_loss(outputs, z + at, dz + at, rule.dense ? weight[r] : 1.0f, rule, dz + at);
            loss[r] = row.loss;
            correct[r] = row.correct;
        }
        for (uint c = 0; c < outputs; c++) {
            const float delta = r < rows ? dz[at + c] : 0.0f;
            lines[c * MIDDLE_LINE + lane] = delta;
            stored[c * PANEL + lane] = delta;
        }
    }
}

/* One stage of the forward pass of layer l. Stage 0 computes W a_below, or loads z1 for the first
 * layer. Stage 1 adds the bias and applies the activation. Stage 2 drops. */
void middle_up(uint l, uint stage, uint last, __global const float *z1, uint first, uint rows,
               __global const float *parameters, __global const struct step_layer *layers,
               struct step_draw draw, __global float *stored, __local float *panel)
{
    __local float *lines = panel + layers[l].line * MIDDLE_LINE;
    const bool drops = step_drops(&layers[l], draw);
    if (stage == 1)
        middle_activate(parameters, &layers[l], l < last && !drops, stored, lines);
    else if (stage == 2 && drops)
        middle_drop(&layers[l], draw, first, rows, stored, lines);
    else if (stage == 0 && l > 0)
        middle_forward(panel + layers[l - 1].line * MIDDLE_LINE, parameters, &layers[l], lines);
    else if (stage == 0)
        middle_load(z1, first, rows, layers[0].outputs, lines);
}

/* The gradient of layer l over a panel, without the weights of the first layer; partial as in
 * middle_rows. */
void middle_gradient(uint l, __local const float *panel, __global const struct step_layer *layers,
                     uint below, bool more, __global float *partial)
{
    __global const struct step_layer *layer = &layers[l];
    __local const float *dz = panel + layer->line * MIDDLE_LINE;
    if (l > 0)
        middle_weights(dz, panel + layers[l - 1].line * MIDDLE_LINE, layer->outputs, layer->inputs,
                       more, partial + (layer->weights - below));
    if (layer->has_bias)
        middle_biases(dz, layer->outputs, more, partial + (layer->biases - below));
}

/* Computes dz1 from z1, the first layer's z without its bias. The formulas are the same as in the
 * kernels of a step by operation.
 * One loop with one barrier takes each panel through its stages, because loops with barriers must
 * not be nested (CONTRIBUTING.md). Going up, a layer has two or, with dropout, three stages. The
 * loss has one. Going down, a layer has one for its gradient and one for the delta of the layer
 * below.
 * Shapes: z1, dz1 [rows][O] of the first layer; labels from labels_first; y [rows][C] and weight
 * [rows], only with `dense`; outputs, dz [rows][C], the z and the delta of the last layer; loss,
 * correct [rows]; panels [panels][units][PANEL], all activations, the z that slopes need, and all
 * deltas; partial [slices][parameters - below], where `below` is the number of weights in the first
 * layer; panel [outputs of all layers] lines.
 * Grid: one work-group for each slice of slice_panels panels. Reference: ref_step_run. */
__kernel void middle_rows(__global const float *z1, __global const int *labels, ulong labels_first,
                          __global const float *y, __global const float *weight,
                          __global const float *parameters,
                          __global const struct step_layer *layers, uint layer_count, uint rows,
                          uint head, float delta_factor, uint each, uint true_class_only,
                          uint dense, uint drops, ulong seed, uint epoch, uint batch, ulong row,
                          uint units, uint slice_panels, uint below, uint parameter_count,
                          __global float *panels, __global float *outputs, __global float *dz,
                          __global float *loss, __global uint *correct, __global float *dz1,
                          __global float *partial, __local float *panel)
{
    const struct step_rule rule = {head, delta_factor, each, true_class_only, dense};
    const struct step_draw draw = {drops, seed, epoch, batch, row};
    const uint last = layer_count - 1, up = drops ? 3 : 2, top = up * layer_count;
    const uint stages = top + 2 * layer_count;
    const uint begin = get_group_id(0) * slice_panels;
    const uint end = min(begin + slice_panels, (rows + PANEL - 1) / PANEL);
    partial += (ulong)get_group_id(0) * (parameter_count - below);
    barrier(CLK_LOCAL_MEM_FENCE);
    for (uint turn = 0; turn < (end - begin) * stages; turn++) {
        const uint done = turn / stages, p = begin + done, first = p * PANEL;
        const uint stage = turn - done * stages; /* Oclgrind cannot run `%` beside `/` */
        const uint raised = stage / up, fallen = (stage - top - 1) / 2; /* layers, either way */
        __global float *stored = panels + (ulong)p * units * PANEL;
        if (stage < top)
            middle_up(raised, stage - raised * up, last, z1, first, rows, parameters, layers, draw,
                      stored, panel);
        else if (stage == top)
            middle_head(layers[last].outputs, labels + labels_first, y, weight, first, rows, rule,
                        outputs, dz, loss, correct, stored + layers[last].dz * PANEL,
                        panel + layers[last].line * MIDDLE_LINE);
        else if (stage - top - 1 == 2 * fallen)
            middle_gradient(last - fallen, panel, layers, below, p > begin, partial);
        else
            middle_delta(panel + layers[last - fallen].line * MIDDLE_LINE, parameters,
                         &layers[last - fallen], draw, stored,
                         panel + layers[last - fallen - 1].line * MIDDLE_LINE);
        if (stage == stages - 1)
            middle_store(panel, first, rows, layers[0].outputs, dz1);
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
