/* The first half of learning a schema: the columns that the user names, the task and the classes.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "data/classes.h"
#include "data/lookup.h"
#include "data/schema_names.h"
#include "data/table_value.h"
#include "data/task.h"
#include "data/text_tally.h"

/* ---- the task ---- */

enum { MOST_INFERRED_CLASSES = 20, LEAST_ROWS_OF_A_CLASS = 5 };

/* The distinct numbers of a column, as far as they may be classes. */
struct few_numbers {
    double values[MOST_INFERRED_CLASSES];
    size_t counts[MOST_INFERRED_CLASSES];
    size_t count; /* MOST_INFERRED_CLASSES + 1: too many, or one is not whole */
};

static void few_numbers_add(struct few_numbers *few, double number)
{
    size_t i = 0;
    while (i < few->count && few->values[i] != number)
        i++;
    if (i == MOST_INFERRED_CLASSES || floor(number) != number) {
        few->count = MOST_INFERRED_CLASSES + 1;
        return;
    }
    few->values[i] = number;
    few->counts[i]++;
    few->count = size_max(few->count, i + 1);
}

static struct few_numbers few_numbers_of(const struct column *column, size_t rows)
{
    struct few_numbers few = {.count = 0};
    for (size_t i = 0; i < rows && few.count <= MOST_INFERRED_CLASSES; i++)
        few_numbers_add(&few, column_number(column, i));
    return few;
}

static bool is_zero_or_one(const struct few_numbers *few)
{
    for (size_t i = 0; i < few->count; i++)
        if (few->count > 2 || (few->values[i] != 0.0 && few->values[i] != 1.0))
            return false;
    return true;
}

static bool may_be_classes(const struct few_numbers *few)
{
    if (few->count > MOST_INFERRED_CLASSES)
        return false;
    for (size_t i = 0; i < few->count; i++)
        if (few->counts[i] < LEAST_ROWS_OF_A_CLASS)
            return is_zero_or_one(few);
    return true;
}

static enum weft_task infer_from_one(const struct column *column, size_t rows)
{
    if (column->kind == COLUMN_TEXT)
        return WEFT_TASK_CLASSIFY;
    const struct few_numbers few = few_numbers_of(column, rows);
    return may_be_classes(&few) ? WEFT_TASK_CLASSIFY : WEFT_TASK_REGRESS;
}

static enum weft_task infer_from_several(const struct weft_table *table,
                                         const struct schema *schema)
{
    for (size_t i = 0; i < schema->column_count; i++) {
        const struct column *column = &table->columns[i];
        if (schema->columns[i].role != ROLE_TARGET || column->kind == COLUMN_TEXT)
            continue;
        const struct few_numbers few = few_numbers_of(column, table->rows);
        if (!is_zero_or_one(&few))
            return WEFT_TASK_REGRESS;
    }
    return WEFT_TASK_MULTILABEL;
}

/* Returns the first target at or after `column`. */
static size_t next_target(const struct schema *schema, size_t column)
{
    while (column < schema->column_count && schema->columns[column].role != ROLE_TARGET)
        column++;
    return column;
}

static size_t count_targets(const struct schema *schema)
{
    size_t count = 0;
    for (size_t i = 0; i < schema->column_count; i++)
        count += schema->columns[i].role == ROLE_TARGET;
    return count;
}

/* ---- the values of targets ---- */

static enum weft_status check_missing(const struct weft_table *table, size_t column)
{
    const struct column *target = &table->columns[column];
    size_t first = 0;
    if (target->missing_count == 0)
        return WEFT_OK;
    while (!column_is_missing(target, first))
        first++;
    return table_fail(table, first, column,
                      "the target is missing in %zu of %zu rows, this is the first; remove "
                      "these rows",
                      target->missing_count, table->rows);
}

/* Checks that the values are what `task` needs: numbers, which are 0 or 1 for multilabel. */
static enum weft_status check_numbers(const struct weft_table *table, size_t column,
                                      enum weft_task task)
{
    const struct column *target = &table->columns[column];
    const bool truth = task == WEFT_TASK_MULTILABEL;
    char value[TABLE_VALUE_SIZE];
    for (size_t i = 0; i < table->rows && (truth || target->kind == COLUMN_TEXT); i++) {
        double number = 0.0;
        const bool is_number = target->kind == COLUMN_NUMBER
                                   ? (number = column_number(target, i), true)
                                   : number_from_text(column_text(target, i), &number);
        if (is_number && (!truth || number == 0.0 || number == 1.0))
            continue;
        table_value_text(target, i, value);
        struct marked_number marked;
        const char *advice =
            target->kind == COLUMN_TEXT && marked_number_take(column_text(target, i), &marked)
                ? marked_number_advice(&marked)
                : NULL;
        return table_fail(table, i, column, "got %s, task %s needs %s%s%s", value, task_name(task),
                          truth ? "0 or 1" : "a number", advice != NULL ? "; these are " : "",
                          advice != NULL ? advice : "");
    }
    return WEFT_OK;
}

