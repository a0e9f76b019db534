/* Makes tables from CSV text, and collects notes, for the suites about schemas. Needs _XOPEN_SOURCE
 * 700 before the first include. */
#ifndef WEFT_TESTS_TABLES_H
#define WEFT_TESTS_TABLES_H

#include <stdio.h>

#include "data/schema.h"
#include "data/table_reader.h"
#include "suite.h"
#include "temporary.h"

/* Eight people with gaps. pandas.get_dummies, SimpleImputer and OneHotEncoder give the numbers that
 * the tests expect of them. */
static const char people[] = "age,city,height,member,y\n"
                             "34,Rome,1.75,true,a\n"
                             ",Oslo,1.62,false,b\n"
                             "51,Rome,,true,a\n"
                             "29,Bonn,1.80,true,b\n"
                             "40,,1.71,false,a\n"
                             "62,Oslo,1.69,true,b\n"
                             ",Rome,1.83,false,a\n"
                             "45,Bonn,1.77,true,b\n";

/* Reads a table from text; the file is named table.csv. */
static inline struct weft_table *table_of(const char *text)
{
    const char *path = temporary_write("table.csv", text, strlen(text));
    const struct table_format format = {.delimiter = ','};
    struct byte_source *source;
    struct weft_table *table;
    ck_ok(byte_source_open(path, &source));
    ck_ok(table_read(source, &format, &table));
    return table;
}

/* Writes rows "NAME,label" with `rows` of each value: aa in the first, ab, ... */
static inline void write_values(char *text, size_t size, const int *rows, int count)
{
    size_t used = (size_t)snprintf(text, size, "v,y\n");
    for (int v = 0; v < count; v++)
        for (int i = 0; i < rows[v]; i++)
            used += (size_t)snprintf(text + used, size - used, "%c%c,%d\n", 'a' + v / 26,
                                     'a' + v % 26, i % 2);
}

/* All notes of a test, one a line. */
static char notes_text[8192];

static inline void notes_add(void *user, const char *line)
{
    (void)user;
    const size_t used = strlen(notes_text);
    snprintf(notes_text + used, sizeof notes_text - used, "%s\n", line);
}

static const struct notes keep_notes = {.function = notes_add, .user = NULL};

static inline void assert_note(const char *part)
{
    ck_assert_msg(strstr(notes_text, part) != NULL, "\"%s\" is not in the notes: %s", part,
                  notes_text);
}

static inline void assert_no_note(const char *part)
{
    ck_assert_msg(strstr(notes_text, part) == NULL, "\"%s\" is in the notes: %s", part, notes_text);
}

/* Learns a schema from all rows. */
static inline struct schema *schema_of(const struct weft_table *table,
                                       const struct schema_options *options)
{
    struct schema *schema;
    notes_text[0] = '\0';
    ck_ok(schema_create(table, options, keep_notes, &schema));
    ck_ok(schema_learn(schema, table, NULL, 0, options->impute, keep_notes));
    return schema;
}

/* Returns the position of a feature by name. */
static inline size_t feature_of(const struct schema *schema, const char *name)
{
    for (size_t j = 0; j < schema->features; j++)
        if (strcmp(schema->feature_names[j], name) == 0)
            return j;
    ck_abort_msg("no feature \"%s\"", name);
    return 0;
}

static inline bool has_feature(const struct schema *schema, const char *name)
{
    for (size_t j = 0; j < schema->features; j++)
        if (strcmp(schema->feature_names[j], name) == 0)
            return true;
    return false;
}

/* Checks one feature of all samples, after its shift is added again: expected [N]. */
static inline void check_feature(const struct weft_dataset *dataset, const char *name,
                                 const double *expected)
{
    const size_t j = feature_of(dataset->schema, name);
    double shift = 0.0;
    for (size_t i = 0; i < dataset->schema->column_count; i++)
        if (dataset->schema->columns[i].role == ROLE_NUMBER &&
            dataset->schema->columns[i].feature == j)
            shift = dataset->schema->columns[i].shift;
    for (size_t i = 0; i < dataset->samples; i++) {
        const double value = (double)dataset->x[i * dataset->features + j] + shift;
        ck_assert_msg(fabs(value - expected[i]) <= 1e-7 * fabs(expected[i]),
                      "%s of sample %zu: got %.9g, expected %.9g", name, i, value, expected[i]);
    }
}

/* Applies a schema to a table. */
static inline struct weft_dataset *dataset_by(struct schema *schema, const struct weft_table *table,
                                              bool targets)
{
    const struct schema_request request = {.targets = targets};
    struct weft_dataset *dataset;
    ck_ok(schema_apply_once(schema, table, &request, keep_notes, &dataset));
    return dataset;
}

#endif
