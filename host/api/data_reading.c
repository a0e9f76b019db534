/* Reads data as a training run or a model needs them; see data_reading.h. */
#include "api/data_reading.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "api/unused_options.h"
#include "base/memory.h"
#include "base/number.h"
#include "data/classes.h"
#include "data/far_features.h"
#include "data/kept_texts.h"
#include "pack/pack.h"

/* ---- options ---- */

void weft_data_options_init_sized(struct weft_data_options *options, size_t size)
{
    memset(options, 0, size);
    options->size = size;
}

static enum weft_status check_options(const struct weft_data_options *options)
{
    char text[NUMBER_TEXT_SIZE];
    number_to_text(options->holdout, text);
    if (!(options->holdout >= 0.0 && options->holdout < 1.0))
        return fail_option("holdout", text, "the fraction must be above 0 and below 1");
    if (options->task_given && (unsigned)options->task > WEFT_TASK_REGRESS)
        return fail_option("task", NULL, "got %u, need a value of enum weft_task",
                           (unsigned)options->task);
    if ((unsigned)options->impute > WEFT_IMPUTE_NONE)
        return fail_option("impute", NULL, "got %u, need a value of enum weft_impute",
                           (unsigned)options->impute);
    return WEFT_OK;
}

enum weft_status reading_init(struct reading *reading, const struct weft_data_options *options)
{
    *reading = (struct reading){.options = {.size = sizeof reading->options}};
    struct weft_data_options *taken = &reading->options;
    if (options != NULL && (options->size < sizeof options->size || options->size > sizeof *taken))
        return fail(WEFT_ERROR_USAGE,
                    "data options: got a struct of %zu bytes, need at most %zu from "
                    "weft_data_options_init",
                    options->size, sizeof *taken);
    if (options != NULL)
        memcpy(taken, options, options->size);
    taken->size = sizeof *taken;
    reading->columns = (struct schema_options){.target = taken->target,
                                               .ignore = taken->ignore,
                                               .id = taken->id,
                                               .weight = taken->weight,
                                               .categorical = taken->categorical,
                                               .keep = taken->keep,
                                               .task_given = taken->task_given,
                                               .task = taken->task,
                                               .impute = taken->impute};
    reading->format = (struct table_format){.delimiter = taken->delimiter,
                                            .decimal = taken->decimal,
                                            .no_header = taken->no_header,
                                            .missing = taken->missing};
    reading->notes = (struct notes){.function = taken->note, .user = taken->user};
    return check_options(taken);
}

/* ---- what is wanted ---- */

struct wanted wanted_by_model(const struct weft_model *model)
{
    return (struct wanted){
        .needs = model_needs(model), .schema = model->schema, .scale = &model->scale};
}

struct wanted wanted_beside(const struct weft_dataset *train)
{
    struct wanted wanted = {.schema = train->schema};
    wanted.needs = (struct dataset_needs){train->features, train->classes, WEFT_TASK_CLASSIFY,
                                          (const char *const *)train->class_names, train->schema};
    if (train->schema != NULL)
        wanted.needs.task = train->schema->task;
    else if (train->targets != NULL)
        wanted.needs.task = WEFT_TASK_REGRESS;
    if (train->schema != NULL && train->class_names == NULL) { /* no labels, but known classes */
        wanted.needs.classes = train->schema->classes;
        wanted.needs.class_names = (const char *const *)train->schema->class_names;
    }
    return wanted;
}

/* ---- sources ---- */

static bool is_nothing(const struct source *source)
{
    return source->train == NULL && source->train_table == NULL && source->text == NULL;
}

/* ---- texts that the data has ---- */

/* Chooses among the texts of a data set. While it is packed, it keeps all unless options choose. */
static enum weft_status choose_texts(const struct reading *reading, const char *what,
                                     struct weft_dataset *dataset)
{
    const char *id = reading->beside ? NULL : reading->options.id;
    const char *keep = reading->beside ? NULL : reading->options.keep;
    if (reading->packing && id == NULL && keep == NULL)
        return WEFT_OK;
    return kept_texts_choose(&dataset->kept, what, id, keep);
}

static bool has_texts(const struct weft_dataset *dataset)
{
    return dataset != NULL && dataset->kept != NULL;
}

