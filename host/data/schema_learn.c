/* The second half of learning a schema: what each column is, from the training rows alone.
 *
 * Columns of text are in schema_category.c; here are the numbers, and the walk over all columns.
 */
#include "data/schema_learn.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"

/* ---- numbers ---- */

/* What the training rows of a column of numbers hold. */
struct number_facts {
    size_t count; /* numbers that are there */
    double least, most, mean;
    bool exact; /* float32 holds each of them */
};

/* mean = v_0 + sum_i (v_i - v_0) / count; values [count] */
static double mean_of(const double *values, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += values[i] - values[0];
    const double mean = values[0] + sum / (double)count;
    if (isfinite(mean))
        return mean;
    sum = 0.0; /* The differences overflow. */
    for (size_t i = 0; i < count; i++)
        sum += values[i] / (double)count;
    return sum;
}

/* Moves the numbers that are there to the front of values [n], and looks at them. */
static struct number_facts facts_of(double *values, size_t n)
{
    struct number_facts facts = {.exact = true};
    for (size_t i = 0; i < n; i++)
        if (!isnan(values[i]))
            values[facts.count++] = values[i];
    if (facts.count == 0)
        return facts;
    facts.least = facts.most = values[0];
    for (size_t i = 0; i < facts.count; i++) {
        facts.least = fmin(facts.least, values[i]);
        facts.most = fmax(facts.most, values[i]);
        facts.exact = facts.exact && (double)number_to_float(values[i]) == values[i];
    }
    facts.mean = mean_of(values, facts.count);
    return facts;
}

static int compare_numbers(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Sorts values [count]. */
static double median_of(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare_numbers);
    const double low = values[(count - 1) / 2], high = values[count / 2];
    return low == high ? low : low / 2.0 + high / 2.0;
}

static double fill_of(enum weft_impute impute, const struct number_facts *facts, double *values)
{
    switch (impute) {
    case WEFT_IMPUTE_MEAN:
        return facts->mean;
    case WEFT_IMPUTE_MEDIAN:
        return median_of(values, facts->count);
    case WEFT_IMPUTE_NONE:
        break;
    }
    return (double)NAN;
}

/* ---- numbers that float32 merges ---- */

enum { MERGE_SAMPLE = 1024 };

/* Counts the distinct numbers of a sample of the column, and those that remain after the shift and
 * the conversion to float32. */
static void count_distinct(const double *values, size_t count, double shift, size_t *before,
                           size_t *after)
{
    double sample[MERGE_SAMPLE] = {0.0};
    const size_t taken = size_min(count, MERGE_SAMPLE);
    for (size_t i = 0; i < taken; i++)
        sample[i] = values[(size_t)((double)i * (double)count / (double)taken)];
    qsort(sample, taken, sizeof *sample, compare_numbers);
    *before = *after = taken > 0;
    for (size_t i = 1; i < taken; i++) {
        *before += sample[i] != sample[i - 1];
        *after += number_to_float(sample[i] - shift) != number_to_float(sample[i - 1] - shift);
    }
}

/* Tells the user if more than 1 % of the distinct numbers merge. Single pairs do so in any column
 * of many digits, and mean nothing. */
static void say_merged(const struct learning *learning, size_t column, const double *values,
                       const struct number_facts *facts, double shift)
{
    size_t before, after;
    if (facts->exact || !isfinite(facts->least) || !isfinite(facts->most)) /* rejected later */
        return;
    count_distinct(values, facts->count, shift, &before, &after);
    if ((before - after) * 100 <= before)
        return;
    notes_say(learning->notes,
              "column \"%.64s\": float32 cannot tell apart all of its numbers from %.10g to %.10g: "
              "of %zu distinct ones, %zu remain",
              learning->table->columns[column].name, facts->least, facts->most, before, after);
}

/* ---- one column ---- */

/* Returns what is subtracted from the numbers. If that took one of them beyond float32, the message
 * would blame an innocent number. */
static double shift_of(const struct number_facts *facts)
{
    const bool safe = isfinite(number_to_float(facts->least - facts->mean)) &&
                      isfinite(number_to_float(facts->most - facts->mean));
    return facts->exact || !safe ? 0.0 : facts->mean;
}

/* Tells whether the whole column counts the rows from 0 or 1. */
static bool counts_rows(const struct column *column, size_t rows)
{
    enum { FEWEST = 10 };
    if (rows < FEWEST || column->missing_count > 0)
        return false;
    const double first = column_number(column, 0);
    for (size_t i = 0; i < rows; i++)
        if ((first != 0.0 && first != 1.0) || column_number(column, i) != first + (double)i)
            return false;
    return true;
}

static void leave_out(struct schema_column *column, const char *reason)
{
    column->role = ROLE_IGNORED;
    column->reason = reason;
}

