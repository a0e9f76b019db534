/* Makes the pictures of tests/golden/plots: every kind of chart, with ordinary data and with data
 * that break layouts: long names, markup in names, right-to-left text, no number at all, one class,
 * a hundred classes. */
#ifndef WEFT_TESTS_PLOT_CHARTS_H
#define WEFT_TESTS_PLOT_CHARTS_H

#include "plot_extremes.h"
#include "plot_planes.h"

typedef enum weft_status chart_function(struct weft_picture **picture);

/* ---- lines ---- */

enum { CURVE = 40 };

static enum weft_status chart_curve(struct weft_picture **picture)
{
    static double error[CURVE], train[CURVE], validation[CURVE], low[CURVE], high[CURVE],
        rate[CURVE];
    for (unsigned i = 0; i < CURVE; i++) {
        const double t = (double)i / CURVE;
        error[i] = 0.15 + 2.0 * (1.0 - t) * (1.0 - t) * (1.0 - t) + 0.03 * chart_noise(i);
        train[i] = 0.95 - 0.35 * (1.0 - t) * (1.0 - t);
        validation[i] = 0.9 - 0.3 * (1.0 - t) * (1.0 - t) - (t > 0.6 ? 0.08 * (t - 0.6) : 0.0);
        low[i] = validation[i] - 0.012;
        high[i] = validation[i] + 0.012;
        rate[i] = 0.003 * (1.0 - t) + 1e-6;
    }
    const struct weft_series losses[] = {{.name = "error", .y = error, .count = CURVE}};
    const struct weft_series scores[] = {
        {.name = "training", .y = train, .count = CURVE},
        {.name = "validation", .y = validation, .low = low, .high = high, .count = CURVE}};
    const struct weft_series rates[] = {{.name = "learning rate", .y = rate, .count = CURVE}};
    const struct weft_panel panels[] = {
        {.series = losses, .series_count = 1, .y_label = "error", .log_y = true},
        {.series = scores,
         .series_count = 2,
         .y_label = "accuracy",
         .percent = true,
         .mark_x = 25,
         .mark = "best: epoch 25"},
        {.series = rates, .series_count = 1, .y_label = "learning rate"}};
    const struct weft_line_chart chart = {
        .chart = {.title = "Validation accuracy peaks at epoch 25: 86.7\xc2\xa0%",
                  .subtitle = "preset default, seed 42; the band spans three members",
                  .description = "Error, accuracy and learning rate over 40 epochs."},
        .panels = panels,
        .panel_count = 3,
        .x_label = "epoch"};
    return weft_plot_lines(&chart, picture);
}

/* One epoch: a dot for each series. */
static enum weft_status chart_one_epoch(struct weft_picture **picture)
{
    const double error = 0.5;
    const struct weft_series series = {.name = "error", .y = &error, .count = 1};
    const struct weft_panel panel = {.series = &series, .series_count = 1, .y_label = "error"};
    const struct weft_line_chart chart = {
        .chart.title = "One epoch", .panels = &panel, .panel_count = 1, .x_label = "epoch"};
    return weft_plot_lines(&chart, picture);
}

/* Epochs without a number, alone, at both ends and in the middle; a series of none at all. */
static enum weft_status chart_gaps(struct weft_picture **picture)
{
    const double x[] = {1, 2, 3, 4, 5, 6, 7, 8};
    const double some[] = {(double)NAN, 3, (double)NAN, 2, 1.5, (double)INFINITY, 1.2, (double)NAN};
    const double low[] = {(double)NAN,      2.5, (double)NAN, 1.5, 1.2,
                          (double)INFINITY, 1.1, (double)NAN};
    const double high[] = {(double)NAN,      3.5, (double)NAN, 2.5, 1.8,
                           (double)INFINITY, 1.3, (double)NAN};
    const double none[] = {(double)NAN, (double)NAN, (double)NAN, (double)NAN,
                           (double)NAN, (double)NAN, (double)NAN, (double)NAN};
    const struct weft_series series[] = {
        {.name = nasty_names[0], .x = x, .y = some, .low = low, .high = high, .count = 8},
        {.name = "never", .x = x, .y = none, .count = 8},
        {.name = nasty_names[2], .y = x, .count = 0}};
    const struct weft_panel panels[] = {{.series = series, .series_count = 3, .y_label = "error"},
                                        {.series = series + 1, .series_count = 1}};
    const struct weft_line_chart chart = {.chart.title = nasty_names[0],
                                          .chart.subtitle = nasty_names[1],
                                          .chart.description = nasty_names[6],
                                          .panels = panels,
                                          .panel_count = 2,
                                          .x_label = nasty_names[5]};
    return weft_plot_lines(&chart, picture);
}

