/* Tests random trainings with any combination of options. Every device is compared with the
 * reference in each batch, and the scalars of each update are compared with the formulas of their
 * papers.
 *
 * WEFT_RANDOM_TRAININGS sets the number of trainings (100), and WEFT_RANDOM_SEED the first seed. A
 * training that fails is shrunk and reported as one line. WEFT_RANDOM_TRAINING runs that line
 * again.
 */
#include "devices.h"
#include "shrink_training.h"

static size_t training_count(void)
{
    const char *count = getenv("WEFT_RANDOM_TRAININGS");
    if (getenv("WEFT_RANDOM_TRAINING") != NULL)
        return 1;
    return count != NULL ? strtoul(count, NULL, 10) : 100;
}

static struct training_recipe training_number(size_t i)
{
    const char *line = getenv("WEFT_RANDOM_TRAINING"), *seed = getenv("WEFT_RANDOM_SEED");
    return line != NULL ? training_read(line)
                        : training_draw((seed != NULL ? strtoull(seed, NULL, 10) : 1) + i);
}

/* ---- one training ---- */

enum { MOST_UPDATES = 128 };

/* The rules that updates went by, the known-answer test's before the training's; and what their
 * rates are multiplied with on their way. */
static struct update_rule rules[MOST_UPDATES];
static size_t updates;
static float rate_fault = 1.0f;
static struct backend watched;

static enum weft_status watched_update(struct workspace *workspace, const struct update_rule *rule)
{
    struct update_rule other = *rule;
    if (updates < MOST_UPDATES)
        rules[updates] = *rule;
    updates++;
    other.learning_rate *= rate_fault;
    other.step *= rate_fault;
    return backend->update(workspace, &other);
}

/* How it ended. */
struct outcome {
    enum weft_status status;
    struct weft_options options;
    struct weft_training training;
    char error[512]; /* "" where nothing is wrong */
};

static enum weft_status model_train(const struct training_recipe *recipe, struct outcome *outcome)
{
    struct weft_options *options = &outcome->options;
    struct weft_dataset *held = recipe->validation > 0
                                    ? training_samples(recipe, options->task, recipe->validation, 1)
                                    : NULL;
    struct weft_dataset *train = training_samples(recipe, options->task, recipe->samples, 0);
    struct weft_model *model = NULL;
    enum weft_status status = weft_model_create(options, train, &model);
    if (status == WEFT_OK)
        status = weft_train(device, model, options, train, held, NULL, NULL, &outcome->training);
    weft_model_destroy(model);
    weft_dataset_destroy(train);
    weft_dataset_destroy(held);
    return status;
}

/* Every batch is computed again by the reference. */
static void training_run(const struct training_recipe *recipe, struct outcome *outcome)
{
    memset(outcome, 0, sizeof *outcome);
    outcome->status = training_options(recipe, &outcome->options);
    outcome->options.gemm = device_products;
    outcome->options.check_every = 1;
    watched = *backend;
    watched.update = watched_update;
    device->backend = &watched;
    updates = 0;
    if (outcome->status == WEFT_OK)
        outcome->status = model_train(recipe, outcome);
    device->backend = backend;
    if (outcome->status != WEFT_OK)
        snprintf(outcome->error, sizeof outcome->error, "%s", weft_error());
}

/* ---- the scalars of an update, as the papers have them ---- */

/* From `from` to `to` along half a cosine, x from 0 to 1. */
static double half_cosine(double from, double to, double x)
{
    return from + (to - from) * 0.5 * (1.0 - cos(acos(-1.0) * x));
}

/* OneCycleLR of PyTorch, `all` steps. */
static double one_cycle_rate(const struct weft_options *options, double t, double all)
{
    const double first = options->learning_rate / 25.0, least = first / 1e4;
    const double peak = fmax(options->rise * all - 1.0, 0.0);
    if (t < peak)
        return half_cosine(first, options->learning_rate, t / peak);
    return t > peak ? half_cosine(options->learning_rate, least, (t - peak) / (all - 1.0 - peak))
                    : options->learning_rate;
}

/* After as many drops as make it `got`; the rate of no drop where none do. */
static double plateau_rate(const struct weft_options *options, float got)
{
    const double r = options->learning_rate, least = fmin(options->min_rate, r);
    const double factor = options->rate_factor > 0.0 ? options->rate_factor : 0.1;
    for (size_t drops = 0; drops <= options->epochs; drops++)
        if ((float)fmax(r * pow(factor, (double)drops), least) == got)
            return fmax(r * pow(factor, (double)drops), least);
    return r;
}

