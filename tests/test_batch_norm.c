/* Tests batch normalization as users see it: a training and predictions equal to PyTorch's, batches
 * of one sample, model files, ensembles, and initial values. */
#define _XOPEN_SOURCE 700

#include <math.h>
#include <string.h>

#include "model_by_hand.h"
#include "network/model.h"
#include "plain_options.h"
#include "small_training.h"

/* ---- PyTorch ---- */

/* Linear(3, 4, bias=False), BatchNorm1d(4), Tanh, Linear(4, 3) in double precision (PyTorch 2): SGD
 * of rate 0.5 and cross-entropy over batches of 4 and 3 samples, three epochs; then eval(). */
enum { ROWS = 7, INPUTS = 3, WIDTH = 4, LABELS = 3 };

static const double torch_losses[] = {1.2161001557822728, 0.9647193627309258, 0.9205706137862545,
                                      0.8357971935192255, 0.7492173266362523, 0.7088526902074569};
static const double torch_weight[WIDTH * INPUTS] = {
    -0.362944186, 0.120079938, -0.569563672, -0.794945353, -0.193552077, 0.0740563017,
    0.670705421,  0.328165218, -0.10868285,  0.306476175,  0.130923006,  -0.642415354};
static const double torch_scale[] = {1.04743537, 0.992427688, 1.01719982, 1.04412961};
static const double torch_shift[] = {0.136388066, -0.047859942, -0.184244129, 0.0874164648};
static const double torch_mean[] = {-0.101613837, -0.0165395177, -0.0177541253, -0.0808712362};
static const double torch_variance[] = {0.724161694, 0.951868002, 0.872705625, 0.841845102};
static const double torch_bias[] = {-0.147534916, 0.286382749, -0.138847833};
static const double torch_probabilities[ROWS * LABELS] = {
    0.552193396, 0.339125243, 0.108681361, 0.0699392725, 0.792341172, 0.137719555, 0.0829005296,
    0.617546408, 0.299553062, 0.217232337, 0.537015672,  0.245751991, 0.279654057, 0.277623048,
    0.442722895, 0.28471733,  0.142291793, 0.572990877,  0.478802207, 0.426736194, 0.0944615993};

/* Sums of rounded numbers through three steps and a few layers. */
static const double float_tolerance = 2e-6;

static struct weft_options torch_options(void)
{
    struct weft_options options = plain_options();
    ck_ok(weft_options_set(&options, "hidden", "4"));
    ck_ok(weft_options_set(&options, "activation", "tanh"));
    ck_ok(weft_options_set(&options, "batch-norm", "yes"));
    ck_ok(weft_options_set(&options, "optimizer", "sgd"));
    ck_ok(weft_options_set(&options, "learning-rate", "0.5"));
    ck_ok(weft_options_set(&options, "batch-size", "4"));
    ck_ok(weft_options_set(&options, "epochs", "3"));
    ck_ok(weft_options_set(&options, "shuffle", "no"));
    ck_ok(weft_options_set(&options, "scale", "none"));
    options.l1 = options.l2 = 0.0;
    return options;
}

static struct weft_dataset *torch_data(size_t rows)
{
    static const int32_t labels[ROWS] = {0, 1, 2, 0, 1, 2, 1};
    float x[ROWS * INPUTS];
    struct weft_dataset *dataset;
    for (size_t i = 0; i < ROWS * INPUTS; i++)
        x[i] = (float)((int)((5 * i + 2) % 13) - 6) / 4.0f;
    ck_ok(weft_dataset_create(rows, INPUTS, LABELS, x, labels, &dataset));
    return dataset;
}

/* Weights of eighths; everything else is as before a training. */
static struct weft_model *torch_model(const struct weft_options *options,
                                      const struct weft_dataset *dataset)
{
    float first[WIDTH * INPUTS], last[LABELS * WIDTH];
    for (size_t i = 0; i < WIDTH * INPUTS; i++)
        first[i] = (float)((int)((7 * i + 1) % 11) - 5) / 8.0f;
    for (size_t i = 0; i < LABELS * WIDTH; i++)
        last[i] = (float)((int)((7 * i + 3) % 11) - 5) / 8.0f;
    const struct hand_layer layers[] = {{INPUTS, WIDTH, first, NULL}, {WIDTH, LABELS, last, NULL}};
    return model_by_hand(options, dataset, layers, 2);
}

