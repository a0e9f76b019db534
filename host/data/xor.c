/* The built-in XOR data set. */
#include "data/xor.h"

#include <string.h>

enum { SAMPLES = 4, FEATURES = 2, CLASSES = 2 };

static const float xor_x[SAMPLES][FEATURES] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
static const int32_t xor_labels[SAMPLES] = {0, 1, 1, 0};

enum weft_status xor_create(struct weft_dataset **dataset)
{
    struct weft_dataset *made;
    *dataset = NULL;
    TRY(dataset_allocate("xor", SAMPLES, FEATURES, true, &made));
    memcpy(made->x, xor_x, sizeof xor_x);
    memcpy(made->labels, xor_labels, sizeof xor_labels);
    enum weft_status status = dataset_finish(made, CLASSES, NULL);
    if (status == WEFT_OK)
        *dataset = made;
    else
        weft_dataset_destroy(made);
    return status;
}
