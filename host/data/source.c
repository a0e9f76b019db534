/* Opens data of any format; see source.h. */
#include "data/source.h"

#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "data/array.h"
#include "data/array_table.h"
#include "data/catalogue.h"
#include "data/classes.h"
#include "data/file_kind.h"
#include "data/idx.h"
#include "data/idx_folder.h"
#include "data/image_folder.h"
#include "data/libsvm.h"
#include "data/notes.h"
#include "data/npy.h"
#include "data/npz.h"
#include "data/xor.h"

/* Data whose classes nobody has named. */
static const struct known_data unknown_data = {.folder = NULL};

static struct notes notes_of(const struct source_request *request)
{
    const struct weft_data_options *options = request->options;
    return options != NULL ? (struct notes){options->note, options->user}
                           : (struct notes){.function = NULL};
}

/* Returns the path of the second file, or NULL. */
static const char *labels_of(const struct source_request *request)
{
    if (request->labels != NULL || request->options == NULL)
        return request->labels;
    return request->options->labels;
}

/* Bytes are ages, not classes, if the task needs targets. */
static enum idx_second second_of(const struct source_request *request)
{
    const struct weft_data_options *options = request->options;
    const bool targets =
        options != NULL && options->task_given && options->task != WEFT_TASK_CLASSIFY;
    return targets ? IDX_TARGETS : IDX_BY_TYPE;
}

/* Tells whether files are to be mapped where they can be. */
static bool maps(const struct source_request *request)
{
    return request->options != NULL && request->options->map;
}

/* Reads or maps a pair of IDX files; `known` names its classes. */
static enum weft_status take_idx_pair(const struct source_request *request, const char *images,
                                      const char *labels, const struct known_data *known,
                                      struct weft_dataset **dataset)
{
    return idx_read_pair(images, labels, maps(request), second_of(request), request->what,
                         known->classes, known->class_names, dataset);
}

/* Does the same with files that are open. */
static enum weft_status take_idx_sources(const struct source_request *request,
                                         struct byte_source *images, struct byte_source *labels,
                                         struct weft_dataset **dataset)
{
    return idx_read_sources(images, labels, maps(request), second_of(request),
                            byte_source_name(images), 0, NULL, dataset);
}

/* ---- folders ---- */

/* Reads a set of a folder of IDX files. A test set without any files is left out. */
static enum weft_status read_idx_part(const struct source_request *request, const char *path,
                                      const struct known_data *known, const struct idx_part *part,
                                      bool test, struct weft_dataset **dataset)
{
    if (test && part->images == NULL && part->labels == NULL)
        return WEFT_OK;
    TRY(idx_part_check(path, part, test));
    return take_idx_pair(request, part->images, part->labels, known, dataset);
}

static enum weft_status read_idx_parts(const struct source_request *request, const char *path,
                                       const struct known_data *known,
                                       const struct idx_folder *folder, struct source *source)
{
    if (request->train)
        TRY(read_idx_part(request, path, known, &folder->train, false, &source->train));
    if (request->test)
        TRY(read_idx_part(request, path, known, &folder->test, true, &source->test));
    return WEFT_OK;
}

static enum weft_status read_image_parts(const struct source_request *request,
                                         const struct image_folder *folder, struct source *source)
{
    const struct notes notes = notes_of(request);
    if (request->train)
        TRY(image_folder_read(folder->train, 0, request->options, notes, &source->train));
    const size_t channels = source->train != NULL ? source->train->channels : 0;
    if (request->test && folder->test != NULL)
        TRY(image_folder_read(folder->test, channels, request->options, notes, &source->test));
    return source->test != NULL ? image_folder_map(folder->train, notes, source->test) : WEFT_OK;
}

/* Reads a folder of images; `*is_one` becomes false if it is not one. */
static enum weft_status open_image_folder(const struct source_request *request, const char *path,
                                          bool *is_one, struct source *source)
{
    struct image_folder images;
    TRY(image_folder_find(path, &images));
    *is_one = images.has_images;
    const enum weft_status status = *is_one ? read_image_parts(request, &images, source) : WEFT_OK;
    image_folder_reset(&images);
    return status;
}

static enum weft_status open_folder(const struct source_request *request, const char *path,
                                    const struct known_data *known, struct source *source)
{
    struct idx_folder files;
    bool images = false;
    TRY(idx_folder_find(path, &files));
    enum weft_status status = WEFT_OK;
    if (!idx_folder_has_files(&files))
        status = open_image_folder(request, path, &images, source);
    if (status == WEFT_OK && !images)
        status = read_idx_parts(request, path, known, &files, source);
    idx_folder_reset(&files);
    return status;
}

static enum weft_status open_known(const struct source_request *request, struct source *source)
{
    struct known_data known;
    TRY(catalogue_find(request->what, &known));
    if (known.built_in)
        return request->train ? xor_create(&source->train) : WEFT_OK;
    const enum weft_status status = open_folder(request, known.folder, &known, source);
    memory_free(known.folder);
    return status;
}

