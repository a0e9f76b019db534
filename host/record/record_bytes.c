/* Stores bytes, such as compiled programs, beside a record. The file begins with a header of 32
 * bytes that identifies the bytes and gives their number and their digest. Only bytes that match
 * their header are returned. */
#include <string.h>

#include "base/digest.h"
#include "base/memory.h"
#include "record/record_path.h"

enum { HEAD_BYTES = 32, LARGEST_BYTES = 1 << 28 };

static const char magic[8] = "weftbyt1";

static void put_number(unsigned char *bytes, uint64_t number)
{
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(number >> (8 * i));
}

/* Returns a digest that identifies the bytes: the key, the name, and the caller's digest. */
static uint64_t identity(const struct record *record, const char *name, uint64_t digest)
{
    unsigned char number[8];
    put_number(number, digest);
    return digest_bytes(digest_text(record_key_digest(record_key(record)), name), number,
                        sizeof number);
}

/* head = magic | identity | size | digest of the bytes; numbers are little-endian */
static void make_head(unsigned char head[HEAD_BYTES], uint64_t identity_of_bytes, const void *data,
                      size_t size)
{
    memcpy(head, magic, sizeof magic);
    put_number(head + 8, identity_of_bytes);
    put_number(head + 16, size);
    put_number(head + 24, digest_bytes(DIGEST_START, data, size));
}

/* Removes the header if it matches; otherwise clears the content. */
static void take_head_off(struct file_content *content, uint64_t identity_of_bytes)
{
    unsigned char head[HEAD_BYTES];
    const size_t size = content->size < HEAD_BYTES ? 0 : content->size - HEAD_BYTES;
    if (size > 0)
        make_head(head, identity_of_bytes, content->data + HEAD_BYTES, size);
    if (size > 0 && memcmp(head, content->data, HEAD_BYTES) == 0) {
        memmove(content->data, content->data + HEAD_BYTES, size);
        content->size = size;
        return;
    }
    memory_free(content->data);
    *content = (struct file_content){NULL, 0};
}

enum weft_status record_bytes_read(const struct record *record, const char *name, uint64_t digest,
                                   struct file_content *content)
{
    char *path = NULL;
    *content = (struct file_content){NULL, 0};
    if (record != NULL)
        TRY(record_path(name, record_key(record), "bin", &path));
    if (path == NULL)
        return WEFT_OK;
    const enum weft_status status = record_file_read(path, LARGEST_BYTES, content);
    memory_free(path);
    if (status == WEFT_ERROR_MEMORY)
        return status;
    if (status == WEFT_OK)
        take_head_off(content, identity(record, name, digest));
    return WEFT_OK;
}

enum weft_status record_bytes_write(const struct record *record, const char *name, uint64_t digest,
                                    const void *data, size_t size)
{
    char *path = NULL;
    unsigned char head[HEAD_BYTES];
    if (record != NULL)
        TRY(record_path(name, record_key(record), "bin", &path));
    if (path == NULL)
        return WEFT_OK;
    make_head(head, identity(record, name, digest), data, size);
    const struct file_part parts[] = {{.data = head, .size = sizeof head},
                                      {.data = data, .size = size}};
    const enum weft_status status = record_file_replace(path, parts, sizeof parts / sizeof *parts);
    memory_free(path);
    return status;
}
