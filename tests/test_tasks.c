/* Tests several labels and numeric targets. Trainings and scores are compared with numbers from
 * PyTorch, scikit-learn and NumPy in double precision. Options that make no sense for a task must
 * be rejected. */
#define _XOPEN_SOURCE 700

#include "small_tasks.h"
#include "train/score.h"

static void assert_near(const float *got, const double *want, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ck_assert_double_eq_tol((double)got[i], want[i], 2e-6);
}

/* ---- regress ---- */

/* scikit-learn's LinearRegression on standardized targets: where descent without hidden layers
 * ends. Its predictions are those of the regression on the targets themselves. */
START_TEST(a_line_is_fitted_by_least_squares)
{
    static const double coefficients[] = {-0.03883036203563399,  -0.8043432135952763,
                                          -0.6823049329118547,   0.18702146890459456,
                                          -0.062340489634864896, -0.0789646202041621};
    static const double intercepts[] = {0.06702860113293937, 0.027706884282162093};
    static const double first[] = {-1.0, -0.375, 0.1625, 0.1375};
    float outputs[N * NUMBERS];
    struct weft_options options = plain("regress", 300, 0.5);
    struct weft_model *model;
    struct weft_training training;
    double score;
    options.check_every = 50;
    ck_ok(weft_model_create(&options, numbers, &model));
    ck_ok(weft_train(device, model, &options, numbers, NULL, numbers, NULL, &training));
    assert_near(weft_model_weights(model, 0), coefficients, D * NUMBERS);
    assert_near(weft_model_biases(model, 0), intercepts, NUMBERS);
    ck_assert_double_eq_tol(training.train.error, 0.7998978546425826, 1e-6);
    ck_assert_double_eq_tol(training.train.r2, 0.20010214535741733, 1e-6);
    ck_assert_double_eq_tol(training.test.r2, 0.20010214535741733, 1e-6);
    ck_assert(isnan(training.train.accuracy));
    ck_ok(weft_predict(device, model, numbers->x, N, NULL, outputs));
    assert_near(outputs, first, 2 * NUMBERS);
    ck_ok(weft_score(device, model, numbers, &score));
    ck_assert_double_eq_tol(score, 0.20010214535741733, 1e-6);
    weft_model_destroy(model);
}
END_TEST

/* The hidden layer that the next test begins with. */
static struct weft_model *bent_model(const struct weft_options *options)
{
    static const float w1[] = {0.5f, -0.25f, 1.0f, 0.0f, 0.75f, -0.5f}, b1[] = {0.25f, -0.5f};
    static const float w2[] = {1.0f, -0.5f, 0.25f, 0.75f}, b2[] = {0.0f, 0.125f};
    const struct hand_layer layers[] = {{D, 2, w1, b1}, {2, NUMBERS, w2, b2}};
    return model_by_hand(options, numbers, layers, 2);
}

/* Two steps of PyTorch's SGD on half the squared error, summed over outputs. The model is one of
 * an earlier version: its targets stay as they are. */
START_TEST(numbers_through_a_hidden_layer)
{
    static const double w1[] = {0.5557706304914296,   -0.23239771952463897, 0.8625386730061262,
                                0.043903002006264895, 0.6613645565731954,   -0.4027544230511506};
    static const double b1[] = {0.17880290326018258, -0.4984030273643743};
    static const double w2[] = {0.6188506756492349, -0.15538406786345854, 0.343307552732498,
                                0.6548183048268459};
    static const double b2[] = {-0.29158909374756126, 0.13726537697970453};
    struct weft_options options = plain("regress", 2, 0.25);
    struct weft_training training;
    struct weft_evaluation *evaluation;
    ck_ok(weft_options_set(&options, "hidden", "2"));
    ck_ok(weft_options_set(&options, "activation", "tanh"));
    struct weft_model *model = bent_model(&options);
    model->scale_settled = true;
    ck_ok(weft_evaluate(device, model, numbers, &evaluation));
    ck_assert_double_eq_tol(evaluation->loss, 1.8366756013193613, 1e-6);
    ck_assert_ptr_null(evaluation->confusion);
    ck_assert_ptr_null(evaluation->scores);
    weft_evaluation_destroy(evaluation);
    ck_ok(weft_train(device, model, &options, numbers, NULL, NULL, NULL, &training));
    assert_near(weft_model_weights(model, 0), w1, 6);
    assert_near(weft_model_biases(model, 0), b1, 2);
    assert_near(weft_model_weights(model, 1), w2, 4);
    assert_near(weft_model_biases(model, 1), b2, 2);
    ck_assert_double_eq_tol(training.train.error, 1.1275934170565247, 1e-6);
    ck_assert_double_eq_tol(training.train.r2, -0.27457665060086056, 2e-6);
    weft_model_destroy(model);
}
END_TEST

