/* Draws bar charts: horizontal bars from 0 on, each with its name and its value. */
#include <math.h>

#include "plot/layout.h"
#include "plot/text.h"

enum { BAR_STEP = 26, BAR_HEIGHT = 16, NAME_LIMIT = 220, BARS_LIMIT = 10000 };

static void x_range(const struct weft_bar_chart *chart, double *low, double *high)
{
    *low = 0.0;
    *high = 0.0;
    for (size_t i = 0; i < chart->bar_count; i++) {
        const struct weft_bar *bar = &chart->bars[i];
        const double values[] = {bar->value, bar->low, bar->high};
        range_add(low, high, values, 3, false);
    }
    range_repair(low, high, false);
    *low = fmin(*low, 0.0);
}

/* Draws vertical lines of the grid, which belong to the axis of values. */
static void draw_grid(struct weft_picture *picture, const struct axes *axes,
                      const struct ticks *ticks)
{
    for (size_t i = 0; i < ticks->count; i++) {
        const double x = scale_at(&axes->x, ticks->values[i]);
        picture_segment(picture, (struct point){x, axes->area.y},
                        (struct point){x, axes->area.y + axes->area.height}, ink_of(INK_GRID),
                        STYLE_GRID_LINE);
    }
}

/* Draws an interval as a line with ends. */
static void draw_interval(struct weft_picture *picture, double low, double high, double y)
{
    const struct ink ink = ink_of(INK_TEXT);
    picture_segment(picture, (struct point){low, y}, (struct point){high, y}, ink, 1.2);
    picture_segment(picture, (struct point){low, y - 4.0}, (struct point){low, y + 4.0}, ink, 1.2);
    picture_segment(picture, (struct point){high, y - 4.0}, (struct point){high, y + 4.0}, ink,
                    1.2);
}

/* Returns the decimals that give the largest value this many significant digits, or -1 if a value
 * would lose too many of its own. Whole numbers have none. */
static int common_decimals(const struct weft_bar_chart *chart, int digits)
{
    double greatest = 0.0, least = (double)INFINITY;
    bool whole = true;
    for (size_t i = 0; i < chart->bar_count; i++) {
        const double size = fabs(chart->bars[i].value);
        if (!scale_shows(size) || size == 0.0)
            continue;
        greatest = fmax(greatest, size);
        least = fmin(least, size);
        whole = whole && size == floor(size);
    }
    if (greatest == 0.0 || whole)
        return greatest == 0.0 || greatest < 1e7 ? 0 : -1;
    const double decimals = fmax(digits - 1 - floor(log10(greatest) + 1e-9), 0.0);
    return decimals <= 9.0 && least * pow(10.0, decimals) >= 10.0 ? (int)decimals : -1;
}

static void value_label(double value, int decimals, int digits, char text[LABEL_SIZE])
{
    if (decimals >= 0)
        label_fixed(value, decimals, text);
    else
        label_number(value, digits, text);
}

static void draw_bar(struct weft_picture *picture, const struct axes *axes,
                     const struct weft_bar *bar, double middle, const char *value)
{
    const double zero = scale_at(&axes->x, 0.0);
    double end = scale_shows(bar->value) ? scale_at(&axes->x, bar->value) : zero;
    const struct box box = {fmin(zero, end), middle - BAR_HEIGHT / 2.0, fabs(end - zero),
                            BAR_HEIGHT};
    picture_open(picture, bar->name);
    picture_text_within(picture, axes->area.x - STYLE_GAP, middle + 4.0, NAME_LIMIT,
                        bar->name != NULL ? bar->name : "", type_label(ANCHOR_END, INK_TEXT));
    picture_box(picture, box, ink_of(ink_category(bar->category)));
    if (bar->low < bar->high && scale_shows(bar->low) && scale_shows(bar->high)) {
        draw_interval(picture, scale_at(&axes->x, bar->low), scale_at(&axes->x, bar->high), middle);
        end = fmax(end, scale_at(&axes->x, bar->high));
    }
    picture_text(picture, fmax(end, zero) + 6.0, middle + 4.0, value,
                 type_label(ANCHOR_START, INK_TEXT));
    picture_close(picture);
}

static void draw_bars(struct weft_picture *picture, const struct weft_bar_chart *chart, double top)
{
    const int digits = chart->digits > 0 ? chart->digits : 3;
    const int decimals = common_decimals(chart, digits);
    const double height = (double)chart->bar_count * BAR_STEP;
    double names = 0.0, values = 0.0, low, high;
    for (size_t i = 0; i < chart->bar_count; i++) {
        char text[LABEL_SIZE];
        value_label(chart->bars[i].value, decimals, digits, text);
        values = fmax(values, text_width(text, STYLE_LABEL, false));
        if (chart->bars[i].name != NULL)
            names = fmax(names, text_width(chart->bars[i].name, STYLE_LABEL, false));
    }
    x_range(chart, &low, &high);
    const double left = STYLE_MARGIN + fmin(names, NAME_LIMIT) + STYLE_GAP;
    const double width = picture->width - left - STYLE_MARGIN - values - STYLE_GAP;
    const struct axes axes =
        layout_axes((struct box){left, top, fmax(width, 40.0), height}, low, high, 0.0, 1.0);
    struct ticks ticks;
    ticks_find(&axes.x, &ticks);
    draw_grid(picture, &axes, &ticks);
    for (size_t i = 0; i < chart->bar_count; i++) {
        char text[LABEL_SIZE];
        value_label(chart->bars[i].value, decimals, digits, text);
        draw_bar(picture, &axes, &chart->bars[i], top + ((double)i + 0.5) * BAR_STEP, text);
    }
    axes_draw_x(picture, &axes, &ticks, false, chart->x_label);
}

enum weft_status weft_plot_bars(const struct weft_bar_chart *chart, struct weft_picture **picture)
{
    struct weft_chart form = chart->chart;
    struct weft_picture *made;
    *picture = NULL;
    if (chart->bar_count == 0 || chart->bar_count > BARS_LIMIT)
        return fail(WEFT_ERROR_USAGE, "bar chart: %zu bars, need 1 to %d", chart->bar_count,
                    BARS_LIMIT);
    form.width = form.width > 0.0 ? form.width : 640.0;
    const double top = layout_header_height(&form, form.width) + STYLE_GAP;
    form.height = top + (double)chart->bar_count * BAR_STEP + AXIS_LABELS + AXIS_TITLE + 4.0;
    TRY(picture_create(&form, &made));
    layout_header(made, &form);
    draw_bars(made, chart, top);
    return picture_finish(made, picture);
}
