/* Fuzzes the logs that `weft plot curve` reads, and the pictures of what they hold.
 *
 * The input is the log. A refused one gets a message that names the file. An accepted one has
 * ascending epochs for each member, and its picture can be drawn, whatever the numbers are.
 */
#include <stdarg.h>
#include <string.h>

#include "app/epoch_log_read.h"
#include "app/message.h"
#include "fuzz_target.h"
#include "weft_plot.h"

static char message[1024];

/* Takes the place of the program's own, which prints. */
enum weft_status complain(enum weft_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return status;
}

static void check_rows(const struct log_rows *rows)
{
    REQUIRE(rows->count > 0);
    for (size_t i = 0; i < rows->count; i++) {
        const struct log_row *row = &rows->rows[i];
        REQUIRE(row->epoch >= 1 && row->member >= 0);
        for (size_t k = i > 64 ? i - 64 : 0; k < i; k++)
            REQUIRE(rows->rows[k].member != row->member || rows->rows[k].epoch < row->epoch);
    }
}

static void draw(const struct log_rows *rows)
{
    enum { MOST = 256 };
    double x[MOST], y[LOG_VALUES][MOST];
    struct weft_series series[LOG_VALUES];
    struct weft_panel panels[LOG_VALUES];
    struct weft_picture *picture;
    char *svg;
    const size_t count = rows->count < MOST ? rows->count : MOST;
    for (size_t v = 0; v < LOG_VALUES; v++) {
        for (size_t i = 0; i < count; i++) {
            x[i] = (double)rows->rows[i].epoch;
            y[v][i] = rows->rows[i].values[v];
        }
        series[v] = (struct weft_series){.name = "x", .x = x, .y = y[v], .count = count};
        panels[v] = (struct weft_panel){
            .series = &series[v], .series_count = 1, .log_y = v % 2 == 0, .percent = v == 1};
    }
    const struct weft_line_chart chart = {.panels = panels, .panel_count = LOG_VALUES};
    REQUIRE(weft_plot_lines(&chart, &picture) == WEFT_OK);
    REQUIRE(weft_picture_svg(picture, &svg) == WEFT_OK);
    REQUIRE(strstr(svg, "nan") == NULL && strstr(svg, "inf") == NULL);
    REQUIRE(strcmp(svg + strlen(svg) - 7, "</svg>\n") == 0);
    weft_picture_free(svg);
    weft_picture_destroy(picture);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct log_rows rows = {0};
    const enum weft_status status = epoch_log_parse("run.jsonl", (const char *)data, size, &rows);
    if (status == WEFT_OK) {
        check_rows(&rows);
        draw(&rows);
    } else {
        REQUIRE(status == WEFT_ERROR_DATA && strncmp(message, "run.jsonl:", 10) == 0);
    }
    log_rows_reset(&rows);
    return 0;
}