/* Chooses among the names of image files. */
static enum weft_status choose_names(const struct reading *reading, const char *what,
                                     const struct source *source)
{
    if (has_texts(source->train))
        TRY(choose_texts(reading, what, source->train));
    return has_texts(source->test) ? choose_texts(reading, what, source->test) : WEFT_OK;
}

/* ---- packed data ---- */

static enum weft_status take_packed(const struct reading *reading,
                                    const struct source_request *request,
                                    struct weft_dataset *dataset)
{
    TRY(unused_options_refuse_packed(reading, dataset));
    TRY(choose_texts(reading, request->what, dataset));
    if (request->training)
        TRY(classes_drop_empty(dataset, reading->notes));
    return reading->options.map ? WEFT_OK : dataset_load(dataset);
}

/* Opens packed data, which has one set. Unless it is to be mapped, it is read into memory. */
static enum weft_status open_pack(const struct reading *reading,
                                  const struct source_request *request, struct source *source)
{
    *source = (struct source){.form = SOURCE_DATASETS};
    if (!request->train)
        return WEFT_OK;
    TRY(pack_open(request->what, &source->train));
    return take_packed(reading, request, source->train);
}

/* ---- all sources ---- */

/* Refuses a table of text that is larger than memory may be. What it becomes is no smaller. */
static enum weft_status check_size(const struct reading *reading, const struct source *source)
{
    const uint64_t limit = reading->options.memory;
    if (limit == 0 || source->text == NULL)
        return WEFT_OK;
    const uint64_t bytes = byte_source_file_bytes(source->text);
    if (bytes == FILE_SIZE_UNKNOWN || bytes <= limit)
        return WEFT_OK;
    return fail(WEFT_ERROR_MEMORY,
                "%s: host memory: need at least %" PRIu64
                " bytes for this table, available %" PRIu64
                " (--memory); weft pack makes a file that need not fit",
                byte_source_name(source->text), bytes, limit);
}

/* Refuses a table that is too large, and options that have no effect on this data. Options for the
 * names of image files have one. */
static enum weft_status check_source(const struct reading *reading, const char *what,
                                     const struct source *source)
{
    TRY(check_size(reading, source));
    if (is_nothing(source) && source->test == NULL && source->test_table == NULL)
        return WEFT_OK;
    TRY(unused_options_refuse(reading, what, source->form,
                              has_texts(source->train) || has_texts(source->test)));
    return choose_names(reading, what, source);
}

enum weft_status open_source(const struct reading *reading, const struct source_request *request,
                             struct source *source)
{
    bool pack;
    TRY(pack_find(request->what, &pack));
    enum weft_status status =
        pack ? open_pack(reading, request, source) : source_open(request, source);
    if (status == WEFT_OK && !pack)
        status = check_source(reading, request->what, source);
    if (status != WEFT_OK)
        source_reset(source);
    return status;
}

/* Drops the training set if the test set was asked for and is there, and the test set otherwise. */
static void keep_one(bool test, struct source *source)
{
    if (test && source->test != NULL) {
        weft_dataset_destroy(source->train);
        source->train = source->test;
    } else {
        weft_dataset_destroy(source->test);
    }
    if (test && source->test_table != NULL) {
        weft_table_destroy(source->train_table);
        source->train_table = source->test_table;
    } else {
        weft_table_destroy(source->test_table);
    }
    source->test = NULL;
    source->test_table = NULL;
}

enum weft_status open_one(const struct reading *reading, const struct wanted *wanted,
                          const char *what, bool test, struct source *source)
{
    const bool once = byte_source_passes_once(what);
    struct source_request request = {.what = what,
                                     .options = &reading->options,
                                     .train = !test || once,
                                     .test = test,
                                     .features = wanted->needs.features,
                                     .tables = wanted->schema != NULL};
    TRY(open_source(reading, &request, source));
    keep_one(test, source);
    if (!is_nothing(source))
        return WEFT_OK;
    source_reset(source);
    request.train = true;
    request.test = false;
    TRY(open_source(reading, &request, source));
    keep_one(false, source);
    return WEFT_OK;
}

/* ---- tables ---- */

enum weft_status schema_for(const struct reading *reading, const struct wanted *wanted,
                            const struct weft_table *table, const char *target,
                            struct schema **schema)
{
    struct schema_options columns = reading->columns;
    *schema = schema_share(wanted->schema);
    if (*schema != NULL)
        return WEFT_OK;
    if (columns.target == NULL)
        columns.target = target;
    return schema_plain(table, &columns, &wanted->needs, schema);
}

