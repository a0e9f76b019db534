/* Writes pictures as SVG.
 *
 * Colors are classes: wf and the number of a role fill, ws and the number draw lines. A style sheet
 * has their colors for light paper, and for dark paper where the reader prefers it. So several
 * pictures can stand in one page: equal classes have equal colors, and nothing has an id.
 */
#include <stdio.h>
#include <string.h>

#include "plot/picture.h"
#include "plot/png.h"

/* Adds text to markup. The text is valid UTF-8. */
static void add_escaped(struct buffer *file, const char *text)
{
    for (; *text != '\0'; text++)
        buffer_escaped(file, text, 1);
}

static void add_element(struct buffer *file, const char *name, const char *text)
{
    if (text[0] == '\0')
        return;
    buffer_text(file, "<");
    buffer_text(file, name);
    buffer_text(file, ">");
    add_escaped(file, text);
    buffer_text(file, "</");
    buffer_text(file, name);
    buffer_text(file, ">");
}

/* ---- colors ---- */

static void add_class(struct buffer *file, const char *what, struct ink ink)
{
    char text[40];
    snprintf(text, sizeof text, " class=\"w%c%d\"", what[0], (int)ink.role);
    buffer_text(file, text);
    if (ink.opacity < 1.0)
        buffer_attribute(file, what[0] == 'f' ? "fill-opacity" : "stroke-opacity", ink.opacity);
}

static bool is_stroked(const struct shape *shape)
{
    return shape->kind == SHAPE_LINE || (shape->kind == SHAPE_BOX && shape->width > 0.0) ||
           (shape->kind == SHAPE_MARKERS && shape->marker == MARKER_RING);
}

/* Adds the colors of the classes that are used. */
static void add_colors(const struct weft_picture *picture, struct buffer *file, bool dark)
{
    bool fills[INK_ROLES] = {[INK_PAPER] = true}, strokes[INK_ROLES] = {false};
    char text[80];
    for (size_t i = 0; i < picture_shape_count(picture); i++) {
        const struct shape *shape = picture_shape(picture, i);
        (is_stroked(shape) ? strokes : fills)[shape->ink.role] = true;
    }
    for (enum ink_role role = INK_PAPER; role < INK_ROLES; role++) {
        const unsigned color = style_color(role, dark);
        snprintf(text, sizeof text, ".wf%d{fill:#%06x}", (int)role, color);
        buffer_text(file, fills[role] ? text : "");
        snprintf(text, sizeof text, ".ws%d{fill:none;stroke:#%06x}", (int)role, color);
        buffer_text(file, strokes[role] ? text : "");
    }
}

static void add_style(const struct weft_picture *picture, struct buffer *file)
{
    buffer_text(file, "<style>");
    add_colors(picture, file, picture->theme == WEFT_THEME_DARK);
    if (picture->theme == WEFT_THEME_AUTO) {
        buffer_text(file, "@media screen and (prefers-color-scheme:dark){");
        add_colors(picture, file, true);
        buffer_text(file, "}");
    }
    buffer_text(file, "</style>\n");
}

/* ---- shapes ---- */

static void add_path_points(struct buffer *file, const struct point *points, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buffer_text(file, i == 0 ? "M" : i == 1 ? "L" : " ");
        buffer_number(file, points[i].x);
        buffer_text(file, " ");
        buffer_number(file, points[i].y);
    }
}

static void add_path(const struct weft_picture *picture, const struct shape *shape,
                     struct buffer *file)
{
    const bool line = shape->kind == SHAPE_LINE;
    buffer_text(file, "<path");
    add_class(file, line ? "stroke" : "fill", shape->ink);
    if (line) {
        buffer_attribute(file, "stroke-width", shape->width);
        buffer_text(file, shape->count > 2 ? " stroke-linejoin=\"round\"" : "");
        buffer_text(file, shape->dashed ? " stroke-dasharray=\"5 4\"" : "");
    }
    buffer_text(file, " d=\"");
    add_path_points(file, picture_points(picture, shape), shape->count);
    buffer_text(file, line ? "\"/>\n" : "Z\"/>\n");
}

static void add_place(struct buffer *file, const struct box *box)
{
    buffer_attribute(file, "x", box->x);
    buffer_attribute(file, "y", box->y);
    buffer_attribute(file, "width", box->width);
    buffer_attribute(file, "height", box->height);
}

static void add_box(const struct shape *shape, struct buffer *file)
{
    buffer_text(file, "<rect");
    add_class(file, is_stroked(shape) ? "stroke" : "fill", shape->ink);
    if (is_stroked(shape))
        buffer_attribute(file, "stroke-width", shape->width);
    add_place(file, &shape->box);
    buffer_text(file, "/>\n");
}

static void add_marker(const struct shape *shape, struct point at, struct buffer *file)
{
    struct point corners[MARKER_CORNERS];
    const size_t count = marker_corners(shape->marker, at, shape->size, corners);
    if (count == 0) {
        buffer_text(file, "<circle");
        buffer_attribute(file, "cx", at.x);
        buffer_attribute(file, "cy", at.y);
        buffer_attribute(file, "r", shape->size);
        buffer_text(file, "/>");
        return;
    }
    buffer_text(file, "<path d=\"");
    add_path_points(file, corners, count);
    buffer_text(file, "Z\"/>");
}

