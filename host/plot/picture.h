/* A picture: a list of shapes, in the order in which they are drawn. Charts add shapes; a writer
 * turns the list into SVG, or draws it with cairo for PNG and PDF.
 *
 * Coordinates are pixels, from the upper left corner. After a failure the picture remembers it,
 * and additions do nothing. So charts add shapes freely, and picture_finish asks once.
 */
#ifndef WEFT_PLOT_PICTURE_H
#define WEFT_PLOT_PICTURE_H

#include "plot/buffer.h"
#include "plot/style.h"
#include "weft_plot.h"

struct point {
    double x, y;
};

struct box {
    double x, y, width, height;
};

enum anchor { ANCHOR_START, ANCHOR_MIDDLE, ANCHOR_END };

enum marker {
    MARKER_CIRCLE,
    MARKER_SQUARE,
    MARKER_TRIANGLE,
    MARKER_DIAMOND,
    MARKER_CROSS,
    MARKER_DOWN, /* a triangle that points down */
    MARKER_PLUS,
    MARKER_RING, /* a circle that is not filled */
    MARKERS
};

enum shape_kind {
    SHAPE_LINE,
    SHAPE_AREA,
    SHAPE_BOX,
    SHAPE_MARKERS,
    SHAPE_TEXT,
    SHAPE_IMAGE,
    SHAPE_OPEN, /* begins a group */
    SHAPE_CLIP, /* begins a group that is cut at its box */
    SHAPE_CLOSE /* ends either */
};

/* How a text looks. */
struct type {
    double size;
    bool bold;
    enum anchor anchor;
    struct ink ink;
    double turn; /* degrees, clockwise, about its anchor */
};

struct shape {
    enum shape_kind kind;
    struct ink ink;
    double width; /* of lines; 0 for others */
    bool dashed;
    enum marker marker;
    double size;         /* of markers: half their extent */
    struct box box;      /* of boxes, images and clips */
    size_t first, count; /* points of lines, areas and markers; texts have one */
    size_t text;         /* place of a text or a group's title in `texts`; 0: none */
    struct type type;
    size_t pixels, rows, columns; /* place of an image in `pixels` */
};

struct weft_picture {
    double width, height;
    struct buffer shapes; /* of struct shape */
    struct buffer points; /* of struct point */
    struct buffer texts;  /* valid UTF-8, each ends with 0 */
    struct buffer pixels; /* [rows][columns][4] red, green, blue, opacity */
    size_t title, description;
    enum weft_theme theme;
};

/* Creates a picture of a chart with its title and description. */
WEFT_MUST_CHECK enum weft_status picture_create(const struct weft_chart *chart,
                                                struct weft_picture **picture);

/* Returns the picture in `*result` if every addition succeeded; otherwise destroys it. */
WEFT_MUST_CHECK enum weft_status picture_finish(struct weft_picture *picture,
                                                struct weft_picture **result);

/* Shapes, texts and pixels by place; none of them fails. */
size_t picture_shape_count(const struct weft_picture *picture);
const struct shape *picture_shape(const struct weft_picture *picture, size_t index);
const struct point *picture_points(const struct weft_picture *picture, const struct shape *shape);
const char *picture_text_at(const struct weft_picture *picture, size_t place);
const unsigned char *picture_pixels(const struct weft_picture *picture, const struct shape *shape);

/* Draws a line through the points. It has a gap where a coordinate is not finite; a point between
 * two gaps becomes a dot. */
void picture_line(struct weft_picture *picture, const struct point *points, size_t count,
                  struct ink ink, double width, bool dashed);
void picture_segment(struct weft_picture *picture, struct point from, struct point to,
                     struct ink ink, double width);
void picture_area(struct weft_picture *picture, const struct point *points, size_t count,
                  struct ink ink);
void picture_box(struct weft_picture *picture, struct box box, struct ink ink);
/* Draws the edges of a box, inside it. */
void picture_frame(struct weft_picture *picture, struct box box, struct ink ink, double width);
void picture_markers(struct weft_picture *picture, enum marker marker, const struct point *points,
                     size_t count, double size, struct ink ink);
void picture_text(struct weft_picture *picture, double x, double y, const char *text,
                  struct type type);
/* Draws `text`, shortened to `width`. */
void picture_text_within(struct weft_picture *picture, double x, double y, double width,
                         const char *text, struct type type);
/* Draws pixels [rows][columns][4] into a box, without smoothing. */
void picture_image(struct weft_picture *picture, struct box box, const unsigned char *pixels,
                   size_t rows, size_t columns);

/* Groups. A viewer may show the title of a group, which may be NULL. */
void picture_open(struct weft_picture *picture, const char *title);
void picture_clip(struct weft_picture *picture, struct box box);
void picture_close(struct weft_picture *picture);

/* Stores the corners of a marker around a point and returns their number; 0 for round ones. */
enum { MARKER_CORNERS = 12 };
size_t marker_corners(enum marker marker, struct point at, double size,
                      struct point corners[MARKER_CORNERS]);

/* The writers. Each adds a file to `file`. */
WEFT_MUST_CHECK enum weft_status picture_write_svg(const struct weft_picture *picture,
                                                   struct buffer *file);
/* Draws with cairo. Without cairo it returns WEFT_ERROR_USAGE with the name of the package. */
WEFT_MUST_CHECK enum weft_status picture_write_png(const struct weft_picture *picture,
                                                   struct buffer *file);
WEFT_MUST_CHECK enum weft_status picture_write_pdf(const struct weft_picture *picture,
                                                   struct buffer *file);

/* Returns the formats of this build: "SVG, and PNG and PDF by cairo 1.16.0". */
const char *picture_cairo(void);

#endif
