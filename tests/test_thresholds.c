/* Tests predictions at a threshold on both devices: outputs that are equal, next to 1/2, or so
 * large that their exponentials are infinite. */
#include "devices.h"
#include "train/step.h"

enum { ROWS = 6, COLUMNS = 3 };

/* correct [rows] of a head for z [rows][columns] */
static void judge(enum primitive head, size_t rows, size_t columns, const float *z,
                  const int32_t *labels, uint32_t *correct)
{
    float z_copy[ROWS * COLUMNS], y[ROWS * COLUMNS], dz[ROWS * COLUMNS], weight[ROWS], loss[ROWS];
    memcpy(z_copy, z, rows * columns * sizeof *z);
    for (size_t i = 0; i < rows * columns; i++)
        y[i] = columns == 1 ? (float)labels[i] : (size_t)labels[i / columns] == i % columns;
    for (size_t r = 0; r < rows; r++)
        weight[r] = 1.0f;
    const struct primitive_call call = {.primitive = head,
                                        .rows = rows,
                                        .columns = columns,
                                        .scalars = {1.0f, 0.0f},
                                        .arrays = {{z_copy, rows * columns},
                                                   {y, rows * columns},
                                                   {weight, rows},
                                                   {dz, rows * columns},
                                                   {loss, rows},
                                                   {correct, rows}}};
    ck_ok(backend->primitive_run(device, &call));
}

/* A single output predicts class 1 where it exceeds 1/2, by the last bit. */
START_TEST(one_half_is_class_0)
{
    const float half = 0.5f, above = nextafterf(half, 1.0f), below = nextafterf(half, 0.0f);
    const float z[ROWS] = {below, half, above, below, half, above};
    static const int32_t labels[ROWS] = {0, 0, 0, 1, 1, 1};
    static const uint32_t expected[ROWS] = {1, 1, 0, 0, 0, 1};
    uint32_t correct[ROWS];
    judge(PRIMITIVE_IDENTITY_SQUARED_ERROR, ROWS, 1, z, labels, correct);
    ck_assert_mem_eq(correct, expected, sizeof expected);
}
END_TEST

/* Of a sigmoid: z = 0 is 1/2 exactly, 1e-6 above it by four units of the last place. */
START_TEST(a_sigmoid_of_one_half_is_class_0)
{
    static const float z[ROWS] = {-1e-6f, 0.0f, 1e-6f, -1e-6f, 0.0f, 1e-6f};
    static const int32_t labels[ROWS] = {0, 0, 0, 1, 1, 1};
    static const uint32_t expected[ROWS] = {1, 1, 0, 0, 0, 1};
    uint32_t correct[ROWS];
    judge(PRIMITIVE_SIGMOID_CROSS_ENTROPY, ROWS, 1, z, labels, correct);
    ck_assert_mem_eq(correct, expected, sizeof expected);
}
END_TEST

/* An output that has overflowed costs nothing on the side of its target, and all on the other;
 * scalars[1] 2: of the true class alone. */
START_TEST(an_infinite_output_costs_nothing_where_it_belongs)
{
    for (int variant = 0; variant <= 2; variant += 2) {
        float z[] = {HUGE_VALF, -HUGE_VALF, -HUGE_VALF, -HUGE_VALF, HUGE_VALF, -HUGE_VALF};
        float y[] = {1.0f, 0.0f, 0.0f, 1.0f, 0.0f, 0.0f}, weight[] = {1.0f, 1.0f};
        float dz[2 * COLUMNS], loss[2];
        uint32_t correct[2];
        const struct primitive_call call = {.primitive = PRIMITIVE_SIGMOID_CROSS_ENTROPY,
                                            .rows = 2,
                                            .columns = COLUMNS,
                                            .scalars = {1.0f, (float)variant},
                                            .arrays = {{z, 2 * COLUMNS},
                                                       {y, 2 * COLUMNS},
                                                       {weight, 2},
                                                       {dz, 2 * COLUMNS},
                                                       {loss, 2},
                                                       {correct, 2}}};
        ck_ok(backend->primitive_run(device, &call));
        ck_assert_double_eq((double)loss[0], 0.0);
        ck_assert(isinf(loss[1]));
        for (size_t c = 0; c < 2 * COLUMNS; c++)
            ck_assert_double_eq((double)dz[c], c == 3 ? -1.0 : c == 4 ? 1.0 : 0.0);
        ck_assert(correct[0] == 1 && correct[1] == 0);
    }
}
END_TEST