/* Of step `t` from 0, `batches` to an epoch, which went by the rate `got`. */
static double rate_of(const struct weft_options *options, double t, double batches, float got)
{
    const double r = options->learning_rate, warm = round(options->warmup * batches);
    const double all = (double)options->epochs * batches, s = t - warm;
    const double factor = options->rate_factor;
    if (t < warm)
        return r * (t + 1.0) / warm;
    switch (options->schedule) {
    case WEFT_SCHEDULE_STEP:
        return r *
               pow(factor > 0.0 ? factor : 0.1, floor(s / batches / (double)options->rate_every));
    case WEFT_SCHEDULE_EXPONENTIAL:
        return r * pow(factor > 0.0 ? factor : 0.95, floor(s / batches));
    case WEFT_SCHEDULE_COSINE:
        return half_cosine(r, fmin(options->min_rate, r), s / (all - warm));
    case WEFT_SCHEDULE_ONE_CYCLE:
        return one_cycle_rate(options, t, all);
    case WEFT_SCHEDULE_PLATEAU:
        return plateau_rate(options, got);
    case WEFT_SCHEDULE_CONSTANT:
        break;
    }
    return r;
}

/* A scalar that the host computed in double and rounded once. */
struct scalar {
    const char *name;
    float got;
    double want;
    bool used;
};

static bool scalar_right(const struct scalar *scalar)
{
    const double off = fabs((double)scalar->got - scalar->want);
    return !scalar->used || off <= 0x1.0002p-24 * fabs(scalar->want) + 0x1p-150;
}

/* Step `t` from 0. */
static void rule_compare(struct outcome *outcome, const struct update_rule *rule, size_t t,
                         double rate)
{
    const struct weft_options *options = &outcome->options;
    const enum weft_optimizer kind = options->optimizer;
    const bool adam = kind >= WEFT_OPTIMIZER_ADAM, rms = kind == WEFT_OPTIMIZER_RMSPROP;
    const bool velocity = kind == WEFT_OPTIMIZER_MOMENTUM || kind == WEFT_OPTIMIZER_NESTEROV;
    const double b1 = options->beta1, steps = (double)t + 1.0;
    const double b2 = options->beta2 > 0.0 ? options->beta2 : rms ? 0.99 : 0.999;
    const double decay = kind == WEFT_OPTIMIZER_ADAMW ? options->weight_decay : 0.0;
    const bool average = options->ema > 0.0;
    const struct scalar scalars[] = {{"rate", rule->learning_rate, rate, true},
                                     {"momentum", rule->momentum, options->momentum, velocity},
                                     {"beta1", rule->beta1, b1, adam},
                                     {"gain1", rule->gain1, 1.0 - b1, adam},
                                     {"beta2", rule->beta2, b2, adam || rms},
                                     {"gain2", rule->gain2, 1.0 - b2, adam || rms},
                                     {"epsilon", rule->epsilon, options->epsilon, adam || rms},
                                     {"step", rule->step, rate / (1.0 - pow(b1, steps)), adam},
                                     {"root", rule->root, 1.0 / sqrt(1.0 - pow(b2, steps)), adam},
                                     {"decay factor", rule->decay_factor, 1.0 - rate * decay, adam},
                                     {"clip", rule->clip_norm, options->clip_norm, true},
                                     {"average gain", rule->average_gain,
                                      !average ? 0.0
                                      : t > 0  ? 1.0 - options->ema
                                               : 1.0,
                                      true},
                                     {"l1", rule->l1, options->l1, !options->article_quirks},
                                     {"l2", rule->l2, options->l2, !options->article_quirks}};
    for (size_t i = 0; i < sizeof scalars / sizeof *scalars; i++)
        if (!scalar_right(&scalars[i]))
            snprintf(outcome->error, sizeof outcome->error, "update %zu: %s: got %.9g, need %.9g",
                     t + 1, scalars[i].name, (double)scalars[i].got, scalars[i].want);
}

/* Batches of an epoch. */
static size_t epoch_batches(const struct weft_options *options, size_t samples)
{
    if (options->batches > 0)
        return options->batches < samples ? options->batches : samples;
    return (samples + options->batch_size - 1) / options->batch_size;
}

