/* Tests the pictures of every chart: the bytes of their SVG against tests/golden/plots, which were
 * looked at, and what must hold for any picture.
 *
 * After a change that is meant, WEFT_WRITE_GOLDEN=1 writes the files anew. Look at them before you
 * commit them. */
#define _XOPEN_SOURCE 700
#include <ctype.h>
#include <stdio.h>

#include <zlib.h>

#include "markup.h"
#include "plot/picture.h"
#include "plot_charts.h"
#include "suite.h"
#include "temporary.h"

static char *svg_of(size_t chart)
{
    struct weft_picture *picture;
    char *svg;
    ck_ok(charts[chart].make(&picture));
    ck_ok(weft_picture_svg(picture, &svg));
    weft_picture_destroy(picture);
    return svg;
}

static void golden_path(size_t chart, char path[512])
{
    snprintf(path, 512, WEFT_SOURCE_DIR "/tests/golden/plots/%s.svg", charts[chart].name);
}

static char *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s: cannot be read", path);
    char *text = calloc(1, 1 << 22);
    *size = fread(text, 1, (1 << 22) - 1, file);
    fclose(file);
    return text;
}

START_TEST(pictures_equal_the_golden_ones)
{
    char path[512];
    size_t size;
    char *svg = svg_of((size_t)_i);
    golden_path((size_t)_i, path);
    if (getenv("WEFT_WRITE_GOLDEN") != NULL) {
        FILE *file = fopen(path, "wb");
        fputs(svg, file);
        fclose(file);
    }
    char *golden = read_file(path, &size);
    size_t same = 0;
    while (svg[same] != '\0' && svg[same] == golden[same])
        same++;
    ck_assert_msg(svg[same] == golden[same], "%s: differs at byte %zu: %.60s", path, same,
                  svg + same);
    free(golden);
    weft_picture_free(svg);
}
END_TEST

/* Every element that opens closes, no text escapes, and no number has three decimals. */
START_TEST(pictures_are_well_formed)
{
    char *svg = svg_of((size_t)_i);
    markup_check(svg, NULL);
    ck_assert_ptr_null(strstr(svg, "<script"));
    ck_assert_ptr_null(strstr(svg, "nan"));
    ck_assert_ptr_null(strstr(svg, "inf"));
    weft_picture_free(svg);
}
END_TEST

/* Looks outside of base64, where a point never occurs. */
START_TEST(coordinates_have_at_most_two_decimals)
{
    char *svg = svg_of((size_t)_i);
    for (const char *c = strchr(svg, '.'); c != NULL; c = strchr(c + 1, '.'))
        ck_assert_msg(!(isdigit((unsigned char)c[1]) && isdigit((unsigned char)c[2]) &&
                        isdigit((unsigned char)c[3]) && strchr("\" ZML", c[4]) != NULL),
                      "three decimals: %.20s", c - 4);
    weft_picture_free(svg);
}
END_TEST

START_TEST(a_chart_of_300_epochs_is_under_30_kilobytes)
{
    static double y[3][300];
    struct weft_series series[3];
    struct weft_panel panels[3];
    struct weft_picture *picture;
    char *svg;
    for (unsigned s = 0; s < 3; s++) {
        for (unsigned i = 0; i < 300; i++)
            y[s][i] = chart_noise(i + 1000 * s);
        series[s] = (struct weft_series){.name = "series", .y = y[s], .count = 300};
        panels[s] = (struct weft_panel){.series = &series[s], .series_count = 1};
    }
    const struct weft_line_chart chart = {.panels = panels, .panel_count = 3};
    ck_ok(weft_plot_lines(&chart, &picture));
    ck_ok(weft_picture_svg(picture, &svg));
    ck_assert_uint_lt(strlen(svg), 30000);
    weft_picture_free(svg);
    weft_picture_destroy(picture);
}
END_TEST

/* Stores the highest and the lowest point of the lines of a chart of one series, and returns how
 * many points they have. */
