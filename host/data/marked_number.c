/* Takes numbers with marks apart; see marked_number.h. Each function takes a part from the
 * beginning of a text and returns what follows. */
#include "data/marked_number.h"

#include <string.h>

enum { GROUP = 3, LONGEST_UNIT = 8 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *skip_digits(const char *text)
{
    return text + strspn(text, "0123456789");
}

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " \t");
}

static const char *skip_sign(const char *text)
{
    return text + (*text == '-' || *text == '+');
}

static const char *take_currency(const char *text, struct marked_number *number)
{
    static const char *const signs[] = {"$", "\u20ac", "\u00a3", "\u00a5", "\u20b9"};
    number->sign = text;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (strncmp(text, signs[i], strlen(signs[i])) == 0)
            number->sign_length = strlen(signs[i]);
    return text + number->sign_length;
}

/* Takes groups of three digits behind separators that are all alike. A single point separates
 * decimals, unless a decimal comma follows. */
static const char *take_groups(const char *text, struct marked_number *number)
{
    const char separator = *text;
    size_t groups = 0;
    const char *end = text;
    if (separator == '\0' || strchr(",.' ", separator) == NULL)
        return text;
    while (*end == separator && skip_digits(end + 1) == end + 1 + GROUP) {
        end += 1 + GROUP;
        groups++;
    }
    number->either = separator == ',' && groups == 1 && *end != '.';
    number->grouped = separator == '.' ? groups > 1 || (groups == 1 && *end == ',')
                                       : groups > 0 && !number->either;
    return number->grouped || number->either ? end : text;
}

static const char *take_decimals(const char *text, struct marked_number *number)
{
    const bool mark = *text == '.' || *text == ',';
    if (!mark || !is_digit(text[1]))
        return text;
    number->comma = *text == ',' && !number->grouped;
    return skip_digits(text + 1);
}

static const char *take_exponent(const char *text)
{
    if (*text != 'e' && *text != 'E')
        return text;
    const char *digits = skip_sign(text + 1);
    return is_digit(*digits) ? skip_digits(digits) : text;
}

/* Takes a short word, or a sign: not what continues a date, a time, a range or a code. */
static const char *take_unit(const char *text, struct marked_number *number)
{
    const size_t length = strcspn(text, " \t\r\n");
    const char first = (char)(*text | 0x20);
    const bool may_begin = (first >= 'a' && first <= 'z') || *text == '%' || *text == '$' ||
                           (unsigned char)*text >= 0x80;
    number->unit = text;
    if (may_begin && length <= LONGEST_UNIT)
        number->unit_length = length;
    return text + number->unit_length;
}

bool marked_number_take(const char *text, struct marked_number *number)
{
    *number = (struct marked_number){.comma = false};
    text = skip_sign(skip_blanks(text));
    text = skip_sign(skip_blanks(take_currency(text, number)));
    const char *digits = skip_digits(text);
    if (digits == text && !(*text == '.' && is_digit(text[1])))
        return false;
    if (digits > text && digits <= text + GROUP && *text != '0')
        digits = take_groups(digits, number);
    text = skip_blanks(take_exponent(take_decimals(digits, number)));
    return *skip_blanks(take_unit(text, number)) == '\0';
}

const char *marked_number_advice(const struct marked_number *number)
{
    if (number->sign_length > 0 || number->unit_length > 0)
        return "numbers with a currency sign, a percent sign or a unit; remove it";
    if (number->grouped || (number->either && !number->comma))
        return "numbers with thousands separators; remove them";
    return number->comma ? "numbers with commas; --decimal , reads decimal commas" : NULL;
}
