/* weft_predict and weft_evaluate: model file -> the same reading and standardising -> forward ->
 * classes, probabilities and what they are worth. */
#include <math.h>
#include <string.h>

#include "api/device_record.h"
#include "base/memory.h"
#include "data/dataset.h"
#include "network/model.h"
#include "train/pass.h"

/* A model on a device, with the samples that it judges. */
struct predictor {
    struct weft_device *device;     /* borrowed */
    const struct weft_model *model; /* borrowed */
    struct pass pass;               /* owned, as the rest */
    struct device_data *data;
    float *z, *p; /* [PASS_BLOCK][outputs] */
    double loss;  /* sum over the samples so far */
};

/* The known-answer test of what a pass runs; once for a device and a network. */
static enum weft_status device_test(struct weft_device *device, const struct weft_model *model)
{
    const struct known_answer_plan plan = {.network = &model->network, .block = PASS_BLOCK};
    return device_known_answers(device, &plan);
}

static enum weft_status predictor_open(struct predictor *predictor, const float *x,
                                       const int32_t *labels, size_t samples)
{
    const struct network *network = &predictor->model->network;
    const struct data_source source = {.samples = samples,
                                       .features = network_features(network),
                                       .x = x,
                                       .labels = labels,
                                       .scale = &predictor->model->scale,
                                       .gathered = true};
    TRY(device_test(predictor->device, predictor->model));
    TRY(NEW_ARRAY(predictor->z, PASS_BLOCK * network_outputs(network)));
    TRY(NEW_ARRAY(predictor->p, PASS_BLOCK * network_outputs(network)));
    TRY(predictor->device->backend->data_create(predictor->device, &source, &predictor->data));
    TRY(pass_init(&predictor->pass, predictor->device, network, samples, WEFT_PRODUCTS_AUTO));
    return pass_parameters(&predictor->pass, predictor->model->parameters);
}

static void predictor_close(struct predictor *predictor)
{
    pass_reset(&predictor->pass);
    if (predictor->data != NULL)
        predictor->device->backend->data_destroy(predictor->data);
    memory_free(predictor->z);
    memory_free(predictor->p);
}

/* The class of one row: the largest output, or whether a single output exceeds 0.5. */
static int32_t row_class(const float *z, const float *p, size_t outputs)
{
    if (outputs == 1)
        return p[0] > 0.5f;
    size_t best = 0;
    for (size_t c = 1; c < outputs; c++)
        if (z[c] > z[best])
            best = c;
    return (int32_t)best;
}

/* row [classes] of the outputs' probabilities p: a single one is class 1's. */
static void probabilities_fill(const struct weft_model *model, const float *p, float *row)
{
    const size_t outputs = network_outputs(&model->network);
    if (outputs == 1) {
        row[0] = 1.0f - p[0];
        row[1] = p[0];
        return;
    }
    memcpy(row, p, outputs * sizeof *p);
}

/* Classes [samples] and probabilities [samples][classes]; either may be NULL. */
static enum weft_status predictor_run(struct predictor *predictor, size_t samples, int32_t *classes,
                                      float *probabilities)
{
    const struct weft_model *model = predictor->model;
    const size_t outputs = network_outputs(&model->network);
    for (size_t first = 0; first < samples; first += PASS_BLOCK) {
        const size_t count = size_min(PASS_BLOCK, samples - first);
        double loss = 0.0;
        TRY(pass_outputs(&predictor->pass, predictor->data, first, count, model->article_quirks,
                         predictor->z, predictor->p, &loss));
        predictor->loss += loss;
        for (size_t r = 0; r < count; r++) {
            const float *p = predictor->p + r * outputs;
            if (classes != NULL)
                classes[first + r] = row_class(predictor->z + r * outputs, p, outputs);
            if (probabilities == NULL)
                continue;
            probabilities_fill(model, p, probabilities + (first + r) * model->classes);
        }
    }
    return WEFT_OK;
}

/* ---- means over members and mirror images ---- */

static bool is_mean(const struct weft_model *model)
{
    return model->member_count > 0 || model->mirror_width > 0;
}

