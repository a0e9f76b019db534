/* Locks the files of checkpoints. The other functions of checkpoints are in
 * host/train/checkpoint_write.c and checkpoint_read.c. */
#include "base/file_lock.h"
#include "base/memory.h"

struct weft_checkpoint_lock {
    struct file_lock lock;
};

enum weft_status weft_checkpoint_lock(const char *path, struct weft_checkpoint_lock **lock)
{
    TRY(NEW_ARRAY(*lock, 1));
    const enum weft_status status = file_lock_init(&(*lock)->lock, path);
    if (status != WEFT_OK) {
        weft_checkpoint_unlock(*lock);
        *lock = NULL;
    }
    return status;
}

void weft_checkpoint_unlock(struct weft_checkpoint_lock *lock)
{
    if (lock == NULL)
        return;
    file_lock_reset(&lock->lock);
    memory_free(lock);
}
