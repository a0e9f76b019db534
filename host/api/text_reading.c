/* Reads tables of text for a training run, or as a model needs them; see data_reading.h.
 *
 * The columns of the file are matched with those of the model before any row is read, so that each
 * column is read in the same way from the first block to the last.
 */
#include "api/data_reading.h"
#include "base/memory.h"
#include "data/column_list.h"

/* Returns how to read a column for a role. Categories and classes are texts even if they are
 * numbers, because a text that training never saw may follow. */
static enum table_use use_for(const struct schema *schema, enum schema_role role, bool targets)
{
    switch (role) {
    case ROLE_NUMBER:
        return TABLE_NUMBERS;
    case ROLE_CATEGORY:
    case ROLE_ID:
        return TABLE_TEXTS;
    case ROLE_TARGET:
        if (targets)
            return schema->task == WEFT_TASK_CLASSIFY ? TABLE_TEXTS : TABLE_NUMBERS;
        return TABLE_SKIP;
    case ROLE_WEIGHT:
        return targets ? TABLE_NUMBERS : TABLE_SKIP;
    case ROLE_IGNORED:
    case ROLE_UNSETTLED:
        break;
    }
    return TABLE_SKIP;
}

/* Chooses the columns that a schema needs; places [column_count of the schema]. */
static enum weft_status use_schema(const struct schema *schema, const struct weft_table *table,
                                   bool targets, size_t *places, enum table_use *uses)
{
    TRY(schema_match(schema, table, targets, places));
    for (size_t i = 0; i < schema->column_count; i++)
        if (places[i] != SCHEMA_NO_PLACE)
            uses[places[i]] = use_for(schema, schema->columns[i].role, targets);
    return WEFT_OK;
}

static enum weft_status use_wanted(const struct reading *reading, const struct wanted *wanted,
                                   const struct weft_table *table, bool targets,
                                   enum table_use *uses)
{
    struct schema *schema;
    size_t *places = NULL; /* [column_count of the schema] */
    TRY(schema_for(reading, wanted, table, NULL, &schema));
    enum weft_status status = NEW_ARRAY(places, schema->column_count);
    if (status == WEFT_OK)
        status = use_schema(schema, table, targets, places, uses);
    memory_free(places);
    schema_release(schema);
    return status;
}

static enum weft_status keep_spelling(void *user, size_t column)
{
    enum table_use *uses = user;
    uses[column] = TABLE_TEXTS;
    return WEFT_OK;
}

static enum weft_status choose_uses(const struct reading *reading, const struct wanted *wanted,
                                    const struct weft_table *table, bool targets,
                                    enum table_use *uses)
{
    for (size_t c = 0; c < table->column_count; c++)
        uses[c] = wanted != NULL ? TABLE_SKIP : TABLE_ANYTHING;
    if (wanted != NULL)
        TRY(use_wanted(reading, wanted, table, targets, uses));
    TRY(column_list_visit(table, "id", reading->options.id, keep_spelling, uses));
    if (wanted == NULL) /* A column of numbers is a feature as well. */
        return WEFT_OK;
    return column_list_visit(table, "keep", reading->options.keep, keep_spelling, uses);
}

static enum weft_status choose_columns(const struct reading *reading, const struct wanted *wanted,
                                       bool targets, struct table_reader *reader,
                                       struct weft_table *table)
{
    enum table_use *uses; /* [column_count] */
    TRY(NEW_ARRAY(uses, table->column_count));
    const enum weft_status status = choose_uses(reading, wanted, table, targets, uses);
    if (status == WEFT_OK)
        table_reader_choose(reader, uses, table);
    memory_free(uses);
    return status;
}

/* Tells whether the columns have names for what is wanted. */
static bool has_names(const struct wanted *wanted)
{
    return wanted != NULL && wanted->schema != NULL && wanted->schema->named;
}

/* Says how a first row that counts 0, 1, 2, ... is read, because it may be names or a sample. If
 * the columns have names for the model, the names are right. */
static void say_counts(const struct reading *reading, const struct wanted *wanted,
                       const struct weft_table *table)
{
    const char *how = "names; --no-header reads it as values";
    if (!table->counted || (table->named && has_names(wanted)))
        return;
    if (!table->named)
        how = reading->format.no_header ? "values, because of --no-header"
                                        : "values; remove it if it has names";
    notes_say(reading->notes, "%s: the first row counts 0, 1, 2, ...: read as %s", table->name,
              how);
}

enum weft_status open_text(const struct reading *reading, const struct wanted *wanted, bool targets,
                           struct source *source, struct table_reader **reader,
                           struct weft_table **table)
{
    struct table_format format = reading->format;
    struct byte_source *text = source->text;
    format.chosen = wanted != NULL;
    format.doubt_counts = wanted != NULL && !has_names(wanted);
    source->text = NULL; /* The reader owns it now. */
    TRY(table_reader_open(text, &format, reader));
    TRY(table_reader_table(*reader, table));
    say_counts(reading, wanted, *table);
    targets = targets && (wanted == NULL || table_has_targets(reading, wanted, *table, NULL));
    return choose_columns(reading, wanted, targets, *reader, *table);
}

enum weft_status read_text(const struct reading *reading, const struct wanted *wanted,
                           struct source *source, bool targets)
{
    struct table_reader *reader = NULL;
    size_t got;
    enum weft_status status =
        open_text(reading, wanted, targets, source, &reader, &source->train_table);
    if (status == WEFT_OK)
        status = table_reader_next(reader, SIZE_MAX, source->train_table, &got);
    table_reader_close(reader);
    return status;
}
