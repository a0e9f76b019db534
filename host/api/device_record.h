/* Decides when the functions of weft.h open, show and keep the record of a device. */
#ifndef WEFT_API_DEVICE_RECORD_H
#define WEFT_API_DEVICE_RECORD_H

#include "check/check.h"
#include "record/record.h"

/* Opens the record of the device that `info` describes. Returns WEFT_ERROR_IO if the kernels of
 * WEFT_KERNEL_DIR cannot be read, because nobody knows what the device would run. */
WEFT_MUST_CHECK enum weft_status device_record_open(const struct weft_device_info *info,
                                                    struct record **record);

/* Works like weft_device_create, but ignores recorded results for products. A measurement of
 * products must start without them. */
WEFT_MUST_CHECK enum weft_status device_create_as_shipped(const char *spec, weft_log_function *log,
                                                          void *user, struct weft_device **device);

/* Fills info->checked and info->tuned from `record`, which may be NULL. */
void device_record_show(const struct record *record, struct weft_device_info *info);

/* Writes the changes in the record of `device`. If writing fails, only the log of the device is
 * told, because only time is lost. */
void device_record_keep(struct weft_device *device);

/* Runs known_answer_test and updates the record. A repair is kept. After a wrong result, earlier
 * checks no longer count. */
WEFT_MUST_CHECK enum weft_status device_known_answers(struct weft_device *device,
                                                      const struct check_plan *plan);

#endif
