/* Tests sample weights: what they do to a training, to checks, and in a data set. Expected numbers
 * are worked by hand from scikit-learn's formulas. */
#define _XOPEN_SOURCE 700

#include "base/memory.h"
#include "data/dataset.h"
#include "network/model.h"
#include "small_training.h"
#include "train/targets.h"
#include "weft_device.h"

/* A copy of `from` whose samples have these weights [N]. */
static struct weft_dataset *weighted_copy(const struct weft_dataset *from, const float *weights)
{
    struct weft_dataset *made;
    if (from->labels != NULL)
        ck_ok(weft_dataset_create(from->samples, from->features, from->classes, from->x,
                                  from->labels, &made));
    else
        ck_ok(weft_dataset_create_targets(from->samples, from->features, from->classes, from->x,
                                          from->targets, &made));
    ck_ok(weft_dataset_set_weights(made, weights));
    return made;
}

/* The first samples of `data` with labels, or with targets of another task. */
enum { FEW = 60 };
static struct weft_dataset *few_samples(enum weft_task task)
{
    float targets[FEW * CLASSES];
    struct weft_dataset *made;
    for (size_t i = 0; i < FEW * CLASSES; i++) {
        const bool hit = data->labels[i / CLASSES] == (int32_t)(i % CLASSES);
        targets[i] = task == WEFT_TASK_REGRESS ? data->x[i] / 8.0f - 0.5f : (float)hit;
    }
    if (task == WEFT_TASK_CLASSIFY)
        ck_ok(weft_dataset_create(FEW, FEATURES, CLASSES, data->x, data->labels, &made));
    else
        ck_ok(weft_dataset_create_targets(FEW, FEATURES, CLASSES, data->x, targets, &made));
    return made;
}

/* Each sample as often as its weight says. */
static struct weft_dataset *repeated(const struct weft_dataset *from, const float *weights)
{
    static float x[3 * FEW * FEATURES], targets[3 * FEW * CLASSES];
    static int32_t labels[3 * FEW];
    struct weft_dataset *made;
    size_t n = 0;
    for (size_t i = 0; i < FEW; i++)
        for (int copy = 0; copy < (int)weights[i]; copy++, n++) {
            memcpy(x + n * FEATURES, from->x + i * FEATURES, FEATURES * sizeof *x);
            if (from->labels != NULL)
                labels[n] = from->labels[i];
            else
                memcpy(targets + n * CLASSES, from->targets + i * CLASSES,
                       CLASSES * sizeof *targets);
        }
    if (from->labels != NULL)
        ck_ok(weft_dataset_create(n, FEATURES, CLASSES, x, labels, &made));
    else
        ck_ok(weft_dataset_create_targets(n, FEATURES, CLASSES, x, targets, &made));
    return made;
}

/* The weights of a training of three epochs. The model has no scale, not even of its targets, which
 * would differ between the data sets. */
static struct weft_model *after_three_epochs(const struct weft_options *options,
                                             const struct weft_dataset *samples)
{
    struct weft_training training;
    struct weft_model *model;
    ck_ok(weft_model_create(options, samples, &model));
    model->scale_settled = true;
    ck_ok(weft_train(device, model, options, samples, NULL, NULL, NULL, &training));
    return model;
}

/* A sample of weight k is k samples, and one of weight 0 is none, where losses are sums over one
 * batch. */
START_TEST(a_sample_weight_repeats_its_sample)
{
    static const char *const tasks[] = {"classify", "multilabel", "regress"};
    struct weft_options options = small("default");
    float weights[FEW];
    for (size_t i = 0; i < FEW; i++)
        weights[i] = (float)((i * 7) % 4 % 3);
    ck_ok(weft_options_set(&options, "task", tasks[_i]));
    struct weft_dataset *plain = few_samples(options.task);
    struct weft_dataset *weighted = weighted_copy(plain, weights);
    struct weft_dataset *many = repeated(plain, weights);
    options.reduction = WEFT_REDUCTION_SUM;
    options.learning_rate = 1e-3;
    options.batch_size = 3 * FEW;
    options.check_every = 1;
    struct weft_model *one = after_three_epochs(&options, weighted);
    struct weft_model *other = after_three_epochs(&options, many);
    struct weft_model *without = after_three_epochs(&options, plain);
    double difference = 0.0;
    for (size_t i = 0; i < one->network.parameter_count; i++) {
        ck_assert_double_eq_tol((double)one->parameters[i], (double)other->parameters[i], 1e-5);
        difference =
            fmax(difference, fabs((double)one->parameters[i] - (double)without->parameters[i]));
    }
    ck_assert_double_gt(difference, 1e-3);
    weft_model_destroy(without);
    weft_model_destroy(other);
    weft_model_destroy(one);
    weft_dataset_destroy(many);
    weft_dataset_destroy(weighted);
    weft_dataset_destroy(plain);
}
END_TEST

