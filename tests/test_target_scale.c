/* Tests standardized targets of task regress. A training is the same whatever the units of its
 * targets are, its predictions are in these units, and its file keeps both. Expected numbers are
 * from NumPy in double precision. */
#define _XOPEN_SOURCE 700

#include "same_model.h"
#include "small_tasks.h"
#include "weft_device.h"

/* Mean and standard deviation of the targets of `numbers`. */
static const double means[NUMBERS] = {-0.3958333333333333, -0.041666666666666664};
static const double deviations[NUMBERS] = {0.8194150183040474, 1.0937003957005573};

/* The numbers of small_tasks.h as factor y + offset. */
static struct weft_dataset *moved(double factor, double offset)
{
    struct weft_dataset *dataset;
    float y[N * NUMBERS];
    for (size_t i = 0; i < N * NUMBERS; i++)
        y[i] = (float)(factor * (double)numbers->targets[i] + offset);
    ck_ok(weft_dataset_create_targets(N, D, NUMBERS, numbers->x, y, &dataset));
    return dataset;
}

/* Few steps of a bent network, which is far from converged. */
static struct weft_options bent(void)
{
    struct weft_options options = plain("regress", 100, 0.3);
    ck_ok(weft_options_set(&options, "hidden", "5"));
    ck_ok(weft_options_set(&options, "activation", "tanh"));
    return options;
}

static struct weft_model *fitted(const struct weft_options *options,
                                 const struct weft_dataset *dataset, struct weft_training *training)
{
    struct weft_model *model;
    ck_ok(weft_model_create(options, dataset, &model));
    ck_ok(weft_train(device, model, options, dataset, dataset, NULL, NULL, training));
    return model;
}

static void predict(const struct weft_model *model, float *outputs)
{
    ck_ok(weft_predict(device, model, numbers->x, N, NULL, outputs));
}

/* ---- one problem in all units ---- */

/* Powers of two keep every bit of the problem. */
START_TEST(units_change_no_bit)
{
    const double factor = _i == 0 ? 0x1p-10 : 0x1p20;
    const struct weft_options options = bent();
    struct weft_training one, other;
    struct weft_dataset *dataset = moved(factor, 0.0);
    struct weft_model *model = fitted(&options, numbers, &one);
    struct weft_model *same = fitted(&options, dataset, &other);
    float outputs[N * NUMBERS], moved_outputs[N * NUMBERS];
    predict(model, outputs);
    predict(same, moved_outputs);
    ck_assert_mem_eq(model->parameters, same->parameters,
                     model->network.value_count * sizeof(float));
    ck_assert(one.train.error == other.train.error && one.train.r2 == other.train.r2);
    for (size_t i = 0; i < N * NUMBERS; i++)
        ck_assert((double)moved_outputs[i] == factor * (double)outputs[i]);
    weft_model_destroy(same);
    weft_model_destroy(model);
    weft_dataset_destroy(dataset);
}
END_TEST

static const struct units {
    double factor, offset;
} units[] = {{1e-3, 0.0}, {1e6, 0.0}, {1.0, 100.0}, {1.0, 1e6}, {1e-3, 10.0}, {1e6, 1e9}};

/* Float32 rounds a target of size t by up to 2^-24 t, and the mean as much. The training passes on
 * both, here at most four times as large. */
START_TEST(any_units_train_as_well)
{
    const struct units *unit = &units[_i];
    const struct weft_options options = bent();
    struct weft_training one, other;
    struct weft_dataset *dataset = moved(unit->factor, unit->offset);
    struct weft_model *model = fitted(&options, numbers, &one);
    struct weft_model *same = fitted(&options, dataset, &other);
    const double rounding = 0x1p-24 * (fabs(unit->offset) / unit->factor + 2.0);
    float outputs[N * NUMBERS], moved_outputs[N * NUMBERS];
    predict(model, outputs);
    predict(same, moved_outputs);
    ck_assert_double_gt(one.train.r2, 0.4);
    ck_assert_double_eq_tol(other.train.r2, one.train.r2, 1e-6 + 4.0 * rounding);
    ck_assert_double_eq_tol(other.validation.r2, one.train.r2, 1e-6 + 4.0 * rounding);
    ck_assert_double_eq_tol(other.train.error, one.train.error, 1e-6 + 4.0 * rounding);
    for (size_t i = 0; i < N * NUMBERS; i++)
        ck_assert_double_eq_tol(((double)moved_outputs[i] - unit->offset) / unit->factor,
                                (double)outputs[i], 1e-5 + 4.0 * rounding);
    weft_model_destroy(same);
    weft_model_destroy(model);
    weft_dataset_destroy(dataset);
}
END_TEST

