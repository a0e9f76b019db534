/* Matches the columns of a table with those of a schema, by name or by position. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "data/column_list.h"
#include "data/schema.h"

static bool is_feature(const struct schema_column *column)
{
    return column->role == ROLE_NUMBER || column->role == ROLE_CATEGORY;
}

/* Tells whether a table must have the column. */
static bool is_needed(const struct schema_column *column, bool targets)
{
    return is_feature(column) || (targets && column->role == ROLE_TARGET);
}

/* ---- by position ---- */

/* Returns the number of columns that a table has beside its targets. */
static size_t count_without_targets(const struct schema *schema)
{
    size_t count = 0;
    for (size_t i = 0; i < schema->column_count; i++)
        count += schema->columns[i].role != ROLE_TARGET;
    return count;
}

/* Tells whether a table may have this number of columns. For predictions, it may lack the targets.
 */
static bool fits(const struct schema *schema, size_t columns, bool with_targets)
{
    return columns == schema->column_count ||
           (!with_targets && columns == count_without_targets(schema));
}

/* Finds the first column to match: the second one if the first is the index of pandas. The first
 * column of a table that fits with it and without it is an index if it counts the rows. */
static enum weft_status find_first(const struct schema *schema, const struct weft_table *table,
                                   bool with_targets, size_t *first)
{
    const size_t columns = table->column_count;
    const bool whole = fits(schema, columns, with_targets);
    const bool indexed = table->indexed && fits(schema, columns - 1, with_targets);
    *first = indexed ? 1 : 0;
    if (whole && indexed != table->counting_index)
        return fail(WEFT_ERROR_DATA,
                    "%s: columns: got %zu, of which the first has no name, and the model knows its "
                    "columns by position; remove the first column if it is an index (pandas: "
                    "index=False), or the header",
                    table->name, columns);
    if (whole || indexed)
        return WEFT_OK;
    return fail(WEFT_ERROR_DATA, "%s: columns: got %zu, the model needs %zu%s", table->name,
                columns, schema->column_count,
                with_targets || count_without_targets(schema) == schema->column_count
                    ? ""
                    : ", or as many without the target");
}

/* Matches by position. */
static enum weft_status match_positions(const struct schema *schema, const struct weft_table *table,
                                        bool with_targets, size_t *places)
{
    size_t next;
    TRY(find_first(schema, table, with_targets, &next));
    const bool lacks = table->column_count - next != schema->column_count;
    for (size_t i = 0; i < schema->column_count; i++)
        places[i] = lacks && schema->columns[i].role == ROLE_TARGET ? SCHEMA_NO_PLACE : next++;
    return WEFT_OK;
}

/* ---- by name ---- */

static size_t find_column(const struct weft_table *table, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return i;
    return SCHEMA_NO_PLACE;
}

/* Appends a name to a list of names, which is cut where it is long. */
struct name_list {
    char text[512];
    size_t used, count;
};

static void name_list_add(struct name_list *list, const char *name)
{
    const bool fits = list->used < sizeof list->text - 80;
    if (fits)
        list->used += (size_t)snprintf(list->text + list->used, sizeof list->text - list->used,
                                       "%s\"%.64s\"", list->count == 0 ? "" : ", ", name);
    else if (list->used < sizeof list->text - 6)
        list->used +=
            (size_t)snprintf(list->text + list->used, sizeof list->text - list->used, ", ...");
    list->count++;
}

/* A table of hundreds of columns usually has them in the order of the schema, so look there first.
 */
static enum weft_status match_names(const struct schema *schema, const struct weft_table *table,
                                    bool targets, size_t *places)
{
    struct name_list missing = {.used = 0};
    size_t expected = 0;
    for (size_t i = 0; i < schema->column_count; i++) {
        const char *name = schema->columns[i].name;
        places[i] =
            expected < table->column_count && strcmp(table->columns[expected].name, name) == 0
                ? expected
                : find_column(table, name);
        if (places[i] != SCHEMA_NO_PLACE)
            expected = places[i] + 1;
        else if (is_needed(&schema->columns[i], targets))
            name_list_add(&missing, name);
    }
    if (missing.count == 0)
        return WEFT_OK;
    return fail(WEFT_ERROR_DATA, "%s: %zu column%s missing that the model needs: %s%s", table->name,
                missing.count, missing.count == 1 ? " is" : "s are", missing.text,
                expected == 0 ? "; without a header, columns count by position: --no-header" : "");
}

