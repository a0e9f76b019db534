/* Opens data sets that are known by name, and finds their files. */
#ifndef WEFT_DATA_CATALOGUE_H
#define WEFT_DATA_CATALOGUE_H

#include "data/dataset.h"

/* Implements weft_dataset_open; see weft.h. */
WEFT_MUST_CHECK enum weft_status catalogue_open(const char *what, struct weft_dataset **train,
                                                struct weft_dataset **test);

#endif
