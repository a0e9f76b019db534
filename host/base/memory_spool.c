/* Arrays in temporary files; see memory_spool.h. */
#define _XOPEN_SOURCE     700
#define _FILE_OFFSET_BITS 64
#include "base/memory_spool.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/spool.h"
#include "base/system_error.h"

static _Thread_local const char *spool_folder; /* borrowed; NULL: arrays stay in memory */
static _Thread_local int spool_error;          /* errno of the last map; 0: it succeeded */

void memory_spool_begin(const char *folder)
{
    spool_folder = folder;
    spool_error = 0;
}

void memory_spool_end(void)
{
    spool_folder = NULL;
    spool_error = 0;
}

bool memory_spool_takes(size_t bytes)
{
    return spool_folder != NULL && bytes >= SPOOLED_LEAST;
}

/* Reserves the space first: a full disk would otherwise show as SIGBUS. */
static void *map_descriptor(int descriptor, size_t bytes)
{
    do
        spool_error = posix_fallocate(descriptor, 0, (off_t)bytes);
    while (spool_error == EINTR);
    if (spool_error != 0)
        return NULL;
    void *mapping = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    spool_error = mapping == MAP_FAILED ? errno : 0;
    return mapping != MAP_FAILED ? mapping : NULL;
}

void *memory_spool_map(size_t bytes)
{
    const int descriptor = spool_create(spool_folder);
    if (descriptor < 0) {
        spool_error = errno;
        return NULL;
    }
    void *mapping = map_descriptor(descriptor, bytes);
    close(descriptor); /* The mapping keeps the file. */
    return mapping;
}

void memory_spool_unmap(void *mapping, size_t bytes)
{
    munmap(mapping, bytes);
}

enum weft_status memory_spool_fault(void)
{
    if (spool_folder == NULL || spool_error == 0 || spool_error == ENOMEM)
        return WEFT_OK;
    errno = spool_error;
    return fail_errno(spool_folder, "write a temporary file in this folder");
}
