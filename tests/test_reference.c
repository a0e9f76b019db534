/* Tests the reference against sources that share no code with it: NumPy's numbers, finite
 * differences of its own loss, and results that can be written down. */
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "golden_article.h"
#include "reference/reference.h"
#include "suite.h"
#include "xor_weights.h"

/* ---- the article, step by step ---- */

static void check_article_step(const struct golden *golden, size_t index, double *parameters,
                               double *error)
{
    const struct network *network = &golden->network;
    const json_t *step = golden_step(golden, index);
    size_t first, count, first_weights = golden->hidden * golden->features;
    golden_batch(golden, index % golden->batches, &first, &count);

    struct ref_step result;
    /* the article's gradient of the penalty is (l1 + l2) w */
    struct ref_rule rule = {
        .delta_factor = 1.0, .true_class_only = true, .l2 = golden->l1 + golden->l2};
    ck_ok(ref_step_run(network, parameters, golden->x + first * golden->features,
                       golden->labels + first, count, &rule, &result));

    double expected[GOLDEN_MAX];
    size_t hidden = count * golden->hidden, outputs = count * golden->classes;
    golden_numbers(step, "act_hidden", expected, hidden);
    golden_compare("act_hidden", index, result.a[0], expected, hidden, 1e-12);
    golden_numbers(step, "act_out", expected, outputs);
    ref_sigmoid_forward(result.a[1], outputs);
    golden_compare("act_out", index, result.a[1], expected, outputs, 1e-12);
    golden_numbers(step, "grad1", expected, first_weights);
    golden_numbers(step, "grad2", expected + first_weights, network->weight_count - first_weights);
    golden_compare("gradient", index, result.gradient, expected, network->weight_count, 1e-12);
    golden_numbers(step, "error", expected, 1);
    *error = golden_error(golden, result.loss, result.weight_abs, result.weight_squares);
    golden_compare("error", index, error, expected, 1, 1e-12);

    ref_sgd_update(parameters, result.gradient, network->parameter_count, golden->learning_rate);
    golden_numbers(step, "w1_after", expected, first_weights);
    golden_numbers(step, "w2_after", expected + first_weights,
                   network->weight_count - first_weights);
    golden_compare("w_after", index, parameters, expected, network->weight_count, 1e-12);
    ref_step_reset(&result);
}

START_TEST(article_tiny)
{
    struct golden golden;
    golden_load(&golden);
    double epoch_error[GOLDEN_MAX], parameters[GOLDEN_MAX];
    golden_numbers(golden.root, "epoch_error", epoch_error, golden.epochs);
    memcpy(parameters, golden.parameters, sizeof parameters);
    for (size_t epoch = 0; epoch < golden.epochs; epoch++) {
        double mean = 0.0;
        for (size_t batch = 0; batch < golden.batches; batch++) {
            double error;
            check_article_step(&golden, epoch * golden.batches + batch, parameters, &error);
            mean += error / (double)golden.batches;
        }
        golden_compare("epoch_error", epoch, &mean, &epoch_error[epoch], 1, 1e-12);
    }
    golden_free(&golden);
}
END_TEST

/* ---- gradients against finite differences ---- */

enum { BATCH = 5, FEATURES = 4 };

struct gradient_case {
    const char *name;
    size_t widths[6], layers;
    enum weft_head head;
    bool bias;
    double l1, l2;
};

static const struct gradient_case gradient_cases[] = {
    {"softmax, no hidden layer", {FEATURES, 3}, 1, WEFT_HEAD_SOFTMAX, true, 0.0, 0.0},
    {"sigmoid, the article's shape", {FEATURES, 5, 3}, 2, WEFT_HEAD_SIGMOID, false, 0.0, 0.5},
    {"softmax, two hidden layers", {FEATURES, 6, 5, 3}, 3, WEFT_HEAD_SOFTMAX, true, 0.01, 0.1},
    {"identity, three hidden", {FEATURES, 5, 4, 6, 3}, 4, WEFT_HEAD_IDENTITY, true, 0.1, 0.0},
    {"sigmoid, deep, no bias", {FEATURES, 3, 4, 5, 2}, 4, WEFT_HEAD_SIGMOID, false, 0.02, 0.03},
    {"identity, no bias", {FEATURES, 3, 4}, 2, WEFT_HEAD_IDENTITY, false, 0.0, 0.0},
    {"sigmoid, single output", {FEATURES, 5, 1}, 2, WEFT_HEAD_SIGMOID, true, 0.01, 0.01},
    {"identity, single output", {FEATURES, 3, 1}, 2, WEFT_HEAD_IDENTITY, true, 0.01, 0.01},
    {"softmax, no bias", {FEATURES, 7, 3}, 2, WEFT_HEAD_SOFTMAX, false, 0.0, 0.0},
};

