/* The metadata of a safetensors file, described by one table for the writer and the reader.
 *
 * A row tells how one member of a structure is written under one key. The reader accepts what the
 * rows allow and nothing else: its errors are WEFT_ERROR_MODEL and begin with the file's name.
 */
#ifndef WEFT_NETWORK_METADATA_TABLE_H
#define WEFT_NETWORK_METADATA_TABLE_H

#include <stddef.h>

#include "network/safetensors.h"

/* The file and its name for messages; both borrowed. */
struct metadata_source {
    const char *path;
    const struct safetensors *file;
};

enum metadata_type {
    METADATA_TEXT,    /* char[size] */
    METADATA_WORD,    /* an enum, written as words[value] */
    METADATA_TRUTH,   /* bool, written as words[value]; "false" and "true" without `words` */
    METADATA_INTEGER, /* unsigned, of 4 or 8 bytes, from `least` to `most` */
    METADATA_REAL,    /* float or double, from `least` to `most` */
    METADATA_OWN      /* written and read by functions of its own */
};

enum metadata_presence {
    METADATA_ALWAYS, /* in every file */
    METADATA_LATER,  /* in every new file; if an old one lacks it, the member is left alone */
    METADATA_SPARSE  /* written unless it is 0, false, NaN or empty; if missing, the member is left
                        alone */
};

struct metadata_field {
    const char *key;
    enum metadata_type type;
    enum metadata_presence presence;
    size_t offset, size;      /* of the member */
    const char *const *words; /* [count] */
    size_t count;
    double least, most; /* both 0: no limit */
    enum weft_status (*write)(struct safetensors *file, const char *key, const void *object);
    enum weft_status (*read)(struct metadata_source source, const char *key, void *object);
};

/* The first members of a row: METADATA_MEMBER("seed", INTEGER, ALWAYS, struct model_words, seed) */
#define METADATA_MEMBER(KEY, TYPE, PRESENCE, STRUCT, MEMBER)                                       \
    .key = (KEY), .type = METADATA_##TYPE, .presence = METADATA_##PRESENCE,                        \
    .offset = offsetof(STRUCT, MEMBER), .size = sizeof(((STRUCT *)NULL)->MEMBER)

/* Adds the members of `object` to `file`, row by row. */
WEFT_MUST_CHECK enum weft_status metadata_write(struct safetensors *file,
                                                const struct metadata_field *fields, size_t count,
                                                const void *object);

/* Reads the members of `object`, row by row. */
WEFT_MUST_CHECK enum weft_status metadata_read(struct metadata_source source,
                                               const struct metadata_field *fields, size_t count,
                                               void *object);

/* Finds the text of a key, borrowed from the file; fails if there is none. */
WEFT_MUST_CHECK enum weft_status metadata_text(struct metadata_source source, const char *key,
                                               const char **text);

/* Fails: the text of `key`, which the file has, is not what is needed. */
WEFT_MUST_CHECK enum weft_status metadata_fail(struct metadata_source source, const char *key,
                                               const char *need);

#endif