static enum weft_status check_targets(const struct weft_table *table, const struct schema *schema)
{
    for (size_t i = next_target(schema, 0); i < schema->column_count;
         i = next_target(schema, i + 1)) {
        TRY(check_missing(table, i));
        if (schema->task != WEFT_TASK_CLASSIFY)
            TRY(check_numbers(table, i, schema->task));
    }
    return WEFT_OK;
}

/* A table whose delimiter was not recognized has a single column. */
static enum weft_status check_width(const struct weft_table *table)
{
    if (table->column_count > 1)
        return WEFT_OK;
    return fail(WEFT_ERROR_DATA,
                "%s: got a single column, \"%.64s\", need a target and a feature; if another "
                "character separates the values, name it with --delimiter",
                table->name, table->columns[0].name);
}

static enum weft_status fail_without_target(const struct weft_table *table)
{
    char list[512] = "";
    size_t used = 0, i = 0;
    for (; i < table->column_count && used < sizeof list - 80; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%.64s", i == 0 ? "" : ", ",
                                 table->columns[i].name);
    return fail_option("target", NULL,
                       "%s: name the column to predict, such as the last one, %.64s; the columns "
                       "are %s%s",
                       table->name, table->columns[table->column_count - 1].name, list,
                       i < table->column_count ? ", ..." : "");
}

static enum weft_status settle_task(const struct weft_table *table,
                                    const struct schema_options *options, struct schema *schema)
{
    const size_t targets = count_targets(schema);
    if (targets == 0)
        return fail_without_target(table);
    schema->task = options->task;
    if (!options->task_given)
        schema->task = targets == 1
                           ? infer_from_one(&table->columns[next_target(schema, 0)], table->rows)
                           : infer_from_several(table, schema);
    if (schema->task == WEFT_TASK_CLASSIFY && targets > 1)
        return fail_option("target", options->target,
                           "got %zu columns, task classify needs one; several columns of 0 and 1 "
                           "are task multilabel",
                           targets);
    return check_targets(table, schema);
}

/* ---- classes ---- */

