/* Implements training_state.h. */
#include "train/training_state.h"

#include <string.h>

#include "base/memory.h"

/* Arrays of values besides those of the optimizer: trained, previous and best. */
enum { KEPT = 3 };

/* Returns the bytes of the state and its arrays, or SIZE_MAX if they overflow. */
static size_t bytes_of(size_t values, size_t arrays, size_t batches)
{
    size_t floats, metrics, all;
    const bool fits = size_multiply(values, arrays + KEPT, &floats) &&
                      size_multiply(floats, sizeof(float), &floats) &&
                      size_multiply(batches, sizeof(struct batch_metrics), &metrics) &&
                      size_add(floats, metrics, &all) &&
                      size_add(all, sizeof(struct training_state), &all);
    return fits ? all : SIZE_MAX;
}

enum weft_status training_state_count(const struct network *network,
                                      const struct weft_options *options, size_t batches,
                                      struct memory_count *count)
{
    const struct optimizer optimizer = optimizer_make(options);
    const size_t values = network->value_count, arrays = optimizer_state_count(&optimizer);
    const size_t kept = size_product(size_product(values, KEPT), sizeof(float));
    const size_t updated = size_product(size_product(values, arrays), sizeof(float));
    const size_t all = bytes_of(values, arrays, batches);
    memory_count_bytes(count, WEFT_MEMORY_PARAMETERS, kept);
    memory_count_bytes(count, WEFT_MEMORY_OPTIMIZER, updated);
    if (all < SIZE_MAX)
        memory_count_bytes(count, WEFT_MEMORY_WORKSPACE, all - kept - updated);
    return WEFT_OK;
}

enum weft_status training_state_create(const struct network *network,
                                       const struct weft_options *options, size_t batches,
                                       struct training_state **state)
{
    const struct optimizer optimizer = optimizer_make(options);
    const size_t values = network->value_count, arrays = optimizer_state_count(&optimizer);
    const size_t bytes = bytes_of(values, arrays, batches);
    struct training_state *made = memory_zeroed(bytes, 1);
    if (made == NULL)
        return memory_exhausted(bytes, 1);
    made->values = values;
    made->batches = batches;
    made->optimizer = optimizer.kind;
    made->arrays = arrays;
    made->schedule = schedule_make(options, batches);
    made->monitor = monitor_make(options);
    made->plateau = monitor_make(options);
    made->metrics = (struct batch_metrics *)(made + 1);
    made->trained = (float *)(made->metrics + batches);
    made->previous = made->trained + (arrays + 1) * values;
    made->best = made->previous + values;
    *state = made;
    return WEFT_OK;
}

/* Copies what a monitor has seen. How it judges stays with the options. */
static void monitor_follow(struct monitor *monitor, const struct monitor *from)
{
    if (monitor->what != from->what)
        return;
    monitor->best = from->best;
    monitor->best_epoch = from->best_epoch;
    monitor->worse = from->worse;
}

bool training_state_follow(struct training_state *state, const struct training_state *from)
{
    if (from == NULL || from->steps == 0 || from->optimizer != state->optimizer ||
        from->arrays != state->arrays)
        return false;
    state->steps = from->steps;
    state->schedule.drops = from->schedule.drops;
    if (state->monitor.patience > 0)
        monitor_follow(&state->monitor, &from->monitor);
    monitor_follow(&state->plateau, &from->plateau);
    /* The three arrays of floats follow each other. */
    memcpy(state->trained, from->trained, (state->arrays + KEPT) * state->values * sizeof(float));
    return true;
}

enum weft_status training_state_take(struct training_state *state, const struct backend *backend,
                                     struct workspace *workspace)
{
    for (size_t i = 0; i < state->arrays; i++)
        TRY(backend->state_download(workspace, i, state->trained + i * state->values));
    return backend->parameters_download(workspace, state->trained + state->arrays * state->values);
}

enum weft_status training_state_put(const struct training_state *state,
                                    const struct backend *backend, struct workspace *workspace)
{
    for (size_t i = 0; i < state->arrays; i++)
        TRY(backend->state_upload(workspace, i, state->trained + i * state->values));
    return backend->parameters_upload(workspace, state->trained + state->arrays * state->values);
}
