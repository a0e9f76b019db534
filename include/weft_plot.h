/* weft_plot.h: charts of training runs, evaluations and data, as SVG, PNG or PDF.
 *
 * For each kind of chart, one function turns arrays into a picture. weft_picture_write saves a
 * picture to a file, and weft_picture_svg returns it as text for a page:
 *
 *     const double error[] = {0.9, 0.5, 0.4};
 *     struct weft_series series = {.name = "error", .y = error, .count = 3};
 *     struct weft_panel panel = {.series = &series, .series_count = 1, .y_label = "loss"};
 *     struct weft_line_chart chart = {.panels = &panel, .panel_count = 1, .x_label = "epoch"};
 *     struct weft_picture *picture = NULL;
 *     chart.chart.title = "The error falls";
 *     if (weft_plot_lines(&chart, &picture) || weft_picture_write(picture, "curve.svg"))
 *         fprintf(stderr, "%s\n", weft_error());
 *     weft_picture_destroy(picture);
 *
 * Initialize a chart with zeros; zero and NULL mean the default. Arrays and strings are borrowed
 * during the call. Texts are UTF-8 and may hold any characters; Weft escapes them, and shortens
 * texts that are too long. Numbers that are not finite leave gaps. Sizes are in pixels, 96 to an
 * inch.
 *
 * The same chart gives the same SVG bytes on every machine, and the same PNG and PDF bytes with the
 * same cairo and fonts. The conventions of weft.h apply here too. A function that makes a picture
 * can return WEFT_ERROR_USAGE if a size is out of range, and WEFT_ERROR_MEMORY.
 */
#ifndef WEFT_PLOT_H
#define WEFT_PLOT_H

#include <weft.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------- pictures */

/* A finished picture. */
struct weft_picture;

/* The background of a picture. */
enum weft_theme {
    WEFT_THEME_AUTO, /* SVG: light or dark, as the viewer prefers; PNG and PDF: light */
    WEFT_THEME_LIGHT,
    WEFT_THEME_DARK
};

/* Members that all charts share. */
struct weft_chart {
    const char *title; /* preferably a statement: "Validation accuracy peaks at epoch 23: 90.6 %" */
    const char *subtitle;    /* a second line, smaller */
    const char *description; /* a text for readers who cannot see the picture */
    double width, height;    /* 0: as large as the chart needs */
    enum weft_theme theme;
};

/* Writes a picture to a file whose name ends in .svg, .png or .pdf. An existing file is replaced
 * whole or not at all. A PNG file has twice the width and height of the picture, but at most 32767
 * pixels on a side.
 *
 * Returns WEFT_ERROR_USAGE for another ending, or for PNG and PDF if Weft was built without cairo,
 * and WEFT_ERROR_IO if the file cannot be written. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_picture_write(const struct weft_picture *picture,
                                                             const char *path);

/* Tests whether weft_picture_write could write to a path now. Returns the errors of
 * weft_picture_write. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_picture_check_path(const char *path);

/* Stores a picture as SVG in `*svg`, as text that fits into an HTML page. Release it with
 * weft_picture_free. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_picture_svg(const struct weft_picture *picture,
                                                           char **svg);
WEFT_API void weft_picture_free(char *svg);

/* Returns the width and the height of a picture, in pixels. */
WEFT_API void weft_picture_get_size(const struct weft_picture *picture, double *width,
                                    double *height);
/* Releases a picture. */
WEFT_API void weft_picture_destroy(struct weft_picture *picture);

/* ---------------------------------------------------------------- lines */

/* One line of a chart, or a band, or both. */
struct weft_series {
    const char *name;         /* is printed at the end of the line */
    const double *x;          /* [count], or NULL for 1, 2, 3, ... */
    const double *y;          /* [count] */
    const double *low, *high; /* [count] the edges of a band, or NULL */
    size_t count;
    bool dashed;
};

/* A part of a line chart with its own vertical axis. */
struct weft_panel {
    const struct weft_series *series; /* [series_count] */
    size_t series_count;
    const char *y_label;
    bool log_y;       /* logarithmic axis; values that are not positive leave gaps */
    bool percent;     /* the values are fractions; show them in percent */
    double mark_x;    /* an x to mark, such as the best epoch; 0: none */
    const char *mark; /* the text of the mark */
};

