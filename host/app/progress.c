/* Draws the progress of a training run. Rates are means since the first report. A batch is reported
 * when it is queued, not when the device finishes it, so shorter intervals would only measure the
 * queue. */
#include "progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform.h"

enum { BAR_WIDTH = 20, FIGURE_SIZE = 64, LINE_SIZE = 256, PLACE_SIZE = 128 };
static const double redraw_seconds = 0.1, line_seconds = 1.0;

void progress_init(struct progress *progress, bool quiet)
{
    const char *no_color = getenv("NO_COLOR"); /* see no-color.org: set and not empty */
    *progress = (struct progress){.quiet = quiet, .member = 1, .members = 1, .started = -1.0};
    progress->terminal = platform_stderr_is_terminal();
    progress->color = no_color == NULL || no_color[0] == '\0';
}

void progress_member(struct progress *progress, size_t member, size_t members)
{
    progress->member = member;
    progress->members = members;
    progress->started = -1.0;
    progress->has_epoch = false;
}

static void format_duration(double seconds, char *text, size_t size)
{
    unsigned long long whole = (unsigned long long)fmin(ceil(seconds), 1e12);
    snprintf(text, size, "%llu:%02llu:%02llu", whole / 3600, whole / 60 % 60, whole % 60);
}

/* ---- figures ---- */

/* The figures of a line, in their order. */
enum figure { RATE, ETA, ERROR, TRAIN, VALIDATION, CHECKPOINT, FIGURES };

/* Which figures a narrow terminal shows, the most wanted first. */
static const enum figure wanted[FIGURES] = {ETA, ERROR, VALIDATION, RATE, CHECKPOINT, TRAIN};

struct figures {
    char text[FIGURES][FIGURE_SIZE]; /* "" where there is none */
};

static void format_epoch(const struct weft_epoch *epoch, struct figures *figures)
{
    snprintf(figures->text[ERROR], FIGURE_SIZE, "error %.4g", epoch->error);
    if (isfinite(epoch->train_accuracy))
        snprintf(figures->text[TRAIN], FIGURE_SIZE, "train %.2f %%", 100.0 * epoch->train_accuracy);
    if (isfinite(epoch->validation_accuracy))
        snprintf(figures->text[VALIDATION], FIGURE_SIZE, "validation %.2f %%",
                 100.0 * epoch->validation_accuracy);
    else if (isfinite(epoch->validation_r2))
        snprintf(figures->text[VALIDATION], FIGURE_SIZE, "validation R^2 %.4f",
                 epoch->validation_r2);
}

/* Formats each figure: "12345 samples/s", "ETA 0:01:10", "error 0.412", "train 91.02 %",
 * "validation 87.63 %", "checkpoint 0:02:10 ago". */
static void format_figures(const struct progress *progress, double rate, double left,
                           struct figures *figures)
{
    char duration[32];
    *figures = (struct figures){.text = {""}};
    snprintf(figures->text[RATE], FIGURE_SIZE, "%.0f samples/s", rate);
    format_duration(left / rate, duration, sizeof duration);
    snprintf(figures->text[ETA], FIGURE_SIZE, "ETA %s", duration);
    if (progress->has_epoch)
        format_epoch(&progress->last, figures);
    if (progress->checkpoint <= 0.0)
        return;
    format_duration(fmax(platform_seconds() - progress->checkpoint, 0.0), duration,
                    sizeof duration);
    snprintf(figures->text[CHECKPOINT], FIGURE_SIZE, "checkpoint %s ago", duration);
}

/* Joins the most wanted figures that fit into `width` characters, in their order. */
static void join_figures(const struct figures *figures, size_t width, char line[LINE_SIZE])
{
    bool shown[FIGURES] = {false};
    size_t used = 0, length = 0;
    for (size_t i = 0; i < FIGURES; i++) {
        const size_t needed = strlen(figures->text[wanted[i]]) + (used > 0 ? 2 : 0);
        if (figures->text[wanted[i]][0] == '\0' || used + needed > width)
            continue;
        shown[wanted[i]] = true;
        used += needed;
    }
    line[0] = '\0';
    for (int f = 0; f < FIGURES; f++)
        if (shown[f])
            length += (size_t)snprintf(line + length, LINE_SIZE - length, "%s%s",
                                       length > 0 ? ", " : "", figures->text[f]);
}