bool table_has_targets(const struct reading *reading, const struct wanted *wanted,
                       const struct weft_table *table, const char *target)
{
    if (!reading->packing)
        return true; /* or it will be said which columns are missing */
    return wanted->schema != NULL ? schema_has_targets(wanted->schema, table)
                                  : target != NULL || reading->columns.target != NULL;
}

enum weft_status take_table(const struct reading *reading, const struct wanted *wanted,
                            const struct weft_table *table, const char *target, bool targets,
                            struct weft_dataset **dataset)
{
    targets = targets && table_has_targets(reading, wanted, table, target);
    const struct schema_request request = {.targets = targets,
                                           .strict = reading->options.strict,
                                           .keep = true,
                                           .keep_id = reading->packing,
                                           .options = &reading->columns};
    struct schema *schema;
    *dataset = NULL;
    TRY(schema_for(reading, wanted, table, target, &schema));
    const enum weft_status status =
        schema_apply_once(schema, table, &request, reading->notes, dataset);
    schema_release(schema);
    return status;
}

/* ---- data sets ---- */

/* Tells whether the classes correspond by position. Classes 0, 1, ... of an IDX file are positions
 * for a model whose classes have names, but not for one that knows some of these numbers. */
static enum weft_status labels_are_positions(const struct weft_dataset *dataset,
                                             const struct dataset_needs *needs, bool *positions)
{
    struct lookup lookup;
    *positions = dataset_classes_by_position(dataset, needs);
    if (!*positions)
        return WEFT_OK;
    TRY(lookup_init(&lookup, needs->class_names, needs->classes, false));
    for (size_t c = 0; c < dataset->classes; c++)
        if (lookup_text(&lookup, dataset->class_names[c]) != LOOKUP_NONE)
            *positions = false;
    lookup_reset(&lookup);
    return WEFT_OK;
}

static enum weft_status say_far(const struct reading *reading, const struct wanted *wanted,
                                const struct weft_dataset *dataset)
{
    struct far_features far;
    if (wanted->scale == NULL || reading->notes.function == NULL)
        return WEFT_OK;
    TRY(far_features_init(&far, wanted->scale));
    const enum weft_status status = far_features_add(&far, dataset);
    if (status == WEFT_OK)
        far_features_report(&far, dataset->name, dataset->schema, reading->notes);
    far_features_reset(&far);
    return status;
}

enum weft_status fit_dataset(const struct reading *reading, const struct wanted *wanted,
                             bool targets, struct weft_dataset *dataset)
{
    const struct dataset_needs *needs = &wanted->needs;
    bool positions = true;
    if (reading->packing && dataset->labels == NULL && dataset->targets == NULL)
        targets = false;
    if (targets && needs->task == WEFT_TASK_CLASSIFY && dataset->labels != NULL)
        TRY(labels_are_positions(dataset, needs, &positions));
    if (!positions)
        TRY(classes_map(dataset, needs->class_names, needs->classes, reading->notes));
    TRY(targets ? dataset_fits(dataset, needs) : dataset_has_features(dataset, needs));
    return say_far(reading, wanted, dataset);
}

/* ---- all of it ---- */

static enum weft_status take_source(const struct reading *reading, const struct wanted *wanted,
                                    struct source *source, bool targets,
                                    struct weft_dataset **dataset)
{
    if (source->form == SOURCE_TEXT)
        TRY(read_text(reading, wanted, source, targets));
    if (source->form != SOURCE_DATASETS)
        TRY(take_table(reading, wanted, source->train_table, source->target, targets, dataset));
    else
        *dataset = source->train;
    source->train = NULL;
    return fit_dataset(reading, wanted, targets, *dataset);
}

enum weft_status read_wanted(const struct reading *reading, const struct wanted *wanted,
                             const char *what, bool test, bool targets,
                             struct weft_dataset **dataset)
{
    struct source source;
    *dataset = NULL;
    TRY(open_one(reading, wanted, what, test, &source));
    const enum weft_status status = take_source(reading, wanted, &source, targets, dataset);
    source_reset(&source);
    if (status != WEFT_OK) {
        weft_dataset_destroy(*dataset);
        *dataset = NULL;
    }
    return status;
}
