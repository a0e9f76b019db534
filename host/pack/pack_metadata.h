/* The metadata of packed data: strings under __metadata__ of the safetensors file.
 *
 *     format           "weft-pack"
 *     format_version   "1"
 *     weft_version     the version that wrote the file
 *     features         D
 *     classes          C; missing without labels, targets and a schema
 *     class_names      a JSON list of C strings
 *     task             of tables: "multilabel", "regress"; if missing, "classify"
 *     schema           of tables whose target is known: JSON, see network/schema_metadata.h
 *     height, width, channels    of images
 *     unseen           samples that were left out, because their class is unknown
 *     texts            number of columns that are kept as texts
 *     text_names       a JSON list of their names
 *     id               "1" if the first of them identifies the samples
 *     holdout, holdout_seed, holdout_split    of tables: the columns were learned without the rows
 *                      that this split holds out
 */
#ifndef WEFT_PACK_PACK_METADATA_H
#define WEFT_PACK_PACK_METADATA_H

#include "data/dataset.h"
#include "data/schema.h"
#include "network/metadata_table.h"

#define PACK_FORMAT "weft-pack"

enum { PACK_MOST_TEXTS = 1024 };

struct pack_metadata {
    char format[16], weft_version[32];
    uint32_t format_version;
    size_t features, classes;
    char **class_names; /* [classes] owned when read, borrowed when written; or NULL */
    enum weft_task task;
    struct schema *schema; /* shared; or NULL */
    size_t height, width, channels;
    size_t unseen;
    size_t texts;
    char **text_names; /* [texts] like class_names */
    unsigned id;
    struct packed_split learned;
};

/* Adds the metadata of a data set to `file`. */
WEFT_MUST_CHECK enum weft_status pack_metadata_write(const struct weft_dataset *dataset,
                                                     struct safetensors *file);

/* Reads the metadata of a file. Returns WEFT_ERROR_MODEL if an entry is missing or invalid, or if
 * the format is newer than this version. */
WEFT_MUST_CHECK enum weft_status pack_metadata_read(struct metadata_source source,
                                                    struct pack_metadata *metadata);
/* Names the tensors of column `column` of the texts: the bytes, and where the text of each sample
 * begins. */
void pack_text_names(size_t column, char *bytes, char *begin, size_t size);

void pack_metadata_reset(struct pack_metadata *metadata);

#endif
