/* Tests ensembles and mirror images, whose predictions are means over single models, in memory and
 * in files. */
#define _XOPEN_SOURCE 700

#include <string.h>

#include "data/dataset.h"
#include "network/safetensors.h"
#include "small_training.h"
#include "temporary.h"

enum { MEMBERS = 3 };

/* Members of seeds 1, 2, ... trained alike, and their probabilities of all samples, one by one. */
static struct weft_model *members[MEMBERS];
static float alone[MEMBERS][SAMPLES * CLASSES];

static void members_open(void)
{
    data_open();
    for (size_t m = 0; m < MEMBERS; m++) {
        struct weft_options options = small("default");
        struct weft_training training;
        options.seed = m + 1;
        members[m] = trained(&options, NULL, &training);
        ck_ok(weft_predict(device, members[m], data->x, SAMPLES, NULL, alone[m]));
    }
}

static void ensemble_make(void)
{
    for (size_t m = 1; m < MEMBERS; m++)
        ck_ok(weft_model_add_member(members[0], members[m]));
}

static void assert_means(const struct weft_model *model)
{
    static float p[SAMPLES * CLASSES];
    int32_t classes[SAMPLES];
    ck_ok(weft_predict(device, model, data->x, SAMPLES, classes, p));
    for (size_t i = 0; i < SAMPLES * CLASSES; i++) {
        double sum = 0.0;
        for (size_t m = 0; m < MEMBERS; m++)
            sum += (double)alone[m][i];
        ck_assert_double_eq_tol((double)p[i], sum / MEMBERS, 1e-6);
    }
    for (size_t r = 0; r < SAMPLES; r++)
        for (size_t c = 0; c < CLASSES; c++)
            ck_assert(p[r * CLASSES + (size_t)classes[r]] >= p[r * CLASSES + c]);
    ck_assert(alone[0][0] != alone[1][0]);
}

START_TEST(an_ensemble_predicts_the_mean)
{
    struct weft_model_info info;
    struct weft_evaluation *evaluation;
    double loss = 0.0; /* of the means */
    for (size_t r = 0; r < SAMPLES; r++) {
        double sum = 0.0;
        for (size_t m = 0; m < MEMBERS; m++)
            sum += (double)alone[m][r * CLASSES + (size_t)data->labels[r]];
        loss -= log(sum / MEMBERS) / SAMPLES;
    }
    ensemble_make();
    weft_model_get_info(members[0], &info);
    ck_assert_uint_eq(info.members, MEMBERS);
    assert_means(members[0]);
    ck_ok(weft_evaluate(device, members[0], data, &evaluation));
    ck_assert_double_eq_tol(evaluation->loss, loss, 1e-6);
    weft_evaluation_destroy(evaluation);
    weft_model_destroy(members[0]);
}
END_TEST

START_TEST(a_file_holds_all_members)
{
    const char *path = temporary_path("ensemble.safetensors");
    struct weft_model *read;
    ensemble_make();
    ck_ok(weft_model_write(members[0], path));
    weft_model_destroy(members[0]);
    ck_ok(weft_model_read(path, &read));
    assert_means(read);
    weft_model_destroy(read);
}
END_TEST

/* A tensor under another name of the same length, or its first number under another value. */
static const struct damage {
    const char *tensor, *name;
    float value;
    const char *error;
} damages[] = {
    {"members.2.layers.0.bias", "members.2.layers.0.bios", 0, "members.2.layers.0.bias: missing"},
    {"members.1.layers.1.weight", NULL, NAN, "members.1.layers.1.weight: value 0 is NaN"},
    {"members.1.layers.0.bias", "members.3.layers.0.bias", 0,
     "members.3.layers.0.bias: has no place in an ensemble of 3"},
    {"members.1.layers.0.bias", "members.01layers.0.bias", 0,
     "members.01layers.0.bias: has no place in a network of 2 layers"},
    {"layers.1.bias", "layers.1.bios", 0, "ensemble: layers.1.bias: missing"},
};

static void damage_one(struct safetensors *file, const struct damage *damage)
{
    for (size_t i = 0; i < file->tensor_count; i++) {
        struct safetensor *tensor = &file->tensors[i];
        if (strcmp(tensor->name, damage->tensor) != 0)
            continue;
        if (damage->name != NULL)
            memcpy(tensor->name, damage->name, strlen(tensor->name));
        else
            tensor->values[0] = damage->value;
    }
}

START_TEST(damage_is_told_by_the_whole_name)
{
    const char *path = temporary_path("ensemble");
    struct weft_model *read;
    ensemble_make();
    for (size_t d = 0; d < sizeof damages / sizeof *damages; d++) {
        struct safetensors file;
        ck_ok(weft_model_write(members[0], path));
        ck_ok(safetensors_read(path, &file));
        damage_one(&file, &damages[d]);
        ck_ok(safetensors_write(path, &file));
        ck_fails(weft_model_read(path, &read), WEFT_ERROR_MODEL, damages[d].error);
        ck_assert_ptr_null(read);
        safetensors_reset(&file);
    }
    weft_model_destroy(members[0]);
}
END_TEST

