/* Implements weft_bench: checks that everything fits, measures (bench/bench.c), and remembers the
 * speed of each device for plans. */
#include <math.h>

#include "api/device_record.h"
#include "base/memory.h"
#include "bench/bench.h"
#include "network/model.h"
#include "train/scaling.h"
#include "train/training_options.h"
#include "weft_device.h"

static enum weft_status plan_check(const struct weft_bench_plan *plan)
{
    if (plan->device_count < 1 || plan->device_count > WEFT_BENCH_SIDES)
        return fail(WEFT_ERROR_USAGE, "devices: got %zu, need 1 to %d", plan->device_count,
                    WEFT_BENCH_SIDES);
    if (plan->rounds < WEFT_BENCH_ROUNDS || plan->rounds > WEFT_BENCH_MOST_ROUNDS)
        return fail(WEFT_ERROR_USAGE, "rounds: got %zu, need a whole number from %d to %d",
                    plan->rounds, WEFT_BENCH_ROUNDS, WEFT_BENCH_MOST_ROUNDS);
    return WEFT_OK;
}

/* Measures what training would do. On entry, `bench` is zero. */
static enum weft_status measure(const struct weft_bench_plan *plan, const struct weft_model *model,
                                const struct weft_options *options,
                                const struct weft_dataset *train, struct weft_bench *bench)
{
    struct scaling scaling;
    const struct training_sets sets = {.train = train};
    enum weft_status status = scaling_settle(&scaling, model, options, false, &sets);
    const struct bench_job job = {.plan = plan,
                                  .network = &model->network,
                                  .parameters = model->parameters,
                                  .options = options,
                                  .scale = scaling.in_use,
                                  .train = scaling.sets.train,
                                  .device_count = weft_device_count,
                                  .device_create = weft_device_create,
                                  .device_destroy = weft_device_destroy};
    if (status == WEFT_OK)
        status = bench_run(&job, bench);
    scaling_reset(&scaling);
    return status;
}

/* Stores the speed of a side in the record of its device, if that is possible. Nothing but a plan
 * without a time is lost otherwise. */
static void speed_keep(const struct weft_bench_side *side, struct record_speed *speed)
{
    struct record *record = NULL;
    speed->gflops = side->gflops;
    if (!isfinite(speed->gflops) || speed->gflops <= 0.0 ||
        device_record_open(&side->device, &record) != WEFT_OK)
        return;
    record_add_speed(record, speed);
    (void)!record_store(record);
    record_destroy(record);
}

/* Sides that disagree have not done the same work. */
static void speeds_keep(const struct weft_bench *bench, const struct network *network)
{
    struct record_speed speed = {.batch = bench->largest};
    if (bench->stopped || !(bench->disagreement <= bench->disagreement_limit) ||
        !network_to_text(network, speed.network, sizeof speed.network))
        return;
    for (size_t i = 0; i < bench->side_count; i++)
        speed_keep(&bench->sides[i], &speed);
}

enum weft_status weft_bench(const struct weft_bench_plan *plan, const struct weft_model *model,
                            const struct weft_options *options, const struct weft_dataset *train,
                            struct weft_bench **bench)
{
    *bench = NULL;
    struct weft_options settled;
    TRY(plan_check(plan));
    TRY(training_options_settle(options, &model->network, (struct training_data){.train = train},
                                &settled));
    const struct dataset_needs needs = model_needs(model);
    TRY(dataset_fits(train, &needs));
    TRY(NEW_ARRAY(*bench, 1));
    const enum weft_status status = measure(plan, model, &settled, train, *bench);
    if (status != WEFT_OK) {
        weft_bench_destroy(*bench);
        *bench = NULL;
        return status;
    }
    speeds_keep(*bench, &model->network);
    return WEFT_OK;
}

void weft_bench_destroy(struct weft_bench *bench)
{
    memory_free(bench);
}

size_t weft_bench_pays_from(const struct weft_bench *const *benches, size_t count)
{
    size_t from = count;
    while (from > 0 && benches[from - 1]->sides[0].speedup > 1.0)
        from--;
    return from;
}
