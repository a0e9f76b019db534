/* What the curves of a training share: the values of logs over the epochs. */
#ifndef WEFT_APP_PLOT_CURVE_H
#define WEFT_APP_PLOT_CURVE_H

#include "epoch_log_read.h"
#include "plot.h"

enum { PANELS = 3 };

/* A value over the epochs, of all runs together. */
struct summary {
    double *mean, *low, *high; /* [epochs] owned; NaN where no run has a value */
    size_t values;             /* epochs that have one */
    double least, greatest;    /* of `mean`; NaN without values */
    size_t least_at, greatest_at;
};

struct curve {
    struct log_rows rows; /* owned; sorted by epoch */
    double *epochs;       /* [epoch_count] owned */
    size_t epoch_count, runs;
    struct summary summaries[LOG_VALUES];
    struct weft_series series[LOG_VALUES];
    struct weft_panel panels[PANELS];
    size_t panel_count;
    char mark[64];
};

/* Reads `count` logs of the command line from `first` on, and summarizes them. The caller resets
 * the curve in either case. */
WEFT_MUST_CHECK enum weft_status curve_read(const struct plot *plot, size_t first, size_t count,
                                            struct curve *curve);
void curve_reset(struct curve *curve);

/* Returns the line of a value, and its band if there are several runs. */
struct weft_series curve_series(const struct curve *curve, enum log_value value, const char *name);

/* Draws each log with lines of its own, for --names. */
plot_function plot_comparison;

#endif
