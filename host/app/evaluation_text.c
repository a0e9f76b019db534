/* Prints an evaluation as tables. The answer comes first, then why one should believe it, then the
 * details. */
#include <math.h>
#include <stdio.h>

#include "evaluation_report.h"
#include "terminal.h"
#include "terminal_text.h"

/* ---- numbers ---- */

enum { ESTIMATE_SIZE = 80 };

/* Writes "90.60 % (90.01 to 91.16)" for a fraction of samples, and "0.906" or "13.52" for other
 * scores, with their interval if they have one. */
static void estimate_text(size_t metric, const struct weft_estimate *estimate,
                          char text[ESTIMATE_SIZE])
{
    const bool fraction = weft_metric_describe(metric)->fraction;
    const double unit = fraction ? 100.0 : 1.0; /* one in percent */
    if (!isfinite(estimate->value)) {
        snprintf(text, ESTIMATE_SIZE, "-");
        return;
    }
    const int used =
        snprintf(text, ESTIMATE_SIZE, fraction ? "%.2f %%" : "%#.4g", unit * estimate->value);
    if (isfinite(estimate->low))
        snprintf(text + used, ESTIMATE_SIZE - (size_t)used,
                 fraction ? " (%.2f to %.2f)" : " (%#.4g to %#.4g)", unit * estimate->low,
                 unit * estimate->high);
}

static void print_estimate(size_t metric, const struct weft_estimate *estimate)
{
    char text[ESTIMATE_SIZE];
    estimate_text(metric, estimate, text);
    printf("%s", text);
}

/* Prints "0.9123", or "-" if the number is undefined. */
static void print_fraction(double value)
{
    if (isfinite(value))
        printf("  %9.4f", value);
    else
        printf("  %9s", "-");
}

/* ---- the answer ---- */

size_t evaluation_main_metric(const struct weft_evaluation *evaluation)
{
    return evaluation->task == WEFT_TASK_REGRESS ? WEFT_METRIC_R2 : WEFT_METRIC_ACCURACY;
}

static void print_answer(const struct evaluation_report *report)
{
    const struct weft_evaluation *evaluation = report->evaluation;
    const size_t metric = evaluation_main_metric(evaluation);
    printf("%s ", weft_metric_describe(metric)->title);
    print_estimate(metric, &evaluation->metrics[metric]);
    printf(" on %zu samples%s, loss %.6g\n", evaluation->samples,
           evaluation->task == WEFT_TASK_MULTILABEL ? " (all labels right)" : "", evaluation->loss);
    if (report->options->reject != 0.0) {
        printf("answered %zu of %zu samples (%.2f %%), those above probability %g: accuracy ",
               evaluation->answered, evaluation->samples,
               100.0 * (double)evaluation->answered / (double)evaluation->samples,
               report->options->reject);
        print_estimate(WEFT_METRIC_ACCURACY, &evaluation->answer_accuracy);
        printf("\n");
    }
    if (evaluation->unknown > 0)
        printf("%zu of unknown classes count as wrong\n", evaluation->unknown);
}

/* Prints "784-50-10, head softmax, preset default, seed 42, 30 epochs of adamw, one-cycle". */
static void print_model(const struct weft_model_info *model)
{
    printf("model: ");
    for (size_t l = 0; l <= model->layers; l++)
        printf(l == 0 ? "%zu" : "-%zu", model->widths[l]);
    printf(", head %s, preset ", weft_option_word("head", model->head));
    terminal_text_print(model->preset);
    printf(", seed %llu, %zu epochs of %s, %s", (unsigned long long)model->seed, model->epochs,
           weft_option_word("optimizer", model->optimizer),
           weft_option_word("schedule", model->schedule));
    if (model->members > 1)
        printf(", the first of %zu members", model->members);
    printf("\n");
}

/* ---- the details ---- */

/* Prints all metrics that are defined, apart from the answer. */
static void print_metrics(const struct weft_evaluation *evaluation)
{
    printf("\n");
    for (size_t m = 0; weft_metric_describe(m) != NULL; m++) {
        if (m == evaluation_main_metric(evaluation) || !isfinite(evaluation->metrics[m].value))
            continue;
        printf("%-22s  ", weft_metric_describe(m)->title);
        print_estimate(m, &evaluation->metrics[m]);
        printf("\n");
    }
}

static void print_classes(const struct weft_evaluation *evaluation,
                          const struct weft_model_info *model)
{
    printf("\nlabel  precision     recall         f1    ROC AUC  avg prec.    support  name\n");
    for (size_t i = 0; i < evaluation->classes; i++) {
        const struct weft_class_score *score = &evaluation->scores[i];
        printf("%5zu", i);
        print_fraction(score->precision);
        print_fraction(score->recall);
        print_fraction(score->f1);
        print_fraction(score->roc_auc);
        print_fraction(score->average_precision);
        printf("  %9zu  ", score->support);
        terminal_text_print(model->class_names[i]);
        printf("\n");
    }
}

/* Prints the scores of each output, if there are several. */
static void print_outputs(const struct weft_evaluation *evaluation,
                          const struct weft_model_info *model)
{
    if (evaluation->classes < 2)
        return;
    printf("\noutput        R^2       RMSE   mean abs.     median  name\n");
    for (size_t i = 0; i < evaluation->classes; i++) {
        const struct weft_output_score *score = &evaluation->outputs[i];
        printf("%6zu  %9.4f  %9.4g  %10.4g  %9.4g  ", i, score->r2, score->rmse, score->mae,
               score->median_error);
        terminal_text_print(model->class_names[i]);
        printf("\n");
    }
}

static void print_confusion(const struct weft_evaluation *evaluation, bool plain)
{
    const size_t classes = evaluation->classes;
    struct terminal terminal;
    if (!plain && terminal_of(stdout, &terminal) &&
        terminal_draw_confusion(&terminal, evaluation->confusion, classes))
        return;
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

/* Prints the answer for each value of the column of --by. */
static void print_groups(const struct evaluation_report *report)
{
    const struct weft_evaluation *evaluation = report->evaluation;
    const size_t metric = evaluation_main_metric(evaluation);
    printf("\n  samples  %-26s  ", weft_metric_describe(metric)->title);
    terminal_text_print(report->by);
    printf("\n");
    for (size_t g = 0; g < evaluation->group_count; g++) {
        const struct weft_evaluation *group = evaluation->groups[g];
        char text[ESTIMATE_SIZE];
        estimate_text(metric, &group->metrics[metric], text);
        printf("%9zu  %-26s  ", group->samples, text);
        terminal_text_print(report->group_names[g]);
        printf("\n");
    }
}

void evaluation_report_text(const struct evaluation_report *report)
{
    const struct weft_evaluation *evaluation = report->evaluation;
    print_answer(report);
    print_model(report->model);
    print_metrics(evaluation);
    if (evaluation->groups != NULL)
        print_groups(report);
    if (evaluation->scores != NULL)
        print_classes(evaluation, report->model);
    if (evaluation->outputs != NULL)
        print_outputs(evaluation, report->model);
    if (evaluation->confusion != NULL)
        print_confusion(evaluation, report->plain);
}
