/* Reads lists of columns; see column_list.h. */
#include "data/column_list.h"

#include <string.h>

#include "base/memory.h"

/* Returns the column whose name is text [length], or the number of columns if there is none. */
static size_t find_name(const struct weft_table *table, const char *text, size_t length)
{
    size_t column = 0;
    while (column < table->column_count && (strlen(table->columns[column].name) != length ||
                                            memcmp(table->columns[column].name, text, length) != 0))
        column++;
    return column;
}

/* Finds the longest name at the beginning of the list that ends at a comma or with the list. Stores
 * its length, or the length of the first entry if no name is there. */
static size_t find_longest(const struct weft_table *table, const char *list, size_t *length)
{
    for (size_t end = strlen(list); end > 0; end--) {
        if (list[end] != '\0' && list[end] != ',')
            continue;
        const size_t column = find_name(table, list, end);
        *length = end;
        if (column < table->column_count)
            return column;
    }
    *length = strcspn(list, ",");
    return table->column_count;
}

static enum weft_status find_entry(const struct weft_table *table, const char *option,
                                   const char *list, size_t *length, size_t *column)
{
    char *entry;
    *column = find_longest(table, list, length);
    if (*column < table->column_count)
        return WEFT_OK;
    if (*length == 0)
        return fail_option(option, NULL, "got an empty entry, need names or numbers of columns");
    TRY(NEW_ARRAY(entry, *length + 1));
    memcpy(entry, list, *length);
    const enum weft_status status = table_find(table, option, entry, column);
    memory_free(entry);
    return status;
}

enum weft_status column_list_visit(const struct weft_table *table, const char *option,
                                   const char *list, column_function *function, void *user)
{
    while (list != NULL) {
        size_t column = 0, length = 0;
        TRY(find_entry(table, option, list, &length, &column));
        TRY(function(user, column));
        list = list[length] == ',' ? list + length + 1 : NULL;
    }
    return WEFT_OK;
}
