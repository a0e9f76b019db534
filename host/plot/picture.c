/* Collects the shapes of a picture. See picture.h. */
#include "plot/picture.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "plot/text.h"

/* Adds a text, made valid, and returns its place. */
static size_t add_text(struct weft_picture *picture, const char *text)
{
    const size_t place = picture->texts.used;
    text_add_valid(&picture->texts, text);
    buffer_add(&picture->texts, "", 1);
    return place;
}

enum weft_status picture_create(const struct weft_chart *chart, struct weft_picture **picture)
{
    *picture = NULL;
    struct weft_picture *made;
    TRY(NEW_ARRAY(made, 1));
    made->width = chart->width > 0.0 ? chart->width : 640.0;
    made->height = chart->height > 0.0 ? chart->height : 400.0;
    made->theme = chart->theme;
    buffer_add(&made->texts, "", 1); /* place 0 is no text */
    made->title = add_text(made, chart->title != NULL ? chart->title : "");
    made->description = add_text(made, chart->description != NULL ? chart->description : "");
    *picture = made;
    return WEFT_OK;
}

enum weft_status picture_finish(struct weft_picture *picture, struct weft_picture **result)
{
    const struct buffer *const buffers[] = {&picture->shapes, &picture->points, &picture->texts,
                                            &picture->pixels};
    *result = picture;
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
        if (buffers[i]->status != WEFT_OK) {
            const enum weft_status status = buffers[i]->status;
            weft_picture_destroy(picture);
            *result = NULL;
            return status;
        }
    return WEFT_OK;
}

void weft_picture_destroy(struct weft_picture *picture)
{
    if (picture == NULL)
        return;
    buffer_reset(&picture->shapes);
    buffer_reset(&picture->points);
    buffer_reset(&picture->texts);
    buffer_reset(&picture->pixels);
    memory_free(picture);
}

void weft_picture_get_size(const struct weft_picture *picture, double *width, double *height)
{
    *width = picture->width;
    *height = picture->height;
}

/* ---- reading ---- */

size_t picture_shape_count(const struct weft_picture *picture)
{
    return picture->shapes.used / sizeof(struct shape);
}

const struct shape *picture_shape(const struct weft_picture *picture, size_t index)
{
    return (const struct shape *)(const void *)picture->shapes.data + index;
}

const struct point *picture_points(const struct weft_picture *picture, const struct shape *shape)
{
    return (const struct point *)(const void *)picture->points.data + shape->first;
}

const char *picture_text_at(const struct weft_picture *picture, size_t place)
{
    return (const char *)picture->texts.data + place;
}

const unsigned char *picture_pixels(const struct weft_picture *picture, const struct shape *shape)
{
    return picture->pixels.data + shape->pixels;
}

/* ---- shapes ---- */

static void add_shape(struct weft_picture *picture, const struct shape *shape)
{
    buffer_add(&picture->shapes, shape, sizeof *shape);
}

/* Adds a shape with its points, all of which are finite. */
static void add_points(struct weft_picture *picture, struct shape shape, const struct point *points,
                       size_t count)
{
    shape.first = picture->points.used / sizeof *points;
    shape.count = count;
    if (count == 0)
        return;
    buffer_add(&picture->points, points, count * sizeof *points);
    add_shape(picture, &shape);
}

static bool is_drawable(struct point point)
{
    return isfinite(point.x) && isfinite(point.y);
}

void picture_line(struct weft_picture *picture, const struct point *points, size_t count,
                  struct ink ink, double width, bool dashed)
{
    const struct shape shape = {.kind = SHAPE_LINE, .ink = ink, .width = width, .dashed = dashed};
    for (size_t i = 0; i < count;) {
        size_t end = i;
        while (end < count && is_drawable(points[end]))
            end++;
        if (end == i + 1)
            picture_markers(picture, MARKER_CIRCLE, points + i, 1, width + 0.7, ink);
        else
            add_points(picture, shape, points + i, end - i);
        i = end + 1;
    }
}

void picture_segment(struct weft_picture *picture, struct point from, struct point to,
                     struct ink ink, double width)
{
    picture_line(picture, (const struct point[]){from, to}, 2, ink, width, false);
}

void picture_area(struct weft_picture *picture, const struct point *points, size_t count,
                  struct ink ink)
{
    add_points(picture, (struct shape){.kind = SHAPE_AREA, .ink = ink}, points, count);
}

void picture_box(struct weft_picture *picture, struct box box, struct ink ink)
{
    add_shape(picture, &(struct shape){.kind = SHAPE_BOX, .ink = ink, .box = box});
}

