/* Lists the files of a set of images; see image_list.h. */
#include "data/image_list.h"

#include <string.h>

#include "base/file.h"
#include "base/folder_list.h"
#include "base/memory.h"

/* Adds a file to the last class. The name of the file in the set is the end of its path: `inner`
 * bytes for the folder of the class, and its own name. */
static enum weft_status add_entry(struct image_list *list, const char *folder, const char *name,
                                  size_t inner)
{
    TRY(memory_grow(&list->entries, sizeof *list->entries, list->count, list->count + 1,
                    &list->capacity));
    struct image_entry *entry = &list->entries[list->count];
    TRY(path_join(folder, name, &entry->path));
    entry->name = entry->path + strlen(entry->path) - strlen(name) - inner;
    entry->class = (int32_t)list->class_count - 1;
    list->count++;
    return WEFT_OK;
}

static enum weft_status add_files(struct image_list *list, const char *folder,
                                  const struct folder_list *files, size_t inner)
{
    for (size_t i = 0; i < files->count; i++)
        if (!files->entries[i].folder)
            TRY(add_entry(list, folder, files->entries[i].name, inner));
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

static void drop_classes(struct image_list *list)
{
    for (size_t i = 0; i < list->class_count; i++)
        memory_free(list->classes[i]);
    list->class_count = 0;
}

enum weft_status image_list_read(const char *path, struct image_list *list)
{
    struct folder_list content;
    *list = (struct image_list){.count = 0};
    TRY(folder_list_read(path, &content));
    enum weft_status status = add_classes(list, path, &content);
    if (status == WEFT_OK && list->count == 0) {
        drop_classes(list);
        status = add_files(list, path, &content, 0);
    }
    folder_list_reset(&content);
    if (status != WEFT_OK)
        image_list_reset(list);
    return status;
}

void image_list_reset(struct image_list *list)
{
    drop_classes(list);
    for (size_t i = 0; i < list->count; i++)
        memory_free(list->entries[i].path);
    memory_free(list->classes);
    memory_free(list->entries);
    *list = (struct image_list){.count = 0};
}
