/* Opens known data sets, folders of IDX files named like MNIST's, and single files.
 *
 * The first location with a folder of the known name decides. If that copy is damaged, the result
 * is an error, and the search does not continue.
 */
#include "data/catalogue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/words.h"
#include "data/idx.h"
#include "data/xor.h"

static const char *const known_names[] = {"fashion-mnist", "xor"};
enum { KNOWN_FASHION_MNIST, KNOWN_XOR, KNOWN_COUNT };

/* Class names in the order of the labels; source: github.com/zalandoresearch/fashion-mnist. */
static const char *const fashion_mnist_classes[] = {
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
    "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};
enum { FASHION_MNIST_CLASSES = sizeof fashion_mnist_classes / sizeof *fashion_mnist_classes };

/* The two files of a training set or a test set. */
struct part_files {
    const char *images, *labels;
};

static const struct part_files train_files = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte"};
static const struct part_files test_files = {"t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};

/* A folder of IDX files and what is known about them. */
struct idx_folder {
    const char *path;               /* borrowed */
    const char *name;               /* borrowed; name of the data set */
    size_t classes;                 /* 0 if the labels decide */
    const char *const *class_names; /* [classes], or NULL to name classes by number */
};

/* ---- folders ---- */

/* Stores folder/name in `*path`, or folder/name.gz if only that exists, or NULL if neither
 * exists. */
static enum weft_status find_file(const char *folder, const char *name, char **path)
{
    char compressed[64];
    snprintf(compressed, sizeof compressed, "%s.gz", name);
    TRY(path_join(folder, name, path));
    if (file_exists(*path))
        return WEFT_OK;
    memory_free(*path);
    TRY(path_join(folder, compressed, path));
    if (file_exists(*path))
        return WEFT_OK;
    memory_free(*path);
    *path = NULL;
    return WEFT_OK;
}

static enum weft_status read_found(const struct idx_folder *folder, const struct part_files *files,
                                   const char *images, const char *labels, bool optional,
                                   struct weft_dataset **part)
{
    if (optional && images == NULL && labels == NULL)
        return WEFT_OK;
    if (images == NULL || labels == NULL) {
        const char *missing = images == NULL ? files->images : files->labels;
        return fail(WEFT_ERROR_IO, "%s: neither %s nor %s.gz is there; need %s and %s, .gz or not",
                    folder->path, missing, missing, files->images, files->labels);
    }
    return idx_read_pair(images, labels, folder->name, folder->classes, folder->class_names, part);
}

/* Finds the files of a training or test set. A missing file gives NULL. The caller frees both
 * paths, even on failure. */
static enum weft_status find_part(const char *folder, const struct part_files *files, char **images,
                                  char **labels)
{
    *images = *labels = NULL;
    TRY(find_file(folder, files->images, images));
    return find_file(folder, files->labels, labels);
}

/* Reads a training or test set. An optional set without any files leaves `*part` NULL. */
static enum weft_status read_part(const struct idx_folder *folder, const struct part_files *files,
                                  bool optional, struct weft_dataset **part)
{
    char *images, *labels;
    enum weft_status status = find_part(folder->path, files, &images, &labels);
    if (status == WEFT_OK)
        status = read_found(folder, files, images, labels, optional, part);
    memory_free(images);
    memory_free(labels);
    return status;
}

static enum weft_status read_folder(const struct idx_folder *folder, struct weft_dataset **train,
                                    struct weft_dataset **test)
{
    if (train != NULL)
        TRY(read_part(folder, &train_files, false, train));
    if (test != NULL)
        TRY(read_part(folder, &test_files, true, test));
    return WEFT_OK;
}

/* ---- known names ---- */

/* The folders in which data sets are searched. A folder that the environment does not name is left
 * out. */
enum { MOST_ROOTS = 5 };

struct data_roots {
    char *paths[MOST_ROOTS]; /* owned, in search order */
    size_t count;
};

static enum weft_status add_root(struct data_roots *roots, const char *folder, const char *below)
{
    if (folder == NULL || folder[0] == '\0')
        return WEFT_OK;
    TRY(path_join(folder, below, &roots->paths[roots->count]));
    roots->count++;
    return WEFT_OK;
}

/* Collects $WEFT_DATA, ./data, the XDG data folder (weft/ in it first), and /usr/share/datasets. As
 * specifications.freedesktop.org/basedir-spec requires, a relative $XDG_DATA_HOME is ignored. */
static enum weft_status find_roots(struct data_roots *roots)
{
    TRY(add_root(roots, getenv("WEFT_DATA"), ""));
    TRY(add_root(roots, "./data", ""));
    const char *xdg = getenv("XDG_DATA_HOME");
    if (xdg != NULL && xdg[0] == '/') {
        TRY(add_root(roots, xdg, "weft"));
        TRY(add_root(roots, xdg, ""));
    } else {
        TRY(add_root(roots, getenv("HOME"), ".local/share/weft"));
        TRY(add_root(roots, getenv("HOME"), ".local/share"));
    }
    return add_root(roots, "/usr/share/datasets", "");
}

/* Stores the first root/name that is a folder in `*path`, or NULL if there is none. */
static enum weft_status find_in_roots(const struct data_roots *roots, const char *name, char **path)
{
    *path = NULL;
    for (size_t i = 0; i < roots->count; i++) {
        TRY(path_join(roots->paths[i], name, path));
        if (folder_exists(*path))
            return WEFT_OK;
        memory_free(*path);
        *path = NULL;
    }
    return WEFT_OK;
}

static enum weft_status fail_not_installed(const char *name)
{
    return fail(WEFT_ERROR_IO,
                "%s: no folder of this name in $WEFT_DATA, ./data, $XDG_DATA_HOME/weft, "
                "$XDG_DATA_HOME (~/.local/share) or /usr/share/datasets; Debian has it in the "
                "package dataset-%s",
                name, name);
}

static enum weft_status find_known_folder(const char *name, char **path)
{
    struct data_roots roots = {.count = 0};
    enum weft_status status = find_roots(&roots);
    if (status == WEFT_OK)
        status = find_in_roots(&roots, name, path);
    for (size_t i = 0; i < roots.count; i++)
        memory_free(roots.paths[i]);
    return status;
}

static enum weft_status open_fashion_mnist(struct weft_dataset **train, struct weft_dataset **test)
{
    const char *name = known_names[KNOWN_FASHION_MNIST];
    char *path;
    TRY(find_known_folder(name, &path));
    if (path == NULL)
        return fail_not_installed(name);
    const struct idx_folder folder = {path, name, FASHION_MNIST_CLASSES, fashion_mnist_classes};
    enum weft_status status = read_folder(&folder, train, test);
    memory_free(path);
    return status;
}

/* ---- any source ---- */

static enum weft_status open_what(const char *what, struct weft_dataset **train,
                                  struct weft_dataset **test)
{
    switch (words_find(what, known_names, KNOWN_COUNT)) {
    case KNOWN_FASHION_MNIST:
        return open_fashion_mnist(train, test);
    case KNOWN_XOR:
        return train != NULL ? xor_create(train) : WEFT_OK;
    default:
        break;
    }
    if (folder_exists(what)) {
        const struct idx_folder folder = {.path = what, .name = what};
        return read_folder(&folder, train, test);
    }
    if (file_exists(what)) /* A single file has samples but no labels. */
        return train != NULL ? idx_read_pair(what, NULL, what, 0, NULL, train) : WEFT_OK;
    if (strchr(what, '/') != NULL)
        return fail(WEFT_ERROR_IO, "%s: no such folder or file", what);
    char hint[WORDS_HINT_SIZE];
    return fail(WEFT_ERROR_IO, "\"%.64s\": unknown data set or folder; %s", what,
                words_hint(what, known_names, KNOWN_COUNT, hint));
}

enum weft_status catalogue_open(const char *what, struct weft_dataset **train,
                                struct weft_dataset **test)
{
    if (train != NULL)
        *train = NULL;
    if (test != NULL)
        *test = NULL;
    enum weft_status status = open_what(what, train, test);
    if (status != WEFT_OK && train != NULL) {
        weft_dataset_destroy(*train); /* The training set was read before the test set failed. */
        *train = NULL;
    }
    return status;
}

/* ---- names of the files ---- */

static enum weft_status tell_part(const char *folder, const struct part_files *files,
                                  weft_file_function *function, void *user)
{
    char *images, *labels;
    const enum weft_status status = find_part(folder, files, &images, &labels);
    if (status == WEFT_OK && images != NULL)
        function(user, images);
    if (status == WEFT_OK && labels != NULL)
        function(user, labels);
    memory_free(images);
    memory_free(labels);
    return status;
}

static enum weft_status tell_folder(const char *folder, weft_file_function *function, void *user)
{
    TRY(tell_part(folder, &train_files, function, user));
    return tell_part(folder, &test_files, function, user);
}

static enum weft_status tell_known(const char *name, weft_file_function *function, void *user)
{
    char *path;
    TRY(find_known_folder(name, &path));
    const enum weft_status status = path != NULL ? tell_folder(path, function, user) : WEFT_OK;
    memory_free(path);
    return status;
}

/* Searches in the same order as open_what. */
enum weft_status weft_dataset_files(const char *what, weft_file_function *function, void *user)
{
    switch (words_find(what, known_names, KNOWN_COUNT)) {
    case KNOWN_FASHION_MNIST:
        return tell_known(what, function, user);
    case KNOWN_XOR:
        return WEFT_OK;
    default:
        break;
    }
    if (folder_exists(what))
        return tell_folder(what, function, user);
    if (file_exists(what))
        function(user, what);
    return WEFT_OK;
}

enum weft_status weft_dataset_open(const char *what, struct weft_dataset **train,
                                   struct weft_dataset **test)
{
    return catalogue_open(what, train, test);
}

enum weft_status weft_dataset_read_idx(const char *images, const char *labels,
                                       struct weft_dataset **dataset)
{
    return idx_read_pair(images, labels, images, 0, NULL, dataset);
}
