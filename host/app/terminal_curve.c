/* Draws a curve in a terminal. With Unicode, a character is a Braille pattern of 2 x 4 dots;
 * otherwise it is a star for a line and a period for dots. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "terminal.h"

enum { ROWS = 8, MOST_COLUMNS = 60, LEAST_COLUMNS = 16, LABEL_SIZE = 16, LINES = 2 };
enum { MOST_DOTS = 2 * MOST_COLUMNS, MOST_LEVELS = 4 * ROWS };

/* One line of the chart. */
struct line {
    const char *name;  /* at its end, or "" */
    const char *color; /* escape sequence */
    const struct value_summary *values;
    bool dotted;
    int end_row; /* where the name stands */
};

struct canvas {
    const struct terminal *terminal;
    const struct epoch_summary *summary;
    struct line lines[LINES];
    size_t line_count;
    size_t columns;
    size_t dots, levels;    /* resolution: across and up */
    double unit;            /* of the labels: 100 for percent */
    double low, high, step; /* of the axis, in units */
    int label_width;
    /* Bit l: line l has a dot here. Level 0 is the lowest. */
    unsigned char marks[MOST_LEVELS][MOST_DOTS];
};

/* ---- the axis ---- */

/* Returns 1, 2 or 5 times a power of ten, so that about three steps cover `range`. */
static double round_step(double range)
{
    const double power = pow(10.0, floor(log10(range / 3.0)));
    const double factor = range / 3.0 / power;
    return power * (factor < 1.5 ? 1.0 : factor < 3.5 ? 2.0 : factor < 7.5 ? 5.0 : 10.0);
}

/* Lets the axis end at round numbers around the values. */
static void make_axis(struct canvas *canvas)
{
    double least = (double)INFINITY, greatest = -(double)INFINITY;
    for (size_t s = 0; s < canvas->line_count; s++) {
        least = fmin(least, canvas->unit * canvas->lines[s].values->least);
        greatest = fmax(greatest, canvas->unit * canvas->lines[s].values->greatest);
    }
    const double size = fmax(fabs(least), fabs(greatest));
    const double range = fmax(greatest - least, size > 0.0 ? 1e-3 * size : 1e-3);
    canvas->step = round_step(range);
    canvas->low = canvas->step * floor(least / canvas->step + 1e-6);
    canvas->high = canvas->step * ceil(greatest / canvas->step - 1e-6);
    if (canvas->high <= canvas->low)
        canvas->high = canvas->low + canvas->step;
}

static int row_of_level(const struct canvas *canvas, size_t level)
{
    return ROWS - 1 - (int)(level * ROWS / canvas->levels);
}

static size_t level_of(const struct canvas *canvas, double value)
{
    const double share = (canvas->unit * value - canvas->low) / (canvas->high - canvas->low);
    return (size_t)lround(fmin(fmax(share, 0.0), 1.0) * (double)(canvas->levels - 1));
}

/* Writes the label of the tick in this row, or "". */
static void label_of(const struct canvas *canvas, int row, char label[LABEL_SIZE])
{
    const double step = canvas->step, digits = fmax(0.0, -floor(log10(step) + 1e-9));
    const bool short_numbers = digits <= 4.0 && fmax(fabs(canvas->low), fabs(canvas->high)) < 1e5;
    label[0] = '\0';
    for (int i = 0; i <= ROWS && canvas->low + i * step <= canvas->high + step / 2.0; i++) {
        const double tick =
            fabs(canvas->low + i * step) < step / 2.0 ? 0.0 : canvas->low + i * step;
        if (row_of_level(canvas, level_of(canvas, tick / canvas->unit)) != row)
            continue;
        if (short_numbers)
            snprintf(label, LABEL_SIZE, "%.*f%s", (int)digits, tick,
                     canvas->unit == 1.0 ? "" : " %");
        else
            snprintf(label, LABEL_SIZE, "%.4g", tick);
    }
}

/* Returns the width of the longest label. */
static int labels_width(const struct canvas *canvas)
{
    int width = 0;
    for (int row = 0; row < ROWS; row++) {
        char label[LABEL_SIZE];
        label_of(canvas, row, label);
        width = (int)strlen(label) > width ? (int)strlen(label) : width;
    }
    return width;
}

/* ---- the lines ---- */

