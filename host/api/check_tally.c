/* Implements check_tally.h. */
#include "api/check_tally.h"
#include "weft_device.h"

static void tell(void *user, const struct check_result *result)
{
    struct check_tally *tally = user;
    const struct weft_check_result told = {.name = result->name,
                                           .shape = result->shape,
                                           .ok = result->ok,
                                           .worst = result->worst,
                                           .array = result->array,
                                           .index = result->index,
                                           .got = result->got,
                                           .want = result->want,
                                           .bound = result->bound};
    tally->check->results += 1;
    if (!result->ok)
        tally->check->failed += 1;
    if (!result->ok && tally->first_fault.name == NULL)
        tally->first_fault = *result;
    if (tally->function != NULL)
        tally->function(tally->user, &told);
}

struct check_sink check_tally_sink(struct check_tally *tally)
{
    return (struct check_sink){tally, tell};
}

enum weft_status check_tally_verdict(const struct check_tally *tally,
                                     const struct weft_device *device)
{
    char text[RESULT_TEXT_SIZE];
    if (tally->first_fault.name == NULL)
        return WEFT_OK;
    result_to_text(&tally->first_fault, text);
    return fail(WEFT_ERROR_WRONG_RESULT,
                "%s (driver %s): %s: this device computes wrong results (%zu of %zu)",
                device->info.name, device->info.driver, text, tally->check->failed,
                tally->check->results);
}
