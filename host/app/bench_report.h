/* The results of weft bench on stdout: one benchmark, or a sweep of them, as text or as JSON. */
#ifndef WEFT_APP_BENCH_REPORT_H
#define WEFT_APP_BENCH_REPORT_H

#include "weft_device.h"

/* One row of a sweep, or all there is without one. */
struct bench_row {
    struct weft_bench *bench;
    char network[256]; /* "784-50-10" */
};

struct bench_report {
    const char *preset;
    const struct bench_row *rows;
    size_t count;
    bool sweep;
    /* Rows that differ in their batches alone lie together, with growing batches: so many. */
    size_t group;
};

void bench_report_text(const struct bench_report *report);
WEFT_MUST_CHECK enum weft_status bench_report_json(const struct bench_report *report);

#endif
