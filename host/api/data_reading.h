/* Reads data as a training run or a model needs them; what api_data.c, api_stream.c and
 * api_describe.c share. */
#ifndef WEFT_API_DATA_READING_H
#define WEFT_API_DATA_READING_H

#include "data/schema.h"
#include "data/source.h"
#include "data/table_reader.h"
#include "network/model.h"

/* The data options of one call. */
struct reading {
    struct weft_data_options options; /* with all members that this version knows */
    struct schema_options columns;    /* borrows from `options` */
    struct table_format format;       /* borrows from `options` */
    struct notes notes;
    bool packing; /* the data set will be packed: it has the texts of the id and of `keep`, and it
                     may lack labels and targets if a model or another data set has the columns */
    bool tested;  /* another source is the test set, which options about the text may be for */
    bool beside;  /* this is the test set; the training set, which is not packed, has the options */
};

/* Takes the options of a caller, who may have built with an older weft.h; NULL means none. Returns
 * WEFT_ERROR_USAGE if they were not filled by weft_data_options_init, or have a value out of
 * range. */
WEFT_MUST_CHECK enum weft_status reading_init(struct reading *reading,
                                              const struct weft_data_options *options);

/* What data must become: the features and classes of a model or of a training set. Pointers are
 * borrowed. */
struct wanted {
    struct dataset_needs needs;
    struct schema *schema;     /* NULL without a table */
    const struct scale *scale; /* finds features that are far from the training set; may be NULL */
};

/* Returns what data must have to fit a model. */
struct wanted wanted_by_model(const struct weft_model *model);

/* Returns what a test set must be beside this training set. `*needs.class_names` stays borrowed
 * from it. */
struct wanted wanted_beside(const struct weft_dataset *train);

/* Opens data as source_open does, and rejects options that this data does not have: the name of a
 * column for an IDX file, a delimiter for an array, a size of images for a table. */
WEFT_MUST_CHECK enum weft_status open_source(const struct reading *reading,
                                             const struct source_request *request,
                                             struct source *source);

/* Opens the test set of `what`, or its training set if `test` is false or if there is only one set.
 * The other set, if it was read, is dropped: afterward, the source has at most one data set or
 * table, and it is `train` or `train_table`. */
WEFT_MUST_CHECK enum weft_status open_one(const struct reading *reading,
                                          const struct wanted *wanted, const char *what, bool test,
                                          struct source *source);

/* Opens the text of a source for reading, and its table, which is empty. If the table will be
 * matched with the columns of `wanted`, only the columns that it needs are read: numbers must be
 * numbers, while categories, ids and columns to keep have their original spelling. NULL reads all
 * columns. The caller destroys both, even after a failure. */
WEFT_MUST_CHECK enum weft_status open_text(const struct reading *reading,
                                           const struct wanted *wanted, bool targets,
                                           struct source *source, struct table_reader **reader,
                                           struct weft_table **table);

/* Reads the text of a source into its `train_table`, as open_text says. */
WEFT_MUST_CHECK enum weft_status read_text(const struct reading *reading,
                                           const struct wanted *wanted, struct source *source,
                                           bool targets);

/* Returns the schema to apply to a table: that of `wanted` or, for a model without one, a plain
 * schema. `target` names the targets if the options do not; it may be NULL. The caller releases
 * it. */
WEFT_MUST_CHECK enum weft_status schema_for(const struct reading *reading,
                                            const struct wanted *wanted,
                                            const struct weft_table *table, const char *target,
                                            struct schema **schema);

/* Tells whether a table has targets, which only data that will be packed may lack. `target` is as
 * in schema_for. */
bool table_has_targets(const struct reading *reading, const struct wanted *wanted,
                       const struct weft_table *table, const char *target);

/* Makes a data set of a table as `wanted` says. */
WEFT_MUST_CHECK enum weft_status take_table(const struct reading *reading,
                                            const struct wanted *wanted,
                                            const struct weft_table *table, const char *target,
                                            bool targets, struct weft_dataset **dataset);

/* Checks that a data set is what is wanted, and brings its classes into the wanted order. */
WEFT_MUST_CHECK enum weft_status fit_dataset(const struct reading *reading,
                                             const struct wanted *wanted, bool targets,
                                             struct weft_dataset *dataset);

/* Opens data and splits it, as weft_data_open does. */
WEFT_MUST_CHECK enum weft_status open_sets(const struct reading *reading, const char *what,
                                           const char *test, struct weft_data_sets *sets);

/* The two steps of open_sets. The first one opens `what`, without its test set if `tested` is true,
 * because another source is the test set. `*packed` receives whether `what` is packed data. */
WEFT_MUST_CHECK enum weft_status open_training(const struct reading *reading, const char *what,
                                               bool tested, struct weft_data_sets *sets,
                                               bool *packed);

/* The second one opens the test set `test` beside sets->train. A failure leaves the other sets.
 */
WEFT_MUST_CHECK enum weft_status open_beside(const struct reading *reading, bool packed,
                                             const char *test, struct weft_data_sets *sets);

/* Reads the data set that `wanted` describes from `what`: all of the above. */
WEFT_MUST_CHECK enum weft_status read_wanted(const struct reading *reading,
                                             const struct wanted *wanted, const char *what,
                                             bool test, bool targets,
                                             struct weft_dataset **dataset);

#endif
