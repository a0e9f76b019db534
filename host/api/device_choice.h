/* Chooses among several devices that one text means. Implemented in api_device.c. */
#ifndef WEFT_API_DEVICE_CHOICE_H
#define WEFT_API_DEVICE_CHOICE_H

#include "base/status.h"
#include "weft_ranks.h"

/* Returns true if `spec` is a list of specs, such as "0,1" or "gpu,cpu". Names of devices may
 * contain commas, so a list has only indexes, pairs P:D, and the words auto, cpu, opencl and gpu.
 */
bool device_spec_is_list(const char *spec);

/* Chooses device number `nth`, counted from 0, among those that `spec` means equally: all GPUs, or
 * all devices with this part in their names. Begins again after the last one. `chosen` receives its
 * spec, which is `spec` itself unless there are several. */
WEFT_MUST_CHECK enum weft_status device_choose(const char *spec, size_t nth,
                                               char chosen[WEFT_DEVICE_SPEC_SIZE]);

#endif
