/* Implements weft_device_choose: compares the measured rates of the devices, and measures what is
 * unknown if the training run is long. Small work needs no choice, and no OpenCL at all. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "api/device_choice.h"
#include "api/device_record.h"
#include "api/training_rate.h"
#include "base/memory.h"
#include "bench/figures.h"
#include "bench/quick.h"
#include "network/model.h"
#include "opencl/opencl.h"
#include "options/options.h"
#include "train/scaling.h"
#include "train/trainer.h"
#include "train/training_options.h"

/* A training run is long from LONG_RUN operations on, about ten seconds on a fast CPU. A
 * measurement runs about QUICK_WORK operations for QUICK_SECONDS. Larger batches or networks take
 * too long. */
static const double LONG_RUN = 1e12, QUICK_WORK = 4e9, QUICK_SECONDS = 0.2, MOST_WORK = 4e10;
enum { MOST_WEIGHTS = 1 << 25 };

/* The CPU backend finishes small work within hundredths of a second. Listing the OpenCL platforms
 * and loading built kernels takes longer. */
static const double SMALL_WORK = 1e9;

/* Everything is borrowed. */
struct choosing {
    const struct network *network;
    const struct weft_options *options; /* settled */
    const struct weft_dataset *train;
    size_t models; /* to train one after another */
    struct batch_plan batches;
    struct device_candidate *candidates; /* [count] */
    size_t count;
};

/* ---- what is known ---- */

size_t device_fastest(const struct device_candidate *candidates, size_t count)
{
    static const double margin = 1.05;
    size_t best = 0;
    for (size_t i = 1; i < count; i++)
        if (candidates[i].gflops > margin * candidates[0].gflops &&
            candidates[i].gflops > candidates[best].gflops)
            best = i;
    return best;
}

/* Reads what the record of a candidate knows about the network. */
static enum weft_status rate_read(const struct choosing *choosing,
                                  struct device_candidate *candidate)
{
    struct record *record = NULL;
    const enum weft_status status = device_record_open(&candidate->info, &record);
    if (status == WEFT_ERROR_MEMORY)
        return status;
    candidate->gflops =
        training_rate_measured(record, choosing->network, choosing->batches.largest);
    record_destroy(record);
    return WEFT_OK;
}

static enum weft_status rates_read(const struct choosing *choosing)
{
    for (size_t i = 0; i < choosing->count; i++)
        TRY(rate_read(choosing, &choosing->candidates[i]));
    return WEFT_OK;
}

/* ---- measuring ---- */

/* The operations of the whole training run. */
static double run_operations(const struct choosing *choosing)
{
    return epoch_operations(choosing->network, choosing->batches.samples) *
           (double)choosing->options->epochs * (double)choosing->models;
}

/* The batches of a measurement. 0: the run is short, or a measurement would take long. */
static size_t quick_batches(const struct choosing *choosing)
{
    const struct network *network = choosing->network;
    const double batch = epoch_operations(network, choosing->batches.largest);
    if (run_operations(choosing) < LONG_RUN || batch > MOST_WORK ||
        network->weight_count > MOST_WEIGHTS)
        return 0;
    return size_min((size_t)fmax(QUICK_WORK / batch, 1.0),
                    choosing->batches.samples / choosing->batches.largest);
}

static void rate_keep(const struct choosing *choosing, const struct device_candidate *candidate)
{
    struct record *record = NULL;
    struct record_speed speed = {.batch = choosing->batches.largest, .gflops = candidate->gflops};
    if (!network_to_text(choosing->network, speed.network, sizeof speed.network) ||
        device_record_open(&candidate->info, &record) != WEFT_OK)
        return;
    record_add_speed(record, &speed);
    (void)!record_store(record); /* the next run measures again */
    record_destroy(record);
}

/* Measures a candidate, and keeps what it finds. Divergence and a lack of memory say nothing about
 * the speed of a device. */
static void candidate_measure(const struct choosing *choosing, const struct bench_job *job,
                              struct device_candidate *candidate)
{
    const enum weft_status status =
        quick_measure(job, candidate->spec, QUICK_SECONDS, &candidate->gflops);
    if (status == WEFT_OK && candidate->gflops > 0.0 && isfinite(candidate->gflops))
        rate_keep(choosing, candidate);
    else if (status == WEFT_ERROR_DIVERGED || status == WEFT_ERROR_MEMORY)
        candidate->gflops = (double)NAN;
    else
        candidate->gflops = 0.0;
}

/* Measures the device that auto takes otherwise, and the CPU backend, unless they are known.
 * `train` is the first batches of the training run. */
static enum weft_status ends_measure(const struct choosing *choosing,
                                     const struct weft_model *model,
                                     const struct weft_dataset *train)
{
    static const struct weft_bench_plan plan = {.device_count = 0};
    const size_t last = choosing->count - 1;
    const struct training_sets sets = {.train = train};
    struct weft_options options = *choosing->options;
    struct scaling scaling;
    options.batches = 0;
    options.batch_size = choosing->batches.largest;
    const enum weft_status status = scaling_settle(&scaling, model, &options, false, &sets);
    const struct bench_job job = {.plan = &plan,
                                  .network = &model->network,
                                  .parameters = model->parameters,
                                  .options = &options,
                                  .scale = scaling.in_use,
                                  .train = scaling.sets.train,
                                  .device_create = weft_device_create,
                                  .device_destroy = weft_device_destroy};
    for (size_t i = 0; i <= last && status == WEFT_OK; i += last)
        if (isnan(choosing->candidates[i].gflops))
            candidate_measure(choosing, &job, &choosing->candidates[i]);
    scaling_reset(&scaling);
    return status;
}

