/* Joins devices and ranks: attaches the ranks to a device, and chooses the device of a rank. */
#include <stdio.h>
#include <string.h>

#include "api/device_choice.h"
#include "api/device_spec.h"
#include "backend/backend.h"
#include "ranks/ranks.h"

void weft_ranks_attach(struct weft_ranks *ranks, struct weft_device *device)
{
    device->group = ranks_group(ranks);
}

void weft_ranks_get_slices(const struct weft_ranks *ranks, size_t rank, size_t slices,
                           size_t *first, size_t *count)
{
    struct weft_ranks_info info;
    weft_ranks_get_info(ranks, &info);
    slice_range(slices, info.ranks, rank, first, count);
}

/* Copies item `index` of a list that is separated by commas. Returns the number of items. */
static size_t list_item(const char *list, size_t index, char *item, size_t size)
{
    size_t count = 0;
    for (const char *at = list;; count++) {
        const size_t length = strcspn(at, ",");
        if (count == index)
            snprintf(item, size, "%.*s", (int)length, at);
        if (at[length] == '\0')
            return count + 1;
        at += length + 1;
    }
}

enum weft_status weft_ranks_choose_device(const struct weft_ranks *ranks, const char *spec,
                                          char chosen[WEFT_DEVICE_SPEC_SIZE])
{
    struct weft_ranks_info info;
    char item[WEFT_DEVICE_SPEC_SIZE], before[WEFT_DEVICE_SPEC_SIZE];
    weft_ranks_get_info(ranks, &info);
    if (spec == NULL)
        spec = "auto";
    if (!device_spec_is_list(spec))
        return device_choose(spec, info.machine_rank, chosen);
    const size_t items = list_item(spec, 0, item, sizeof item);
    (void)list_item(spec, info.machine_rank % items, item, sizeof item);
    size_t nth = 0; /* "gpu,gpu" means two GPUs */
    for (size_t r = 0; r < info.machine_rank; r++) {
        (void)list_item(spec, r % items, before, sizeof before);
        nth += strcmp(before, item) == 0;
    }
    return device_choose(item, nth, chosen);
}

size_t weft_device_spec_count(const char *spec)
{
    char unused[WEFT_DEVICE_SPEC_SIZE];
    return device_spec_is_list(spec) ? list_item(spec, 0, unused, sizeof unused) : 1;
}

const char *weft_ranks_library(void)
{
    return ranks_library();
}

bool weft_ranks_available(void)
{
    return ranks_library()[0] != '\0';
}
