/* Writes the section of a report that shows the predictions of a regression. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "html_report.h"
#include "message.h"

enum { OUTPUTS_SHOWN = 4, POINTS_SHOWN = 1500, ERRORS_SHOWN = 12 };

/* An output of all samples. */
struct output {
    const char *name;     /* borrowed */
    size_t index, count;  /* which output; N */
    double *truth, *told; /* [N] owned: the targets and the predictions */
    size_t points;        /* that the picture shows */
};

static void output_reset(struct output *output)
{
    free(output->truth);
    free(output->told);
    *output = (struct output){0};
}

static enum weft_status output_make(const struct html_report *report, const float *predicted,
                                    size_t index, struct output *output)
{
    const size_t N = report->data.samples, C = report->info.classes;
    *output = (struct output){.name = report->info.class_names[index],
                              .index = index,
                              .count = N,
                              .truth = plot_allocate(N, sizeof *output->truth),
                              .told = plot_allocate(N, sizeof *output->told)};
    if (output->truth == NULL || output->told == NULL)
        return WEFT_ERROR_MEMORY;
    for (size_t i = 0; i < N; i++) {
        output->truth[i] = (double)report->data.targets[i * C + index];
        output->told[i] = (double)predicted[i * C + index];
    }
    return WEFT_OK;
}

/* ---- the scatter plot ---- */

/* Moves every n-th sample to the front, so that a picture has at most POINTS_SHOWN points. */
static void thin_out(struct output *output)
{
    const size_t step = (output->count + POINTS_SHOWN - 1) / POINTS_SHOWN;
    size_t kept = 0;
    for (size_t i = 0; i < output->count; i += step, kept++) {
        output->truth[kept] = output->truth[i];
        output->told[kept] = output->told[i];
    }
    output->points = kept;
}

static enum weft_status draw_scatter(const struct html_report *report, struct plot *plot,
                                     const void *what, struct weft_picture **picture)
{
    const struct output *output = what;
    plot_set_title(plot, "\xe2\x80\x9c%.120s\xe2\x80\x9d: R\xc2\xb2 %.3f", output->name,
                   report->evaluation->outputs[output->index].r2);
    plot_set_description(plot, "Each point is a sample: its target and its prediction.");
    const struct weft_scatter_chart chart = {.chart = plot->chart,
                                             .count = output->points,
                                             .x = output->truth,
                                             .y = output->told,
                                             .classes = 1,
                                             .x_label = "true",
                                             .y_label = "predicted",
                                             .equal = true};
    return told(weft_plot_scatter(&chart, picture));
}

static void add_output_data(struct html_report *report, const struct output *output)
{
    static const struct weft_page_column columns[] = {{"true", WEFT_PAGE_COLUMN_NUMBER},
                                                      {"predicted", WEFT_PAGE_COLUMN_NUMBER}};
    char file[40];
    snprintf(file, sizeof file, "output-%zu.csv", output->index);
    weft_page_begin_data(report->page, file, columns, 2);
    for (size_t i = 0; i < output->points; i++) {
        weft_page_cell(report->page);
        weft_page_text(report->page, "%.7g", output->truth[i]);
        weft_page_cell(report->page);
        weft_page_text(report->page, "%.7g", output->told[i]);
    }
    weft_page_end(report->page);
}

static enum weft_status add_scatter(struct html_report *report, struct output *output)
{
    thin_out(output);
    TRY(html_begin_figure(report, draw_scatter, output));
    weft_page_text(report->page,
                   "Predictions against targets. A perfect model would put every point on the line "
                   "from the lower left to the upper right.");
    if (output->points < output->count)
        weft_page_text(report->page, " The picture shows %zu of %zu samples.", output->points,
                       output->count);
    add_output_data(report, output);
    weft_page_end(report->page);
    return WEFT_OK;
}

/* ---- the largest errors ---- */

struct miss {
    size_t sample;
    double size;
};

static int by_size(const void *a, const void *b)
{
    const struct miss *one = a, *two = b;
    if (one->size != two->size)
        return one->size < two->size ? 1 : -1;
    return (one->sample > two->sample) - (one->sample < two->sample);
}

static enum weft_status add_errors(struct html_report *report, const struct output *output)
{
    static const struct weft_page_column columns[] = {{"index", WEFT_PAGE_COLUMN_NUMBER},
                                                      {"true", WEFT_PAGE_COLUMN_NUMBER},
                                                      {"predicted", WEFT_PAGE_COLUMN_NUMBER},
                                                      {"error", WEFT_PAGE_COLUMN_NUMBER}};
    char caption[256];
    struct miss *misses = plot_allocate(output->count, sizeof *misses);
    if (misses == NULL)
        return WEFT_ERROR_MEMORY;
    for (size_t i = 0; i < output->count; i++)
        misses[i] = (struct miss){i, fabs(output->told[i] - output->truth[i])};
    qsort(misses, output->count, sizeof *misses, by_size);
    snprintf(caption, sizeof caption, "The largest errors of \xe2\x81\xa8%.150s\xe2\x81\xa9",
             output->name);
    weft_page_begin_table(report->page, caption, columns, 4);
    for (size_t i = 0; i < output->count && i < ERRORS_SHOWN; i++) {
        const size_t row = misses[i].sample;
        const double values[] = {output->truth[row], output->told[row],
                                 output->told[row] - output->truth[row]};
        weft_page_cell(report->page);
        weft_page_text(report->page, "%zu", row);
        for (size_t v = 0; v < 3; v++) {
            weft_page_cell(report->page);
            weft_page_text(report->page, "%.6g", values[v]);
        }
    }
    weft_page_end(report->page);
    free(misses);
    return WEFT_OK;
}

static enum weft_status add_output(struct html_report *report, const float *predicted, size_t index)
{
    struct output output;
    enum weft_status status = output_make(report, predicted, index, &output);
    if (status == WEFT_OK)
        status = add_errors(report, &output);
    if (status == WEFT_OK)
        status = add_scatter(report, &output); /* thins the output out */
    output_reset(&output);
    return status;
}

static enum weft_status add_outputs(struct html_report *report, const float *predicted)
{
    const size_t C = report->info.classes;
    weft_page_section(report->page, "predictions", "Predictions");
    for (size_t index = 0; index < C && index < OUTPUTS_SHOWN; index++)
        TRY(add_output(report, predicted, index));
    if (C <= OUTPUTS_SHOWN)
        return WEFT_OK;
    weft_page_begin(report->page, WEFT_PAGE_PARAGRAPH);
    weft_page_text(report->page, "These are the first %d of %zu outputs.", OUTPUTS_SHOWN, C);
    weft_page_end(report->page);
    return WEFT_OK;
}

enum weft_status html_regression(struct html_report *report)
{
    const size_t N = report->data.samples, C = report->info.classes;
    if (report->info.task != WEFT_TASK_REGRESS)
        return WEFT_OK;
    float *predicted = plot_allocate(N, C * sizeof *predicted);
    if (predicted == NULL)
        return WEFT_ERROR_MEMORY;
    enum weft_status status = told(weft_predict_dataset(report->device, report->model,
                                                        report->dataset, 0, N, NULL, predicted));
    if (status == WEFT_OK)
        status = add_outputs(report, predicted);
    free(predicted);
    return status;
}
