/* Writes files without losing data.
 *
 * The bytes go to a temporary file in the same folder, and a rename then gives it the final name.
 * Even if the power fails, that name always holds a complete file, either the old one or the new
 * one. Every call that can report a lost byte is checked, including fsync and close.
 *
 * On most file systems, the temporary file has no name until all its bytes are written. So nothing
 * is left of it if the program is killed before.
 */
#define _GNU_SOURCE       /* O_TMPFILE */
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_parts.h"
#include "base/memory.h"
#include "base/system_error.h"
#include "base/trusted_user.h"

enum {
    MOST_LINKS = 40, /* the kernel's limit; a longer chain is a loop */
    LINK_BYTES = 4096,
    NAME_TRIES = 100
};

#define DESCRIPTORS "/proc/self/fd" /* names of files that are open */

/* A file that is about to replace `path`. */
struct replacement {
    const char *path; /* borrowed; for messages */
    char *target;     /* owned; the end of the links of `path` */
    char *folder;     /* owned; the folder of `target` */
    char *temporary;  /* owned; name of the temporary file, or NULL before it has one */
    int folder_descriptor;
    int descriptor; /* descriptor of the temporary file; -1 if closed */
    bool present;   /* the temporary file has its name, which must be removed */
    bool own;       /* symbolic links are not followed */
};

/* ---- where the bytes go ---- */

/* Stores the folder that holds `path` in `*folder`. */
static enum weft_status folder_of(const char *path, char **folder)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return text_copy(".", folder);
    TRY(text_copy(path, folder));
    (*folder)[size_max((size_t)(slash - path), 1)] = '\0';
    return WEFT_OK;
}

/* Stores the target of the symbolic link `path` in `*next`, or NULL if `path` is not a link. */
static enum weft_status read_link(const char *path, char **next)
{
    *next = NULL;
    char text[LINK_BYTES];
    ssize_t bytes = readlink(path, text, sizeof text);
    if (bytes < 0)
        return errno == EINVAL || errno == ENOENT ? WEFT_OK : fail_errno(path, "open");
    if ((size_t)bytes >= sizeof text)
        return fail(WEFT_ERROR_IO, "%s: link text is too long: need less than %zu bytes", path,
                    sizeof text);
    text[bytes] = '\0';
    if (text[0] == '/')
        return text_copy(text, next);
    char *folder = NULL;
    TRY(folder_of(path, &folder));
    enum weft_status status = path_join(folder, text, next);
    memory_free(folder);
    return status;
}

/* Follows the links of `path` and stores the end of the chain in `*target`, even if no file is
 * there yet. Each link stays a link, because writing a file normally means writing through its
 * links. */
static enum weft_status follow_links(const char *path, char **target)
{
    TRY(text_copy(path, target));
    for (int links = 0; links < MOST_LINKS; links++) {
        char *next;
        TRY(read_link(*target, &next));
        if (next == NULL)
            return WEFT_OK;
        memory_free(*target);
        *target = next;
    }
    return fail(WEFT_ERROR_IO, "%s: more than %d links in a row", path, (int)MOST_LINKS);
}

/* Tells whether `path` is the file behind standard output, like /dev/stdout. */
static bool is_standard_output(const struct stat *about)
{
    struct stat standard;
    return fstat(STDOUT_FILENO, &standard) == 0 && standard.st_dev == about->st_dev &&
           standard.st_ino == about->st_ino;
}

/* Examines the file that `path` names now.
 *
 * `*in_place` is true for a device, a pipe, or standard output. `*mode` receives the permissions of
 * the file, or 0 if there is none.
 */
static enum weft_status look_at(const char *path, bool *in_place, mode_t *mode)
{
    *in_place = false;
    *mode = 0;
    size_t length = strlen(path);
    if (length == 0)
        return fail(WEFT_ERROR_IO, "file to write: got an empty name");
    struct stat about;
    if (stat(path, &about) != 0) {
        if (errno != ENOENT)
            return fail_errno(path, "write");
        return path[length - 1] != '/'
                   ? WEFT_OK
                   : fail(WEFT_ERROR_IO, "%s: got the name of a folder, need a file", path);
    }
    if (S_ISDIR(about.st_mode))
        return fail(WEFT_ERROR_IO, "%s: got a folder, need a file", path);
    if (S_ISBLK(about.st_mode) || S_ISSOCK(about.st_mode)) /* never overwrite a disk */
        return fail(WEFT_ERROR_IO, "%s: got a disk or socket, need a file", path);
    if (faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) != 0) /* rename() checks the folder only */
        return fail_errno(path, "write");
    *in_place = !S_ISREG(about.st_mode) || is_standard_output(&about);
    *mode = about.st_mode & 0777;
    return WEFT_OK;
}

