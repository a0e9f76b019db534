/* Implements predictions with their largest probabilities. See guesses.h. */
#include "guesses.h"

#include <stdlib.h>

#include "message.h"

static void find_largest(const struct guesses *guesses, const float *probabilities,
                         struct guess *guess)
{
    const size_t C = guesses->model.classes;
    const float *p = probabilities + guess->sample * C;
    for (size_t k = 0; k < GUESS_SHARES && k < C; k++) {
        size_t best = C;
        for (size_t c = 0; c < C; c++) {
            bool taken = false;
            for (size_t before = 0; before < k; before++)
                taken |= guess->classes[before] == c;
            if (!taken && (best == C || p[c] > p[best]))
                best = c;
        }
        guess->classes[k] = best;
        guess->shares[k] = (double)p[best];
        guess->names[k] = guesses->model.class_names[best];
    }
}

static void fill(struct guesses *guesses, const float *probabilities)
{
    for (size_t i = 0; i < guesses->count; i++) {
        struct guess *guess = &guesses->list[i];
        guess->sample = i;
        find_largest(guesses, probabilities, guess);
        guess->right = guesses->data.labels[i] == (int32_t)guess->classes[0];
    }
}

enum weft_status guesses_make(struct weft_device *device, const struct weft_model *model,
                              const struct weft_dataset *dataset, size_t count,
                              struct guesses *guesses)
{
    weft_model_get_info(model, &guesses->model);
    weft_dataset_get_info(dataset, &guesses->data);
    float *probabilities = calloc(count, guesses->model.classes * sizeof *probabilities);
    guesses->list = calloc(count, sizeof *guesses->list);
    enum weft_status status = WEFT_OK;
    if (probabilities == NULL || guesses->list == NULL)
        status = complain(WEFT_ERROR_MEMORY, "predictions of %zu samples: no memory", count);
    else
        status = told(weft_predict_dataset(device, model, dataset, 0, count, NULL, probabilities));
    if (status == WEFT_OK) {
        guesses->count = guesses->predicted = count;
        fill(guesses, probabilities);
    }
    free(probabilities);
    return status;
}

static int by_confidence(const void *a, const void *b)
{
    const struct guess *one = a, *two = b;
    if (one->shares[0] != two->shares[0])
        return one->shares[0] < two->shares[0] ? 1 : -1;
    return (one->sample > two->sample) - (one->sample < two->sample);
}

void guesses_keep_mistakes(struct guesses *guesses)
{
    size_t wrong = 0;
    for (size_t i = 0; i < guesses->count; i++)
        if (!guesses->list[i].right)
            guesses->list[wrong++] = guesses->list[i];
    guesses->count = wrong;
    qsort(guesses->list, wrong, sizeof *guesses->list, by_confidence);
}

const char *guess_label(const struct guesses *guesses, const struct guess *guess)
{
    const int32_t label = guesses->data.labels[guess->sample];
    return label >= 0 && (size_t)label < guesses->data.classes ? guesses->data.class_names[label]
                                                               : "unknown class";
}

void guesses_reset(struct guesses *guesses)
{
    free(guesses->list);
    *guesses = (struct guesses){0};
}
