/* Reads files from front to back, or completely.
 *
 * Most files must be regular. For other files, a size in a header cannot be compared with the size
 * of the file before memory is allocated. Standard input and data may be pipes; base/spool.h keeps
 * what came through them.
 */
#define _POSIX_C_SOURCE   200809L
#define _FILE_OFFSET_BITS 64
#include "base/file_input.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/spool.h"
#include "base/system_error.h"
#include "base/trusted_user.h"

enum { MOST_BYTES_A_CALL = 1 << 30 }; /* read() may refuse more than SSIZE_MAX. */

enum { NO_SPOOL = -1 };

struct file_input {
    char *path;     /* owned; for messages */
    int descriptor; /* owned unless it is STDIN_FILENO; -1 if closed */
    uint64_t size;
    off_t start;     /* of a regular file: where standard input begins */
    int spool;       /* owned: a temporary file with the bytes of a pipe; NO_SPOOL without */
    bool positioned; /* the descriptor is shared, so read at `position` */
    off_t position;
};

/* Which files are accepted. */
enum file_rule { REGULAR, OWN, REGULAR_OR_PIPE };

bool file_is_pipe(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISFIFO(about.st_mode);
}

static enum weft_status open_descriptor(struct file_input *input, enum file_rule rule)
{
    const bool waits = rule == REGULAR_OR_PIPE && file_is_pipe(input->path);
    const int flags = (waits ? 0 : O_NONBLOCK) | (rule == OWN ? O_NOFOLLOW : 0);
    if (input->path[0] == '\0')
        return fail(WEFT_ERROR_IO, "file to read: got an empty name");
    do /* O_NONBLOCK keeps open() from waiting for the writer of a pipe. */
        input->descriptor = open(input->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | flags);
    while (input->descriptor < 0 && errno == EINTR);
    if (input->descriptor >= 0)
        return WEFT_OK;
    if (errno == ELOOP && rule == OWN)
        return fail(WEFT_ERROR_IO, "%s: got a symbolic link, need a file", input->path);
    return fail_errno(input->path, "open");
}

static enum weft_status open_file(struct file_input *input, enum file_rule rule)
{
    struct stat about;
    const bool own = rule == OWN;
    TRY(open_descriptor(input, rule));
    if (fstat(input->descriptor, &about) != 0)
        return fail_errno(input->path, "open");
    if (S_ISDIR(about.st_mode))
        return fail(WEFT_ERROR_IO, "%s: got a folder, need a file", input->path);
    input->size = FILE_SIZE_UNKNOWN;
    if (rule == REGULAR_OR_PIPE && S_ISFIFO(about.st_mode))
        return WEFT_OK;
    if (!S_ISREG(about.st_mode))
        return fail(WEFT_ERROR_IO, "%s: got a pipe or device, need a regular file", input->path);
    if (own && !user_is_trusted(about.st_uid))
        return fail(WEFT_ERROR_IO, "%s: this file belongs to another user", input->path);
    if (own && (about.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return fail(WEFT_ERROR_DATA, "%s: other users may write to this file", input->path);
    input->size = (uint64_t)about.st_size;
    return WEFT_OK;
}

/* Allocates an input without a file. */
static enum weft_status allocate(const char *path, struct file_input **input)
{
    TRY(NEW_ARRAY(*input, 1));
    (*input)->descriptor = -1;
    (*input)->spool = NO_SPOOL;
    return text_copy(path, &(*input)->path);
}

/* Passes a status on; after a failure, closes the half-open input. */
static enum weft_status opened(enum weft_status status, struct file_input **input)
{
    if (status != WEFT_OK) {
        file_input_close(*input);
        *input = NULL;
    }
    return status;
}

static enum weft_status create(const char *path, enum file_rule rule, struct file_input **input)
{
    enum weft_status status = allocate(path, input);
    if (status == WEFT_OK)
        status = open_file(*input, rule);
    return opened(status, input);
}

enum weft_status file_input_open(const char *path, struct file_input **input)
{
    return create(path, REGULAR, input);
}

enum weft_status file_input_open_pipe(const char *path, struct file_input **input)
{
    return create(path, REGULAR_OR_PIPE, input);
}

static enum weft_status open_standard(struct file_input *input)
{
    struct stat about;
    input->descriptor = STDIN_FILENO;
    if (fstat(STDIN_FILENO, &about) != 0)
        return fail_errno(input->path, "open");
    if (S_ISDIR(about.st_mode))
        return fail(WEFT_ERROR_IO, "%s: got a folder, need a file", input->path);
    input->size = FILE_SIZE_UNKNOWN;
    if (!S_ISREG(about.st_mode))
        return WEFT_OK;
    input->start = lseek(STDIN_FILENO, 0, SEEK_CUR);
    if (input->start < 0)
        return fail_errno(input->path, "open");
    input->size = about.st_size > input->start ? (uint64_t)(about.st_size - input->start) : 0;
    return WEFT_OK;
}

enum weft_status file_input_standard(struct file_input **input)
{
    enum weft_status status = allocate("standard input", input);
    if (status == WEFT_OK)
        status = open_standard(*input);
    return opened(status, input);
}

uint64_t file_input_size(const struct file_input *input)
{
    return input->size;
}

static ssize_t read_some(struct file_input *input, void *buffer, size_t size)
{
    if (!input->positioned)
        return read(input->descriptor, buffer, size);
    const ssize_t bytes = pread(input->descriptor, buffer, size, input->position);
    if (bytes > 0)
        input->position += bytes;
    return bytes;
}

static enum weft_status read_all(struct file_input *input, void *buffer, size_t size, size_t *got)
{
    *got = 0;
    while (*got < size) {
        size_t wanted = size_min(size - *got, MOST_BYTES_A_CALL);
        ssize_t bytes = read_some(input, (unsigned char *)buffer + *got, wanted);
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

enum weft_status file_input_read(struct file_input *input, void *buffer, size_t size, size_t *got)
{
    TRY(read_all(input, buffer, size, got));
    return input->spool == NO_SPOOL ? WEFT_OK : spool_write(input->spool, buffer, *got);
}

void file_input_close(struct file_input *input)
{
    if (input == NULL)
        return;
    if (input->descriptor >= 0 && input->descriptor != STDIN_FILENO)
        close(input->descriptor); /* Nothing was written, so nothing can be lost. */
    if (input->spool != NO_SPOOL)
        close(input->spool);
    memory_free(input->path);
    memory_free(input);
}

/* ---- reading again ---- */

enum weft_status file_input_keep(struct file_input *input, const void *first, size_t size)
{
    if (input->size != FILE_SIZE_UNKNOWN || input->spool != NO_SPOOL)
        return WEFT_OK;
    TRY(spool_open(&input->spool));
    return spool_write(input->spool, first, size);
}

static enum weft_status open_again(const struct file_input *input, struct file_input *again)
{
    const bool spooled = input->spool != NO_SPOOL;
    assert(spooled || input->size != FILE_SIZE_UNKNOWN);
    again->size = input->size;
    again->positioned = true;
    again->position = spooled ? 0 : input->start;
    again->descriptor = fcntl(spooled ? input->spool : input->descriptor, F_DUPFD_CLOEXEC, 3);
    return again->descriptor >= 0 ? WEFT_OK : fail_errno(input->path, "open");
}

enum weft_status file_input_again(const struct file_input *input, struct file_input **again)
{
    enum weft_status status = allocate(input->path, again);
    if (status == WEFT_OK)
        status = open_again(input, *again);
    return opened(status, again);
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
    TRY(create(path, OWN, &input));
    return read_and_close(input, limit, too_large, content);
}
