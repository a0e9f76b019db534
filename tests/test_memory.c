/* Tests host memory and arithmetic on sizes. */
#define _XOPEN_SOURCE 700 /* mkdir, setrlimit */

#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "suite.h"
#include "temporary.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED
#endif
#endif

START_TEST(blocks_are_zeroed_and_aligned)
{
    static const size_t sizes[] = {1, 7, 63, 64, 65, 1000, 1 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        unsigned char *block = memory_zeroed(sizes[i], 1);
        ck_assert_ptr_nonnull(block);
        ck_assert_uint_eq((uintptr_t)block % 64, 0);
        for (size_t j = 0; j < sizes[i]; j++)
            ck_assert_uint_eq(block[j], 0);
        memset(block, 0xff, sizes[i]); /* the next one must not show this */
        memory_free(block);
    }
}
END_TEST

#ifdef SANITIZED
#include <sanitizer/asan_interface.h>

/* Alignment leaves room behind a block, which would hide who writes there. */
START_TEST(behind_a_block_is_off_limits)
{
    for (size_t size = 0; size < 200; size++) {
        unsigned char *block = memory_zeroed(size, 1);
        ck_assert_ptr_nonnull(block);
        ck_assert_ptr_null(__asan_region_is_poisoned(block, size));
        ck_assert(__asan_address_is_poisoned(block + size));
        memory_free(block);
    }
}
END_TEST
#endif

static void file_write(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    ck_assert_int_eq(fclose(file), 0);
}

static size_t group_limit(const char *groups)
{
    file_write(temporary_path("groups"), groups);
    char root[512], list[512];
    snprintf(root, sizeof root, "%s", temporary_path("root"));
    snprintf(list, sizeof list, "%s", temporary_path("groups"));
    return memory_limit_of_groups(list, root);
}

/* The smallest limit on the way up counts, in both versions of control groups. */
START_TEST(control_groups_limit_memory)
{
    static const char *const folders[] = {"root", "root/job", "root/job/step", "root/memory",
                                          "root/memory/job"};
    temporary_create();
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        ck_assert_int_eq(mkdir(temporary_path(folders[i]), 0700), 0);
    file_write(temporary_path("root/job/memory.max"), "5000\n");
    file_write(temporary_path("root/job/step/memory.max"), "max\n");
    file_write(temporary_path("root/memory/memory.limit_in_bytes"), "7000\n");
    file_write(temporary_path("root/memory/job/memory.limit_in_bytes"), "9223372036854771712\n");
    ck_assert_uint_eq(group_limit("0::/job/step\n"), 5000);
    ck_assert_uint_eq(group_limit("0::/\n"), SIZE_MAX);
    ck_assert_uint_eq(group_limit("9:cpu,memory:/job\n0::/\n"), 7000);
    ck_assert_uint_eq(group_limit("9:cpu:/memory\n"), SIZE_MAX);
    ck_assert_uint_eq(group_limit("4:memory:/elsewhere\n0::/job/step\n"), 5000);
    ck_assert_uint_eq(memory_limit_of_groups("no/such/file", "root"), SIZE_MAX);
    temporary_remove();
}
END_TEST

#ifndef SANITIZED
/* A sanitizer maps terabytes, and needs memory after the limit. */
START_TEST(a_resource_limit_limits_memory)
{
    const struct rlimit small = {.rlim_cur = (rlim_t)1 << 36, .rlim_max = RLIM_INFINITY};
    const size_t before = memory_limit();
    ck_assert_int_eq(setrlimit(RLIMIT_DATA, &small), 0);
    ck_assert_uint_eq(memory_limit(), size_min(before, (size_t)1 << 36));
    ck_assert_int_eq(setrlimit(RLIMIT_DATA, &(struct rlimit){1 << 30, RLIM_INFINITY}), 0);
    ck_assert_uint_eq(memory_limit(), 1 << 30);
}
END_TEST
#endif

START_TEST(nothing_is_a_block)
{
    void *block = memory_zeroed(0, 8);
    ck_assert_ptr_nonnull(block);
    memory_free(block);
    memory_free(NULL);
}
END_TEST

START_TEST(overflow_is_refused)
{
    ck_assert_ptr_null(memory_zeroed(SIZE_MAX / 2, 3));
    ck_assert_ptr_null(memory_zeroed(SIZE_MAX, 1));
    ck_assert_ptr_null(memory_zeroed(SIZE_MAX - 64, 1));
    uint64_t *array;
    ck_fails(NEW_ARRAY(array, SIZE_MAX / 4), WEFT_ERROR_MEMORY, "elements of 8 bytes");
}
END_TEST

START_TEST(sizes_multiply_and_add)
{
    size_t result = 0;
    ck_assert(size_multiply(0, SIZE_MAX, &result) && result == 0);
    ck_assert(size_multiply(SIZE_MAX, 1, &result) && result == SIZE_MAX);
    ck_assert(!size_multiply(SIZE_MAX / 2 + 1, 2, &result));
    ck_assert(size_add(SIZE_MAX - 1, 1, &result) && result == SIZE_MAX);
    ck_assert(!size_add(SIZE_MAX, 1, &result));
}
END_TEST

START_TEST(text_is_copied)
{
    char text[] = "weft", *copy;
    ck_ok(text_copy(text, &copy));
    text[0] = 'l';
    ck_assert_str_eq(copy, "weft");
    memory_free(copy);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("memory");
    TCase *tests = tcase_create("memory");
    tcase_add_test(tests, blocks_are_zeroed_and_aligned);
#ifdef SANITIZED
    tcase_add_test(tests, behind_a_block_is_off_limits);
#endif
    tcase_add_test(tests, nothing_is_a_block);
    tcase_add_test(tests, control_groups_limit_memory);
#ifndef SANITIZED
    tcase_add_test(tests, a_resource_limit_limits_memory);
#endif
    tcase_add_test(tests, overflow_is_refused);
    tcase_add_test(tests, sizes_multiply_and_add);
    tcase_add_test(tests, text_is_copied);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
