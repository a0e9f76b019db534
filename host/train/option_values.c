/* Values of options, see option_values.h. */
#include "train/option_values.h"

#include <float.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/words.h"

/* `or_else` is what the message names besides: "", or ", or auto". */
static enum weft_status parse_whole_or(const char *name, const char *text, uint64_t least,
                                       uint64_t most, const char *or_else, uint64_t *value)
{
    uint64_t number = 0;
    const bool is_number = integer_from_text(text, &number);
    if (!is_number || number < least || number > most)
        return fail(WEFT_ERROR_USAGE, "%s: \"%.64s\" is %s: need a whole number of %llu to %llu%s",
                    name, text, is_number ? "out of range" : "not a whole number",
                    (unsigned long long)least, (unsigned long long)most, or_else);
    *value = number;
    return WEFT_OK;
}

enum weft_status parse_whole(const char *name, const char *text, uint64_t least, uint64_t most,
                             uint64_t *value)
{
    return parse_whole_or(name, text, least, most, "", value);
}

enum weft_status parse_count(const char *name, const char *text, uint64_t most, size_t *value)
{
    uint64_t number = 0;
    TRY(parse_whole(name, text, 1, most, &number));
    *value = (size_t)number;
    return WEFT_OK;
}

enum weft_status parse_count_or_auto(const char *name, const char *text, uint64_t most,
                                     size_t *value)
{
    uint64_t number = 0;
    if (strcmp(text, "auto") != 0)
        TRY(parse_whole_or(name, text, 1, most, ", or auto", &number));
    *value = (size_t)number;
    return WEFT_OK;
}

enum weft_status parse_word(const char *name, const char *text, const char *const *words,
                            size_t count, size_t *position)
{
    const size_t found = words_find(text, words, count);
    if (found == count)
        return words_fail(WEFT_ERROR_USAGE, name, text, words, count);
    *position = found;
    return WEFT_OK;
}

enum weft_status parse_truth(const char *name, const char *text, bool *value)
{
    static const char *const words[] = {"no", "yes"};
    size_t position = 0;
    TRY(parse_word(name, text, words, 2, &position));
    *value = position == 1;
    return WEFT_OK;
}

/* ---- numbers ---- */

/* In the order of enum number_range. A share's largest is the largest float below 1; what is above
 * 0 is no denormal, which devices may read as 0. */
static const struct range {
    double least, most;
    const char *need;
} ranges[] = {{0.0, (double)FLT_MAX, "a number of 0 or more"},
              {(double)FLT_MIN, (double)FLT_MAX, "a number of 1.2e-38 or more"},
              {0.0, 0x1.fffffep-1, "a number of 0 to below 1"},
              {(double)FLT_MIN, 0x1.fffffep-1, "a number above 0 and below 1"},
              {0.0, 1.0, "a number of 0 to 1"},
              {(double)FLT_MIN, 1.0, "a number above 0, 1 at most"}};

/* Where the range has no end but float32's, that end is told to who went beyond it alone. */
static const char *need_of(const struct range *range, double value)
{
    return value > (double)FLT_MAX && range->most == (double)FLT_MAX ? "a number of 3.4e38 at most"
                                                                     : range->need;
}

static bool holds(const struct range *range, double value)
{
    return value >= range->least && value <= range->most;
}

enum weft_status parse_number(const char *name, const char *text, enum number_range range,
                              double *value)
{
    double number = 0;
    if (!number_from_text(text, &number))
        return fail(WEFT_ERROR_USAGE, "%s: \"%.64s\" is not a number: need %s", name, text,
                    ranges[range].need);
    if (!holds(&ranges[range], number))
        return fail(WEFT_ERROR_USAGE, "%s: \"%.64s\" is out of range: need %s", name, text,
                    need_of(&ranges[range], number));
    *value = number;
    return WEFT_OK;
}

enum weft_status parse_numbers(const char *name, const char *text, enum number_range range,
                               size_t most, double *values, size_t *count)
{
    const char *part = text;
    for (*count = 0;; part++) { /* over a comma */
        char word[300];         /* a longer one is no number, and its beginning neither */
        const size_t length = strcspn(part, ",");
        if (*count == most)
            return fail(WEFT_ERROR_USAGE, "%s: more than %zu numbers", name, most);
        if (length == 0)
            return fail(WEFT_ERROR_USAGE,
                        "%s: \"%.64s\": number %zu is missing: need %s, or several with commas "
                        "between them",
                        name, text, *count + 1, ranges[range].need);
        snprintf(word, sizeof word, "%.*s", (int)size_min(length, sizeof word), part);
        TRY(parse_number(name, word, range, &values[(*count)++]));
        part += length;
        if (*part == '\0')
            return WEFT_OK;
    }
}

enum weft_status check_number(const char *name, double value, enum number_range range)
{
    if (holds(&ranges[range], value))
        return WEFT_OK;
    return fail(WEFT_ERROR_USAGE, "%s: got %g, need %s", name, value,
                need_of(&ranges[range], value));
}
