/* Tests what weft_train computes on both devices: the whole recipe against the reference. */
#include "reference/reference.h"
#include "small_training.h"

enum { BATCHES = (SAMPLES + BATCH - 1) / BATCH };

static struct weft_epoch epochs[16];

static int keep_epoch(void *user, const struct weft_epoch *epoch)
{
    (void)user;
    ck_assert_uint_lt(epoch->epoch - 1, 16);
    epochs[epoch->epoch - 1] = *epoch;
    return 0;
}

/* The network of a model and its parameters in double. */
static void model_copy(const struct weft_model *model, struct network *network, double *parameters)
{
    struct weft_model_info info;
    weft_model_get_info(model, &info);
    ck_ok(network_init(network, info.widths, info.layers, info.head, info.bias));
    for (size_t l = 0; l < info.layers; l++) {
        const struct dense_layer *layer = &network->layers[l];
        for (size_t i = 0; i < layer->inputs * layer->outputs; i++)
            parameters[layer->weight_offset + i] = (double)weft_model_weights(model, l)[i];
        for (size_t i = 0; info.bias && i < layer->outputs; i++)
            parameters[layer->bias_offset + i] = (double)weft_model_biases(model, l)[i];
    }
}

/* x [N][D] = the standardized samples, by statistics of the test's own. */
static void standardized(double *x)
{
    struct weft_dataset_info info;
    weft_dataset_get_info(data, &info);
    for (size_t j = 0; j < FEATURES; j++) {
        double mean = 0.0, squares = 0.0;
        for (size_t r = 0; r < SAMPLES; r++)
            mean += (double)info.x[r * FEATURES + j] / SAMPLES;
        for (size_t r = 0; r < SAMPLES; r++)
            squares += pow((double)info.x[r * FEATURES + j] - mean, 2.0) / SAMPLES;
        for (size_t r = 0; r < SAMPLES; r++)
            x[r * FEATURES + j] = ((double)info.x[r * FEATURES + j] - mean) / sqrt(squares);
    }
}

/* mean loss + l1 sum |w| + l2/2 sum w^2 of `samples` samples; for a reduction by sum, `batch` times
 * that loss. */
static double error_of(const struct weft_options *options, const struct ref_step *step,
                       size_t samples, double batch)
{
    const double loss = step->loss / (double)samples;
    return (options->reduction == WEFT_REDUCTION_SUM ? batch * loss : loss) +
           options->l1 * step->weight_abs + options->l2 / 2.0 * step->weight_squares;
}

/* One epoch of the reference in the order of that epoch: returns the mean error of its batches;
 * `*correct` counts the samples right before their update. */
static double reference_epoch(const struct network *network, const struct weft_options *options,
                              const double *x, size_t epoch, double *parameters, size_t *correct)
{
    struct weft_dataset_info info;
    uint32_t order[SAMPLES];
    double batch_x[BATCH * FEATURES], error = 0.0;
    int32_t batch_labels[BATCH];
    const bool sum = options->reduction == WEFT_REDUCTION_SUM;
    *correct = 0;
    weft_dataset_get_info(data, &info);
    random_permutation((struct random_stream){options->seed, RANDOM_ORDER, (uint32_t)epoch}, order,
                       SAMPLES);
    for (size_t b = 0; b < BATCHES; b++) {
        const size_t first = b * BATCH, count = b + 1 < BATCHES ? BATCH : SAMPLES - first;
        for (size_t r = 0; r < count; r++) {
            memcpy(batch_x + r * FEATURES, x + order[first + r] * FEATURES, FEATURES * sizeof *x);
            batch_labels[r] = info.labels[order[first + r]];
        }
        struct ref_step step;
        const struct ref_rule rule = {
            .delta_factor = sum ? 1.0 : 1.0 / (double)count, .l1 = options->l1, .l2 = options->l2};
        ck_ok(ref_step_run(network, parameters, batch_x, batch_labels, count, &rule, &step));
        error += error_of(options, &step, count, (double)count);
        *correct += step.correct;
        ref_sgd_update(parameters, step.gradient, network->parameter_count, options->learning_rate);
        ref_step_reset(&step);
    }
    return error / BATCHES;
}

