/* Implements kept_texts.h. */
#include "data/kept_texts.h"

#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/utf8.h"
#include "base/words.h"
#include "data/column_list.h"
#include "data/dataset.h"

enum { SHOWN_BYTES = 512, MISSING = -1 };

/* ---- making ---- */

/* The rows of a column that are copied. */
struct copying {
    const struct column *from;
    const uint32_t *rows; /* [count]; NULL: row i is i */
    size_t count;
    int64_t *begin;      /* [count] owned by the new column */
    char *bytes;         /* owned by the new column; NULL while the bytes are counted */
    size_t size;         /* bytes so far */
    int64_t *word_begin; /* [words] owned: where the distinct texts begin; MISSING: not yet */
};

static const char *text_of(const struct copying *copying, size_t row, char *number)
{
    if (column_is_missing(copying->from, row))
        return NULL;
    if (copying->from->kind == COLUMN_TEXT)
        return column_text(copying->from, row);
    number_to_text(column_number(copying->from, row), number);
    return number;
}

/* Copies a text, or only counts its bytes. Returns where it begins. */
static int64_t copy_text(struct copying *copying, const char *text)
{
    const size_t begin = copying->size, size = strlen(text) + 1;
    if (copying->bytes != NULL)
        memcpy(copying->bytes + begin, text, size);
    copying->size += size;
    return (int64_t)begin;
}

static void copy_rows(struct copying *copying)
{
    char number[NUMBER_TEXT_SIZE];
    copying->size = 0;
    for (size_t w = 0; copying->word_begin != NULL && w < copying->from->words.count; w++)
        copying->word_begin[w] = MISSING;
    for (size_t i = 0; i < copying->count; i++) {
        const size_t row = copying->rows != NULL ? copying->rows[i] : i;
        const char *text = text_of(copying, row, number);
        int64_t none = MISSING, *known = &none;
        if (text != NULL && copying->word_begin != NULL)
            known = &copying->word_begin[copying->from->texts[row]];
        if (text != NULL && *known == MISSING)
            *known = copy_text(copying, text);
        copying->begin[i] = *known;
    }
}

static enum weft_status copy_column(struct copying *copying)
{
    TRY(NEW_ARRAY(copying->begin, copying->count));
    if (copying->from->kind == COLUMN_TEXT)
        TRY(NEW_ARRAY(copying->word_begin, copying->from->words.count));
    copy_rows(copying);
    TRY(NEW_ARRAY(copying->bytes, copying->size));
    copy_rows(copying);
    return WEFT_OK;
}

static enum weft_status take_column(const struct column *from, const uint32_t *rows, size_t count,
                                    struct kept_column *column)
{
    struct copying copying = {.from = from, .rows = rows, .count = count};
    TRY(text_copy(from->name, &column->name));
    const enum weft_status status = copy_column(&copying);
    column->begin = copying.begin;
    column->bytes = copying.bytes;
    column->size = copying.size;
    memory_free(copying.word_begin);
    return status;
}

static enum weft_status fill(const struct weft_table *table, const size_t *places,
                             const uint32_t *rows, size_t count, struct kept_texts *texts)
{
    TRY(NEW_ARRAY(texts->columns, count));
    for (; texts->count < count; texts->count++) {
        struct kept_column *column = &texts->columns[texts->count];
        const enum weft_status status =
            take_column(&table->columns[places[texts->count]], rows, texts->rows, column);
        if (status != WEFT_OK) {
            texts->count++; /* It is half-built, and destroyed with the others. */
            return status;
        }
    }
    return WEFT_OK;
}

enum weft_status kept_texts_make(const struct weft_table *table, const size_t *places, size_t count,
                                 const uint32_t *rows, size_t row_count, struct kept_texts **texts)
{
    TRY(NEW_ARRAY(*texts, 1));
    (*texts)->rows = rows != NULL ? row_count : table->rows;
    const enum weft_status status = fill(table, places, rows, count, *texts);
    if (status != WEFT_OK) {
        kept_texts_destroy(*texts);
        *texts = NULL;
    }
    return status;
}

