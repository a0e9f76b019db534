/* Shows regression. The samples are points of a square, and the target is a surface over it. The
 * prediction for unseen points is scored by R^2, as in scikit-learn. */
#include <math.h>
#include <stdio.h>
#include <weft.h>

enum { SAMPLES = 400, FEATURES = 2 };

/* Makes a grid x of 20 x 20 points in -1..1 with the target y = sin 2 x0 + x0 x1. */
static enum weft_status surface(struct weft_dataset **data)
{
    float x[SAMPLES * FEATURES], y[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
        const float a = (float)(i % 20) / 9.5f - 1.0f, b = (float)(i / 20) / 9.5f - 1.0f;
        x[i * FEATURES] = a;
        x[i * FEATURES + 1] = b;
        y[i] = sinf(2.0f * a) + a * b;
    }
    return weft_dataset_create_targets(SAMPLES, FEATURES, 1, x, y, data);
}

int main(void)
{
    const float point[FEATURES] = {0.5f, -0.5f};
    struct weft_options options;
    struct weft_training result;
    struct weft_dataset *all = NULL, *seen = NULL, *unseen = NULL;
    struct weft_device *device = NULL;
    struct weft_model *model = NULL;
    double r2 = 0.0;
    float height = 0.0f;
    const bool ok = !weft_options_init(&options, "default") &&
                    !weft_options_set(&options, "task", "regress") &&
                    !weft_options_set(&options, "hidden", "32") &&
                    !weft_options_set(&options, "activation", "tanh") &&
                    !weft_options_set(&options, "dropout", "0") &&
                    !weft_options_set(&options, "optimizer", "adam") &&
                    !weft_options_set(&options, "learning-rate", "0.02") &&
                    !weft_options_set(&options, "batch-size", "30") &&
                    !weft_options_set(&options, "schedule", "cosine") &&
                    !weft_options_set(&options, "epochs", "300") && !surface(&all) &&
                    !weft_dataset_holdout(all, 0.25, 42, &seen, &unseen) &&
                    !weft_device_create("auto", NULL, NULL, &device) &&
                    !weft_model_create(&options, seen, &model) &&
                    !weft_fit(device, model, &options, seen, NULL, NULL, &result) &&
                    !weft_score(device, model, unseen, &r2) &&
                    !weft_predict(device, model, point, 1, NULL, &height);
    if (ok)
        printf("R^2 of unseen points %.3f; height at 0.5, -0.5 %.1f\n", r2, (double)height);
    else
        printf("%s\n", weft_error());
    weft_model_destroy(model), weft_device_destroy(device);
    weft_dataset_destroy(unseen), weft_dataset_destroy(seen), weft_dataset_destroy(all);
    return !ok || r2 < 0.95;
}
