/* Draws pictures with cairo, as PNG and PDF. It is the only file that knows cairo. */
#include <cairo-pdf.h>
#include <cairo.h>
#include <math.h>
#include <stdio.h>

#include "plot/picture.h"
#include "plot/text.h"

static const double turn = 3.14159265358979323846 / 180.0; /* radians of a degree */

const char *picture_cairo(void)
{
    static char text[64];
    snprintf(text, sizeof text, "SVG, and PNG and PDF by cairo %s", cairo_version_string());
    return text;
}

static void use_ink(cairo_t *cairo, const struct weft_picture *picture, struct ink ink)
{
    const unsigned color = style_color(ink.role, picture->theme == WEFT_THEME_DARK);
    cairo_set_source_rgba(cairo, (color >> 16) / 255.0, (color >> 8 & 0xff) / 255.0,
                          (color & 0xff) / 255.0, ink.opacity);
}

static void trace(cairo_t *cairo, const struct point *points, size_t count)
{
    for (size_t i = 0; i < count; i++)
        cairo_line_to(cairo, points[i].x, points[i].y);
}

static void draw_line(cairo_t *cairo, const struct weft_picture *picture, const struct shape *shape)
{
    static const double dashes[] = {5, 4};
    trace(cairo, picture_points(picture, shape), shape->count);
    cairo_set_dash(cairo, dashes, shape->dashed ? 2 : 0, 0);
    cairo_set_line_width(cairo, shape->width);
    cairo_stroke(cairo);
}

static void draw_box(cairo_t *cairo, const struct shape *shape)
{
    const struct box *box = &shape->box;
    cairo_rectangle(cairo, box->x, box->y, box->width, box->height);
    cairo_set_dash(cairo, NULL, 0, 0);
    cairo_set_line_width(cairo, shape->width);
    if (shape->width > 0.0)
        cairo_stroke(cairo);
    else
        cairo_fill(cairo);
}

static void draw_marker(cairo_t *cairo, const struct shape *shape, struct point at)
{
    struct point corners[MARKER_CORNERS];
    const size_t count = marker_corners(shape->marker, at, shape->size, corners);
    cairo_new_path(cairo);
    if (count == 0)
        cairo_arc(cairo, at.x, at.y, shape->size, 0, 360 * turn);
    trace(cairo, corners, count);
    cairo_close_path(cairo);
    if (shape->marker == MARKER_RING)
        cairo_stroke(cairo);
    else
        cairo_fill(cairo);
}

static void draw_markers(cairo_t *cairo, const struct weft_picture *picture,
                         const struct shape *shape)
{
    const struct point *points = picture_points(picture, shape);
    cairo_set_dash(cairo, NULL, 0, 0);
    cairo_set_line_width(cairo, shape->width);
    for (size_t i = 0; i < shape->count; i++)
        draw_marker(cairo, shape, points[i]);
}

/* Counts the characters of a text that the current font has no glyph for. */
static size_t missing_glyphs(cairo_t *cairo, const char *text)
{
    cairo_glyph_t *glyphs = NULL;
    int count = 0;
    size_t missing = 0;
    if (cairo_scaled_font_text_to_glyphs(cairo_get_scaled_font(cairo), 0, 0, text, -1, &glyphs,
                                         &count, NULL, NULL, NULL) != CAIRO_STATUS_SUCCESS)
        return 0; /* cairo_show_text reports it */
    for (int i = 0; i < count; i++)
        missing += glyphs[i].index == 0;
    cairo_glyph_free(glyphs);
    return missing;
}

static void use_font(cairo_t *cairo, const char *family, bool bold)
{
    cairo_select_font_face(cairo, family, CAIRO_FONT_SLANT_NORMAL,
                           bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
}

/* Chooses the first font that has every character, or else the one that lacks the fewest. Cairo
 * itself looks in one font alone. */
static void choose_font(cairo_t *cairo, const char *text, bool bold)
{
    static const char *const families[] = {
        "sans-serif",       "DejaVu Sans",          "Noto Sans CJK SC", "Noto Sans Hebrew",
        "Noto Sans Arabic", "Noto Sans Devanagari", "Noto Sans Thai",   "Unifont"};
    const char *best = families[0];
    size_t fewest = SIZE_MAX;
    for (size_t i = 0; fewest > 0 && i < sizeof families / sizeof *families; i++) {
        use_font(cairo, families[i], bold);
        const size_t missing = missing_glyphs(cairo, text);
        if (missing < fewest) {
            fewest = missing;
            best = families[i];
        }
    }
    use_font(cairo, best, bold);
}

static void draw_text(cairo_t *cairo, const struct weft_picture *picture, const struct shape *shape)
{
    const struct type *type = &shape->type;
    const struct point *at = picture_points(picture, shape);
    struct buffer drawn = {0};
    cairo_text_extents_t extents;
    text_add_drawn(&drawn, picture_text_at(picture, shape->text));
    buffer_add(&drawn, "", 1);
    const char *text = drawn.status == WEFT_OK ? (const char *)drawn.data : "";
    cairo_save(cairo);
    cairo_set_font_size(cairo, type->size);
    choose_font(cairo, text, type->bold);
    cairo_text_extents(cairo, text, &extents);
    cairo_translate(cairo, at->x, at->y);
    cairo_rotate(cairo, type->turn * turn);
    cairo_move_to(cairo, -extents.x_advance * type->anchor / 2.0, 0);
    cairo_show_text(cairo, text);
    cairo_restore(cairo);
    buffer_reset(&drawn);
}

/* Copies pixels to a surface of cairo, whose colors are multiplied by the opacity. */
static cairo_surface_t *image_surface(const unsigned char *from, const struct shape *shape)
{
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)shape->columns, (int)shape->rows);
    unsigned char *rows = cairo_image_surface_get_data(surface);
    const size_t stride = (size_t)cairo_image_surface_get_stride(surface);
    if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS)
        return surface;
    for (size_t r = 0; r < shape->rows; r++) {
        uint32_t *row = (uint32_t *)(void *)(rows + r * stride);
        for (size_t c = 0; c < shape->columns; c++, from += 4) {
            const uint32_t a = from[3];
            row[c] = a << 24 | (from[0] * a + 127) / 255 << 16 | (from[1] * a + 127) / 255 << 8 |
                     (from[2] * a + 127) / 255;
        }
    }
    cairo_surface_mark_dirty(surface);
    return surface;
}

