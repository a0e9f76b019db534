/* Lists the matrix products of a network and the engines that may compute them. See
 * candidates.h. */
#include "tune/candidates.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "backend/primitive.h"
#include "base/memory.h"
#include "bench/figures.h"
#include "weft_device.h"

/* ---- matrix products ---- */

static double operations_of(const struct record_product *product)
{
    return 2.0 * (double)product->m * (double)product->n * (double)product->k;
}

/* Adds a product, keeping the list sorted by work and free of duplicates. When the list is full,
 * the smallest product is dropped. */
static void product_add(struct record_product *products, size_t *count, enum product_form form,
                        size_t m, size_t n, size_t k)
{
    struct record_product product = {.m = m, .n = n, .k = k};
    snprintf(product.form, sizeof product.form, "%s", product_form_name(form));
    size_t at = 0;
    while (at < *count && operations_of(&products[at]) >= operations_of(&product)) {
        if (memcmp(&products[at], &product, sizeof product) == 0)
            return;
        at++;
    }
    if (at == RECORD_PRODUCTS)
        return;
    *count = size_min(*count + 1, RECORD_PRODUCTS);
    memmove(&products[at + 1], &products[at], (*count - at - 1) * sizeof *products);
    products[at] = product;
}

size_t tune_products(const struct tune_job *job, size_t layers, struct record_product *products)
{
    const struct network *network = job->network;
    size_t count = 0;
    for (size_t l = 0; l < network->layer_count; l++) {
        const size_t inputs = network->layers[l].inputs, outputs = network->layers[l].outputs;
        product_add(products, &count, PRODUCT_FORWARD, job->block, outputs, inputs);
        if (l >= layers)
            continue;
        product_add(products, &count, PRODUCT_FORWARD, job->batch, outputs, inputs);
        product_add(products, &count, PRODUCT_WEIGHT_GRADIENT, outputs, inputs, job->batch);
        if (l > 0)
            product_add(products, &count, PRODUCT_DELTA, job->batch, inputs, outputs);
    }
    return count;
}

/* ---- candidates ---- */

static void product_candidate(const struct record_product *product,
                              const struct tune_algorithm *algorithm,
                              struct tune_candidate *candidate)
{
    struct weft_tune_candidate *told = &candidate->told;
    candidate->product = *product;
    candidate->algorithm = *algorithm;
    candidate->operations = operations_of(product);
    memcpy(candidate->product.engine, algorithm->engine, sizeof algorithm->engine);
    memcpy(told->product, product->form, sizeof told->product);
    snprintf(told->shape, sizeof told->shape, "%zux%zux%zu", (size_t)product->m, (size_t)product->n,
             (size_t)product->k);
    snprintf(told->candidate, sizeof told->candidate, "%s%s%s", algorithm->engine,
             algorithm->setting[0] != '\0' ? " " : "", algorithm->setting);
}

/* Lists the candidates of the training step. There are none if the step can run in only one way, or
 * if the description of the network is too long for the record. */
static size_t step_candidates(const struct tune_job *job, const struct tune_survey *survey,
                              struct tune_candidate *candidates)
{
    struct record_step step = {.batch = job->batch};
    if (!survey->fusible || !network_to_text(job->network, step.network, sizeof step.network))
        return 0;
    for (int fused = 0; fused <= 1; fused++) {
        struct tune_candidate *candidate = &candidates[fused];
        struct weft_tune_candidate *told = &candidate->told;
        candidate->step = step;
        candidate->step.fused = fused;
        candidate->operations = epoch_operations(job->network, job->batch);
        snprintf(told->product, sizeof told->product, "step");
        snprintf(told->shape, sizeof told->shape, "%s in batches of %zu", step.network, job->batch);
        snprintf(told->candidate, sizeof told->candidate, "%s", fused ? "fused" : "unfused");
    }
    return 2;
}

enum weft_status tune_candidates_create(const struct tune_job *job,
                                        const struct tune_survey *survey,
                                        struct tune_candidate **candidates, size_t *count)
{
    size_t used = 0;
    TRY(NEW_ARRAY(*candidates, survey->product_count * TUNE_ALGORITHMS + 2));
    for (size_t p = 0; p < survey->product_count; p++)
        for (size_t w = 0; w < survey->counts[p]; w++, used++) {
            product_candidate(&survey->products[p], &survey->algorithms[p][w],
                              &(*candidates)[used]);
            (*candidates)[used].group = p;
        }
    const size_t steps = step_candidates(job, survey, *candidates + used);
    for (size_t i = 0; i < steps; i++)
        (*candidates)[used + i].group = survey->product_count;
    *count = used + steps;
    for (size_t i = 0; i < *count; i++) {
        struct weft_tune_candidate *told = &(*candidates)[i].told;
        told->gflops = (double)NAN;
        snprintf(told->verdict, sizeof told->verdict, "not measured: out of time");
    }
    return WEFT_OK;
}

bool tune_candidate_is_plain(const struct tune_candidate *candidate)
{
    return strcmp(candidate->algorithm.engine, "plain") == 0;
}

int tune_candidate_turn(const struct tune_candidate *candidate, const char *device_type)
{
    static const char *const cpu[] = {"blocked", "clblast", "tiled"};
    static const char *const others[] = {"clblast", "tiled", "blocked"};
    const char *const *engines = strcmp(device_type, "cpu") == 0 ? cpu : others;
    int turn = 0;
    while (turn < TUNE_TURNS - 1 && strcmp(candidate->algorithm.engine, engines[turn]) != 0)
        turn++;
    return turn;
}

double tune_candidate_seconds(const struct tune_candidate *candidate)
{
    double seconds[TUNE_ROUNDS];
    if (candidate->rounds == 0 || candidate->out)
        return HUGE_VAL;
    memcpy(seconds, candidate->seconds, sizeof seconds);
    return spread_of(seconds, candidate->rounds).median;
}
