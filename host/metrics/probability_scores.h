/* Scores of probabilities, such as the log loss and the calibration error. */
#ifndef WEFT_METRICS_PROBABILITY_SCORES_H
#define WEFT_METRICS_PROBABILITY_SCORES_H

#include "metrics/outcomes.h"

/* A class is among the first TOP_CLASSES if fewer than TOP_CLASSES others are more probable. Of
 * equally probable classes, those with a lower number come first, as in a prediction. */
enum { TOP_CLASSES = 5 };

/* The scores of one sample. enum weft_metric has the formulas. */
struct sample_score {
    double log_loss; /* the argument of a logarithm is at least FLT_MIN */
    double brier;
    bool top; /* the class is among the first TOP_CLASSES */
};

/* Computes the scores of one sample. */
struct sample_score sample_score_of(const struct outcomes *outcomes, size_t sample);

/* Fills bins [WEFT_CALIBRATION_BINS] for task classify. */
void calibration_fill(const struct outcomes *outcomes, struct weft_calibration_bin *bins);

/* Returns the expected calibration error: sum over bins of (n / N) |accuracy - confidence|. */
double calibration_error(const struct weft_calibration_bin *bins);

#endif
