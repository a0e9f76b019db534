/* Lays out a grid of cells with names. See cells.h. */
#include "plot/cells.h"

#include <math.h>

#include "plot/text.h"

enum { NAME_LIMIT = 170, TITLE_HEIGHT = 20 };

const char *cells_row_name(const struct cells *cells, size_t row, char text[LABEL_SIZE])
{
    return layout_name(cells->row_names, cells->order != NULL ? cells->order[row] : row, text);
}

const char *cells_column_name(const struct cells *cells, size_t column, char text[LABEL_SIZE])
{
    return layout_name(cells->column_names, cells->order != NULL ? cells->order[column] : column,
                       text);
}

void cells_place(struct cells *cells, struct weft_chart *form)
{
    const double title =
        cells->row_title != NULL ? text_width(cells->row_title, STYLE_LABEL, false) : 0.0;
    const double row_names =
        fmax(layout_names_width(cells->row_names, cells->rows, NAME_LIMIT), title);
    const double column_names = layout_names_width(cells->column_names, cells->columns, NAME_LIMIT);
    const double most = (double)size_max(cells->rows, cells->columns);
    const double slope = 0.7072; /* sine and cosine of 45 degrees */
    cells->size = fmin(fmax(floor(480.0 / most), 1.0), 44.0);
    cells->turned = column_names > cells->size - 4.0;
    cells->names_above = cells->turned ? column_names * slope + 12.0 : 18.0;
    cells->left = STYLE_MARGIN + row_names + STYLE_GAP;
    const double width = cells->size * (double)cells->columns;
    const double beyond = cells->turned ? column_names * slope + 4.0 : 0.0;
    const double needed = cells->left + width + fmax(beyond, STYLE_MARGIN) + STYLE_MARGIN;
    form->width = fmax(fmax(form->width, needed), 360.0);
    cells->top = layout_header_height(form, form->width) + TITLE_HEIGHT + cells->names_above;
    form->height = cells->top + cells->size * (double)cells->rows + STYLE_MARGIN;
}

static void draw_column_name(struct weft_picture *picture, const struct cells *cells, size_t column)
{
    char text[LABEL_SIZE];
    struct type type = type_label(cells->turned ? ANCHOR_START : ANCHOR_MIDDLE, INK_TEXT);
    const double x = cells->left + ((double)column + 0.5) * cells->size;
    type.turn = cells->turned ? -45.0 : 0.0;
    picture_text_within(picture, cells->turned ? x + 3.0 : x, cells->top - 6.0, NAME_LIMIT,
                        cells_column_name(cells, column, text), type);
}

void cells_draw_names(struct weft_picture *picture, const struct cells *cells)
{
    const size_t every = (size_t)ceil(13.0 / cells->size);
    char text[LABEL_SIZE];
    picture_open(picture, NULL);
    for (size_t row = 0; row < cells->rows; row += every)
        picture_text_within(picture, cells->left - 6.0,
                            cells->top + ((double)row + 0.5) * cells->size + 4.0, NAME_LIMIT,
                            cells_row_name(cells, row, text), type_label(ANCHOR_END, INK_TEXT));
    for (size_t column = 0; column < cells->columns; column += every)
        draw_column_name(picture, cells, column);
    if (cells->column_title != NULL)
        picture_text(picture, cells->left, cells->top - cells->names_above - 6.0,
                     cells->column_title, type_label(ANCHOR_START, INK_MUTED));
    if (cells->row_title != NULL)
        picture_text(picture, cells->left - 6.0, cells->top - 6.0, cells->row_title,
                     type_label(ANCHOR_END, INK_MUTED));
    picture_close(picture);
}
