/* XOR, the smallest data set that a single layer cannot learn. */
#ifndef WEFT_DATA_XOR_H
#define WEFT_DATA_XOR_H

#include "data/dataset.h"

/* Creates the data set of exclusive or: four samples, two features, two classes. */
WEFT_MUST_CHECK enum weft_status xor_create(struct weft_dataset **dataset);

#endif
