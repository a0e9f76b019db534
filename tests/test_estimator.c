/* Tests the library in the terms of scikit-learn: fit, partial_fit, predict_proba, score. It also
 * tests the worked example of a step. */
#define _XOPEN_SOURCE 700

#include "model_by_hand.h"
#include "plain_options.h"
#include "reference/reference.h"
#include "same_model.h"
#include "small_training.h"

enum { EPOCHS = 100 };

/* ---- many short trainings are a long one ---- */

static const struct {
    enum weft_optimizer optimizer;
    enum weft_schedule schedule;
    double ema;
    bool shuffle, batch_norm;
} trainings[] = {{WEFT_OPTIMIZER_SGD, WEFT_SCHEDULE_CONSTANT, 0.0, true, false},
                 {WEFT_OPTIMIZER_SGD, WEFT_SCHEDULE_CONSTANT, 0.0, false, false},
                 {WEFT_OPTIMIZER_NESTEROV, WEFT_SCHEDULE_CONSTANT, 0.0, true, false},
                 {WEFT_OPTIMIZER_ADAMW, WEFT_SCHEDULE_CONSTANT, 0.0, true, false},
                 {WEFT_OPTIMIZER_ADAMW, WEFT_SCHEDULE_COSINE, 0.9, true, false},
                 {WEFT_OPTIMIZER_ADAMW, WEFT_SCHEDULE_COSINE, 0.9, true, true}};

static struct weft_options options_of(int i)
{
    struct weft_options options = small("default");
    options.optimizer = trainings[i].optimizer;
    options.schedule = trainings[i].schedule;
    options.ema = trainings[i].ema;
    options.shuffle = trainings[i].shuffle;
    options.batch_norm = trainings[i].batch_norm;
    options.learning_rate = 0.01;
    options.l2 = 0.001;
    options.batch_size = 101;
    options.epochs = EPOCHS;
    return options;
}

START_TEST(a_hundred_calls_are_a_hundred_epochs)
{
    const struct weft_options options = options_of(_i);
    struct weft_training training;
    struct weft_model *whole = model_new(&options), *parts = model_new(&options);
    ck_ok(weft_fit(device, whole, &options, data, NULL, NULL, &training));
    ck_assert_uint_eq(training.epochs, EPOCHS);
    for (int i = 0; i < EPOCHS; i++) {
        ck_ok(weft_partial_fit(device, parts, &options, data, NULL, NULL, &training));
        ck_assert_uint_eq(training.epochs, 1);
    }
    assert_same(whole, parts);
    weft_model_destroy(parts);
    weft_model_destroy(whole);
}
END_TEST

/* Early stopping and the plateau schedule remember what they have seen in earlier calls. */
START_TEST(calls_that_watch_a_validation_set_are_one_training)
{
    struct weft_options options = options_of(_i == 0 ? 2 : 4);
    struct weft_dataset *train, *validation;
    struct weft_training whole, call = {.stopped_early = false};
    options.schedule = _i == 1 ? WEFT_SCHEDULE_PLATEAU : options.schedule;
    options.rate_patience = 1;
    options.patience = _i == 1 ? 0 : 5;
    options.min_delta = 0.2;
    options.learning_rate = 0.1;
    options.epochs = 40;
    ck_ok(weft_dataset_holdout(data, 0.7, 3, &train, &validation));
    struct weft_model *model = model_new(&options), *parts = model_new(&options);
    ck_ok(weft_fit(device, model, &options, train, validation, NULL, &whole));
    ck_assert_int_eq(whole.stopped_early, options.patience > 0); /* well before the last epoch */
    for (size_t i = 0; i < whole.epochs; i++) {
        ck_assert(!call.stopped_early);
        ck_ok(weft_partial_fit(device, parts, &options, train, validation, NULL, &call));
        ck_assert_uint_eq(call.epochs, 1);
    }
    ck_assert_int_eq(call.stopped_early, whole.stopped_early);
    ck_assert_uint_eq(call.best_epoch, whole.best_epoch);
    assert_same(model, parts);
    ck_ok(weft_partial_fit(device, parts, &options, train, validation, NULL, &call));
    ck_assert_uint_eq(call.epochs, !whole.stopped_early);
    weft_model_destroy(parts);
    weft_model_destroy(model);
    weft_dataset_destroy(validation);
    weft_dataset_destroy(train);
}
END_TEST

