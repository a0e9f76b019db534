/* What the curves of a training run share: the values of logs or of a model over the epochs. */
#ifndef WEFT_APP_PLOT_CURVE_H
#define WEFT_APP_PLOT_CURVE_H

#include "epoch_summary.h"
#include "plot.h"

enum { PANELS = 3 };

struct curve_chart {
    const char *source;   /* borrowed; the file that messages name */
    struct log_rows rows; /* owned */
    size_t runs;
    struct epoch_summary summary; /* owned */
    struct weft_series series[LOG_VALUES];
    struct weft_panel panels[PANELS];
    size_t panel_count;
    char mark[64];
};

/* Reads `count` logs of the command line from `first` on, and summarizes them. The caller resets
 * the curve in either case. */
WEFT_MUST_CHECK enum weft_status curve_chart_read(const struct plot *plot, size_t first,
                                                  size_t count, struct curve_chart *curve);
void curve_chart_reset(struct curve_chart *curve);

/* Returns the line of a value, and its band if there are several runs. */
struct weft_series curve_chart_series(const struct curve_chart *curve, enum log_value value,
                                      const char *name);

/* Draws each log with lines of its own, for --names. */
plot_function plot_comparison;

#endif
