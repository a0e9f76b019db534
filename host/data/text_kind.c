/* Recognizes dates and other texts; see text_kind.h. A text is a date if every part of it is: the
 * patterns here take parts from its beginning. */
#include "data/text_kind.h"

#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Skips blanks and commas. */
static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " \t,");
}

/* Takes a number of `least` to `most` digits whose value is at most `limit`. Returns what follows,
 * or NULL. */
static const char *take_number(const char *text, int least, int most, int limit)
{
    int digits = 0, value = 0;
    for (; digits < most && is_digit(text[digits]); digits++)
        value = 10 * value + (text[digits] - '0');
    return digits >= least && !is_digit(text[digits]) && value <= limit ? text + digits : NULL;
}

/* Takes one of the words, of which three letters are enough; case is ignored. */
static const char *take_word(const char *text, const char *const *words, size_t count)
{
    for (size_t w = 0; w < count; w++) {
        size_t length = 0;
        while (words[w][length] != '\0' && (text[length] | 0x20) == words[w][length])
            length++;
        const bool letter_follows = (text[length] | 0x20) >= 'a' && (text[length] | 0x20) <= 'z';
        if (!letter_follows && (length >= 3 || words[w][length] == '\0'))
            return text + length + (text[length] == '.');
    }
    return NULL;
}

static const char *take_month(const char *text)
{
    static const char *const months[] = {"january",   "february", "march",    "april",
                                         "may",       "june",     "july",     "august",
                                         "september", "october",  "november", "december"};
    return take_word(text, months, sizeof months / sizeof *months);
}

/* Takes `separator` and a number. */
static const char *take_next(const char *text, char separator, int least, int most, int limit)
{
    return text != NULL && *text == separator ? take_number(text + 1, least, most, limit) : NULL;
}

/* 2024-05-31, 2024/5/31, 31.05.2024, 5/31/24: three numbers with one kind of separator, of which
 * the first or the last is the year. */
static const char *take_numeric_date(const char *text)
{
    const size_t digits = strspn(text, "0123456789");
    const char separator = text[digits];
    if (separator == '\0' || strchr("-/.", separator) == NULL)
        return NULL;
    if (digits == 4) {
        const char *month = take_next(text + digits, separator, 1, 2, 12);
        return take_next(month, separator, 1, 2, 31);
    }
    const char *day = take_number(text, 1, 2, 31);
    const char *month = take_next(day, separator, 1, 2, 31);
    const char *year = take_next(month, separator, 4, 4, 9999);
    return year != NULL ? year : take_next(month, separator, 2, 2, 99);
}

/* 31-May-2024, 31 May 2024, May 31, 2024 */
static const char *take_named_date(const char *text)
{
    const char *month = take_month(text), *day;
    if (month != NULL) {
        day = take_number(skip_blanks(month), 1, 2, 31);
        return day == NULL ? NULL : take_number(skip_blanks(day), 4, 4, 9999);
    }
    day = take_number(text, 1, 2, 31);
    if (day == NULL || *day == '\0' || strchr(" -/.", *day) == NULL)
        return NULL;
    month = take_month(day + 1);
    if (month == NULL || *month == '\0' || strchr(" -/.,", *month) == NULL)
        return NULL;
    month = skip_blanks(month + (*month != ' ' && *month != ','));
    const char *year = take_number(month, 4, 4, 9999);
    return year != NULL ? year : take_number(month, 2, 2, 99);
}

/* Z, +02:00, -0500, AM, PM, UTC */
static const char *take_zone(const char *text)
{
    static const char *const words[] = {"z", "am", "pm", "utc", "gmt"};
    const char *blank = skip_blanks(text), *after = take_word(blank, words, 5);
    if (after != NULL)
        return after;
    if (*blank != '+' && *blank != '-')
        return text;
    after = take_number(blank + 1, 4, 4, 2359);
    if (after != NULL)
        return after;
    after = take_number(blank + 1, 2, 2, 23);
    return after == NULL ? text : *after == ':' ? take_next(after, ':', 2, 2, 59) : after;
}

/* 20:15, 20:15:00, 20:15:00.25, with a zone or without */
static const char *take_time(const char *text)
{
    const char *hour = take_number(text, 1, 2, 24);
    const char *minute = take_next(hour, ':', 2, 2, 59);
    if (minute == NULL)
        return NULL;
    const char *second = take_next(minute, ':', 2, 2, 60);
    const char *end = second != NULL ? second : minute;
    if (second != NULL && (*end == '.' || *end == ','))
        end += 1 + strspn(end + 1, "0123456789");
    return take_zone(end);
}

bool text_is_date(const char *text)
{
    text = skip_blanks(text);
    const char *rest = take_numeric_date(text);
    if (rest == NULL)
        rest = take_named_date(text);
    if (rest == NULL) {
        rest = take_time(text);
        return rest != NULL && *skip_blanks(rest) == '\0';
    }
    if (*rest == 'T')
        rest = take_time(rest + 1);
    else if (*skip_blanks(rest) != '\0')
        rest = take_time(skip_blanks(rest));
    return rest != NULL && *skip_blanks(rest) == '\0';
}

size_t text_count_words(const char *text)
{
    size_t words = 0;
    for (text += strspn(text, " \t\r\n"); *text != '\0'; text += strspn(text, " \t\r\n")) {
        words++;
        text += strcspn(text, " \t\r\n");
    }
    return words;
}
