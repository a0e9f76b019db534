/* Draws calibration diagrams: how often predictions are right by their probability, over a
 * histogram of these probabilities. Points under the diagonal tell of overconfidence. */
#include <math.h>

#include "plot/layout.h"

enum { SIDE = 320, BARS = 60, GAP = 28, BINS_LIMIT = 1000 };

static void draw_diagonal(struct weft_picture *picture, const struct axes *axes)
{
    const struct point ends[] = {axes_point(axes, 0.0, 0.0), axes_point(axes, 1.0, 1.0)};
    picture_line(picture, ends, 2, ink_of(INK_AXIS), 1.2, true);
    /* Below the least probability that a predicted class usually has, nothing is in the way. */
    picture_text(picture, ends[0].x + 26.0, ends[0].y - 10.0, "perfect",
                 type_label(ANCHOR_START, INK_MUTED));
}

static bool is_filled(const struct weft_calibration_bin *bin)
{
    return bin->samples > 0 && isfinite(bin->confidence) && isfinite(bin->accuracy);
}

/* Draws a line through the bins, a dot for each, and the gap to the diagonal. A bin of few
 * predictions says little: it has a small, pale dot beside the line. */
static void draw_bins(struct weft_picture *picture, const struct axes *axes,
                      const struct weft_calibration_chart *chart)
{
    struct point points[BINS_LIMIT], pale[BINS_LIMIT];
    size_t count = 0, pale_count = 0;
    for (size_t i = 0; i < chart->bin_count; i++) {
        const struct weft_calibration_bin *bin = &chart->bins[i];
        if (!is_filled(bin))
            continue;
        const struct point point = axes_point(axes, bin->confidence, bin->accuracy);
        if (bin->samples < WEFT_CALIBRATION_FEW) {
            pale[pale_count++] = point;
            continue;
        }
        picture_segment(picture, point, axes_point(axes, bin->confidence, bin->confidence),
                        (struct ink){INK_WRONG, 0.5}, 2.0);
        points[count++] = point;
    }
    if (count > 1)
        picture_line(picture, points, count, ink_of(ink_category(0)), STYLE_LINE, false);
    picture_markers(picture, MARKER_CIRCLE, pale, pale_count, 2.5,
                    (struct ink){ink_category(0), 0.5});
    picture_markers(picture, MARKER_CIRCLE, points, count, 3.5, ink_of(ink_category(0)));
}

static void draw_histogram(struct weft_picture *picture, const struct axes *above,
                           const struct weft_calibration_chart *chart)
{
    const struct box area = {above->area.x, above->area.y + SIDE + GAP, SIDE, BARS};
    size_t most = 1;
    char text[LABEL_SIZE];
    for (size_t i = 0; i < chart->bin_count; i++)
        most = size_max(most, chart->bins[i].samples);
    const double width = area.width / (double)chart->bin_count;
    for (size_t i = 0; i < chart->bin_count; i++) {
        const double height = area.height * (double)chart->bins[i].samples / (double)most;
        if (height > 0.0)
            picture_box(picture,
                        (struct box){area.x + (double)i * width + 0.5,
                                     area.y + area.height - height, fmax(width - 1.0, 0.5), height},
                        ink_of(INK_QUIET));
    }
    label_count(most, text);
    picture_text(picture, area.x - STYLE_GAP, area.y + 8.0, text,
                 type_label(ANCHOR_END, INK_MUTED));
    picture_text(picture, STYLE_MARGIN, area.y - 9.0, "predictions",
                 type_label(ANCHOR_START, INK_MUTED));
    const struct axes axes = layout_axes(area, 0.0, 1.0, 0.0, 1.0);
    struct ticks ticks;
    ticks_find(&axes.x, &ticks);
    axes_draw_x(picture, &axes, &ticks, true, "probability of the predicted class");
}

enum weft_status weft_plot_calibration(const struct weft_calibration_chart *chart,
                                       struct weft_picture **picture)
{
    struct weft_chart form = chart->chart;
    struct weft_picture *made;
    struct ticks ticks;
    *picture = NULL;
    if (chart->bin_count == 0 || chart->bin_count > BINS_LIMIT)
        return fail(WEFT_ERROR_USAGE, "calibration: %zu bins, need 1 to %d", chart->bin_count,
                    BINS_LIMIT);
    const double left = STYLE_MARGIN + 46.0;
    form.width = fmax(form.width, left + SIDE + 2.0 * STYLE_MARGIN);
    const double top = layout_header_height(&form, form.width) + 22.0;
    form.height = top + SIDE + GAP + BARS + AXIS_LABELS + AXIS_TITLE;
    TRY(picture_create(&form, &made));
    const struct axes axes = layout_axes((struct box){left, top, SIDE, SIDE}, 0.0, 1.0, 0.0, 1.0);
    layout_header(made, &form);
    ticks_find(&axes.y, &ticks);
    axes_draw_y(made, &axes, &ticks, true);
    picture_text(made, STYLE_MARGIN, top - 9.0, "correct", type_label(ANCHOR_START, INK_MUTED));
    draw_diagonal(made, &axes);
    draw_bins(made, &axes, chart);
    draw_histogram(made, &axes, chart);
    return picture_finish(made, picture);
}
