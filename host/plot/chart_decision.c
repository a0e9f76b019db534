/* Draws what a classifier decides in the plane of two features, with the samples on top. */
#include <math.h>

#include "plot/layout.h"

enum { GRID_LIMIT = 1024, POINT_SIZE = 5, HALO = 2, SIDE = 420 };

/* The most that a shade covers: the samples stand out. */
static const double place_shade = 0.6;

/* Stores the most probable of C classes, and by how much it leads, 0 to 1. */
static size_t leader(const float *probabilities, size_t C, double *lead)
{
    size_t best = 0;
    double second = 0.0;
    for (size_t c = 1; c < C; c++)
        if (probabilities[c] > probabilities[best])
            best = c;
    for (size_t c = 0; c < C; c++)
        if (c != best)
            second = fmax(second, (double)probabilities[c]);
    *lead = fmin(fmax((double)probabilities[best] - second, 0.0), 1.0);
    return best;
}

/* Draws the grid as one image, whose opacity tells the lead. The highest row comes first. */
static void draw_grid(struct weft_picture *picture, const struct weft_decision_chart *chart,
                      struct box area)
{
    struct buffer pixels = {0};
    for (size_t i = 0; i < chart->rows * chart->columns; i++) {
        const size_t row = chart->rows - 1 - i / chart->columns;
        const size_t place = row * chart->columns + i % chart->columns;
        double lead;
        const size_t best =
            leader(chart->probabilities + place * chart->classes, chart->classes, &lead);
        const unsigned color = style_color(ink_category(best), picture->theme == WEFT_THEME_DARK);
        const unsigned char pixel[] = {(unsigned char)(color >> 16), (unsigned char)(color >> 8),
                                       (unsigned char)color,
                                       (unsigned char)lround(255.0 * place_shade * lead)};
        buffer_add(&pixels, pixel, sizeof pixel);
    }
    if (pixels.status == WEFT_OK)
        picture_image(picture, area, pixels.data, chart->rows, chart->columns);
    else
        picture->pixels.status = pixels.status;
    buffer_reset(&pixels);
}

/* Draws the samples of a class, each with a halo that parts it from the ground. */
static void draw_samples(struct weft_picture *picture, const struct weft_decision_chart *chart,
                         const struct axes *axes, size_t class)
{
    const enum marker marker = (enum marker)(class % MARKERS);
    const double size = chart->count > 200 ? POINT_SIZE / 2.0 : POINT_SIZE;
    struct buffer points = {0};
    for (size_t i = 0; i < chart->count; i++) {
        const struct point point = axes_point(axes, chart->x[i], chart->y[i]);
        if (chart->labels[i] == (int32_t) class)
            buffer_add(&points, &point, sizeof point);
    }
    if (points.status != WEFT_OK) {
        picture->points.status = points.status;
    } else if (points.used > 0) {
        const struct point *first = (const struct point *)(const void *)points.data;
        const size_t count = points.used / sizeof *first;
        picture_markers(picture, marker, first, count, size + HALO, ink_of(INK_PAPER));
        picture_markers(picture, marker, first, count, size, ink_of(ink_name(class)));
    }
    buffer_reset(&points);
}

static void draw_axes(struct weft_picture *picture, const struct weft_decision_chart *chart,
                      const struct axes *axes)
{
    struct ticks ticks;
    ticks_find(&axes->y, &ticks);
    axes_draw_y(picture, axes, &ticks, false);
    if (chart->y_label != NULL)
        picture_text(picture, STYLE_MARGIN, axes->area.y - 9.0, chart->y_label,
                     type_label(ANCHOR_START, INK_MUTED));
    ticks_find(&axes->x, &ticks);
    axes_draw_x(picture, axes, &ticks, false, chart->x_label);
}

static enum weft_status draw(const struct weft_decision_chart *chart, struct weft_picture **picture)
{
    const struct legend legend = {chart->names, chart->classes, false};
    struct weft_chart form = chart->chart;
    struct weft_picture *made;
    char text[LABEL_SIZE];
    form.width = form.width > 0.0 ? form.width : SIDE + 40.0 + 2.0 * STYLE_MARGIN;
    const double inner = form.width - 2.0 * STYLE_MARGIN, left = STYLE_MARGIN + 40.0;
    double top = layout_header_height(&form, form.width) + STYLE_MARGIN;
    const double legend_at = top;
    top += layout_legend(NULL, &legend, STYLE_MARGIN, top, inner) + 14.0;
    const double side = fmax(form.width - left - STYLE_MARGIN, 40.0);
    form.height = form.height > 0.0 ? form.height : top + side + AXIS_LABELS + AXIS_TITLE;
    const struct box area = {left, top, side,
                             fmax(form.height - AXIS_LABELS - AXIS_TITLE - top, 40.0)};
    const struct axes axes =
        layout_axes(area, chart->x_low, chart->x_high, chart->y_low, chart->y_high);
    TRY(picture_create(&form, &made));
    layout_header(made, &form);
    layout_legend(made, &legend, STYLE_MARGIN, legend_at, inner);
    draw_axes(made, chart, &axes);
    draw_grid(made, chart, area);
    picture_clip(made, area);
    for (size_t c = 0; c < chart->classes; c++) {
        picture_open(made, layout_name(chart->names, c, text));
        draw_samples(made, chart, &axes, c);
        picture_close(made);
    }
    picture_close(made);
    return picture_finish(made, picture);
}

enum weft_status weft_plot_decision(const struct weft_decision_chart *chart,
                                    struct weft_picture **picture)
{
    *picture = NULL;
    if (chart->rows == 0 || chart->columns == 0 || chart->rows > GRID_LIMIT ||
        chart->columns > GRID_LIMIT)
        return fail(WEFT_ERROR_USAGE, "decision: a grid of %zu x %zu, need 1 to %d each way",
                    chart->rows, chart->columns, GRID_LIMIT);
    if (chart->classes < 2 || chart->classes > STYLE_CATEGORIES)
        return fail(WEFT_ERROR_USAGE, "decision: %zu classes, need 2 to %d", chart->classes,
                    STYLE_CATEGORIES);
    if (!(chart->x_low < chart->x_high && chart->y_low < chart->y_high &&
          isfinite(chart->x_high - chart->x_low) && isfinite(chart->y_high - chart->y_low)))
        return fail(WEFT_ERROR_USAGE, "decision: x from %g to %g, y from %g to %g: need ranges",
                    chart->x_low, chart->x_high, chart->y_low, chart->y_high);
    return draw(chart, picture);
}
