/* Tests every optimizer on both devices. Ten steps of a training are compared with a recurrence in
 * double precision, written here from its paper. Other tests run steps under shadow training and
 * check that faults of an update are named.
 *
 * The recurrences use the gradients of the reference. The gradients of a device differ by rounding,
 * which accumulates over ten steps to a millionth of the distance that the parameters move.
 */
#define _XOPEN_SOURCE 700

#include "reference/reference.h"
#include "small_training.h"
#include "temporary.h"
#include "weft_device.h"

enum { STEPS = 10, MOST = 128, KINDS = OPTIMIZERS };

static const char *const names[KINDS] = {"sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw"};

/* Full batches in file order, features as they are. */
static struct weft_options ten_steps(enum weft_optimizer kind)
{
    struct weft_options options = small("default");
    options.optimizer = kind;
    options.learning_rate = fmin(optimizer_traits(kind).large_rate, 0.1);
    options.l2 = 0.01;
    options.weight_decay = 0.01;
    options.batches = 1;
    options.batch_size = 0;
    options.epochs = STEPS;
    options.shuffle = false;
    options.gemm = device_products;
    return options;
}

/* ---- the problem of the reference ---- */

struct exact_problem {
    struct network network;
    double x[SAMPLES * FEATURES]; /* standardized, by statistics of the test's own */
    int32_t labels[SAMPLES];
    double l2;
};

static void standardize(const struct weft_dataset_info *info, double *x)
{
    for (size_t j = 0; j < FEATURES; j++) {
        double mean = 0.0, squares = 0.0;
        for (size_t r = 0; r < SAMPLES; r++)
            mean += (double)info->x[r * FEATURES + j] / SAMPLES;
        for (size_t r = 0; r < SAMPLES; r++)
            squares += pow((double)info->x[r * FEATURES + j] - mean, 2.0) / SAMPLES;
        for (size_t r = 0; r < SAMPLES; r++)
            x[r * FEATURES + j] = ((double)info->x[r * FEATURES + j] - mean) / sqrt(squares);
    }
}

static void exact_create(const struct weft_options *options, struct exact_problem *exact)
{
    const size_t widths[] = {FEATURES, HIDDEN, CLASSES};
    struct weft_dataset_info info;
    weft_dataset_get_info(data, &info);
    ck_ok(network_init(&exact->network, widths, 2, options->head, options->bias));
    ck_assert_uint_le(exact->network.parameter_count, MOST);
    standardize(&info, exact->x);
    memcpy(exact->labels, info.labels, sizeof exact->labels);
    exact->l2 = options->l2;
}

/* g [parameter_count] at w, the penalty's included */
static void gradient(const struct exact_problem *exact, const double *w, double *g)
{
    const struct ref_rule rule = {.delta_factor = 1.0 / SAMPLES, .l2 = exact->l2};
    struct ref_step step;
    ck_ok(ref_step_run(&exact->network, w, exact->x, exact->labels, SAMPLES, &rule, &step));
    memcpy(g, step.gradient, exact->network.parameter_count * sizeof *g);
    ref_step_reset(&step);
}

/* All parameters of a model, in the layout of its network. */
static void parameters_of(const struct weft_model *model, const struct network *network, double *w)
{
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct dense_layer *layer = &network->layers[l];
        for (size_t i = 0; i < layer->inputs * layer->outputs; i++)
            w[layer->weight_offset + i] = (double)weft_model_weights(model, l)[i];
        for (size_t i = 0; layer->bias && i < layer->outputs; i++)
            w[layer->bias_offset + i] = (double)weft_model_biases(model, l)[i];
    }
}

/* ---- the recurrences ---- */

/* What a recurrence goes by, and where it is: w [n], and the state of each. */
struct recurrence {
    const struct exact_problem *exact;
    const struct weft_options *options;
    size_t n, t;          /* t: steps so far */
    double average[MOST]; /* of w, with ema */
    double w[MOST], before[MOST], velocity[MOST], mean[MOST], square[MOST], g[MOST];
};

/* Gradient descent: w' = w - r g */
static void sgd(struct recurrence *at)
{
    for (size_t i = 0; i < at->n; i++)
        at->w[i] -= at->options->learning_rate * at->g[i];
}

/* Polyak, Some methods of speeding up the convergence of iteration methods, 1964, (9): the heavy
 * ball, w' = w - r g + mu (w - w before) */
static void momentum(struct recurrence *at)
{
    for (size_t i = 0; i < at->n; i++) {
        const double w = at->w[i];
        at->w[i] +=
            at->options->momentum * (w - at->before[i]) - at->options->learning_rate * at->g[i];
        at->before[i] = w;
    }
}

