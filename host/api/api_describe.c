/* Implements weft_data_describe: the contents of data, and what training would do with it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "api/data_reading.h"
#include "base/memory.h"
#include "data/column_summary.h"

/* A description with all that it points to. */
struct description {
    struct weft_data_description open; /* the part that callers see; must be first */
    struct source source;              /* owned: names, and data sets or tables */
    struct schema *schema;             /* shared, or NULL */
    struct column_summary *summaries;  /* [columns] owned */
    size_t *counts;                    /* [classes] owned */
    char *obstacle;                    /* owned, or NULL */
};

/* ---- columns ---- */

static void describe_column(const struct column *column, const struct schema_column *use,
                            const struct column_summary *summary, struct weft_column_info *info)
{
    *info = (struct weft_column_info){.name = column->name,
                                      .text = column->kind == COLUMN_TEXT,
                                      .missing = summary->missing,
                                      .distinct = summary->distinct,
                                      .min = summary->min,
                                      .max = summary->max,
                                      .mean = summary->mean,
                                      .std = summary->std,
                                      .common_count = summary->common_count,
                                      .use = use != NULL ? schema_role_names[use->role] : NULL,
                                      .reason = use != NULL ? use->reason : NULL,
                                      .features = use != NULL ? schema_column_features(use) : 0};
    for (size_t i = 0; i < summary->common_count; i++)
        info->common[i] = (struct weft_value_count){summary->common[i], summary->counts[i]};
}

static enum weft_status describe_columns(const struct weft_table *table, struct description *made)
{
    const size_t count = table->column_count;
    TRY(NEW_ARRAY(made->open.columns, count));
    TRY(NEW_ARRAY(made->summaries, count));
    made->open.column_count = count;
    for (size_t c = 0; c < count; c++) {
        TRY(column_summary_make(&table->columns[c], table->rows, &made->summaries[c]));
        describe_column(&table->columns[c], made->schema != NULL ? &made->schema->columns[c] : NULL,
                        &made->summaries[c], &made->open.columns[c]);
    }
    return WEFT_OK;
}

/* ---- classes ---- */

static enum weft_status count_labels(const int32_t *labels, size_t samples, size_t classes,
                                     struct description *made)
{
    TRY(NEW_ARRAY(made->counts, classes));
    for (size_t i = 0; i < samples; i++)
        if (labels[i] >= 0)
            made->counts[labels[i]]++;
    made->open.class_counts = made->counts;
    return WEFT_OK;
}

static enum weft_status count_table_classes(const struct weft_table *table,
                                            struct description *made)
{
    const struct schema *schema = made->schema;
    int32_t *labels; /* [rows] */
    if (schema->task != WEFT_TASK_CLASSIFY)
        return WEFT_OK;
    TRY(NEW_ARRAY(labels, table->rows));
    enum weft_status status = schema_labels(schema, table, labels);
    if (status == WEFT_OK)
        status = count_labels(labels, table->rows, schema->classes, made);
    memory_free(labels);
    return status;
}

/* ---- tables ---- */

enum { TRIED_ROWS = 4096 };

/* Makes samples of rows `first` and following ones, and releases them again. */
static enum weft_status try_rows(struct schema_applier *applier, const struct weft_table *table,
                                 size_t first)
{
    uint32_t rows[TRIED_ROWS];
    struct weft_dataset *dataset;
    const size_t count = size_min(TRIED_ROWS, table->rows - first);
    for (size_t i = 0; i < count; i++)
        rows[i] = (uint32_t)(first + i);
    TRY(schema_apply(applier, table, rows, count, &dataset));
    weft_dataset_destroy(dataset);
    return WEFT_OK;
}

/* Finds what only a training run would find: a single class, a value that is no weight or is beyond
 * float32. Needs the memory of a few samples. */
static enum weft_status try_training(struct schema *schema, const struct weft_table *table)
{
    const struct schema_request request = {.targets = true};
    struct schema_applier applier;
    if (schema->task == WEFT_TASK_CLASSIFY && schema->classes == 1)
        return fail(WEFT_ERROR_DATA, "%s: got only one class, need at least 2", table->name);
    TRY(schema_applier_init(&applier, schema, table, &request, (struct notes){.function = NULL}));
    enum weft_status status = WEFT_OK;
    for (size_t first = 0; first < table->rows && status == WEFT_OK; first += TRIED_ROWS)
        status = try_rows(&applier, table, first);
    schema_applier_reset(&applier);
    return status;
}

/* Learns what a training run would do with the columns. Without a target, the last column stands
 * for it. */
static enum weft_status learn(const struct reading *reading, const struct weft_table *table,
                              const char *target, struct description *made)
{
    struct schema_options columns = reading->columns;
    char number[32];
    if (columns.target == NULL)
        columns.target = target;
    if (columns.target == NULL) {
        made->open.target_assumed = true;
        snprintf(number, sizeof number, "%zu", table->column_count);
        columns.target = table->named ? table->columns[table->column_count - 1].name : number;
    }
    TRY(schema_create(table, &columns, reading->notes, &made->schema));
    TRY(schema_learn(made->schema, table, NULL, 0, reading->options.impute, reading->notes));
    return try_training(made->schema, table);
}

