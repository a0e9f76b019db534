/* Prints benchmarks as text. One benchmark has figures in rows and sides in columns. A sweep has
 * one line per benchmark. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench_report.h"
#include "byte_size.h"
#include "weft_device.h"

enum { LABEL = 26, COLUMN = 18 };

/* What a cell shows. Each kind prints right-aligned text into its column. */
enum kind { SECONDS, NUMBER, SHARE, BYTES };

static void print_cell(enum kind kind, double value)
{
    char text[BYTE_SIZE_TEXT];
    if (!isfinite(value) || (kind == BYTES && value <= 0.0))
        snprintf(text, sizeof text, "-");
    else if (kind == SECONDS)
        snprintf(text, sizeof text, "%.4g s", value);
    else if (kind == SHARE)
        snprintf(text, sizeof text, "%.1f %%", 100.0 * value);
    else if (kind == BYTES)
        byte_size_format((uint64_t)value, text);
    else
        snprintf(text, sizeof text, "%.6g", value);
    printf("%*s", COLUMN, text);
}

/* ---- one benchmark ---- */

static double platform_seconds_of(const struct weft_bench_side *side)
{
    return side->startup.platform_seconds;
}
static double build_cold_of(const struct weft_bench_side *side)
{
    return side->startup.build_cold_seconds;
}
static double build_warm_of(const struct weft_bench_side *side)
{
    return side->startup.build_warm_seconds;
}
static double check_of(const struct weft_bench_side *side)
{
    return side->startup.check_seconds;
}
static double upload_of(const struct weft_bench_side *side)
{
    return side->startup.upload_seconds;
}
static double first_of(const struct weft_bench_side *side)
{
    return side->first_epoch_seconds;
}
static double median_of(const struct weft_bench_side *side)
{
    return side->median_epoch_seconds;
}
static double min_of(const struct weft_bench_side *side)
{
    return side->min_epoch_seconds;
}
static double max_of(const struct weft_bench_side *side)
{
    return side->max_epoch_seconds;
}
static double rate_of(const struct weft_bench_side *side)
{
    return side->samples_per_second;
}
static double gflops_of(const struct weft_bench_side *side)
{
    return side->gflops;
}
static double ceiling_of(const struct weft_bench_side *side)
{
    return side->ceiling_gflops;
}
static double share_of(const struct weft_bench_side *side)
{
    return side->gflops / side->ceiling_gflops;
}
static double host_bytes_of(const struct weft_bench_side *side)
{
    return (double)side->host_bytes;
}
static double device_bytes_of(const struct weft_bench_side *side)
{
    return (double)side->device_bytes;
}
static double error_of(const struct weft_bench_side *side)
{
    return side->error;
}

static const struct {
    const char *label;
    enum kind kind;
    double (*value)(const struct weft_bench_side *side);
} lines[] = {{"platform start", SECONDS, platform_seconds_of},
             {"kernel build, cold", SECONDS, build_cold_of},
             {"kernel build, warm", SECONDS, build_warm_of},
             {"known-answer test", SECONDS, check_of},
             {"upload", SECONDS, upload_of},
             {"first epoch", SECONDS, first_of},
             {"steady epoch, median", SECONDS, median_of},
             {"  min", SECONDS, min_of},
             {"  max", SECONDS, max_of},
             {"samples/s", NUMBER, rate_of},
             {"GFLOP/s", NUMBER, gflops_of},
             {"ceiling, GFLOP/s", NUMBER, ceiling_of},
             {"share of the ceiling", SHARE, share_of},
             {"peak host memory", BYTES, host_bytes_of},
             {"peak device memory", BYTES, device_bytes_of},
             {"error, last epoch", NUMBER, error_of}};

/* Names a side: "opencl 0" or "cpu". */
static const char *side_name(const struct weft_bench_side *side, char *text, size_t size)
{
    if (side->device.opencl)
        snprintf(text, size, "opencl %zu", side->device.index);
    else
        snprintf(text, size, "cpu");
    return text;
}

static void print_names(const struct weft_bench *bench)
{
    char name[32];
    printf("%*s", LABEL, "");
    for (size_t s = 0; s < bench->side_count; s++)
        printf("%*s", COLUMN, side_name(&bench->sides[s], name, sizeof name));
    printf("\n");
}

static void print_lines(const struct weft_bench *bench)
{
    print_names(bench);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        printf("%-*s", LABEL, lines[i].label);
        for (size_t s = 0; s < bench->side_count; s++)
            print_cell(lines[i].kind, lines[i].value(&bench->sides[s]));
        printf("\n");
    }
}

static void print_operations(const struct weft_bench *bench)
{
    const struct weft_bench_side *sides = bench->sides;
    if (sides[0].operation_count == 0)
        return;
    printf("\noperations, waited for one by one, over an epoch\n");
    print_names(bench);
    for (size_t i = 0; i < sides[0].operation_count; i++) {
        printf("%-*s", LABEL, sides[0].operations[i].name);
        for (size_t s = 0; s < bench->side_count; s++)
            print_cell(SECONDS, sides[s].operations[i].seconds);
        printf("\n");
    }
    printf("%-*s", LABEL, "sum");
    for (size_t s = 0; s < bench->side_count; s++) {
        double sum = 0.0;
        for (size_t i = 0; i < sides[s].operation_count; i++)
            sum += sides[s].operations[i].seconds;
        print_cell(SECONDS, sum);
    }
    printf("\n");
}

