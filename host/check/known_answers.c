/* The known-answer test before a training: small, exact where it can be, and quick. */
#include <stdio.h>

#include "check/check.h"

/* Odd, and over one work-group in both directions. */
enum { KERNEL_ROWS = 67, KERNEL_COLUMNS = 19 };
static const uint64_t known_answer_seed = 1;

/* WEFT_ERROR_WRONG_RESULT with all that a report needs. */
static enum weft_status verdict(const struct weft_device *device, const struct check_result *result)
{
    if (result->ok)
        return WEFT_OK;
    return fail(WEFT_ERROR_WRONG_RESULT,
                "%s (driver %s): known-answer test: %s %s: %s, element %zu: got %.9g, need %.9g "
                "within %.3g: this device computes wrong results",
                device->info.name, device->info.driver, result->name, result->shape, result->array,
                result->index, result->got, result->want, result->bound);
}

static enum weft_status kernels_test(struct weft_device *device)
{
    for (int p = 0; p < PRIMITIVE_COUNT; p++) {
        struct check_result result;
        if (p == PRIMITIVE_PRODUCT)
            continue;
        TRY(check_primitive(device, (enum primitive)p, KERNEL_ROWS, KERNEL_COLUMNS, CHECK_ORDINARY,
                            0, known_answer_seed, &result));
        TRY(verdict(device, &result));
    }
    return WEFT_OK;
}

static enum weft_status product_test(struct weft_device *device, enum product_form form, size_t m,
                                     size_t n, size_t k)
{
    struct check_result result;
    TRY(check_product_exact(device, form, m, n, k, known_answer_seed, &result));
    return verdict(device, &result);
}

/* All products of the network at a training batch of `batch` samples. */
static enum weft_status training_products_test(struct weft_device *device,
                                               const struct network *network, size_t batch)
{
    for (size_t l = 0; l < network->layer_count && batch > 0; l++) {
        const size_t inputs = network->layers[l].inputs, outputs = network->layers[l].outputs;
        TRY(product_test(device, PRODUCT_FORWARD, batch, outputs, inputs));
        TRY(product_test(device, PRODUCT_WEIGHT_GRADIENT, outputs, inputs, batch));
        if (l > 0)
            TRY(product_test(device, PRODUCT_DELTA, batch, inputs, outputs));
    }
    return WEFT_OK;
}

static enum weft_status products_test(struct weft_device *device,
                                      const struct known_answer_plan *plan)
{
    const struct network *network = plan->network;
    for (size_t i = 0; i < sizeof plan->batches / sizeof *plan->batches; i++)
        TRY(training_products_test(device, network, plan->batches[i]));
    for (size_t l = 0; l < network->layer_count; l++)
        TRY(product_test(device, PRODUCT_FORWARD, plan->block, network->layers[l].outputs,
                         network->layers[l].inputs));
    return WEFT_OK;
}

/* Tests the products, and tries the device's other settings as long as they are wrong. */
static enum weft_status products_repaired(struct weft_device *device,
                                          const struct known_answer_plan *plan)
{
    for (;;) {
        enum weft_status status = products_test(device, plan);
        if (status != WEFT_ERROR_WRONG_RESULT || device->backend->products_repair == NULL)
            return status;
        char line[512];
        const char *setting = "";
        (void)snprintf(line, sizeof line, "%s", weft_error());
        status = device->backend->products_repair(device, &setting);
        if (status == WEFT_ERROR_WRONG_RESULT) /* no other is left: the first fault is the answer */
            return fail(WEFT_ERROR_WRONG_RESULT, "%s", line);
        TRY(status);
        if (plan->log != NULL) {
            plan->log(plan->log_user, line);
            (void)snprintf(line, sizeof line, "%s: products now by the setting \"%s\"",
                           device->info.name, setting);
            plan->log(plan->log_user, line);
        }
    }
}

enum weft_status known_answer_test(struct weft_device *device, const struct known_answer_plan *plan)
{
    struct check_result result;
    TRY(kernels_test(device));
    TRY(products_repaired(device, plan));
    TRY(check_step(device, plan->network->head,
                   plan->network->parameter_count > plan->network->weight_count,
                   plan->true_class_only, known_answer_seed, &result));
    return verdict(device, &result);
}
