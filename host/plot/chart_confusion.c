/* Draws the confusion of classes. The shade of a cell is its share of the row; the diagonal is
 * gray, and errors are vermilion. Large matrices become an image with a pixel for each cell. */
#include <math.h>
#include <stdio.h>

#include "plot/cells.h"
#include "plot/text.h"

enum { CLASSES_LIMIT = 2000, PRINTED_LIMIT = 25, BOXES_LIMIT = 40 };

/* The most that a shade covers: text on it keeps its contrast. */
static const double error_shade = 0.55, right_shade = 0.4;

struct confusion {
    const struct weft_confusion_chart *chart;
    size_t *order; /* [C] owned; the class in each place */
    double *sums;  /* [C] owned; samples of each true class */
    double worst;  /* the largest share of an error, at least 0.05 */
};

static double count_of(const struct confusion *confusion, size_t row, size_t column)
{
    const struct weft_confusion_chart *chart = confusion->chart;
    return (double)chart->counts[confusion->order[row] * chart->classes + confusion->order[column]];
}

static double share_of(const struct confusion *confusion, size_t row, size_t column)
{
    const double sum = confusion->sums[confusion->order[row]];
    return sum > 0.0 ? count_of(confusion, row, column) / sum : 0.0;
}

/* ---- order ---- */

/* How often two classes are taken for each other, as shares of both. */
static double mixed(const struct confusion *confusion, size_t a, size_t b)
{
    const size_t C = confusion->chart->classes, *counts = confusion->chart->counts;
    return (double)counts[a * C + b] / fmax(confusion->sums[a], 1.0) +
           (double)counts[b * C + a] / fmax(confusion->sums[b], 1.0);
}

/* Returns the place, from `first` on, of the class that is mixed up most with class `with`. */
static size_t most_mixed(const struct confusion *confusion, size_t with, size_t first)
{
    size_t best = first;
    for (size_t i = first + 1; i < confusion->chart->classes; i++)
        if (mixed(confusion, with, confusion->order[i]) >
            mixed(confusion, with, confusion->order[best]))
            best = i;
    return best;
}

static void swap(size_t *a, size_t *b)
{
    const size_t kept = *a;
    *a = *b;
    *b = kept;
}

/* Begins with the pair that is mixed up most, and appends the class that is nearest to the last. */
static void order_neighbors(const struct confusion *confusion)
{
    const size_t C = confusion->chart->classes;
    size_t *order = confusion->order, one = 0, two = 0;
    double most = -1.0;
    for (size_t a = 0; a < C; a++)
        for (size_t b = a + 1; b < C; b++)
            if (mixed(confusion, a, b) > most) {
                most = mixed(confusion, a, b);
                one = a;
                two = b;
            }
    if (C < 3)
        return;
    swap(&order[0], &order[one]);
    swap(&order[1], &order[two]);
    for (size_t i = 2; i < C; i++)
        swap(&order[i], &order[most_mixed(confusion, order[i - 1], i)]);
}

static void prepare(struct confusion *confusion)
{
    const size_t C = confusion->chart->classes;
    for (size_t row = 0; row < C; row++) {
        confusion->order[row] = row;
        for (size_t column = 0; column < C; column++)
            confusion->sums[row] += (double)confusion->chart->counts[row * C + column];
    }
    if (confusion->chart->neighbors)
        order_neighbors(confusion);
    confusion->worst = 0.05;
    for (size_t row = 0; row < C; row++)
        for (size_t column = 0; column < C; column++)
            if (row != column)
                confusion->worst = fmax(confusion->worst, share_of(confusion, row, column));
}

/* ---- drawing ---- */

static struct ink cell_ink(const struct confusion *confusion, size_t row, size_t column)
{
    const double share = share_of(confusion, row, column);
    if (row == column)
        return (struct ink){INK_QUIET, right_shade * share};
    return (struct ink){INK_WRONG, error_shade * share / confusion->worst};
}

