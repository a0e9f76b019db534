/* Tells the caller of weft_embed how far it is. Nothing here changes a map. */
#ifndef WEFT_EMBED_WATCH_H
#define WEFT_EMBED_WATCH_H

#include <stdbool.h>

#include "weft_embed.h"

/* Who is told, and when they were told last. */
struct embed_watch {
    const struct weft_embed_options *options; /* borrowed */
    double started, told;                     /* times of clock_seconds */
};

/* Begins to watch now. */
struct embed_watch embed_watch_start(const struct weft_embed_options *options);

/* Returns whether to tell the caller now: at a regular time, or after a long silence. `watch` may
 * be NULL: nobody watches. */
bool embed_watch_due(const struct embed_watch *watch, bool regular);

/* Tells the caller, and returns whether to stop. Fills in the members of `progress` that the
 * options and the clock know. `watch` may be NULL. */
bool embed_watch_tell(struct embed_watch *watch, struct weft_embed_progress progress);

#endif
