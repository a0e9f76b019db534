/* Writes how to repeat what a report shows: commands, options, versions and the device. */
#include <stdio.h>
#include <string.h>

#include "html_report.h"
#include "message.h"

/* ---- commands ---- */

/* Adds a word as a shell reads it. */
static void add_word(struct html_report *report, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_./,:=+@%-";
    if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
        weft_page_text(report->page, "%s", word);
        return;
    }
    weft_page_text(report->page, "'");
    for (const char *quote; (quote = strchr(word, '\'')) != NULL; word = quote + 1)
        weft_page_text(report->page, "%.*s'\\''", (int)(quote - word), word);
    weft_page_text(report->page, "%s'", word);
}

/* Begins the next line of a command. */
static void continue_line(struct html_report *report)
{
    weft_page_text(report->page, " \\\n    ");
}

static void add_option(struct html_report *report, const char *name, const char *value)
{
    continue_line(report);
    weft_page_text(report->page, "--%s ", name);
    add_word(report, value);
}

static void add_flag(struct html_report *report, const char *name, const char *value)
{
    continue_line(report);
    weft_page_text(report->page, strcmp(value, "no") == 0 ? "--no-%s" : "--%s", name);
}

/* Adds the command line that the user typed, with the options in the order of the help. */
static void add_command_line(struct html_report *report)
{
    const struct command_line *line = report->line;
    weft_page_text(report->page, "weft %s", line->command->name);
    for (size_t i = 0; option_row(i) != NULL; i++) {
        const struct weft_option_info *row = option_row(i);
        const char *value = option_row_value(line, i);
        if (value == NULL)
            continue;
        if (!option_is_flag(row))
            add_option(report, row->name, value);
        else
            add_flag(report, row->name, value);
    }
    for (size_t i = 0; i < line->log_count; i++)
        add_option(report, "log", line->logs[i]);
    weft_page_text(report->page, "\n");
}

/* Calls `visit` for each option that the model records and that its preset does not set alike. */
static enum weft_status visit_options(struct html_report *report,
                                      void (*visit)(struct html_report *, const char *,
                                                    const char *))
{
    static char value[WEFT_OPTION_TEXT_SIZE], usual[WEFT_OPTION_TEXT_SIZE];
    struct weft_options preset;
    TRY(told(weft_options_init(&preset, report->options->preset)));
    for (size_t i = 0; weft_option_describe(i) != NULL; i++) {
        const char *name = weft_option_describe(i)->name;
        if (!weft_options_given(report->options, name) ||
            weft_options_get(report->options, name, value, sizeof value) != WEFT_OK ||
            (weft_options_get(&preset, name, usual, sizeof usual) == WEFT_OK &&
             strcmp(value, usual) == 0))
            continue;
        visit(report, name, value);
    }
    return WEFT_OK;
}

/* Adds --NAME VALUE, or --[no-]NAME for a flag. */
static void add_setting(struct html_report *report, const char *name, const char *value)
{
    for (size_t i = 0; weft_option_describe(i) != NULL; i++) {
        const struct weft_option_info *row = weft_option_describe(i);
        if (strcmp(row->name, name) != 0)
            continue;
        if (row->placeholder != NULL)
            add_option(report, name, value);
        else
            add_flag(report, name, value);
    }
}

/* Adds --target with the columns that the model predicts. */
static void add_target(struct html_report *report)
{
    struct weft_model_column column;
    char names[1024];
    size_t used = 0;
    for (size_t c = 0; weft_model_get_column(report->model, c, &column); c++)
        if (column.name != NULL && strcmp(column.use, "target") == 0 && used < sizeof names)
            used += (size_t)snprintf(names + used, sizeof names - used, used > 0 ? ",%s" : "%s",
                                     column.name);
    if (used > 0 && used < sizeof names)
        add_option(report, "target", names);
}

/* Adds the command that trains such a model, as far as the model records it. */
static enum weft_status add_training(struct html_report *report)
{
    static const enum option places[] = {OPTION_DATA, OPTION_IMAGES, OPTION_LABELS, OPTION_TEST};
    char members[32];
    weft_page_text(report->page, "weft train");
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (option_given(report->line, places[i]))
            add_option(report, app_options[places[i]].name, option_value(report->line, places[i]));
    add_target(report);
    add_option(report, "preset", report->options->preset);
    TRY(visit_options(report, add_setting));
    if (report->info.members > 1) {
        snprintf(members, sizeof members, "%zu", report->info.members);
        add_option(report, "ensemble", members);
    }
    if (report->model_file != NULL)
        add_option(report, "output", report->model_file);
    weft_page_text(report->page, "\n\n");
    return WEFT_OK;
}

/* ---- options, versions and the device ---- */

static void add_fact(struct html_report *report, const char *name, const char *value)
{
    weft_page_term(report->page, name);
    weft_page_text(report->page, "%s", value);
}

static void add_device(struct html_report *report)
{
    const struct weft_device_info *device = &report->device_info;
    weft_page_term(report->page, "Device of this report");
    weft_page_name(report->page, device->name);
    if (device->opencl) {
        weft_page_text(report->page, " of ");
        weft_page_name(report->page, device->platform);
        weft_page_text(report->page, ", driver ");
        weft_page_name(report->page, device->driver);
    }
    weft_page_text(report->page,
                   device->checked[0] != '\0' ? ", last check passed on %s" : ", not checked yet%s",
                   device->checked);
}

enum weft_status html_repeat(struct html_report *report)
{
    const bool trained = report->line->command->bit == COMMAND_TRAIN;
    weft_page_section(report->page, "repeat", "How to repeat it");
    weft_page_begin(report->page, WEFT_PAGE_CODE);
    if (!trained)
        TRY(add_training(report));
    add_command_line(report);
    weft_page_end(report->page);
    weft_page_begin(report->page, WEFT_PAGE_PARAGRAPH);
    weft_page_text(report->page,
                   "%sThe same seed, device, driver and version give the same model, to the bit.",
                   trained ? ""
                           : "The first command comes from the model file, which does not record "
                             "--holdout and the options for reading data. ");
    weft_page_end(report->page);
    weft_page_begin(report->page, WEFT_PAGE_FACTS);
    weft_page_term(report->page, "Seed");
    weft_page_text(report->page, "%llu", (unsigned long long)report->info.seed);
    weft_page_term(report->page, "Preset");
    weft_page_name(report->page, report->info.preset);
    TRY(visit_options(report, add_fact));
    add_device(report);
    weft_page_end(report->page);
    weft_page_begin(report->page, WEFT_PAGE_CODE);
    weft_page_text(report->page, "weft %s\n%s", weft_version(), weft_components());
    weft_page_end(report->page);
    return WEFT_OK;
}
