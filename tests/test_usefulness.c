/* Tests the notes on results that are finite but useless, with the likely cause. Other results have
 * no note. The tests run on both devices, except for the causes, which are only words. */
#define _XOPEN_SOURCE 700

#include "data/task.h"
#include "plain_options.h"
#include "small_tasks.h"
#include "train/advice.h"

/* 1500 samples, more than a block: those of class 1 are above 0. `alone`: all labels are 1. */
enum { MANY = 1500 };

static struct weft_dataset *two_classes(bool alone)
{
    static float x[MANY];
    static int32_t labels[MANY];
    struct weft_dataset *dataset;
    for (int i = 0; i < MANY; i++) {
        x[i] = (float)(i % 100 + 1) / (i % 2 == 0 ? 50.0f : -50.0f);
        labels[i] = alone || x[i] > 0.0f;
    }
    ck_ok(weft_dataset_create(MANY, 1, 2, x, labels, &dataset));
    return dataset;
}

/* Softmax of w x + b. */
static struct weft_model *line(const struct weft_dataset *dataset, const float *weights,
                               const float *biases)
{
    struct weft_options options = plain("classify", 1, 0.1);
    const struct hand_layer layer = {1, 2, weights, biases};
    return model_by_hand(&options, dataset, &layer, 1);
}

/* `rate` 0 leaves the model as it is. */
static void assert_notes(const float *weights, const float *biases, double rate, bool alone,
                         const char *trained, const char *evaluated)
{
    const struct weft_options options = plain("classify", 1, rate);
    struct weft_dataset *dataset = two_classes(alone);
    struct weft_model *model = line(dataset, weights, biases);
    struct weft_training training;
    struct weft_evaluation *evaluation;
    ck_ok(weft_train(device, model, &options, dataset, NULL, NULL, NULL, &training));
    ck_ok(weft_evaluate(device, model, dataset, &evaluation));
    ck_assert_str_eq(training.note, trained);
    ck_assert_str_eq(evaluation->note, evaluated);
    weft_evaluation_destroy(evaluation);
    weft_model_destroy(model);
    weft_dataset_destroy(dataset);
}

START_TEST(one_class_for_every_sample)
{
    static const float weights[] = {0.0f, 0.1f}, ones[] = {0.0f, 10.0f}, zeros[] = {10.0f, 0.0f};
    const char cause[] = "the model was trained on features that were not standardized";
    char trained[256], evaluated[256];
    for (int class = 0; class < 2; class ++) {
        snprintf(trained, sizeof trained,
                 "every sample is predicted as the same class, \"%d\"; the features are not "
                 "standardized (scale none)",
                 class);
        snprintf(evaluated, sizeof evaluated,
                 "every sample is predicted as the same class, \"%d\"; %s", class, cause);
        assert_notes(weights, class == 1 ? ones : zeros, 0.0, false, trained, evaluated);
    }
}
END_TEST

/* Right, or wrong in the last sample alone, which lies in the second block. */
START_TEST(two_classes_are_no_news)
{
    static const float right[] = {0.0f, 10.0f}, none[] = {0.0f, 0.0f}, most[] = {0.0f, -19.5f};
    assert_notes(right, none, 0.0, false, "", "");
    assert_notes(right, most, 0.0, false, "", "");
}
END_TEST

START_TEST(labels_of_one_class)
{
    static const float right[] = {0.0f, 0.1f}, biases[] = {0.0f, 10.0f};
    assert_notes(right, biases, 0.0, true,
                 "all training samples have the same label: the model cannot tell it from others",
                 "");
}
END_TEST

/* ---- the other tasks ---- */

static void assert_task_notes(const struct weft_dataset *dataset, const struct hand_layer *layer,
                              const char *task, const char *trained, const char *evaluated)
{
    const struct weft_options options = plain(task, 1, 0.0);
    struct weft_model *model = model_by_hand(&options, dataset, layer, 1);
    struct weft_training training;
    struct weft_evaluation *evaluation;
    ck_ok(weft_train(device, model, &options, dataset, NULL, NULL, NULL, &training));
    ck_ok(weft_evaluate(device, model, dataset, &evaluation));
    ck_assert_msg(strncmp(training.note, trained, strlen(trained)) == 0, "%s", training.note);
    ck_assert_msg(strncmp(evaluation->note, evaluated, strlen(evaluated)) == 0, "%s",
                  evaluation->note);
    ck_assert((training.note[0] == '\0') == (trained[0] == '\0'));
    ck_assert((evaluation->note[0] == '\0') == (evaluated[0] == '\0'));
    weft_evaluation_destroy(evaluation);
    weft_model_destroy(model);
}

START_TEST(the_same_labels_for_every_sample)
{
    static const float none[D * LABELS] = {0.0f}, biases[] = {3.0f, -3.0f, 3.0f};
    const char same[] = "every sample is predicted with the same labels; ";
    assert_task_notes(several, &(struct hand_layer){D, LABELS, none, biases}, "multilabel", same,
                      same);
    assert_task_notes(several, &(struct hand_layer){D, LABELS, several_w, several_b}, "multilabel",
                      "", "");
}
END_TEST

