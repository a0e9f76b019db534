/* Implements weft_data_open and related functions: data of any kind, split for a training run, or
 * read as a model needs them. */
#include <string.h>

#include "api/data_reading.h"
#include "base/memory.h"
#include "data/split.h"

/* ---- splitting ---- */

/* Says that the columns of a packed table may be learned from samples that are to be held out. */
static void say_learned(const struct reading *reading, const struct weft_dataset *train)
{
    const struct weft_data_options *options = &reading->options;
    const struct packed_split *learned = &train->learned;
    const bool by_class = train->labels != NULL;
    const bool same = learned->holdout == options->holdout && learned->seed == options->seed &&
                      (!by_class || learned->no_stratify == options->no_stratify);
    if (train->packed && train->schema != NULL && !same)
        notes_say(
            reading->notes,
            "%s: fill values and categories were not learned without the held-out samples; pack "
            "the table with the same --holdout, --seed and --no-stratify for that",
            train->name);
}

static enum weft_status cut_holdout(const struct reading *reading, struct weft_data_sets *sets)
{
    const struct weft_data_options *options = &reading->options;
    struct weft_dataset *rest = NULL;
    if (options->holdout == 0.0)
        return WEFT_OK;
    if (reading->packing)
        return fail_option("holdout", NULL, "needs a table; %s has no columns to learn from it",
                           sets->train->name);
    say_learned(reading, sets->train);
    if (options->no_stratify)
        TRY(weft_dataset_holdout(sets->train, options->holdout, options->seed, &rest,
                                 &sets->validation));
    else
        TRY(weft_dataset_holdout_stratified(sets->train, options->holdout, options->seed, &rest,
                                            &sets->validation));
    weft_dataset_destroy(sets->train);
    sets->train = rest;
    return WEFT_OK;
}

/* The rows of a table in each data set. */
struct row_sets {
    uint32_t *rows; /* [count] owned: the training rows, then those of the validation set */
    size_t train, validation;
};

/* Chooses the rows by the labels of the schema, or NULL. */
static enum weft_status choose_rows(const struct reading *reading, size_t count,
                                    const int32_t *labels, size_t classes, bool *taken,
                                    struct row_sets *sets)
{
    const struct split split = {.samples = count,
                                .fraction = reading->options.holdout,
                                .seed = reading->options.seed,
                                .labels = labels,
                                .classes = classes};
    TRY(split_choose(&split, taken, &sets->validation));
    sets->train = count - sets->validation;
    size_t train = 0, validation = sets->train;
    for (size_t i = 0; i < count; i++)
        sets->rows[taken[i] ? validation++ : train++] = (uint32_t)i;
    return WEFT_OK;
}

static enum weft_status split_rows(const struct reading *reading, const struct schema *schema,
                                   const struct weft_table *table, struct row_sets *sets)
{
    int32_t *labels = NULL; /* [rows] */
    bool *taken = NULL;     /* [rows] */
    const bool by_class = schema->task == WEFT_TASK_CLASSIFY && !reading->options.no_stratify;
    *sets = (struct row_sets){.train = table->rows};
    if (reading->options.holdout == 0.0)
        return WEFT_OK;
    enum weft_status status = NEW_ARRAY(sets->rows, table->rows);
    if (status == WEFT_OK)
        status = NEW_ARRAY(taken, table->rows);
    if (status == WEFT_OK && by_class)
        status = NEW_ARRAY(labels, table->rows);
    if (status == WEFT_OK && by_class)
        status = schema_labels(schema, table, labels);
    if (status == WEFT_OK)
        status = choose_rows(reading, table->rows, labels, schema->classes, taken, sets);
    memory_free(taken);
    memory_free(labels);
    return status;
}

/* ---- tables ---- */

/* Applies the schema to all rows, so that the packed data can be split like the table. */
static enum weft_status apply_to_pack(const struct reading *reading, struct schema_applier *applier,
                                      const struct weft_table *table, struct weft_data_sets *sets)
{
    const struct weft_data_options *options = &reading->options;
    TRY(schema_apply(applier, table, NULL, 0, &sets->train));
    if (options->holdout > 0.0)
        sets->train->learned = (struct packed_split){.holdout = options->holdout,
                                                     .seed = options->seed,
                                                     .no_stratify = options->no_stratify};
    return WEFT_OK;
}

