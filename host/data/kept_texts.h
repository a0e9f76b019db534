/* Texts of columns that stay with a data set: the ids of its samples, their groups, and what
 * predictions repeat. They lie in memory or in a mapped file. */
#ifndef WEFT_DATA_KEPT_TEXTS_H
#define WEFT_DATA_KEPT_TEXTS_H

#include "base/file_map.h"
#include "data/table.h"

/* The texts of a column. Equal texts may share their bytes. */
struct kept_column {
    char *name;           /* owned */
    const int64_t *begin; /* [rows] where the text of a row begins; -1: the value is missing */
    const char *bytes;    /* [size] the texts, each with a NUL at its end */
    size_t size;
};

struct kept_texts {
    size_t rows, count;
    struct kept_column
        *columns;         /* [count] owned; `begin` and `bytes` too, unless they are mapped */
    bool has_id;          /* the first column identifies the samples */
    struct file_map *map; /* shared: the file that holds the texts; NULL: memory */
    uint32_t *places;     /* [N] owned: sample i has row places[i]; NULL: row i */
};

/* Makes texts from the columns places [count] of a table, one row for each of rows [row_count];
 * NULL: all rows. Numbers become their shortest text. The caller destroys them. */
WEFT_MUST_CHECK enum weft_status kept_texts_make(const struct weft_table *table,
                                                 const size_t *places, size_t count,
                                                 const uint32_t *rows, size_t row_count,
                                                 struct kept_texts **texts);

/* Makes texts from names [rows], which identify the samples: one column, called `column`. Bytes
 * that are not UTF-8 become '?'. The caller destroys them. */
WEFT_MUST_CHECK enum weft_status kept_texts_name(const char *column, const char *const *names,
                                                 size_t rows, struct kept_texts **texts);

/* Creates texts of `rows` rows without columns, for texts in `map`, which they share. */
WEFT_MUST_CHECK enum weft_status kept_texts_map(struct file_map *map, size_t rows, size_t count,
                                                struct kept_texts **texts);

/* Adds a column of texts in the map; `name` is copied. There must be less than `count` columns.
 * Returns WEFT_ERROR_DATA unless all texts are UTF-8 and end within bytes [size]. */
WEFT_MUST_CHECK enum weft_status kept_texts_add(struct kept_texts *texts, const char *name,
                                                const int64_t *begin, const char *bytes,
                                                size_t size);

/* Returns the texts of the columns that the lists `id` and `keep` name, as a table would; NULL for
 * `id`: the columns that identify the samples now. The columns must be in `*texts`, which becomes
 * NULL if no column remains. Returns WEFT_ERROR_USAGE for unknown columns; `name` is the data. */
WEFT_MUST_CHECK enum weft_status kept_texts_choose(struct kept_texts **texts, const char *name,
                                                   const char *id, const char *keep);

/* Prepares the texts of `samples` samples for leaving out samples; see `places`. */
WEFT_MUST_CHECK enum weft_status kept_texts_select(struct kept_texts *texts, size_t samples);

/* Returns the text of a sample, or NULL if it is missing or there is no such column. */
const char *kept_texts_get(const struct kept_texts *texts, size_t column, size_t sample);

void kept_texts_destroy(struct kept_texts *texts);

#endif
