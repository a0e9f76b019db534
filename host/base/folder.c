/* Temporary folders. Only this user can access them, and folder_remove deletes everything
 * inside. */
#define _XOPEN_SOURCE     700
#define _FILE_OFFSET_BITS 64
#include "base/folder.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/system_error.h"

enum { MOST_DESCRIPTORS = 16 };

enum weft_status folder_create_temporary(char **path)
{
    const char *root = getenv("TMPDIR");
    if (root == NULL || root[0] == '\0')
        root = "/tmp";
    TRY(path_join(root, "weft-XXXXXX", path));
    if (mkdtemp(*path) != NULL)
        return WEFT_OK;
    const enum weft_status status = fail_errno(root, "make a folder here");
    memory_free(*path);
    *path = NULL;
    return status;
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    (void)about;
    (void)kind;
    (void)place;
    (void)remove(path); /* On failure, go on: the other entries are still worth removing. */
    return 0;
}

void folder_remove(const char *path)
{
    (void)nftw(path, remove_one, MOST_DESCRIPTORS, FTW_DEPTH | FTW_PHYS);
}