/* Optimizers do not share state: another optimizer begins as in a new object. */
START_TEST(another_optimizer_begins_anew)
{
    struct weft_options momentum = options_of(2), adam = options_of(3);
    struct weft_training training;
    struct weft_model *model = model_new(&momentum), *fresh;
    ck_ok(weft_partial_fit(device, model, &momentum, data, NULL, NULL, &training));
    ck_ok(weft_model_write(model, temporary_path("first")));
    ck_ok(weft_model_read(temporary_path("first"), &fresh));
    ck_ok(weft_partial_fit(device, model, &adam, data, NULL, NULL, &training));
    ck_ok(weft_partial_fit(device, fresh, &adam, data, NULL, NULL, &training));
    assert_same(model, fresh);
    weft_model_destroy(fresh);
    weft_model_destroy(model);
}
END_TEST

START_TEST(fit_forgets_unless_it_starts_warm)
{
    struct weft_options options = options_of(3);
    struct weft_training first, again, warm;
    struct weft_model *model = model_new(&options), *other = model_new(&options);
    const double rate = options.learning_rate;
    options.epochs = 5;
    ck_ok(weft_fit(device, model, &options, data, data, NULL, &first));
    ck_ok(weft_fit(device, other, &options, data, data, NULL, &again));
    ck_ok(weft_fit(device, other, &options, data, data, NULL, &again));
    assert_same(model, other);
    options.warm_start = true;
    ck_ok(weft_fit(device, other, &options, data, data, NULL, &warm));
    ck_assert_double_lt(warm.train.error, again.train.error);
    options.learning_rate = -2.0; /* what cannot be trained keeps what it has learned */
    options.warm_start = false;
    ck_fails(weft_fit(device, model, &options, data, NULL, NULL, &first), WEFT_ERROR_USAGE,
             "learning-rate");
    options.learning_rate = rate;
    ck_ok(weft_fit(device, other, &options, data, data, NULL, &again));
    assert_same(model, other);
    weft_model_destroy(other);
    weft_model_destroy(model);
}
END_TEST

static int cancel(void *user, const struct weft_progress *progress)
{
    (void)user;
    return progress->epoch == 2;
}

START_TEST(a_callback_cancels)
{
    const struct weft_callbacks callbacks = {.progress = cancel};
    const struct weft_options options = options_of(3);
    struct weft_training training;
    struct weft_model *model = model_new(&options);
    ck_ok(weft_fit(device, model, &options, data, NULL, &callbacks, &training));
    ck_assert(training.stopped);
    ck_assert_uint_eq(training.epochs, 1);
    weft_model_destroy(model);
}
END_TEST

static int epochs_are_enough(void *user, const struct weft_progress *progress)
{
    size_t *last = user;
    ck_assert_uint_le(progress->epoch, progress->epochs);
    *last = progress->epoch;
    return 0;
}

START_TEST(more_calls_than_epochs)
{
    size_t last = 0;
    const struct weft_callbacks callbacks = {.user = &last, .progress = epochs_are_enough};
    struct weft_options options = options_of(3);
    struct weft_training training;
    options.epochs = 2;
    struct weft_model *model = model_new(&options);
    for (size_t call = 1; call <= 4; call++) {
        ck_ok(weft_partial_fit(device, model, &options, data, NULL, &callbacks, &training));
        ck_assert_uint_eq(last, call);
    }
    weft_model_destroy(model);
}
END_TEST

