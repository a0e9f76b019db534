/* Tests bundles, which store a training step in a file, exact to the bit. A damaged bundle is
 * rejected or still contains the same step. */
#define _XOPEN_SOURCE 700

#include "base/memory.h"
#include "check/bundle.h"
#include "damage.h"
#include "network/safetensors.h"
#include "random_network.h"

static const struct weft_device_info written_on = {
    .name = "A device \"of\" \xff bytes", .driver = "1.2.3", .platform = "A platform"};

/* A problem, the trial of its step, and the scale that the trial has; two features. */
struct written {
    struct problem problem;
    struct step_trial trial;
    struct scale scale;
    float mean[2], std[2];
};

static void written_create_of(struct written *written, const char *text)
{
    const struct recipe recipe = recipe_read(text);
    written->problem = problem_create(&recipe);
    const struct problem *problem = &written->problem;
    written->mean[0] = 0.1f, written->mean[1] = -1e-40f;
    written->std[0] = 1.0f / 3.0f, written->std[1] = 1e30f;
    written->scale = (struct scale){.features = 2, .mean = written->mean, .std = written->std};
    written->trial = (struct step_trial){
        .network = &problem->network,
        .batch = recipe.batch,
        .x = problem->x,
        .labels = problem->labels,
        .scale = &written->scale,
        .parameters = problem->parameters,
        .loss = {1.0f / 3.0f, true},
        .update = {.learning_rate = 1.0f / 7.0f, .l1 = recipe.l1, .l2 = recipe.l2},
        .penalty = true};
}

static const char plain_recipe[] =
    "seed=7 widths=2,3,2 batch=4 head=sigmoid bias=1 sum=0 true_class_only=1 ordered=0 before=0 "
    "l1=0.1 l2=0.3 smooth=0" RECIPE_PLAIN;

static void written_create(struct written *written)
{
    written_create_of(written, plain_recipe);
}

static void written_reset(struct written *written)
{
    problem_reset(&written->problem);
}

static const char *bundle_of(const struct step_trial *trial)
{
    const struct bundle_origin origin = {&written_on, 3, 14, WEFT_GEMM_CLBLAST, "a finding"};
    const char *path = temporary_path("bundle");
    ck_ok(bundle_write(path, trial, &origin));
    return path;
}

static void assert_same(const struct step_trial *a, const struct step_trial *b)
{
    const struct network *network = a->network;
    ck_assert_uint_eq(network->layer_count, b->network->layer_count);
    for (size_t l = 0; l < network->layer_count; l++) {
        ck_assert_uint_eq(network->layers[l].inputs, b->network->layers[l].inputs);
        ck_assert_uint_eq(network->layers[l].outputs, b->network->layers[l].outputs);
        ck_assert_int_eq(network->layers[l].bias, b->network->layers[l].bias);
    }
    ck_assert_int_eq(network->head, b->network->head);
    ck_assert_uint_eq(a->batch, b->batch);
    ck_assert_mem_eq(a->x, b->x, a->batch * network_features(network) * sizeof *a->x);
    ck_assert_mem_eq(a->labels, b->labels, a->batch * sizeof *a->labels);
    ck_assert_mem_eq(a->parameters, b->parameters,
                     network->parameter_count * sizeof *a->parameters);
    ck_assert_mem_eq(&a->loss.delta_factor, &b->loss.delta_factor, sizeof(float));
    ck_assert_int_eq(a->loss.true_class_only, b->loss.true_class_only);
    ck_assert_mem_eq(&a->update, &b->update, sizeof a->update);
    ck_assert_int_eq(a->penalty, b->penalty);
    const size_t scaled = a->scale != NULL ? a->scale->features : 0;
    ck_assert_uint_eq(scaled, b->scale->features);
    if (scaled > 0)
        ck_assert_mem_eq(a->scale->mean, b->scale->mean, scaled * sizeof(float));
    if (scaled > 0)
        ck_assert_mem_eq(a->scale->std, b->scale->std, scaled * sizeof(float));
}

START_TEST(a_step_comes_back_to_the_bit)
{
    struct written written;
    struct bundle bundle;
    written_create(&written);
    ck_ok(bundle_read(bundle_of(&written.trial), &bundle));
    assert_same(&written.trial, &bundle.trial);
    ck_assert_int_eq(bundle.products, WEFT_GEMM_CLBLAST);
    bundle_reset(&bundle);
    written_reset(&written);
}
END_TEST