/* ---- lines ---- */

/* Formats "epoch 3/30", or for an ensemble "member 2/5, epoch 3/30". */
static void format_place(const struct progress *progress, const struct weft_progress *now,
                         char *text)
{
    size_t length = 0;
    if (progress->members > 1)
        length = (size_t)snprintf(text, PLACE_SIZE, "member %zu/%zu, ", progress->member,
                                  progress->members);
    snprintf(text + length, PLACE_SIZE - length, "epoch %zu/%zu", now->epoch, now->epochs);
}

/* Tells whether a line of `width` characters has room for the bar beside the figures. Only the
 * accuracy in training gives way to it. */
static bool bar_fits(size_t used, const struct figures *figures, size_t width)
{
    char line[LINE_SIZE];
    struct figures most = *figures;
    most.text[TRAIN][0] = '\0';
    join_figures(&most, LINE_SIZE - 1, line);
    return used + BAR_WIDTH + 3 + strlen(line) <= width;
}

/* Draws the line of a terminal: place, bar and figures. */
static void draw_bar(struct progress *progress, const char *place, double fraction,
                     const struct figures *figures)
{
    const size_t columns = platform_columns(stderr);
    const size_t width = columns > 1 ? columns - 1 : LINE_SIZE - 1; /* the cursor takes one */
    char bar[BAR_WIDTH + 4] = "", line[LINE_SIZE];
    if (bar_fits(strlen(place) + 1, figures, width)) {
        memset(bar, '.', sizeof bar);
        memset(bar, '#', 1 + (size_t)(fraction * BAR_WIDTH));
        bar[0] = '[';
        memcpy(bar + BAR_WIDTH + 1, "] ", 3);
    }
    const size_t used = strlen(place) + 1 + strlen(bar);
    join_figures(figures, used < width ? width - used : 0, line);
    /* Turn wrapping off (?7l), so that a line wider than the terminal does not scroll it. */
    fprintf(stderr, "\r\033[?7l\033[K%s %s%s%s%s\033[?7h", place, progress->color ? "\033[32m" : "",
            bar, progress->color ? "\033[0m" : "", line);
    progress->bar_shown = true;
}

static void print_line(const char *place, const struct figures *figures)
{
    char line[LINE_SIZE];
    join_figures(figures, LINE_SIZE - 1, line);
    fprintf(stderr, "%s: %s\n", place, line);
}

void progress_batch(struct progress *progress, const struct weft_progress *now)
{
    double samples = (double)now->samples;
    double done = samples * ((double)(now->epoch - 1) + (double)now->batch / (double)now->batches);
    double total = samples * (double)now->epochs, time = platform_seconds();
    if (progress->quiet)
        return;
    if (progress->started < 0.0) {
        progress->started = progress->shown = time;
        progress->samples_before = done;
    }
    if (time - progress->shown < (progress->terminal ? redraw_seconds : line_seconds))
        return;
    char place[PLACE_SIZE];
    struct figures figures;
    const double rate = (done - progress->samples_before) / (time - progress->started);
    const double members_left = (double)(progress->members - progress->member);
    if (!(rate > 0.0))
        return;
    format_place(progress, now, place);
    format_figures(progress, rate, total - done + members_left * total, &figures);
    if (progress->terminal)
        draw_bar(progress, place, done / total, &figures);
    else
        print_line(place, &figures);
    progress->shown = time;
}

void progress_epoch(struct progress *progress, const struct weft_epoch *epoch)
{
    progress->last = *epoch;
    progress->has_epoch = true;
}

void progress_clear(struct progress *progress)
{
    if (progress->bar_shown)
        fprintf(stderr, "\r\033[K");
    progress->bar_shown = false;
}
