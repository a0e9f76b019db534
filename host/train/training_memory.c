/* Counts the memory of a training. See training_memory.h. The order is that of trainer_prepare,
 * because a device that is nearly full may store samples as bytes. */
#include "train/training_memory.h"

#include "backend/device_memory.h"
#include "train/epoch_loop.h"
#include "train/pass.h"
#include "train/targets.h"
#include "train/training_state.h"

/* Counts the arrays of a data set, which its reader has allocated. */
static enum weft_status dataset_count(const struct weft_dataset *dataset,
                                      struct memory_count *count)
{
    const enum weft_memory kind = WEFT_MEMORY_SAMPLES;
    const size_t samples = dataset->samples;
    if (dataset->map == NULL)
        TRY(memory_count_array(count, kind, samples, dataset->features, sizeof *dataset->x));
    if (dataset->index != NULL)
        TRY(memory_count_array(count, kind, samples, 1, sizeof *dataset->index));
    if (dataset->labels != NULL)
        TRY(memory_count_array(count, kind, samples, 1, sizeof *dataset->labels));
    if (dataset->targets != NULL)
        TRY(memory_count_array(count, kind, samples, dataset->classes, sizeof *dataset->targets));
    return dataset->weights != NULL
               ? memory_count_array(count, kind, samples, 1, sizeof *dataset->weights)
               : WEFT_OK;
}

/* Adds what `counts` has got since `before` to `part`. */
static void part_add(const struct memory_count *before, const struct memory_count *counts,
                     struct memory_count *part)
{
    for (int kind = 0; kind < WEFT_MEMORY_KINDS; kind++)
        memory_count_bytes(part, (enum weft_memory)kind, counts->bytes[kind] - before->bytes[kind]);
}

/* Returns the bytes that a pass over `samples` samples of a streamed set copies. `host` counts two
 * batches on the host. */
static uint64_t pass_bytes(const struct data_source *source, size_t samples,
                           const struct memory_count *host)
{
    const uint64_t staged = 2 * (uint64_t)size_min(source->largest, source->samples);
    if (staged == 0) /* a rank without samples */
        return 0;
    return samples * (host->bytes[WEFT_MEMORY_WORKSPACE] / staged);
}

/* Counts what the device holds of a data set. It needs `taken` of the samples in an epoch. */
static enum weft_status source_count(struct weft_device *device, const struct data_source *source,
                                     size_t taken, struct training_memory *memory)
{
    const struct memory_counts before = memory->counts;
    struct memory_counts staging = {.host = {.largest = 0}};
    if (device == NULL)
        return WEFT_OK;
    TRY(device->backend->data_count(device, source, &memory->counts));
    if (!source->streamed)
        return WEFT_OK;
    part_add(&before.host, &memory->counts.host, &staging.host);
    part_add(&before.device, &memory->counts.device, &staging.device);
    part_add(&(struct memory_count){.largest = 0}, &staging.host, &memory->staging.host);
    part_add(&(struct memory_count){.largest = 0}, &staging.device, &memory->staging.device);
    memory->copied += pass_bytes(source, taken, &staging.host);
    return WEFT_OK;
}

/* Counts a data set and the standardized copy of its targets. */
static enum weft_status set_count(const struct memory_job *job, const struct weft_dataset *dataset,
                                  struct training_memory *memory)
{
    TRY(dataset_count(dataset, &memory->counts.host));
    if (job->network->task != WEFT_TASK_REGRESS)
        return WEFT_OK;
    return memory_count_array(&memory->counts.host, WEFT_MEMORY_SAMPLES, dataset->samples,
                              dataset->classes, sizeof *dataset->targets);
}

/* Returns the number of samples that this rank scores: those of its shards. */
static size_t samples_scored(const struct memory_job *job, const struct weft_dataset *dataset)
{
    const struct batch_plan plan = trainer_batch_plan(job->options, job->sets->train);
    const struct slice_order order = slice_order_make(
        &plan, job->options->slices, job->options->shuffle, slices_group_of(job->device));
    return slice_begin(dataset->samples, order.slices, order.first + order.own) -
           slice_begin(dataset->samples, order.slices, order.first);
}

/* Counts a data set, and what a device holds of it for scores. */
static enum weft_status scored_count(const struct memory_job *job,
                                     const struct weft_dataset *dataset, const struct scale *scale,
                                     bool streamed, struct training_memory *memory)
{
    if (dataset == NULL)
        return WEFT_OK;
    struct data_source source = pass_source(dataset, scale);
    source.known = &job->known[dataset == job->sets->validation ? 1 : 2];
    source.streamed = streamed;
    TRY(set_count(job, dataset, memory));
    return source_count(job->device, &source, samples_scored(job, dataset), memory);
}

