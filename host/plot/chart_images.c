/* Draws grids of images, with the names and the probabilities that belong to them. */
#include <math.h>

#include "plot/layout.h"
#include "plot/text.h"

enum { TILES_LIMIT = 10000, PIXELS_LIMIT = 4096, NAME_HEIGHT = 15, BAR_STEP = 15, GAP = 12 };
enum {
    SHARE_LIMIT = 34,
    LEAST_SIDE = 56,
    MOST_SIDE = 84,
    BARS_WIDTH = 152,
    NAME_LIMIT = 70,
    ROW_NAME_LIMIT = 130
};

/* Where everything of a tile stands, from its upper left corner. */
struct tiles {
    const struct weft_image_chart *chart;
    struct weft_picture *picture;
    double width, height;            /* of the images */
    double name_space;               /* height of the names below the images */
    bool predictions, marks, labels; /* whether any tile has one */
    double step_x, step_y;
    size_t columns;
    double left, top;
};

/* ---- pixels ---- */

static unsigned char to_byte(double t)
{
    return (unsigned char)lround(255.0 * (isnan(t) ? 0.0 : fmin(fmax(t, 0.0), 1.0)));
}

static void find_extremes(const struct weft_image_chart *chart, double *black, double *white)
{
    const size_t count = chart->height * chart->width * chart->channels;
    *black = chart->black;
    *white = chart->white;
    if (chart->black != chart->white)
        return;
    *black = (double)INFINITY;
    *white = -(double)INFINITY;
    for (size_t t = 0; t < chart->tile_count; t++)
        for (size_t i = 0; i < count; i++) {
            const double value = (double)chart->tiles[t].pixels[i];
            range_add(black, white, &value, 1, false);
        }
    range_repair(black, white, false);
    if (chart->difference) {
        *white = fmax(fabs(*black), fabs(*white));
        *black = -*white;
    }
}

static void add_pixel(struct buffer *pixels, const struct weft_image_chart *chart,
                      const float *values, double black, double white)
{
    unsigned char pixel[4] = {0, 0, 0, 255};
    if (chart->difference) {
        const unsigned color = style_difference((double)values[0] / white);
        for (unsigned c = 0; c < 3; c++)
            pixel[c] = (unsigned char)(color >> (16 - 8 * c));
    } else {
        for (size_t c = 0; c < 3; c++)
            pixel[c] =
                to_byte(((double)values[chart->channels == 3 ? c : 0] - black) / (white - black));
    }
    buffer_add(pixels, pixel, sizeof pixel);
}

static void draw_image(const struct tiles *tiles, const struct weft_tile *tile, double black,
                       double white, struct box box)
{
    const struct weft_image_chart *chart = tiles->chart;
    struct buffer pixels = {0};
    for (size_t i = 0; i < chart->height * chart->width; i++)
        add_pixel(&pixels, chart, tile->pixels + i * chart->channels, black, white);
    if (pixels.status == WEFT_OK)
        picture_image(tiles->picture, box, pixels.data, chart->height, chart->width);
    else
        tiles->picture->pixels.status = pixels.status;
    buffer_reset(&pixels);
}

/* ---- one tile ---- */

/* Draws a check mark or a cross before a prediction, so that color is not all that tells. */
static void draw_mark(struct weft_picture *picture, enum weft_mark mark, double x, double y)
{
    const struct point check[] = {{x, y - 4.0}, {x + 3.0, y - 1.0}, {x + 8.5, y - 8.0}};
    if (mark == WEFT_MARK_RIGHT)
        picture_line(picture, check, 3, ink_of(INK_RIGHT), 2.0, false);
    else if (mark == WEFT_MARK_WRONG)
        picture_markers(picture, MARKER_CROSS, &(struct point){x + 4.0, y - 4.0}, 1, 4.0,
                        ink_of(INK_WRONG));
}