/* Returns the value at an epoch, interpolated between two epochs with numbers, or NaN. `*at` is the
 * index of an epoch before it; it begins at 0. */
static double value_at(const struct canvas *canvas, const double *values, double epoch, size_t *at)
{
    const double *epochs = canvas->summary->epochs;
    while (*at + 2 < canvas->summary->epoch_count && epochs[*at + 1] <= epoch)
        ++*at;
    const double share = (epoch - epochs[*at]) / (epochs[*at + 1] - epochs[*at]);
    if (share <= 0.0)
        return values[*at];
    if (share >= 1.0)
        return values[*at + 1];
    return values[*at] + share * (values[*at + 1] - values[*at]);
}

static void mark(struct canvas *canvas, size_t level, size_t dot, size_t index)
{
    canvas->marks[level][dot] |= (unsigned char)(1U << index);
}

static void draw_line(struct canvas *canvas, size_t index)
{
    struct line *line = &canvas->lines[index];
    const struct epoch_summary *summary = canvas->summary;
    const double first = summary->epochs[0], last = summary->epochs[summary->epoch_count - 1];
    const size_t spacing = line->dotted && canvas->terminal->unicode ? 3 : 1;
    size_t at = 0, before = SIZE_MAX; /* the level of the dot before, if there is one */
    for (size_t dot = 0; dot < canvas->dots; dot++) {
        const double epoch = first + (last - first) * (double)dot / (double)(canvas->dots - 1);
        const double value = value_at(canvas, line->values->mean, epoch, &at);
        if (!isfinite(value)) {
            before = SIZE_MAX;
            continue;
        }
        const size_t level = level_of(canvas, value);
        if (dot % spacing == 0)
            mark(canvas, level, dot, index);
        if (!line->dotted && before != SIZE_MAX)
            for (size_t l = before; l != level; l += l < level ? 1 : (size_t)-1)
                mark(canvas, l, dot, index);
        before = level;
        line->end_row = row_of_level(canvas, level);
    }
}

/* Gives the names rows of their own, in the order of the lines' ends. */
static void separate_names(struct canvas *canvas)
{
    struct line *line = canvas->lines;
    if (canvas->line_count < 2 || line[0].end_row != line[1].end_row)
        return;
    const struct epoch_summary *summary = canvas->summary;
    const size_t last = summary->epoch_count - 1;
    const size_t upper = line[0].values->mean[last] >= line[1].values->mean[last] ? 0 : 1;
    if (line[upper].end_row > 0)
        line[upper].end_row--;
    else
        line[1 - upper].end_row++;
}

/* ---- output ---- */

/* Returns the lines that have a dot in a character, as bits. `pattern` receives its Braille dots.
 */
