/* Draws heat maps of numbers, with a bar that tells what the colors mean. */
#include <math.h>

#include "plot/cells.h"
#include "plot/text.h"

enum { SIDE_LIMIT = 4096, BAR_WIDTH = 160, BAR_HEIGHT = 8, BAR_STEPS = 64, BAR_ROOM = 40 };

/* Stores the pixel of a value at t: 0 to 1, or -1 to 1 for differences. NaN is transparent. */
static void put_pixel(double t, bool difference, unsigned char pixel[4])
{
    const unsigned color = difference ? style_difference(t) : style_viridis(t);
    pixel[0] = (unsigned char)(color >> 16);
    pixel[1] = (unsigned char)(color >> 8);
    pixel[2] = (unsigned char)color;
    pixel[3] = isnan(t) ? 0 : 255;
}

static void value_range(const struct weft_heat_chart *chart, double *low, double *high)
{
    *low = (double)INFINITY;
    *high = -(double)INFINITY;
    range_add(low, high, chart->values, chart->rows * chart->columns, false);
    range_repair(low, high, false);
    if (chart->difference) {
        *high = fmax(fabs(*low), fabs(*high));
        *low = -*high;
    }
}

static void draw_image(struct weft_picture *picture, const struct weft_heat_chart *chart,
                       const struct cells *cells, double low, double high)
{
    const size_t count = chart->rows * chart->columns;
    struct buffer pixels = {0};
    unsigned char pixel[4];
    for (size_t i = 0; i < count; i++) {
        const double value = scale_shows(chart->values[i]) ? chart->values[i] : (double)NAN;
        put_pixel(chart->difference ? value / high : (value - low) / (high - low),
                  chart->difference, pixel);
        buffer_add(&pixels, pixel, sizeof pixel);
    }
    if (pixels.status == WEFT_OK)
        picture_image(picture,
                      (struct box){cells->left, cells->top, cells->size * (double)chart->columns,
                                   cells->size * (double)chart->rows},
                      pixels.data, chart->rows, chart->columns);
    else
        picture->pixels.status = pixels.status;
    buffer_reset(&pixels);
}

static void draw_bar(struct weft_picture *picture, const struct weft_heat_chart *chart, double x,
                     double y, double low, double high)
{
    unsigned char pixels[BAR_STEPS][4];
    const struct axes axes =
        layout_axes((struct box){x, y, BAR_WIDTH, BAR_HEIGHT}, low, high, 0.0, 1.0);
    struct ticks ticks;
    for (size_t i = 0; i < BAR_STEPS; i++) {
        const double t = (double)i / (BAR_STEPS - 1);
        put_pixel(chart->difference ? 2.0 * t - 1.0 : t, chart->difference, pixels[i]);
    }
    picture_image(picture, (struct box){x, y, BAR_WIDTH, BAR_HEIGHT}, pixels[0], 1, BAR_STEPS);
    ticks_find(&axes.x, &ticks);
    axes_draw_x(picture, &axes, &ticks, false, NULL);
}

enum weft_status weft_plot_heat(const struct weft_heat_chart *chart, struct weft_picture **picture)
{
    struct weft_chart form = chart->chart;
    struct weft_picture *made;
    struct cells cells = {.rows = chart->rows,
                          .columns = chart->columns,
                          .row_names = chart->row_names,
                          .column_names = chart->column_names};
    double low, high;
    *picture = NULL;
    if (chart->rows == 0 || chart->columns == 0 || chart->rows > SIDE_LIMIT ||
        chart->columns > SIDE_LIMIT)
        return fail(WEFT_ERROR_USAGE, "heat map: %zu x %zu cells, need 1 to %d each way",
                    chart->rows, chart->columns, SIDE_LIMIT);
    cells_place(&cells, &form);
    const double bar = form.height + 4.0;
    form.height += BAR_ROOM;
    TRY(picture_create(&form, &made));
    value_range(chart, &low, &high);
    layout_header(made, &form);
    cells_draw_names(made, &cells);
    draw_image(made, chart, &cells, low, high);
    draw_bar(made, chart, cells.left, bar, low, high);
    return picture_finish(made, picture);
}