/* Outputs are not cut to 0..1, alone or as a mean over members. */
START_TEST(predictions_are_the_outputs)
{
    static const float w[] = {4.0f, 0.0f, 0.0f, 0.0f, -4.0f, 0.0f}, low[] = {1.0f, -1.0f},
                       high[] = {3.0f, 2.0f};
    const struct hand_layer one = {D, NUMBERS, w, low}, other = {D, NUMBERS, w, high};
    const struct weft_options options = plain("regress", 1, 0.1);
    struct weft_model *model = model_by_hand(&options, numbers, &one, 1);
    float outputs[N * NUMBERS];
    int32_t classes[N];
    ck_ok(weft_predict(device, model, numbers->x, N, NULL, outputs));
    for (int i = 0; i < N; i++) {
        ck_assert(outputs[2 * i] == 4.0f * numbers->x[D * i] + 1.0f);
        ck_assert(outputs[2 * i + 1] == -4.0f * numbers->x[D * i + 1] - 1.0f);
    }
    ck_ok(weft_model_add_member(model, model_by_hand(&options, numbers, &other, 1)));
    ck_ok(weft_predict(device, model, numbers->x, N, NULL, outputs));
    for (int i = 0; i < N; i++) {
        ck_assert(outputs[2 * i] == 4.0f * numbers->x[D * i] + 2.0f);
        ck_assert(outputs[2 * i + 1] == -4.0f * numbers->x[D * i + 1] + 0.5f);
    }
    ck_fails(weft_predict(device, model, numbers->x, N, classes, outputs), WEFT_ERROR_USAGE,
             "classes: task regress has no classes");
    ck_fails(weft_predict_proba(device, model, numbers->x, N, outputs), WEFT_ERROR_USAGE,
             "task regress has no probabilities");
    weft_model_destroy(model);
}
END_TEST

/* scikit-learn's r2_score. */
START_TEST(r2_is_a_mean_over_columns)
{
    static const float y[] = {1, 2, 5, 2, 2, 5, 4, 2, 5, 8, 2, 5};
    static const float z[] = {1.5f, 2, 4, 2, 2, 5, 3, 2, 5, 8.5f, 2, 5};
    static const float first[] = {1, 2, 4, 8}, found[] = {1.5f, 2, 3, 8.5f};
    ck_assert_double_eq_tol(score_r2(y, z, 4, 3), 0.6492753623188405, 1e-14);
    ck_assert_double_eq_tol(score_r2(first, found, 4, 1), 0.9478260869565217, 1e-14);
}
END_TEST

/* ---- multilabel ---- */

/* PyTorch's BCEWithLogitsLoss summed over labels; three steps of its SGD. */
START_TEST(several_labels_are_learned)
{
    static const double w[] = {0.2180245166580763,  -0.05828559562469087, 0.6098428295462802,
                               -0.2606651453834413, 0.7360481315530226,   -0.5746667318011695,
                               -0.6453390720365385, 0.48910583888179804,  0.1622584280772018};
    static const double b[] = {0.16275178198481322, -0.5717574220895215, -0.2798315595356002};
    struct weft_options options = plain("multilabel", 3, 0.5);
    struct weft_model *model = several_model(&options);
    struct weft_training training;
    options.check_every = 1;
    ck_ok(weft_train(device, model, &options, several, NULL, NULL, NULL, &training));
    assert_near(weft_model_weights(model, 0), w, D * LABELS);
    assert_near(weft_model_biases(model, 0), b, LABELS);
    weft_model_destroy(model);
}
END_TEST

static int keep_epoch(void *user, const struct weft_epoch *epoch)
{
    *(struct weft_epoch *)user = *epoch;
    return 0;
}

