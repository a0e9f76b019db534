/* Starts a schema with what the user says about its columns. */
#ifndef WEFT_DATA_SCHEMA_NAMES_H
#define WEFT_DATA_SCHEMA_NAMES_H

#include "data/schema.h"

/* Copies the names of the columns of a table, and gives the roles that `options` name. Other
 * columns stay unsettled. Returns WEFT_ERROR_USAGE for unknown and contradictory columns. */
WEFT_MUST_CHECK enum weft_status schema_name_columns(struct schema *schema,
                                                     const struct weft_table *table,
                                                     const struct schema_options *options);

#endif
