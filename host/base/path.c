/* Joins names of files and folders, tests whether they exist, and creates folders. */
#define _POSIX_C_SOURCE   200809L
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/system_error.h"
#include "base/trusted_user.h"

bool file_exists(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && !S_ISDIR(about.st_mode);
}

bool folder_exists(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

uint64_t path_digest(uint64_t digest, const char *path)
{
    struct stat about;
    if (path == NULL || stat(path, &about) != 0)
        return digest;
    digest = digest_bytes(digest, &about.st_dev, sizeof about.st_dev);
    return digest_bytes(digest, &about.st_ino, sizeof about.st_ino);
}

enum weft_status folder_create(const char *path)
{
    if (mkdir(path, 0700) == 0)
        return WEFT_OK;
    const int code = errno;
    if (folder_exists(path)) /* The folder existed before, or another process just created it. */
        return WEFT_OK;
    if (code == EEXIST)
        return fail(WEFT_ERROR_IO, "%s: got a file, need a folder", path);
    errno = code;
    return fail_errno(path, "create this folder");
}

bool user_is_trusted(uid_t user)
{
    return user == 0 || user == geteuid();
}

enum weft_status folder_check_own(const char *path)
{
    struct stat link, folder;
    if (lstat(path, &link) != 0 || stat(path, &folder) != 0)
        return fail_errno(path, "open");
    if (!S_ISDIR(folder.st_mode))
        return fail(WEFT_ERROR_IO, "%s: got a file, need a folder", path);
    if (!user_is_trusted(link.st_uid) || !user_is_trusted(folder.st_uid))
        return fail(WEFT_ERROR_IO, "%s: this folder belongs to another user", path);
    if ((folder.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return fail(WEFT_ERROR_IO, "%s: other users may write to this folder", path);
    return WEFT_OK;
}

enum weft_status path_join(const char *folder, const char *name, char **path)
{
    size_t length = strlen(folder);
    const char *separator = length == 0 || folder[length - 1] == '/' ? "" : "/";
    size_t bytes = length + 1 + strlen(name) + 1;
    TRY(NEW_ARRAY(*path, bytes));
    snprintf(*path, bytes, "%s%s%s", folder, separator, name);
    return WEFT_OK;
}
