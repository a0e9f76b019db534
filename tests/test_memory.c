/* Tests host memory and arithmetic on sizes. */
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "suite.h"

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
    tcase_add_test(tests, overflow_is_refused);
    tcase_add_test(tests, sizes_multiply_and_add);
    tcase_add_test(tests, text_is_copied);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
