/* Draws models: the network's layers, and the weights of its first layer as images. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data_options.h"
#include "message.h"
#include "plot.h"

enum { WEIGHTS_SHOWN = 100, LAYERS_LIMIT = 65 };

/* ---- network ---- */

enum weft_status plot_draw_network(struct plot *plot, const struct weft_model_info *info,
                                   struct weft_picture **picture)
{
    struct weft_network_layer layers[LAYERS_LIMIT + 1];
    char widths[PLOT_TEXT] = "", name[64];
    size_t used = 0;
    for (size_t l = 0; l <= info->layers && l <= LAYERS_LIMIT; l++) {
        layers[l] = (struct weft_network_layer){
            info->widths[l], l == 0 ? "features"
                             : l == info->layers
                                 ? weft_option_word("head", info->head)
                                 : weft_option_word("activation", info->activations[l - 1])};
        if (used < sizeof widths)
            used += (size_t)snprintf(widths + used, sizeof widths - used, "%s%zu", l > 0 ? "-" : "",
                                     info->widths[l]);
    }
    name[0] = '\0';
    if (info->members > 1)
        snprintf(name, sizeof name, ", %zu members", info->members);
    plot_set_title(plot, "%.400s: %zu parameters%s", widths, info->parameters, name);
    plot_set_subtitle(plot, "preset %.100s%s", info->preset,
                      info->batch_norm ? ", batch norm in the hidden layers" : "");
    plot_set_description(plot, "A network of %zu layers: %.400s.", info->layers, widths);
    const struct weft_network_chart chart = {
        .chart = plot->chart, .layers = layers, .layer_count = info->layers + 1};
    return told(weft_plot_network(&chart, picture));
}

enum weft_status plot_network(struct plot *plot, struct weft_picture **picture)
{
    struct weft_model *model = NULL;
    struct weft_model_info info;
    TRY(plot_read_model(plot, &model));
    weft_model_get_info(model, &info);
    const enum weft_status status = plot_draw_network(plot, &info, picture);
    weft_model_destroy(model);
    return status;
}

/* ---- weights ---- */

/* A unit of the first layer and the size of its weights. */
struct unit {
    const float *weights; /* [D] */
    double norm;
    size_t index;
};

static int by_norm(const void *a, const void *b)
{
    const struct unit *one = a, *two = b;
    if (one->norm != two->norm)
        return one->norm < two->norm ? 1 : -1;
    return (one->index > two->index) - (one->index < two->index);
}

/* Finds the size of the images that the features are: --image-size, or a square. */
static enum weft_status image_size(const struct plot *plot, size_t features, size_t *height,
                                   size_t *width)
{
    struct weft_data_options form;
    TRY(data_read_options(plot->line, &form));
    const size_t side = (size_t)lround(sqrt((double)features));
    *height = form.image_height > 0 ? form.image_height : side;
    *width = form.image_width > 0 ? form.image_width : side;
    if (*height * *width == features)
        return WEFT_OK;
    return complain(WEFT_ERROR_USAGE,
                    "weights: %zu features are not a gray image of %zux%zu; give --image-size WxH",
                    features, *width, *height);
}

static enum weft_status draw_units(struct plot *plot, const struct weft_model *model, size_t height,
                                   size_t width, struct unit *units, struct weft_tile *tiles,
                                   struct weft_picture **picture)
{
    struct weft_model_info info;
    weft_model_get_info(model, &info);
    const size_t outputs = info.widths[1];
    const size_t most = plot->count > 0 ? plot->count : WEIGHTS_SHOWN;
    const size_t shown = outputs < most ? outputs : most;
    struct weft_image_chart chart = {.tiles = tiles,
                                     .tile_count = shown,
                                     .height = height,
                                     .width = width,
                                     .channels = 1,
                                     .difference = true};
    for (size_t o = 0; o < outputs; o++) {
        units[o] =
            (struct unit){.weights = weft_model_weights(model, 0) + o * info.features, .index = o};
        for (size_t i = 0; i < info.features; i++)
            units[o].norm += (double)units[o].weights[i] * (double)units[o].weights[i];
    }
    qsort(units, outputs, sizeof *units, by_norm);
    for (size_t o = 0; o < shown; o++)
        tiles[o].pixels = units[o].weights;
    plot_set_title(plot, "Weights of the first layer");
    if (shown < outputs)
        plot_set_subtitle(plot, "%zu of %zu units, largest weights first; red raises, blue lowers",
                          shown, outputs);
    else
        plot_set_subtitle(plot, "all %zu units, largest weights first; red raises, blue lowers",
                          outputs);
    plot_set_description(plot, "The weights of %zu units, each as an image of %zu by %zu.", shown,
                         chart.width, chart.height);
    chart.chart = plot->chart;
    return told(weft_plot_images(&chart, picture));
}

enum weft_status plot_draw_weights(struct plot *plot, const struct weft_model *model, size_t height,
                                   size_t width, struct weft_picture **picture)
{
    struct weft_model_info info;
    weft_model_get_info(model, &info);
    struct unit *units = plot_allocate(info.widths[1], sizeof *units);
    struct weft_tile *tiles = plot_allocate(info.widths[1], sizeof *tiles);
    const enum weft_status status =
        units != NULL && tiles != NULL
            ? draw_units(plot, model, height, width, units, tiles, picture)
            : WEFT_ERROR_MEMORY;
    free(units);
    free(tiles);
    return status;
}

enum weft_status plot_weights(struct plot *plot, struct weft_picture **picture)
{
    struct weft_model *model = NULL;
    struct weft_model_info info;
    size_t height, width;
    TRY(plot_read_model(plot, &model));
    weft_model_get_info(model, &info);
    enum weft_status status = image_size(plot, info.features, &height, &width);
    if (status == WEFT_OK)
        status = plot_draw_weights(plot, model, height, width, picture);
    weft_model_destroy(model);
    return status;
}
