/* Replaces engines that compute wrong results on a device.
 *
 * A repair never starts on its own. The known-answer test finds wrong results, asks for a repair,
 * and tests again. A fused step, or one with the middle kernel, is replaced by steps by operation.
 * CLBlast is replaced by its next setting, then by Weft's own kernels. These are replaced by
 * CLBlast, then by each other; products.c has the order. A wrong engine is not used for any product
 * of the device.
 */
#ifndef WEFT_OPENCL_REPAIR_H
#define WEFT_OPENCL_REPAIR_H

#include "opencl/opencl_device.h"

/* The operation `repair` of backend.h. */
enum weft_status opencl_repair(struct weft_device *device, bool step, struct repair_change *change);

/* Marks what an earlier run found wrong as unusable. The caller puts the CLBlast setting in
 * force. */
void repair_take(struct opencl_device *device, const struct record_repair *repair);

/* Whether this CLBlast setting computed wrong results. */
bool repair_has_setting(const struct record_repair *repair, const char *setting);

#endif
