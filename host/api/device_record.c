/* Handles the record of a device. See device_record.h and record/record.h. */
#include "api/device_record.h"

#include <stdio.h>

#include "cpu/cpu.h"
#include "opencl/opencl.h"

enum weft_status device_record_open(const struct weft_device_info *info, struct record **record)
{
    struct record_key key = {.kernels = 0};
    if (info->opencl)
        TRY(opencl_kernels_digest(&key.kernels));
    snprintf(key.backend, sizeof key.backend, "%s", info->opencl ? "opencl" : "cpu");
    snprintf(key.platform, sizeof key.platform, "%s", info->platform);
    snprintf(key.device, sizeof key.device, "%s", info->name);
    snprintf(key.driver, sizeof key.driver, "%s", info->driver);
    snprintf(key.products, sizeof key.products, "%s",
             info->opencl ? opencl_products_name() : cpu_blas_name());
    return record_open(&key, record);
}

void device_record_show(const struct record *record, struct weft_device_info *info)
{
    const struct record_check *check = record_last_check(record);
    const struct record_tuning *tuning = record_last_tuning(record);
    snprintf(info->checked, sizeof info->checked, "%s", check != NULL ? check->date : "");
    snprintf(info->tuned, sizeof info->tuned, "%s", tuning != NULL ? tuning->date : "");
}

void device_record_keep(struct weft_device *device)
{
    const enum weft_status status = record_store(device->record);
    if (status != WEFT_OK && device->log != NULL)
        device->log(device->log_user, weft_error());
}

enum weft_status device_known_answers(struct weft_device *device, const struct check_plan *plan)
{
    char fault[2048] = "";
    const enum weft_status status = known_answer_test(device, plan, NULL);
    if (status != WEFT_OK)
        snprintf(fault, sizeof fault, "%s", weft_error());
    if (status == WEFT_ERROR_WRONG_RESULT && record_last_check(device->record) != NULL)
        record_set_check(device->record, NULL);
    device_record_keep(device);
    return status == WEFT_OK ? WEFT_OK : fail(status, "%s", fault);
}
