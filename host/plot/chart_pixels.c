/* Draws an image beside the numbers in some of its rows, once for each form of the image. */
#include <math.h>

#include "plot/layout.h"
#include "plot/text.h"

enum { BLOCKS_LIMIT = 8, ROWS_LIMIT = 64, COLUMNS_LIMIT = 32, PIXELS_LIMIT = 4096 };
enum { LEAST_WIDTH = 24, CELL_HEIGHT = 21, NAME_HEIGHT = 20, LEAST_SIDE = 112, BLOCK_GAP = 20 };

/* The most that the shade of a cell covers: text on it keeps its contrast. */
static const double cell_shade = 0.55;

struct pixels {
    const struct weft_pixel_chart *chart;
    struct weft_picture *picture;
    size_t left, columns; /* the columns whose numbers are printed */
    double image_width, image_height;
    double cell_width;
    double block_height; /* without its name */
};

/* Finds the values that are black and white, or the ends of blue and red. */
static void find_range(const struct weft_pixel_block *block, size_t count, double *low,
                       double *high)
{
    *low = (double)INFINITY;
    *high = -(double)INFINITY;
    for (size_t i = 0; i < count; i++) {
        const double value = (double)block->pixels[i];
        range_add(low, high, &value, 1, false);
    }
    range_repair(low, high, false);
    if (block->difference) {
        *high = fmax(fabs(*low), fabs(*high));
        *low = -*high;
    }
}

/* Stores the color of a value, as 0xRRGGBB. */
static unsigned color_of(const struct weft_pixel_block *block, double value, double low,
                         double high)
{
    if (block->difference)
        return style_difference(value / high);
    const double t = isnan(value) ? 0.0 : fmin(fmax((value - low) / (high - low), 0.0), 1.0);
    return 0x010101u * (unsigned)lround(255.0 * t);
}

static void draw_image(const struct pixels *pixels, const struct weft_pixel_block *block,
                       struct box box, double low, double high)
{
    const struct weft_pixel_chart *chart = pixels->chart;
    struct buffer colors = {0};
    for (size_t i = 0; i < chart->height * chart->width; i++) {
        const unsigned color = color_of(block, (double)block->pixels[i], low, high);
        const unsigned char pixel[] = {(unsigned char)(color >> 16), (unsigned char)(color >> 8),
                                       (unsigned char)color, 255};
        buffer_add(&colors, pixel, sizeof pixel);
    }
    if (colors.status == WEFT_OK)
        picture_image(pixels->picture, box, colors.data, chart->height, chart->width);
    else
        pixels->picture->pixels.status = colors.status;
    buffer_reset(&colors);
}

/* Draws a frame around the part of the image whose numbers are printed. */
static void draw_frame(const struct pixels *pixels, struct box image)
{
    const struct weft_pixel_chart *chart = pixels->chart;
    const double x = image.width / (double)chart->width;
    const double y = image.height / (double)chart->height;
    picture_frame(pixels->picture,
                  (struct box){image.x + x * (double)pixels->left - 2.0,
                               image.y + y * (double)chart->first - 2.0,
                               x * (double)pixels->columns + 4.0, y * (double)chart->rows + 4.0},
                  ink_of(INK_WRONG), 2.0);
}

/* Returns the shade of a cell: blue, or vermilion for positive differences. */
static struct ink cell_ink(const struct weft_pixel_block *block, double value, double low,
                           double high)
{
    const double t = block->difference ? fabs(value) / high : (value - low) / (high - low);
    return (struct ink){ink_category(block->difference && value > 0.0), cell_shade * t};
}

static double number_at(const struct pixels *pixels, const struct weft_pixel_block *block,
                        size_t row, size_t column)
{
    const size_t first = pixels->chart->first * pixels->chart->width + pixels->left;
    return (double)block->pixels[first + row * pixels->chart->width + column];
}

static void draw_cell(const struct pixels *pixels, const struct weft_pixel_block *block,
                      double value, struct box box, double low, double high)
{
    char text[LABEL_SIZE];
    if (!isfinite(value))
        return;
    label_fixed(value, block->decimals, text);
    picture_box(pixels->picture, box, cell_ink(block, value, low, high));
    picture_text_within(pixels->picture, box.x + box.width - 2.0, box.y + 14.0, box.width - 2.0,
                        text, type_label(ANCHOR_END, INK_TEXT));
}

static void draw_cells(const struct pixels *pixels, const struct weft_pixel_block *block, double x,
                       double y, double low, double high)
{
    for (size_t row = 0; row < pixels->chart->rows; row++)
        for (size_t column = 0; column < pixels->columns; column++)
            draw_cell(pixels, block, number_at(pixels, block, row, column),
                      (struct box){x + pixels->cell_width * (double)column,
                                   y + CELL_HEIGHT * (double)row, pixels->cell_width - 1.0,
                                   CELL_HEIGHT - 1.0},
                      low, high);
}

