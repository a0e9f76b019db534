/* Tests dense targets: numbers worked by hand, the effect of weights and smoothing on a whole
 * training, and steps under shadow training.
 *
 * The numbers were computed in double precision with Python from the formulas in kernels/losses.cl.
 * They follow the textbook order: probabilities first, then -sum y log p.
 */
#define _XOPEN_SOURCE 700

#include "base/memory.h"
#include "data/dataset.h"
#include "network/model.h"
#include "small_training.h"
#include "temporary.h"
#include "train/targets.h"
#include "weft_device.h"

/* ---- by hand ---- */

enum { ROWS = 2, COLUMNS = 3 };
static const float z[] = {1.0f, -2.0f, 0.5f, 0.25f, 3.0f, -1.0f};

static const struct by_hand {
    enum primitive primitive;
    double loss[ROWS], dz[ROWS * COLUMNS];
} by_hand[] = {
    {PRIMITIVE_SOFTMAX_CROSS_ENTROPY,
     {0.42729845117114174, 7.108072402808197},
     {-0.04906277596284356, -0.017485278107606493, 0.06654805407045006, -0.040930242407489756,
      0.824006473507867, -0.7830762311003772}},
    {PRIMITIVE_SIGMOID_CROSS_ENTROPY,
     {0.8821333413706511, 9.325576917941621},
     {-0.01723535534249876, 0.004800730505529389, 0.13061483280046365, 0.4621765008857981,
      0.8525741268224334, -0.5310585786300048}},
    {PRIMITIVE_IDENTITY_SQUARED_ERROR, {1.1525, 11.6725}, {0.05, -0.525, 0.1, 0.15, 2.9, -1.8}},
};

/* Labels 0 and 2 smoothed by 0.3, of the second and the first sample, which weigh 0.5 and 2; means
 * over two samples. */
START_TEST(losses_are_those_by_hand)
{
    const struct by_hand *want = &by_hand[_i];
    int32_t labels[] = {0, 2};
    uint32_t order[] = {1, 0};
    float weights[] = {2.0f, 0.5f}, y[ROWS * COLUMNS], weight[ROWS], copy[ROWS * COLUMNS];
    float dz[ROWS * COLUMNS], loss[ROWS];
    uint32_t correct[ROWS];
    memcpy(copy, z, sizeof z);
    ck_ok(backend->primitive_run(device,
                                 &(struct primitive_call){.primitive = PRIMITIVE_LABEL_TARGETS,
                                                          .rows = ROWS,
                                                          .columns = COLUMNS,
                                                          .scalars = {0.7f, 0.1f},
                                                          .arrays = {{labels, ROWS},
                                                                     {weights, ROWS},
                                                                     {order, ROWS},
                                                                     {y, ROWS * COLUMNS},
                                                                     {weight, ROWS}}}));
    ck_ok(backend->primitive_run(device, &(struct primitive_call){.primitive = want->primitive,
                                                                  .rows = ROWS,
                                                                  .columns = COLUMNS,
                                                                  .scalars = {0.5f, 0.0f},
                                                                  .arrays = {{copy, ROWS * COLUMNS},
                                                                             {y, ROWS * COLUMNS},
                                                                             {weight, ROWS},
                                                                             {dz, ROWS * COLUMNS},
                                                                             {loss, ROWS},
                                                                             {correct, ROWS}}}));
    for (size_t i = 0; i < ROWS * COLUMNS; i++)
        ck_assert_double_eq_tol((double)dz[i], want->dz[i], 4e-7);
    for (size_t r = 0; r < ROWS; r++)
        ck_assert_double_eq_tol((double)loss[r], want->loss[r], 2e-6);
    ck_assert_uint_eq(correct[0], 1);
    ck_assert_uint_eq(correct[1], 0);
}
END_TEST

/* ---- whole trainings ---- */

static const float *weights_after(const struct weft_options *options,
                                  const struct weft_dataset *samples, struct weft_model **model)
{
    struct weft_training training;
    ck_ok(weft_model_create(options, samples, model));
    ck_ok(weft_train(device, *model, options, samples, NULL, NULL, NULL, &training));
    return weft_model_weights(*model, 0);
}

/* The samples of class 1 twice. */
static struct weft_dataset *doubled(void)
{
    static float x[2 * SAMPLES * FEATURES];
    static int32_t labels[2 * SAMPLES];
    struct weft_dataset *made;
    size_t n = 0;
    for (size_t i = 0; i < SAMPLES; i++)
        for (int32_t copy = 0; copy <= (data->labels[i] == 1); copy++) {
            memcpy(x + n * FEATURES, data->x + i * FEATURES, FEATURES * sizeof *x);
            labels[n++] = data->labels[i];
        }
    ck_ok(weft_dataset_create(n, FEATURES, CLASSES, x, labels, &made));
    return made;
}

