/* Implements weft_options_set, _get, _describe and related functions, and operations on all
 * options. */
#include "options/options.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/words.h"

/* ---- by name ---- */

/* Fails for an unknown name. The message gives the current name of a renamed option, or lists
 * similar names. */
static enum weft_status fail_unknown(const char *name)
{
    const char *names[WEFT_MAX_OPTIONS];
    char near[WORDS_HINT_SIZE];
    for (size_t i = 0; i < option_row_count; i++) {
        const struct weft_option_info *info = &option_rows[i].info;
        names[i] = info->name;
        if (info->formerly != NULL && strcmp(info->formerly, name) == 0)
            return fail(WEFT_ERROR_USAGE, "option \"%s\": its name is now %s", name, info->name);
    }
    if (strcmp(name, "preset") == 0)
        return fail(
            WEFT_ERROR_USAGE,
            "option \"preset\": only weft_options_init takes a preset, and sets all options");
    weft_suggest(name, names, option_row_count, "", near, sizeof near);
    if (near[0] != '\0')
        return fail(WEFT_ERROR_USAGE, "option \"%.64s\": unknown; did you mean %s?", name, near);
    words_join(names, option_row_count, near, sizeof near);
    return fail(WEFT_ERROR_USAGE, "option \"%.64s\": unknown; known: %s", name, near);
}

static enum weft_status find(const struct weft_options *options, const char *name,
                             const struct option_row **row)
{
    *row = option_find(name);
    if (*row == NULL)
        return fail_unknown(name);
    if ((*row)->end > options->size)
        return fail(WEFT_ERROR_USAGE,
                    "option \"%s\": this program was built with an older weft.h, which lacks it",
                    name);
    return WEFT_OK;
}

/* Tells whether the lists of the user have one value, or one for each of `layers` hidden layers. */
static bool lists_fit(const struct weft_options *options, size_t layers)
{
    const size_t activations =
        weft_options_given(options, "activation") ? options->activation_count : 1;
    const size_t dropouts = weft_options_given(options, "dropout") ? options->dropout_count : 1;
    return (activations == 1 || activations == layers) && (dropouts == 1 || dropouts == layers);
}

static bool same_layers(const struct weft_options *a, const struct weft_options *b)
{
    return a->hidden_count == b->hidden_count &&
           memcmp(a->hidden, b->hidden, a->hidden_count * sizeof *a->hidden) == 0;
}

/* Tells whether the hidden layers are those of the preset for some task. A program that assigns the
 * member `hidden` keeps its own layers. */
static bool layers_of_preset(const struct weft_options *options, const struct weft_options *preset)
{
    for (int task = WEFT_TASK_CLASSIFY; task <= WEFT_TASK_REGRESS; task++) {
        struct weft_options own = *preset;
        preset_fit_task(&own, (enum weft_task)task);
        if (same_layers(options, &own))
            return true;
    }
    return false;
}

/* Takes what the preset has for the task. Only members that depend on the task, and that nobody has
 * given, change. */
static void follow_task(struct weft_options *options)
{
    const struct weft_options *preset = preset_find(options->preset);
    if (preset == NULL)
        preset = preset_find("default");
    struct weft_options own = *preset;
    preset_fit_task(&own, options->task);
    if (!weft_options_given(options, "head"))
        options->head = own.head;
    if (!weft_options_given(options, "label-smoothing"))
        options->label_smoothing = own.label_smoothing;
    if (!weft_options_given(options, "hidden") && layers_of_preset(options, preset) &&
        lists_fit(options, own.hidden_count)) {
        options->hidden_count = own.hidden_count;
        memcpy(options->hidden, own.hidden, sizeof own.hidden);
    }
    if (!weft_options_given(options, "activation")) {
        options->activation_count = own.activation_count;
        memcpy(options->activation, own.activation, sizeof own.activation);
    }
    if (!weft_options_given(options, "dropout")) {
        options->dropout_count = own.dropout_count;
        memcpy(options->dropout, own.dropout, sizeof own.dropout);
    }
}

void options_follow(struct weft_options *options, const struct option_row *row)
{
    if (strcmp(row->info.name, "task") == 0)
        follow_task(options);
    if (strcmp(row->info.name, "batch-size") == 0)
        options->batches = 0;
    if (strcmp(row->info.name, "batches") == 0 && options->batches > 0)
        options->batch_size = 0;
}

enum weft_status weft_options_set(struct weft_options *options, const char *name, const char *value)
{
    const struct option_row *row;
    TRY(find(options, name, &row));
    TRY(option_read(options, row, value));
    option_mark_given(options, row);
    options_follow(options, row);
    return WEFT_OK;
}