static enum weft_status apply_sets(const struct reading *reading, struct schema_applier *applier,
                                   const struct weft_table *table, const struct row_sets *rows,
                                   struct weft_data_sets *sets)
{
    if (reading->packing)
        TRY(apply_to_pack(reading, applier, table, sets));
    else
        TRY(schema_apply(applier, table, rows->rows, rows->train, &sets->train));
    if (sets->train->weights != NULL)
        TRY(dataset_check_weights(sets->train, sets->train->weights));
    if (rows->validation > 0 && !reading->packing)
        TRY(schema_apply(applier, table, rows->rows + rows->train, rows->validation,
                         &sets->validation));
    schema_applier_report(applier, table->name, reading->notes);
    return WEFT_OK;
}

static enum weft_status learn_and_apply(const struct reading *reading, struct schema *schema,
                                        const struct weft_table *table, const struct row_sets *rows,
                                        struct weft_data_sets *sets)
{
    const struct schema_request request = {.targets = true,
                                           .keep = reading->packing,
                                           .keep_id = reading->packing,
                                           .options = &reading->columns};
    struct schema_applier applier;
    TRY(schema_learn(schema, table, rows->rows, rows->train, reading->options.impute,
                     reading->notes));
    TRY(schema_applier_init(&applier, schema, table, &request, reading->notes));
    const enum weft_status status = apply_sets(reading, &applier, table, rows, sets);
    schema_applier_reset(&applier);
    return status;
}

static enum weft_status sets_from_rows(const struct reading *reading, struct schema *schema,
                                       const struct weft_table *table, struct weft_data_sets *sets)
{
    struct row_sets rows;
    enum weft_status status = split_rows(reading, schema, table, &rows);
    if (status == WEFT_OK)
        status = learn_and_apply(reading, schema, table, &rows, sets);
    memory_free(rows.rows);
    return status;
}

/* Makes the data sets of a table: learns its schema, unless the options have a model with one. */
static enum weft_status sets_from_table(const struct reading *reading,
                                        const struct weft_table *table, const char *target,
                                        struct weft_data_sets *sets)
{
    struct schema_options columns = reading->columns;
    struct schema *schema;
    if (reading->options.model != NULL) {
        const struct wanted wanted = wanted_by_model(reading->options.model);
        TRY(take_table(reading, &wanted, table, target, true, &sets->train));
        return cut_holdout(reading, sets);
    }
    if (columns.target == NULL)
        columns.target = target;
    TRY(schema_create(table, &columns, reading->notes, &schema));
    const enum weft_status status = sets_from_rows(reading, schema, table, sets);
    schema_release(schema);
    return status;
}

/* ---- sources ---- */

static enum weft_status sets_from_text(const struct reading *reading, struct source *source,
                                       struct weft_data_sets *sets)
{
    struct wanted wanted;
    if (reading->options.model != NULL)
        wanted = wanted_by_model(reading->options.model);
    TRY(read_text(reading, reading->options.model != NULL ? &wanted : NULL, source, true));
    return sets_from_table(reading, source->train_table, NULL, sets);
}

/* Checks that a training set has answers, before a test set is read as it is. */
static enum weft_status check_answers(const struct reading *reading,
                                      const struct weft_dataset *train)
{
    const bool known = train->labels != NULL || train->targets != NULL || train->schema != NULL;
    return known || !reading->tested ? WEFT_OK
                                     : dataset_fail_unlabeled(train, "training needs them");
}

static enum weft_status sets_from_datasets(const struct reading *reading, struct source *source,
                                           struct weft_data_sets *sets)
{
    sets->train = source->train;
    sets->test = source->test;
    source->train = source->test = NULL;
    if (reading->options.model != NULL) {
        struct wanted wanted = wanted_by_model(reading->options.model);
        wanted.scale = NULL; /* Training continues on other data on purpose. */
        TRY(fit_dataset(reading, &wanted, true, sets->train));
        if (sets->test != NULL)
            TRY(fit_dataset(reading, &wanted, true, sets->test));
    }
    TRY(check_answers(reading, sets->train));
    return cut_holdout(reading, sets);
}

static enum weft_status sets_from_source(const struct reading *reading, struct source *source,
                                         struct weft_data_sets *sets)
{
    switch (source->form) {
    case SOURCE_DATASETS:
        return sets_from_datasets(reading, source, sets);
    case SOURCE_TEXT:
        return sets_from_text(reading, source, sets);
    case SOURCE_TABLES:
        break;
    }
    TRY(sets_from_table(reading, source->train_table, source->target, sets));
    if (source->test_table == NULL)
        return WEFT_OK;
    const struct wanted wanted = wanted_beside(sets->train);
    return take_table(reading, &wanted, source->test_table, source->target, true, &sets->test);
}

