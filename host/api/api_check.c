/* Implements weft_check, weft_check_gradient and weft_check_replay. They compare a device with the
 * reference, result by result. */
#include <stdio.h>
#include <string.h>

#include "api/check_tally.h"
#include "api/device_record.h"
#include "base/file.h"
#include "base/memory.h"
#include "check/bundle.h"
#include "check/check_suite.h"
#include "check/gradient_check.h"
#include "check/step_trial_run.h"
#include "data/dataset.h"
#include "network/model.h"
#include "train/augment.h"
#include "train/scaling.h"
#include "train/targets.h"
#include "train/training_options.h"
#include "weft_device.h"

/* Number of training samples assumed if there is no data. */
enum { IMAGINED_SAMPLES = 60000 };

/* Repairs what can be repaired. `fault` receives a fault that cannot be repaired; otherwise its
 * name is NULL. */
static enum weft_status engines_repair(struct weft_device *device, const struct check_plan *plan,
                                       struct check_result *fault)
{
    enum weft_status status = known_answer_test(device, plan, fault);
    if (status == WEFT_OK && plan->products == WEFT_GEMM_CLBLAST) {
        struct check_plan own = *plan;
        own.products = WEFT_GEMM_OWN; /* Weft's own engines would replace CLBlast */
        status = known_answer_test(device, &own, fault);
    }
    if (status == WEFT_OK)
        fault->name = NULL;
    return status == WEFT_ERROR_WRONG_RESULT ? WEFT_OK : status;
}

/* Records a passed check. A failed check deletes the recorded one. */
static void outcome_record(struct weft_device *device, const struct check_plan *plan,
                           const struct weft_check *check)
{
    struct record_check pass = {.thorough = plan->thorough, .results = check->results};
    (void)network_to_text(plan->network, pass.network, sizeof pass.network);
    record_set_check(device->record, check->failed == 0 ? &pass : NULL);
    device_record_keep(device);
    device_record_show(device->record, &device->info);
}

/* Reports a fault that only the known-answer test found, because other numbers do not show it. */
static void unseen_fault_tell(struct check_tally *tally, const struct check_result *fault)
{
    const struct check_sink sink = check_tally_sink(tally);
    if (fault->name != NULL && tally->check->failed == 0)
        sink.result(sink.user, fault);
}

static enum weft_status run(struct weft_device *device, const struct check_plan *plan,
                            struct check_tally *tally)
{
    const struct check_sink sink = check_tally_sink(tally);
    struct check_result fault = {.name = NULL};
    TRY(engines_repair(device, plan, &fault));
    TRY(check_kernels(device, plan, &sink));
    TRY(check_products(device, plan, &sink));
    TRY(check_small_networks(device, plan, &sink));
    TRY(check_network_steps(device, plan, &sink));
    unseen_fault_tell(tally, &fault);
    outcome_record(device, plan, tally->check);
    return check_tally_verdict(tally, device);
}

/* The arguments of a function of weft.h, and what follows from them. */
struct request {
    struct weft_device *device;
    const struct weft_model *model;
    const struct weft_options *given;
    struct weft_options options;        /* settled by request_settle */
    const struct weft_dataset *dataset; /* may be NULL */
    float *weights;                     /* owned: of each sample of `dataset`, or of each class
                                           without; NULL: all 1 */
    struct scaling scaling;             /* owned; the one that training would use */
    struct check_plan plan;
};

/* Scales features and targets as training would. */
static enum weft_status scaling_choose(struct request *request)
{
    const struct training_sets sets = {.train = request->dataset};
    TRY(scaling_settle(&request->scaling, request->model, &request->options, false, &sets));
    request->plan.scale = request->scaling.in_use;
    request->plan.dataset = request->scaling.sets.train;
    return WEFT_OK;
}

/* Weights the samples as training would. */
static enum weft_status weights_settle(struct request *request)
{
    const struct weft_options *options = &request->options;
    const struct network *network = &request->model->network;
    if (request->dataset == NULL) {
        TRY(class_weights_make(options, network, NULL, &request->weights));
        request->plan.class_weights = request->weights;
        return WEFT_OK;
    }
    TRY(sample_weights_make(options, network, request->dataset, &request->weights));
    request->plan.weights = request->weights;
    return WEFT_OK;
}