/* Refuses `path` unless it is missing or names a regular file that this user or root owns. */
static enum weft_status look_at_own(const char *path)
{
    struct stat about;
    if (lstat(path, &about) != 0)
        return errno == ENOENT ? WEFT_OK : fail_errno(path, "write");
    if (S_ISLNK(about.st_mode))
        return fail(WEFT_ERROR_IO, "%s: got a symbolic link, need a file", path);
    if (S_ISDIR(about.st_mode))
        return fail(WEFT_ERROR_IO, "%s: got a folder, need a file", path);
    if (!S_ISREG(about.st_mode))
        return fail(WEFT_ERROR_IO, "%s: got a pipe or device, need a regular file", path);
    if (!user_is_trusted(about.st_uid))
        return fail(WEFT_ERROR_IO, "%s: this file belongs to another user", path);
    return WEFT_OK;
}

/* ---- writing ---- */

/* Calls fsync. Pipes, terminals and some file systems do not support it and report EINVAL or
 * ENOTSUP. */
static enum weft_status synchronize(const char *path, int descriptor, const char *action)
{
    int result;
    do
        result = fsync(descriptor);
    while (result != 0 && errno == EINTR);
    return result == 0 || errno == EINVAL || errno == ENOTSUP ? WEFT_OK : fail_errno(path, action);
}

/* Closes the descriptor and reports a lost write. After EINTR, the descriptor is closed as well. */
static enum weft_status close_checked(const char *path, int descriptor)
{
    return close(descriptor) == 0 || errno == EINTR ? WEFT_OK : fail_errno(path, "close");
}

/* Opens `path` without truncating it. O_NONBLOCK keeps open() from waiting for the reader of a
 * pipe; later writes may wait. */
static enum weft_status open_in_place(const char *path, int *descriptor)
{
    *descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (*descriptor < 0 && errno == ENXIO)
        return fail(WEFT_ERROR_IO, "%s: no process reads from this pipe", path);
    if (*descriptor < 0)
        return fail_errno(path, "open");
    fcntl(*descriptor, F_SETFL, fcntl(*descriptor, F_GETFL) & ~O_NONBLOCK);
    return WEFT_OK;
}

static enum weft_status write_in_place(const char *path, const struct file_part *parts,
                                       size_t count)
{
    struct stat about;
    bool standard = stat(path, &about) == 0 && is_standard_output(&about);
    /* A new descriptor for a redirected standard output would start again at byte 0. */
    int descriptor = standard ? dup(STDOUT_FILENO) : -1;
    if (!standard)
        TRY(open_in_place(path, &descriptor));
    if (descriptor < 0)
        return fail_errno(path, "open");
    enum weft_status status = file_parts_write(path, descriptor, parts, count);
    if (status == WEFT_OK)
        status = synchronize(path, descriptor, "write to disk");
    if (status != WEFT_OK) {
        close(descriptor);
        return status;
    }
    return close_checked(path, descriptor);
}

/* ---- replacing ---- */

/* Chooses the next name for the temporary file. It is short, because the name of the file may
 * already have the maximum length. */
static enum weft_status next_name(struct replacement *replacement)
{
    static atomic_uint serial;
    char name[64];
    snprintf(name, sizeof name, ".weft-%ld-%u.tmp", (long)getpid(), atomic_fetch_add(&serial, 1));
    memory_free(replacement->temporary);
    replacement->temporary = NULL;
    return path_join(replacement->folder, name, &replacement->temporary);
}

static enum weft_status fail_names(const struct replacement *replacement)
{
    return fail(WEFT_ERROR_IO, "%s: cannot create a file in its folder: %d names are taken",
                replacement->path, (int)NAME_TRIES);
}

/* Opens a temporary file without a name. Returns false if the file system has none, or if there is
 * no way to name it later. */
