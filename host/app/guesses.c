/* Implements predictions with their largest probabilities. See guesses.h. */
#include "guesses.h"

#include <stdlib.h>

#include "message.h"

/* Finds the classes of the largest probabilities p [C]. */
static void find_largest(const struct weft_model_info *model, const float *p, struct guess *guess)
{
    const size_t C = model->classes;
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
        guess->names[k] = model->class_names[best];
    }
}

/* Predicts `count` samples block by block, so that many classes take little memory.
 *
 * probabilities   [block][C] for the work */
static enum weft_status predict(struct weft_device *device, const struct weft_model *model,
                                const struct weft_dataset *dataset, size_t count, size_t block,
                                float *probabilities, struct guesses *guesses)
{
    for (size_t first = 0; first < count; first += block) {
        const size_t rows = count - first < block ? count - first : block;
        TRY(told(weft_predict_dataset(device, model, dataset, first, rows, NULL, probabilities)));
        for (size_t i = 0; i < rows; i++) {
            struct guess *guess = &guesses->list[first + i];
            guess->sample = first + i;
            find_largest(&guesses->model, probabilities + i * guesses->model.classes, guess);
            guess->right = guesses->data.labels[first + i] == (int32_t)guess->classes[0];
        }
    }
    guesses->count = guesses->predicted = count;
    return WEFT_OK;
}

enum weft_status guesses_make(struct weft_device *device, const struct weft_model *model,
                              const struct weft_dataset *dataset, size_t count,
                              struct guesses *guesses)
{
    enum { BLOCK_NUMBERS = 1 << 24 };
    weft_model_get_info(model, &guesses->model);
    weft_dataset_get_info(dataset, &guesses->data);
    const size_t most = BLOCK_NUMBERS / guesses->model.classes + 1;
    const size_t block = count < most ? count : most;
    float *probabilities = calloc(block, guesses->model.classes * sizeof *probabilities);
    guesses->list = calloc(count, sizeof *guesses->list);
    const enum weft_status status =
        probabilities != NULL && guesses->list != NULL
            ? predict(device, model, dataset, count, block, probabilities, guesses)
            : complain(WEFT_ERROR_MEMORY, "predictions of %zu samples: no memory", count);
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
