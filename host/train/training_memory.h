/* Counts the memory of a training before it starts. */
#ifndef WEFT_TRAIN_TRAINING_MEMORY_H
#define WEFT_TRAIN_TRAINING_MEMORY_H

#include "train/trainer.h"

/* Counts what trainer_run would allocate until the first batch, and what the data sets and the
 * model hold. `options` are settled. Without a device, the memory of its backend is not counted. */
WEFT_MUST_CHECK enum weft_status training_memory_count(struct weft_device *device,
                                                       const struct network *network,
                                                       const struct weft_options *options,
                                                       const struct training_sets *sets,
                                                       struct memory_counts *counts);

/* Counts what an ensemble of `members` adds while its later members train. The first member keeps
 * its optimizer state until the second one is complete. */
void training_memory_count_members(const struct network *network,
                                   const struct weft_options *options, size_t batches,
                                   size_t members, struct memory_count *count);

#endif