/* Counts the training set and the loop, which augments and weights its samples. */
static enum weft_status loop_count(const struct memory_job *job, const struct scale *scale,
                                   bool streamed, struct training_memory *memory)
{
    static const float some_weight = 1.0f;
    const struct weft_dataset *train = job->sets->train;
    struct epoch_loop loop = {.device = job->device,
                              .network = job->network,
                              .options = job->options,
                              .streamed = streamed,
                              .plan = trainer_batch_plan(job->options, train)};
    TRY(set_count(job, train, memory));
    TRY(epoch_loop_count(&loop, train, &memory->counts));
    struct data_source source = epoch_loop_source(&loop, train, scale);
    source.known = &job->known[0];
    if (sample_weights_vary(job->options, train))
        source.weights = &some_weight; /* is counted, and not read */
    return source_count(job->device, &source, slice_order_taken(&loop.slices.order), memory);
}

static size_t samples_of(const struct weft_dataset *dataset)
{
    return dataset != NULL ? dataset->samples : 0;
}

static enum weft_status job_count(const struct memory_job *job, struct streamed_sets streamed,
                                  struct training_memory *memory)
{
    const struct network *network = job->network;
    const struct training_sets *sets = job->sets;
    const bool scaled = job->options->scale != WEFT_SCALE_NONE;
    const struct scale scale = {.features = scaled ? network_features(network) : 0};
    const size_t longest = size_max(samples_of(sets->train),
                                    size_max(samples_of(sets->validation), samples_of(sets->test)));
    struct memory_count *host = &memory->counts.host;
    *memory = (struct training_memory){.limit = training_memory_limit(job->options)};
    TRY(memory_count_array(host, WEFT_MEMORY_PARAMETERS, network->value_count, 1, sizeof(float)));
    TRY(memory_count_array(host, WEFT_MEMORY_PARAMETERS, 2, scale.features, sizeof(float)));
    TRY(loop_count(job, &scale, streamed.train, memory));
    TRY(scored_count(job, sets->validation, &scale, streamed.validation, memory));
    const uint64_t copied = memory->copied; /* the test set is read after the last epoch */
    TRY(scored_count(job, sets->test, &scale, streamed.test, memory));
    memory->copied = copied;
    return pass_count(job->device, network, longest, job->options->gemm, &memory->counts);
}

enum weft_status training_memory_count(const struct memory_job *job, struct streamed_sets streamed,
                                       struct training_memory *memory)
{
    struct training_memory rest;
    struct memory_job without = *job;
    without.device = NULL;
    TRY(job_count(job, streamed, memory));
    TRY(job_count(&without, streamed, &rest));
    memory->backend =
        memory_count_total(&memory->counts.host) - memory_count_total(&rest.counts.host);
    return WEFT_OK;
}

/* ---- whether it fits ---- */

static bool mostly_samples(const struct memory_count *count)
{
    return count->bytes[WEFT_MEMORY_SAMPLES] > memory_count_total(count) / 2;
}

/* Compares with the limits of an OpenCL device. */
static struct memory_shortage device_judge(const struct weft_device *device,
                                           const struct memory_count *count)
{
    const uint64_t total = memory_count_total(count);
    if (memory_exceeds(total, device_memory(device)))
        return (struct memory_shortage){WEFT_ERROR_DEVICE, "device memory", total,
                                        device_memory(device), mostly_samples(count)};
    if (memory_exceeds(count->largest, device->largest_buffer))
        return (struct memory_shortage){WEFT_ERROR_DEVICE, "the largest buffer", count->largest,
                                        device->largest_buffer,
                                        count->largest_kind == WEFT_MEMORY_SAMPLES};
    return (struct memory_shortage){.status = WEFT_OK};
}

/* Compares what the CPU backend allocates on the host with its limit. */
static struct memory_shortage backend_judge(const struct weft_device *device,
                                            const struct training_memory *memory)
{
    if (memory_exceeds(memory->backend, device_memory(device)))
        return (struct memory_shortage){WEFT_ERROR_DEVICE, "memory of the CPU backend",
                                        memory->backend, device_memory(device),
                                        mostly_samples(&memory->counts.host)};
    return (struct memory_shortage){.status = WEFT_OK};
}

size_t training_memory_limit(const struct weft_options *options)
{
    const size_t limit = memory_limit();
    return options->memory > 0 && options->memory < limit ? (size_t)options->memory : limit;
}

