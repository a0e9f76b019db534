/* Refuses options of data that would have no effect; see unused_options.h. */
#include "api/unused_options.h"

#include "data/task.h"

/* ---- the options ---- */

/* Options that some data have no use for. A value of NULL means that the option is not given; a
 * flag has the value "". */
struct option_group {
    size_t count;
    struct {
        const char *name, *value;
    } options[8];
};

#define FLAG(given) ((given) ? "" : NULL)

/* Options about the columns of a table. The id and the columns to keep may be texts that the
 * data has. */
static struct option_group column_options(const struct weft_data_options *options, bool texts)
{
    return (struct option_group){.count = texts ? 4 : 6,
                                 .options = {{"target", options->target},
                                             {"ignore", options->ignore},
                                             {"weight", options->weight},
                                             {"categorical", options->categorical},
                                             {"id", options->id},
                                             {"keep", options->keep}}};
}

/* Options about the text of a table; `marks` [4] receives texts that the group borrows. */
static struct option_group text_options(const struct weft_data_options *options, char *marks)
{
    marks[0] = options->delimiter;
    marks[2] = options->decimal;
    marks[1] = marks[3] = '\0';
    return (struct option_group){.count = 4,
                                 .options = {{"no-header", FLAG(options->no_header)},
                                             {"delimiter", marks[0] != '\0' ? marks : NULL},
                                             {"decimal", marks[2] != '\0' ? marks + 2 : NULL},
                                             {"missing", options->missing}}};
}

static struct option_group image_options(const struct weft_data_options *options)
{
    const bool size = options->image_width != 0 || options->image_height != 0;
    return (struct option_group){
        .count = 2,
        .options = {{"image-size", FLAG(size)}, {"grayscale", FLAG(options->grayscale)}}};
}

/* Options that decide what the columns of a table and the answers are. */
static struct option_group learning_options(const struct weft_data_options *options)
{
    const bool impute = options->impute_given || options->impute != WEFT_IMPUTE_MEAN;
    return (struct option_group){
        .count = 2, .options = {{"impute", FLAG(impute)}, {"labels", options->labels}}};
}

/* Options that matter while samples are made from arrays and tables. Only the first is about a test
 * set. */
static struct option_group applying_options(const struct weft_data_options *options, bool beside)
{
    return (struct option_group){
        .count = beside ? 1 : 3,
        .options = {{"strict", FLAG(options->strict)}, {"x", options->x}, {"y", options->y}}};
}

/* Fails if an option of the group is given: `need` and `what` say why it has no effect. */
static enum weft_status refuse(struct option_group group, const char *need, const char *what,
                               const char *lacks)
{
    for (size_t i = 0; i < group.count; i++) {
        const char *value = group.options[i].value;
        if (value != NULL)
            return fail_option(group.options[i].name, *value != '\0' ? value : NULL,
                               "needs %s; %s %s", need, what, lacks);
    }
    return WEFT_OK;
}

/* ---- sources ---- */

enum weft_status unused_options_refuse(const struct reading *reading, const char *what,
                                       enum source_form form, bool texts)
{
    const struct weft_data_options *options = &reading->options;
    char marks[4];
    if (form == SOURCE_DATASETS)
        TRY(refuse(column_options(options, texts), "a table", what, "has no columns"));
    if (form == SOURCE_TEXT)
        return refuse(image_options(options), "images", what, "is a table");
    return refuse(text_options(options, marks), "a table of text", what, "is none");
}

/* ---- packed data ---- */

/* Refuses options of a group: they had to be given when the data was packed. */
static enum weft_status refuse_packed(struct option_group group, const char *what)
{
    for (size_t i = 0; i < group.count; i++) {
        const char *name = group.options[i].name, *value = group.options[i].value;
        if (value != NULL)
            return fail_option(name, *value != '\0' ? value : NULL,
                               "has no effect on %s, which is packed; pack its source again with "
                               "--%s",
                               what, name);
    }
    return WEFT_OK;
}

static enum weft_status check_packed(const struct reading *reading, const char *what)
{
    const struct weft_data_options *options = &reading->options;
    char marks[4];
    if (reading->beside)
        return refuse_packed(applying_options(options, true), what);
    TRY(refuse_packed(column_options(options, true), what));
    TRY(refuse_packed(learning_options(options), what));
    if (reading->tested)
        return WEFT_OK;
    TRY(refuse_packed(text_options(options, marks), what));
    TRY(refuse_packed(image_options(options), what));
    return refuse_packed(applying_options(options, false), what);
}

/* Refuses a task that the answers of the data rule out. */
static enum weft_status check_task(const struct reading *reading, const struct weft_dataset *data)
{
    struct weft_dataset_info info;
    weft_dataset_get_info(data, &info);
    const enum weft_task task = reading->options.task;
    if (!reading->options.task_given || !info.task_known ||
        (task == WEFT_TASK_CLASSIFY) == (info.task == WEFT_TASK_CLASSIFY))
        return WEFT_OK;
    return fail_option("task", task_name(task), "%s is packed for task %s; pack its source again",
                       data->name, task_name(info.task));
}

enum weft_status unused_options_refuse_packed(const struct reading *reading,
                                              const struct weft_dataset *dataset)
{
    TRY(check_packed(reading, dataset->name));
    return check_task(reading, dataset);
}
