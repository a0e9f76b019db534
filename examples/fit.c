/* Fits a network to samples in memory, stops when it has learned them, then predicts and scores.
 *
 *     cc fit.c $(pkg-config --cflags --libs weft)
 */
#include <stdio.h>
#include <weft.h>

/* Rows of x [6][2], with their labels. */
static const float x[] = {0.0f, 0.1f, 0.2f, 0.0f, 0.1f, 0.2f, 3.0f, 3.1f, 3.2f, 3.0f, 3.1f, 3.2f};
static const int32_t labels[] = {0, 0, 0, 1, 1, 1};

/* A non-zero return value ends the training after this epoch. */
static int good_enough(void *user, const struct weft_epoch *epoch)
{
    (void)user;
    return epoch->error < 0.05;
}

static enum weft_status fit(struct weft_device *device, struct weft_model *model,
                            const struct weft_options *options, const struct weft_dataset *data)
{
    const struct weft_callbacks callbacks = {.epoch = good_enough};
    const float questions[] = {0.3f, 0.3f, 2.8f, 2.9f};
    float probabilities[4]; /* [2][2] */
    struct weft_training training;
    double score = 0.0;
    enum weft_status status = weft_fit(device, model, options, data, NULL, &callbacks, &training);
    if (status == WEFT_OK)
        status = weft_predict_proba(device, model, questions, 2, probabilities);
    if (status == WEFT_OK)
        status = weft_score(device, model, data, &score);
    if (status == WEFT_OK)
        printf("stopped early: %s, score %.2f, the first is a 0: %s, the second a 1: %s\n",
               training.stopped ? "yes" : "no", score, probabilities[0] > 0.9f ? "yes" : "no",
               probabilities[3] > 0.9f ? "yes" : "no");
    return status;
}

int main(void)
{
    struct weft_options options;
    struct weft_dataset *data = NULL;
    struct weft_device *device = NULL;
    struct weft_model *model = NULL;
    bool ok = weft_options_init(&options, "default") == WEFT_OK &&
              weft_options_set(&options, "hidden", "8") == WEFT_OK &&
              weft_options_set(&options, "dropout", "0") == WEFT_OK &&
              weft_dataset_create(6, 2, 2, x, labels, &data) == WEFT_OK &&
              weft_device_create("cpu", NULL, NULL, &device) == WEFT_OK &&
              weft_model_create(&options, data, &model) == WEFT_OK &&
              fit(device, model, &options, data) == WEFT_OK;
    if (!ok)
        fprintf(stderr, "%s\n", weft_error());
    weft_model_destroy(model);
    weft_device_destroy(device);
    weft_dataset_destroy(data);
    return ok ? 0 : 1;
}
