/* Texts that name several devices, such as "0,1" or "gpu,cpu". Names of devices may contain commas,
 * so a list has only indexes, pairs P:D, and the words auto, cpu, opencl and gpu. */
#ifndef WEFT_API_DEVICE_SPEC_H
#define WEFT_API_DEVICE_SPEC_H

#include <stdbool.h>
#include <stddef.h>

/* Returns the first item that a list cannot have, or NULL. `*known` receives the number of the
 * other items. */
const char *device_spec_wrong_item(const char *list, size_t *known);

/* Tells whether a text is a list of devices. */
bool device_spec_is_list(const char *spec);

#endif
