/* The plan for small networks on the CPU: a training step in parts of the batch.
 *
 * A thread takes some samples all the way from their features to their gradient, while they are in
 * its cache. So each sample comes from memory once, and threads wait for each other a few times per
 * step, not several times per operation. The gradients of the parts are then added in order. How a
 * batch is cut depends only on the network and on the size of the batch, so the number of threads
 * changes no bit.
 *
 * batch_gather only notes which samples to take, dense_forward and dense_backward do nothing, and
 * output_delta does all their work.
 */
#include <string.h>

#include "base/clones.h"
#include "base/memory.h"
#include "cpu/cpu_kernels.h"
#include "cpu/cpu_vectors.h"
#include "cpu/cpu_workspace.h"

/* With more parameters or smaller parts, adding the gradients takes longer than the parts save
 * (docs/performance.md, measured on two cores). */
enum {
    MOST_PARAMETERS = 1 << 16,
    FEW_PARAMETERS = 1 << 13, /* up to here, the gradient of a part stays in the first cache */
    LEAST_ROWS_OF_FEW = 32,   /* samples in a part */
    LEAST_ROWS = 128,
    WHOLE_TILES = 8, /* samples: a part has whole tiles */
    /* With fewer parts, cores would idle that a step by operation keeps busy. A network with few
     * parameters keeps them idle either way. */
    LEAST_PARTS_OF_FEW = 2,
    LEAST_PARTS = 4,
    MOST_PARTS = 16,
    LEAST_SHARED = 1 << 18, /* samples times parameters: less is not worth a second thread */
    SUM_PIECE = 1024,       /* numbers of a sum that stay in the first cache */
    SUM_SHARED = 4 * SUM_PIECE
};

bool cpu_parts_take(const struct workspace_plan *plan)
{
    return plan->training && !plan->by_operation && plan->augmentation.mixup == 0.0 &&
           !network_has_norm(plan->network) && plan->network->parameter_count <= MOST_PARAMETERS &&
           cpu_vectors() != CPU_VECTORS_128;
}

static bool has_few_parameters(const struct network *network)
{
    return network->parameter_count <= FEW_PARAMETERS;
}

static size_t least_rows(const struct network *network)
{
    return has_few_parameters(network) ? LEAST_ROWS_OF_FEW : LEAST_ROWS;
}

/* Returns the number of samples in a part of a batch. The last part may have fewer. */
static size_t part_rows(const struct network *network, size_t batch)
{
    const size_t rows = size_max(least_rows(network), cpu_part_count(batch, MOST_PARTS));
    return cpu_part_count(rows, WHOLE_TILES) * WHOLE_TILES;
}

/* Returns the number of parts, or 0 if the batch is too small for parts. */
static size_t part_count(const struct network *network, size_t batch)
{
    const size_t least = has_few_parameters(network) ? LEAST_PARTS_OF_FEW : LEAST_PARTS;
    const size_t count = cpu_part_count(batch, part_rows(network, batch));
    return count < least ? 0 : count;
}

bool cpu_parts_in_use(const struct workspace *workspace)
{
    return workspace->parts.gradients != NULL &&
           part_count(workspace->network, workspace->count) > 0;
}

/* ---- memory ---- */

/* Returns the elements of the panels of a matrix [inner][columns], or SIZE_MAX on overflow. */
static size_t panels_size(size_t columns, size_t inner)
{
    size_t elements;
    return cpu_panels_size(columns, inner, &elements) ? elements : SIZE_MAX;
}

/* Returns the elements that a part needs for its gradient, or SIZE_MAX on overflow. */
static size_t scratch_size(const struct network *network, size_t batch)
{
    size_t most = 0, elements;
    for (size_t l = 0; l < network->layer_count; l++)
        most = cpu_gradient_panels_size(network->layers[l].outputs, part_rows(network, batch),
                                        &elements)
                   ? size_max(most, elements)
                   : SIZE_MAX;
    return most;
}

/* Returns the most parts of a batch of up to `batch` samples. A smaller batch can have more parts
 * than a larger one, because parts grow by whole tiles; but its parts are not larger. */
static size_t most_parts(const struct network *network, size_t batch)
{
    return size_min(MOST_PARTS, cpu_part_count(batch, least_rows(network)));
}

enum weft_status cpu_parts_allocate(struct workspace *workspace, struct memory_count *count)
{
    const enum weft_memory kind = WEFT_MEMORY_WORKSPACE;
    const struct network *network = workspace->network;
    struct cpu_parts *parts = &workspace->parts;
    const size_t most = most_parts(network, workspace->batch);
    if (part_count(network, workspace->batch) == 0)
        return WEFT_OK;
    parts->scratch_size = scratch_size(network, workspace->batch);
    TRY(NEW_ARRAY(parts->forward, network->layer_count));
    TRY(NEW_ARRAY(parts->delta, network->layer_count));
    TRY(TAKE_ARRAY(count, kind, parts->matrices, most, size_product(3, network->layer_count)));
    for (size_t l = 0; l < network->layer_count; l++) {
        const size_t outputs = network->layers[l].outputs, inputs = network->layers[l].inputs;
        TRY(TAKE_ARRAY(count, kind, parts->forward[l], panels_size(outputs, inputs), 1));
        if (l > 0)
            TRY(TAKE_ARRAY(count, kind, parts->delta[l], panels_size(inputs, outputs), 1));
    }
    TRY(TAKE_ARRAY(count, kind, parts->scratch, most, parts->scratch_size));
    return TAKE_ARRAY(count, WEFT_MEMORY_GRADIENT, parts->gradients, most,
                      network->parameter_count);
}