static int compare_words(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static int compare_values(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static enum weft_status check_class_count(const struct weft_table *table, size_t column,
                                          size_t classes)
{
    if (classes <= DATASET_MOST_CLASSES)
        return WEFT_OK;
    return fail(WEFT_ERROR_DATA,
                "%s: column \"%s\": got %zu distinct values, need at most %d classes; for "
                "quantities use --task regress",
                table->name, table->columns[column].name, classes, (int)DATASET_MOST_CLASSES);
}

/* Sorts the words that occur, and names the classes by them. `words` [word_count] is workspace. */
static enum weft_status name_words(const struct weft_table *table, size_t target,
                                   const char **words, struct schema *schema)
{
    const struct column *column = &table->columns[target];
    for (size_t i = 0; i < table->rows; i++)
        words[column->texts[i]] = column_text(column, i);
    size_t count = 0;
    for (size_t w = 0; w < column->words.count; w++)
        if (words[w] != NULL)
            words[count++] = words[w];
    TRY(check_class_count(table, target, count));
    qsort(words, count, sizeof *words, compare_words);
    TRY(NEW_ARRAY(schema->class_names, count));
    schema->classes = count;
    for (size_t c = 0; c < count; c++)
        TRY(text_copy(words[c], &schema->class_names[c]));
    return WEFT_OK;
}

/* Sorts the distinct numbers, and names the classes by them. `values` [rows] is workspace. */
static enum weft_status name_values(const struct weft_table *table, size_t target, double *values,
                                    struct schema *schema)
{
    const struct column *column = &table->columns[target];
    size_t count = 0;
    for (size_t i = 0; i < table->rows; i++) {
        values[i] = column_number(column, i) + 0.0; /* -0 is 0 */
        if (classes_may_merge(values[i]))
            return table_fail(table, i, target, "got %.17g, " CLASSES_NEED_SMALLER, values[i]);
    }
    qsort(values, table->rows, sizeof *values, compare_values);
    for (size_t i = 0; i < table->rows; i++)
        if (count == 0 || values[i] != values[count - 1])
            values[count++] = values[i];
    TRY(check_class_count(table, target, count));
    TRY(NEW_ARRAY(schema->class_names, count));
    schema->classes = count;
    for (size_t c = 0; c < count; c++) {
        char text[NUMBER_TEXT_SIZE];
        number_to_text(values[c], text);
        TRY(text_copy(text, &schema->class_names[c]));
    }
    return WEFT_OK;
}

static enum weft_status name_classes(const struct weft_table *table, struct schema *schema)
{
    const size_t target = next_target(schema, 0);
    const char **words = NULL;
    double *values = NULL;
    enum weft_status status;
    if (table->columns[target].kind == COLUMN_TEXT) {
        status = NEW_ARRAY(words, table->columns[target].words.count);
        if (status == WEFT_OK)
            status = name_words(table, target, words, schema);
    } else {
        status = NEW_ARRAY(values, table->rows);
        if (status == WEFT_OK)
            status = name_values(table, target, values, schema);
    }
    memory_free(words);
    memory_free(values);
    return status;
}

/* Names the outputs of the other tasks by their columns. */
static enum weft_status name_targets(const struct weft_table *table, struct schema *schema)
{
    const size_t count = count_targets(schema);
    TRY(NEW_ARRAY(schema->class_names, count));
    schema->classes = count;
    for (size_t i = next_target(schema, 0), c = 0; c < count; i = next_target(schema, i + 1))
        TRY(text_copy(table->columns[i].name, &schema->class_names[c++]));
    return WEFT_OK;
}

enum weft_status schema_labels(const struct schema *schema, const struct weft_table *table,
                               int32_t *labels)
{
    const struct column *column = &table->columns[next_target(schema, 0)];
    struct lookup lookup;
    TRY(lookup_init(&lookup, (const char *const *)schema->class_names, schema->classes,
                    column->kind == COLUMN_NUMBER));
    for (size_t i = 0; i < table->rows; i++)
        labels[i] = (int32_t)(column->kind == COLUMN_NUMBER
                                  ? lookup_number(&lookup, column_number(column, i))
                                  : lookup_text(&lookup, column_text(column, i)));
    lookup_reset(&lookup);
    return WEFT_OK;
}

/* ---- all of it ---- */

static void say_task(const struct weft_table *table, const struct schema *schema,
                     const struct schema_options *options, struct notes notes)
{
    const char *name = table->columns[next_target(schema, 0)].name;
    const char *others = count_targets(schema) > 1 ? " and others" : "";
    char what[48] = "numbers";
    if (options->task_given)
        return;
    if (schema->task == WEFT_TASK_CLASSIFY)
        snprintf(what, sizeof what, "%zu class%s", schema->classes,
                 schema->classes == 1 ? "" : "es");
    if (schema->task == WEFT_TASK_MULTILABEL)
        snprintf(what, sizeof what, "%zu labels", schema->classes);
    notes_say(notes, "task %s: target \"%.64s\"%s: %s; --task overrides this",
              task_name(schema->task), name, others, what);
}

/* Says so if the texts of the target do not look like classes. */
static enum weft_status doubt_classes(const struct weft_table *table, const struct schema *schema,
                                      struct notes notes)
{
    const struct column *column = &table->columns[next_target(schema, 0)];
    struct text_tally tally = {.rows = 0};
    size_t *counts; /* [words] */
    if (column->kind != COLUMN_TEXT)
        return WEFT_OK;
    TRY(NEW_ARRAY(counts, column->words.count));
    for (size_t i = 0; i < table->rows; i++)
        counts[column->texts[i]]++;
    for (size_t w = 0; w < column->words.count; w++)
        if (counts[w] > 0)
            text_tally_add(&tally, column->words.words[w], counts[w]);
    memory_free(counts);
    const char *reason = text_tally_reason(&tally);
    if (reason != NULL)
        notes_say(notes, "target \"%.64s\" has %zu classes in %zu rows: %s", column->name,
                  tally.distinct, tally.rows, reason);
    return WEFT_OK;
}

static enum weft_status create(const struct weft_table *table, const struct schema_options *options,
                               struct notes notes, struct schema *schema)
{
    TRY(schema_name_columns(schema, table, options));
    TRY(settle_task(table, options, schema));
    TRY(schema->task == WEFT_TASK_CLASSIFY ? name_classes(table, schema)
                                           : name_targets(table, schema));
    say_task(table, schema, options, notes);
    return schema->task == WEFT_TASK_CLASSIFY ? doubt_classes(table, schema, notes) : WEFT_OK;
}

enum weft_status schema_create(const struct weft_table *table, const struct schema_options *options,
                               struct notes notes, struct schema **schema)
{
    *schema = NULL;
    if (table->rows == 0 || table->column_count == 0)
        return fail(WEFT_ERROR_DATA, "%s: got no rows, need at least one", table->name);
    TRY(check_width(table));
    TRY(schema_allocate(table->column_count, schema));
    const enum weft_status status = create(table, options, notes, *schema);
    if (status != WEFT_OK) {
        schema_release(*schema);
        *schema = NULL;
    }
    return status;
}
