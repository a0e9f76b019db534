/* Computes the number that early stopping watches. See monitor.h. */
#include "train/monitor.h"

#include <math.h>
#include <string.h>

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

/* How often a class is true, predicted, and both. */
enum { ACTUAL, PREDICTED, BOTH };

size_t f1_classes(const struct network *network)
{
    const size_t outputs = network_outputs(network);
    return network->task == WEFT_TASK_MULTILABEL ? outputs : size_max(outputs, 2);
}

static void class_count(uint64_t *counts, size_t c, bool actual, bool predicted)
{
    counts[c * F1_COUNTS + ACTUAL] += actual;
    counts[c * F1_COUNTS + PREDICTED] += predicted;
    counts[c * F1_COUNTS + BOTH] += actual && predicted;
}

/* Counts sample `row` of the data set, whose outputs are z and p [outputs]. */
static void count_row(const struct network *network, const struct weft_dataset *dataset, size_t row,
                      const float *z, const float *p, uint64_t *counts)
{
    const size_t outputs = network_outputs(network), classes = f1_classes(network);
    if (network->task == WEFT_TASK_CLASSIFY) {
        const size_t label = (size_t)dataset->labels[row], predicted = score_class(z, p, outputs);
        for (size_t c = 0; c < classes; c++)
            class_count(counts, c, c == label, c == predicted);
        return;
    }
    for (size_t c = 0; c < outputs; c++)
        class_count(counts, c, dataset->targets[row * outputs + c] > 0.5f, p[c] > 0.5f);
}

/* z, p [PASS_BLOCK][outputs] are scratch. */
static enum weft_status count_all(struct pass *pass, const struct device_data *data,
                                  const struct weft_dataset *dataset, size_t first, size_t count,
                                  float *z, float *p, uint64_t *counts)
{
    const size_t outputs = network_outputs(pass->network);
    for (size_t done = 0; done < count; done += PASS_BLOCK) {
        const size_t rows = size_min(PASS_BLOCK, count - done);
        TRY(pass_outputs(pass, data, first + done, rows, false, z, p, NULL));
        for (size_t r = 0; r < rows; r++)
            count_row(pass->network, dataset, first + done + r, z + r * outputs, p + r * outputs,
                      counts);
    }
    return WEFT_OK;
}

enum weft_status f1_count(struct pass *pass, const struct device_data *data,
                          const struct weft_dataset *dataset, size_t first, size_t count,
                          uint64_t *counts)
{
    const size_t block = PASS_BLOCK * network_outputs(pass->network);
    float *z = NULL, *p = NULL;
    memset(counts, 0, f1_classes(pass->network) * F1_COUNTS * sizeof *counts);
    enum weft_status status = NEW_ARRAY(z, block);
    if (status == WEFT_OK)
        status = NEW_ARRAY(p, block);
    if (status == WEFT_OK)
        status = count_all(pass, data, dataset, first, count, z, p, counts);
    memory_free(p);
    memory_free(z);
    return status;
}

/* A label that is neither true nor predicted has F1 = 0 / 0, which counts as 0, as in scikit-learn.
 * A class that is neither true nor predicted does not count at all. */
double f1_macro(const struct network *network, const uint64_t *counts)
{
    const size_t classes = f1_classes(network);
    double sum = 0.0;
    size_t counted = 0;
    for (size_t c = 0; c < classes; c++) {
        const uint64_t *of = counts + c * F1_COUNTS, size = of[ACTUAL] + of[PREDICTED];
        sum += size > 0 ? 2.0 * (double)of[BOTH] / (double)size : 0.0;
        counted += size > 0;
    }
    return sum / (double)(network->task == WEFT_TASK_MULTILABEL ? classes : counted);
}
