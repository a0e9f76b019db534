/* The output layer of step.cl: targets, losses and deltas of a panel of LANES samples.
 *
 * The formulas are the same as in losses.cl, for the lanes of a vector. Every loss reads dense
 * targets y and a weight for each sample. Plain labels become targets first, so each loss has one
 * formula. Each loss replaces y by dz, overwrites z, and returns the loss of each sample.
 *
 * Shapes: z, y, dz [outputs][LANES].
 */

/* The same order as enum weft_head. */
enum { HEAD_SIGMOID, HEAD_SOFTMAX, HEAD_IDENTITY };

/* How the loss is computed; as in losses.cl. Without `dense`, the targets are labels, and all
 * weights are 1. */
struct step_rule {
    uint head;
    float delta_factor;
    uint each, true_class_only, dense;
};

/* Returns the unit with the largest value of each sample, the first one in a tie.
 * Shapes: values [units][LANES]. */
lane_mask step_largest(__global const float *values, uint units)
{
    lanes largest = lanes_at(0, values);
    lane_mask best = 0;
    for (uint c = 1; c < units; c++) {
        const lanes value = lanes_at(c, values);
        const lane_mask more = value > largest;
        largest = select(largest, value, more);
        best = select(best, (lane_mask)(int)c, more);
    }
    return best;
}

/* Returns a mask of the samples whose outputs are all on the same side of 1/2 as their targets. */
lane_mask step_sides(__global const float *z, __global const float *y, uint outputs, uint head)
{
    lane_mask sides = lane_numbers() >= (lane_mask)0;
    for (uint c = 0; c < outputs; c++) {
        const lanes value = lanes_at(c, z);
        const lanes output = head == HEAD_SIGMOID ? sigmoid_lanes(value) : value;
        sides &= (output > 0.5f) == (lanes_at(c, y) > 0.5f);
    }
    return sides;
}

/* Returns a mask of the samples that are predicted correctly. */
SEPARATE lane_mask step_correct(__global const float *z, __global const float *y, uint outputs,
                                struct step_rule rule)
{
    if (rule.head != HEAD_SOFTMAX && (rule.each || outputs == 1))
        return step_sides(z, y, outputs, rule.head);
    return step_largest(z, outputs) == step_largest(y, outputs);
}

/* As softmax_cross_entropy_row. The exponentials replace z, so each is computed once. */
SEPARATE lanes step_softmax(__global float *z, __global float *y, uint outputs, lanes weight,
                            float delta_factor)
{
    lanes largest = lanes_at(0, z), sum = 0.0f, whole = 0.0f, fallen = 0.0f;
    for (uint c = 1; c < outputs; c++) {
        const lanes value = lanes_at(c, z);
        largest = select(largest, value, value > largest);
    }
    for (uint c = 0; c < outputs; c++) {
        const lanes fall = lanes_at(c, z) - largest; /* may be infinite where y is 0 */
        const lanes target = lanes_at(c, y), power = exp(fall);
        fallen += select(target * fall, (lanes)0.0f, target == 0.0f);
        whole += target;
        sum += power;
        lanes_put(power, c, z);
    }
    const lanes scale = delta_factor * weight;
    for (uint c = 0; c < outputs; c++) {
        const lanes p = lanes_at(c, z) / sum;
        lanes_put(scale * (p * whole - lanes_at(c, y)), c, y);
    }
    return weight * (whole * log(sum) - fallen);
}

/* As sigmoid_cross_entropy_row. */
SEPARATE lanes step_sigmoid(__global const float *z, __global float *y, uint outputs, lanes weight,
                            struct step_rule rule)
{
    const bool of_class = rule.true_class_only && outputs > 1;
    const lanes scale = rule.delta_factor * weight;
    lanes loss = 0.0f;
    for (uint c = 0; c < outputs; c++) {
        const lanes value = lanes_at(c, z), size = fabs(value);
        const lanes target = lanes_at(c, y), rest = 1.0f - target;
        const lanes wrong = select(target, rest, value > 0.0f);
        if (!of_class)
            loss +=
                weight * (softplus_lanes(-size) + select(wrong * size, (lanes)0.0f, wrong == 0.0f));
        else if (lanes_any(target != 0.0f))
            loss += weight * select(target * softplus_lanes(-value), (lanes)0.0f, target == 0.0f);
        lanes_put(scale * (rest * sigmoid_lanes(value) - target * sigmoid_lanes(-value)), c, y);
    }
    return loss;
}

/* As identity_squared_error_row. */
SEPARATE lanes step_identity(__global const float *z, __global float *y, uint outputs, lanes weight,
                             float delta_factor)
{
    const lanes scale = delta_factor * weight, half_weight = 0.5f * weight;
    lanes loss = 0.0f;
    for (uint c = 0; c < outputs; c++) {
        const lanes difference = lanes_at(c, z) - lanes_at(c, y);
        loss += (half_weight * difference) * difference;
        lanes_put(scale * difference, c, y);
    }
    return loss;
}

/* Fills the targets y of a panel and returns the weights of its samples. Rows beyond the last one
 * repeat it.
 * Shapes: labels, weights [rows]; targets [rows][outputs]. */
SEPARATE lanes step_targets(__global const int *labels, __global const float *targets,
                            __global const float *weights, uint outputs, uint first, uint rows,
                            uint dense, __global float *y)
{
    float weight_of[LANES];
#pragma unroll 1
    for (uint i = 0; i < LANES; i++) {
        const uint r = min(first + i, rows - 1);
        weight_of[i] = dense ? weights[r] : 1.0f;
        for (uint c = 0; c < outputs; c++)
            y[c * LANES + i] =
                dense ? targets[(ulong)r * outputs + c] : label_target((uint)labels[r], c, outputs);
    }
    return lanes_at(0, weight_of);
}

/* outputs [rows][C] = z, for the samples of a panel. */
SEPARATE void step_outputs(__global const float *z, uint classes, uint first, uint rows,
                           __global float *outputs)
{
    const uint count = min((uint)LANES, rows - first);
#pragma unroll 1
    for (uint i = 0; i < count; i++)
        for (uint c = 0; c < classes; c++)
            outputs[(ulong)(first + i) * classes + c] = z[c * LANES + i];
}

/* Stores the loss and correct of a panel's samples, replaces its targets y by dz, and overwrites z.
 * The delta is 0 from row `rows` on. */
SEPARATE void step_head(__global float *z, __global float *y, lanes weight, uint outputs,
                        uint first, uint rows, struct step_rule rule, __global float *loss,
                        __global uint *correct)
{
    const lane_mask right = step_correct(z, y, outputs, rule);
    lanes losses;
    if (rule.head == HEAD_SOFTMAX)
        losses = step_softmax(z, y, outputs, weight, rule.delta_factor);
    else if (rule.head == HEAD_SIGMOID)
        losses = step_sigmoid(z, y, outputs, weight, rule);
    else
        losses = step_identity(z, y, outputs, weight, rule.delta_factor);
    float loss_of[LANES];
    int right_of[LANES];
    lanes_put(losses, 0, loss_of);
    lanes_put(right, 0, right_of);
    for (uint i = 0; i < LANES && first + i < rows; i++) {
        loss[first + i] = loss_of[i];
        correct[first + i] = right_of[i] != 0;
    }
    const lane_mask present = lane_numbers() < (lane_mask)(int)(rows - first);
    for (uint c = 0; c < outputs && rows - first < LANES; c++)
        lanes_put(select((lanes)0.0f, lanes_at(c, y), present), c, y);
}