/* Sutskever, Martens, Dahl and Hinton, On the importance of initialization and momentum, 2013, (3)
 * and (4): v' = mu v - r grad(theta + mu v), theta' = theta + v'. What is trained is the place
 * where the gradient is taken, w = theta + mu v. */
static void nesterov(struct recurrence *at)
{
    const double mu = at->options->momentum;
    for (size_t i = 0; i < at->n; i++) {
        double theta = at->w[i] - mu * at->velocity[i];
        at->velocity[i] = mu * at->velocity[i] - at->options->learning_rate * at->g[i];
        theta += at->velocity[i];
        at->w[i] = theta + mu * at->velocity[i];
    }
}

/* Hinton, Neural networks for machine learning, lecture 6e, 2012; epsilon outside the root. */
static void rmsprop(struct recurrence *at)
{
    for (size_t i = 0; i < at->n; i++) {
        at->square[i] = 0.99 * at->square[i] + 0.01 * at->g[i] * at->g[i];
        at->w[i] -=
            at->options->learning_rate * at->g[i] / (sqrt(at->square[i]) + at->options->epsilon);
    }
}

/* Kingma and Ba, Adam: a method for stochastic optimization, 2015, algorithm 1; Loshchilov and
 * Hutter, Decoupled weight decay regularization, 2019, algorithm 2, line 12. */
static void adam_with(struct recurrence *at, double decay)
{
    const double b1 = at->options->beta1, b2 = 0.999, t = (double)at->t;
    for (size_t i = 0; i < at->n; i++) {
        const double lambda = i < at->exact->network.weight_count ? decay : 0.0;
        at->mean[i] = b1 * at->mean[i] + (1.0 - b1) * at->g[i];
        at->square[i] = b2 * at->square[i] + (1.0 - b2) * at->g[i] * at->g[i];
        const double m = at->mean[i] / (1.0 - pow(b1, t)), v = at->square[i] / (1.0 - pow(b2, t));
        at->w[i] -=
            at->options->learning_rate * (m / (sqrt(v) + at->options->epsilon) + lambda * at->w[i]);
    }
}

static void adam(struct recurrence *at)
{
    adam_with(at, 0.0);
}

static void adamw(struct recurrence *at)
{
    adam_with(at, at->options->weight_decay);
}

/* Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks, 2013,
 * algorithm 1, with PyTorch's 1e-6. */
static void clip(struct recurrence *at)
{
    double norm = 0.0;
    for (size_t i = 0; i < at->n; i++)
        norm += at->g[i] * at->g[i];
    norm = sqrt(norm);
    for (size_t i = 0; i < at->n && norm + 1e-6 > at->options->clip_norm; i++)
        at->g[i] *= at->options->clip_norm / (norm + 1e-6);
}

/* ten steps from the parameters of `model` */
static void recur(const struct weft_options *options, const struct weft_model *model,
                  const struct exact_problem *exact, struct recurrence *at)
{
    static void (*const steps[KINDS])(struct recurrence * at) = {sgd,     momentum, nesterov,
                                                                 rmsprop, adam,     adamw};
    memset(at, 0, sizeof *at);
    at->exact = exact;
    at->options = options;
    at->n = exact->network.parameter_count;
    parameters_of(model, &exact->network, at->w);
    memcpy(at->before, at->w, sizeof at->w);
    for (at->t = 1; at->t <= STEPS; at->t++) {
        gradient(exact, at->w, at->g);
        if (options->clip_norm > 0.0)
            clip(at);
        steps[options->optimizer](at);
        for (size_t i = 0; i < at->n; i++)
            at->average[i] = at->t == 1
                                 ? at->w[i]
                                 : options->ema * at->average[i] + (1.0 - options->ema) * at->w[i];
    }
}

/* Trains from `start`, and compares with the recurrence: relative to the way gone. */
static void assert_recurrence(const struct weft_options *options)
{
    struct exact_problem exact;
    struct recurrence want;
    struct weft_training training;
    double start[MOST], got[MOST], off = 0.0, way = 0.0;
    exact_create(options, &exact);
    struct weft_model *model = model_new(options);
    parameters_of(model, &exact.network, start);
    recur(options, model, &exact, &want);
    ck_ok(weft_train(device, model, options, data, NULL, NULL, NULL, &training));
    parameters_of(model, &exact.network, got);
    if (options->ema > 0.0)
        memcpy(want.w, want.average, sizeof want.w);
    for (size_t i = 0; i < want.n; i++) {
        off += pow(got[i] - want.w[i], 2.0);
        way += pow(want.w[i] - start[i], 2.0);
    }
    ck_assert_double_gt(way, 1e-4);
    ck_assert_msg(sqrt(off / way) < 1e-5, "%s: off by %g of the way", names[options->optimizer],
                  sqrt(off / way));
    weft_model_destroy(model);
    network_reset(&exact.network);
}