/* What samples weigh comes back; where an earlier version wrote the weights of classes, they are
 * those of the labels. */
START_TEST(weights_of_samples_come_back)
{
    float weights[] = {0.5f, 3.0f, 1.0f, 0.25f};
    struct written written;
    struct bundle bundle;
    struct safetensors file;
    written_create(&written);
    written.trial.targets = (struct target_rule){.dense = true, .share = 0.75f, .spread = 0.125f};
    written.trial.weights = weights;
    const char *path = bundle_of(&written.trial);
    ck_ok(bundle_read(path, &bundle));
    ck_assert_mem_eq(bundle.trial.weights, weights, sizeof weights);
    bundle_reset(&bundle);

    ck_ok(safetensors_read(path, &file));
    for (size_t t = 0; t < file.tensor_count; t++)
        if (strcmp(file.tensors[t].name, "batch.weights") == 0) {
            memory_free(file.tensors[t].name);
            ck_ok(text_copy("targets.class_weights", &file.tensors[t].name));
            file.tensors[t].shape[0] = file.tensors[t].count = 2;
        }
    ck_ok(safetensors_write(path, &file));
    safetensors_reset(&file);
    ck_ok(bundle_read(path, &bundle));
    for (size_t i = 0; i < 4; i++)
        ck_assert_double_eq((double)bundle.trial.weights[i],
                            (double)weights[written.trial.labels[i]]);
    bundle_reset(&bundle);
    written_reset(&written);
}
END_TEST

/* Any head, with biases and without, no hidden layer, one sample, one output, no scale. */
START_TEST(steps_of_random_networks_come_back)
{
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct recipe recipe = recipe_draw(seed);
        if (seed % 4 == 0)
            recipe.batch = 1;
        struct problem problem = problem_create(&recipe);
        struct bundle bundle;
        const struct step_trial trial = {
            .network = &problem.network,
            .batch = recipe.batch,
            .x = problem.x,
            .labels = problem.labels,
            .parameters = problem.parameters,
            .loss = {problem_delta_factor(&problem), seed % 2 == 0},
            .update = {.learning_rate = problem.learning_rate, .l1 = recipe.l1, .l2 = recipe.l2}};
        ck_ok(bundle_read(bundle_of(&trial), &bundle));
        assert_same(&trial, &bundle.trial);
        bundle_reset(&bundle);
        problem_reset(&problem);
    }
}
END_TEST

/* `text` in the header becomes `other`, of the same length. */
static void assert_refused_of(const struct written *written, const char *text, const char *other,
                              const char *words)
{
    struct bundle bundle;
    struct image image = image_load(bundle_of(&written->trial));
    const size_t length = strlen(text);
    size_t place = 8;
    while (place + length < image.size && memcmp(image.bytes + place, text, length) != 0)
        place++;
    ck_assert_msg(place + length < image.size, "%s: not in the header", text);
    ck_assert_uint_eq(strlen(other), length);
    memcpy(image.bytes + place, other, length);
    ck_fails(bundle_read(temporary_write("other", image.bytes, image.size), &bundle),
             WEFT_ERROR_MODEL, words);
    bundle_reset(&bundle);
}

/* Every scalar of the rule, and what the optimizer kept, of statistics too: to the bit, in version
 * 2. */
