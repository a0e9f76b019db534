/* Writing files so that nothing is lost.
 *
 * The bytes go to a temporary file in the same folder, which is then renamed: under the final name
 * there is the old file or the new one, whole, whenever the power fails. Every call that can report
 * a lost byte is checked, fsync and close too.
 */
#define _POSIX_C_SOURCE   200809L
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/system_error.h"

enum {
    MOST_BYTES_A_CALL = 1 << 30, /* write() may refuse more than SSIZE_MAX */
    MOST_LINKS = 40,             /* as the kernel's limit: beyond is a loop */
    LINK_BYTES = 4096,
    NAME_TRIES = 100
};

/* A file that is about to take the place of `path`. */
struct replacement {
    const char *path; /* borrowed; for messages */
    char *target;     /* owned; where the links of `path` lead */
    char *folder;     /* owned; of the target */
    char *temporary;  /* owned; name of the temporary file, NULL before there is one */
    int folder_descriptor;
    int descriptor; /* of the temporary file; -1: closed */
    bool present;   /* the temporary file is there and must go */
};

/* ---- where the bytes go ---- */

/* The folder that holds `path`. */
static enum weft_status folder_of(const char *path, char **folder)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return text_copy(".", folder);
    TRY(text_copy(path, folder));
    (*folder)[size_max((size_t)(slash - path), 1)] = '\0';
    return WEFT_OK;
}

/* next = what the symbolic link `path` points to; NULL where `path` is not a link. */
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

/* target = where the links of `path` lead, even to a file that is not there yet. The link stays a
 * link: writing through it is what writing a file does. */
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

/* Whether `path` is the file behind standard output, as /dev/stdout is. */
static bool is_standard_output(const struct stat *about)
{
    struct stat standard;
    return fstat(STDOUT_FILENO, &standard) == 0 && standard.st_dev == about->st_dev &&
           standard.st_ino == about->st_ino;
}

/* Looks at what is under `path` now. in_place: a device, a pipe, or standard output. mode: the
 * permissions of the file there, 0 without one. */
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
    if (faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) != 0) /* a rename asks the folder alone */
        return fail_errno(path, "write");
    *in_place = !S_ISREG(about.st_mode) || is_standard_output(&about);
    *mode = about.st_mode & 0777;
    return WEFT_OK;
}

/* ---- writing ---- */

static enum weft_status write_bytes(const char *path, int descriptor, const void *data, size_t size)
{
    const unsigned char *bytes = data;
    while (size > 0) {
        ssize_t written = write(descriptor, bytes, size_min(size, MOST_BYTES_A_CALL));
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return fail_errno(path, "write");
        if (written == 0)
            return fail(WEFT_ERROR_IO, "%s: cannot write: the system took 0 of %zu bytes", path,
                        size);
        bytes += written;
        size -= (size_t)written;
    }
    return WEFT_OK;
}

static enum weft_status write_parts(const char *path, int descriptor, const struct file_part *parts,
                                    size_t count)
{
    for (size_t i = 0; i < count; i++)
        TRY(write_bytes(path, descriptor, parts[i].data, parts[i].size));
    return WEFT_OK;
}

/* fsync; pipes, terminals and some file systems have none, and say so with EINVAL or ENOTSUP. */
static enum weft_status synchronize(const char *path, int descriptor, const char *action)
{
    int result;
    do
        result = fsync(descriptor);
    while (result != 0 && errno == EINTR);
    return result == 0 || errno == EINVAL || errno == ENOTSUP ? WEFT_OK : fail_errno(path, action);
}

/* close, whose report of a lost write counts. After EINTR the descriptor is closed. */
static enum weft_status close_checked(const char *path, int descriptor)
{
    return close(descriptor) == 0 || errno == EINTR ? WEFT_OK : fail_errno(path, "close");
}

static enum weft_status write_in_place(const char *path, const struct file_part *parts,
                                       size_t count)
{
    struct stat about;
    bool standard = stat(path, &about) == 0 && is_standard_output(&about);
    /* A new descriptor of a redirected standard output would begin at byte 0 again. */
    int descriptor = standard ? dup(STDOUT_FILENO) : open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (descriptor < 0)
        return fail_errno(path, "open");
    enum weft_status status = write_parts(path, descriptor, parts, count);
    if (status == WEFT_OK)
        status = synchronize(path, descriptor, "write to disk");
    if (status != WEFT_OK) {
        close(descriptor);
        return status;
    }
    return close_checked(path, descriptor);
}

/* ---- replacing ---- */

/* Creates the temporary file under a name that nobody has; short, since the name of the file may
 * already be as long as names can be. */
static enum weft_status create_temporary(struct replacement *replacement)
{
    static atomic_uint serial;
    for (int i = 0; i < NAME_TRIES; i++) {
        char name[64];
        snprintf(name, sizeof name, ".weft-%ld-%u.tmp", (long)getpid(),
                 atomic_fetch_add(&serial, 1));
        memory_free(replacement->temporary);
        replacement->temporary = NULL;
        TRY(path_join(replacement->folder, name, &replacement->temporary));
        replacement->descriptor =
            open(replacement->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        replacement->present = replacement->descriptor >= 0;
        if (replacement->present)
            return WEFT_OK;
        if (errno != EEXIST && errno != EINTR)
            return fail_errno(replacement->path, "create a file in its folder");
    }
    return fail(WEFT_ERROR_IO, "%s: cannot create a file in its folder: %d names are taken",
                replacement->path, (int)NAME_TRIES);
}

/* Everything that can be refused before a byte is written. mode: permissions to keep, 0: those of a
 * new file. */
static enum weft_status prepare(struct replacement *replacement, mode_t mode)
{
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
    TRY(write_parts(path, replacement->descriptor, parts, count));
    TRY(synchronize(path, replacement->descriptor, "write to disk"));
    int descriptor = replacement->descriptor;
    replacement->descriptor = -1;
    TRY(close_checked(path, descriptor));
    if (rename(replacement->temporary, replacement->target) != 0)
        return fail_errno(path, "rename the new file to this name");
    replacement->present = false;
    /* From here on the new file is there; what can still fail is that a power failure keeps it. */
    return synchronize(path, replacement->folder_descriptor, "write its new name to disk");
}

/* Gives everything back; what was not committed leaves no trace. */
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

enum weft_status file_replace(const char *path, const struct file_part *parts, size_t count)
{
    bool in_place;
    mode_t mode;
    TRY(look_at(path, &in_place, &mode));
    if (in_place)
        return write_in_place(path, parts, count);
    struct replacement replacement = {.path = path, .folder_descriptor = -1, .descriptor = -1};
    enum weft_status status = prepare(&replacement, mode);
    if (status == WEFT_OK)
        status = commit(&replacement, parts, count);
    finish(&replacement);
    return status;
}

enum weft_status file_check_writable(const char *path)
{
    bool in_place;
    mode_t mode;
    TRY(look_at(path, &in_place, &mode));
    if (in_place)
        return WEFT_OK; /* look_at asked for the permission; opening a pipe would wait */
    struct replacement replacement = {.path = path, .folder_descriptor = -1, .descriptor = -1};
    enum weft_status status = prepare(&replacement, mode);
    finish(&replacement);
    return status;
}
