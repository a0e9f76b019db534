/* Times a training on several devices: the room behind weft_bench.
 *
 * A benchmark has five parts, in this order: start-up of each side in child processes of its own
 * (startup.h), then in this process the epochs of all sides in turn (side.h), the operations one by
 * one (profile.h), the ceilings (ceiling.h), and what follows from it all (figures.h). The epochs
 * are those of train/epoch_loop.h, exactly what training runs.
 */
#ifndef WEFT_BENCH_BENCH_H
#define WEFT_BENCH_BENCH_H

#include "backend/backend.h"
#include "data/dataset.h"
#include "weft_device.h"

/* What is timed, and how devices are opened. All borrowed. */
struct bench_job {
    const struct weft_bench_plan *plan;
    const struct network *network;
    const float *parameters;   /* [value_count] all sides start from these */
    const struct scale *scale; /* 0 features: none */
    const struct weft_options *options;
    const struct weft_dataset *train;

    /* weft_device_count, _create and _destroy, which belong to the room above */
    enum weft_status (*device_count)(size_t *count);
    enum weft_status (*device_create)(const char *spec, weft_log_function *log, void *user,
                                      struct weft_device **device);
    void (*device_destroy)(struct weft_device *device);
};

/* Two sides' losses of the same batch may differ by this much of them, see bench.c. */
extern const double bench_disagreement_limit;

/* The body of weft_bench, into `bench`, already zero. The network, data and options fit. */
WEFT_MUST_CHECK enum weft_status bench_run(const struct bench_job *job, struct weft_bench *bench);

/* Speed-ups and break-evens of all sides against the last one, from their times. */
void bench_conclude(struct weft_bench *bench);

#endif