START_TEST(what_an_optimizer_state_count_comes_back)
{
    static const char normed[] =
        "seed=7 widths=2,3,2 batch=4 head=sigmoid bias=1 sum=0 true_class_only=1 ordered=0 "
        "before=0 l1=0.1 l2=0.3 smooth=0 dropout=0 activations=tanh norm=1";
    struct written written;
    struct bundle bundle;
    float state[3 * 64];
    written_create_of(&written, _i == 0 ? plain_recipe : normed);
    const size_t count = written.problem.network.value_count;
    ck_assert_int_eq(network_has_norm(&written.problem.network), _i == 1);
    ck_assert_uint_le(3 * count, sizeof state / sizeof *state);
    for (size_t i = 0; i < 3 * count; i++)
        state[i] = random_uniform(stream_of(3, STREAM_X), i, -1.0f, 1.0f);
    written.trial.state = state;
    written.trial.update = (struct update_rule){1.0f / 7.0f, 0.1f,  0.3f,  WEFT_OPTIMIZER_ADAMW,
                                                0.9f,        0.8f,  0.7f,  0.2f,
                                                0.3f,        1e-8f, 0.01f, 1.1f,
                                                -0.5f,       2.0f,  0.1f};
    ck_ok(bundle_read(bundle_of(&written.trial), &bundle));
    assert_same(&written.trial, &bundle.trial);
    ck_assert_mem_eq(bundle.trial.state, state, 3 * count * sizeof *state);
    bundle_reset(&bundle);
    assert_refused_of(&written, "\"optimizer\":\"adamw\"", "\"optimizer\":\"adamv\"",
                      "optimizer: got \"adamv\"");
    assert_refused_of(&written, "update.1", "update.7", "update.1: missing");
    assert_refused_of(&written, "clip_norm", "clip_nrom", "clip_norm: missing");
    written_reset(&written);
}
END_TEST

/* A step that was not finite is as much worth keeping as any. */
START_TEST(numbers_that_are_not_finite_come_back)
{
    struct written written;
    struct bundle bundle;
    written_create(&written);
    written.problem.parameters[0] = NAN;
    written.problem.parameters[1] = -INFINITY;
    written.problem.x[3] = INFINITY;
    ck_ok(bundle_read(bundle_of(&written.trial), &bundle));
    assert_same(&written.trial, &bundle.trial);
    bundle_reset(&bundle);
    written_reset(&written);
}
END_TEST

START_TEST(a_label_that_is_no_class_is_refused)
{
    static const int32_t wrong[] = {2, -1, 1000000};
    for (size_t i = 0; i < 3; i++) {
        struct written written;
        struct bundle bundle;
        written_create(&written);
        written.problem.labels[1] = wrong[i];
        ck_fails(bundle_read(bundle_of(&written.trial), &bundle), WEFT_ERROR_MODEL,
                 "batch.labels: value 1 is");
        bundle_reset(&bundle);
        written_reset(&written);
    }
}
END_TEST

/* ---- damage ---- */

START_TEST(a_cut_bundle_is_refused)
{
    struct written written;
    written_create(&written);
    const char *path = bundle_of(&written.trial);
    for (size_t size = image_load(path).size; size-- > 0;) {
        struct bundle bundle;
        ck_assert_int_eq(truncate(path, (off_t)size), 0);
        ck_fails(bundle_read(path, &bundle), WEFT_ERROR_MODEL, path);
        bundle_reset(&bundle);
    }
    written_reset(&written);
}
END_TEST

/* Each bit of the header: refused, or a step of the same shapes whose tensors are the same; what is
 * said beside it (device, finding) and single numbers of its rules may then differ. */
START_TEST(a_flipped_bit_is_refused_or_harmless)
{
    struct written written;
    size_t refused = 0;
    written_create(&written);
    const char *path = bundle_of(&written.trial);
    const struct image image = image_load(path);
    const size_t bits = 8 * image_header_end(&image);
    for (size_t bit = 0; bit < bits; bit++) {
        struct bundle bundle;
        image_put(path, &image, bit, true);
        const enum weft_status status = bundle_read(path, &bundle);
        if (status == WEFT_OK) {
            ck_assert_uint_eq(bundle.trial.batch, written.trial.batch);
            ck_assert_mem_eq(bundle.trial.x, written.trial.x, 8 * sizeof(float));
            ck_assert_mem_eq(bundle.trial.parameters, written.trial.parameters,
                             written.problem.network.parameter_count * sizeof(float));
        } else {
            ck_assert_int_eq(status, WEFT_ERROR_MODEL);
            ck_assert_ptr_nonnull(strstr(weft_error(), path));
            refused++;
        }
        bundle_reset(&bundle);
        image_put(path, &image, bit, false);
    }
    ck_assert_uint_gt(refused, bits / 2);
    written_reset(&written);
}
END_TEST

static void assert_refused(const char *text, const char *other, const char *words)
{
    struct written written;
    written_create(&written);
    assert_refused_of(&written, text, other, words);
    written_reset(&written);
}

