/* Implements weft_plan_training: what a training will take, and whether that fits. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "api/training_plan.h"
#include "api/training_rate.h"
#include "backend/device_memory.h"
#include "base/memory.h"
#include "bench/figures.h"
#include "options/options.h"
#include "train/pass.h"
#include "train/training_memory.h"
#include "train/training_options.h"

/* ---- memory ---- */

static void memory_put(const struct memory_count *count, struct weft_memory_plan *plan)
{
    memcpy(plan->bytes, count->bytes, sizeof plan->bytes);
    plan->total = memory_count_total(count);
    plan->largest = count->largest;
    plan->largest_kind = count->largest_kind;
}

/* Tells which sets are streamed, and what that takes. */
static void streaming_put(struct streamed_sets streamed, const struct training_memory *memory,
                          struct weft_training_plan *plan)
{
    plan->streams_train = streamed.train;
    plan->streams_validation = streamed.validation;
    plan->streams_test = streamed.test;
    plan->staging_host_bytes = memory_count_total(&memory->staging.host);
    plan->staging_device_bytes = memory_count_total(&memory->staging.device);
    plan->epoch_copied_bytes = memory->copied;
}

/* Returns the bytes of the samples where they lie, and whether that is a mapped file. */
static uint64_t bytes_of(const struct weft_dataset *dataset, bool *mapped)
{
    *mapped = dataset != NULL && dataset->map != NULL;
    if (dataset == NULL)
        return 0;
    return (uint64_t)dataset->samples * dataset->features *
           (dataset->bytes != NULL ? 1 : sizeof *dataset->x);
}

static void places_put(const struct training_sets *sets, struct weft_training_plan *plan)
{
    plan->train_bytes = bytes_of(sets->train, &plan->maps_train);
    plan->validation_bytes = bytes_of(sets->validation, &plan->maps_validation);
    plan->test_bytes = bytes_of(sets->test, &plan->maps_test);
}

/* Tells what an epoch reads from the file of the training set. In random order, a sample takes all
 * the pages that it touches, on average (bytes + page - 1) / page. If the file fits into memory,
 * its pages stay there after the first epoch, and their order does not matter. */
static void reading_put(const struct weft_dataset *train, const struct weft_options *options,
                        struct weft_training_plan *plan)
{
    enum { PAGE = 4096 };
    const size_t row = train->features * (train->bytes != NULL ? 1 : sizeof *train->x);
    if (train->map == NULL || !plan->streams_train)
        return;
    const uint64_t memory = options->memory > 0 ? options->memory : memory_limit();
    plan->reads_at_random =
        options->shuffle && !options->shuffle_blocks && train->samples * row > memory;
    plan->epoch_read_bytes =
        (uint64_t)train->samples * (plan->reads_at_random ? row + PAGE - 1 : row);
}

/* Decides which sets are streamed, counts the memory, and judges whether it suffices. */
static enum weft_status memory_plan(const struct plan_job *job, const struct weft_options *options,
                                    struct weft_training_plan *plan,
                                    struct memory_shortage *shortage)
{
    enum bytes_known known[MEMORY_SETS] = {BYTES_UNKNOWN};
    const struct memory_job of = {job->device, job->network, options, &job->sets, known};
    const size_t limit = training_memory_limit(options);
    struct training_memory memory;
    struct streamed_sets streamed;
    TRY(training_memory_stream(&of, &streamed));
    TRY(training_memory_count(&of, streamed, &memory));
    streaming_put(streamed, &memory, plan);
    places_put(&job->sets, plan);
    reading_put(job->sets.train, options, plan);
    training_memory_count_members(job->network, options,
                                  trainer_batch_plan(options, job->sets.train).count, job->members,
                                  &memory.counts.host);
    memory_put(&memory.counts.host, &plan->host);
    memory_put(&memory.counts.device, &plan->device);
    plan->host.available = limit < SIZE_MAX ? limit : 0;
    if (job->device != NULL) {
        plan->device.available = device_memory(job->device);
        plan->device.largest_possible = job->device->largest_buffer;
    }
    *shortage = training_memory_judge(job->device, &memory);
    return WEFT_OK;
}

/* ---- whether it fits ---- */

/* Finds the largest batch size that fits, the smallest one times a power of two. Returns 0 if there
 * is none. */
static size_t fitting_batch(const struct plan_job *job, size_t largest)
{
    struct weft_options options = *job->options;
    struct weft_training_plan plan = {.samples = 0};
    struct memory_shortage shortage;
    /* Every slice needs a sample, and batch norm needs two in a batch. */
    const size_t least = size_max(network_has_norm(job->network) ? 2 : 1, options.slices);
    size_t batch = least;
    while (batch * 2 < largest)
        batch *= 2;
    options.batches = 0;
    for (; batch >= least && batch < largest; batch /= 2) {
        options.batch_size = batch;
        if (memory_plan(job, &options, &plan, &shortage) == WEFT_OK && shortage.status == WEFT_OK)
            return batch;
    }
    return 0;
}

