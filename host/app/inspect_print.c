/* Prints what weft inspect finds. Names and values come from files, so control characters in them
 * are replaced. */
#include "inspect_print.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "output.h"
#include "terminal_text.h"

enum { WIDEST_NAME = 28, WIDEST_VALUE = 32, MOST_CLASSES = 50 };

/* ---- text ---- */

/* Prints at most `most` characters of UTF-8. Returns their number, and moves `*text` behind them.
 */
static size_t print_characters(const char **text, size_t most)
{
    size_t count = 0;
    for (; **text != '\0' && count < most; count++)
        do
            *text += terminal_text_print_one(*text);
        while (((unsigned char)**text & 0xC0) == 0x80);
    return count;
}

/* Prints a text in a field of `width` columns; longer texts are cut. */
static void print_cell(const char *text, size_t width)
{
    const size_t used = print_characters(&text, width);
    printf("%*s", (int)(width - used), "");
}

/* Prints 6 digits of a number, or all those before the point. */
static void print_number(double number)
{
    const double size = fabs(number);
    printf("%.*g", size >= 1e6 && size < 1e15 ? (int)log10(size) + 1 : 6, number);
}

static void print_range(double least, double most, double mean)
{
    print_number(least);
    printf(" to ");
    print_number(most);
    printf(", mean ");
    print_number(mean);
}

/* Prints the values that say most about a column: its range, or its most frequent values. */
static void print_values(const struct weft_column_info *column)
{
    if (!column->text && isfinite(column->min) && column->distinct > WEFT_COMMON_VALUES) {
        print_range(column->min, column->max, column->mean);
        return;
    }
    for (size_t i = 0; i < column->common_count; i++) {
        if (i > 0)
            printf(", ");
        const char *text = column->common[i].text;
        print_characters(&text, WIDEST_VALUE);
        printf("%s (%zu)", *text != '\0' ? "..." : "", column->common[i].count);
    }
    if (column->distinct > column->common_count)
        printf(", ...");
}

