/* The tuning in a record:
 *
 *   {"date": "2026-11-22", "setting": "cpu",
 *    "products": [{"form": "forward", "m": 2400, "n": 50, "k": 784, "engine": "blocked",
 *                  "gflops": 190.5}],
 *    "steps": [{"network": "784-50-10", "batch": 2400, "fused": true, "gflops": 120.0}]}
 *
 * Each product and each step is independent: a damaged entry is skipped, and the others remain
 * valid.
 */
#include <string.h>

#include "record/record_json.h"

/* ---- lists ---- */

static bool same_product(const struct record_product *a, const struct record_product *b)
{
    return strcmp(a->form, b->form) == 0 && a->m == b->m && a->n == b->n && a->k == b->k;
}

static bool same_step(const struct record_step *a, const struct record_step *b)
{
    return strcmp(a->network, b->network) == 0 && a->batch == b->batch;
}

/* Removes entry `at` of a list, or if no entry is there and the list is full, the oldest one.
 * Returns the place of a new entry, the last one. */
static size_t place_last(void *list, size_t entry_size, size_t limit, size_t at, size_t *count)
{
    if (at == limit)
        at = 0;
    char *entry = (char *)list + at * entry_size;
    if (at < *count)
        memmove(entry, entry + entry_size, (--*count - at) * entry_size);
    return (*count)++;
}

void record_tuning_add_product(struct record_tuning *tuning, const struct record_product *product)
{
    struct record_product *list = tuning->products;
    size_t at = 0;
    while (at < tuning->product_count && !same_product(&list[at], product))
        at++;
    list[place_last(list, sizeof *list, RECORD_PRODUCTS, at, &tuning->product_count)] = *product;
}

void record_tuning_add_step(struct record_tuning *tuning, const struct record_step *step)
{
    struct record_step *list = tuning->steps;
    size_t at = 0;
    while (at < tuning->step_count && !same_step(&list[at], step))
        at++;
    list[place_last(list, sizeof *list, RECORD_STEPS, at, &tuning->step_count)] = *step;
}

/* ---- reading ---- */

bool record_json_size(const json_t *object, const char *name, uint64_t *size)
{
    const json_t *member = json_object_get(object, name);
    if (!json_is_integer(member) || json_integer_value(member) < 1)
        return false;
    *size = (uint64_t)json_integer_value(member);
    return true;
}

bool record_json_rate(const json_t *object, double *gflops)
{
    const json_t *member = json_object_get(object, "gflops");
    *gflops = json_number_value(member);
    return json_is_number(member) && *gflops > 0.0;
}

static bool get_product(const json_t *object, struct record_product *product)
{
    return record_json_text(object, "form", product->form, sizeof product->form) &&
           record_json_size(object, "m", &product->m) &&
           record_json_size(object, "n", &product->n) &&
           record_json_size(object, "k", &product->k) &&
           record_json_text(object, "engine", product->engine, sizeof product->engine) &&
           record_json_rate(object, &product->gflops);
}

static bool get_step(const json_t *object, struct record_step *step)
{
    const json_t *fused = json_object_get(object, "fused");
    step->fused = json_is_true(fused);
    return record_json_text(object, "network", step->network, sizeof step->network) &&
           record_json_size(object, "batch", &step->batch) && json_is_boolean(fused) &&
           record_json_rate(object, &step->gflops);
}

bool record_json_get_tuning(const json_t *tree, struct record_tuning *tuning)
{
    const json_t *object = json_object_get(tree, "tuning");
    const json_t *products = json_object_get(object, "products");
    const json_t *steps = json_object_get(object, "steps");
    memset(tuning, 0, sizeof *tuning);
    if (!record_json_date(object, tuning->date) ||
        !record_json_text(object, "setting", tuning->setting, sizeof tuning->setting))
        return false;
    for (size_t i = 0; i < json_array_size(products); i++) {
        struct record_product product = {.m = 0};
        if (get_product(json_array_get(products, i), &product))
            record_tuning_add_product(tuning, &product);
    }
    for (size_t i = 0; i < json_array_size(steps); i++) {
        struct record_step step = {.batch = 0};
        if (get_step(json_array_get(steps, i), &step))
            record_tuning_add_step(tuning, &step);
    }
    return true;
}

/* ---- writing ---- */

/* Returns NULL if memory is short. jansson accepts NULL for a member and then fails. */
static json_t *tuning_json(const struct record_tuning *tuning)
{
    json_t *products = json_array(), *steps = json_array();
    bool whole = true;
    for (size_t i = 0; i < tuning->product_count; i++) {
        const struct record_product *product = &tuning->products[i];
        json_t *object =
            json_pack("{s:s, s:I, s:I, s:I, s:s, s:f}", "form", product->form, "m",
                      (json_int_t)product->m, "n", (json_int_t)product->n, "k",
                      (json_int_t)product->k, "engine", product->engine, "gflops", product->gflops);
        whole = json_array_append_new(products, object) == 0 && whole;
    }
    for (size_t i = 0; i < tuning->step_count; i++) {
        const struct record_step *step = &tuning->steps[i];
        json_t *object =
            json_pack("{s:s, s:I, s:b, s:f}", "network", step->network, "batch",
                      (json_int_t)step->batch, "fused", (int)step->fused, "gflops", step->gflops);
        whole = json_array_append_new(steps, object) == 0 && whole;
    }
    json_t *member = json_pack("{s:s, s:s, s:o, s:o}", "date", tuning->date, "setting",
                               tuning->setting, "products", products, "steps", steps);
    if (whole)
        return member;
    json_decref(member);
    return NULL;
}

enum weft_status record_json_set_tuning(json_t *tree, const struct record_tuning *tuning)
{
    return record_json_put(tree, "tuning", tuning != NULL,
                           tuning != NULL ? tuning_json(tuning) : NULL);
}
