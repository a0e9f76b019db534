/* Draws points of classes. Up to eight classes share a panel; of more, each has a panel that shows
 * some of the other points in gray. */
#include <math.h>
#include <stdio.h>

#include "plot/layout.h"

enum {
    PANELS_LIMIT = 24,
    LEAST_PANEL = 130,
    PANELS_ACROSS = 4,
    GRAY_POINTS = 500,
    PANEL_NAME = 18,
    GAP = 14
};

struct scatter {
    const struct weft_scatter_chart *chart;
    struct weft_picture *picture;
    size_t *counts; /* [C] owned; points of each class */
    double x_low, x_high, y_low, y_high;
};

/* Returns the class of a point, or C for a point of none. */
static size_t class_of(const struct weft_scatter_chart *chart, size_t index)
{
    if (chart->labels == NULL)
        return 0;
    const int32_t label = chart->labels[index];
    return label >= 0 && (size_t)label < chart->classes ? (size_t)label : chart->classes;
}

/* Gives both axes the same length for a unit: the shorter range grows. */
static void equalize(struct scatter *scatter, const struct box *area)
{
    const double unit = fmax((scatter->x_high - scatter->x_low) / area->width,
                             (scatter->y_high - scatter->y_low) / area->height);
    const double x = (scatter->x_low + scatter->x_high) / 2.0;
    const double y = (scatter->y_low + scatter->y_high) / 2.0;
    scatter->x_low = x - unit * area->width / 2.0;
    scatter->x_high = x + unit * area->width / 2.0;
    scatter->y_low = y - unit * area->height / 2.0;
    scatter->y_high = y + unit * area->height / 2.0;
}

static void find_ranges(struct scatter *scatter, const struct box *area)
{
    const struct weft_scatter_chart *chart = scatter->chart;
    scatter->x_low = scatter->y_low = (double)INFINITY;
    scatter->x_high = scatter->y_high = -(double)INFINITY;
    range_add(&scatter->x_low, &scatter->x_high, chart->x, chart->count, false);
    range_add(&scatter->y_low, &scatter->y_high, chart->y, chart->count, false);
    range_repair(&scatter->x_low, &scatter->x_high, false);
    range_repair(&scatter->y_low, &scatter->y_high, false);
    const double x = 0.03 * (scatter->x_high - scatter->x_low);
    const double y = 0.03 * (scatter->y_high - scatter->y_low);
    scatter->x_low -= x;
    scatter->x_high += x;
    scatter->y_low -= y;
    scatter->y_high += y;
    if (chart->equal)
        equalize(scatter, area);
}

static double point_size(const struct weft_scatter_chart *chart)
{
    return chart->count > 5000 ? 1.4 : chart->count > 1000 ? 2.0 : chart->count > 200 ? 2.8 : 3.6;
}

/* Draws every `every`-th point whose class is `class`, or is not if `others`. */
static void draw_points(const struct scatter *scatter, const struct axes *axes, size_t class,
                        bool others, size_t every, double size, struct ink ink, enum marker marker)
{
    struct buffer points = {0};
    for (size_t i = 0; i < scatter->chart->count; i += every) {
        const struct point point = axes_point(axes, scatter->chart->x[i], scatter->chart->y[i]);
        if ((class_of(scatter->chart, i) == class) != others)
            buffer_add(&points, &point, sizeof point);
    }
    if (points.status != WEFT_OK)
        scatter->picture->points.status = points.status;
    else if (points.used > 0)
        picture_markers(scatter->picture, marker, (const struct point *)(const void *)points.data,
                        points.used / sizeof(struct point), size, ink);
    buffer_reset(&points);
}

/* ---- one panel ---- */

static void draw_together(struct scatter *scatter, struct box area)
{
    const struct weft_scatter_chart *chart = scatter->chart;
    struct weft_picture *picture = scatter->picture;
    const double size = point_size(chart);
    struct ticks ticks;
    char text[LABEL_SIZE];
    find_ranges(scatter, &area);
    const struct axes axes =
        layout_axes(area, scatter->x_low, scatter->x_high, scatter->y_low, scatter->y_high);
    ticks_find(&axes.y, &ticks);
    axes_draw_y(picture, &axes, &ticks, false);
    if (chart->y_label != NULL)
        picture_text(picture, STYLE_MARGIN, area.y - 9.0, chart->y_label,
                     type_label(ANCHOR_START, INK_MUTED));
    ticks_find(&axes.x, &ticks);
    axes_draw_x(picture, &axes, &ticks, false, chart->x_label);
    draw_points(scatter, &axes, chart->classes, false, 1, size,
                (struct ink){INK_QUIET, STYLE_POINT_OPACITY}, MARKER_CIRCLE);
    for (size_t c = 0; c < chart->classes; c++) {
        picture_open(picture, layout_name(chart->names, c, text));
        draw_points(scatter, &axes, c, false, 1, size,
                    (struct ink){ink_category(c), STYLE_POINT_OPACITY}, (enum marker)(c % MARKERS));
        picture_close(picture);
    }
}

/* Returns the width that the labels of the vertical axis need. `height` is about its length. */
static double labels_width(struct scatter *scatter, double height)
{
    const struct box area = {0.0, 0.0, height, height};
    struct ticks ticks;
    find_ranges(scatter, &area);
    const struct axis_scale scale = {scatter->y_low, scatter->y_high, false, height, 0.0};
    ticks_find(&scale, &ticks);
    return axes_labels_width(&ticks, false);
}

