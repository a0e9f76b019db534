/* weft_predict and its kin: what a model says of samples. */
#include <math.h>

#include "api/predictor.h"

/* WEFT_ERROR_DATA with the count and first position of features that are not finite. */
static enum weft_status features_finite(const float *x, size_t samples, size_t features)
{
    size_t bad = 0, where = 0;
    for (size_t i = 0; i < samples * features; i++)
        if (!isfinite(x[i]) && bad++ == 0)
            where = i;
    if (bad == 0)
        return WEFT_OK;
    return fail(WEFT_ERROR_DATA,
                "samples: %zu features are not finite, the first at sample %zu, feature %zu", bad,
                where / features, where % features);
}

enum weft_status weft_predict(struct weft_device *device, const struct weft_model *model,
                              const float *x, size_t samples, int32_t *classes,
                              float *probabilities)
{
    struct predictor predictor = {.device = device, .model = model};
    const struct predictions to = {classes, probabilities};
    if (classes != NULL && model->network.task == WEFT_TASK_REGRESS)
        return fail(WEFT_ERROR_USAGE, "classes: task regress has none");
    if (samples == 0)
        return WEFT_OK;
    TRY(features_finite(x, samples, network_features(&model->network)));
    enum weft_status status = predictor_open(&predictor, x, samples, NULL);
    if (status == WEFT_OK)
        status = predictor_run(&predictor, &to);
    predictor_close(&predictor);
    return status;
}

enum weft_status weft_predict_proba(struct weft_device *device, const struct weft_model *model,
                                    const float *x, size_t samples, float *probabilities)
{
    if (model->network.task == WEFT_TASK_REGRESS)
        return fail(WEFT_ERROR_USAGE, "probabilities: task regress has none");
    return weft_predict(device, model, x, samples, NULL, probabilities);
}
