/* Implements weft presets, which shows the presets option by option. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "options.h"
#include "output.h"

enum { PRESETS_LIMIT = 8, CELL = 24 };

static size_t count_presets(void)
{
    size_t count = 0;
    while (count < PRESETS_LIMIT && weft_preset_describe(count) != NULL)
        count++;
    return count;
}

/* Gets the value of option `row` in a preset. */
static enum weft_status preset_value(const char *preset, const struct weft_option_info *row,
                                     char text[WEFT_OPTION_TEXT_SIZE])
{
    struct weft_options options;
    TRY(told(weft_options_init(&options, preset)));
    return told(weft_options_get(&options, row->name, text, WEFT_OPTION_TEXT_SIZE));
}

/* ---- text ---- */

/* The values of one option in all presets: [PRESETS_LIMIT]. */
struct row {
    const char *name;
    char values[PRESETS_LIMIT][CELL];
};

static enum weft_status fill_row(const struct weft_option_info *option, struct row *row)
{
    char text[WEFT_OPTION_TEXT_SIZE];
    row->name = option->name;
    for (size_t p = 0; p < count_presets(); p++) {
        TRY(preset_value(weft_preset_describe(p)->name, option, text));
        snprintf(row->values[p], CELL, "%.*s", CELL - 1, text);
    }
    return WEFT_OK;
}

static bool differs(const struct row *row)
{
    for (size_t p = 1; p < count_presets(); p++)
        if (strcmp(row->values[p], row->values[0]) != 0)
            return true;
    return false;
}

/* Lists the rows in which the presets differ, and the header row. */
static enum weft_status fill_table(struct row *rows, size_t *count)
{
    *rows = (struct row){.name = ""};
    for (size_t p = 0; p < count_presets(); p++)
        snprintf(rows->values[p], CELL, "%s", weft_preset_describe(p)->name);
    *count = 1;
    for (size_t i = 0; weft_option_describe(i) != NULL; i++) {
        TRY(fill_row(weft_option_describe(i), &rows[*count]));
        *count += differs(&rows[*count]);
    }
    return WEFT_OK;
}

static void print_rows(const struct row *rows, size_t count)
{
    int widths[PRESETS_LIMIT] = {0};
    for (size_t r = 0; r < count; r++)
        for (size_t p = 0; p < count_presets(); p++) {
            const int length = (int)strlen(rows[r].values[p]);
            widths[p] = length > widths[p] ? length : widths[p];
        }
    for (size_t r = 0; r < count; r++) {
        printf("%-15s", rows[r].name);
        for (size_t p = 0; p < count_presets(); p++)
            printf("  %-*s", p + 1 < count_presets() ? widths[p] : 0, rows[r].values[p]);
        printf("\n");
    }
}

static enum weft_status print_all(void)
{
    struct row rows[WEFT_MAX_OPTIONS + 1];
    size_t count = 0;
    TRY(fill_table(rows, &count));
    for (size_t p = 0; p < count_presets(); p++)
        printf("%-12s%s\n", weft_preset_describe(p)->name, weft_preset_describe(p)->summary);
    printf("\n");
    print_rows(rows, count);
    printf("\n'weft presets NAME' lists every option of a preset.\n");
    return WEFT_OK;
}

static enum weft_status print_one(const struct weft_preset_info *preset)
{
    char text[WEFT_OPTION_TEXT_SIZE];
    printf("%s: %s.\n\n", preset->name, preset->summary);
    for (size_t i = 0; weft_option_describe(i) != NULL; i++) {
        const struct weft_option_info *row = weft_option_describe(i);
        TRY(preset_value(preset->name, row, text));
        printf("%-18s%-18s%s\n", row->name, text, row->help);
    }
    return WEFT_OK;
}

/* ---- JSON ---- */

/* Converts numbers to JSON numbers, yes and no to true and false, and all other values to
 * strings. */
static json_t *value_json(const struct weft_option_info *row, const char *text)
{
    char *end = NULL;
    const double number = strtod(text, &end);
    if (row->placeholder == NULL)
        return json_boolean(strcmp(text, "yes") == 0);
    if (text[strspn(text, "0123456789")] == '\0')
        return json_integer((json_int_t)number);
    return *end == '\0' ? output_number(number) : output_text(text);
}

static enum weft_status preset_json(const struct weft_preset_info *preset, json_t **object)
{
    char text[WEFT_OPTION_TEXT_SIZE];
    json_t *options = json_object();
    *object = json_pack("{s:s, s:s, s:o}", "name", preset->name, "summary", preset->summary,
                        "options", options);
    for (size_t i = 0; *object != NULL && weft_option_describe(i) != NULL; i++) {
        const struct weft_option_info *row = weft_option_describe(i);
        TRY(preset_value(preset->name, row, text));
        json_object_set_new(options, row->name, value_json(row, text));
    }
    return WEFT_OK;
}

static enum weft_status print_json(const struct weft_preset_info *only)
{
    json_t *list = json_array();
    for (size_t p = 0; weft_preset_describe(p) != NULL; p++) {
        json_t *object = NULL;
        if (only != NULL && only != weft_preset_describe(p))
            continue;
        const enum weft_status status = preset_json(weft_preset_describe(p), &object);
        json_array_append_new(list, object);
        if (status != WEFT_OK) {
            json_decref(list);
            return status;
        }
    }
    return output_json(stdout, json_pack("{s:s, s:o}", "command", "presets", "presets", list),
                       OUTPUT_DOUBLE);
}

/* ---- the command ---- */

/* Finds the preset that the user named, or returns NULL if none was named. The library rejects
 * unknown names. */
static enum weft_status find_preset(const char *name, const struct weft_preset_info **preset)
{
    struct weft_options options;
    *preset = NULL;
    if (name == NULL)
        return WEFT_OK;
    if (weft_options_init(&options, name) != WEFT_OK)
        return complain(WEFT_ERROR_USAGE, "%s", weft_error());
    for (size_t p = 0; *preset == NULL; p++)
        if (strcmp(weft_preset_describe(p)->name, name) == 0)
            *preset = weft_preset_describe(p);
    return WEFT_OK;
}

static enum weft_status run_steps(const struct command_line *line)
{
    const struct weft_preset_info *preset;
    TRY(find_preset(line->name, &preset));
    if (option_given(line, OPTION_JSON))
        return print_json(preset);
    return preset != NULL ? print_one(preset) : print_all();
}

static int run(const struct command_line *line)
{
    return (int)run_steps(line);
}

const struct command presets_command = {.name = "presets",
                                        .bit = COMMAND_PRESETS,
                                        .summary = "List the presets and the options that they set",
                                        .usage = "[OPTIONS] [NAME]",
                                        .example = "weft presets best",
                                        .takes_name = true,
                                        .run = run};
