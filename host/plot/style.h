/* How every chart looks: inks, sizes and margins. No other file has a color or the size of a font.
 *
 * An ink is a role, not a color: each has one color for light paper and one for dark paper.
 * Categories have the colors of Okabe and Ito (2008), which color-blind people can tell apart. On
 * dark paper they are lighter. The names that stand at lines need more contrast than the lines, so
 * each category has a second ink for text, with at least 4.5:1 on either paper.
 */
#ifndef WEFT_PLOT_STYLE_H
#define WEFT_PLOT_STYLE_H

#include <stdbool.h>
#include <stddef.h>

enum { STYLE_CATEGORIES = 8 };

enum ink_role {
    INK_NONE,
    INK_PAPER,
    INK_TEXT,
    INK_MUTED, /* text that matters less: ticks, captions */
    INK_GRID,
    INK_AXIS,
    INK_QUIET,                                  /* marks that stay in the background */
    INK_RIGHT,                                  /* a correct prediction */
    INK_WRONG,                                  /* a wrong prediction, an error */
    INK_CATEGORY,                               /* the first of STYLE_CATEGORIES */
    INK_NAME = INK_CATEGORY + STYLE_CATEGORIES, /* the first of as many, for text */
    INK_ROLES = INK_NAME + STYLE_CATEGORIES
};

struct ink {
    enum ink_role role;
    double opacity; /* 0 to 1 */
};

/* Returns an ink that covers fully. */
static inline struct ink ink_of(enum ink_role role)
{
    return (struct ink){role, 1.0};
}

/* The inks of category `index`, for marks and for text. Beyond the eighth they repeat. */
static inline enum ink_role ink_category(size_t index)
{
    return (enum ink_role)(INK_CATEGORY + index % STYLE_CATEGORIES);
}

/* Returns the color of the name at the end of a line. */
static inline enum ink_role ink_name(size_t index)
{
    return (enum ink_role)(INK_NAME + index % STYLE_CATEGORIES);
}

/* Returns the color of a role as 0xRRGGBB. */
unsigned style_color(enum ink_role role, bool dark);

/* Viridis (van der Walt and Smith 2015) for t from 0 to 1, as 0xRRGGBB. */
unsigned style_viridis(double t);

/* Blue over white to red for t from -1 to 1, as 0xRRGGBB. */
unsigned style_difference(double t);

/* Fonts in the order of preference: the widths in text.c are upper bounds for all of them. */
#define STYLE_FONTS                                                                                \
    "system-ui,-apple-system,&quot;Segoe UI&quot;,Roboto,&quot;Helvetica Neue&quot;,Arial,"        \
    "&quot;Noto Sans&quot;,&quot;DejaVu Sans&quot;,sans-serif"

/* Sizes in pixels. */
#define STYLE_TITLE         15.0
#define STYLE_SUBTITLE      12.0
#define STYLE_LABEL         11.0
#define STYLE_MARGIN        16.0
#define STYLE_GAP           8.0
#define STYLE_LINE          1.8
#define STYLE_GRID_LINE     1.0
#define STYLE_POINT_OPACITY 0.7
#define STYLE_BAND_OPACITY  0.18

#endif
