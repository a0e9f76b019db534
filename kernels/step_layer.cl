/* The layers of step.cl: what a work-item does to a panel of LANES samples, layer by layer.
 *
 * A panel stores its activations and deltas as units x LANES, so that a lane is a sample. Only the
 * samples themselves, [rows][D], are read by rows. If rows are short, a panel also stores its
 * samples, transposed to [D][LANES].
 */

/* The place of a layer in the parameters and in a panel, as in host/opencl/step_panels.h. */
struct step_layer {
    uint inputs, outputs;
    uint weights;    /* first element of [outputs][inputs] in the parameters */
    uint biases;     /* first element of [outputs] in the parameters */
    uint has_bias;   /* 0 or 1 */
    uint activation; /* as in activation.cl */
    uint a;          /* first unit of the activations in a panel; z for the output layer */
    uint dz;         /* first unit of the deltas; for the output layer, targets come first */
    uint line;       /* first line in local memory; only for middle.cl */
    uint keeps_z, z; /* whether the slope needs z, and the first unit of z in a panel */
    uint purpose, threshold; /* of dropout, as in random.cl; a threshold of 0 drops nothing */
    float scale;
};

/* The random numbers of the batch. Its first row is row `row` of the whole batch, of which it may
 * be a slice. Without `drops`, nothing is dropped. */
struct step_draw {
    uint drops;
    ulong seed;
    uint epoch, batch;
    ulong row;
};

/* Whether activations of the layer are dropped in this batch. */
bool step_drops(__global const struct step_layer *layer, struct step_draw draw)
{
    return draw.drops && layer->threshold > 0;
}

/* z [outputs][LANES] = W x + b for the samples of a panel: rows of x [rows][inputs] from `first`
 * on. Each of the first LANES blocks fetches a row of the next panel. */
SEPARATE void step_first_layer(__global const float *x, uint first, uint rows,
                               __global const float *parameters,
                               __global const struct step_layer *layer, __global float *z)
{
    const uint inputs = layer->inputs, outputs = layer->outputs;
    for (uint o = 0; o < outputs; o += BLOCK_COLUMNS)
        for (uint r = 0; r < LANES; r += BLOCK_ROWS) {
            ulong x_at[BLOCK_ROWS], w_at[BLOCK_COLUMNS];
            float sums[BLOCK_ROWS][BLOCK_COLUMNS];
            const uint block = o / BLOCK_COLUMNS * (LANES / BLOCK_ROWS) + r / BLOCK_ROWS;
            const ulong ahead = (ulong)min(first + LANES + block % LANES, rows - 1) * inputs;
#pragma unroll
            for (uint i = 0; i < BLOCK_ROWS; i++)
                x_at[i] = (ulong)min(first + r + i, rows - 1) * inputs;
#pragma unroll
            for (uint j = 0; j < BLOCK_COLUMNS; j++)
                w_at[j] = layer->weights + (ulong)min(o + j, outputs - 1) * inputs;
            dot_block(x, x_at, parameters, w_at, ahead, inputs, sums);
            for (uint j = 0; j < BLOCK_COLUMNS && o + j < outputs; j++) {
                const float b = layer->has_bias ? parameters[layer->biases + o + j] : 0.0f;
                for (uint i = 0; i < BLOCK_ROWS; i++)
                    z[(o + j) * LANES + r + i] = sums[i][j] + b;
            }
        }
}

/* transposed [inputs][LANES] = the samples of a panel, rows of x [rows][inputs] from `first` on. */
SEPARATE void step_transpose(__global const float *x, uint first, uint rows, uint inputs,
                             __global float *transposed)
{
    ulong at[LANES];
    for (uint i = 0; i < LANES; i++)
        at[i] = (ulong)min(first + i, rows - 1) * inputs;
    for (uint k = 0; k < inputs; k++) {
        float column[LANES];
        for (uint i = 0; i < LANES; i++)
            column[i] = x[at[i] + k];
        lanes_put(lanes_at(0, column), k, transposed);
    }
}