static unsigned lines_in(const struct canvas *canvas, int row, size_t column, unsigned *pattern)
{
    static const unsigned bits[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    const size_t up = canvas->levels / ROWS, across = canvas->dots / canvas->columns;
    unsigned lines = 0;
    *pattern = 0;
    for (size_t y = 0; y < up; y++)
        for (size_t x = 0; x < across; x++) {
            const size_t level = canvas->levels - 1 - (up * (size_t)row + y);
            const unsigned here = canvas->marks[level][across * column + x];
            lines |= here;
            *pattern |= here != 0 ? bits[y][x] : 0;
        }
    return lines;
}

static void print_character(const struct canvas *canvas, int row, size_t column)
{
    unsigned pattern;
    const unsigned lines = lines_in(canvas, row, column, &pattern);
    const struct line *line = &canvas->lines[(lines & 1U) != 0 ? 0 : 1];
    if (lines == 0) {
        fputc(' ', stderr);
        return;
    }
    if (canvas->terminal->color)
        fputs(line->color, stderr);
    if (canvas->terminal->unicode) /* U+2800 and the pattern */
        fprintf(stderr, "\xe2%c%c", (int)(0xA0U | pattern >> 6), (int)(0x80U | (pattern & 0x3FU)));
    else
        fputc(line->dotted ? '.' : '*', stderr);
    if (canvas->terminal->color)
        fputs("\033[0m", stderr);
}

/* Returns what a line looks like, to stand before its name. */
static const char *key_of(const struct canvas *canvas, const struct line *line)
{
    if (canvas->terminal->unicode)
        return line->dotted ? "\u2802\u2810" : "\u2812\u2812";
    return line->dotted ? ".." : "**";
}

static void print_names(const struct canvas *canvas, int row)
{
    for (size_t l = 0; l < canvas->line_count; l++)
        if (canvas->lines[l].end_row == row && canvas->line_count > 1)
            fprintf(stderr, " %s %s", key_of(canvas, &canvas->lines[l]), canvas->lines[l].name);
    fputc('\n', stderr);
}

static void print_rows(const struct canvas *canvas)
{
    const bool unicode = canvas->terminal->unicode;
    for (int row = 0; row < ROWS; row++) {
        char label[LABEL_SIZE];
        label_of(canvas, row, label);
        fprintf(stderr, "%*s %s", canvas->label_width, label,
                unicode ? (label[0] != '\0' ? "\u2524" : "\u2502")
                        : (label[0] != '\0' ? "+" : "|"));
        for (size_t column = 0; column < canvas->columns; column++)
            print_character(canvas, row, column);
        print_names(canvas, row);
    }
}

/* Prints the lower axis with the first and the last epoch below it. */
static void print_epochs(const struct canvas *canvas)
{
    const struct epoch_summary *summary = canvas->summary;
    char last[32];
    snprintf(last, sizeof last, "epoch %.0f", summary->epochs[summary->epoch_count - 1]);
    fprintf(stderr, "%*s %s", canvas->label_width, "", canvas->terminal->unicode ? "\u2514" : "+");
    for (size_t column = 0; column < canvas->columns; column++)
        fputs(canvas->terminal->unicode ? "\u2500" : "-", stderr);
    fprintf(stderr, "\n%*s  %-8.0f%*s\n", canvas->label_width, "", summary->epochs[0],
            (int)canvas->columns - 8, last);
}

/* ---- what to draw ---- */

static void add_line(struct canvas *canvas, enum log_value value, const char *name, bool dotted)
{
    const struct value_summary *values = &canvas->summary->values[value];
    if (values->values < 2)
        return;
    canvas->lines[canvas->line_count++] = (struct line){.name = name,
                                                        .color = dotted ? "\033[33m" : "\033[36m",
                                                        .values = values,
                                                        .dotted = dotted};
}

/* Chooses the lines, and returns the title. */
static const char *choose_lines(struct canvas *canvas)
{
    const bool validated = canvas->summary->values[LOG_VALIDATION_ACCURACY].values >= 2;
    canvas->unit = 100.0;
    add_line(canvas, LOG_VALIDATION_ACCURACY, "validation", false);
    add_line(canvas, LOG_TRAIN_ACCURACY, "training", validated);
    if (canvas->line_count > 0)
        return validated ? "accuracy" : "training accuracy";
    canvas->unit = 1.0;
    add_line(canvas, LOG_VALIDATION_R2, "", false);
    if (canvas->line_count > 0)
        return canvas->terminal->unicode ? "R\u00b2 on the validation set"
                                         : "R^2 on the validation set";
    add_line(canvas, LOG_ERROR, "", false);
    return "error";
}

void terminal_draw_curve(const struct terminal *terminal, const struct epoch_summary *summary)
{
    enum { NAME_WIDTH = 15 };
    struct canvas canvas = {.terminal = terminal, .summary = summary};
    const char *title = choose_lines(&canvas);
    if (canvas.line_count == 0)
        return;
    canvas.levels = ROWS * (terminal->unicode ? 4 : 1);
    make_axis(&canvas);
    canvas.label_width = labels_width(&canvas);
    const size_t beside = (size_t)canvas.label_width + 2 + (canvas.line_count > 1 ? NAME_WIDTH : 1);
    if (terminal->columns < beside + LEAST_COLUMNS)
        return;
    canvas.columns = terminal->columns - beside;
    if (canvas.columns > MOST_COLUMNS)
        canvas.columns = MOST_COLUMNS;
    canvas.dots = canvas.columns * (terminal->unicode ? 2 : 1);
    for (size_t l = 0; l < canvas.line_count; l++)
        draw_line(&canvas, l);
    separate_names(&canvas);
    fprintf(stderr, "\n%*s %s\n", canvas.label_width, "", title);
    print_rows(&canvas);
    print_epochs(&canvas);
}
