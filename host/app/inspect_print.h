/* Prints descriptions of data and models as text or JSON. */
#ifndef WEFT_APP_INSPECT_PRINT_H
#define WEFT_APP_INSPECT_PRINT_H

#include "weft.h"

/* Print the description of data or of a model to stdout, as text or as JSON. */
WEFT_MUST_CHECK enum weft_status inspect_data_text(const struct weft_data_description *data);
WEFT_MUST_CHECK enum weft_status inspect_data_json(const struct weft_data_description *data);
WEFT_MUST_CHECK enum weft_status inspect_model_text(const struct weft_model *model);
WEFT_MUST_CHECK enum weft_status inspect_model_json(const struct weft_model *model);

#endif
