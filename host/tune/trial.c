/* Implements the work of the child processes of a tuning run. See trial.h. */
#include "tune/trial.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"
#include "bench/figures.h"
#include "check/check.h"
#include "train/step.h"

enum { FIRST_RUNS = 3, SAMPLES = 5, MOST_RUNS = 1000 };
/* Runs are timed together in samples of about this length, far above the resolution of the clock
 * and the latency of a launch. */
static const double sample_seconds = 0.01;
/* A candidate slower than the best by this factor is not measured any further. */
static const double hopeless = 4.0;
/* A single run slower by this factor is enough to stop measuring. */
enum { MOST_HOPELESS = 16 };
static const uint64_t trial_seed = 1;

/* ---- timing ---- */

/* Runs the work `runs` times and returns the total time in seconds. */
typedef enum weft_status timed_runs(void *user, size_t runs, double *seconds);

static enum weft_status median_time(timed_runs *run, void *user, double best, double *seconds)
{
    double samples[SAMPLES];
    TRY(run(user, 1, seconds)); /* warm-up; it may build kernels */
    for (size_t i = 0; i < FIRST_RUNS; i++) {
        TRY(run(user, 1, &samples[i]));
        *seconds = spread_of(samples, i + 1).min;
        if (*seconds > MOST_HOPELESS * best)
            return WEFT_OK;
    }
    if (*seconds > hopeless * best)
        return WEFT_OK;
    const double wanted = ceil(sample_seconds / fmax(*seconds, sample_seconds / MOST_RUNS));
    for (size_t i = 0; i < SAMPLES; i++) {
        TRY(run(user, (size_t)wanted, &samples[i]));
        samples[i] /= wanted;
    }
    *seconds = spread_of(samples, SAMPLES).median;
    return WEFT_OK;
}

static enum weft_status verdict(const struct check_result *result)
{
    char text[RESULT_TEXT_SIZE];
    if (result->ok)
        return WEFT_OK;
    result_to_text(result, text);
    return fail(WEFT_ERROR_WRONG_RESULT, "%s", text);
}

/* ---- matrix products ---- */

static enum product_form form_of(const struct record_product *product)
{
    enum product_form form = PRODUCT_FORWARD;
    while (form < PRODUCT_FORMS - 1 && strcmp(product_form_name(form), product->form) != 0)
        form++;
    return form;
}

/* Checks the product twice: with operands at the start of their buffers and at an offset, where
 * CLBlast uses other kernels. */
static enum weft_status product_check(struct weft_device *device,
                                      const struct record_product *product)
{
    for (size_t offset = 0; offset <= 64; offset += 64) {
        const struct product_shape shape = {
            form_of(product), product->m, product->n, product->k, offset, WEFT_GEMM_AUTO, 0};
        struct check_result result;
        TRY(check_product_exact(device, &shape, trial_seed, &result));
        TRY(verdict(&result));
    }
    return WEFT_OK;
}

struct product_job {
    struct weft_device *device;
    struct primitive_call call;
};

static enum weft_status product_timed(struct product_job *job, struct primitive_timing timing,
                                      double *seconds)
{
    job->call.timing = &timing;
    TRY(job->device->backend->primitive_run(job->device, &job->call));
    *seconds = timing.seconds;
    return WEFT_OK;
}

static enum weft_status product_runs(void *user, size_t runs, double *seconds)
{
    return product_timed(user, (struct primitive_timing){.runs = runs}, seconds);
}

/* Replaces *seconds, the time with operands in the caches, by the mean of this time and the time
 * with operands in memory. In a training step, some operands of a product are in the caches. */
static enum weft_status cold_time_add(struct product_job *job, double best, double *seconds)
{
    enum { RUNS = 3 };
    double cold = 0.0;
    if (*seconds > hopeless * best)
        return WEFT_OK;
    TRY(product_timed(job, (struct primitive_timing){.runs = RUNS, .cold = true}, &cold));
    *seconds = 0.5 * (*seconds + cold / RUNS);
    return WEFT_OK;
}

static enum weft_status operands_fill(const size_t lengths[3], float *operands[3])
{
    for (size_t i = 0; i < 3; i++) {
        const struct random_stream stream = {.seed = i, .purpose = RANDOM_SYNTHETIC};
        TRY(NEW_ARRAY(operands[i], lengths[i]));
        for (size_t j = 0; j < lengths[i]; j++)
            operands[i][j] = random_uniform(stream, j, -1.0f, 1.0f);
    }
    return WEFT_OK;
}

