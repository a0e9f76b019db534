/* Parses the command line into options. See options.h. For each command, the tables for popt are
 * built from the two tables of options. */
#include "options.h"

#include <ctype.h>
#include <popt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "byte_size.h"
#include "message.h"
#include "platform.h"

enum { ROWS_LIMIT = OPTION_COUNT + WEFT_MAX_OPTIONS, NEGATED = 10000 };

/* ---- both tables as one ---- */

const struct weft_option_info *option_row(size_t index)
{
    return index < OPTION_COUNT ? &app_options[index] : weft_option_describe(index - OPTION_COUNT);
}

static char **slot(struct command_line *line, size_t index)
{
    return index < OPTION_COUNT ? &line->values[index] : &line->settings[index - OPTION_COUNT];
}

const char *option_row_value(const struct command_line *line, size_t index)
{
    return index < OPTION_COUNT ? line->values[index] : line->settings[index - OPTION_COUNT];
}

bool option_can_be_negated(size_t index)
{
    return index >= OPTION_COUNT && option_is_flag(option_row(index));
}

/* The options of `command` in the form that popt reads. `val` is the index + 1. */
struct parser {
    struct poptOption options[2 * ROWS_LIMIT + 1];
    const char *names[2 * ROWS_LIMIT]; /* [count] of `options` */
    size_t count;
    char negated[WEFT_MAX_OPTIONS][64]; /* for example "no-bias" */
};

static void add_option(struct parser *parser, const char *name, char letter, bool flag, int value)
{
    parser->options[parser->count] =
        (struct poptOption){.longName = name,
                            .shortName = letter,
                            .argInfo = flag ? POPT_ARG_NONE : POPT_ARG_STRING,
                            .val = value};
    parser->names[parser->count++] = name;
}

static void add_options(struct parser *parser, const struct command *command)
{
    for (size_t i = 0; option_row(i) != NULL; i++) {
        const struct weft_option_info *row = option_row(i);
        if ((row->commands & (unsigned)command->bit) == 0)
            continue;
        add_option(parser, row->name, row->letter, option_is_flag(row), (int)i + 1);
        if (!option_can_be_negated(i))
            continue;
        char *name = parser->negated[i - OPTION_COUNT];
        snprintf(name, sizeof parser->negated[0], "no-%s", row->name);
        add_option(parser, name, '\0', true, (int)i + 1 + NEGATED);
    }
}

/* ---- errors from popt ---- */

/* Returns the current name of an option that was formerly called `word`, or NULL. */
static const char *new_name(const struct command *command, const char *word)
{
    for (size_t i = 0; option_row(i) != NULL; i++) {
        const struct weft_option_info *row = option_row(i);
        if ((row->commands & (unsigned)command->bit) != 0 && row->formerly != NULL &&
            strcmp(row->formerly, word) == 0)
            return row->name;
    }
    return NULL;
}

static enum weft_status complain_unknown(const struct parser *parser, const struct command *command,
                                         const char *word)
{
    char list[256], bare[64] = "";
    const size_t dashes = strspn(word, "-"), length = strcspn(word, "=");
    if (length > dashes && length - dashes < sizeof bare)
        memcpy(bare, word + dashes, length - dashes);
    const char *renamed = new_name(command, bare);
    if (renamed != NULL)
        return complain(WEFT_ERROR_USAGE, "--%s: this option is now called --%s", bare, renamed);
    weft_suggest(bare, parser->names, parser->count, "--", list, sizeof list);
    if (list[0] == '\0')
        return complain(WEFT_ERROR_USAGE, "%.*s: unknown option; 'weft %s --help-all' lists all",
                        (int)length, word, command->name);
    return complain(WEFT_ERROR_USAGE, "%.*s: unknown option; did you mean %s?", (int)length, word,
                    list);
}

static enum weft_status complain_popt(const struct parser *parser, const struct command *command,
                                      poptContext context, int code)
{
    const char *word = poptBadOption(context, POPT_BADOPTION_NOALIAS);
    switch (code) {
    case POPT_ERROR_BADOPT:
        return complain_unknown(parser, command, word);
    case POPT_ERROR_NOARG:
        return complain(WEFT_ERROR_USAGE, "%s: needs a value", word);
    case POPT_ERROR_UNWANTEDARG:
        return complain(WEFT_ERROR_USAGE, "%.*s: takes no value", (int)strcspn(word, "="), word);
    case POPT_ERROR_MALLOC:
        return complain(WEFT_ERROR_MEMORY, "options: no memory");
    default:
        return complain(WEFT_ERROR_USAGE, "%s: %s", word, poptStrerror(code));
    }
}

/* ---- reading the words ---- */

