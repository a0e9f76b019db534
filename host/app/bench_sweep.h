/* The option --sweep: which batches and which hidden layers are timed. */
#ifndef WEFT_APP_BENCH_SWEEP_H
#define WEFT_APP_BENCH_SWEEP_H

#include <stddef.h>

#include "weft.h"

enum { SWEEP_MOST = 64, SWEEP_TEXT = 64 };

/* Values to go through; a count of 0 leaves what the options have. */
struct sweep {
    size_t batch_count, batches[SWEEP_MOST]; /* samples in a batch, ascending, each once */
    size_t hidden_count;
    char hidden[SWEEP_MOST][SWEEP_TEXT]; /* as --hidden takes them */
};

/* Reads "batch=64,256,hidden=50,512x128": a word with = begins a list; x stands between layers.
 * Says what is wrong and returns WEFT_ERROR_USAGE. */
WEFT_MUST_CHECK enum weft_status sweep_parse(const char *text, struct sweep *sweep);

#endif
