/* Converts numbers to and from text independently of the locale. strtod and snprintf do the correct
 * rounding, but they only see digits and exponents. For example, strtod gets "125e2" for "12.5e3",
 * which also works in locales that use a decimal comma. */
#include "base/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_NUMBER = 255, LARGEST_EXPONENT = 99999 };

/* The components of a decimal number: its digits without the point, and a power of ten. */
struct decimal {
    char digits[LONGEST_NUMBER + 2]; /* sign, digits, end */
    size_t length;
    long exponent;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void append(struct decimal *decimal, char c)
{
    decimal->digits[decimal->length++] = c;
    decimal->digits[decimal->length] = '\0';
}

/* Consumes the digits at `*text` and returns their number. */
static long take_digits(const char **text, struct decimal *decimal)
{
    long count = 0;
    for (; is_digit(**text); ++*text, ++count)
        append(decimal, **text);
    return count;
}

/* Consumes an exponent such as "e-12" at `*text`. Returns true if there is none, and false if it
 * has no digits. An exponent too large for a double stays too large. */
static bool take_exponent(const char **text, struct decimal *decimal)
{
    if (**text != 'e' && **text != 'E')
        return true;
    ++*text;
    const bool negative = **text == '-';
    if (**text == '-' || **text == '+')
        ++*text;
    if (!is_digit(**text))
        return false;
    long exponent = 0;
    for (; is_digit(**text); ++*text) {
        if (exponent <= LARGEST_EXPONENT)
            exponent = exponent * 10 + (**text - '0');
    }
    decimal->exponent += negative ? -exponent : exponent;
    return true;
}

static bool take_decimal(const char *text, struct decimal *decimal)
{
    if (*text == '-' || *text == '+')
        append(decimal, *text++);
    long count = take_digits(&text, decimal);
    if (*text == '.') {
        ++text;
        const long fraction = take_digits(&text, decimal);
        decimal->exponent = -fraction;
        count += fraction;
    }
    return count > 0 && take_exponent(&text, decimal) && *text == '\0';
}

bool number_is_decimal(const char *text)
{
    struct decimal decimal = {.length = 0};
    return strlen(text) <= LONGEST_NUMBER && take_decimal(text, &decimal);
}

bool number_from_text(const char *text, double *value)
{
    struct decimal decimal = {.length = 0};
    if (strlen(text) > LONGEST_NUMBER || !take_decimal(text, &decimal))
        return false;
    char pointless[LONGEST_NUMBER + 32];
    snprintf(pointless, sizeof pointless, "%se%ld", decimal.digits, decimal.exponent);
    const double number = strtod(pointless, NULL);
    if (!isfinite(number))
        return false;
    *value = number;
    return true;
}

bool integer_from_text(const char *text, uint64_t *value)
{
    uint64_t number = 0;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (!is_digit(*text))
            return false;
        const unsigned digit = (unsigned)(*text - '0');
        if (number > (UINT64_MAX - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *value = number;
    return true;
}

/* Replaces the decimal separator of the locale with a point. */
static void set_point(char *text)
{
    char *point = text + (*text == '-');
    while (is_digit(*point))
        ++point;
    if (*point == '\0' || *point == 'e')
        return;
    char *after = point;
    while (*after != '\0' && !is_digit(*after))
        ++after;
    *point = '.';
    memmove(point + 1, after, strlen(after) + 1);
}

/* Writes the text of fewest digits, from `least` to `most`, that reads back as `value`: as a float
 * if `single` is true. */
static void shortest_text(double value, int least, int most, bool single,
                          char text[NUMBER_TEXT_SIZE])
{
    if (!isfinite(value)) {
        snprintf(text, NUMBER_TEXT_SIZE, "%s", isnan(value) ? "nan" : value > 0 ? "inf" : "-inf");
        return;
    }
    for (int digits = least; digits <= most; digits++) {
        double back = 0;
        snprintf(text, NUMBER_TEXT_SIZE, "%.*g", digits, value);
        set_point(text);
        if (number_from_text(text, &back) &&
            (single ? number_to_float(back) == number_to_float(value) : back == value))
            return;
    }
}

void number_to_text(double value, char text[NUMBER_TEXT_SIZE])
{
    shortest_text(value, 15, 17, false, text);
}

void number_float_to_text(float value, char text[NUMBER_TEXT_SIZE])
{
    shortest_text((double)value, 6, 9, true, text);
}
