/* Implements weft predict.
 *
 * Samples are read, computed and written in blocks, so a table of any length needs little memory,
 * and a reader that stops after the first lines does not pay for the rest.
 */
#include <stdlib.h>
#include <string.h>

#include "answer_rule.h"
#include "data_options.h"
#include "device_option.h"
#include "driver_watch.h"
#include "message.h"
#include "output.h"
#include "predict_print.h"

enum { BLOCK_SAMPLES = 8192 };

struct predict_job {
    const struct command_line *line; /* borrowed */
    struct weft_model *model;        /* owned */
    struct weft_stream *stream;      /* owned */
    struct device_in_use device;     /* owned */
    struct weft_model_info info;     /* of the model */
    struct answer_rule answer_rule;
    int32_t *classes;     /* owned; [BLOCK_SAMPLES], or [BLOCK_SAMPLES][C] for labels */
    float *probabilities; /* owned; [BLOCK_SAMPLES][C]; outputs for task regress */
    struct predict_print print;
};

static enum weft_status allocate(struct predict_job *job)
{
    const size_t answers = job->info.task == WEFT_TASK_MULTILABEL ? job->info.classes : 1;
    job->classes = calloc(BLOCK_SAMPLES, answers * sizeof *job->classes);
    job->probabilities = calloc(BLOCK_SAMPLES, job->info.classes * sizeof *job->probabilities);
    if (job->classes == NULL || job->probabilities == NULL)
        return complain(WEFT_ERROR_MEMORY, "predictions of %zu classes: no memory",
                        job->info.classes);
    return WEFT_OK;
}

/* Prints the predictions of samples row .. row + count - 1 of a block, whose first sample has
 * number `first` overall. */
static enum weft_status print_piece(const struct predict_job *job, size_t first, size_t row,
                                    size_t count)
{
    const size_t classes = job->info.classes;
    const size_t answers = job->info.task == WEFT_TASK_MULTILABEL ? classes : 1;
    const bool labeled = job->info.task != WEFT_TASK_REGRESS;
    if (first + row == 0)
        predict_print_header(&job->print);
    for (size_t i = 0; i < count; i++) {
        const struct prediction sample = {.index = first + row + i,
                                          .row = row + i,
                                          .labels = labeled ? job->classes + i * answers : NULL,
                                          .values = job->probabilities + i * classes};
        TRY(predict_print_sample(&job->print, &sample));
    }
    return output_flush();
}

/* Predicts samples row .. row + count - 1 of a block; count is at most BLOCK_SAMPLES. */
static enum weft_status predict_piece(struct predict_job *job, const struct weft_dataset *block,
                                      size_t row, size_t count)
{
    const bool labeled = job->info.task != WEFT_TASK_REGRESS;
    const enum weft_status status =
        weft_predict_dataset(job->device.handle, job->model, block, row, count,
                             labeled ? job->classes : NULL, job->probabilities);
    device_say_note(&job->device);
    TRY(told(status));
    driver_watch_stay();
    return labeled
               ? told(weft_decide(job->model, job->answer_rule.threshold, job->answer_rule.reject,
                                  count, job->probabilities, job->classes))
               : WEFT_OK;
}

/* Predicts a block of the stream, which has all samples if the data is not a table. */
static enum weft_status predict_block(struct predict_job *job, const struct weft_dataset *block,
                                      size_t first, size_t *count)
{
    struct weft_dataset_info data;
    weft_dataset_get_info(block, &data);
    *count = data.samples;
    for (size_t row = 0; row < data.samples; row += BLOCK_SAMPLES) {
        const size_t left = data.samples - row;
        const size_t piece = left < BLOCK_SAMPLES ? left : BLOCK_SAMPLES;
        TRY(predict_piece(job, block, row, piece));
        TRY(print_piece(job, first, row, piece));
    }
    return WEFT_OK;
}

/* Prepares for the first block, which decides about an automatic device. A full block of a table
 * may be the first of many. */
static enum weft_status begin(struct predict_job *job, const struct weft_dataset *block)
{
    struct weft_dataset_info data;
    TRY(data_mirror(job->line, block, job->model));
    if (job->device.handle != NULL)
        return WEFT_OK;
    weft_dataset_get_info(block, &data);
    return device_open_predict(job->line, job->model,
                               data.samples == BLOCK_SAMPLES ? SIZE_MAX : data.samples,
                               &job->device);
}

static enum weft_status predict_all(struct predict_job *job)
{
    size_t first = 0, count;
    TRY(allocate(job));
    if (!device_is_automatic(job->line)) /* a wrong one fails before any row is read */
        TRY(device_open(job->line, true, &job->device));
    while (true) {
        const struct weft_dataset *block = NULL;
        TRY(told(weft_stream_next(job->stream, BLOCK_SAMPLES, &block)));
        if (block == NULL)
            return WEFT_OK;
        if (first == 0)
            TRY(begin(job, block));
        TRY(predict_block(job, block, first, &count));
        first += count;
    }
}

static enum weft_status run_steps(struct predict_job *job)
{
    const char *path;
    TRY(option_require(job->line, OPTION_MODEL, &path));
    TRY(told(weft_model_read(path, &job->model)));
    weft_model_get_info(job->model, &job->info);
    if (job->info.task == WEFT_TASK_REGRESS && option_given(job->line, OPTION_PROBA))
        return complain(WEFT_ERROR_USAGE,
                        "--proba: the model's task is regress, which has no probabilities");
    TRY(answer_rule_read(job->line, &job->info, &job->answer_rule));
    TRY(data_open_stream(job->line, job->model, &job->stream));
    job->print = (struct predict_print){.stream = job->stream,
                                        .model = &job->info,
                                        .json = option_given(job->line, OPTION_JSON),
                                        .all = option_given(job->line, OPTION_PROBA),
                                        .table = job->info.feature_names != NULL,
                                        .numbered = predict_print_is_numbered(&job->info)};
    return predict_all(job);
}

static int run(const struct command_line *line)
{
    struct predict_job job = {.line = line};
    enum weft_status status = run_steps(&job);
    free(job.probabilities);
    free(job.classes);
    weft_device_destroy(job.device.handle);
    weft_stream_close(job.stream);
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
