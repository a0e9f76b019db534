/* Texts in the metadata of a safetensors file, and what is said of those that make no sense: for
 * model files and bundles alike. Errors are WEFT_ERROR_MODEL and begin with the file's name. */
#ifndef WEFT_NETWORK_METADATA_TEXT_H
#define WEFT_NETWORK_METADATA_TEXT_H

#include "network/safetensors.h"

/* The file, and its name for messages; both borrowed. */
struct metadata_source {
    const char *path;
    const struct safetensors *file;
};

/* The text of `key`, borrowed from the file; a failure where it has none. */
WEFT_MUST_CHECK enum weft_status metadata_text(struct metadata_source source, const char *key,
                                               const char **text);

/* Fails: the text of `key`, which is there, is not what is needed. */
WEFT_MUST_CHECK enum weft_status metadata_fail(struct metadata_source source, const char *key,
                                               const char *need);

#endif
