/* Draws histograms of columns: a panel for each column, an outline for each class. */
#include <math.h>
#include <stdio.h>

#include "plot/layout.h"

enum { COLUMNS_LIMIT = 400, BINS_LIMIT = 30, ACROSS = 3, PANEL = 120, HEAD = 20, FOOT = 34 };

/* The values of a column in bins, for one group of samples after the other. */
struct bins {
    double low, high;
    size_t count;
    bool whole;                                  /* all values are whole numbers */
    double shares[STYLE_CATEGORIES][BINS_LIMIT]; /* of each group */
    double most;
};

/* Returns the number of groups: the classes, or one if they are too many. */
static size_t groups_of(const struct weft_histogram_chart *chart)
{
    const bool by_class =
        chart->labels != NULL && chart->classes >= 1 && chart->classes <= STYLE_CATEGORIES;
    return by_class ? chart->classes : 1;
}

static bool are_whole(const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (scale_shows(values[i]) && values[i] != floor(values[i]))
            return false;
    return true;
}

/* Chooses the edges of the bins at round numbers, about 20 of them. Few whole numbers are in the
 * middles of their bins. */
static void choose_edges(const struct weft_histogram_chart *chart, const double *values,
                         struct bins *bins)
{
    bins->low = (double)INFINITY;
    bins->high = -(double)INFINITY;
    range_add(&bins->low, &bins->high, values, chart->count, false);
    range_repair(&bins->low, &bins->high, false);
    const double step = (bins->high - bins->low) / 20.0, power = pow(10.0, floor(log10(step)));
    const double digit = step / power;
    double width = (digit <= 1.0 ? 1.0 : digit <= 2.0 ? 2.0 : digit <= 5.0 ? 5.0 : 10.0) * power;
    bins->whole = are_whole(values, chart->count);
    if (bins->whole && width <= 1.0) {
        width = 1.0;
        bins->low = floor(bins->low + 0.5) - 0.5;
    } else {
        bins->low = width * floor(bins->low / width + 1e-9);
    }
    const double count = floor((bins->high - bins->low) / width + 1e-9) + 1.0;
    bins->count = (size_t)fmin(fmax(count, 1.0), BINS_LIMIT);
    bins->high = bins->low + width * (double)bins->count;
}

static void fill(const struct weft_histogram_chart *chart, const double *values, struct bins *bins)
{
    const size_t groups = groups_of(chart);
    double totals[STYLE_CATEGORIES] = {0};
    choose_edges(chart, values, bins);
    for (size_t i = 0; i < chart->count; i++) {
        const int32_t label = groups > 1 ? chart->labels[i] : 0;
        if (!scale_shows(values[i]) || label < 0 || (size_t)label >= groups)
            continue;
        const double place = (values[i] - bins->low) / (bins->high - bins->low);
        const double last = (double)(bins->count - 1);
        /* A value on an edge belongs to the bin above, whatever the rounding errors. */
        const double bin_place = place * (double)bins->count + 1e-6;
        const size_t bin = (size_t)fmin(fmax(bin_place, 0.0), last);
        bins->shares[label][bin] += 1.0;
        totals[label] += 1.0;
    }
    for (size_t g = 0; g < groups; g++)
        for (size_t b = 0; b < bins->count; b++) {
            bins->shares[g][b] /= fmax(totals[g], 1.0);
            bins->most = fmax(bins->most, bins->shares[g][b]);
        }
}

/* Returns the place of a corner. The edges of bins may lie beyond the values that axes_point
 * takes. */
static struct point place(const struct axes *axes, double x, double y)
{
    return (struct point){scale_at(&axes->x, x), scale_at(&axes->y, y)};
}

