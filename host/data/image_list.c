/* Lists the files of a set of images; see image_list.h. */
#include "data/image_list.h"

#include <string.h>

#include "base/file.h"
#include "base/folder_list.h"
#include "base/memory.h"
#include "data/image_head.h"

/* Adds a file to the last class. The name of the file in the set is the end of its path: `inner`
 * bytes for the folder of the class, and its own name. */
static enum weft_status add_entry(struct image_list *list, const char *folder,
                                  const struct folder_entry *file, size_t inner)
{
    TRY(memory_grow(&list->entries, sizeof *list->entries, list->count, list->count + 1,
                    &list->capacity));
    struct image_entry *entry = &list->entries[list->count];
    TRY(path_join(folder, file->name, &entry->path));
    entry->name = entry->path + strlen(entry->path) - strlen(file->name) - inner;
    entry->class = (int32_t)list->class_count - 1;
    entry->special = file->special;
    list->count++;
    return WEFT_OK;
}

static enum weft_status add_files(struct image_list *list, const char *folder,
                                  const struct folder_list *files, size_t inner)
{
    for (size_t i = 0; i < files->count; i++)
        if (!files->entries[i].folder)
            TRY(add_entry(list, folder, &files->entries[i], inner));
    return WEFT_OK;
}

static enum weft_status add_class(struct image_list *list, const char *path, const char *name)
{
    char *folder;
    struct folder_list files;
    TRY(memory_grow(&list->classes, sizeof *list->classes, list->class_count, list->class_count + 1,
                    &list->class_capacity));
    TRY(text_copy(name, &list->classes[list->class_count]));
    list->class_count++;
    TRY(path_join(path, name, &folder));
    enum weft_status status = folder_list_read(folder, &files);
    if (status == WEFT_OK)
        status = add_files(list, folder, &files, strlen(name) + 1);
    folder_list_reset(&files);
    memory_free(folder);
    return status;
}

static enum weft_status add_classes(struct image_list *list, const char *path,
                                    const struct folder_list *folders)
{
    for (size_t i = 0; i < folders->count; i++)
        if (folders->entries[i].folder)
            TRY(add_class(list, path, folders->entries[i].name));
    return WEFT_OK;
}

static bool is_image(const struct image_entry *entry)
{
    return !entry->special && image_head_shows(entry->path, false);
}

static bool has_image(const struct image_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (is_image(&list->entries[i]))
            return true;
    return false;
}

/* Counts the images of a folder that also has classes. */
static enum weft_status count_beside(struct image_list *list, const struct image_list *files)
{
    for (size_t i = 0; i < files->count; i++) {
        if (!is_image(&files->entries[i]))
            continue;
        if (list->beside++ == 0)
            TRY(text_copy(files->entries[i].path, &list->beside_path));
    }
    return WEFT_OK;
}

/* Takes the files of the folder itself instead of those in its folders, if only it has images. */
static enum weft_status choose_layout(struct image_list *list, struct image_list *files)
{
    if (has_image(list))
        return count_beside(list, files);
    if (list->count > 0 && !has_image(files))
        return WEFT_OK;
    const struct image_list classes = *list;
    *list = *files;
    *files = classes;
    return WEFT_OK;
}

enum weft_status image_list_read(const char *path, struct image_list *list)
{
    struct folder_list content;
    struct image_list files = {.count = 0};
    *list = (struct image_list){.count = 0};
    TRY(folder_list_read(path, &content));
    enum weft_status status = add_classes(list, path, &content);
    if (status == WEFT_OK)
        status = add_files(&files, path, &content, 0);
    if (status == WEFT_OK)
        status = choose_layout(list, &files);
    folder_list_reset(&content);
    image_list_reset(&files);
    if (status != WEFT_OK)
        image_list_reset(list);
    return status;
}

void image_list_reset(struct image_list *list)
{
    for (size_t i = 0; i < list->class_count; i++)
        memory_free(list->classes[i]);
    for (size_t i = 0; i < list->count; i++)
        memory_free(list->entries[i].path);
    memory_free(list->classes);
    memory_free(list->entries);
    memory_free(list->beside_path);
    *list = (struct image_list){.count = 0};
}
