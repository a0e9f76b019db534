/* Finds known data sets by name.
 *
 * The first location with a folder of the known name decides. If that copy is damaged, the result
 * is an error, and the search does not continue.
 */
#include "data/catalogue.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/words.h"

static const char *const known_names[] = {"fashion-mnist", "xor"};
enum { KNOWN_FASHION_MNIST, KNOWN_XOR, KNOWN_COUNT };

/* Class names in the order of the labels; source: github.com/zalandoresearch/fashion-mnist. */
static const char *const fashion_mnist_classes[] = {
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
    "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};
enum { FASHION_MNIST_CLASSES = sizeof fashion_mnist_classes / sizeof *fashion_mnist_classes };

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

bool catalogue_knows(const char *what)
{
    return words_find(what, known_names, KNOWN_COUNT) < KNOWN_COUNT;
}

enum weft_status catalogue_find(const char *what, struct known_data *known)
{
    *known = (struct known_data){.built_in = true, .name = known_names[KNOWN_XOR]};
    if (words_find(what, known_names, KNOWN_COUNT) == KNOWN_XOR)
        return WEFT_OK;
    *known = (struct known_data){.name = known_names[KNOWN_FASHION_MNIST],
                                 .classes = FASHION_MNIST_CLASSES,
                                 .class_names = fashion_mnist_classes};
    TRY(find_known_folder(known->name, &known->folder));
    return known->folder != NULL ? WEFT_OK : fail_not_installed(known->name);
}

enum weft_status catalogue_fail_unknown(const char *what)
{
    char hint[WORDS_HINT_SIZE];
    if (strchr(what, '/') != NULL)
        return fail(WEFT_ERROR_IO, "%s: no such folder or file", what);
    return fail(WEFT_ERROR_IO, "\"%.64s\": unknown data set or folder; %s", what,
                words_hint(what, known_names, KNOWN_COUNT, hint));
}
