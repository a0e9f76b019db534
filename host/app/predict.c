/* Implements weft predict. It prints the class, labels or values of each sample as CSV (RFC 4180)
 * or JSON lines.
 *
 * Samples go through the device in blocks. Each block is written before the next one is computed,
 * so a reader that stops after the first lines does not pay for the rest.
 */
#include <stdlib.h>
#include <string.h>

#include "data_options.h"
#include "device_option.h"
#include "driver_watch.h"
#include "message.h"
#include "output.h"
#include "plain_text.h"

enum { BLOCK_SAMPLES = 8192 };

struct predict_job {
    const struct command_line *line; /* borrowed */
    struct weft_model *model;        /* owned */
    struct weft_dataset *dataset;    /* owned */
    struct device_in_use device;     /* owned */
    struct weft_model_info info;     /* of the model */
    int32_t *classes;                /* owned; [BLOCK_SAMPLES], or [BLOCK_SAMPLES][C] for labels */
    float *probabilities;            /* owned; [BLOCK_SAMPLES][C]; outputs for task regress */
};

/* ---- CSV ---- */

/* Prints a field as in RFC 4180. A field with a comma or a quote is quoted, and its quotes are
 * doubled. Line breaks and other control characters become '?', because a model file may come from
 * anywhere and the CSV may go to a terminal. JSON keeps them, escaped. */
static void print_field(const char *text)
{
    if (strpbrk(text, ",\"") == NULL) {
        plain_text_print(text);
        return;
    }
    putchar('"');
    while (*text != '\0') {
        if (*text == '"')
            putchar('"');
        text += plain_text_print_one(text);
    }
    putchar('"');
}

/* Prints the header. A single class per sample has a name column. Several labels or values have one
 * column each. */
static void print_header(const struct predict_job *job)
{
    const bool one = job->info.task == WEFT_TASK_CLASSIFY;
    if (option_given(job->line, OPTION_JSON))
        return;
    printf(one ? "index,label,name" : "index");
    if (one && !option_given(job->line, OPTION_PROBA))
        printf(",probability");
    else
        for (size_t c = 0; c < job->info.classes; c++) {
            putchar(',');
            print_field(job->info.class_names[c]);
        }
    putchar('\n');
}

/* Prints a sample with one column per label or value. `labels` is [C] for task multilabel and NULL
 * otherwise; `values` is [C]. */
static void print_columns(const struct predict_job *job, size_t index, const int32_t *labels,
                          const float *values)
{
    const bool whole = labels != NULL && !option_given(job->line, OPTION_PROBA);
    printf("%zu", index);
    for (size_t c = 0; c < job->info.classes; c++)
        if (whole)
            printf(",%ld", (long)labels[c]);
        else
            printf(",%.9g", (double)values[c]);
    putchar('\n');
}

/* Prints a sample with its class and the probability of that class. With --proba it prints all
 * probabilities `p` [C]. */
static void print_row(const struct predict_job *job, size_t index, int32_t label, const float *p)
{
    printf("%zu,%ld,", index, (long)label);
    print_field(job->info.class_names[label]);
    if (!option_given(job->line, OPTION_PROBA))
        printf(",%.9g", (double)p[label]);
    else
        for (size_t c = 0; c < job->info.classes; c++)
            printf(",%.9g", (double)p[c]);
    putchar('\n');
}

/* ---- JSON lines ---- */

/* Makes a JSON array of `values` [C]. */
static json_t *numbers_json(const struct predict_job *job, const float *values)
{
    json_t *list = json_array();
    for (size_t c = 0; c < job->info.classes; c++)
        json_array_append_new(list, output_number((double)values[c]));
    return list;
}

/* Prints a sample with arrays of labels and values. The parameters are the same as in
 * print_columns. */
static enum weft_status print_lists(const struct predict_job *job, size_t index,
                                    const int32_t *labels, const float *values)
{
    json_t *object = json_pack("{s:I}", "index", (json_int_t)index);
    if (object != NULL && labels != NULL) {
        json_t *list = json_array();
        for (size_t c = 0; c < job->info.classes; c++)
            json_array_append_new(list, json_integer(labels[c]));
        json_object_set_new(object, "labels", list);
    }
    if (object != NULL && (labels == NULL || option_given(job->line, OPTION_PROBA)))
        json_object_set_new(object, labels == NULL ? "outputs" : "probabilities",
                            numbers_json(job, values));
    return output_json(stdout, object, OUTPUT_FLOAT);
}

