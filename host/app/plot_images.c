/* Draws images of a data set: samples of each class, predictions, and the most confident mistakes.
 */
#include <stdlib.h>
#include <string.h>

#include "data_options.h"
#include "device_option.h"
#include "message.h"
#include "plot.h"

enum { EACH_CLASS = 10, IMAGES_SHOWN = 12, CLASSES_SHOWN = 100 };

static enum weft_status need_images(const struct weft_dataset_info *info)
{
    if (info->width > 0 && (info->channels == 1 || info->channels == 3))
        return WEFT_OK;
    return complain(WEFT_ERROR_DATA, "%s: the samples are not images", info->name);
}

static struct weft_image_chart image_chart(const struct plot *plot,
                                           const struct weft_dataset_info *info,
                                           const struct weft_tile *tiles, size_t count)
{
    return (struct weft_image_chart){.chart = plot->chart,
                                     .tiles = tiles,
                                     .tile_count = count,
                                     .height = info->height,
                                     .width = info->width,
                                     .channels = info->channels};
}

/* ---- samples ---- */

/* Stores the first `each` samples of each class, row by row. A class with fewer has empty places,
 * which repeat no sample: `blank` is an image without content. */
static void fill_rows(const struct weft_dataset_info *info, size_t each, size_t rows,
                      const float *blank, struct weft_tile *tiles)
{
    for (size_t c = 0; c < rows; c++) {
        size_t found = 0;
        for (size_t i = 0; i < info->samples && found < each; i++)
            if (info->labels[i] == (int32_t)c)
                tiles[c * each + found++].pixels = info->x + i * info->features;
        for (; found < each; found++)
            tiles[c * each + found].pixels = blank;
    }
}

enum weft_status plot_draw_samples(struct plot *plot, const struct weft_dataset_info *info,
                                   struct weft_picture **picture)
{
    const size_t most = plot->count > 0 ? plot->count : EACH_CLASS;
    const size_t each = most < info->samples ? most : info->samples;
    const size_t rows = info->classes < CLASSES_SHOWN ? info->classes : CLASSES_SHOWN;
    struct weft_tile *tiles = plot_allocate(rows * each, sizeof *tiles);
    float *blank = plot_allocate(info->features, sizeof *blank);
    enum weft_status status = WEFT_ERROR_MEMORY;
    if (tiles != NULL && blank != NULL) {
        fill_rows(info, each, rows, blank, tiles);
        plot_set_title(plot, "Samples of each class");
        plot_set_subtitle(plot, "%.200s: the first %zu of each class", info->name, each);
        plot_set_description(plot, "%zu images of each of %zu classes.", each, rows);
        struct weft_image_chart chart = image_chart(plot, info, tiles, rows * each);
        chart.columns = each;
        chart.row_names = info->class_names;
        status = told(weft_plot_images(&chart, picture));
    }
    free(tiles);
    free(blank);
    return status;
}

enum weft_status plot_samples(struct plot *plot, struct weft_picture **picture)
{
    struct weft_data_sets sets = {0};
    struct weft_dataset_info info;
    bool test;
    TRY(data_part_is_test(plot->line, false, &test));
    enum weft_status status = data_open_labeled(plot->line, &sets);
    if (status != WEFT_OK) {
        weft_data_sets_reset(&sets);
        return status;
    }
    weft_dataset_get_info(test && sets.test != NULL ? sets.test : sets.train, &info);
    status = need_images(&info);
    if (status == WEFT_OK && info.labels == NULL)
        status =
            complain(WEFT_ERROR_DATA, "%s: labels: got none, plot samples needs them", info.name);
    if (status == WEFT_OK)
        status = plot_draw_samples(plot, &info, picture);
    weft_data_sets_reset(&sets);
    return status;
}

/* ---- predictions ---- */

/* What a picture of predictions is made from. */
struct source {
    struct weft_model *model;     /* owned */
    struct weft_dataset *dataset; /* owned */
    struct device_in_use device;  /* owned */
    struct weft_dataset_info info;
    struct guesses guesses; /* owned */
};

static enum weft_status open_all(const struct plot *plot, struct source *source)
{
    struct weft_model_info model;
    TRY(plot_read_model(plot, &source->model));
    weft_model_get_info(source->model, &model);
    if (model.task != WEFT_TASK_CLASSIFY)
        return complain(WEFT_ERROR_USAGE, "%s: needs a model with classes", plot->line->name);
    TRY(data_open_set(plot->line, true, source->model, &source->dataset));
    weft_dataset_get_info(source->dataset, &source->info);
    TRY(need_images(&source->info));
    return device_open(plot->line, true, &source->device);
}

