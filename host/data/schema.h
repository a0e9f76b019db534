/* What the columns of a table mean: which column is what, its categories, fill values and shift.
 *
 * A schema is learned from the training set alone, kept in the model, and applied to every other
 * table, so that the same row always becomes the same numbers. It is made in two steps:
 * schema_create settles what the user says and what the target is, so that the rows can be split;
 * schema_learn then learns the features from the training rows.
 */
#ifndef WEFT_DATA_SCHEMA_H
#define WEFT_DATA_SCHEMA_H

#include "data/dataset.h"
#include "data/lookup.h"
#include "data/notes.h"
#include "data/table.h"

enum schema_role {
    ROLE_NUMBER,   /* one feature, and an indicator if a tenth or more was missing */
    ROLE_CATEGORY, /* one feature for each category, then "other", then missing where it occurred */
    ROLE_TARGET,
    ROLE_ID,       /* copied to the predictions */
    ROLE_WEIGHT,   /* sample weights */
    ROLE_IGNORED,  /* named by `ignore`, or recognized as a date, free text or a constant */
    ROLE_UNSETTLED /* until schema_learn */
};
enum { ROLES = ROLE_UNSETTLED };                   /* the roles in a finished schema */
extern const char *const schema_role_names[ROLES]; /* "number", "category", ... */

struct schema_column {
    char *name; /* owned; NULL if the columns are numbered */
    enum schema_role role;
    bool numeric; /* of categories and targets: they were numbers, so 1 and 1.0 are equal */
    double fill;  /* of numbers: replaces a missing value; NaN makes it an error */
    double shift; /* of numbers: subtracted in double precision before the conversion to float32 */
    bool indicator;    /* of numbers: one more feature, 1 where the value was missing */
    char **categories; /* [known_count] owned: texts of categories, most frequent first. The first
                          category_count have a feature each */
    size_t category_count, known_count;
    bool other;   /* of categories: one more feature for all other texts. If known_count equals
                     category_count, they were too many to keep */
    bool missing; /* of categories: one more feature for missing values */
    const char *reason; /* static, or NULL: why schema_learn left the column out */
    size_t feature;     /* of numbers and categories: index of the first feature */
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
    const char *target, *ignore, *id, *weight, *categorical, *keep;
    bool task_given; /* `task` is not to be inferred */
    enum weft_task task;
    enum weft_impute impute;
};

/* Returns the number of features that a column becomes. */
size_t schema_column_features(const struct schema_column *column);

/* ---- learning ---- */

/* Creates the schema of a training table: settles the columns that the user names, the task and the
 * classes, which come from all rows. The caller releases it.
 *
 * Returns WEFT_ERROR_USAGE without a target, and for unknown or contradictory columns;
 * WEFT_ERROR_DATA with file and line if a target is missing or of the wrong kind. */
WEFT_MUST_CHECK enum weft_status schema_create(const struct weft_table *table,
                                               const struct schema_options *options,
                                               struct notes notes, struct schema **schema);

/* Stores the class of each row in labels [rows]. The task must be WEFT_TASK_CLASSIFY. */
WEFT_MUST_CHECK enum weft_status schema_labels(const struct schema *schema,
                                               const struct weft_table *table, int32_t *labels);

/* Learns the features from rows [row_count] of the training table; NULL: all rows.
 *
 * Returns WEFT_ERROR_DATA if a column has no value, or if no feature remains. */
WEFT_MUST_CHECK enum weft_status schema_learn(struct schema *schema, const struct weft_table *table,
                                              const uint32_t *rows, size_t row_count,
                                              enum weft_impute impute, struct notes notes);

/* Completes a schema whose columns are set: numbers the features and names them. schema_learn and
 * readers of model files call it. */
WEFT_MUST_CHECK enum weft_status schema_finish(struct schema *schema);

/* Creates the schema of a model that was trained without a table. The columns of `table` are the
 * features in their order, except for those that `options` name as target or otherwise. The classes
 * are those of the model. Returns WEFT_ERROR_DATA if the number of features is not `features`. */