/* A smoothed label is 0.8 t + 0.1 in training, and itself in scores. */
START_TEST(several_labels_are_smoothed)
{
    struct weft_options options = plain("multilabel", 1, 0.0);
    struct weft_training training;
    struct weft_epoch seen = {0};
    options.label_smoothing = 0.2;
    struct weft_model *model = several_model(&options);
    const struct weft_callbacks callbacks = {.user = &seen, .epoch = keep_epoch};
    ck_ok(weft_train(device, model, &options, several, NULL, NULL, &callbacks, &training));
    ck_assert_double_eq_tol(seen.error, 2.4400484517674683, 1e-6);
    ck_assert_double_eq(seen.train_accuracy, 1.0 / 12.0);
    ck_assert_double_eq_tol(training.train.error, 2.429110951767468, 1e-6);
    weft_model_destroy(model);
}
END_TEST

/* accuracy_score (of sets of labels) and precision_recall_fscore_support. */
START_TEST(several_labels_are_judged)
{
    static const double precision[] = {0.42857142857142855, 0.6, 0.2857142857142857};
    static const double recall[] = {0.5, 0.75, 0.6666666666666666};
    static const double f1[] = {0.46153846153846156, 0.6666666666666666, 0.4};
    static const size_t support[] = {6, 4, 3};
    const struct weft_options options = plain("multilabel", 1, 0.1);
    struct weft_model *model = several_model(&options);
    struct weft_evaluation *evaluation;
    double score;
    ck_ok(weft_evaluate(device, model, several, &evaluation));
    ck_assert_double_eq_tol(evaluation->loss, 2.429110951767468, 1e-6);
    ck_assert_double_eq(evaluation->accuracy, 1.0 / 12.0);
    ck_assert_ptr_null(evaluation->confusion);
    for (int k = 0; k < LABELS; k++) {
        ck_assert_double_eq_tol(evaluation->scores[k].precision, precision[k], 1e-15);
        ck_assert_double_eq_tol(evaluation->scores[k].recall, recall[k], 1e-15);
        ck_assert_double_eq_tol(evaluation->scores[k].f1, f1[k], 1e-15);
        ck_assert_uint_eq(evaluation->scores[k].support, support[k]);
    }
    ck_ok(weft_score(device, model, several, &score));
    ck_assert_double_eq(score, 1.0 / 12.0);
    weft_evaluation_destroy(evaluation);
    weft_model_destroy(model);
}
END_TEST

START_TEST(several_labels_are_predicted)
{
    static const int32_t want[] = {1, 0, 1, 1, 0, 0, 0, 1, 1};
    static const double first[] = {0.7057850278370112, 0.24508501313237172, 0.8438951025545426};
    const struct weft_options options = plain("multilabel", 1, 0.1);
    struct weft_model *model = several_model(&options);
    int32_t labels[N * LABELS];
    float p[N * LABELS];
    ck_ok(weft_predict(device, model, several->x, N, labels, p));
    ck_assert_mem_eq(labels, want, sizeof want);
    assert_near(p, first, LABELS);
    ck_ok(weft_model_add_member(model, several_model(&options))); /* a mean of two that agree */
    ck_ok(weft_predict(device, model, several->x, N, labels, p));
    ck_assert_mem_eq(labels, want, sizeof want);
    assert_near(p, first, LABELS);
    weft_model_destroy(model);
}
END_TEST

/* ---- files ---- */

/* What a reader that knows nothing of tasks would compute wrong has another version. */
START_TEST(a_file_keeps_the_task)
{
    const struct weft_options options = plain(_i == 0 ? "regress" : "multilabel", 1, 0.1);
    const struct weft_dataset *dataset = _i == 0 ? numbers : several;
    struct weft_model *model, *back;
    struct weft_model_info info;
    struct safetensors file;
    ck_ok(weft_model_create(&options, dataset, &model));
    ck_ok(weft_model_write(model, temporary_path("task")));
    ck_ok(weft_model_read(temporary_path("task"), &back));
    weft_model_get_info(back, &info);
    ck_assert_int_eq(info.task, _i == 0 ? WEFT_TASK_REGRESS : WEFT_TASK_MULTILABEL);
    ck_assert_uint_eq(info.classes, dataset->classes);
    ck_ok(safetensors_read(temporary_path("task"), &file));
    ck_assert_str_eq(safetensors_entry(&file, "format_version"), "2");
    ck_assert_str_eq(safetensors_entry(&file, "task"), _i == 0 ? "regress" : "multilabel");
    safetensors_reset(&file);
    weft_model_destroy(back);
    weft_model_destroy(model);
}
END_TEST

/* ---- what cannot be ---- */

