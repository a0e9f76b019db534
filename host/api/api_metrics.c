/* Implements the public functions about single metrics and decisions: weft_metric_describe,
 * weft_fraction_interval, weft_decide. */
#include "metrics/decision.h"
#include "metrics/interval.h"
#include "network/model.h"

static const struct weft_metric_info metrics[WEFT_METRICS] = {
    [WEFT_METRIC_ACCURACY] = {"accuracy", "accuracy", true},
    [WEFT_METRIC_BALANCED_ACCURACY] = {"balanced_accuracy", "balanced accuracy", false},
    [WEFT_METRIC_TOP_5_ACCURACY] = {"top_5_accuracy", "top-5 accuracy", true},
    [WEFT_METRIC_LOG_LOSS] = {"log_loss", "log loss", false},
    [WEFT_METRIC_BRIER] = {"brier", "Brier score", false},
    [WEFT_METRIC_CALIBRATION_ERROR] = {"calibration_error", "calibration error", false},
    [WEFT_METRIC_ROC_AUC] = {"roc_auc", "ROC AUC", false},
    [WEFT_METRIC_AVERAGE_PRECISION] = {"average_precision", "average precision", false},
    [WEFT_METRIC_MACRO_F1] = {"macro_f1", "macro F1", false},
    [WEFT_METRIC_WEIGHTED_F1] = {"weighted_f1", "weighted F1", false},
    [WEFT_METRIC_MATTHEWS] = {"matthews", "Matthews correlation", false},
    [WEFT_METRIC_R2] = {"r2", "R^2", false},
    [WEFT_METRIC_RMSE] = {"rmse", "RMSE", false},
    [WEFT_METRIC_MAE] = {"mae", "mean absolute error", false},
    [WEFT_METRIC_MEDIAN_ERROR] = {"median_error", "median absolute error", false},
};

const struct weft_metric_info *weft_metric_describe(size_t metric)
{
    return metric < WEFT_METRICS ? &metrics[metric] : NULL;
}

struct weft_estimate weft_fraction_interval(double fraction, size_t samples)
{
    return interval_wilson(fraction, (double)samples);
}

enum weft_status weft_decide(const struct weft_model *model, double threshold, double reject,
                             size_t samples, const float *probabilities, int32_t *classes)
{
    const struct decision decision = {threshold, reject};
    const enum weft_task task = model->network.task;
    TRY(decision_check(&decision, task, model->classes));
    decision_threshold(&decision, task, samples, model->classes, probabilities, classes);
    for (size_t i = 0; reject != 0.0 && i < samples; i++)
        if (!decision_answers(&decision,
                              (double)probabilities[i * model->classes + (size_t)classes[i]]))
            classes[i] = -1;
    return WEFT_OK;
}
