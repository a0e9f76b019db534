/* Implements weft embed, which makes a two-dimensional map of samples and saves it as CSV. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "byte_size.h"
#include "data_options.h"
#include "device_option.h"
#include "interrupt.h"
#include "message.h"
#include "output.h"
#include "platform.h"
#include "status_line.h"
#include "weft_embed.h"

/* All state of one run of the command. */
struct embed_job {
    const struct command_line *line; /* borrowed */
    struct weft_embed_options options;
    size_t layer;                       /* of the model, from 1; 0: the features */
    size_t wanted;                      /* samples to choose; 0: all */
    struct weft_model *model;           /* owned; NULL without --model */
    struct weft_data_sets sets;         /* owned; for data without a model */
    struct weft_dataset *for_model;     /* owned; for data with a model */
    const struct weft_dataset *dataset; /* borrowed: the part that is embedded */
    struct weft_dataset_info info;      /* of the data */
    struct device_in_use device;        /* owned */
    size_t samples, features;           /* of the map: chosen samples, features or units */
    size_t *rows;                       /* [samples] owned: their numbers in the data */
    float *x;                           /* [samples][features] owned */
    float *coordinates;                 /* [samples][2] owned */
    struct weft_embedding embedding;
    double bytes; /* of memory, at most */
    struct status_line status;
};

/* ---- options ---- */

static enum weft_status read_words(const struct command_line *line,
                                   struct weft_embed_options *options)
{
    unsigned method = options->method, scale = options->scale;
    TRY(option_word(line, OPTION_METHOD, &method));
    TRY(option_word(line, OPTION_MAP_SCALE, &scale));
    options->method = (enum weft_embed_method)method;
    options->scale = (enum weft_scale)scale;
    return WEFT_OK;
}

static enum weft_status check_pca(const struct command_line *line)
{
    static const enum option of_tsne[] = {OPTION_PERPLEXITY, OPTION_ITERATIONS};
    for (size_t i = 0; i < sizeof of_tsne / sizeof *of_tsne; i++)
        if (option_given(line, of_tsne[i]))
            return complain(WEFT_ERROR_USAGE, "--%s: only t-SNE uses it",
                            app_options[of_tsne[i]].name);
    return WEFT_OK;
}

/* Rejects everything that can be rejected without reading data. */
static enum weft_status read_options(struct embed_job *job)
{
    enum { MOST_ITERATIONS = 1000000, MOST_LAYER = WEFT_MAX_HIDDEN + 1 };
    const struct command_line *line = job->line;
    const char *output;
    size_t seed = 0;
    weft_embed_options_init(&job->options);
    TRY(option_require(line, OPTION_MAP, &output));
    TRY(read_words(line, &job->options));
    TRY(option_real(line, OPTION_PERPLEXITY, 1.0, 1e6, &job->options.perplexity));
    TRY(option_number(line, OPTION_ITERATIONS, 1, MOST_ITERATIONS, &job->options.iterations));
    TRY(option_number(line, OPTION_MAP_SEED, 0, SIZE_MAX, &seed));
    TRY(option_number(line, OPTION_CHOOSE, 1, UINT32_MAX, &job->wanted));
    TRY(option_number(line, OPTION_LAYER, 1, MOST_LAYER, &job->layer));
    job->options.seed = seed;
    if (job->options.method == WEFT_EMBED_PCA)
        TRY(check_pca(line));
    if (option_given(line, OPTION_LAYER) && !option_given(line, OPTION_MODEL))
        return complain(WEFT_ERROR_USAGE, "--layer: needs --model");
    TRY(output_check_ending(output, "a map is a table, and 'weft plot embedding' draws it",
                            ".csv"));
    return told(weft_model_check_path(output));
}

/* ---- data ---- */

/* Reads the model and settles the layer: the last hidden layer unless --layer is given. */
static enum weft_status open_model(struct embed_job *job)
{
    const char *path = option_value(job->line, OPTION_MODEL);
    struct weft_model_info info;
    if (path == NULL)
        return WEFT_OK;
    TRY(told(weft_model_read(path, &job->model)));
    weft_model_get_info(job->model, &info);
    if (job->layer == 0)
        job->layer = info.layers > 1 ? info.layers - 1 : 1;
    if (job->layer > info.layers)
        return complain(WEFT_ERROR_USAGE, "--layer %zu: the model has the layers 1 to %zu",
                        job->layer, info.layers);
    return WEFT_OK;
}