/* ---- what is measured in which units ---- */

/* No update: the network predicts 0, which is the mean of every target. */
START_TEST(before_any_update)
{
    struct weft_options options = plain("regress", 1, 0.0);
    struct weft_training training;
    struct weft_evaluation *evaluation;
    struct weft_model_info info;
    float outputs[N * NUMBERS];
    double own = 0.0;
    ck_ok(weft_options_set(&options, "init", "zeros"));
    struct weft_model *model = fitted(&options, numbers, &training);
    ck_assert_double_eq_tol(training.train.error, 1.0, 1e-6); /* 1/2 for each output */
    ck_assert_double_eq_tol(training.validation.error, 1.0, 1e-6);
    ck_assert_double_eq_tol(training.train.r2, 0.0, 1e-6);
    weft_model_get_info(model, &info);
    ck_ok(weft_evaluate(device, model, numbers, &evaluation));
    predict(model, outputs);
    for (size_t c = 0; c < NUMBERS; c++) {
        own += deviations[c] * deviations[c] / 2.0;
        ck_assert_double_eq_tol((double)info.target_mean[c], means[c], 1e-7);
        ck_assert_double_eq_tol((double)info.target_std[c], deviations[c], 1e-7);
        for (size_t i = 0; i < N; i++)
            ck_assert_double_eq_tol((double)outputs[i * NUMBERS + c], means[c], 1e-6);
    }
    ck_assert_double_eq_tol(evaluation->loss, own, 1e-6);
    ck_assert_double_eq_tol(evaluation->r2, 0.0, 1e-6);
    weft_evaluation_destroy(evaluation);
    weft_model_destroy(model);
}
END_TEST

/* The loss of another set than the training set, and early stopping, use the same units. */
START_TEST(a_validation_set_has_the_units_of_the_training_set)
{
    struct weft_options options = plain("regress", 1, 0.0);
    struct weft_dataset *twice = moved(2.0, 1.0);
    struct weft_training training;
    struct weft_model *model;
    double error = 0.0;
    ck_ok(weft_options_set(&options, "init", "zeros"));
    ck_ok(weft_model_create(&options, numbers, &model));
    ck_ok(weft_train(device, model, &options, numbers, twice, twice, NULL, &training));
    for (size_t c = 0; c < NUMBERS; c++)
        for (size_t i = 0; i < N; i++) {
            const double y = (double)twice->targets[i * NUMBERS + c];
            error += pow((y - means[c]) / deviations[c], 2.0) / 2.0 / N;
        }
    ck_assert_double_eq_tol(training.validation.error, error, 1e-5);
    ck_assert_double_eq_tol(training.test.error, error, 1e-5);
    weft_model_destroy(model);
    weft_dataset_destroy(twice);
}
END_TEST

/* Labels of other tasks stay as they are. */
START_TEST(only_regression_standardizes)
{
    const struct weft_options options = plain("multilabel", 1, 0.1);
    struct weft_training training;
    struct weft_model *model = fitted(&options, several, &training);
    struct weft_model_info info;
    weft_model_get_info(model, &info);
    ck_assert_ptr_null(info.target_mean);
    ck_assert_ptr_null(info.target_std);
    weft_model_destroy(model);
}
END_TEST

START_TEST(a_constant_target_is_predicted)
{
    const float y[N * NUMBERS] = {0.0f};
    const struct weft_options options = bent();
    struct weft_training training;
    struct weft_dataset *dataset;
    float outputs[N * NUMBERS];
    ck_ok(weft_dataset_create_targets(N, D, NUMBERS, numbers->x, y, &dataset));
    for (size_t i = 0; i < N * NUMBERS; i++)
        dataset->targets[i] = i % NUMBERS == 0 ? 1e6f : numbers->targets[i];
    struct weft_model *model = fitted(&options, dataset, &training);
    ck_assert(model->target_scale.mean[0] == 1e6f && model->target_scale.std[0] == 1.0f);
    predict(model, outputs);
    for (size_t i = 0; i < N; i++)
        ck_assert_double_eq_tol((double)outputs[i * NUMBERS], 1e6, 0.5);
    weft_model_destroy(model);
    weft_dataset_destroy(dataset);
}
END_TEST

