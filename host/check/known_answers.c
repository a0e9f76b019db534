/* The known-answer test before a training run. It is quick, small, and exact where it can be. */
#include <stdio.h>

#include "base/digest.h"
#include "base/memory.h"
#include "base/random.h"
#include "check/check_cases.h"
#include "check/check_suite.h"
#include "record/record.h"

/* Odd sizes that exceed one work-group in both directions. */
enum { KERNEL_ROWS = 67, KERNEL_COLUMNS = 19, WIDE_COLUMNS = CHECK_WIDE + KERNEL_COLUMNS };
static const uint64_t known_answer_seed = 1;

/* A test in progress. Everything is borrowed. */
struct known_answers {
    struct weft_device *device;
    const struct check_plan *plan;
    struct check_result *fault; /* may be NULL */
};

/* Fails with WEFT_ERROR_WRONG_RESULT and all that a report needs, unless the result is right. */
static enum weft_status verdict(const struct known_answers *test, const struct check_result *result)
{
    char text[RESULT_TEXT_SIZE];
    if (result->ok)
        return WEFT_OK;
    if (test->fault != NULL)
        *test->fault = *result;
    result_to_text(result, text);
    return fail(WEFT_ERROR_WRONG_RESULT,
                "%s (driver %s): known-answer test: %s: this device computes wrong results",
                test->device->info.name, test->device->info.driver, text);
}

static bool is_of_samples(enum primitive primitive)
{
    return primitive == PRIMITIVE_STANDARDIZE_ROWS || primitive == PRIMITIVE_GATHER_ROWS ||
           primitive == PRIMITIVE_GATHER_BYTE_ROWS || primitive == PRIMITIVE_GATHER_IMAGES ||
           primitive == PRIMITIVE_GATHER_BYTE_IMAGES;
}

static bool is_of_outputs(enum primitive primitive)
{
    return primitive == PRIMITIVE_SOFTMAX_ROWS || primitive == PRIMITIVE_SOFTMAX_CROSS_ENTROPY ||
           primitive == PRIMITIVE_SIGMOID_CROSS_ENTROPY ||
           primitive == PRIMITIVE_IDENTITY_SQUARED_ERROR;
}

/* Returns the number of columns to test a primitive with. Samples are as wide as those of the run.
 * Losses have its number of outputs, because devices may run another kernel for few outputs. */
static size_t test_columns(const struct check_plan *plan, enum primitive primitive)
{
    if (is_of_outputs(primitive))
        return network_outputs(plan->network);
    return is_of_samples(primitive) && check_plan_is_wide(plan) ? WIDE_COLUMNS : KERNEL_COLUMNS;
}

static enum weft_status kernel_test(const struct known_answers *test, enum primitive primitive,
                                    int variant)
{
    struct check_result result;
    TRY(check_primitive(test->device, primitive, KERNEL_ROWS, test_columns(test->plan, primitive),
                        CHECK_ORDINARY, variant, known_answer_seed, &result));
    return verdict(test, &result);
}

/* Whether the run of the plan may launch a variant. Variants share a kernel, except optimizers. */
static bool launches(const struct check_plan *plan, enum primitive primitive, int variant)
{
    const bool other_optimizer = plan->primitives != 0 &&
                                 primitive == PRIMITIVE_PARAMETERS_UPDATE &&
                                 variant != (int)plan->optimizer.kind;
    return primitive != PRIMITIVE_PRODUCT && !other_optimizer &&
           check_plan_launches(plan, primitive);
}

static enum weft_status kernels_test(const struct known_answers *test)
{
    for (int p = 0; p < PRIMITIVE_COUNT; p++)
        for (int v = 0; v < check_primitive_variants((enum primitive)p); v++)
            if (launches(test->plan, (enum primitive)p, v))
                TRY(kernel_test(test, (enum primitive)p, v));
    return WEFT_OK;
}

/* Tests operands at the start of their arrays and at an offset, where CLBlast runs other
 * kernels. */
static enum weft_status product_test(const struct known_answers *test, struct product_shape shape)
{
    for (; shape.offset <= 64; shape.offset += 64) {
        struct check_result result;
        TRY(check_product_exact(test->device, &shape, known_answer_seed, &result));
        TRY(verdict(test, &result));
    }
    return WEFT_OK;
}

static enum weft_status products_test(const struct known_answers *test)
{
    struct product_shape *shapes = NULL;
    size_t count = 0;
    TRY(check_plan_products(test->plan, &shapes, &count));
    enum weft_status status = WEFT_OK;
    for (size_t i = 0; i < count && status == WEFT_OK; i++)
        status = product_test(test, shapes[i]);
    memory_free(shapes);
    return status;
}