/* Counts the characters of UTF-8. */
static size_t count_characters(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

static size_t widest_name(const struct weft_data_description *data)
{
    size_t widest = 6;
    for (size_t c = 0; c < data->column_count; c++) {
        const size_t length = count_characters(data->columns[c].name);
        widest = length > widest ? length : widest;
    }
    return widest < WIDEST_NAME ? widest : WIDEST_NAME;
}

static void print_columns(const struct weft_data_description *data)
{
    const size_t width = widest_name(data);
    printf("\n%-*s  use       features  missing  distinct  values\n", (int)width, "column");
    for (size_t c = 0; c < data->column_count; c++) {
        const struct weft_column_info *column = &data->columns[c];
        print_cell(column->name, width);
        printf("  %-8s  %8zu  %7zu  %8zu  ", column->use != NULL ? column->use : "-",
               column->features, column->missing, column->distinct);
        if (column->reason != NULL)
            printf("(%s) ", column->reason);
        print_values(column);
        printf("\n");
    }
    if (data->target_assumed)
        printf("\nWeft assumes that the last column is the target; --target names another one.\n");
}

static void print_classes(const struct weft_data_description *data)
{
    if (data->class_counts == NULL)
        return;
    printf("\nsamples  %s\n", data->task == WEFT_TASK_CLASSIFY ? "class" : "label");
    for (size_t c = 0; c < data->classes && c < MOST_CLASSES; c++) {
        printf("%7zu  ", data->class_counts[c]);
        terminal_text_print(data->class_names[c]);
        printf("\n");
    }
    if (data->classes > MOST_CLASSES)
        printf("    ...  and %zu more; --json lists all\n", data->classes - MOST_CLASSES);
}

/* Prints "1 sample" or "2 samples". */
static void print_count(size_t count, const char *noun)
{
    printf("%zu %s%s", count, noun, count == 1 ? "" : "s");
}

static void print_size(const struct weft_data_description *data)
{
    terminal_text_print(data->name);
    printf(": ");
    print_count(data->samples, "sample");
    if (data->test_samples > 0)
        printf(" and %zu for tests", data->test_samples);
    if (data->column_count > 0) {
        printf(", ");
        print_count(data->column_count, "column");
    }
    if (data->obstacle == NULL) {
        printf(", ");
        print_count(data->features, "feature");
    }
    if (data->width > 0)
        printf(" (images of %zu x %zu x %zu)", data->width, data->height, data->channels);
    if (data->column_count == 0) {
        printf(" from ");
        print_range(data->min, data->max, data->mean);
    }
    printf("\n");
}

enum weft_status inspect_data_text(const struct weft_data_description *data)
{
    print_size(data);
    if (data->obstacle != NULL) {
        printf("training would fail: ");
        terminal_text_print(data->obstacle);
        printf("\n");
    }
    if (data->task_known)
        printf("task %s: %zu %s\n", weft_option_word("task", data->task), data->classes,
               data->task == WEFT_TASK_CLASSIFY     ? (data->classes == 1 ? "class" : "classes")
               : data->task == WEFT_TASK_MULTILABEL ? "labels"
               : data->classes == 1                 ? "number"
                                                    : "numbers");
    print_classes(data);
    if (data->column_count > 0)
        print_columns(data);
    return WEFT_OK;
}

static void print_accuracy(const char *set, double accuracy)
{
    if (isfinite(accuracy))
        printf("  %-16s%.2f %%\n", set, 100.0 * accuracy);
}

static void print_network(const struct weft_model_info *info)
{
    printf("  %-16s%s, head %s\n", "task", weft_option_word("task", info->task),
           weft_option_word("head", info->head));
    printf("  %-16s", "network");
    for (size_t l = 0; l <= info->layers; l++)
        printf(l == 0 ? "%zu" : "-%zu", info->widths[l]);
    for (size_t l = 0; l + 1 < info->layers; l++)
        printf(l == 0 ? ", %s" : " %s", weft_option_word("activation", info->activations[l]));
    printf("%s%s\n", info->batch_norm ? ", batch norm" : "", info->bias ? "" : ", no bias");
    printf("  %-16s%zu\n", "parameters", info->parameters);
    if (info->members > 1)
        printf("  %-16s%zu; this describes the first\n", "members", info->members);
    printf("  %-16s%s\n", "scale", weft_option_word("scale", info->scale));
}

/* Returns the score of an epoch on the validation set, or NaN. */
static double validation_score(const struct weft_epoch *epoch)
{
    return isnan(epoch->validation_accuracy) ? epoch->validation_r2 : epoch->validation_accuracy;
}

/* Prints how the error of the last training run fell, and the best epoch on the validation set. */
static void print_curve(const struct weft_model *model)
{
    struct weft_epoch first, last, best, epoch;
    if (!weft_model_get_epoch(model, 0, 0, &first))
        return;
    last = best = first;
    for (size_t i = 1; weft_model_get_epoch(model, 0, i, &epoch); i++) {
        last = epoch;
        if (!(validation_score(&epoch) <= validation_score(&best)))
            best = epoch;
    }
    printf("  %-16serror %.4g in epoch %zu, %.4g in epoch %zu", "curve", first.error, first.epoch,
           last.error, last.epoch);
    if (isfinite(best.validation_accuracy))
        printf("; best validation %.2f %% in epoch %zu", 100.0 * best.validation_accuracy,
               best.epoch);
    else if (isfinite(best.validation_r2))
        printf("; best validation R^2 %.4f in epoch %zu", best.validation_r2, best.epoch);
    printf("\n");
}

static enum weft_status print_training(const struct weft_model *model,
                                       const struct weft_model_info *info)
{
    struct weft_options options;
    char value[WEFT_OPTION_TEXT_SIZE];
    printf("\ntraining\n  %-16s", "preset");
    terminal_text_print(info->preset);
    printf("\n  %-16s%llu\n  %-16s%zu\n", "seed", (unsigned long long)info->seed, "epochs",
           info->epochs);
    print_accuracy("train", info->train_accuracy);
    print_accuracy("validation", info->validation_accuracy);
    print_accuracy("test", info->test_accuracy);
    if (info->devices[0] != '\0') {
        printf("  %-16s", "devices");
        terminal_text_print(info->devices);
        printf("\n");
    }
    print_curve(model);
    if (weft_options_init(&options, "default") != WEFT_OK ||
        weft_model_get_options(model, &options) != WEFT_OK)
        return WEFT_OK;
    for (size_t i = 0; weft_option_describe(i) != NULL; i++) {
        const char *name = weft_option_describe(i)->name;
        if (weft_options_given(&options, name) &&
            weft_options_get(&options, name, value, sizeof value) == WEFT_OK)
            printf("  %-16s%s\n", name, value);
    }
    return WEFT_OK;
}

/* Prints what the model does with a column. */
static void print_meaning(const struct weft_model_column *column)
{
    enum { SHOWN = 8 };
    if (column->reason != NULL) {
        printf("  %s", column->reason);
    } else if (column->category_count > 0) {
        for (size_t i = 0; i < column->category_count && i < SHOWN; i++) {
            printf(i > 0 ? ", " : "  ");
            terminal_text_print(column->categories[i]);
        }
        printf("%s", column->category_count > SHOWN ? ", ..." : "");
    } else if (column->features > 0 && isfinite(column->fill)) {
        printf("  missing values become ");
        print_number(column->fill);
    }
}

static void print_model_columns(const struct weft_model *model)
{
    struct weft_model_column column;
    for (size_t c = 0; weft_model_get_column(model, c, &column); c++) {
        const bool more = column.reason != NULL || column.features > 0;
        if (c == 0)
            printf("\ncolumns\n");
        printf("  ");
        print_cell(column.name != NULL ? column.name : "-", 20);
        printf(more ? "  %-8s" : "  %s", column.use);
        print_meaning(&column);
        printf("\n");
    }
}

enum weft_status inspect_model_text(const struct weft_model *model)
{
    struct weft_model_info info;
    weft_model_get_info(model, &info);
    printf("model\n");
    print_network(&info);
    printf("  %-16s", "classes");
    for (size_t c = 0; c < info.classes && c < 20; c++) {
        printf(c > 0 ? ", " : "");
        terminal_text_print(info.class_names[c]);
    }
    printf("%s\n", info.classes > 20 ? ", ..." : "");
    print_model_columns(model);
    return print_training(model, &info);
}

/* ---- JSON ---- */

static json_t *texts_json(const char *const *texts, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, output_text(texts[i]));
    return list;
}