/* 100 for every sample; and their mean, whose R^2 is 0 and a rounding. */
START_TEST(worse_than_the_mean)
{
    static const float none[D * NUMBERS] = {0.0f}, far[] = {100.0f, 100.0f};
    const char below[] = "R^2 is below 0: the mean of the targets would predict better; ";
    float means[NUMBERS] = {0.0f};
    struct weft_dataset_info info;
    weft_dataset_get_info(numbers, &info);
    for (int i = 0; i < N * NUMBERS; i++)
        means[i % NUMBERS] += info.targets[i] / (float)N;
    assert_task_notes(numbers, &(struct hand_layer){D, NUMBERS, none, far}, "regress", below,
                      below);
    const struct weft_options options = plain("regress", 200, 0.1);
    const struct hand_layer layer = {D, NUMBERS, none, means};
    struct weft_model *model = model_by_hand(&options, numbers, &layer, 1);
    struct weft_training training;
    ck_ok(weft_train(device, model, &options, numbers, NULL, NULL, NULL, &training));
    ck_assert_double_gt(training.train.r2, 0.0);
    ck_assert_str_eq(training.note, "");
    weft_model_destroy(model);
}
END_TEST

/* A model that fits its training set, and a set with targets that are 100 larger. */
START_TEST(worse_than_the_mean_of_unseen_samples)
{
    const struct weft_options options = plain("regress", 200, 0.1);
    static const float none[D * NUMBERS] = {0.0f};
    const struct hand_layer layer = {D, NUMBERS, none, none};
    struct weft_model *model = model_by_hand(&options, numbers, &layer, 1);
    struct weft_dataset_info info;
    struct weft_dataset *unseen;
    struct weft_training training;
    float y[N * NUMBERS];
    weft_dataset_get_info(numbers, &info);
    for (int i = 0; i < N * NUMBERS; i++)
        y[i] = info.targets[i] + 100.0f;
    ck_ok(weft_dataset_create_targets(N, D, NUMBERS, info.x, y, &unseen));
    ck_ok(weft_train(device, model, &options, numbers, NULL, unseen, NULL, &training));
    ck_assert_double_gt(training.train.r2, 0.0);
    ck_assert_msg(strncmp(training.note, "R^2 of the test set is below 0: ", 32) == 0, "%s",
                  training.note);
    ck_ok(weft_train(device, model, &options, numbers, unseen, NULL, NULL, &training));
    ck_assert_msg(strncmp(training.note, "R^2 of the validation set is below 0: ", 38) == 0, "%s",
                  training.note);
    weft_dataset_destroy(unseen);
    weft_model_destroy(model);
}
END_TEST

/* ---- causes ---- */

struct cause {
    const char *option, *value; /* beside scale standard and rate 0.01 */
    const char *diverged, *nothing;
};
static const struct cause causes[] = {
    {"seed", "1", "a smaller learning rate (now 0.01)",
     "training may be too short, or the learning rate may be wrong (now 0.01)"},
    {"scale", "none", "a smaller learning rate (now 0.01) or scale standard",
     "the features are not standardized (scale none)"},
    {"learning-rate", "0.5", "a smaller learning rate (now 0.5)",
     "the learning rate may be too large (now 0.5)"},
    {"weight-decay", "1e30", "a smaller weight decay (now 1e+30)",
     "weight decay may be too large (now 1e+30)"},
    {"weight-decay", "99", "a smaller learning rate (now 0.01)",
     "training may be too short, or the learning rate may be wrong (now 0.01)"},
    {"l2", "1000", "a smaller l2 (now 1000)", "l2 may be too large (now 1000)"},
    {"l1", "101", "a smaller l1 (now 101)", "l1 may be too large (now 101)"},
};

START_TEST(the_likely_cause)
{
    const struct cause *cause = &causes[_i];
    struct weft_options options;
    char text[ADVICE_SIZE];
    ck_ok(weft_options_init(&options, "default"));
    ck_ok(weft_options_set(&options, "learning-rate", "0.01"));
    ck_ok(weft_options_set(&options, cause->option, cause->value));
    advice_after_divergence(&options, true, text);
    ck_assert_str_eq(text, cause->diverged);
    advice_after_nothing_learned(&options, 0.5, text);
    ck_assert_str_eq(text, cause->nothing);
}
END_TEST

/* Decay is AdamW's alone; a rate of plain descent may be larger; before the first update no rate is
 * to blame; classes may be uneven. */
START_TEST(causes_that_depend)
{
    struct weft_options options;
    char text[ADVICE_SIZE];
    ck_ok(weft_options_init(&options, "default"));
    options.optimizer = WEFT_OPTIMIZER_SGD;
    options.learning_rate = 0.5;
    options.weight_decay = 1e30;
    advice_after_divergence(&options, true, text);
    ck_assert_str_eq(text, "a smaller learning rate (now 0.5)");
    advice_after_nothing_learned(&options, 0.95, text);
    ck_assert_str_eq(text, "95 % of the samples are of that class; class weights may help");
    advice_after_divergence(&options, false, text);
    ck_assert_str_eq(text, "smaller initial weights");
    options.scale = WEFT_SCALE_NONE;
    advice_after_divergence(&options, false, text);
    ck_assert_str_eq(text, "scale standard or smaller initial weights");
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_checked_fixture(tests, data_open, data_close);
    tcase_add_test(tests, one_class_for_every_sample);
    tcase_add_test(tests, two_classes_are_no_news);
    tcase_add_test(tests, labels_of_one_class);
    tcase_add_test(tests, the_same_labels_for_every_sample);
    tcase_add_test(tests, worse_than_the_mean);
    tcase_add_test(tests, worse_than_the_mean_of_unseen_samples);
}

int main(void)
{
    Suite *suite = suite_create("usefulness");
    TCase *words = tcase_create("causes");
    suite_add_devices(suite, add_tests);
    tcase_add_loop_test(words, the_likely_cause, 0, sizeof causes / sizeof *causes);
    tcase_add_test(words, causes_that_depend);
    suite_add_tcase(suite, words);
    return suite_main(suite);
}