/* ---- arrays ---- */

/* Where a set goes: to a data set or, if its numbers need a schema, to a table. */
struct target_set {
    struct weft_dataset **dataset;
    struct weft_table **table;
    bool must_be_table, may_be_table;
};

static struct target_set train_set(const struct source_request *request, struct source *source)
{
    return (struct target_set){&source->train, &source->train_table, request->tables, true};
}

/* A test set has the form of its training set, if that was read. */
static struct target_set test_set(const struct source_request *request, struct source *source)
{
    const bool table = request->tables || source->train_table != NULL;
    return (struct target_set){&source->test, &source->test_table, table, source->train == NULL};
}

/* Turns arrays of samples and of labels or targets into a set. Arrays with more than two dimensions
 * are images, whose columns have no meaning of their own. */
static enum weft_status take_arrays(const struct source_request *request, struct array *x,
                                    const struct array *y, struct target_set set,
                                    struct source *source)
{
    const struct weft_data_options *options = request->options;
    const bool named = y == NULL && options != NULL && options->target != NULL;
    const bool useful = set.may_be_table && (named || !array_fits_dataset(x));
    if (x->dimensions > 2 || !(set.must_be_table || useful))
        return array_dataset(x, y, options, set.dataset);
    source->form = SOURCE_TABLES;
    if (source->target == NULL && y != NULL)
        TRY(array_table_target(x, y, &source->target));
    return array_table(x, y, options, set.table);
}

static enum weft_status read_npz_part(const struct source_request *request, struct npz *npz,
                                      size_t x, size_t y, struct target_set set,
                                      struct source *source)
{
    struct array samples, labels = {.name = NULL};
    TRY(npz_read(npz, x, &samples));
    enum weft_status status = y != NPZ_NONE ? npz_read(npz, y, &labels) : WEFT_OK;
    if (status == WEFT_OK)
        status = take_arrays(request, &samples, y != NPZ_NONE ? &labels : NULL, set, source);
    array_reset(&samples);
    array_reset(&labels);
    return status;
}

static enum weft_status read_npz(const struct source_request *request, struct npz *npz,
                                 struct source *source)
{
    struct npz_choice choice;
    TRY(npz_choose(npz, request->options, &choice));
    if (request->train)
        TRY(read_npz_part(request, npz, choice.x, choice.y, train_set(request, source), source));
    if (request->test && choice.x_test != NPZ_NONE)
        TRY(read_npz_part(request, npz, choice.x_test, choice.y_test, test_set(request, source),
                          source));
    return WEFT_OK;
}

static enum weft_status open_npz(const struct source_request *request, struct byte_source *bytes,
                                 struct source *source)
{
    struct npz *npz;
    TRY(npz_open(bytes, byte_source_name(bytes), &npz));
    const enum weft_status status = read_npz(request, npz, source);
    npz_close(npz);
    return status;
}

static enum weft_status open_npy(const struct source_request *request, struct byte_source *bytes,
                                 struct source *source)
{
    struct array samples;
    enum weft_status status = maps(request)
                                  ? npy_map_source(bytes, byte_source_name(bytes), &samples)
                                  : npy_read_source(bytes, byte_source_name(bytes), &samples);
    TRY(status);
    status = take_arrays(request, &samples, NULL, train_set(request, source), source);
    array_reset(&samples);
    return status;
}

/* ---- pairs of files ---- */

/* Reads the only array of an NPZ file, or the one with the usual name of samples. */
static enum weft_status npz_array(struct byte_source *bytes, struct array *array)
{
    struct npz *npz;
    struct npz_choice choice;
    TRY(npz_open(bytes, byte_source_name(bytes), &npz));
    enum weft_status status = npz_choose(npz, NULL, &choice);
    if (status == WEFT_OK)
        status = npz_read(npz, choice.x, array);
    npz_close(npz);
    return status;
}

static enum weft_status array_of(struct byte_source *bytes, bool map, struct array *array)
{
    const unsigned char *head;
    const char *path = byte_source_name(bytes);
    size_t size;
    enum file_kind kind;
    *array = (struct array){.name = NULL};
    TRY(byte_source_peek(bytes, &head, &size));
    TRY(file_kind_find(path, head, size, &kind));
    if (kind == FILE_NPY)
        return (map ? npy_map_source : npy_read_source)(bytes, path, array);
    if (kind == FILE_NPZ)
        return npz_array(bytes, array);
    if (kind == FILE_IDX)
        return idx_read_array(bytes, array);
    return fail(WEFT_ERROR_DATA,
                "%s: got %s, need an IDX, NPY or NPZ file; in a table, name the column of the "
                "labels with --target",
                path, file_kind_name(kind));
}

/* Tells whether a file is to be read by the reader of IDX pairs, which names the byte of each
 * fault: a file that is empty or unknown is taken for a damaged IDX file. */
