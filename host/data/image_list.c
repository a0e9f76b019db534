/* Lists the files in the folders of the classes; see image_list.h. */
#include "data/image_list.h"

#include "base/file.h"
#include "base/folder_list.h"
#include "base/memory.h"

static enum weft_status add_entry(struct image_list *list, const char *folder, const char *name)
{
    TRY(memory_grow(&list->entries, sizeof *list->entries, list->count, list->count + 1,
                    &list->capacity));
    TRY(path_join(folder, name, &list->entries[list->count].path));
    list->entries[list->count++].class = (int32_t)list->class_count - 1;
    return WEFT_OK;
}

static enum weft_status add_files(struct image_list *list, const char *folder,
                                  const struct folder_list *files)
{
    for (size_t i = 0; i < files->count; i++)
        if (!files->entries[i].folder)
            TRY(add_entry(list, folder, files->entries[i].name));
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
        status = add_files(list, folder, &files);
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

enum weft_status image_list_read(const char *path, struct image_list *list)
{
    struct folder_list folders;
    *list = (struct image_list){.count = 0};
    TRY(folder_list_read(path, &folders));
    const enum weft_status status = add_classes(list, path, &folders);
    folder_list_reset(&folders);
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
    *list = (struct image_list){.count = 0};
}
