/* Makes one allocation of the program fail:
 *
 *     LD_PRELOAD=.../liballocation_layer.so WEFT_LAYER_REPORT=report WEFT_LAYER_FAIL=17 weft train
 *
 * Only calls of malloc, calloc and realloc from the program itself count, which holds the library.
 * Those of other libraries never fail: jansson's parser does not survive it (test_allocation.c),
 * and what a driver does is not Weft's. The report has the number of calls, once the program has
 * ended.
 *
 * test_allocation does the same to the library alone. This layer reaches what host/app allocates.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>

/* glibc's own functions */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);

static struct {
    uintptr_t first, end; /* addresses of the program; 0 before layer_begin */
    unsigned long calls, failing;
} layer;

/* Notes where the program lies, which is the first object. */
static int note_program(struct dl_phdr_info *object, size_t size, void *user)
{
    (void)size, (void)user;
    layer.first = UINTPTR_MAX;
    for (size_t i = 0; i < object->dlpi_phnum; i++) {
        const uintptr_t first = object->dlpi_addr + object->dlpi_phdr[i].p_vaddr;
        const uintptr_t end = first + object->dlpi_phdr[i].p_memsz;
        if (object->dlpi_phdr[i].p_type != PT_LOAD)
            continue;
        layer.first = first < layer.first ? first : layer.first;
        layer.end = end > layer.end ? end : layer.end;
    }
    return 1;
}

__attribute__((constructor)) static void layer_begin(void)
{
    const char *failing = getenv("WEFT_LAYER_FAIL");
    layer.failing = failing != NULL ? strtoul(failing, NULL, 10) : 0;
    dl_iterate_phdr(note_program, NULL);
}

__attribute__((destructor)) static void layer_end(void)
{
    const char *path = getenv("WEFT_LAYER_REPORT");
    FILE *report = path != NULL ? fopen(path, "w") : NULL;
    if (report == NULL)
        return;
    fprintf(report, "%lu\n", layer.calls);
    fclose(report);
}

static int fails(const void *caller)
{
    const uintptr_t place = (uintptr_t)caller;
    if (place < layer.first || place >= layer.end || ++layer.calls != layer.failing)
        return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *block, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(block, size);
}
