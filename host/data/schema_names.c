/* The columns of a schema that the user names, and schemas that have only these columns. */
#include "data/schema_names.h"

#include <math.h>

#include "base/memory.h"
#include "base/number.h"
#include "data/column_list.h"

/* ---- the columns that the user names ---- */

struct naming {
    const struct weft_table *table; /* borrowed, like all members */
    struct schema *schema;
    const char *option; /* static */
    enum schema_role role;
    size_t count; /* columns that got the role */
};

static enum weft_status give_role(void *user, size_t column)
{
    struct naming *naming = user;
    struct schema_column *given = &naming->schema->columns[column];
    if (given->role != ROLE_UNSETTLED && given->role != naming->role)
        return fail_option(naming->option, naming->table->columns[column].name,
                           "the column is already named as %s", schema_role_names[given->role]);
    naming->count += given->role == ROLE_UNSETTLED;
    given->role = naming->role;
    return WEFT_OK;
}

static enum weft_status name_columns(const struct weft_table *table, struct schema *schema,
                                     const char *option, const char *list, enum schema_role role,
                                     size_t most)
{
    struct naming naming = {table, schema, option, role, 0};
    TRY(column_list_visit(table, option, list, give_role, &naming));
    return naming.count <= most
               ? WEFT_OK
               : fail_option(option, list, "got %zu columns, need at most %zu", naming.count, most);
}

static enum weft_status settle_roles(const struct weft_table *table,
                                     const struct schema_options *options, struct schema *schema)
{
    const size_t any = table->column_count;
    TRY(name_columns(table, schema, "target", options->target, ROLE_TARGET, any));
    TRY(name_columns(table, schema, "ignore", options->ignore, ROLE_IGNORED, any));
    TRY(name_columns(table, schema, "id", options->id, ROLE_ID, 1));
    TRY(name_columns(table, schema, "weight", options->weight, ROLE_WEIGHT, 1));
    return name_columns(table, schema, "categorical", options->categorical, ROLE_CATEGORY, any);
}

static enum weft_status copy_columns(const struct weft_table *table, struct schema *schema)
{
    schema->named = table->named;
    for (size_t i = 0; i < table->column_count; i++) {
        schema->columns[i].numeric = table->columns[i].kind == COLUMN_NUMBER;
        if (table->named)
            TRY(text_copy(table->columns[i].name, &schema->columns[i].name));
    }
    return WEFT_OK;
}

enum weft_status schema_name_columns(struct schema *schema, const struct weft_table *table,
                                     const struct schema_options *options)
{
    TRY(copy_columns(table, schema));
    return settle_roles(table, options, schema);
}

/* ---- models without a schema ---- */

/* Tells whether all classes of a model are named by numbers, so that 1 and 1.0 are one class. */
static bool are_numbers(const struct dataset_needs *needs)
{
    double number;
    size_t c = 0;
    while (c < needs->classes && number_from_text(needs->class_names[c], &number))
        c++;
    return c == needs->classes;
}

static enum weft_status fill_plain(const struct weft_table *table,
                                   const struct schema_options *options,
                                   const struct dataset_needs *needs, struct schema *schema)
{
    size_t features = 0;
    TRY(schema_name_columns(schema, table, options));
    schema->task = needs->task;
    for (size_t i = 0; i < schema->column_count; i++) {
        struct schema_column *column = &schema->columns[i];
        if (column->role == ROLE_CATEGORY || column->role == ROLE_UNSETTLED)
            column->role = ROLE_NUMBER;
        if (column->role == ROLE_TARGET)
            column->numeric = are_numbers(needs);
        column->fill = (double)NAN;
        features += column->role == ROLE_NUMBER;
    }
    if (features != needs->features)
        return fail(WEFT_ERROR_DATA, "%s: got %zu column%s of features, the model needs %zu%s",
                    table->name, features, features == 1 ? "" : "s", needs->features,
                    features > needs->features ? "; name the others in --target, --id or --ignore"
                    : features == 1            ? "; --delimiter says what separates values"
                                               : "");
    TRY(NEW_ARRAY(schema->class_names, needs->classes));
    schema->classes = needs->classes;
    for (size_t c = 0; c < needs->classes; c++)
        TRY(text_copy(needs->class_names[c], &schema->class_names[c]));
    return schema_finish(schema);
}

enum weft_status schema_plain(const struct weft_table *table, const struct schema_options *options,
                              const struct dataset_needs *needs, struct schema **schema)
{
    TRY(schema_allocate(table->column_count, schema));
    const enum weft_status status = fill_plain(table, options, needs, *schema);
    if (status != WEFT_OK) {
        schema_release(*schema);
        *schema = NULL;
    }
    return status;
}
