/* Draws the decisions of a model with two features in their plane. */
#include <math.h>
#include <stdlib.h>

#include "data_options.h"
#include "device_option.h"
#include "message.h"
#include "plot.h"

enum { GRID = 140, FEATURES = 2, CLASSES_LIMIT = 8 };

struct decision_plot {
    struct plot *plot;
    struct weft_model *model;     /* owned */
    struct weft_dataset *dataset; /* owned */
    struct device_in_use device;  /* owned */
    struct weft_model_info model_info;
    struct weft_dataset_info info;
    double low[FEATURES], high[FEATURES]; /* the edges of the plane */
    float *places;                        /* [GRID][GRID][2] owned */
    float *probabilities;                 /* [GRID][GRID][C] owned */
    double *samples[FEATURES];            /* [N] owned */
    int32_t *decided;                     /* [N] owned; the predicted classes */
};

static enum weft_status open_all(struct decision_plot *decision)
{
    const struct command_line *line = decision->plot->line;
    const struct weft_model_info *info = &decision->model_info;
    TRY(plot_read_model(decision->plot, &decision->model));
    weft_model_get_info(decision->model, &decision->model_info);
    if (info->features != FEATURES)
        return complain(WEFT_ERROR_USAGE, "decision: the model has %zu features, need %d",
                        info->features, FEATURES);
    if (info->task != WEFT_TASK_CLASSIFY)
        return complain(WEFT_ERROR_USAGE, "decision: the model has no classes, need 2 to %d",
                        CLASSES_LIMIT);
    if (info->classes > CLASSES_LIMIT)
        return complain(WEFT_ERROR_USAGE, "decision: the model has %zu classes, need 2 to %d",
                        info->classes, CLASSES_LIMIT);
    TRY(data_open_set(line, true, decision->model, &decision->dataset));
    weft_dataset_get_info(decision->dataset, &decision->info);
    return device_open(line, true, &decision->device);
}

static enum weft_status allocate(struct decision_plot *decision)
{
    const size_t N = decision->info.samples, places = (size_t)GRID * GRID;
    decision->places = plot_allocate(places * FEATURES, sizeof *decision->places);
    decision->probabilities =
        plot_allocate(places * decision->model_info.classes, sizeof *decision->probabilities);
    decision->decided = plot_allocate(N, sizeof *decision->decided);
    for (size_t f = 0; f < FEATURES; f++)
        decision->samples[f] = plot_allocate(N, sizeof *decision->samples[f]);
    return decision->places != NULL && decision->probabilities != NULL &&
                   decision->decided != NULL && decision->samples[0] != NULL &&
                   decision->samples[1] != NULL
               ? WEFT_OK
               : WEFT_ERROR_MEMORY;
}

/* Copies the samples, and finds the plane around them: a fifth of their range wider on each side.
 */
static void find_plane(struct decision_plot *decision)
{
    for (size_t f = 0; f < FEATURES; f++) {
        double *low = &decision->low[f], *high = &decision->high[f];
        *low = (double)INFINITY;
        *high = -(double)INFINITY;
        for (size_t i = 0; i < decision->info.samples; i++) {
            const double value = (double)decision->info.x[i * FEATURES + f];
            decision->samples[f][i] = value;
            *low = fmin(*low, value);
            *high = fmax(*high, value);
        }
        const double margin = *high > *low ? 0.2 * (*high - *low) : fmax(0.5, fabs(*low));
        *low -= margin;
        *high += margin;
    }
}

/* Predicts the samples, and the middle of each place of the grid. */
static enum weft_status predict(struct decision_plot *decision)
{
    for (size_t i = 0; i < (size_t)GRID * GRID; i++) {
        const double at[FEATURES] = {((double)(i % GRID) + 0.5) / GRID,
                                     ((double)(i / GRID) + 0.5) / GRID};
        for (size_t f = 0; f < FEATURES; f++)
            decision->places[i * FEATURES + f] =
                (float)(decision->low[f] + at[f] * (decision->high[f] - decision->low[f]));
    }
    enum weft_status status =
        weft_predict_proba(decision->device.handle, decision->model, decision->places,
                           (size_t)GRID * GRID, decision->probabilities);
    if (status == WEFT_OK)
        status = weft_predict_dataset(decision->device.handle, decision->model, decision->dataset,
                                      0, decision->info.samples, decision->decided, NULL);
    device_say_note(&decision->device);
    return told(status);
}

static void set_texts(struct decision_plot *decision)
{
    size_t right = 0;
    for (size_t i = 0; i < decision->info.samples; i++)
        right += decision->decided[i] == decision->info.labels[i];
    plot_set_title(decision->plot, "%zu of %zu samples are on the right side", right,
                   decision->info.samples);
    plot_set_subtitle(decision->plot, "the stronger the color, the surer the network");
    plot_set_description(decision->plot,
                         "The plane of two features in the colors of %zu predicted classes, with "
                         "%zu samples, %zu of which have the color of their class.",
                         decision->model_info.classes, decision->info.samples, right);
}

static enum weft_status draw(struct decision_plot *decision, struct weft_picture **picture)
{
    static const char *const unnamed[FEATURES] = {"first feature", "second feature"};
    TRY(open_all(decision));
    TRY(allocate(decision));
    find_plane(decision);
    TRY(predict(decision));
    set_texts(decision);
    const char *const *names =
        decision->model_info.feature_names != NULL ? decision->model_info.feature_names : unnamed;
    const struct weft_decision_chart chart = {.chart = decision->plot->chart,
                                              .rows = GRID,
                                              .columns = GRID,
                                              .probabilities = decision->probabilities,
                                              .classes = decision->model_info.classes,
                                              .names = decision->model_info.class_names,
                                              .x_low = decision->low[0],
                                              .x_high = decision->high[0],
                                              .y_low = decision->low[1],
                                              .y_high = decision->high[1],
                                              .x_label = names[0],
                                              .y_label = names[1],
                                              .count = decision->info.samples,
                                              .x = decision->samples[0],
                                              .y = decision->samples[1],
                                              .labels = decision->info.labels};
    return told(weft_plot_decision(&chart, picture));
}

enum weft_status plot_decision(struct plot *plot, struct weft_picture **picture)
{
    struct decision_plot decision = {.plot = plot};
    const enum weft_status status = draw(&decision, picture);
    for (size_t f = 0; f < FEATURES; f++)
        free(decision.samples[f]);
    free(decision.decided);
    free(decision.probabilities);
    free(decision.places);
    weft_device_destroy(decision.device.handle);
    weft_dataset_destroy(decision.dataset);
    weft_model_destroy(decision.model);
    return status;
}
