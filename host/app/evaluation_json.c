/* Prints an evaluation as a JSON object. The keys are promised to users: keys may be added, but
 * never changed. */
#include <math.h>

#include "evaluation_report.h"
#include "output.h"

/* Makes {"value":0.906,"low":0.900,"high":0.912}. */
static json_t *estimate_json(const struct weft_estimate *estimate)
{
    return json_pack("{s:o, s:o, s:o}", "value", output_number(estimate->value), "low",
                     output_number(estimate->low), "high", output_number(estimate->high));
}

/* Makes the confusion matrix [[...]]: true classes in rows, predicted classes in columns. */
static json_t *confusion_json(const struct weft_evaluation *evaluation)
{
    size_t classes = evaluation->classes;
    if (evaluation->confusion == NULL)
        return json_null();
    json_t *rows = json_array();
    for (size_t label = 0; label < classes; label++) {
        json_t *row = json_array();
        for (size_t predicted = 0; predicted < classes; predicted++)
            json_array_append_new(
                row, json_integer((json_int_t)evaluation->confusion[label * classes + predicted]));
        json_array_append_new(rows, row);
    }
    return rows;
}

static json_t *classes_json(const struct weft_evaluation *evaluation,
                            const struct weft_model_info *model)
{
    if (evaluation->scores == NULL)
        return json_null();
    json_t *classes = json_array();
    for (size_t i = 0; i < evaluation->classes; i++) {
        const struct weft_class_score *score = &evaluation->scores[i];
        json_array_append_new(classes, json_pack("{s:o, s:o, s:o, s:o, s:I, s:o, s:o}", "name",
                                                 output_text(model->class_names[i]), "precision",
                                                 output_number(score->precision), "recall",
                                                 output_number(score->recall), "f1",
                                                 output_number(score->f1), "support",
                                                 (json_int_t)score->support, "roc_auc",
                                                 output_number(score->roc_auc), "average_precision",
                                                 output_number(score->average_precision)));
    }
    return classes;
}

/* Makes the scores of each output, or null. */
static json_t *outputs_json(const struct weft_evaluation *evaluation,
                            const struct weft_model_info *model)
{
    if (evaluation->outputs == NULL)
        return json_null();
    json_t *outputs = json_array();
    for (size_t i = 0; i < evaluation->classes; i++) {
        const struct weft_output_score *score = &evaluation->outputs[i];
        json_array_append_new(
            outputs, json_pack("{s:o, s:o, s:o, s:o, s:o}", "name",
                               output_text(model->class_names[i]), "r2", output_number(score->r2),
                               "rmse", output_number(score->rmse), "mae", output_number(score->mae),
                               "median_error", output_number(score->median_error)));
    }
    return outputs;
}

static json_t *metrics_json(const struct weft_evaluation *evaluation)
{
    json_t *metrics = json_object();
    for (size_t m = 0; weft_metric_describe(m) != NULL; m++)
        json_object_set_new(metrics, weft_metric_describe(m)->name,
                            estimate_json(&evaluation->metrics[m]));
    return metrics;
}

/* Makes the bins of the calibration, or null. */
static json_t *bins_json(const struct weft_evaluation *evaluation)
{
    if (evaluation->bins == NULL)
        return json_null();
    json_t *bins = json_array();
    for (size_t b = 0; b < WEFT_CALIBRATION_BINS; b++)
        json_array_append_new(
            bins, json_pack("{s:I, s:o, s:o}", "samples", (json_int_t)evaluation->bins[b].samples,
                            "confidence", output_number(evaluation->bins[b].confidence), "accuracy",
                            output_number(evaluation->bins[b].accuracy)));
    return bins;
}

/* Makes the accuracy of the answered samples, or null without --reject. */
static json_t *answered_json(const struct weft_evaluation *evaluation,
                             const struct weft_evaluate_options *options)
{
    if (options->reject == 0.0)
        return json_null();
    return json_pack("{s:f, s:I, s:o, s:o}", "above", options->reject, "samples",
                     (json_int_t)evaluation->answered, "coverage",
                     output_number((double)evaluation->answered / (double)evaluation->samples),
                     "accuracy", estimate_json(&evaluation->answer_accuracy));
}

/* Makes the scores of each group. */
static json_t *groups_json(const struct evaluation_report *report)
{
    const struct weft_evaluation *evaluation = report->evaluation;
    json_t *groups = json_array();
    for (size_t g = 0; g < evaluation->group_count; g++) {
        const struct weft_evaluation *group = evaluation->groups[g];
        json_array_append_new(
            groups, json_pack("{s:o, s:I, s:o, s:o}", "value", output_text(report->group_names[g]),
                              "samples", (json_int_t)group->samples, "metrics", metrics_json(group),
                              "classes", classes_json(group, report->model)));
    }
    return json_pack("{s:o, s:o}", "column", output_text(report->by), "values", groups);
}

/* Adds the members that came after the first version, so that they follow it. */
static void add_details(const struct evaluation_report *report, json_t *object)
{
    const struct weft_evaluation *evaluation = report->evaluation;
    json_object_set_new(object, "samples", json_integer((json_int_t)evaluation->samples));
    json_object_set_new(object, "unknown", json_integer((json_int_t)evaluation->unknown));
    json_object_set_new(object, "metrics", metrics_json(evaluation));
    json_object_set_new(object, "calibration", bins_json(evaluation));
    json_object_set_new(object, "outputs", outputs_json(evaluation, report->model));
    json_object_set_new(object, "answered", answered_json(evaluation, report->options));
    if (evaluation->groups != NULL)
        json_object_set_new(object, "groups", groups_json(report));
}

enum weft_status evaluation_report_json(const struct evaluation_report *report)
{
    const struct weft_evaluation *evaluation = report->evaluation;
    json_t *object =
        json_pack("{s:o, s:o, s:o, s:o}", "accuracy", output_number(evaluation->accuracy), "loss",
                  output_number(evaluation->loss), "confusion", confusion_json(evaluation),
                  "classes", classes_json(evaluation, report->model));
    if (object != NULL && isfinite(evaluation->r2)) /* task regress */
        json_object_set_new(object, "r2", output_number(evaluation->r2));
    if (object != NULL)
        add_details(report, object);
    return output_json(stdout, object, OUTPUT_DOUBLE);
}