struct gradient_problem {
    struct network network;
    struct ref_rule rule;
    double *parameters; /* [parameter_count] */
    double x[BATCH * FEATURES];
    int32_t labels[BATCH];
};

/* The function whose gradient a step gives: factor x losses + l1 sum |w| + l2 / 2 sum w^2. */
static double objective(const struct gradient_problem *problem)
{
    struct ref_step step;
    ck_ok(ref_step_run(&problem->network, problem->parameters, problem->x, problem->labels, BATCH,
                       &problem->rule, &step));
    double value = problem->rule.delta_factor * step.loss + problem->rule.l1 * step.weight_abs +
                   0.5 * problem->rule.l2 * step.weight_squares;
    ref_step_reset(&step);
    return value;
}

/* (8 (f(+h) - f(-h)) - (f(+2h) - f(-2h))) / 12h: error of order h^4 and of 1e-16 f / h, both about
 * 1e-12 here. */
static double difference_quotient(struct gradient_problem *problem, size_t index)
{
    const double h = 1e-3, steps[4] = {h, -h, 2.0 * h, -2.0 * h};
    double f[4], saved = problem->parameters[index];
    for (size_t i = 0; i < 4; i++) {
        problem->parameters[index] = saved + steps[i];
        f[i] = objective(problem);
    }
    problem->parameters[index] = saved;
    return (8.0 * (f[0] - f[1]) - (f[2] - f[3])) / (12.0 * h);
}

/* ||g - f|| <= 1e-8 (||g|| + ||f||) over one tensor, which must not be all zero. */
static void check_tensor(struct gradient_problem *problem, const double *gradient, size_t offset,
                         size_t count, const char *name, const char *tensor, size_t layer)
{
    double error = 0.0, g = 0.0, f = 0.0;
    for (size_t i = offset; i < offset + count; i++) {
        double quotient = difference_quotient(problem, i);
        error += (gradient[i] - quotient) * (gradient[i] - quotient);
        g += gradient[i] * gradient[i];
        f += quotient * quotient;
    }
    ck_assert_msg(sqrt(g) > 1e-6, "%s: %s of layer %zu: all zero", name, tensor, layer);
    ck_assert_msg(sqrt(error) <= 1e-8 * (sqrt(g) + sqrt(f)),
                  "%s: %s of layer %zu: ||g - f|| = %g, ||g|| = %g, ||f|| = %g", name, tensor,
                  layer, sqrt(error), sqrt(g), sqrt(f));
}

/* Weights of 0.1 to 0.9 in magnitude: l1 |w| has no derivative at 0. */
static void problem_fill(struct gradient_problem *problem, uint64_t seed)
{
    struct random_stream stream = {seed, RANDOM_CHECK, 0};
    for (size_t i = 0; i < problem->network.parameter_count; i++) {
        double u = (double)random_uniform(stream, i, -0.8f, 0.8f);
        problem->parameters[i] = u < 0.0 ? u - 0.1 : u + 0.1;
    }
    stream.epoch = 1;
    for (size_t i = 0; i < BATCH * FEATURES; i++)
        problem->x[i] = (double)random_uniform(stream, i, -2.0f, 2.0f);
    size_t outputs = network_outputs(&problem->network);
    for (size_t i = 0; i < BATCH; i++)
        problem->labels[i] = (int32_t)(i % (outputs == 1 ? 2 : outputs));
}

START_TEST(gradients_are_those_of_the_loss)
{
    const struct gradient_case *test = &gradient_cases[_i];
    struct gradient_problem problem = {
        .rule = {.delta_factor = 1.0 / BATCH, .l1 = test->l1, .l2 = test->l2}};
    ck_ok(network_init(&problem.network, test->widths, test->layers, test->head, test->bias));
    problem.parameters = calloc(problem.network.parameter_count, sizeof *problem.parameters);
    ck_assert_ptr_nonnull(problem.parameters);
    problem_fill(&problem, (uint64_t)_i);

    struct ref_step step;
    ck_ok(ref_step_run(&problem.network, problem.parameters, problem.x, problem.labels, BATCH,
                       &problem.rule, &step));
    for (size_t l = 0; l < test->layers; l++) {
        const struct dense_layer *layer = &problem.network.layers[l];
        check_tensor(&problem, step.gradient, layer->weight_offset, layer->inputs * layer->outputs,
                     test->name, "dw", l);
        if (layer->bias)
            check_tensor(&problem, step.gradient, layer->bias_offset, layer->outputs, test->name,
                         "db", l);
    }
    ref_step_reset(&step);
    free(problem.parameters);
    network_reset(&problem.network);
}
END_TEST

