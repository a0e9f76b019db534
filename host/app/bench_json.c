/* Prints benchmarks as JSON: one object for a benchmark, an array of such objects for a sweep. */
#include "bench_report.h"
#include "message.h"
#include "output.h"
#include "weft_device.h"

static json_t *startup_json(const struct weft_bench_startup *startup)
{
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o}", "platform", output_number(startup->platform_seconds),
        "build_cold", output_number(startup->build_cold_seconds), "build_warm",
        output_number(startup->build_warm_seconds), "check", output_number(startup->check_seconds),
        "upload", output_number(startup->upload_seconds));
}

static json_t *operations_json(const struct weft_bench_side *side)
{
    json_t *operations = json_array();
    for (size_t i = 0; i < side->operation_count; i++)
        json_array_append_new(operations,
                              json_pack("{s:s, s:o}", "name", side->operations[i].name, "seconds",
                                        output_number(side->operations[i].seconds)));
    return operations;
}

/* Converts a size in bytes. An unknown size becomes null, not 0. */
static json_t *bytes_json(uint64_t bytes)
{
    return bytes > 0 ? json_integer((json_int_t)bytes) : json_null();
}

static json_t *side_json(const struct weft_bench_side *side)
{
    json_t *epoch = json_pack(
        "{s:o, s:o, s:o}", "median", output_number(side->median_epoch_seconds), "min",
        output_number(side->min_epoch_seconds), "max", output_number(side->max_epoch_seconds));
    json_t *break_even = json_pack("{s:o, s:o}", "cold", output_number(side->break_even_cold),
                                   "warm", output_number(side->break_even_warm));
    return json_pack(
        "{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "backend",
        side->device.opencl ? "opencl" : "cpu", "device", output_text(side->device.name),
        "startup_seconds", startup_json(&side->startup), "first_epoch_seconds",
        output_number(side->first_epoch_seconds), "epoch_seconds", epoch, "samples_per_second",
        output_number(side->samples_per_second), "gflops", output_number(side->gflops),
        "ceiling_gflops", output_number(side->ceiling_gflops), "ceiling_share",
        output_number(side->gflops / side->ceiling_gflops), "error", output_number(side->error),
        "host_bytes", bytes_json(side->host_bytes), "device_bytes", bytes_json(side->device_bytes),
        "speedup", output_number(side->speedup), "break_even_epochs", break_even, "operations",
        operations_json(side));
}

static json_t *bench_json(const char *preset, const struct bench_row *row)
{
    const struct weft_bench *bench = row->bench;
    json_t *sides = json_array();
    for (size_t s = 0; s < bench->side_count; s++)
        json_array_append_new(sides, side_json(&bench->sides[s]));
    return json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:o, s:I, s:o, s:o, s:o, s:o}", "command",
                     "bench", "preset", preset, "network", row->network, "samples",
                     (json_int_t)bench->samples, "batches", (json_int_t)bench->batches,
                     "batch_size", (json_int_t)bench->largest, "epoch_gflop",
                     output_number(bench->epoch_gflop), "rounds", (json_int_t)bench->rounds,
                     "disagreement", output_number(bench->disagreement), "disagreement_limit",
                     output_number(bench->disagreement_limit), "sides", sides, "speedup",
                     output_number(bench->sides[0].speedup));
}

/* Describes one network: {"network":"784-50-10","batch_size":96|null} */
static json_t *pays_from_json(const struct bench_row *rows, size_t count)
{
    const struct weft_bench *benches[64] = {NULL};
    for (size_t i = 0; i < count; i++)
        benches[i] = rows[i].bench;
    const size_t from = weft_bench_pays_from(benches, count);
    return json_pack("{s:s, s:o}", "network", rows[0].network, "batch_size",
                     from < count ? json_integer((json_int_t)benches[from]->largest) : json_null());
}

static json_t *sweep_json(const struct bench_report *report)
{
    json_t *rows = json_array(), *pays = json_array();
    for (size_t i = 0; i < report->count; i++)
        json_array_append_new(rows, bench_json(report->preset, &report->rows[i]));
    for (size_t i = 0; i < report->count; i += report->group)
        json_array_append_new(pays, pays_from_json(&report->rows[i], report->group));
    return json_pack("{s:s, s:s, s:o, s:o}", "command", "bench", "preset", report->preset, "sweep",
                     rows, "pays_from", pays);
}

enum weft_status bench_report_json(const struct bench_report *report)
{
    return output_json(
        stdout, report->sweep ? sweep_json(report) : bench_json(report->preset, report->rows),
        OUTPUT_DOUBLE);
}
