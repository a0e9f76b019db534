/* Tests the training step of a small network whose middle part is one kernel: which networks get
 * it, and how its gradient is divided. The cases `middle` of other suites test that the results are
 * correct. */
#include "opencl/middle.h" /* first: its parameters are named `device` too */

#include "devices.h"

static struct network network_of(const size_t *widths, size_t layers)
{
    struct network network;
    ck_ok(network_init(&network, widths, layers, WEFT_HEAD_SOFTMAX, true));
    return network;
}

/* ---- which networks ---- */

/* Whether a step of `widths` [layers + 1] has its middle in one kernel. */
static bool has_middle(enum weft_gemm wanted, const size_t *widths, size_t layers)
{
    struct network network = network_of(widths, layers);
    const bool middle = products_middle(opencl_from(device), wanted, &network, 2400);
    network_reset(&network);
    return middle;
}

/* Of a network with a hidden layer, on devices that are no CPUs, in local memory of 110 units of 17
 * numbers and 1024 bytes. */
START_TEST(networks_with_a_middle)
{
    static const size_t tutorial[] = {784, 50, 10}, deep[] = {784, 20, 20, 10};
    struct opencl_device *opencl = opencl_from(device);
    const cl_device_type type = opencl->type;
    opencl->type = CL_DEVICE_TYPE_CPU;
    ck_assert(!has_middle(WEFT_GEMM_AUTO, tutorial, 2));
    ck_assert(!has_middle(WEFT_GEMM_OWN, tutorial, 2));
    opencl->type = CL_DEVICE_TYPE_GPU;
    opencl->max_local = 110 * 17 * sizeof(float) + 1024;
    ck_assert(has_middle(WEFT_GEMM_AUTO, tutorial, 2));
    ck_assert(has_middle(WEFT_GEMM_OWN, tutorial, 2));
    ck_assert(has_middle(WEFT_GEMM_AUTO, deep, 3));
    ck_assert(!has_middle(WEFT_GEMM_CLBLAST, tutorial, 2));
    ck_assert(!has_middle(WEFT_GEMM_AUTO, tutorial, 1)); /* no hidden layer */
    opencl->max_local--;
    ck_assert(!has_middle(WEFT_GEMM_AUTO, tutorial, 2));
    opencl->max_local = 1 << 20;
    opencl->step_wrong[STEP_MIDDLE] = true;
    ck_assert(!has_middle(WEFT_GEMM_AUTO, tutorial, 2));
    opencl->type = type;
}
END_TEST

/* Above the first layer's weights up to 16384: 112 x 144 + 112 + 144, not 2730 x 5 + 2730 + 5. */
START_TEST(few_parameters_above_the_first_layer)
{
    static const size_t most[] = {8, 112, 144}, more[] = {8, 2730, 5};
    struct opencl_device *opencl = opencl_from(device);
    const cl_device_type type = opencl->type;
    opencl->type = CL_DEVICE_TYPE_GPU;
    opencl->max_local = 1 << 20;
    ck_assert(has_middle(WEFT_GEMM_AUTO, most, 2));
    ck_assert(!has_middle(WEFT_GEMM_AUTO, more, 2));
    opencl->type = type;
}
END_TEST

/* ---- slices ---- */

/* Room for a slice for each panel of 16 samples, up to 256 of them. Of 4097 samples a slice has two
 * panels, and there are 129; but a shorter batch after them may have 256. */
static const struct room {
    size_t batch, panels, slices;
} rooms[] = {{1, 1, 1},        {16, 1, 1},       {17, 2, 2},       {4096, 256, 256},
             {4097, 257, 256}, {8192, 512, 256}, {8193, 513, 256}, {60000, 3750, 256}};

/* The layers [2][8], panels [panels][units][16], slices [slices][parameters above]. */
START_TEST(slices_are_few)
{
    static const size_t widths[] = {9, 4, 3};
    enum { UNITS = 4 + 4 + 3, ABOVE = 4 * 3 + 4 + 3 };
    struct opencl_device *opencl = opencl_from(device);
    struct network network = network_of(widths, 2);
    struct middle *middle;
    const uint64_t before = opencl->allocated;
    ck_ok(middle_create(opencl, &network, rooms[_i].batch, &middle));
    ck_assert_uint_eq(opencl->allocated - before,
                      sizeof(float) *
                          (2 * 8 + rooms[_i].panels * UNITS * 16 + rooms[_i].slices * ABOVE));
    middle_destroy(middle);
    ck_assert_uint_eq(opencl->allocated, before);
    network_reset(&network);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("middle");
    TCase *tests = tcase_create("middle");
    tcase_add_checked_fixture(tests, device_open_opencl, device_close);
    tcase_add_test(tests, networks_with_a_middle);
    tcase_add_test(tests, few_parameters_above_the_first_layer);
    tcase_add_loop_test(tests, slices_are_few, 0, sizeof rooms / sizeof *rooms);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
