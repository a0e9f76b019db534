/* Locks file names with flock, which the system undoes when a process ends. See file_lock.h. */
#define _DEFAULT_SOURCE
#include "base/file_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/system_error.h"

/* Tells whether the open file still has its name. Its last owner may have removed it. */
static bool has_its_name(const struct file_lock *lock)
{
    struct stat open_file, named_file;
    return fstat(lock->descriptor, &open_file) == 0 && stat(lock->path, &named_file) == 0 &&
           open_file.st_dev == named_file.st_dev && open_file.st_ino == named_file.st_ino;
}

static enum weft_status acquire(const char *path, struct file_lock *lock)
{
    for (;;) {
        lock->descriptor = open(lock->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (lock->descriptor < 0)
            return fail_errno(path, "create its lock");
        const int refused = flock(lock->descriptor, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
        if (refused == 0 && has_its_name(lock))
            return WEFT_OK;
        close(lock->descriptor);
        lock->descriptor = -1; /* The file of another process stays. */
        errno = refused;
        if (refused == EWOULDBLOCK)
            return fail(WEFT_ERROR_BUSY, "%s: another process is writing this file", path);
        if (refused != 0)
            return fail_errno(path, "lock");
    }
}

enum weft_status file_lock_init(struct file_lock *lock, const char *path)
{
    static const char suffix[] = ".lock";
    const size_t length = strlen(path);
    *lock = (struct file_lock){.descriptor = -1};
    TRY(NEW_ARRAY(lock->path, length + sizeof suffix));
    memcpy(lock->path, path, length);
    memcpy(lock->path + length, suffix, sizeof suffix);
    return acquire(path, lock);
}

void file_lock_reset(struct file_lock *lock)
{
    if (lock->descriptor >= 0) {
        unlink(lock->path); /* while the lock still holds, so that nobody else has just taken it */
        close(lock->descriptor);
    }
    memory_free(lock->path);
    *lock = (struct file_lock){.descriptor = -1};
}