static void assert_near(const char *what, const float *got, const double *want, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(fabs((double)got[i] - want[i]) <= float_tolerance,
                      "%s, element %zu: got %.9g, need %.9g", what, i, (double)got[i], want[i]);
}

static int assert_mean_loss(void *user, const struct weft_epoch *epoch)
{
    const double *losses = torch_losses + 2 * (epoch->epoch - 1);
    (void)user;
    ck_assert_double_eq_tol(epoch->error, (losses[0] + losses[1]) / 2.0, float_tolerance);
    return 0;
}

START_TEST(a_training_of_pytorch)
{
    const struct weft_options options = torch_options();
    const struct weft_callbacks callbacks = {.epoch = assert_mean_loss};
    struct weft_dataset *dataset = torch_data(ROWS);
    struct weft_model *model = torch_model(&options, dataset);
    struct weft_dataset_info info;
    struct weft_training training;
    struct weft_norm norm;
    float probabilities[ROWS * LABELS];
    ck_ok(weft_train(device, model, &options, dataset, NULL, NULL, &callbacks, &training));
    ck_assert(weft_model_norm(model, 0, &norm));
    assert_near("weights", weft_model_weights(model, 0), torch_weight, WIDTH * INPUTS);
    assert_near("scale", norm.scale, torch_scale, WIDTH);
    assert_near("shift", norm.shift, torch_shift, WIDTH);
    assert_near("running mean", norm.mean, torch_mean, WIDTH);
    assert_near("running variance", norm.variance, torch_variance, WIDTH);
    assert_near("biases of the outputs", weft_model_biases(model, 1), torch_bias, LABELS);
    weft_dataset_get_info(dataset, &info);
    ck_ok(weft_predict_proba(device, model, info.x, ROWS, probabilities));
    assert_near("probabilities", probabilities, torch_probabilities, ROWS * LABELS);
    weft_model_destroy(model);
    weft_dataset_destroy(dataset);
}
END_TEST

/* As its AveragedModel with use_buffers=True: of that training's values after step 1, then
 * 0.9 average + 0.1 values after each of the five others, statistics included. Computed in double
 * precision with Python, whose values are the ones above. */
static const double average_weight[WIDTH * INPUTS] = {
    -0.451974354, 0.307916538, -0.34038059,  -0.778646144, 0.0703873455, 0.0431485861,
    0.660817818,  0.171692941, -0.276426767, 0.419615458,  0.069367625,  -0.568833494};
static const double average_scale[] = {1.01574602, 0.956030205, 1.00202047, 1.01615773};
static const double average_shift[] = {0.0086058043, -0.0129446355, -0.0501593897, 0.0203756899};
static const double average_mean[] = {-0.0101188597, 0.0111432331, -0.0105619097, -0.0217728642};
static const double average_variance[] = {0.888349528, 0.9432231, 0.934052294, 0.936037063};
static const double average_bias[] = {0.0229167315, 0.0435493406, -0.066466072};

START_TEST(an_average_of_that_training)
{
    struct weft_options options = torch_options();
    struct weft_dataset *dataset = torch_data(ROWS);
    struct weft_training training;
    struct weft_norm norm;
    options.ema = 0.9;
    options.check_every = 1; /* the reference watches */
    struct weft_model *model = torch_model(&options, dataset);
    ck_ok(weft_train(device, model, &options, dataset, NULL, NULL, NULL, &training));
    ck_assert(weft_model_norm(model, 0, &norm));
    assert_near("weights", weft_model_weights(model, 0), average_weight, WIDTH * INPUTS);
    assert_near("scale", norm.scale, average_scale, WIDTH);
    assert_near("shift", norm.shift, average_shift, WIDTH);
    assert_near("running mean", norm.mean, average_mean, WIDTH);
    assert_near("running variance", norm.variance, average_variance, WIDTH);
    assert_near("biases of the outputs", weft_model_biases(model, 1), average_bias, LABELS);
    weft_model_destroy(model);
    weft_dataset_destroy(dataset);
}
END_TEST