START_TEST(ten_steps_of_the_paper)
{
    for (int kind = 0; kind < KINDS; kind++) {
        const struct weft_options options = ten_steps((enum weft_optimizer)kind);
        assert_recurrence(&options);
    }
}
END_TEST

START_TEST(ten_steps_with_a_clipped_gradient)
{
    for (int kind = 0; kind < KINDS; kind++) {
        struct weft_options options = ten_steps((enum weft_optimizer)kind);
        options.clip_norm = 0.15; /* below the first gradients' norm, above the last ones' */
        assert_recurrence(&options);
    }
}
END_TEST

START_TEST(other_scalars)
{
    for (int kind = 0; kind < KINDS; kind++) {
        struct weft_options options = ten_steps((enum weft_optimizer)kind);
        options.momentum = 0.5;
        options.beta1 = 0.7;
        options.epsilon = 1e-2;
        options.weight_decay = 0.5;
        assert_recurrence(&options);
    }
}
END_TEST

/* Polyak and Juditsky, Acceleration of stochastic approximation by averaging, 1992, with weights
 * that decay; the first average is the first weights, as in PyTorch's AveragedModel. */
START_TEST(the_average_of_ten_steps)
{
    for (int kind = 0; kind < KINDS; kind++) {
        struct weft_options options = ten_steps((enum weft_optimizer)kind);
        options.ema = 0.8;
        assert_recurrence(&options);
    }
}
END_TEST

/* ---- under a shadow ---- */

static struct weft_options watched(enum weft_optimizer kind)
{
    struct weft_options options = small("default");
    options.optimizer = kind;
    options.learning_rate = 0.05;
    options.l2 = 0.01;
    options.clip_norm = 0.03; /* below the norm of every gradient here */
    options.ema = 0.9;
    options.gemm = device_products;
    options.check_every = 1;
    options.check_bundle = temporary_path("bundle");
    return options;
}

static void assert_not_accused(enum weft_optimizer kind)
{
    struct weft_options options = watched(kind);
    struct weft_training training;
    struct weft_model *models[2];
    for (size_t every = 0; every <= 1; every++) {
        options.check_every = every;
        models[every] = trained(&options, NULL, &training);
    }
    for (size_t l = 0; l < 2; l++)
        ck_assert_mem_eq(weft_model_weights(models[0], l), weft_model_weights(models[1], l),
                         (l == 0 ? FEATURES * HIDDEN : HIDDEN * CLASSES) * sizeof(float));
    weft_model_destroy(models[0]);
    weft_model_destroy(models[1]);
}

START_TEST(an_honest_device_is_not_accused)
{
    for (int kind = 0; kind < KINDS; kind++)
        assert_not_accused((enum weft_optimizer)kind);
}
END_TEST

/* The state of each optimizer, for the names in reports, and their betas (PyTorch's). */
START_TEST(traits_are_those_of_the_papers)
{
    static const struct {
        const char *state[2];
        double beta2;
    } want[KINDS] = {
        {{NULL}, 0.0},       {{"velocities"}, 0.0},         {{"velocities"}, 0.0},
        {{"squares"}, 0.99}, {{"means", "squares"}, 0.999}, {{"means", "squares"}, 0.999}};
    for (int kind = 0; kind < KINDS; kind++) {
        const struct optimizer_traits traits = optimizer_traits((enum weft_optimizer)kind);
        size_t states = 0;
        for (; states < 2 && want[kind].state[states] != NULL; states++)
            ck_assert_str_eq(optimizer_state_names[traits.state[states]], want[kind].state[states]);
        ck_assert_uint_eq(optimizer_states((enum weft_optimizer)kind), states);
        ck_assert_str_eq(optimizer_names[kind], names[kind]);
        ck_assert(traits.beta2 == want[kind].beta2);
    }
}
END_TEST

