/* Makes every operation of a device fail. The reported error must be the error of that operation,
 * and all device memory must be released. The model must be as it was after some complete epoch.
 *
 * The device under test gets a table of operations that count their calls. The real operations do
 * the work, except for one that fails. A job runs again and again, and each time one later
 * operation fails.
 */
#include "network/model.h"
#include "small_training.h"

/* ---- the device ---- */

static struct {
    size_t calls;     /* since the job began */
    size_t failing;   /* number of the call that fails; 0: none */
    const char *name; /* of the operation that failed */
    size_t live;      /* data and workspaces on the device */
} faults;

static enum weft_status may_fail(const char *name)
{
    if (++faults.calls != faults.failing)
        return WEFT_OK;
    faults.name = name;
    return fail(WEFT_ERROR_DEVICE, "%s: fails on purpose", name);
}

/* An operation `name` of these parameters, handed on as these arguments. */
#define OPERATION(name, parameters, arguments)                                                     \
    static enum weft_status failing_##name parameters                                              \
    {                                                                                              \
        TRY(may_fail(#name));                                                                      \
        return backend->name arguments;                                                            \
    }

OPERATION(order_upload, (struct device_data * samples, const uint32_t *order), (samples, order))
OPERATION(parameters_upload, (struct workspace * space, const float *values), (space, values))
OPERATION(parameters_download, (struct workspace * space, float *values), (space, values))
OPERATION(state_upload, (struct workspace * space, size_t state, const float *values),
          (space, state, values))
OPERATION(state_download, (struct workspace * space, size_t state, float *values),
          (space, state, values))
OPERATION(batch_gather,
          (struct workspace * space, const struct device_data *samples, size_t first, size_t count,
           const struct batch_draw *draw),
          (space, samples, first, count, draw))
OPERATION(dense_forward, (struct workspace * space, size_t layer), (space, layer))
OPERATION(output_delta, (struct workspace * space, const struct loss_rule *rule, size_t slot),
          (space, rule, slot))
OPERATION(dense_backward, (struct workspace * space, size_t layer), (space, layer))
OPERATION(norm_statistics, (struct workspace * space, size_t layer, float *statistics),
          (space, layer, statistics))
OPERATION(norm_merge,
          (struct workspace * space, size_t layer, const float *statistics, size_t samples),
          (space, layer, statistics, samples))
OPERATION(norm_forward, (struct workspace * space, size_t layer), (space, layer))
OPERATION(norm_gradient, (struct workspace * space, size_t layer, float *gradient),
          (space, layer, gradient))
OPERATION(norm_backward,
          (struct workspace * space, size_t layer, const float *gradient, size_t samples),
          (space, layer, gradient, samples))
OPERATION(gradient_add, (struct workspace * space, size_t sum, bool begins), (space, sum, begins))
OPERATION(sum_add, (struct workspace * space, size_t into, size_t from), (space, into, from))
OPERATION(sum_clear, (struct workspace * space, size_t sum), (space, sum))
OPERATION(penalty_terms, (struct workspace * space, size_t slot), (space, slot))
OPERATION(update, (struct workspace * space, const struct update_rule *rule), (space, rule))
OPERATION(output_probabilities, (struct workspace * space, bool squeeze), (space, squeeze))
OPERATION(metrics_download, (struct workspace * space, size_t count, struct batch_metrics *metrics),
          (space, count, metrics))
OPERATION(tensor_download,
          (struct workspace * space, enum tensor tensor, size_t layer, float *values),
          (space, tensor, layer, values))
OPERATION(data_count,
          (struct weft_device * on, const struct data_source *source, struct memory_counts *counts),
          (on, source, counts))
OPERATION(workspace_count,
          (struct weft_device * on, const struct workspace_plan *plan,
           struct memory_counts *counts),
          (on, plan, counts))
OPERATION(primitive_run, (struct weft_device * on, const struct primitive_call *call), (on, call))

static enum weft_status failing_data_create(struct weft_device *on,
                                            const struct data_source *source,
                                            struct device_data **made)
{
    TRY(may_fail("data_create"));
    TRY(backend->data_create(on, source, made));
    faults.live++;
    return WEFT_OK;
}

static void counting_data_destroy(struct device_data *made)
{
    faults.live--;
    backend->data_destroy(made);
}

static enum weft_status failing_workspace_create(struct weft_device *on,
                                                 const struct workspace_plan *plan,
                                                 struct workspace **made)
{
    TRY(may_fail("workspace_create"));
    TRY(backend->workspace_create(on, plan, made));
    faults.live++;
    return WEFT_OK;
}

static void counting_workspace_destroy(struct workspace *made)
{
    faults.live--;
    backend->workspace_destroy(made);
}

static struct backend failing_backend;

/* A new device, which has passed no test yet: what passed once is not tested again. */
static void device_renew(void)
{
    device_close();
    device_open_cpu();
    failing_backend = (struct backend){
        .name = backend->name,
        .device_destroy = backend->device_destroy,
        .data_create = failing_data_create,
        .data_destroy = counting_data_destroy,
        .data_count = failing_data_count,
        .order_upload = failing_order_upload,
        .workspace_create = failing_workspace_create,
        .workspace_destroy = counting_workspace_destroy,
        .workspace_count = failing_workspace_count,
        .parameters_upload = failing_parameters_upload,
        .parameters_download = failing_parameters_download,
        .state_upload = failing_state_upload,
        .state_download = failing_state_download,
        .batch_gather = failing_batch_gather,
        .dense_forward = failing_dense_forward,
        .output_delta = failing_output_delta,
        .dense_backward = failing_dense_backward,
        .norm_statistics = failing_norm_statistics,
        .norm_merge = failing_norm_merge,
        .norm_forward = failing_norm_forward,
        .norm_gradient = failing_norm_gradient,
        .norm_backward = failing_norm_backward,
        .gradient_add = failing_gradient_add,
        .sum_add = failing_sum_add,
        .sum_clear = failing_sum_clear,
        .penalty_terms = failing_penalty_terms,
        .update = failing_update,
        .output_probabilities = failing_output_probabilities,
        .metrics_download = failing_metrics_download,
        .tensor_download = failing_tensor_download,
        .primitive_run = failing_primitive_run,
    };
    device->backend = &failing_backend;
}

static void job_begin(size_t failing)
{
    device_renew();
    faults.calls = 0;
    faults.live = 0;
    faults.failing = failing;
}

/* ---- training ---- */

enum { EPOCHS = 2, MOST_PARAMETERS = 256 };

static size_t slices; /* of each batch, with batch norm; 0: whole batches without it */

/* The parameters before the first epoch and after each, of a training without faults. */
static float whole[EPOCHS + 1][MOST_PARAMETERS];
static const struct weft_model *under_way; /* the model whose epochs are kept */

static int keep_epoch(void *user, const struct weft_epoch *epoch)
{
    (void)user;
    memcpy(whole[epoch->epoch], under_way->parameters,
           under_way->network.parameter_count * sizeof(float));
    return 0;
}

static struct weft_options recipe(void)
{
    struct weft_options options = small("default");
    options.epochs = EPOCHS;
    options.l1 = 0.001;
    options.slices = slices;
    options.batch_norm = slices > 0;
    if (slices > 0)
        options.batch_size = 2 * BATCH; /* fewer calls */
    return options;
}

/* Trains with call `failing` failing, all parts on the device; the model is the caller's. */
static enum weft_status train(size_t failing, const struct weft_callbacks *callbacks,
                              struct weft_model **model, size_t *epochs)
{
    const struct weft_options options = recipe();
    struct weft_training training;
    *model = model_new(&options);
    under_way = *model;
    memcpy(whole[0], (*model)->parameters, (*model)->network.parameter_count * sizeof(float));
    job_begin(failing);
    const enum weft_status status =
        weft_train(device, *model, &options, data, data, data, callbacks, &training);
    faults.failing = 0;
    *epochs = training.epochs;
    return status;
}

static bool is_of_epoch(const struct weft_model *model, size_t epoch)
{
    const double rate = epoch > 0 ? recipe().learning_rate : 0.0;
    return epoch <= EPOCHS && model->record.epochs == epoch &&
           model->record.options.learning_rate == rate &&
           memcmp(model->parameters, whole[epoch],
                  model->network.parameter_count * sizeof(float)) == 0;
}

/* Each operation of the loop is met, among those of the known-answer test. */
static const char *const of_the_loop[] = {
    "data_create",         "order_upload",  "workspace_create", "parameters_upload",
    "parameters_download", "batch_gather",  "dense_forward",    "output_delta",
    "dense_backward",      "penalty_terms", "update",           "metrics_download",
    "primitive_run"};
enum { OF_THE_LOOP = sizeof of_the_loop / sizeof *of_the_loop };

static const char *const of_slices[] = {"norm_statistics", "norm_merge",    "norm_forward",
                                        "norm_gradient",   "norm_backward", "gradient_add"};
enum { OF_SLICES = sizeof of_slices / sizeof *of_slices };

/* Notes which of the `names` has failed. */
static void mark(const char *const *names, size_t count, bool *met)
{
    for (size_t i = 0; i < count; i++)
        met[i] = met[i] || strcmp(names[i], faults.name) == 0;
}

START_TEST(training)
{
    const struct weft_callbacks callbacks = {.epoch = keep_epoch};
    bool met[OF_THE_LOOP] = {false}, met_slices[OF_SLICES] = {false};
    struct weft_model *model;
    size_t epochs = 0;
    slices = _i == 0 ? 0 : 3;
    ck_ok(train(0, &callbacks, &model, &epochs));
    const size_t calls = faults.calls;
    ck_assert_uint_le(model->network.parameter_count, MOST_PARAMETERS);
    ck_assert_uint_eq(faults.live, 0);
    ck_assert_int_ne(memcmp(whole[0], whole[1], MOST_PARAMETERS), 0);
    ck_assert_int_ne(memcmp(whole[1], whole[2], MOST_PARAMETERS), 0);
    weft_model_destroy(model);
    for (size_t n = 1; n <= calls; n++) {
        ck_fails(train(n, NULL, &model, &epochs), WEFT_ERROR_DEVICE, "fails on purpose");
        ck_assert_msg(strstr(weft_error(), faults.name) != NULL, "call %zu: %s", n, weft_error());
        ck_assert_msg(faults.live == 0, "call %zu, %s: %zu objects leak", n, faults.name,
                      faults.live);
        ck_assert_msg(is_of_epoch(model, epochs), "call %zu, %s: no model of epoch %zu", n,
                      faults.name, epochs);
        weft_model_destroy(model);
        mark(of_the_loop, OF_THE_LOOP, met);
        mark(of_slices, OF_SLICES, met_slices);
    }
    for (size_t i = 0; i < OF_THE_LOOP; i++)
        ck_assert_msg(met[i], "%s never failed", of_the_loop[i]);
    for (size_t i = 0; i < OF_SLICES; i++)
        ck_assert_msg(met_slices[i] == (slices > 0), "%s failed or not", of_slices[i]);
}
END_TEST

/* What fails in the known-answer test has not begun to forget what the model knows. */
START_TEST(a_fit_that_does_not_begin)
{
    const struct weft_options options = recipe();
    struct weft_training got;
    struct weft_model *model = model_new(&options);
    float before[MOST_PARAMETERS];
    ck_ok(weft_train(device, model, &options, data, NULL, NULL, NULL, &got));
    memcpy(before, model->parameters, model->network.parameter_count * sizeof *before);
    job_begin(1);
    ck_fails(weft_fit(device, model, &options, data, NULL, NULL, &got), WEFT_ERROR_DEVICE,
             "fails on purpose");
    faults.failing = 0;
    ck_assert_mem_eq(model->parameters, before, model->network.parameter_count * sizeof *before);
    ck_assert_uint_eq(model->record.epochs, EPOCHS);
    weft_model_destroy(model);
}
END_TEST

/* ---- using a model ---- */

static enum weft_status use(const struct weft_model *model, size_t failing)
{
    static int32_t classes[SAMPLES];
    static float probabilities[SAMPLES * CLASSES];
    struct weft_evaluation *evaluation;
    job_begin(failing);
    enum weft_status status = weft_evaluate(device, model, data, &evaluation);
    ck_assert((evaluation != NULL) == (status == WEFT_OK));
    weft_evaluation_destroy(evaluation);
    if (status == WEFT_OK)
        status = weft_predict(device, model, data->x, SAMPLES, classes, probabilities);
    faults.failing = 0;
    return status;
}

START_TEST(evaluation_and_prediction)
{
    const struct weft_options options = recipe();
    struct weft_model *model = model_new(&options);
    ck_ok(use(model, 0));
    const size_t calls = faults.calls;
    ck_assert_uint_ge(calls, 10);
    for (size_t n = 1; n <= calls; n++) {
        ck_fails(use(model, n), WEFT_ERROR_DEVICE, "fails on purpose");
        ck_assert_msg(faults.live == 0, "call %zu, %s: %zu objects leak", n, faults.name,
                      faults.live);
    }
    weft_model_destroy(model);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("failing_device");
    TCase *tests = tcase_create("failing_device");
    tcase_add_checked_fixture(tests, device_open_cpu, device_close);
    tcase_add_checked_fixture(tests, data_open, data_close);
    tcase_add_loop_test(tests, training, 0, 2); /* whole batches, and slices */
    tcase_add_test(tests, a_fit_that_does_not_begin);
    tcase_add_test(tests, evaluation_and_prediction);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