/* scikit-learn's compute_class_weight("balanced", ..., sample_weight=w) is sum w / (C sum of the
 * class), and a sample counts its own weight times that. The third class has no weight:
 * scikit-learn would divide by 0. */
START_TEST(balanced_weights_sum_the_samples)
{
    static const float x[7] = {0.0f}, own[] = {1.0f, 2.0f, 0.5f, 3.0f, 0.0f, 0.5f, 1.0f};
    static const int32_t labels[] = {0, 0, 0, 1, 2, 1, 3};
    static const double of_class[] = {8.0 / (3.0 * 3.5), 8.0 / (3.0 * 3.5), 0.0, 8.0 / 3.0};
    struct weft_options options = small("default");
    struct weft_dataset *dataset;
    struct weft_model *model;
    float *weights;
    ck_ok(weft_dataset_create(7, 1, 4, x, labels, &dataset));
    ck_ok(weft_dataset_set_weights(dataset, own));
    ck_ok(weft_options_set(&options, "class-weight", "balanced"));
    ck_ok(weft_model_create(&options, dataset, &model));
    ck_ok(sample_weights_make(&options, &model->network, dataset, &weights));
    for (size_t i = 0; i < 7; i++)
        ck_assert_double_eq_tol((double)weights[i], (double)own[i] * of_class[labels[i]], 1e-6);
    memory_free(weights);
    weft_model_destroy(model);
    weft_dataset_destroy(dataset);
}
END_TEST

/* Weights of samples and of classes are one factor, to the bit. */
START_TEST(weights_of_samples_and_classes_are_multiplied)
{
    static const float of_class[] = {1.0f, 2.0f, 0.5f};
    struct weft_options options = small("default");
    float own[SAMPLES], product[SAMPLES];
    for (size_t i = 0; i < SAMPLES; i++) {
        own[i] = (float)(1 + i % 5) / 3.0f;
        product[i] = own[i] * of_class[data->labels[i]];
    }
    struct weft_dataset *factors = weighted_copy(data, own),
                        *products = weighted_copy(data, product);
    struct weft_model *one = after_three_epochs(&options, products);
    ck_ok(weft_options_set(&options, "class-weight", "1,2,0.5"));
    struct weft_model *other = after_three_epochs(&options, factors);
    ck_assert_mem_eq(one->parameters, other->parameters, one->network.value_count * sizeof(float));
    weft_model_destroy(other);
    weft_model_destroy(one);
    weft_dataset_destroy(products);
    weft_dataset_destroy(factors);
}
END_TEST

/* Every entry trains with the weights: those of 0 leave the parameters alone. */
START_TEST(fits_heed_weights)
{
    struct weft_options options = small("default");
    struct weft_training training;
    float weights[FEW] = {0.0f};
    struct weft_dataset *plain = few_samples(WEFT_TASK_CLASSIFY);
    weights[FEW - 1] = 1.0f;
    struct weft_dataset *weighted = weighted_copy(plain, weights);
    struct weft_model *model, *fresh;
    options.batch_size = FEW - 1; /* the last batch has the only sample with a weight */
    options.epochs = 1;
    options.shuffle = false;
    options.schedule = WEFT_SCHEDULE_CONSTANT;
    options.optimizer = WEFT_OPTIMIZER_SGD;
    ck_ok(weft_model_create(&options, weighted, &fresh));
    weighted->samples = FEW - 1; /* only samples without weight */
    ck_ok(weft_model_create(&options, weighted, &model));
    ck_ok(weft_fit(device, model, &options, weighted, NULL, NULL, &training));
    ck_assert_mem_eq(model->parameters, fresh->parameters,
                     model->network.value_count * sizeof(float));
    ck_ok(weft_partial_fit(device, model, &options, weighted, NULL, NULL, &training));
    ck_assert_mem_eq(model->parameters, fresh->parameters,
                     model->network.value_count * sizeof(float));
    weighted->samples = FEW;
    ck_ok(weft_partial_fit(device, model, &options, weighted, NULL, NULL, &training));
    ck_assert_mem_ne(model->parameters, fresh->parameters,
                     model->network.value_count * sizeof(float));
    weft_model_destroy(fresh);
    weft_model_destroy(model);
    weft_dataset_destroy(weighted);
    weft_dataset_destroy(plain);
}
END_TEST