static size_t line_extent(const double *y, size_t count, double *top, double *bottom)
{
    const struct weft_series series = {.y = y, .count = count};
    const struct weft_panel panel = {.series = &series, .series_count = 1};
    const struct weft_line_chart chart = {.panels = &panel, .panel_count = 1};
    struct weft_picture *picture;
    size_t points = 0;
    ck_ok(weft_plot_lines(&chart, &picture));
    *top = 1e9;
    *bottom = -1e9;
    for (size_t s = 0; s < picture_shape_count(picture); s++) {
        const struct shape *shape = picture_shape(picture, s);
        if (shape->kind != SHAPE_LINE || shape->width != STYLE_LINE)
            continue;
        points += shape->count;
        for (size_t i = 0; i < shape->count; i++) {
            *top = fmin(*top, picture_points(picture, shape)[i].y);
            *bottom = fmax(*bottom, picture_points(picture, shape)[i].y);
        }
    }
    weft_picture_destroy(picture);
    return points;
}

/* One epoch of 50000 is high and another one is low. A reader must see both, and the gap. */
START_TEST(a_long_line_is_thinned_and_keeps_its_extremes)
{
    enum { EPOCHS = 50000 };
    static double y[EPOCHS];
    const double few[] = {1.0, 10.0, 0.0};
    double top, bottom, few_top, few_bottom;
    for (size_t i = 0; i < EPOCHS; i++)
        y[i] = 1.0;
    y[31337] = 10.0;
    y[31340] = 0.0;
    y[40000] = (double)NAN;
    const size_t points = line_extent(y, EPOCHS, &top, &bottom);
    ck_assert_uint_lt(points, 4 * 640);
    ck_assert_uint_gt(points, 500);
    ck_assert_uint_eq(line_extent(few, 3, &few_top, &few_bottom), 3);
    ck_assert_double_eq(top, few_top);
    ck_assert_double_eq(bottom, few_bottom);
}
END_TEST

START_TEST(texts_are_escaped_and_valid)
{
    struct weft_picture *picture;
    char *svg;
    ck_ok(chart_gaps(&picture));
    ck_ok(weft_picture_svg(picture, &svg));
    ck_assert_ptr_nonnull(strstr(svg, "<title>&lt;script&gt;alert(1)&lt;/script&gt;</title>"));
    ck_assert_ptr_nonnull(strstr(svg, "quotes &quot; ' &amp; ampersands</text>"));
    ck_assert_ptr_nonnull(
        strstr(svg, "<desc>broken \xef\xbf\xbd UTF-8 \xef\xbf\xbd control</desc>"));
    weft_picture_free(svg);
    weft_picture_destroy(picture);
}
END_TEST

START_TEST(a_theme_is_one_set_of_colors)
{
    const struct weft_bar bar = {.name = "a", .value = 1.0};
    struct weft_bar_chart chart = {.bars = &bar, .bar_count = 1};
    struct weft_picture *picture;
    char *svg;
    for (enum weft_theme theme = WEFT_THEME_AUTO; theme <= WEFT_THEME_DARK; theme++) {
        chart.chart.theme = theme;
        ck_ok(weft_plot_bars(&chart, &picture));
        ck_ok(weft_picture_svg(picture, &svg));
        ck_assert_int_eq(strstr(svg, "prefers-color-scheme") != NULL, theme == WEFT_THEME_AUTO);
        ck_assert_int_eq(strstr(svg, "#ffffff") != NULL, theme != WEFT_THEME_DARK);
        ck_assert_int_eq(strstr(svg, "#16191d") != NULL, theme != WEFT_THEME_LIGHT);
        weft_picture_free(svg);
        weft_picture_destroy(picture);
    }
}
END_TEST

/* ---- files ---- */

START_TEST(the_ending_decides_the_format)
{
    static const struct {
        const char *name, *begin;
    } formats[] = {{"picture.svg", "<svg "}, {"picture.png", "\x89PNG"}, {"picture.pdf", "%PDF-"}};
    struct weft_picture *picture;
    ck_ok(charts[_i].make(&picture));
    for (size_t f = 0; f < 3; f++) {
        const char *path = temporary_path(formats[f].name);
        size_t size, other_size;
        if (f > 0 && strstr(weft_components(), "by cairo") == NULL) {
            ck_fails(weft_picture_check_path(path), WEFT_ERROR_USAGE, "libcairo2-dev");
            continue;
        }
        ck_ok(weft_picture_check_path(path));
        ck_ok(weft_picture_write(picture, path));
        char *first = read_file(path, &size);
        ck_assert_int_eq(strncmp(first, formats[f].begin, strlen(formats[f].begin)), 0);
        ck_ok(weft_picture_write(picture, path));
        char *second = read_file(path, &other_size);
        ck_assert_uint_eq(size, other_size);
        ck_assert_mem_eq(first, second, size);
        free(first);
        free(second);
    }
    weft_picture_destroy(picture);
}
END_TEST

