/* Lists the content of a folder; see folder_list.h. */
#define _POSIX_C_SOURCE   200809L
#define _FILE_OFFSET_BITS 64
#include "base/folder_list.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/system_error.h"

static enum weft_status read_entries(DIR *open, const char *path, struct folder_list *list)
{
    for (;;) {
        struct stat about;
        errno = 0;
        const struct dirent *entry = readdir(open);
        if (entry == NULL)
            return errno == 0 ? WEFT_OK : fail_errno(path, "read this folder");
        if (entry->d_name[0] == '.')
            continue;
        TRY(memory_grow(&list->entries, sizeof *list->entries, list->count, list->count + 1,
                        &list->capacity));
        struct folder_entry *added = &list->entries[list->count];
        TRY(text_copy(entry->d_name, &added->name));
        list->count++;
        const bool known = fstatat(dirfd(open), entry->d_name, &about, 0) == 0;
        added->folder = known && S_ISDIR(about.st_mode);
        added->special = known && !added->folder && !S_ISREG(about.st_mode);
    }
}

static int compare(const void *left, const void *right)
{
    const struct folder_entry *a = left, *b = right;
    return strcmp(a->name, b->name);
}

enum weft_status folder_list_read(const char *path, struct folder_list *list)
{
    *list = (struct folder_list){.count = 0};
    DIR *open = opendir(path);
    if (open == NULL)
        return fail_errno(path, "read this folder");
    const enum weft_status status = read_entries(open, path, list);
    closedir(open);
    if (status != WEFT_OK)
        folder_list_reset(list);
    else if (list->count > 0)
        qsort(list->entries, list->count, sizeof *list->entries, compare);
    return status;
}

void folder_list_reset(struct folder_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        memory_free(list->entries[i].name);
    memory_free(list->entries);
    *list = (struct folder_list){.count = 0};
}
