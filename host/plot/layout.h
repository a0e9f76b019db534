/* What charts share: titles, axes, legends and kinds of text. */
#ifndef WEFT_PLOT_LAYOUT_H
#define WEFT_PLOT_LAYOUT_H

#include <math.h>

#include "plot/picture.h"
#include "plot/ticks.h"

/* Text of STYLE_LABEL. */
static inline struct type type_label(enum anchor anchor, enum ink_role role)
{
    return (struct type){.size = STYLE_LABEL, .anchor = anchor, .ink = ink_of(role)};
}

/* Returns the type of a label in bold. */
static inline struct type type_bold(enum anchor anchor, enum ink_role role)
{
    return (struct type){.size = STYLE_LABEL, .bold = true, .anchor = anchor, .ink = ink_of(role)};
}

/* Returns the height of the title and the subtitle over a chart of this width, margin included. */
double layout_header_height(const struct weft_chart *chart, double width);

/* Draws them. */
void layout_header(struct weft_picture *picture, const struct weft_chart *chart);

/* A name, or a number if there are no names. `text` is the space for the number. */
const char *layout_name(const char *const *names, size_t index, char text[LABEL_SIZE]);

/* Returns the width of the widest name, at most `most`. */
double layout_names_width(const char *const *names, size_t count, double most);

/* A part of a chart with two axes. The area lies within them. */
struct axes {
    struct box area;
    struct axis_scale x, y;
};

/* Returns an area's scales over the given ranges. */
struct axes layout_axes(struct box area, double x_low, double x_high, double y_low, double y_high);

/* Returns the place of a sample. It is not finite if the chart cannot show one of its numbers. */
static inline struct point axes_point(const struct axes *axes, double x, double y)
{
    if (!scale_shows(x) || !scale_shows(y))
        return (struct point){(double)NAN, (double)NAN};
    return (struct point){scale_at(&axes->x, x), scale_at(&axes->y, y)};
}

/* Returns the width that the labels of the vertical axis take, gap included. */
double axes_labels_width(const struct ticks *ticks, bool percent);

/* Draws the vertical axis: its labels, and lines of the grid. */
void axes_draw_y(struct weft_picture *picture, const struct axes *axes, const struct ticks *ticks,
                 bool percent);

/* Draws the horizontal axis: its labels, and its title below them, which may be NULL. */
void axes_draw_x(struct weft_picture *picture, const struct axes *axes, const struct ticks *ticks,
                 bool percent, const char *title);

/* The height that axes_draw_x needs below the area. */
enum { AXIS_LABELS = 20, AXIS_TITLE = 18 };

/* Draws the names of categories with their colors in rows from (x, y) on, where y is the base line
 * of the first. Returns the height that it takes, without drawing if `picture` is NULL. */
struct legend {
    const char *const *names; /* [count], or NULL for numbers */
    size_t count;
    bool lines; /* a line before each name, otherwise its marker */
};
double layout_legend(struct weft_picture *picture, const struct legend *legend, double x, double y,
                     double width);

#endif