/* Finds the smallest power of two of slices with which the planned batches fit. Returns 0 if there
 * is none. With batch norm, a batch is on the device whole, in slices or not. */
static size_t fitting_slices(const struct plan_job *job, size_t largest)
{
    struct weft_options options = *job->options;
    struct weft_training_plan plan = {.samples = 0};
    struct memory_shortage shortage;
    size_t slices = 2;
    while (slices <= options.slices)
        slices *= 2;
    for (; slices <= largest && !network_has_norm(job->network); slices *= 2) {
        options.slices = slices;
        if (memory_plan(job, &options, &plan, &shortage) == WEFT_OK && shortage.status == WEFT_OK)
            return slices;
    }
    return 0;
}

/* Formats "33554432 bytes (32.0 MiB)", or "512 bytes". */
static void bytes_write(uint64_t bytes, char *text, size_t size)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double amount = (double)bytes / 1024.0;
    size_t unit = 0;
    for (; amount >= 1023.95 && unit + 1 < sizeof units / sizeof *units; unit++)
        amount /= 1024.0;
    const int used = snprintf(text, size, "%" PRIu64 " bytes", bytes);
    if (bytes >= 1024)
        snprintf(text + used, size - (size_t)used, " (%.1f %s)", amount, units[unit]);
}

/* What a device holds of a block of PASS_BLOCK samples for scores, whatever the batch size is. */
struct evaluation_block {
    uint64_t bytes;
    uint64_t features; /* the part that does not depend on the hidden layers */
};

static uint64_t without_parameters(const struct memory_count *count)
{
    return memory_count_total(count) - count->bytes[WEFT_MEMORY_PARAMETERS];
}

/* Counts the block. Streamed sets have blocks of their own. */
static enum weft_status evaluation_count(const struct plan_job *job,
                                         const struct weft_training_plan *plan,
                                         struct evaluation_block *block)
{
    struct memory_counts pass = {.host = {.largest = 0}}, rest = {.host = {.largest = 0}};
    const bool opencl = job->device->info.opencl;
    const enum weft_gemm products = job->options->gemm;
    TRY(pass_count(job->device, job->network, PASS_BLOCK, products, &pass));
    TRY(pass_count(NULL, job->network, PASS_BLOCK, products, &rest));
    const uint64_t gathered =
        size_product(PASS_BLOCK, network_features(job->network) * sizeof(float));
    const uint64_t staged = opencl ? plan->staging_device_bytes : plan->staging_host_bytes;
    block->bytes =
        staged + (opencl ? without_parameters(&pass.device)
                         : without_parameters(&pass.host) - without_parameters(&rest.host));
    block->features = staged + gathered;
    return WEFT_OK;
}

/* Writes what makes the training run smaller if no batch size fits. A block for scores that does
 * not fit by itself is named, because its size explains why smaller batches do not help. */
static void smaller_write(const struct plan_job *job, const struct weft_training_plan *plan,
                          const struct memory_shortage *shortage, char *text, size_t size)
{
    const bool deep = plan->layer_count > 1;
    const char *smaller = shortage->of_samples ? "fewer samples"
                          : deep               ? "fewer or narrower --hidden layers"
                                               : "fewer features";
    struct evaluation_block block = {.bytes = 0};
    char bytes[64];
    if (shortage->status != WEFT_ERROR_DEVICE || evaluation_count(job, plan, &block) != WEFT_OK ||
        block.bytes <= device_memory(job->device)) {
        snprintf(text, size, "no batch size fits; try %s", smaller);
        return;
    }
    if (block.features > device_memory(job->device))
        smaller = deep && block.bytes - block.features > device_memory(job->device)
                      ? "fewer features and narrower --hidden layers"
                      : "fewer features";
    bytes_write(block.bytes, bytes, sizeof bytes);
    snprintf(text, size,
             "blocks of %d samples for scores alone need %s, so no batch size fits; try %s",
             PASS_BLOCK, bytes, smaller);
}

/* Names what would help. Only the batch size and the slices are known to fit. */
static void advice_write(const struct plan_job *job, const struct weft_training_plan *plan,
                         const struct memory_shortage *shortage, char *text, size_t size)
{
    const size_t batch = fitting_batch(job, plan->largest);
    const size_t slices = batch > 0 ? fitting_slices(job, plan->largest) : 0;
    if (batch > 0)
        snprintf(text, size, "--batch-size %zu would fit (now %zu)", batch, plan->largest);
    else
        smaller_write(job, plan, shortage, text, size);
    size_t used = strlen(text);
    if (slices > 0)
        used += (size_t)snprintf(text + used, size - used, ", or --slices %zu", slices);
    if (shortage->status == WEFT_ERROR_DEVICE && job->device->info.opencl &&
        plan->device.total < memory_limit() / 2)
        snprintf(text + used, size - used, ", or --device cpu");
}

