/* Finds samples whose numbers overflow. See finite.h. */
#include "train/finite.h"

#include <math.h>
#include <stdio.h>

#include "base/memory.h"
#include "base/number.h"

void set_name_make(const char *what, const struct weft_dataset *dataset, char name[SET_NAME_SIZE])
{
    snprintf(name, SET_NAME_SIZE, "%s set of %s", what, dataset->name);
}

/* Returns the position of the largest |value| in `values` [count]. */
static size_t largest_of(const float *values, size_t count)
{
    size_t best = 0;
    for (size_t i = 1; i < count; i++)
        best = fabsf(values[i]) > fabsf(values[best]) ? i : best;
    return best;
}

static size_t largest_feature(const struct sample_rows *rows, size_t sample)
{
    size_t best = 0;
    for (size_t j = 1; j < rows->features; j++)
        if (fabsf(sample_rows_number(rows, sample, j)) >
            fabsf(sample_rows_number(rows, sample, best)))
            best = j;
    return best;
}

enum weft_status finite_outputs(const struct named_samples *samples, size_t first, size_t count,
                                size_t outputs, const float *z, const float *p)
{
    char text[NUMBER_TEXT_SIZE];
    for (size_t i = 0; i < count * outputs; i++) {
        if (isfinite(z[i]) && isfinite(p[i]))
            continue;
        const size_t sample = first + i / outputs;
        const size_t feature = largest_feature(&samples->rows, sample);
        number_to_text((double)(isfinite(z[i]) ? p[i] : z[i]), text);
        return fail(WEFT_ERROR_DATA,
                    "%s: sample %zu: output %zu: got %s, need a finite number: the network "
                    "overflows float32; the largest feature is number %zu, %g",
                    samples->name, samples->first + sample, i % outputs, text, feature,
                    (double)sample_rows_number(&samples->rows, sample, feature));
    }
    return WEFT_OK;
}

enum weft_status finite_loss(const struct named_samples *samples, size_t first, size_t count,
                             size_t outputs, const float *z, double loss)
{
    if (isfinite(loss))
        return WEFT_OK;
    const size_t at = largest_of(z, count * outputs);
    return fail(WEFT_ERROR_DATA,
                "%s: the loss of samples %zu to %zu overflows float32: output %zu of sample %zu is "
                "%g",
                samples->name, samples->first + first, samples->first + first + count - 1,
                at % outputs, samples->first + first + at / outputs, (double)z[at]);
}

/* Checks all samples block by block. The buffers z and p are [PASS_BLOCK][outputs]. */
static enum weft_status blocks_check(struct pass *pass, const struct device_data *data,
                                     const struct named_samples *samples, size_t count, float *z,
                                     float *p)
{
    const size_t outputs = network_outputs(pass->network);
    for (size_t first = 0; first < count; first += PASS_BLOCK) {
        const size_t rows = size_min(PASS_BLOCK, count - first);
        double loss = 0.0;
        TRY(pass_outputs(pass, data, first, rows, false, z, p, &loss));
        TRY(finite_outputs(samples, first, rows, outputs, z, p));
        TRY(finite_loss(samples, first, rows, outputs, z, loss));
    }
    return WEFT_OK;
}

enum weft_status finite_pass(struct pass *pass, const struct device_data *data,
                             const struct named_samples *samples, size_t count)
{
    const size_t numbers = PASS_BLOCK * network_outputs(pass->network);
    float *z = NULL, *p = NULL;
    enum weft_status status = NEW_ARRAY(z, numbers);
    if (status == WEFT_OK)
        status = NEW_ARRAY(p, numbers);
    if (status == WEFT_OK)
        status = blocks_check(pass, data, samples, count, z, p);
    memory_free(p);
    memory_free(z);
    return status;
}
