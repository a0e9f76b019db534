/* Reads decimal numbers fast and rounds them exactly.
 *
 * A decimal number is w * 10^e with whole w and e. If w and the power of ten are exact in double
 * precision, a single multiplication or division rounds correctly (Clinger 1990). For longer w, a
 * product of integers gives 62 bits of w / 10^-e and a bound of its error. The result is accepted
 * if every value within this bound rounds to it (Ziv's rounding test; Lemire 2021 uses such
 * products). All other numbers go to number_from_text.
 */
#include <string.h>

#include "base/number.h"

enum { LONGEST_NUMBER = 255, EXACT_POWERS = 22, MOST_DIGITS = 19, LARGEST_EXPONENT = 99999 };
enum { RECIPROCALS = 40 };

static const double powers[EXACT_POWERS + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* The first 64 bits of 10^-1, 10^-2, ... */
static const uint64_t reciprocals[RECIPROCALS] = {
    0xcccccccccccccccc, 0xa3d70a3d70a3d70a, 0x83126e978d4fdf3b, 0xd1b71758e219652b,
    0xa7c5ac471b478423, 0x8637bd05af6c69b5, 0xd6bf94d5e57a42bc, 0xabcc77118461cefc,
    0x89705f4136b4a597, 0xdbe6fecebdedd5be, 0xafebff0bcb24aafe, 0x8cbccc096f5088cb,
    0xe12e13424bb40e13, 0xb424dc35095cd80f, 0x901d7cf73ab0acd9, 0xe69594bec44de15b,
    0xb877aa3236a4b449, 0x9392ee8e921d5d07, 0xec1e4a7db69561a5, 0xbce5086492111aea,
    0x971da05074da7bee, 0xf1c90080baf72cb1, 0xc16d9a0095928a27, 0x9abe14cd44753b52,
    0xf79687aed3eec551, 0xc612062576589dda, 0x9e74d1b791e07e48, 0xfd87b5f28300ca0d,
    0xcad2f7f5359a3b3e, 0xa2425ff75e14fc31, 0x81ceb32c4b43fcf4, 0xcfb11ead453994ba,
    0xa6274bbdd0fadd61, 0x84ec3c97da624ab4, 0xd4ad2dbfc3d07787, 0xaa242499697392d2,
    0x881cea14545c7575, 0xd9c7dced53c72255, 0xae397d8aa96c1b77, 0x8b61313bbabce2c6,
};

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

/* Returns 0 if all bytes are digits. Otherwise, the lowest bit that is set belongs to the first
 * other byte. A digit is a byte 0x30 to 0x39: its upper half is 3, and adding 6 does not change
 * this half. A carry into the next byte comes from a byte that is no digit. */
static uint64_t other_bytes(uint64_t word)
{
    const uint64_t upper = EACH_BYTE(0xf0), three = EACH_BYTE(0x30);
    return ((word & upper) ^ three) | (((word + EACH_BYTE(6)) & upper) ^ three);
}

/* Counts the bytes below the lowest bit that is set. */
static size_t bytes_before(uint64_t bits)
{
    const uint64_t below = (bits & (~bits + 1)) - 1;
    return (size_t)((below >> 7 & EACH_BYTE(1)) * EACH_BYTE(1) >> 56);
}

/* Joins neighbors: 8 digits to 4 pairs, to 2 numbers of 4 digits, to 1 of 8. The sum of each step
 * stands in the upper neighbor and moves down. */
static uint64_t eight_digits(uint64_t word)
{
    word = (word & EACH_BYTE(0x0f)) * (10 * 256 + 1) >> 8;
    word = (word & UINT64_C(0x00ff00ff00ff00ff)) * ((UINT64_C(100) << 16) + 1) >> 16;
    return (word & UINT64_C(0x0000ffff0000ffff)) * ((UINT64_C(10000) << 32) + 1) >> 32;
}

/* Consumes digits and appends them to `*digits`. Only the last word needs to know how many digits
 * it has before the next number can begin; a processor guesses the branches of all others. */
static const char *take_digits(const char *at, const char *end, uint64_t *digits)
{
    static const uint64_t tens[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};
    uint64_t number = *digits;
    while (end - at >= 8) {
        const uint64_t word = load_eight(at), others = other_bytes(word);
        if (others != 0) { /* Move the digits up to the end of the word, behind zeros. */
            const size_t count = bytes_before(others);
            *digits = number * tens[count] + eight_digits(word << (7 - count) * 8 << 8);
            return at + count;
        }
        number = number * 100000000 + eight_digits(word);
        at += 8;
    }
    for (; at < end && is_digit(*at); at++)
        number = number * 10 + (uint64_t)(*at - '0');
    *digits = number;
    return at;
}

/* Consumes an exponent such as "e-12" if there is one. */
static const char *take_exponent(const char *at, const char *end, long *exponent)
{
    long number = 0;
    const char *digit = at + 1;
    if (at == end || (*at != 'e' && *at != 'E'))
        return at;
    const bool negative = digit < end && *digit == '-';
    if (digit < end && (*digit == '-' || *digit == '+'))
        digit++;
    if (digit == end || !is_digit(*digit))
        return at;
    for (; digit < end && is_digit(*digit); digit++)
        if (number <= LARGEST_EXPONENT)
            number = number * 10 + (*digit - '0');
    *exponent += negative ? -number : number;
    return digit;
}

/* Counts the digits between `at` and `end` that follow the leading zeros. */
static size_t significant_digits(const char *at, const char *end)
{
    size_t count = 0;
    for (; at < end; at++)
        count += is_digit(*at) && (count > 0 || *at != '0');
    return count;
}

/* Consumes a number; returns NULL if there is none. */
static const char *take_decimal(const char *at, const char *end, char point,
                                struct decimal *decimal)
{
    if (at == end)
        return NULL;
    decimal->negative = *at == '-';
    at += (*at == '-') | (*at == '+'); /* No branch: the signs of numbers are random. */
    const char *first = at;
    decimal->digits = 0;
    decimal->exponent = 0;
    if (end - at >= 2 && is_digit(at[0]) && at[1] == point) /* often, and fast */
        decimal->digits = (uint64_t)(*at++ - '0');
    else
        at = take_digits(at, end, &decimal->digits);
    decimal->count = (size_t)(at - first);
    if (at < end && *at == point) {
        const char *fraction = ++at;
        at = take_digits(at, end, &decimal->digits);
        decimal->exponent = -(long)(at - fraction);
        decimal->count += (size_t)(at - fraction);
    }
    if (decimal->count == 0)
        return NULL;
    if (decimal->count > MOST_DIGITS)
        decimal->count = significant_digits(first, at);
    return take_exponent(at, end, &decimal->exponent);
}

/* Returns the upper half of a * b. */
static uint64_t upper_product(uint64_t a, uint64_t b)
{
    const uint64_t low = UINT32_MAX, a0 = a & low, a1 = a >> 32, b0 = b & low, b1 = b >> 32;
    const uint64_t middle = a1 * b0 + (a0 * b0 >> 32), other = a0 * b1 + (middle & low);
    return a1 * b1 + (middle >> 32) + (other >> 32);
}

/* Returns 2^exponent, for exponents of normal doubles. */
static double power_of_two(long exponent)
{
    const uint64_t bits = (uint64_t)(1023 + exponent) << 52;
    double power;
    memcpy(&power, &bits, sizeof power);
    return power;
}

/* Returns the number of zeros above the highest bit that is set, which is bit 11 or a higher one.
 * The bits from there on are a whole number that is a double; its exponent gives the answer without
 * branches that a processor cannot guess. */
static int leading_zeros(uint64_t number)
{
    const double upper = (double)(int64_t)(number >> 11);
    uint64_t bits;
    memcpy(&bits, &upper, sizeof bits);
    return 52 - ((int)(bits >> 52) - 1023);
}

/* Stores digits / 10^power, and returns true, if the first bits of the product with 10^-power tell
 * its rounding. */
static bool divide_safely(uint64_t digits, long power, double *value)
{
    /* 10^-power = (reciprocal + less than 1) * 2^-(63 + length), and 10^power has `length` bits. */
    const long length = (power * 217706 >> 16) + 1;
    const int zeros = leading_zeros(digits);
    /* The quotient lies between `least` and least + 2, in units of 2^(2 - length - zeros). */
    const int64_t least = (int64_t)(upper_product(digits << zeros, reciprocals[power - 1]) >> 1);
    *value = (double)least * power_of_two(2 - length - zeros);
    return (double)least == (double)(least + 2);
}

/* Stores digits * 10^exponent if a few operations can tell its rounding. */
static bool scale_exactly(const struct decimal *decimal, double *value)
{
    /* Whole numbers up to 2^53 are doubles. Most numbers of more than 15 digits are larger, so that
     * the processor can guess the branch. */
    static const uint64_t exact = UINT64_C(1) << 53, short_digits = UINT64_C(1000000000000000);
    const uint64_t digits = decimal->digits;
    const long exponent = decimal->exponent;
    if (decimal->count > MOST_DIGITS)
        return false;
    if (digits >= short_digits && exponent < 0 && exponent >= -RECIPROCALS &&
        divide_safely(digits, -exponent, value))
        return true;
    if ((digits > exact && exponent != 0) || exponent > EXACT_POWERS || exponent < -EXACT_POWERS)
        return false;
    const double whole = (double)digits;
    *value = exponent < 0 ? whole / powers[-exponent] : whole * powers[exponent];
    return true;
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

const char *number_take(const char *at, const char *end, char point, double *value)
{
    static const double signs[] = {1.0, -1.0};
    struct decimal decimal;
    double magnitude;
    const char *const behind = take_decimal(at, end, point, &decimal);
    if (behind == NULL || behind - at > LONGEST_NUMBER)
        return NULL;
    if (scale_exactly(&decimal, &magnitude))
        *value = magnitude * signs[decimal.negative];
    else
        *value = read_exactly(at, (size_t)(behind - at), point, decimal.negative);
    return behind;
}

bool number_from_bytes(const char *bytes, size_t length, char point, double *value)
{
    double number;
    if (number_take(bytes, bytes + length, point, &number) != bytes + length)
        return false;
    *value = number;
    return true;
}
