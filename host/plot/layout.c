/* Draws titles, axes and legends. See layout.h. */
#include "plot/layout.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plot/text.h"

/* ---- titles ---- */

enum { TITLE_LINE = 20, SUBTITLE_LINE = 17, LINES_LIMIT = 3 };

/* Returns how many bytes of `text` fit into a line, at least one word. */
static size_t line_bytes(const char *text, double size, bool bold, double width)
{
    char line[1024];
    size_t fits = 0;
    for (size_t end = strcspn(text, " "); end < sizeof line;
         end += 1 + strcspn(text + end + 1, " ")) {
        memcpy(line, text, end);
        line[end] = '\0';
        if (fits > 0 && text_width(line, size, bold) > width)
            break;
        fits = end;
        if (text[end] == '\0')
            break;
    }
    return fits > 0 ? fits : strlen(text);
}

/* Draws text over several lines from the base line y on, and returns their number. Draws nothing
 * if `picture` is NULL. */
static size_t draw_lines(struct weft_picture *picture, const char *text, double y, double height,
                         double width, struct type type)
{
    char line[1024];
    size_t lines = 0;
    while (text != NULL && text[0] != '\0' && lines < LINES_LIMIT) {
        const size_t bytes =
            lines + 1 < LINES_LIMIT ? line_bytes(text, type.size, type.bold, width) : strlen(text);
        snprintf(line, sizeof line, "%.*s", (int)size_min(bytes, sizeof line - 1), text);
        if (picture != NULL)
            picture_text_within(picture, STYLE_MARGIN, y + height * (double)lines, width, line,
                                type);
        text += bytes;
        text += strspn(text, " ");
        lines++;
    }
    return lines;
}

/* Draws the title and the subtitle, or only measures them if `picture` is NULL. */
static double draw_header(struct weft_picture *picture, const struct weft_chart *chart,
                          double width)
{
    const struct type title = {.size = STYLE_TITLE, .bold = true, .ink = ink_of(INK_TEXT)};
    const struct type subtitle = {.size = STYLE_SUBTITLE, .ink = ink_of(INK_MUTED)};
    const double inner = width - 2.0 * STYLE_MARGIN;
    double y = STYLE_MARGIN + 11.0;
    y += TITLE_LINE * (double)draw_lines(picture, chart->title, y, TITLE_LINE, inner, title);
    y += SUBTITLE_LINE *
         (double)draw_lines(picture, chart->subtitle, y - 1.0, SUBTITLE_LINE, inner, subtitle);
    return y - 6.0;
}

double layout_header_height(const struct weft_chart *chart, double width)
{
    return draw_header(NULL, chart, width);
}

void layout_header(struct weft_picture *picture, const struct weft_chart *chart)
{
    draw_header(picture, chart, picture->width);
}

/* ---- names ---- */

const char *layout_name(const char *const *names, size_t index, char text[LABEL_SIZE])
{
    if (names != NULL && names[index] != NULL)
        return names[index];
    snprintf(text, LABEL_SIZE, "%zu", index);
    return text;
}

double layout_names_width(const char *const *names, size_t count, double most)
{
    char text[LABEL_SIZE];
    double width = 0.0;
    for (size_t i = 0; i < count; i++)
        width = fmax(width, text_width(layout_name(names, i, text), STYLE_LABEL, false));
    return fmin(width, most);
}

/* ---- axes ---- */

struct axes layout_axes(struct box area, double x_low, double x_high, double y_low, double y_high)
{
    return (struct axes){.area = area,
                         .x = {x_low, x_high, false, area.x, area.x + area.width},
                         .y = {y_low, y_high, false, area.y + area.height, area.y}};
}

double axes_labels_width(const struct ticks *ticks, bool percent)
{
    char text[LABEL_SIZE];
    double width = 0.0;
    for (size_t i = 0; i < ticks->count; i++) {
        label_tick(ticks, i, percent, text);
        width = fmax(width, text_width(text, STYLE_LABEL, false));
    }
    return width + STYLE_GAP;
}

