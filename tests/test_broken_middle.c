/* Tests that the known-answer test finds mistakes in kernels/middle.cl, and that steps then run by
 * operation. */
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

/* The network has weights of classes, dropout, and a tanh that it drops. */
START_TEST(a_wrong_middle_is_left)
{
    const size_t widths[] = {_i == LARGE ? 8192 : 3, 33, 10};
    static const enum weft_activation activations[] = {WEFT_ACTIVATION_TANH};
    static const float dropout[] = {0.3f};
    const struct network_shape shape = {.widths = widths,
                                        .layer_count = 2,
                                        .head = WEFT_HEAD_SOFTMAX,
                                        .bias = true,
                                        .activations = activations,
                                        .dropout = dropout};
    struct network network;
    struct workspace_plan step = {.network = &network,
                                  .batch = 32,
                                  .training = true,
                                  .targets = {.dense = true, .share = 0.9f, .spread = 0.01f}};
    ck_ok(network_init_shape(&network, &shape));
    mistaken_device_open(&middle_mistakes[_i], device_open_middle);
    ck_assert_ptr_eq(step_plan_choose(opencl_from(device), &step), &step_middle);
    struct check_plan plan = {.network = &network,
                              .batches = {32, 5},
                              .slices = _i == SLICED ? 3 : 1,
                              .block = 64,
                              .targets = step.targets,
                              .products = device_products};
    if (_i == LARGE)
        check_plan_narrow(device, &plan);
    ck_ok(known_answer_test(device, &plan, NULL));
    ck_assert_ptr_nonnull(strstr(device->info.note, "by operation"));
    ck_assert_ptr_nonnull(strstr(device->info.note, "known-answer test: "));
    ck_assert_ptr_eq(step_plan_choose(opencl_from(device), &step), &step_by_operation);
    mistaken_device_close();
    network_reset(&network);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("broken_middle");
    TCase *middle = tcase_create("broken middle");
    tcase_set_timeout(middle, 60);
    tcase_add_checked_fixture(middle, temporary_create, temporary_remove);
    tcase_add_loop_test(middle, a_wrong_middle_is_left, 0, MIDDLE_MISTAKES);
    suite_add_tcase(suite, middle);
    return suite_main(suite);
}