/* ---- what a layer has ---- */

START_TEST(norm_takes_the_place_of_biases)
{
    struct weft_options options = torch_options();
    struct weft_dataset *dataset = torch_data(ROWS);
    struct weft_model *model;
    struct weft_model_info info;
    struct weft_norm norm;
    ck_ok(weft_model_create(&options, dataset, &model));
    weft_model_get_info(model, &info);
    ck_assert(info.batch_norm && info.bias);
    ck_assert_uint_eq(info.parameters, WIDTH * INPUTS + LABELS * WIDTH + LABELS + 2 * WIDTH);
    ck_assert_ptr_null(weft_model_biases(model, 0));
    ck_assert(weft_model_norm(model, 0, &norm) && !isnan(norm.scale[0]));
    for (size_t j = 0; j < WIDTH; j++)
        ck_assert(norm.scale[j] == 1.0f && norm.shift[j] == 0.0f && norm.mean[j] == 0.0f &&
                  norm.variance[j] == 1.0f);
    ck_assert(!weft_model_norm(model, 1, &norm) && norm.scale == NULL);
    ck_assert(!weft_model_norm(model, 2, &norm));
    weft_model_destroy(model);
    weft_dataset_destroy(dataset);
}
END_TEST

/* ---- batches of one sample ---- */

/* Of 5 samples in batches of 4 the last one is alone: it has no spread, leaves the running
 * statistics as they are, and nothing below the norm learns from it. */
START_TEST(a_batch_of_one_sample)
{
    struct weft_options options = torch_options();
    struct weft_dataset *five = torch_data(5), *four = torch_data(4);
    struct weft_model *with = torch_model(&options, five), *without = torch_model(&options, four);
    struct weft_training training;
    struct weft_norm norm, other;
    options.epochs = 1;
    ck_ok(weft_train(device, with, &options, five, NULL, NULL, NULL, &training));
    ck_assert(isfinite(training.train.error));
    ck_ok(weft_train(device, without, &options, four, NULL, NULL, NULL, &training));
    ck_assert(weft_model_norm(with, 0, &norm) && weft_model_norm(without, 0, &other));
    ck_assert_mem_eq(norm.mean, other.mean, WIDTH * sizeof *norm.mean);
    ck_assert_mem_eq(norm.variance, other.variance, WIDTH * sizeof *norm.variance);
    ck_assert_mem_eq(weft_model_weights(with, 0), weft_model_weights(without, 0),
                     WIDTH * INPUTS * sizeof(float));
    ck_assert_mem_ne(norm.shift, other.shift, WIDTH * sizeof *norm.shift);
    weft_model_destroy(without);
    weft_model_destroy(with);
    weft_dataset_destroy(four);
    weft_dataset_destroy(five);
}
END_TEST

START_TEST(batches_of_one_sample_alone)
{
    struct weft_options options = torch_options();
    struct weft_dataset *dataset = torch_data(ROWS);
    struct weft_model *model = torch_model(&options, dataset);
    struct weft_training training;
    options.batch_size = 1;
    ck_fails(weft_train(device, model, &options, dataset, NULL, NULL, NULL, &training),
             WEFT_ERROR_USAGE, "batch-norm: got batches of one sample");
    weft_model_destroy(model);
    weft_dataset_destroy(dataset);
}
END_TEST

/* ---- what is taken away ---- */

/* A feature that is 1 in all samples adds a constant to the products of a layer, which the batch's
 * mean takes away again: another weight of it changes nothing but the running mean, by as much of
 * the constant as six batches bring, and is not learned. */
