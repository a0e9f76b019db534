/* A grid of cells with names at the left and above: the frame of confusions and heat maps. */
#ifndef WEFT_PLOT_CELLS_H
#define WEFT_PLOT_CELLS_H

#include "plot/layout.h"

struct cells {
    size_t rows, columns;
    const char *const *row_names;    /* [rows], or NULL for numbers */
    const char *const *column_names; /* [columns], or NULL for numbers */
    const size_t *order;             /* [rows] and [columns] which name stands where, or NULL */
    const char *row_title, *column_title;
    double size;        /* of a cell */
    double left, top;   /* of the first cell */
    double names_above; /* height of the names of columns */
    bool turned;        /* they stand slanted */
};

/* Chooses the size of the cells and of the margins, and the size of the picture, for a chart. */
void cells_place(struct cells *cells, struct weft_chart *form);

/* Draws the names. Where the cells are small, only every second, third, ... name fits. */
void cells_draw_names(struct weft_picture *picture, const struct cells *cells);

/* Returns the box of one cell. */
static inline struct box cells_box(const struct cells *cells, size_t row, size_t column)
{
    return (struct box){cells->left + (double)column * cells->size,
                        cells->top + (double)row * cells->size, cells->size, cells->size};
}

/* Returns the name of a row, with the order respected. */
const char *cells_row_name(const struct cells *cells, size_t row, char text[LABEL_SIZE]);
const char *cells_column_name(const struct cells *cells, size_t column, char text[LABEL_SIZE]);

#endif