static enum weft_status request_settle(struct request *request)
{
    const struct weft_options *options = &request->options;
    const struct weft_dataset *dataset = request->dataset;
    const struct network *network = &request->model->network;
    const struct training_data data = {.train = dataset, .samples = IMAGINED_SAMPLES};
    TRY(training_options_settle(request->given, network, data, &request->options));
    const struct dataset_needs needs = model_needs(request->model);
    if (dataset != NULL)
        TRY(dataset_fits(dataset, &needs));
    request->plan = check_plan_make(network, options, data);
    request->plan.parameters = request->model->parameters;
    TRY(weights_settle(request));
    TRY(augmentation_make(options, dataset, &request->plan.augmentation));
    return scaling_choose(request);
}

enum weft_status weft_check(struct weft_device *device, const struct weft_model *model,
                            const struct weft_options *options, const struct weft_dataset *dataset,
                            bool thorough, weft_check_function *function, void *user,
                            struct weft_check *check)
{
    struct request request = {
        .device = device, .model = model, .given = options, .dataset = dataset};
    struct check_tally tally = {.function = function, .user = user, .check = check};
    const double start = clock_seconds();
    memset(check, 0, sizeof *check);
    enum weft_status status = request_settle(&request);
    request.plan.thorough = thorough;
    if (status == WEFT_OK)
        status = run(device, &request.plan, &tally);
    memory_free(request.weights);
    scaling_reset(&request.scaling);
    check->seconds = clock_seconds() - start;
    return status;
}

/* ---- gradients ---- */

/* Number of parameters per tensor along which differences are taken. */
enum { DIRECTIONS = 8 };

/* Checks the gradient. `samples` must have space for GRADIENT_MOST_SAMPLES. */
static enum weft_status gradient_run(const struct request *request, struct step_samples *samples,
                                     struct check_tally *tally, struct weft_gradient *gradient)
{
    const struct check_plan *plan = &request->plan;
    const size_t batch = gradient->samples;
    const struct check_sink sink = check_tally_sink(tally);
    const struct batch_draw draw = {.seed = plan->seed, .epoch = 1};
    struct step_trial trial = {.network = plan->network,
                               .draw = &draw,
                               .batch = batch,
                               .scale = plan->scale,
                               .parameters = plan->parameters,
                               .loss = objective_loss_rule(&plan->objective, batch),
                               .update =
                                   objective_update_rule(&plan->objective, plan->learning_rate),
                               .targets = plan->targets,
                               .augmentation = plan->augmentation};
    struct check_result fault = {.name = NULL};
    const struct gradient_subject what = {&trial, plan->products, DIRECTIONS, plan->seed};
    check_plan_samples(plan, 0, batch, samples);
    step_samples_lend(samples, &trial);
    TRY(engines_repair(request->device, plan, &fault));
    gradient->worst_count = WEFT_WORST_PARAMETERS;
    TRY(gradient_check(request->device, &what, &sink, gradient->worst, &gradient->worst_count));
    unseen_fault_tell(tally, &fault);
    return check_tally_verdict(tally, request->device);
}

static enum weft_status gradient_request(struct request *request, struct check_tally *tally,
                                         struct weft_gradient *gradient)
{
    struct step_samples samples;
    TRY(request_settle(request));
    gradient->samples = size_min(size_max(request->plan.batches[0], 1), GRADIENT_MOST_SAMPLES);
    TRY(step_samples_init(&samples, request->plan.network, GRADIENT_MOST_SAMPLES));
    const enum weft_status status = gradient_run(request, &samples, tally, gradient);
    step_samples_reset(&samples);
    return status;
}

enum weft_status weft_check_gradient(struct weft_device *device, const struct weft_model *model,
                                     const struct weft_options *options,
                                     const struct weft_dataset *dataset,
                                     weft_check_function *function, void *user,
                                     struct weft_gradient *gradient)
{
    struct request request = {
        .device = device, .model = model, .given = options, .dataset = dataset};
    struct check_tally tally = {.function = function, .user = user, .check = &gradient->check};
    const double start = clock_seconds();
    memset(gradient, 0, sizeof *gradient);
    const enum weft_status status = gradient_request(&request, &tally, gradient);
    memory_free(request.weights);
    scaling_reset(&request.scaling);
    gradient->check.seconds = clock_seconds() - start;
    return status;
}

/* ---- bundles ---- */

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
    struct check_tally tally = {.function = function, .user = user, .check = check};
    const struct check_sink sink = check_tally_sink(&tally);
    const double start = clock_seconds();
    memset(check, 0, sizeof *check);
    const enum weft_status status = replay(device, path, &sink);
    check->seconds = clock_seconds() - start;
    TRY(status);
    return check_tally_verdict(&tally, device);
}