/* Draws a group as a staircase, filled lightly. */
static void draw_group(struct weft_picture *picture, const struct axes *axes,
                       const struct bins *bins, size_t group)
{
    struct point points[2 * BINS_LIMIT + 2];
    const double width = (bins->high - bins->low) / (double)bins->count;
    size_t count = 0;
    points[count++] = place(axes, bins->low, 0.0);
    for (size_t b = 0; b < bins->count; b++) {
        const double left = bins->low + width * (double)b, share = bins->shares[group][b];
        points[count++] = place(axes, left, share);
        points[count++] = place(axes, left + width, share);
    }
    points[count++] = place(axes, bins->high, 0.0);
    picture_area(picture, points, count, (struct ink){ink_category(group), STYLE_BAND_OPACITY});
    picture_line(picture, points, count, ink_of(ink_category(group)), 1.4, group % 2 == 1);
}

static void draw_column(struct weft_picture *picture, const struct weft_histogram_chart *chart,
                        const struct weft_histogram *column, struct box area)
{
    struct bins bins = {0};
    struct ticks ticks;
    char text[LABEL_SIZE];
    fill(chart, column->values, &bins);
    const struct axes axes = layout_axes(area, bins.low, bins.high, 0.0, fmax(bins.most, 1e-9));
    picture_open(picture, column->name);
    picture_text_within(picture, area.x, area.y - 7.0, area.width - 44.0,
                        column->name != NULL ? column->name : "",
                        type_bold(ANCHOR_START, INK_TEXT));
    if (bins.most > 0.0)
        label_percent(bins.most, bins.most < 0.1 ? 1 : 0, text);
    else
        snprintf(text, sizeof text, "no values");
    picture_text(picture, area.x + area.width, area.y - 7.0, text,
                 type_label(ANCHOR_END, INK_MUTED));
    picture_segment(picture, (struct point){area.x, area.y},
                    (struct point){area.x + area.width, area.y}, ink_of(INK_GRID), STYLE_GRID_LINE);
    picture_segment(picture, (struct point){area.x, area.y + area.height},
                    (struct point){area.x + area.width, area.y + area.height}, ink_of(INK_AXIS),
                    STYLE_GRID_LINE);
    for (size_t g = 0; g < groups_of(chart); g++)
        draw_group(picture, &axes, &bins, g);
    if (bins.whole)
        ticks_find_whole(&axes.x, &ticks);
    else
        ticks_find(&axes.x, &ticks);
    axes_draw_x(picture, &axes, &ticks, false, NULL);
    picture_close(picture);
}

enum weft_status weft_plot_histograms(const struct weft_histogram_chart *chart,
                                      struct weft_picture **picture)
{
    const size_t groups = groups_of(chart);
    const struct legend legend = {chart->names, groups > 1 ? groups : 0, true};
    struct weft_chart form = chart->chart;
    struct weft_picture *made;
    *picture = NULL;
    if (chart->column_count == 0 || chart->column_count > COLUMNS_LIMIT)
        return fail(WEFT_ERROR_USAGE, "histograms: %zu columns, need 1 to %d", chart->column_count,
                    COLUMNS_LIMIT);
    form.width = form.width > 0.0 ? form.width : 760.0;
    const size_t across = size_min(ACROSS, chart->column_count);
    const double inner = form.width - 2.0 * STYLE_MARGIN, gap = 34.0;
    const double side = (inner - (ACROSS - 1) * gap) / ACROSS;
    double top = layout_header_height(&form, form.width) + STYLE_MARGIN;
    const double legend_at = top;
    top += layout_legend(NULL, &legend, STYLE_MARGIN, top, inner);
    form.height = top +
                  (double)size_divide_up(chart->column_count, across) * (HEAD + PANEL + FOOT) +
                  STYLE_GAP;
    TRY(picture_create(&form, &made));
    layout_header(made, &form);
    layout_legend(made, &legend, STYLE_MARGIN, legend_at, inner);
    for (size_t i = 0; i < chart->column_count; i++)
        draw_column(made, chart, &chart->columns[i],
                    (struct box){STYLE_MARGIN + (double)(i % across) * (side + gap),
                                 top + (double)(i / across) * (HEAD + PANEL + FOOT) + HEAD, side,
                                 PANEL});
    return picture_finish(made, picture);
}
