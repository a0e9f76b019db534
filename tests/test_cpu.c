/* The CPU backend as the training loop uses it: whole steps against NumPy's numbers and the
 * reference, batches in every kind of order, evaluation that does not depend on company. */
#include <omp.h>
#include <stdint.h>

#include "base/random.h"
#include "cpu/cpu.h"
#include "golden_article.h"
#include "reference/reference.h"

static struct weft_device *device;
static const struct backend *backend;

static void open_device(void)
{
    ck_ok(cpu_device_create(&device));
    backend = device->backend;
}

static void close_device(void)
{
    backend->device_destroy(device);
}

static struct workspace *workspace_open(const struct network *network, size_t batch, bool training)
{
    struct workspace_plan plan = {network, batch, 2, training, WEFT_PRODUCTS_AUTO};
    struct workspace *workspace;
    ck_ok(backend->workspace_create(device, &plan, &workspace));
    return workspace;
}

static struct device_data *data_open(size_t samples, size_t features, const float *x,
                                     const int32_t *labels)
{
    struct data_source source = {samples, features, x, labels, NULL};
    struct device_data *data;
    ck_ok(backend->data_create(device, &source, &data));
    return data;
}

/* Memory of a test. */
static void *room(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    ck_assert_ptr_nonnull(memory);
    return memory;
}

static void fill(float *values, size_t n, uint32_t stream, float low, float high)
{
    for (size_t i = 0; i < n; i++)
        values[i] = random_uniform((struct random_stream){7, RANDOM_CHECK, stream}, i, low, high);
}

static void to_double(const float *values, size_t n, double *exact)
{
    for (size_t i = 0; i < n; i++)
        exact[i] = (double)values[i];
}

/* Forward and backward pass of the samples first .. first + count - 1 into slot 0. */
static void step(struct workspace *workspace, const struct network *network,
                 const struct device_data *data, size_t first, size_t count,
                 const struct loss_rule *rule)
{
    ck_ok(backend->batch_gather(workspace, data, first, count));
    for (size_t l = 0; l < network->layer_count; l++)
        ck_ok(backend->dense_forward(workspace, l));
    ck_ok(backend->output_delta(workspace, rule, 0));
    ck_ok(backend->penalty_terms(workspace, 0));
    for (size_t l = network->layer_count; l-- > 0;)
        ck_ok(backend->dense_backward(workspace, l));
}

/* ---- the article, step by step, in float32 ---- */

/* A few roundings of numbers of the order of 1, carried through six updates. */
static const double golden_tolerance = 2e-6;

static void compare_tensor(struct workspace *workspace, enum tensor tensor, size_t layer,
                           const char *what, size_t index, const double *expected, size_t n)
{
    float values[GOLDEN_MAX];
    double got[GOLDEN_MAX];
    ck_ok(backend->tensor_download(workspace, tensor, layer, values));
    to_double(values, n, got);
    golden_compare(what, index, got, expected, n, golden_tolerance);
}

static void check_article_step(const struct golden *golden, struct workspace *workspace,
                               const struct device_data *data, size_t index)
{
    const json_t *wanted = golden_step(golden, index);
    size_t first, count, n1 = golden->hidden * golden->features,
                         n2 = golden->classes * golden->hidden;
    golden_batch(golden, index % golden->batches, &first, &count);
    const struct loss_rule loss_rule = {1.0F, true};
    const struct update_rule update = {(float)golden->learning_rate, 0.0F,
                                       (float)(golden->l1 + golden->l2)};
    step(workspace, &golden->network, data, first, count, &loss_rule);
    ck_ok(backend->update(workspace, &update));
    ck_ok(backend->output_probabilities(workspace, false));

    double expected[GOLDEN_MAX];
    golden_numbers(wanted, "act_hidden", expected, count * golden->hidden);
    compare_tensor(workspace, TENSOR_ACTIVATION, 0, "act_hidden", index, expected,
                   count * golden->hidden);
    golden_numbers(wanted, "act_out", expected, count * golden->classes);
    compare_tensor(workspace, TENSOR_PROBABILITY, 0, "act_out", index, expected,
                   count * golden->classes);
    golden_numbers(wanted, "grad1", expected, n1);
    compare_tensor(workspace, TENSOR_WEIGHT_GRADIENT, 0, "grad1", index, expected, n1);
    golden_numbers(wanted, "grad2", expected, n2);
    compare_tensor(workspace, TENSOR_WEIGHT_GRADIENT, 1, "grad2", index, expected, n2);

    struct batch_metrics metrics;
    ck_ok(backend->metrics_download(workspace, 1, &metrics));
    double error = golden_error(golden, (double)metrics.loss, (double)metrics.weight_abs,
                                (double)metrics.weight_squares);
    golden_numbers(wanted, "error", expected, 1);
    golden_compare("error", index, &error, expected, 1, golden_tolerance);

    float parameters[GOLDEN_MAX];
    double got[GOLDEN_MAX];
    ck_ok(backend->parameters_download(workspace, parameters));
    to_double(parameters, n1 + n2, got);
    golden_numbers(wanted, "w1_after", expected, n1);
    golden_numbers(wanted, "w2_after", expected + n1, n2);
    golden_compare("w_after", index, got, expected, n1 + n2, golden_tolerance);
}