/* ---- numbers that can be written down ---- */

START_TEST(softmax_of_the_article)
{
    static const double z[4] = {2.0, 4.0, 6.0, 8.0};
    static const double expected[4] = {0.00214401, 0.0158422, 0.11705891, 0.86495488};
    double p[4];
    ref_softmax_rows(z, 1, 4, p);
    for (size_t i = 0; i < 4; i++)
        ck_assert_double_eq_tol(p[i], expected[i], 5e-9);
}
END_TEST

/* The loss of a head for plain labels. */
static void judge(enum weft_head head, const double *z, const int32_t *labels, size_t rows,
                  size_t columns, struct ref_rule rule, double *dz, double *loss, uint32_t *correct)
{
    double *made;
    ck_ok(ref_rule_complete(&rule, labels, rows, columns, &made));
    ref_head_loss(head, z, rows, columns, &rule, dz, loss, correct);
    memory_free(made);
}

static const struct ref_rule plain = {.delta_factor = 1.0};
static const struct ref_rule only = {.delta_factor = 1.0, .true_class_only = true};

START_TEST(extreme_logits_give_finite_losses)
{
    static const double z[4][2] = {{1e4, -1e4}, {-1e4, 1e4}, {1e4, 1e4}, {-1e4, -1e4}};
    static const int32_t labels[4] = {0, 0, 1, 1};
    static const double softmax[4] = {0.0, 2e4, 0.6931471805599453, 0.6931471805599453};
    static const double sigmoid[4] = {0.0, 2e4, 1e4, 1e4};
    static const double true_class[4] = {0.0, 1e4, 0.0, 1e4};
    double dz[8], loss[4];
    uint32_t correct[4];
    judge(WEFT_HEAD_SOFTMAX, &z[0][0], labels, 4, 2, plain, dz, loss, correct);
    for (size_t i = 0; i < 4; i++)
        ck_assert_double_eq_tol(loss[i], softmax[i], 1e-9);
    judge(WEFT_HEAD_SIGMOID, &z[0][0], labels, 4, 2, plain, dz, loss, correct);
    for (size_t i = 0; i < 4; i++)
        ck_assert_double_eq_tol(loss[i], sigmoid[i], 1e-9);
    judge(WEFT_HEAD_SIGMOID, &z[0][0], labels, 4, 2, only, dz, loss, correct);
    for (size_t i = 0; i < 4; i++)
        ck_assert_double_eq_tol(loss[i], true_class[i], 1e-9);
    ck_assert_double_eq_tol(dz[2], -1.0, 1e-15); /* row 1: sigmoid(-1e4) - 1, sigmoid(1e4) - 0 */
    ck_assert_double_eq_tol(dz[3], 1.0, 1e-15);
}
END_TEST

START_TEST(first_of_equal_maxima_wins)
{
    static const double z[3][3] = {{1.0, 1.0, 0.0}, {1.0, 1.0, 0.0}, {-5.0, -7.0, -5.0}};
    static const int32_t labels[3] = {0, 1, 2};
    static const uint32_t expected[3] = {1, 0, 0};
    double dz[9], loss[3];
    uint32_t correct[3];
    for (int head = WEFT_HEAD_SIGMOID; head <= WEFT_HEAD_IDENTITY; head++) {
        judge((enum weft_head)head, &z[0][0], labels, 3, 3, plain, dz, loss, correct);
        ck_assert_mem_eq(correct, expected, sizeof expected);
    }
}
END_TEST

/* One column: the target is the label. sigmoid(log 3) = 3/4, so -log p = log(4/3) and
 * -log(1 - p) = log 4; both are the true class's, whatever true_class_only says. */
