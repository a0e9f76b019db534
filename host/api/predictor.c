/* Computes predictions block by block. See predictor.h. */
#include "api/predictor.h"

#include <string.h>

#include "api/device_record.h"
#include "api/mean_loss.h"
#include "base/memory.h"
#include "train/score.h"
#include "train/training_memory.h"

/* Runs the known-answer test for a forward pass, once per device and network. */
static enum weft_status device_test(struct weft_device *device, const struct weft_model *model)
{
    struct check_plan plan = {.network = &model->network,
                              .block = PASS_BLOCK,
                              .objective = {.article = model->article_quirks},
                              .scale = &model->scale};
    check_plan_narrow(device, &plan);
    return device_known_answers(device, &plan);
}

enum weft_status predictor_open(struct predictor *predictor, size_t count,
                                const struct weft_dataset *dataset)
{
    const struct network *network = &predictor->model->network;
    const struct named_samples *samples = &predictor->samples;
    predictor->source = (struct data_source){.samples = count,
                                             .features = network_features(network),
                                             .x = samples->rows.x,
                                             .x_bytes = samples->rows.bytes,
                                             .x_index = samples->rows.index,
                                             .scale = &predictor->model->scale,
                                             .gathered = true,
                                             .largest = PASS_BLOCK};
    if (dataset != NULL) {
        predictor->source.labels = dataset->labels;
        predictor->source.targets = dataset->targets;
        predictor->source.target_count = dataset->classes;
    }
    TRY(scale_holds_rows(&predictor->model->scale, samples->name, samples->rows, count,
                         samples->first));
    TRY(device_test(predictor->device, predictor->model));
    TRY(NEW_ARRAY(predictor->z, PASS_BLOCK * network_outputs(network)));
    TRY(NEW_ARRAY(predictor->p, PASS_BLOCK * network_outputs(network)));
    TRY(scores_memory_stream(predictor->device, network, &predictor->source));
    TRY(predictor->device->backend->data_create(predictor->device, &predictor->source,
                                                &predictor->data));
    TRY(pass_init(&predictor->pass, predictor->device, network, count, WEFT_GEMM_AUTO));
    return pass_parameters(&predictor->pass, predictor->model->parameters);
}

void predictor_close(struct predictor *predictor)
{
    pass_reset(&predictor->pass);
    if (predictor->data != NULL)
        predictor->device->backend->data_destroy(predictor->data);
    memory_free(predictor->z);
    memory_free(predictor->p);
}

size_t predictor_answers(const struct weft_model *model)
{
    return model->network.task == WEFT_TASK_MULTILABEL ? model->classes : 1;
}

/* Stores the prediction for sample `row`, whose outputs are z and p [outputs]. */
static void row_keep(const struct weft_model *model, size_t row, const float *z, const float *p,
                     const struct predictions *to)
{
    const size_t outputs = network_outputs(&model->network), classes = model->classes;
    const enum weft_task task = model->network.task;
    for (size_t c = 0; to->classes != NULL && task == WEFT_TASK_MULTILABEL && c < classes; c++)
        to->classes[row * classes + c] = p[c] > 0.5f;
    if (to->classes != NULL && task == WEFT_TASK_CLASSIFY)
        to->classes[row] = (int32_t)score_class(z, p, outputs);
    if (to->values == NULL)
        return;
    float *values = to->values + row * classes;
    if (model_has_single_output(model)) { /* the probability of class 1 */
        values[0] = 1.0f - p[0];
        values[1] = p[0];
        return;
    }
    memcpy(values, task == WEFT_TASK_REGRESS ? z : p, outputs * sizeof *values);
}

/* Returns half the squared error of outputs z against targets y, summed over `count` numbers. */
static double squared_error(const float *y, const float *z, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += ((double)y[i] - (double)z[i]) * ((double)y[i] - (double)z[i]) / 2.0;
    return sum;
}

/* Turns the outputs z of the block, which are finite, back into the units of the targets. The loss
 * of the device compared standardized outputs with targets that are not, so it is computed again.
 * Fails if an output overflows float32. */
static enum weft_status units_restore(struct predictor *predictor, size_t first, size_t count,
                                      double *loss)
{
    const struct scale *scale = &predictor->model->target_scale;
    const size_t outputs = scale->features;
    const float *targets = predictor->source.targets;
    if (outputs == 0)
        return WEFT_OK;
    scale_outputs_back(scale, predictor->z, count);
    TRY(finite_outputs(&predictor->samples, first, count, outputs, predictor->z, predictor->z));
    if (loss != NULL && targets != NULL)
        *loss = squared_error(targets + first * outputs, predictor->z, count * outputs);
    return WEFT_OK;
}

/* Computes the outputs of the block into z and p, and the sum of their losses. Fails unless they
 * are finite. */
static enum weft_status block_run(struct predictor *predictor, size_t first, size_t count,
                                  double *loss)
{
    const struct weft_model *model = predictor->model;
    const size_t outputs = network_outputs(&model->network);
    TRY(pass_outputs(&predictor->pass, predictor->data, first, count, model->article_quirks,
                     predictor->z, predictor->p, loss));
    TRY(finite_outputs(&predictor->samples, first, count, outputs, predictor->z, predictor->p));
    return units_restore(predictor, first, count, loss);
}