static void draw_cell(struct weft_picture *picture, const struct confusion *confusion,
                      const struct cells *cells, size_t row, size_t column)
{
    const struct box box = cells_box(cells, row, column);
    char text[LABEL_SIZE], one[LABEL_SIZE], two[LABEL_SIZE], share[LABEL_SIZE], title[512];
    const double count = count_of(confusion, row, column);
    const double gap = cells->size >= 8.0 ? 1.0 : 0.0;
    if (count == 0.0)
        return;
    label_count((size_t)count, text);
    label_percent(share_of(confusion, row, column), 1, share);
    snprintf(title, sizeof title, "%.150s \xe2\x86\x92 %.150s: %s (%s)",
             cells_row_name(cells, row, one), cells_column_name(cells, column, two), text, share);
    picture_open(picture, title);
    picture_box(picture, (struct box){box.x, box.y, box.width - gap, box.height - gap},
                cell_ink(confusion, row, column));
    if (cells->rows <= PRINTED_LIMIT &&
        text_width(text, STYLE_LABEL, row != column) <= cells->size - 2.0)
        picture_text(picture, box.x + (box.width - gap) / 2.0, box.y + box.height / 2.0 + 3.5, text,
                     row == column ? type_label(ANCHOR_MIDDLE, INK_MUTED)
                                   : type_label(ANCHOR_MIDDLE, INK_TEXT));
    picture_close(picture);
}

/* Draws all cells as one image, whose opacity is that of the inks. */
static void draw_image(struct weft_picture *picture, const struct confusion *confusion,
                       const struct cells *cells)
{
    const size_t C = cells->rows;
    struct buffer pixels = {0};
    for (size_t row = 0; row < C; row++)
        for (size_t column = 0; column < C; column++) {
            const struct ink ink = cell_ink(confusion, row, column);
            const unsigned color = style_color(ink.role, picture->theme == WEFT_THEME_DARK);
            const unsigned char pixel[] = {(unsigned char)(color >> 16),
                                           (unsigned char)(color >> 8), (unsigned char)color,
                                           (unsigned char)lround(255.0 * ink.opacity)};
            buffer_add(&pixels, pixel, sizeof pixel);
        }
    if (pixels.status == WEFT_OK)
        picture_image(
            picture,
            (struct box){cells->left, cells->top, cells->size * (double)C, cells->size * (double)C},
            pixels.data, C, C);
    else
        picture->pixels.status = pixels.status;
    buffer_reset(&pixels);
}

static void draw_cells(struct weft_picture *picture, const struct confusion *confusion,
                       const struct cells *cells)
{
    const double side = cells->size * (double)cells->rows;
    picture_frame(picture,
                  (struct box){cells->left - 1.0, cells->top - 1.0, side + 2.0, side + 2.0},
                  ink_of(INK_GRID), 1.0);
    if (cells->rows > BOXES_LIMIT) {
        draw_image(picture, confusion, cells);
        return;
    }
    for (size_t row = 0; row < cells->rows; row++)
        for (size_t column = 0; column < cells->columns; column++)
            draw_cell(picture, confusion, cells, row, column);
}

static enum weft_status draw(const struct confusion *confusion, struct weft_picture **picture)
{
    const struct weft_confusion_chart *chart = confusion->chart;
    struct weft_chart form = chart->chart;
    struct weft_picture *made;
    struct cells cells = {.rows = chart->classes,
                          .columns = chart->classes,
                          .row_names = chart->names,
                          .column_names = chart->names,
                          .order = confusion->order,
                          .row_title = "true",
                          .column_title = "predicted"};
    cells_place(&cells, &form);
    TRY(picture_create(&form, &made));
    layout_header(made, &form);
    cells_draw_names(made, &cells);
    draw_cells(made, confusion, &cells);
    return picture_finish(made, picture);
}

enum weft_status weft_plot_confusion(const struct weft_confusion_chart *chart,
                                     struct weft_picture **picture)
{
    struct confusion confusion = {.chart = chart};
    *picture = NULL;
    if (chart->classes == 0 || chart->classes > CLASSES_LIMIT)
        return fail(WEFT_ERROR_USAGE, "confusion: %zu classes, need 1 to %d", chart->classes,
                    CLASSES_LIMIT);
    enum weft_status status = NEW_ARRAY(confusion.order, chart->classes);
    if (status == WEFT_OK)
        status = NEW_ARRAY(confusion.sums, chart->classes);
    if (status == WEFT_OK) {
        prepare(&confusion);
        status = draw(&confusion, picture);
    }
    memory_free(confusion.order);
    memory_free(confusion.sums);
    return status;
}
