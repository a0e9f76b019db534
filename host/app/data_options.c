/* Opens the data sets that the options name. Invalid combinations are rejected before any file is
 * read. */
#include "data_options.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "byte_size.h"
#include "message.h"
#include "platform.h"
#include "rank_job.h"

/* Tells whether data can be read only once. */
static bool passes_once(const char *what)
{
    return strcmp(what, "-") == 0 || platform_is_pipe(what);
}

bool data_passes_once(const struct command_line *line)
{
    static const enum option sources[] = {OPTION_DATA, OPTION_IMAGES, OPTION_LABELS, OPTION_TEST};
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        const char *source = option_value(line, sources[i]);
        if (source != NULL && passes_once(source))
            return true;
    }
    return false;
}

/* Rejects what is no file. The library takes folders and known names as well, which --data is for.
 */
static enum weft_status check_images(const char *images)
{
    if (strcmp(images, "-") == 0)
        return WEFT_OK;
    if (platform_is_folder(images))
        return complain(WEFT_ERROR_IO, "%s: got a folder, need a file; --data takes folders",
                        images);
    if (platform_is_pipe(images))
        return complain(WEFT_ERROR_IO, "%s: got a pipe, need a regular file; --data takes pipes",
                        images);
    if (!platform_file_exists(images))
        return complain(WEFT_ERROR_IO, "%s: cannot open: No such file or directory", images);
    return WEFT_OK;
}

/* Finds what to open: --data, --images, or `otherwise`. */
static enum weft_status find_data(const struct command_line *line, bool need_labels,
                                  const char *otherwise, const char **what)
{
    const char *images = option_value(line, OPTION_IMAGES);
    *what = images != NULL ? images : option_value(line, OPTION_DATA);
    if (option_given(line, OPTION_LABELS) && images == NULL)
        return complain(WEFT_ERROR_USAGE, "--labels: needs --images");
    if (images != NULL && !option_given(line, OPTION_LABELS) && need_labels)
        return complain(WEFT_ERROR_USAGE, "--images: %s needs --labels as well",
                        line->command->name);
    if (images != NULL)
        TRY(check_images(images));
    if (*what == NULL)
        *what = otherwise;
    if (*what != NULL)
        return WEFT_OK;
    return complain(WEFT_ERROR_USAGE, "--data: missing; %s needs --data WHAT or --images FILE%s",
                    line->command->name, need_labels ? " --labels FILE" : "");
}

/* Reads an option whose value is a single character. "tab" and "\\t" are the tabulator. */
static enum weft_status read_character(const struct command_line *line, enum option option,
                                       const char *valid, char *character)
{
    const char *text = option_value(line, option);
    if (text == NULL)
        return WEFT_OK;
    if (strcmp(text, "tab") == 0 || strcmp(text, "\\t") == 0)
        text = "\t";
    if (strlen(text) != 1 || (valid != NULL && strchr(valid, *text) == NULL))
        return complain(WEFT_ERROR_USAGE, "--%s \"%s\": need %s", app_options[option].name, text,
                        valid != NULL ? "a point or a comma" : "one character, or tab");
    *character = *text;
    return WEFT_OK;
}

static enum weft_status read_impute(const struct command_line *line, struct weft_data_options *form)
{
    unsigned impute = WEFT_IMPUTE_MEAN;
    TRY(option_word(line, OPTION_IMPUTE, &impute));
    form->impute = (enum weft_impute)impute;
    form->impute_given = option_given(line, OPTION_IMPUTE);
    return WEFT_OK;
}

