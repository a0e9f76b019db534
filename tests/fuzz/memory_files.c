/* Implements file_input.h, file_map.h and file_replace on files in memory. Arrays stay in memory,
 * too. */
#include "memory_files.h"

#include <string.h>

#include "base/file.h"
#include "base/file_input.h"
#include "base/file_map.h"
#include "base/memory.h"
#include "base/memory_spool.h"
#include "base/shared_file.h"
#include "fuzz_target.h"

enum { MOST_FILES = 4 };

struct memory_file {
    const char *path;          /* borrowed */
    const unsigned char *data; /* [size] borrowed, or `written` */
    size_t size;
    unsigned char *written; /* owned; NULL: the file was set */
};

static struct memory_file files[MOST_FILES];
static size_t file_count;

struct file_input {
    const struct memory_file *file; /* borrowed */
    size_t position;
};

static struct memory_file *find(const char *path)
{
    for (size_t i = 0; i < file_count; i++)
        if (strcmp(files[i].path, path) == 0)
            return &files[i];
    return NULL;
}

static struct memory_file *find_or_add(const char *path)
{
    struct memory_file *file = find(path);
    if (file != NULL)
        return file;
    REQUIRE(file_count < MOST_FILES);
    file = &files[file_count++];
    *file = (struct memory_file){.path = path};
    return file;
}

void memory_files_set(const char *path, const void *data, size_t size)
{
    struct memory_file *file = find_or_add(path);
    memory_free(file->written);
    *file = (struct memory_file){.path = path, .data = data, .size = size};
}

const void *memory_files_get(const char *path, size_t *size)
{
    const struct memory_file *file = find(path);
    *size = file != NULL ? file->size : 0;
    return file != NULL ? file->data : NULL;
}

void memory_files_clear(void)
{
    for (size_t i = 0; i < file_count; i++)
        memory_free(files[i].written);
    file_count = 0;
}

/* ---- base/file_input.h ---- */

enum weft_status file_input_open(const char *path, struct file_input **input)
{
    *input = NULL;
    const struct memory_file *file = find(path);
    if (file == NULL)
        return fail(WEFT_ERROR_IO, "%s: cannot open: there is no such file in memory", path);
    TRY(NEW_ARRAY(*input, 1));
    (*input)->file = file;
    return WEFT_OK;
}

enum weft_status file_input_open_pipe(const char *path, struct file_input **input)
{
    return file_input_open(path, input);
}

bool file_is_pipe(const char *path)
{
    (void)path;
    return false;
}

uint64_t file_input_size(const struct file_input *input)
{
    return input->file->size;
}

enum weft_status file_input_read(struct file_input *input, void *buffer, size_t size, size_t *got)
{
    *got = size_min(size, input->file->size - input->position);
    if (*got > 0)
        memcpy(buffer, input->file->data + input->position, *got);
    input->position += *got;
    return WEFT_OK;
}

void file_input_close(struct file_input *input)
{
    memory_free(input);
}

/* No target reads standard input. */
enum weft_status file_input_standard(struct file_input **input)
{
    *input = NULL;
    return fail(WEFT_ERROR_IO, "standard input: cannot open: there is none in memory");
}

enum weft_status file_input_keep(struct file_input *input, const void *first, size_t size)
{
    (void)input, (void)first, (void)size;
    return WEFT_OK;
}

enum weft_status file_input_again(const struct file_input *input, struct file_input **again)
{
    return file_input_open(input->file->path, again);
}

/* ---- base/file.h ---- */

enum weft_status file_replace(const char *path, const struct file_part *parts, size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += parts[i].size;
    unsigned char *data;
    TRY(NEW_ARRAY(data, size));
    memory_files_set(path, data, size);
    find(path)->written = data;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].produce != NULL)
            parts[i].produce(parts[i].data, 0, parts[i].size, data);
        else if (parts[i].size > 0)
            memcpy(data, parts[i].data, parts[i].size);
        data += parts[i].size;
    }
    return WEFT_OK;
}

enum weft_status file_check_writable(const char *path)
{
    (void)path;
    return WEFT_OK;
}

enum weft_status file_read(const char *path, size_t limit, enum weft_status too_large,
                           struct file_content *content)
{
    const struct memory_file *file = find(path);
    *content = (struct file_content){NULL, 0};
    if (file == NULL)
        return fail(WEFT_ERROR_IO, "%s: cannot open: there is no such file in memory", path);
    if (file->size > limit)
        return fail(too_large, "%s: too large", path);
    TRY(NEW_ARRAY(content->data, file->size));
    if (file->size > 0)
        memcpy(content->data, file->data, file->size);
    content->size = file->size;
    return WEFT_OK;
}

/* ---- base/file_map.h ---- */

bool file_map_possible(const char *path)
{
    const struct memory_file *file = find(path);
    return file != NULL && file->size > 0;
}

/* Copies the file, so that its first byte is aligned and no byte behind its end can be read. */
enum weft_status file_map_open(const char *path, struct file_map **map)
{
    const struct memory_file *file = find(path);
    unsigned char *bytes;
    *map = NULL;
    if (file == NULL || file->size == 0)
        return fail(WEFT_ERROR_IO, "%s: cannot map: need a regular file", path);
    TRY(NEW_ARRAY(*map, 1));
    REQUIRE(NEW_ARRAY(bytes, file->size) == WEFT_OK);
    memcpy(bytes, file->data, file->size);
    **map = (struct file_map){
        .references = 1, .path = (char *)(uintptr_t)file->path, .bytes = bytes, .size = file->size};
    return WEFT_OK;
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
    memory_free((void *)(uintptr_t)map->bytes);
    memory_free(map);
}

void file_map_fetch(const void *bytes, size_t size)
{
    (void)bytes, (void)size;
}

void file_map_forget(const void *bytes, size_t size)
{
    (void)bytes, (void)size;
}

void file_map_expect_random(const void *bytes, size_t size, bool random)
{
    (void)bytes, (void)size, (void)random;
}

/* ---- base/memory_spool.h ---- */

void memory_spool_begin(const char *folder)
{
    (void)folder;
}

void memory_spool_end(void)
{
}

bool memory_spool_takes(size_t bytes)
{
    (void)bytes;
    return false;
}

void *memory_spool_map(size_t bytes)
{
    (void)bytes;
    return NULL;
}

void memory_spool_unmap(void *mapping, size_t bytes)
{
    (void)mapping, (void)bytes;
}

enum weft_status memory_spool_fault(void)
{
    return WEFT_OK;
}

/* ---- base/shared_file.h ---- */

/* Fuzzers have one process, which shares nothing. */
enum weft_status shared_file_write(const struct file_part *parts, size_t count,
                                   struct shared_file *file)
{
    (void)parts, (void)count, (void)file;
    return fail(WEFT_ERROR_IO, "cannot share a file");
}
