/* Tests the judgment of a training step, stage by stage. A correct step passes, whatever its
 * numbers are. If a number is off by little more than its bound, the judgment names it, with
 * operation, layer and place.
 *
 * The steps belong to random networks on both devices. The tests disturb their results
 * afterward.
 */
#include "check/step_judge.h"
#include "check/step_trial_run.h"
#include "devices.h"
#include "random_network.h"

enum { MOST_TENSORS = 2 + 12 * MOST_LAYERS };

/* ---- a step, and its judgment ---- */

/* A step that has run. */
struct stood {
    struct problem problem;
    float *weights; /* [B] */
    struct step_trial trial;
    struct step_capture capture;
};

static struct step_trial trial_of(const struct problem *problem)
{
    const struct recipe *recipe = &problem->recipe;
    return (struct step_trial){
        .network = &problem->network,
        .draw = &problem_draw,
        .batch = recipe->batch,
        .x = problem->x,
        .labels = problem->labels,
        .parameters = problem->parameters,
        .loss = {problem_delta_factor(problem), recipe->true_class_only},
        .update = {.learning_rate = problem->learning_rate, .l1 = recipe->l1, .l2 = recipe->l2},
        .penalty = true,
        .targets = smooth_rule(recipe)};
}

/* Runs the step on `device` and keeps what it gave. */
static void step_stand(const struct recipe *recipe, struct stood *stood)
{
    struct device_data *data;
    struct workspace *workspace;
    stood->problem = problem_create(recipe);
    stood->trial = trial_of(&stood->problem);
    stood->weights = smooth_weights_of(recipe, stood->trial.labels, stood->trial.batch);
    stood->trial.weights = stood->weights;
    const struct step_trial *trial = &stood->trial;
    const struct data_source source = {.samples = trial->batch,
                                       .features = recipe->widths[0],
                                       .x = trial->x,
                                       .labels = trial->labels,
                                       .weights = trial->weights};
    const struct workspace_plan plan = {.network = trial->network,
                                        .batch = trial->batch,
                                        .slots = 1,
                                        .training = true,
                                        .targets = trial->targets};
    ck_ok(
        step_capture_init(&stood->capture, trial->network, trial->batch, trial->targets.dense, 0));
    ck_ok(backend->data_create(device, &source, &data));
    ck_ok(backend->workspace_create(device, &plan, &workspace));
    ck_ok(backend->parameters_upload(workspace, trial->parameters));
    const struct step step = {.backend = backend,
                              .workspace = workspace,
                              .network = trial->network,
                              .draw = trial->draw,
                              .data = data,
                              .count = trial->batch,
                              .loss = trial->loss};
    ck_ok(step_forward(&step));
    ck_ok(step_backward(&step));
    ck_ok(step_update(&step, true, &trial->update));
    ck_ok(step_capture_take(&stood->capture, &step));
    backend->workspace_destroy(workspace);
    backend->data_destroy(data);
}

static void stood_reset(struct stood *stood)
{
    step_capture_reset(&stood->capture);
    free(stood->weights);
    problem_reset(&stood->problem);
}

/* The first result that is wrong, name NULL: none; and how many there were. */
struct verdict {
    struct check_result fault;
    size_t results;
};

static void result_keep(void *user, const struct check_result *result)
{
    struct verdict *verdict = user;
    verdict->results++;
    if (!result->ok && verdict->fault.name == NULL)
        verdict->fault = *result;
}

static struct verdict judged(const struct stood *stood)
{
    struct verdict verdict = {.results = 0};
    const struct check_sink sink = {&verdict, result_keep};
    ck_ok(step_judge(&stood->trial, &stood->capture, &sink));
    return verdict;
}

static void assert_right(const struct stood *stood)
{
    char line[RECIPE_TEXT];
    const struct verdict verdict = judged(stood);
    const struct check_result *fault = &verdict.fault;
    recipe_print(&stood->problem.recipe, line);
    ck_assert_msg(fault->name == NULL,
                  "%s: %s %s: %s, element %zu: got %.9g, need %.9g within %.3g", line, fault->name,
                  fault->shape, fault->array, fault->index, fault->got, fault->want, fault->bound);
}

/* ---- honest steps ---- */

/* Each stage is a result: gather, output_delta, loss, correct, penalty_terms, update; of a layer
 * dense_forward and weight_gradient, bias_gradient with a bias, delta but for the first,
 * activation where z is kept; with batch norm two of statistics, two of running ones, norm_forward,
 * two of norm_gradient, and no bias but of the last layer. */