static enum weft_status open_data(struct embed_job *job)
{
    if (job->model != NULL) {
        TRY(data_open_set(job->line, false, job->model, &job->for_model));
        job->dataset = job->for_model;
    } else {
        TRY(data_open_any(job->line, &job->sets, &job->dataset));
    }
    weft_dataset_get_info(job->dataset, &job->info);
    /* The columns of a table have different units, and the largest numbers would decide alone. */
    if (!option_given(job->line, OPTION_MAP_SCALE) && job->model == NULL &&
        job->info.feature_names != NULL)
        job->options.scale = WEFT_SCALE_STANDARD;
    return WEFT_OK;
}

static enum weft_status no_memory(size_t rows, size_t columns)
{
    return complain(WEFT_ERROR_MEMORY, "a map of %zu samples of %zu numbers: no memory", rows,
                    columns);
}

/* Copies the features of the chosen samples. */
static enum weft_status choose(struct embed_job *job)
{
    const size_t features = job->info.features;
    job->samples = job->wanted > 0 ? job->wanted : job->info.samples;
    if (job->samples > job->info.samples)
        return complain(WEFT_ERROR_USAGE, "--samples %zu: %s has %zu samples", job->samples,
                        job->info.name, job->info.samples);
    job->features = features;
    job->rows = calloc(job->samples, sizeof *job->rows);
    job->x = calloc(job->samples, features * sizeof *job->x);
    job->coordinates = calloc(job->samples, 2 * sizeof *job->coordinates);
    if (job->rows == NULL || job->x == NULL || job->coordinates == NULL)
        return no_memory(job->samples, features);
    TRY(told(weft_embed_choose(job->dataset, job->samples, job->options.seed, job->rows)));
    for (size_t i = 0; i < job->samples; i++)
        TRY(told(weft_dataset_read(job->dataset, job->rows[i], 1, job->x + i * features)));
    return WEFT_OK;
}

/* Replaces the features by the activations of the layer. */
static enum weft_status compute_activations(struct embed_job *job)
{
    struct weft_model_info info;
    weft_model_get_info(job->model, &info);
    const size_t units = info.widths[job->layer];
    float *activations = calloc(job->samples, units * sizeof *activations);
    if (activations == NULL)
        return no_memory(job->samples, units);
    const enum weft_status status = weft_model_activations(job->device.handle, job->model, job->x,
                                                           job->samples, job->layer, activations);
    free(job->x);
    job->x = activations;
    job->features = units;
    device_say_note(&job->device);
    return told(status);
}

/* ---- the map ---- */

static int on_progress(void *user, const struct weft_embed_progress *now)
{
    struct embed_job *job = user;
    if (now->iteration == 0)
        status_line_show(&job->status, "neighbors of %zu/%zu samples", now->searched, now->samples);
    else
        status_line_show(&job->status, "iteration %zu/%zu: divergence %.4f", now->iteration,
                         now->iterations, now->divergence);
    return interrupt_signal() != 0;
}

/* Returns how many numbers the data hold in memory: all sets, whichever is embedded. */
static double numbers_held(const struct embed_job *job)
{
    const struct weft_dataset *sets[] = {job->sets.train, job->sets.test, job->for_model};
    double numbers = 0.0;
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        struct weft_dataset_info info;
        if (sets[i] == NULL)
            continue;
        weft_dataset_get_info(sets[i], &info);
        numbers += (double)info.samples * (double)info.features;
    }
    return numbers;
}

/* Checks the options with the numbers of samples and features, and tells the memory. */
static enum weft_status check_size(struct embed_job *job)
{
    struct weft_model_info model;
    size_t width = job->features;
    if (job->model != NULL) {
        weft_model_get_info(job->model, &model);
        width = model.widths[job->layer];
    }
    TRY(told(weft_embed_check(&job->options, job->samples, width, &job->bytes)));
    const double chosen = (double)job->samples * (double)job->features;
    const double units = job->model != NULL ? (double)job->samples * (double)width : 0.0;
    job->bytes += (numbers_held(job) + chosen + units) * sizeof *job->x;
    char memory[BYTE_SIZE_TEXT];
    if (!option_given(job->line, OPTION_QUIET))
        say(NULL, "embedding %zu samples of %zu %s with at most %s of memory", job->samples, width,
            job->model != NULL ? "units" : "features",
            byte_size_format((uint64_t)fmin(job->bytes, 0x1p63), memory));
    return WEFT_OK;
}

static enum weft_status make_map(struct embed_job *job)
{
    job->options.progress = on_progress;
    job->options.user = job;
    job->status.shown = platform_seconds();
    interrupt_defer();
    const enum weft_status status =
        weft_embed(job->device.handle, job->x, job->samples, job->features, &job->options,
                   job->coordinates, &job->embedding);
    status_line_wipe(&job->status);
    if (job->device.handle != NULL)
        device_say_note(&job->device);
    TRY(told(status));
    if (job->embedding.stopped && job->embedding.iterations == 0)
        say(NULL, "Interrupted before the first iteration. Nothing was saved.");
    else if (job->embedding.stopped)
        say(NULL, "Interrupted after iteration %zu of %zu. The map so far is saved.",
            job->embedding.iterations, job->options.iterations);
    return WEFT_OK;
}