/* Lines over one horizontal axis, in one panel or in several stacked panels. The first eight series
 * of a panel have different colors; later series repeat these colors with dashed lines. */
struct weft_line_chart {
    struct weft_chart chart;
    const struct weft_panel *panels; /* [panel_count] */
    size_t panel_count;
    const char *x_label;
    bool log_x;
};

/* Draws a line chart. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_plot_lines(const struct weft_line_chart *chart,
                                                          struct weft_picture **picture);

/* ---------------------------------------------------------------- bars */

struct weft_bar {
    const char *name;
    double value;
    double low, high; /* the ends of an interval; no interval if they are equal */
    size_t category;  /* bars of one category have the same color */
};

/* Horizontal bars that start at 0, with their values. */
struct weft_bar_chart {
    struct weft_chart chart;
    const struct weft_bar *bars; /* [bar_count] */
    size_t bar_count;
    const char *x_label;
    int digits; /* significant digits of the values; 0: 3 */
};

/* Draws a bar chart. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_plot_bars(const struct weft_bar_chart *chart,
                                                         struct weft_picture **picture);

/* ---------------------------------------------------------------- heat maps */

/* A confusion matrix: a row for each true class, a column for each predicted class. The shade of a
 * cell shows its share of the row. The diagonal is muted, so that errors stand out. With up to 25
 * classes, the cells show their counts. */
struct weft_confusion_chart {
    struct weft_chart chart;
    size_t classes;           /* C */
    const size_t *counts;     /* [C][C] */
    const char *const *names; /* [C], or NULL for numbers */
    bool neighbors;           /* put classes that are often confused next to each other */
};

/* Draws a confusion matrix. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_plot_confusion(
    const struct weft_confusion_chart *chart, struct weft_picture **picture);

/* A heat map of any numbers. The colors run from the smallest to the largest number (viridis) or,
 * with `difference`, from blue through white at 0 to red. */
struct weft_heat_chart {
    struct weft_chart chart;
    size_t rows, columns;
    const double *values;                               /* [rows][columns] */
    const char *const *row_names, *const *column_names; /* or NULL */
    bool difference;                                    /* blue below 0, red above */
};

/* Draws a heat map. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_plot_heat(const struct weft_heat_chart *chart,
                                                         struct weft_picture **picture);

/* ---------------------------------------------------------------- points */

/* Points of classes, such as an embedding. Up to eight classes share one panel, each with its own
 * color and shape. With more classes, each class has its own panel, which shows the others in gray.
 * Of more than 24 classes, the 24 largest are shown. */
struct weft_scatter_chart {
    struct weft_chart chart;
    size_t count;
    const double *x, *y;      /* [count] */
    const int32_t *labels;    /* [count] in 0..C-1; points with other labels are gray; NULL: one
                                 class */
    size_t classes;           /* C */
    const char *const *names; /* [C], or NULL for numbers */
    const char *x_label, *y_label;
    bool equal; /* one unit has the same length on both axes */
};

/* Draws points. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_plot_scatter(const struct weft_scatter_chart *chart,
                                                            struct weft_picture **picture);

/* The decisions of a classifier in the plane of two features. Each cell of a grid has the color of
 * its most probable class. The color is stronger where the lead of this class is larger. The
 * samples are drawn on top, with the colors and shapes of their true classes. */
struct weft_decision_chart {
    struct weft_chart chart;
    size_t rows, columns;                /* of the grid */
    const float *probabilities;          /* [rows][columns][C] at the centers of the cells, lowest
                                            row first */
    size_t classes;                      /* C, 2 to 8 */
    const char *const *names;            /* [C], or NULL for numbers */
    double x_low, x_high, y_low, y_high; /* the edges of the grid */
    const char *x_label, *y_label;
    size_t count;          /* of samples */
    const double *x, *y;   /* [count] */
    const int32_t *labels; /* [count] in 0..C-1; samples with other labels are left out */
};

/* Draws the decisions of a classifier. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_plot_decision(
    const struct weft_decision_chart *chart, struct weft_picture **picture);

/* ---------------------------------------------------------------- images */

