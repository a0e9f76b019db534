/* Writes the section of a report that maps samples in two dimensions, by t-SNE. */
#include <stdlib.h>
#include <string.h>

#include "html_report.h"
#include "message.h"
#include "weft_embed.h"

/* A map of samples. */
struct map {
    size_t samples, layer, units; /* layer counted from 1; its width */
    size_t *rows;                 /* [samples] owned: their numbers in the data */
    float *x;                     /* [samples][D] owned */
    float *activations;           /* [samples][units] owned */
    float *coordinates;           /* [samples][2] owned */
    double *points;               /* [2][samples] owned: all x, then all y */
    int32_t *labels;              /* [samples] owned */
    struct weft_embedding embedding;
};

static void map_reset(struct map *map)
{
    free(map->rows);
    free(map->x);
    free(map->activations);
    free(map->coordinates);
    free(map->points);
    free(map->labels);
}

static enum weft_status map_allocate(struct map *map, size_t features)
{
    map->rows = plot_allocate(map->samples, sizeof *map->rows);
    map->x = plot_allocate(map->samples, features * sizeof *map->x);
    map->activations = plot_allocate(map->samples, map->units * sizeof *map->activations);
    map->coordinates = plot_allocate(map->samples, 2 * sizeof *map->coordinates);
    map->points = plot_allocate(map->samples, 2 * sizeof *map->points);
    map->labels = plot_allocate(map->samples, sizeof *map->labels);
    return map->rows != NULL && map->x != NULL && map->activations != NULL &&
                   map->coordinates != NULL && map->points != NULL && map->labels != NULL
               ? WEFT_OK
               : WEFT_ERROR_MEMORY;
}

/* Chooses the samples and computes the activations of the last hidden layer. */
static enum weft_status choose(const struct html_report *report, struct map *map)
{
    const size_t D = report->data.features;
    TRY(told(weft_embed_choose(report->dataset, map->samples, 0, map->rows)));
    for (size_t i = 0; i < map->samples; i++) {
        memcpy(map->x + i * D, report->data.x + map->rows[i] * D, D * sizeof *map->x);
        map->labels[i] = report->data.labels != NULL ? report->data.labels[map->rows[i]] : 0;
    }
    return told(weft_model_activations(report->device, report->model, map->x, map->samples,
                                       map->layer, map->activations));
}

static enum weft_status map_make(const struct html_report *report, struct map *map)
{
    TRY(map_allocate(map, report->data.features));
    TRY(choose(report, map));
    TRY(told(weft_embed(report->device, map->activations, map->samples, map->units, NULL,
                        map->coordinates, &map->embedding)));
    for (size_t i = 0; i < map->samples; i++) {
        map->points[i] = (double)map->coordinates[2 * i];
        map->points[map->samples + i] = (double)map->coordinates[2 * i + 1];
    }
    return WEFT_OK;
}

static enum weft_status draw_map(const struct html_report *report, struct plot *plot,
                                 const void *what, struct weft_picture **picture)
{
    const struct map *map = what;
    const bool classes = report->data.labels != NULL;
    plot_set_title(plot, "How the network sees %zu samples", map->samples);
    plot_set_description(plot, "A map of samples by t-SNE. Samples with similar activations in the "
                               "last hidden layer are close together.");
    const struct weft_scatter_chart chart = {.chart = plot->chart,
                                             .count = map->samples,
                                             .x = map->points,
                                             .y = map->points + map->samples,
                                             .labels = classes ? map->labels : NULL,
                                             .classes = classes ? report->data.classes : 1,
                                             .names = classes ? report->data.class_names : NULL,
                                             .equal = true};
    return told(weft_plot_scatter(&chart, picture));
}

static void add_data(struct html_report *report, const struct map *map)
{
    static const struct weft_page_column columns[] = {{"x", WEFT_PAGE_COLUMN_NUMBER},
                                                      {"y", WEFT_PAGE_COLUMN_NUMBER},
                                                      {"label", WEFT_PAGE_COLUMN_NAME},
                                                      {"index", WEFT_PAGE_COLUMN_NUMBER}};
    weft_page_begin_data(report->page, "embedding.csv", columns, 4);
    for (size_t i = 0; i < map->samples; i++) {
        const int32_t label = map->labels[i];
        const bool named =
            report->data.labels != NULL && label >= 0 && (size_t)label < report->data.classes;
        for (size_t axis = 0; axis < 2; axis++) {
            weft_page_cell(report->page);
            weft_page_text(report->page, "%.6g", map->points[axis * map->samples + i]);
        }
        html_cell_name(report, named ? report->data.class_names[label] : "");
        weft_page_cell(report->page);
        weft_page_text(report->page, "%zu", map->rows[i]);
    }
    weft_page_end(report->page);
}

static enum weft_status add_map(struct html_report *report, struct map *map)
{
    TRY(map_make(report, map));
    weft_page_section(report->page, "embedding", "Embedding");
    TRY(html_begin_figure(report, draw_map, map));
    weft_page_text(report->page,
                   "A map of %zu units of layer %zu by t-SNE (perplexity %.3g, divergence %.3f). "
                   "Samples that are near each other look alike to the network. Distances between "
                   "groups mean little.",
                   map->units, map->layer, map->embedding.perplexity, map->embedding.divergence);
    add_data(report, map);
    weft_page_end(report->page);
    return WEFT_OK;
}

enum weft_status html_map(struct html_report *report)
{
    const struct weft_model_info *info = &report->info;
    const size_t layer = info->layers > 1 ? info->layers - 1 : 1;
    struct map map = {.samples = report->map_samples, .layer = layer, .units = info->widths[layer]};
    if (report->map_samples == 0)
        return WEFT_OK;
    if (map.samples > report->data.samples)
        return complain(WEFT_ERROR_USAGE, "--embedding %zu: %s has %zu samples", map.samples,
                        report->data.name, report->data.samples);
    if (!option_given(report->line, OPTION_QUIET))
        say(NULL, "embedding %zu samples of %zu units", map.samples, map.units);
    const enum weft_status status = add_map(report, &map);
    map_reset(&map);
    return status;
}