/* What is reported of the trained network: all samples, judged as a batch of the mean size. */
static void assert_final_score(const struct network *network, const struct weft_options *options,
                               const double *x, const double *parameters,
                               const struct weft_score *score, double tolerance)
{
    struct weft_dataset_info info;
    struct ref_step step;
    const struct ref_rule rule = {.delta_factor = 1.0, .l1 = options->l1, .l2 = options->l2};
    weft_dataset_get_info(data, &info);
    ck_ok(ref_step_run(network, parameters, x, info.labels, SAMPLES, &rule, &step));
    ck_assert_uint_eq(score->samples, SAMPLES);
    ck_assert_double_eq(score->accuracy, (double)step.correct / SAMPLES);
    ck_assert_double_eq_tol(
        score->error, error_of(options, &step, SAMPLES, (double)SAMPLES / BATCHES), tolerance);
    ref_step_reset(&step);
}

/* Shuffling, standardizing, batches of two sizes, biases, penalties both and each, means and sums
 * over the batch: the whole recipe, against the reference with an orchestration of the test's own.
 * 21 updates of numbers of the order of 1, each a few roundings of 6e-8: 1e-5 holds, of a sum as
 * many times that, and shows any other order, rate, or penalty. */
START_TEST(training_is_that_of_the_reference)
{
    static const enum weft_head heads[] = {WEFT_HEAD_SOFTMAX, WEFT_HEAD_SIGMOID,
                                           WEFT_HEAD_IDENTITY};
    static const struct {
        double l1, l2;
    } penalties[] = {{0.003, 0.02}, {0.001, 0.0}, {0.0, 0.001}};
    struct weft_options options = small("default");
    struct network network;
    struct weft_training training;
    double parameters[128], after[128], x[SAMPLES * FEATURES];
    const bool sum = _i >= 3;
    const double tolerance = sum ? BATCH * 1e-5 : 1e-5;
    options.head = heads[_i % 3];
    options.reduction = sum ? WEFT_REDUCTION_SUM : WEFT_REDUCTION_MEAN;
    options.learning_rate /= sum ? BATCH : 1;
    options.l1 = penalties[(_i + _i / 3) % 3].l1;
    options.l2 = penalties[(_i + _i / 3) % 3].l2;
    options.bias = _i % 3 != 1;
    struct weft_model *model = model_new(&options);
    model_copy(model, &network, parameters);
    standardized(x);
    const struct weft_callbacks callbacks = {.epoch = keep_epoch};
    ck_ok(weft_train(device, model, &options, data, NULL, NULL, &callbacks, &training));

    for (size_t epoch = 1; epoch <= options.epochs; epoch++) {
        size_t correct;
        const double error = reference_epoch(&network, &options, x, epoch, parameters, &correct);
        ck_assert_double_eq_tol(epochs[epoch - 1].error, error, tolerance);
        ck_assert_double_eq(epochs[epoch - 1].train_accuracy, (double)correct / SAMPLES);
    }
    assert_final_score(&network, &options, x, parameters, &training.train, tolerance);
    const size_t count = network.parameter_count;
    network_reset(&network);
    model_copy(model, &network, after);
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(fabs(after[i] - parameters[i]) <= 1e-5,
                      "parameter %zu: got %.9g, the reference has %.9g", i, after[i],
                      parameters[i]);
    network_reset(&network);
    weft_model_destroy(model);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_checked_fixture(tests, data_open, data_close);
    tcase_add_loop_test(tests, training_is_that_of_the_reference, 0, 6);
}

int main(void)
{
    Suite *suite = suite_create("recipe");
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