static enum weft_status copy_text(const char *text, char **copy)
{
    const size_t bytes = strlen(text) + 1;
    *copy = malloc(bytes);
    if (*copy == NULL)
        return complain(WEFT_ERROR_MEMORY, "options: no memory");
    memcpy(*copy, text, bytes);
    return WEFT_OK;
}

/* Stores one more log. It is the only option that counts as often as it is given. */
static enum weft_status keep_log(struct command_line *line, char *value)
{
    if (line->log_count < LOGS_LIMIT) {
        line->logs[line->log_count++] = value;
        return WEFT_OK;
    }
    free(value);
    return complain(WEFT_ERROR_USAGE, "--log: got more than %d", LOGS_LIMIT);
}

/* Stores the value of an option. If an option is given twice, the last value counts. A flag and its
 * negation exclude each other. */
static enum weft_status keep(struct command_line *line, int code, char *value)
{
    const bool negated = code > NEGATED;
    const size_t index = (size_t)(negated ? code - NEGATED : code) - 1;
    char **kept = slot(line, index);
    if (index == OPTION_CURVE_LOG)
        return keep_log(line, value);
    if (value == NULL)
        TRY(copy_text(negated ? "no" : "yes", &value));
    const bool contradicts =
        option_can_be_negated(index) && *kept != NULL && strcmp(*kept, value) != 0;
    free(*kept);
    *kept = value;
    const char *name = option_row(index)->name;
    return contradicts
               ? complain(WEFT_ERROR_USAGE, "--no-%s: cannot be combined with --%s", name, name)
               : WEFT_OK;
}

static enum weft_status take_name(struct command_line *line, poptContext context)
{
    const char *word = poptGetArg(context);
    if (word != NULL && line->command->takes_name) {
        TRY(copy_text(word, &line->name));
        word = poptGetArg(context);
    }
    return word == NULL ? WEFT_OK
                        : complain(WEFT_ERROR_USAGE, "%s: unexpected; 'weft %s' takes only %s",
                                   word, line->command->name,
                                   line->command->takes_name ? "one name, and options" : "options");
}

static enum weft_status read_words(struct command_line *line, const struct parser *parser,
                                   poptContext context)
{
    int code;
    while ((code = poptGetNextOpt(context)) > 0)
        TRY(keep(line, code, poptGetOptArg(context)));
    return code < -1 ? complain_popt(parser, line->command, context, code)
                     : take_name(line, context);
}

/* Rejects the first option in `names` that is also given. `names` is separated by blanks. */
static enum weft_status check_excluded(const struct command_line *line, const char *name,
                                       const char *names)
{
    for (size_t i = 0; option_row(i) != NULL; i++) {
        const char *other = option_row(i)->name;
        char list[256], wanted[64];
        snprintf(list, sizeof list, " %s ", names);
        snprintf(wanted, sizeof wanted, " %s ", other);
        if (option_row_value(line, i) != NULL && strstr(list, wanted) != NULL)
            return complain(WEFT_ERROR_USAGE, "--%s: cannot be combined with --%s", name, other);
    }
    return WEFT_OK;
}

/* Rejects network options beside --model, because a model already has its network. */
static enum weft_status exclude_network(const struct command_line *line)
{
    for (size_t i = 0; option_row(i) != NULL; i++)
        if (option_given(line, OPTION_MODEL) && option_row(i)->network &&
            option_row_value(line, i) != NULL)
            return complain(WEFT_ERROR_USAGE,
                            "--%s: cannot be combined with --model, which contains the network",
                            option_row(i)->name);
    return WEFT_OK;
}

static enum weft_status check_exclusions(const struct command_line *line)
{
    for (size_t i = 0; option_row(i) != NULL; i++) {
        const struct weft_option_info *row = option_row(i);
        if (row->excludes != NULL && option_row_value(line, i) != NULL)
            TRY(check_excluded(line, row->name, row->excludes));
    }
    return exclude_network(line);
}

static enum weft_status parse_with(struct parser *parser, struct command_line *line, int argc,
                                   const char **argv)
{
    add_options(parser, line->command);
    /* popt reads alias files only on request, and Weft does not request it. */
    poptContext context = poptGetContext("weft", argc, argv, parser->options, POPT_CONTEXT_NO_EXEC);
    if (context == NULL)
        return complain(WEFT_ERROR_MEMORY, "options: no memory");
    const enum weft_status status = read_words(line, parser, context);
    poptFreeContext(context);
    return status;
}

