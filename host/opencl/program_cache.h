/* Compiled programs kept beside the device record, so that a second start compiles nothing.
 *
 * A kept program is never trusted: bytes that are not exactly those that were kept are not handed
 * to the driver, a program that the driver does not take is built from source again, and whatever
 * comes out passes the known-answer test like any other.
 */
#ifndef WEFT_OPENCL_PROGRAM_CACHE_H
#define WEFT_OPENCL_PROGRAM_CACHE_H

#include "opencl/opencl_device.h"

/* Whether programs of this platform are worth keeping: not where the driver keeps them itself. */
bool program_cache_wanted(const char *platform);

/* The program of `digest` (of source and options) that was kept for this device, built with
 * `options`; NULL where there is none, or none that the driver takes. Fails for lack of memory
 * only. */
WEFT_MUST_CHECK enum weft_status program_cache_read(struct opencl_device *device, uint64_t digest,
                                                    const char *options, cl_program *program);

/* Keeps device->program. That it cannot is told to the device's log and to nobody else. */
void program_cache_write(struct opencl_device *device, uint64_t digest);

#endif