/* Reads "28x28", width first. */
static enum weft_status read_image_size(const struct command_line *line,
                                        struct weft_data_options *form)
{
    enum { MOST = 4096 };
    const char *text = option_value(line, OPTION_IMAGE_SIZE);
    unsigned width, height;
    int used = 0;
    if (text == NULL)
        return WEFT_OK;
    if (strlen(text) > 9 || text[strspn(text, "0123456789x")] != '\0' ||
        sscanf(text, "%4ux%4u%n", &width, &height, &used) != 2 || text[used] != '\0' ||
        width == 0 || height == 0 || width > MOST || height > MOST)
        return complain(WEFT_ERROR_USAGE,
                        "--image-size \"%s\": need a width and a height from 1 to %d, as in 28x28",
                        text, MOST);
    form->image_width = width;
    form->image_height = height;
    return WEFT_OK;
}

/* The commands that work on data in mapped files. Pictures and reports need them in memory. */
enum { MAPPING = COMMAND_TRAIN | COMMAND_EVALUATE | COMMAND_PREDICT | COMMAND_EMBED };

static void say_note(void *user, const char *line)
{
    (void)user;
    say("note", "%s", line);
}

enum weft_status data_read_options(const struct command_line *line, struct weft_data_options *form)
{
    weft_data_options_init(form);
    form->labels = option_value(line, OPTION_LABELS);
    form->target = option_value(line, OPTION_TARGET);
    form->ignore = option_value(line, OPTION_IGNORE);
    form->id = option_value(line, OPTION_ID);
    form->weight = option_value(line, OPTION_WEIGHT);
    form->categorical = option_value(line, OPTION_CATEGORICAL);
    form->keep = option_value(line, option_given(line, OPTION_BY) ? OPTION_BY : OPTION_KEEP);
    form->missing = option_value(line, OPTION_MISSING);
    form->x = option_value(line, OPTION_X);
    form->y = option_value(line, OPTION_Y);
    form->strict = option_given(line, OPTION_STRICT);
    form->no_header = option_given(line, OPTION_NO_HEADER);
    form->grayscale = option_given(line, OPTION_GRAYSCALE);
    form->no_stratify = option_given(line, OPTION_NO_STRATIFY);
    form->note = say_note;
    form->map = (line->command->bit & MAPPING) != 0 && !option_given(line, OPTION_REPORT);
    TRY(option_size(line, OPTION_MEMORY, &form->memory));
    TRY(read_impute(line, form));
    TRY(read_character(line, OPTION_DELIMITER, NULL, &form->delimiter));
    TRY(read_character(line, OPTION_DECIMAL, ".,", &form->decimal));
    TRY(read_image_size(line, form));
    return option_fraction(line, OPTION_HOLDOUT, "fraction", &form->holdout);
}

enum weft_status data_read_task(const struct command_line *line, struct weft_data_options *form)
{
    unsigned task = form->task;
    TRY(option_word(line, OPTION_TASK, &task));
    form->task_given = option_given(line, OPTION_TASK);
    form->task = (enum weft_task)task;
    return WEFT_OK;
}

/* Sets the task of the data, unless the user has set one. */
static enum weft_status take_task(const struct weft_dataset *train, struct weft_options *options)
{
    struct weft_dataset_info info;
    weft_dataset_get_info(train, &info);
    if (!info.task_known || weft_options_given(options, "task"))
        return WEFT_OK;
    TRY(told(weft_options_set(options, "task", weft_option_word("task", info.task))));
    return told(weft_options_check(options));
}

/* Reads the model of --init-model if it has columns. Other files, which may be none of Weft's, do
 * not say how to read a table; whatever is wrong with them is said when the model is made. */
static struct weft_model *read_columns_of_init(const struct command_line *line)
{
    const char *path = option_value(line, OPTION_INIT_MODEL);
    struct weft_model *model = NULL;
    struct weft_model_info info;
    if (path == NULL || weft_model_read(path, &model) != WEFT_OK)
        return NULL;
    weft_model_get_info(model, &info);
    if (info.feature_names != NULL)
        return model;
    weft_model_destroy(model);
    return NULL;
}