static bool create_nameless(struct replacement *replacement)
{
    if (access(DESCRIPTORS, X_OK) != 0)
        return false;
    replacement->descriptor = open(replacement->folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
    return replacement->descriptor >= 0;
}

/* Gives the temporary file an unused name if it has none. */
static enum weft_status give_name(struct replacement *replacement)
{
    char descriptor[sizeof DESCRIPTORS + 24];
    snprintf(descriptor, sizeof descriptor, DESCRIPTORS "/%d", replacement->descriptor);
    for (int i = 0; i < NAME_TRIES && !replacement->present; i++) {
        TRY(next_name(replacement));
        replacement->present =
            linkat(AT_FDCWD, descriptor, AT_FDCWD, replacement->temporary, AT_SYMLINK_FOLLOW) == 0;
        if (!replacement->present && errno != EEXIST && errno != EINTR)
            return fail_errno(replacement->path, "create a file in its folder");
    }
    return replacement->present ? WEFT_OK : fail_names(replacement);
}

/* Creates the temporary file, under an unused name if it needs one. */
static enum weft_status create_temporary(struct replacement *replacement)
{
    if (create_nameless(replacement))
        return WEFT_OK;
    for (int i = 0; i < NAME_TRIES; i++) {
        TRY(next_name(replacement));
        replacement->descriptor =
            open(replacement->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        replacement->present = replacement->descriptor >= 0;
        if (replacement->present)
            return WEFT_OK;
        if (errno != EEXIST && errno != EINTR)
            return fail_errno(replacement->path, "create a file in its folder");
    }
    return fail_names(replacement);
}

/* Performs every step that can fail before a byte is written. `mode` holds the permissions to keep;
 * 0 gives the file the permissions of a new file. */
static enum weft_status prepare(struct replacement *replacement, mode_t mode)
{
    if (replacement->own)
        TRY(text_copy(replacement->path, &replacement->target));
    else
        TRY(follow_links(replacement->path, &replacement->target));
    TRY(folder_of(replacement->target, &replacement->folder));
    replacement->folder_descriptor = open(replacement->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (replacement->folder_descriptor < 0)
        return fail_errno(replacement->path, "open its folder");
    TRY(create_temporary(replacement));
    if (mode != 0 && fchmod(replacement->descriptor, mode) != 0)
        return fail_errno(replacement->path, "keep its permissions");
    return WEFT_OK;
}

static enum weft_status commit(struct replacement *replacement, const struct file_part *parts,
                               size_t count)
{
    const char *path = replacement->path;
    TRY(file_parts_write(path, replacement->descriptor, parts, count));
    TRY(synchronize(path, replacement->descriptor, "write to disk"));
    TRY(give_name(replacement));
    int descriptor = replacement->descriptor;
    replacement->descriptor = -1;
    TRY(close_checked(path, descriptor));
    if (rename(replacement->temporary, replacement->target) != 0)
        return fail_errno(path, "rename the new file to this name");
    replacement->present = false;
    /* The new file is now in place. A failure from here on means only that a power failure may undo
     * the rename. */
    return synchronize(path, replacement->folder_descriptor, "write its new name to disk");
}

/* Releases all resources. If the file was not committed, no trace of it remains. */
static void finish(struct replacement *replacement)
{
    if (replacement->descriptor >= 0)
        close(replacement->descriptor);
    if (replacement->present)
        unlink(replacement->temporary);
    if (replacement->folder_descriptor >= 0)
        close(replacement->folder_descriptor);
    memory_free(replacement->temporary);
    memory_free(replacement->folder);
    memory_free(replacement->target);
}

static enum weft_status replace(struct replacement *replacement, mode_t mode,
                                const struct file_part *parts, size_t count)
{
    enum weft_status status = prepare(replacement, mode);
    if (status == WEFT_OK)
        status = commit(replacement, parts, count);
    finish(replacement);
    return status;
}

enum weft_status file_replace(const char *path, const struct file_part *parts, size_t count)
{
    bool in_place;
    mode_t mode;
    TRY(look_at(path, &in_place, &mode));
    if (in_place)
        return write_in_place(path, parts, count);
    struct replacement replacement = {.path = path, .folder_descriptor = -1, .descriptor = -1};
    return replace(&replacement, mode, parts, count);
}

enum weft_status file_replace_own(const char *path, const struct file_part *parts, size_t count)
{
    TRY(look_at_own(path));
    struct replacement replacement = {
        .path = path, .folder_descriptor = -1, .descriptor = -1, .own = true};
    return replace(&replacement, S_IRUSR | S_IWUSR, parts, count);
}

enum weft_status file_check_writable(const char *path)
{
    bool in_place;
    mode_t mode;
    TRY(look_at(path, &in_place, &mode));
    if (in_place)
        return WEFT_OK; /* look_at has checked the permission. Opening a pipe here and closing it
                           would end its reader. */
    struct replacement replacement = {.path = path, .folder_descriptor = -1, .descriptor = -1};
    enum weft_status status = prepare(&replacement, mode);
    finish(&replacement);
    return status;
}