/* Writes whether the training fits. If not, it writes what is needed, what is available, and what
 * would help. */
static void verdict_write(const struct plan_job *job, const struct memory_shortage *shortage,
                          struct weft_training_plan *plan)
{
    const bool of_device = shortage->status == WEFT_ERROR_DEVICE;
    char needed[64], available[64], advice[208];
    plan->fits = shortage->status;
    if (plan->fits == WEFT_OK)
        return;
    bytes_write(shortage->needed, needed, sizeof needed);
    bytes_write(shortage->available, available, sizeof available);
    advice_write(job, plan, shortage, advice, sizeof advice);
    snprintf(plan->refusal, sizeof plan->refusal,
             "%s%s%s for the training: need %s, available %s; %s",
             of_device ? job->device->info.name : "", of_device ? ": " : "", shortage->what, needed,
             available, advice);
}

/* ---- the network, and time ---- */

/* The options decide about dropout, also for a model that was made with others. */
static double dropout_of(const struct weft_options *options, size_t layer)
{
    return options->dropout_count > 0 ? options->dropout[options->dropout_count > 1 ? layer : 0]
                                      : 0.0;
}

static void layers_put(const struct plan_job *job, struct weft_training_plan *plan)
{
    const struct network *network = job->network;
    plan->layer_count = network->layer_count;
    plan->parameters = network->parameter_count;
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct dense_layer *layer = &network->layers[l];
        const bool last = l + 1 == network->layer_count;
        const size_t extra = layer->batch_norm ? 2 * layer->outputs
                             : layer->bias     ? layer->outputs
                                               : 0;
        plan->layers[l] =
            (struct weft_layer_plan){.inputs = layer->inputs,
                                     .outputs = layer->outputs,
                                     .activation = layer->activation,
                                     .dropout = last ? 0.0 : dropout_of(job->options, l),
                                     .bias = layer->bias,
                                     .batch_norm = layer->batch_norm,
                                     .parameters = layer->inputs * layer->outputs + extra};
    }
}

/* Operations of a forward pass over `samples`, which run in whole blocks. */
static double pass_operations(const struct network *network, size_t samples)
{
    const size_t rows = size_divide_up(samples, PASS_BLOCK) * PASS_BLOCK;
    return 2.0 * (double)rows * (double)network->weight_count;
}

static size_t samples_of(const struct weft_dataset *dataset)
{
    return dataset != NULL ? dataset->samples : 0;
}

static void time_put(const struct plan_job *job, struct weft_training_plan *plan)
{
    const double training = epoch_operations(job->network, plan->samples);
    const double validation = pass_operations(job->network, plan->validation_samples);
    const struct record *record = job->device != NULL ? job->device->record : NULL;
    plan->epoch_gflop = 1e-9 * (training + validation);
    plan->gflops = training_rate(record, job->network, plan->largest);
    plan->epoch_seconds = plan->epoch_gflop / plan->gflops;
    plan->seconds = plan->epoch_seconds * (double)plan->epochs * (double)job->members;
}

enum weft_status plan_make(const struct plan_job *job, struct weft_training_plan *plan)
{
    const struct batch_plan batches = trainer_batch_plan(job->options, job->sets.train);
    struct memory_shortage shortage;
    *plan = (struct weft_training_plan){.samples = samples_of(job->sets.train),
                                        .validation_samples = samples_of(job->sets.validation),
                                        .test_samples = samples_of(job->sets.test),
                                        .epochs = job->options->epochs,
                                        .batches = batches.count,
                                        .largest = batches.largest};
    layers_put(job, plan);
    time_put(job, plan);
    TRY(memory_plan(job, job->options, plan, &shortage));
    verdict_write(job, &shortage, plan);
    return WEFT_OK;
}

/* ---- the public function ---- */

static enum weft_status plan_settled(const struct plan_job *job, const struct weft_options *options,
                                     struct weft_training_plan *plan)
{
    struct weft_options settled;
    TRY(training_options_settle(options, job->network,
                                (struct training_data){.train = job->sets.train}, &settled));
    struct plan_job with_options = *job;
    with_options.options = &settled;
    return plan_make(&with_options, plan);
}

enum weft_status weft_plan_training(struct weft_device *device, const struct weft_model *model,
                                    const struct weft_options *options,
                                    const struct weft_data_sets *sets, size_t members,
                                    struct weft_training_plan *plan)
{
    struct weft_options whole;
    struct weft_model *outline = NULL;
    struct plan_job job = {
        .device = device, .sets = {sets->train, sets->validation, sets->test}, .members = members};
    TRY(options_take(options, &whole));
    if (model == NULL)
        TRY(model_outline(&whole, sets->train, &outline));
    job.network = model != NULL ? &model->network : &outline->network;
    const enum weft_status status = plan_settled(&job, &whole, plan);
    weft_model_destroy(outline);
    return status;
}