/* The same as step_first_layer, to the bit, for short rows: from transposed samples
 * [inputs][LANES]. As in dot_block, each sum consists of LANES shares that are added in a tree. */
SEPARATE void step_short_layer(__global const float *transposed, __global const float *parameters,
                               __global const struct step_layer *layer, __global float *z)
{
    const uint inputs = layer->inputs, whole = inputs / LANES * LANES;
    for (uint o = 0; o < layer->outputs; o++) {
        __global const float *w = parameters + layer->weights + (ulong)o * inputs;
        lanes shares[LANES];
#pragma unroll
        for (uint j = 0; j < LANES; j++)
            shares[j] = 0.0f;
        for (uint k = 0; k < whole; k += LANES)
#pragma unroll
            for (uint j = 0; j < LANES; j++)
                shares[j] = multiply_add(lanes_at(k + j, transposed), (lanes)w[k + j], shares[j]);
#pragma unroll
        for (uint j = 0; j < LANES; j++)
            if (whole + j < inputs)
                shares[j] =
                    multiply_add(lanes_at(whole + j, transposed), (lanes)w[whole + j], shares[j]);
#pragma unroll
        for (uint half_way = LANES / 2; half_way > 0; half_way /= 2)
#pragma unroll
            for (uint j = 0; j < half_way; j++)
                shares[j] += shares[j + half_way];
        lanes_put(shares[0] + (layer->has_bias ? parameters[layer->biases + o] : 0.0f), o, z);
    }
}

/* The outputs, or inputs, that a layer above the first computes at a time. */
enum { STEP_BLOCK = 8 };

/* z [outputs][LANES] = W a + b; a [inputs][LANES]. */
SEPARATE void step_layer_forward(__global const float *a, __global const float *parameters,
                                 __global const struct step_layer *layer, __global float *z)
{
    const uint inputs = layer->inputs, outputs = layer->outputs;
    __global const float *w = parameters + layer->weights;
    for (uint o = 0; o < outputs; o += STEP_BLOCK) {
        __global const float *row[STEP_BLOCK];
        lanes sums[STEP_BLOCK];
#pragma unroll
        for (uint j = 0; j < STEP_BLOCK; j++) {
            row[j] = w + min(o + j, outputs - 1) * inputs;
            sums[j] = 0.0f;
        }
        for (uint i = 0; i < inputs; i++) {
            const lanes input = lanes_at(i, a);
#pragma unroll
            for (uint j = 0; j < STEP_BLOCK; j++)
                sums[j] = multiply_add((lanes)row[j][i], input, sums[j]);
        }
        for (uint j = 0; j < STEP_BLOCK && o + j < outputs; j++) {
            const float b = layer->has_bias ? parameters[layer->biases + o + j] : 0.0f;
            lanes_put(sums[j] + b, o + j, z);
        }
    }
}

/* da_below [inputs][LANES] = W' dz; dz [outputs][LANES]. */
SEPARATE void step_layer_backward(__global const float *dz, __global const float *parameters,
                                  __global const struct step_layer *layer, __global float *da_below)
{
    const uint inputs = layer->inputs, outputs = layer->outputs;
    __global const float *w = parameters + layer->weights;
    for (uint i = 0; i < inputs; i += STEP_BLOCK) {
        __global const float *column[STEP_BLOCK];
        lanes sums[STEP_BLOCK];
#pragma unroll
        for (uint j = 0; j < STEP_BLOCK; j++) {
            column[j] = w + min(i + j, inputs - 1);
            sums[j] = 0.0f;
        }
        for (uint o = 0; o < outputs; o++) {
            const lanes delta = lanes_at(o, dz);
#pragma unroll
            for (uint j = 0; j < STEP_BLOCK; j++)
                sums[j] = multiply_add((lanes)column[j][(ulong)o * inputs], delta, sums[j]);
        }
        for (uint j = 0; j < STEP_BLOCK && i + j < inputs; j++)
            lanes_put(sums[j], i + j, da_below);
    }
}

