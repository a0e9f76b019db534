/* Turns rows of a table into samples, as a schema says. The columns have been matched before; see
 * schema_match.c.
 *
 * The rows are filled in blocks, column by column: a block of samples stays in the cache, although
 * a sample may have hundreds of features. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "data/kept_texts.h"
#include "data/schema.h"
#include "data/table_value.h"
#include "data/task.h"

enum { BLOCK_ROWS = 64, MOST_SPAN = 512 };

/* A column of the schema and its column in the table. */
struct column_pair {
    const struct schema_column *meaning; /* borrowed */
    const struct column *values;         /* borrowed; NULL: the table lacks the column */
    size_t index, place;                 /* in the schema, in the table */
    double *numbers;     /* [words] owned: of texts, for numbers; NaN: not a number */
    uint32_t *positions; /* [words] owned: of texts, for categories and classes; or LOOKUP_NONE */
};

/* One call of schema_apply. */
struct application {
    struct schema_applier *applier;
    const struct weft_table *table;
    const uint32_t *rows; /* [count]; NULL: row i is i */
    size_t count;
    struct column_pair *pairs;    /* [column_count] owned */
    struct weft_dataset *dataset; /* owned until it is finished */
    int32_t *labels;              /* [count] owned; NULL without labels */
    uint32_t *kept;               /* [count] owned; NULL, or the rows of known classes */
};

static size_t row_of(const struct application *application, size_t i)
{
    return application->rows != NULL ? application->rows[i] : i;
}

/* ---- texts of a column ---- */

static enum weft_status read_words(const struct weft_table *table, struct column_pair *pair)
{
    const struct dictionary *words = &pair->values->words;
    TRY(NEW_ARRAY(pair->numbers, words->count));
    for (size_t w = 0; w < words->count; w++)
        if (!table_text_number(table, words->words[w], &pair->numbers[w]))
            pair->numbers[w] = (double)NAN;
    return WEFT_OK;
}

static enum weft_status find_words(const struct weft_table *table, const struct lookup *lookup,
                                   struct column_pair *pair)
{
    const struct dictionary *words = &pair->values->words;
    double number;
    TRY(NEW_ARRAY(pair->positions, words->count));
    for (size_t w = 0; w < words->count; w++)
        if (!lookup->numeric)
            pair->positions[w] = lookup_text(lookup, words->words[w]);
        else if (table_text_number(table, words->words[w], &number))
            pair->positions[w] = lookup_number(lookup, number);
        else
            pair->positions[w] = LOOKUP_NONE;
    return WEFT_OK;
}

static bool holds_classes(const struct application *application, const struct column_pair *pair)
{
    return pair->meaning->role == ROLE_TARGET &&
           application->applier->schema->task == WEFT_TASK_CLASSIFY;
}

static enum weft_status pair_init(struct application *application, size_t i)
{
    const struct schema_applier *applier = application->applier;
    struct column_pair *pair = &application->pairs[i];
    *pair = (struct column_pair){
        .meaning = &applier->schema->columns[i], .index = i, .place = applier->places[i]};
    const enum schema_role role = pair->meaning->role;
    if (pair->place == SCHEMA_NO_PLACE || role == ROLE_ID || role == ROLE_IGNORED ||
        (!applier->targets && (role == ROLE_TARGET || role == ROLE_WEIGHT)))
        return WEFT_OK;
    pair->values = &application->table->columns[pair->place];
    if (pair->values->kind != COLUMN_TEXT)
        return WEFT_OK;
    if (role == ROLE_CATEGORY || holds_classes(application, pair))
        return find_words(application->table, &applier->lookups[i], pair);
    return read_words(application->table, pair);
}

/* ---- numbers ---- */

static enum weft_status fail_value(const struct application *application,
                                   const struct column_pair *pair, size_t row, const char *need)
{
    char value[TABLE_VALUE_SIZE];
    table_value_text(pair->values, row, value);
    return table_fail(application->table, row, pair->place, "got %s, need %s", value, need);
}

