/* Implements weft pack, which converts data into a file that is mapped instead of read. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "byte_size.h"
#include "data_options.h"
#include "message.h"
#include "output.h"

/* What a conversion needs. All pointers are owned. */
struct pack_job {
    const struct command_line *line; /* borrowed */
    struct weft_model *model;        /* --schema-from; or NULL */
    struct weft_dataset *like;       /* --schema-from; or NULL */
    struct weft_pack_info info;
};

/* Opens the model or the packed data whose columns the data must have. */
static enum weft_status open_schema(struct pack_job *job, struct weft_data_options *form)
{
    const char *path = option_value(job->line, OPTION_SCHEMA_FROM);
    if (path == NULL)
        return WEFT_OK;
    if (weft_model_recognize(path)) {
        TRY(told(weft_model_read(path, &job->model)));
        form->model = job->model;
        return WEFT_OK;
    }
    TRY(told(weft_dataset_map(path, &job->like)));
    form->like = job->like;
    return WEFT_OK;
}

/* Refuses options about the choice of samples that --holdout would hold out. */
static enum weft_status check_split(const struct command_line *line)
{
    if (option_given(line, OPTION_HOLDOUT))
        return WEFT_OK;
    if (option_given(line, OPTION_SPLIT_SEED))
        return complain(WEFT_ERROR_USAGE, "--seed: needs --holdout");
    if (option_given(line, OPTION_NO_STRATIFY))
        return complain(WEFT_ERROR_USAGE, "--no-stratify: needs --holdout");
    return WEFT_OK;
}

/* Reads --seed, which is the seed of training unless it is given. */
static enum weft_status read_seed(const struct command_line *line, struct weft_data_options *form)
{
    struct weft_options options;
    const char *seed = option_value(line, OPTION_SPLIT_SEED);
    TRY(told(weft_options_init(&options, "default")));
    if (seed != NULL)
        TRY(told(weft_options_set(&options, "seed", seed)));
    form->seed = options.seed;
    return WEFT_OK;
}

static enum weft_status print_json(const struct pack_job *job, const char *path)
{
    const struct weft_pack_info *info = &job->info;
    return output_json(
        stdout,
        json_pack("{s:s, s:o, s:I, s:I, s:I, s:s, s:I, s:b, s:I}", "command", "pack", "file",
                  output_text(path), "samples", (json_int_t)info->samples, "features",
                  (json_int_t)info->features, "classes", (json_int_t)info->classes, "type",
                  info->bytes ? "uint8" : "float32", "bytes", (json_int_t)info->file_bytes,
                  "labeled", info->labeled, "texts", (json_int_t)info->texts),
        OUTPUT_DOUBLE);
}

static enum weft_status print(const struct pack_job *job, const char *path)
{
    const struct weft_pack_info *info = &job->info;
    char size[BYTE_SIZE_TEXT];
    if (option_given(job->line, OPTION_JSON))
        return print_json(job, path);
    printf("%s: %zu samples of %zu features as %s, %s%s\n", path, info->samples, info->features,
           info->bytes ? "bytes" : "float32", byte_size_format(info->file_bytes, size),
           info->labeled ? "" : ", no labels or targets");
    return output_flush();
}

static enum weft_status run_steps(struct pack_job *job)
{
    struct weft_data_options form;
    const char *what, *path;
    bool test;
    TRY(option_require(job->line, OPTION_PACK, &path));
    TRY(data_find(job->line, &what, &test));
    TRY(data_read_options(job->line, &form));
    TRY(data_read_task(job->line, &form));
    TRY(check_split(job->line));
    TRY(read_seed(job->line, &form));
    TRY(open_schema(job, &form));
    TRY(told(weft_pack(what, test, &form, path, &job->info)));
    return print(job, path);
}

static int run(const struct command_line *line)
{
    struct pack_job job = {.line = line};
    const enum weft_status status = run_steps(&job);
    weft_dataset_destroy(job.like);
    weft_model_destroy(job.model);
    return (int)status;
}

const struct command pack_command = {
    .name = "pack",
    .bit = COMMAND_PACK,
    .summary = "Convert data into one file that can be larger than memory",
    .usage = "[OPTIONS] --data WHAT -o FILE",
    .details = "The other commands map a packed file instead of reading it, so it may be larger\n"
               "than memory. --part selects the set to pack. Weft packs all rows of a table, but\n"
               "learns its columns without those that --holdout would hold out. Pack the test\n"
               "set with --schema-from and the packed training set. Temporary files go to the\n"
               "folder of the output file.\n",
    .example = "weft pack --data clicks.csv --target bought -o clicks.pack",
    .run = run};