/* y [samples][features] = the rows of x, each line of pixels from its end */
static void mirror(const struct weft_model *model, const float *x, size_t samples, float *y)
{
    const size_t width = model->mirror_width, channels = model->mirror_channels;
    const size_t pixels = samples * network_features(&model->network) / channels;
    for (size_t p = 0; p < pixels; p++) {
        const size_t other = p - p % width + (width - 1 - p % width);
        memcpy(y + p * channels, x + other * channels, channels * sizeof *y);
    }
}

/* Adds the probabilities of every member to sum [samples][outputs], and their losses. */
static enum weft_status members_add(struct predictor *predictor, size_t samples, float *sum)
{
    const struct weft_model *model = predictor->model;
    const size_t outputs = network_outputs(&model->network);
    for (size_t m = 0; m <= model->member_count; m++) {
        const struct weft_model *member = m == 0 ? model : model->members[m - 1];
        TRY(pass_parameters(&predictor->pass, member->parameters));
        for (size_t first = 0; first < samples; first += PASS_BLOCK) {
            const size_t count = size_min(PASS_BLOCK, samples - first);
            double loss = 0.0;
            TRY(pass_outputs(&predictor->pass, predictor->data, first, count, model->article_quirks,
                             predictor->z, predictor->p, &loss));
            predictor->loss += loss;
            for (size_t i = 0; i < count * outputs; i++)
                sum[first * outputs + i] += predictor->p[i];
        }
    }
    return WEFT_OK;
}

/* The same of the mirrored images `x`, which take the place of the data. */
static enum weft_status mirrored_add(struct predictor *predictor, const float *x,
                                     const int32_t *labels, size_t samples, float *sum)
{
    const struct network *network = &predictor->model->network;
    const struct data_source source = {.samples = samples,
                                       .features = network_features(network),
                                       .x = x,
                                       .labels = labels,
                                       .scale = &predictor->model->scale,
                                       .gathered = true};
    predictor->device->backend->data_destroy(predictor->data);
    predictor->data = NULL;
    TRY(predictor->device->backend->data_create(predictor->device, &source, &predictor->data));
    return members_add(predictor, samples, sum);
}

/* What predictor_run gives, from means. `room` [samples][features] for mirror images, or NULL;
 * `sum` [samples][outputs], zeroed. */
static enum weft_status mean_run(struct predictor *predictor, const float *x, const int32_t *labels,
                                 size_t samples, float *room, float *sum, int32_t *classes,
                                 float *probabilities)
{
    const struct weft_model *model = predictor->model;
    const size_t outputs = network_outputs(&model->network);
    const size_t runs = (model->member_count + 1) * (room != NULL ? 2 : 1);
    TRY(members_add(predictor, samples, sum));
    if (room != NULL) {
        mirror(model, x, samples, room);
        TRY(mirrored_add(predictor, room, labels, samples, sum));
    }
    predictor->loss /= (double)runs;
    for (size_t r = 0; r < samples; r++) {
        float *p = sum + r * outputs; /* [outputs] */
        for (size_t c = 0; c < outputs; c++)
            p[c] /= (float)runs;
        if (classes != NULL)
            classes[r] = row_class(p, p, outputs);
        if (probabilities != NULL)
            probabilities_fill(model, p, probabilities + r * model->classes);
    }
    return WEFT_OK;
}

static enum weft_status predictor_mean(struct predictor *predictor, const float *x,
                                       const int32_t *labels, size_t samples, int32_t *classes,
                                       float *probabilities)
{
    const struct weft_model *model = predictor->model;
    const size_t features = network_features(&model->network);
    float *room = NULL, *sum = NULL;
    enum weft_status status = NEW_ARRAY(sum, samples * network_outputs(&model->network));
    if (status == WEFT_OK && model->mirror_width > 0)
        status = NEW_ARRAY(room, samples * features);
    if (status == WEFT_OK)
        status = mean_run(predictor, x, labels, samples, room, sum, classes, probabilities);
    memory_free(room);
    memory_free(sum);
    return status;
}

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
    if (samples == 0)
        return WEFT_OK;
    TRY(features_finite(x, samples, network_features(&model->network)));
    enum weft_status status = predictor_open(&predictor, x, NULL, samples);
    if (status == WEFT_OK)
        status = is_mean(model)
                     ? predictor_mean(&predictor, x, NULL, samples, classes, probabilities)
                     : predictor_run(&predictor, samples, classes, probabilities);
    predictor_close(&predictor);
    return status;
}

