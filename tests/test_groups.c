/* Tests how the program groups samples by the values of a column. The program is not a library; its
 * source is part of this suite. */
#include "app/groups.c"

#include <stdio.h>

#include "suite.h"

enum weft_status complain(enum weft_status status, const char *format, ...)
{
    (void)format;
    return status;
}

/* Returns values in a buffer that the next call overwrites. */
static const char *value_at(const void *column, size_t row)
{
    static char text[16];
    const char *value = ((const char *const *)column)[row];
    if (value == NULL)
        return NULL;
    snprintf(text, sizeof text, "%s", value);
    return text;
}

START_TEST(samples_with_one_value_are_a_group)
{
    static const char *const column[] = {"Rome", NULL, "Bari", "Rome", "", "Bari", NULL, "Rome"};
    static const char *const names[] = {"", "Bari", "Rome", "(missing)"};
    static const int32_t of[] = {2, 3, 1, 2, 0, 1, 3, 2};
    struct groups groups;
    ck_ok(groups_make(value_at, column, 8, &groups));
    ck_assert_uint_eq(groups.count, 4);
    for (size_t g = 0; g < 4; g++)
        ck_assert_str_eq(groups.names[g], names[g]);
    ck_assert_mem_eq(groups.of, of, sizeof of);
    groups_reset(&groups);
    ck_assert_ptr_null(groups.of);
}
END_TEST

START_TEST(one_value_is_one_group)
{
    static const char *const column[] = {"a", "a", "a"};
    struct groups groups;
    ck_ok(groups_make(value_at, column, 3, &groups));
    ck_assert_uint_eq(groups.count, 1);
    groups_reset(&groups);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("groups");
    TCase *tests = tcase_create("groups");
    tcase_add_test(tests, samples_with_one_value_are_a_group);
    tcase_add_test(tests, one_value_is_one_group);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