static enum weft_status run_alone(struct predictor *predictor, const struct predictions *to)
{
    const struct weft_model *model = predictor->model;
    const size_t outputs = network_outputs(&model->network), samples = predictor->source.samples;
    for (size_t first = 0; first < samples; first += PASS_BLOCK) {
        const size_t count = size_min(PASS_BLOCK, samples - first);
        double loss = 0.0;
        TRY(block_run(predictor, first, count, &loss));
        if (predictor->source.labels != NULL || predictor->source.targets != NULL)
            TRY(finite_loss(&predictor->samples, first, count, outputs, predictor->z, loss));
        predictor->loss += loss;
        for (size_t r = 0; r < count; r++)
            row_keep(model, first + r, predictor->z + r * outputs, predictor->p + r * outputs, to);
    }
    return WEFT_OK;
}

/* ---- means over members and mirror images ---- */

static bool is_mean(const struct weft_model *model)
{
    return model->member_count > 0 || model->mirror_width > 0;
}

/* Mirrors each line of pixels in x [samples][features]. */
static void mirror(const struct weft_model *model, size_t samples, float *x)
{
    const size_t width = model->mirror_width, channels = model->mirror_channels;
    const size_t lines = samples * network_features(&model->network) / channels / width;
    for (size_t i = 0; i < lines * width * channels; i++) {
        const size_t line = i / (width * channels), place = i / channels % width;
        const size_t other = (line * width + width - 1 - place) * channels + i % channels;
        if (place >= width / 2)
            continue;
        const float pixel = x[i];
        x[i] = x[other];
        x[other] = pixel;
    }
}

/* Adds the outputs of every member to sum [samples][outputs], and to the loss. */
static enum weft_status members_add(struct predictor *predictor, float *sum, struct mean_loss *mean)
{
    const struct weft_model *model = predictor->model;
    const size_t outputs = network_outputs(&model->network), samples = predictor->source.samples;
    const float *block = model->network.task == WEFT_TASK_REGRESS ? predictor->z : predictor->p;
    for (size_t m = 0; m <= model->member_count; m++) {
        const struct weft_model *member = m == 0 ? model : model->members[m - 1];
        TRY(pass_parameters(&predictor->pass, member->parameters));
        for (size_t first = 0; first < samples; first += PASS_BLOCK) {
            const size_t count = size_min(PASS_BLOCK, samples - first);
            TRY(block_run(predictor, first, count, NULL));
            mean_loss_add(mean, first, count, predictor->z, predictor->p);
            for (size_t i = 0; i < count * outputs; i++)
                sum[first * outputs + i] += block[i];
        }
    }
    return WEFT_OK;
}

/* Adds the outputs of every member for the mirrored images `x`, which replace the data on the
 * device. */
static enum weft_status mirrored_add(struct predictor *predictor, const float *x, float *sum,
                                     struct mean_loss *mean)
{
    struct data_source source = predictor->source;
    source.x = x;
    source.x_bytes = NULL;
    source.x_index = NULL;
    source.streamed = false;
    predictor->device->backend->data_destroy(predictor->data);
    predictor->data = NULL;
    TRY(predictor->device->backend->data_create(predictor->device, &source, &predictor->data));
    return members_add(predictor, sum, mean);
}

/* Computes the mean over all runs. `mirrored` [samples][features] is workspace for mirror images,
 * or NULL. On entry, `sum` [samples][outputs] is zero. */
static enum weft_status run_mean(struct predictor *predictor, float *mirrored, float *sum,
                                 struct mean_loss *loss, const struct predictions *to)
{
    const struct weft_model *model = predictor->model;
    const size_t outputs = network_outputs(&model->network), samples = predictor->source.samples;
    const size_t runs = (model->member_count + 1) * (mirrored != NULL ? 2 : 1);
    TRY(members_add(predictor, sum, loss));
    if (mirrored != NULL) {
        sample_rows_gather(&predictor->samples.rows, NULL, 0, samples, mirrored);
        mirror(model, samples, mirrored);
        TRY(mirrored_add(predictor, mirrored, sum, loss));
    }
    predictor->loss = mean_loss_sum(loss, runs);
    for (size_t r = 0; r < samples; r++) {
        float *mean = sum + r * outputs; /* [outputs] */
        for (size_t c = 0; c < outputs; c++)
            mean[c] /= (float)runs;
        TRY(finite_outputs(&predictor->samples, r, 1, outputs, mean,
                           mean)); /* the sums may overflow, too */
        row_keep(model, r, mean, mean, to);
    }
    return WEFT_OK;
}

enum weft_status predictor_run(struct predictor *predictor, const struct predictions *to)
{
    const struct weft_model *model = predictor->model;
    const size_t samples = predictor->source.samples;
    struct mean_loss loss = {.network = &model->network, .source = &predictor->source};
    float *mirrored = NULL, *sum = NULL;
    if (!is_mean(model))
        return run_alone(predictor, to);
    enum weft_status status = NEW_ARRAY(sum, samples * network_outputs(&model->network));
    if (status == WEFT_OK && model->mirror_width > 0)
        status = NEW_ARRAY(mirrored, samples * network_features(&model->network));
    if (status == WEFT_OK)
        status = mean_loss_init(&loss);
    if (status == WEFT_OK)
        status = run_mean(predictor, mirrored, sum, &loss, to);
    mean_loss_reset(&loss);
    memory_free(mirrored);
    memory_free(sum);
    return status;
}
