/* How much memory a device has for a training run, and whether counted memory exceeds it. */
#ifndef WEFT_BACKEND_DEVICE_MEMORY_H
#define WEFT_BACKEND_DEVICE_MEMORY_H

#include <string.h>

#include "backend/backend.h"

/* Returns the bytes that the buffers of the device may have together, or 0 for no limit. On the CPU
 * backend, only weft_device_limit_memory sets a limit. */
static inline uint64_t device_memory(const struct weft_device *device)
{
    const uint64_t global = device->info.opencl ? device->info.global_bytes : 0;
    const uint64_t limit = device->memory_limit;
    return limit > 0 && (global == 0 || limit < global) ? limit : global;
}

/* Whether `needed` bytes exceed a limit, where 0 means no limit. */
static inline bool memory_exceeds(uint64_t needed, uint64_t limit)
{
    return limit > 0 && needed > limit;
}

/* Whether a device shares the memory of the host. */
static inline bool device_shares_memory(const struct weft_device *device)
{
    return device->info.unified_memory || strcmp(device->info.type, "cpu") == 0;
}

#endif
