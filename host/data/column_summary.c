/* Summarizes columns. Numbers are sorted, so that equal values are neighbors. */
#include "data/column_summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"

/* Inserts a value that belongs to the list of the most frequent values. Values come in their own
 * order, so of two with the same count the first one stays ahead. */
static enum weft_status insert(struct column_summary *summary, const char *text, size_t count)
{
    const size_t last = size_min(summary->common_count, COLUMN_SUMMARY_VALUES - 1);
    size_t place = summary->common_count;
    char *copy;
    while (place > 0 && summary->counts[place - 1] < count)
        place--;
    TRY(text_copy(text, &copy));
    memory_free(summary->common[COLUMN_SUMMARY_VALUES - 1]); /* NULL unless the list is full */
    for (size_t i = last; i > place; i--) {
        summary->common[i] = summary->common[i - 1];
        summary->counts[i] = summary->counts[i - 1];
    }
    summary->common[place] = copy;
    summary->counts[place] = count;
    summary->common_count = last + 1;
    return WEFT_OK;
}

static int compare_numbers(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Tells whether a value that occurs `count` times belongs to the list. */
static bool is_common(const struct column_summary *summary, size_t count)
{
    return summary->common_count < COLUMN_SUMMARY_VALUES ||
           count > summary->counts[COLUMN_SUMMARY_VALUES - 1];
}

/* Counts runs of equal values in numbers [count], which are sorted. */
static enum weft_status count_numbers(const double *numbers, size_t count,
                                      struct column_summary *summary)
{
    char text[NUMBER_TEXT_SIZE];
    for (size_t first = 0, next; first < count; first = next) {
        next = first + 1;
        while (next < count && numbers[next] == numbers[first])
            next++;
        summary->distinct++;
        if (!is_common(summary, next - first))
            continue;
        number_to_text(numbers[first], text);
        TRY(insert(summary, text, next - first));
    }
    return WEFT_OK;
}

/* mean = sum x / N, std = sqrt(sum (x - mean)^2 / N), of sorted numbers [count]. */
static void measure(const double *numbers, size_t count, struct column_summary *summary)
{
    double sum = 0.0, squares = 0.0;
    if (count == 0)
        return;
    for (size_t i = 0; i < count; i++)
        sum += numbers[i];
    const double mean = sum / (double)count;
    for (size_t i = 0; i < count; i++)
        squares += (numbers[i] - mean) * (numbers[i] - mean);
    summary->min = numbers[0];
    summary->max = numbers[count - 1];
    summary->mean = mean;
    summary->std = sqrt(squares / (double)count);
}

static enum weft_status summarize_numbers(const struct column *column, size_t rows, double *numbers,
                                          struct column_summary *summary)
{
    size_t count = 0;
    column_copy_numbers(column, 0, rows, numbers);
    for (size_t i = 0; i < rows; i++)
        if (!isnan(numbers[i]))
            numbers[count++] = numbers[i];
    summary->missing = rows - count;
    qsort(numbers, count, sizeof *numbers, compare_numbers);
    measure(numbers, count, summary);
    return count_numbers(numbers, count, summary);
}

static enum weft_status summarize_texts(const struct column *column, size_t rows, size_t *counts,
                                        struct column_summary *summary)
{
    for (size_t i = 0; i < rows; i++)
        if (column->texts[i] == COLUMN_NO_TEXT)
            summary->missing++;
        else
            counts[column->texts[i]]++;
    for (size_t w = 0; w < column->words.count; w++)
        if (counts[w] > 0) {
            summary->distinct++;
            if (is_common(summary, counts[w]))
                TRY(insert(summary, column->words.words[w], counts[w]));
        }
    return WEFT_OK;
}

enum weft_status column_summary_make(const struct column *column, size_t rows,
                                     struct column_summary *summary)
{
    enum weft_status status;
    memset(summary, 0, sizeof *summary);
    summary->min = summary->max = summary->mean = summary->std = (double)NAN;
    if (column->kind == COLUMN_NUMBER) {
        double *numbers; /* [rows] */
        TRY(NEW_ARRAY(numbers, rows));
        status = summarize_numbers(column, rows, numbers, summary);
        memory_free(numbers);
        return status;
    }
    size_t *counts; /* [words] */
    TRY(NEW_ARRAY(counts, column->words.count + 1));
    status = summarize_texts(column, rows, counts, summary);
    memory_free(counts);
    return status;
}

void column_summary_reset(struct column_summary *summary)
{
    for (size_t i = 0; i < summary->common_count; i++)
        memory_free(summary->common[i]);
    memset(summary, 0, sizeof *summary);
}
