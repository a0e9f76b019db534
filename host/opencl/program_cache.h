/* Compiled programs, stored beside the device record, so that a second start compiles nothing.
 *
 * Weft never trusts a stored program. The driver gets only bytes that are exactly the stored ones.
 * If the driver rejects a program, Weft builds it from source again. Every program must pass the
 * known-answer test.
 */
#ifndef WEFT_OPENCL_PROGRAM_CACHE_H
#define WEFT_OPENCL_PROGRAM_CACHE_H

#include "opencl/opencl_device.h"

/* Whether to keep programs of this platform. Some drivers keep them themselves. */
bool program_cache_wanted(const char *platform);

/* Loads the program of `digest` (of source and options) for this device and builds it with
 * `options`. *program is NULL if there is none or the driver rejects it. It fails only if memory
 * runs out. */
WEFT_MUST_CHECK enum weft_status program_cache_read(struct opencl_device *device, uint64_t digest,
                                                    const char *options, cl_program *program);

/* Stores device->program. A failure goes only to the device's log function. */
void program_cache_write(struct opencl_device *device, uint64_t digest);

#endif