static void draw_image(cairo_t *cairo, const struct weft_picture *picture,
                       const struct shape *shape)
{
    cairo_surface_t *surface = image_surface(picture_pixels(picture, shape), shape);
    cairo_save(cairo);
    cairo_translate(cairo, shape->box.x, shape->box.y);
    cairo_scale(cairo, shape->box.width / (double)shape->columns,
                shape->box.height / (double)shape->rows);
    cairo_set_source_surface(cairo, surface, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(cairo), CAIRO_FILTER_NEAREST);
    cairo_rectangle(cairo, 0, 0, (double)shape->columns, (double)shape->rows);
    cairo_fill(cairo);
    cairo_restore(cairo);
    cairo_surface_destroy(surface);
}

static void draw_shape(cairo_t *cairo, const struct weft_picture *picture,
                       const struct shape *shape)
{
    use_ink(cairo, picture, shape->ink);
    cairo_new_path(cairo); /* a text leaves its end as the begin of a path */
    switch (shape->kind) {
    case SHAPE_LINE:
        draw_line(cairo, picture, shape);
        break;
    case SHAPE_AREA:
        trace(cairo, picture_points(picture, shape), shape->count);
        cairo_fill(cairo);
        break;
    case SHAPE_BOX:
        draw_box(cairo, shape);
        break;
    case SHAPE_MARKERS:
        draw_markers(cairo, picture, shape);
        break;
    case SHAPE_TEXT:
        draw_text(cairo, picture, shape);
        break;
    case SHAPE_IMAGE:
        draw_image(cairo, picture, shape);
        break;
    case SHAPE_OPEN:
        cairo_save(cairo);
        break;
    case SHAPE_CLIP:
        cairo_save(cairo);
        cairo_rectangle(cairo, shape->box.x, shape->box.y, shape->box.width, shape->box.height);
        cairo_clip(cairo);
        break;
    case SHAPE_CLOSE:
        cairo_restore(cairo);
        break;
    }
}

/* Draws the picture on a surface, and destroys the surface's context. */
static cairo_status_t draw(const struct weft_picture *picture, cairo_surface_t *surface,
                           double scale)
{
    cairo_t *cairo = cairo_create(surface);
    cairo_scale(cairo, scale, scale);
    cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
    use_ink(cairo, picture, ink_of(INK_PAPER));
    cairo_paint(cairo);
    for (size_t i = 0; i < picture_shape_count(picture); i++)
        draw_shape(cairo, picture, picture_shape(picture, i));
    const cairo_status_t status = cairo_status(cairo);
    cairo_destroy(cairo);
    return status;
}

static cairo_status_t add_to_file(void *file, const unsigned char *data, unsigned length)
{
    struct buffer *buffer = file;
    buffer_add(buffer, data, length);
    return buffer->status == WEFT_OK ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static enum weft_status result(cairo_status_t status, const struct buffer *file)
{
    if (file->status != WEFT_OK || status == CAIRO_STATUS_SUCCESS)
        return file->status;
    return fail(status == CAIRO_STATUS_NO_MEMORY ? WEFT_ERROR_MEMORY : WEFT_ERROR_INTERNAL,
                "picture: cairo: %s", cairo_status_to_string(status));
}

enum weft_status picture_write_png(const struct weft_picture *picture, struct buffer *file)
{
    const double most = 32767.0; /* pixels of cairo, each way */
    const double scale = fmin(2.0, most / fmax(picture->width, picture->height));
    cairo_surface_t *surface = cairo_image_surface_create(
        CAIRO_FORMAT_ARGB32, (int)fmin(ceil(picture->width * scale), most),
        (int)fmin(ceil(picture->height * scale), most));
    cairo_status_t status = draw(picture, surface, scale);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_write_to_png_stream(surface, add_to_file, file);
    cairo_surface_destroy(surface);
    return result(status, file);
}

enum weft_status picture_write_pdf(const struct weft_picture *picture, struct buffer *file)
{
    const double points = 0.75; /* of a pixel: 72 to an inch, not 96 */
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(
        add_to_file, file, picture->width * points, picture->height * points);
    /* The same picture gives the same bytes on every day. */
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, "2000-01-01T00:00:00Z");
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE,
                                   picture_text_at(picture, picture->title));
    cairo_status_t status = draw(picture, surface, points);
    cairo_surface_finish(surface);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    return result(status, file);
}
