/* Reads a table from a file with struct weft_data_options. */
#include <string.h>

#include "base/memory.h"
#include "data/file_kind.h"
#include "data/table_reader.h"

enum { LISTS = 3 };

/* Names of columns, cut from lists that are separated by commas. */
struct names {
    char *text;         /* owned: all lists, with NUL in place of the commas */
    const char **names; /* [count] owned; they point into `text` */
    size_t count;
};

static size_t count_bytes(const char *const lists[LISTS])
{
    size_t bytes = 0;
    for (size_t i = 0; i < LISTS; i++)
        bytes += lists[i] != NULL ? strlen(lists[i]) + 1 : 0;
    return bytes;
}

/* Cuts the lists into names. The caller releases both arrays, even on failure. */
static enum weft_status cut_lists(const char *const lists[LISTS], struct names *names)
{
    const size_t bytes = count_bytes(lists);
    TRY(NEW_ARRAY(names->text, bytes));
    TRY(NEW_ARRAY(names->names, bytes)); /* Each name takes a byte at least, its end. */
    char *text = names->text;
    for (size_t i = 0; i < LISTS; i++) {
        if (lists[i] == NULL)
            continue;
        const size_t length = strlen(lists[i]);
        memcpy(text, lists[i], length);
        names->names[names->count++] = text;
        for (char *end = text + length; text < end; text++)
            if (*text == ',') {
                *text = '\0';
                names->names[names->count++] = text + 1;
            }
        text++; /* the end of the last name */
    }
    return WEFT_OK;
}

/* Refuses what is no table, by the rule for data sets. */
static enum weft_status check_kind(struct byte_source *source, const char *path)
{
    const unsigned char *head;
    size_t size;
    enum file_kind kind;
    TRY(byte_source_peek(source, &head, &size));
    TRY(file_kind_find(byte_source_name(source), head, size, &kind));
    if (kind != FILE_TEXT)
        return fail(WEFT_ERROR_DATA, "%s: got %s, need a table of text", path,
                    file_kind_name(kind));
    return WEFT_OK;
}

static enum weft_status read_file(const char *path, const struct table_format *format,
                                  struct weft_table **table)
{
    struct byte_source *source;
    TRY(byte_source_open_pipe(path, &source));
    const enum weft_status status = check_kind(source, path);
    if (status == WEFT_OK)
        return table_read(source, format, table); /* closes the source */
    byte_source_close(source);
    return status;
}

/* Columns that name samples, that predictions repeat, and that are categories keep their spelling.
 */
static enum weft_status read_with(const char *path, const struct weft_data_options *options,
                                  struct weft_table **table)
{
    const char *const lists[LISTS] = {options->id, options->keep, options->categorical};
    struct names names = {.text = NULL};
    enum weft_status status = cut_lists(lists, &names);
    if (status == WEFT_OK) {
        const struct table_format format = {.delimiter = options->delimiter,
                                            .decimal = options->decimal,
                                            .no_header = options->no_header,
                                            .missing = options->missing,
                                            .text_columns = names.names,
                                            .text_column_count = names.count};
        status = read_file(path, &format, table);
    }
    memory_free(names.text);
    memory_free(names.names);
    return status;
}

enum weft_status weft_table_read(const char *path, const struct weft_data_options *options,
                                 struct weft_table **table)
{
    struct weft_data_options taken = {.size = sizeof taken}; /* The caller's struct may be older. */
    *table = NULL;
    if (options != NULL)
        memcpy(&taken, options, size_min(options->size, sizeof taken));
    return read_with(path, &taken, table);
}