START_TEST(a_constant_is_taken_away)
{
    const struct weft_options options = torch_options();
    struct weft_dataset *dataset = torch_data(ROWS);
    struct weft_dataset_info info;
    struct weft_training training;
    struct weft_norm norm, other;
    float x[ROWS * INPUTS], p[ROWS * LABELS], q[ROWS * LABELS];
    weft_dataset_get_info(dataset, &info);
    memcpy(x, info.x, sizeof x);
    for (size_t row = 0; row < ROWS; row++)
        x[row * INPUTS + 2] = 1.0f;
    weft_dataset_destroy(dataset);
    static const int32_t labels[ROWS] = {0, 1, 2, 0, 1, 2, 1};
    ck_ok(weft_dataset_create(ROWS, INPUTS, LABELS, x, labels, &dataset));
    struct weft_model *model = torch_model(&options, dataset);
    struct weft_model *moved = torch_model(&options, dataset);
    for (size_t o = 0; o < WIDTH; o++)
        moved->parameters[o * INPUTS + 2] += 0.5f;
    ck_ok(weft_train(device, model, &options, dataset, NULL, NULL, NULL, &training));
    ck_ok(weft_train(device, moved, &options, dataset, NULL, NULL, NULL, &training));
    ck_assert(weft_model_norm(model, 0, &norm) && weft_model_norm(moved, 0, &other));
    const double share = 1.0 - pow(0.9, 6.0);
    for (size_t o = 0; o < WIDTH; o++) {
        const double weight = (double)model->parameters[o * INPUTS + 2];
        const double w = (double)moved->parameters[o * INPUTS + 2];
        ck_assert_double_eq_tol(w, weight + 0.5, 1e-6);
        ck_assert_double_eq_tol((double)other.mean[o], (double)norm.mean[o] + 0.5 * share, 1e-6);
        ck_assert_double_eq_tol((double)other.variance[o], (double)norm.variance[o], 1e-6);
    }
    /* evaluation takes away what the running mean knows of it: with the batch's, nothing is left */
    for (size_t o = 0; o < WIDTH; o++)
        moved->parameters[moved->network.layers[0].mean_offset + o] += (float)(0.5 - 0.5 * share);
    ck_ok(weft_predict_proba(device, model, x, ROWS, p));
    ck_ok(weft_predict_proba(device, moved, x, ROWS, q));
    for (size_t i = 0; i < ROWS * LABELS; i++)
        ck_assert_double_eq_tol((double)p[i], (double)q[i], 1e-5);
    weft_model_destroy(moved);
    weft_model_destroy(model);
    weft_dataset_destroy(dataset);
}
END_TEST

/* ---- statistics go with the parameters ---- */

static struct weft_options norm_options(void)
{
    struct weft_options options = small("default");
    options.batch_norm = true;
    options.learning_rate = 0.1;
    return options;
}

static void probabilities_of(const struct weft_model *model, float *probabilities)
{
    struct weft_dataset_info info;
    weft_dataset_get_info(data, &info);
    ck_ok(weft_predict_proba(device, model, info.x, SAMPLES, probabilities));
}

/* Each member of an ensemble with its own statistics: the mean of what they say one by one. */
START_TEST(members_have_their_own_statistics)
{
    struct weft_options options = norm_options();
    float one[SAMPLES * CLASSES], other[SAMPLES * CLASSES], both[SAMPLES * CLASSES];
    struct weft_training training;
    struct weft_model *model = trained(&options, NULL, &training);
    options.seed++;
    options.epochs = 1;
    struct weft_model *member = trained(&options, NULL, &training), *back;
    probabilities_of(model, one);
    probabilities_of(member, other);
    ck_ok(weft_model_add_member(model, member));
    ck_ok(weft_model_write(model, temporary_path("pair")));
    ck_ok(weft_model_read(temporary_path("pair"), &back));
    probabilities_of(back, both);
    for (size_t i = 0; i < SAMPLES * CLASSES; i++)
        ck_assert_double_eq_tol((double)both[i], ((double)one[i] + (double)other[i]) / 2.0, 1e-6);
    weft_model_destroy(back);
    weft_model_destroy(model);
}
END_TEST

/* Weights alone suit a network with norm; a file with norm has no place in a network without, and
 * one with biases none in one with; and what was trained goes on where it was. */