/* Prints a sample with its class and the probability of that class. With --proba it adds all
 * probabilities `p` [C]. */
static enum weft_status print_object(const struct predict_job *job, size_t index, int32_t label,
                                     const float *p)
{
    json_t *object = json_pack("{s:I, s:i, s:o, s:o}", "index", (json_int_t)index, "label",
                               (int)label, "name", output_text(job->info.class_names[label]),
                               "probability", output_number((double)p[label]));
    if (object != NULL && option_given(job->line, OPTION_PROBA))
        json_object_set_new(object, "probabilities", numbers_json(job, p));
    return output_json(stdout, object, OUTPUT_FLOAT);
}

/* ---- the steps ---- */

/* Prints sample `row` of the block, which has number `index` overall. */
static enum weft_status print_sample(const struct predict_job *job, size_t row, size_t index)
{
    const size_t classes = job->info.classes;
    const bool json = option_given(job->line, OPTION_JSON);
    const float *values = job->probabilities + row * classes;
    const int32_t *labels =
        job->info.task == WEFT_TASK_MULTILABEL ? job->classes + row * classes : NULL;
    if (job->info.task != WEFT_TASK_CLASSIFY && json)
        return print_lists(job, index, labels, values);
    if (job->info.task != WEFT_TASK_CLASSIFY) {
        print_columns(job, index, labels, values);
        return WEFT_OK;
    }
    if (json)
        return print_object(job, index, job->classes[row], values);
    print_row(job, index, job->classes[row], values);
    return WEFT_OK;
}

static enum weft_status predict_block(struct predict_job *job, size_t first, size_t count)
{
    enum weft_status status = weft_predict_dataset(
        job->device.handle, job->model, job->dataset, first, count,
        job->info.task != WEFT_TASK_REGRESS ? job->classes : NULL, job->probabilities);
    device_say_note(&job->device);
    TRY(told(status));
    driver_watch_stay();
    if (first == 0)
        print_header(job);
    for (size_t i = 0; i < count; i++)
        TRY(print_sample(job, i, first + i));
    return output_flush();
}

static enum weft_status predict_all(struct predict_job *job)
{
    struct weft_dataset_info data;
    weft_dataset_get_info(job->dataset, &data);
    const size_t answers = job->info.task == WEFT_TASK_MULTILABEL ? job->info.classes : 1;
    job->classes = calloc(BLOCK_SAMPLES, answers * sizeof *job->classes);
    job->probabilities = calloc(BLOCK_SAMPLES, job->info.classes * sizeof *job->probabilities);
    if (job->classes == NULL || job->probabilities == NULL)
        return complain(WEFT_ERROR_MEMORY, "predictions of %zu classes: no memory",
                        job->info.classes);
    TRY(device_open(job->line, true, &job->device));
    for (size_t first = 0; first < data.samples; first += BLOCK_SAMPLES) {
        size_t left = data.samples - first;
        TRY(predict_block(job, first, left < BLOCK_SAMPLES ? left : BLOCK_SAMPLES));
    }
    return WEFT_OK;
}

static enum weft_status run_steps(struct predict_job *job)
{
    const char *path;
    TRY(option_require(job->line, OPTION_MODEL, &path));
    TRY(told(weft_model_read(path, &job->model)));
    weft_model_get_info(job->model, &job->info);
    if (job->info.task == WEFT_TASK_REGRESS && option_given(job->line, OPTION_PROBA))
        return complain(WEFT_ERROR_USAGE, "--proba: the model's task is regress, without any");
    TRY(data_open_part(job->line, false, job->model, &job->dataset));
    TRY(data_mirror(job->line, job->dataset, job->model));
    return predict_all(job);
}

static int run(const struct command_line *line)
{
    struct predict_job job = {.line = line};
    enum weft_status status = run_steps(&job);
    free(job.probabilities);
    free(job.classes);
    weft_device_destroy(job.device.handle);
    weft_dataset_destroy(job.dataset);
    weft_model_destroy(job.model);
    return (int)status;
}

const struct command predict_command = {
    .name = "predict",
    .bit = COMMAND_PREDICT,
    .summary = "Predict with a saved model",
    .usage = "[OPTIONS] --model FILE --data WHAT",
    .example = "weft predict --model model.safetensors --data fashion-mnist > predicted.csv",
    .run = run};