static void add_markers(const struct weft_picture *picture, const struct shape *shape,
                        struct buffer *file)
{
    const struct point *points = picture_points(picture, shape);
    buffer_text(file, "<g");
    add_class(file, is_stroked(shape) ? "stroke" : "fill", shape->ink);
    if (is_stroked(shape))
        buffer_attribute(file, "stroke-width", shape->width);
    buffer_text(file, ">");
    for (size_t i = 0; i < shape->count; i++)
        add_marker(shape, points[i], file);
    buffer_text(file, "</g>\n");
}

static void add_text(const struct weft_picture *picture, const struct shape *shape,
                     struct buffer *file)
{
    static const char *const anchors[] = {"", " text-anchor=\"middle\"", " text-anchor=\"end\""};
    const struct point *at = picture_points(picture, shape);
    const struct type *type = &shape->type;
    buffer_text(file, "<text");
    add_class(file, "fill", shape->ink);
    buffer_attribute(file, "x", at->x);
    buffer_attribute(file, "y", at->y);
    buffer_text(file, anchors[type->anchor]);
    if (type->size != STYLE_LABEL)
        buffer_attribute(file, "font-size", type->size);
    buffer_text(file, type->bold ? " font-weight=\"600\"" : "");
    if (type->turn != 0.0) {
        buffer_text(file, " transform=\"rotate(");
        buffer_number(file, type->turn);
        buffer_text(file, " ");
        buffer_number(file, at->x);
        buffer_text(file, " ");
        buffer_number(file, at->y);
        buffer_text(file, ")\"");
    }
    buffer_text(file, ">");
    add_escaped(file, picture_text_at(picture, shape->text));
    buffer_text(file, "</text>\n");
}

static void add_image(const struct weft_picture *picture, const struct shape *shape,
                      struct buffer *file)
{
    buffer_text(file, "<image");
    add_place(file, &shape->box);
    buffer_text(file, " preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\" href=\"");
    png_add_address(file, picture_pixels(picture, shape), shape->rows, shape->columns);
    buffer_text(file, "\"/>\n");
}

/* A nested picture cuts what lies outside of it, and needs no id as a clip path does. */
static void add_clip(const struct shape *shape, struct buffer *file)
{
    const struct box *box = &shape->box;
    const double numbers[] = {box->x, box->y, box->width, box->height};
    buffer_text(file, "<svg");
    add_place(file, box);
    buffer_text(file, " viewBox=\"");
    for (size_t i = 0; i < 4; i++) {
        buffer_text(file, i > 0 ? " " : "");
        buffer_number(file, numbers[i]);
    }
    buffer_text(file, "\">\n");
}

/* Adds a shape. `*clips` has a bit for each open group, the innermost lowest: 1 for a clip. */
static void add_shape(const struct weft_picture *picture, const struct shape *shape,
                      struct buffer *file, unsigned *clips)
{
    switch (shape->kind) {
    case SHAPE_LINE:
    case SHAPE_AREA:
        add_path(picture, shape, file);
        break;
    case SHAPE_BOX:
        add_box(shape, file);
        break;
    case SHAPE_MARKERS:
        add_markers(picture, shape, file);
        break;
    case SHAPE_TEXT:
        add_text(picture, shape, file);
        break;
    case SHAPE_IMAGE:
        add_image(picture, shape, file);
        break;
    case SHAPE_OPEN:
        buffer_text(file, "<g>");
        add_element(file, "title", picture_text_at(picture, shape->text));
        *clips = *clips << 1;
        break;
    case SHAPE_CLIP:
        add_clip(shape, file);
        *clips = *clips << 1 | 1;
        break;
    case SHAPE_CLOSE:
        buffer_text(file, (*clips & 1) != 0 ? "</svg>\n" : "</g>\n");
        *clips = *clips >> 1;
        break;
    }
}

static void add_head(const struct weft_picture *picture, struct buffer *file)
{
    const char *title = picture_text_at(picture, picture->title);
    buffer_text(file, "<svg xmlns=\"http://www.w3.org/2000/svg\"");
    buffer_attribute(file, "width", picture->width);
    buffer_attribute(file, "height", picture->height);
    buffer_text(file, " viewBox=\"0 0 ");
    buffer_number(file, picture->width);
    buffer_text(file, " ");
    buffer_number(file, picture->height);
    buffer_text(file, "\" role=\"img\" aria-label=\"");
    add_escaped(file, title);
    buffer_text(file, "\" font-family=\"" STYLE_FONTS "\"");
    buffer_attribute(file, "font-size", STYLE_LABEL);
    buffer_text(file, " style=\"max-width:100%;height:auto;font-variant-numeric:tabular-nums\">\n");
    add_element(file, "title", title);
    add_element(file, "desc", picture_text_at(picture, picture->description));
    add_style(picture, file);
}

enum weft_status picture_write_svg(const struct weft_picture *picture, struct buffer *file)
{
    unsigned clips = 0;
    const struct shape paper = {.kind = SHAPE_BOX,
                                .ink = ink_of(INK_PAPER),
                                .box = {0, 0, picture->width, picture->height}};
    add_head(picture, file);
    add_box(&paper, file);
    for (size_t i = 0; i < picture_shape_count(picture); i++)
        add_shape(picture, picture_shape(picture, i), file, &clips);
    buffer_text(file, "</svg>\n");
    return file->status;
}