enum weft_status schema_match(const struct schema *schema, const struct weft_table *table,
                              bool targets, size_t *places)
{
    return schema->named && table->named ? match_names(schema, table, targets, places)
                                         : match_positions(schema, table, targets, places);
}

bool schema_has_targets(const struct schema *schema, const struct weft_table *table)
{
    if (!schema->named || !table->named)
        return table->column_count != count_without_targets(schema) + table->indexed;
    for (size_t i = 0; i < schema->column_count; i++)
        if (schema->columns[i].role == ROLE_TARGET &&
            find_column(table, schema->columns[i].name) != SCHEMA_NO_PLACE)
            return true;
    return false;
}

/* ---- additional columns ---- */

static enum weft_status mark_known(void *user, size_t column)
{
    bool *known = user;
    known[column] = true;
    return WEFT_OK;
}

/* Marks the columns that the user names. The target and the weights are in the schema, or nothing
 * needs them. */
static enum weft_status mark_named(const struct weft_table *table,
                                   const struct schema_options *options, bool *known)
{
    if (options == NULL)
        return WEFT_OK;
    TRY(column_list_visit(table, "ignore", options->ignore, mark_known, known));
    TRY(column_list_visit(table, "id", options->id, mark_known, known));
    return column_list_visit(table, "keep", options->keep, mark_known, known);
}

static enum weft_status say_additional(const struct schema_applier *applier,
                                       const struct weft_table *table,
                                       const struct schema_options *options, bool *known,
                                       struct notes notes)
{
    struct name_list additional = {.used = 0};
    for (size_t i = 0; i < applier->schema->column_count; i++)
        if (applier->places[i] != SCHEMA_NO_PLACE)
            known[applier->places[i]] = true;
    TRY(mark_named(table, options, known));
    for (size_t i = 0; i < table->column_count; i++)
        if (!known[i])
            name_list_add(&additional, table->columns[i].name);
    if (additional.count > 0)
        notes_say(notes, "%s: the model does not use the column%s %s", table->name,
                  additional.count == 1 ? "" : "s", additional.text);
    return WEFT_OK;
}

/* ---- texts that stay with the samples ---- */

static enum weft_status add_kept(void *user, size_t column)
{
    struct schema_applier *applier = user;
    applier->kept[applier->kept_count++] = column;
    return WEFT_OK;
}

/* There is one id; the last column of its list is taken. */
static enum weft_status set_id(void *user, size_t column)
{
    struct schema_applier *applier = user;
    applier->kept[0] = column;
    applier->kept_count = 1;
    return WEFT_OK;
}

static enum weft_status count_kept(void *user, size_t column)
{
    (void)column;
    ++*(size_t *)user;
    return WEFT_OK;
}

/* Finds the id: the column that the options name or, without one, that of the training table. */
static enum weft_status find_id(struct schema_applier *applier, const struct weft_table *table,
                                const char *id)
{
    const struct schema *schema = applier->schema;
    for (size_t i = 0; id == NULL && i < schema->column_count; i++)
        if (schema->columns[i].role == ROLE_ID && applier->places[i] != SCHEMA_NO_PLACE)
            TRY(set_id(applier, applier->places[i]));
    TRY(column_list_visit(table, "id", id, set_id, applier));
    applier->kept_id = applier->kept_count > 0;
    return WEFT_OK;
}

