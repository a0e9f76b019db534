/* Draws a network as layers of units. A wide layer shows its first and last units, with dots where
 * the others are. */
#include <math.h>

#include "plot/layout.h"

enum { UNITS_LIMIT = 12, UNIT_STEP = 22, LAYER_STEP = 150, LAYERS_LIMIT = 100 };
static const double unit_radius = 7.0;

/* Returns how many units of a layer are drawn, and where the dots stand: after unit `*dots`, or
 * nowhere if it is 0. */
static size_t units_drawn(size_t width, size_t *dots)
{
    *dots = width > UNITS_LIMIT ? UNITS_LIMIT / 2 : 0;
    return width > UNITS_LIMIT ? UNITS_LIMIT : width;
}

/* Returns the places that a layer takes, the dots among them. */
static double places(size_t width)
{
    size_t dots;
    const size_t units = units_drawn(width, &dots);
    return (double)(units + (dots > 0));
}

static struct point unit_at(size_t width, size_t unit, double x, double middle)
{
    size_t dots;
    units_drawn(width, &dots);
    const double place = (double)(unit + (dots > 0 && unit >= dots));
    return (struct point){x, middle + (place - (places(width) - 1.0) / 2.0) * UNIT_STEP};
}

static void draw_connections(struct weft_picture *picture, size_t from, size_t to, double x,
                             double step, double middle)
{
    size_t dots;
    const size_t inputs = units_drawn(from, &dots), outputs = units_drawn(to, &dots);
    const struct ink ink = {INK_QUIET, 0.45};
    for (size_t i = 0; i < inputs; i++)
        for (size_t o = 0; o < outputs; o++)
            picture_segment(picture, unit_at(from, i, x, middle), unit_at(to, o, x + step, middle),
                            ink, 0.6);
}

static void draw_units(struct weft_picture *picture, size_t width, enum ink_role role, double x,
                       double middle)
{
    struct point points[UNITS_LIMIT], holes[3];
    size_t dots;
    const size_t units = units_drawn(width, &dots);
    for (size_t u = 0; u < units; u++)
        points[u] = unit_at(width, u, x, middle);
    picture_markers(picture, MARKER_CIRCLE, points, units, unit_radius, ink_of(INK_PAPER));
    picture_markers(picture, MARKER_CIRCLE, points, units, unit_radius - 1.0, ink_of(role));
    for (size_t i = 0; i < 3; i++)
        holes[i] = (struct point){x, middle + ((double)i - 1.0) * 5.0};
    if (dots > 0)
        picture_markers(picture, MARKER_CIRCLE, holes, 3, 1.3, ink_of(INK_MUTED));
}

static void draw_layer(struct weft_picture *picture, const struct weft_network_layer *layer,
                       enum ink_role role, double x, double middle, double bottom)
{
    char text[LABEL_SIZE];
    draw_units(picture, layer->width, role, x, middle);
    label_count(layer->width, text);
    picture_text(picture, x, bottom + 22.0, text, type_bold(ANCHOR_MIDDLE, INK_TEXT));
    if (layer->name != NULL)
        picture_text_within(picture, x, bottom + 37.0, LAYER_STEP - 10.0, layer->name,
                            type_label(ANCHOR_MIDDLE, INK_MUTED));
}

static void draw_layers(struct weft_picture *picture, const struct weft_network_chart *chart,
                        double top, double most)
{
    const double middle = top + most * UNIT_STEP / 2.0, bottom = top + most * UNIT_STEP;
    const double span = (double)(chart->layer_count - 1) * LAYER_STEP;
    const double left = (picture->width - span) / 2.0;
    for (size_t l = 0; l + 1 < chart->layer_count; l++)
        draw_connections(picture, chart->layers[l].width, chart->layers[l + 1].width,
                         left + (double)l * LAYER_STEP, LAYER_STEP, middle);
    for (size_t l = 0; l < chart->layer_count; l++) {
        const enum ink_role role = l == 0                        ? ink_category(0)
                                   : l + 1 == chart->layer_count ? ink_category(1)
                                                                 : ink_category(2);
        draw_layer(picture, &chart->layers[l], role, left + (double)l * LAYER_STEP, middle, bottom);
    }
}

enum weft_status weft_plot_network(const struct weft_network_chart *chart,
                                   struct weft_picture **picture)
{
    struct weft_chart form = chart->chart;
    struct weft_picture *made;
    double most = 1.0;
    *picture = NULL;
    if (chart->layer_count == 0 || chart->layer_count > LAYERS_LIMIT)
        return fail(WEFT_ERROR_USAGE, "network: %zu layers, need 1 to %d", chart->layer_count,
                    LAYERS_LIMIT);
    for (size_t l = 0; l < chart->layer_count; l++)
        most = fmax(most, places(chart->layers[l].width));
    const double span = (double)chart->layer_count * LAYER_STEP;
    form.width = fmax(form.width > 0.0 ? form.width : 480.0, span + 2.0 * STYLE_MARGIN);
    const double top = layout_header_height(&form, form.width) + STYLE_GAP;
    form.height = top + most * UNIT_STEP + 37.0 + STYLE_MARGIN;
    TRY(picture_create(&form, &made));
    layout_header(made, &form);
    draw_layers(made, chart, top, most);
    return picture_finish(made, picture);
}
