/* Values of options, see option_values.h. */
#include "train/option_values.h"

#include <float.h>

#include "base/number.h"
#include "base/words.h"

enum weft_status parse_whole(const char *name, const char *text, uint64_t least, uint64_t most,
                             uint64_t *value)
{
    uint64_t number = 0;
    const bool is_number = integer_from_text(text, &number);
    if (!is_number || number < least || number > most)
        return fail(WEFT_ERROR_USAGE, "%s: \"%.64s\" is %s: need a whole number of %llu to %llu",
                    name, text, is_number ? "out of range" : "not a whole number",
                    (unsigned long long)least, (unsigned long long)most);
    *value = number;
    return WEFT_OK;
}

enum weft_status parse_count(const char *name, const char *text, uint64_t most, size_t *value)
{
    uint64_t number = 0;
    TRY(parse_whole(name, text, 1, most, &number));
    *value = (size_t)number;
    return WEFT_OK;
}

/* A number that devices multiply with, so float32 must hold it. */
enum weft_status parse_factor(const char *name, const char *text, double *value)
{
    double number = 0;
    if (!number_from_text(text, &number))
        return fail(WEFT_ERROR_USAGE, "%s: \"%.64s\" is not a number: need a number of 0 or more",
                    name, text);
    if (number < 0 || number > (double)FLT_MAX)
        return fail(WEFT_ERROR_USAGE, "%s: \"%.64s\" is out of range: need a number of 0 to 3.4e38",
                    name, text);
    *value = number;
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

/* Of what a running mean keeps: below 1 as a float, too. */
static bool share_is_valid(double value)
{
    return value >= 0 && (float)value < 1.0f;
}

/* A number of 0 to below 1. */
enum weft_status parse_share(const char *name, const char *text, double *value)
{
    double number = 0;
    TRY(parse_factor(name, text, &number));
    if (!share_is_valid(number))
        return fail(WEFT_ERROR_USAGE,
                    "%s: \"%.64s\" is out of range: need a number of 0 to below 1", name, text);
    *value = number;
    return WEFT_OK;
}

/* A number of 0 to 1. */
enum weft_status parse_part(const char *name, const char *text, double *value)
{
    double number = 0;
    TRY(parse_factor(name, text, &number));
    if (number > 1.0)
        return fail(WEFT_ERROR_USAGE, "%s: \"%.64s\" is out of range: need a number of 0 to 1",
                    name, text);
    *value = number;
    return WEFT_OK;
}

/* ---- members filled by hand ---- */

enum weft_status check_factor(const char *name, double value)
{
    if (value >= 0 && value <= (double)FLT_MAX)
        return WEFT_OK;
    return fail(WEFT_ERROR_USAGE, "%s: got %g, need a number of 0 to 3.4e38", name, value);
}

enum weft_status check_share(const char *name, double value)
{
    if (share_is_valid(value))
        return WEFT_OK;
    return fail(WEFT_ERROR_USAGE, "%s: got %g, need a number of 0 to below 1", name, value);
}

enum weft_status check_part(const char *name, double value)
{
    if (value >= 0 && value <= 1)
        return WEFT_OK;
    return fail(WEFT_ERROR_USAGE, "%s: got %g, need a number of 0 to 1", name, value);
}