START_TEST(single_column)
{
    static const double z[4] = {1.0986122886681098, 1.0986122886681098, 0.5, -2.0};
    static const int32_t labels[4] = {1, 0, 1, 0};
    double dz[4], loss[4];
    uint32_t correct[4];
    struct ref_rule rule = {.delta_factor = 2.0};
    for (int of_class = 0; of_class < 2; of_class++) {
        rule.true_class_only = of_class == 1;
        judge(WEFT_HEAD_SIGMOID, z, labels, 4, 1, rule, dz, loss, correct);
        ck_assert_double_eq_tol(loss[0], 0.28768207245178093, 1e-15);
        ck_assert_double_eq_tol(loss[1], 1.3862943611198906, 1e-15);
        ck_assert_double_eq_tol(dz[0], -0.5, 1e-15);
        ck_assert_double_eq_tol(dz[1], 1.5, 1e-15);
        ck_assert_mem_eq(correct, ((uint32_t[]){1, 0, 1, 1}), sizeof correct);
    }
    judge(WEFT_HEAD_IDENTITY, z, labels, 4, 1, rule, dz, loss, correct);
    ck_assert_double_eq_tol(loss[3], 2.0, 1e-15);
    ck_assert_double_eq_tol(dz[3], -4.0, 1e-15);
    ck_assert_double_eq_tol(loss[2], 0.125, 1e-15);
    ck_assert_mem_eq(correct, ((uint32_t[]){1, 0, 0, 1}), sizeof correct);
}
END_TEST

START_TEST(penalty_of_zero_is_zero)
{
    static const double w[3] = {0.0, 2.0, -3.0};
    double dw[3] = {1.0, 1.0, 1.0}, sum_abs, sum_squares;
    ref_penalty_gradient(w, 3, 10.0, 0.5, dw);
    ck_assert_double_eq_tol(dw[0], 1.0, 1e-15);
    ck_assert_double_eq_tol(dw[1], 12.0, 1e-15);
    ck_assert_double_eq_tol(dw[2], -10.5, 1e-15);
    ref_penalty_terms(w, 3, &sum_abs, &sum_squares);
    ck_assert_double_eq_tol(sum_abs, 5.0, 1e-15);
    ck_assert_double_eq_tol(sum_squares, 13.0, 1e-15);
}
END_TEST

START_TEST(clip_and_standardize)
{
    static const double z[4] = {-0.5, 0.25, 1.0, 7.0}, mean[2] = {1.0, -1.0}, std[2] = {2.0, 0.5};
    double p[4], x[4] = {1.0, 2.0, 3.0, -1.0};
    ref_clip_unit(z, 4, p);
    ck_assert_mem_eq(p, ((double[]){0.0, 0.25, 1.0, 1.0}), sizeof p);
    ref_standardize_rows(x, mean, std, 2, 2);
    ck_assert_mem_eq(x, ((double[]){0.0, 6.0, 1.0, 0.0}), sizeof x);
}
END_TEST

/* ---- XOR ---- */

START_TEST(learns_xor)
{
    static const int32_t labels[XOR_SAMPLES] = {0, 1, 1, 0};
    static const size_t widths[] = {XOR_FEATURES, XOR_HIDDEN, 1};
    const struct ref_rule rule = {.delta_factor = 1.0};
    double w[sizeof xor_weights / sizeof *xor_weights];
    struct network network;
    struct ref_step step;
    memcpy(w, xor_weights, sizeof w);
    ck_ok(network_init(&network, widths, 2, WEFT_HEAD_IDENTITY, false));
    for (size_t epoch = 0; epoch < XOR_EPOCHS; epoch++) {
        ck_ok(ref_step_run(&network, w, xor_x, labels, XOR_SAMPLES, &rule, &step));
        ref_sgd_update(w, step.gradient, network.parameter_count, 0.1);
        ref_step_reset(&step);
    }
    ck_ok(ref_step_run(&network, w, xor_x, labels, XOR_SAMPLES, &rule, &step));
    for (size_t i = 0; i < XOR_SAMPLES; i++)
        ck_assert_double_eq_tol(step.a[1][i], (double)xor_targets[i], 1e-3);
    ck_assert_uint_eq(step.correct, XOR_SAMPLES);
    ref_step_reset(&step);
    network_reset(&network);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reference");
    TCase *known = tcase_create("known answers");
    tcase_add_test(known, article_tiny);
    tcase_add_test(known, softmax_of_the_article);
    tcase_add_test(known, extreme_logits_give_finite_losses);
    tcase_add_test(known, first_of_equal_maxima_wins);
    tcase_add_test(known, single_column);
    tcase_add_test(known, penalty_of_zero_is_zero);
    tcase_add_test(known, clip_and_standardize);
    tcase_add_test(known, learns_xor);
    suite_add_tcase(suite, known);

    TCase *gradients = tcase_create("gradients");
    int cases = (int)(sizeof gradient_cases / sizeof gradient_cases[0]);
    tcase_add_loop_test(gradients, gradients_are_those_of_the_loss, 0, cases);
    suite_add_tcase(suite, gradients);
    return suite_main(suite);
}