/* Returns a digest of all that decides what is tested. It is never 0. */
static uint64_t plan_digest(const struct check_plan *plan)
{
    const struct network *network = plan->network;
    const uint64_t numbers[] = {
        plan->batches[0],        plan->batches[1],      plan->batches[2],
        plan->batches[3],        plan->slices,          plan->block,
        plan->objective.article, plan->targets.dense,   plan->targets.each,
        plan->products,          plan->primitives,      plan->product_layers,
        plan->passes_follow,     plan->optimizer.kind,  network->head,
        network->layer_count,    network->weight_count, network->parameter_count,
        network->statistic_count};
    uint64_t digest = digest_bytes(DIGEST_START, numbers, sizeof numbers);
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct dense_layer *layer = &network->layers[l];
        const uint64_t each[] = {layer->inputs, layer->activation, layer->dropout > 0.0f};
        digest = digest_bytes(digest, each, sizeof each);
    }
    return digest | 1u;
}

/* ---- steps ---- */

static enum weft_status tiny_steps_test(const struct known_answers *test, enum weft_gemm products)
{
    struct check_plan plan = *test->plan;
    struct check_result fault;
    plan.products = products;
    plan.seed = known_answer_seed;
    TRY(check_tiny_steps(test->device, &plan, &fault));
    return verdict(test, &fault);
}

/* Tests one step of the network itself on a few samples, because a device may run networks of other
 * shapes in other kernels. Large networks skip this test: their reference takes time, and they run
 * the same products in any shape. */
static enum weft_status own_step_test(const struct known_answers *test, float *parameters)
{
    enum { SAMPLES = 67 };
    const struct check_plan *plan = test->plan;
    const struct network *network = plan->network;
    const struct random_stream biases = {known_answer_seed, RANDOM_CHECK, 2};
    const bool penalty = check_plan_launches(plan, PRIMITIVE_PENALTY_TERMS);
    const size_t whole = plan->batches[0] * size_max(plan->slices, 1);
    struct check_result fault;
    const struct check_sink sink = first_fault_sink(&fault);
    const struct check_plan step = {
        .network = network,
        .parameters = parameters,
        .batches = {size_min(whole, SAMPLES), 0},
        .slices = plan->slices,
        .objective = {WEFT_REDUCTION_MEAN, penalty ? 0.02 : 0.0, penalty ? 0.05 : 0.0,
                      plan->objective.article, network_outputs(network)},
        .primitives = plan->primitives,
        .targets = {plan->targets.dense, plan->targets.each, .share = 0.9f, .spread = 0.01f},
        .optimizer = plan->optimizer,
        .learning_rate = 0.3,
        .products = plan->products,
        .steps = 1,
        .seed = known_answer_seed};
    network_initialize(network, WEFT_INIT_GLOROT, known_answer_seed, parameters);
    for (size_t i = network->weight_count; i < network->parameter_count; i++)
        parameters[i] = random_uniform(biases, i, -0.5f, 0.5f);
    TRY(check_network_steps(test->device, &step, &sink));
    return verdict(test, &fault);
}

/* Steps that run in other kernels leave what follows the products of evaluations untested. Tests it
 * as for forward passes alone. */
static enum weft_status passes_test(const struct known_answers *test)
{
    struct check_plan plan = *test->plan;
    const struct known_answers passes = {test->device, &plan, test->fault};
    const bool tested = plan.product_layers == plan.network->layer_count;
    if (!plan.passes_follow || plan.batches[0] == 0 || tested)
        return WEFT_OK;
    plan.batches[0] = 0;
    plan.slices = 1;
    return tiny_steps_test(&passes, plan.products);
}

static enum weft_status steps_test(const struct known_answers *test)
{
    enum { LARGEST = 1 << 18 };
    const struct check_plan *plan = test->plan;
    const size_t count = plan->network->value_count;
    float *parameters = NULL;
    if (!check_plan_launches(plan, PRIMITIVE_METRICS_SUM)) /* no network runs */
        return WEFT_OK;
    TRY(tiny_steps_test(test, plan->products));
    TRY(passes_test(test));
    if (plan->products == WEFT_GEMM_AUTO && record_last_tuning(test->device->record) != NULL) {
        /* A tuned device may choose either engine for the given network. */
        TRY(tiny_steps_test(test, WEFT_GEMM_CLBLAST));
        TRY(tiny_steps_test(test, WEFT_GEMM_OWN));
    }
    if (plan->batches[0] == 0 || count > LARGEST)
        return WEFT_OK;
    TRY(NEW_ARRAY(parameters, count));
    const enum weft_status status = own_step_test(test, parameters);
    memory_free(parameters);
    return status;
}

