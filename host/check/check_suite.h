/* Everything that `weft check` tests on a device: kernels, matrix products, and steps of small
 * networks and of the given one. */
#ifndef WEFT_CHECK_CHECK_SUITE_H
#define WEFT_CHECK_CHECK_SUITE_H

#include "check/check.h"

/* Checks kernels at the shape classes that break drivers: one element, odd sizes, whole
 * work-groups, more than one work-group, and beyond any work-group. Values are ordinary and
 * extreme. */
WEFT_MUST_CHECK enum weft_status check_kernels(struct weft_device *device,
                                               const struct check_plan *plan,
                                               const struct check_sink *sink);

/* Checks every matrix product of the network in all its forms, with operands at the start of their
 * arrays and at an offset. Random integers must match to the bit, and reals within bounds. It
 * checks Weft's own product kernels even if another engine is in use. */
WEFT_MUST_CHECK enum weft_status check_products(struct weft_device *device,
                                                const struct check_plan *plan,
                                                const struct check_sink *sink);

/* Checks steps of small networks of many shapes. Each stage is a result. */
WEFT_MUST_CHECK enum weft_status check_small_networks(struct weft_device *device,
                                                      const struct check_plan *plan,
                                                      const struct check_sink *sink);

/* Runs plan->steps steps of the network itself. Each stage of each layer is one result, the
 * worst of all steps. */
WEFT_MUST_CHECK enum weft_status check_network_steps(struct weft_device *device,
                                                     const struct check_plan *plan,
                                                     const struct check_sink *sink);

#endif