static void draw_names(const struct tiles *tiles, const struct weft_tile *tile, double x, double y)
{
    const double inner = tiles->step_x - GAP;
    const enum ink_role role = tile->mark == WEFT_MARK_WRONG ? INK_WRONG : INK_TEXT;
    if (tiles->predictions) {
        const double indent = tile->mark != WEFT_MARK_NONE ? 13.0 : 0.0;
        draw_mark(tiles->picture, tile->mark, x, y + 11.0);
        if (tile->prediction != NULL)
            picture_text_within(tiles->picture, x + indent, y + 11.0, inner - indent,
                                tile->prediction, type_bold(ANCHOR_START, role));
        y += NAME_HEIGHT;
    }
    if (tile->label != NULL)
        picture_text_within(tiles->picture, x, y + 11.0, inner, tile->label,
                            type_label(ANCHOR_START, INK_MUTED));
}

static void draw_shares(const struct tiles *tiles, const struct weft_tile *tile, double x, double y)
{
    const double bar_left = x + NAME_LIMIT + 4.0, bar = BARS_WIDTH - NAME_LIMIT - SHARE_LIMIT - 4.0;
    for (size_t i = 0; i < tile->share_count; i++, y += BAR_STEP) {
        const double share = fmin(fmax(tile->shares[i], 0.0), 1.0);
        char text[LABEL_SIZE];
        label_percent(share, 0, text);
        picture_text_within(tiles->picture, bar_left - 4.0, y + 10.0, NAME_LIMIT, tile->names[i],
                            type_label(ANCHOR_END, i == 0 ? INK_TEXT : INK_MUTED));
        picture_box(tiles->picture, (struct box){bar_left, y + 1.0, bar, 11.0}, ink_of(INK_GRID));
        picture_box(tiles->picture, (struct box){bar_left, y + 1.0, fmax(bar * share, 0.5), 11.0},
                    ink_of(tile->mark == WEFT_MARK_WRONG && i == 0 ? INK_WRONG : ink_category(0)));
        picture_text(tiles->picture, bar_left + bar + SHARE_LIMIT, y + 10.0, text,
                     type_label(ANCHOR_END, i == 0 ? INK_TEXT : INK_MUTED));
    }
}

static void draw_tile(const struct tiles *tiles, size_t index, double black, double white)
{
    const struct weft_tile *tile = &tiles->chart->tiles[index];
    const double x = tiles->left + (double)(index % tiles->columns) * tiles->step_x;
    const double y = tiles->top + (double)(index / tiles->columns) * tiles->step_y;
    const struct box box = {x, y, tiles->width, tiles->height};
    picture_open(tiles->picture, tile->label);
    draw_image(tiles, tile, black, white, box);
    if (tile->mark == WEFT_MARK_WRONG)
        picture_frame(tiles->picture,
                      (struct box){x - 2.0, y - 2.0, box.width + 4.0, box.height + 4.0},
                      ink_of(INK_WRONG), 2.0);
    if (tile->shares != NULL)
        draw_shares(tiles, tile, x + tiles->width + 8.0, y);
    draw_names(tiles, tile, x, y + tiles->height + 2.0);
    picture_close(tiles->picture);
}

/* ---- the grid ---- */

/* Returns the most bars that a tile has. */
static size_t survey(struct tiles *tiles)
{
    size_t shares = 0;
    for (size_t i = 0; i < tiles->chart->tile_count; i++) {
        const struct weft_tile *tile = &tiles->chart->tiles[i];
        shares = size_max(shares, tile->shares != NULL ? tile->share_count : 0);
        tiles->predictions |= tile->prediction != NULL || tile->mark != WEFT_MARK_NONE;
        tiles->labels |= tile->label != NULL;
    }
    return shares;
}

/* Chooses the size of the images: whole multiples of their pixels where these are few. */
static void size_images(struct tiles *tiles)
{
    const double most = (double)size_max(tiles->chart->height, tiles->chart->width);
    const double times = most <= MOST_SIDE ? floor(MOST_SIDE / most) : MOST_SIDE / most;
    tiles->width = fmax(times * (double)tiles->chart->width, 2.0);
    tiles->height = fmax(times * (double)tiles->chart->height, 2.0);
}