/* Both axes logarithmic; ten series, whose names would overlap. */
static enum weft_status chart_log(struct weft_picture **picture)
{
    static double x[6], y[10][6];
    struct weft_series series[10];
    for (unsigned s = 0; s < 10; s++) {
        for (unsigned i = 0; i < 6; i++) {
            x[i] = 16.0 * pow(4.0, i);
            y[s][i] = i == 0 && s == 0 ? 0.0 : (2.0 + 0.02 * s) / (1.0 + x[i] / 100.0);
        }
        series[s] = (struct weft_series){.name = fashion[s], .x = x, .y = y[s], .count = 6};
    }
    const struct weft_panel panel = {
        .series = series, .series_count = 10, .y_label = "seconds per epoch", .log_y = true};
    const struct weft_line_chart chart = {
        .chart = {.title =
                      "A title that is so long that it needs several lines, because whoever wrote "
                      "it wanted to say everything at once and then some more"},
        .panels = &panel,
        .panel_count = 1,
        .x_label = "batch size",
        .log_x = true};
    return weft_plot_lines(&chart, picture);
}

/* ---- bars ---- */

static enum weft_status chart_bars(struct weft_picture **picture)
{
    const struct weft_bar bars[] = {
        {.name = "CPU backend, OpenBLAS", .value = 0.62, .low = 0.6, .high = 0.68, .category = 0},
        {.name = "pthread-skylake-avx512 on the Portable Computing Language",
         .value = 1.31,
         .category = 1},
        {.name = nasty_names[3], .value = -0.2, .category = 2},
        {.name = nasty_names[0], .value = (double)NAN, .category = 3}};
    const struct weft_bar_chart chart = {.chart.title = "The CPU backend takes half the time",
                                         .bars = bars,
                                         .bar_count = 4,
                                         .x_label = "seconds per epoch"};
    return weft_plot_bars(&chart, picture);
}

/* ---- confusion and heat ---- */

static enum weft_status confusion(size_t classes, const char *const *names, bool neighbors,
                                  const char *title, struct weft_picture **picture)
{
    static size_t counts[100 * 100];
    for (size_t row = 0; row < classes; row++)
        for (size_t column = 0; column < classes; column++) {
            const double noise = chart_noise((unsigned)(row * classes + column));
            counts[row * classes + column] = row == column ? 800 + (size_t)(150 * noise)
                                             : row + column == classes - 1 ? (size_t)(200 * noise)
                                             : noise > 0.6 ? (size_t)(30 * (noise - 0.6))
                                                           : 0;
        }
    const struct weft_confusion_chart chart = {
        .chart = {.title = title, .description = "Rows are true classes."},
        .classes = classes,
        .counts = counts,
        .names = names,
        .neighbors = neighbors};
    return weft_plot_confusion(&chart, picture);
}

static enum weft_status chart_confusion(struct weft_picture **picture)
{
    return confusion(10, fashion, false, "Shirts are mistaken for dresses", picture);
}

static enum weft_status chart_neighbors(struct weft_picture **picture)
{
    return confusion(10, fashion, true, "Confused classes are neighbors", picture);
}

static enum weft_status chart_nasty_confusion(struct weft_picture **picture)
{
    return confusion(8, nasty_names, false, nasty_names[1], picture);
}

static enum weft_status chart_one_class(struct weft_picture **picture)
{
    return confusion(1, NULL, true, "One class", picture);
}

static enum weft_status chart_hundred_classes(struct weft_picture **picture)
{
    return confusion(100, NULL, false, "A hundred classes", picture);
}

static enum weft_status heat(bool difference, struct weft_picture **picture)
{
    static double values[8 * 12];
    for (unsigned i = 0; i < 8 * 12; i++)
        values[i] = i == 30 ? (double)NAN : sin(0.37 * i) + (double)(i % 12) / 12.0;
    const struct weft_heat_chart chart = {.chart.title = "Numbers",
                                          .rows = 8,
                                          .columns = 12,
                                          .values = values,
                                          .row_names = nasty_names,
                                          .difference = difference};
    return weft_plot_heat(&chart, picture);
}

static enum weft_status chart_heat(struct weft_picture **picture)
{
    return heat(false, picture);
}

