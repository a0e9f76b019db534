/* json_shape SHAPE: checks that every line of stdin is a JSON value of that shape.
 *
 * SHAPE is JSON itself. An object lists exactly the allowed keys. An array contains the shape of
 * all its elements. A string names a type: "string", "integer", "number" or "boolean". With "?"
 * after the type, null is also allowed. A string may also give a value after "=". The first fault
 * is reported with its path.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool fits(const json_t *value, const json_t *shape, const char *path);

static bool complain(const char *path, const char *what, const char *name)
{
    fprintf(stderr, "json_shape: %s: %s %s\n", path, what, name);
    return false;
}

static bool type_fits(const json_t *value, const char *type, const char *path)
{
    bool optional = type[strlen(type) - 1] == '?';
    size_t length = strlen(type) - optional;
    if (type[0] == '=')
        return (json_is_string(value) && strcmp(json_string_value(value), type + 1) == 0) ||
               complain(path, "is not", type + 1);
    if ((optional && json_is_null(value)) ||
        (strncmp(type, "string", length) == 0 && json_is_string(value)) ||
        (strncmp(type, "integer", length) == 0 && json_is_integer(value)) ||
        (strncmp(type, "number", length) == 0 && json_is_number(value)) ||
        (strncmp(type, "boolean", length) == 0 && json_is_boolean(value)))
        return true;
    return complain(path, "is no", type);
}

static bool object_fits(json_t *value, json_t *shape, const char *path)
{
    const char *key;
    json_t *member;
    if (!json_is_object(value))
        return complain(path, "is no", "object");
    json_object_foreach(shape, key, member)
    {
        char below[256];
        snprintf(below, sizeof below, "%s.%s", path, key);
        if (json_object_get(value, key) == NULL)
            return complain(path, "lacks", key);
        if (!fits(json_object_get(value, key), member, below))
            return false;
    }
    json_object_foreach(value, key, member)
    {
        if (json_object_get(shape, key) == NULL)
            return complain(path, "has an unknown key", key);
    }
    return true;
}

static bool array_fits(const json_t *value, const json_t *shape, const char *path)
{
    if (!json_is_array(value))
        return complain(path, "is no", "array");
    for (size_t i = 0; i < json_array_size(value); i++) {
        char below[256];
        snprintf(below, sizeof below, "%s[%zu]", path, i);
        if (!fits(json_array_get(value, i), json_array_get(shape, 0), below))
            return false;
    }
    return true;
}

static bool fits(const json_t *value, const json_t *shape, const char *path)
{
    if (json_is_object(shape))
        return object_fits((json_t *)value, (json_t *)shape, path);
    if (json_is_array(shape))
        return array_fits(value, shape, path);
    return type_fits(value, json_string_value(shape), path);
}

/* Checks the lines of stdin; their number, or -1. */
static long check_lines(const json_t *shape)
{
    static char line[1 << 20];
    long lines = 0;
    while (fgets(line, sizeof line, stdin) != NULL) {
        json_error_t error;
        json_t *value = json_loads(line, JSON_DECODE_ANY, &error);
        if (value == NULL)
            fprintf(stderr, "json_shape: line %ld: %s\n", lines + 1, error.text);
        bool right = value != NULL && fits(value, shape, "value");
        json_decref(value);
        if (!right)
            return -1;
        lines++;
    }
    return lines;
}

int main(int argc, char **argv)
{
    json_error_t error;
    json_t *shape = argc == 2 ? json_loads(argv[1], JSON_DECODE_ANY, &error) : NULL;
    if (shape == NULL) {
        fprintf(stderr, "usage: json_shape SHAPE < LINES\n");
        return EXIT_FAILURE;
    }
    long lines = check_lines(shape);
    json_decref(shape);
    return lines > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
