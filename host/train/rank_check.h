/* Makes sure that all ranks train the same: the same options, data and initial weights. */
#ifndef WEFT_TRAIN_RANK_CHECK_H
#define WEFT_TRAIN_RANK_CHECK_H

#include "train/checkpoint.h"

/* Compares digests with the other ranks of `group`. `resumed` is the checkpoint that the run
 * continues, or NULL. All ranks must call it. Returns WEFT_ERROR_DISTRIBUTED, with what differs, on
 * all of them. */
WEFT_MUST_CHECK enum weft_status rank_check(struct slice_group *group, struct weft_moment *moment,
                                            const struct weft_checkpoint *resumed);

/* Writes which slices run on which device into `text` [size], or "" if all devices have the same
 * name. `name` is that of this rank. All ranks must call it. */
WEFT_MUST_CHECK enum weft_status rank_devices(struct slice_group *group, size_t slices,
                                              const char *name, char *text, size_t size);

#endif
