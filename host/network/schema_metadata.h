/* The schema of a model in the metadata of its file: JSON under the key `schema`.
 *
 *     {"named": true, "columns": [COLUMN, ...]}    all columns of the training table, in its order
 *
 * docs/models.md describes the members of a column. The names of features, and the classes, follow
 * from the columns and from `class_names`, so they are not repeated.
 */
#ifndef WEFT_NETWORK_SCHEMA_METADATA_H
#define WEFT_NETWORK_SCHEMA_METADATA_H

#include "data/schema.h"
#include "network/metadata_table.h"

/* Writes a schema as JSON; free the text with memory_free. Equal schemas give equal texts. */
WEFT_MUST_CHECK enum weft_status schema_to_text(const struct schema *schema, char **text);

/* Adds a schema under `key`. */
WEFT_MUST_CHECK enum weft_status schema_metadata_write(struct safetensors *file, const char *key,
                                                       const struct schema *schema);

/* What the rest of the metadata says. */
struct schema_context {
    size_t features, classes;
    enum weft_task task;
    char *const *class_names; /* [classes] borrowed */
};

/* Reads the schema under `key`. Returns WEFT_ERROR_MODEL if it is damaged or if it does not fit the
 * rest of the metadata. */
WEFT_MUST_CHECK enum weft_status schema_metadata_read(struct metadata_source source,
                                                      const char *key,
                                                      const struct schema_context *context,
                                                      struct schema **schema);

#endif
