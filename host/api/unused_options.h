/* Refuses options that say how to read data if they have no effect on this data. */
#ifndef WEFT_API_UNUSED_OPTIONS_H
#define WEFT_API_UNUSED_OPTIONS_H

#include "api/data_reading.h"

/* Returns WEFT_ERROR_USAGE for an option that data of this form does not have: the name of a column
 * for an IDX file, a delimiter for an array, a size of images for a table. `what` is the data;
 * `texts` tells whether texts stay with its samples, as the names of image files do. */
WEFT_MUST_CHECK enum weft_status unused_options_refuse(const struct reading *reading,
                                                       const char *what, enum source_form form,
                                                       bool texts);

/* Does the same for a packed data set. The message says to pack the source again, because packed
 * data is already what these options have made of its source. */
WEFT_MUST_CHECK enum weft_status unused_options_refuse_packed(const struct reading *reading,
                                                              const struct weft_dataset *dataset);

#endif