static enum weft_status unknown_measure(const struct choosing *choosing)
{
    const struct device_candidate *candidates = choosing->candidates;
    const size_t batches = quick_batches(choosing);
    struct weft_dataset first = *choosing->train; /* it shares all arrays */
    struct weft_model *model = NULL;
    if (batches == 0 ||
        (!isnan(candidates[0].gflops) && !isnan(candidates[choosing->count - 1].gflops)))
        return WEFT_OK;
    first.samples = batches * choosing->batches.largest;
    TRY(weft_model_create(choosing->options, choosing->train, &model));
    const enum weft_status status = ends_measure(choosing, model, &first);
    weft_model_destroy(model);
    return status;
}

/* ---- the choice ---- */

static void text_add(char *text, size_t size, const struct choosing *choosing, size_t index)
{
    const struct device_candidate *candidate = &choosing->candidates[index];
    const double gflop = 1e-9 * epoch_operations(choosing->network, choosing->batches.samples);
    const size_t used = strlen(text);
    char name[40] = "CPU backend";
    if (candidate->info.opencl)
        snprintf(name, sizeof name, "OpenCL device %zu", candidate->info.index);
    if (used == 0)
        snprintf(text, size, "measured %.2g s an epoch", gflop / candidate->gflops);
    else if (candidate->gflops == 0.0)
        snprintf(text + used, size - used, "; %s failed", name);
    else
        snprintf(text + used, size - used, "; %s %.2g s", name, gflop / candidate->gflops);
}

/* The first candidate is the device of "auto", which weft_device_create opens with its notes. */
static void choice_set(const struct choosing *choosing, size_t index,
                       struct weft_device_choice *choice)
{
    if (index > 0)
        snprintf(choice->device, sizeof choice->device, "%s", choosing->candidates[index].spec);
}

/* Compares the rates. Without two of them, no time decides. */
static void rates_compare(const struct choosing *choosing, struct weft_device_choice *choice)
{
    const size_t best = device_fastest(choosing->candidates, choosing->count);
    size_t known = 0;
    for (size_t i = 0; i < choosing->count; i++)
        known += !isnan(choosing->candidates[i].gflops);
    if (known < 2 || !(choosing->candidates[best].gflops > 0.0))
        return;
    choice_set(choosing, best, choice);
    text_add(choice->why, sizeof choice->why, choosing, best);
    for (size_t i = 0; i < choosing->count; i++)
        if (i != best && !isnan(choosing->candidates[i].gflops))
            text_add(choice->why, sizeof choice->why, choosing, i);
}

/* Chooses the device with this name. Returns false if it is not there. */
static bool choose_again(const struct choosing *choosing, const char *name,
                         struct weft_device_choice *choice)
{
    for (size_t i = 0; i < choosing->count; i++)
        if (strcmp(choosing->candidates[i].info.name, name) == 0) {
            choice_set(choosing, i, choice);
            return true;
        }
    return false;
}

/* Chooses the CPU backend if `operations` are few. Returns false otherwise, or if the kernels of
 * devices are to be tested. */
static bool choose_small(double operations, const char *work, struct weft_device_choice *choice)
{
    if (!(operations <= SMALL_WORK) || opencl_is_replaced())
        return false;
    *choice = (struct weft_device_choice){.device = "cpu"};
    snprintf(choice->why, sizeof choice->why, "%s: starting OpenCL would take longer", work);
    return true;
}

static enum weft_status choose(struct choosing *choosing, const char *last, bool measure,
                               struct weft_device_choice *choice)
{
    if (last == NULL && choosing->options->check_every == 0 &&
        choose_small(run_operations(choosing), "a small training run", choice))
        return WEFT_OK;
    TRY(device_candidates(choosing->candidates, &choosing->count));
    if (choosing->count < 2 || (last != NULL && choose_again(choosing, last, choice)))
        return WEFT_OK;
    TRY(rates_read(choosing));
    if (measure)
        TRY(unknown_measure(choosing));
    rates_compare(choosing, choice);
    return WEFT_OK;
}

enum weft_status weft_device_choose(const struct weft_options *options,
                                    const struct weft_dataset *train, size_t models,
                                    const char *last, bool measure,
                                    struct weft_device_choice *choice)
{
    struct device_candidate candidates[MOST_CANDIDATES];
    struct weft_options whole, settled;
    struct weft_model *outline = NULL; /* without parameters, which may need much memory */
    *choice = (struct weft_device_choice){.device = "auto"};
    TRY(options_take(options, &whole));
    TRY(model_outline(&whole, train, &outline));
    enum weft_status status = training_options_settle(
        &whole, &outline->network, (struct training_data){.train = train}, &settled);
    if (status == WEFT_OK) {
        struct choosing choosing = {.network = &outline->network,
                                    .options = &settled,
                                    .train = train,
                                    .models = models,
                                    .batches = trainer_batch_plan(&settled, train),
                                    .candidates = candidates};
        status = choose(&choosing, last, measure, choice);
    }
    weft_model_destroy(outline);
    return status;
}

void weft_device_choose_predict(const struct weft_model *model, size_t samples,
                                struct weft_device_choice *choice)
{
    const double runs = (1.0 + (double)model->member_count) * (model->mirror_width > 0 ? 2.0 : 1.0);
    const double operations = 2.0 * (double)model->network.weight_count * (double)samples * runs;
    if (!choose_small(operations, "few predictions", choice))
        *choice = (struct weft_device_choice){.device = "auto"};
}