/* Compares with the memory of the host. Buffers of a device that shares it are there, too. */
static struct memory_shortage host_judge(const struct weft_device *device,
                                         const struct training_memory *memory)
{
    const struct memory_counts *counts = &memory->counts;
    const uint64_t host = memory_count_total(&counts->host), limit = memory->limit;
    const uint64_t more =
        device != NULL && device_shares_memory(device) ? memory_count_total(&counts->device) : 0;
    const uint64_t all = more > UINT64_MAX - host ? UINT64_MAX : host + more;
    if (limit < SIZE_MAX && all > limit)
        return (struct memory_shortage){WEFT_ERROR_MEMORY, "host memory", all, limit,
                                        mostly_samples(&counts->host)};
    return (struct memory_shortage){.status = WEFT_OK};
}

struct memory_shortage training_memory_judge(const struct weft_device *device,
                                             const struct training_memory *memory)
{
    struct memory_shortage shortage = {.status = WEFT_OK};
    if (device != NULL)
        shortage = device->info.opencl ? device_judge(device, &memory->counts.device)
                                       : backend_judge(device, memory);
    return shortage.status != WEFT_OK ? shortage : host_judge(device, memory);
}

/* ---- which sets are streamed ---- */

/* The part of the memory that the limit of the device is for. */
static uint64_t limited_bytes(const struct weft_device *device,
                              const struct training_memory *memory)
{
    return device->info.opencl ? memory_count_total(&memory->counts.device) : memory->backend;
}

/* Counts the memory with `streamed`. `*bytes` receives the part that is limited by the device. */
static enum weft_status fits(const struct memory_job *job, struct streamed_sets streamed,
                             bool *result, uint64_t *bytes)
{
    struct training_memory memory;
    TRY(training_memory_count(job, streamed, &memory));
    *result = training_memory_judge(job->device, &memory).status == WEFT_OK;
    *bytes = limited_bytes(job->device, &memory);
    return WEFT_OK;
}

/* Makes a set resident if the training run then still fits, or if two batches take more memory than
 * the set. `*set` is a member of `streamed`, `*bytes` what is needed so far. */
static enum weft_status try_resident(const struct memory_job *job, struct streamed_sets *streamed,
                                     bool *set, uint64_t *bytes)
{
    bool fit = true;
    uint64_t needed = 0;
    if (!*set)
        return WEFT_OK;
    *set = false;
    TRY(fits(job, *streamed, &fit, &needed));
    *set = !fit && needed > *bytes;
    if (!*set)
        *bytes = needed;
    return WEFT_OK;
}

enum weft_status training_memory_stream(const struct memory_job *job,
                                        struct streamed_sets *streamed)
{
    bool fit = true;
    uint64_t bytes = 0;
    *streamed = (struct streamed_sets){.train = false};
    if (job->device != NULL)
        TRY(fits(job, *streamed, &fit, &bytes));
    if (fit)
        return WEFT_OK;
    *streamed = (struct streamed_sets){.train = true,
                                       .validation = job->sets->validation != NULL,
                                       .test = job->sets->test != NULL};
    TRY(fits(job, *streamed, &fit, &bytes));
    TRY(try_resident(job, streamed, &streamed->train, &bytes));
    TRY(try_resident(job, streamed, &streamed->validation, &bytes));
    return try_resident(job, streamed, &streamed->test, &bytes);
}

/* Counts what scores of a source take. */
static enum weft_status scores_count(struct weft_device *device, const struct network *network,
                                     const struct data_source *source,
                                     struct training_memory *memory)
{
    struct memory_counts rest = {.host = {.largest = 0}};
    *memory = (struct training_memory){.limit = memory_limit()};
    TRY(source_count(device, source, source->samples, memory));
    TRY(pass_count(device, network, source->samples, WEFT_GEMM_AUTO, &memory->counts));
    TRY(pass_count(NULL, network, source->samples, WEFT_GEMM_AUTO, &rest));
    memory->backend = memory_count_total(&memory->counts.host) - memory_count_total(&rest.host);
    return WEFT_OK;
}

enum weft_status scores_memory_stream(struct weft_device *device, const struct network *network,
                                      struct data_source *source)
{
    struct training_memory resident, streamed;
    source->streamed = false;
    TRY(scores_count(device, network, source, &resident));
    if (training_memory_judge(device, &resident).status == WEFT_OK)
        return WEFT_OK;
    source->streamed = true;
    TRY(scores_count(device, network, source, &streamed));
    source->streamed = limited_bytes(device, &streamed) < limited_bytes(device, &resident);
    return WEFT_OK;
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
