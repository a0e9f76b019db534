/* Provides a folder for the files of a suite, which is removed at the end.
 *
 * Add temporary_create and temporary_remove as an unchecked fixture. They run outside the forked
 * tests, so that a crash leaves nothing behind. Needs _XOPEN_SOURCE 700 before the first
 * include.
 */
#ifndef WEFT_TESTS_TEMPORARY_H
#define WEFT_TESTS_TEMPORARY_H

#include <check.h>
#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char temporary_folder[256];

static inline void temporary_create(void)
{
    const char *root = getenv("TMPDIR");
    snprintf(temporary_folder, sizeof temporary_folder, "%s/weft-test-XXXXXX",
             root != NULL ? root : "/tmp");
    ck_assert_msg(mkdtemp(temporary_folder) != NULL, "no temporary folder");
}

static inline int temporary_remove_one(const char *path, const struct stat *about, int type,
                                       struct FTW *walk)
{
    (void)about, (void)type, (void)walk;
    return remove(path);
}

static inline void temporary_remove(void)
{
    nftw(temporary_folder, temporary_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Returns the path of `name` in a folder. It is valid until 16 more paths are requested. */
static inline const char *path_in(const char *folder, const char *name)
{
    static char paths[16][1024];
    static size_t next;
    char *path = paths[next++ % 16];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static inline const char *temporary_path(const char *name)
{
    return path_in(temporary_folder, name);
}

/* Makes a new folder inside the folder. */
static inline const char *temporary_subfolder(const char *name)
{
    const char *path = temporary_path(name);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    return path;
}

/* Writes `bytes` [size] to `name` and returns its path. */
static inline const char *temporary_write(const char *name, const void *bytes, size_t size)
{
    const char *path = temporary_path(name);
    FILE *file = fopen(path, "wb");
    ck_assert_msg(file != NULL, "%s: cannot create", path);
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
    return path;
}

/* Counts the names in `folder`, except "." and "..". */
static inline size_t temporary_count(const char *folder)
{
    DIR *open = opendir(folder);
    ck_assert_ptr_nonnull(open);
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(open)) != NULL;)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(open);
    return count;
}

#endif