/* Mixed samples weigh l w_a + (1 - l) w_b, which the reference computes again. */
START_TEST(checks_heed_weights)
{
    struct weft_options options = small("default");
    struct weft_training training;
    struct weft_gradient gradient;
    struct weft_check check;
    float weights[SAMPLES];
    for (size_t i = 0; i < SAMPLES; i++)
        weights[i] = i < BATCH ? 0.0f : (float)(i % 7) / 2.0f;
    struct weft_dataset *weighted = weighted_copy(data, weights);
    struct weft_model *model = model_new(&options);
    ck_ok(weft_check(device, model, &options, weighted, false, NULL, NULL, &check));
    ck_assert_uint_eq(check.failed, 0);
    ck_ok(weft_check_gradient(device, model, &options, weighted, NULL, NULL, &gradient));
    ck_assert_uint_eq(gradient.check.failed, 0);
    for (size_t i = 0; i < gradient.worst_count; i++)
        ck_assert(gradient.worst[i].device == 0.0 && gradient.worst[i].reference == 0.0);
    options.check_every = 1;
    ck_ok(weft_options_set(&options, "mixup", "0.4"));
    ck_ok(weft_options_set(&options, "shuffle", "yes"));
    ck_ok(weft_train(device, model, &options, weighted, NULL, NULL, NULL, &training));
    weft_model_destroy(model);
    weft_dataset_destroy(weighted);
}
END_TEST

START_TEST(weights_belong_to_the_data_set)
{
    const float zeros[SAMPLES] = {0.0f};
    float weights[SAMPLES];
    struct weft_dataset *rest, *holdout;
    struct weft_dataset_info info, part;
    for (size_t i = 0; i < SAMPLES; i++)
        weights[i] = data->x[i * FEATURES]; /* so that a weight tells its sample */
    ck_fails(weft_dataset_set_weights(data, zeros), WEFT_ERROR_DATA, "all are 0");
    weights[7] = -1.0f;
    ck_fails(weft_dataset_set_weights(data, weights), WEFT_ERROR_DATA,
             "data set: sample 7: weight: got -1, need 0 or more");
    weights[7] = (float)NAN;
    ck_fails(weft_dataset_set_weights(data, weights), WEFT_ERROR_DATA, "sample 7: weight: got nan");
    weights[7] = INFINITY;
    ck_fails(weft_dataset_set_weights(data, weights), WEFT_ERROR_DATA, "sample 7: weight: got inf");
    weft_dataset_get_info(data, &info);
    ck_assert_ptr_null(info.weights);
    weights[7] = data->x[7 * FEATURES];
    ck_ok(weft_dataset_set_weights(data, weights));
    weft_dataset_get_info(data, &info);
    ck_assert(info.weights != weights);
    ck_assert_mem_eq(info.weights, weights, sizeof weights);
    ck_ok(weft_dataset_holdout(data, 0.3, 1, &rest, &holdout));
    for (int i = 0; i < 2; i++) {
        weft_dataset_get_info(i == 0 ? rest : holdout, &part);
        for (size_t s = 0; s < part.samples; s++)
            ck_assert(part.weights[s] == part.x[s * FEATURES]);
    }
    ck_ok(weft_dataset_set_weights(data, NULL));
    weft_dataset_get_info(data, &info);
    ck_assert_ptr_null(info.weights);
    weft_dataset_destroy(holdout);
    weft_dataset_destroy(rest);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_checked_fixture(tests, data_open, data_close);
    tcase_add_loop_test(tests, a_sample_weight_repeats_its_sample, 0, 3);
    tcase_add_test(tests, balanced_weights_sum_the_samples);
    tcase_add_test(tests, weights_of_samples_and_classes_are_multiplied);
    tcase_add_test(tests, fits_heed_weights);
    tcase_add_test(tests, checks_heed_weights);
    tcase_add_test(tests, weights_belong_to_the_data_set);
}

int main(void)
{
    Suite *suite = suite_create("sample weights");
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