enum weft_status command_line_parse(struct command_line *line, int argc, const char **argv)
{
    struct parser *parser = calloc(1, sizeof *parser);
    if (parser == NULL)
        return complain(WEFT_ERROR_MEMORY, "options: no memory");
    const enum weft_status status = parse_with(parser, line, argc, argv);
    free(parser);
    TRY(status);
    /* "CPU" means cpu, and device names match in any case. */
    for (char *c = line->values[OPTION_DEVICE]; c != NULL && *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    if (option_given(line, OPTION_HELP) || option_given(line, OPTION_HELP_ALL))
        return WEFT_OK;
    uint64_t limit = 0;
    TRY(option_size(line, OPTION_DEVICE_MEMORY, &limit)); /* fails before any data is read */
    TRY(option_size(line, OPTION_MEMORY, &limit));
    return check_exclusions(line);
}

enum weft_status command_line_add(struct command_line *line, size_t index, const char *value)
{
    return copy_text(value, slot(line, index));
}

void command_line_reset(struct command_line *line)
{
    for (size_t i = 0; i < ROWS_LIMIT; i++) {
        free(*slot(line, i));
        *slot(line, i) = NULL;
    }
    for (; line->log_count > 0; line->log_count--)
        free(line->logs[line->log_count - 1]);
    free(line->name);
    line->name = NULL;
}

/* ---- library options ---- */

const char *option_setting(const struct command_line *line, const char *name)
{
    for (size_t i = 0; weft_option_describe(i) != NULL; i++)
        if (strcmp(weft_option_describe(i)->name, name) == 0)
            return line->settings[i];
    return NULL;
}

/* Sets an option. A file name after --init is an error, because initial weights now come from
 * --init-model FILE. The message suggests it. */
static enum weft_status set_option(const struct weft_option_info *row, const char *value,
                                   struct weft_options *options)
{
    const enum weft_status status = weft_options_set(options, row->name, value);
    if (status != WEFT_OK && strcmp(row->name, "init") == 0 && platform_file_exists(value))
        return complain(status, "--init %s: is a file; to start from its weights use --init-model",
                        value);
    return told(status);
}

static enum weft_status set_given(const struct command_line *line, struct weft_options *options)
{
    for (size_t i = 0; weft_option_describe(i) != NULL; i++)
        if (line->settings[i] != NULL)
            TRY(set_option(weft_option_describe(i), line->settings[i], options));
    if (options->seed > INT64_MAX) /* JSON integers in the results end there */
        return complain(WEFT_ERROR_USAGE, "--seed %llu: the seed must be between 0 and %lld",
                        (unsigned long long)options->seed, (long long)INT64_MAX);
    return told(weft_options_check(options));
}

/* Rejects --gemm on the CPU backend. Only OpenCL devices have a choice of engines. */
static enum weft_status check_gemm(const struct command_line *line,
                                   const struct weft_options *options)
{
    const char *device = option_value(line, OPTION_DEVICE);
    if (device == NULL || strcmp(device, "cpu") != 0 || options->gemm == WEFT_GEMM_AUTO)
        return WEFT_OK;
    return complain(WEFT_ERROR_USAGE,
                    "--gemm: needs an OpenCL device; the CPU backend only has its BLAS");
}

enum weft_status options_resolve(const struct command_line *line, struct weft_options *options)
{
    const char *preset = option_value(line, OPTION_PRESET);
    TRY(told(weft_options_init(options, preset != NULL ? preset : "default")));
    TRY(set_given(line, options));
    return check_gemm(line, options);
}

enum weft_status options_resolve_on_model(const struct command_line *line,
                                          struct weft_model **model, struct weft_options *options)
{
    const char *path = option_value(line, OPTION_MODEL);
    if (path == NULL)
        return options_resolve(line, options);
    TRY(told(weft_model_read(path, model)));
    TRY(told(weft_options_init(options, "default")));
    TRY(told(weft_model_get_options(*model, options)));
    struct weft_model_info info;
    weft_model_get_info(*model, &info);
    if (strcmp(info.preset, options->preset) != 0)
        say("note", "the model's preset \"%s\" is unknown; using the options of preset %s",
            info.preset, options->preset);
    TRY(set_given(line, options));
    return check_gemm(line, options);
}

const char *options_preset_data(const struct weft_options *options)
{
    const struct weft_preset_info *preset;
    for (size_t i = 0; (preset = weft_preset_describe(i)) != NULL; i++)
        if (strcmp(preset->name, options->preset) == 0)
            return preset->data;
    return NULL;
}

enum weft_status options_make_model(const struct command_line *line,
                                    const struct weft_options *options,
                                    const struct weft_dataset *data, struct weft_model **model)
{
    const char *init = option_value(line, OPTION_INIT_MODEL);
    if (init == NULL)
        return told(weft_model_create(options, data, model));
    return told(
        weft_model_create_from(init, options, !weft_options_given(options, "scale"), data, model));
}