/* Of equal outputs the first is the prediction. _i is the head. */
START_TEST(the_first_of_equals)
{
    static const enum primitive heads[] = {PRIMITIVE_SOFTMAX_CROSS_ENTROPY,
                                           PRIMITIVE_SIGMOID_CROSS_ENTROPY,
                                           PRIMITIVE_IDENTITY_SQUARED_ERROR};
    static const float z[ROWS * COLUMNS] = {2.0f,  2.0f,  2.0f,  1.0f, 2.0f, 2.0f,
                                            2.0f,  1.0f,  2.0f,  0.0f, 0.0f, 1.0f,
                                            -1.0f, -1.0f, -2.0f, 3.0f, 4.0f, 4.0f};
    static const int32_t labels[ROWS] = {0, 1, 2, 2, 1, 2};
    static const uint32_t expected[ROWS] = {1, 1, 0, 1, 0, 0};
    uint32_t correct[ROWS];
    judge(heads[_i], ROWS, COLUMNS, z, labels, correct);
    ck_assert_mem_eq(correct, expected, sizeof expected);
}
END_TEST

/* ---- whole steps, which a device may compute by other kernels ---- */

/* Loss and correct predictions of one sample x = 1 whose outputs are `weights` [outputs]. */
static struct batch_metrics stepped(enum weft_head head, size_t outputs, const float *weights,
                                    int32_t label)
{
    static const float x = 1.0f;
    const size_t widths[] = {1, outputs};
    const struct data_source source = {.samples = 1, .features = 1, .x = &x, .labels = &label};
    struct network network;
    struct device_data *data;
    struct workspace *workspace;
    struct batch_metrics metrics;
    ck_ok(network_init(&network, widths, 1, head, false));
    const struct workspace_plan plan = {
        .network = &network, .batch = 1, .slots = 1, .training = true};
    ck_ok(backend->data_create(device, &source, &data));
    ck_ok(backend->workspace_create(device, &plan, &workspace));
    ck_ok(backend->parameters_upload(workspace, weights));
    const struct step step = {.backend = backend,
                              .workspace = workspace,
                              .network = &network,
                              .data = data,
                              .count = 1,
                              .loss = {.delta_factor = 1.0f}};
    ck_ok(step_forward(&step));
    ck_ok(backend->metrics_download(workspace, 1, &metrics));
    backend->workspace_destroy(workspace);
    backend->data_destroy(data);
    network_reset(&network);
    return metrics;
}

START_TEST(a_step_at_one_half)
{
    const float half = 0.5f, zero = 0.0f, above = nextafterf(half, 1.0f), small = 1e-6f;
    for (int32_t label = 0; label < 2; label++) {
        const bool first = label == 0;
        ck_assert_uint_eq(stepped(WEFT_HEAD_IDENTITY, 1, &half, label).correct, first);
        ck_assert_uint_eq(stepped(WEFT_HEAD_IDENTITY, 1, &above, label).correct, !first);
        ck_assert_uint_eq(stepped(WEFT_HEAD_SIGMOID, 1, &zero, label).correct, first);
        ck_assert_uint_eq(stepped(WEFT_HEAD_SIGMOID, 1, &small, label).correct, !first);
    }
}
END_TEST

/* The loss of a softmax is the distance from the largest output, where that is far from the others.
 */
START_TEST(a_step_with_extreme_logits)
{
    static const float z[COLUMNS] = {-300.0f, 500.0f, 100.0f};
    static const float losses[COLUMNS] = {800.0f, 0.0f, 400.0f};
    for (int32_t label = 0; label < COLUMNS; label++) {
        const struct batch_metrics metrics = stepped(WEFT_HEAD_SOFTMAX, COLUMNS, z, label);
        ck_assert_double_eq((double)metrics.loss, (double)losses[label]);
        ck_assert_uint_eq(metrics.correct, label == 1);
    }
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, one_half_is_class_0);
    tcase_add_test(tests, a_sigmoid_of_one_half_is_class_0);
    tcase_add_test(tests, an_infinite_output_costs_nothing_where_it_belongs);
    tcase_add_loop_test(tests, the_first_of_equals, 0, 3);
    tcase_add_test(tests, a_step_at_one_half);
    tcase_add_test(tests, a_step_with_extreme_logits);
}

int main(void)
{
    Suite *suite = suite_create("thresholds");
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
