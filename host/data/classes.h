/* Which classes a data set has, and how the classes of two data sets correspond: by name. */
#ifndef WEFT_DATA_CLASSES_H
#define WEFT_DATA_CLASSES_H

#include <math.h>

#include "data/dataset.h"
#include "data/notes.h"

/* Tells whether a double may stand for several whole numbers, so that classes would merge: above
 * 2^53. */
static inline bool classes_may_merge(double number)
{
    return fabs(number) > 0x1p53;
}
#define CLASSES_NEED_SMALLER "need at most 9007199254740992, because larger labels may merge"

/* Finishes a data set whose labels are whole numbers [N], which name the classes. Numbers from 0 to
 * DATASET_MOST_CLASSES - 1 are the classes themselves, and those without samples are left to
 * classes_drop_empty. Otherwise, the distinct numbers, in ascending order, are the classes. The
 * data set must have been allocated with labels. Returns the errors of dataset_finish, and
 * WEFT_ERROR_DATA for a number that is not whole or may merge, or for too many classes. */
WEFT_MUST_CHECK enum weft_status classes_finish_numbers(struct weft_dataset *dataset,
                                                        const double *numbers);

/* Tells the user if the labels of a training set look like quantities: more than 20 whole numbers,
 * each in fewer than 5 samples on average. */
void classes_doubt(const struct weft_dataset *dataset, struct notes notes);

/* Removes the classes without samples from a training set, and tells the user about it. A model
 * could not learn them. Does nothing without labels. */
WEFT_MUST_CHECK enum weft_status classes_drop_empty(struct weft_dataset *dataset,
                                                    struct notes notes);

/* Gives a data set the classes of a training set or a model: names [classes]. Labels are renumbered
 * by name. Samples of other classes are removed and counted in dataset->unseen, and the user is
 * told. Does nothing without labels.
 *
 * Returns WEFT_ERROR_DATA if no sample remains. */
WEFT_MUST_CHECK enum weft_status classes_map(struct weft_dataset *dataset, const char *const *names,
                                             size_t classes, struct notes notes);

#endif