static enum weft_status open_first(const struct reading *reading, const char *what,
                                   struct weft_data_sets *sets, bool *packed)
{
    const struct weft_model *model = reading->options.model;
    const struct source_request request = {.what = what,
                                           .options = &reading->options,
                                           .train = true,
                                           .test = !reading->tested,
                                           .training = model == NULL,
                                           .tables = model != NULL && model->schema != NULL};
    struct source source;
    TRY(open_source(reading, &request, &source));
    *packed = source.train != NULL && source.train->packed; /* before it is cut */
    const enum weft_status status = sets_from_source(reading, &source, sets);
    source_reset(&source);
    return status;
}

enum weft_status open_beside(const struct reading *reading, bool packed, const char *test,
                             struct weft_data_sets *sets)
{
    const struct wanted wanted = wanted_beside(sets->train);
    struct reading beside = *reading;
    beside.tested = false;
    beside.beside = !packed;
    beside.options.labels = NULL; /* They belong to the training set. */
    beside.options.impute_given = false;
    beside.options.impute = WEFT_IMPUTE_MEAN;
    return read_wanted(&beside, &wanted, test, true, true, &sets->test);
}

enum weft_status open_training(const struct reading *reading, const char *what, bool tested,
                               struct weft_data_sets *sets, bool *packed)
{
    struct reading first = *reading;
    first.tested = tested;
    *sets = (struct weft_data_sets){.train = NULL};
    const enum weft_status status = open_first(&first, what, sets, packed);
    if (status != WEFT_OK)
        weft_data_sets_reset(sets);
    return status;
}

enum weft_status open_sets(const struct reading *reading, const char *what, const char *test,
                           struct weft_data_sets *sets)
{
    bool packed;
    TRY(open_training(reading, what, test != NULL, sets, &packed));
    const enum weft_status status =
        test != NULL ? open_beside(reading, packed, test, sets) : WEFT_OK;
    if (status != WEFT_OK)
        weft_data_sets_reset(sets);
    return status;
}

/* ---- public functions ---- */

static void reset_if_failed(enum weft_status status, struct weft_data_sets *sets)
{
    if (status != WEFT_OK)
        weft_data_sets_reset(sets);
}

enum weft_status weft_data_open(const char *what, const char *test,
                                const struct weft_data_options *options,
                                struct weft_data_sets *sets)
{
    struct reading reading;
    *sets = (struct weft_data_sets){.train = NULL};
    TRY(reading_init(&reading, options));
    return open_sets(&reading, what, test, sets);
}

void weft_data_sets_reset(struct weft_data_sets *sets)
{
    weft_dataset_destroy(sets->train);
    weft_dataset_destroy(sets->validation);
    weft_dataset_destroy(sets->test);
    *sets = (struct weft_data_sets){.train = NULL};
}

enum weft_status weft_data_open_for(const struct weft_model *model, const char *what, bool test,
                                    bool with_targets, const struct weft_data_options *options,
                                    struct weft_dataset **dataset)
{
    const struct wanted wanted = wanted_by_model(model);
    struct reading reading;
    *dataset = NULL;
    TRY(reading_init(&reading, options));
    return read_wanted(&reading, &wanted, what, test, with_targets, dataset);
}

enum weft_status weft_table_split(const struct weft_table *table,
                                  const struct weft_data_options *options,
                                  struct weft_data_sets *sets)
{
    struct reading reading;
    *sets = (struct weft_data_sets){.train = NULL};
    TRY(reading_init(&reading, options));
    const enum weft_status status = sets_from_table(&reading, table, NULL, sets);
    reset_if_failed(status, sets);
    return status;
}

static enum weft_status table_for(const struct reading *reading, const struct wanted *wanted,
                                  const struct weft_table *table, bool with_targets,
                                  struct weft_dataset **dataset)
{
    TRY(take_table(reading, wanted, table, NULL, with_targets, dataset));
    return fit_dataset(reading, wanted, with_targets, *dataset);
}

enum weft_status weft_table_for(const struct weft_model *model, const struct weft_table *table,
                                bool with_targets, const struct weft_data_options *options,
                                struct weft_dataset **dataset)
{
    const struct wanted wanted = wanted_by_model(model);
    struct reading reading;
    *dataset = NULL;
    TRY(reading_init(&reading, options));
    const enum weft_status status = table_for(&reading, &wanted, table, with_targets, dataset);
    if (status != WEFT_OK) {
        weft_dataset_destroy(*dataset);
        *dataset = NULL;
    }
    return status;
}
