/* Draws the progress of a training run. Rates are means since the first report. A batch is reported
 * when it is queued, not when the device finishes it, so shorter intervals would only measure the
 * queue. */
#include "progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "platform.h"

enum { BAR_WIDTH = 20, LINE_WIDTH = 128 };
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

/* Formats "12345 samples/s, ETA 0:01:10, error 0.412, train 91.02 %, validation 87.63 %". */
static void format_figures(const struct progress *progress, double rate, double left, char *text)
{
    char duration[32];
    format_duration(left / rate, duration, sizeof duration);
    size_t length = (size_t)snprintf(text, LINE_WIDTH, "%.0f samples/s, ETA %s", rate, duration);
    if (progress->has_epoch)
        length += (size_t)snprintf(text + length, LINE_WIDTH - length, ", error %.4g",
                                   progress->last.error);
    if (progress->has_epoch && isfinite(progress->last.train_accuracy) && length < LINE_WIDTH)
        length += (size_t)snprintf(text + length, LINE_WIDTH - length, ", train %.2f %%",
                                   100.0 * progress->last.train_accuracy);
    if (progress->has_epoch && isfinite(progress->last.validation_accuracy) && length < LINE_WIDTH)
        snprintf(text + length, LINE_WIDTH - length, ", validation %.2f %%",
                 100.0 * progress->last.validation_accuracy);
}

/* Formats "epoch 3/30", or for an ensemble "member 2/5, epoch 3/30". */
static void format_place(const struct progress *progress, const struct weft_progress *now,
                         char *text)
{
    size_t length = 0;
    if (progress->members > 1)
        length = (size_t)snprintf(text, LINE_WIDTH, "member %zu/%zu, ", progress->member,
                                  progress->members);
    snprintf(text + length, LINE_WIDTH - length, "epoch %zu/%zu", now->epoch, now->epochs);
}

static void draw_bar(struct progress *progress, const char *place, double fraction,
                     const char *figures)
{
    char bar[BAR_WIDTH + 1];
    for (int i = 0; i < BAR_WIDTH; i++)
        bar[i] = i < (int)(fraction * BAR_WIDTH) ? '#' : '.';
    bar[BAR_WIDTH] = '\0';
    /* Turn wrapping off (?7l), so that a line wider than the terminal does not scroll it. */
    fprintf(stderr, "\r\033[?7l\033[K%s %s[%s]%s %s\033[?7h", place,
            progress->color ? "\033[32m" : "", bar, progress->color ? "\033[0m" : "", figures);
    progress->bar_shown = true;
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
    char place[LINE_WIDTH], figures[LINE_WIDTH];
    const double rate = (done - progress->samples_before) / (time - progress->started);
    const double members_left = (double)(progress->members - progress->member);
    if (!(rate > 0.0))
        return;
    format_place(progress, now, place);
    format_figures(progress, rate, total - done + members_left * total, figures);
    if (progress->terminal)
        draw_bar(progress, place, done / total, figures);
    else
        fprintf(stderr, "%s: %s\n", place, figures);
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