/* Ranks of one machine read their data once. They begin together. */
static enum weft_status open_data(const struct command_line *line, const char *what,
                                  const struct weft_data_options *form, struct weft_data_sets *sets)
{
    const char *test = option_value(line, OPTION_TEST);
    if (line->ranks == NULL || !rank_job_is_shared(line->ranks))
        return told(weft_data_open(what, test, form, sets));
    TRY(rank_job_meet(line->ranks, WEFT_OK));
    return rank_job_told(line->ranks,
                         weft_ranks_open_data(line->ranks->handle, what, test, form, sets));
}

enum weft_status data_open_sets(const struct command_line *line, struct weft_options *options,
                                const struct weft_model *model, struct weft_data_sets *sets)
{
    struct weft_data_options form;
    const char *what;
    TRY(data_read_options(line, &form));
    TRY(find_data(line, true, options_preset_data(options), &what));
    form.seed = options->seed;
    options->memory = form.memory;
    form.task_given = weft_options_given(options, "task");
    form.task = options->task;
    struct weft_model *init = model == NULL ? read_columns_of_init(line) : NULL;
    form.model = model != NULL ? model : init;
    const enum weft_status status = open_data(line, what, &form, sets);
    weft_model_destroy(init);
    TRY(status);
    return take_task(sets->train, options);
}

enum weft_status data_check_set(const struct command_line *line, const struct weft_dataset *dataset,
                                bool need_labels, const struct weft_model *model)
{
    struct weft_dataset_info info;
    weft_dataset_get_info(dataset, &info);
    if (need_labels && info.labels == NULL && info.targets == NULL)
        return complain(WEFT_ERROR_DATA, "%s: labels: got none, %s needs them", info.name,
                        line->command->name);
    return told(weft_model_accepts(model, dataset, need_labels));
}

enum weft_status data_part_is_test(const struct command_line *line, bool otherwise, bool *test)
{
    unsigned part = otherwise ? PART_TEST : PART_TRAIN;
    TRY(option_word(line, OPTION_PART, &part));
    *test = part == PART_TEST;
    return WEFT_OK;
}

enum weft_status data_find(const struct command_line *line, const char **what, bool *test)
{
    TRY(data_part_is_test(line, false, test));
    return find_data(line, false, NULL, what);
}

/* Tells a failure. --by names the column that the data set keeps. */
static enum weft_status told_by(const struct command_line *line, enum weft_status status)
{
    static const char keep[] = "keep";
    if (status == WEFT_OK || !option_given(line, OPTION_BY) || weft_error_option() == NULL ||
        strcmp(weft_error_option(), keep) != 0)
        return told(status);
    return complain(status, "--by%s", weft_error() + strlen(keep));
}

enum weft_status data_open_set(const struct command_line *line, bool need_labels,
                               const struct weft_model *model, struct weft_dataset **dataset)
{
    struct weft_data_options form;
    const char *what;
    bool test;
    TRY(data_part_is_test(line, true, &test));
    TRY(find_data(line, need_labels, NULL, &what));
    TRY(data_read_options(line, &form));
    TRY(told_by(line, weft_data_open_for(model, what, test, need_labels, &form, dataset)));
    return data_check_set(line, *dataset, need_labels, model);
}

/* Tells whether the data has a training set besides its test set `dataset`. */
static enum weft_status has_training_set(const struct weft_model *model, const char *what,
                                         const struct weft_data_options *form,
                                         const struct weft_dataset *dataset, bool *has)
{
    struct weft_dataset *train = NULL;
    struct weft_dataset_info one, two;
    struct weft_data_options quiet = *form;
    quiet.note = NULL;
    TRY(told(weft_data_open_for(model, what, false, false, &quiet, &train)));
    weft_dataset_get_info(dataset, &one);
    weft_dataset_get_info(train, &two);
    *has = strcmp(one.name, two.name) != 0 || one.samples != two.samples;
    weft_dataset_destroy(train);
    return WEFT_OK;
}