static void place(struct tiles *tiles, struct weft_chart *form)
{
    const struct weft_image_chart *chart = tiles->chart;
    const size_t shares = survey(tiles);
    const bool names = tiles->predictions || tiles->labels;
    const double gap = chart->difference ? 4.0 : 1.0; /* white is the ground of differences */
    size_images(tiles);
    tiles->name_space = NAME_HEIGHT * (double)(tiles->predictions + tiles->labels);
    tiles->step_x = shares > 0 ? tiles->width + 8.0 + BARS_WIDTH + 2.0 * GAP
                    : names    ? fmax(tiles->width, LEAST_SIDE) + GAP
                               : tiles->width + gap;
    tiles->step_y = names || shares > 0
                        ? fmax(tiles->height + tiles->name_space, (double)shares * BAR_STEP) + GAP
                        : tiles->height + gap;
    form->width = form->width > 0.0 ? form->width : 760.0;
    tiles->left = STYLE_MARGIN;
    tiles->columns = chart->columns;
    if (tiles->columns == 0)
        tiles->columns =
            size_max((size_t)((form->width - 2.0 * STYLE_MARGIN + GAP) / tiles->step_x), 1);
    tiles->columns = size_min(tiles->columns, chart->tile_count);
    const size_t rows = size_divide_up(chart->tile_count, tiles->columns);
    if (chart->row_names != NULL)
        tiles->left += layout_names_width(chart->row_names, rows, ROW_NAME_LIMIT) + STYLE_GAP;
    form->width = fmax(tiles->left + (double)tiles->columns * tiles->step_x + STYLE_MARGIN, 320.0);
    tiles->top = layout_header_height(form, form->width) + STYLE_GAP;
    form->height = tiles->top + (double)rows * tiles->step_y + STYLE_MARGIN;
}

static void draw_tiles(const struct tiles *tiles)
{
    const struct weft_image_chart *chart = tiles->chart;
    const size_t rows = size_divide_up(chart->tile_count, tiles->columns);
    double black, white;
    find_extremes(chart, &black, &white);
    for (size_t row = 0; chart->row_names != NULL && row < rows; row++)
        picture_text_within(tiles->picture, tiles->left - STYLE_GAP,
                            tiles->top + (double)row * tiles->step_y + tiles->height / 2.0 + 4.0,
                            ROW_NAME_LIMIT, chart->row_names[row],
                            type_label(ANCHOR_END, INK_TEXT));
    for (size_t i = 0; i < chart->tile_count; i++)
        draw_tile(tiles, i, black, white);
}

enum weft_status weft_plot_images(const struct weft_image_chart *chart,
                                  struct weft_picture **picture)
{
    struct tiles tiles = {.chart = chart};
    struct weft_chart form = chart->chart;
    *picture = NULL;
    if (chart->tile_count == 0 || chart->tile_count > TILES_LIMIT)
        return fail(WEFT_ERROR_USAGE, "grid of images: %zu images, need 1 to %d", chart->tile_count,
                    TILES_LIMIT);
    if (chart->height == 0 || chart->width == 0 || chart->height > PIXELS_LIMIT ||
        chart->width > PIXELS_LIMIT || (chart->channels != 1 && chart->channels != 3) ||
        (chart->difference && chart->channels != 1))
        return fail(
            WEFT_ERROR_USAGE,
            "grid of images: %zu x %zu pixels of %zu channels, need 1 to %d each way, and 1 "
            "or 3 channels",
            chart->height, chart->width, chart->channels, PIXELS_LIMIT);
    place(&tiles, &form);
    TRY(picture_create(&form, &tiles.picture));
    layout_header(tiles.picture, &form);
    draw_tiles(&tiles);
    return picture_finish(tiles.picture, picture);
}