/* Predicts the first `count` samples. */
static enum weft_status predict(struct source *source, size_t count)
{
    const enum weft_status status = guesses_make(source->device.handle, source->model,
                                                 source->dataset, count, &source->guesses);
    device_say_note(&source->device);
    return status;
}

static void fill_tiles(const struct guesses *guesses, struct weft_tile *tiles, size_t count)
{
    const size_t C = guesses->model.classes;
    for (size_t i = 0; i < count; i++) {
        const struct guess *guess = &guesses->list[i];
        tiles[i] =
            (struct weft_tile){.pixels = guesses->data.x + guess->sample * guesses->data.features,
                               .label = guess_label(guesses, guess),
                               .prediction = guess->names[0],
                               .mark = guess->right ? WEFT_MARK_RIGHT : WEFT_MARK_WRONG,
                               .shares = guess->shares,
                               .names = guess->names,
                               .share_count = C < GUESS_SHARES ? C : GUESS_SHARES};
    }
}

static size_t wanted(const struct plot *plot, size_t count)
{
    const size_t most = plot->count > 0 ? plot->count : IMAGES_SHOWN;
    return most < count ? most : count;
}

/* Draws the first predictions of the list. */
static enum weft_status draw_tiles(struct plot *plot, const struct guesses *guesses,
                                   struct weft_picture **picture)
{
    const size_t count = wanted(plot, guesses->count);
    struct weft_tile *tiles = plot_allocate(count, sizeof *tiles);
    if (tiles == NULL)
        return WEFT_ERROR_MEMORY;
    fill_tiles(guesses, tiles, count);
    plot_set_description(plot,
                         "%zu images with the predicted class, the true class, and the largest "
                         "probabilities.",
                         count);
    const struct weft_image_chart chart = image_chart(plot, &guesses->data, tiles, count);
    const enum weft_status status = told(weft_plot_images(&chart, picture));
    free(tiles);
    return status;
}

enum weft_status plot_draw_predictions(struct plot *plot, const struct guesses *guesses,
                                       struct weft_picture **picture)
{
    const size_t count = wanted(plot, guesses->count);
    size_t right = 0;
    for (size_t i = 0; i < count; i++)
        right += guesses->list[i].right;
    plot_set_title(plot, "%zu of %zu predictions are right", right, count);
    plot_set_subtitle(plot, "%.200s: the first samples; the true class is gray",
                      guesses->data.name);
    return draw_tiles(plot, guesses, picture);
}

static enum weft_status draw_predictions(struct plot *plot, struct source *source,
                                         struct weft_picture **picture)
{
    TRY(predict(source, wanted(plot, source->info.samples)));
    return plot_draw_predictions(plot, &source->guesses, picture);
}

/* ---- mistakes ---- */

enum weft_status plot_draw_mistakes(struct plot *plot, const struct guesses *mistakes,
                                    struct weft_picture **picture)
{
    plot_set_title(plot, "The most confident of %zu mistakes", mistakes->count);
    plot_set_subtitle(plot, "%.200s: %zu samples; the true class is gray", mistakes->data.name,
                      mistakes->predicted);
    return draw_tiles(plot, mistakes, picture);
}

static enum weft_status draw_mistakes(struct plot *plot, struct source *source,
                                      struct weft_picture **picture)
{
    TRY(predict(source, source->info.samples));
    guesses_keep_mistakes(&source->guesses);
    if (source->guesses.count == 0)
        return complain(WEFT_ERROR_DATA,
                        "%s: all %zu predictions are right; there are no mistakes to draw",
                        source->info.name, source->guesses.predicted);
    return plot_draw_mistakes(plot, &source->guesses, picture);
}

static enum weft_status plot_predicted(struct plot *plot,
                                       enum weft_status (*draw)(struct plot *, struct source *,
                                                                struct weft_picture **),
                                       struct weft_picture **picture)
{
    struct source source = {0};
    enum weft_status status = open_all(plot, &source);
    if (status == WEFT_OK)
        status = draw(plot, &source, picture);
    guesses_reset(&source.guesses);
    weft_device_destroy(source.device.handle);
    weft_dataset_destroy(source.dataset);
    weft_model_destroy(source.model);
    return status;
}

enum weft_status plot_predictions(struct plot *plot, struct weft_picture **picture)
{
    return plot_predicted(plot, draw_predictions, picture);
}

enum weft_status plot_mistakes(struct plot *plot, struct weft_picture **picture)
{
    return plot_predicted(plot, draw_mistakes, picture);
}
