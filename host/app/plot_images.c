/* Draws images of a data set: samples of each class, predictions, and the most confident mistakes.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data_options.h"
#include "device_option.h"
#include "message.h"
#include "plot.h"

enum { EACH_CLASS = 10, IMAGES_SHOWN = 12, SHARES = 3, CLASSES_SHOWN = 100 };

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

static enum weft_status draw_samples(struct plot *plot, const struct weft_dataset_info *info,
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
    enum weft_status status = data_open_labeled(plot->line, &sets);
    if (status != WEFT_OK) {
        weft_data_sets_reset(&sets);
        return status;
    }
    const bool test = option_given(plot->line, OPTION_PART) &&
                      strcmp(option_value(plot->line, OPTION_PART), "test") == 0;
    weft_dataset_get_info(test && sets.test != NULL ? sets.test : sets.train, &info);
    status = need_images(&info);
    if (status == WEFT_OK && info.labels == NULL)
        status =
            complain(WEFT_ERROR_DATA, "%s: labels: got none, plot samples needs them", info.name);
    if (status == WEFT_OK)
        status = draw_samples(plot, &info, picture);
    weft_data_sets_reset(&sets);
    return status;
}

/* ---- predictions ---- */

/* A prediction, and the classes of its largest probabilities. */
struct guess {
    size_t sample;
    size_t classes[SHARES];
    double shares[SHARES];
    const char *names[SHARES];
};

struct predictions {
    struct plot *plot;
    struct weft_model *model;     /* owned */
    struct weft_dataset *dataset; /* owned */
    struct device_in_use device;  /* owned */
    struct weft_model_info model_info;
    struct weft_dataset_info info;
    size_t predicted;        /* samples with a prediction, the first of the data set */
    float *probabilities;    /* [predicted][C] owned */
    struct guess *guesses;   /* [count] owned */
    struct weft_tile *tiles; /* [count] owned */
    size_t count;
};

static void find_largest(const struct predictions *predictions, struct guess *guess)
{
    const size_t C = predictions->model_info.classes;
    const float *p = predictions->probabilities + guess->sample * C;
    for (size_t k = 0; k < SHARES && k < C; k++) {
        size_t best = C;
        for (size_t c = 0; c < C; c++) {
            bool taken = false;
            for (size_t before = 0; before < k; before++)
                taken |= guess->classes[before] == c;
            if (!taken && (best == C || p[c] > p[best]))
                best = c;
        }
        guess->classes[k] = best;
        guess->shares[k] = (double)p[best];
        guess->names[k] = predictions->model_info.class_names[best];
    }
}

static bool is_right(const struct predictions *predictions, const struct guess *guess)
{
    return predictions->info.labels[guess->sample] == (int32_t)guess->classes[0];
}

static enum weft_status open_all(struct predictions *predictions)
{
    struct plot *plot = predictions->plot;
    TRY(plot_read_model(plot, &predictions->model));
    weft_model_get_info(predictions->model, &predictions->model_info);
    if (predictions->model_info.task != WEFT_TASK_CLASSIFY)
        return complain(WEFT_ERROR_USAGE, "%s: needs a model with classes", plot->line->name);
    TRY(data_open_set(plot->line, true, predictions->model, &predictions->dataset));
    weft_dataset_get_info(predictions->dataset, &predictions->info);
    TRY(need_images(&predictions->info));
    return device_open(plot->line, true, &predictions->device);
}

/* Predicts the first `count` samples. */
static enum weft_status predict(struct predictions *predictions, size_t count)
{
    const size_t C = predictions->model_info.classes;
    predictions->predicted = count;
    predictions->probabilities = plot_allocate(count * C, sizeof(float));
    predictions->guesses = plot_allocate(count, sizeof *predictions->guesses);
    predictions->tiles = plot_allocate(count, sizeof *predictions->tiles);
    if (predictions->probabilities == NULL || predictions->guesses == NULL ||
        predictions->tiles == NULL)
        return WEFT_ERROR_MEMORY;
    const enum weft_status status =
        weft_predict_dataset(predictions->device.handle, predictions->model, predictions->dataset,
                             0, count, NULL, predictions->probabilities);
    device_say_note(&predictions->device);
    TRY(told(status));
    for (size_t i = 0; i < count; i++) {
        predictions->guesses[i].sample = i;
        find_largest(predictions, &predictions->guesses[i]);
    }
    predictions->count = count;
    return WEFT_OK;
}

