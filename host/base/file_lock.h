/* Locks a file name against other processes. */
#ifndef WEFT_BASE_FILE_LOCK_H
#define WEFT_BASE_FILE_LOCK_H

#include "base/status.h"

struct file_lock {
    char *path;     /* owned; the file of the lock, NULL if there is none */
    int descriptor; /* of this file; -1 if it is not open */
};

/* Locks the name `path` until file_lock_reset, or until this process ends or crashes. The lock
 * is a file beside it, "PATH.lock", because `path` itself is replaced when it is written. Only
 * processes that ask for the same lock are kept off.
 *
 * Returns WEFT_ERROR_BUSY if another process has the lock, and WEFT_ERROR_IO if the file of the
 * lock cannot be opened. Call file_lock_reset in either case. */
WEFT_MUST_CHECK enum weft_status file_lock_init(struct file_lock *lock, const char *path);

/* Unlocks the name and removes the file of the lock. */
void file_lock_reset(struct file_lock *lock);

#endif