START_TEST(honest_steps_pass)
{
    for (uint64_t seed = 1; seed <= 60; seed++) {
        const struct recipe recipe = recipe_draw(seed);
        struct stood stood;
        step_stand(&recipe, &stood);
        assert_right(&stood);
        size_t kept = 0;
        for (size_t l = 0; l < recipe.layers; l++)
            kept += layer_keeps_z(&stood.problem.network.layers[l]);
        const size_t biases = recipe.bias ? recipe.norm ? 1 : recipe.layers : 0;
        const size_t norms = recipe.norm ? 7 * (recipe.layers - 1) : 0;
        ck_assert_uint_eq(judged(&stood).results,
                          6 + 2 * recipe.smooth + 3 * recipe.layers + biases + norms - 1 + kept);
        stood_reset(&stood);
    }
}
END_TEST

/* Whatever overflows: the device is right to give what is not finite, and is not accused of it. */
START_TEST(honest_steps_pass_however_large_their_numbers)
{
    static const float sizes[] = {1e5f, 1e10f, 1e19f, 3e19f, 1e30f, 1e37f};
    for (uint64_t seed = 1; seed <= 120; seed++) {
        const struct recipe recipe = recipe_draw(seed);
        struct stood stood;
        struct problem sized = problem_create(&recipe);
        const size_t inputs = sized.samples * recipe.widths[0];
        const float size = sizes[seed % 6];
        /* the numbers of a step follow from its recipe, so a larger one is run by hand */
        for (size_t i = 0; i < inputs && seed % 2 == 0; i++)
            sized.x[i] *= size;
        for (size_t i = 0; i < sized.network.parameter_count && seed % 3 != 0; i++)
            sized.parameters[i] *= size;
        if (seed % 5 == 0)
            sized.learning_rate = size;
        stood.problem = sized;
        stood.trial = trial_of(&stood.problem);
        struct verdict verdict = {.results = 0};
        const struct check_sink sink = {&verdict, result_keep};
        ck_ok(step_trial_run(device, &stood.trial, WEFT_GEMM_AUTO, NULL, &sink));
        const struct check_result *fault = &verdict.fault;
        ck_assert_msg(fault->name == NULL,
                      "seed %d, size %g: %s %s: %s, element %zu: got %.9g, need %.9g within %.3g",
                      (int)seed, (double)size, fault->name, fault->shape, fault->array,
                      fault->index, fault->got, fault->want, fault->bound);
        problem_reset(&stood.problem);
    }
}
END_TEST

/* ---- disturbed steps ---- */

/* What a stage gave, and the words that name it. */
struct tensor_given {
    const char *operation;
    char place[32]; /* in the shape: "layer 1:"; "" where it has none */
    double *values;
    size_t count;
    float *single; /* instead of values, where it is kept in float32 */
};

static struct tensor_given given_by(const char *operation, size_t layer, double *values,
                                    size_t count)
{
    struct tensor_given given = {.operation = operation, .values = values, .count = count};
    snprintf(given.place, sizeof given.place, "layer %zu:", layer);
    return given;
}

/* What batch norm has of a layer, where it has some. */
static size_t norm_list(struct stood *stood, size_t l, struct tensor_given *tensors)
{
    const struct network *network = stood->trial.network;
    const struct dense_layer *layer = &network->layers[l];
    struct step_capture *capture = &stood->capture;
    const size_t outputs = layer->outputs, rows = stood->trial.batch * outputs;
    double *mean = capture->statistics + (layer->mean_offset - network->parameter_count);
    size_t count = 0;
    if (!layer->batch_norm)
        return 0;
    tensors[count++] = given_by("dense_forward", l, capture->q[l], rows);
    tensors[count++] = given_by("norm_statistics", l, mean, outputs);
    tensors[count++] = given_by("norm_statistics", l, mean + outputs, outputs);
    tensors[count++] = given_by("norm_forward", l, capture->z[l], rows);
    tensors[count++] =
        given_by("norm_gradient", l, capture->gradient + layer->scale_offset, outputs);
    tensors[count++] =
        given_by("norm_gradient", l, capture->gradient + layer->shift_offset, outputs);
    tensors[count++] = given_by("norm_running", l, capture->updated + layer->mean_offset, outputs);
    tensors[count++] =
        given_by("norm_running", l, capture->updated + layer->variance_offset, outputs);
    return count;
}

