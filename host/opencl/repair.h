/* Engines that compute wrong on a device give way to others.
 *
 * Nothing is repaired by itself: the known-answer test finds what is wrong, asks for a repair, and
 * tests again. A step in one kernel gives way to steps by operation. CLBlast gives way to its next
 * setting, then to Weft's own kernels, and these to CLBlast, then to each other: products.c has the
 * order. A wrong engine is wrong for every product of the device.
 */
#ifndef WEFT_OPENCL_REPAIR_H
#define WEFT_OPENCL_REPAIR_H

#include "opencl/opencl_device.h"

/* The operation of backend.h. */
enum weft_status opencl_repair(struct weft_device *device, bool step, struct repair_change *change);

/* Leaves alone what an earlier run found wrong. The setting is the caller's to put in force. */
void repair_take(struct opencl_device *device, const struct record_repair *repair);

/* Whether this CLBlast setting was among what computed wrong. */
bool repair_has_setting(const struct record_repair *repair, const char *setting);

#endif
