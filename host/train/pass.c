/* Runs forward passes in blocks. See pass.h. */
#include "train/pass.h"

#include <string.h>

#include "base/memory.h"
#include "train/step.h"
#include "train/targets.h"

/* The workspace for passes over up to `samples` samples. It has a slot for each block. */
static struct workspace_plan plan_of(const struct network *network, size_t samples,
                                     enum weft_gemm products)
{
    return (struct workspace_plan){.network = network,
                                   .batch = PASS_BLOCK,
                                   .slots = size_max(size_divide_up(samples, PASS_BLOCK), 1),
                                   .training = false,
                                   .products = products,
                                   .targets = target_rule_evaluate(network)};
}

static enum weft_status metrics_allocate(struct pass *pass, struct memory_count *count)
{
    return TAKE_ARRAY(count, WEFT_MEMORY_WORKSPACE, pass->metrics, size_max(pass->blocks, 1), 1);
}

enum weft_status pass_init(struct pass *pass, struct weft_device *device,
                           const struct network *network, size_t samples, enum weft_gemm products)
{
    const struct workspace_plan plan = plan_of(network, samples, products);
    *pass = (struct pass){.backend = device->backend,
                          .network = network,
                          .blocks = size_divide_up(samples, PASS_BLOCK)};
    enum weft_status status = metrics_allocate(pass, NULL);
    if (status == WEFT_OK)
        status = device->backend->workspace_create(device, &plan, &pass->workspace);
    if (status != WEFT_OK)
        pass_reset(pass);
    return status;
}

enum weft_status pass_count(struct weft_device *device, const struct network *network,
                            size_t samples, enum weft_gemm products, struct memory_counts *counts)
{
    const struct workspace_plan plan = plan_of(network, samples, products);
    struct pass pass = {.blocks = size_divide_up(samples, PASS_BLOCK)};
    TRY(metrics_allocate(&pass, &counts->host));
    return device != NULL ? device->backend->workspace_count(device, &plan, counts) : WEFT_OK;
}

void pass_reset(struct pass *pass)
{
    if (pass->workspace != NULL)
        pass->backend->workspace_destroy(pass->workspace);
    memory_free(pass->metrics);
    memset(pass, 0, sizeof *pass);
}

struct data_source pass_source(const struct weft_dataset *dataset, const struct scale *scale)
{
    return (struct data_source){.samples = dataset->samples,
                                .features = dataset->features,
                                .x = dataset->x,
                                .labels = dataset->labels,
                                .targets = dataset->targets,
                                .target_count = dataset->classes,
                                .scale = scale,
                                .gathered = true};
}

enum weft_status pass_parameters(struct pass *pass, const float *parameters)
{
    return pass->backend->parameters_upload(pass->workspace, parameters);
}

static enum weft_status block_forward(struct pass *pass, const struct device_data *data,
                                      size_t first, size_t count, size_t slot, bool true_class_only)
{
    const struct step step = {.backend = pass->backend,
                              .workspace = pass->workspace,
                              .network = pass->network,
                              .data = data,
                              .first = first,
                              .count = count,
                              .slot = slot,
                              .loss = {.delta_factor = 1.0f, .true_class_only = true_class_only}};
    return step_forward(&step);
}

enum weft_status pass_sum(struct pass *pass, const struct device_data *data, size_t first,
                          size_t samples, bool true_class_only, struct pass_sum *sum)
{
    size_t blocks = 0;
    for (size_t done = 0; done < samples; done += PASS_BLOCK)
        TRY(block_forward(pass, data, first + done, size_min(PASS_BLOCK, samples - done), blocks++,
                          true_class_only));
    *sum = (struct pass_sum){.correct = 0};
    if (blocks == 0)
        return WEFT_OK;
    TRY(pass->backend->metrics_download(pass->workspace, blocks, pass->metrics));
    for (size_t b = 0; b < blocks; b++) {
        sum->loss += (double)pass->metrics[b].loss;
        sum->correct += pass->metrics[b].correct;
    }
    return WEFT_OK;
}

enum weft_status pass_score(struct pass *pass, const struct device_data *data, size_t samples,
                            bool true_class_only, struct pass_result *result)
{
    struct pass_sum sum;
    TRY(pass_sum(pass, data, 0, samples, true_class_only, &sum));
    *result = (struct pass_result){.mean_loss = sum.loss / (double)samples,
                                   .correct = (size_t)sum.correct};
    return WEFT_OK;
}

enum weft_status pass_outputs(struct pass *pass, const struct device_data *data, size_t first,
                              size_t count, bool squeeze, float *z, float *p, double *loss)
{
    TRY(block_forward(pass, data, first, count, 0, false));
    TRY(pass->backend->output_probabilities(pass->workspace, squeeze));
    if (loss != NULL) {
        TRY(pass->backend->metrics_download(pass->workspace, 1, pass->metrics));
        *loss = (double)pass->metrics[0].loss;
    }
    TRY(pass->backend->tensor_download(pass->workspace, TENSOR_ACTIVATION,
                                       pass->network->layer_count - 1, z));
    return pass->backend->tensor_download(pass->workspace, TENSOR_PROBABILITY, 0, p);
}

enum weft_status pass_activations(struct pass *pass, const struct device_data *data, size_t first,
                                  size_t count, size_t layer, float *activations)
{
    TRY(block_forward(pass, data, first, count, 0, false));
    return pass->backend->tensor_download(pass->workspace, TENSOR_ACTIVATION, layer, activations);
}