START_TEST(probabilities_and_score)
{
    const struct weft_options options = options_of(3);
    struct weft_dataset_info info;
    struct weft_training training;
    float proba[SAMPLES * CLASSES], want[SAMPLES * CLASSES];
    int32_t classes[SAMPLES];
    double score = 0.0, right = 0.0;
    struct weft_model *model = model_new(&options);
    weft_dataset_get_info(data, &info);
    ck_ok(weft_fit(device, model, &options, data, NULL, NULL, &training));
    ck_ok(weft_predict(device, model, info.x, SAMPLES, classes, want));
    ck_ok(weft_predict_proba(device, model, info.x, SAMPLES, proba));
    ck_assert_mem_eq(proba, want, sizeof want);
    for (size_t i = 0; i < SAMPLES; i++)
        right += classes[i] == info.labels[i];
    ck_ok(weft_score(device, model, data, &score));
    ck_assert_double_eq_tol(score, right / SAMPLES, 1e-12);
    ck_assert_double_gt(score, 0.7);
    weft_model_destroy(model);
}
END_TEST

/* ---- early stopping ---- */

enum { MOST_EPOCHS_HERE = 40 };
static double losses[MOST_EPOCHS_HERE + 1], accuracies[MOST_EPOCHS_HERE + 1],
    monitored[MOST_EPOCHS_HERE + 1];

static int keep_epoch(void *user, const struct weft_epoch *epoch)
{
    (void)user;
    accuracies[epoch->epoch] = epoch->validation_accuracy;
    monitored[epoch->epoch] = epoch->monitored;
    return 0;
}

/* A third of the samples; too few to learn without learning them by heart. */
static void parts_cut(struct weft_dataset **train, struct weft_dataset **validation)
{
    ck_ok(weft_dataset_holdout(data, 0.7, 3, train, validation));
}

/* An epoch at a time, the loss of the validation set by weft_evaluate. */
static void losses_find(const struct weft_options *options, const struct weft_dataset *train,
                        const struct weft_dataset *validation)
{
    struct weft_model *model = model_new(options);
    for (size_t epoch = 1; epoch <= MOST_EPOCHS_HERE; epoch++) {
        struct weft_options one = *options;
        struct weft_training training;
        struct weft_evaluation *evaluation;
        one.patience = 0;
        ck_ok(weft_partial_fit(device, model, &one, train, NULL, NULL, &training));
        ck_ok(weft_evaluate(device, model, validation, &evaluation));
        losses[epoch] = evaluation->loss;
        weft_evaluation_destroy(evaluation);
    }
    weft_model_destroy(model);
}

START_TEST(the_best_epoch_is_kept)
{
    const struct weft_callbacks callbacks = {.epoch = keep_epoch};
    struct weft_options options = options_of(3);
    struct weft_dataset *train, *validation;
    struct weft_training training;
    struct weft_evaluation *evaluation;
    options.learning_rate = 0.1;
    options.weight_decay = 0.01;
    options.epochs = MOST_EPOCHS_HERE;
    options.patience = 4;
    options.batch_norm = _i == 1; /* whose statistics are the best epoch's, too */
    parts_cut(&train, &validation);
    losses_find(&options, train, validation);
    size_t best = 1, epoch = 1;
    for (; epoch <= MOST_EPOCHS_HERE && epoch - best <= 4; epoch++)
        best = losses[epoch] < losses[best] ? epoch : best;
    ck_assert_uint_lt(best + 4, MOST_EPOCHS_HERE); /* or nothing is shown */
    struct weft_model *model = model_new(&options);
    ck_ok(weft_fit(device, model, &options, train, validation, &callbacks, &training));
    ck_assert(training.stopped_early && !training.stopped);
    for (epoch = 1; epoch <= training.epochs; epoch++)
        ck_assert_double_eq_tol(monitored[epoch], losses[epoch], 1e-12);
    ck_assert_uint_eq(training.best_epoch, best);
    ck_assert_uint_eq(training.epochs, best + 4);
    ck_ok(weft_evaluate(device, model, validation, &evaluation));
    ck_assert_double_eq_tol(evaluation->loss, losses[best], 1e-12);
    ck_assert_double_eq_tol(training.validation.accuracy, evaluation->accuracy, 1e-12);
    weft_evaluation_destroy(evaluation);
    weft_model_destroy(model);
    weft_dataset_destroy(validation);
    weft_dataset_destroy(train);
}
END_TEST

