/* Tests that the known-answer test finds mistakes in kernels/middle.cl, kernels/step.cl and
 * kernels/step_head.cl, and that steps then run by operation. The networks have weights of samples,
 * dense targets, dropout, and an activation that keeps z for it. */
#define _XOPEN_SOURCE 700 /* setenv */

#include "mistaken_kernel.h"

static const struct mistake middle_mistakes[] = {
    {"middle.cl", "sum *= activation_slope", "sum = activation_slope", ""},
    {"middle.cl", "r < rows ? dz[at + c] : 0.0f", "dz[(ulong)min(r, rows - 1) * outputs + c]", ""},
    {"middle.cl", "for (uint s = 1; s < count; s++)", "for (uint s = 2; s < count; s++)", ""},
    {"middle.cl", "value - learning_rate * g;", "value + learning_rate * g;", ""},
    /* the weights of samples, and dense targets */
    {"middle.cl", "rule.dense ? weight[r] : 1.0f", "1.0f", ""},
    {"middle.cl", "rule.dense ? y[at + c] :", "", ""},
    /* dropout: another row, another word, never back, an undropped activation */
    {"middle.cl", "(draw.row + min(first + lane, rows - 1))", "min(first + lane, rows - 1)", ""},
    {"middle.cl", "4 * block + i - skip", "4 * block + i", ""},
    {"middle.cl", "== 0x80000000u", "== 1u", ""},
    {"middle.cl", "a = activate(below->activation, z);", ";", ""},
    /* a pre-activation without its bias */
    {"middle.cl", "lanes_put(z, 0, stored +", "lanes_put(z - b, 0, stored +", ""},
};

/* Mistake SLICED shows only in a batch of slices. Mistake LARGE must show in a network of more than
 * 2^18 values, whose own step is not tested. */
enum { SLICED = 6, LARGE = 7, MIDDLE_MISTAKES = sizeof middle_mistakes / sizeof *middle_mistakes };

static const struct mistake fused_mistakes[] = {
    /* the weights of samples, dense targets, and each part of their loss */
    {"step_head.cl", "dense ? weights[r] : 1.0f", "1.0f", ""},
    {"step_head.cl", "dense ? targets[(ulong)r * outputs + c]",
     "!dense ? targets[(ulong)r * outputs + c]", ""},
    {"step_head.cl", "select(target * fall,", "select(fall,", ""},
    {"step_head.cl", "weight * (whole * log(sum)", "(whole * log(sum)", ""},
    /* dropout: another row, another word, another block, never back, not scaled back */
    {"step_layer.cl", "min(first + as_lane_words", "min(as_lane_words", ""},
    {"step_layer.cl", "(draw.row + longs_of_words", "(longs_of_words", ""},
    {"step_layer.cl", "words[i + k], skip == k", "words[i + k], skip == 0", ""},
    {"step_layer.cl", "block + u / 4 + 1", "block + u / 4", ""},
    {"step_layer.cl", "== 0x80000000u", "== 1u", ""},
    {"step_layer.cl", "select(layer->scale * delta,", "select(delta,", ""},
    /* the slope of a dropped activation, and a pre-activation that is not kept */
    {"step_layer.cl", "a = step_activation(layer->activation, z);", ";", ""},
    {"step_layer.cl", "lanes_put(lanes_at(a + u, panel), layer->z + u, panel);", ";", ""},
    /* several labels, which are correct together */
    {"step_head.cl", "(rule.each || outputs == 1)", "(outputs == 1)", ""},
};
enum {
    FUSED_SLICED = 5,
    FUSED_MISTAKES = sizeof fused_mistakes / sizeof *fused_mistakes,
    FUSED_EACH = FUSED_MISTAKES - 1
};

/* A run on a device with a mistake. */
struct wrong_step {
    const struct mistake *mistake;
    void (*open)(void);
    const struct step_plan *plan;
    size_t features, slices;
    bool narrow, each;
};

static void wrong_step_is_left(const struct wrong_step *wrong)
{
    const size_t widths[] = {wrong->features, 33, 10};
    static const enum weft_activation activations[] = {WEFT_ACTIVATION_TANH};
    static const float dropout[] = {0.3f};
    const struct network_shape shape = {.widths = widths,
                                        .layer_count = 2,
                                        .head = wrong->each ? WEFT_HEAD_SIGMOID : WEFT_HEAD_SOFTMAX,
                                        .bias = true,
                                        .activations = activations,
                                        .dropout = dropout};
    struct network network;
    struct workspace_plan step = {
        .network = &network,
        .batch = 32,
        .training = true,
        .targets = {.dense = true, .each = wrong->each, .share = 0.9f, .spread = 0.01f}};
    ck_ok(network_init_shape(&network, &shape));
    mistaken_device_open(wrong->mistake, wrong->open);
    ck_assert_ptr_eq(step_plan_choose(opencl_from(device), &step), wrong->plan);
    struct check_plan plan = {.network = &network,
                              .batches = {32, 5},
                              .slices = wrong->slices,
                              .block = 64,
                              .targets = step.targets,
                              .products = device_products};
    if (wrong->narrow)
        check_plan_narrow(device, &plan);
    ck_ok(known_answer_test(device, &plan, NULL));
    ck_assert_ptr_nonnull(strstr(device->info.note, "by operation"));
    ck_assert_ptr_nonnull(strstr(device->info.note, "known-answer test: "));
    ck_assert_ptr_eq(step_plan_choose(opencl_from(device), &step), &step_by_operation);
    mistaken_device_close();
    network_reset(&network);
}

START_TEST(a_wrong_middle_is_left)
{
    wrong_step_is_left(&(struct wrong_step){.mistake = &middle_mistakes[_i],
                                            .open = device_open_middle,
                                            .plan = &step_middle,
                                            .features = _i == LARGE ? 8192 : 3,
                                            .slices = _i == SLICED ? 3 : 1,
                                            .narrow = _i == LARGE});
}
END_TEST

START_TEST(a_wrong_fused_step_is_left)
{
    wrong_step_is_left(&(struct wrong_step){.mistake = &fused_mistakes[_i],
                                            .open = device_open_opencl,
                                            .plan = &step_fused,
                                            .features = 3,
                                            .slices = _i == FUSED_SLICED ? 3 : 1,
                                            .narrow = true,
                                            .each = _i == FUSED_EACH});
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("broken_steps");
    TCase *broken = tcase_create("broken steps");
    tcase_set_timeout(broken, 60);
    tcase_add_checked_fixture(broken, temporary_create, temporary_remove);
    tcase_add_loop_test(broken, a_wrong_middle_is_left, 0, MIDDLE_MISTAKES);
    tcase_add_loop_test(broken, a_wrong_fused_step_is_left, 0, FUSED_MISTAKES);
    suite_add_tcase(suite, broken);
    return suite_main(suite);
}
