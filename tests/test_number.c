/* Tests numbers as text: values from the literals of the C compiler, in any locale. */
#include <inttypes.h>
#include <locale.h>
#include <stdio.h>

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

/* Reads a text without the byte that follows it. */
static double from_bytes(const char *text)
{
    char bytes[400];
    double value = -12345;
    snprintf(bytes, sizeof bytes, "%s7", text);
    ck_assert_msg(number_from_bytes(bytes, strlen(text), '.', &value), "%s: refused", text);
    return value;
}

/* Numbers around the middle between two doubles, where a careless rounding errs. */
START_TEST(bytes_are_read_exactly)
{
    ck_assert(from_bytes("0") == 0.0 && !signbit(from_bytes("0")));
    ck_assert(signbit(from_bytes("-0.0")));
    ck_assert(from_bytes("9007199254740993") == 9007199254740992.0); /* 2^53 + 1: to even */
    ck_assert(from_bytes("9007199254740993.001") == 9007199254740994.0);
    ck_assert(from_bytes("9007199254740995") == 9007199254740996.0);
    ck_assert(from_bytes("9999999999999999999") == 1e19);
    ck_assert(from_bytes("18446744073709551615") == 18446744073709551616.0);
    ck_assert(from_bytes("1152921504606847104") == 1152921504606846976.0); /* 2^60 + 128 */
    ck_assert(from_bytes("1152921504606847105") == 1152921504606847232.0);
    ck_assert(from_bytes("0.1000000000000000055") == 0.1);
    ck_assert(from_bytes("0.1000000000000000125") == 0.1 + 0x1p-56);
    ck_assert(from_bytes("1e22") == 1e22 && from_bytes("1e23") == 1e23);
    ck_assert(from_bytes("123456789012345678e22") == 123456789012345678e22);
    ck_assert(from_bytes("123456789012345678e-22") == 123456789012345678e-22);
    ck_assert(from_bytes("0.00000000000000000000123456789") == 1.23456789e-21);
    ck_assert(from_bytes("00000000000000000000000012.5") == 12.5);
    ck_assert(from_bytes("4.9406564584124654e-324") == 4.9406564584124654e-324);
    ck_assert(from_bytes("1.8e308") == HUGE_VAL && from_bytes("-1e999") == -HUGE_VAL);
    ck_assert(from_bytes("1e-999999999999999999999") == 0.0);
}
END_TEST

static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 11;
}

/* The C library is right about every number. */
START_TEST(random_bytes_agree_with_the_c_library)
{
    uint64_t state = 1;
    for (int i = 0; i < 300000; i++) {
        char text[64];
        const uint64_t digits = next_random(&state) * 2048 + next_random(&state) % 2048;
        const int shown = 1 + (int)(next_random(&state) % 20),
                  point = (int)(next_random(&state) % 21);
        const int exponent = (int)(next_random(&state) % 60) - 30;
        const int length =
            snprintf(text, sizeof text, "%.*" PRIu64, shown, digits >> next_random(&state) % 64);
        if (point < length) {
            memmove(text + point + 1, text + point, (size_t)(length - point) + 1);
            text[point] = '.';
        }
        if (i % 2 == 0)
            snprintf(text + strlen(text), 16, "e%d", exponent);
        const double expected = strtod(text, NULL), got = from_bytes(text);
        ck_assert_msg(got == expected, "%s: got %a, expected %a", text, got, expected);
    }
}
END_TEST

/* Eight digits are read at a time; no other byte may pass for one of them. */
START_TEST(every_byte_between_digits_is_refused)
{
    double value;
    for (size_t place = 1; place < 15; place++)
        for (int byte = 0; byte < 256; byte++) {
            char text[] = "1234567890123456";
            const bool allowed = byte != 0 && strchr("0123456789.eE", byte) != NULL;
            text[place] = (char)byte;
            ck_assert_msg(number_from_bytes(text, strlen("1234567890123456"), '.', &value) ==
                              allowed,
                          "byte %d at %zu", byte, place);
        }
}
END_TEST

START_TEST(other_bytes_are_refused)
{
    double value;
    for (size_t i = 0; i < sizeof not_numbers / sizeof *not_numbers; i++) {
        const char *text = not_numbers[i];
        const bool too_large = strcmp(text, "1e999") == 0 || strcmp(text, "-1e999") == 0 ||
                               strcmp(text, "1.8e308") == 0;
        ck_assert_msg(number_from_bytes(text, strlen(text), '.', &value) == too_large, "%s", text);
    }
    ck_assert(!number_from_bytes("1.5", 3, ',', &value));
    ck_assert(number_from_bytes("1,5", 3, ',', &value) && value == 1.5);
    ck_assert(number_from_bytes("1,2345678901234567890123e2", 26, ',', &value));
    ck_assert(value == 123.45678901234567890123);
    ck_assert(!number_from_bytes("12", 0, '.', &value));
    char longest[300];
    memset(longest, '1', sizeof longest);
    ck_assert(number_from_bytes(longest, 255, '.', &value));
    ck_assert(!number_from_bytes(longest, 256, '.', &value));
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
    tcase_add_test(tests, bytes_are_read_exactly);
    tcase_add_test(tests, random_bytes_agree_with_the_c_library);
    tcase_add_test(tests, every_byte_between_digits_is_refused);
    tcase_add_test(tests, other_bytes_are_refused);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
