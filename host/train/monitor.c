/* Computes the number that early stopping watches. See monitor.h. */
#include "train/monitor.h"

#include <math.h>

#include "base/memory.h"
#include "train/score.h"

struct monitor monitor_make(const struct weft_options *options)
{
    return (struct monitor){.what = options->monitor,
                            .min_delta = options->min_delta,
                            .patience = options->patience,
                            .best = (double)NAN};
}

bool monitor_note(struct monitor *monitor, size_t epoch, double value)
{
    const double gain =
        monitor->what == WEFT_MONITOR_LOSS ? monitor->best - value : value - monitor->best;
    const bool better = monitor->best_epoch == 0 ? isfinite(value) : gain > monitor->min_delta;
    monitor->worse = better ? 0 : monitor->worse + 1;
    if (better) {
        monitor->best = value;
        monitor->best_epoch = epoch;
    }
    return better;
}

bool monitor_stops(const struct monitor *monitor)
{
    return monitor->patience > 0 && monitor->worse >= monitor->patience;
}

/* ---- macro F1 ---- */

/* Buffers and counts of one pass. All members are owned. */
struct counts {
    float *z, *p;                                /* [PASS_BLOCK][outputs] */
    size_t *true_positives, *predicted, *actual; /* [classes] */
};

static void count(struct counts *counts, size_t c, bool actual, bool predicted)
{
    counts->actual[c] += actual;
    counts->predicted[c] += predicted;
    counts->true_positives[c] += actual && predicted;
}

/* Counts sample `row` of the data set, whose outputs are z and p [outputs]. */
static void count_row(const struct network *network, const struct weft_dataset *dataset, size_t row,
                      const float *z, const float *p, struct counts *counts)
{
    const size_t outputs = network_outputs(network), classes = size_max(outputs, 2);
    if (network->task == WEFT_TASK_CLASSIFY) {
        const size_t label = (size_t)dataset->labels[row], predicted = score_class(z, p, outputs);
        for (size_t c = 0; c < classes; c++)
            count(counts, c, c == label, c == predicted);
        return;
    }
    for (size_t c = 0; c < outputs; c++)
        count(counts, c, dataset->targets[row * outputs + c] > 0.5f, p[c] > 0.5f);
}

static enum weft_status count_all(struct pass *pass, const struct device_data *data,
                                  const struct weft_dataset *dataset, struct counts *counts)
{
    const size_t samples = dataset->samples;
    const size_t outputs = network_outputs(pass->network), classes = size_max(outputs, 2);
    TRY(NEW_ARRAY(counts->z, PASS_BLOCK * outputs));
    TRY(NEW_ARRAY(counts->p, PASS_BLOCK * outputs));
    TRY(NEW_ARRAY(counts->true_positives, classes));
    TRY(NEW_ARRAY(counts->actual, classes));
    TRY(NEW_ARRAY(counts->predicted, classes));
    for (size_t first = 0; first < samples; first += PASS_BLOCK) {
        const size_t rows = size_min(PASS_BLOCK, samples - first);
        TRY(pass_outputs(pass, data, first, rows, false, counts->z, counts->p, NULL));
        for (size_t r = 0; r < rows; r++)
            count_row(pass->network, dataset, first + r, counts->z + r * outputs,
                      counts->p + r * outputs, counts);
    }
    return WEFT_OK;
}

/* Returns the macro F1. A label that is neither true nor predicted has F1 = 0 / 0, which counts as
 * 0, as in scikit-learn. A class that is neither true nor predicted does not count at all. */
static double macro_f1_of(const struct counts *counts, const struct network *network)
{
    const bool labels = network->task == WEFT_TASK_MULTILABEL;
    const size_t outputs = network_outputs(network);
    const size_t classes = labels ? outputs : size_max(outputs, 2);
    double sum = 0.0;
    size_t counted = 0;
    for (size_t c = 0; c < classes; c++) {
        const size_t size = counts->actual[c] + counts->predicted[c];
        sum += size > 0 ? 2.0 * (double)counts->true_positives[c] / (double)size : 0.0;
        counted += size > 0;
    }
    return sum / (double)(labels ? classes : counted);
}

enum weft_status monitor_macro_f1(struct pass *pass, const struct device_data *data,
                                  const struct weft_dataset *dataset, double *f1)
{
    struct counts counts = {.z = NULL};
    const enum weft_status status = count_all(pass, data, dataset, &counts);
    if (status == WEFT_OK)
        *f1 = macro_f1_of(&counts, pass->network);
    memory_free(counts.predicted);
    memory_free(counts.actual);
    memory_free(counts.true_positives);
    memory_free(counts.p);
    memory_free(counts.z);
    return status;
}
