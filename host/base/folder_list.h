/* Lists the content of a folder. */
#ifndef WEFT_BASE_FOLDER_LIST_H
#define WEFT_BASE_FOLDER_LIST_H

#include "base/status.h"

/* The names in a folder, in the order of their bytes. Names that begin with a point are left out.
 */
struct folder_list {
    size_t count, capacity;
    struct folder_entry {
        char *name; /* owned */
        /* After following links: */
        bool folder, special; /* special: a pipe, a socket or a device */
    } * entries;              /* [count] owned */
};

/* Returns WEFT_ERROR_IO if the folder cannot be read. */
WEFT_MUST_CHECK enum weft_status folder_list_read(const char *path, struct folder_list *list);
void folder_list_reset(struct folder_list *list);

#endif
