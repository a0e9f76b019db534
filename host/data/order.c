/* Divides an epoch into batches. */
#include "data/order.h"

#include <assert.h>

#include "base/memory.h"

struct batch_plan batch_plan_make(size_t samples, size_t batches, size_t batch_size)
{
    assert(samples > 0 && (batches > 0 || batch_size > 0));
    struct batch_plan plan = {.samples = samples, .by_size = batches == 0};
    if (plan.by_size) {
        plan.size = size_min(batch_size, samples);
        plan.count = samples / plan.size + (samples % plan.size != 0);
        plan.largest = plan.size;
    } else {
        plan.count = size_min(batches, samples);
        plan.largest = samples / plan.count + (samples % plan.count != 0);
    }
    return plan;
}

void batch_plan_range(const struct batch_plan *plan, size_t index, size_t *first, size_t *count)
{
    assert(index < plan->count);
    if (plan->by_size) {
        *first = index * plan->size;
        *count = size_min(plan->size, plan->samples - *first);
    } else {
        const size_t part = plan->samples / plan->count;
        const size_t larger = plan->samples % plan->count; /* The first batches get one more. */
        *first = index * part + size_min(index, larger);
        *count = part + (index < larger);
    }
}