static enum weft_status product_time(struct weft_device *device,
                                     const struct record_product *product, double best,
                                     double *seconds)
{
    const size_t m = product->m, n = product->n, k = product->k;
    const size_t lengths[] = {m * k, n * k, m * n};
    float *operands[3] = {NULL, NULL, NULL};
    enum weft_status status = operands_fill(lengths, operands);
    struct product_job job = {.device = device,
                              .call = {.primitive = PRIMITIVE_PRODUCT,
                                       .form = form_of(product),
                                       .products = WEFT_GEMM_AUTO,
                                       .rows = m,
                                       .columns = n,
                                       .inner = k}};
    for (size_t i = 0; i < 3; i++)
        job.call.arrays[i] = (struct primitive_array){operands[i], lengths[i]};
    if (status == WEFT_OK)
        status = median_time(product_runs, &job, best, seconds);
    if (status == WEFT_OK)
        status = cold_time_add(&job, best, seconds);
    for (size_t i = 0; i < 3; i++)
        memory_free(operands[i]);
    return status;
}

/* ---- the training step ---- */

struct step_job {
    struct weft_device *device;
    struct step step;
    struct device_data *data; /* owned, like all members below */
    float *x, *parameters;
    int32_t *labels;
};

/* Every batch has these random numbers, in case the network has dropout. */
static const struct batch_draw trial_draw = {.seed = 1, .epoch = 1};

/* Runs the step with a learning rate of 0, so that the weights stay unchanged and nothing
 * diverges. */
static enum weft_status step_runs(void *user, size_t runs, double *seconds)
{
    struct step_job *job = user;
    const struct update_rule rule = {.learning_rate = 0.0f};
    const double start = clock_seconds();
    for (size_t i = 0; i < runs; i++) {
        TRY(step_forward(&job->step));
        TRY(step_backward(&job->step));
        TRY(step_update(&job->step, false, &rule));
    }
    TRY(job->device->backend->device_wait(job->device));
    *seconds = clock_seconds() - start;
    return WEFT_OK;
}

static enum weft_status step_job_fill(struct step_job *job, const struct tune_job *tune)
{
    const struct backend *backend = job->device->backend;
    const struct network *network = tune->network;
    const size_t batch = tune->batch;
    const size_t features = network_features(network);
    const struct random_stream stream = {.seed = trial_seed, .purpose = RANDOM_SYNTHETIC};
    TRY(NEW_ARRAY(job->x, batch * features));
    TRY(NEW_ARRAY(job->labels, batch));
    TRY(NEW_ARRAY(job->parameters, network->value_count));
    for (size_t i = 0; i < batch * features; i++)
        job->x[i] = random_uniform(stream, i, -1.0f, 1.0f);
    for (size_t i = 0; i < batch; i++)
        job->labels[i] = (int32_t)(i % size_max(network_outputs(network), 2));
    network_initialize(network, WEFT_INIT_GLOROT, trial_seed, job->parameters);
    const struct data_source source = {
        .samples = batch, .features = features, .x = job->x, .labels = job->labels};
    const struct workspace_plan plan = {.network = network,
                                        .batch = batch,
                                        .slots = 1,
                                        .training = true,
                                        .products = WEFT_GEMM_AUTO,
                                        .targets = {.dense = tune->dense, .share = 1.0f}};
    TRY(backend->data_create(job->device, &source, &job->data));
    TRY(backend->workspace_create(job->device, &plan, &job->step.workspace));
    job->step.data = job->data;
    return backend->parameters_upload(job->step.workspace, job->parameters);
}

static enum weft_status step_time(struct weft_device *device, const struct tune_job *tune,
                                  double best, double *seconds)
{
    struct step_job job = {.device = device,
                           .step = {.backend = device->backend,
                                    .network = tune->network,
                                    .count = tune->batch,
                                    .draw = &trial_draw,
                                    .loss = {.delta_factor = 1.0f / (float)tune->batch}}};
    enum weft_status status = step_job_fill(&job, tune);
    if (status == WEFT_OK)
        status = median_time(step_runs, &job, best, seconds);
    if (job.step.workspace != NULL)
        device->backend->workspace_destroy(job.step.workspace);
    if (job.data != NULL)
        device->backend->data_destroy(job.data);
    memory_free(job.parameters);
    memory_free(job.labels);
    memory_free(job.x);
    return status;
}

