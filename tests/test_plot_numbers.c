/* Tests the parts that charts are made of: ticks, labels, widths of text, colors, and the images
 * inside of SVG. */
#include <float.h>
#include <zlib.h>

#include "plot/png.h"
#include "plot/style.h"
#include "plot/text.h"
#include "plot/ticks.h"
#include "suite.h"

/* ---- ticks ---- */

static bool is_round(double value)
{
    const double exponent = floor(log10(fabs(value)) + 1e-9);
    const double digit = fabs(value) / pow(10.0, exponent);
    return fabs(digit - 1) < 1e-6 || fabs(digit - 2) < 1e-6 || fabs(digit - 5) < 1e-6;
}

START_TEST(rounded_ranges_have_4_to_7_ticks_at_1_2_5)
{
    unsigned seed = 1;
    for (int i = 0; i < 20000; i++) {
        struct ticks ticks;
        seed = seed * 1664525u + 1013904223u;
        const double size = pow(10.0, (double)(seed >> 24) / 16.0 - 8.0);
        double low = ((double)(seed >> 8 & 0xff) - 128.0) / 37.0 * size, high = low + size;
        const double least = low, most = high;
        ticks_round_range(&low, &high);
        ck_assert(low <= least + 1e-6 * size && high >= most - 1e-6 * size);
        ticks_find(&(struct axis_scale){low, high, false, 0, 1}, &ticks);
        ck_assert_msg(ticks.count >= 4 && ticks.count <= 8, "%g to %g: %zu ticks", low, high,
                      ticks.count);
        ck_assert(is_round(ticks.values[1] - ticks.values[0]));
        ck_assert_double_eq_tol(ticks.values[0], low, 1e-6 * size);
        ck_assert_double_eq_tol(ticks.values[ticks.count - 1], high, 1e-6 * size);
    }
}
END_TEST

static void check_ticks(struct axis_scale scale, bool whole, const char *expected)
{
    struct ticks ticks;
    char text[512] = "", label[LABEL_SIZE];
    if (whole)
        ticks_find_whole(&scale, &ticks);
    else
        ticks_find(&scale, &ticks);
    for (size_t i = 0; i < ticks.count; i++) {
        label_tick(&ticks, i, false, label);
        strcat(text, i > 0 ? " " : "");
        strcat(text, label);
    }
    ck_assert_str_eq(text, expected);
}

START_TEST(ticks_by_hand)
{
    check_ticks((struct axis_scale){0, 1, false, 0, 1}, false, "0.0 0.2 0.4 0.6 0.8 1.0");
    check_ticks((struct axis_scale){-0.3, 0.3, false, 0, 1}, false,
                "\u22120.3 \u22120.2 \u22120.1 0.0 0.1 0.2 0.3");
    check_ticks((struct axis_scale){1, 30, false, 0, 1}, true, "5 10 15 20 25 30");
    check_ticks((struct axis_scale){1, 3, false, 0, 1}, true, "1 2 3");
    check_ticks((struct axis_scale){1, 300, false, 0, 1}, true, "50 100 150 200 250 300");
    check_ticks((struct axis_scale){0.1, 10, true, 0, 1}, false, "0.1 0.2 0.5 1 2 5 10");
    check_ticks((struct axis_scale){1, 1e6, true, 0, 1}, false,
                "1 10 100 1000 10000 100000 1000000");
    check_ticks((struct axis_scale){2, 4, true, 0, 1}, false, "2.0 2.5 3.0 3.5 4.0");
    check_ticks((struct axis_scale){1e-8, 1e-4, true, 0, 1}, false,
                "10\u207b\u2078 10\u207b\u2077 10\u207b\u2076 10\u207b\u2075 10\u207b\u2074");
    check_ticks((struct axis_scale){1e5, 1e8, true, 0, 1}, false,
                "10\u2075 10\u2076 10\u2077 10\u2078");
    check_ticks((struct axis_scale){1, 1e8, true, 0, 1}, false, "1 100 10\u2074 10\u2076 10\u2078");
    check_ticks((struct axis_scale){-1e7, 1e7, false, 0, 1}, false,
                "\u221210\u2077 \u22125\u00d710\u2076 0 5\u00d710\u2076 10\u2077");
}
END_TEST

