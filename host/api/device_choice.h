/* Chooses among several devices that one text means. Implemented in api_device.c and
 * api_choose.c. */
#ifndef WEFT_API_DEVICE_CHOICE_H
#define WEFT_API_DEVICE_CHOICE_H

#include "base/status.h"
#include "weft_device.h"
#include "weft_ranks.h"

/* Chooses device number `nth`, counted from 0, among those that `spec` means equally: all GPUs, or
 * all devices with this part in their names. Begins again after the last one. `chosen` receives its
 * spec, which is `spec` itself unless there are several. */
WEFT_MUST_CHECK enum weft_status device_choose(const char *spec, size_t nth,
                                               char chosen[WEFT_DEVICE_SPEC_SIZE]);

/* A device that "auto" may choose. */
struct device_candidate {
    char spec[24]; /* for weft_device_create */
    struct weft_device_info info;
    double gflops; /* rate of the training run; NaN: unknown; 0: the device failed */
};

enum { MOST_CANDIDATES = 8 };

/* Lists the devices that "auto" may choose: first the one that it takes if nothing is measured,
 * then other OpenCL devices, then the CPU backend. Their rates are NaN. */
WEFT_MUST_CHECK enum weft_status device_candidates(
    struct device_candidate candidates[MOST_CANDIDATES], size_t *count);

/* Returns the index of the candidate to take: the fastest one. The first one stays if its rate is
 * unknown, or if no other is faster by a twentieth, because times vary. */
size_t device_fastest(const struct device_candidate *candidates, size_t count);

#endif
