/* Implements training_rate.h. */
#include "api/training_rate.h"

#include <math.h>
#include <string.h>

#include "backend/primitive.h"

/* The products of a step that were measured: their operations, and the time that they take. */
struct products_time {
    double operations, seconds; /* NaN if one of them was not measured */
};

static void product_add(const struct record_tuning *tuning, enum product_form form, size_t m,
                        size_t n, size_t k, struct products_time *time)
{
    double gflops = (double)NAN;
    for (size_t i = 0; i < tuning->product_count; i++) {
        const struct record_product *product = &tuning->products[i];
        if (strcmp(product->form, product_form_name(form)) == 0 && product->m == m &&
            product->n == n && product->k == k && product->gflops > 0.0)
            gflops = product->gflops;
    }
    const double operations = 2.0 * (double)m * (double)n * (double)k;
    time->operations += operations;
    time->seconds += 1e-9 * operations / gflops;
}

static double products_rate(const struct record_tuning *tuning, const struct network *network,
                            size_t batch)
{
    struct products_time time = {.operations = 0.0};
    for (size_t l = 0; l < network->layer_count; l++) {
        const size_t inputs = network->layers[l].inputs, outputs = network->layers[l].outputs;
        product_add(tuning, PRODUCT_FORWARD, batch, outputs, inputs, &time);
        product_add(tuning, PRODUCT_WEIGHT_GRADIENT, outputs, inputs, batch, &time);
        if (l > 0)
            product_add(tuning, PRODUCT_DELTA, batch, inputs, outputs, &time);
    }
    return 1e-9 * time.operations / time.seconds;
}

static double speed_of(const struct record_speeds *speeds, const char *network, size_t batch)
{
    for (size_t i = 0; speeds != NULL && i < speeds->count; i++)
        if (strcmp(speeds->list[i].network, network) == 0 && speeds->list[i].batch == batch)
            return speeds->list[i].gflops;
    return (double)NAN;
}

static double step_rate(const struct record_tuning *tuning, const char *network, size_t batch)
{
    for (size_t i = 0; i < tuning->step_count; i++)
        if (strcmp(tuning->steps[i].network, network) == 0 && tuning->steps[i].batch == batch &&
            tuning->steps[i].gflops > 0.0)
            return tuning->steps[i].gflops;
    return (double)NAN;
}

double training_rate_measured(const struct record *record, const struct network *network,
                              size_t batch)
{
    char text[sizeof record_speeds_of(record)->list[0].network];
    return network_to_text(network, text, sizeof text)
               ? speed_of(record_speeds_of(record), text, batch)
               : (double)NAN;
}

double training_rate(const struct record *record, const struct network *network, size_t batch)
{
    const struct record_tuning *tuning = record_last_tuning(record);
    char text[sizeof tuning->steps[0].network];
    if (!network_to_text(network, text, sizeof text))
        return (double)NAN;
    double rate = speed_of(record_speeds_of(record), text, batch);
    if (isnan(rate) && tuning != NULL)
        rate = step_rate(tuning, text, batch);
    return isnan(rate) && tuning != NULL ? products_rate(tuning, network, batch) : rate;
}
