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
    const struct check_result *fault = &tally->first_fault;
    if (fault->name == NULL)
        return WEFT_OK;
    return fail(WEFT_ERROR_WRONG_RESULT,
                "%s (driver %s): %s %s: %s, element %zu: got %.9g, need %.9g within %.3g: this "
                "device computes wrong results (%zu of %zu)",
                device->info.name, device->info.driver, fault->name, fault->shape, fault->array,
                fault->index, fault->got, fault->want, fault->bound, tally->check->failed,
                tally->check->results);
}
