/* Tests both backends as the training loop uses them: whole steps against NumPy's numbers and
 * against the reference. */
#include "golden_article.h"
#include "train/objective.h"
#include "whole_step.h"

/* ---- the article, number by number ---- */

/* In float32 every number of the tiny run is a sum of at most 7 terms of magnitude 2 or less, made
 * from such numbers of the layer below and of up to 5 updates before: fewer than 32 roundings of
 * u = 2^-24 each. */
static const double golden_tolerance = 32.0 * 0x1p-24;

struct golden_run {
    struct golden golden;
    struct objective objective;
    struct device_data *data;
    struct workspace *workspace;
};

static void golden_open(struct golden_run *run)
{
    float x[GOLDEN_MAX], parameters[GOLDEN_MAX];
    struct golden *golden = &run->golden;
    golden_load(golden);
    for (size_t i = 0; i < golden->samples * golden->features; i++)
        x[i] = (float)golden->x[i];
    for (size_t i = 0; i < golden->network.parameter_count; i++)
        parameters[i] = (float)golden->parameters[i];
    run->objective = (struct objective){.reduction = WEFT_REDUCTION_SUM,
                                        .l1 = golden->l1,
                                        .l2 = golden->l2,
                                        .article = true,
                                        .classes = golden->classes};
    run->data = data_open(golden->samples, golden->features, x, golden->labels);
    run->workspace = workspace_open(&golden->network, golden->samples, golden->batches, true);
    ck_ok(backend->parameters_upload(run->workspace, parameters));
}

static void golden_close(struct golden_run *run)
{
    backend->workspace_destroy(run->workspace);
    backend->data_destroy(run->data);
    golden_free(&run->golden);
}

/* values [n] is the array `key` of `object`. */
static void assert_golden(const json_t *object, const char *key, size_t step, const float *values,
                          size_t n)
{
    double got[GOLDEN_MAX], expected[GOLDEN_MAX];
    golden_numbers(object, key, expected, n);
    to_double(values, n, got);
    golden_compare(key, step, got, expected, n, golden_tolerance);
}

static void assert_golden_tensor(const struct golden_run *run, const json_t *object,
                                 const char *key, size_t step, enum tensor tensor, size_t layer,
                                 size_t n)
{
    float values[GOLDEN_MAX];
    ck_ok(backend->tensor_download(run->workspace, tensor, layer, values));
    assert_golden(object, key, step, values, n);
}

/* Step `index` of the run, all arrays of the file. */
static void golden_step_check(struct golden_run *run, size_t index)
{
    const struct golden *golden = &run->golden;
    const json_t *wanted = golden_step(golden, index);
    const size_t n1 = golden->hidden * golden->features, n2 = golden->classes * golden->hidden;
    const struct update_rule update = objective_update_rule(&run->objective, golden->learning_rate);
    struct step step = {.backend = backend,
                        .workspace = run->workspace,
                        .network = &golden->network,
                        .data = run->data,
                        .slot = index % golden->batches};
    golden_batch(golden, step.slot, &step.first, &step.count);
    step.loss = objective_loss_rule(&run->objective, step.count);
    ck_ok(step_forward(&step));
    ck_ok(step_backward(&step));
    ck_ok(backend->penalty_terms(run->workspace, step.slot));
    ck_ok(backend->update(run->workspace, &update));
    ck_ok(backend->output_probabilities(run->workspace, false));

    assert_golden_tensor(run, wanted, "act_hidden", index, TENSOR_ACTIVATION, 0,
                         step.count * golden->hidden);
    assert_golden_tensor(run, wanted, "act_out", index, TENSOR_PROBABILITY, 0,
                         step.count * golden->classes);
    assert_golden_tensor(run, wanted, "grad1", index, TENSOR_WEIGHT_GRADIENT, 0, n1);
    assert_golden_tensor(run, wanted, "grad2", index, TENSOR_WEIGHT_GRADIENT, 1, n2);
    float parameters[GOLDEN_MAX];
    ck_ok(backend->parameters_download(run->workspace, parameters));
    assert_golden(wanted, "w1_after", index, parameters, n1);
    assert_golden(wanted, "w2_after", index, parameters + n1, n2);
}

