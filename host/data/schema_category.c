/* Learns the categories of a column from the training rows.
 *
 * If there are up to 9 distinct values, each is a category. Otherwise, a value is frequent if at
 * least 1 % of the rows have it, or at least 10 rows and 0.1 %, but never if a single row has it.
 * The 64 most frequent values become features, and all other values share one.
 *
 * A column is left out if its texts are not categories: dates, sentences, and texts that all
 * differ.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "data/schema_learn.h"
#include "data/table_value.h"
#include "data/text_tally.h"

enum {
    MOST_CATEGORIES = 64,
    MOST_KEPT = 1000, /* values that a schema keeps of a column */
    MOST_KEPT_BYTES = 1 << 14,
    LEAST_ROWS = 10,    /* of a frequent category, with 0.1 % of the rows; or 1 % suffices */
    MOSTLY_PERCENT = 90 /* of a column of numbers with stray texts */
};

/* A distinct value of the training rows. */
struct counted {
    const char *text; /* borrowed from the table; NULL for numbers */
    double number;
    size_t rows;
};

/* The distinct values of a column in the training rows. */
struct counts {
    struct counted *values; /* [count] owned */
    size_t count;
    size_t rows; /* with a value */
};

static int compare_frequency(const void *left, const void *right)
{
    const struct counted *a = left, *b = right;
    if (a->rows != b->rows)
        return a->rows > b->rows ? -1 : 1;
    if (a->text != NULL)
        return strcmp(a->text, b->text);
    return (a->number > b->number) - (a->number < b->number);
}

static enum weft_status count_texts(const struct learning *learning, const struct column *column,
                                    struct counts *counts)
{
    TRY(NEW_ARRAY(counts->values, column->words.count));
    for (size_t i = 0; i < learning->row_count; i++) {
        const uint32_t word = column->texts[learning_row(learning, i)];
        if (word == COLUMN_NO_TEXT)
            continue;
        counts->values[word].text = column->words.words[word];
        counts->values[word].rows++;
        counts->rows++;
    }
    for (size_t w = 0; w < column->words.count; w++)
        if (counts->values[w].rows > 0)
            counts->values[counts->count++] = counts->values[w];
    return WEFT_OK;
}