static enum weft_status chart_difference(struct weft_picture **picture)
{
    return heat(true, picture);
}

/* ---- points ---- */

static enum weft_status scatter(size_t classes, const char *const *names,
                                struct weft_picture **picture)
{
    enum { POINTS = 240 };
    static double x[POINTS], y[POINTS];
    const unsigned count = classes > 10 ? 60 : POINTS;
    static int32_t labels[POINTS];
    for (unsigned i = 0; i < count; i++) {
        const unsigned class = i % (unsigned)classes;
        labels[i] = i == 7 ? -1 : (int32_t) class;
        x[i] = i == 9 ? (double)NAN : 30.0 * cos(0.7 * class) + 12.0 * (chart_noise(i) - 0.5);
        y[i] = 30.0 * sin(0.7 * class) + 12.0 * (chart_noise(i + 1000) - 0.5);
    }
    const struct weft_scatter_chart chart = {
        .chart = {.title = "Sandals lie apart", .description = "An embedding."},
        .count = count,
        .x = x,
        .y = y,
        .labels = classes > 1 ? labels : NULL,
        .classes = classes,
        .names = names,
        .equal = true};
    return weft_plot_scatter(&chart, picture);
}

static enum weft_status chart_scatter(struct weft_picture **picture)
{
    return scatter(8, nasty_names, picture);
}

static enum weft_status chart_scatter_ten(struct weft_picture **picture)
{
    return scatter(10, fashion, picture);
}

static enum weft_status chart_scatter_thirty(struct weft_picture **picture)
{
    return scatter(30, NULL, picture);
}

static enum weft_status chart_scatter_one(struct weft_picture **picture)
{
    return scatter(1, NULL, picture);
}

/* ---- images ---- */

enum { SIDE = 12, IMAGES = 20 };

/* A ring on a dark ground, of one channel. */
static const float *chart_image(unsigned index)
{
    static float images[IMAGES][SIDE * SIDE];
    for (int r = 0; r < SIDE; r++)
        for (int c = 0; c < SIDE; c++) {
            const double distance = hypot(r - 5.5, c - 5.5), radius = 2.0 + 0.17 * index;
            images[index][r * SIDE + c] = (float)fmax(0.0, 1.0 - 0.6 * fabs(distance - radius));
        }
    return images[index];
}

static enum weft_status chart_samples(struct weft_picture **picture)
{
    struct weft_tile tiles[IMAGES];
    for (unsigned i = 0; i < IMAGES; i++)
        tiles[i] = (struct weft_tile){.pixels = chart_image(i)};
    const char *const rows[] = {fashion[0], nasty_names[5]};
    const struct weft_image_chart chart = {.chart.title = "Samples of each class",
                                           .tiles = tiles,
                                           .tile_count = IMAGES,
                                           .height = SIDE,
                                           .width = SIDE,
                                           .channels = 1,
                                           .columns = 10,
                                           .row_names = rows};
    return weft_plot_images(&chart, picture);
}

static enum weft_status chart_predictions(struct weft_picture **picture)
{
    static const double shares[2][3] = {{0.82, 0.11, 0.07}, {0.46, 0.44, 0.1}};
    struct weft_tile tiles[6];
    for (unsigned i = 0; i < 6; i++)
        tiles[i] = (struct weft_tile){.pixels = chart_image(i),
                                      .label = i == 3 ? nasty_names[0] : fashion[i],
                                      .prediction = i == 4 ? nasty_names[5] : fashion[i + i % 2],
                                      .mark = i % 2 == 0 ? WEFT_MARK_RIGHT : WEFT_MARK_WRONG,
                                      .shares = shares[i % 2],
                                      .names = i == 4 ? nasty_names : fashion + i,
                                      .share_count = 3};
    const struct weft_image_chart chart = {.chart.title = "3 of 6 predictions are right",
                                           .tiles = tiles,
                                           .tile_count = 6,
                                           .height = SIDE,
                                           .width = SIDE,
                                           .channels = 1};
    return weft_plot_images(&chart, picture);
}

static enum weft_status chart_weights(struct weft_picture **picture)
{
    static float weights[IMAGES][SIDE * SIDE];
    struct weft_tile tiles[IMAGES];
    for (unsigned i = 0; i < IMAGES; i++) {
        for (unsigned p = 0; p < SIDE * SIDE; p++)
            weights[i][p] = (float)(chart_noise(i * 1000 + p) - 0.5) * (i == 3 ? 0.1F : 1.0F);
        tiles[i] = (struct weft_tile){.pixels = weights[i]};
    }
    const struct weft_image_chart chart = {.chart.title = "Weights of the first layer",
                                           .tiles = tiles,
                                           .tile_count = IMAGES,
                                           .height = SIDE,
                                           .width = SIDE,
                                           .channels = 1,
                                           .difference = true};
    return weft_plot_images(&chart, picture);
}