/* What the options leave to the data, by the rules of weft_options_settle. */
static void rates_settle(struct weft_options *options, size_t samples)
{
    const bool numbers = options->task == WEFT_TASK_REGRESS;
    const double N = (double)samples, decay = fmax(pow(3000.0 / N, 2.0), 1.0 / 30.0);
    if (options->learning_rate == WEFT_AUTO)
        options->learning_rate = fmin(numbers ? 0.005 : 0.01, 180.0 / N);
    if (options->weight_decay == WEFT_AUTO)
        options->weight_decay =
            numbers ? fmax(fmin(decay, 0.3), fmin(pow(360.0 / N, 2.0), 2.0)) : fmin(decay, 1.0);
}

/* The rules of all steps of a training that has come to its end. */
static void rules_compare(struct outcome *outcome, size_t samples)
{
    rates_settle(&outcome->options, samples);
    const size_t batches = epoch_batches(&outcome->options, samples);
    const size_t steps = outcome->training.epochs * batches;
    ck_assert_uint_le(updates, MOST_UPDATES);
    ck_assert_uint_ge(updates, steps);
    for (size_t t = 0; t < steps; t++) {
        const struct update_rule *rule = &rules[updates - steps + t];
        rule_compare(outcome, rule, t,
                     rate_of(&outcome->options, (double)t, (double)batches, rule->learning_rate));
    }
}

/* ---- the devices ---- */

/* A training may diverge, then the reference's does too; options that do not go together, which a
 * cut may make, are no fault of a device. */
static bool outcome_wrong(struct outcome *outcome, const struct training_recipe *recipe)
{
    if (outcome->status == WEFT_OK)
        rules_compare(outcome, recipe->samples);
    return outcome->error[0] != '\0' && outcome->status != WEFT_ERROR_DIVERGED &&
           outcome->status != WEFT_ERROR_USAGE && outcome->status != WEFT_ERROR_DATA;
}

static bool training_fails(const struct training_recipe *recipe)
{
    struct outcome outcome;
    training_run(recipe, &outcome);
    return outcome_wrong(&outcome, recipe);
}

/* Ends the test with the smallest training that fails, and what is wrong with it. */
static void report(const struct training_recipe *recipe)
{
    char line[TRAINING_TEXT];
    struct outcome outcome;
    const struct training_recipe smallest = training_shrink(*recipe, training_fails);
    training_print(&smallest, line);
    training_run(&smallest, &outcome);
    (void)outcome_wrong(&outcome, &smallest);
    ck_abort_msg("seed %" PRIu64 " fails; smallest: WEFT_RANDOM_TRAINING='%s': %s", recipe->seed,
                 line, outcome.error);
}

START_TEST(batches_as_the_reference)
{
    size_t diverged = 0;
    for (size_t i = 0; i < training_count(); i++) {
        const struct training_recipe recipe = training_number(i);
        struct outcome outcome;
        training_run(&recipe, &outcome);
        if (outcome_wrong(&outcome, &recipe))
            report(&recipe);
        diverged += outcome.status == WEFT_ERROR_DIVERGED;
        ck_assert_msg(outcome.status == WEFT_OK || outcome.status == WEFT_ERROR_DIVERGED,
                      "seed %" PRIu64 ": %s", recipe.seed, outcome.error);
    }
    ck_assert_msg(20 * diverged <= training_count(), "%zu of %zu trainings diverged", diverged,
                  training_count());
}
END_TEST

/* Trainings that showed a fault once. */
static const char *const known[] = {
    /* samples are all the same, with a variance of 0, which is not what two passes in double give
     */
    "seed=1247 samples=9 image=2x2x1 outputs=2 validation=0 bytes=0 preset=default epochs=1 "
    "hidden=1 batch-norm=yes erase=2",
};

START_TEST(known_trainings_are_right)
{
    const struct training_recipe recipe = training_read(known[_i]);
    struct outcome outcome;
    training_run(&recipe, &outcome);
    ck_assert_msg(!outcome_wrong(&outcome, &recipe), "%s", outcome.error);
}
END_TEST

/* ---- the tests themselves can fail ---- */