/* ---- the first training fixes it ---- */

START_TEST(later_trainings_keep_it)
{
    struct weft_options options = bent();
    struct weft_dataset *other = moved(100.0, 7.0);
    struct weft_training training;
    struct weft_model *model = fitted(&options, numbers, &training);
    ck_ok(weft_train(device, model, &options, other, NULL, NULL, NULL, &training));
    ck_assert_double_eq_tol((double)model->target_scale.std[0], deviations[0], 1e-6);
    ck_ok(weft_partial_fit(device, model, &options, other, NULL, NULL, &training));
    ck_assert_double_eq_tol((double)model->target_scale.std[1], deviations[1], 1e-6);
    options.warm_start = true;
    ck_ok(weft_fit(device, model, &options, other, NULL, NULL, &training));
    ck_assert_double_eq_tol((double)model->target_scale.mean[0], means[0], 1e-6);
    options.warm_start = false;
    ck_ok(weft_fit(device, model, &options, other, NULL, NULL, &training));
    ck_assert_double_eq_tol((double)model->target_scale.std[0], 100.0 * deviations[0], 1e-4);
    ck_assert_double_eq_tol((double)model->target_scale.mean[1], 100.0 * means[1] + 7.0, 1e-4);
    weft_model_destroy(model);
    weft_dataset_destroy(other);
}
END_TEST

/* A model that was trained on targets as they are goes on with them. */
START_TEST(earlier_models_keep_having_none)
{
    const struct weft_options options = bent();
    struct weft_training training;
    struct weft_model *model;
    ck_ok(weft_model_create(&options, numbers, &model));
    model->scale_settled = true;
    model->record.epochs = 1;
    ck_ok(weft_model_write(model, temporary_path("earlier")));
    weft_model_destroy(model);
    ck_ok(weft_model_read(temporary_path("earlier"), &model));
    ck_ok(weft_train(device, model, &options, numbers, NULL, NULL, NULL, &training));
    ck_assert_uint_eq(model->target_scale.features, 0);
    weft_model_destroy(model);
    ck_ok(weft_model_create_from(temporary_path("earlier"), &options, true, numbers, &model));
    ck_ok(weft_train(device, model, &options, numbers, NULL, NULL, NULL, &training));
    ck_assert_uint_eq(model->target_scale.features, 0);
    weft_model_destroy(model);
}
END_TEST

START_TEST(a_training_starts_from_a_file)
{
    const struct weft_options options = bent();
    struct weft_dataset *other = moved(100.0, 7.0);
    struct weft_training training;
    struct weft_model *model = fitted(&options, numbers, &training), *from;
    ck_ok(weft_model_write(model, temporary_path("first")));
    ck_ok(weft_model_create_from(temporary_path("first"), &options, true, other, &from));
    ck_ok(weft_train(device, from, &options, other, NULL, NULL, NULL, &training));
    ck_assert_mem_eq(from->target_scale.mean, model->target_scale.mean, NUMBERS * sizeof(float));
    ck_assert_mem_eq(from->target_scale.std, model->target_scale.std, NUMBERS * sizeof(float));
    weft_model_destroy(from);
    ck_ok(weft_model_create_from(temporary_path("first"), &options, false, other, &from));
    ck_assert_uint_eq(from->target_scale.features, 0);
    ck_ok(weft_train(device, from, &options, other, NULL, NULL, NULL, &training));
    ck_assert_double_eq_tol((double)from->target_scale.std[0], 100.0 * deviations[0], 1e-4);
    weft_model_destroy(from);
    weft_model_destroy(model);
    weft_dataset_destroy(other);
}
END_TEST

/* ---- files ---- */