void cpu_parts_free(struct workspace *workspace)
{
    struct cpu_parts *parts = &workspace->parts;
    for (size_t l = 0; parts->delta != NULL && l < workspace->network->layer_count; l++) {
        memory_free(parts->forward[l]);
        memory_free(parts->delta[l]);
    }
    memory_free(parts->forward);
    memory_free(parts->delta);
    memory_free(parts->matrices);
    memory_free(parts->scratch);
    memory_free(parts->gradients);
}

/* ---- a step ---- */

/* Packs all weights, once for all parts. */
static void weights_pack(const struct workspace *workspace)
{
    const struct network *network = workspace->network;
    const struct cpu_parts *parts = &workspace->parts;
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct dense_layer *dense = &network->layers[l];
        const float *weights = workspace->parameters + dense->weight_offset;
        cpu_panels_pack(weights, true, dense->outputs, dense->inputs, parts->forward[l]);
        if (l > 0)
            cpu_panels_pack(weights, false, dense->inputs, dense->outputs, parts->delta[l]);
    }
}

/* Returns part number `number`: the `rows` samples that begin at `first`, as a workspace of their
 * own. It borrows all arrays of the whole one. */
static struct workspace part_of(const struct workspace *whole, size_t number, size_t first,
                                size_t rows)
{
    const struct network *network = whole->network;
    const size_t layers = network->layer_count, outputs = network_outputs(network);
    struct workspace part = *whole;
    part.count = part.rows = rows;
    part.draw.row += first;
    part.rows_copy += first * network_features(network);
    part.labels_copy += first;
    if (part.draws != NULL)
        part.draws += first * DRAW_NUMBERS;
    part.y += first * outputs;
    part.weight += first;
    part.loss += first;
    part.correct += first;
    part.a = whole->parts.matrices + number * 3 * layers;
    part.z = part.a + layers;
    part.dz = part.z + layers;
    for (size_t l = 0; l < layers; l++) {
        const size_t skip = first * network->layers[l].outputs;
        part.a[l] = whole->a[l] + skip;
        part.z[l] = whole->z[l] + skip;
        part.dz[l] = whole->dz[l] + skip;
    }
    part.gradient = whole->parts.gradients + number * network->parameter_count;
    part.scratch = whole->parts.scratch + number * whole->parts.scratch_size;
    return part;
}

static void part_backward(struct workspace *part)
{
    for (size_t l = part->network->layer_count; l-- > 0;) {
        const struct dense_layer *dense = &part->network->layers[l];
        const float *dz = part->dz[l];
        cpu_gradient_product(dz, cpu_layer_input(part, l), part->rows, dense->outputs,
                             dense->inputs, part->scratch, part->gradient + dense->weight_offset);
        if (dense->bias)
            cpu_bias_gradient(dz, part->rows, dense->outputs, part->gradient + dense->bias_offset);
        if (l > 0)
            cpu_packed_delta(part, l, part->parts.delta[l]);
    }
}

/* Adds up the numbers of `count` gradients [parameters] in their order: sum [n]. */
VECTOR_CLONES static void gradients_add(const float *gradients, size_t parameters, size_t count,
                                        size_t n, float *restrict sum)
{
    memcpy(sum, gradients, n * sizeof *sum);
    for (size_t i = 1; i < count; i++) {
        const float *restrict next = gradients + i * parameters;
#pragma omp simd
        for (size_t j = 0; j < n; j++)
            sum[j] += next[j];
    }
}

static void gradient_piece(const void *work, size_t first, size_t count)
{
    const struct workspace *of = work;
    gradients_add(of->parts.gradients + first, of->network->parameter_count,
                  part_count(of->network, of->count), count, of->gradient + first);
}

struct step {
    const struct workspace *whole;
    const struct loss_rule *rule;
};

static void part_piece(const void *work, size_t first, size_t count)
{
    const struct step *of = work;
    const struct workspace *whole = of->whole;
    const size_t number = first / part_rows(whole->network, whole->count);
    struct workspace part = part_of(whole, number, first, count);
    cpu_samples_gather(&part, whole->parts.data, whole->parts.first + first, count);
    for (size_t l = 0; l < whole->network->layer_count; l++)
        cpu_packed_forward(&part, l, whole->parts.forward[l]);
    cpu_row_losses(&part, of->rule);
    part_backward(&part);
}

void cpu_parts_run(struct workspace *workspace, const struct loss_rule *rule)
{
    const struct network *network = workspace->network;
    const struct step step = {workspace, rule};
    weights_pack(workspace);
    parallel_for(workspace->count, part_rows(network, workspace->count),
                 workspace->count * network->parameter_count >= LEAST_SHARED, part_piece, &step);
    parallel_for(network->parameter_count, SUM_PIECE, network->parameter_count >= SUM_SHARED,
                 gradient_piece, workspace);
}