/* The fuzzer of logs found the first one. */
START_TEST(extreme_ranges_have_ticks)
{
    static const struct {
        double low, high;
        bool log;
    } cases[] = {{5e-324, 1e308, true},      {-DBL_MAX, DBL_MAX, false},
                 {1e300, 1e300, true},       {5e-324, 1e-323, false},
                 {1e15, 1e15 + 0.25, false}, {1.0, 1.0 + DBL_EPSILON, true},
                 {-1e-300, 1e-300, false},   {0.0, 5e-324, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double low = cases[i].low, high = cases[i].high;
        struct ticks ticks;
        char text[LABEL_SIZE];
        range_repair(&low, &high, cases[i].log);
        ticks_find(&(struct axis_scale){low, high, cases[i].log, 0, 1}, &ticks);
        ck_assert_uint_ge(ticks.count, 2);
        for (size_t t = 0; t < ticks.count; t++) {
            ck_assert_msg(ticks.values[t] >= low - 1e-6 * fabs(low) &&
                              ticks.values[t] <= high + 1e-6 * fabs(high),
                          "case %zu: tick %zu is %g", i, t, ticks.values[t]);
            ck_assert(t == 0 || ticks.values[t] > ticks.values[t - 1]);
            label_tick(&ticks, t, t % 2 == 1, text);
        }
    }
}
END_TEST

START_TEST(ranges_of_nothing_are_usable)
{
    const double same[] = {3.0, 3.0}, none[] = {(double)NAN, (double)INFINITY},
                 huge[] = {-DBL_MAX, DBL_MAX};
    const double *const cases[] = {same, none, huge};
    for (size_t i = 0; i < 6; i++) {
        double low = (double)INFINITY, high = -(double)INFINITY;
        range_add(&low, &high, cases[i / 2], 2, i % 2 == 1);
        range_repair(&low, &high, i % 2 == 1);
        ck_assert(isfinite(low) && isfinite(high) && low < high);
        ck_assert(i % 2 == 0 || low > 0.0);
    }
}
END_TEST

/* ---- labels ---- */

START_TEST(labels_by_hand)
{
    static const struct {
        double value;
        int digits;
        const char *expected;
    } cases[] = {{0.0, 3, "0"},
                 {1.0, 3, "1"},
                 {-2.5, 3,
                  "\xe2\x88\x92"
                  "2.5"},
                 {0.012345, 3, "0.0123"},
                 {999.6, 3, "1000"},
                 {1e7, 3, "10\xe2\x81\xb7"},
                 {2.345e-9, 3,
                  "2.35\xc3\x97"
                  "10\xe2\x81\xbb\xe2\x81\xb9"},
                 {9.999e9, 3, "10\xc2\xb9\xe2\x81\xb0"},
                 {5e-324, 3,
                  "4.94\xc3\x97"
                  "10\xe2\x81\xbb\xc2\xb3\xc2\xb2\xe2\x81\xb4"},
                 {(double)NAN, 3, "\xe2\x80\x93"},
                 {(double)INFINITY, 3, "\xe2\x88\x9e"}};
    char text[LABEL_SIZE];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        label_number(cases[i].value, cases[i].digits, text);
        ck_assert_str_eq(text, cases[i].expected);
    }
    label_count(1234567, text);
    ck_assert_str_eq(text, "1\xe2\x80\x89"
                           "234\xe2\x80\x89"
                           "567");
    label_count(9999, text);
    ck_assert_str_eq(text, "9999");
    label_percent(0.90649, 1, text);
    ck_assert_str_eq(text, "90.6\xc2\xa0%");
    label_percent(1e-9, 0, text);
    ck_assert_str_eq(text, "0\xc2\xa0%");
    label_percent(1e-30, 28, text); /* found by the fuzzer of logs */
    ck_assert_str_eq(text, "10\xe2\x81\xbb\xc2\xb2\xe2\x81\xb8\xc2\xa0%");
}
END_TEST