static enum weft_status plot_together(struct scatter *scatter, struct weft_chart form,
                                      struct weft_picture **picture)
{
    const struct weft_scatter_chart *chart = scatter->chart;
    const struct legend legend = {chart->names, chart->classes > 1 ? chart->classes : 0, false};
    form.width = form.width > 0.0 ? form.width : 640.0;
    form.height = form.height > 0.0 ? form.height : 560.0;
    const double inner = form.width - 2.0 * STYLE_MARGIN;
    const double left = STYLE_MARGIN + fmax(labels_width(scatter, form.height), 40.0);
    double top = layout_header_height(&form, form.width) + STYLE_MARGIN;
    const double legend_at = top;
    top += layout_legend(NULL, &legend, STYLE_MARGIN, top, inner);
    top += chart->y_label != NULL ? 14.0 : 0.0;
    const double bottom = form.height - AXIS_LABELS - AXIS_TITLE;
    const struct box area = {left, top, form.width - left - STYLE_MARGIN, fmax(bottom - top, 40.0)};
    TRY(picture_create(&form, &scatter->picture));
    layout_header(scatter->picture, &form);
    layout_legend(scatter->picture, &legend, STYLE_MARGIN, legend_at, inner);
    draw_together(scatter, area);
    return picture_finish(scatter->picture, picture);
}

/* ---- a panel for each class ---- */

static void draw_alone(struct scatter *scatter, size_t class, struct box area)
{
    const struct weft_scatter_chart *chart = scatter->chart;
    char number[LABEL_SIZE], count[LABEL_SIZE];
    const struct axes axes =
        layout_axes(area, scatter->x_low, scatter->x_high, scatter->y_low, scatter->y_high);
    const char *name = layout_name(chart->names, class, number);
    const double size = fmax(point_size(chart) * 0.7, 1.2);
    picture_open(scatter->picture, name);
    picture_text_within(scatter->picture, area.x, area.y - 6.0, area.width - 40.0, name,
                        type_bold(ANCHOR_START, INK_TEXT));
    label_count(scatter->counts[class], count);
    picture_text(scatter->picture, area.x + area.width, area.y - 6.0, count,
                 type_label(ANCHOR_END, INK_MUTED));
    picture_frame(scatter->picture, area, ink_of(INK_GRID), STYLE_GRID_LINE);
    draw_points(scatter, &axes, class, true, chart->count / GRAY_POINTS + 1, 1.2, ink_of(INK_QUIET),
                MARKER_CIRCLE);
    draw_points(scatter, &axes, class, false, 1, size,
                (struct ink){ink_category(0), STYLE_POINT_OPACITY}, MARKER_CIRCLE);
    picture_close(scatter->picture);
}

/* Stores the classes that are shown, in order: the largest ones. Returns their number. */
static size_t choose_classes(const struct scatter *scatter, size_t chosen[PANELS_LIMIT])
{
    size_t count = 0;
    for (size_t c = 0; c < scatter->chart->classes; c++) {
        size_t larger = 0;
        for (size_t other = 0; other < scatter->chart->classes; other++)
            larger += scatter->counts[other] > scatter->counts[c] ||
                      (other < c && scatter->counts[other] == scatter->counts[c]);
        if (larger < PANELS_LIMIT)
            chosen[count++] = c;
    }
    return count;
}

static enum weft_status plot_apart(struct scatter *scatter, struct weft_chart form,
                                   struct weft_picture **picture)
{
    size_t chosen[PANELS_LIMIT];
    const size_t count = choose_classes(scatter, chosen);
    char note[160];
    form.width = form.width > 0.0 ? form.width : 760.0;
    if (count < scatter->chart->classes && form.subtitle == NULL) {
        snprintf(note, sizeof note, "the %zu largest of %zu classes", count,
                 scatter->chart->classes);
        form.subtitle = note;
    }
    const double inner = form.width - 2.0 * STYLE_MARGIN;
    const size_t fitting = (size_t)fmax((inner + GAP) / (LEAST_PANEL + GAP), 1.0);
    const size_t across = size_min(fitting, PANELS_ACROSS);
    const double side = (inner - (double)(across - 1) * GAP) / (double)across;
    const double top = layout_header_height(&form, form.width) + STYLE_GAP;
    const size_t rows = size_divide_up(count, across);
    form.height = top + (double)rows * (side + PANEL_NAME + GAP) + STYLE_MARGIN - GAP;
    TRY(picture_create(&form, &scatter->picture));
    layout_header(scatter->picture, &form);
    find_ranges(scatter, &(struct box){0, 0, side, side});
    for (size_t i = 0; i < count; i++)
        draw_alone(scatter, chosen[i],
                   (struct box){STYLE_MARGIN + (double)(i % across) * (side + GAP),
                                top + PANEL_NAME + (double)(i / across) * (side + PANEL_NAME + GAP),
                                side, side});
    return picture_finish(scatter->picture, picture);
}

enum weft_status weft_plot_scatter(const struct weft_scatter_chart *chart,
                                   struct weft_picture **picture)
{
    enum { CLASSES_LIMIT = 65536 };
    struct scatter scatter = {.chart = chart};
    *picture = NULL;
    if (chart->count == 0 || chart->classes > CLASSES_LIMIT)
        return fail(WEFT_ERROR_USAGE,
                    "scatter plot: %zu points of %zu classes, need points, and at "
                    "most %d classes",
                    chart->count, chart->classes, CLASSES_LIMIT);
    TRY(NEW_ARRAY(scatter.counts, chart->classes + 1));
    for (size_t i = 0; i < chart->count; i++)
        scatter.counts[size_min(class_of(chart, i), chart->classes)]++;
    const enum weft_status status = chart->classes <= STYLE_CATEGORIES
                                        ? plot_together(&scatter, chart->chart, picture)
                                        : plot_apart(&scatter, chart->chart, picture);
    memory_free(scatter.counts);
    return status;
}