/* What the trainings of members reached one by one is not what they reach together. */
START_TEST(a_file_tells_no_scores_of_the_first_member)
{
    const char *path = temporary_path("ensemble");
    struct safetensors file;
    ck_ok(weft_model_write(members[0], path));
    ck_ok(safetensors_read(path, &file));
    ck_assert_ptr_nonnull(safetensors_entry(&file, "train_accuracy"));
    safetensors_reset(&file);
    ensemble_make();
    ck_ok(weft_model_write(members[0], path));
    ck_ok(safetensors_read(path, &file));
    ck_assert_str_eq(safetensors_entry(&file, "members"), "3");
    ck_assert_ptr_null(safetensors_entry(&file, "train_accuracy"));
    ck_assert_ptr_nonnull(safetensors_entry(&file, "epochs"));
    safetensors_reset(&file);
    weft_model_destroy(members[0]);
}
END_TEST

/* Images of 3 x 3 whose mirror image swaps the columns 0 and 2. */
START_TEST(mirror_images_count_as_much)
{
    static float mirrored[SAMPLES * FEATURES], p[SAMPLES * CLASSES], q[SAMPLES * CLASSES];
    for (size_t i = 0; i < SAMPLES * FEATURES; i++)
        mirrored[i] = data->x[i - i % 3 + 2 - i % 3];
    ck_ok(weft_predict(device, members[0], mirrored, SAMPLES, NULL, q));
    ck_fails(weft_model_predict_mirrored(members[0], 4, 1), WEFT_ERROR_USAGE, "9 features");
    ck_ok(weft_model_predict_mirrored(members[0], 3, 1));
    ck_ok(weft_predict(device, members[0], data->x, SAMPLES, NULL, p));
    for (size_t i = 0; i < SAMPLES * CLASSES; i++)
        ck_assert_double_eq_tol((double)p[i], 0.5 * ((double)alone[0][i] + (double)q[i]), 1e-6);
    ck_ok(weft_model_predict_mirrored(members[0], 0, 0));
    ck_ok(weft_predict(device, members[0], data->x, SAMPLES, NULL, p));
    ck_assert_int_eq(memcmp(p, alone[0], sizeof p), 0);
    for (size_t m = 0; m < MEMBERS; m++)
        weft_model_destroy(members[m]);
}
END_TEST

START_TEST(another_network_is_no_member)
{
    struct weft_options options = small("default");
    options.hidden[0] = HIDDEN + 1;
    struct weft_model *other = model_new(&options);
    ck_fails(weft_model_add_member(members[0], other), WEFT_ERROR_USAGE, "same network");
    ck_fails(weft_model_add_member(members[0], members[0]), WEFT_ERROR_USAGE,
             "need different members");
    weft_model_destroy(other);
    for (size_t m = 0; m < MEMBERS; m++)
        weft_model_destroy(members[m]);
}
END_TEST

/* It is destroyed with the first, once. */
START_TEST(a_member_is_added_once)
{
    ensemble_make();
    ck_fails(weft_model_add_member(members[0], members[1]), WEFT_ERROR_USAGE,
             "already has this member");
    weft_model_destroy(members[0]);
}
END_TEST

/* Not its first member alone, of which nobody spoke. */
START_TEST(an_ensemble_is_not_trained)
{
    const struct weft_options options = small("default");
    struct weft_training training;
    struct weft_model_info info;
    const char *words = "model: is an ensemble of 3: train its members";
    ensemble_make();
    ck_fails(weft_train(device, members[0], &options, data, NULL, NULL, NULL, &training),
             WEFT_ERROR_USAGE, words);
    ck_fails(weft_fit(device, members[0], &options, data, NULL, NULL, &training), WEFT_ERROR_USAGE,
             words);
    ck_fails(weft_partial_fit(device, members[0], &options, data, NULL, NULL, &training),
             WEFT_ERROR_USAGE, words);
    weft_model_get_info(members[0], &info);
    ck_assert_uint_eq(info.members, MEMBERS);
    assert_means(members[0]);
    weft_model_destroy(members[0]);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_checked_fixture(tests, members_open, data_close);
    tcase_add_test(tests, an_ensemble_predicts_the_mean);
    tcase_add_test(tests, a_file_holds_all_members);
    tcase_add_test(tests, damage_is_told_by_the_whole_name);
    tcase_add_test(tests, a_file_tells_no_scores_of_the_first_member);
    tcase_add_test(tests, mirror_images_count_as_much);
    tcase_add_test(tests, another_network_is_no_member);
    tcase_add_test(tests, a_member_is_added_once);
    tcase_add_test(tests, an_ensemble_is_not_trained);
}

int main(void)
{
    Suite *suite = suite_create("ensemble");
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