void axes_draw_y(struct weft_picture *picture, const struct axes *axes, const struct ticks *ticks,
                 bool percent)
{
    const struct box *area = &axes->area;
    char text[LABEL_SIZE];
    picture_open(picture, NULL);
    for (size_t i = 0; i < ticks->count; i++) {
        const double y = scale_at(&axes->y, ticks->values[i]);
        picture_segment(picture, (struct point){area->x, y},
                        (struct point){area->x + area->width, y}, ink_of(INK_GRID),
                        STYLE_GRID_LINE);
        label_tick(ticks, i, percent, text);
        picture_text(picture, area->x - STYLE_GAP, y + 4.0, text,
                     type_label(ANCHOR_END, INK_MUTED));
    }
    picture_close(picture);
}

/* Returns the place for the middle of a label, at `x` or so far inside that the picture holds the
 * whole label. */
static double inside(const struct weft_picture *picture, double x, const char *text)
{
    const double half = text_width(text, STYLE_LABEL, false) / 2.0 + 2.0;
    return fmax(fmin(x, picture->width - half), half);
}

/* Draws labels that do not touch each other; the last one has precedence over the one before. */
static void draw_x_labels(struct weft_picture *picture, const struct axes *axes,
                          const struct ticks *ticks, bool percent)
{
    const double bottom = axes->area.y + axes->area.height;
    char text[LABEL_SIZE];
    double free_from = -(double)INFINITY;
    for (size_t i = 0; i < ticks->count; i++) {
        const double x = scale_at(&axes->x, ticks->values[i]);
        label_tick(ticks, i, percent, text);
        const double half = text_width(text, STYLE_LABEL, false) / 2.0;
        const double middle = inside(picture, x, text);
        picture_segment(picture, (struct point){x, bottom}, (struct point){x, bottom + 4.0},
                        ink_of(INK_AXIS), STYLE_GRID_LINE);
        if (middle - half < free_from)
            continue;
        free_from = middle + half + 6.0;
        picture_text(picture, middle, bottom + 16.0, text, type_label(ANCHOR_MIDDLE, INK_MUTED));
    }
}

void axes_draw_x(struct weft_picture *picture, const struct axes *axes, const struct ticks *ticks,
                 bool percent, const char *title)
{
    const struct box *area = &axes->area;
    picture_open(picture, NULL);
    draw_x_labels(picture, axes, ticks, percent);
    if (title != NULL)
        picture_text_within(picture, area->x + area->width,
                            area->y + area->height + AXIS_LABELS + 12.0, area->width, title,
                            type_label(ANCHOR_END, INK_MUTED));
    picture_close(picture);
}

/* ---- legends ---- */

static void draw_key(struct weft_picture *picture, const struct legend *legend, size_t index,
                     double x, double y)
{
    const struct ink ink = ink_of(ink_category(index));
    if (legend->lines)
        picture_segment(picture, (struct point){x, y}, (struct point){x + 12.0, y}, ink,
                        STYLE_LINE);
    else
        picture_markers(picture, (enum marker)(index % MARKERS), &(struct point){x + 6.0, y}, 1,
                        4.0, ink);
}

double layout_legend(struct weft_picture *picture, const struct legend *legend, double x, double y,
                     double width)
{
    enum { LINE = 18, KEY = 17, BETWEEN = 14, NAME_LIMIT = 180 };
    const double left = x, first = y;
    char text[LABEL_SIZE];
    for (size_t i = 0; i < legend->count; i++) {
        const char *name = layout_name(legend->names, i, text);
        const double wide = fmin(text_width(name, STYLE_LABEL, false), NAME_LIMIT);
        if (x > left && x + KEY + wide > left + width) {
            x = left;
            y += LINE;
        }
        if (picture != NULL) {
            draw_key(picture, legend, i, x, y - 4.0);
            picture_text_within(picture, x + KEY, y, NAME_LIMIT, name,
                                type_label(ANCHOR_START, INK_TEXT));
        }
        x += KEY + wide + BETWEEN;
    }
    return legend->count > 0 ? y - first + LINE : 0.0;
}