START_TEST(what_contradicts_is_refused)
{
    assert_refused("weft-bundle", "weft-bundel", "not a bundle");
    assert_refused("\"format_version\":\"1\"", "\"format_version\":\"3\"",
                   "format_version: got \"3\", need 1 or 2");
    assert_refused("\"hidden\":\"3\"", "\"hidden\":\"4\"", "layers.0.weight: shape");
    assert_refused("\"outputs\":\"2\"", "\"outputs\":\"3\"", "layers.1.weight: shape");
    assert_refused("\"outputs\":\"2\"", "\"outputs\":\"0\"", "outputs: got \"0\"");
    assert_refused("\"head\":\"sigmoid\"", "\"head\":\"sigmoit\"", "head: got \"sigmoit\"");
    assert_refused("\"penalty\":\"true\"", "\"penalty\":\"truE\"", "penalty: got \"truE\"");
    assert_refused("\"products\":\"clblast\"", "\"products\":\"clblas!\"", "products: got");
    assert_refused("\"learning_rate\"", "\"learning_ratE\"", "learning_rate: missing");
    assert_refused("batch.labels", "batch.label_", "batch.labels: missing");
    assert_refused("scale.std", "scale.sdt", "scale.std: missing");
}
END_TEST

/* As in model files: what devices may read as 0 is nothing to divide by. */
static const struct spoilt_scale {
    float mean, std;
    const char *words;
} spoilt_scales[] = {{0.0f, 0.0f, "scale.std: value 1 is 0, need 1.2e-38 or more"},
                     {0.0f, -1.0f, "scale.std: value 1 is -1, need"},
                     {0.0f, 1e-40f, "scale.std: value 1 is 9.99"},
                     {0.0f, NAN, "scale.std: value 1 is NaN, need finite numbers"},
                     {0.0f, INFINITY, "scale.std: value 1 is infinite"},
                     {NAN, 1.0f, "scale.mean: value 1 is NaN"},
                     {-INFINITY, 1.0f, "scale.mean: value 1 is infinite"}};

START_TEST(a_scale_that_makes_no_sense_is_refused)
{
    struct written written;
    struct bundle bundle;
    written_create(&written);
    written.mean[1] = spoilt_scales[_i].mean;
    written.std[1] = spoilt_scales[_i].std;
    ck_fails(bundle_read(bundle_of(&written.trial), &bundle), WEFT_ERROR_MODEL,
             spoilt_scales[_i].words);
    bundle_reset(&bundle);
    written_reset(&written);
}
END_TEST

START_TEST(other_files_are_refused)
{
    struct bundle bundle;
    ck_fails(bundle_read(temporary_path("missing"), &bundle), WEFT_ERROR_IO, "missing");
    bundle_reset(&bundle);
    ck_fails(bundle_read(temporary_write("empty", "", 0), &bundle), WEFT_ERROR_MODEL, "empty");
    bundle_reset(&bundle);
    struct safetensors file = {0};
    const float number = 1.0f;
    const size_t one = 1;
    ck_ok(safetensors_add(&file, "layers.0.weight", &number, &one, 1));
    ck_ok(safetensors_write(temporary_path("tensors"), &file));
    safetensors_reset(&file);
    ck_fails(bundle_read(temporary_path("tensors"), &bundle), WEFT_ERROR_MODEL, "not a bundle");
    bundle_reset(&bundle);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bundle");
    TCase *tests = tcase_create("files");
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_test(tests, a_step_comes_back_to_the_bit);
    tcase_add_test(tests, weights_of_samples_come_back);
    tcase_add_test(tests, steps_of_random_networks_come_back);
    tcase_add_loop_test(tests, what_an_optimizer_state_count_comes_back, 0, 2);
    tcase_add_test(tests, numbers_that_are_not_finite_come_back);
    tcase_add_test(tests, a_label_that_is_no_class_is_refused);
    tcase_add_test(tests, a_cut_bundle_is_refused);
    tcase_add_test(tests, a_flipped_bit_is_refused_or_harmless);
    tcase_add_test(tests, what_contradicts_is_refused);
    tcase_add_loop_test(tests, a_scale_that_makes_no_sense_is_refused, 0,
                        sizeof spoilt_scales / sizeof *spoilt_scales);
    tcase_add_test(tests, other_files_are_refused);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
