/* Implements probability_scores.h. */
#include "metrics/probability_scores.h"

#include <float.h>
#include <math.h>

static double surprisal(double probability)
{
    return -log(probability < (double)FLT_MIN ? (double)FLT_MIN : probability);
}

/* Scores the labels of a sample: p and y [C]. */
static void score_labels(const float *p, const float *y, size_t labels, struct sample_score *score)
{
    for (size_t c = 0; c < labels; c++) {
        const double probability = (double)p[c], truth = y[c] > 0.5f;
        score->log_loss += surprisal(truth > 0.5 ? probability : 1.0 - probability);
        score->brier += (probability - truth) * (probability - truth);
    }
    score->log_loss /= (double)labels;
    score->brier /= (double)labels;
}

/* Scores the class of a sample: p [C]. With the heads sigmoid and identity, probabilities need not
 * sum to 1; a row of zeros counts as 1 / C each. */
static void score_class_of(const float *p, int32_t label, size_t classes,
                           struct sample_score *score)
{
    double sum = 0.0;
    for (size_t c = 0; c < classes; c++)
        sum += (double)p[c];
    for (size_t c = 0; c < classes; c++) {
        const double probability = sum > 0.0 ? (double)p[c] / sum : 1.0 / (double)classes;
        const double truth = label == (int32_t)c;
        score->brier += (probability - truth) * (probability - truth);
        if (label == (int32_t)c)
            score->log_loss = surprisal(probability);
    }
    score->brier /= classes == 2 ? 2.0 : 1.0;
}

static bool is_top(const float *p, int32_t label, size_t classes)
{
    size_t before = 0;
    for (size_t c = 0; c < classes; c++)
        before += p[c] > p[label] || (p[c] == p[label] && (int32_t)c < label);
    return before < TOP_CLASSES;
}

struct sample_score sample_score_of(const struct outcomes *outcomes, size_t sample)
{
    const size_t classes = outcomes->classes;
    const float *p = outcomes->values + sample * classes; /* [C] */
    struct sample_score score = {.log_loss = 0.0};
    if (outcomes->task == WEFT_TASK_MULTILABEL) {
        score_labels(p, outcomes->targets + sample * classes, classes, &score);
        return score;
    }
    score_class_of(p, outcomes->labels[sample], classes, &score);
    score.top = is_top(p, outcomes->labels[sample], classes);
    return score;
}

/* ---- calibration ---- */

/* Returns the bin of a probability. Multiplying and rounding up could be off by one at the edges,
 * so the edges are compared. */
static size_t bin_of(double probability)
{
    size_t bin = 0;
    while (bin + 1 < WEFT_CALIBRATION_BINS &&
           probability > (double)(bin + 1) / (double)WEFT_CALIBRATION_BINS)
        bin++;
    return bin;
}

void calibration_fill(const struct outcomes *outcomes, struct weft_calibration_bin *bins)
{
    for (size_t b = 0; b < WEFT_CALIBRATION_BINS; b++)
        bins[b] = (struct weft_calibration_bin){.samples = 0};
    for (size_t i = 0; i < outcomes->samples; i++) {
        const double confidence = outcome_confidence(outcomes, i);
        struct weft_calibration_bin *bin = &bins[bin_of(confidence)];
        bin->samples++;
        bin->confidence += confidence;
        bin->accuracy += outcome_is_correct(outcomes, i) ? 1.0 : 0.0;
    }
    for (size_t b = 0; b < WEFT_CALIBRATION_BINS; b++) {
        const double samples = bins[b].samples > 0 ? (double)bins[b].samples : (double)NAN;
        bins[b].confidence /= samples;
        bins[b].accuracy /= samples;
    }
}

double calibration_error(const struct weft_calibration_bin *bins)
{
    double sum = 0.0, samples = 0.0;
    for (size_t b = 0; b < WEFT_CALIBRATION_BINS; b++) {
        if (bins[b].samples > 0)
            sum += (double)bins[b].samples * fabs(bins[b].accuracy - bins[b].confidence);
        samples += (double)bins[b].samples;
    }
    return sum / samples;
}
