/* Host memory and arithmetic on sizes.
 *
 * Blocks come from calloc and are aligned by hand, because a large calloc is lazy. If a damaged
 * file claims more memory than it fills, the unused memory costs nothing.
 */
#define _DEFAULT_SOURCE /* madvise, MAP_ANONYMOUS */
#include "base/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/memory_spool.h"

/* In a build with AddressSanitizer, this macro makes bytes inaccessible; in other builds, it does
 * nothing. */
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#endif
#endif
#ifndef ASAN_POISON_MEMORY_REGION
#define ASAN_POISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

enum { ALIGNMENT = 64 };       /* a cache line, and the widest vector */
enum { LARGE_PAGE = 1 << 21 }; /* the size of a large page on x86 and Arm */

void memory_wish_large_pages(void *pointer, size_t bytes)
{
#if defined(MADV_HUGEPAGE)
    const uintptr_t start = (uintptr_t)pointer;
    const uintptr_t first = (start + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
    const uintptr_t end = (start + bytes) / LARGE_PAGE * LARGE_PAGE;
    if (bytes >= LARGE_PAGES_LEAST)
        (void)madvise((void *)first, (size_t)(end - first), MADV_HUGEPAGE);
#else
    (void)pointer, (void)bytes;
#endif
}

/* Makes an array in a temporary file: size of the mapping | NULL, which stands for no block |
 * `bytes` bytes. */
static void *zeroed_in_file(size_t bytes)
{
    const void *no_block = NULL;
    const size_t total = bytes + ALIGNMENT;
    unsigned char *mapping = total > bytes ? memory_spool_map(total) : NULL;
    if (mapping == NULL)
        return NULL;
    memcpy(mapping, &total, sizeof total);
    memcpy(mapping + ALIGNMENT - sizeof no_block, &no_block, sizeof no_block);
    return mapping + ALIGNMENT;
}

static void free_in_file(void *pointer)
{
    unsigned char *mapping = (unsigned char *)pointer - ALIGNMENT;
    size_t total;
    memcpy(&total, mapping, sizeof total);
    memory_spool_unmap(mapping, total);
}

void *memory_zeroed(size_t count, size_t size)
{
    /* block: padding | pointer to block | `bytes` bytes, aligned | rest of the padding */
    size_t bytes, total;
    if (!size_multiply(count, size, &bytes) || !size_add(bytes, sizeof(void *) + ALIGNMENT, &total))
        return NULL;
    if (memory_spool_takes(bytes))
        return zeroed_in_file(bytes);
    unsigned char *block = calloc(total, 1);
    if (block == NULL)
        return NULL;
    memory_wish_large_pages(block, total);
    unsigned char *start = block + sizeof(void *);
    start += ALIGNMENT - (uintptr_t)start % ALIGNMENT;
    memcpy(start - sizeof(void *), &block, sizeof block);
    ASAN_POISON_MEMORY_REGION(start + bytes, (size_t)(block + total - (start + bytes)));
    return start;
}

void memory_free(void *pointer)
{
    if (pointer == NULL)
        return;
    void *block;
    memcpy(&block, (unsigned char *)pointer - sizeof block, sizeof block);
    if (block != NULL)
        free(block);
    else
        free_in_file(pointer);
}

static bool is_limited(int resource)
{
    struct rlimit limit;
    return getrlimit(resource, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
}

/* Linux does not overcommit if vm.overcommit_memory is 2. */
static bool system_overcommits(void)
{
    FILE *file = fopen("/proc/sys/vm/overcommit_memory", "r");
    const int mode = file != NULL ? fgetc(file) : EOF;
    if (file != NULL)
        fclose(file);
    return mode != '2';
}

bool memory_is_limited(void)
{
    return is_limited(RLIMIT_AS) || is_limited(RLIMIT_DATA) || !system_overcommits();
}

bool memory_can_map(size_t bytes)
{
    void *mapping = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return mapping != MAP_FAILED && munmap(mapping, bytes) == 0;
}

enum weft_status memory_exhausted(size_t count, size_t size)
{
    TRY(memory_spool_fault());
    return fail(WEFT_ERROR_MEMORY, "host memory: not available: %zu elements of %zu bytes", count,
                size);
}

enum weft_status memory_grow(void *array, size_t size, size_t used, size_t need, size_t *capacity)
{
    enum { LEAST = 16 };
    if (need <= *capacity)
        return WEFT_OK;
    const size_t larger = size_max(size_max(need, LEAST), *capacity + *capacity / 4);
    void *old, *grown = memory_zeroed(larger, size);
    if (grown == NULL)
        return memory_exhausted(larger, size);
    memcpy(&old, array, sizeof old);
    if (used > 0)
        memcpy(grown, old, used * size);
    memory_free(old);
    memcpy(array, &grown, sizeof grown);
    *capacity = larger;
    return WEFT_OK;
}

enum weft_status text_copy(const char *text, char **copy)
{
    size_t bytes = strlen(text) + 1;
    TRY(NEW_ARRAY(*copy, bytes));
    memcpy(*copy, text, bytes);
    return WEFT_OK;
}

bool size_multiply(size_t a, size_t b, size_t *result)
{
    if (a != 0 && b > SIZE_MAX / a)
        return false;
    *result = a * b;
    return true;
}

bool size_add(size_t a, size_t b, size_t *result)
{
    if (b > SIZE_MAX - a)
        return false;
    *result = a + b;
    return true;
}
