/* Sample weights of a data set. train/targets.c combines them with the weights of classes. */
#include <float.h>
#include <string.h>

#include "base/memory.h"
#include "data/dataset.h"

enum weft_status dataset_check_weights(const struct weft_dataset *dataset, const float *weights)
{
    bool all_zero = true;
    for (size_t i = 0; i < dataset->samples; i++) {
        if (!(weights[i] >= 0.0f && weights[i] <= FLT_MAX))
            return fail(WEFT_ERROR_DATA, "%s: sample %zu: weight: got %g, need 0 or more",
                        dataset->name, i, (double)weights[i]);
        all_zero = all_zero && weights[i] == 0.0f;
    }
    return all_zero ? fail(WEFT_ERROR_DATA, "%s: sample weights: all are 0, need one above",
                           dataset->name)
                    : WEFT_OK;
}

enum weft_status weft_dataset_set_weights(struct weft_dataset *dataset, const float *weights)
{
    float *copy = NULL; /* [N] */
    if (weights != NULL) {
        TRY(dataset_check_weights(dataset, weights));
        TRY(NEW_ARRAY(copy, dataset->samples));
        memcpy(copy, weights, dataset->samples * sizeof *copy);
    }
    memory_free(dataset->weights);
    dataset->weights = copy;
    return WEFT_OK;
}
