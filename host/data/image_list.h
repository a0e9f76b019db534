/* The files of a set of images. Only image_folder.c uses it. */
#ifndef WEFT_DATA_IMAGE_LIST_H
#define WEFT_DATA_IMAGE_LIST_H

#include "base/status.h"

struct image_entry {
    char *path;       /* owned */
    const char *name; /* the end of `path`, which begins behind the folder of the set */
    int32_t class;    /* index of its folder; -1: there are no classes */
    bool special;     /* a pipe, a socket or a device, and thus no image */
};

struct image_list {
    size_t class_count, class_capacity;
    char **classes; /* [class_count] owned: names of the folders, in the order of their bytes */
    size_t count, capacity;
    struct image_entry *entries; /* [count] owned: by class, then by name */
    size_t beside;               /* images in the folder itself that do not belong to the list */
    char *beside_path;           /* owned: the first of them, or NULL */
};

/* Lists the files in the folders inside `path`, which are the classes. If only the folder itself
 * has images, or if the folders inside have no files, it lists the files in `path`, which have no
 * classes. Returns WEFT_ERROR_IO if a folder cannot be read. */
WEFT_MUST_CHECK enum weft_status image_list_read(const char *path, struct image_list *list);
void image_list_reset(struct image_list *list);

#endif