START_TEST(a_file_keeps_it)
{
    const struct weft_options options = bent();
    struct weft_dataset *dataset = moved(1e6, 1e6);
    struct weft_training training;
    struct weft_model *model = fitted(&options, dataset, &training), *back;
    struct safetensors file;
    float outputs[N * NUMBERS], read_outputs[N * NUMBERS];
    ck_ok(weft_model_write(model, temporary_path("model")));
    ck_ok(weft_model_read(temporary_path("model"), &back));
    assert_same(model, back);
    predict(model, outputs);
    predict(back, read_outputs);
    ck_assert_mem_eq(outputs, read_outputs, sizeof outputs);
    ck_ok(safetensors_read(temporary_path("model"), &file));
    ck_assert_str_eq(safetensors_entry(&file, "format_version"), "3");
    ck_assert_str_eq(safetensors_entry(&file, "target_scale"), "standard");
    ck_assert_str_eq(safetensors_entry(&file, "scale"), "none");
    const struct safetensor *mean = safetensors_find(&file, "target.mean");
    const struct safetensor *std = safetensors_find(&file, "target.std");
    ck_assert(mean->count == NUMBERS && std->count == NUMBERS);
    ck_assert_double_eq_tol((double)mean->values[0], 1e6 * means[0] + 1e6, 0.1);
    ck_assert_double_eq_tol((double)std->values[1], 1e6 * deviations[1], 0.1);
    safetensors_reset(&file);
    weft_model_destroy(back);
    weft_model_destroy(model);
    weft_dataset_destroy(dataset);
}
END_TEST

static void assert_file_refused(const struct safetensors *file, const char *line)
{
    struct weft_model *model;
    ck_ok(safetensors_write(temporary_path("damaged"), file));
    ck_fails(weft_model_read(temporary_path("damaged"), &model), WEFT_ERROR_MODEL, line);
}

START_TEST(damaged_files_are_refused)
{
    const struct weft_options options = bent();
    struct weft_training training;
    struct weft_model *model = fitted(&options, numbers, &training);
    struct safetensors file;
    ck_ok(weft_model_write(model, temporary_path("whole")));
    ck_ok(safetensors_read(temporary_path("whole"), &file));
    float *std = (float *)safetensors_find(&file, "target.std")->values;
    std[1] = 0.0f;
    assert_file_refused(&file, "target.std: value 1 is 0, need 1.2e-38 or more");
    std[1] = (float)NAN;
    assert_file_refused(&file, "target.std: value 1 is NaN, need finite numbers");
    std[1] = 1.0f;
    file.tensor_count--; /* target.std is the last */
    assert_file_refused(&file, "target.std: missing");
    file.tensor_count++;
    for (size_t e = 0; e < file.entry_count; e++)
        if (strcmp(file.entries[e].key, "target_scale") == 0)
            file.entries[e].value[0] = 'S';
    assert_file_refused(&file, "target_scale: got \"Standard\", need none or standard");
    safetensors_reset(&file);
    weft_model_destroy(model);
}
END_TEST

/* ---- ensembles ---- */

START_TEST(members_share_it)
{
    struct weft_options options = bent();
    struct weft_dataset *dataset = moved(10.0, 1000.0);
    struct weft_training training;
    struct weft_model *model = fitted(&options, dataset, &training), *member, *back;
    struct weft_model *other = fitted(&options, numbers, &training);
    struct weft_evaluation *evaluation;
    float one[N * NUMBERS], two[N * NUMBERS], mean[N * NUMBERS];
    double loss = 0.0, apart = 0.0;
    options.seed++;
    member = fitted(&options, dataset, &training);
    predict(model, one);
    predict(member, two);
    ck_fails(weft_model_add_member(model, other), WEFT_ERROR_USAGE,
             "ensemble: need different members of the same network and scaling");
    ck_ok(weft_model_add_member(model, member));
    ck_ok(weft_model_write(model, temporary_path("ensemble")));
    ck_ok(weft_model_read(temporary_path("ensemble"), &back));
    assert_same(model, back);
    predict(back, mean);
    ck_ok(weft_evaluate(device, back, dataset, &evaluation));
    for (size_t i = 0; i < N * NUMBERS; i++) {
        const double want = ((double)one[i] + (double)two[i]) / 2.0;
        ck_assert_double_eq_tol((double)mean[i], want, 2e-4);
        apart = fmax(apart, fabs((double)one[i] - (double)two[i]));
        loss += pow((double)dataset->targets[i] - want, 2.0) / 2.0 / N;
    }
    ck_assert_double_gt(apart, 1.0);
    ck_assert_double_eq_tol(evaluation->loss, loss, 1e-3 * loss);
    weft_evaluation_destroy(evaluation);
    weft_model_destroy(back);
    weft_model_destroy(other);
    weft_model_destroy(model);
    weft_dataset_destroy(dataset);
}
END_TEST

