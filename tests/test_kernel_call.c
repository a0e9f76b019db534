/* Tests that kernel arguments are set when they change, and when another buffer has the same
 * handle. This suite puts its own clSetKernelArg before the driver's and counts the calls. */
#define _GNU_SOURCE
#include "devices.h"
#include "driver_function.h"
#include "opencl/launch.h"

/* MOST objects has a kernel; MANY buffers are more. */
enum { N = 8, MOST = 16, MANY = 20 };

static unsigned set; /* arguments since it was last 0 */

CL_API_ENTRY cl_int CL_API_CALL clSetKernelArg(cl_kernel kernel, cl_uint index, size_t size,
                                               const void *value)
{
    cl_int(CL_API_CALL * driver)(cl_kernel, cl_uint, size_t, const void *) = NULL;
    driver_function("clSetKernelArg", &driver);
    set++;
    return driver(kernel, index, size, value);
}

static struct opencl_device *opened;

static void open_device(void)
{
    device_open_opencl();
    opened = opencl_from(device);
}

/* N times `value`. */
static cl_mem buffer_of(float value)
{
    cl_mem buffer = NULL;
    float values[N];
    for (size_t i = 0; i < N; i++)
        values[i] = value;
    ck_ok(buffer_create(opened, WEFT_MEMORY_WORKSPACE, N, "a test", &buffer));
    ck_ok(buffer_upload(opened, buffer, 0, values, N));
    return buffer;
}

/* The first `count` numbers of the buffer are `value`, the others `rest`. */
static void check_buffer(cl_mem buffer, size_t count, float value, float rest)
{
    float values[N];
    ck_ok(buffer_download(opened, buffer, 0, values, N));
    for (size_t i = 0; i < N; i++)
        ck_assert(values[i] == (i < count ? value : rest));
}

/* w += -1 dw over the first n: sgd_update with a learning rate of -1; how many arguments are set */
static unsigned add(cl_mem w, cl_mem dw, cl_mem one, size_t n, float rate)
{
    const struct update_buffers buffers = {.w = w, .dw = dw, .clip = one, .n = n, .weights = n};
    const struct update_rule rule = {.optimizer = WEFT_OPTIMIZER_SGD, .learning_rate = rate};
    set = 0;
    ck_ok(launch_update(opened, &buffers, &rule));
    return set;
}

START_TEST(only_what_changes)
{
    cl_mem w = buffer_of(0.0f), dw = buffer_of(1.0f), one = buffer_of(1.0f);
    ck_assert_uint_eq(add(w, dw, one, N, -1.0f), 5);
    ck_assert_uint_eq(add(w, dw, one, N, -1.0f), 0);
    check_buffer(w, N, 2.0f, 0.0f);
    ck_assert_uint_eq(add(w, dw, one, N / 2, -1.0f), 1);
    check_buffer(w, N / 2, 3.0f, 2.0f);
    ck_assert_uint_eq(add(w, dw, one, N, -2.0f), 2);
    check_buffer(w, N / 2, 5.0f, 4.0f);
    buffer_release(opened, &w);
    buffer_release(opened, &dw);
    buffer_release(opened, &one);
}
END_TEST

START_TEST(buffers_in_turn)
{
    cl_mem w[2] = {buffer_of(0.0f), buffer_of(10.0f)}, dw = buffer_of(1.0f), one = buffer_of(1.0f);
    for (int i = 0; i < 2; i++)
        ck_assert_uint_eq(add(w[i], dw, one, N, -1.0f), 5);
    for (int i = 0; i < 6; i++)
        ck_assert_uint_eq(add(w[i % 2], dw, one, N, -1.0f), 0);
    for (int i = 0; i < 2; i++) {
        check_buffer(w[i], N, 4.0f + 10.0f * (float)i, 0.0f);
        buffer_release(opened, &w[i]);
    }
    buffer_release(opened, &dw);
    buffer_release(opened, &one);
}
END_TEST

/* A driver is free to give the handle of a buffer that is gone to the next one. */
START_TEST(released_buffers)
{
    cl_mem w = buffer_of(0.0f), dw = buffer_of(1.0f), one = buffer_of(1.0f);
    ck_assert_uint_eq(add(w, dw, one, N, -1.0f), 5);
    buffer_release(opened, &dw);
    dw = buffer_of(2.0f);
    ck_assert_uint_eq(add(w, dw, one, N, -1.0f), 3);
    ck_assert_uint_eq(add(w, dw, one, N, -1.0f), 0);
    check_buffer(w, N, 5.0f, 0.0f);
    buffer_release(opened, &w);
    buffer_release(opened, &dw);
    buffer_release(opened, &one);
}
END_TEST

START_TEST(more_than_objects)
{
    cl_mem w[MANY], dw = buffer_of(1.0f), one = buffer_of(1.0f);
    for (int i = 0; i < MANY; i++)
        w[i] = buffer_of((float)i);
    for (int i = 0; i < 3 * MANY; i++) /* the object used least lately gets another w */
        ck_assert_uint_eq(add(w[i % MANY], dw, one, N, -1.0f), i < MOST ? 5 : 1);
    for (int i = 0; i < MANY; i++) {
        check_buffer(w[i], N, (float)i + 3.0f, 0.0f);
        buffer_release(opened, &w[i]);
    }
    buffer_release(opened, &dw);
    buffer_release(opened, &one);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kernel_call");
    TCase *opencl = tcase_create("opencl");
    tcase_add_checked_fixture(opencl, open_device, device_close);
    tcase_add_test(opencl, only_what_changes);
    tcase_add_test(opencl, buffers_in_turn);
    tcase_add_test(opencl, released_buffers);
    tcase_add_test(opencl, more_than_objects);
    suite_add_tcase(suite, opencl);
    return suite_main(suite);
}