START_TEST(coordinates_by_hand)
{
    static const struct {
        double value;
        const char *expected;
    } cases[] = {{0.0, "0"},         {-0.001, "0"},  {12.345, "12.35"},
                 {12.3, "12.3"},     {-0.5, "-0.5"}, {1e300, "10000000"},
                 {(double)NAN, "0"}, {100.0, "100"}, {0.999, "1"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer buffer = {0};
        buffer_number(&buffer, cases[i].value);
        buffer_add(&buffer, "", 1);
        ck_ok(buffer.status);
        ck_assert_str_eq((const char *)buffer.data, cases[i].expected);
        buffer_reset(&buffer);
    }
}
END_TEST

/* ---- text ---- */

/* Capitals stand for Hebrew letters from alef on, as in the standard: "abc DEF" is drawn "abc FED".
 */
static void to_hebrew(const char *text, char *hebrew)
{
    for (; *text != '\0'; text++) {
        if (*text >= 'A' && *text <= 'Z') {
            *hebrew++ = '\xd7';
            *hebrew++ = (char)(0x90 + *text - 'A');
        } else {
            *hebrew++ = *text;
        }
    }
    *hebrew = '\0';
}

START_TEST(right_to_left_words_are_turned)
{
    static const struct {
        const char *text, *drawn;
    } cases[] = {{"", ""},
                 {"abc 12.", "abc 12."},
                 {"ABC", "CBA"},
                 {"ABC DEF", "FED CBA"},
                 {"abc DEF ghi", "abc FED ghi"},
                 {"abc DEF GHI, jkl", "abc IHG FED, jkl"},
                 {"ABC 123", "123 CBA"},
                 {"ABC 12 DEF x", "FED 12 CBA x"},
                 {"A(B)C.", "C(B)A."},
                 {"1 A", "1 A"},
                 {"(ABC)", "(CBA)"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[64], drawn[64];
        struct buffer buffer = {0};
        to_hebrew(cases[i].text, text);
        to_hebrew(cases[i].drawn, drawn);
        text_add_drawn(&buffer, text);
        buffer_add(&buffer, "", 1);
        ck_assert_str_eq((const char *)buffer.data, drawn);
        buffer_reset(&buffer);
    }
}
END_TEST

/* A point stays after its letter, and an accent after its Latin letter. */
START_TEST(marks_stay_with_their_letters)
{
    struct buffer buffer = {0};
    text_add_drawn(&buffer, "e\xcc\x81 \xd7\x90\xd6\xb8\xd7\x91");
    buffer_add(&buffer, "", 1);
    ck_assert_str_eq((const char *)buffer.data, "e\xcc\x81 \xd7\x91\xd7\x90\xd6\xb8");
    buffer_reset(&buffer);
}
END_TEST

START_TEST(invalid_text_is_replaced)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {{"plain", "plain"},
                 {"tab\tand\nline", "tab and line"},
                 {"\x01\x1f\x7f", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
                 {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
                 {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},                 /* overlong */
                 {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, /* a surrogate */
                 {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
                 {"\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd"}, /* cut off */
                 {"\xef\xbf\xbf", "\xef\xbf\xbd"},         /* U+FFFF is no character of XML */
                 {"\xc2\x85", "\xef\xbf\xbd"}};            /* C1 */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer buffer = {0};
        text_add_valid(&buffer, cases[i].text);
        buffer_add(&buffer, "", 1);
        ck_assert_str_eq((const char *)buffer.data, cases[i].expected);
        buffer_reset(&buffer);
    }
}
END_TEST

START_TEST(widths_add_up)
{
    /* DejaVu Sans: A is 1401 of 2048 units wide, i is 569. */
    ck_assert_double_eq_tol(text_width("A", 1000.0, false), 1401.0 / 2.048, 0.5);
    ck_assert_double_eq_tol(text_width("iii", 1000.0, false), 3 * 569.0 / 2.048, 1.5);
    ck_assert(text_width("A", 10.0, true) > text_width("A", 10.0, false));
    ck_assert_double_eq(text_width("", 10.0, false), 0.0);
    ck_assert_double_eq(text_width("e\xcc\x81", 10.0, false), text_width("e", 10.0, false));
    ck_assert_double_eq(text_width("\xe6\x97\xa5", 10.0, false), 10.0);
}
END_TEST

START_TEST(long_texts_end_with_an_ellipsis)
{
    struct buffer fitted = {0};
    text_fit("abcdefghijklmnop", 10.0, false, 60.0, &fitted);
    const char *text = (const char *)fitted.data;
    ck_assert(text_width(text, 10.0, false) <= 60.0);
    ck_assert(text_width(text, 10.0, false) > 50.0);
    ck_assert_ptr_nonnull(strstr(text, "\xe2\x80\xa6"));
    buffer_reset(&fitted);
    text_fit("abc", 10.0, false, 60.0, &fitted);
    ck_assert_str_eq((const char *)fitted.data, "abc");
    buffer_reset(&fitted);
}
END_TEST

/* ---- colors ---- */

static double channel(unsigned byte)
{
    const double c = byte / 255.0;
    return c <= 0.03928 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

/* Relative luminance and contrast as WCAG 2.1 defines them. */
static double luminance(unsigned color)
{
    return 0.2126 * channel(color >> 16) + 0.7152 * channel(color >> 8 & 0xff) +
           0.0722 * channel(color & 0xff);
}

static double contrast(unsigned a, unsigned b)
{
    const double one = luminance(a) + 0.05, two = luminance(b) + 0.05;
    return one > two ? one / two : two / one;
}

START_TEST(text_has_enough_contrast)
{
    for (int dark = 0; dark < 2; dark++) {
        const unsigned paper = style_color(INK_PAPER, dark == 1);
        const enum ink_role texts[] = {INK_TEXT, INK_MUTED, INK_RIGHT, INK_WRONG};
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
            ck_assert(contrast(style_color(texts[i], dark == 1), paper) >= 4.5);
        for (size_t i = 0; i < STYLE_CATEGORIES; i++)
            ck_assert(contrast(style_color(ink_name(i), dark == 1), paper) >= 4.5);
    }
}
END_TEST

START_TEST(categories_are_those_of_okabe_and_ito)
{
    const unsigned expected[] = {0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7, 0xe69f00, 0x56b4e9};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        ck_assert_uint_eq(style_color(ink_category(i), false), expected[i]);
    ck_assert_uint_eq(style_viridis(0.0), 0x440154);
    ck_assert_uint_eq(style_viridis(1.0), 0xfde725);
    ck_assert_uint_eq(style_viridis((double)NAN), 0x440154);
    ck_assert_uint_eq(style_difference(0.0), 0xf7f7f7);
}
END_TEST

/* ---- images ---- */

static size_t decode_base64(const char *text, unsigned char *bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t count = 0;
    for (; text[0] != '\0'; text += 4) {
        unsigned bits = 0, pads = 0;
        for (size_t i = 0; i < 4; i++) {
            pads += text[i] == '=';
            bits = bits << 6 | (text[i] == '=' ? 0u : (unsigned)(strchr(digits, text[i]) - digits));
        }
        for (unsigned i = 0; i < 3 - pads; i++)
            bytes[count++] = (unsigned char)(bits >> (16 - 8 * i));
    }
    return count;
}

static size_t number_at(const unsigned char *bytes)
{
    return (size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3];
}

/* Checks the chunks of a PNG with zlib, and compares its pixels. */
static void check_png(const unsigned char *pixels, size_t rows, size_t columns, size_t bytes)
{
    struct buffer file = {0};
    png_add_address(&file, pixels, rows, columns);
    buffer_add(&file, "", 1);
    ck_ok(file.status);
    const char *prefix = "data:image/png;base64,", *text = (const char *)file.data;
    ck_assert_int_eq(strncmp(text, prefix, strlen(prefix)), 0);
    unsigned char *png = malloc(file.used);
    const size_t size = decode_base64(text + strlen(prefix), png);
    ck_assert_mem_eq(png, "\x89PNG\r\n\x1a\n", 8);
    const unsigned char *data = NULL;
    size_t data_size = 0;
    for (size_t at = 8; at < size;) {
        const size_t length = number_at(png + at);
        ck_assert_uint_le(at + 12 + length, size);
        ck_assert_uint_eq(number_at(png + at + 8 + length),
                          crc32(0, png + at + 4, (uInt)(length + 4)));
        if (memcmp(png + at + 4, "IDAT", 4) == 0) {
            data = png + at + 8;
            data_size = length;
        }
        at += 12 + length;
    }
    ck_assert_uint_eq(number_at(png + 16), columns);
    ck_assert_uint_eq(number_at(png + 20), rows);
    uLongf raw_size = (uLongf)(rows * (columns * bytes + 1));
    unsigned char *raw = malloc(raw_size);
    ck_assert_int_eq(uncompress(raw, &raw_size, data, (uLong)data_size), Z_OK);
    ck_assert_uint_eq(raw_size, rows * (columns * bytes + 1));
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++)
            ck_assert_mem_eq(raw + r * (columns * bytes + 1) + 1 + c * bytes,
                             pixels + (r * columns + c) * 4, bytes);
    free(raw);
    free(png);
    buffer_reset(&file);
}

START_TEST(images_are_what_zlib_reads)
{
    enum { SIDE = 90 };
    static unsigned char pixels[SIDE * SIDE * 4];
    const size_t sides[] = {1, 2, 7, 28, SIDE};
    unsigned seed = 5;
    for (size_t bytes = 1; bytes <= 4; bytes += bytes == 1 ? 2 : 1)
        for (size_t noise = 0; noise < 4; noise++)
            for (size_t s = 0; s < sizeof sides / sizeof *sides; s++) {
                const size_t count = sides[s] * sides[s];
                for (size_t i = 0; i < count; i++) {
                    seed = seed * 1664525u + 1013904223u;
                    /* Even ground, long and short runs, repeated rows, and noise. */
                    const unsigned value = noise == 0   ? 0
                                           : noise == 1 ? (unsigned)(i / 300) * 40
                                           : noise == 2 ? (unsigned)(i % sides[s]) * 37
                                                        : seed >> 24;
                    for (size_t c = 0; c < 4; c++)
                        pixels[4 * i + c] =
                            (unsigned char)(c == 3 ? bytes == 4 ? 255 - i % 3 : 255
                                                   : value + (bytes > 1 ? 13 * c : 0));
                }
                check_png(pixels, sides[s], sides[s], count == 1 && bytes == 4 ? 3 : bytes);
            }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("plot_numbers");
    TCase *tests = tcase_create("numbers");
    tcase_add_test(tests, rounded_ranges_have_4_to_7_ticks_at_1_2_5);
    tcase_add_test(tests, ticks_by_hand);
    tcase_add_test(tests, extreme_ranges_have_ticks);
    tcase_add_test(tests, ranges_of_nothing_are_usable);
    tcase_add_test(tests, labels_by_hand);
    tcase_add_test(tests, coordinates_by_hand);
    tcase_add_test(tests, invalid_text_is_replaced);
    tcase_add_test(tests, right_to_left_words_are_turned);
    tcase_add_test(tests, marks_stay_with_their_letters);
    tcase_add_test(tests, widths_add_up);
    tcase_add_test(tests, long_texts_end_with_an_ellipsis);
    tcase_add_test(tests, text_has_enough_contrast);
    tcase_add_test(tests, categories_are_those_of_okabe_and_ito);
    tcase_add_test(tests, images_are_what_zlib_reads);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