START_TEST(article_tiny)
{
    struct golden golden;
    golden_load(&golden);
    float x[GOLDEN_MAX], parameters[GOLDEN_MAX];
    for (size_t i = 0; i < golden.samples * golden.features; i++)
        x[i] = (float)golden.x[i];
    for (size_t i = 0; i < golden.network.parameter_count; i++)
        parameters[i] = (float)golden.parameters[i];
    struct device_data *data = data_open(golden.samples, golden.features, x, golden.labels);
    struct workspace *workspace = workspace_open(&golden.network, golden.samples, true);
    ck_ok(backend->parameters_upload(workspace, parameters));
    for (size_t i = 0; i < golden.epochs * golden.batches; i++)
        check_article_step(&golden, workspace, data, i);

    /* the squeezed probabilities of the trained network */
    double expected[GOLDEN_MAX];
    ck_ok(backend->batch_gather(workspace, data, 0, golden.samples));
    ck_ok(backend->dense_forward(workspace, 0));
    ck_ok(backend->dense_forward(workspace, 1));
    ck_ok(backend->output_probabilities(workspace, true));
    golden_numbers(golden.root, "predict_proba", expected, golden.samples * golden.classes);
    compare_tensor(workspace, TENSOR_PROBABILITY, 0, "predict_proba", 0, expected,
                   golden.samples * golden.classes);
    backend->workspace_destroy(workspace);
    backend->data_destroy(data);
    golden_free(&golden);
}
END_TEST

/* ---- whole gradients against the reference ---- */

struct whole_case {
    const char *name;
    size_t widths[5], layers, batch;
    enum weft_head head;
    bool bias;
    float l1, l2, weights; /* weights are uniform in +-weights */
};

static const struct whole_case whole_cases[] = {
    {"article", {784, 50, 10}, 2, 2400, WEFT_HEAD_SIGMOID, false, 0.0F, 0.5F, 1.0F},
    {"three layers", {93, 64, 33, 7}, 3, 1000, WEFT_HEAD_SOFTMAX, true, 0.01F, 0.02F, 0.3F},
    {"identity", {17, 30, 5}, 2, 64, WEFT_HEAD_IDENTITY, true, 0.0F, 0.0F, 0.5F},
    {"single output", {7, 9, 1}, 2, 93, WEFT_HEAD_SIGMOID, true, 0.1F, 0.0F, 1.0F},
};
enum { WHOLE_CASES = sizeof whole_cases / sizeof whole_cases[0] };

struct whole {
    const struct whole_case *of;
    struct network network;
    float *x, *parameters; /* [B][D], [parameter_count] */
    int32_t *labels;       /* [B] */
};

static void whole_create(const struct whole_case *of, struct whole *whole)
{
    size_t n = of->batch * of->widths[0];
    whole->of = of;
    ck_ok(network_init(&whole->network, of->widths, of->layers, of->head, of->bias));
    whole->x = room(n, sizeof(float));
    whole->labels = room(of->batch, sizeof(int32_t));
    whole->parameters = room(whole->network.parameter_count, sizeof(float));
    fill(whole->x, n, 0, -1.0F, 1.0F);
    fill(whole->parameters, whole->network.parameter_count, 1, -of->weights, of->weights);
    size_t outputs = network_outputs(&whole->network);
    for (size_t i = 0; i < of->batch; i++)
        whole->labels[i] = (int32_t)(i * 7 % 5 % (outputs == 1 ? 2 : outputs));
}

static void whole_destroy(struct whole *whole)
{
    free(whole->x);
    free(whole->labels);
    free(whole->parameters);
    network_reset(&whole->network);
}

/* The reference's step, with what the device holds as exact input. */
static void whole_reference(const struct whole *whole, struct ref_step *result)
{
    size_t n = whole->of->batch * whole->of->widths[0];
    double *x = room(n, sizeof *x);
    double *parameters = room(whole->network.parameter_count, sizeof *parameters);
    to_double(whole->x, n, x);
    to_double(whole->parameters, whole->network.parameter_count, parameters);
    struct ref_rule rule = {1.0 / 64.0, false, (double)whole->of->l1, (double)whole->of->l2};
    ck_ok(ref_step_run(&whole->network, parameters, x, whole->labels, whole->of->batch, &rule,
                       result));
    free(x);
    free(parameters);
}