WEFT_MUST_CHECK enum weft_status schema_plain(const struct weft_table *table,
                                              const struct schema_options *options,
                                              const struct dataset_needs *needs,
                                              struct schema **schema);

/* ---- applying ---- */

/* Values of a column that training never saw. */
struct unseen_values {
    size_t rows;
    char *first;       /* owned; one of them, NULL for a missing value */
    size_t first_rows; /* rows with this value */
};

/* Applies a schema to the blocks of one table, and remembers what the user should know, so that
 * each surprise is told once. */
struct schema_applier {
    struct schema *schema;        /* shared */
    struct lookup *lookups;       /* [column_count] owned: of categories and classes */
    size_t *places;               /* [column_count] owned: columns of the table; NO_PLACE: none */
    struct unseen_values *unseen; /* [column_count] owned */
    size_t rows;                  /* that were applied */
    size_t unseen_classes;        /* rows that were left out because of their class */
    size_t *kept; /* [kept_count] owned: columns whose texts stay with the samples */
    size_t kept_count;
    bool kept_id; /* the first of them is the id */
    bool targets, strict;
};

#define SCHEMA_NO_PLACE SIZE_MAX

/* Finds the columns of a table that those of a schema mean: by name in any order, or by position if
 * the schema or the table has no names. By position, a table for predictions may lack the targets.
 *
 * targets   whether the target must be there
 * places    [column_count] receives the columns of the table, or SCHEMA_NO_PLACE
 *
 * Returns WEFT_ERROR_DATA with the missing names, or with both numbers of columns. */
WEFT_MUST_CHECK enum weft_status schema_match(const struct schema *schema,
                                              const struct weft_table *table, bool targets,
                                              size_t *places);

/* Tells whether a table has a target of the schema, judged by its columns alone. */
bool schema_has_targets(const struct schema *schema, const struct weft_table *table);

/* How to apply a schema. */
struct schema_request {
    bool targets;                         /* the target must be there; otherwise it is ignored */
    bool strict;                          /* a category that training never saw is an error */
    bool keep;                            /* data sets get the texts of options->keep */
    bool keep_id;                         /* and those of the id, before the others */
    const struct schema_options *options; /* columns that they name are no surprise; may be NULL */
};

/* Matches the columns of a table as schema_match does. Tells the user once about columns that the
 * schema lacks. */
WEFT_MUST_CHECK enum weft_status schema_applier_init(struct schema_applier *applier,
                                                     struct schema *schema,
                                                     const struct weft_table *table,
                                                     const struct schema_request *request,
                                                     struct notes notes);

/* Makes a data set from rows [row_count] of the table or of its next block; NULL: all rows. The
 * data set shares the schema. Rows whose class training never saw are left out and counted in
 * dataset->unseen. `*dataset` is NULL if no row is left.
 *
 * Returns WEFT_ERROR_DATA with file, line and column for a value of the wrong kind. */
WEFT_MUST_CHECK enum weft_status schema_apply(struct schema_applier *applier,
                                              const struct weft_table *table, const uint32_t *rows,
                                              size_t row_count, struct weft_dataset **dataset);

/* Tells the user about values that training never saw. */
void schema_applier_report(const struct schema_applier *applier, const char *name,
                           struct notes notes);
void schema_applier_reset(struct schema_applier *applier);

/* Applies a schema to a whole table: all of the above. Returns WEFT_ERROR_DATA if no row is left.
 */
WEFT_MUST_CHECK enum weft_status schema_apply_once(struct schema *schema,
                                                   const struct weft_table *table,
                                                   const struct schema_request *request,
                                                   struct notes notes,
                                                   struct weft_dataset **dataset);

/* ---- owning ---- */

/* Tells whether both schemas make the same features of a table. Either may be NULL. */
bool schema_equal(const struct schema *a, const struct schema *b);

/* Shares a schema. Each owner releases it once; the last release frees it. NULL is accepted. */
struct schema *schema_share(struct schema *schema);
void schema_release(struct schema *schema);

/* Allocates a schema of `count` columns with one owner. */
WEFT_MUST_CHECK enum weft_status schema_allocate(size_t count, struct schema **schema);

#endif
