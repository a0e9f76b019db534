/* Makes two pictures of tests/golden/plots: what a classifier decides, and pixels as numbers. */
#ifndef WEFT_TESTS_PLOT_PLANES_H
#define WEFT_TESTS_PLOT_PLANES_H

#include <math.h>

#include "plot_names.h"
#include "weft_plot.h"

/* Three classes that meet in the middle, and names that break layouts. */
static enum weft_status chart_decision(struct weft_picture **picture)
{
    enum { GRID = 24, CLASSES = 3, SAMPLES = 30 };
    static float probabilities[GRID * GRID * CLASSES];
    static double x[SAMPLES], y[SAMPLES];
    static int32_t labels[SAMPLES];
    for (size_t i = 0; i < (size_t)GRID * GRID; i++) {
        const double left = 1.0 - ((double)(i % GRID) + 0.5) / GRID;
        const double low = 1.0 - ((double)(i / GRID) + 0.5) / GRID;
        probabilities[i * CLASSES] = (float)(left * low);
        probabilities[i * CLASSES + 1] = (float)((1.0 - left) * low);
        probabilities[i * CLASSES + 2] = (float)(1.0 - low);
    }
    for (unsigned i = 0; i < SAMPLES; i++) {
        x[i] = -1.0 + 2.0 * chart_noise(i);
        y[i] = 10.0 * chart_noise(i + 100);
        labels[i] = (int32_t)(i % 4) - (i == 7); /* 3 is no class */
    }
    const struct weft_decision_chart chart = {
        .chart = {.title = "Three classes share the plane", .description = nasty_names[0]},
        .rows = GRID,
        .columns = GRID,
        .probabilities = probabilities,
        .classes = CLASSES,
        .names = nasty_names,
        .x_low = -1.0,
        .x_high = 1.0,
        .y_low = 0.0,
        .y_high = 10.0,
        .x_label = nasty_names[1],
        .y_label = "height",
        .count = SAMPLES,
        .x = x,
        .y = y,
        .labels = labels};
    return weft_plot_decision(&chart, picture);
}

/* An image of 40 x 20, wider than its numbers may be, raw and as differences. */
static enum weft_status chart_pixels(struct weft_picture **picture)
{
    enum { HEIGHT = 20, WIDTH = 40 };
    static float raw[HEIGHT * WIDTH], scaled[HEIGHT * WIDTH];
    for (unsigned i = 0; i < HEIGHT * WIDTH; i++) {
        raw[i] = floorf(256.0F * (float)chart_noise(i));
        scaled[i] = (raw[i] - 128.0F) / 74.0F;
    }
    const struct weft_pixel_block blocks[] = {
        {.name = nasty_names[0], .pixels = raw},
        {.name = "standardized", .pixels = scaled, .decimals = 1, .difference = true}};
    const struct weft_pixel_chart chart = {.chart = {.title = "Rows of pixels"},
                                           .blocks = blocks,
                                           .block_count = 2,
                                           .height = HEIGHT,
                                           .width = WIDTH,
                                           .first = 17,
                                           .rows = 3};
    return weft_plot_pixels(&chart, picture);
}

#endif