/* ---- pixels of cairo ---- */

/* Undoes the filter of a row of a PNG file with three bytes a pixel, as opaque ones
 * of cairo have (ISO/IEC 15948, 9.2). */
static void unfilter(unsigned char *row, const unsigned char *above, size_t size, int filter)
{
    for (size_t i = 0; i < size; i++) {
        const int a = i >= 3 ? row[i - 3] : 0, b = above != NULL ? above[i] : 0;
        const int c = i >= 3 && above != NULL ? above[i - 3] : 0, p = a + b - c;
        const int pa = abs(p - a), pb = abs(p - b), pc = abs(p - c);
        const int paeth = pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
        const int add[] = {0, a, b, (a + b) / 2, paeth};
        row[i] = (unsigned char)(row[i] + add[filter]);
    }
}

/* Decodes a PNG file of cairo into `pixels` [height][1 + 3 width], whose rows begin with a byte of
 * the format. */
static unsigned char *decode_png(const struct buffer *file, size_t width, size_t height)
{
    const size_t row = 1 + 3 * width;
    unsigned char *pixels = malloc(row * height);
    z_stream stream = {.next_out = pixels, .avail_out = (uInt)(row * height)};
    ck_assert_int_eq(inflateInit(&stream), Z_OK);
    for (size_t at = 8; at < file->used;) {
        const unsigned char *chunk = file->data + at;
        const size_t size =
            (size_t)chunk[0] << 24 | (size_t)chunk[1] << 16 | (size_t)chunk[2] << 8 | chunk[3];
        if (memcmp(chunk + 4, "IDAT", 4) == 0) {
            stream.next_in = (unsigned char *)(uintptr_t)(chunk + 8);
            stream.avail_in = (uInt)size;
            ck_assert_int_ge(inflate(&stream, Z_NO_FLUSH), Z_OK);
        }
        at += size + 12;
    }
    ck_assert_uint_eq(stream.total_out, row * height);
    inflateEnd(&stream);
    for (size_t r = 0; r < height; r++)
        unfilter(pixels + r * row + 1, r > 0 ? pixels + (r - 1) * row + 1 : NULL, 3 * width,
                 pixels[r * row]);
    return pixels;
}

/* Counts the pixels in rows first .. end - 1 that are not white. */
static size_t inked(const unsigned char *pixels, size_t width, size_t first, size_t end)
{
    size_t count = 0;
    for (size_t r = first; r < end; r++)
        for (size_t x = 0; x < width; x++)
            count += memcmp(pixels + r * (1 + 3 * width) + 1 + 3 * x, "\xff\xff\xff", 3) != 0;
    return count;
}

/* Text at the top, a line at the bottom, and nothing between them: cairo once drew a line from the
 * end of the text. */
START_TEST(a_line_begins_at_its_first_point)
{
    const struct weft_chart chart = {.width = 100.0, .height = 100.0};
    const struct type type = {.size = 11.0, .ink = ink_of(INK_TEXT)};
    const struct point points[] = {{50, 80}, {90, 80}};
    struct weft_picture *picture;
    struct buffer file = {0};
    if (strstr(weft_components(), "by cairo") == NULL)
        return;
    ck_ok(picture_create(&chart, &picture));
    picture_text(picture, 10.0, 20.0, "text \xe2\x88\x92", type);
    picture_line(picture, points, 2, ink_of(INK_TEXT), 2.0, false);
    ck_ok(picture_write_png(picture, &file));
    unsigned char *pixels = decode_png(&file, 200, 200);
    ck_assert_uint_gt(inked(pixels, 200, 0, 60), 20);
    ck_assert_uint_eq(inked(pixels, 200, 60, 150), 0);
    ck_assert_uint_ge(inked(pixels, 200, 150, 200), 4 * 80);
    free(pixels);
    buffer_reset(&file);
    weft_picture_destroy(picture);
}
END_TEST

