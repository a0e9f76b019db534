/* Tests the report of a diverging training on both devices: which batch, whether the loss or the
 * weights were first, and the largest weight that is still finite. */
#define _XOPEN_SOURCE 700

#include "devices.h"
#include "diverging_training.h"

/* As assert_training_diverges. The line advises to standardize if nothing is. */
static void assert_diverges(const float *weights, double learning_rate, enum weft_scale scale,
                            const char *what)
{
    assert_training_diverges(device, weights, learning_rate, scale, 0, what);
    ck_assert_int_eq(strstr(weft_error(), "scale standard") != NULL, scale == WEFT_SCALE_NONE);
}

/* z is 1e23 and its square infinite; the gradient, z x, is 1e28 and the step nothing. */
START_TEST(a_loss_that_is_infinite)
{
    static const float first[] = {-2e18f, 1e18f}, second[] = {1e18f, 3e18f};
    assert_diverges(first, 1e-20, WEFT_SCALE_NONE,
                    "epoch 1, batch 3 of 3: the loss is no longer finite, largest weight 2e+18");
    assert_diverges(second, 1e-20, WEFT_SCALE_NONE, "largest weight 3e+18");
}
END_TEST

/* The loss of the last batch is 5e9; its gradient 1e10, times 1e38, is the end of the first weight.
 * The second is 0, right already. */
START_TEST(weights_that_are_infinite)
{
    static const float weights[] = {1.0f, 0.0f};
    assert_diverges(weights, 1e38, WEFT_SCALE_NONE,
                    "epoch 1, batch 3 of 3: the weights are no longer finite, largest weight 0");
}
END_TEST

START_TEST(no_weight_is_left)
{
    static const float weights[] = {1.0f, 1.0f};
    assert_diverges(weights, 1e38, WEFT_SCALE_NONE, "no longer finite, no weight is finite");
}
END_TEST

/* Standardized, x is -0.7 or 1.4: every batch has a gradient, and the first ends it. */
START_TEST(standardized_features)
{
    static const float weights[] = {3e38f, 3e38f};
    assert_diverges(weights, 1e38, WEFT_SCALE_STANDARD, "epoch 1, batch 1 of 3: the loss is");
}
END_TEST

/* Regression of 0 from 1 at rate 3001: w becomes -3000 w. Half its square is a float up to 2.4e17,
 * after five steps, and none at 7e20. */
static struct weft_options growing_options(void)
{
    struct weft_options options = plain_options();
    ck_ok(weft_options_set(&options, "task", "regress"));
    options.hidden_count = 0;
    options.bias = false;
    options.scale = WEFT_SCALE_NONE;
    options.learning_rate = 3001.0;
    return options;
}

static struct weft_model *growing_model(const struct weft_options *options,
                                        struct weft_dataset **dataset)
{
    static const float one = 1.0f, zero = 0.0f;
    const struct hand_layer layer = {1, 1, &one, NULL};
    ck_ok(weft_dataset_create_targets(1, 1, 1, &one, &zero, dataset));
    return model_by_hand(options, *dataset, &layer, 1);
}

/* Each call is an epoch of one batch, whose update alone goes wrong, and knows its number. */
START_TEST(the_epoch_of_all_calls_is_told)
{
    const struct weft_options options = growing_options();
    struct weft_dataset *data;
    struct weft_training training;
    struct weft_model *model = growing_model(&options, &data);
    for (int i = 0; i < 5; i++)
        ck_ok(weft_partial_fit(device, model, &options, data, NULL, NULL, &training));
    const float before = weft_model_weights(model, 0)[0];
    ck_assert_double_eq_tol((double)before, -2.43e17, 1e12);
    ck_fails(weft_partial_fit(device, model, &options, data, NULL, NULL, &training),
             WEFT_ERROR_DIVERGED, "epoch 6, batch 1 of 1: the final error is");
    ck_assert_uint_eq(training.epochs, 0); /* good ones */
    ck_assert(weft_model_weights(model, 0)[0] == before);
    weft_model_destroy(model);
    weft_dataset_destroy(data);
}
END_TEST

/* The same in one training, which is worse from epoch to epoch: the best is the first. What the
 * sixth did shows in the loss of the seventh, so that five were good. */
START_TEST(the_best_epoch_is_what_is_left)
{
    struct weft_options options = growing_options();
    struct weft_dataset *data;
    struct weft_training training;
    options.patience = 30;
    struct weft_model *model = growing_model(&options, &data);
    ck_fails(weft_train(device, model, &options, data, data, NULL, NULL, &training),
             WEFT_ERROR_DIVERGED, "epoch 7, batch 1 of 1: the loss is");
    ck_assert_uint_eq(training.epochs, 5);
    ck_assert_uint_eq(training.best_epoch, 1);
    ck_assert_double_eq((double)weft_model_weights(model, 0)[0], -3000.0);
    weft_model_destroy(model);
    weft_dataset_destroy(data);
}
END_TEST

/* Without early stopping the model is that of the fifth epoch, whose outputs are finite. */
START_TEST(the_last_good_epoch_is_good)
{
    const struct weft_options options = growing_options();
    struct weft_dataset *data;
    struct weft_training training;
    double score;
    struct weft_model *model = growing_model(&options, &data);
    ck_fails(weft_train(device, model, &options, data, NULL, NULL, NULL, &training),
             WEFT_ERROR_DIVERGED, "epoch 7, batch 1 of 1: the loss is");
    ck_assert_uint_eq(training.epochs, 5);
    ck_assert_double_eq_tol((double)weft_model_weights(model, 0)[0], -2.43e17, 1e12);
    ck_ok(weft_score(device, model, data, &score));
    weft_model_destroy(model);
    weft_dataset_destroy(data);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_test(tests, a_loss_that_is_infinite);
    tcase_add_test(tests, weights_that_are_infinite);
    tcase_add_test(tests, no_weight_is_left);
    tcase_add_test(tests, standardized_features);
    tcase_add_test(tests, the_epoch_of_all_calls_is_told);
    tcase_add_test(tests, the_best_epoch_is_what_is_left);
    tcase_add_test(tests, the_last_good_epoch_is_good);
}

int main(void)
{
    Suite *suite = suite_create("divergence");
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