static void fill_tiles(const struct predictions *predictions)
{
    const struct weft_dataset_info *info = &predictions->info;
    const size_t C = predictions->model_info.classes;
    for (size_t i = 0; i < predictions->count; i++) {
        const struct guess *guess = &predictions->guesses[i];
        const int32_t label = info->labels[guess->sample];
        predictions->tiles[i] = (struct weft_tile){
            .pixels = info->x + guess->sample * info->features,
            .label = label >= 0 && (size_t)label < info->classes ? info->class_names[label]
                                                                 : "unknown class",
            .prediction = guess->names[0],
            .mark = is_right(predictions, guess) ? WEFT_MARK_RIGHT : WEFT_MARK_WRONG,
            .shares = guess->shares,
            .names = guess->names,
            .share_count = C < SHARES ? C : SHARES};
    }
}

static enum weft_status draw_tiles(const struct predictions *predictions,
                                   struct weft_picture **picture)
{
    fill_tiles(predictions);
    plot_set_description(predictions->plot,
                         "%zu images with the predicted class, the true class, and the largest "
                         "probabilities.",
                         predictions->count);
    const struct weft_image_chart chart =
        image_chart(predictions->plot, &predictions->info, predictions->tiles, predictions->count);
    return told(weft_plot_images(&chart, picture));
}

static size_t wanted(const struct plot *plot)
{
    return plot->count > 0 ? plot->count : IMAGES_SHOWN;
}

static enum weft_status draw_predictions(struct predictions *predictions,
                                         struct weft_picture **picture)
{
    const size_t most = wanted(predictions->plot);
    size_t right = 0;
    TRY(predict(predictions, most < predictions->info.samples ? most : predictions->info.samples));
    for (size_t i = 0; i < predictions->count; i++)
        right += is_right(predictions, &predictions->guesses[i]);
    plot_set_title(predictions->plot, "%zu of %zu predictions are right", right,
                   predictions->count);
    plot_set_subtitle(predictions->plot, "%.200s: the first samples; the true class is gray",
                      predictions->info.name);
    return draw_tiles(predictions, picture);
}

/* ---- mistakes ---- */

static int by_confidence(const void *a, const void *b)
{
    const struct guess *one = a, *two = b;
    if (one->shares[0] != two->shares[0])
        return one->shares[0] < two->shares[0] ? 1 : -1;
    return (one->sample > two->sample) - (one->sample < two->sample);
}

static enum weft_status draw_mistakes(struct predictions *predictions,
                                      struct weft_picture **picture)
{
    size_t wrong = 0;
    TRY(predict(predictions, predictions->info.samples));
    for (size_t i = 0; i < predictions->predicted; i++)
        if (!is_right(predictions, &predictions->guesses[i]))
            predictions->guesses[wrong++] = predictions->guesses[i];
    if (wrong == 0)
        return complain(WEFT_ERROR_DATA,
                        "%s: all %zu predictions are right; there are no mistakes to draw",
                        predictions->info.name, predictions->predicted);
    qsort(predictions->guesses, wrong, sizeof *predictions->guesses, by_confidence);
    predictions->count = wrong < wanted(predictions->plot) ? wrong : wanted(predictions->plot);
    plot_set_title(predictions->plot, "The most confident of %zu mistakes", wrong);
    plot_set_subtitle(predictions->plot, "%.200s: %zu samples; the true class is gray",
                      predictions->info.name, predictions->predicted);
    return draw_tiles(predictions, picture);
}

static enum weft_status plot_predicted(struct plot *plot,
                                       enum weft_status (*draw)(struct predictions *,
                                                                struct weft_picture **),
                                       struct weft_picture **picture)
{
    struct predictions predictions = {.plot = plot};
    enum weft_status status = open_all(&predictions);
    if (status == WEFT_OK)
        status = draw(&predictions, picture);
    free(predictions.tiles);
    free(predictions.guesses);
    free(predictions.probabilities);
    weft_device_destroy(predictions.device.handle);
    weft_dataset_destroy(predictions.dataset);
    weft_model_destroy(predictions.model);
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