START_TEST(other_numbers_are_monitored)
{
    const struct weft_callbacks callbacks = {.epoch = keep_epoch};
    struct weft_options options = options_of(3);
    struct weft_dataset *train, *validation;
    struct weft_training training;
    options.epochs = MOST_EPOCHS_HERE;
    options.patience = 3;
    parts_cut(&train, &validation);
    for (int what = WEFT_MONITOR_ACCURACY; what <= WEFT_MONITOR_MACRO_F1; what++) {
        struct weft_model *model = model_new(&options);
        struct weft_evaluation *evaluation;
        options.monitor = (enum weft_monitor)what;
        ck_ok(weft_fit(device, model, &options, train, validation, &callbacks, &training));
        ck_assert_uint_gt(training.best_epoch, 0);
        ck_ok(weft_evaluate(device, model, validation, &evaluation));
        for (size_t e = 1; what == WEFT_MONITOR_ACCURACY && e <= training.epochs; e++)
            ck_assert(monitored[e] == accuracies[e] && accuracies[e] <= evaluation->accuracy);
        weft_evaluation_destroy(evaluation);
        weft_model_destroy(model);
    }
    options.min_delta = 2.0; /* no gain is enough: the first epoch stays the best */
    struct weft_model *model = model_new(&options);
    ck_ok(weft_fit(device, model, &options, train, validation, NULL, &training));
    ck_assert(training.best_epoch == 1 && training.epochs == 4 && training.stopped_early);
    ck_fails(weft_fit(device, model, &options, train, NULL, NULL, &training), WEFT_ERROR_USAGE,
             "patience: needs a validation set");
    weft_model_destroy(model);
    weft_dataset_destroy(validation);
    weft_dataset_destroy(train);
}
END_TEST

static double rates[MOST_EPOCHS_HERE + 1];

static int keep_rate(void *user, const struct weft_epoch *epoch)
{
    (void)user;
    rates[epoch->epoch] = epoch->learning_rate;
    return 0;
}

/* As ReduceLROnPlateau: where no gain is enough, the rate drops after the third epoch in a row that
 * was no better, with a patience of two; the first epoch is the best. */
START_TEST(a_plateau_lowers_the_rate)
{
    static const double want[] = {0, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.2, 0.2};
    const struct weft_callbacks callbacks = {.epoch = keep_rate};
    struct weft_options options = options_of(3);
    struct weft_training training;
    options.schedule = WEFT_SCHEDULE_PLATEAU;
    options.learning_rate = 1.0;
    options.rate_factor = 0.5;
    options.rate_patience = 2;
    options.min_rate = 0.2;
    options.min_delta = 1e6;
    options.epochs = 12;
    struct weft_model *model = model_new(&options);
    ck_ok(weft_fit(device, model, &options, data, data, &callbacks, &training));
    for (size_t epoch = 1; epoch <= 12; epoch++)
        ck_assert_double_eq_tol(rates[epoch], want[epoch], 1e-14);
    ck_assert(training.best_epoch == 0 && !training.stopped_early);
    ck_fails(weft_fit(device, model, &options, data, NULL, NULL, &training), WEFT_ERROR_USAGE,
             "schedule: plateau needs a validation set");
    weft_model_destroy(model);
}
END_TEST

/* ---- one step of scikit-learn's ---- */

/* From the tests of scikit-learn's MLPClassifier (test_mlp.py, test_gradient): one sample, one SGD
 * step, sigmoid throughout. Its weights are [inputs][outputs]; these are transposed. */
static const float sample[] = {0.6f, 0.8f, 0.7f};
static const double w1[] = {0.1, 0.3, 0.5, 0.2, 0.1, 0.0}, w2[] = {0.1, 0.2}, b1[] = {0.1, 0.1},
                    b2[] = {1.0};
static const double stepped[] = {0.09799927101876635, 0.29566569469168846, 0.4938324828552274,
                                 0.1957545466925248,  0.09600606225669969, -0.00261969552538777,
                                 0.04701212914783179, 0.15402918140357222, 0.09833211836461057,
                                 0.09625757782087463, 0.9234547978090479};
enum { STEPPED = sizeof stepped / sizeof *stepped };