/* In how many trainings are updates found that go 0.1 % too far? */
START_TEST(updates_too_far_are_found)
{
    const size_t count = training_count() < 40 ? training_count() : 40;
    size_t found = 0, honest = 0;
    for (size_t i = 0; i < count; i++) {
        const struct training_recipe recipe = training_number(i);
        struct outcome outcome;
        training_run(&recipe, &outcome); /* with it the device is known */
        if (outcome.status != WEFT_OK)
            continue;
        honest++;
        rate_fault = 1.001f;
        training_run(&recipe, &outcome);
        rate_fault = 1.0f;
        found += outcome.status == WEFT_ERROR_WRONG_RESULT;
    }
    ck_assert_msg(20 * found >= 19 * honest, "found in %zu of %zu trainings", found, honest);
}
END_TEST

/* A fault that needs adam, a hidden layer and three samples. */
static bool fault_for_shrinking(const struct training_recipe *recipe)
{
    struct weft_options options;
    return training_options(recipe, &options) == WEFT_OK &&
           options.optimizer == WEFT_OPTIMIZER_ADAM && options.hidden_count >= 1 &&
           recipe->samples >= 3;
}

static size_t hidden_first(const struct training_recipe *recipe)
{
    struct weft_options options;
    ck_ok(training_options(recipe, &options));
    return options.hidden[0];
}

START_TEST(failures_are_shrunk)
{
    size_t shrunk = 0;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        char line[TRAINING_TEXT], want[TRAINING_TEXT];
        const struct training_recipe recipe = training_draw(seed);
        if (!fault_for_shrinking(&recipe))
            continue;
        const struct training_recipe smallest = training_shrink(recipe, fault_for_shrinking);
        training_print(&smallest, line);
        snprintf(want, sizeof want,
                 "seed=%" PRIu64 " samples=3 image=1x1x1 outputs=1 validation=0 bytes=%d preset=%s "
                 "epochs=1 hidden=%zu optimizer=adam",
                 seed, recipe.bytes, recipe.preset, hidden_first(&smallest));
        ck_assert_str_eq(line, want);
        shrunk++;
    }
    ck_assert_uint_gt(shrunk, 10);
}
END_TEST

static void all_came_up(const size_t *times, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ck_assert_uint_gt(times[i], 0);
}

/* And every word of the options that have words comes up. */
START_TEST(lines_reproduce_trainings)
{
    size_t tasks[3] = {0}, heads[3] = {0}, optimizers[OPTIMIZERS] = {0}, schedules[SCHEDULES] = {0};
    size_t activations[ACTIVATION_COUNT] = {0}, initial[WEFT_INIT_UNIFORM_UNIT + 1] = {0};
    for (uint64_t seed = 1; seed <= 200; seed++) {
        char line[TRAINING_TEXT], again[TRAINING_TEXT];
        struct weft_options options;
        const struct training_recipe recipe = training_draw(seed);
        training_print(&recipe, line);
        const struct training_recipe read = training_read(line);
        training_print(&read, again);
        ck_assert_str_eq(line, again);
        ck_ok(training_options(&read, &options));
        tasks[options.task]++;
        heads[options.head]++;
        optimizers[options.optimizer]++;
        schedules[options.schedule]++;
        activations[options.activation[0]]++;
        initial[options.initialization]++;
    }
    all_came_up(tasks, 3);
    all_came_up(heads, 3);
    all_came_up(optimizers, OPTIMIZERS);
    all_came_up(schedules, SCHEDULES);
    all_came_up(activations, ACTIVATION_COUNT);
    all_came_up(initial, WEFT_INIT_UNIFORM_UNIT + 1);
}
END_TEST

/* Thousands of trainings take their time. */
enum { TIMEOUT_SECONDS = 1200 };

static void add_tests(TCase *tests)
{
    tcase_set_timeout(tests, TIMEOUT_SECONDS);
    tcase_add_test(tests, batches_as_the_reference);
    tcase_add_loop_test(tests, known_trainings_are_right, 0, sizeof known / sizeof *known);
    tcase_add_test(tests, updates_too_far_are_found);
}

int main(void)
{
    Suite *suite = suite_create("random_trainings");
    TCase *recipes = tcase_create("recipes");
    tcase_add_test(recipes, failures_are_shrunk);
    tcase_add_test(recipes, lines_reproduce_trainings);
    suite_add_tcase(suite, recipes);
    suite_add_engines(suite, add_tests);
    return suite_main(suite);
}
