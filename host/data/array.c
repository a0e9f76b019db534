/* Makes data sets from arrays; see array.h. */
#include "data/array.h"

#include <math.h>

#include "base/memory.h"
#include "base/number.h"
#include "data/classes.h"

void array_reset(struct array *array)
{
    memory_free(array->name);
    if (array->map == NULL)
        memory_free(array->floats);
    memory_free(array->doubles);
    file_map_release(array->map);
    *array = (struct array){.name = NULL};
}

enum weft_status array_settle(struct array *array)
{
    size_t numbers, bytes;
    if (array->dimensions == 0)
        return fail(WEFT_ERROR_DATA, "%s: dimensions: got a single number, need an array",
                    array->name);
    array->rows = array->sizes[0];
    array->columns = 1;
    for (size_t i = 0; i < array->dimensions; i++) {
        if (array->sizes[i] == 0)
            return fail(WEFT_ERROR_DATA, "%s: size of dimension %zu: got 0, need at least 1",
                        array->name, i);
        if (i > 0 && !size_multiply(array->columns, array->sizes[i], &array->columns))
            return fail(WEFT_ERROR_DATA, "%s: sizes overflow: the features of a sample",
                        array->name);
    }
    if (!size_multiply(array->rows, array->columns, &numbers) ||
        !size_multiply(numbers, sizeof(double), &bytes))
        return fail(WEFT_ERROR_DATA, "%s: sizes overflow: %zu samples of %zu features", array->name,
                    array->rows, array->columns);
    return WEFT_OK;
}

enum weft_status array_narrow(struct array *array)
{
    const size_t count = array->rows * array->columns;
    bool exact = true, finite = true;
    for (size_t i = 0; i < count; i++) {
        const double value = array_value(array, i);
        array->missing = array->missing || isnan(value);
        finite = finite && isfinite(value);
        exact = exact && (isnan(value) || (double)number_to_float(value) == value);
    }
    array->finite = finite && exact;
    if (array->doubles == NULL || !exact)
        return WEFT_OK;
    TRY(NEW_ARRAY(array->floats, count));
    for (size_t i = 0; i < count; i++)
        array->floats[i] = number_to_float(array->doubles[i]);
    memory_free(array->doubles);
    array->doubles = NULL;
    return WEFT_OK;
}

bool array_has_labels(const struct array *array, const struct weft_data_options *options)
{
    const bool given = options != NULL && options->task_given;
    const bool classify = given && options->task == WEFT_TASK_CLASSIFY;
    return array->columns == 1 && (given ? classify : array->integers);
}

enum weft_status array_same_rows(const struct array *x, const struct array *y)
{
    if (y->rows == x->rows)
        return WEFT_OK;
    return fail(WEFT_ERROR_DATA, "%s: number of labels: got %zu, need %zu, as in %s", y->name,
                y->rows, x->rows, x->name);
}

/* ---- data sets ---- */

/* Stores the shape of images. With more than 4 channels, the last dimension is none of channels. */
static void note_image(const struct array *x, struct weft_dataset *dataset)
{
    enum { MOST_CHANNELS = 4 };
    if (x->dimensions == 3 || (x->dimensions == 4 && x->sizes[3] <= MOST_CHANNELS)) {
        dataset->height = x->sizes[1];
        dataset->width = x->sizes[2];
        dataset->channels = x->dimensions == 4 ? x->sizes[3] : 1;
    }
}

static void take_samples(struct array *x, struct weft_dataset *dataset)
{
    if (x->map != NULL)
        return; /* dataset_map has them */
    if (x->floats == NULL) {
        for (size_t i = 0; i < x->rows * x->columns; i++)
            dataset->x[i] = number_to_float(x->doubles[i]);
        return;
    }
    memory_free(dataset->x);
    dataset->x = x->floats;
    x->floats = NULL;
}

static enum weft_status finish_labels(const struct array *y, struct weft_dataset *dataset)
{
    double *numbers; /* [N] */
    TRY(NEW_ARRAY(numbers, y->rows));
    for (size_t i = 0; i < y->rows; i++)
        numbers[i] = array_value(y, i);
    const enum weft_status status = classes_finish_numbers(dataset, numbers);
    memory_free(numbers);
    return status;
}

static enum weft_status finish(struct array *x, const struct array *y, bool labels,
                               struct weft_dataset *dataset)
{
    note_image(x, dataset);
    dataset->finite = x->finite;
    take_samples(x, dataset);
    if (y == NULL)
        return dataset_finish(dataset, 0, NULL);
    TRY(dataset_name_labels(dataset, y->name));
    if (labels)
        return finish_labels(y, dataset);
    TRY(dataset_allocate_targets(dataset, y->columns));
    for (size_t i = 0; i < y->rows * y->columns; i++)
        dataset->targets[i] = number_to_float(array_value(y, i));
    return dataset_finish(dataset, 0, NULL);
}

enum weft_status array_dataset(struct array *x, const struct array *y,
                               const struct weft_data_options *options,
                               struct weft_dataset **dataset)
{
    const bool labels = y != NULL && array_has_labels(y, options);
    *dataset = NULL;
    if (y != NULL)
        TRY(array_same_rows(x, y));
    if (x->map != NULL)
        TRY(dataset_map(x->name, x->rows, x->columns, labels, x->map, x->floats, x->bytes,
                        dataset));
    else
        TRY(dataset_allocate(x->name, x->rows, x->columns, labels, dataset));
    const enum weft_status status = finish(x, y, labels, *dataset);
    if (status != WEFT_OK) {
        weft_dataset_destroy(*dataset);
        *dataset = NULL;
    }
    return status;
}
