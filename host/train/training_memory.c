/* Counts the memory of a training. See training_memory.h. The order is that of trainer_prepare,
 * because a device that is nearly full may store samples as bytes. */
#include "train/training_memory.h"

#include "train/epoch_loop.h"
#include "train/pass.h"
#include "train/training_state.h"

/* Counts the arrays of a data set, which its reader has allocated. The training of a regression
 * adds a standardized copy of the targets. */
static enum weft_status dataset_count(const struct weft_dataset *dataset,
                                      struct memory_count *count)
{
    const enum weft_memory kind = WEFT_MEMORY_SAMPLES;
    const size_t samples = dataset->samples;
    TRY(memory_count_array(count, kind, samples, dataset->features, sizeof *dataset->x));
    if (dataset->labels != NULL)
        TRY(memory_count_array(count, kind, samples, 1, sizeof *dataset->labels));
    if (dataset->targets != NULL)
        TRY(memory_count_array(count, kind, samples, dataset->classes, sizeof *dataset->targets));
    return dataset->weights != NULL
               ? memory_count_array(count, kind, samples, 1, sizeof *dataset->weights)
               : WEFT_OK;
}

/* Counts a data set, and what a device holds of it for scores. */
static enum weft_status scored_count(struct weft_device *device, const struct weft_dataset *dataset,
                                     bool regress, struct memory_counts *counts)
{
    if (dataset == NULL)
        return WEFT_OK;
    const struct data_source source = pass_source(dataset, NULL);
    TRY(dataset_count(dataset, &counts->host));
    if (regress)
        TRY(memory_count_array(&counts->host, WEFT_MEMORY_SAMPLES, dataset->samples,
                               dataset->classes, sizeof *dataset->targets));
    return device != NULL ? device->backend->data_count(device, &source, counts) : WEFT_OK;
}

static size_t samples_of(const struct weft_dataset *dataset)
{
    return dataset != NULL ? dataset->samples : 0;
}

enum weft_status training_memory_count(struct weft_device *device, const struct network *network,
                                       const struct weft_options *options,
                                       const struct training_sets *sets,
                                       struct memory_counts *counts)
{
    const struct weft_dataset *train = sets->train;
    const bool regress = network->task == WEFT_TASK_REGRESS;
    const size_t longest =
        size_max(samples_of(train), size_max(samples_of(sets->validation), samples_of(sets->test)));
    struct epoch_loop loop = {.device = device,
                              .network = network,
                              .options = options,
                              .plan = trainer_batch_plan(options, train)};
    TRY(memory_count_array(&counts->host, WEFT_MEMORY_PARAMETERS, network->value_count, 1,
                           sizeof(float)));
    if (options->scale != WEFT_SCALE_NONE)
        TRY(memory_count_array(&counts->host, WEFT_MEMORY_PARAMETERS, 2, network_features(network),
                               sizeof(float)));
    TRY(scored_count(NULL, train, regress, counts));
    TRY(epoch_loop_count(&loop, train, counts));
    TRY(scored_count(device, sets->validation, regress, counts));
    TRY(scored_count(device, sets->test, regress, counts));
    return pass_count(device, network, longest, options->gemm, counts);
}

void training_memory_count_members(const struct network *network,
                                   const struct weft_options *options, size_t batches,
                                   size_t members, struct memory_count *count)
{
    const size_t model = size_product(network->value_count, sizeof(float));
    struct memory_count state = {.largest = 0};
    if (members < 2)
        return;
    if (options->patience == 0) /* see trainer_work */
        (void)training_state_count(network, options, batches, &state);
    /* While member 2 trains: model 1 and its state. While the last one trains: all before it. */
    const uint64_t second = model + memory_count_total(&state);
    const uint64_t last = (uint64_t)(members - 1) * model;
    memory_count_bytes(count, WEFT_MEMORY_PARAMETERS, second > last ? second : last);
}