/* Stores the numbers of rows first .. first + count - 1 in numbers [BLOCK_ROWS]; NaN: missing. */
static enum weft_status take_numbers(const struct application *application,
                                     const struct column_pair *pair, size_t first, size_t count,
                                     double *numbers)
{
    const struct column *values = pair->values;
    double span[MOST_SPAN];
    if (values->kind == COLUMN_TEXT) {
        for (size_t i = 0; i < count; i++) {
            const size_t row = row_of(application, first + i);
            const uint32_t word = values->texts[row];
            numbers[i] = word == COLUMN_NO_TEXT ? (double)NAN : pair->numbers[word];
            if (word != COLUMN_NO_TEXT && isnan(numbers[i]))
                return fail_value(application, pair, row, "a number");
        }
        return WEFT_OK;
    }
    const size_t begin = row_of(application, first), last = row_of(application, first + count - 1);
    if (last - begin < MOST_SPAN) {
        column_copy_numbers(values, begin, last - begin + 1, span);
        for (size_t i = 0; i < count; i++)
            numbers[i] = span[row_of(application, first + i) - begin];
        return WEFT_OK;
    }
    for (size_t i = 0; i < count; i++)
        numbers[i] = column_number(values, row_of(application, first + i));
    return WEFT_OK;
}

static enum weft_status fill_numbers(const struct application *application,
                                     const struct column_pair *pair, size_t first, size_t count)
{
    const struct schema_column *meaning = pair->meaning;
    const size_t features = application->dataset->features;
    float *x = application->dataset->x + first * features + meaning->feature;
    double numbers[BLOCK_ROWS];
    bool finite = true;
    TRY(take_numbers(application, pair, first, count, numbers));
    for (size_t i = 0; i < count; i++, x += features) {
        const bool missing = isnan(numbers[i]);
        *x = number_to_float((missing ? meaning->fill : numbers[i]) - meaning->shift);
        if (meaning->indicator)
            x[1] = missing ? 1.0f : 0.0f;
        finite = finite && fabsf(*x) <= FLT_MAX;
    }
    for (size_t i = 0; !finite && i < count; i++) {
        const size_t row = row_of(application, first + i);
        if (isnan(numbers[i]))
            return fail_value(application, pair, row,
                              "a number, because the model replaces no missing ones");
        if (!isfinite(number_to_float(numbers[i] - meaning->shift)))
            return fail_value(application, pair, row, "a number in the range of float32");
    }
    return WEFT_OK;
}

/* ---- categories and classes ---- */

/* Returns the position of the value in a row among the categories or classes, or LOOKUP_NONE. The
 * value must not be missing. */
static uint32_t position_of(const struct application *application, const struct column_pair *pair,
                            size_t row)
{
    if (pair->values->kind == COLUMN_TEXT)
        return pair->positions[pair->values->texts[row]];
    return lookup_number(&application->applier->lookups[pair->index],
                         column_number(pair->values, row));
}

/* Remembers a value that training never saw. */
static enum weft_status remember(const struct application *application,
                                 const struct column_pair *pair, size_t row)
{
    struct unseen_values *unseen = &application->applier->unseen[pair->index];
    char number[NUMBER_TEXT_SIZE];
    const char *text = NULL;
    if (!column_is_missing(pair->values, row) && pair->values->kind == COLUMN_TEXT)
        text = column_text(pair->values, row);
    if (!column_is_missing(pair->values, row) && pair->values->kind == COLUMN_NUMBER) {
        number_to_text(column_number(pair->values, row), number);
        text = number;
    }
    if (unseen->rows++ == 0 && text != NULL)
        TRY(text_copy(text, &unseen->first));
    unseen->first_rows += text != NULL && unseen->first != NULL && strcmp(text, unseen->first) == 0;
    return WEFT_OK;
}

static enum weft_status note_unseen(const struct application *application,
                                    const struct column_pair *pair, size_t row)
{
    if (application->applier->strict)
        return fail_value(application, pair, row, "a value that the training set had");
    return remember(application, pair, row);
}

/* Returns the feature that is 1 in a row, counted from the first of the column, or SIZE_MAX if none
 * is. */
static enum weft_status find_feature(const struct application *application,
                                     const struct column_pair *pair, size_t row, size_t *feature)
{
    const struct schema_column *meaning = pair->meaning;
    const size_t count = meaning->category_count;
    *feature = SIZE_MAX;
    if (column_is_missing(pair->values, row)) {
        if (meaning->missing)
            *feature = count + meaning->other;
        return meaning->missing ? WEFT_OK : note_unseen(application, pair, row);
    }
    const uint32_t position = position_of(application, pair, row);
    if (position < count) {
        *feature = position;
        return WEFT_OK;
    }
    if (meaning->other)
        *feature = count;
    const bool uncertain = meaning->other && meaning->known_count == count;
    return position == LOOKUP_NONE && !uncertain ? note_unseen(application, pair, row) : WEFT_OK;
}