START_TEST(the_worked_step_of_scikit_learn_by_the_reference)
{
    static const size_t widths[] = {3, 2, 1};
    static const double x[] = {0.6, 0.8, 0.7};
    static const int32_t label = 0;
    const struct ref_rule rule = {.delta_factor = 1.0, .l2 = 0.1};
    struct network network;
    struct ref_step step;
    double p[STEPPED];
    ck_ok(network_init(&network, widths, 2, WEFT_HEAD_SIGMOID, true));
    ck_assert_uint_eq(network.parameter_count, STEPPED);
    memcpy(p, w1, sizeof w1);
    memcpy(p + 6, w2, sizeof w2);
    memcpy(p + 8, b1, sizeof b1);
    memcpy(p + 10, b2, sizeof b2);
    ck_ok(ref_step_run(&network, p, x, &label, 1, &rule, &step));
    ref_sgd_update(p, step.gradient, STEPPED, 0.1);
    for (size_t i = 0; i < STEPPED; i++)
        ck_assert_double_eq_tol(p[i], stepped[i], 1e-12);
    ref_step_reset(&step);
    network_reset(&network);
}
END_TEST

static void floats_of(const double *from, size_t count, float *to)
{
    for (size_t i = 0; i < count; i++)
        to[i] = (float)from[i];
}

START_TEST(the_worked_step_of_scikit_learn)
{
    static const int32_t label = 0;
    struct weft_options options;
    struct weft_dataset *one;
    struct weft_training training;
    float f1[6], f2[2], fb1[2], fb2[1], got[STEPPED];
    options = plain_options();
    options.hidden[0] = 2;
    options.head = WEFT_HEAD_SIGMOID;
    options.single_output = true;
    options.scale = WEFT_SCALE_NONE;
    options.learning_rate = 0.1;
    options.l2 = 0.1;
    options.batch_size = 1;
    floats_of(w1, 6, f1);
    floats_of(w2, 2, f2);
    floats_of(b1, 2, fb1);
    floats_of(b2, 1, fb2);
    const struct hand_layer layers[] = {{3, 2, f1, fb1}, {2, 1, f2, fb2}};
    ck_ok(weft_dataset_create(1, 3, 2, sample, &label, &one));
    struct weft_model *model = model_by_hand(&options, one, layers, 2);
    ck_ok(weft_partial_fit(device, model, &options, one, NULL, NULL, &training));
    memcpy(got, weft_model_weights(model, 0), sizeof f1);
    memcpy(got + 6, weft_model_weights(model, 1), sizeof f2);
    memcpy(got + 8, weft_model_biases(model, 0), sizeof fb1);
    memcpy(got + 10, weft_model_biases(model, 1), sizeof fb2);
    for (size_t i = 0; i < STEPPED; i++)
        ck_assert_double_eq_tol((double)got[i], stepped[i], 2e-7);
    weft_model_destroy(model);
    weft_dataset_destroy(one);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_checked_fixture(tests, data_open, data_close);
    tcase_add_loop_test(tests, a_hundred_calls_are_a_hundred_epochs, 0,
                        sizeof trainings / sizeof *trainings);
    tcase_add_loop_test(tests, calls_that_watch_a_validation_set_are_one_training, 0, 2);
    tcase_add_test(tests, another_optimizer_begins_anew);
    tcase_add_test(tests, fit_forgets_unless_it_starts_warm);
    tcase_add_test(tests, a_callback_cancels);
    tcase_add_test(tests, more_calls_than_epochs);
    tcase_add_test(tests, probabilities_and_score);
    tcase_add_loop_test(tests, the_best_epoch_is_kept, 0, 2);
    tcase_add_test(tests, other_numbers_are_monitored);
    tcase_add_test(tests, a_plateau_lowers_the_rate);
    tcase_add_test(tests, the_worked_step_of_scikit_learn);
}

int main(void)
{
    Suite *suite = suite_create("estimator");
    TCase *reference = tcase_create("reference");
    tcase_add_test(reference, the_worked_step_of_scikit_learn_by_the_reference);
    suite_add_tcase(suite, reference);
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