/* A step and an update on the device; gradient and parameters after it [parameter_count]. */
static void whole_device(const struct whole *whole, float *gradient, float *parameters,
                         struct batch_metrics *metrics)
{
    const struct network *network = &whole->network;
    struct device_data *data =
        data_open(whole->of->batch, whole->of->widths[0], whole->x, whole->labels);
    struct workspace *workspace = workspace_open(network, whole->of->batch, true);
    ck_ok(backend->parameters_upload(workspace, whole->parameters));
    step(workspace, network, data, 0, whole->of->batch, &(struct loss_rule){1.0F / 64.0F, false});
    ck_ok(backend->update(workspace, &(struct update_rule){0.125F, whole->of->l1, whole->of->l2}));
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct dense_layer *dense = &network->layers[l];
        ck_ok(backend->tensor_download(workspace, TENSOR_WEIGHT_GRADIENT, l,
                                       gradient + dense->weight_offset));
        if (dense->bias)
            ck_ok(backend->tensor_download(workspace, TENSOR_BIAS_GRADIENT, l,
                                           gradient + dense->bias_offset));
    }
    ck_ok(backend->parameters_download(workspace, parameters));
    ck_ok(backend->metrics_download(workspace, 1, metrics));
    backend->workspace_destroy(workspace);
    backend->data_destroy(data);
}

/* ||got - expected|| <= tolerance ||expected|| over one tensor, which must not be all zero. */
static void check_norm(const char *name, const float *got, const double *expected, size_t n,
                       double tolerance)
{
    double error = 0.0, norm = 0.0;
    for (size_t i = 0; i < n; i++) {
        error += ((double)got[i] - expected[i]) * ((double)got[i] - expected[i]);
        norm += expected[i] * expected[i];
    }
    ck_assert_msg(norm > 1e-6, "%s: all zero", name);
    ck_assert_msg(sqrt(error) <= tolerance * sqrt(norm), "%s: error %g of norm %g, bound %g", name,
                  sqrt(error), sqrt(norm), tolerance * sqrt(norm));
}

/* Roundings in a sum of K terms add up like a random walk, sqrt(K) u: 3e-6 for the longest sum of
 * 2400 terms; 1e-5 leaves room for the pre-activations' own errors. */
static const double gradient_tolerance = 1e-5;

START_TEST(whole_gradients)
{
    struct whole whole;
    struct ref_step result;
    whole_create(&whole_cases[_i], &whole);
    whole_reference(&whole, &result);
    const struct network *network = &whole.network;
    size_t n = network->parameter_count;
    float *gradient = room(n, sizeof *gradient), *parameters = room(n, sizeof *parameters);
    struct batch_metrics metrics;
    whole_device(&whole, gradient, parameters, &metrics);

    for (size_t l = 0; l < network->layer_count; l++) {
        const struct dense_layer *dense = &network->layers[l];
        check_norm(whole.of->name, gradient + dense->weight_offset,
                   result.gradient + dense->weight_offset, dense->inputs * dense->outputs,
                   gradient_tolerance);
        if (dense->bias)
            check_norm(whole.of->name, gradient + dense->bias_offset,
                       result.gradient + dense->bias_offset, dense->outputs, gradient_tolerance);
    }
    for (size_t i = 0; i < n; i++) /* the update, from the device's own gradient */
        ck_assert_double_eq_tol((double)parameters[i],
                                (double)whole.parameters[i] - 0.125 * (double)gradient[i], 1e-6);
    ck_assert_double_eq_tol((double)metrics.loss, result.loss, 1e-5 * result.loss);
    ck_assert_double_eq_tol((double)metrics.weight_abs, result.weight_abs,
                            1e-6 * result.weight_abs);
    ck_assert_double_eq_tol((double)metrics.weight_squares, result.weight_squares,
                            1e-6 * result.weight_squares);
    ck_assert_uint_eq(metrics.correct, result.correct);
    free(gradient);
    free(parameters);
    ref_step_reset(&result);
    whole_destroy(&whole);
}
END_TEST

/* Products may differ in the last bits, as the BLAS cuts its sums by threads; nothing else may. The
 * bits of all other primitives: test_cpu_primitives.c. */
START_TEST(threads_agree)
{
    struct whole whole;
    whole_create(&whole_cases[0], &whole);
    size_t n = whole.network.parameter_count;
    float *gradient = room(n, sizeof *gradient), *parameters = room(n, sizeof *parameters);
    double *first = room(n, sizeof *first);
    struct batch_metrics one, two;
    omp_set_num_threads(1);
    whole_device(&whole, gradient, parameters, &one);
    to_double(gradient, n, first);
    omp_set_num_threads(2);
    whole_device(&whole, gradient, parameters, &two);
    check_norm("gradient", gradient, first, n, gradient_tolerance);
    ck_assert_double_eq_tol((double)one.loss, (double)two.loss, 1e-5 * (double)one.loss);
    ck_assert(one.weight_abs == two.weight_abs && one.weight_squares == two.weight_squares);

    float *again = room(n, sizeof *again); /* the same number of threads: the same bits */
    whole_device(&whole, again, parameters, &one);
    ck_assert_mem_eq(again, gradient, n * sizeof *again);
    free(gradient);
    free(parameters);
    free(first);
    free(again);
    whole_destroy(&whole);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cpu");
    TCase *steps = tcase_create("steps");
    tcase_add_checked_fixture(steps, open_device, close_device);
    tcase_add_test(steps, article_tiny);
    tcase_add_loop_test(steps, whole_gradients, 0, WHOLE_CASES);
    tcase_add_test(steps, threads_agree);
    suite_add_tcase(suite, steps);
    return suite_main(suite);
}