/* Everything of the capture that is an array; their number. */
static size_t tensors_list(struct stood *stood, struct tensor_given tensors[MOST_TENSORS])
{
    const struct network *network = stood->trial.network;
    struct step_capture *capture = &stood->capture;
    const size_t batch = stood->trial.batch, last = network->layer_count - 1;
    size_t count = 0;
    tensors[count++] =
        (struct tensor_given){"gather", "", NULL, batch * network_features(network), capture->x};
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct dense_layer *layer = &network->layers[l];
        const size_t rows = batch * layer->outputs;
        count += norm_list(stood, l, tensors + count);
        tensors[count++] =
            given_by(layer->batch_norm ? "activation" : "dense_forward", l, capture->a[l], rows);
        tensors[count++] = given_by(l == last ? "output_delta" : "delta", l, capture->dz[l], rows);
        tensors[count++] = given_by("weight_gradient", l, capture->gradient + layer->weight_offset,
                                    layer->outputs * layer->inputs);
        if (layer->bias)
            tensors[count++] = given_by("bias_gradient", l, capture->gradient + layer->bias_offset,
                                        layer->outputs);
    }
    tensors[count++] =
        (struct tensor_given){"update", "", capture->updated, network->parameter_count, NULL};
    return count;
}

/* The judgment names this element of this tensor. */
static struct check_result assert_named(const struct stood *stood, const struct tensor_given *given,
                                        size_t index)
{
    const struct check_result fault = judged(stood).fault;
    ck_assert_msg(fault.name != NULL, "%s %s element %zu: nothing is wrong", given->operation,
                  given->place, index);
    ck_assert_str_eq(fault.name, given->operation);
    ck_assert_msg(strncmp(fault.shape, given->place, strlen(given->place)) == 0, "%s: %s, not %s",
                  fault.name, fault.shape, given->place);
    ck_assert_uint_eq(fault.index, index);
    return fault;
}

static double value_of(const struct tensor_given *given, size_t index)
{
    return given->single != NULL ? (double)given->single[index] : given->values[index];
}

static void value_set(const struct tensor_given *given, size_t index, double value)
{
    if (given->single != NULL)
        given->single[index] = (float)value;
    else
        given->values[index] = value;
}

/* The largest magnitude in a tensor. */
static double largest_of(const struct tensor_given *given)
{
    double largest = 0.0;
    for (size_t i = 0; i < given->count; i++)
        largest = fmax(largest, fabs(value_of(given, i)));
    return largest;
}

/* One element: with a NaN in its place the result tells what it should be, and its bound. Nothing
 * is wrong within the bound, in this stage at least; everything is beyond it, on both sides. */
static void element_disturb(const struct stood *stood, const struct tensor_given *given,
                            size_t index)
{
    const double honest = value_of(given, index), largest = largest_of(given);
    value_set(given, index, (double)NAN);
    const struct check_result expected = assert_named(stood, given, index);
    ck_assert_msg(expected.bound <= 1e-4 * largest + 0x1p-100, "%s %s: bound %g of %g",
                  given->operation, given->place, expected.bound, largest);
    for (int side = -1; side <= 1; side += 2) {
        const double beyond = fmax(1.01 * expected.bound, 1e-7 * fabs(expected.want));
        value_set(given, index, beyond > 0.0 ? expected.want + side * beyond : side * 0x1p-140);
        assert_named(stood, given, index);
        value_set(given, index, expected.want + side * 0.99 * expected.bound);
        const struct check_result fault = judged(stood).fault;
        ck_assert_msg(fault.name == NULL || strcmp(fault.name, given->operation) != 0 ||
                          strncmp(fault.shape, given->place, strlen(given->place)) != 0,
                      "%s %s element %zu: wrong within its bound", given->operation, given->place,
                      index);
    }
    value_set(given, index, honest);
}

/* 0/0 has a sign on some machines; messages have none. */
START_TEST(no_number_has_one_spelling)
{
    struct check_result result;
    char text[16];
    result_begin(&result, "stage", "array");
    result_note(&result, 0, copysign((double)NAN, -1.0), 1.0, 0.5);
    snprintf(text, sizeof text, "%g", result.got);
    ck_assert_str_eq(text, "nan");
    ck_assert(!result.ok);
}
END_TEST

