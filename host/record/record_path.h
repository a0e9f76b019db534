/* Where records and what is kept beside them lie. */
#ifndef WEFT_RECORD_RECORD_PATH_H
#define WEFT_RECORD_RECORD_PATH_H

#include "record/record.h"

/* The same for the same key, on every machine. */
uint64_t record_key_digest(const struct record_key *key);

/* FOLDER/KIND-DIGEST.SUFFIX in Weft's folder of caches, in a new text for memory_free; NULL where
 * the environment names no folder of caches. Nothing is created. */
WEFT_MUST_CHECK enum weft_status record_path(const char *kind, const struct record_key *key,
                                             const char *suffix, char **path);

/* file_read_own in Weft's folder of caches, which must be this user's alone, too: compiled programs
 * in it are run. */
WEFT_MUST_CHECK enum weft_status record_file_read(const char *path, size_t limit,
                                                  struct file_content *content);

/* file_replace_own in Weft's folder of caches, which is created where it is not there, and the one
 * above it. What has the name and is not a file stays. */
WEFT_MUST_CHECK enum weft_status record_file_replace(const char *path,
                                                     const struct file_part *parts, size_t count);

#endif
