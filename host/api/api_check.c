/* weft_check and weft_check_replay: a device against the reference, result by result. */
#include <stdio.h>
#include <string.h>

#include "api/device_record.h"
#include "base/file.h"
#include "base/memory.h"
#include "check/bundle.h"
#include "check/check_suite.h"
#include "data/dataset.h"
#include "network/model.h"
#include "train/training_options.h"

/* Samples of a training whose data are not there. */
enum { IMAGINED_SAMPLES = 60000 };

/* Counts results and hands them on. */
struct tally {
    weft_check_function *function; /* may be NULL */
    void *user;
    struct weft_check *check;
    struct check_result first_fault; /* name NULL: none */
};

static void tell(void *user, const struct check_result *result)
{
    struct tally *tally = user;
    const struct weft_check_result told = {.name = result->name,
                                           .shape = result->shape,
                                           .ok = result->ok,
                                           .worst = result->worst,
                                           .array = result->array,
                                           .index = result->index,
                                           .got = result->got,
                                           .want = result->want,
                                           .bound = result->bound};
    tally->check->results += 1;
    if (!result->ok)
        tally->check->failed += 1;
    if (!result->ok && tally->first_fault.name == NULL)
        tally->first_fault = *result;
    if (tally->function != NULL)
        tally->function(tally->user, &told);
}

static enum weft_status verdict(const struct weft_device *device, const struct tally *tally)
{
    const struct check_result *fault = &tally->first_fault;
    if (fault->name == NULL)
        return WEFT_OK;
    return fail(WEFT_ERROR_WRONG_RESULT,
                "%s (driver %s): %s %s: %s, element %zu: got %.9g, need %.9g within %.3g: this "
                "device computes wrong results (%zu of %zu)",
                device->info.name, device->info.driver, fault->name, fault->shape, fault->array,
                fault->index, fault->got, fault->want, fault->bound, tally->check->failed,
                tally->check->results);
}

/* Repairs what can be repaired; what cannot is for the results to say. */
static enum weft_status products_repair(struct weft_device *device,
                                        const struct known_answer_plan *plan)
{
    const enum weft_status status = known_answer_test(device, plan);
    return status == WEFT_ERROR_WRONG_RESULT ? WEFT_OK : status;
}

/* "784-50-10" */
static void network_to_text(const struct network *network, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "%zu", network_features(network));
    for (size_t l = 0; l < network->layer_count && used < size; l++)
        used += (size_t)snprintf(text + used, size - used, "-%zu", network->layers[l].outputs);
}

/* Remembers a pass; forgets the last one where this check failed. */
static void outcome_keep(struct weft_device *device, const struct check_subject *subject,
                         const struct weft_check *check)
{
    struct record_check pass = {.thorough = subject->thorough, .results = check->results};
    network_to_text(subject->network, pass.network, sizeof pass.network);
    record_set_check(device->record, check->failed == 0 ? &pass : NULL);
    device_record_keep(device);
    device_record_show(device->record, &device->info);
}

static enum weft_status run(struct weft_device *device, const struct check_subject *subject,
                            const struct known_answer_plan *plan, struct tally *tally)
{
    const struct check_sink sink = {tally, tell};
    TRY(products_repair(device, plan));
    TRY(check_kernels(device, subject, &sink));
    TRY(check_products(device, subject, &sink));
    TRY(check_small_steps(device, subject, &sink));
    TRY(check_network_steps(device, subject, &sink));
    outcome_keep(device, subject, tally->check);
    return verdict(device, tally);
}

enum weft_status weft_check(struct weft_device *device, const struct weft_model *model,
                            const struct weft_options *options, const struct weft_dataset *dataset,
                            bool thorough, weft_check_function *function, void *user,
                            struct weft_check *check)
{
    const struct network *network = &model->network;
    struct tally tally = {.function = function, .user = user, .check = check};
    const double start = clock_seconds();
    memset(check, 0, sizeof *check);
    TRY(training_options_check(options));
    if (dataset != NULL)
        TRY(dataset_fits(dataset, network_features(network), model->classes, true));
    const size_t samples = dataset != NULL ? dataset->samples : IMAGINED_SAMPLES;
    const struct known_answer_plan plan = known_answer_plan_make(network, options, samples);
    const struct check_subject subject = {.network = network,
                                          .parameters = model->parameters,
                                          .scale = &model->scale,
                                          .batches = {plan.batches[0], plan.batches[1]},
                                          .block = plan.block,
                                          .objective = objective_make(options, network),
                                          .learning_rate = options->learning_rate,
                                          .products = options->products,
                                          .thorough = thorough,
                                          .seed = options->seed,
                                          .dataset = dataset};
    const enum weft_status status = run(device, &subject, &plan, &tally);
    check->seconds = clock_seconds() - start;
    return status;
}

static enum weft_status replay(struct weft_device *device, const char *path,
                               const struct check_sink *sink)
{
    struct bundle bundle;
    enum weft_status status = bundle_read(path, &bundle);
    if (status == WEFT_OK)
        status = step_trial_run(device, &bundle.trial, bundle.products, NULL, sink);
    bundle_reset(&bundle);
    return status;
}

enum weft_status weft_check_replay(struct weft_device *device, const char *path,
                                   weft_check_function *function, void *user,
                                   struct weft_check *check)
{
    struct tally tally = {.function = function, .user = user, .check = check};
    const struct check_sink sink = {&tally, tell};
    const double start = clock_seconds();
    memset(check, 0, sizeof *check);
    const enum weft_status status = replay(device, path, &sink);
    check->seconds = clock_seconds() - start;
    TRY(status);
    return verdict(device, &tally);
}