/* ---- what overflows ---- */

START_TEST(numbers_that_overflow)
{
    struct weft_options options = bent();
    struct weft_training training;
    struct weft_model *model = fitted(&options, numbers, &training);
    struct weft_dataset *small = moved(1e-30, 0.0), *large = moved(1e30, 0.0);
    struct weft_model *tiny;
    struct weft_evaluation *evaluation;
    float outputs[N * NUMBERS];
    ck_ok(weft_model_create(&options, small, &tiny));
    ck_fails(weft_train(device, tiny, &options, small, large, NULL, NULL, &training),
             WEFT_ERROR_DATA,
             "validation set of data set: sample 0, target 0: got -1.5e+30, which overflows "
             "float32 once it is standardized");
    ck_assert_uint_eq(tiny->target_scale.features, 0);
    model->target_scale.std[1] = 3e38f;
    model->target_scale.mean[1] = 3e38f;
    ck_fails(weft_predict(device, model, numbers->x, N, NULL, outputs), WEFT_ERROR_DATA,
             "output 1: got inf, need a finite number");
    ck_fails(weft_evaluate(device, model, numbers, &evaluation), WEFT_ERROR_DATA,
             "output 1: got inf, need a finite number");
    weft_dataset_destroy(large);
    weft_dataset_destroy(small);
    weft_model_destroy(tiny);
    weft_model_destroy(model);
}
END_TEST

/* ---- checks ---- */

/* A shadow, a check and a gradient check see the targets that the device gets. Targets of 1e30 as
 * they are would give a loss that is infinite. */
START_TEST(checks_see_the_same_targets)
{
    struct weft_options options = bent();
    struct weft_dataset *dataset = moved(1e30, 0.0);
    struct weft_training training;
    struct weft_gradient gradient;
    struct weft_check check;
    struct weft_model *model;
    options.check_every = 1;
    ck_ok(weft_model_create(&options, dataset, &model));
    ck_ok(weft_check(device, model, &options, dataset, false, NULL, NULL, &check));
    ck_assert_uint_eq(check.failed, 0);
    ck_ok(weft_check_gradient(device, model, &options, dataset, NULL, NULL, &gradient));
    ck_assert_uint_eq(gradient.check.failed, 0);
    ck_assert(fabs(gradient.worst[0].reference) < 1e3);
    ck_ok(weft_train(device, model, &options, dataset, NULL, NULL, NULL, &training));
    ck_ok(weft_options_set(&options, "shuffle", "yes"));
    ck_ok(weft_options_set(&options, "batches", "3"));
    ck_ok(weft_train(device, model, &options, dataset, NULL, NULL, NULL, &training));
    weft_model_destroy(model);
    weft_dataset_destroy(dataset);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_checked_fixture(tests, data_open, data_close);
    tcase_add_loop_test(tests, units_change_no_bit, 0, 2);
    tcase_add_loop_test(tests, any_units_train_as_well, 0, sizeof units / sizeof *units);
    tcase_add_test(tests, before_any_update);
    tcase_add_test(tests, a_validation_set_has_the_units_of_the_training_set);
    tcase_add_test(tests, only_regression_standardizes);
    tcase_add_test(tests, a_constant_target_is_predicted);
    tcase_add_test(tests, later_trainings_keep_it);
    tcase_add_test(tests, earlier_models_keep_having_none);
    tcase_add_test(tests, a_training_starts_from_a_file);
    tcase_add_test(tests, a_file_keeps_it);
    tcase_add_test(tests, damaged_files_are_refused);
    tcase_add_test(tests, members_share_it);
    tcase_add_test(tests, numbers_that_overflow);
    tcase_add_test(tests, checks_see_the_same_targets);
}

int main(void)
{
    Suite *suite = suite_create("target scale");
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
