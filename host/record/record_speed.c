/* The speeds in a record: [{"network": "784-50-10", "batch": 2400, "gflops": 41.5}]. A damaged
 * entry is skipped, and the others remain valid. */
#include <string.h>

#include "record/record_json.h"

void record_speeds_add(struct record_speeds *speeds, const struct record_speed *speed)
{
    struct record_speed *list = speeds->list;
    size_t at = 0;
    while (at < speeds->count &&
           (strcmp(list[at].network, speed->network) != 0 || list[at].batch != speed->batch))
        at++;
    if (at == RECORD_SPEEDS)
        at = 0;
    if (at < speeds->count)
        memmove(&list[at], &list[at + 1], (--speeds->count - at) * sizeof *list);
    list[speeds->count++] = *speed;
}

void record_json_get_speeds(const json_t *tree, struct record_speeds *speeds)
{
    const json_t *list = json_object_get(tree, "speeds");
    *speeds = (struct record_speeds){.count = 0};
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *object = json_array_get(list, i);
        struct record_speed speed = {.batch = 0};
        if (record_json_text(object, "network", speed.network, sizeof speed.network) &&
            record_json_size(object, "batch", &speed.batch) &&
            record_json_rate(object, &speed.gflops))
            record_speeds_add(speeds, &speed);
    }
}

enum weft_status record_json_set_speeds(json_t *tree, const struct record_speeds *speeds)
{
    json_t *list = json_array();
    bool whole = true;
    for (size_t i = 0; i < speeds->count; i++) {
        const struct record_speed *speed = &speeds->list[i];
        json_t *object = json_pack("{s:s, s:I, s:f}", "network", speed->network, "batch",
                                   (json_int_t)speed->batch, "gflops", speed->gflops);
        whole = json_array_append_new(list, object) == 0 && whole;
    }
    if (!whole) {
        json_decref(list);
        list = NULL;
    }
    return record_json_put(tree, "speeds", true, list);
}
