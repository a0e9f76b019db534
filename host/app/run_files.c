/* Checks the files of a run. It has one list of input files and one list of output files. Every
 * option that names a file must be in one of them. */
#include "run_files.h"

#include <string.h>

#include "message.h"
#include "platform.h"

/* An option that names a file, with its name in messages. */
struct file_option {
    enum option option;
    const char *name;
};

static const struct file_option inputs[] = {
    {OPTION_IMAGES, "--images"}, {OPTION_LABELS, "--labels"},          {OPTION_DATA, "--data"},
    {OPTION_TEST, "--test"},     {OPTION_INIT_MODEL, "--init-model"},  {OPTION_MODEL, "--model"},
    {OPTION_REPLAY, "--replay"}, {OPTION_RESULTS, "--results"},        {OPTION_BENCH, "--bench"},
    {OPTION_RESUME, "--resume"}, {OPTION_SCHEMA_FROM, "--schema-from"}};
static const struct file_option outputs[] = {
    {OPTION_OUTPUT, "-o"},       {OPTION_PICTURE, "-o"},
    {OPTION_MAP, "-o"},          {OPTION_PAGE, "-o"},
    {OPTION_PACK, "-o"},         {OPTION_LOG, "--log"},
    {OPTION_REPORT, "--report"}, {OPTION_CHECKPOINT, "--checkpoint"},
    {OPTION_BUNDLE, "--bundle"}};
static const struct file_option curve_log = {OPTION_CURVE_LOG, "--log"};
enum { INPUTS = sizeof inputs / sizeof *inputs, OUTPUTS = sizeof outputs / sizeof *outputs };

const char *run_files_bundle(const struct command_line *line)
{
    if (option_setting(line, "check-every") == NULL || option_given(line, OPTION_BUNDLE))
        return option_value(line, OPTION_BUNDLE);
    return "weft-bundle.safetensors";
}

static const char *output_path(const struct command_line *line, const struct file_option *output)
{
    return output->option == OPTION_BUNDLE ? run_files_bundle(line)
                                           : option_value(line, output->option);
}

/* ---- names ---- */

/* Returns true for the options that read "-" as standard input. */
static bool reads_standard_input(enum option option)
{
    return option == OPTION_DATA || option == OPTION_TEST || option == OPTION_IMAGES ||
           option == OPTION_LABELS;
}

/* Rejects "-" for all other files. Weft already prints results to standard output. The message
 * names the explicit alternatives. */
static enum weft_status check_name(const struct file_option *file, const char *path, bool written)
{
    if (path == NULL)
        return WEFT_OK;
    if (path[0] == '\0')
        return complain(WEFT_ERROR_USAGE, "%s: got an empty name, need a file", file->name);
    if (strcmp(path, "-") != 0 || (!written && reads_standard_input(file->option)))
        return WEFT_OK;
    if (written)
        return complain(WEFT_ERROR_USAGE,
                        "%s -: got \"-\", need a file; use /dev/stdout for standard output, or ./- "
                        "for a file of this name",
                        file->name);
    return complain(
        WEFT_ERROR_USAGE,
        "%s -: got \"-\", need a file; only data can come from standard input; use ./- for a file "
        "of this name",
        file->name);
}

enum weft_status run_files_check_names(const struct command_line *line)
{
    const char *first = NULL; /* the option that reads standard input */
    for (size_t i = 0; i < INPUTS; i++) {
        const char *path = option_value(line, inputs[i].option);
        TRY(check_name(&inputs[i], path, false));
        if (path == NULL || strcmp(path, "-") != 0)
            continue;
        if (first != NULL)
            return complain(WEFT_ERROR_USAGE,
                            "%s -: %s already reads standard input, which can be read only once",
                            inputs[i].name, first);
        first = inputs[i].name;
    }
    for (size_t i = 0; i < line->log_count; i++)
        TRY(check_name(&curve_log, line->logs[i], false));
    for (size_t i = 0; i < OUTPUTS; i++)
        TRY(check_name(&outputs[i], output_path(line, &outputs[i]), true));
    return WEFT_OK;
}

/* ---- one file in two places ---- */

/* The search for the output file `written` among the files that an input option reads. */
struct search {
    const char *written;
    bool found;
};

static void compare_file(void *user, const char *path)
{
    struct search *search = user;
    search->found = search->found || platform_same_file(search->written, path);
}

/* Rejects an output `path` that the option `input` reads as `read`. */
static enum weft_status check_input(const struct file_option *output, const char *path,
                                    const struct file_option *input, const char *read)
{
    struct search search = {.written = path};
    if (read == NULL || (output->option == OPTION_OUTPUT && input->option == OPTION_INIT_MODEL) ||
        (output->option == OPTION_CHECKPOINT && input->option == OPTION_RESUME))
        return WEFT_OK;
    if (input->option == OPTION_DATA || input->option == OPTION_TEST)
        TRY(told(weft_dataset_files(read, compare_file, &search)));
    else
        compare_file(&search, read);
    if (!search.found)
        return WEFT_OK;
    return complain(WEFT_ERROR_USAGE, "%s %s: this run reads this file (%s %s); need another name",
                    output->name, path, input->name, read);
}

static enum weft_status check_output(const struct command_line *line,
                                     const struct file_option *output)
{
    const char *path = output_path(line, output);
    if (path == NULL)
        return WEFT_OK;
    for (size_t i = 0; i < INPUTS; i++)
        TRY(check_input(output, path, &inputs[i], option_value(line, inputs[i].option)));
    for (size_t i = 0; i < line->log_count; i++)
        TRY(check_input(output, path, &curve_log, line->logs[i]));
    for (const struct file_option *other = outputs; other != output; other++) {
        const char *written = output_path(line, other);
        if (written != NULL && platform_same_file(path, written))
            return complain(WEFT_ERROR_USAGE,
                            "%s %s: this run writes %s %s to this file; need another name",
                            output->name, path, other->name, written);
    }
    return WEFT_OK;
}

enum weft_status run_files_check(const struct command_line *line)
{
    TRY(run_files_check_names(line));
    for (size_t i = 0; i < OUTPUTS; i++)
        TRY(check_output(line, &outputs[i]));
    for (size_t i = 0; i < OUTPUTS; i++) {
        const char *path = output_path(line, &outputs[i]);
        if (path != NULL && !platform_hold_pipe(path))
            return complain(WEFT_ERROR_IO,
                            "%s: no process reads from this pipe; start its reader first", path);
    }
    return WEFT_OK;
}
