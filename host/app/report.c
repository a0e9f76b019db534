/* Prints results as tables and JSON objects. The JSON keys are promised to users: keys may be
 * added, but never changed. */
#include "report.h"

#include <math.h>
#include <stdio.h>

#include "output.h"
#include "plain_text.h"

/* ---- training ---- */

static const char *backend_name(const struct weft_device_info *device)
{
    return device->opencl ? "opencl" : "cpu";
}

static void print_score(const char *part, const struct weft_score *score)
{
    if (score->samples == 0)
        return;
    printf("%-10s  %9zu  ", part, score->samples);
    if (isfinite(score->accuracy))
        printf("%8.2f %%", 100.0 * score->accuracy);
    else
        printf("%10.6f", score->r2);
    printf("  %12.6g\n", score->error);
}

void report_training_text(const struct training_report *report)
{
    const struct weft_training *training = report->training;
    printf("part          samples    %8s         error\n",
           report->options->task == WEFT_TASK_REGRESS ? "R^2" : "accuracy");
    print_score("train", &training->train);
    print_score("validation", &training->validation);
    print_score("test", &training->test);
    printf("\n%zu of %zu epochs, preset %s, seed %llu, on the %s backend: %s\n", training->epochs,
           report->options->epochs, report->options->preset,
           (unsigned long long)report->options->seed, backend_name(report->device),
           report->device->name);
    if (report->members > 0)
        printf("an ensemble of %zu; epochs are those of its first member, the error is the loss of "
               "its mean predictions, without a penalty\n",
               report->members);
    if (training->best_epoch > 0)
        printf("weights of epoch %zu, the best%s\n", training->best_epoch,
               training->stopped_early ? "; stopped early" : "");
    else if (training->stopped_early)
        printf("stopped early: the monitored value was never finite; weights of the last epoch\n");
    if (isfinite(training->median_epoch_seconds))
        printf("median epoch %.4g s (%.4g to %.4g s), ", training->median_epoch_seconds,
               training->min_epoch_seconds, training->max_epoch_seconds);
    printf("known-answer test %.2g s, whole command %.3g s\n", training->check_seconds,
           report->seconds);
    if (report->model == NULL)
        return;
    printf("saved as ");
    plain_text_print(report->model);
    printf("\n");
}

/* Adds R^2 if it is defined, which is the case for task regress. */
static json_t *with_r2(json_t *object, double r2)
{
    if (object != NULL && isfinite(r2))
        json_object_set_new(object, "r2", output_number(r2));
    return object;
}

static json_t *score_json(const struct weft_score *score)
{
    if (score->samples == 0)
        return json_null();
    return with_r2(json_pack("{s:o, s:o}", "accuracy", output_number(score->accuracy), "error",
                             output_number(score->error)),
                   score->r2);
}

enum weft_status report_training_json(const struct training_report *report)
{
    const struct weft_training *training = report->training;
    json_t *epoch_seconds =
        json_pack("{s:o, s:o, s:o}", "median", output_number(training->median_epoch_seconds), "min",
                  output_number(training->min_epoch_seconds), "max",
                  output_number(training->max_epoch_seconds));
    json_t *object = json_pack(
        "{s:s, s:s, s:o, s:s, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "command", "train",
        "backend", backend_name(report->device), "device", output_text(report->device->name),
        "preset", report->options->preset, "seed", (json_int_t)report->options->seed, "epochs",
        (json_int_t)training->epochs, "seconds", output_number(report->seconds), "epoch_seconds",
        epoch_seconds, "check_seconds", output_number(training->check_seconds), "train",
        score_json(&training->train), "validation", score_json(&training->validation), "test",
        score_json(&training->test), "model",
        report->model != NULL ? output_text(report->model) : json_null());
    if (object != NULL && training->best_epoch > 0) /* early stopping */
        json_object_set_new(object, "best_epoch", json_integer((json_int_t)training->best_epoch));
    if (object != NULL && report->options->patience > 0)
        json_object_set_new(object, "stopped_early", json_boolean(training->stopped_early));
    if (object != NULL && report->members > 0)
        json_object_set_new(object, "members", json_integer((json_int_t)report->members));
    return output_json(stdout, object, OUTPUT_DOUBLE);
}