/* Cairo has no images of more than 32767 pixels each way. */
START_TEST(a_long_picture_becomes_a_png)
{
    const struct weft_chart chart = {.width = 60.0, .height = 40000.0};
    struct weft_picture *picture;
    struct buffer file = {0};
    if (strstr(weft_components(), "by cairo") == NULL)
        return;
    ck_ok(picture_create(&chart, &picture));
    ck_ok(picture_write_png(picture, &file));
    static const unsigned char size[] = {0, 0, 0, 50, 0, 0, 0x7f, 0xff};
    ck_assert_mem_eq(file.data + 16, size, sizeof size);
    buffer_reset(&file);
    weft_picture_destroy(picture);
}
END_TEST

START_TEST(other_endings_are_refused)
{
    struct weft_picture *picture;
    ck_ok(chart_bars(&picture));
    ck_fails(weft_picture_write(picture, "picture.gif"), WEFT_ERROR_USAGE, ".svg, .png or .pdf");
    ck_fails(weft_picture_write(picture, "picture"), WEFT_ERROR_USAGE, ".svg, .png or .pdf");
    ck_fails(weft_picture_check_path("/nowhere/picture.svg"), WEFT_ERROR_IO, "/nowhere");
    weft_picture_destroy(picture);
}
END_TEST

START_TEST(charts_of_nothing_are_refused)
{
    struct weft_picture *picture;
    ck_fails(weft_plot_lines(&(struct weft_line_chart){0}, &picture), WEFT_ERROR_USAGE, "0 panels");
    ck_fails(weft_plot_bars(&(struct weft_bar_chart){0}, &picture), WEFT_ERROR_USAGE, "0 bars");
    ck_fails(weft_plot_confusion(&(struct weft_confusion_chart){0}, &picture), WEFT_ERROR_USAGE,
             "0 classes");
    ck_fails(weft_plot_heat(&(struct weft_heat_chart){0}, &picture), WEFT_ERROR_USAGE, "0 x 0");
    ck_fails(weft_plot_scatter(&(struct weft_scatter_chart){0}, &picture), WEFT_ERROR_USAGE,
             "0 points");
    ck_fails(weft_plot_images(&(struct weft_image_chart){0}, &picture), WEFT_ERROR_USAGE,
             "0 images");
    ck_fails(weft_plot_calibration(&(struct weft_calibration_chart){0}, &picture), WEFT_ERROR_USAGE,
             "0 bins");
    ck_fails(weft_plot_network(&(struct weft_network_chart){0}, &picture), WEFT_ERROR_USAGE,
             "0 layers");
    ck_fails(weft_plot_histograms(&(struct weft_histogram_chart){0}, &picture), WEFT_ERROR_USAGE,
             "0 columns");
    ck_fails(weft_plot_decision(&(struct weft_decision_chart){0}, &picture), WEFT_ERROR_USAGE,
             "0 x 0");
    ck_fails(weft_plot_pixels(&(struct weft_pixel_chart){0}, &picture), WEFT_ERROR_USAGE,
             "0 blocks");
    ck_assert_ptr_null(picture);
    weft_picture_destroy(NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("plot");
    TCase *tests = tcase_create("charts");
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_loop_test(tests, pictures_equal_the_golden_ones, 0, CHARTS);
    tcase_add_loop_test(tests, pictures_are_well_formed, 0, CHARTS);
    tcase_add_loop_test(tests, coordinates_have_at_most_two_decimals, 0, CHARTS);
    tcase_add_test(tests, a_chart_of_300_epochs_is_under_30_kilobytes);
    tcase_add_test(tests, a_long_line_is_thinned_and_keeps_its_extremes);
    tcase_add_test(tests, texts_are_escaped_and_valid);
    tcase_add_test(tests, a_theme_is_one_set_of_colors);
    tcase_add_loop_test(tests, the_ending_decides_the_format, 0, CHARTS);
    tcase_add_test(tests, a_line_begins_at_its_first_point);
    tcase_add_test(tests, a_long_picture_becomes_a_png);
    tcase_add_test(tests, other_endings_are_refused);
    tcase_add_test(tests, charts_of_nothing_are_refused);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