static void learn_number(const struct learning *learning, size_t i)
{
    const struct column *column = &learning->table->columns[i];
    struct schema_column *learned = &learning->schema->columns[i];
    double *values = learning->values;
    learning_numbers(learning, column, values);
    const struct number_facts facts = facts_of(values, learning->row_count);
    const size_t missing = learning->row_count - facts.count;
    learned->indicator = missing * 10 >= learning->row_count;
    if (facts.count == 0) {
        leave_out(learned, REASON_EMPTY);
        return;
    }
    if (facts.least == facts.most && !learned->indicator) {
        leave_out(learned, REASON_CONSTANT);
        return;
    }
    learned->role = ROLE_NUMBER;
    learned->shift = shift_of(&facts);
    say_merged(learning, i, values, &facts, learned->shift);
    learned->fill = fill_of(learning->impute, &facts, values);
    if (counts_rows(column, learning->table->rows))
        notes_say(learning->notes,
                  "column \"%.64s\" counts the rows; if it is not a feature, name it in "
                  "--ignore",
                  column->name);
}

/* A target of task regress stays in its own units, as float32. */
static void look_at_target(const struct learning *learning, size_t i)
{
    const struct column *column = &learning->table->columns[i];
    if (learning->schema->task != WEFT_TASK_REGRESS || column->kind != COLUMN_NUMBER)
        return;
    learning_numbers(learning, column, learning->values);
    const struct number_facts facts = facts_of(learning->values, learning->row_count);
    say_merged(learning, i, learning->values, &facts, 0.0);
    if (facts.count > 1 && facts.least == facts.most)
        notes_say(learning->notes, "target \"%.64s\" is always %g: there is nothing to learn",
                  column->name, facts.least);
}

static enum weft_status check_column(const struct weft_table *table, size_t column)
{
    if (table->columns[column].missing_count < table->rows)
        return WEFT_OK;
    return table_fail(table, 0, column, "all %zu values are missing; name the column in --ignore",
                      table->rows);
}

static enum weft_status learn_column(const struct learning *learning, size_t i)
{
    const enum schema_role role = learning->schema->columns[i].role;
    if (role == ROLE_TARGET)
        look_at_target(learning, i);
    if (role != ROLE_UNSETTLED && role != ROLE_CATEGORY)
        return WEFT_OK;
    TRY(check_column(learning->table, i));
    if (role == ROLE_CATEGORY || learning->table->columns[i].kind == COLUMN_TEXT)
        return learn_category(learning, i);
    learn_number(learning, i);
    return WEFT_OK;
}

void learning_numbers(const struct learning *learning, const struct column *column, double *values)
{
    if (learning->rows == NULL) {
        column_copy_numbers(column, 0, learning->row_count, values);
        return;
    }
    for (size_t i = 0; i < learning->row_count; i++)
        values[i] = column_number(column, learning->rows[i]);
}

/* ---- all columns ---- */

/* Names the columns that were left out without being told to, as far as there is room. */
static void say_left_out(const struct learning *learning)
{
    const struct schema *schema = learning->schema;
    char list[640] = "";
    size_t used = 0, count = 0, named = 0;
    for (size_t i = 0; i < schema->column_count; i++) {
        if (schema->columns[i].reason == NULL)
            continue;
        count++;
        if (used > sizeof list - 128)
            continue;
        used += (size_t)snprintf(list + used, sizeof list - used, "%s\"%.48s\" (%s)",
                                 named++ == 0 ? "" : ", ", learning->table->columns[i].name,
                                 schema->columns[i].reason);
    }
    if (count == 0)
        return;
    if (named < count)
        snprintf(list + used, sizeof list - used, " and %zu more", count - named);
    notes_say(learning->notes, "left out: %s; --categorical turns a column into a category", list);
}

static enum weft_status learn_all(const struct learning *learning)
{
    struct schema *schema = learning->schema;
    for (size_t i = 0; i < schema->column_count; i++)
        TRY(learn_column(learning, i));
    say_left_out(learning);
    TRY(schema_finish(schema));
    if (schema->features == 0)
        return fail(WEFT_ERROR_DATA,
                    "%s: no column remains as a feature: got %zu column%s, none of numbers or "
                    "categories besides the target%s",
                    learning->table->name, schema->column_count,
                    schema->column_count == 1 ? "" : "s",
                    learning->table->rows == 1 ? "; all columns of a single row are constant" : "");
    return WEFT_OK;
}

enum weft_status schema_learn(struct schema *schema, const struct weft_table *table,
                              const uint32_t *rows, size_t row_count, enum weft_impute impute,
                              struct notes notes)
{
    struct learning learning = {.schema = schema,
                                .table = table,
                                .rows = rows,
                                .row_count = rows != NULL ? row_count : table->rows,
                                .impute = impute,
                                .notes = notes};
    TRY(NEW_ARRAY(learning.values, learning.row_count));
    const enum weft_status status = learn_all(&learning);
    memory_free(learning.values);
    return status;
}
