/* Creates temporary files and removes their names at once, so that nothing is left behind. */
#define _GNU_SOURCE       /* O_TMPFILE */
#define _FILE_OFFSET_BITS 64
#include "base/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/system_error.h"

static const char subject[] = "copy of standard input";

const char *spool_folder_usual(void)
{
    const char *folder = getenv("TMPDIR");
    return folder != NULL && folder[0] != '\0' ? folder : "/tmp";
}

int spool_create(const char *folder)
{
    char path[PATH_MAX];
    const int nameless = open(folder, O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (nameless >= 0)
        return nameless; /* some file systems have no such files */
    if (snprintf(path, sizeof path, "%s/.weft-XXXXXX", folder) >= (int)sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    const int descriptor = mkstemp(path);
    if (descriptor >= 0) {
        unlink(path);
        fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    }
    return descriptor;
}

enum weft_status spool_open(int *descriptor)
{
    *descriptor = spool_create(spool_folder_usual());
    return *descriptor >= 0 ? WEFT_OK
                            : fail_errno(spool_folder_usual(), "create a copy of standard input");
}

enum weft_status spool_write(int descriptor, const void *bytes, size_t size)
{
    const unsigned char *next = bytes;
    while (size > 0) {
        const ssize_t written = write(descriptor, next, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return fail_errno(subject, "write");
        next += written;
        size -= (size_t)written;
    }
    return WEFT_OK;
}