/* ---- repair ---- */

/* What happened to a device while other engines were tried. */
struct repair_story {
    size_t tries;           /* number of repairs so far */
    bool computed;          /* whether an engine ran and computed a wrong result */
    char first_fault[1024]; /* one line */
    struct record_repair
        repair; /* engines that computed wrong results, else those that did not run */
};

/* Adds a repair. An engine that did not run may have lacked memory for the moment. Once an engine
 * computes wrong results, only such engines are reported and remembered, with those of earlier
 * runs. */
static void story_add(struct repair_story *story, const struct weft_device *device,
                      enum weft_status fault, const char *line, const struct repair_change *change)
{
    struct record_repair *repair = &story->repair;
    const struct record_repair *last = record_last_repair(device->record);
    const bool computed = fault == WEFT_ERROR_WRONG_RESULT;
    if (story->tries == 0)
        snprintf(story->first_fault, sizeof story->first_fault, "%s", line);
    if (story->tries == 0 || (computed && !story->computed)) {
        snprintf(repair->wrong, sizeof repair->wrong, "%s",
                 computed && last != NULL ? last->wrong : "");
        snprintf(repair->fault, sizeof repair->fault, "%.383s", line);
    }
    if (computed || !story->computed)
        record_repair_add(repair, change->wrong);
    snprintf(repair->use, sizeof repair->use, "%s", change->use);
    snprintf(repair->setting, sizeof repair->setting, "%s", change->setting);
    story->computed = story->computed || computed;
    story->tries++;
}

/* Describes a successful repair, for the user and for later runs. */
static void story_tell(struct repair_story *story, struct weft_device *device)
{
    struct record_repair *repair = &story->repair;
    clock_date(repair->date);
    if (!story->computed) {
        snprintf(device->info.note, sizeof device->info.note,
                 "%.120s does not run; using %s: %.260s", repair->wrong, repair->use,
                 repair->fault);
        return;
    }
    record_repair_text(repair, device->info.note, sizeof device->info.note);
    record_set_repair(device->record, repair);
}

/* Tests products, then steps. `*step` tells which failed. */
static enum weft_status engines_test(const struct known_answers *test, bool *step)
{
    *step = false;
    TRY(products_test(test));
    *step = true;
    return steps_test(test);
}

/* Replaces the engine that failed. If a step by single operations is wrong and can be repaired at
 * all, a product is wrong. The last product is as good a guess as any. */
static enum weft_status engine_replace(struct weft_device *device, enum weft_status fault,
                                       bool step, struct repair_change *change)
{
    const struct backend *backend = device->backend;
    const enum weft_status status = backend->repair(device, step, change);
    const bool products = step && status == WEFT_ERROR_WRONG_RESULT && fault == status;
    return products ? backend->repair(device, false, change) : status;
}

/* Tests the products and steps, and tries other engines as long as they are wrong or do not run. If
 * none is left, it returns the first fault. */
static enum weft_status engines_repaired(const struct known_answers *test)
{
    struct weft_device *device = test->device;
    struct check_plan plan = *test->plan;
    const struct known_answers tested = {device, &plan, test->fault};
    struct repair_story story = {.tries = 0};
    for (;;) {
        bool step = false;
        const enum weft_status fault = engines_test(&tested, &step);
        const bool repairable = fault == WEFT_ERROR_WRONG_RESULT || fault == WEFT_ERROR_DEVICE;
        if (fault == WEFT_OK && story.tries > 0) {
            TRY(kernels_test(&tested));
            story_tell(&story, device);
        }
        if (!repairable || device->backend->repair == NULL)
            return fault;
        char line[sizeof story.first_fault]; /* a copy of the error line, before it changes */
        struct repair_change change = {.setting = ""};
        snprintf(line, sizeof line, "%s", weft_error());
        const enum weft_status status = engine_replace(device, fault, step, &change);
        if (status == WEFT_ERROR_WRONG_RESULT)
            return fail(fault, "%s", story.tries > 0 ? story.first_fault : line);
        TRY(status);
        if (plan.primitives != 0) /* another engine may launch other primitives */
            check_plan_narrow(device, &plan);
        story_add(&story, device, fault, line, &change);
    }
}

enum weft_status known_answer_test(struct weft_device *device, const struct check_plan *plan,
                                   struct check_result *fault)
{
    const struct known_answers test = {device, plan, fault};
    const uint64_t digest = plan_digest(plan);
    if (device->known_answers == digest)
        return WEFT_OK;
    TRY(kernels_test(&test));
    TRY(engines_repaired(&test));
    device->known_answers = digest;
    return WEFT_OK;
}