/* A sample of weight 2 is two samples, where losses are sums over one batch. */
START_TEST(a_weight_of_two_is_the_sample_twice)
{
    struct weft_options options = small("default");
    struct weft_dataset *twice = doubled();
    struct weft_model *weighted, *plain;
    options.reduction = WEFT_REDUCTION_SUM;
    options.scale = WEFT_SCALE_NONE;
    options.learning_rate = 1e-3;
    options.batch_size = 2 * SAMPLES;
    const float *w = weights_after(&options, twice, &plain);
    ck_ok(weft_options_set(&options, "class-weight", "1,2,1"));
    const float *v = weights_after(&options, data, &weighted);
    for (size_t i = 0; i < HIDDEN * FEATURES; i++)
        ck_assert_double_eq_tol((double)v[i], (double)w[i], 1e-5);
    weft_model_destroy(weighted);
    weft_model_destroy(plain);
    weft_dataset_destroy(twice);
}
END_TEST

/* As compute_class_weight("balanced", ...) of scikit-learn, of which a class that has no samples is
 * none: 6 samples of three classes out of five are 6 / (3 n) each. */
START_TEST(balanced_weights_count_the_classes_there_are)
{
    static const float x[6] = {0.0f}, want[] = {2.0f / 3.0f, 1.0f, 0.0f, 2.0f, 0.0f};
    static const int32_t labels[] = {0, 0, 0, 1, 1, 3};
    struct weft_options options = small("default");
    struct weft_dataset *dataset;
    struct weft_model *model;
    float *weights, *of_samples;
    ck_ok(weft_dataset_create(6, 1, 5, x, labels, &dataset));
    ck_ok(weft_options_set(&options, "class-weight", "balanced"));
    ck_ok(weft_model_create(&options, dataset, &model));
    ck_ok(class_weights_make(&options, &model->network, dataset, &weights));
    ck_ok(sample_weights_make(&options, &model->network, dataset, &of_samples));
    for (size_t c = 0; c < 5; c++)
        ck_assert_double_eq((double)weights[c], (double)want[c]);
    for (size_t i = 0; i < 6; i++)
        ck_assert_double_eq((double)of_samples[i], (double)want[labels[i]]);
    memory_free(of_samples);
    memory_free(weights);
    weft_model_destroy(model);
    weft_dataset_destroy(dataset);
}
END_TEST

/* balanced: N / (C n) of each class, here given by hand. */
START_TEST(balanced_weights_follow_the_counts)
{
    struct weft_options options = small("default");
    struct weft_model *balanced, *given;
    size_t counts[CLASSES] = {0};
    for (size_t i = 0; i < SAMPLES; i++)
        counts[data->labels[i]]++;
    ck_assert(counts[0] != counts[1]);
    ck_ok(weft_options_set(&options, "class-weight", "balanced"));
    const float *w = weights_after(&options, data, &balanced);
    options.class_weight = WEFT_CLASS_WEIGHT_GIVEN;
    options.class_weight_count = CLASSES;
    for (size_t c = 0; c < CLASSES; c++)
        options.class_weights[c] = (double)SAMPLES / (CLASSES * (double)counts[c]);
    const float *v = weights_after(&options, data, &given);
    ck_assert_int_eq(memcmp(w, v, HIDDEN * FEATURES * sizeof *w), 0);
    weft_model_destroy(balanced);
    weft_model_destroy(given);
}
END_TEST

/* With smoothing e the best probabilities are 1 - e + e / C and e / C, and no weight runs away. */
START_TEST(smoothed_targets_are_what_is_learned)
{
    struct weft_options options = small("default");
    float p[CLASSES];
    const float x[] = {-1.0f, 0.0f, 1.0f};
    const int32_t labels[] = {0, 1, 2};
    struct weft_dataset *three;
    struct weft_model *model;
    options.epochs = 3000;
    ck_ok(weft_options_set(&options, "label-smoothing", "0.3"));
    ck_ok(weft_dataset_create(3, 1, CLASSES, x, labels, &three));
    (void)weights_after(&options, three, &model);
    for (size_t i = 0; i < 3; i++) {
        ck_ok(weft_predict(device, model, x + i, 1, NULL, p));
        for (size_t c = 0; c < CLASSES; c++)
            ck_assert_double_eq_tol((double)p[c], c == i ? 0.8 : 0.1, 0.01);
    }
    weft_model_destroy(model);
    weft_dataset_destroy(three);
}
END_TEST

/* Fits a model with this label smoothing and returns weights [HIDDEN][FEATURES], borrowed from it.
 */
static const float *weights_fitted(const char *smoothing, struct weft_model **model)
{
    struct weft_options options = small("default");
    struct weft_training training;
    ck_ok(weft_options_set(&options, "label-smoothing", smoothing));
    *model = model_new(&options);
    ck_ok(weft_fit(device, *model, &options, data, NULL, NULL, &training));
    return weft_model_weights(*model, 0);
}