/* The errors of an epoch's batches, and their mean. */
static void golden_errors_check(struct golden_run *run, size_t epoch)
{
    const struct golden *golden = &run->golden;
    struct batch_metrics metrics[8];
    double mean = 0.0, expected[GOLDEN_MAX];
    ck_assert_uint_le(golden->batches, 8);
    ck_ok(backend->metrics_download(run->workspace, golden->batches, metrics));
    for (size_t b = 0; b < golden->batches; b++) {
        const size_t index = epoch * golden->batches + b;
        size_t first, count;
        golden_batch(golden, b, &first, &count);
        const double error = objective_error(
            &run->objective, (double)metrics[b].loss / (double)count, (double)count,
            (struct weight_sums){(double)metrics[b].weight_abs, (double)metrics[b].weight_squares});
        golden_numbers(golden_step(golden, index), "error", expected, 1);
        golden_compare("error", index, &error, expected, 1, golden_tolerance);
        mean += error / (double)golden->batches;
    }
    golden_numbers(golden->root, "epoch_error", expected, golden->epochs);
    golden_compare("epoch_error", epoch, &mean, &expected[epoch], 1, golden_tolerance);
}

/* Classes and squeezed probabilities of the trained network. */
static void golden_predictions_check(struct golden_run *run)
{
    const struct golden *golden = &run->golden;
    const size_t n = golden->samples * golden->classes;
    double expected[GOLDEN_MAX];
    float z[GOLDEN_MAX];
    const struct step step = {.backend = backend,
                              .workspace = run->workspace,
                              .network = &golden->network,
                              .data = run->data,
                              .count = golden->samples};
    ck_ok(step_forward(&step));
    ck_ok(backend->output_probabilities(run->workspace, true));
    assert_golden_tensor(run, golden->root, "predict_proba", 0, TENSOR_PROBABILITY, 0, n);
    ck_ok(backend->tensor_download(run->workspace, TENSOR_ACTIVATION, 1, z));
    golden_numbers(golden->root, "predict", expected, golden->samples);
    for (size_t r = 0; r < golden->samples; r++)
        for (size_t c = 0; c < golden->classes; c++)
            ck_assert_msg(z[r * golden->classes + c] <=
                              z[r * golden->classes + (size_t)expected[r]],
                          "sample %zu: class %zu beats %g", r, c, expected[r]);
}

START_TEST(article_tiny)
{
    struct golden_run run;
    golden_open(&run);
    for (size_t epoch = 0; epoch < run.golden.epochs; epoch++) {
        for (size_t b = 0; b < run.golden.batches; b++)
            golden_step_check(&run, epoch * run.golden.batches + b);
        golden_errors_check(&run, epoch);
    }
    golden_predictions_check(&run);
    golden_close(&run);
}
END_TEST

/* ---- whole gradients against the reference ---- */

static const struct whole_case whole_cases[] = {
    {"article", {784, 50, 10}, 2, 2400, WEFT_HEAD_SIGMOID, false, 0.0, 0.5, 1.0f, true},
    {"many rows", {3, 9, 5}, 2, 4111, WEFT_HEAD_SOFTMAX, true, 0.01, 0.02, 0.5f, false},
    {"sigmoid", {93, 64, 33, 17, 7}, 4, 1000, WEFT_HEAD_SIGMOID, true, 0.01, 0.02, 0.5f, false},
    {"softmax", {93, 64, 33, 17, 7}, 4, 1000, WEFT_HEAD_SOFTMAX, true, 0.01, 0.02, 0.5f, false},
    {"identity", {93, 64, 33, 17, 7}, 4, 1000, WEFT_HEAD_IDENTITY, true, 0.01, 0.02, 0.5f, false},
    {"sigmoid, no biases",
     {93, 64, 33, 7},
     3,
     1000,
     WEFT_HEAD_SIGMOID,
     false,
     0.02,
     0.0,
     0.5f,
     true},
    {"softmax, no biases",
     {93, 64, 33, 7},
     3,
     1000,
     WEFT_HEAD_SOFTMAX,
     false,
     0.0,
     0.02,
     0.5f,
     true},
    {"identity, no biases",
     {93, 64, 33, 7},
     3,
     1000,
     WEFT_HEAD_IDENTITY,
     false,
     0.01,
     0.02,
     0.5f,
     true},
    {"no hidden layer", {64, 10}, 1, 93, WEFT_HEAD_SOFTMAX, true, 0.01, 0.02, 0.5f, false},
    {"one sample", {7, 9, 3}, 2, 1, WEFT_HEAD_SOFTMAX, true, 0.01, 0.0, 1.0f, false},
    {"sigmoid, single output", {7, 9, 1}, 2, 93, WEFT_HEAD_SIGMOID, true, 0.01, 0.0, 1.0f, false},
    {"identity, single output", {7, 9, 1}, 2, 93, WEFT_HEAD_IDENTITY, true, 0.0, 0.01, 1.0f, false},
};
enum { WHOLE_CASES = sizeof whole_cases / sizeof *whole_cases };

