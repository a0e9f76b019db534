/* Draws line charts: panels over one horizontal axis, with names at the ends of the lines. */
#include <math.h>
#include <string.h>

#include "plot/layout.h"
#include "plot/text.h"

enum {
    PANEL_HEIGHT = 150,
    PANEL_ALONE = 260,
    PANEL_HEAD = 22,
    PANEL_GAP = 20,
    NAME_LINE = 14,
    SWEEP_LIMIT = 12
};

/* Where a name stands beside the end of its line. */
struct end_name {
    double y;
    size_t series;
};

struct lines {
    const struct weft_line_chart *chart;
    struct weft_picture *picture;
    double x_low, x_high;
    double left, right; /* edges of the areas */
};

static double series_x(const struct weft_series *series, size_t index)
{
    return series->x != NULL ? series->x[index] : (double)(index + 1);
}

static void x_range(const struct weft_line_chart *chart, double *low, double *high)
{
    *low = (double)INFINITY;
    *high = -(double)INFINITY;
    for (size_t p = 0; p < chart->panel_count; p++)
        for (size_t s = 0; s < chart->panels[p].series_count; s++) {
            const struct weft_series *series = &chart->panels[p].series[s];
            for (size_t i = 0; i < series->count; i++) {
                const double x = series_x(series, i);
                range_add(low, high, &x, 1, chart->log_x);
            }
        }
    range_repair(low, high, chart->log_x);
}

static void y_range(const struct weft_panel *panel, double *low, double *high)
{
    *low = (double)INFINITY;
    *high = -(double)INFINITY;
    for (size_t s = 0; s < panel->series_count; s++) {
        const struct weft_series *series = &panel->series[s];
        range_add(low, high, series->y, series->count, panel->log_y);
        range_add(low, high, series->low, series->count, panel->log_y);
        range_add(low, high, series->high, series->count, panel->log_y);
    }
    range_repair(low, high, panel->log_y);
    if (!panel->log_y)
        ticks_round_range(low, high);
}

static struct axis_scale y_scale(const struct weft_panel *panel, double top, double height)
{
    struct axis_scale scale = {.log = panel->log_y, .from = top + height, .to = top};
    y_range(panel, &scale.low, &scale.high);
    return scale;
}

/* Returns the width of the widest name at the end of a line, at most a third of a wide picture. */
static double names_width(const struct weft_line_chart *chart, double picture)
{
    double width = 0.0;
    for (size_t p = 0; p < chart->panel_count; p++)
        for (size_t s = 0; s < chart->panels[p].series_count; s++) {
            const char *name = chart->panels[p].series[s].name;
            if (name != NULL)
                width = fmax(width, text_width(name, STYLE_LABEL, true));
        }
    return fmin(width, fmax(picture / 3.0, 150.0));
}

/* ---- one panel ---- */

static void draw_band(const struct lines *lines, const struct axes *axes,
                      const struct weft_series *series, size_t index)
{
    struct buffer points = {0};
    if (series->low == NULL || series->high == NULL)
        return;
    for (size_t i = 0; i < series->count;) {
        size_t end = i;
        points.used = 0;
        for (; end < series->count; end++) {
            const struct point point = axes_point(axes, series_x(series, end), series->low[end]);
            if (!isfinite(point.x) || !isfinite(point.y) || !scale_shows(series->high[end]))
                break;
            buffer_add(&points, &point, sizeof point);
        }
        for (size_t k = end; k > i; k--) {
            const struct point point =
                axes_point(axes, series_x(series, k - 1), series->high[k - 1]);
            buffer_add(&points, &point, sizeof point);
        }
        if (points.status == WEFT_OK && end > i + 1)
            picture_area(lines->picture, (const struct point *)(const void *)points.data,
                         points.used / sizeof(struct point),
                         (struct ink){ink_category(index), STYLE_BAND_OPACITY});
        i = end + 1;
    }
    if (points.status != WEFT_OK)
        lines->picture->points.status = points.status;
    buffer_reset(&points);
}

static bool is_gap(const struct point *point)
{
    return !isfinite(point->x) || !isfinite(point->y);
}

/* Removes points that a reader could not see: of those in one column of pixels, the first, the
 * lowest, the highest and the last remain. Gaps remain too. Returns how many points are left. */
static size_t thin(struct point *points, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0, end; i < count; i = end) {
        size_t low = i, high = i;
        for (end = i + 1; !is_gap(&points[i]) && end < count && !is_gap(&points[end]) &&
                          floor(points[end].x) == floor(points[i].x);
             end++) {
            low = points[end].y < points[low].y ? end : low;
            high = points[end].y > points[high].y ? end : high;
        }
        const size_t keep[] = {i, size_min(low, high), size_max(low, high), end - 1};
        for (size_t k = 0; k < 4; k++)
            if (k == 0 || keep[k] > keep[k - 1])
                points[kept++] = points[keep[k]];
    }
    return kept;
}