START_TEST(trainings_begin_from_files)
{
    struct weft_options options = norm_options(), plain = small("default");
    struct weft_training training;
    struct weft_model *model = trained(&options, NULL, &training), *again, *bare;
    ck_ok(weft_model_write(model, temporary_path("norm")));
    ck_ok(weft_model_create_from(temporary_path("norm"), &options, true, data, &again));
    ck_assert_mem_eq(again->parameters, model->parameters,
                     model->network.value_count * sizeof *model->parameters);
    ck_fails(weft_model_create_from(temporary_path("norm"), &plain, true, data, &bare),
             WEFT_ERROR_MODEL, "norm: a model with batch norm, the options have none: need");
    ck_ok(weft_model_create(&plain, data, &bare));
    ck_ok(weft_model_write(bare, temporary_path("bare")));
    weft_model_destroy(bare);
    weft_model_destroy(again);
    ck_fails(weft_model_create_from(temporary_path("bare"), &options, true, data, &again),
             WEFT_ERROR_MODEL, "bare: a model without batch norm, the options have it: need");
    plain.bias = options.bias = false;
    ck_ok(weft_model_create(&plain, data, &bare));
    ck_ok(weft_model_write(bare, temporary_path("bare")));
    ck_ok(weft_model_create_from(temporary_path("bare"), &options, true, data, &again));
    ck_assert(again->parameters[again->network.layers[0].scale_offset] == 1.0f);
    ck_assert(again->parameters[again->network.layers[0].variance_offset] == 1.0f);
    ck_assert_mem_eq(again->parameters, bare->parameters,
                     bare->network.weight_count * sizeof *bare->parameters);
    weft_model_destroy(bare);
    weft_model_destroy(again);
    weft_model_destroy(model);
}
END_TEST

/* Statistics are in the file under PyTorch's names, and none is taken that cannot be. */
START_TEST(files_with_statistics)
{
    static const char *const names[] = {"layers.0.weight", "layers.0.norm.weight",
                                        "layers.0.norm.bias", "layers.0.norm.running_mean",
                                        "layers.0.norm.running_var"};
    const struct weft_options options = norm_options();
    struct weft_training training;
    struct weft_model *model = trained(&options, NULL, &training), *back = NULL;
    struct safetensors file;
    float *variances = model->parameters + model->network.layers[0].variance_offset;
    ck_ok(weft_model_write(model, temporary_path("norm")));
    ck_ok(safetensors_read(temporary_path("norm"), &file));
    ck_assert_str_eq(safetensors_entry(&file, "format_version"), "2");
    ck_assert_str_eq(safetensors_entry(&file, "batch_norm"), "true");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ck_assert_str_eq(file.tensors[i].name, names[i]);
    ck_assert_mem_eq(file.tensors[4].values, variances, HIDDEN * sizeof *variances);
    safetensors_reset(&file);
    variances[2] = -0.5f;
    ck_ok(weft_model_write(model, temporary_path("norm")));
    ck_fails(weft_model_read(temporary_path("norm"), &back), WEFT_ERROR_MODEL,
             "layers.0.norm.running_var: value 2 is -0.5, need 0 or more");
    ck_assert_ptr_null(back);
    weft_model_destroy(model);
}
END_TEST

/* Every batch judged by the reference, dropout and a batch of a single sample included. */
START_TEST(the_reference_watches)
{
    struct weft_options options = norm_options();
    struct weft_training training;
    options.check_every = 1;
    options.hidden_count = 2;
    options.hidden[1] = 5;
    options.dropout_count = 1;
    options.dropout[0] = 0.3;
    options.batch_size = 101; /* and 101, and 1 */
    options.optimizer = WEFT_OPTIMIZER_ADAM;
    struct weft_model *model = trained(&options, NULL, &training);
    ck_assert_double_gt(training.train.accuracy, 0.4);
    weft_model_destroy(model);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_checked_fixture(tests, data_open, data_close);
    tcase_add_test(tests, a_training_of_pytorch);
    tcase_add_test(tests, an_average_of_that_training);
    tcase_add_test(tests, norm_takes_the_place_of_biases);
    tcase_add_test(tests, a_batch_of_one_sample);
    tcase_add_test(tests, batches_of_one_sample_alone);
    tcase_add_test(tests, a_constant_is_taken_away);
    tcase_add_test(tests, members_have_their_own_statistics);
    tcase_add_test(tests, trainings_begin_from_files);
    tcase_add_test(tests, files_with_statistics);
    tcase_add_test(tests, the_reference_watches);
}

int main(void)
{
    Suite *suite = suite_create("batch norm");
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
