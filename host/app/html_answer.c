/* Writes the head of a report, which is the answer, and the reasons to believe it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "evaluation_report.h"
#include "html_report.h"
#include "message.h"

/* ---- the answer ---- */

/* Returns the name of the data that the scores are of, as the user typed it. */
static const char *data_name(const struct html_report *report)
{
    static const enum option options[] = {OPTION_TEST, OPTION_IMAGES, OPTION_DATA};
    const bool test = strcmp(report->part, "test") == 0;
    for (size_t i = test ? 0 : 1; i < sizeof options / sizeof *options; i++)
        if (option_given(report->line, options[i]))
            return option_value(report->line, options[i]);
    return report->data.name;
}

/* Adds "10,000 test samples of NAME". */
static void add_samples(struct html_report *report)
{
    char count[HTML_TEXT];
    weft_page_text(report->page, "%s %s%ssamples of ",
                   html_count(report->evaluation->samples, count), report->part,
                   report->part[0] != '\0' ? " " : "");
    weft_page_name(report->page, data_name(report));
}

static void add_sentence(struct html_report *report)
{
    const struct weft_evaluation *evaluation = report->evaluation;
    char text[HTML_TEXT];
    if (evaluation->task == WEFT_TASK_CLASSIFY)
        weft_page_text(report->page, "The model predicts the right class for %s of ",
                       html_percent(evaluation->accuracy, text));
    else if (evaluation->task == WEFT_TASK_MULTILABEL)
        weft_page_text(report->page, "The model predicts all %zu labels right for %s of ",
                       evaluation->classes, html_percent(evaluation->accuracy, text));
    else if (evaluation->r2 > 0.0)
        weft_page_text(report->page, "The model explains %s of the variance of the target in ",
                       html_percent(evaluation->r2, text));
    else
        weft_page_text(report->page,
                       "The model predicts no better than the mean does (R\xc2\xb2 "
                       "%.4g) in ",
                       evaluation->r2);
    add_samples(report);
    weft_page_text(report->page, ".");
}

/* Adds a score in large type, with its interval. */
static void add_number(struct html_report *report, size_t metric)
{
    const struct weft_estimate *estimate = &report->evaluation->metrics[metric];
    char term[3 * HTML_TEXT], value[HTML_TEXT], low[HTML_TEXT], high[HTML_TEXT];
    snprintf(term, sizeof term, "%s", weft_metric_describe(metric)->title);
    if (isfinite(estimate->low))
        snprintf(term, sizeof term, "%s (95\xc2\xa0%% interval %s to %s)",
                 weft_metric_describe(metric)->title, html_score(metric, estimate->low, low),
                 html_score(metric, estimate->high, high));
    weft_page_term(report->page, term);
    weft_page_text(report->page, "%s", html_score(metric, estimate->value, value));
}

static void add_numbers(struct html_report *report)
{
    const struct weft_evaluation *evaluation = report->evaluation;
    char text[HTML_TEXT];
    weft_page_begin(report->page, WEFT_PAGE_NUMBERS);
    add_number(report, evaluation_main_metric(evaluation));
    if (evaluation->task == WEFT_TASK_REGRESS) {
        add_number(report, WEFT_METRIC_RMSE);
    } else {
        const double wrong = round((1.0 - evaluation->accuracy) * (double)evaluation->samples);
        weft_page_term(report->page, "wrong predictions");
        weft_page_text(report->page, "%s", html_count((size_t)wrong, text));
    }
    if (isfinite(report->seconds)) {
        weft_page_term(report->page, "training time");
        weft_page_text(report->page, "%s", html_seconds(report->seconds, text));
    } else {
        weft_page_term(report->page, "epochs of training");
        weft_page_text(report->page, "%s", html_count(report->info.epochs, text));
    }
    weft_page_end(report->page);
}

/* Says what was trained on what. */
static void add_training(struct html_report *report)
{
    const struct weft_model_info *info = &report->info;
    char text[HTML_TEXT];
    weft_page_begin(report->page, WEFT_PAGE_PARAGRAPH);
    weft_page_text(report->page, info->members > 1 ? "An ensemble of %zu networks " : "A network ",
                   info->members);
    for (size_t l = 0; l <= info->layers; l++)
        weft_page_text(report->page, l == 0 ? "%zu" : "-%zu", info->widths[l]);
    weft_page_text(report->page, " with %s parameters, trained for %zu %s",
                   html_count(info->parameters, text), info->epochs,
                   info->epochs == 1 ? "epoch" : "epochs");
    if (report->train_samples > 0)
        weft_page_text(report->page, " on %s samples", html_count(report->train_samples, text));
    weft_page_text(report->page, " (preset ");
    weft_page_name(report->page, info->preset);
    weft_page_text(report->page, ", seed %llu).", (unsigned long long)info->seed);
    weft_page_end(report->page);
}