static enum weft_status step_check(struct weft_device *device, const struct tune_job *tune,
                                   bool fused)
{
    const bool each = tune->network->task == WEFT_TASK_MULTILABEL;
    const struct check_plan plan = {.network = tune->network,
                                    .products = fused ? WEFT_GEMM_OWN : WEFT_GEMM_CLBLAST,
                                    .targets = {.dense = tune->dense, .each = each},
                                    .seed = trial_seed};
    struct check_result result;
    TRY(check_tiny_steps(device, &plan, &result));
    return verdict(&result);
}

/* ---- child processes ---- */

struct trial_job {
    const struct tune_job *job;
    const struct tune_candidate *candidate;
    const struct record_tuning *tuning;
    double best;
};

static enum weft_status trial_on(struct weft_device *device, const struct trial_job *trial,
                                 double *seconds)
{
    const struct tune_candidate *candidate = trial->candidate;
    TRY(device->backend->tuning_apply(device, trial->tuning));
    if (candidate->product.m == 0) {
        TRY(step_check(device, trial->job, candidate->step.fused));
        return step_time(device, trial->job, trial->best, seconds);
    }
    TRY(product_check(device, &candidate->product));
    return product_time(device, &candidate->product, trial->best, seconds);
}

static enum weft_status trial_in_child(void *user, void *result)
{
    const struct trial_job *trial = user;
    const struct tune_job *job = trial->job;
    struct weft_device *device = NULL;
    TRY(job->device_create(job->plan->device, NULL, NULL, &device));
    const enum weft_status status = trial_on(device, trial, result);
    job->device_destroy(device);
    return status;
}

static enum weft_status child_run(process_work *work, void *user, void *result, size_t size,
                                  const struct trial_watch *watch, enum process_end *end)
{
    const struct process_plan plan = {.work = work,
                                      .user = user,
                                      .result = result,
                                      .result_size = size,
                                      .limit_seconds = watch->limit_seconds,
                                      .stop = watch->stop,
                                      .stop_user = watch->user};
    return process_run(&plan, end);
}

enum weft_status trial_run(const struct tune_job *job, const struct tune_candidate *candidate,
                           const struct record_tuning *tuning, double best,
                           const struct trial_watch *watch, double *seconds, enum process_end *end)
{
    struct trial_job trial = {job, candidate, tuning, best};
    *seconds = 0.0;
    return child_run(trial_in_child, &trial, seconds, sizeof *seconds, watch, end);
}

/* ---- the survey ---- */

static size_t algorithms_list(struct weft_device *device, struct record_product product,
                              struct tune_algorithm *algorithms)
{
    const char *setting = "";
    size_t count = 0;
    while (count < TUNE_ALGORITHMS &&
           device->backend->product_algorithm(device, count, &product, &setting)) {
        memcpy(algorithms[count].engine, product.engine, sizeof product.engine);
        snprintf(algorithms[count].setting, sizeof algorithms[count].setting, "%s", setting);
        count++;
    }
    return count;
}

/* Fills the survey. The device must offer a choice. */
static void survey_fill(const struct tune_job *job, struct weft_device *device,
                        struct tune_survey *survey)
{
    const struct workspace_plan plan = {.network = job->network,
                                        .batch = job->batch,
                                        .training = true,
                                        .targets = {.dense = job->dense}};
    struct step_choices step;
    device->backend->step_choices(device, &plan, &step);
    survey->fusible = step.fusible;
    survey->product_count = tune_products(job, step.layers, survey->products);
    for (size_t p = 0; p < survey->product_count; p++)
        survey->counts[p] = algorithms_list(device, survey->products[p], survey->algorithms[p]);
}

static enum weft_status survey_in_child(void *user, void *result)
{
    const struct tune_job *job = user;
    struct tune_survey *survey = result;
    struct weft_device *device = NULL;
    TRY(job->device_create(job->plan->device, job->plan->log, job->plan->user, &device));
    survey->device = device->info;
    const bool tunable = device->backend->product_algorithm != NULL;
    if (tunable)
        survey_fill(job, device, survey);
    job->device_destroy(device);
    if (!tunable)
        return fail(WEFT_ERROR_NO_DEVICE, "no OpenCL device on this machine: nothing to tune: the "
                                          "CPU backend has one way of computing a product");
    return WEFT_OK;
}

enum weft_status trial_survey(const struct tune_job *job, const struct trial_watch *watch,
                              struct tune_survey *survey, enum process_end *end)
{
    struct tune_job copy = *job;
    return child_run(survey_in_child, &copy, survey, sizeof *survey, watch, end);
}
