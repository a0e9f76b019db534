/* Maps files for reading; see file_map.h. */
#define _DEFAULT_SOURCE   /* madvise */
#define _FILE_OFFSET_BITS 64
#include "base/file_map.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/system_error.h"

bool file_map_possible(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0;
}

static enum weft_status map_file(const char *path, int descriptor, struct file_map *map)
{
    struct stat about;
    if (fstat(descriptor, &about) != 0)
        return fail_errno(path, "open");
    if (!S_ISREG(about.st_mode) || about.st_size <= 0)
        return fail(WEFT_ERROR_IO, "%s: cannot map: got %s, need a regular file", path,
                    S_ISREG(about.st_mode) ? "an empty file" : "a folder, pipe or device");
    map->size = (size_t)about.st_size;
    if ((uint64_t)map->size != (uint64_t)about.st_size)
        return memory_exhausted(SIZE_MAX, 1);
    void *bytes = mmap(NULL, map->size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (bytes == MAP_FAILED)
        return errno == ENOMEM ? memory_exhausted(map->size, 1) : fail_errno(path, "map");
    map->bytes = bytes;
    return WEFT_OK;
}

static enum weft_status open_file(const char *path, struct file_map *map)
{
    TRY(text_copy(path, &map->path));
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (descriptor < 0)
        return fail_errno(path, "open");
    const enum weft_status status = map_file(path, descriptor, map);
    close(descriptor); /* The map stays. */
    return status;
}

enum weft_status file_map_open(const char *path, struct file_map **map)
{
    *map = NULL;
    TRY(NEW_ARRAY(*map, 1));
    (*map)->references = 1;
    const enum weft_status status = open_file(path, *map);
    if (status != WEFT_OK) {
        file_map_release(*map);
        *map = NULL;
    }
    return status;
}

struct file_map *file_map_share(struct file_map *map)
{
    if (map != NULL)
        map->references++;
    return map;
}

void file_map_release(struct file_map *map)
{
    if (map == NULL || --map->references > 0)
        return;
    if (map->bytes != NULL)
        munmap((void *)(uintptr_t)map->bytes, map->size);
    memory_free(map->path);
    memory_free(map);
}

/* Gives advice about the pages that hold `bytes` [size]: all of them, or only the whole ones. */
static void advise(const void *bytes, size_t size, bool whole, int advice)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), start = (uintptr_t)bytes;
    const uintptr_t first = whole ? (start + page - 1) / page * page : start / page * page;
    const uintptr_t end = whole ? (start + size) / page * page : start + size;
    if (end > first)
        (void)madvise((void *)first, (size_t)(end - first), advice);
}

/* In pieces, because Linux reads no more than its usual read-ahead for each call. */
void file_map_fetch(const void *bytes, size_t size)
{
    enum { PIECE = 1 << 17 };
    const unsigned char *next = bytes;
    for (size_t first = 0; first < size; first += PIECE)
        advise(next + first, size_min(PIECE, size - first), false, MADV_WILLNEED);
}

void file_map_expect_random(const void *bytes, size_t size, bool random)
{
    advise(bytes, size, false, random ? MADV_RANDOM : MADV_NORMAL);
}

void file_map_forget(const void *bytes, size_t size)
{
#if defined(MADV_COLD)
    /* First, so that pages that were read in advance outlive those that were used. */
    advise(bytes, size, true, MADV_COLD);
#endif
    advise(bytes, size, true, MADV_DONTNEED);
}