enum weft_status html_answer(struct html_report *report)
{
    char title[512];
    /* A title has no elements, so characters isolate the names (Unicode Annex 9). */
    snprintf(title, sizeof title,
             "\xe2\x81\xa8%.200s\xe2\x81\xa9 on \xe2\x81\xa8%.200s\xe2\x81\xa9",
             report->model_file != NULL ? report->model_file : "A new model", data_name(report));
    TRY(told(weft_page_create(title, &report->page)));
    weft_page_begin(report->page, WEFT_PAGE_LEAD);
    add_sentence(report);
    weft_page_end(report->page);
    add_numbers(report);
    add_training(report);
    return WEFT_OK;
}

/* ---- why one should believe it ---- */

static void add_note(struct html_report *report, const char *text)
{
    weft_page_begin(report->page, WEFT_PAGE_NOTE);
    weft_page_name(report->page, text);
    weft_page_end(report->page);
}

static void add_warnings(struct html_report *report)
{
    const struct weft_evaluation *evaluation = report->evaluation;
    if (strcmp(report->part, "training") == 0)
        add_note(report, "The scores are measured on the training samples. They do not tell how "
                         "good the model is on new samples.");
    if (report->part[0] == '\0')
        add_note(report, "This data has no test set. If the model was trained on it, the model is "
                         "worse on new samples than these scores say.");
    if (evaluation->note[0] != '\0')
        add_note(report, evaluation->note);
    if (evaluation->unknown > 0) {
        weft_page_begin(report->page, WEFT_PAGE_NOTE);
        weft_page_text(report->page,
                       "The model does not know the class of %zu samples. They count as wrong.",
                       evaluation->unknown);
        weft_page_end(report->page);
    }
}

static void add_accuracies(struct html_report *report)
{
    const struct weft_model_info *info = &report->info;
    const struct {
        const char *name;
        double value;
    } scores[] = {{"training", info->train_accuracy},
                  {"validation", info->validation_accuracy},
                  {"test", info->test_accuracy}};
    char text[HTML_TEXT];
    const char *separator = "";
    if (!isfinite(info->train_accuracy))
        return;
    weft_page_term(report->page, "After training");
    weft_page_text(report->page, "accuracy ");
    for (size_t i = 0; i < sizeof scores / sizeof *scores; i++)
        if (isfinite(scores[i].value)) {
            weft_page_text(report->page, "%s%s on the %s set", separator,
                           html_percent(scores[i].value, text), scores[i].name);
            separator = ", ";
        }
}

static void add_device(struct html_report *report)
{
    const struct weft_device_info *device = &report->device_info;
    weft_page_term(report->page, "Device");
    weft_page_name(report->page, device->name);
    if (device->opencl) {
        weft_page_text(report->page, ", OpenCL, driver ");
        weft_page_name(report->page, device->driver);
    } else {
        weft_page_text(report->page, ", CPU backend");
    }
    weft_page_term(report->page, "Last check");
    if (device->checked[0] != '\0')
        weft_page_text(report->page, "passed on %s", device->checked);
    else
        weft_page_text(report->page, "none yet with this version; weft check makes one");
    weft_page_term(report->page, "Known-answer test");
    weft_page_text(report->page, "passed before these scores were computed");
}

enum weft_status html_trust(struct html_report *report)
{
    weft_page_section(report->page, "trust", "Why you can believe it");
    add_warnings(report);
    weft_page_begin(report->page, WEFT_PAGE_FACTS);
    weft_page_term(report->page, "Measured on");
    add_samples(report);
    if (strcmp(data_name(report), report->data.name) != 0) {
        weft_page_text(report->page, ", file ");
        weft_page_name(report->page, report->data.name);
    }
    weft_page_term(report->page, "95 % interval");
    weft_page_text(report->page, report->info.task == WEFT_TASK_REGRESS
                                     ? "bootstrap with 1000 resamples (Efron and Tibshirani 1993)"
                                     : "of a fraction of independent samples (Wilson 1927)");
    add_accuracies(report);
    add_device(report);
    weft_page_end(report->page);
    return WEFT_OK;
}