static enum weft_status is_idx(struct byte_source *bytes, bool *yes)
{
    const unsigned char *head;
    size_t size;
    TRY(byte_source_peek(bytes, &head, &size));
    *yes = size == 0 || head[0] == 0;
    return WEFT_OK;
}

static enum weft_status take_array_pair(const struct source_request *request, struct byte_source *x,
                                        struct byte_source *y, struct source *source)
{
    struct array samples, labels;
    TRY(array_of(x, maps(request), &samples));
    enum weft_status status = array_of(y, false, &labels);
    if (status == WEFT_OK)
        status = take_arrays(request, &samples, &labels, train_set(request, source), source);
    array_reset(&samples);
    array_reset(&labels);
    return status;
}

static enum weft_status take_pair(const struct source_request *request, struct byte_source *x,
                                  struct byte_source *y, struct source *source)
{
    bool samples, labels;
    TRY(is_idx(x, &samples));
    TRY(is_idx(y, &labels));
    return samples && labels ? take_idx_sources(request, x, y, &source->train)
                             : take_array_pair(request, x, y, source);
}

/* Standard input can be opened only once, so both files stay open until they are read. */
static enum weft_status open_pair(const struct source_request *request, struct source *source)
{
    struct byte_source *x, *y = NULL;
    TRY(byte_source_open(request->what, &x));
    enum weft_status status = byte_source_open(labels_of(request), &y);
    if (status == WEFT_OK)
        status = take_pair(request, x, y, source);
    byte_source_close(x);
    byte_source_close(y);
    return status;
}

/* ---- single files ---- */

/* Reads a file of a known kind. Takes `*bytes` if it is text. */
static enum weft_status open_kind(const struct source_request *request, enum file_kind kind,
                                  struct byte_source **bytes, struct source *source)
{
    switch (kind) {
    case FILE_NPZ:
        return open_npz(request, *bytes, source);
    case FILE_NPY:
        return request->train ? open_npy(request, *bytes, source) : WEFT_OK;
    case FILE_IDX:
        return request->train ? take_idx_sources(request, *bytes, NULL, &source->train) : WEFT_OK;
    case FILE_LIBSVM:
        return request->train ? libsvm_read(*bytes, byte_source_name(*bytes), request->features,
                                            request->options, &source->train)
                              : WEFT_OK;
    case FILE_TEXT:
        source->form = SOURCE_TEXT;
        source->text = *bytes;
        *bytes = NULL;
        return WEFT_OK;
    default:
        return fail(WEFT_ERROR_DATA,
                    "%s: got a single image, need a folder of images; training needs a folder for "
                    "each class in it",
                    request->what);
    }
}

static enum weft_status open_bytes(const struct source_request *request, struct byte_source **bytes,
                                   struct source *source)
{
    const unsigned char *head;
    size_t size;
    enum file_kind kind;
    TRY(byte_source_peek(*bytes, &head, &size));
    TRY(file_kind_find(byte_source_name(*bytes), head, size, &kind));
    return open_kind(request, kind, bytes, source);
}

static enum weft_status open_file(const struct source_request *request, struct source *source)
{
    struct byte_source *bytes;
    TRY(byte_source_open_pipe(request->what, &bytes));
    const enum weft_status status = open_bytes(request, &bytes, source);
    byte_source_close(bytes);
    return status;
}

/* ---- all ---- */

static enum weft_status open_any(const struct source_request *request, struct source *source)
{
    if (labels_of(request) != NULL)
        return request->train ? open_pair(request, source) : WEFT_OK;
    if (catalogue_knows(request->what))
        return open_known(request, source);
    if (folder_exists(request->what))
        return open_folder(request, request->what, &unknown_data, source);
    if (strcmp(request->what, "-") == 0 || file_exists(request->what))
        return open_file(request, source);
    return catalogue_fail_unknown(request->what);
}

/* Settles the classes of a training run, and those of its test set by name. */
static enum weft_status settle_classes(const struct source_request *request, struct source *source)
{
    const struct notes notes = notes_of(request);
    if (!request->training || source->train == NULL)
        return WEFT_OK;
    TRY(classes_drop_empty(source->train, notes));
    if (request->options != NULL && !request->options->task_given)
        classes_doubt(source->train, notes);
    if (source->test == NULL || source->train->labels == NULL)
        return WEFT_OK;
    return classes_map(source->test, (const char *const *)source->train->class_names,
                       source->train->classes, notes);
}

enum weft_status source_open(const struct source_request *request, struct source *source)
{
    *source = (struct source){.form = SOURCE_DATASETS};
    enum weft_status status = open_any(request, source);
    if (status == WEFT_OK)
        status = settle_classes(request, source);
    if (status != WEFT_OK)
        source_reset(source);
    return status;
}

void source_reset(struct source *source)
{
    weft_dataset_destroy(source->train);
    weft_dataset_destroy(source->test);
    weft_table_destroy(source->train_table);
    weft_table_destroy(source->test_table);
    byte_source_close(source->text);
    memory_free(source->target);
    *source = (struct source){.form = SOURCE_DATASETS};
}