/* ---- evaluation ---- */

/* Prints "0.9123", or "-" if the number is undefined. */
static void print_fraction(double value)
{
    if (isfinite(value))
        printf("  %9.4f", value);
    else
        printf("  %9s", "-");
}

static void print_confusion(const struct weft_evaluation *evaluation)
{
    size_t classes = evaluation->classes;
    printf("\nconfusion: a row for each true class, a column for each predicted one\n     ");
    for (size_t predicted = 0; predicted < classes; predicted++)
        printf(" %6zu", predicted);
    printf("\n");
    for (size_t label = 0; label < classes; label++) {
        printf("%5zu", label);
        for (size_t predicted = 0; predicted < classes; predicted++)
            printf(" %6zu", evaluation->confusion[label * classes + predicted]);
        printf("\n");
    }
}

/* Prints "784-50-10, head softmax, preset default, seed 42, 30 epochs of adamw, one-cycle". */
static void print_model(const struct weft_model_info *model)
{
    printf("model: ");
    for (size_t l = 0; l <= model->layers; l++)
        printf(l == 0 ? "%zu" : "-%zu", model->widths[l]);
    printf(", head %s, preset ", weft_option_word("head", model->head));
    plain_text_print(model->preset);
    printf(", seed %llu, %zu epochs of %s, %s", (unsigned long long)model->seed, model->epochs,
           weft_option_word("optimizer", model->optimizer),
           weft_option_word("schedule", model->schedule));
    if (model->members > 1)
        printf(", the first of %zu members", model->members);
    printf("\n");
}

void report_evaluation_text(const struct weft_evaluation *evaluation,
                            const struct weft_model_info *model)
{
    print_model(model);
    if (evaluation->task == WEFT_TASK_REGRESS) {
        printf("%zu samples, R^2 %.6f, loss %.6g\n", evaluation->samples, evaluation->r2,
               evaluation->loss);
        return;
    }
    printf("%zu samples, accuracy %.2f %%%s, loss %.6g\n\n", evaluation->samples,
           100.0 * evaluation->accuracy,
           evaluation->task == WEFT_TASK_MULTILABEL ? " (all labels right)" : "", evaluation->loss);
    printf("label  precision     recall         f1    support  name\n");
    for (size_t i = 0; i < evaluation->classes; i++) {
        const struct weft_class_score *score = &evaluation->scores[i];
        printf("%5zu", i);
        print_fraction(score->precision);
        print_fraction(score->recall);
        print_fraction(score->f1);
        printf("  %9zu  ", score->support);
        plain_text_print(model->class_names[i]);
        printf("\n");
    }
    if (evaluation->confusion != NULL)
        print_confusion(evaluation);
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
        json_array_append_new(classes, json_pack("{s:o, s:o, s:o, s:o, s:I}", "name",
                                                 output_text(model->class_names[i]), "precision",
                                                 output_number(score->precision), "recall",
                                                 output_number(score->recall), "f1",
                                                 output_number(score->f1), "support",
                                                 (json_int_t)score->support));
    }
    return classes;
}

enum weft_status report_evaluation_json(const struct weft_evaluation *evaluation,
                                        const struct weft_model_info *model)
{
    json_t *object =
        json_pack("{s:o, s:o, s:o, s:o}", "accuracy", output_number(evaluation->accuracy), "loss",
                  output_number(evaluation->loss), "confusion", confusion_json(evaluation),
                  "classes", classes_json(evaluation, model));
    return output_json(stdout, with_r2(object, evaluation->r2), OUTPUT_DOUBLE);
}
