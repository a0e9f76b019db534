/* Prints help texts from the two tables of options. Defaults are read from the preset that training
 * uses, so the help cannot become outdated. */
#include "help.h"

#include <stdio.h>
#include <string.h>

#include "message.h"
#include "options.h"

enum { WIDTH = 80, TEXT_COLUMN = 25 };

/* The order of the headings. Unknown headings come last. */
static const char *const headings[] = {
    "Check",   "Bench",    "Data",      "Tables",  "Arrays and images",
    "Network", "Training", "Optimizer", "Targets", "Augmentation",
    "Scores",  "Map",      "Picture",   "Output",  "Device",
    "Messages"};
enum { HEADINGS = sizeof headings / sizeof *headings };

void help_print_program(const struct command *const *commands, size_t count)
{
    printf("Usage: weft COMMAND [OPTIONS]\n\n"
           "Train neural networks on any OpenCL device, or on the CPU.\n\n"
           "Commands:\n");
    for (size_t i = 0; i < count; i++)
        printf("  %-10s  %s\n", commands[i]->name, commands[i]->summary);
    printf("\n'weft COMMAND --help' describes a command.\n"
           "'weft --version' lists the versions of Weft and its libraries.\n"
           "\nExample:\n  %s\n",
           commands[0]->example);
}

/* ---- one option ---- */

/* Prints the left column, for example "-o, --output FILE" or "--[no-]bias". */
static size_t print_left(size_t index)
{
    const struct weft_option_info *row = option_row(index);
    int used = printf("  ");
    if (row->letter != '\0')
        used += printf("-%c, ", row->letter);
    used += printf("--%s%s", option_can_be_negated(index) ? "[no-]" : "", row->name);
    if (!option_is_flag(row))
        used += printf(" %s", row->placeholder);
    return (size_t)used;
}

/* Adds the words that an option accepts, for example ": relu, tanh, gelu", before the default that
 * a help text of the program's own options ends with. */
static void append_words(const struct weft_option_info *row, char *text, size_t size)
{
    const char *end = strstr(row->help, " [");
    const char *standard = row->word_count > 0 && end != NULL ? end : "";
    size_t used = strlen(text) - strlen(standard);
    for (size_t i = 0; i < row->word_count && used < size; i++)
        used +=
            (size_t)snprintf(text + used, size - used, "%s%s", i == 0 ? ": " : ", ", row->words[i]);
    if (row->word_count > 0 && used < size)
        snprintf(text + used, size - used, "%s", standard);
}

/* Appends the values of another option without which this one has no effect, for example
 * " (only with --optimizer adam, adamw)". */
static size_t append_needs(const struct weft_option_info *row, char *text, size_t size)
{
    size_t used = strlen(text);
    if (row->needs != NULL)
        used += (size_t)snprintf(text + used, size - used, " (only with --%s", row->needs);
    const char *separator = " ";
    for (unsigned i = 0; row->needs != NULL && row->needed >> i != 0 && used < size; i++) {
        if ((row->needed >> i & 1U) == 0)
            continue;
        used += (size_t)snprintf(text + used, size - used, "%s%s", separator,
                                 weft_option_word(row->needs, i));
        separator = ", ";
    }
    if (row->needs != NULL && used < size)
        used += (size_t)snprintf(text + used, size - used, ")");
    return used;
}

/* Appends the default of a library option, for example " [adamw]". The task follows from the data.
 */
static enum weft_status append_default(size_t index, const struct weft_options *defaults,
                                       char *text, size_t size)
{
    const struct weft_option_info *row = option_row(index);
    char value[WEFT_OPTION_TEXT_SIZE];
    const size_t used = strlen(text);
    if (index < OPTION_COUNT)
        return WEFT_OK;
    TRY(told(weft_options_get(defaults, row->name, value, sizeof value)));
    if (strcmp(row->name, "task") == 0)
        snprintf(value, sizeof value, "from target");
    if (strcmp(row->name, "head") == 0)
        snprintf(value, sizeof value, "from task");
    snprintf(text + used, size - used, " [%.80s]", value);
    return WEFT_OK;
}

/* Prints words from TEXT_COLUMN on, and wraps the lines. */
static void print_wrapped(const char *text, size_t column)
{
    if (column + 2 > TEXT_COLUMN) {
        printf("\n");
        column = 0;
    }
    printf("%*s", (int)(TEXT_COLUMN - column), "");
    column = TEXT_COLUMN;
    while (*text != '\0') {
        const size_t length = strcspn(text, " ");
        if (column > TEXT_COLUMN && column + 1 + length > WIDTH) {
            printf("\n%*s", TEXT_COLUMN, "");
            column = TEXT_COLUMN;
        }
        column += (size_t)printf("%s%.*s", column > TEXT_COLUMN ? " " : "", (int)length, text);
        text += length;
        text += strspn(text, " ");
    }
    printf("\n");
}

static enum weft_status print_option(size_t index, const struct weft_options *defaults)
{
    const struct weft_option_info *row = option_row(index);
    char text[1024];
    snprintf(text, sizeof text, "%s", row->help);
    append_needs(row, text, sizeof text);
    append_words(row, text, sizeof text);
    TRY(append_default(index, defaults, text, sizeof text));
    print_wrapped(text, print_left(index));
    return WEFT_OK;
}

/* ---- a command ---- */

static size_t heading_of(const struct weft_option_info *row)
{
    size_t heading = 0;
    while (heading < HEADINGS && strcmp(headings[heading], row->group) != 0)
        heading++;
    return heading;
}

static enum weft_status print_group(const struct command *command, bool all, size_t heading,
                                    const struct weft_options *defaults)
{
    bool begun = false;
    for (size_t i = 0; option_row(i) != NULL; i++) {
        const struct weft_option_info *row = option_row(i);
        if ((row->commands & (unsigned)command->bit) == 0 || heading_of(row) != heading ||
            !(all || row->common))
            continue;
        if (!begun)
            printf("\n%s:\n", heading < HEADINGS ? headings[heading] : "Other");
        begun = true;
        TRY(print_option(i, defaults));
    }
    return WEFT_OK;
}

static bool has_more(const struct command *command)
{
    for (size_t i = 0; option_row(i) != NULL; i++)
        if (i != OPTION_HELP_ALL && !option_row(i)->common &&
            (option_row(i)->commands & (unsigned)command->bit) != 0)
            return true;
    return false;
}

/* Returns whether the help of a command shows defaults. */
static bool has_library_options(const struct command *command)
{
    for (size_t i = OPTION_COUNT; option_row(i) != NULL; i++)
        if ((option_row(i)->commands & (unsigned)command->bit) != 0)
            return true;
    return false;
}

enum weft_status help_print_command(const struct command *command, bool all)
{
    struct weft_options defaults;
    TRY(told(weft_options_init(&defaults, "default")));
    printf("Usage: weft %s %s\n\n%s.%s\n", command->name, command->usage, command->summary,
           has_library_options(command) ? " [Brackets] show defaults." : "");
    if (command->details != NULL)
        printf("\n%s", command->details);
    for (size_t heading = 0; heading <= HEADINGS; heading++)
        TRY(print_group(command, all, heading, &defaults));
    if (!all && has_more(command))
        printf("\n'weft %s --help-all' lists every option.\n", command->name);
    printf("\nExample:\n  %s\n", command->example);
    return WEFT_OK;
}