void picture_frame(struct weft_picture *picture, struct box box, struct ink ink, double width)
{
    const double inset = width / 2.0;
    const struct box inner = {box.x + inset, box.y + inset, box.width - width, box.height - width};
    add_shape(picture,
              &(struct shape){.kind = SHAPE_BOX, .ink = ink, .box = inner, .width = width});
}

void picture_markers(struct weft_picture *picture, enum marker marker, const struct point *points,
                     size_t count, double size, struct ink ink)
{
    const struct shape shape = {
        .kind = SHAPE_MARKERS, .ink = ink, .marker = marker, .size = size, .width = 1.2};
    for (size_t i = 0; i < count;) {
        size_t end = i;
        while (end < count && is_drawable(points[end]))
            end++;
        add_points(picture, shape, points + i, end - i);
        i = end + 1;
    }
}

void picture_text(struct weft_picture *picture, double x, double y, const char *text,
                  struct type type)
{
    struct shape shape = {.kind = SHAPE_TEXT, .ink = type.ink, .type = type};
    if (text[0] == '\0')
        return;
    shape.text = add_text(picture, text);
    add_points(picture, shape, &(struct point){x, y}, 1);
}

void picture_text_within(struct weft_picture *picture, double x, double y, double width,
                         const char *text, struct type type)
{
    struct buffer fitted = {0};
    text_fit(text, type.size, type.bold, width, &fitted);
    if (fitted.status == WEFT_OK)
        picture_text(picture, x, y, (const char *)fitted.data, type);
    else
        picture->texts.status = fitted.status;
    buffer_reset(&fitted);
}

void picture_image(struct weft_picture *picture, struct box box, const unsigned char *pixels,
                   size_t rows, size_t columns)
{
    const struct shape shape = {.kind = SHAPE_IMAGE,
                                .box = box,
                                .rows = rows,
                                .columns = columns,
                                .pixels = picture->pixels.used};
    buffer_add(&picture->pixels, pixels, rows * columns * 4);
    add_shape(picture, &shape);
}

/* ---- groups ---- */

void picture_open(struct weft_picture *picture, const char *title)
{
    struct shape shape = {.kind = SHAPE_OPEN};
    if (title != NULL && title[0] != '\0')
        shape.text = add_text(picture, title);
    add_shape(picture, &shape);
}

void picture_clip(struct weft_picture *picture, struct box box)
{
    add_shape(picture, &(struct shape){.kind = SHAPE_CLIP, .box = box});
}

void picture_close(struct weft_picture *picture)
{
    add_shape(picture, &(struct shape){.kind = SHAPE_CLOSE});
}

/* ---- markers ---- */

size_t marker_corners(enum marker marker, struct point at, double size,
                      struct point corners[MARKER_CORNERS])
{
    /* Corners on a grid from -1 to 1, as x and y in turn. The areas are about equal. */
    static const double square[] = {-0.85, -0.85, 0.85, -0.85, 0.85, 0.85, -0.85, 0.85};
    static const double triangle[] = {0, -1.2, 1.15, 0.85, -1.15, 0.85};
    static const double down[] = {0, 1.2, 1.15, -0.85, -1.15, -0.85};
    static const double diamond[] = {0, -1.25, 1.25, 0, 0, 1.25, -1.25, 0};
    static const double plus[] = {-0.35, -1.2, 0.35, -1.2, 0.35, -0.35, 1.2,   -0.35,
                                  1.2,   0.35, 0.35, 0.35, 0.35, 1.2,   -0.35, 1.2,
                                  -0.35, 0.35, -1.2, 0.35, -1.2, -0.35, -0.35, -0.35};
    static const double cross[] = {-0.6, -1.1, 0,    -0.5, 0.6,  -1.1, 1.1,  -0.6,
                                   0.5,  0,    1.1,  0.6,  0.6,  1.1,  0,    0.5,
                                   -0.6, 1.1,  -1.1, 0.6,  -0.5, 0,    -1.1, -0.6};
    static const struct {
        const double *grid;
        size_t count;
    } table[MARKERS] = {[MARKER_SQUARE] = {square, 4},   [MARKER_TRIANGLE] = {triangle, 3},
                        [MARKER_DIAMOND] = {diamond, 4}, [MARKER_CROSS] = {cross, 12},
                        [MARKER_DOWN] = {down, 3},       [MARKER_PLUS] = {plus, 12}};
    assert(marker < MARKERS);
    for (size_t i = 0; i < table[marker].count; i++) {
        corners[i].x = at.x + size * table[marker].grid[2 * i];
        corners[i].y = at.y + size * table[marker].grid[2 * i + 1];
    }
    return table[marker].count;
}
