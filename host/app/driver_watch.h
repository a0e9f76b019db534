/* Watches for drivers that end the program. Some drivers call abort() or exit() when they should
 * return an error. The user then learns which driver it was, and the exit code is the code of a
 * failing device. If any device will do, the program starts again without OpenCL instead. A normal
 * run pays two system calls. */
#ifndef WEFT_APP_DRIVER_WATCH_H
#define WEFT_APP_DRIVER_WATCH_H

#include "weft.h"

/* Stores `argv`, which is borrowed for the life of the program. Watching does not begin yet. */
void driver_watch_install(int argc, char **argv);

/* Begins to blame the driver of this device for any unexpected end of the program. If `info` is
 * NULL, the device is being opened as `spec`. If `spec` is also NULL, it may be any device. The CPU
 * backend has no driver. */
void driver_watch_begin(const struct weft_device_info *info, const char *spec);

/* From now on, an unexpected end restarts the program with --device cpu, until
 * driver_watch_stay. */
void driver_watch_may_restart(void);

/* Forbids a restart, because output has begun and a restart would repeat it. */
void driver_watch_stay(void);

/* Stops watching, because the program is about to end normally. */
void driver_watch_end(void);

#endif
