/* Implements the classification of values; see csv_value.h. */
#include "data/csv_value.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"

static const char default_words[] = "NA,NaN,nan,null,NULL,?";

/* ---- words ---- */

static size_t count_words(const char *list)
{
    size_t count = 1;
    for (; *list != '\0'; list++)
        count += *list == ',';
    return count;
}

static enum weft_status add_word(struct csv_words *words, const char *word, size_t length)
{
    uint32_t index;
    double *number = &words->missing_numbers[words->missing_number_count];
    words->missing_number_count += number_from_bytes(word, length, words->decimal, number);
    return dictionary_add(&words->missing, word, length, &index);
}

enum weft_status csv_words_init(struct csv_words *words, const char *list, char decimal)
{
    *words = (struct csv_words){.decimal = decimal};
    if (list == NULL)
        list = default_words;
    TRY(NEW_ARRAY(words->missing_numbers, count_words(list)));
    for (;;) {
        const size_t length = strcspn(list, ",");
        TRY(add_word(words, list, length));
        if (list[length] == '\0')
            return WEFT_OK;
        list += length + 1;
    }
}

void csv_words_reset(struct csv_words *words)
{
    dictionary_reset(&words->missing);
    memory_free(words->missing_numbers);
    *words = (struct csv_words){.missing_numbers = NULL};
}

/* ---- values ---- */

static struct csv_value trim(struct csv_value value)
{
    while (value.length > 0 && (value.text[0] == ' ' || value.text[0] == '\t')) {
        value.text++;
        value.length--;
    }
    while (value.length > 0 &&
           (value.text[value.length - 1] == ' ' || value.text[value.length - 1] == '\t'))
        value.length--;
    return value;
}

/* Tells whether the value is `word` in any case; `word` is in lower case. */
static bool is_word(struct csv_value value, const char *word)
{
    size_t i = 0;
    while (i < value.length && tolower((unsigned char)value.text[i]) == word[i])
        i++;
    return i == value.length && word[i] == '\0';
}

/* Classifies a value that is no decimal number. */
static enum csv_class classify_word(const struct csv_words *words, struct csv_value value,
                                    double *number)
{
    if (dictionary_find(&words->missing, value.text, value.length) != UINT32_MAX ||
        is_word(value, "nan"))
        return CSV_MISSING;
    const bool is_signed = value.length > 0 && (value.text[0] == '-' || value.text[0] == '+');
    const struct csv_value rest = {value.text + is_signed, value.length - is_signed, false};
    if (!is_word(rest, "inf") && !is_word(rest, "infinity"))
        return CSV_TEXT;
    *number = value.text[0] == '-' ? -HUGE_VAL : HUGE_VAL;
    return CSV_NUMBER;
}

enum csv_class csv_classify(const struct csv_words *words, struct csv_value value, double *number)
{
    if (!number_from_bytes(value.text, value.length, words->decimal, number)) {
        value = trim(value);
        if (value.length == 0)
            return CSV_MISSING;
        if (!number_from_bytes(value.text, value.length, words->decimal, number))
            return classify_word(words, value, number);
    }
    for (size_t i = 0; i < words->missing_number_count; i++)
        if (*number == words->missing_numbers[i])
            return CSV_MISSING;
    return CSV_NUMBER;
}
