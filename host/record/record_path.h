/* Locates records and the files beside them. */
#ifndef WEFT_RECORD_RECORD_PATH_H
#define WEFT_RECORD_RECORD_PATH_H

#include "record/record.h"

/* Returns a digest of the key. It is the same on every machine. */
uint64_t record_key_digest(const struct record_key *key);

/* Stores FOLDER/KIND-DIGEST.SUFFIX in `*path`, where FOLDER is Weft's cache folder. Free it with
 * memory_free. `*path` is NULL if the environment names no cache folder. Creates nothing. */
WEFT_MUST_CHECK enum weft_status record_path(const char *kind, const struct record_key *key,
                                             const char *suffix, char **path);

/* Calls file_read_own in Weft's cache folder. That folder must pass folder_check_own too, because
 * it contains compiled programs that are run. */
WEFT_MUST_CHECK enum weft_status record_file_read(const char *path, size_t limit,
                                                  struct file_content *content);

/* Calls file_replace_own in Weft's cache folder. Creates this folder and its parent if they are
 * missing. Something with that name that is not a regular file is left alone. */
WEFT_MUST_CHECK enum weft_status record_file_replace(const char *path,
                                                     const struct file_part *parts, size_t count);

#endif