/* ---- names ---- */

/* Copies a name, with '?' for each byte that is not UTF-8. */
static void copy_name(const char *name, char *to)
{
    size_t left = strlen(name);
    memcpy(to, name, left + 1);
    for (size_t valid; (valid = utf8_prefix(to, left)) < left; to += valid + 1, left -= valid + 1)
        to[valid] = '?';
}

static enum weft_status fill_names(const char *const *names, struct kept_texts *texts)
{
    int64_t *begin;
    char *bytes;
    struct kept_column *column = texts->columns;
    for (size_t i = 0; i < texts->rows; i++)
        column->size += strlen(names[i]) + 1;
    TRY(NEW_ARRAY(begin, texts->rows));
    column->begin = begin;
    TRY(NEW_ARRAY(bytes, column->size));
    column->bytes = bytes;
    for (size_t i = 0; i < texts->rows; i++) {
        begin[i] = bytes - column->bytes;
        copy_name(names[i], bytes);
        bytes += strlen(names[i]) + 1;
    }
    return WEFT_OK;
}

static enum weft_status name_rows(const char *column, const char *const *names,
                                  struct kept_texts *texts)
{
    TRY(NEW_ARRAY(texts->columns, 1));
    texts->count = 1;
    texts->has_id = true;
    TRY(text_copy(column, &texts->columns->name));
    return fill_names(names, texts);
}

enum weft_status kept_texts_name(const char *column, const char *const *names, size_t rows,
                                 struct kept_texts **texts)
{
    TRY(NEW_ARRAY(*texts, 1));
    (*texts)->rows = rows;
    const enum weft_status status = name_rows(column, names, *texts);
    if (status != WEFT_OK) {
        kept_texts_destroy(*texts);
        *texts = NULL;
    }
    return status;
}

/* ---- mapping ---- */

enum weft_status kept_texts_map(struct file_map *map, size_t rows, size_t count,
                                struct kept_texts **texts)
{
    TRY(NEW_ARRAY(*texts, 1));
    (*texts)->map = file_map_share(map);
    (*texts)->rows = rows;
    const enum weft_status status = NEW_ARRAY((*texts)->columns, count);
    if (status != WEFT_OK) {
        kept_texts_destroy(*texts);
        *texts = NULL;
    }
    return status;
}

/* Tells whether a character of the UTF-8 in bytes [size] begins at `begin`. */
static bool is_character(int64_t begin, const char *bytes, size_t size)
{
    return begin >= 0 && (uint64_t)begin < size && ((unsigned char)bytes[begin] & 0xC0) != 0x80;
}

static enum weft_status check_column(const struct kept_texts *texts, const char *name,
                                     const int64_t *begin, const char *bytes, size_t size)
{
    const char *path = texts->map->path;
    if (size > 0 && bytes[size - 1] != '\0')
        return fail(WEFT_ERROR_DATA, "%s: texts of \"%.64s\": the last one has no end", path, name);
    if (utf8_prefix(bytes, size) != size)
        return fail(WEFT_ERROR_DATA, "%s: texts of \"%.64s\": byte %zu is not UTF-8", path, name,
                    utf8_prefix(bytes, size));
    for (size_t i = 0; i < texts->rows; i++)
        if (begin[i] != MISSING && !is_character(begin[i], bytes, size))
            return fail(WEFT_ERROR_DATA,
                        "%s: texts of \"%.64s\": sample %zu: begins at byte %lld of %zu, need the "
                        "first byte of a character",
                        path, name, i, (long long)begin[i], size);
    return WEFT_OK;
}

