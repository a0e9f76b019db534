/* Opens the data sets that the options name. Invalid combinations are rejected before any file is
 * read. */
#include "data_options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"

/* A source of samples: `what` alone, or `images` with or without `labels`. */
struct source {
    const char *what, *images, *labels; /* borrowed from the command line */
};

static enum weft_status source_find(const struct command_line *line, bool need_labels,
                                    const char *otherwise, struct source *source)
{
    source->what = option_value(line, OPTION_DATA);
    source->images = option_value(line, OPTION_IMAGES);
    source->labels = option_value(line, OPTION_LABELS);
    if (source->labels != NULL && source->images == NULL)
        return complain(WEFT_ERROR_USAGE, "--labels: needs --images");
    if (source->images != NULL && source->labels == NULL && need_labels)
        return complain(WEFT_ERROR_USAGE, "--images: %s needs --labels as well",
                        line->command->name);
    if (source->what == NULL && source->images == NULL)
        source->what = otherwise;
    if (source->what == NULL && source->images == NULL)
        return complain(WEFT_ERROR_USAGE,
                        "--data: missing; %s needs --data WHAT or --images FILE%s",
                        line->command->name, need_labels ? " --labels FILE" : "");
    return WEFT_OK;
}

/* Opens the training or the test set of `what`. If the data have only one set, it is used whole. */
static enum weft_status open_one(const char *what, bool test, struct weft_dataset **dataset)
{
    if (test)
        TRY(told(weft_dataset_open(what, NULL, dataset)));
    if (*dataset == NULL)
        TRY(told(weft_dataset_open(what, dataset, NULL)));
    return WEFT_OK;
}

/* Splits the data: `validation` gets the holdout, and `train` keeps the rest. */
static enum weft_status cut_holdout(struct data_parts *parts, double fraction, uint64_t seed)
{
    struct weft_dataset *rest = NULL;
    TRY(told(weft_dataset_holdout(parts->train, fraction, seed, &rest, &parts->validation)));
    weft_dataset_destroy(parts->train);
    parts->train = rest;
    return WEFT_OK;
}

enum weft_status data_open_parts(const struct command_line *line,
                                 const struct weft_options *options, struct data_parts *parts)
{
    const char *test = option_value(line, OPTION_TEST);
    struct source source;
    double fraction = 0.0;
    TRY(source_find(line, true, options_preset_data(options), &source));
    TRY(option_fraction(line, OPTION_HOLDOUT, "fraction", &fraction));
    if (source.images != NULL)
        TRY(told(weft_dataset_read_idx(source.images, source.labels, &parts->train)));
    else
        TRY(told(
            weft_dataset_open(source.what, &parts->train, test == NULL ? &parts->test : NULL)));
    if (test != NULL)
        TRY(open_one(test, true, &parts->test));
    if (fraction > 0.0)
        TRY(cut_holdout(parts, fraction, options->seed));
    return WEFT_OK;
}

void data_parts_reset(struct data_parts *parts)
{
    weft_dataset_destroy(parts->train);
    weft_dataset_destroy(parts->validation);
    weft_dataset_destroy(parts->test);
    *parts = (struct data_parts){0};
}

enum weft_status data_check_part(const struct command_line *line,
                                 const struct weft_dataset *dataset, bool need_labels,
                                 const struct weft_model *model)
{
    struct weft_dataset_info info;
    weft_dataset_get_info(dataset, &info);
    if (need_labels && info.labels == NULL && info.targets == NULL)
        return complain(WEFT_ERROR_DATA, "%s: labels: got none, %s needs them", info.name,
                        line->command->name);
    return told(weft_model_accepts(model, dataset, need_labels));
}

static enum weft_status open_part(const struct source *source, bool test,
                                  struct weft_dataset **dataset)
{
    if (source->images != NULL)
        return told(weft_dataset_read_idx(source->images, source->labels, dataset));
    return open_one(source->what, test, dataset);
}

enum weft_status data_open_part(const struct command_line *line, bool need_labels,
                                const struct weft_model *model, struct weft_dataset **dataset)
{
    const char *part = option_given(line, OPTION_PART) ? option_value(line, OPTION_PART) : "test";
    bool test = strcmp(part, "test") == 0;
    struct source source;
    if (!test && strcmp(part, "train") != 0)
        return complain(WEFT_ERROR_USAGE, "--part: got \"%s\", need train or test", part);
    TRY(source_find(line, need_labels, NULL, &source));
    TRY(open_part(&source, test, dataset));
    return data_check_part(line, *dataset, need_labels, model);
}

enum weft_status data_mirror(const struct command_line *line, const struct weft_dataset *dataset,
                             struct weft_model *model)
{
    struct weft_dataset_info info;
    weft_dataset_get_info(dataset, &info);
    if (!option_given(line, OPTION_TEST_TIME_FLIP))
        return WEFT_OK;
    if (info.width == 0)
        return complain(WEFT_ERROR_USAGE, "--test-time-flip: %s: samples are no images", info.name);
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
