/* How the functions of weft.h use the record of a device: when it is opened, shown and kept. */
#ifndef WEFT_API_DEVICE_RECORD_H
#define WEFT_API_DEVICE_RECORD_H

#include "check/check.h"
#include "record/record.h"

/* Opens the record of the device that `info` describes. WEFT_ERROR_IO: the kernels of
 * WEFT_KERNEL_DIR cannot be read, so that nobody knows what the device would run. */
WEFT_MUST_CHECK enum weft_status device_record_open(const struct weft_device_info *info,
                                                    struct record **record);

/* As weft_device_create, but for what the record says of products: who measures them begins from
 * nothing. */
WEFT_MUST_CHECK enum weft_status device_create_as_shipped(const char *spec, weft_log_function *log,
                                                          void *user, struct weft_device **device);

/* info->checked and info->tuned as `record` (may be NULL) has it. */
void device_record_show(const struct record *record, struct weft_device_info *info);

/* Writes what was set in the record of `device`. That it cannot be written is told to the device's
 * log and to nobody else: only time is lost. */
void device_record_keep(struct weft_device *device);

/* known_answer_test, and what the record makes of it: a repair is kept, and after a
 * wrong result no earlier check counts any more. */
WEFT_MUST_CHECK enum weft_status device_known_answers(struct weft_device *device,
                                                      const struct known_answer_plan *plan);

#endif