static void draw_block(const struct pixels *pixels, const struct weft_pixel_block *block, double y)
{
    const struct box image = {STYLE_MARGIN, y + NAME_HEIGHT, pixels->image_width,
                              pixels->image_height};
    double low, high;
    find_range(block, pixels->chart->height * pixels->chart->width, &low, &high);
    picture_open(pixels->picture, block->name);
    if (block->name != NULL)
        picture_text_within(pixels->picture, STYLE_MARGIN, y + 12.0,
                            pixels->picture->width - 2.0 * STYLE_MARGIN, block->name,
                            type_bold(ANCHOR_START, INK_TEXT));
    draw_image(pixels, block, image, low, high);
    draw_frame(pixels, image);
    draw_cells(pixels, block, image.x + image.width + STYLE_MARGIN, image.y, low, high);
    picture_close(pixels->picture);
}

/* Returns the width of the widest number, with space around it. */
static double widest(const struct pixels *pixels)
{
    double width = LEAST_WIDTH;
    char text[LABEL_SIZE];
    for (size_t b = 0; b < pixels->chart->block_count; b++)
        for (size_t i = 0; i < pixels->chart->rows * pixels->columns; i++) {
            const struct weft_pixel_block *block = &pixels->chart->blocks[b];
            const double value = number_at(pixels, block, i / pixels->columns, i % pixels->columns);
            label_fixed(value, block->decimals, text);
            width = fmax(width, text_width(text, STYLE_LABEL, false) + 5.0);
        }
    return ceil(fmin(width, 2.0 * LEAST_WIDTH));
}

/* Chooses the sizes: images have whole multiples of their pixels where these are few. */
static void place(struct pixels *pixels, struct weft_chart *form)
{
    const struct weft_pixel_chart *chart = pixels->chart;
    const double most = (double)size_max(chart->height, chart->width);
    const double times = most < LEAST_SIDE ? floor(LEAST_SIDE / most) : (double)LEAST_SIDE / most;
    pixels->columns = size_min(chart->width, COLUMNS_LIMIT);
    pixels->left = (chart->width - pixels->columns) / 2;
    pixels->cell_width = widest(pixels);
    pixels->image_width = fmax(times * (double)chart->width, 2.0);
    pixels->image_height = fmax(times * (double)chart->height, 2.0);
    pixels->block_height = fmax(pixels->image_height, CELL_HEIGHT * (double)chart->rows);
    form->width =
        3.0 * STYLE_MARGIN + pixels->image_width + pixels->cell_width * (double)pixels->columns;
    form->width = fmax(form->width, 320.0);
    form->height = layout_header_height(form, form->width) + STYLE_GAP +
                   (double)chart->block_count * (NAME_HEIGHT + pixels->block_height + BLOCK_GAP);
}

enum weft_status weft_plot_pixels(const struct weft_pixel_chart *chart,
                                  struct weft_picture **picture)
{
    struct pixels pixels = {.chart = chart};
    struct weft_chart form = chart->chart;
    *picture = NULL;
    if (chart->block_count == 0 || chart->block_count > BLOCKS_LIMIT)
        return fail(WEFT_ERROR_USAGE, "pixels: %zu blocks, need 1 to %d", chart->block_count,
                    BLOCKS_LIMIT);
    if (chart->height == 0 || chart->width == 0 || chart->height > PIXELS_LIMIT ||
        chart->width > PIXELS_LIMIT)
        return fail(WEFT_ERROR_USAGE, "pixels: an image of %zu x %zu, need 1 to %d each way",
                    chart->height, chart->width, PIXELS_LIMIT);
    if (chart->rows == 0 || chart->rows > ROWS_LIMIT || chart->rows > chart->height ||
        chart->first > chart->height - chart->rows)
        return fail(WEFT_ERROR_USAGE, "pixels: %zu rows from row %zu on, need 1 to %d of %zu rows",
                    chart->rows, chart->first, ROWS_LIMIT, chart->height);
    place(&pixels, &form);
    TRY(picture_create(&form, &pixels.picture));
    layout_header(pixels.picture, &form);
    double y = layout_header_height(&form, form.width) + STYLE_GAP;
    for (size_t b = 0; b < chart->block_count; b++) {
        draw_block(&pixels, &chart->blocks[b], y);
        y += NAME_HEIGHT + pixels.block_height + BLOCK_GAP;
    }
    return picture_finish(pixels.picture, picture);
}
