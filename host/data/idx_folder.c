/* Finds IDX files by name; see idx_folder.h. */
#include "data/idx_folder.h"

#include <ctype.h>
#include <string.h>

#include "base/file.h"
#include "base/folder_list.h"
#include "base/memory.h"

/* One of the four files. */
struct role {
    const char *usual; /* its name in MNIST */
    bool test, labels;
};

static const struct role roles[] = {{"train-images-idx3-ubyte", false, false},
                                    {"train-labels-idx1-ubyte", false, true},
                                    {"t10k-images-idx3-ubyte", true, false},
                                    {"t10k-labels-idx1-ubyte", true, true}};
enum { ROLES = sizeof roles / sizeof *roles };

/* ---- names ---- */

static bool is_separator(char c)
{
    return c == '-' || c == '_' || c == '.';
}

/* Takes `word` from the end of text [*length], in any case. */
static bool take_end(const char *text, size_t *length, const char *word)
{
    const size_t size = strlen(word);
    if (*length < size)
        return false;
    for (size_t i = 0; i < size; i++)
        if (tolower((unsigned char)text[*length - size + i]) != word[i])
            return false;
    *length -= size;
    return true;
}

static void take_separator(const char *text, size_t *length)
{
    *length -= *length > 0 && is_separator(text[*length - 1]);
}

/* Returns the length of a name without ".gz". */
static size_t plain_length(const char *name)
{
    size_t length = strlen(name);
    (void)take_end(name, &length, ".gz");
    return length;
}

/* Tells whether a file with this name has the role: [prefix-](train|t10k|test)-(images|labels)-
 * (idx3|idx1)-ubyte[.gz]. */
static bool fits(const char *name, const struct role *role)
{
    size_t length = plain_length(name);
    if (!take_end(name, &length, "ubyte"))
        return false;
    take_separator(name, &length);
    if (!take_end(name, &length, role->labels ? "idx1" : "idx3"))
        return false;
    take_separator(name, &length);
    if (!take_end(name, &length, role->labels ? "labels" : "images"))
        return false;
    take_separator(name, &length);
    const bool part = role->test
                          ? take_end(name, &length, "t10k") || take_end(name, &length, "test")
                          : take_end(name, &length, "train");
    return part && (length == 0 || is_separator(name[length - 1]));
}

/* ---- one file ---- */

/* Stores the path of an entry in `*path`: its own or, if it is a folder, that of the file in it.
 * NULL if the folder has no such file. */
static enum weft_status entry_path(const char *folder, const struct folder_entry *entry,
                                   const struct role *role, char **path)
{
    struct folder_list list;
    char *inner;
    TRY(path_join(folder, entry->name, path));
    if (!entry->folder)
        return WEFT_OK;
    inner = *path;
    *path = NULL;
    enum weft_status status = folder_list_read(inner, &list);
    for (size_t i = 0; status == WEFT_OK && *path == NULL && i < list.count; i++)
        if (!list.entries[i].folder && fits(list.entries[i].name, role))
            status = path_join(inner, list.entries[i].name, path);
    folder_list_reset(&list);
    memory_free(inner);
    return status;
}

static bool same_plain_name(const char *a, const char *b)
{
    return plain_length(a) == plain_length(b) && strncmp(a, b, plain_length(a)) == 0;
}

/* Prefers MNIST's own name, and then a plain file. */
static bool is_better(const char *name, const char *than, const struct role *role)
{
    const bool usual = same_plain_name(name, role->usual);
    return usual != same_plain_name(than, role->usual) ? usual : strlen(name) < strlen(than);
}

/* Finds the entry for a role; NULL if there is none. */
static enum weft_status choose(const char *folder, const struct folder_list *list,
                               const struct role *role, const struct folder_entry **chosen)
{
    const struct folder_entry *other = NULL;
    *chosen = NULL;
    for (size_t i = 0; i < list->count; i++) {
        const struct folder_entry *entry = &list->entries[i];
        if (!fits(entry->name, role))
            continue;
        if (*chosen != NULL && !same_plain_name(entry->name, (*chosen)->name))
            other = *chosen;
        if (*chosen == NULL || is_better(entry->name, (*chosen)->name, role))
            *chosen = entry;
        else if (!same_plain_name(entry->name, (*chosen)->name))
            other = entry;
    }
    if (other == NULL || same_plain_name((*chosen)->name, role->usual))
        return WEFT_OK;
    return fail(WEFT_ERROR_DATA,
                "%s: several files could be the %s of the %s set: got %s and %s, need one; "
                "use --images and --labels",
                folder, role->labels ? "labels" : "images", role->test ? "test" : "training",
                other->name, (*chosen)->name);
}

static enum weft_status find_one(const char *path, const struct folder_list *list,
                                 const struct role *role, char **file)
{
    const struct folder_entry *chosen;
    TRY(choose(path, list, role, &chosen));
    return chosen != NULL ? entry_path(path, chosen, role, file) : WEFT_OK;
}

/* ---- the folder ---- */

static enum weft_status find_all(const char *path, const struct folder_list *list,
                                 struct idx_folder *folder)
{
    char **files[ROLES] = {&folder->train.images, &folder->train.labels, &folder->test.images,
                           &folder->test.labels};
    for (size_t i = 0; i < ROLES; i++)
        TRY(find_one(path, list, &roles[i], files[i]));
    return WEFT_OK;
}

enum weft_status idx_folder_find(const char *path, struct idx_folder *folder)
{
    struct folder_list list;
    *folder = (struct idx_folder){.train = {NULL, NULL}};
    TRY(folder_list_read(path, &list));
    const enum weft_status status = find_all(path, &list, folder);
    if (status != WEFT_OK)
        idx_folder_reset(folder);
    folder_list_reset(&list);
    return status;
}

void idx_folder_reset(struct idx_folder *folder)
{
    memory_free(folder->train.images);
    memory_free(folder->train.labels);
    memory_free(folder->test.images);
    memory_free(folder->test.labels);
    *folder = (struct idx_folder){.train = {NULL, NULL}};
}

enum weft_status idx_part_check(const char *path, const struct idx_part *part, bool test)
{
    const struct role *images = &roles[test ? 2 : 0], *labels = images + 1;
    if (part->images != NULL && part->labels != NULL)
        return WEFT_OK;
    const char *missing = part->images == NULL ? images->usual : labels->usual;
    return fail(WEFT_ERROR_IO, "%s: neither %s nor %s.gz is there; need %s and %s, .gz or not%s",
                path, missing, missing, images->usual, labels->usual,
                part->labels == NULL && !test ? ", or a folder of images for each class" : "");
}