enum weft_status kept_texts_add(struct kept_texts *texts, const char *name, const int64_t *begin,
                                const char *bytes, size_t size)
{
    struct kept_column *column = &texts->columns[texts->count];
    TRY(check_column(texts, name, begin, bytes, size));
    *column = (struct kept_column){.begin = begin, .bytes = bytes, .size = size};
    TRY(text_copy(name, &column->name));
    texts->count++;
    file_map_forget(begin, texts->rows * sizeof *begin);
    file_map_forget(bytes, size);
    return WEFT_OK;
}

/* ---- choosing ---- */

/* Columns that are chosen for a new order. */
struct choosing {
    size_t *places; /* [count] owned; NULL while they are counted */
    size_t count;
    bool packed; /* the columns were chosen before, from more columns */
};

static enum weft_status add_place(void *user, size_t column)
{
    struct choosing *choosing = user;
    if (choosing->places != NULL)
        choosing->places[choosing->count] = column;
    choosing->count++;
    return WEFT_OK;
}

/* There is one id; the last column of its list is taken. */
static enum weft_status set_id(void *user, size_t column)
{
    struct choosing *choosing = user;
    choosing->count = 0;
    return add_place(user, column);
}

/* Names the columns that a data set has, for an option that asks for another one. */
static enum weft_status fail_unknown(const struct weft_table *names, const char *option,
                                     const char *list, bool packed)
{
    const char **words;
    char known[SHOWN_BYTES];
    TRY(NEW_ARRAY(words, names->column_count));
    for (size_t c = 0; c < names->column_count; c++)
        words[c] = names->columns[c].name;
    words_join(words, names->column_count, known, sizeof known);
    memory_free(words);
    return fail_option(option, list, "%s has the texts of %s%s%s", names->name,
                       names->column_count > 0 ? known : "no column",
                       packed ? "; pack its source again with --" : "", packed ? option : "");
}

static enum weft_status visit(const struct weft_table *names, const char *option, const char *list,
                              column_function *function, struct choosing *choosing)
{
    const enum weft_status status = column_list_visit(names, option, list, function, choosing);
    return status == WEFT_ERROR_USAGE ? fail_unknown(names, option, list, choosing->packed)
                                      : status;
}

static enum weft_status choose_places(const struct weft_table *names, bool has_id, const char *id,
                                      const char *keep, struct choosing *choosing)
{
    choosing->count = 0;
    if (id == NULL && has_id)
        TRY(add_place(choosing, 0));
    TRY(visit(names, "id", id, set_id, choosing));
    return visit(names, "keep", keep, add_place, choosing);
}

/* Makes a table without rows that has the names of the columns. */
static enum weft_status make_names(const struct kept_texts *texts, const char *name,
                                   struct weft_table **names)
{
    TRY(table_create(name, names));
    for (size_t c = 0; texts != NULL && c < texts->count; c++)
        TRY(table_add_column(*names, texts->columns[c].name, COLUMN_TEXT));
    return WEFT_OK;
}

static void free_columns(struct kept_texts *texts)
{
    for (size_t c = 0; c < texts->count; c++) {
        memory_free(texts->columns[c].name);
        if (texts->map == NULL) {
            memory_free((void *)(uintptr_t)texts->columns[c].begin);
            memory_free((void *)(uintptr_t)texts->columns[c].bytes);
        }
    }
    memory_free(texts->columns);
}

/* Copies a column. A mapped copy shares the texts. On failure, `to` can be freed. */
static enum weft_status duplicate(const struct kept_texts *texts, const struct kept_column *from,
                                  struct kept_column *to)
{
    int64_t *begin;
    char *bytes;
    TRY(text_copy(from->name, &to->name));
    to->size = from->size;
    if (texts->map != NULL) {
        to->begin = from->begin;
        to->bytes = from->bytes;
        return WEFT_OK;
    }
    TRY(NEW_ARRAY(begin, texts->rows));
    to->begin = begin;
    memcpy(begin, from->begin, texts->rows * sizeof *begin);
    TRY(NEW_ARRAY(bytes, from->size));
    to->bytes = bytes;
    memcpy(bytes, from->bytes, from->size);
    return WEFT_OK;
}