/* ---- others ---- */

static enum weft_status chart_calibration(struct weft_picture **picture)
{
    struct weft_calibration_bin bins[10];
    for (unsigned i = 0; i < 10; i++)
        bins[i] = (struct weft_calibration_bin){.samples = 20 * i * i,
                                                .confidence = i < 2 ? (double)NAN : 0.1 * i + 0.06,
                                                .accuracy = i < 2 ? (double)NAN : 0.09 * i + 0.03};
    bins[1] = (struct weft_calibration_bin){.samples = 9, .confidence = 0.17, .accuracy = 0.8};
    const struct weft_calibration_chart chart = {
        .chart = {.title = "The model is too sure of itself",
                  .subtitle = "expected calibration error 4.1\xc2\xa0%"},
        .bins = bins,
        .bin_count = 10};
    return weft_plot_calibration(&chart, picture);
}

static enum weft_status chart_network(struct weft_picture **picture)
{
    const struct weft_network_layer layers[] = {
        {784, "features"}, {12, nasty_names[0]}, {13, nasty_names[5]}, {1, "softmax"}};
    const struct weft_network_chart chart = {
        .chart.title = "A network of 10 495 parameters", .layers = layers, .layer_count = 4};
    return weft_plot_network(&chart, picture);
}

static enum weft_status histograms(size_t classes, struct weft_picture **picture)
{
    enum { ROWS = 150 };
    static double values[4][ROWS];
    static int32_t labels[ROWS];
    for (unsigned i = 0; i < ROWS; i++) {
        labels[i] = (int32_t)(i % classes);
        values[0][i] = 4.3 + 0.8 * labels[i] + 1.6 * chart_noise(i) * chart_noise(i + 500);
        values[1][i] = i % 7 == 0 ? (double)NAN : 1000.0 * chart_noise(i + 900);
        values[2][i] = 3.0;
        values[3][i] = (double)NAN;
    }
    const struct weft_histogram columns[] = {{"petal length (cm)", values[0]},
                                             {nasty_names[5], values[1]},
                                             {nasty_names[0], values[2]},
                                             {"nothing", values[3]}};
    const struct weft_histogram_chart chart = {.chart.title = "Petals tell the species apart",
                                               .columns = columns,
                                               .column_count = 4,
                                               .count = ROWS,
                                               .labels = labels,
                                               .classes = classes,
                                               .names = classes <= 8 ? nasty_names : NULL};
    return weft_plot_histograms(&chart, picture);
}

static enum weft_status chart_histograms(struct weft_picture **picture)
{
    return histograms(3, picture);
}

static enum weft_status chart_histograms_many(struct weft_picture **picture)
{
    return histograms(100, picture);
}

static const struct named_chart {
    const char *name;
    chart_function *make;
} charts[] = {{"curve", chart_curve},
              {"one_epoch", chart_one_epoch},
              {"gaps", chart_gaps},
              {"crowded", chart_crowded},
              {"heat_one_cell", chart_one_cell},
              {"scatter_extreme", chart_scatter_extreme},
              {"log", chart_log},
              {"bars", chart_bars},
              {"confusion", chart_confusion},
              {"confusion_neighbors", chart_neighbors},
              {"confusion_nasty", chart_nasty_confusion},
              {"confusion_one_class", chart_one_class},
              {"confusion_hundred_classes", chart_hundred_classes},
              {"heat", chart_heat},
              {"heat_difference", chart_difference},
              {"scatter", chart_scatter},
              {"scatter_one_class", chart_scatter_one},
              {"scatter_ten_classes", chart_scatter_ten},
              {"scatter_thirty_classes", chart_scatter_thirty},
              {"decision", chart_decision},
              {"pixels", chart_pixels},
              {"samples", chart_samples},
              {"predictions", chart_predictions},
              {"weights", chart_weights},
              {"calibration", chart_calibration},
              {"network", chart_network},
              {"histograms", chart_histograms},
              {"histograms_hundred_classes", chart_histograms_many}};
enum { CHARTS = sizeof charts / sizeof *charts };

#endif
