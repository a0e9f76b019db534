/* Shows a training loop of your own: one epoch per call, with any code between the calls.
 *
 *     cc partial_fit.c $(pkg-config --cflags --libs weft)
 */
#include <stdio.h>
#include <weft.h>

/* Trains until the model has learned the data, or all epochs are over. The optimizer state stays in
 * the model between calls. */
static enum weft_status learn(struct weft_device *device, struct weft_model *model,
                              const struct weft_options *options, const struct weft_dataset *data)
{
    for (size_t epoch = 1; epoch <= options->epochs; epoch++) {
        struct weft_training training;
        const enum weft_status status =
            weft_partial_fit(device, model, options, data, NULL, NULL, &training);
        if (status != WEFT_OK)
            return status;
        if (training.train.accuracy == 1.0 && training.train.error < 0.05) {
            printf("learned XOR\n");
            return WEFT_OK;
        }
    }
    printf("did not learn XOR\n");
    return WEFT_OK;
}

int main(void)
{
    struct weft_options options;
    struct weft_dataset *data = NULL;
    struct weft_device *device = NULL;
    struct weft_model *model = NULL;
    bool ok = weft_options_init(&options, "xor") == WEFT_OK &&
              weft_options_set(&options, "optimizer", "nesterov") == WEFT_OK &&
              /* The constant schedule has no end, so training can continue. */
              weft_options_set(&options, "schedule", "constant") == WEFT_OK &&
              weft_dataset_open("xor", &data, NULL) == WEFT_OK &&
              weft_device_create("cpu", NULL, NULL, &device) == WEFT_OK &&
              weft_model_create(&options, data, &model) == WEFT_OK &&
              learn(device, model, &options, data) == WEFT_OK;
    if (!ok)
        fprintf(stderr, "%s\n", weft_error());
    weft_model_destroy(model);
    weft_device_destroy(device);
    weft_dataset_destroy(data);
    return ok ? 0 : 1;
}
