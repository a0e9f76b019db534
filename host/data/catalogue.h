/* Data sets that are known by name, and where they are looked for. */
#ifndef WEFT_DATA_CATALOGUE_H
#define WEFT_DATA_CATALOGUE_H

#include "base/status.h"

/* A known data set. */
struct known_data {
    bool built_in;                  /* exclusive or, which has no folder */
    const char *name;               /* static */
    char *folder;                   /* owned; NULL if it is built in */
    size_t classes;                 /* 0 if the labels decide */
    const char *const *class_names; /* [classes] static */
};

/* Tells whether `what` is a known name. */
bool catalogue_knows(const char *what);

/* Finds a known data set. Free `folder` with memory_free. Returns WEFT_ERROR_IO if no place has its
 * folder. */
WEFT_MUST_CHECK enum weft_status catalogue_find(const char *what, struct known_data *known);

/* Fails with WEFT_ERROR_IO because nothing is called `what`, and suggests known names. */
WEFT_MUST_CHECK enum weft_status catalogue_fail_unknown(const char *what);

#endif
