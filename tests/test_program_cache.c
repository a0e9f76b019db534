/* Tests compiled programs on disk. They are used if they are intact, and rebuilt from source
 * otherwise. In this suite the device stores them on any platform, even if the platform stores
 * them, too. */
#define _XOPEN_SOURCE 700

#include <string.h>

#include "opencl/kernel_call.h"
#include "opencl/opencl_device.h"
#include "opencl/program_cache.h"
#include "record/record.h"

#include "check/check.h"
#include "devices.h" /* after them: its `device` would shadow their parameters */
#include "record_files.h"

static struct opencl_device *opened;

/* Kernels that are built only for narrow vectors. */
static bool is_for_gpus(enum kernel kernel)
{
    const char *name = kernel_name(kernel);
    const size_t length = strlen(name), ending = strlen("_group");
    return length > ending && strcmp(name + length - ending, "_group") == 0;
}

/* The program of the device built anew; whether it came from the disk. */
static bool build_again(void)
{
    program_release(opened);
    ck_ok(program_build(opened));
    for (size_t i = 0; i < KERNEL_COUNT; i++)
        ck_assert_msg(opened->calls[i] != NULL || is_for_gpus(i), "%s", kernel_name(i));
    return opened->program_was_kept;
}

/* The program computes right. */
static void check_program(void)
{
    struct check_result result;
    for (int p = 0; p < PRIMITIVE_COUNT; p++) {
        if (p == PRIMITIVE_PRODUCT)
            continue;
        ck_ok(check_primitive(device, (enum primitive)p, 67, 19, CHECK_ORDINARY, 0, 1, &result));
        ck_assert_msg(result.ok, "%s", result.name);
    }
}

static void open_with_caches(void)
{
    temporary_create();
    use_caches(temporary_path("caches"));
    device_open_opencl();
    opened = opencl_from(device);
    opened->keeps_programs = true;
}

static void close_with_caches(void)
{
    device_close();
    temporary_remove();
}

START_TEST(platforms)
{
    ck_assert(!program_cache_wanted("Portable Computing Language"));
    ck_assert(!program_cache_wanted("NVIDIA CUDA"));
    ck_assert(program_cache_wanted("AMD Accelerated Parallel Processing"));
    ck_assert(program_cache_wanted("Oclgrind"));
}
END_TEST

START_TEST(kept_and_taken)
{
    const size_t group = opened->group;
    ck_assert(!build_again());
    only_file(".bin");
    ck_assert(build_again());
    ck_assert_uint_eq(opened->group, group);
    check_program();
    ck_assert_int_eq(remove(only_file(".bin")), 0);
    ck_assert(!build_again());
    ck_assert(build_again());
}
END_TEST

START_TEST(not_kept_where_not_wanted)
{
    opened->keeps_programs = false;
    ck_assert(!build_again());
    ck_assert(!build_again());
    ck_assert(!folder_exists(temporary_path("caches/weft")));
}
END_TEST

/* Cut, or with a byte changed, anywhere: built from source, and kept whole again. */
START_TEST(damaged)
{
    ck_assert(!build_again());
    const char *path = only_file(".bin");
    struct stat about;
    ck_assert_int_eq(stat(path, &about), 0);
    const long size = (long)about.st_size;
    for (int i = 0; i < 8; i++) {
        FILE *file = fopen(path, "r+b");
        ck_assert_ptr_nonnull(file);
        ck_assert_int_eq(fseek(file, (size - 1) * i / 7, SEEK_SET), 0);
        const int byte = fgetc(file);
        ck_assert_int_eq(fseek(file, (size - 1) * i / 7, SEEK_SET), 0);
        ck_assert_int_eq(fputc(byte ^ 0x10, file), byte ^ 0x10);
        ck_assert_int_eq(fclose(file), 0);
        ck_assert_msg(!build_again(), "byte %ld", (size - 1) * i / 7);
        ck_assert(build_again());
        ck_assert_int_eq(truncate(path, (size - 1) * i / 7), 0);
        ck_assert_msg(!build_again(), "cut at byte %ld", (size - 1) * i / 7);
        ck_assert(build_again());
    }
    check_program();
}
END_TEST

/* What the digest of the sources and the record has under this device's name. */
static uint64_t digest_of_kernels(void)
{
    return record_key(device->record)->kernels;
}

/* Whole, and no program: the driver refuses it. */
START_TEST(no_program)
{
    static const char text[] = "this is no program";
    ck_ok(record_bytes_write(device->record, "kernels", digest_of_kernels(), text, sizeof text));
    ck_assert(!build_again());
    ck_assert(build_again());
    check_program();
}
END_TEST

/* Whole, and a program of other kernels. */
START_TEST(another_program)
{
    static const char source[] = "__kernel void bias_add(__global float *z) { z[0] = 1.0f; }";
    const char *lines = source;
    cl_int code = CL_SUCCESS;
    ck_assert(!build_again());
    const size_t group = opened->group;
    program_release(opened);
    opened->program = clCreateProgramWithSource(opened->context, 1, &lines, NULL, &code);
    ck_assert_int_eq(code, CL_SUCCESS);
    ck_assert_int_eq(clBuildProgram(opened->program, 1, &opened->id, "", NULL, NULL), CL_SUCCESS);
    program_cache_write(opened, digest_of_kernels());
    ck_assert(!build_again());
    ck_assert_uint_eq(opened->group, group);
    ck_assert(build_again());
    check_program();
}
END_TEST

static char logged[512];

static void take_line(void *user, const char *line)
{
    (void)user;
    snprintf(logged, sizeof logged, "%s", line);
}

/* Nowhere to keep it: built all the same, and the log says why. */
START_TEST(nowhere_to_keep)
{
    use_caches(temporary_write("file", "x", 1));
    device->log = take_line;
    ck_assert(!build_again());
    ck_assert_ptr_nonnull(strstr(logged, "got a file, need a folder"));
    ck_assert(!build_again());
    check_program();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("program_cache");
    TCase *tests = tcase_create("opencl");
    tcase_add_checked_fixture(tests, open_with_caches, close_with_caches);
    tcase_add_test(tests, platforms);
    tcase_add_test(tests, kept_and_taken);
    tcase_add_test(tests, not_kept_where_not_wanted);
    tcase_add_test(tests, damaged);
    tcase_add_test(tests, no_program);
    tcase_add_test(tests, another_program);
    tcase_add_test(tests, nowhere_to_keep);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