enum weft_mark { WEFT_MARK_NONE, WEFT_MARK_RIGHT, WEFT_MARK_WRONG };

/* An image with its classes and probabilities. */
struct weft_tile {
    const float *pixels;    /* [height][width][channels] */
    const char *label;      /* the true class, small and gray; or NULL */
    const char *prediction; /* the predicted class, bold; or NULL */
    enum weft_mark mark;
    const double *shares;     /* [share_count] lengths of the bars beside the image, 0 to 1; or
                                 NULL */
    const char *const *names; /* [share_count] names of the bars */
    size_t share_count;
};

/* A grid of images, in rows of `columns`. */
struct weft_image_chart {
    struct weft_chart chart;
    const struct weft_tile *tiles; /* [tile_count] */
    size_t tile_count;
    size_t height, width, channels; /* of each image; channels 1 or 3 */
    double black, white;            /* the pixel values that are drawn as black and as white. If the
                                       two are equal, the smallest and the largest pixel take their
                                       place */
    bool difference;                /* blue below 0, white at 0, red above; 1 channel only */
    size_t columns;                 /* 0: as many as fit */
    const char *const *row_names;   /* the name of each row, or NULL */
};

/* Draws a grid of images. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_plot_images(const struct weft_image_chart *chart,
                                                           struct weft_picture **picture);

/* One form of an image, such as its raw or its standardized pixels. */
struct weft_pixel_block {
    const char *name;
    const float *pixels; /* [height][width] */
    int decimals;        /* decimal places of the printed numbers */
    bool difference;     /* blue below 0, white at 0, red above; otherwise black to white */
};

/* An image and the numbers in some of its rows, in several stacked forms. */
struct weft_pixel_chart {
    struct weft_chart chart;
    const struct weft_pixel_block *blocks; /* [block_count] */
    size_t block_count;                    /* at most 8 */
    size_t height, width;
    size_t first, rows; /* the first row whose numbers are printed, and the number of such rows, at
                           most 64. If a row has more than 32 pixels, only the middle 32 are
                           printed */
};

/* Draws an image and its numbers. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_plot_pixels(const struct weft_pixel_chart *chart,
                                                           struct weft_picture **picture);

/* ---------------------------------------------------------------- calibration */

/* A range with fewer predictions than this is drawn as a pale dot beside the line. */
enum { WEFT_CALIBRATION_FEW = 10 };

/* The accuracy and the number of the predictions in each range of probability. */
struct weft_calibration_chart {
    struct weft_chart chart;
    const struct weft_calibration_bin *bins; /* [bin_count] bins of equal width from 0 to 1 */
    size_t bin_count;
};

/* Draws a calibration chart. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_plot_calibration(
    const struct weft_calibration_chart *chart, struct weft_picture **picture);

/* ---------------------------------------------------------------- networks */

struct weft_network_layer {
    size_t width;
    const char *name; /* "features", "relu", "softmax" */
};

/* A diagram of layers, input first. Of wide layers, only some units are drawn. */
struct weft_network_chart {
    struct weft_chart chart;
    const struct weft_network_layer *layers; /* [layer_count] */
    size_t layer_count;
};

/* Draws a diagram of layers. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_plot_network(const struct weft_network_chart *chart,
                                                            struct weft_picture **picture);

/* ---------------------------------------------------------------- histograms */

struct weft_histogram {
    const char *name;
    const double *values; /* [count]; numbers that are not finite are left out */
};

/* A histogram of each column, with an outline for each class. Heights are fractions of the class,
 * so that classes of different sizes can be compared. More than eight classes share one outline. */
struct weft_histogram_chart {
    struct weft_chart chart;
    const struct weft_histogram *columns; /* [column_count] */
    size_t column_count;
    size_t count;             /* values in a column */
    const int32_t *labels;    /* [count] in 0..C-1, or NULL */
    size_t classes;           /* C */
    const char *const *names; /* [C], or NULL for numbers */
};

/* Draws a histogram of each column. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_plot_histograms(
    const struct weft_histogram_chart *chart, struct weft_picture **picture);

#ifdef __cplusplus
}
#endif
#endif
