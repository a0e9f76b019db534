/* Finds features that are far from what a model was trained on, such as a column in another unit.
 */
#ifndef WEFT_DATA_FAR_FEATURES_H
#define WEFT_DATA_FAR_FEATURES_H

#include "data/dataset.h"
#include "data/notes.h"
#include "data/scale.h"
#include "data/schema.h"

/* Counts over all blocks of the data. */
struct far_features {
    const struct scale *scale; /* borrowed; with 0 features, nothing is counted */
    size_t samples;            /* so far */
    size_t *counts;            /* [D] owned: samples over 20 standard deviations from the mean */
};

/* Starts counting with a scale. */
WEFT_MUST_CHECK enum weft_status far_features_init(struct far_features *far,
                                                   const struct scale *scale);
/* Counts the far features of a data set. */
WEFT_MUST_CHECK enum weft_status far_features_add(struct far_features *far,
                                                  const struct weft_dataset *dataset);

/* Tells the user about the features for which a tenth of the samples or more is far.
 *
 * subject   begins the note: a file
 * schema    names the features and knows their shifts; NULL: they are numbered, and not shifted */
void far_features_report(const struct far_features *far, const char *subject,
                         const struct schema *schema, struct notes notes);
void far_features_reset(struct far_features *far);

#endif