START_TEST(what_is_beyond_its_bound_is_named)
{
    static const char *const recipes[] = {
        "seed=1 widths=9,6,3 batch=7 head=softmax bias=1 sum=0 true_class_only=0 ordered=0 "
        "before=0 l1=0.01 l2=0.02 smooth=0" RECIPE_PLAIN,
        "seed=2 widths=5,4,6,2 batch=9 head=sigmoid bias=1 sum=1 true_class_only=1 ordered=0 "
        "before=0 l1=0 l2=0.5 smooth=0" RECIPE_PLAIN,
        "seed=3 widths=17,5 batch=12 head=identity bias=0 sum=0 true_class_only=0 ordered=0 "
        "before=0 l1=0 l2=0 smooth=0" RECIPE_PLAIN,
        "seed=4 widths=3,8,1 batch=1 head=sigmoid bias=0 sum=0 true_class_only=0 ordered=0 "
        "before=0 l1=0.1 l2=0 smooth=0" RECIPE_PLAIN,
        ("seed=5 widths=6,5,7,3 batch=11 head=softmax bias=1 sum=0 true_class_only=0 ordered=0 "
         "before=0 l1=0 l2=0.01 smooth=0 dropout=0 activations=tanh,softplus norm=1")};
    const struct recipe recipe = recipe_read(recipes[_i]);
    struct tensor_given tensors[MOST_TENSORS];
    struct stood stood;
    step_stand(&recipe, &stood);
    assert_right(&stood);
    const size_t count = tensors_list(&stood, tensors);
    for (size_t t = 0; t < count; t++) {
        element_disturb(&stood, &tensors[t], 0);
        element_disturb(&stood, &tensors[t], tensors[t].count / 2);
        element_disturb(&stood, &tensors[t], tensors[t].count - 1);
    }
    assert_right(&stood);
    stood_reset(&stood);
}
END_TEST

/* The sums of a batch, each 0.1 % off. */
START_TEST(sums_that_are_wrong_are_named)
{
    const struct recipe recipe =
        recipe_read("seed=5 widths=7,5,3 batch=16 head=softmax bias=1 sum=0 true_class_only=0 "
                    "ordered=0 before=0 l1=0.01 l2=0.02 smooth=0" RECIPE_PLAIN);
    static const char *const names[] = {"loss", "penalty_terms", "penalty_terms"};
    struct stood stood;
    step_stand(&recipe, &stood);
    struct batch_metrics *metrics = &stood.capture.metrics;
    float *const sums[] = {&metrics->loss, &metrics->weight_abs, &metrics->weight_squares};
    for (size_t i = 0; i < 3; i++) {
        const float honest = *sums[i];
        *sums[i] *= 1.001f;
        const struct check_result fault = judged(&stood).fault;
        ck_assert_msg(fault.name != NULL, "sum %zu is wrong and nothing is said", i);
        ck_assert_str_eq(fault.name, names[i]);
        ck_assert_uint_eq(fault.index, i == 2);
        *sums[i] = honest;
    }
    metrics->correct += 1;
    ck_assert_str_eq(judged(&stood).fault.name, "correct");
    metrics->correct -= 2;
    ck_assert_str_eq(judged(&stood).fault.name, "correct");
    stood_reset(&stood);
}
END_TEST

/* Standardized samples, and a scale of which the device knows another number. */
START_TEST(a_wrong_scale_is_named)
{
    const struct recipe recipe =
        recipe_read("seed=6 widths=4,3,2 batch=8 head=softmax bias=1 sum=0 true_class_only=0 "
                    "ordered=0 before=0 l1=0 l2=0 smooth=0" RECIPE_PLAIN);
    float mean[] = {0.5f, -1.0f, 100.0f, 1e-3f}, deviation[] = {1.0f, 0.25f, 3.0f, 1e-4f};
    struct problem problem = problem_create(&recipe);
    struct scale scale = {.features = 4, .mean = mean, .std = deviation};
    struct step_trial trial = trial_of(&problem);
    struct verdict verdict = {.results = 0};
    const struct check_sink sink = {&verdict, result_keep};
    trial.scale = &scale;
    ck_ok(step_trial_run(device, &trial, WEFT_GEMM_AUTO, NULL, &sink));
    ck_assert_ptr_null(verdict.fault.name);

    struct step_capture capture;
    ck_ok(step_capture_init(&capture, &problem.network, trial.batch, trial.targets.dense, 0));
    for (size_t i = 0; i < trial.batch * 4; i++) /* as with a mean that is 0.1 % too large */
        capture.x[i] = (float)(((double)problem.x[i] - 1.001 * (double)mean[i % 4]) /
                               (double)deviation[i % 4]);
    ck_ok(step_judge(&trial, &capture, &sink));
    ck_assert_str_eq(verdict.fault.name, "gather");
    step_capture_reset(&capture);
    problem_reset(&problem);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, honest_steps_pass);
    tcase_add_test(tests, honest_steps_pass_however_large_their_numbers);
    tcase_add_test(tests, no_number_has_one_spelling);
    tcase_add_loop_test(tests, what_is_beyond_its_bound_is_named, 0, 5);
    tcase_add_test(tests, sums_that_are_wrong_are_named);
    tcase_add_test(tests, a_wrong_scale_is_named);
}

int main(void)
{
    Suite *suite = suite_create("judge");
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