static json_t *text_or_null(const char *text)
{
    return text != NULL ? output_text(text) : json_null();
}

static json_t *column_json(const struct weft_column_info *column)
{
    json_t *common = json_array();
    for (size_t i = 0; i < column->common_count; i++)
        json_array_append_new(common,
                              json_pack("{s:o, s:I}", "value", output_text(column->common[i].text),
                                        "count", (json_int_t)column->common[i].count));
    return json_pack("{s:o, s:s, s:o, s:o, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o}", "name",
                     output_text(column->name), "kind", column->text ? "text" : "number", "use",
                     text_or_null(column->use), "reason", text_or_null(column->reason), "features",
                     (json_int_t)column->features, "missing", (json_int_t)column->missing,
                     "distinct", (json_int_t)column->distinct, "min", output_number(column->min),
                     "max", output_number(column->max), "mean", output_number(column->mean), "std",
                     output_number(column->std), "common", common);
}

static json_t *classes_json(const struct weft_data_description *data)
{
    json_t *list = json_array();
    for (size_t c = 0; c < data->classes; c++)
        json_array_append_new(list, json_pack("{s:o, s:o}", "name",
                                              output_text(data->class_names[c]), "samples",
                                              data->class_counts != NULL
                                                  ? json_integer((json_int_t)data->class_counts[c])
                                                  : json_null()));
    return list;
}

enum weft_status inspect_data_json(const struct weft_data_description *data)
{
    json_t *columns = json_array();
    for (size_t c = 0; c < data->column_count; c++)
        json_array_append_new(columns, column_json(&data->columns[c]));
    json_t *object = json_pack(
        "{s:s, s:s, s:o, s:I, s:I, s:I, s:o, s:b, s:o, s:o, s:o, s:[III]}", "command", "inspect",
        "kind", "data", "name", output_text(data->name), "samples", (json_int_t)data->samples,
        "test_samples", (json_int_t)data->test_samples, "features", (json_int_t)data->features,
        "task", data->task_known ? json_string(weft_option_word("task", data->task)) : json_null(),
        "target_assumed", data->target_assumed, "obstacle", text_or_null(data->obstacle), "classes",
        classes_json(data), "columns", columns, "image", (json_int_t)data->height,
        (json_int_t)data->width, (json_int_t)data->channels);
    return output_json(stdout, object, OUTPUT_DOUBLE);
}

