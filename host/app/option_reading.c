/* Reads the values of single options: words and numbers. See options.h. */
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"

enum weft_status option_require(const struct command_line *line, enum option option,
                                const char **value)
{
    *value = option_value(line, option);
    if (*value != NULL)
        return WEFT_OK;
    return complain(WEFT_ERROR_USAGE, "--%s: missing; see weft %s --help", app_options[option].name,
                    line->command->name);
}

enum weft_status option_word(const struct command_line *line, enum option option, unsigned *value)
{
    const struct weft_option_info *row = &app_options[option];
    const char *text = option_value(line, option);
    char subject[256];
    if (text == NULL)
        return WEFT_OK;
    for (size_t i = 0; row->words == NULL && weft_option_describe(i) != NULL; i++)
        if (strcmp(weft_option_describe(i)->name, row->name) == 0)
            row = weft_option_describe(i);
    for (size_t i = 0; i < row->word_count; i++)
        if (strcmp(text, row->words[i]) == 0) {
            *value = (unsigned)i;
            return WEFT_OK;
        }
    snprintf(subject, sizeof subject, "--%s %s", row->name, text);
    return complain_word(subject, "value", text, row->words, row->word_count);
}

enum weft_status option_number(const struct command_line *line, enum option option, size_t least,
                               size_t most, size_t *number)
{
    const char *text = option_value(line, option), *name = app_options[option].name;
    char *end = NULL;
    if (text == NULL)
        return WEFT_OK;
    const char *digits = text + (text[0] == '-');
    if (digits[0] == '\0' || digits[strspn(digits, "0123456789")] != '\0')
        return complain(WEFT_ERROR_USAGE,
                        "--%s %s: not a whole number; need one between %zu and %zu", name, text,
                        least, most);
    errno = 0;
    const unsigned long long value = strtoull(digits, &end, 10);
    if (errno != 0 || digits != text || value < least || value > most)
        return complain(WEFT_ERROR_USAGE, "--%s %s: the number must be between %zu and %zu", name,
                        text, least, most);
    *number = (size_t)value;
    return WEFT_OK;
}

/* Returns true for digits with an optional point and exponent, the number format of the library.
 * strtod alone would also accept leading blanks, "0x1p-1" and "nan". */
static bool is_decimal(const char *text)
{
    static const char digits[] = "0123456789";
    text += *text == '-' || *text == '+';
    size_t whole = strspn(text, digits), fraction = 0;
    text += whole;
    if (*text == '.')
        fraction = strspn(++text, digits);
    text += fraction;
    if (whole + fraction == 0 || (*text != 'e' && *text != 'E'))
        return whole + fraction > 0 && *text == '\0';
    text++;
    text += *text == '-' || *text == '+';
    return *text != '\0' && text[strspn(text, digits)] == '\0';
}

enum weft_status option_fraction(const struct command_line *line, enum option option,
                                 const char *noun, double *fraction)
{
    const char *text = option_value(line, option);
    if (text == NULL)
        return WEFT_OK;
    /* The decimal separator is a point, because the program never leaves the C locale. */
    const double value = strtod(text, NULL);
    if (!is_decimal(text) || !(value > 0.0 && value < 1.0))
        return complain(WEFT_ERROR_USAGE, "--%s \"%s\": the %s must be above 0 and below 1",
                        app_options[option].name, text, noun);
    *fraction = value;
    return WEFT_OK;
}

enum weft_status option_real(const struct command_line *line, enum option option, double least,
                             double most, double *number)
{
    const char *text = option_value(line, option);
    if (text == NULL)
        return WEFT_OK;
    const double value = strtod(text, NULL);
    if (!is_decimal(text) || !(value >= least && value <= most))
        return complain(WEFT_ERROR_USAGE, "--%s \"%s\": need a number from %g to %g",
                        app_options[option].name, text, least, most);
    *number = value;
    return WEFT_OK;
}
