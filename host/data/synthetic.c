/* Generates synthetic samples for benchmarks. They are the same on every machine. */
#include "base/random.h"
#include "data/dataset.h"

#include "base/memory.h"

/* Fills x [count] with uniform numbers from -1 to 1; each is a multiple of 2^-23. */
static void fill_features(uint64_t seed, float *x, size_t count)
{
    const struct random_stream stream = {.seed = seed, .purpose = RANDOM_SYNTHETIC, .epoch = 0};
    uint32_t words[4];
    for (size_t i = 0; i < count; i += 4) {
        random_block(stream, i / 4, words);
        for (size_t w = 0; w < size_min(4, count - i); w++)
            x[i + w] = (float)(words[w] >> 8) * 0x1p-23f - 1.0f;
    }
}

/* Returns the index of the largest among the first `classes` features. */
static int32_t largest_feature(const float *row, size_t classes)
{
    size_t best = 0;
    for (size_t c = 1; c < classes; c++)
        if (row[c] > row[best])
            best = c;
    return (int32_t)best;
}

static void fill_labels(struct weft_dataset *dataset, size_t classes, uint64_t seed)
{
    const struct random_stream stream = {.seed = seed, .purpose = RANDOM_SYNTHETIC, .epoch = 1};
    for (size_t r = 0; r < dataset->samples; r++)
        dataset->labels[r] = dataset->features >= classes
                                 ? largest_feature(dataset->x + r * dataset->features, classes)
                                 : (int32_t)((uint64_t)random_bits(stream, r) * classes >> 32);
}

static enum weft_status check_sizes(size_t samples, size_t features, size_t *count)
{
    if (samples == 0 || features == 0 || !size_multiply(samples, features, count))
        return fail(WEFT_ERROR_USAGE, "synthetic data: got %zu samples of %zu features", samples,
                    features);
    return WEFT_OK;
}

/* Destroys the data set if it could not be finished; returns `status`. */
static enum weft_status hand_over(enum weft_status status, struct weft_dataset **dataset)
{
    if (status == WEFT_OK)
        return WEFT_OK;
    weft_dataset_destroy(*dataset);
    *dataset = NULL;
    return status;
}

enum weft_status weft_dataset_synthetic(size_t samples, size_t features, size_t classes,
                                        uint64_t seed, struct weft_dataset **dataset)
{
    size_t count = 0;
    *dataset = NULL;
    TRY(check_sizes(samples, features, &count));
    if (classes < 2 || classes > DATASET_MOST_CLASSES)
        return fail(WEFT_ERROR_USAGE, "synthetic data: classes: got %zu, need 2 to %d", classes,
                    DATASET_MOST_CLASSES);
    TRY(dataset_allocate("synthetic data", samples, features, true, dataset));
    fill_features(seed, (*dataset)->x, count);
    fill_labels(*dataset, classes, seed);
    return hand_over(dataset_finish(*dataset, classes, NULL), dataset);
}

static enum weft_status fill_targets(struct weft_dataset *dataset, size_t outputs,
                                     enum weft_task task)
{
    const size_t features = dataset->features;
    TRY(dataset_allocate_targets(dataset, outputs));
    for (size_t r = 0; r < dataset->samples; r++) {
        const float *x = dataset->x + r * features;
        for (size_t c = 0; c < outputs; c++)
            dataset->targets[r * outputs + c] = task == WEFT_TASK_MULTILABEL
                                                    ? (float)(x[c % features] > 0.0f)
                                                    : x[c % features] * x[(c + 1) % features];
    }
    return dataset_finish(dataset, outputs, NULL);
}

enum weft_status weft_dataset_synthetic_targets(size_t samples, size_t features, size_t outputs,
                                                enum weft_task task, uint64_t seed,
                                                struct weft_dataset **dataset)
{
    size_t count = 0;
    *dataset = NULL;
    TRY(check_sizes(samples, features, &count));
    if (task != WEFT_TASK_MULTILABEL && task != WEFT_TASK_REGRESS)
        return fail(WEFT_ERROR_USAGE, "synthetic data: task %d has no targets", (int)task);
    if (outputs < 1 || outputs > DATASET_MOST_CLASSES)
        return fail(WEFT_ERROR_USAGE, "synthetic data: targets: got %zu, need 1 to %d", outputs,
                    DATASET_MOST_CLASSES);
    TRY(dataset_allocate("synthetic data", samples, features, false, dataset));
    fill_features(seed, (*dataset)->x, count);
    return hand_over(fill_targets(*dataset, outputs, task), dataset);
}
