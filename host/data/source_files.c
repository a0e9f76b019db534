/* Functions of weft.h that open data sets without a schema, and that name their files. */
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "data/catalogue.h"
#include "data/idx.h"
#include "data/idx_folder.h"
#include "data/image_folder.h"
#include "data/source.h"

/* ---- opening ---- */

enum weft_status weft_dataset_open(const char *what, struct weft_dataset **train,
                                   struct weft_dataset **test)
{
    const struct source_request request = {
        .what = what, .train = train != NULL, .test = test != NULL};
    struct source source;
    if (train != NULL)
        *train = NULL;
    if (test != NULL)
        *test = NULL;
    TRY(source_open(&request, &source));
    if (source.form != SOURCE_DATASETS) {
        source_reset(&source);
        return fail(WEFT_ERROR_DATA, "%s: got a table, need samples without columns", what);
    }
    if (train != NULL)
        *train = source.train;
    if (test != NULL)
        *test = source.test;
    return WEFT_OK;
}

enum weft_status weft_dataset_read_idx(const char *images, const char *labels,
                                       struct weft_dataset **dataset)
{
    return idx_read_pair(images, labels, false, IDX_BY_TYPE, images, 0, NULL, dataset);
}

/* ---- names of the files ---- */

static void tell(const char *path, weft_file_function *function, void *user)
{
    if (path != NULL)
        function(user, path);
}

static enum weft_status tell_images(const char *path, weft_file_function *function, void *user)
{
    struct image_folder folder;
    TRY(image_folder_find(path, &folder));
    enum weft_status status = image_folder_files(folder.train, function, user);
    if (status == WEFT_OK && folder.test != NULL)
        status = image_folder_files(folder.test, function, user);
    image_folder_reset(&folder);
    return status;
}

static enum weft_status tell_folder(const char *path, weft_file_function *function, void *user)
{
    struct idx_folder folder;
    TRY(idx_folder_find(path, &folder));
    tell(folder.train.images, function, user);
    tell(folder.train.labels, function, user);
    tell(folder.test.images, function, user);
    tell(folder.test.labels, function, user);
    const bool none = !idx_folder_has_files(&folder);
    idx_folder_reset(&folder);
    return none ? tell_images(path, function, user) : WEFT_OK;
}

static enum weft_status tell_known(const char *name, weft_file_function *function, void *user)
{
    struct known_data known;
    if (catalogue_find(name, &known) != WEFT_OK || known.built_in)
        return WEFT_OK; /* A set that is missing has no files. */
    const enum weft_status status = tell_folder(known.folder, function, user);
    memory_free(known.folder);
    return status;
}

/* Searches in the same order as source_open. */
enum weft_status weft_dataset_files(const char *what, weft_file_function *function, void *user)
{
    if (catalogue_knows(what))
        return tell_known(what, function, user);
    if (folder_exists(what))
        return tell_folder(what, function, user);
    if (file_exists(what))
        function(user, what);
    return WEFT_OK;
}
