/* Tests numbers as text: values from the literals of the C compiler, in any locale. */
#include <locale.h>

#include "base/number.h"
#include "suite.h"

static double parsed(const char *text)
{
    double value = -12345;
    ck_assert_msg(number_from_text(text, &value), "%s: refused", text);
    return value;
}

START_TEST(literals_are_read_exactly)
{
    ck_assert(parsed("0") == 0.0 && !signbit(parsed("0")));
    ck_assert(parsed("-0") == 0.0 && signbit(parsed("-0")));
    ck_assert(parsed("12") == 12.0);
    ck_assert(parsed("+12.5") == 12.5);
    ck_assert(parsed("-12.5e3") == -12500.0);
    ck_assert(parsed(".5") == 0.5);
    ck_assert(parsed("5.") == 5.0);
    ck_assert(parsed("0.001") == 0.001);
    ck_assert(parsed("0.1") == 0.1);
    ck_assert(parsed("1E-3") == 1e-3);
    ck_assert(parsed("1e+2") == 1e2);
    ck_assert(parsed("3.141592653589793238462643383279") == 3.141592653589793238462643383279);
    ck_assert(parsed("2.2250738585072011e-308") == 2.2250738585072011e-308);
    ck_assert(parsed("4.9406564584124654e-324") == 4.9406564584124654e-324);
    ck_assert(parsed("1.7976931348623157e308") == 1.7976931348623157e308);
    ck_assert(parsed("1e-999999999999999999999") == 0.0);
    ck_assert(parsed("0e999999999999999999999") == 0.0);
}
END_TEST

static const char *const not_numbers[] = {
    "",      " ",      " 1",  "1 ",  "abc", "1x",       "0x10",  "inf",   "nan",
    "-inf",  "1e",     "e5",  ".",   "-",   "+-1",      "1,5",   "1.2.3", "1e5.",
    "1e999", "-1e999", "--1", "1e+", "1\n", "infinity", "1_000", "1'000", "1.8e308"};

START_TEST(anything_else_is_refused)
{
    double value = -12345;
    ck_assert_msg(!number_from_text(not_numbers[_i], &value), "\"%s\" was taken", not_numbers[_i]);
    ck_assert(value == -12345);
}
END_TEST

START_TEST(long_texts_are_refused)
{
    char text[1001];
    double value = -12345;
    memset(text, '1', sizeof text);
    text[255] = '\0';
    ck_assert(number_from_text(text, &value));
    text[255] = '1';
    text[256] = '\0';
    ck_assert(!number_from_text(text, &value));
    text[256] = '1';
    text[1000] = '\0';
    ck_assert(!number_from_text(text, &value));
}
END_TEST

START_TEST(integers)
{
    static const char *const refused[] = {"",
                                          "-1",
                                          "+1",
                                          " 1",
                                          "1 ",
                                          "1.0",
                                          "1e3",
                                          "0x1",
                                          "18446744073709551616",
                                          "99999999999999999999"};
    uint64_t value = 7;
    ck_assert(integer_from_text("0", &value) && value == 0);
    ck_assert(integer_from_text("007", &value) && value == 7);
    ck_assert(integer_from_text("18446744073709551615", &value) && value == UINT64_MAX);
    value = 7;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        ck_assert_msg(!integer_from_text(refused[i], &value), "\"%s\" was taken", refused[i]);
        ck_assert_uint_eq(value, 7);
    }
}
END_TEST

static void check_text(double value, const char *expected)
{
    char text[NUMBER_TEXT_SIZE];
    number_to_text(value, text);
    ck_assert_str_eq(text, expected);
}

START_TEST(shortest_texts)
{
    check_text(0.0, "0");
    check_text(-0.0, "-0");
    check_text(0.5, "0.5");
    check_text(0.1, "0.1");
    check_text(0.001, "0.001");
    check_text(0.1 + 0.2, "0.30000000000000004");
    check_text(1.0 / 3.0, "0.3333333333333333");
    check_text(-1e300, "-1e+300");
    check_text(-2.5e-7, "-2.5e-07");
    check_text(5e-324, "4.94065645841247e-324");
    check_text(1.7976931348623157e308, "1.7976931348623157e+308");
    check_text((double)INFINITY, "inf");
    check_text(-(double)INFINITY, "-inf");
    check_text((double)NAN, "nan");
}
END_TEST

/* A locale whose decimal point is a comma; which ones a machine has differs. */
static bool set_comma_locale(void)
{
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "de_DE",
                                        "fr_FR.UTF-8", "fr_FR.utf8", "ru_RU.UTF-8"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (setlocale(LC_ALL, names[i]) != NULL && strtod("0,5", NULL) == 0.5)
            return true;
    }
    return false;
}

START_TEST(a_comma_locale_changes_nothing)
{
    if (!set_comma_locale()) /* where there is none, what is under test cannot go wrong */
        return;
    ck_assert(parsed("0.5") == 0.5);
    ck_assert(parsed("-12.25e-1") == -1.225);
    check_text(0.001, "0.001");
    check_text(-2.5e-7, "-2.5e-07");
}
END_TEST

/* The largest float is one; what lies beyond it, by however little, has none. */
START_TEST(numbers_as_floats)
{
    ck_assert(number_to_float(0.1) == 0.1f);
    ck_assert(number_to_float(0x1.fffffep127) == 0x1.fffffep127f);
    ck_assert(number_to_float(-0x1.fffffep127) == -0x1.fffffep127f);
    ck_assert(number_to_float(0x1.fffffe0000001p127) == HUGE_VALF);
    ck_assert(number_to_float(-0x1.fffffe0000001p127) == -HUGE_VALF);
    ck_assert(number_to_float(1e300) == HUGE_VALF);
    ck_assert(number_to_float(-(double)INFINITY) == -HUGE_VALF);
    ck_assert(number_to_float(1e-300) == 0.0f);
    ck_assert(isnan(number_to_float((double)NAN)));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("number");
    TCase *tests = tcase_create("number");
    tcase_add_test(tests, literals_are_read_exactly);
    tcase_add_loop_test(tests, anything_else_is_refused, 0,
                        sizeof not_numbers / sizeof *not_numbers);
    tcase_add_test(tests, long_texts_are_refused);
    tcase_add_test(tests, integers);
    tcase_add_test(tests, shortest_texts);
    tcase_add_test(tests, a_comma_locale_changes_nothing);
    tcase_add_test(tests, numbers_as_floats);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
