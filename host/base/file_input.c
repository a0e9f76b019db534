/* Reads files from front to back, or completely.
 *
 * These functions read regular files only. For other files, a size in a header cannot be compared
 * with the size of the file before memory is allocated.
 */
#define _POSIX_C_SOURCE   200809L
#define _FILE_OFFSET_BITS 64
#include "base/file_input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/system_error.h"
#include "base/trusted_user.h"

enum { MOST_BYTES_A_CALL = 1 << 30 }; /* read() may refuse more than SSIZE_MAX. */

struct file_input {
    char *path;     /* owned; for messages */
    int descriptor; /* owned; -1 if closed */
    uint64_t size;
};

/* Opens the file with `flags` in addition to the flags that every file needs. */
static enum weft_status open_descriptor(struct file_input *input, int flags)
{
    if (input->path[0] == '\0')
        return fail(WEFT_ERROR_IO, "file to read: got an empty name");
    do /* O_NONBLOCK keeps open() from waiting for the writer of a pipe. */
        input->descriptor = open(input->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | flags);
    while (input->descriptor < 0 && errno == EINTR);
    if (input->descriptor >= 0)
        return WEFT_OK;
    if (errno == ELOOP && flags != 0)
        return fail(WEFT_ERROR_IO, "%s: got a symbolic link, need a file", input->path);
    return fail_errno(input->path, "open");
}

static enum weft_status open_regular(struct file_input *input, bool own)
{
    struct stat about;
    TRY(open_descriptor(input, own ? O_NOFOLLOW : 0));
    if (fstat(input->descriptor, &about) != 0)
        return fail_errno(input->path, "open");
    if (S_ISDIR(about.st_mode))
        return fail(WEFT_ERROR_IO, "%s: got a folder, need a file", input->path);
    if (!S_ISREG(about.st_mode))
        return fail(WEFT_ERROR_IO, "%s: got a pipe or device, need a regular file", input->path);
    if (own && !user_is_trusted(about.st_uid))
        return fail(WEFT_ERROR_IO, "%s: this file belongs to another user", input->path);
    if (own && (about.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return fail(WEFT_ERROR_DATA, "%s: other users may write to this file", input->path);
    input->size = (uint64_t)about.st_size;
    return WEFT_OK;
}

static enum weft_status create(const char *path, bool own, struct file_input **input)
{
    TRY(NEW_ARRAY(*input, 1));
    (*input)->descriptor = -1;
    enum weft_status status = text_copy(path, &(*input)->path);
    if (status == WEFT_OK)
        status = open_regular(*input, own);
    if (status != WEFT_OK) {
        file_input_close(*input);
        *input = NULL;
    }
    return status;
}

enum weft_status file_input_open(const char *path, struct file_input **input)
{
    return create(path, false, input);
}

uint64_t file_input_size(const struct file_input *input)
{
    return input->size;
}

enum weft_status file_input_read(struct file_input *input, void *buffer, size_t size, size_t *got)
{
    *got = 0;
    while (*got < size) {
        size_t wanted = size_min(size - *got, MOST_BYTES_A_CALL);
        ssize_t bytes = read(input->descriptor, (unsigned char *)buffer + *got, wanted);
        if (bytes < 0 && errno == EINTR)
            continue;
        if (bytes < 0)
            return fail_errno(input->path, "read");
        if (bytes == 0)
            break;
        *got += (size_t)bytes;
    }
    return WEFT_OK;
}

void file_input_close(struct file_input *input)
{
    if (input == NULL)
        return;
    if (input->descriptor >= 0)
        close(input->descriptor); /* Nothing was written, so nothing can be lost. */
    memory_free(input->path);
    memory_free(input);
}

static enum weft_status read_whole(struct file_input *input, size_t limit,
                                   enum weft_status too_large, struct file_content *content)
{
    if (input->size > limit)
        return fail(too_large, "%s: too large: got %llu bytes, need at most %zu", input->path,
                    (unsigned long long)input->size, limit);
    TRY(NEW_ARRAY(content->data, (size_t)input->size));
    return file_input_read(input, content->data, (size_t)input->size, &content->size);
}

/* Reads the whole file into `content`, then closes `input`. */
static enum weft_status read_and_close(struct file_input *input, size_t limit,
                                       enum weft_status too_large, struct file_content *content)
{
    enum weft_status status = read_whole(input, limit, too_large, content);
    file_input_close(input);
    if (status != WEFT_OK) {
        memory_free(content->data);
        *content = (struct file_content){NULL, 0};
    }
    return status;
}

enum weft_status file_read(const char *path, size_t limit, enum weft_status too_large,
                           struct file_content *content)
{
    *content = (struct file_content){NULL, 0};
    struct file_input *input;
    TRY(file_input_open(path, &input));
    return read_and_close(input, limit, too_large, content);
}

enum weft_status file_read_own(const char *path, size_t limit, enum weft_status too_large,
                               struct file_content *content)
{
    *content = (struct file_content){NULL, 0};
    struct file_input *input;
    TRY(create(path, true, &input));
    return read_and_close(input, limit, too_large, content);
}