/* The same samples, first as rows of a table and then as images of 3 x 3 pixels. */
START_TEST(the_data_decide_about_auto)
{
    static const char *const smoothing[] = {"0", "0.05", "auto"};
    enum { MODELS = sizeof smoothing / sizeof *smoothing };
    for (int images = 0; images < 2; images++) {
        const float *w[MODELS];
        struct weft_model *models[MODELS];
        if (images)
            ck_ok(weft_dataset_set_image(data, 3, 3, 1));
        for (int i = 0; i < MODELS; i++)
            w[i] = weights_fitted(smoothing[i], &models[i]);
        ck_assert_int_ne(memcmp(w[0], w[1], HIDDEN * FEATURES * sizeof *w[0]), 0);
        ck_assert_int_eq(memcmp(w[2], w[images], HIDDEN * FEATURES * sizeof *w[0]), 0);
        for (int i = 0; i < MODELS; i++)
            weft_model_destroy(models[i]);
    }
}
END_TEST

/* ---- watched ---- */

static struct backend faulty;

static enum weft_status delta_too_large(struct workspace *space, const struct loss_rule *rule,
                                        size_t slot)
{
    struct loss_rule other = *rule;
    other.delta_factor *= 1.001f;
    return backend->output_delta(space, &other, slot);
}

static enum weft_status target_moved(struct workspace *space, enum tensor tensor, size_t layer,
                                     float *values)
{
    ck_ok(backend->tensor_download(space, tensor, layer, values));
    if (tensor == TENSOR_TARGET)
        values[4] += 1e-5f;
    if (tensor == TENSOR_SAMPLE_WEIGHT)
        values[1] *= 1.0f + 0x1p-20f;
    return WEFT_OK;
}

/* Trains under a shadow, on an honest device and on one with a fault in an operation. */
START_TEST(a_shadow_watches_dense_targets)
{
    static const char *const heads[] = {"sigmoid", "softmax", "identity"};
    const char *path = temporary_path("step.safetensors");
    for (size_t h = 0; h < 3; h++) {
        struct weft_options options = small("default");
        struct weft_training training;
        struct weft_check check;
        options.check_every = 1;
        options.check_bundle = path;
        ck_ok(weft_options_set(&options, "head", heads[h]));
        ck_ok(weft_options_set(&options, "label-smoothing", "0.1"));
        ck_ok(weft_options_set(&options, "class-weight", "balanced"));
        struct weft_model *model = trained(&options, NULL, &training);
        faulty = *backend;
        faulty.output_delta = delta_too_large;
        device->backend = &faulty;
        ck_fails(weft_train(device, model, &options, data, NULL, NULL, NULL, &training),
                 WEFT_ERROR_WRONG_RESULT, "output_delta");
        ck_fails(weft_check_replay(device, path, NULL, NULL, &check), WEFT_ERROR_WRONG_RESULT,
                 "output_delta");
        faulty.output_delta = backend->output_delta;
        faulty.tensor_download = target_moved;
        ck_fails(weft_train(device, model, &options, data, NULL, NULL, NULL, &training),
                 WEFT_ERROR_WRONG_RESULT, "targets");
        device->backend = backend;
        ck_ok(weft_check_replay(device, path, NULL, NULL, &check));
        ck_assert_uint_eq(check.failed, 0);
        weft_model_destroy(model);
    }
}
END_TEST

START_TEST(what_cannot_be_is_refused)
{
    struct weft_options options = small("article");
    struct weft_model *model = model_new(&options);
    struct weft_training training;
    options.label_smoothing = 0.1;
    ck_fails(weft_train(device, model, &options, data, NULL, NULL, NULL, &training),
             WEFT_ERROR_USAGE, "label-smoothing: preset article");
    float weights[SAMPLES];
    for (size_t i = 0; i < SAMPLES; i++)
        weights[i] = 1.0f;
    ck_ok(weft_dataset_set_weights(data, weights));
    options.label_smoothing = 0.0;
    ck_fails(weft_train(device, model, &options, data, NULL, NULL, NULL, &training),
             WEFT_ERROR_USAGE, "data set: has sample weights; preset article counts all samples");
    ck_ok(weft_dataset_set_weights(data, NULL));
    options = small("default");
    ck_ok(weft_options_set(&options, "class-weight", "1,2"));
    ck_fails(weft_train(device, model, &options, data, NULL, NULL, NULL, &training),
             WEFT_ERROR_USAGE, "class-weight: got 2 weights, need one for each of 3 classes");
    weft_model_destroy(model);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_checked_fixture(tests, data_open, data_close);
    tcase_add_loop_test(tests, losses_are_those_by_hand, 0, sizeof by_hand / sizeof *by_hand);
    tcase_add_test(tests, a_weight_of_two_is_the_sample_twice);
    tcase_add_test(tests, balanced_weights_count_the_classes_there_are);
    tcase_add_test(tests, balanced_weights_follow_the_counts);
    tcase_add_test(tests, smoothed_targets_are_what_is_learned);
    tcase_add_test(tests, the_data_decide_about_auto);
    tcase_add_test(tests, a_shadow_watches_dense_targets);
    tcase_add_test(tests, what_cannot_be_is_refused);
}

int main(void)
{
    Suite *suite = suite_create("targets");
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