static enum weft_status find_kept(struct schema_applier *applier, const struct weft_table *table,
                                  const struct schema_request *request)
{
    size_t count = 1; /* the id */
    if (!request->keep || request->options == NULL)
        return WEFT_OK;
    TRY(column_list_visit(table, "keep", request->options->keep, count_kept, &count));
    TRY(NEW_ARRAY(applier->kept, count));
    if (request->keep_id)
        TRY(find_id(applier, table, request->options->id));
    return column_list_visit(table, "keep", request->options->keep, add_kept, applier);
}

/* ---- the applier ---- */

static enum weft_status match(struct schema_applier *applier, const struct weft_table *table,
                              const struct schema_options *options, struct notes notes)
{
    bool *known; /* [columns of the table] */
    TRY(schema_match(applier->schema, table, applier->targets, applier->places));
    TRY(NEW_ARRAY(known, table->column_count));
    const enum weft_status status = say_additional(applier, table, options, known, notes);
    memory_free(known);
    return status;
}

static enum weft_status lookups_init(struct schema_applier *applier)
{
    const struct schema *schema = applier->schema;
    for (size_t i = 0; i < schema->column_count; i++) {
        const struct schema_column *column = &schema->columns[i];
        if (column->role == ROLE_CATEGORY)
            TRY(lookup_init(&applier->lookups[i], (const char *const *)column->categories,
                            column->known_count, column->numeric));
        if (column->role == ROLE_TARGET && schema->task == WEFT_TASK_CLASSIFY)
            TRY(lookup_init(&applier->lookups[i], (const char *const *)schema->class_names,
                            schema->classes, column->numeric));
    }
    return WEFT_OK;
}

static enum weft_status init(struct schema_applier *applier, const struct weft_table *table,
                             const struct schema_request *request, struct notes notes)
{
    const size_t columns = applier->schema->column_count;
    TRY(NEW_ARRAY(applier->lookups, columns));
    TRY(NEW_ARRAY(applier->places, columns));
    TRY(NEW_ARRAY(applier->unseen, columns));
    TRY(match(applier, table, request->options, notes));
    TRY(find_kept(applier, table, request));
    return lookups_init(applier);
}

enum weft_status schema_applier_init(struct schema_applier *applier, struct schema *schema,
                                     const struct weft_table *table,
                                     const struct schema_request *request, struct notes notes)
{
    *applier = (struct schema_applier){
        .schema = schema_share(schema), .targets = request->targets, .strict = request->strict};
    const enum weft_status status = init(applier, table, request, notes);
    if (status != WEFT_OK)
        schema_applier_reset(applier);
    return status;
}

void schema_applier_report(const struct schema_applier *applier, const char *name,
                           struct notes notes)
{
    const struct schema *schema = applier->schema;
    for (size_t i = 0; i < schema->column_count; i++) {
        const struct unseen_values *unseen = &applier->unseen[i];
        const bool classes = schema->columns[i].role == ROLE_TARGET;
        const char *column = schema->columns[i].name;
        char number[24], example[96] = "missing values";
        snprintf(number, sizeof number, "%zu", i + 1);
        if (unseen->first != NULL)
            snprintf(example, sizeof example, "\"%.64s\" %zu time%s", unseen->first,
                     unseen->first_rows, unseen->first_rows == 1 ? "" : "s");
        if (unseen->rows > 0)
            notes_say(notes,
                      "%s: column \"%.64s\": %zu of %zu rows have %s that training never saw (%s); "
                      "they count as %s",
                      name, column != NULL ? column : number, unseen->rows, applier->rows,
                      classes ? "classes" : "categories", example, classes ? "wrong" : "other");
    }
}

void schema_applier_reset(struct schema_applier *applier)
{
    const size_t columns = applier->schema != NULL ? applier->schema->column_count : 0;
    for (size_t i = 0; applier->lookups != NULL && i < columns; i++)
        lookup_reset(&applier->lookups[i]);
    for (size_t i = 0; applier->unseen != NULL && i < columns; i++)
        memory_free(applier->unseen[i].first);
    memory_free(applier->lookups);
    memory_free(applier->places);
    memory_free(applier->unseen);
    memory_free(applier->kept);
    schema_release(applier->schema);
    *applier = (struct schema_applier){.rows = 0};
}
