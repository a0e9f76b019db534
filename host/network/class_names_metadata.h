/* The names of classes in the metadata of a file: a JSON list of texts. */
#ifndef WEFT_NETWORK_CLASS_NAMES_METADATA_H
#define WEFT_NETWORK_CLASS_NAMES_METADATA_H

#include "network/metadata_table.h"

/* Adds names [count] under `key`. */
WEFT_MUST_CHECK enum weft_status class_names_write(struct safetensors *file, const char *key,
                                                   char *const *names, size_t count);

/* Reads the names under `key` into a new array `*names` [count]. The caller frees the names and the
 * array, also after a failure. Returns WEFT_ERROR_MODEL unless there are `count` texts. */
WEFT_MUST_CHECK enum weft_status class_names_read(struct metadata_source source, const char *key,
                                                  size_t count, char ***names);

#endif
