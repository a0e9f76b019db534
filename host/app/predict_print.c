/* Prints predictions. Each sample is a line that begins with its id: the id column of a table, or
 * the name of an image file. Without an id, it begins with the index of the sample, counted from 0.
 *
 * Models of tables also print the kept columns, and the prediction in the words of the table: the
 * name of the class, or a number for each target. Other models print the label of the class, which
 * is its name if that is a number and otherwise the place among the classes, and the name. Where
 * --reject leaves no answer, the prediction and its probability are empty, or null.
 */
#include "predict_print.h"

#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "terminal_text.h"

/* ---- labels ---- */

static bool is_whole_number(const char *text)
{
    enum { MOST_DIGITS = 18 }; /* of a json_int_t */
    const char *digits = text + (*text == '-');
    const size_t length = strspn(digits, "0123456789");
    return length > 0 && length <= MOST_DIGITS && digits[length] == '\0';
}

bool predict_print_is_numbered(const struct weft_model_info *model)
{
    for (size_t c = 0; c < model->classes; c++)
        if (!is_whole_number(model->class_names[c]))
            return false;
    return true;
}

static long long label_of(const struct predict_print *print, int32_t class)
{
    return print->numbered ? strtoll(print->model->class_names[class], NULL, 10) : class;
}

/* ---- CSV ---- */

/* Prints a field as in RFC 4180. A field with a comma or a quote is quoted, and its quotes are
 * doubled. Line breaks and other control characters become '?', because a model file may come from
 * anywhere and the CSV may go to a terminal. JSON keeps them, escaped. */
static void print_field(const char *text)
{
    if (strpbrk(text, ",\"") == NULL) {
        terminal_text_print(text);
        return;
    }
    putchar('"');
    while (*text != '\0') {
        if (*text == '"')
            putchar('"');
        text += terminal_text_print_one(text);
    }
    putchar('"');
}

static bool one_class(const struct predict_print *print)
{
    return print->model->task == WEFT_TASK_CLASSIFY;
}

/* Tells whether a column to keep is the id, which is there already. */
static bool is_id(const struct predict_print *print, size_t column)
{
    const char *id = weft_stream_column(print->stream, 0);
    return column > 0 && id != NULL && strcmp(weft_stream_column(print->stream, column), id) == 0;
}

void predict_print_header(const struct predict_print *print)
{
    const char *id = weft_stream_column(print->stream, 0), *kept;
    if (print->json)
        return;
    print_field(id != NULL ? id : "index");
    for (size_t k = 1; (kept = weft_stream_column(print->stream, k)) != NULL; k++) {
        if (is_id(print, k))
            continue;
        putchar(',');
        print_field(kept);
    }
    if (one_class(print))
        printf(print->table ? ",prediction" : ",label,name");
    if (one_class(print) && !print->all)
        printf(",probability");
    else
        for (size_t c = 0; c < print->model->classes; c++) {
            putchar(',');
            print_field(print->model->class_names[c]);
        }
    putchar('\n');
}

/* Prints the id, or the index, and the columns to keep. */
static void print_start(const struct predict_print *print, const struct prediction *sample)
{
    if (weft_stream_column(print->stream, 0) == NULL)
        printf("%zu", sample->index);
    for (size_t k = 0; k == 0 || weft_stream_column(print->stream, k) != NULL; k++) {
        if (is_id(print, k))
            continue;
        const char *text = weft_stream_text(print->stream, k, sample->row);
        if (k > 0)
            putchar(',');
        if (text != NULL)
            print_field(text);
    }
}

/* Prints the predicted class. */
static void print_class(const struct predict_print *print, const struct prediction *sample)
{
    const int32_t label = *sample->labels;
    if (!print->table)
        putchar(',');
    if (!print->table && label >= 0)
        printf("%lld", label_of(print, label));
    putchar(',');
    if (label >= 0)
        print_field(print->model->class_names[label]);
    if (!print->all)
        putchar(',');
    if (!print->all && label >= 0)
        printf("%.9g", (double)sample->values[label]);
}

/* Prints what is known of each class: labels, probabilities or outputs. */
static void print_classes(const struct predict_print *print, const struct prediction *sample)
{
    for (size_t c = 0; c < print->model->classes; c++)
        if (print->all || sample->labels == NULL)
            printf(",%.9g", (double)sample->values[c]);
        else
            printf(",%ld", (long)sample->labels[c]);
}

static void print_row(const struct predict_print *print, const struct prediction *sample)
{
    print_start(print, sample);
    if (one_class(print))
        print_class(print, sample);
    if (!one_class(print) || print->all)
        print_classes(print, sample);
    putchar('\n');
}

/* ---- JSON lines ---- */

/* Makes a JSON array of `values` [count]. */
static json_t *numbers_json(const float *values, size_t count)
{
    json_t *list = json_array();
    for (size_t c = 0; c < count; c++)
        json_array_append_new(list, output_number((double)values[c]));
    return list;
}

static json_t *labels_json(const int32_t *labels, size_t count)
{
    json_t *list = json_array();
    for (size_t c = 0; c < count; c++)
        json_array_append_new(list, json_integer(labels[c]));
    return list;
}

/* Adds the id and the columns to keep, under their own names. */
static void add_columns(const struct predict_print *print, size_t row, json_t *object)
{
    for (size_t k = 0; k == 0 || weft_stream_column(print->stream, k) != NULL; k++) {
        const char *name = weft_stream_column(print->stream, k);
        const char *text = weft_stream_text(print->stream, k, row);
        if (name != NULL)
            json_object_set_new(object, name, text != NULL ? output_text(text) : json_null());
    }
}

static void add_class(const struct predict_print *print, const struct prediction *sample,
                      json_t *object)
{
    const int32_t label = *sample->labels;
    const char *name = print->table ? "prediction" : "name";
    if (!print->table)
        json_object_set_new(object, "label",
                            label >= 0 ? json_integer(label_of(print, label)) : json_null());
    json_object_set_new(object, name,
                        label >= 0 ? output_text(print->model->class_names[label]) : json_null());
    json_object_set_new(object, "probability",
                        label >= 0 ? output_number((double)sample->values[label]) : json_null());
}

static enum weft_status print_object(const struct predict_print *print,
                                     const struct prediction *sample)
{
    const size_t classes = print->model->classes;
    json_t *object = json_pack("{s:I}", "index", (json_int_t)sample->index);
    add_columns(print, sample->row, object);
    if (sample->labels == NULL)
        json_object_set_new(object, "outputs", numbers_json(sample->values, classes));
    else if (one_class(print))
        add_class(print, sample, object);
    else
        json_object_set_new(object, "labels", labels_json(sample->labels, classes));
    if (sample->labels != NULL && print->all)
        json_object_set_new(object, "probabilities", numbers_json(sample->values, classes));
    return output_json(stdout, object, OUTPUT_FLOAT);
}

enum weft_status predict_print_sample(const struct predict_print *print,
                                      const struct prediction *sample)
{
    if (print->json)
        return print_object(print, sample);
    print_row(print, sample);
    return WEFT_OK;
}
