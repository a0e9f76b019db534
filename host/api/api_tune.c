/* Implements weft_tune: checks that everything fits, measures (tune/tune.c), and keeps the
 * winners. */
#include <string.h>

#include "api/device_record.h"
#include "base/memory.h"
#include "data/order.h"
#include "network/model.h"
#include "train/pass.h"
#include "train/targets.h"
#include "train/training_options.h"
#include "tune/tune.h"
#include "weft_device.h"

/* Keeps the known results of other networks, except products for which CLBlast won under another
 * setting. */
static void merge(const struct record_tuning *known, struct record_tuning *best)
{
    const struct record_tuning found = *best;
    const bool same_setting = strcmp(known->setting, found.setting) == 0;
    *best = *known;
    best->product_count = 0;
    for (size_t i = 0; i < known->product_count; i++)
        if (same_setting || strcmp(known->products[i].engine, "clblast") != 0)
            record_tuning_add_product(best, &known->products[i]);
    for (size_t i = 0; i < found.product_count; i++)
        record_tuning_add_product(best, &found.products[i]);
    for (size_t i = 0; i < found.step_count; i++)
        record_tuning_add_step(best, &found.steps[i]);
    memcpy(best->setting, found.setting, sizeof best->setting);
    best->date[0] = '\0';
}

/* Stores the winners in the record. The known setting stays if none was compared, none was right,
 * or none won. */
static enum weft_status keep_in(struct record *record, struct record_tuning *best)
{
    const struct record_tuning *known = record_last_tuning(record);
    if (known != NULL && best->setting[0] == '\0')
        memcpy(best->setting, known->setting, sizeof best->setting);
    if (known != NULL)
        merge(known, best);
    record_set_tuning(record, best);
    return record_store(record);
}

static enum weft_status keep(const struct weft_device_info *device, struct record_tuning *best)
{
    struct record *record = NULL;
    if (best->product_count == 0 && best->step_count == 0)
        return WEFT_OK;
    TRY(device_record_open(device, &record));
    const enum weft_status status = keep_in(record, best);
    record_destroy(record);
    return status;
}

static enum weft_status tune(const struct tune_job *job, struct weft_tuning *tuning)
{
    struct record_tuning *best = NULL;
    TRY(NEW_ARRAY(best, 1));
    enum weft_status status = tune_run(job, tuning, best);
    if (status == WEFT_OK && !tuning->stopped)
        status = keep(&tuning->device, best);
    memory_free(best);
    return status;
}

enum weft_status weft_tune(const struct weft_tune_plan *plan, const struct weft_model *model,
                           const struct weft_options *options, size_t samples,
                           struct weft_tuning **tuning)
{
    *tuning = NULL;
    if (plan->device != NULL && strcmp(plan->device, "cpu") == 0)
        return fail(WEFT_ERROR_USAGE,
                    "--device cpu: nothing to tune: the BLAS computes its matrix products; "
                    "need an OpenCL device");
    if (!(plan->seconds > 0.0))
        return fail(WEFT_ERROR_USAGE, "seconds: got %g, need more than 0", plan->seconds);
    if (samples == 0)
        return fail(WEFT_ERROR_USAGE, "samples: got 0, need at least 1");
    struct weft_options settled;
    TRY(training_options_settle(options, &model->network,
                                (struct training_data){.samples = samples}, &settled));
    const struct batch_plan batches = batch_plan_make(samples, settled.batches, settled.batch_size);
    const struct tune_job job = {.plan = plan,
                                 .network = &model->network,
                                 .batch = batches.largest,
                                 .block = PASS_BLOCK,
                                 .dense = targets_are_dense(&settled, &model->network, NULL),
                                 .device_create = device_create_as_shipped,
                                 .device_destroy = weft_device_destroy};
    TRY(NEW_ARRAY(*tuning, 1));
    const enum weft_status status = tune(&job, *tuning);
    if (status != WEFT_OK) {
        weft_tuning_destroy(*tuning);
        *tuning = NULL;
    }
    return status;
}

void weft_tuning_destroy(struct weft_tuning *tuning)
{
    if (tuning == NULL)
        return;
    memory_free(tuning->candidates);
    memory_free(tuning);
}
