/* Tells the caller of weft_embed how far it is. See watch.h. */
#include "embed/watch.h"

#include <stddef.h>

#include "base/file.h"

/* The caller may show progress every second, and Ctrl-C should not wait for longer. */
static const double longest_silence = 0.5;

struct embed_watch embed_watch_start(const struct weft_embed_options *options)
{
    const double now = clock_seconds();
    return (struct embed_watch){.options = options, .started = now, .told = now};
}

bool embed_watch_due(const struct embed_watch *watch, bool regular)
{
    return watch != NULL && watch->options->progress != NULL &&
           (regular || clock_seconds() - watch->told >= longest_silence);
}

bool embed_watch_tell(struct embed_watch *watch, struct weft_embed_progress progress)
{
    if (watch == NULL || watch->options->progress == NULL)
        return false;
    const double now = clock_seconds();
    progress.iterations = watch->options->iterations;
    progress.seconds = now - watch->started;
    watch->told = now;
    return watch->options->progress(watch->options->user, &progress) != 0;
}
