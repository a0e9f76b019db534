/* Drivers that end the program: some call abort() or exit() where they should return an error. The
 * user is then told which driver it was, and gets the exit code of a device that fails; or, where
 * any device would do, the program starts again without OpenCL. A normal run pays two system calls.
 */
#ifndef WEFT_APP_DRIVER_WATCH_H
#define WEFT_APP_DRIVER_WATCH_H

#include "weft.h"

/* Keeps `argv`, borrowed as long as the program runs. Nothing is watched yet. */
void driver_watch_install(int argc, char **argv);

/* From now on, an end that the program did not choose is the driver's of this device; NULL: of one
 * that is being opened as `spec`, or with NULL again of any. The CPU backend has no driver. */
void driver_watch_begin(const struct weft_device_info *info, const char *spec);

/* Such an end starts the program again with --device cpu, until driver_watch_stay. */
void driver_watch_may_restart(void);

/* Output has begun: starting again would repeat it. */
void driver_watch_stay(void);

/* The program ends by itself now. */
void driver_watch_end(void);

#endif
