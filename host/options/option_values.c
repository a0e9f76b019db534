/* Reads and checks values of options; see option_values.h. */
#include "options/option_values.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/words.h"

/* The word that may replace a number: "", or ", or auto". */
struct alternative {
    char text[32];
};

static struct alternative alternative(const struct value_rule *rule)
{
    struct alternative made = {""};
    const char *word = rule->zero != NULL ? rule->zero : rule->minus;
    if (word != NULL)
        snprintf(made.text, sizeof made.text, ", or %s", word);
    return made;
}

/* ---- numbers ---- */

/* The ranges in the order of enum number_range. The largest share is the largest float32 below
 * 1. */
static const struct range {
    double least, most;
    const char *need;
} ranges[] = {{0.0, (double)FLT_MAX, "at least 0"},
              {(double)FLT_MIN, (double)FLT_MAX, "above 0"},
              {0.0, 0x1.fffffep-1, "at least 0 and below 1"},
              {(double)FLT_MIN, 0x1.fffffep-1, "above 0 and below 1"},
              {0.0, 1.0, "at least 0 and at most 1"},
              {(double)FLT_MIN, 1.0, "above 0 and at most 1"}};

static enum weft_status fail_range(const struct value_rule *rule, const char *text, double value)
{
    const struct range *range = &ranges[rule->range];
    if (fabs(value) > (double)FLT_MAX && range->most == (double)FLT_MAX && value > 0.0)
        return fail_option(rule->option, text, "the %s must be at most 3.4e38", rule->noun);
    if (value > 0.0 && value < (double)FLT_MIN)
        return fail_option(rule->option, text,
                           "the %s is too small: above 0, need at least 1.2e-38", rule->noun);
    return fail_option(rule->option, text, "the %s must be %s%s", rule->noun, range->need,
                       alternative(rule).text);
}

static bool holds(const struct value_rule *rule, double value)
{
    const struct range *range = &ranges[rule->range];
    const bool denormal = value != 0.0 && fabs(value) < (double)FLT_MIN;
    return value >= range->least && value <= range->most && !denormal;
}

enum weft_status value_read_number(const struct value_rule *rule, const char *text, double *value)
{
    double number = 0.0;
    if (rule->zero != NULL && strcmp(text, rule->zero) == 0) {
        *value = 0.0;
        return WEFT_OK;
    }
    if (rule->minus != NULL && strcmp(text, rule->minus) == 0) {
        *value = -1.0;
        return WEFT_OK;
    }
    if (!number_from_text(text, &number)) {
        if (number_is_decimal(text))
            return fail_range(rule, text, text[0] == '-' ? -HUGE_VAL : HUGE_VAL);
        return fail_option(rule->option, text, "not a number; the %s must be %s%s", rule->noun,
                           ranges[rule->range].need, alternative(rule).text);
    }
    if (!holds(rule, number))
        return fail_range(rule, text, number);
    *value = number;
    return WEFT_OK;
}

enum weft_status value_check_number(const struct value_rule *rule, double value)
{
    char text[NUMBER_TEXT_SIZE];
    if (holds(rule, value) || (rule->zero != NULL && value == 0.0) ||
        (rule->minus != NULL && value == -1.0))
        return WEFT_OK;
    number_to_text(value, text);
    return fail_range(rule, text, value);
}

/* ---- whole numbers ---- */

static enum weft_status fail_whole(const struct value_rule *rule, const char *text,
                                   const char *what)
{
    return fail_option(rule->option, text, "%sthe %s must be between %" PRIu64 " and %" PRIu64 "%s",
                       what, rule->noun, rule->least, rule->most, alternative(rule).text);
}

enum weft_status value_read_whole(const struct value_rule *rule, const char *text, uint64_t *value)
{
    uint64_t number = 0;
    if (rule->zero != NULL && strcmp(text, rule->zero) == 0) {
        *value = 0;
        return WEFT_OK;
    }
    const char *digits = text + (text[0] == '-');
    if (digits[0] == '\0' || digits[strspn(digits, "0123456789")] != '\0')
        return fail_whole(rule, text, "not a whole number; ");
    if (!integer_from_text(text, &number) || number < rule->least || number > rule->most)
        return fail_whole(rule, text, "");
    *value = number;
    return WEFT_OK;
}

enum weft_status value_check_whole(const struct value_rule *rule, uint64_t value)
{
    char text[NUMBER_TEXT_SIZE];
    if ((value >= rule->least && value <= rule->most) || (rule->zero != NULL && value == 0))
        return WEFT_OK;
    snprintf(text, sizeof text, "%" PRIu64, value);
    return fail_whole(rule, text, "");
}

/* ---- words ---- */

enum weft_status value_read_word(const struct value_rule *rule, const char *text,
                                 const char *const *words, size_t count, unsigned *position)
{
    char hint[WORDS_HINT_SIZE];
    const size_t found = words_find(text, words, count);
    if (found == count)
        return fail_option(rule->option, text, "unknown %s; %s", rule->noun,
                           words_hint(text, words, count, hint));
    *position = (unsigned)found;
    return WEFT_OK;
}

enum weft_status value_check_word(const struct value_rule *rule, unsigned value,
                                  const char *const *words, size_t count)
{
    char text[NUMBER_TEXT_SIZE], known[WORDS_HINT_SIZE];
    if (value < count)
        return WEFT_OK;
    snprintf(text, sizeof text, "%u", value);
    words_join(words, count, known, sizeof known);
    return fail_option(rule->option, text, "unknown %s; known: %s", rule->noun, known);
}

/* ---- lists ---- */

enum weft_status value_read_list(const struct value_rule *rule, const char *text, size_t most,
                                 value_read_item *read, void *values, size_t *count)
{
    const char *item = text;
    for (size_t place = 0;; item++, place++) { /* steps over a comma */
        char word[300];                        /* a longer word is invalid anyway */
        const size_t length = strcspn(item, ",");
        if (place == most)
            return fail_option(rule->option, NULL, "need at most %zu values", most);
        if (length == 0)
            return fail_option(rule->option, text, "value %zu is missing", place + 1);
        snprintf(word, sizeof word, "%.*s", (int)size_min(length, sizeof word), item);
        TRY(read(rule, word, place, values));
        item += length;
        if (*item == '\0') {
            *count = place + 1;
            return WEFT_OK;
        }
    }
}