/* Learns, or finds out why training would fail. */
static enum weft_status learn_or_tell(const struct reading *reading, struct description *made)
{
    const enum weft_status status =
        learn(reading, made->source.train_table, made->source.target, made);
    if (status != WEFT_ERROR_DATA)
        return status;
    schema_release(made->schema);
    made->schema = NULL;
    TRY(text_copy(weft_error(), &made->obstacle));
    made->open.obstacle = made->obstacle;
    return WEFT_OK;
}

static enum weft_status describe_schema(const struct weft_table *table, struct description *made)
{
    struct weft_data_description *open = &made->open;
    open->task_known = true;
    open->task = made->schema->task;
    open->features = made->schema->features;
    open->classes = made->schema->classes;
    open->class_names = (const char *const *)made->schema->class_names;
    return count_table_classes(table, made);
}

static enum weft_status describe_table(const struct reading *reading, struct description *made)
{
    const struct weft_table *table = made->source.train_table;
    TRY(learn_or_tell(reading, made));
    made->open.name = table->name;
    made->open.samples = table->rows;
    made->open.test_samples = made->source.test_table != NULL ? made->source.test_table->rows : 0;
    if (made->schema != NULL)
        TRY(describe_schema(table, made));
    return describe_columns(table, made);
}

/* ---- other data ---- */

/* Extends the range and the sum by x [count]. */
static void measure_part(const float *x, size_t count, struct weft_data_description *open,
                         double *sum)
{
    for (size_t i = 0; i < count; i++) {
        open->min = fmin(open->min, (double)x[i]);
        open->max = fmax(open->max, (double)x[i]);
        *sum += (double)x[i];
    }
}

/* Finds the range and the mean of all features. */
static enum weft_status measure(const struct weft_dataset *dataset,
                                struct weft_data_description *open)
{
    double sum = 0.0;
    struct sample_reader reader;
    TRY(sample_reader_init(&reader, dataset_rows(dataset)));
    open->min = open->max = (double)sample_rows_number(&reader.rows, 0, 0);
    for (size_t first = 0; first < dataset->samples; first += reader.block) {
        const size_t count = size_min(reader.block, dataset->samples - first);
        measure_part(sample_reader_lend(&reader, first, count), count * dataset->features, open,
                     &sum);
    }
    sample_reader_reset(&reader);
    open->mean = sum / ((double)dataset->samples * (double)dataset->features);
    return WEFT_OK;
}

static enum weft_status count_classes(const struct weft_dataset_info *info,
                                      struct description *made)
{
    if (info->labels != NULL)
        return count_labels(info->labels, info->samples, info->classes, made);
    if (info->targets == NULL || info->task != WEFT_TASK_MULTILABEL)
        return WEFT_OK;
    TRY(NEW_ARRAY(made->counts, info->classes));
    for (size_t i = 0; i < info->samples * info->classes; i++)
        made->counts[i % info->classes] += info->targets[i] != 0.0f;
    made->open.class_counts = made->counts;
    return WEFT_OK;
}

static enum weft_status describe_dataset(struct description *made)
{
    const struct source *source = &made->source;
    const struct weft_dataset *shown = source->train != NULL ? source->train : source->test;
    struct weft_data_description *open = &made->open;
    struct weft_dataset_info info;
    weft_dataset_get_info(shown, &info);
    open->name = info.name;
    open->samples = info.samples;
    open->test_samples = source->train != NULL && source->test != NULL ? source->test->samples : 0;
    open->task_known = info.task_known;
    open->task = info.task;
    open->features = info.features;
    open->classes = info.classes;
    open->class_names = info.class_names;
    open->height = info.height;
    open->width = info.width;
    open->channels = info.channels;
    TRY(measure(shown, open));
    return count_classes(&info, made);
}

/* ---- the function ---- */

static enum weft_status describe(const struct reading *reading, const char *what,
                                 struct description *made)
{
    const struct source_request request = {
        .what = what, .options = &reading->options, .train = true, .test = true, .training = true};
    made->open.min = made->open.max = made->open.mean = (double)NAN;
    TRY(open_source(reading, &request, &made->source));
    if (made->source.form == SOURCE_DATASETS)
        return describe_dataset(made);
    if (made->source.form == SOURCE_TEXT)
        TRY(read_text(reading, NULL, &made->source, true));
    return describe_table(reading, made);
}

enum weft_status weft_data_describe(const char *what, const struct weft_data_options *options,
                                    struct weft_data_description **description)
{
    struct reading reading;
    struct description *made;
    *description = NULL;
    TRY(reading_init(&reading, options));
    reading.options.map = true; /* the samples stay here */
    TRY(NEW_ARRAY(made, 1));
    const enum weft_status status = describe(&reading, what, made);
    if (status == WEFT_OK)
        *description = &made->open;
    else
        weft_data_description_destroy(&made->open);
    return status;
}

void weft_data_description_destroy(struct weft_data_description *description)
{
    struct description *made = (struct description *)description;
    if (made == NULL)
        return;
    for (size_t c = 0; made->summaries != NULL && c < made->open.column_count; c++)
        column_summary_reset(&made->summaries[c]);
    memory_free(made->summaries);
    memory_free(made->open.columns);
    memory_free(made->counts);
    memory_free(made->obstacle);
    schema_release(made->schema);
    source_reset(&made->source);
    memory_free(made);
}