/* Tells whether the chart shows measurements at a few sizes. They get dots, and the sizes ticks. */
static bool is_sweep(const struct weft_line_chart *chart)
{
    const struct weft_series *series = chart->panels[0].series;
    return chart->log_x && chart->panels[0].series_count > 0 && series->x != NULL &&
           series->count >= 1 && series->count <= SWEEP_LIMIT;
}

static void find_x_ticks(const struct weft_line_chart *chart, const struct axis_scale *scale,
                         struct ticks *ticks)
{
    if (!is_sweep(chart)) {
        ticks_find_whole(scale, ticks);
        return;
    }
    const struct weft_series *series = chart->panels[0].series;
    *ticks = (struct ticks){.decimals = -1};
    for (size_t i = 0; i < series->count; i++)
        if (scale_shows(series->x[i]) && series->x[i] > 0.0)
            ticks->values[ticks->count++] = series->x[i];
}

static void draw_series(const struct lines *lines, const struct axes *axes,
                        const struct weft_series *series, size_t index)
{
    struct buffer points = {0};
    for (size_t i = 0; i < series->count; i++) {
        const struct point point = axes_point(axes, series_x(series, i), series->y[i]);
        buffer_add(&points, &point, sizeof point);
    }
    struct point *first = (struct point *)(void *)points.data;
    size_t count = points.used / sizeof *first;
    if (points.status == WEFT_OK && (double)count > 4.0 * axes->area.width)
        count = thin(first, count);
    picture_open(lines->picture, series->name);
    draw_band(lines, axes, series, index);
    if (points.status == WEFT_OK && count > 0)
        picture_line(lines->picture, first, count, ink_of(ink_category(index)), STYLE_LINE,
                     series->dashed || index >= STYLE_CATEGORIES);
    else if (points.status != WEFT_OK)
        lines->picture->points.status = points.status;
    if (points.status == WEFT_OK && is_sweep(lines->chart))
        picture_markers(lines->picture, MARKER_CIRCLE, first, count, 3.0,
                        ink_of(ink_category(index)));
    picture_close(lines->picture);
    buffer_reset(&points);
}

/* Returns where a line ends, or NaN if it has no point. */
static double end_of(const struct axes *axes, const struct weft_series *series)
{
    for (size_t i = series->count; i > 0; i--) {
        const double y = scale_at(&axes->y, series->y[i - 1]);
        if (isfinite(y) && scale_shows(series->y[i - 1]))
            return y;
    }
    return (double)NAN;
}

/* Moves names apart that would overlap, and keeps them between `top` and `bottom`. They are sorted
 * by y. */
static void spread(struct end_name *names, size_t count, double top, double bottom)
{
    for (size_t i = 0; i < count; i++)
        names[i].y = fmax(names[i].y, i > 0 ? names[i - 1].y + NAME_LINE : top);
    for (size_t i = count; i > 0; i--)
        names[i - 1].y = fmin(names[i - 1].y, i < count ? names[i].y - NAME_LINE : bottom);
}

static void draw_names(const struct lines *lines, const struct axes *axes,
                       const struct weft_panel *panel)
{
    enum { NAMES_LIMIT = 32 };
    struct end_name names[NAMES_LIMIT];
    size_t count = 0;
    const double bottom = axes->area.y + axes->area.height;
    const size_t most = size_min(NAMES_LIMIT, (size_t)(axes->area.height / NAME_LINE) + 1);
    for (size_t s = 0; s < panel->series_count && count < most; s++) {
        const double y = end_of(axes, &panel->series[s]);
        size_t place = count;
        if (!isfinite(y) || panel->series[s].name == NULL)
            continue;
        for (; place > 0 && names[place - 1].y > y; place--)
            names[place] = names[place - 1];
        names[place] = (struct end_name){y, s};
        count++;
    }
    spread(names, count, axes->area.y, bottom);
    for (size_t i = 0; i < count; i++)
        picture_text_within(lines->picture, lines->right + STYLE_GAP, names[i].y + 4.0,
                            names_width(lines->chart, lines->picture->width),
                            panel->series[names[i].series].name,
                            type_bold(ANCHOR_START, ink_name(names[i].series)));
}