static json_t *options_json(const struct weft_model *model)
{
    struct weft_options options;
    char value[WEFT_OPTION_TEXT_SIZE];
    json_t *object = json_object();
    if (weft_options_init(&options, "default") != WEFT_OK ||
        weft_model_get_options(model, &options) != WEFT_OK)
        return object;
    for (size_t i = 0; weft_option_describe(i) != NULL; i++) {
        const char *name = weft_option_describe(i)->name;
        if (weft_options_given(&options, name) &&
            weft_options_get(&options, name, value, sizeof value) == WEFT_OK)
            json_object_set_new(object, name, output_text(value));
    }
    return object;
}

static json_t *model_columns_json(const struct weft_model *model)
{
    struct weft_model_column column;
    json_t *list = json_array();
    for (size_t c = 0; weft_model_get_column(model, c, &column); c++)
        json_array_append_new(
            list, json_pack("{s:o, s:s, s:o, s:I, s:o, s:o}", "name", text_or_null(column.name),
                            "use", column.use, "reason", text_or_null(column.reason), "features",
                            (json_int_t)column.features, "fill", output_number(column.fill),
                            "categories", texts_json(column.categories, column.category_count)));
    return list;
}

/* Adds a number of an epoch to the list `key` of a curve. */
static void append_number(json_t *curve, const char *key, double value)
{
    json_array_append_new(json_object_get(curve, key), output_number(value));
}

/* Returns a list of numbers for each value, of the epochs that the model keeps of a member. */
static json_t *curve_json(const struct weft_model *model, size_t member)
{
    struct weft_epoch epoch;
    json_t *curve =
        json_pack("{s:[], s:[], s:[], s:[], s:[], s:[]}", "epoch", "error", "train_accuracy",
                  "validation_accuracy", "validation_r2", "learning_rate");
    for (size_t i = 0; curve != NULL && weft_model_get_epoch(model, member, i, &epoch); i++) {
        json_array_append_new(json_object_get(curve, "epoch"),
                              json_integer((json_int_t)epoch.epoch));
        append_number(curve, "error", epoch.error);
        append_number(curve, "train_accuracy", epoch.train_accuracy);
        append_number(curve, "validation_accuracy", epoch.validation_accuracy);
        append_number(curve, "validation_r2", epoch.validation_r2);
        append_number(curve, "learning_rate", epoch.learning_rate);
    }
    return curve;
}

/* Returns the curve of each member; a model without curves has none. */
static json_t *curves_json(const struct weft_model *model, size_t members)
{
    struct weft_epoch epoch;
    json_t *list = json_array();
    for (size_t m = 0; m < members; m++)
        if (weft_model_get_epoch(model, m, 0, &epoch))
            json_array_append_new(list, curve_json(model, m));
    return list;
}

enum weft_status inspect_model_json(const struct weft_model *model)
{
    struct weft_model_info info;
    json_t *widths = json_array(), *activations = json_array();
    weft_model_get_info(model, &info);
    for (size_t l = 0; l <= info.layers; l++)
        json_array_append_new(widths, json_integer((json_int_t)info.widths[l]));
    for (size_t l = 0; l + 1 < info.layers; l++)
        json_array_append_new(activations,
                              json_string(weft_option_word("activation", info.activations[l])));
    json_t *object = json_pack(
        "{s:s, s:s, s:s, s:s, s:o, s:o, s:b, s:b, s:I, s:I, s:s, s:o, s:o, s:o, s:I, s:I, s:o, "
        "s:o, s:o, s:o, s:o}",
        "command", "inspect", "kind", "model", "task", weft_option_word("task", info.task), "head",
        weft_option_word("head", info.head), "widths", widths, "activations", activations, "bias",
        info.bias, "batch_norm", info.batch_norm, "parameters", (json_int_t)info.parameters,
        "members", (json_int_t)info.members, "scale", weft_option_word("scale", info.scale),
        "classes", texts_json(info.class_names, info.classes), "columns", model_columns_json(model),
        "preset", output_text(info.preset), "seed", (json_int_t)info.seed, "epochs",
        (json_int_t)info.epochs, "options", options_json(model), "train_accuracy",
        output_number(info.train_accuracy), "validation_accuracy",
        output_number(info.validation_accuracy), "test_accuracy", output_number(info.test_accuracy),
        "curves", curves_json(model, info.members));
    if (object != NULL && info.devices[0] != '\0')
        json_object_set_new(object, "devices", output_text(info.devices));
    return output_json(stdout, object, OUTPUT_DOUBLE);
}