static const struct refused {
    const char *task, *option, *value, *says;
} refused[] = {
    {"regress", "head", "softmax", "head: got softmax, task regress needs identity"},
    {"multilabel", "head", "softmax", "head: got softmax, task multilabel needs sigmoid"},
    {"regress", "class-weight", "balanced", "class-weight: task regress has no classes"},
    {"multilabel", "class-weight", "1,2,3", "class-weight: task multilabel has no classes"},
    {"regress", "label-smoothing", "0.1", "label-smoothing: task regress has no labels"},
    {"regress", "monitor", "accuracy", "monitor: task regress has only a loss"},
    {"regress", "monitor", "macro-f1", "monitor: task regress has only a loss"},
};

START_TEST(options_without_sense_are_refused)
{
    const struct refused *row = &refused[_i];
    const struct weft_dataset *dataset = strcmp(row->task, "regress") == 0 ? numbers : several;
    struct weft_options options = plain(row->task, 1, 0.1);
    struct weft_model *model = NULL;
    struct weft_training training;
    ck_ok(weft_options_set(&options, "patience", "2"));
    ck_ok(weft_options_set(&options, row->option, row->value));
    enum weft_status status = weft_model_create(&options, dataset, &model);
    if (status == WEFT_OK)
        status = weft_train(device, model, &options, dataset, dataset, NULL, NULL, &training);
    ck_fails(status, WEFT_ERROR_USAGE, row->says);
    weft_model_destroy(model);
}
END_TEST

START_TEST(data_of_another_task_are_refused)
{
    static const int32_t classes[N] = {1, 0, 2};
    const struct weft_options regress = plain("regress", 1, 0.1),
                              labels = plain("multilabel", 1, 0.1),
                              classify = plain("classify", 1, 0.1);
    struct weft_dataset *plain_labels;
    struct weft_model *model;
    struct weft_training training;
    ck_ok(weft_dataset_create(N, D, 0, numbers->x, classes, &plain_labels));
    ck_fails(weft_model_create(&classify, numbers, &model), WEFT_ERROR_DATA,
             "labels: got 2 targets for each sample, task classify needs one label");
    ck_fails(weft_model_create(&regress, plain_labels, &model), WEFT_ERROR_DATA,
             "targets: got one label each, task regress needs numbers");
    ck_fails(weft_model_create(&labels, numbers, &model), WEFT_ERROR_DATA,
             "sample 0, label 0: got -1.5, task multilabel needs 0 or 1");
    ck_ok(weft_model_create(&regress, numbers, &model));
    ck_fails(weft_train(device, model, &regress, several, NULL, NULL, NULL, &training),
             WEFT_ERROR_DATA, "targets of a sample: got 3, the model needs 2");
    ck_fails(weft_train(device, model, &classify, numbers, NULL, NULL, NULL, &training),
             WEFT_ERROR_USAGE, "task: got classify, the model's is regress");
    weft_model_destroy(model);
    weft_dataset_destroy(plain_labels);
}
END_TEST

START_TEST(presets_of_classes_are_for_classes)
{
    struct weft_options options;
    struct weft_model *model;
    ck_ok(weft_options_init(&options, _i == 0 ? "article" : "xor"));
    ck_ok(weft_options_set(&options, "task", "regress"));
    ck_fails(weft_model_create(&options, numbers, &model), WEFT_ERROR_USAGE,
             "is only for classify");
}
END_TEST

static void add_tests(TCase *tests)
{
    const int rows = (int)(sizeof refused / sizeof *refused);
    tcase_add_checked_fixture(tests, data_open, data_close);
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_test(tests, a_line_is_fitted_by_least_squares);
    tcase_add_test(tests, numbers_through_a_hidden_layer);
    tcase_add_test(tests, predictions_are_the_outputs);
    tcase_add_test(tests, r2_is_a_mean_over_columns);
    tcase_add_test(tests, several_labels_are_learned);
    tcase_add_test(tests, several_labels_are_smoothed);
    tcase_add_test(tests, several_labels_are_judged);
    tcase_add_test(tests, several_labels_are_predicted);
    tcase_add_loop_test(tests, a_file_keeps_the_task, 0, 2);
    tcase_add_loop_test(tests, options_without_sense_are_refused, 0, rows);
    tcase_add_test(tests, data_of_another_task_are_refused);
    tcase_add_loop_test(tests, presets_of_classes_are_for_classes, 0, 2);
}

int main(void)
{
    Suite *suite = suite_create("tasks");
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
