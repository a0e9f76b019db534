/* Tests that the reference finds a device that computes a batch in slices wrong: a slice that is
 * forgotten, or treated as a whole batch. Both devices are right about such steps. */
#include "check/check.h"
#include "check/check_suite.h"
#include "devices.h"
#include "plain_options.h"

static struct backend misplacing;

static enum weft_status slice_forgotten(struct workspace *space, size_t sum, bool begins)
{
    return begins ? backend->gradient_add(space, sum, true) : WEFT_OK;
}

/* The statistics of the first slice instead of those of the whole batch. */
static enum weft_status statistics_unmerged(struct workspace *space, size_t layer)
{
    float statistics[2 * 10];
    TRY(backend->norm_statistics(space, layer, statistics));
    return backend->norm_forward(space, layer);
}

static enum weft_status slice_alone(struct workspace *space, size_t layer, const float *gradient,
                                    size_t samples)
{
    return backend->norm_backward(space, layer, gradient, samples / 2);
}

static enum weft_status row_of_slice(struct workspace *space, const struct device_data *samples,
                                     size_t first, size_t count, const struct batch_draw *draw)
{
    struct batch_draw other = *draw;
    other.row = 0;
    return backend->batch_gather(space, samples, first, count, &other);
}

/* A device that forgets a slice, or treats it as a whole batch. */
START_TEST(a_wrong_slice_is_named)
{
    static const char *const operations[] = {"weight_gradient", "norm_statistics", "delta",
                                             "activation"};
    static const size_t widths[] = {20, 10, 3};
    struct weft_options options = plain_options();
    struct network network;
    struct check_result fault;
    float *parameters;
    const struct network_shape shape = {.widths = widths,
                                        .layer_count = 2,
                                        .head = WEFT_HEAD_SOFTMAX,
                                        .bias = true,
                                        .activations = &options.activation[0],
                                        .dropout = (const float[]){0.4f},
                                        .batch_norm = _i == 1 || _i == 2};
    ck_ok(network_init_shape(&network, &shape));
    parameters = memory_of(network.value_count, sizeof *parameters);
    network_initialize(&network, WEFT_INIT_GLOROT, 1, parameters);
    const struct check_plan plan = {.network = &network,
                                    .parameters = parameters,
                                    .batches = {30},
                                    .slices = 3,
                                    .objective = {.reduction = WEFT_REDUCTION_MEAN},
                                    .targets = {.dense = true, .share = 0.9f, .spread = 0.01f},
                                    .products = WEFT_GEMM_CLBLAST,
                                    .learning_rate = 0.1,
                                    .steps = 1};
    const struct check_sink sink = first_fault_sink(&fault);
    ck_ok(check_network_steps(device, &plan, &sink));
    ck_assert_msg(fault.name == NULL, "%s", fault.name);
    misplacing = *backend;
    misplacing.gradient_add = _i == 0 ? slice_forgotten : backend->gradient_add;
    misplacing.norm_forward = _i == 1 ? statistics_unmerged : backend->norm_forward;
    misplacing.norm_backward = _i == 2 ? slice_alone : backend->norm_backward;
    misplacing.batch_gather = _i == 3 ? row_of_slice : backend->batch_gather;
    device->backend = &misplacing;
    ck_ok(check_network_steps(device, &plan, &sink));
    device->backend = backend;
    ck_assert_ptr_nonnull(fault.name);
    ck_assert_msg(strcmp(fault.name, operations[_i]) == 0, "%s", fault.name);
    free(parameters);
    network_reset(&network);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_loop_test(tests, a_wrong_slice_is_named, 0, 4);
}

int main(void)
{
    Suite *suite = suite_create("sliced_steps");
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
