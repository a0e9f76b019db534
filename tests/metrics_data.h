/* Provides predictions and truth for the suites of metrics. They are formulas in whole numbers, so
 * that other programs can compute the same numbers. */
#ifndef WEFT_TESTS_METRICS_DATA_H
#define WEFT_TESTS_METRICS_DATA_H

#include "api/evaluation.h"
#include "suite.h"

enum { MOST_SAMPLES = 300, MOST_CLASSES = 7 };

/* Predictions and truth, filled by the functions below. */
static struct {
    float values[MOST_SAMPLES * MOST_CLASSES];
    float targets[MOST_SAMPLES * MOST_CLASSES];
    int32_t labels[MOST_SAMPLES], predicted[MOST_SAMPLES * MOST_CLASSES];
    struct outcomes outcomes;
} data;

static inline void data_begin(enum weft_task task, size_t samples, size_t classes)
{
    const bool classify = task == WEFT_TASK_CLASSIFY;
    data.outcomes =
        (struct outcomes){.task = task,
                          .samples = samples,
                          .classes = classes,
                          .values = data.values,
                          .predicted = task == WEFT_TASK_REGRESS ? NULL : data.predicted,
                          .labels = classify ? data.labels : NULL,
                          .targets = classify ? NULL : data.targets};
}

/* Predicts the most probable class, the first of several. */
static inline void predict(void)
{
    const size_t classes = data.outcomes.classes;
    for (size_t i = 0; i < data.outcomes.samples; i++) {
        data.predicted[i] = 0;
        for (size_t c = 1; c < classes; c++)
            if (data.values[i * classes + c] > data.values[i * classes + (size_t)data.predicted[i]])
                data.predicted[i] = (int32_t)c;
    }
}

/* 24 samples of 7 classes. Class 6 is never true and never predicted; there are many ties, and two
 * samples have equal probabilities. */
static inline void seven_classes(void)
{
    enum { SAMPLES = 24, CLASSES = 7 };
    data_begin(WEFT_TASK_CLASSIFY, SAMPLES, CLASSES);
    for (int i = 0; i < SAMPLES; i++) {
        const int like = i == 4 ? 3 : i; /* sample 4 looks like sample 3 */
        int row[CLASSES], sum = 0;
        data.labels[i] = (i * i + 2 * i + i / 5) % 6;
        for (int c = 0; c < CLASSES; c++) {
            row[c] = 1 + (5 * like * like + 3 * c * c + 7 * like * c + like * c % 4) % 9;
            row[c] += like % 3 != 0 && c == data.labels[like] ? 6 : 0;
            sum += row[c];
        }
        for (int c = 0; c < CLASSES; c++)
            data.values[i * CLASSES + c] = (float)((double)row[c] / (double)sum);
    }
    predict();
}

/* Two classes, with ties. */
static inline void two_classes(size_t samples)
{
    data_begin(WEFT_TASK_CLASSIFY, samples, 2);
    for (size_t i = 0; i < samples; i++) {
        const size_t label = (i * i + i / 3) % 2;
        const size_t part = (7 * i + (i % 2 == 0 ? 3 : 0)) % 16 + 4 * label;
        data.labels[i] = (int32_t)label;
        data.values[2 * i + 1] = (float)((double)part / 20.0);
        data.values[2 * i] = 1.0f - data.values[2 * i + 1];
    }
    predict();
}

/* Three labels, of which label 1 is never true. */
static inline void three_labels(void)
{
    enum { SAMPLES = 10, LABELS = 3 };
    data_begin(WEFT_TASK_MULTILABEL, SAMPLES, LABELS);
    for (int i = 0; i < SAMPLES; i++)
        for (int c = 0; c < LABELS; c++) {
            const int at = i * LABELS + c, there = c != 1 && (i * (c + 2) + c) % 3 == 0;
            const int part = (3 * i * i + 5 * c + 2 * i * c) % 8 + 3 * there;
            data.targets[at] = (float)there;
            data.values[at] = (float)(((double)part + 0.5) / 12.0);
            data.predicted[at] = data.values[at] > 0.5f;
        }
}

/* Two outputs, of which the second has a constant target. */
static inline void two_outputs(void)
{
    enum { SAMPLES = 9 };
    data_begin(WEFT_TASK_REGRESS, SAMPLES, 2);
    for (int i = 0; i < SAMPLES; i++) {
        data.targets[2 * i] = (float)((3 * i * i + 4 * i) % 13) / 4.0f;
        data.values[2 * i] = data.targets[2 * i] + (float)(i * 5 % 7 - 3) / 8.0f;
        data.targets[2 * i + 1] = 2.0f;
        data.values[2 * i + 1] = i == 4 ? 2.5f : 2.0f;
    }
}

static inline struct weft_evaluation *evaluate(const struct weft_evaluate_options *options)
{
    static const struct weft_evaluate_options plain = {.size = sizeof plain};
    struct weft_evaluation *evaluation;
    ck_ok(evaluation_make(&data.outcomes, options != NULL ? options : &plain, &evaluation));
    return evaluation;
}

/* Checks a number, or that it is NaN if `want` is. */
static inline void assert_number(const char *what, size_t index, double got, double want)
{
    if (isnan(want))
        ck_assert_msg(isnan(got), "%s %zu: got %.17g, want nan", what, index, got);
    else
        ck_assert_msg(fabs(got - want) <= 1e-14 * fmax(1.0, fabs(want)),
                      "%s %zu: got %.17g, want %.17g", what, index, got, want);
}

static inline void assert_metrics(const struct weft_evaluation *evaluation, const double *want)
{
    for (size_t m = 0; m < WEFT_METRICS; m++)
        assert_number(weft_metric_describe(m)->name, m, evaluation->metrics[m].value, want[m]);
}

#define NOT_REGRESSION                                                                             \
    [WEFT_METRIC_R2] = (double)NAN, [WEFT_METRIC_RMSE] = (double)NAN,                              \
    [WEFT_METRIC_MAE] = (double)NAN, [WEFT_METRIC_MEDIAN_ERROR] = (double)NAN

#endif
