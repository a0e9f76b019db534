/* Prints the results of weft bench on stdout: one benchmark or a sweep, as text or as JSON. */
#ifndef WEFT_APP_BENCH_REPORT_H
#define WEFT_APP_BENCH_REPORT_H

#include "weft_device.h"

/* One row of a sweep, or the only row if there is no sweep. */
struct bench_row {
    struct weft_bench *bench;
    char network[256]; /* for example "784-50-10" */
};

struct bench_report {
    const char *preset;
    const struct bench_row *rows;
    size_t count;
    bool sweep;
    /* Number of adjacent rows that differ only in batch size. Batch sizes ascend within them. */
    size_t group;
};

/* Print the report to stdout, as text or as JSON. */
void bench_report_text(const struct bench_report *report);
WEFT_MUST_CHECK enum weft_status bench_report_json(const struct bench_report *report);

#endif