enum weft_status data_open_test(const struct command_line *line, const struct weft_model *model,
                                struct weft_dataset **dataset, bool *is_test)
{
    struct weft_data_options form;
    const char *what, *test = option_value(line, OPTION_TEST);
    TRY(find_data(line, true, NULL, &what));
    TRY(data_read_options(line, &form));
    if (test != NULL)
        what = test;
    TRY(told(weft_data_open_for(model, what, true, true, &form, dataset)));
    TRY(data_check_set(line, *dataset, true, model));
    *is_test = test != NULL;
    return *is_test || passes_once(what) ? WEFT_OK
                                         : has_training_set(model, what, &form, *dataset, is_test);
}

enum weft_status data_open_any(const struct command_line *line, struct weft_data_sets *sets,
                               const struct weft_dataset **dataset)
{
    struct weft_data_options form;
    const char *what;
    bool test;
    TRY(data_part_is_test(line, true, &test));
    TRY(find_data(line, false, NULL, &what));
    TRY(data_read_options(line, &form));
    TRY(told(weft_data_open(what, NULL, &form, sets)));
    *dataset = test && sets->test != NULL ? sets->test : sets->train;
    return WEFT_OK;
}

enum weft_status data_open_stream(const struct command_line *line, const struct weft_model *model,
                                  struct weft_stream **stream)
{
    struct weft_data_options form;
    const char *what;
    bool test;
    TRY(data_part_is_test(line, true, &test));
    TRY(find_data(line, false, NULL, &what));
    TRY(data_read_options(line, &form));
    return told(weft_stream_open(model, what, test, &form, stream));
}

enum weft_status data_open_labeled(const struct command_line *line, struct weft_data_sets *sets)
{
    struct weft_data_options form;
    const char *what;
    bool test;
    TRY(data_part_is_test(line, true, &test));
    TRY(find_data(line, true, NULL, &what));
    TRY(data_read_options(line, &form));
    return told(weft_data_open(what, NULL, &form, sets));
}

enum weft_status data_open_table(const struct command_line *line, struct weft_table **table)
{
    struct weft_data_options form;
    const char *what;
    TRY(option_require(line, OPTION_DATA, &what));
    TRY(data_read_options(line, &form));
    return told(weft_table_read(what, &form, table));
}

enum weft_status data_find_table(const struct command_line *line, bool *found)
{
    struct weft_data_options form;
    struct weft_table *table = NULL;
    const char *what = option_value(line, OPTION_DATA);
    *found = false;
    if (what == NULL || passes_once(what))
        return WEFT_OK;
    TRY(data_read_options(line, &form));
    const enum weft_status status = weft_table_read(what, &form, &table);
    *found = status == WEFT_OK;
    weft_table_destroy(table);
    return status == WEFT_ERROR_DATA ? WEFT_OK : told(status);
}

enum weft_status data_mirror(const struct command_line *line, const struct weft_dataset *dataset,
                             struct weft_model *model)
{
    struct weft_dataset_info info;
    weft_dataset_get_info(dataset, &info);
    if (!option_given(line, OPTION_TEST_TIME_FLIP))
        return WEFT_OK;
    if (info.width == 0)
        return complain(WEFT_ERROR_USAGE, "--test-time-flip: %s: samples are not images",
                        info.name);
    return told(weft_model_predict_mirrored(model, info.width, info.channels));
}

static enum weft_status make_up(const struct weft_options *options, size_t samples, size_t features,
                                size_t classes, struct weft_dataset **dataset)
{
    if (options->task == WEFT_TASK_CLASSIFY)
        return weft_dataset_synthetic(samples, features, options->single_output ? 2 : classes,
                                      options->seed, dataset);
    return weft_dataset_synthetic_targets(samples, features, classes, options->task, options->seed,
                                          dataset);
}

enum weft_status data_make_up(const struct weft_options *options, size_t samples, size_t features,
                              size_t classes, struct weft_dataset **dataset)
{
    const size_t side = (size_t)lround(sqrt((double)features));
    TRY(told(make_up(options, samples, features, classes, dataset)));
    return side * side == features ? told(weft_dataset_set_image(*dataset, side, side, 1))
                                   : WEFT_OK;
}