/* Puts the columns into a new order, in which a column may be there several times. */
static enum weft_status reorder(struct kept_texts *texts, const struct choosing *choosing)
{
    struct kept_texts chosen = {.map = texts->map};
    TRY(NEW_ARRAY(chosen.columns, choosing->count));
    for (size_t i = 0; i < choosing->count; i++) {
        chosen.count++;
        const enum weft_status status =
            duplicate(texts, &texts->columns[choosing->places[i]], &chosen.columns[i]);
        if (status != WEFT_OK) {
            free_columns(&chosen);
            return status;
        }
    }
    free_columns(texts);
    texts->columns = chosen.columns;
    texts->count = chosen.count;
    return WEFT_OK;
}

static enum weft_status choose(struct kept_texts **texts, const struct weft_table *names,
                               const char *id, const char *keep, struct choosing *choosing)
{
    const bool has_id = *texts != NULL && (*texts)->has_id;
    TRY(choose_places(names, has_id, id, keep, choosing));
    TRY(NEW_ARRAY(choosing->places, choosing->count));
    TRY(choose_places(names, has_id, id, keep, choosing));
    if (*texts == NULL)
        return WEFT_OK;
    TRY(reorder(*texts, choosing));
    (*texts)->has_id = has_id || id != NULL;
    if ((*texts)->count == 0) {
        kept_texts_destroy(*texts);
        *texts = NULL;
    }
    return WEFT_OK;
}

enum weft_status kept_texts_choose(struct kept_texts **texts, const char *name, const char *id,
                                   const char *keep)
{
    struct weft_table *names = NULL;
    struct choosing choosing = {.packed = *texts == NULL || (*texts)->map != NULL};
    enum weft_status status = make_names(*texts, name, &names);
    if (status == WEFT_OK)
        status = choose(texts, names, id, keep, &choosing);
    memory_free(choosing.places);
    weft_table_destroy(names);
    return status;
}

enum weft_status kept_texts_select(struct kept_texts *texts, size_t samples)
{
    if (texts == NULL || texts->places != NULL)
        return WEFT_OK;
    TRY(NEW_ARRAY(texts->places, samples));
    for (size_t i = 0; i < samples; i++)
        texts->places[i] = (uint32_t)i;
    return WEFT_OK;
}

/* ---- reading ---- */

/* Checks the place again, because a mapped file may change after it was checked. */
const char *kept_texts_get(const struct kept_texts *texts, size_t column, size_t sample)
{
    if (texts == NULL || column >= texts->count)
        return NULL;
    const struct kept_column *found = &texts->columns[column];
    const size_t row = texts->places != NULL ? texts->places[sample] : sample;
    const int64_t begin = row < texts->rows ? found->begin[row] : MISSING;
    return begin >= 0 && (uint64_t)begin < found->size ? found->bytes + begin : NULL;
}

void kept_texts_destroy(struct kept_texts *texts)
{
    if (texts == NULL)
        return;
    free_columns(texts);
    memory_free(texts->places);
    file_map_release(texts->map);
    memory_free(texts);
}

/* ---- public functions ---- */

/* The id is none of the columns that `keep` of the data options lists. */
const char *weft_dataset_column(const struct weft_dataset *dataset, size_t column)
{
    const struct kept_texts *kept = dataset->kept;
    return kept != NULL && column < kept->count - kept->has_id
               ? kept->columns[column + kept->has_id].name
               : NULL;
}

const char *weft_dataset_text(const struct weft_dataset *dataset, size_t column, size_t row)
{
    const struct kept_texts *kept = dataset->kept;
    return kept != NULL && row < dataset->samples ? kept_texts_get(kept, column + kept->has_id, row)
                                                  : NULL;
}
