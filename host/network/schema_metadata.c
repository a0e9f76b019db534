/* Writes and reads schemas as JSON; see schema_metadata.h. The reader trusts nothing: a schema that
 * learning could not make is rejected. */
#include "network/schema_metadata.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/words.h"
#include "network/json_text.h"

/* ---- writing ---- */

/* Adds a member that has a value; jansson releases the value in any case. */
static bool add(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0;
}

/* Makes the shortest JSON that reads back as the same number. */
static json_t *number_to_json(double number)
{
    const bool whole = fabs(number) < 9007199254740992.0 && floor(number) == number &&
                       (number != 0.0 || !signbit(number));
    return whole ? json_integer((json_int_t)number) : json_real(number);
}

/* Makes a list of texts [count]. */
static json_t *texts_to_json(char *const *texts, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        if (json_array_append_new(list, json_string(texts[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

static bool add_number(json_t *object, const struct schema_column *column)
{
    return (isnan(column->fill) || add(object, "fill", number_to_json(column->fill))) &&
           (column->shift == 0.0 || add(object, "shift", number_to_json(column->shift))) &&
           (!column->indicator || add(object, "indicator", json_true()));
}

static bool add_category(json_t *object, const struct schema_column *column)
{
    const size_t count = column->category_count, rare = column->known_count - count;
    return add(object, "categories", texts_to_json(column->categories, count)) &&
           (!column->other || add(object, "other", json_true())) &&
           (rare == 0 || add(object, "rare", texts_to_json(column->categories + count, rare))) &&
           (!column->missing || add(object, "missing", json_true()));
}

static bool fill_column(json_t *object, const struct schema_column *column)
{
    const bool number = column->role == ROLE_NUMBER, category = column->role == ROLE_CATEGORY;
    const bool named = column->role == ROLE_TARGET || category;
    return (column->name == NULL || add(object, "name", json_string(column->name))) &&
           (number || add(object, "role", json_string(schema_role_names[column->role]))) &&
           (!named || !column->numeric || add(object, "numeric", json_true())) &&
           (!number || add_number(object, column)) && (!category || add_category(object, column));
}

static json_t *columns_to_json(const struct schema *schema)
{
    json_t *list = json_array();
    for (size_t i = 0; i < schema->column_count; i++) {
        json_t *object = json_object();
        const bool filled = fill_column(object, &schema->columns[i]);
        if (json_array_append_new(list, object) != 0 || !filled) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

enum weft_status schema_to_text(const struct schema *schema, char **text)
{
    json_t *object = json_object();
    const bool made = add(object, "named", json_boolean(schema->named)) &&
                      add(object, "columns", columns_to_json(schema));
    const enum weft_status status = json_text_dump("schema", made ? object : NULL, text);
    json_decref(object);
    return status;
}

/* ---- reading ---- */

/* The place that is being read. */
struct place {
    struct metadata_source source;
    const char *key;
    size_t column;
};

static enum weft_status fail_at(const struct place *place, const char *member, const char *need)
{
    return fail(WEFT_ERROR_MODEL, "%s: %s: column %zu: %s: need %s", place->source.path, place->key,
                place->column, member, need);
}

static enum weft_status read_number(const struct place *place, const json_t *object,
                                    const char *member, double *number)
{
    const json_t *value = json_object_get(object, member);
    if (value == NULL)
        return WEFT_OK;
    if (!json_is_number(value))
        return fail_at(place, member, "a number");
    *number = json_number_value(value);
    return WEFT_OK;
}

static enum weft_status read_truth(const struct place *place, const json_t *object,
                                   const char *member, bool *truth)
{
    const json_t *value = json_object_get(object, member);
    if (value != NULL && !json_is_boolean(value))
        return fail_at(place, member, "true or false");
    *truth = json_is_true(value);
    return WEFT_OK;
}

static enum weft_status read_texts(const struct place *place, const json_t *list,
                                   const char *member, char **texts, size_t *count)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));
        if (text == NULL)
            return fail_at(place, member, "a list of texts");
        TRY(text_copy(text, &texts[*count]));
        ++*count;
    }
    return WEFT_OK;
}

static enum weft_status read_category(const struct place *place, const json_t *object,
                                      struct schema_column *column)
{
    const json_t *list = json_object_get(object, "categories");
    const json_t *rare = json_object_get(object, "rare");
    TRY(read_truth(place, object, "other", &column->other));
    TRY(read_truth(place, object, "missing", &column->missing));
    if (!json_is_array(list))
        return fail_at(place, "categories", "a list of texts");
    if (rare != NULL && (!json_is_array(rare) || !column->other))
        return fail_at(place, "rare", "a list of texts, with \"other\"");
    const size_t count = json_array_size(list);
    TRY(NEW_ARRAY(column->categories, count + json_array_size(rare)));
    TRY(read_texts(place, list, "categories", column->categories, &column->known_count));
    TRY(read_texts(place, rare, "rare", column->categories, &column->known_count));
    column->category_count = count;
    return WEFT_OK;
}

static enum weft_status read_role(const struct place *place, const json_t *object,
                                  enum schema_role *role)
{
    const json_t *value = json_object_get(object, "role");
    const char *text = json_string_value(value);
    const size_t found = text != NULL ? words_find(text, schema_role_names, ROLES) : ROLES;
    *role = ROLE_NUMBER;
    if (value == NULL)
        return WEFT_OK;
    if (found == ROLES)
        return fail_at(place, "role", "number, category, target, id, weight or ignored");
    *role = (enum schema_role)found;
    return WEFT_OK;
}

static enum weft_status read_column(const struct place *place, const json_t *object, bool named,
                                    struct schema_column *column)
{
    const char *name = json_string_value(json_object_get(object, "name"));
    if (named && (name == NULL || *name == '\0'))
        return fail_at(place, "name", "a text");
    if (named)
        TRY(text_copy(name, &column->name));
    TRY(read_role(place, object, &column->role));
    TRY(read_truth(place, object, "numeric", &column->numeric));
    column->fill = (double)NAN;
    if (column->role == ROLE_CATEGORY)
        return read_category(place, object, column);
    if (column->role != ROLE_NUMBER)
        return WEFT_OK;
    TRY(read_number(place, object, "fill", &column->fill));
    TRY(read_number(place, object, "shift", &column->shift));
    return read_truth(place, object, "indicator", &column->indicator);
}

/* Takes the classes from the rest of the metadata, and checks that the numbers of features and
 * targets agree with it. */
static enum weft_status complete(struct metadata_source source, const char *key,
                                 const struct schema_context *context, struct schema *schema)
{
    size_t targets = 0;
    for (size_t i = 0; i < schema->column_count; i++)
        targets += schema->columns[i].role == ROLE_TARGET;
    if (targets != (context->task == WEFT_TASK_CLASSIFY ? 1 : context->classes))
        return fail(WEFT_ERROR_MODEL, "%s: %s: got %zu targets, which are not those of the model",
                    source.path, key, targets);
    schema->task = context->task;
    TRY(NEW_ARRAY(schema->class_names, context->classes));
    schema->classes = context->classes;
    for (size_t c = 0; c < context->classes; c++)
        TRY(text_copy(context->class_names[c], &schema->class_names[c]));
    TRY(schema_finish(schema));
    if (schema->features != context->features)
        return fail(WEFT_ERROR_MODEL, "%s: %s: got columns of %zu features, need %zu", source.path,
                    key, schema->features, context->features);
    return WEFT_OK;
}

static enum weft_status read_columns(struct metadata_source source, const char *key,
                                     const json_t *tree, struct schema *schema)
{
    const json_t *named = json_object_get(tree, "named");
    const json_t *list = json_object_get(tree, "columns");
    if (!json_is_boolean(named))
        return fail(WEFT_ERROR_MODEL, "%s: %s: named: need true or false", source.path, key);
    schema->named = json_is_true(named);
    for (size_t i = 0; i < schema->column_count; i++) {
        const struct place place = {source, key, i};
        TRY(read_column(&place, json_array_get(list, i), schema->named, &schema->columns[i]));
    }
    return WEFT_OK;
}

static enum weft_status read_tree(struct metadata_source source, const char *key,
                                  const json_t *tree, const struct schema_context *context,
                                  struct schema **schema)
{
    const json_t *list = json_object_get(tree, "columns");
    if (!json_is_array(list) || json_array_size(list) == 0)
        return fail(WEFT_ERROR_MODEL, "%s: %s: columns: need a list", source.path, key);
    TRY(schema_allocate(json_array_size(list), schema));
    enum weft_status status = read_columns(source, key, tree, *schema);
    if (status == WEFT_OK)
        status = complete(source, key, context, *schema);
    if (status != WEFT_OK) {
        schema_release(*schema);
        *schema = NULL;
    }
    return status;
}

enum weft_status schema_metadata_write(struct safetensors *file, const char *key,
                                       const struct schema *schema)
{
    char *text = NULL;
    enum weft_status status = schema_to_text(schema, &text);
    if (status == WEFT_OK)
        status = safetensors_add_entry(file, key, text);
    memory_free(text);
    return status;
}

enum weft_status schema_metadata_read(struct metadata_source source, const char *key,
                                      const struct schema_context *context, struct schema **schema)
{
    const char *text;
    json_t *tree = NULL;
    *schema = NULL;
    TRY(metadata_text(source, key, &text));
    TRY(json_text_parse(source.path, text, strlen(text), &tree));
    const enum weft_status status = read_tree(source, key, tree, context, schema);
    json_decref(tree);
    return status;
}
