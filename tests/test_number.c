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

/* Reads a text without the byte that follows it, and once more where a delimiter ends it. */
static double from_bytes(const char *text)
{
    char bytes[400];
    double value = -12345, taken = -12345;
    const size_t length = strlen(text);
    snprintf(bytes, sizeof bytes, "%s7", text);
    ck_assert_msg(number_from_bytes(bytes, length, '.', &value), "%s: refused", text);
    snprintf(bytes, sizeof bytes, "%s,23456789", text);
    ck_assert_msg(number_take(bytes, bytes + strlen(bytes), '.', &taken) == bytes + length,
                  "%s: not taken", text);
    ck_assert_msg(taken == value && signbit(taken) == signbit(value), "%s: took %a", text, taken);
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
        const int exponent = (int)(next_random(&state) % 80) - 45;
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

/* The middle between two doubles below 1000, with all its digits, with the last one less or more,
 * and cut to the digits that fit into 64 bits. Scaled by powers of ten, the texts stay near middles
 * only by chance, but their products have every length. */
START_TEST(middles_are_rounded_as_the_c_library_rounds_them)
{
    uint64_t state = 3;
    for (int i = 0; i < 100000; i++) {
        char text[128], shown[160];
        const double low = ldexp((double)(next_random(&state) | UINT64_C(1) << 52), -(i % 64) - 10);
        const long double middle =
            ((long double)low + (long double)nextafter(low, 2.0 * low)) / 2.0L;
        snprintf(text, sizeof text, "%.*Le", 15 + i % 6, middle);
        const char last = text[16];
        text[16] = (char)(i % 3 == 0 && last > '0'   ? last - 1
                          : i % 3 == 1 && last < '9' ? last + 1
                                                     : last);
        const double expected = strtod(text, NULL), got = from_bytes(text);
        ck_assert_msg(got == expected, "%s: got %a, expected %a", text, got, expected);
        *strchr(text, 'e') = '\0';
        snprintf(shown, sizeof shown, "%se%d", text, -(i % 48));
        ck_assert_msg(from_bytes(shown) == strtod(shown, NULL), "%s", shown);
    }
}
END_TEST

/* Of all numbers of 16 to 19 digits, these are among the nearest to a middle between two doubles,
 * on both sides of it: from continued fractions of 2^i / 10^e, or by solving digits * 2^i = 1 or -1
 * modulo 5^e. */
START_TEST(the_hardest_numbers_agree_with_the_c_library)
{
    static const char *const hardest[] = {
        "45035996273704964e-1",    "45035996273704966e-1",    "225179981368524824e-2",
        "225179981368524826e-2",   "1125899906842624124e-3",  "1125899906842624126e-3",
        "5629499534213120624e-4",  "5629499534213120626e-4",  "7036874417766400781e-5",
        "7036874417766402344e-5",  "8796093022208008789e-6",  "8796093022208006836e-6",
        "5497558138880022583e-7",  "5497558138880055542e-7",  "6871947673600025177e-8",
        "6871947673600365448e-8",  "8589934592001080513e-9",  "8589934592000872612e-9",
        "5368709120004773736e-10", "5368709120004991889e-10", "6710886400010959059e-11",
        "6710886400037869066e-11", "8388608000014946796e-12", "8388608000229193829e-12",
        "5242880000123938662e-13", "5242880001096764463e-13", "6553600003082742478e-14",
        "6553600003020773147e-14", "8192000003822443432e-15", "8192000026695134693e-15",
        "5120000122548117929e-16", "5120000030039772696e-16", "6400000450253728701e-17",
        "6400000312685724424e-17", "8000003736525834519e-18", "8000000078171431106e-18",
        "5000000943902887518e-19", "5000018129583440607e-19", "6250028846205214067e-20",
        "6250066521226426558e-20", "7812721788272494923e-21", "7812755048885708202e-21",
        "9767707004990487012e-22", "9765927180800528613e-22", "1951348294374041e-23",
        "1082093741603960e-23",    "9756741471870205e-24",    "2492395165176021e-24",
        "49635064114686541e-25",   "12461975825880105e-25",   "173829143995819833e-26",
        "1980439846049060e-26",    "869145719979099165e-27",  "1142457831393125959e-27",
        "56368559591253345e-28",   "3021168083759621e-29",    "731118151584080399e-29",
        "2948391542860828303e-30", "9552373843642058601e-30", "79461601703952979e-31",
        "24334550515235111e-31",   "7105779151504730623e-32", "3994889085164598869e-32",
        "5497935665131539e-33",    "95290783281036445e-33",   "117282525941562601e-34",
        "476453916405182225e-34",  "6076136498343137e-35",    "1000563376822748019e-36",
        "1908932918519748e-36",    "5281324811830456223e-37", "2386166148149685e-37",
        "1772410935336714e-38",    "1455047064264332e-38",    "6642997035308520329e-39",
        "835814237376782153e-39",  "615981462106152391e-40",  "4179071186883910765e-40",
    };
    for (size_t i = 0; i < sizeof hardest / sizeof *hardest; i++) {
        const double expected = strtod(hardest[i], NULL), got = from_bytes(hardest[i]);
        ck_assert_msg(got == expected, "%s: got %a, expected %a", hardest[i], got, expected);
    }
}
END_TEST

START_TEST(a_number_ends_at_the_first_byte_that_does_not_continue_it)
{
    static const struct {
        const char *text;
        size_t taken; /* 0: no number begins here */
        double value;
    } cases[] = {{"12;", 2, 12},
                 {"1.5.5", 3, 1.5},
                 {"1.;5", 2, 1},
                 {"-7-8", 2, -7},
                 {"12345678x", 8, 12345678},
                 {"1e5e5", 3, 1e5},
                 {"1e;", 1, 1},
                 {"1e+x", 1, 1},
                 {"3\n", 1, 3},
                 {"-.5,", 3, -.5},
                 {"", 0, 0},
                 {"-", 0, 0},
                 {"+12;", 3, 12},
                 {".", 0, 0},
                 {"+-1", 0, 0},
                 {"x1", 0, 0},
                 {" 1", 0, 0},
                 {"0,12345678", 1, 0},
                 {"5e-1 2", 4, .5},
                 {"1.25e1,", 6, 12.5}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *text = cases[i].text;
        double value = 0;
        const char *behind = number_take(text, text + strlen(text), '.', &value);
        ck_assert_msg(behind == (cases[i].taken > 0 ? text + cases[i].taken : NULL), "%s", text);
        ck_assert_msg(behind == NULL || value == cases[i].value, "%s: got %a", text, value);
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
    tcase_add_test(tests, middles_are_rounded_as_the_c_library_rounds_them);
    tcase_add_test(tests, the_hardest_numbers_agree_with_the_c_library);
    tcase_add_test(tests, a_number_ends_at_the_first_byte_that_does_not_continue_it);
    tcase_add_test(tests, every_byte_between_digits_is_refused);
    tcase_add_test(tests, other_bytes_are_refused);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
