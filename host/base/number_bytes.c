/* Reads decimal numbers fast and rounds them exactly.
 *
 * A decimal number is w * 10^e with whole w and e. If w and the power of ten are exact in double
 * precision, a single multiplication or division rounds correctly (Clinger 1990). For w of up to 19
 * digits, the code also computes the rest that this operation leaves, adds it, and accepts the sum
 * if every value within the error of the rest rounds to it (Ziv's rounding test). All other numbers
 * go to number_from_text.
 */
#include <string.h>

#include "base/number.h"

enum { LONGEST_NUMBER = 255, EXACT_POWERS = 22, MOST_DIGITS = 19, LARGEST_EXPONENT = 99999 };

static const double powers[EXACT_POWERS + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* The components of a number: (-1)^negative digits 10^exponent. */
struct decimal {
    uint64_t digits; /* meaningless for more than MOST_DIGITS digits */
    size_t count;    /* of digits, without leading zeros if there are many */
    long exponent;
    bool negative;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* ---- eight digits at a time; the first one is in the lowest byte of a word ---- */

#define EACH_BYTE(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Compilers turn this into a single load on machines that store the lowest byte first. */
static uint64_t load_eight(const char *at)
{
    uint64_t word = 0;
    for (int i = 0; i < 8; i++)
        word |= (uint64_t)(unsigned char)at[i] << 8 * i;
    return word;
}

/* A digit is a byte 0x30 to 0x39: its upper half is 3, and adding 6 does not change this half. */
static bool are_digits(uint64_t word)
{
    const uint64_t upper = EACH_BYTE(0xf0), three = EACH_BYTE(0x30);
    return (word & upper) == three && ((word + EACH_BYTE(6)) & upper) == three;
}

/* Joins neighbors: 8 digits to 4 pairs, to 2 numbers of 4 digits, to 1 of 8. The sum of each step
 * stands in the upper neighbor and moves down. */
static uint64_t eight_digits(uint64_t word)
{
    word = (word & EACH_BYTE(0x0f)) * (10 * 256 + 1) >> 8;
    word = (word & UINT64_C(0x00ff00ff00ff00ff)) * ((UINT64_C(100) << 16) + 1) >> 16;
    return (word & UINT64_C(0x0000ffff0000ffff)) * ((UINT64_C(10000) << 32) + 1) >> 32;
}

static const char *take_digits(const char *at, const char *end, uint64_t *digits)
{
    uint64_t number = *digits;
    for (uint64_t word; end - at >= 8 && are_digits(word = load_eight(at)); at += 8)
        number = number * 100000000 + eight_digits(word);
    for (; at < end && is_digit(*at); at++)
        number = number * 10 + (uint64_t)(*at - '0');
    *digits = number;
    return at;
}

/* Consumes an exponent such as "e-12", up to `end`. */
static bool take_exponent(const char *at, const char *end, long *exponent)
{
    long number = 0;
    if (at == end || (*at != 'e' && *at != 'E'))
        return false;
    at++;
    const bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    if (at == end)
        return false;
    for (; at < end && is_digit(*at); at++)
        if (number <= LARGEST_EXPONENT)
            number = number * 10 + (*at - '0');
    *exponent += negative ? -number : number;
    return at == end;
}

/* Counts the digits between `at` and `end` that follow the leading zeros. */
static size_t significant_digits(const char *at, const char *end)
{
    size_t count = 0;
    for (; at < end; at++)
        count += is_digit(*at) && (count > 0 || *at != '0');
    return count;
}

static bool take_decimal(const char *at, const char *end, char point, struct decimal *decimal)
{
    decimal->negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    const char *first = at;
    decimal->digits = 0;
    decimal->exponent = 0;
    at = take_digits(at, end, &decimal->digits);
    decimal->count = (size_t)(at - first);
    if (at < end && *at == point) {
        const char *fraction = ++at;
        at = take_digits(at, end, &decimal->digits);
        decimal->exponent = -(long)(at - fraction);
        decimal->count += (size_t)(at - fraction);
    }
    if (decimal->count == 0)
        return false;
    if (decimal->count > MOST_DIGITS)
        decimal->count = significant_digits(first, at);
    return at == end || take_exponent(at, end, &decimal->exponent);
}

/* Stores the double nearest to near + rest, and returns true, if the rest is known well enough. Its
 * error is at most 2^-50 of `scale`. */
static bool rounds_safely(double near, double rest, double scale, double *value)
{
    const double error = scale * 0x1p-50;
    *value = near + (rest - error);
    return *value == near + (rest + error);
}

/* Stores digits * 10^exponent if a few operations can tell its rounding. */
static bool scale_exactly(const struct decimal *decimal, double *value)
{
    static const uint64_t exact = UINT64_C(1) << 53; /* whole numbers up to here are doubles */
    const long exponent = decimal->exponent;
    if (decimal->count > MOST_DIGITS || exponent > EXACT_POWERS || exponent < -EXACT_POWERS)
        return false;
    const double high = (double)decimal->digits;
    const double power = powers[exponent < 0 ? -exponent : exponent];
    if (decimal->digits <= exact) {
        *value = exponent < 0 ? high / power : high * power;
        return true;
    }
    const double low = (double)(int64_t)(decimal->digits - (uint64_t)high);
    if (exponent < 0) { /* (high + low) / power = quotient + (remainder + low) / power */
        const double quotient = high / power, remainder = fma(-quotient, power, high);
        const double rest = (remainder + low) / power;
        return rounds_safely(quotient, rest, fabs(rest), value);
    }
    const double product = high * power, rest = fma(high, power, -product);
    return rounds_safely(product, rest + low * power, fabs(rest) + fabs(low * power), value);
}

/* Reads a number whose form is valid. */
static double read_exactly(const char *bytes, size_t length, char point, bool negative)
{
    char text[LONGEST_NUMBER + 1];
    double value = negative ? -HUGE_VAL : HUGE_VAL; /* remains if the number is too large */
    memcpy(text, bytes, length);
    text[length] = '\0';
    char *separator = memchr(text, point, length);
    if (separator != NULL)
        *separator = '.';
    (void)number_from_text(text, &value);
    return value;
}

bool number_from_bytes(const char *bytes, size_t length, char point, double *value)
{
    struct decimal decimal;
    double magnitude;
    if (length > LONGEST_NUMBER || !take_decimal(bytes, bytes + length, point, &decimal))
        return false;
    if (scale_exactly(&decimal, &magnitude))
        *value = decimal.negative ? -magnitude : magnitude;
    else
        *value = read_exactly(bytes, length, point, decimal.negative);
    return true;
}