/* Prints a text like "after 3 epochs including the build, 1 once it is cached". */
static void print_break_even(const struct weft_bench_side *side)
{
    if (!isfinite(side->break_even_cold))
        printf("never pays off: its epochs are not faster");
    else
        printf("pays off after %.0f epoch%s including the build, %.0f once that is cached",
               side->break_even_cold, side->break_even_cold > 1.0 ? "s" : "",
               side->break_even_warm);
}

static void print_verdict(const struct weft_bench *bench)
{
    const struct weft_bench_side *last = &bench->sides[bench->side_count - 1];
    char name[32], other[32];
    printf("\n");
    if (bench->side_count == 1) {
        printf("no speed-up: there is only one side\n");
        return;
    }
    if (!(bench->disagreement <= bench->disagreement_limit)) {
        printf("no speed-up: the sides have not done the same work: the losses of their first "
               "batches differ by %.2g (relative), and rounding explains at most %.2g\n",
               bench->disagreement, bench->disagreement_limit);
        return;
    }
    for (size_t s = 0; s + 1 < bench->side_count; s++) {
        printf("speed-up of %s over %s: %.3g; ", side_name(&bench->sides[s], name, sizeof name),
               side_name(last, other, sizeof other), bench->sides[s].speedup);
        print_break_even(&bench->sides[s]);
        printf("\n");
    }
    printf("losses of the first batches agree within %.2g (limit %.2g)\n", bench->disagreement,
           bench->disagreement_limit);
}

static void print_bench(const char *preset, const struct bench_row *row)
{
    const struct weft_bench *bench = row->bench;
    printf("preset %s, %s, %zu samples in %zu batches of up to %zu, %.4g GFLOP per epoch, "
           "%zu rounds\n\n",
           preset, row->network, bench->samples, bench->batches, bench->largest, bench->epoch_gflop,
           bench->rounds);
    print_lines(bench);
    print_operations(bench);
    print_verdict(bench);
}

/* ---- sweeps ---- */

static void print_row(const struct bench_row *row)
{
    const struct weft_bench *bench = row->bench;
    printf("%-18s %8zu", row->network, bench->largest);
    for (size_t s = 0; s < bench->side_count; s++) {
        const struct weft_bench_side *side = &bench->sides[s];
        print_cell(SECONDS, side->median_epoch_seconds);
        printf("%9.4g", side->gflops);
    }
    for (size_t s = 0; s + 1 < bench->side_count; s++) {
        if (isfinite(bench->sides[s].speedup))
            printf("%10.3g", bench->sides[s].speedup);
        else
            printf("%10s", "-");
    }
    printf("\n");
}

static void print_heading(const struct weft_bench *bench)
{
    char name[32];
    printf("%-18s %8s", "network", "batch");
    for (size_t s = 0; s < bench->side_count; s++)
        printf("%*s%9s", COLUMN, side_name(&bench->sides[s], name, sizeof name), "GFLOP/s");
    for (size_t s = 0; s + 1 < bench->side_count; s++)
        printf("%10s", "speed-up");
    printf("\n");
}

/* Prints from which batch size on the first side pays off. The rows belong to one network and have
 * ascending batch sizes. */
static void print_pays_from(const struct bench_row *rows, size_t count)
{
    const struct weft_bench *benches[64] = {NULL};
    char name[32];
    for (size_t i = 0; i < count; i++)
        benches[i] = rows[i].bench;
    const size_t from = weft_bench_pays_from(benches, count);
    printf("%s: %s ", rows[0].network, side_name(&benches[0]->sides[0], name, sizeof name));
    if (from == count) {
        printf("does not pay off at batch size %zu\n", benches[count - 1]->largest);
        return;
    }
    printf("is faster from batch size %zu up; there it ", benches[from]->largest);
    print_break_even(&benches[from]->sides[0]);
    printf("\n");
}

static void print_sweep(const struct bench_report *report)
{
    printf("preset %s, %zu samples, %zu rounds\n\n", report->preset, report->rows[0].bench->samples,
           report->rows[0].bench->rounds);
    print_heading(report->rows[0].bench);
    for (size_t i = 0; i < report->count; i++)
        print_row(&report->rows[i]);
    printf("\n");
    if (report->rows[0].bench->side_count == 1)
        printf("no speed-up: there is only one side\n");
    else
        for (size_t i = 0; i < report->count; i += report->group)
            print_pays_from(&report->rows[i], report->group);
}

void bench_report_text(const struct bench_report *report)
{
    if (report->sweep)
        print_sweep(report);
    else
        print_bench(report->preset, report->rows);
}