/* Returns activation(z), or a'(z) for a = activation(z). */
SEPARATE lanes step_activation(uint activation, lanes z)
{
    return activate(activation, z);
}

SEPARATE lanes step_slope(uint activation, lanes z, lanes a)
{
    return activation_slope(activation, z, a);
}

/* a = activation(z), in place. Keeps z if the slope needs it. */
SEPARATE void step_activate(__global const struct step_layer *layer, __global float *panel)
{
    const uint a = layer->a;
    for (uint u = 0; u < layer->outputs && layer->keeps_z; u++)
        lanes_put(lanes_at(a + u, panel), layer->z + u, panel);
    for (uint u = 0; u < layer->outputs && layer->activation != ACTIVATION_IDENTITY; u++)
        lanes_put(step_activation(layer->activation, lanes_at(a + u, panel)), a + u, panel);
}

/* da becomes dz = da a'(z), and 0 where the activation was dropped. */
SEPARATE void step_slopes(__global const struct step_layer *layer, struct step_draw draw,
                          __global float *panel)
{
    const bool drops = step_drops(layer, draw);
    for (uint u = 0; u < layer->outputs; u++) {
        const lanes stored = lanes_at(layer->a + u, panel);
        lanes delta = lanes_at(layer->dz + u, panel), a = stored, z = stored;
        if (drops)
            delta = select(layer->scale * delta, (lanes)0.0f, as_lane_words(stored) == 0x80000000u);
        if (layer->keeps_z) {
            z = lanes_at(layer->z + u, panel);
            a = step_activation(layer->activation, z);
        }
        lanes_put(delta * step_slope(layer->activation, z, a), layer->dz + u, panel);
    }
}

/* words[i] = random word i of block number `block` in each lane; see kernel dropout. */
SEPARATE void step_words(__global const struct step_layer *layer, struct step_draw draw,
                         lane_words block, lane_words words[4])
{
    words[0] = block, words[1] = draw.batch, words[2] = draw.epoch, words[3] = layer->purpose;
    philox_lanes(&words[0], &words[1], &words[2], &words[3],
                 (uint2)((uint)draw.seed, (uint)(draw.seed >> 32)));
}

/* Drops activations of the panel that begins with row `first`, as kernel dropout does. In each
 * lane, the first unit has a random number of its own, which may lie within a block of four. Rows
 * beyond the last one repeat it, so that no other activations overflow. Dropped activations become
 * -0, and others never are. This is how the backward pass knows them. */
SEPARATE void step_drop(__global const struct step_layer *layer, struct step_draw draw, uint first,
                        uint rows, __global float *panel)
{
    const uint outputs = layer->outputs;
    const lane_words row = min(first + as_lane_words(lane_numbers()), rows - 1);
    const lane_longs number = (draw.row + longs_of_words(row)) * (ulong)outputs;
    const lane_words block = words_of_longs(number / 4), skip = words_of_longs(number) & 3;
    lane_words words[8]; /* of a block and the next one */
    step_words(layer, draw, block, words + 4);
    for (uint u = 0; u < outputs; u += 4) {
#pragma unroll
        for (uint i = 0; i < 4; i++)
            words[i] = words[4 + i];
        step_words(layer, draw, block + u / 4 + 1, words + 4);
#pragma unroll
        for (uint i = 0; i < 4; i++) {
            lane_words bits = words[i];
            if (u + i >= outputs)
                continue;
#pragma unroll
            for (uint k = 1; k < 4; k++)
                bits = select(bits, words[i + k], skip == k);
            const lanes value = lanes_at(layer->a + u + i, panel);
            const lanes kept = layer->scale * value + 0.0f; /* -0 + 0 is 0 */
            lanes_put(select((lanes)-0.0f, kept, bits >= layer->threshold), layer->a + u + i,
                      panel);
        }
    }
}