static enum weft_status fill_category(const struct application *application,
                                      const struct column_pair *pair, size_t first, size_t count)
{
    const size_t features = application->dataset->features;
    float *x = application->dataset->x + first * features + pair->meaning->feature;
    for (size_t i = 0; i < count; i++, x += features) {
        size_t feature = 0;
        TRY(find_feature(application, pair, row_of(application, first + i), &feature));
        if (feature != SIZE_MAX)
            x[feature] = 1.0f;
    }
    return WEFT_OK;
}

static enum weft_status fail_missing_target(const struct application *application,
                                            const struct column_pair *pair, size_t row)
{
    return table_fail(application->table, row, pair->place,
                      "the target is missing; remove rows without it");
}

/* Finds the class of each row, and drops the rows whose class is unknown. */
static enum weft_status find_labels(struct application *application, const struct column_pair *pair)
{
    size_t kept = 0;
    TRY(NEW_ARRAY(application->labels, application->count));
    TRY(NEW_ARRAY(application->kept, application->count));
    for (size_t i = 0; i < application->count; i++) {
        const size_t row = row_of(application, i);
        if (column_is_missing(pair->values, row))
            return fail_missing_target(application, pair, row);
        const uint32_t position = position_of(application, pair, row);
        if (position == LOOKUP_NONE) {
            TRY(remember(application, pair, row));
            continue;
        }
        application->labels[kept] = (int32_t)position;
        application->kept[kept++] = (uint32_t)row;
    }
    application->applier->unseen_classes += application->count - kept;
    if (kept < application->count)
        application->rows = application->kept;
    application->count = kept;
    return WEFT_OK;
}

/* ---- targets and weights ---- */

/* Stores the numbers of a target in column `output` of the targets. */
static enum weft_status fill_target(const struct application *application,
                                    const struct column_pair *pair, size_t output)
{
    const bool truth = application->applier->schema->task == WEFT_TASK_MULTILABEL;
    struct weft_dataset *dataset = application->dataset;
    double numbers[BLOCK_ROWS];
    for (size_t first = 0; first < application->count; first += BLOCK_ROWS) {
        const size_t count = size_min(BLOCK_ROWS, application->count - first);
        TRY(take_numbers(application, pair, first, count, numbers));
        for (size_t i = 0; i < count; i++) {
            const size_t row = row_of(application, first + i);
            const float value = number_to_float(numbers[i]);
            if (isnan(numbers[i]))
                return fail_missing_target(application, pair, row);
            if (truth && value != 0.0f && value != 1.0f)
                return fail_value(application, pair, row, "0 or 1 for task multilabel");
            if (!isfinite(value))
                return fail_value(application, pair, row, "a number in the range of float32");
            dataset->targets[(first + i) * dataset->classes + output] = value;
        }
    }
    return WEFT_OK;
}

static enum weft_status fill_weights(const struct application *application,
                                     const struct column_pair *pair)
{
    float *weights = NULL; /* [N] */
    double numbers[BLOCK_ROWS];
    TRY(NEW_ARRAY(weights, application->count));
    application->dataset->weights = weights;
    for (size_t first = 0; first < application->count; first += BLOCK_ROWS) {
        const size_t count = size_min(BLOCK_ROWS, application->count - first);
        TRY(take_numbers(application, pair, first, count, numbers));
        for (size_t i = 0; i < count; i++) {
            weights[first + i] = number_to_float(numbers[i]);
            if (!(weights[first + i] >= 0.0f && weights[first + i] <= FLT_MAX))
                return fail_value(application, pair, row_of(application, first + i),
                                  "a weight of 0 or more");
        }
    }
    return WEFT_OK;
}

/* ---- all columns ---- */

static enum weft_status fill_block(const struct application *application, size_t first)
{
    const size_t count = size_min(BLOCK_ROWS, application->count - first);
    for (size_t i = 0; i < application->applier->schema->column_count; i++) {
        const struct column_pair *pair = &application->pairs[i];
        if (pair->meaning->role == ROLE_NUMBER)
            TRY(fill_numbers(application, pair, first, count));
        if (pair->meaning->role == ROLE_CATEGORY)
            TRY(fill_category(application, pair, first, count));
    }
    return WEFT_OK;
}

