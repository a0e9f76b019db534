/* Resizes images; see image_resize.h.
 *
 * Each row of the result is a weighted sum of rows, which is then resized along its width. So the
 * memory in use is one row of the larger image, however tall it is.
 */
#include "data/image_resize.h"

#include <math.h>

#include "base/memory.h"

/* The pixels that one pixel of the result comes from. Weight i is
 *     max(0, 1 - |first + i + 1/2 - center| / reach), divided by the sum of the weights. */
struct window {
    size_t first, count;
    double center, reach, sum;
};

static double weight(const struct window *window, size_t i)
{
    const double distance = fabs((double)(window->first + i) + 0.5 - window->center);
    return fmax(0.0, 1.0 - distance / window->reach);
}

/* Returns the window of pixel `to` when `size` pixels become `to_size`. */
static struct window window_of(size_t to, size_t size, size_t to_size)
{
    const double scale = (double)size / (double)to_size;
    struct window window = {.center = ((double)to + 0.5) * scale, .reach = fmax(scale, 1.0)};
    const double first = floor(window.center - window.reach + 0.5);
    const double end = floor(window.center + window.reach + 0.5);
    window.first = first > 0.0 ? (size_t)first : 0;
    window.count = size_min((size_t)end, size) - window.first;
    for (size_t i = 0; i < window.count; i++)
        window.sum += weight(&window, i);
    return window;
}

/* row [width * channels] = weighted sum of rows */
static void sum_rows(const uint8_t *from, size_t row_size, const struct window *window, double *row)
{
    for (size_t i = 0; i < row_size; i++)
        row[i] = 0.0;
    for (size_t r = 0; r < window->count; r++) {
        const double w = weight(window, r) / window->sum;
        const uint8_t *source = from + (window->first + r) * row_size;
        for (size_t i = 0; i < row_size; i++)
            row[i] += w * (double)source[i];
    }
}

static void resize_row(const double *row, size_t channels, const struct window *windows,
                       size_t to_width, float *to)
{
    for (size_t x = 0; x < to_width; x++)
        for (size_t c = 0; c < channels; c++) {
            double sum = 0.0;
            for (size_t i = 0; i < windows[x].count; i++)
                sum += weight(&windows[x], i) * row[(windows[x].first + i) * channels + c];
            to[x * channels + c] = (float)floor(sum / windows[x].sum + 0.5);
        }
}

enum weft_status image_resize(const uint8_t *from, size_t height, size_t width, size_t channels,
                              size_t to_height, size_t to_width, float *to)
{
    double *row = NULL;            /* [width][channels] */
    struct window *windows = NULL; /* [to_width] */
    enum weft_status status = NEW_ARRAY(row, width * channels);
    if (status == WEFT_OK)
        status = NEW_ARRAY(windows, to_width);
    for (size_t x = 0; status == WEFT_OK && x < to_width; x++)
        windows[x] = window_of(x, width, to_width);
    for (size_t y = 0; status == WEFT_OK && y < to_height; y++) {
        const struct window window = window_of(y, height, to_height);
        sum_rows(from, width * channels, &window, row);
        resize_row(row, channels, windows, to_width, to + y * to_width * channels);
    }
    memory_free(windows);
    memory_free(row);
    return status;
}