/* ---- evaluation ---- */

/* a / b, NaN for b = 0 */
static double ratio(double a, double b)
{
    return b > 0.0 ? a / b : (double)NAN;
}

/* precision = right / predicted, recall = right / there, f1 = their harmonic mean */
static void class_scores(struct weft_evaluation *evaluation)
{
    const size_t classes = evaluation->classes;
    for (size_t c = 0; c < classes; c++) {
        struct weft_class_score *score = &evaluation->scores[c];
        const double right = (double)evaluation->confusion[c * classes + c];
        double predicted = 0.0;
        for (size_t i = 0; i < classes; i++) {
            predicted += (double)evaluation->confusion[i * classes + c];
            score->support += evaluation->confusion[c * classes + i];
        }
        score->precision = ratio(right, predicted);
        score->recall = ratio(right, (double)score->support);
        score->f1 = ratio(2.0 * right, predicted + (double)score->support);
    }
}

static enum weft_status evaluation_fill(struct weft_evaluation *evaluation,
                                        struct predictor *predictor,
                                        const struct weft_dataset *dataset, int32_t *predicted)
{
    const size_t classes = evaluation->classes, samples = dataset->samples;
    TRY(predictor_open(predictor, dataset->x, dataset->labels, samples));
    TRY(is_mean(predictor->model)
            ? predictor_mean(predictor, dataset->x, dataset->labels, samples, predicted, NULL)
            : predictor_run(predictor, samples, predicted, NULL));
    size_t right = 0;
    for (size_t i = 0; i < samples; i++) {
        evaluation->confusion[(size_t)dataset->labels[i] * classes + (size_t)predicted[i]]++;
        right += predicted[i] == dataset->labels[i];
    }
    evaluation->samples = samples;
    evaluation->accuracy = (double)right / (double)samples;
    evaluation->loss = predictor->loss / (double)samples;
    class_scores(evaluation);
    return WEFT_OK;
}

static enum weft_status evaluation_create(size_t classes, struct weft_evaluation **evaluation)
{
    size_t cells = 0;
    struct weft_evaluation *created = NULL;
    if (!size_multiply(classes, classes, &cells))
        return memory_exhausted(classes, classes);
    TRY(NEW_ARRAY(created, 1));
    created->classes = classes;
    enum weft_status status = NEW_ARRAY(created->confusion, cells);
    if (status == WEFT_OK)
        status = NEW_ARRAY(created->scores, classes);
    if (status != WEFT_OK) {
        weft_evaluation_destroy(created);
        return status;
    }
    *evaluation = created;
    return WEFT_OK;
}

enum weft_status weft_evaluate(struct weft_device *device, const struct weft_model *model,
                               const struct weft_dataset *dataset,
                               struct weft_evaluation **evaluation)
{
    struct predictor predictor = {.device = device, .model = model};
    int32_t *predicted = NULL;
    *evaluation = NULL;
    TRY(dataset_fits(dataset, network_features(&model->network), model->classes, true));
    TRY(evaluation_create(model->classes, evaluation));
    enum weft_status status = NEW_ARRAY(predicted, dataset->samples);
    if (status == WEFT_OK)
        status = evaluation_fill(*evaluation, &predictor, dataset, predicted);
    predictor_close(&predictor);
    memory_free(predicted);
    if (status != WEFT_OK) {
        weft_evaluation_destroy(*evaluation);
        *evaluation = NULL;
    }
    return status;
}

void weft_evaluation_destroy(struct weft_evaluation *evaluation)
{
    if (evaluation == NULL)
        return;
    memory_free(evaluation->scores);
    memory_free(evaluation->confusion);
    memory_free(evaluation);
}

enum weft_status weft_predict_proba(struct weft_device *device, const struct weft_model *model,
                                    const float *x, size_t samples, float *probabilities)
{
    return weft_predict(device, model, x, samples, NULL, probabilities);
}

enum weft_status weft_score(struct weft_device *device, const struct weft_model *model,
                            const struct weft_dataset *dataset, double *score)
{
    struct weft_evaluation *evaluation = NULL;
    TRY(weft_evaluate(device, model, dataset, &evaluation));
    *score = evaluation->accuracy;
    weft_evaluation_destroy(evaluation);
    return WEFT_OK;
}