static enum weft_status fill_targets(const struct application *application)
{
    const struct schema *schema = application->applier->schema;
    size_t output = 0;
    for (size_t i = 0; i < schema->column_count; i++) {
        const struct column_pair *pair = &application->pairs[i];
        if (pair->values != NULL && pair->meaning->role == ROLE_WEIGHT)
            TRY(fill_weights(application, pair));
        if (application->dataset->targets != NULL && pair->meaning->role == ROLE_TARGET)
            TRY(fill_target(application, pair, output++));
    }
    return WEFT_OK;
}

static enum weft_status fill_dataset(struct application *application)
{
    struct schema *schema = application->applier->schema;
    struct weft_dataset *dataset = application->dataset;
    dataset->schema = schema_share(schema);
    if (application->applier->targets && schema->task != WEFT_TASK_CLASSIFY)
        TRY(dataset_allocate_targets(dataset, schema->classes));
    if (application->labels != NULL)
        memcpy(dataset->labels, application->labels, application->count * sizeof *dataset->labels);
    for (size_t first = 0; first < application->count; first += BLOCK_ROWS)
        TRY(fill_block(application, first));
    TRY(fill_targets(application));
    if (application->applier->kept_count > 0) {
        TRY(kept_texts_make(application->table, application->applier->kept,
                            application->applier->kept_count, application->rows, application->count,
                            &dataset->kept));
        dataset->kept->has_id = application->applier->kept_id;
    }
    return dataset_finish(dataset, schema->classes, (const char *const *)schema->class_names);
}

static enum weft_status apply(struct application *application)
{
    const struct schema *schema = application->applier->schema;
    const size_t asked = application->count;
    TRY(NEW_ARRAY(application->pairs, schema->column_count));
    for (size_t i = 0; i < schema->column_count; i++)
        TRY(pair_init(application, i));
    for (size_t i = 0; application->applier->targets && i < schema->column_count; i++)
        if (holds_classes(application, &application->pairs[i]))
            TRY(find_labels(application, &application->pairs[i]));
    application->applier->rows += asked;
    if (application->count == 0)
        return WEFT_OK;
    TRY(dataset_allocate(application->table->name, application->count, schema->features,
                         application->labels != NULL, &application->dataset));
    application->dataset->unseen = asked - application->count;
    return fill_dataset(application);
}

enum weft_status schema_apply(struct schema_applier *applier, const struct weft_table *table,
                              const uint32_t *rows, size_t row_count, struct weft_dataset **dataset)
{
    struct application application = {.applier = applier,
                                      .table = table,
                                      .rows = rows,
                                      .count = rows != NULL ? row_count : table->rows};
    const enum weft_status status = apply(&application);
    for (size_t i = 0; application.pairs != NULL && i < applier->schema->column_count; i++) {
        memory_free(application.pairs[i].numbers);
        memory_free(application.pairs[i].positions);
    }
    memory_free(application.pairs);
    memory_free(application.labels);
    memory_free(application.kept);
    *dataset = application.dataset;
    if (status != WEFT_OK) {
        weft_dataset_destroy(application.dataset);
        *dataset = NULL;
    }
    return status;
}

static enum weft_status apply_all(struct schema_applier *applier, const struct weft_table *table,
                                  struct notes notes, struct weft_dataset **dataset)
{
    TRY(schema_apply(applier, table, NULL, 0, dataset));
    schema_applier_report(applier, table->name, notes);
    if (*dataset == NULL)
        return fail(WEFT_ERROR_DATA, "%s: no row belongs to a class of the training set",
                    table->name);
    return WEFT_OK;
}

enum weft_status schema_apply_once(struct schema *schema, const struct weft_table *table,
                                   const struct schema_request *request, struct notes notes,
                                   struct weft_dataset **dataset)
{
    struct schema_applier applier;
    *dataset = NULL;
    TRY(schema_applier_init(&applier, schema, table, request, notes));
    const enum weft_status status = apply_all(&applier, table, notes, dataset);
    schema_applier_reset(&applier);
    return status;
}