/* Saves the map with a label for each sample: its class, or its first target. */
static enum weft_status save(const struct embed_job *job)
{
    const struct weft_embed_table table = {.samples = job->samples,
                                           .coordinates = job->coordinates,
                                           .rows = job->rows,
                                           .labels = job->info.labels,
                                           .class_names = job->info.class_names,
                                           .targets = job->info.targets,
                                           .target_count = job->info.classes};
    return told(weft_embed_write(&table, option_value(job->line, OPTION_MAP)));
}

/* ---- the report ---- */

static enum weft_status report_json(const struct embed_job *job)
{
    const struct weft_embedding *map = &job->embedding;
    const bool pca = job->options.method == WEFT_EMBED_PCA;
    const json_int_t samples = (json_int_t)job->samples, features = (json_int_t)job->features;
    json_t *object = json_pack(
        "{s:s, s:s, s:o, s:I, s:I, s:o, s:I, s:o, s:o, s:o, s:b, s:o}", "command", "embed",
        "method", app_options[OPTION_METHOD].words[job->options.method], "device",
        pca ? json_null() : output_text(job->device.info.name), "samples", samples, "features",
        features, "layer", job->model != NULL ? json_integer((json_int_t)job->layer) : json_null(),
        "seed", (json_int_t)job->options.seed, "seconds",
        output_number(platform_seconds() - job->line->started), "embed_seconds",
        output_number(map->seconds), "memory_bytes", output_number(job->bytes), "stopped",
        map->stopped, "output", output_text(option_value(job->line, OPTION_MAP)));
    if (object != NULL && pca)
        json_object_set_new(
            object, "variance",
            json_pack("[o, o]", output_number(map->variance[0]), output_number(map->variance[1])));
    if (object != NULL && !pca) {
        json_object_set_new(object, "divergence", output_number(map->divergence));
        json_object_set_new(object, "perplexity", output_number(map->perplexity));
        json_object_set_new(object, "neighbors", json_integer((json_int_t)map->neighbors));
        json_object_set_new(object, "iterations", json_integer((json_int_t)map->iterations));
        json_object_set_new(object, "learning_rate", output_number(map->learning_rate));
    }
    return output_json(stdout, object, OUTPUT_DOUBLE);
}

static enum weft_status report(const struct embed_job *job)
{
    const struct weft_embedding *map = &job->embedding;
    if (option_given(job->line, OPTION_JSON))
        TRY(report_json(job));
    else if (job->options.method == WEFT_EMBED_PCA)
        printf("variance %.1f %% and %.1f %%, %.1f s\n", 100.0 * map->variance[0],
               100.0 * map->variance[1], map->seconds);
    else
        printf("divergence %.4f after %zu iterations, %.1f s\n", map->divergence, map->iterations,
               map->seconds);
    return output_flush();
}

/* ---- the steps ---- */

static enum weft_status run_steps(struct embed_job *job)
{
    TRY(read_options(job));
    TRY(open_model(job));
    TRY(open_data(job));
    TRY(choose(job));
    TRY(check_size(job));
    if (job->model != NULL || job->options.method == WEFT_EMBED_TSNE)
        TRY(device_open(job->line, true, &job->device));
    if (job->model != NULL)
        TRY(compute_activations(job));
    TRY(make_map(job));
    if (job->embedding.stopped && job->embedding.iterations == 0)
        return WEFT_OK;
    TRY(save(job));
    return report(job);
}

static int run(const struct command_line *line)
{
    struct embed_job job = {.line = line, .status.quiet = option_given(line, OPTION_QUIET)};
    const enum weft_status status = run_steps(&job);
    free(job.coordinates);
    free(job.x);
    free(job.rows);
    weft_device_destroy(job.device.handle);
    weft_dataset_destroy(job.for_model);
    weft_data_sets_reset(&job.sets);
    weft_model_destroy(job.model);
    return status == WEFT_OK && interrupt_signal() != 0 ? 128 + interrupt_signal() : (int)status;
}

const struct command embed_command = {
    .name = "embed",
    .bit = COMMAND_EMBED,
    .summary = "Make a two-dimensional map of samples",
    .usage = "[OPTIONS] --data WHAT [--model FILE] -o FILE.csv",
    .example = "weft embed --data fashion-mnist --samples 3000 -o map.csv",
    .run = run};
