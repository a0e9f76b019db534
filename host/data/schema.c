/* Schemas as objects: allocating, naming the features, comparing, sharing. Learning is in
 * schema_target.c and schema_learn.c, applying in schema_apply.c. */
#include "data/schema.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"

const char *const schema_role_names[ROLES] = {"number", "category", "target",
                                              "id",     "weight",   "ignored"};

enum weft_status schema_allocate(size_t count, struct schema **schema)
{
    struct schema *made;
    *schema = NULL;
    TRY(NEW_ARRAY(made, 1));
    made->references = 1;
    enum weft_status status = NEW_ARRAY(made->columns, count);
    if (status != WEFT_OK) {
        memory_free(made);
        return status;
    }
    made->column_count = count;
    for (size_t i = 0; i < count; i++)
        made->columns[i].role = ROLE_UNSETTLED;
    *schema = made;
    return WEFT_OK;
}

/* ---- the features ---- */

size_t schema_column_features(const struct schema_column *column)
{
    if (column->role == ROLE_NUMBER)
        return 1 + column->indicator;
    return column->role == ROLE_CATEGORY ? column->category_count + column->other + column->missing
                                         : 0;
}

/* Names of features have at most so many bytes of the column's name and of the value. Otherwise, a
 * small model file could claim gigabytes of names. */
enum { MOST_NAME_BYTES = 120 };

/* Returns the bytes of `text` that a name keeps; no character is cut in two. */
static int kept_bytes(const char *text)
{
    const size_t length = strlen(text);
    return (int)(length <= MOST_NAME_BYTES ? length : utf8_prefix(text, MOST_NAME_BYTES));
}

/* Stores the column's name, `between` and `value` as the next name. Columns without names are named
 * by number. */
static enum weft_status add_name(struct schema *schema, size_t column, const char *between,
                                 const char *value, size_t *next)
{
    const char *name = schema->columns[column].name;
    char number[24], text[2 * MOST_NAME_BYTES + 8];
    snprintf(number, sizeof number, "%zu", column + 1);
    if (name == NULL)
        name = number;
    snprintf(text, sizeof text, "%.*s%s%.*s", kept_bytes(name), name, between, kept_bytes(value),
             value);
    return text_copy(text, &schema->feature_names[(*next)++]);
}

static enum weft_status add_names(struct schema *schema, size_t column, size_t *next)
{
    const struct schema_column *c = &schema->columns[column];
    if (c->role == ROLE_NUMBER)
        TRY(add_name(schema, column, "", "", next));
    for (size_t i = 0; c->role == ROLE_CATEGORY && i < c->category_count; i++)
        TRY(add_name(schema, column, "=", c->categories[i], next));
    if (c->role == ROLE_CATEGORY && c->other)
        TRY(add_name(schema, column, " is ", "other", next));
    if ((c->role == ROLE_CATEGORY && c->missing) || (c->role == ROLE_NUMBER && c->indicator))
        TRY(add_name(schema, column, " is ", "missing", next));
    return WEFT_OK;
}

enum weft_status schema_finish(struct schema *schema)
{
    size_t next = 0;
    schema->features = 0;
    for (size_t i = 0; i < schema->column_count; i++) {
        schema->columns[i].feature = schema->features;
        schema->features += schema_column_features(&schema->columns[i]);
    }
    TRY(NEW_ARRAY(schema->feature_names, schema->features));
    for (size_t i = 0; i < schema->column_count; i++)
        TRY(add_names(schema, i, &next));
    return WEFT_OK;
}

/* ---- comparing ---- */

static bool same_number(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool same_column(const struct schema_column *a, const struct schema_column *b)
{
    const bool values = a->role == ROLE_CATEGORY || a->role == ROLE_TARGET;
    if (!same_text(a->name, b->name) || a->role != b->role ||
        (values && a->numeric != b->numeric) || a->indicator != b->indicator ||
        a->other != b->other || a->missing != b->missing ||
        a->category_count != b->category_count || a->known_count != b->known_count)
        return false;
    if (a->role == ROLE_NUMBER &&
        (!same_number(a->fill, b->fill) || !same_number(a->shift, b->shift)))
        return false;
    for (size_t i = 0; i < a->known_count; i++)
        if (strcmp(a->categories[i], b->categories[i]) != 0)
            return false;
    return true;
}

bool schema_equal(const struct schema *a, const struct schema *b)
{
    if (a == b || a == NULL || b == NULL)
        return a == b;
    if (a->column_count != b->column_count || a->named != b->named)
        return false;
    for (size_t i = 0; i < a->column_count; i++)
        if (!same_column(&a->columns[i], &b->columns[i]))
            return false;
    return true;
}

/* ---- owning ---- */

struct schema *schema_share(struct schema *schema)
{
    if (schema != NULL)
        schema->references++;
    return schema;
}

static void texts_free(char **texts, size_t count)
{
    for (size_t i = 0; texts != NULL && i < count; i++)
        memory_free(texts[i]);
    memory_free(texts);
}

void schema_release(struct schema *schema)
{
    if (schema == NULL || --schema->references > 0)
        return;
    for (size_t i = 0; i < schema->column_count; i++) {
        memory_free(schema->columns[i].name);
        texts_free(schema->columns[i].categories, schema->columns[i].known_count);
    }
    texts_free(schema->feature_names, schema->features);
    texts_free(schema->class_names, schema->classes);
    memory_free(schema->columns);
    memory_free(schema);
}
