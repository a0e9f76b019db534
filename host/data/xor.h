/* The smallest data set that a single layer cannot learn: two bits, are they different? */
#ifndef WEFT_DATA_XOR_H
#define WEFT_DATA_XOR_H

#include "data/dataset.h"

/* The four samples of exclusive or, two features, two classes. */
WEFT_MUST_CHECK enum weft_status xor_create(struct weft_dataset **dataset);

#endif