/* A factor of one scalar of the rule, from the ninth update on, and the words that name it. */
struct fault {
    enum weft_optimizer kind;
    size_t place;
    float factor;
    const char *named;
};
#define SCALAR(member) offsetof(struct update_rule, member)
static const struct fault faults[] = {
    {WEFT_OPTIMIZER_SGD, SCALAR(clip_norm), 1.001f, "clip_factor 81 parameters: factor"},
    {WEFT_OPTIMIZER_MOMENTUM, SCALAR(learning_rate), 1.001f, "update 81 parameters: parameters"},
    {WEFT_OPTIMIZER_NESTEROV, SCALAR(momentum), 1.001f, "update 81 parameters: parameters"},
    {WEFT_OPTIMIZER_RMSPROP, SCALAR(epsilon), 1e5f, "update 81 parameters: parameters"},
    {WEFT_OPTIMIZER_RMSPROP, SCALAR(gain2), 1.001f, "update 81 parameters: parameters"},
    {WEFT_OPTIMIZER_ADAM, SCALAR(beta1), 1.001f, "update 81 parameters: parameters"},
    {WEFT_OPTIMIZER_ADAM, SCALAR(root), 1.001f, "update 81 parameters: parameters"},
    {WEFT_OPTIMIZER_ADAMW, SCALAR(decay_factor), 0.999f, "update 81 parameters: parameters"},
    {WEFT_OPTIMIZER_ADAMW, SCALAR(average_gain), 1.001f, "average_update 81 parameters: averages"},
};
static const struct fault *fault;
static struct backend faulty;
static size_t updates;

static enum weft_status update_with_fault(struct workspace *space, const struct update_rule *rule)
{
    struct update_rule other = *rule;
    if (updates++ >= 8)
        *(float *)((char *)&other + fault->place) *= fault->factor;
    return backend->update(space, &other);
}

/* Found in the batch where it begins, the second of the second epoch; the bundle has what the
 * optimizer kept, so that it repeats the fault, and an honest device has nothing to do with it. */
START_TEST(a_fault_is_found_and_repeated)
{
    struct weft_training training;
    struct weft_check check;
    fault = &faults[_i];
    const struct weft_options options = watched(fault->kind);
    struct weft_model *model = trained(&options, NULL, &training); /* the device is known now */
    weft_model_destroy(model);
    faulty = *backend;
    faulty.update = update_with_fault;
    device->backend = &faulty;
    model = model_new(&options);
    updates = 0;
    ck_fails(weft_train(device, model, &options, data, NULL, NULL, NULL, &training),
             WEFT_ERROR_WRONG_RESULT, "epoch 2, batch 2: ");
    ck_assert_msg(strstr(weft_error(), fault->named) != NULL, "\"%s\" is not in \"%s\"",
                  fault->named, weft_error());
    updates = 8;
    ck_fails(weft_check_replay(device, temporary_path("bundle"), NULL, NULL, &check),
             WEFT_ERROR_WRONG_RESULT, fault->named);
    device->backend = backend;
    ck_ok(weft_check_replay(device, temporary_path("bundle"), NULL, NULL, &check));
    ck_assert_uint_eq(check.failed, 0);
    weft_model_destroy(model);
}
END_TEST

/* An epoch that diverged runs again from its start, with what the optimizer kept then: the number
 * that is not finite is found again. */
START_TEST(the_first_number_that_is_not_finite)
{
    struct weft_options options = watched(WEFT_OPTIMIZER_MOMENTUM);
    struct weft_training training;
    options.learning_rate = 1e37;
    options.clip_norm = 0.0;
    struct weft_model *model = model_new(&options);
    ck_fails(weft_train(device, model, &options, data, NULL, NULL, NULL, &training),
             WEFT_ERROR_DIVERGED, "and the reference agrees");
    weft_model_destroy(model);
}
END_TEST

START_TEST(a_device_is_checked_with_adamw)
{
    const struct weft_options options = watched(WEFT_OPTIMIZER_ADAMW);
    struct weft_check check;
    struct weft_model *model = model_new(&options);
    ck_ok(weft_check(device, model, &options, data, false, NULL, NULL, &check));
    weft_model_destroy(model);
}
END_TEST

static void add_tests(TCase *tests)
{
    const int count = sizeof faults / sizeof *faults;
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_checked_fixture(tests, data_open, data_close);
    tcase_add_test(tests, ten_steps_of_the_paper);
    tcase_add_test(tests, ten_steps_with_a_clipped_gradient);
    tcase_add_test(tests, other_scalars);
    tcase_add_test(tests, the_average_of_ten_steps);
    tcase_add_test(tests, traits_are_those_of_the_papers);
    tcase_add_test(tests, an_honest_device_is_not_accused);
    tcase_add_loop_test(tests, a_fault_is_found_and_repeated, 0, count);
    tcase_add_test(tests, the_first_number_that_is_not_finite);
    tcase_add_test(tests, a_device_is_checked_with_adamw);
}

int main(void)
{
    Suite *suite = suite_create("optimizers");
    suite_add_engines(suite, add_tests);
    return suite_main(suite);
}