/* The gradient of the batch alone, tensor by tensor. */
static void assert_gradient(const struct whole *whole, const float *gradient)
{
    const double *want = whole->want.gradient;
    const double tolerance = whole_tolerance(whole);
    for (size_t l = 0; l < whole->network.layer_count; l++) {
        const struct dense_layer *dense = &whole->network.layers[l];
        assert_close(whole->of->name, "dw", l, gradient + dense->weight_offset,
                     want + dense->weight_offset, dense->inputs * dense->outputs, tolerance);
        if (dense->bias)
            assert_close(whole->of->name, "db", l, gradient + dense->bias_offset,
                         want + dense->bias_offset, dense->outputs, tolerance);
    }
}

/* What the update made of the gradient that the device itself computed:
 * g = dw + l1 sign(w) + l2 w on weights, g = db on biases, w -= rate g; 4 and 2 roundings. */
static void assert_update(const struct whole *whole, const float *before,
                          const struct whole_result *got)
{
    const double l1 = whole->of->l1, l2 = whole->of->l2, rate = (double)whole_rate;
    const double u = 0x1p-24;
    for (size_t i = 0; i < whole->network.parameter_count; i++) {
        const bool weight = i < whole->network.weight_count;
        const double w = (double)whole->parameters[i], dw = (double)before[i];
        const double sign = (w > 0.0) - (w < 0.0);
        const double g = dw + (weight ? l1 * sign + l2 * w : 0.0);
        const double after = w - rate * (double)got->gradient[i];
        ck_assert_double_eq_tol((double)got->gradient[i], g,
                                4.0 * u * (fabs(dw) + l1 + l2 * fabs(w)));
        ck_assert_double_eq_tol((double)got->parameters[i], after,
                                2.0 * u * (fabs(w) + rate * fabs(g)));
    }
}

START_TEST(whole_gradients)
{
    struct whole whole;
    struct whole_result got;
    whole_create(&whole_cases[_i], &whole);
    whole_reference(&whole);
    const size_t n = whole.network.parameter_count;
    float *before =
        memory_of(n, sizeof *before); /* the gradient before the update adds the penalty's */
    whole_device(&whole, before, &got);
    assert_gradient(&whole, before);
    assert_update(&whole, before, &got);

    const double tolerance = whole_tolerance(&whole);
    const struct ref_step *want = &whole.want;
    assert_close(whole.of->name, "loss", 0, &got.metrics.loss, &want->loss, 1, tolerance);
    assert_close(whole.of->name, "sum |w|", 0, &got.metrics.weight_abs, &want->weight_abs, 1,
                 tolerance);
    assert_close(whole.of->name, "sum w^2", 0, &got.metrics.weight_squares, &want->weight_squares,
                 1, tolerance);
    ck_assert_uint_eq(got.metrics.correct, want->correct);
    free(before);
    whole_result_free(&got);
    whole_destroy(&whole);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, article_tiny);
    tcase_add_loop_test(tests, whole_gradients, 0, WHOLE_CASES);
}

int main(void)
{
    Suite *suite = suite_create("backends");
    suite_add_engines(suite, add_tests);
    return suite_main(suite);
}