enum weft_status weft_options_get(const struct weft_options *options, const char *name, char *text,
                                  size_t size)
{
    const struct option_row *row;
    char whole[WEFT_OPTION_TEXT_SIZE];
    TRY(find(options, name, &row));
    TRY(option_check(options, row));
    option_write(options, row, whole);
    const size_t bytes = strlen(whole) + 1;
    if (bytes > size)
        return fail_option(row->info.name, NULL, "its text needs %zu bytes, got %zu", bytes, size);
    memcpy(text, whole, bytes);
    return WEFT_OK;
}

bool weft_options_given(const struct weft_options *options, const char *name)
{
    const struct option_row *row = option_find(name);
    return row != NULL && option_given(options, row);
}

const struct weft_option_info *weft_option_describe(size_t index)
{
    return index < option_row_count ? &option_rows[index].info : NULL;
}

const char *weft_option_word(const char *name, unsigned value)
{
    const struct option_row *row = option_find(name);
    return row != NULL && value < row->info.word_count ? row->info.words[value] : NULL;
}

/* ---- as a whole ---- */

enum weft_status options_take(const struct weft_options *given, struct weft_options *whole)
{
    const size_t least = offsetof(struct weft_options, preset) + sizeof given->preset;
    if (given->size < least)
        return fail(WEFT_ERROR_USAGE, "options: fill them with weft_options_init first");
    if (given->size > sizeof *whole)
        return fail(WEFT_ERROR_USAGE,
                    "options: got a struct of %zu bytes, this libweft needs at most %zu",
                    given->size, sizeof *whole);
    if (memchr(given->preset, '\0', sizeof given->preset) == NULL)
        return fail(WEFT_ERROR_USAGE,
                    "preset: the name is not terminated; need at most %zu characters",
                    sizeof given->preset - 1);
    const struct weft_options *preset = preset_find(given->preset);
    *whole = preset != NULL ? *preset : *preset_find("default");
    memcpy(whole, given, given->size);
    whole->size = sizeof *whole;
    for (size_t i = 0; i < option_row_count; i++)
        TRY(option_check(whole, &option_rows[i]));
    return WEFT_OK;
}

void options_record(const struct weft_options *options, struct weft_options *record)
{
    char text[WEFT_OPTION_TEXT_SIZE];
    *record = *options;
    record->check_bundle = NULL; /* borrowed for the training run alone */
    memset(record->given, 0, sizeof record->given);
    for (size_t i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];
        option_write(options, row, text);
        const bool zero = row->rule.zero != NULL && strcmp(text, row->rule.zero) == 0;
        if (row->recorded != NOT_RECORDED && option_used(options, row) && !zero)
            option_mark_given(record, row);
    }
}

/* Tells whether an option that can be disabled is 0, none or no. */
static bool asks_for_nothing(const struct weft_options *options, const struct option_row *row)
{
    char text[WEFT_OPTION_TEXT_SIZE];
    option_write(options, row, text);
    return row->off &&
           (strcmp(text, "0") == 0 || strcmp(text, "no") == 0 || strcmp(text, "none") == 0);
}

/* Lists the given values as text: "rmsprop, adam or adamw". */
static void list_values(const struct option_row *choice, unsigned values, char *text, size_t size)
{
    const char *words[8 * sizeof values];
    size_t count = 0;
    for (size_t i = 0; i < choice->info.word_count; i++)
        if ((values >> i & 1U) != 0)
            words[count++] = choice->info.words[i];
    words_join_or(words, count, text, size);
}

static enum weft_status fail_unused(const struct weft_options *options,
                                    const struct option_row *row)
{
    char values[256];
    const char *name = row->info.name;
    if (row->info.needs == NULL)
        return fail_option(name, NULL, "has no effect without %s", row->need.what);
    const struct option_row *choice = option_find(row->info.needs);
    unsigned chosen = 0;
    memcpy(&chosen, (const char *)options + choice->offset, sizeof chosen);
    list_values(choice, row->info.needed, values, sizeof values);
    return fail_option(name, NULL, "has no effect with %s %s, only with %s", choice->info.name,
                       choice->info.words[chosen], values);
}

enum weft_status options_check_use(const struct weft_options *options)
{
    for (size_t i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];
        if (option_given(options, row) && !option_used(options, row) &&
            !asks_for_nothing(options, row))
            return fail_unused(options, row);
    }
    return WEFT_OK;
}