static int compare_numbers(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static enum weft_status count_numbers(const struct learning *learning, const struct column *column,
                                      struct counts *counts)
{
    double *values = learning->values;
    learning_numbers(learning, column, values);
    for (size_t i = 0; i < learning->row_count; i++)
        if (!isnan(values[i]))
            values[counts->rows++] = values[i] + 0.0; /* -0 is 0 */
    qsort(values, counts->rows, sizeof *values, compare_numbers);
    size_t distinct = 0;
    for (size_t i = 0; i < counts->rows; i++)
        distinct += i == 0 || values[i] != values[i - 1];
    TRY(NEW_ARRAY(counts->values, distinct));
    for (size_t i = 0; i < counts->rows; i++) {
        if (i == 0 || values[i] != values[i - 1])
            counts->values[counts->count++].number = values[i];
        counts->values[counts->count - 1].rows++;
    }
    return WEFT_OK;
}

/* ---- texts that are not categories ---- */

static bool is_number(const struct learning *learning, const char *text)
{
    double number;
    return table_text_number(learning->table, text, &number);
}

/* Returns the length of the longest beginning of `text` that has at most `most` bytes and ends
 * between two characters. */
static int cut_length(const char *text, size_t most)
{
    size_t length = strlen(text);
    if (length <= most)
        return (int)length;
    for (length = most; length > 0 && ((unsigned char)text[length] & 0xc0u) == 0x80u;)
        length--;
    return (int)length;
}

/* Lists texts that are not numbers, besides `first`: " (others: "-", "None", ...)". */
static void list_strays(const struct learning *learning, const struct counts *counts,
                        const char *first, char *list, size_t size)
{
    enum { MOST_LISTED = 3, ROOM_OF_ONE = 48 };
    size_t used = 0, listed = 0;
    list[0] = '\0';
    for (size_t v = 0; v < counts->count; v++) {
        const char *text = counts->values[v].text;
        if (is_number(learning, text) || strcmp(text, first) == 0)
            continue;
        if (listed == MOST_LISTED) {
            used += (size_t)snprintf(list + used, size - used, ", ...");
            break;
        }
        used += (size_t)snprintf(list + used, size - used, "%s\"%.*s\"",
                                 listed++ == 0 ? " (others: " : ", ", cut_length(text, ROOM_OF_ONE),
                                 text);
    }
    if (listed > 0)
        snprintf(list + used, size - used, ")");
}

static enum weft_status fail_stray(const struct learning *learning, size_t i,
                                   const struct counts *counts, size_t row)
{
    const struct column *column = &learning->table->columns[i];
    char text[TABLE_VALUE_SIZE], others[256];
    table_value_text(column, row, text);
    list_strays(learning, counts, column_text(column, row), others, sizeof others);
    return table_fail(learning->table, row, i,
                      "%s is not a number, as most other values are%s; name %s in --missing, or "
                      "the column in --categorical",
                      text, others, others[0] != '\0' ? "them" : "it");
}

/* Fails if nearly all texts are numbers: the others are probably marks for missing values. */
static enum weft_status check_stray_texts(const struct learning *learning, size_t i,
                                          const struct counts *counts)
{
    const struct column *column = &learning->table->columns[i];
    size_t numbers = 0, stray = 0;
    for (size_t v = 0; v < counts->count; v++)
        numbers += is_number(learning, counts->values[v].text) ? counts->values[v].rows : 0;
    if (counts->count <= FEW_CATEGORIES || numbers * 100 < counts->rows * MOSTLY_PERCENT ||
        numbers == counts->rows)
        return WEFT_OK;
    while (column_is_missing(column, learning_row(learning, stray)) ||
           is_number(learning, column_text(column, learning_row(learning, stray))))
        stray++;
    return fail_stray(learning, i, counts, learning_row(learning, stray));
}

/* Returns why the texts are not categories, or NULL. */
static const char *reason_against(const struct counts *counts)
{
    struct text_tally tally = {.rows = 0};
    for (size_t v = 0; v < counts->count; v++)
        text_tally_add(&tally, counts->values[v].text, counts->values[v].rows);
    return text_tally_reason(&tally);
}

/* ---- categories ---- */

/* Returns how many of the sorted values are categories. */
static size_t count_frequent(const struct learning *learning, const struct counts *counts)
{
    const size_t rows = learning->row_count;
    size_t least =
        size_min(size_divide_up(rows, 100), size_max(LEAST_ROWS, size_divide_up(rows, 1000)));
    size_t frequent = 0;
    if (counts->count <= FEW_CATEGORIES)
        return counts->count;
    least = size_max(least, 2);
    while (frequent < size_min(counts->count, MOST_CATEGORIES) &&
           counts->values[frequent].rows >= least)
        frequent++;
    return frequent;
}

/* Returns how many values to keep: all, if they are not too many, so that a value that training
 * never saw is known as such; otherwise only the frequent ones. */
static size_t count_kept(const struct counts *counts, size_t frequent)
{
    size_t bytes = 0;
    for (size_t i = 0; i < counts->count; i++)
        bytes += counts->values[i].text != NULL ? strlen(counts->values[i].text) : 0;
    return counts->count <= MOST_KEPT && bytes <= MOST_KEPT_BYTES ? counts->count : frequent;
}

static enum weft_status copy_categories(const struct counts *counts, size_t frequent,
                                        struct schema_column *learned)
{
    const size_t count = count_kept(counts, frequent);
    TRY(NEW_ARRAY(learned->categories, count));
    learned->category_count = frequent;
    learned->known_count = count;
    for (size_t i = 0; i < count; i++) {
        char number[NUMBER_TEXT_SIZE];
        number_to_text(counts->values[i].number, number);
        TRY(text_copy(counts->values[i].text != NULL ? counts->values[i].text : number,
                      &learned->categories[i]));
    }
    return WEFT_OK;
}

static enum weft_status settle(const struct learning *learning, size_t i, struct counts *counts)
{
    struct schema_column *learned = &learning->schema->columns[i];
    const bool forced = learned->role == ROLE_CATEGORY;
    const bool missing = counts->rows < learning->row_count;
    if (!forced)
        TRY(check_stray_texts(learning, i, counts));
    qsort(counts->values, counts->count, sizeof *counts->values, compare_frequency);
    size_t frequent = count_frequent(learning, counts);
    learned->reason = forced                           ? NULL
                      : counts->rows == 0              ? REASON_EMPTY
                      : counts->count == 1 && !missing ? REASON_CONSTANT
                                                       : reason_against(counts);
    if (learned->reason == NULL && frequent == 0 && counts->count > 0) {
        learned->reason = forced ? NULL : REASON_RARE;
        frequent = size_min(counts->count, MOST_CATEGORIES);
    }
    learned->role = learned->reason != NULL ? ROLE_IGNORED : ROLE_CATEGORY;
    if (learned->reason != NULL)
        return WEFT_OK;
    learned->other = counts->count > frequent;
    learned->missing = missing;
    return copy_categories(counts, frequent, learned);
}

enum weft_status learn_category(const struct learning *learning, size_t i)
{
    const struct column *column = &learning->table->columns[i];
    struct counts counts = {.count = 0};
    enum weft_status status = column->kind == COLUMN_TEXT
                                  ? count_texts(learning, column, &counts)
                                  : count_numbers(learning, column, &counts);
    if (status == WEFT_OK)
        status = settle(learning, i, &counts);
    memory_free(counts.values);
    return status;
}
