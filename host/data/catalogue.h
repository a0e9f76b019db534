/* The data sets known by name, and where their files are looked for. */
#ifndef WEFT_DATA_CATALOGUE_H
#define WEFT_DATA_CATALOGUE_H

#include "data/dataset.h"

/* weft_dataset_open, see weft.h. */
WEFT_MUST_CHECK enum weft_status catalogue_open(const char *what, struct weft_dataset **train,
                                                struct weft_dataset **test);

#endif
