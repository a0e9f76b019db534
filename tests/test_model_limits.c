/* Tests which class names fit into a model file. A name counts as UTF-8 here exactly if jansson
 * accepts it, because jansson writes and reads the file. */
#include <jansson.h>
#include <stdio.h>

#include "suite.h"

#include "base/random.h"
#include "network/model_limits.h"

/* Checks a data set of one class. */
static enum weft_status check_name(const char *text)
{
    char set[] = "data", name[16], *names[] = {name};
    const struct weft_dataset dataset = {.name = set, .classes = 1, .class_names = names};
    snprintf(name, sizeof name, "%s", text);
    return model_limits_check(&dataset);
}

static void assert_as_jansson(const char *text)
{
    json_t *json = json_string(text);
    const enum weft_status expected = json != NULL ? WEFT_OK : WEFT_ERROR_DATA;
    char bytes[64] = "";
    json_decref(json);
    if (check_name(text) == expected)
        return;
    for (size_t i = 0; text[i] != '\0' && i < 16; i++)
        snprintf(bytes + 3 * i, sizeof bytes - 3 * i, "%02x ", (unsigned)(unsigned char)text[i]);
    ck_abort_msg("bytes %s: expected status %d", bytes, (int)expected);
}

START_TEST(every_text_of_two_bytes)
{
    for (unsigned first = 1; first < 256; first++)
        for (unsigned second = 0; second < 256; second++)
            assert_as_jansson((const char[]){(char)first, (char)second, '\0'});
}
END_TEST

/* Bytes 128 to 255, so that most starts of characters are followed by a continuation. */
START_TEST(many_texts_of_up_to_five_bytes)
{
    const struct random_stream stream = {7, RANDOM_CHECK, 0};
    size_t valid = 0;
    for (uint32_t n = 0; n < 300000; n++) {
        char text[6] = "";
        const uint32_t bits = random_bits(stream, 2 * n), more = random_bits(stream, 2 * n + 1);
        text[0] = (char)(0xc0 | (bits & 0x3f));
        for (size_t i = 1; i < 2 + more % 4; i++)
            text[i] = (char)(0x80 | (bits >> (6 * i) & 0x3f));
        assert_as_jansson(text);
        valid += check_name(text) == WEFT_OK;
    }
    ck_assert_uint_gt(valid, 10000);
}
END_TEST

/* RFC 3629: the ends of each length, the surrogates, what is longer than it need be. */
START_TEST(the_ends)
{
    static const char *const good[] = {"",
                                       "\x7f",
                                       "\xc2\x80",
                                       "\xdf\xbf",
                                       "\xe0\xa0\x80",
                                       "\xed\x9f\xbf",
                                       "\xee\x80\x80",
                                       "\xef\xbf\xbf",
                                       "\xf0\x90\x80\x80",
                                       "\xf4\x8f\xbf\xbf"};
    static const char *const bad[] = {
        "\x80",         "\xc0\xaf",         "\xc1\xbf",         "\xe0\x9f\xbf",     "\xed\xa0\x80",
        "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",
        "a\xe2\x82"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        ck_ok(check_name(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_fails(check_name(bad[i]), WEFT_ERROR_DATA, "data: the name of class 0 is not UTF-8");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("model_limits");
    TCase *tests = tcase_create("utf8");
    tcase_add_test(tests, every_text_of_two_bytes);
    tcase_add_test(tests, many_texts_of_up_to_five_bytes);
    tcase_add_test(tests, the_ends);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
