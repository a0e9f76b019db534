/* Parses the option --sweep, which lists the batch sizes and hidden layers to time. */
#ifndef WEFT_APP_BENCH_SWEEP_H
#define WEFT_APP_BENCH_SWEEP_H

#include <stddef.h>

#include "weft.h"

enum { SWEEP_MOST = 64, SWEEP_TEXT = 64 };

/* The values of a sweep. With a count of 0, the value from the options stays. */
struct sweep {
    size_t batch_count, batches[SWEEP_MOST]; /* samples per batch, ascending and distinct */
    size_t hidden_count;
    char hidden[SWEEP_MOST][SWEEP_TEXT]; /* in the syntax of --hidden */
};

/* Parses "batch=64,256,hidden=50,512x128". A word with = begins a list, and x separates layers. On
 * an error, prints a message and returns WEFT_ERROR_USAGE. */
WEFT_MUST_CHECK enum weft_status sweep_parse(const char *text, struct sweep *sweep);

#endif