/* Draws a vertical line at a place, with its text on the side that has room. */
static void draw_mark(const struct lines *lines, const struct axes *axes,
                      const struct weft_panel *panel)
{
    const double x = scale_at(&axes->x, panel->mark_x), top = axes->area.y;
    if (panel->mark_x == 0.0 || !(x >= lines->left && x <= lines->right))
        return;
    const struct point ends[] = {{x, top}, {x, top + axes->area.height}};
    const bool after = x < (lines->left + lines->right) / 2.0;
    picture_line(lines->picture, ends, 2, ink_of(INK_AXIS), STYLE_GRID_LINE, true);
    if (panel->mark == NULL)
        return;
    const double width = text_width(panel->mark, STYLE_LABEL, false);
    const double begin = after ? x + 5.0 : x - 5.0 - width;
    const double free_from =
        STYLE_MARGIN +
        (panel->y_label != NULL ? text_width(panel->y_label, STYLE_LABEL, false) + 8.0 : 0.0);
    if (begin < free_from) /* it would touch the name of the axis */
        picture_text(lines->picture, free_from, top - 5.0, panel->mark,
                     type_label(ANCHOR_START, INK_MUTED));
    else
        picture_text(lines->picture, x + (after ? 5.0 : -5.0), top - 5.0, panel->mark,
                     type_label(after ? ANCHOR_START : ANCHOR_END, INK_MUTED));
}

static void draw_panel(const struct lines *lines, const struct weft_panel *panel, double top,
                       double height, bool last)
{
    const struct weft_line_chart *chart = lines->chart;
    struct axes axes = {.area = {lines->left, top, lines->right - lines->left, height},
                        .x = {lines->x_low, lines->x_high, chart->log_x, lines->left, lines->right},
                        .y = y_scale(panel, top, height)};
    struct ticks ticks;
    ticks_find(&axes.y, &ticks);
    axes_draw_y(lines->picture, &axes, &ticks, panel->percent);
    if (panel->y_label != NULL)
        picture_text(lines->picture, STYLE_MARGIN, top - 11.0, panel->y_label,
                     type_label(ANCHOR_START, INK_MUTED));
    draw_mark(lines, &axes, panel);
    for (size_t s = 0; s < panel->series_count; s++)
        draw_series(lines, &axes, &panel->series[s], s);
    draw_names(lines, &axes, panel);
    if (!last)
        return;
    find_x_ticks(chart, &axes.x, &ticks);
    axes_draw_x(lines->picture, &axes, &ticks, false, chart->x_label);
}

/* ---- the chart ---- */

/* Returns the width that the labels of all vertical axes need. */
static double labels_width(const struct weft_line_chart *chart)
{
    double width = 0.0;
    for (size_t p = 0; p < chart->panel_count; p++) {
        const struct axis_scale scale = y_scale(&chart->panels[p], 0.0, 100.0);
        struct ticks ticks;
        ticks_find(&scale, &ticks);
        width = fmax(width, axes_labels_width(&ticks, chart->panels[p].percent));
    }
    return width;
}

static void draw_panels(struct lines *lines, double top, double height)
{
    const struct weft_line_chart *chart = lines->chart;
    const double names = names_width(chart, lines->picture->width);
    x_range(chart, &lines->x_low, &lines->x_high);
    lines->left = STYLE_MARGIN + labels_width(chart);
    lines->right =
        lines->picture->width - STYLE_MARGIN - fmax(names > 0.0 ? names + STYLE_GAP : 0.0, 10.0);
    for (size_t p = 0; p < chart->panel_count; p++) {
        top += PANEL_HEAD;
        draw_panel(lines, &chart->panels[p], top, height, p + 1 == chart->panel_count);
        top += height + PANEL_GAP;
    }
}

enum weft_status weft_plot_lines(const struct weft_line_chart *chart, struct weft_picture **picture)
{
    struct weft_chart form = chart->chart;
    *picture = NULL;
    if (chart->panel_count == 0 || chart->panel_count > 16)
        return fail(WEFT_ERROR_USAGE, "line chart: %zu panels, need 1 to 16", chart->panel_count);
    form.width = form.width > 0.0 ? form.width : 640.0;
    const double panels = (double)chart->panel_count;
    const double top = layout_header_height(&form, form.width);
    const double around = top + panels * (PANEL_HEAD + PANEL_GAP) + AXIS_LABELS + AXIS_TITLE;
    double height = chart->panel_count > 1 ? PANEL_HEIGHT : PANEL_ALONE;
    if (form.height > 0.0)
        height = fmax((form.height - around) / panels, 40.0);
    form.height = around + panels * height;
    struct lines lines = {.chart = chart};
    TRY(picture_create(&form, &lines.picture));
    layout_header(lines.picture, &form);
    draw_panels(&lines, top, height);
    return picture_finish(lines.picture, picture);
}
