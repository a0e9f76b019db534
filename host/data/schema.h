/* What the columns of a table mean: which column is what, its categories, fill values and shift.
 *
 * A schema is learned from the training set alone, kept in the model, and applied to every other
 * table, so that the same row always becomes the same numbers.
 */
#ifndef WEFT_DATA_SCHEMA_H
#define WEFT_DATA_SCHEMA_H

#include "data/dataset.h"
#include "data/table.h"

enum schema_role {
    ROLE_NUMBER,   /* one feature, and an indicator if a tenth or more was missing */
    ROLE_CATEGORY, /* one feature for each category, then "other", then missing where it occurred */
    ROLE_TARGET,
    ROLE_ID,     /* copied to the predictions */
    ROLE_WEIGHT, /* sample weights */
    ROLE_IGNORED /* named by --ignore, or recognized as a date, free text or a constant */
};

struct schema_column {
    char *name; /* owned */
    enum schema_role role;
    double fill;  /* of numbers: replaces a missing value */
    double shift; /* of numbers: subtracted in double precision before the conversion to float32 */
    bool indicator;    /* of numbers: one more feature, 1 where the value was missing */
    char **categories; /* [category_count] owned: texts of categories, most frequent first */
    size_t category_count;
    bool other;         /* of categories: one more feature for all other texts */
    bool missing;       /* of categories: one more feature for missing values */
    const char *reason; /* static: why a column is ignored ("date", "free text", "constant",
                           "ignored by the user") */
};

struct schema {
    size_t references; /* owners: models and data sets share it */
    enum weft_task task;
    size_t column_count;
    struct schema_column *columns; /* [column_count] owned: all columns of the training table */
    bool named;                    /* false: columns are matched by position */
    size_t features;               /* D: features that the columns give */
    char **feature_names;          /* [D] owned: "age", "city=Rome", "age is missing" */
    size_t classes;                /* C: classes, labels or outputs */
    char **class_names;            /* [C] owned: texts of the classes, or names of the targets */
};

/* What the user says about columns. Lists are names or numbers, separated by commas; NULL means
 * none. Pointers are borrowed. */
struct schema_options {
    const char *target, *ignore, *id, *weight, *categorical;
    bool task_given; /* `task` is not to be inferred */
    enum weft_task task;
    enum weft_impute impute;
};

/* Receives notes for the user, one line each: the task that was inferred, columns that were left
 * out, categories that training never saw. */
typedef void schema_note(void *user, const char *line);

struct schema_notes {
    schema_note *function; /* may be NULL */
    void *user;
};

/* Learns a schema from the rows [row_count] of a table (NULL: all rows). The classes come from all
 * rows of the table, everything else from `rows`. The caller releases it. */
WEFT_MUST_CHECK enum weft_status schema_learn(const struct weft_table *table, const uint32_t *rows,
                                              size_t row_count,
                                              const struct schema_options *options,
                                              struct schema_notes notes, struct schema **schema);

/* Makes a data set from the rows [row_count] of a table (NULL: all rows). Columns are matched by
 * name, in any order. The data set shares the schema.
 *
 * targets   whether the target must be there; otherwise it is ignored
 * strict    whether an unknown category is an error
 *
 * Returns WEFT_ERROR_DATA with file, line and column if a column is missing or a value is of the
 * wrong kind. */
WEFT_MUST_CHECK enum weft_status schema_apply(struct schema *schema, const struct weft_table *table,
                                              const uint32_t *rows, size_t row_count, bool targets,
                                              bool strict, struct schema_notes notes,
                                              struct weft_dataset **dataset);

/* Shares a schema. Each owner releases it once; the last release frees it. NULL is accepted. */
struct schema *schema_share(struct schema *schema);
void schema_release(struct schema *schema);

#endif
