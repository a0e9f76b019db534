/* One whole training step of the reference: forward pass, loss, backward pass, gradient.
 *
 * The orchestration deliberately repeats the training loop without calling it. So a bias that the
 * loop forgets, or a product that it transposes, is not repeated here.
 */
#include "reference/reference.h"

#include <string.h>

#include "base/memory.h"

static enum weft_status allocate(const struct network *network, size_t batch, struct ref_step *step)
{
    TRY(NEW_ARRAY(step->q, network->layer_count));
    TRY(NEW_ARRAY(step->z, network->layer_count));
    TRY(NEW_ARRAY(step->a, network->layer_count));
    TRY(NEW_ARRAY(step->dz, network->layer_count));
    step->layer_count = network->layer_count;
    for (size_t l = 0; l < network->layer_count; l++) {
        size_t count;
        if (!size_multiply(batch, network->layers[l].outputs, &count))
            return memory_exhausted(batch, network->layers[l].outputs);
        if (network->layers[l].batch_norm)
            TRY(NEW_ARRAY(step->q[l], count));
        TRY(NEW_ARRAY(step->z[l], count));
        TRY(NEW_ARRAY(step->a[l], count));
        TRY(NEW_ARRAY(step->dz[l], count));
    }
    TRY(NEW_ARRAY(step->statistics, network->statistic_count));
    TRY(NEW_ARRAY(step->gradient, network->parameter_count));
    return WEFT_OK;
}

/* Returns the batch mean [O] of a layer with batch normalization, followed by the variance [O]. */
static double *statistics_of(const struct network *network, const struct ref_step *step, size_t l)
{
    return step->statistics + (network->layers[l].mean_offset - network->parameter_count);
}

/* z = scale (q - mean) / sqrt(variance + epsilon) + shift. On entry z holds q, which is copied to
 * step->q. */
static void normalize(const struct network *network, const double *parameters, size_t batch,
                      size_t l, struct ref_step *step)
{
    const struct dense_layer *layer = &network->layers[l];
    const size_t outputs = layer->outputs;
    double *mean = statistics_of(network, step, l), *variance = mean + outputs; /* [O] */
    memcpy(step->q[l], step->z[l], batch * outputs * sizeof *step->q[l]);
    ref_norm_statistics(step->q[l], batch, outputs, mean, variance);
    ref_norm_forward(step->q[l], batch, outputs, mean, variance, parameters + layer->scale_offset,
                     parameters + layer->shift_offset, step->z[l]);
}

/* Turns dz into dq and computes the gradients of scale and shift. */
static void normalize_backward(const struct network *network, const double *parameters,
                               size_t batch, size_t l, struct ref_step *step)
{
    const struct dense_layer *layer = &network->layers[l];
    const size_t outputs = layer->outputs;
    const double *mean = statistics_of(network, step, l), *variance = mean + outputs; /* [O] */
    double *dscale = step->gradient + layer->scale_offset;
    double *dshift = step->gradient + layer->shift_offset;
    ref_norm_gradient(step->q[l], step->dz[l], batch, outputs, mean, variance, dscale, dshift);
    ref_norm_backward(step->q[l], batch, outputs, mean, variance, parameters + layer->scale_offset,
                      dscale, dshift, step->dz[l]);
}

/* a_l = activation(a_below W' + b) for every layer, from the input to the output. Layers with batch
 * normalization normalize before the activation. */
static void forward(const struct network *network, const double *parameters, const double *x,
                    size_t batch, const struct ref_draw *draw, struct ref_step *step)
{
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct dense_layer *layer = &network->layers[l];
        const double *below = l == 0 ? x : step->a[l - 1]; /* [B][I] */
        ref_product_forward(below, parameters + layer->weight_offset, batch, layer->outputs,
                            layer->inputs, step->z[l]);
        if (layer->bias)
            ref_bias_add(step->z[l], parameters + layer->bias_offset, batch, layer->outputs);
        if (layer->batch_norm)
            normalize(network, parameters, batch, l, step);
        memcpy(step->a[l], step->z[l], batch * layer->outputs * sizeof *step->a[l]);
        ref_activation_forward(layer->activation, step->a[l], batch * layer->outputs);
        for (size_t i = 0; draw != NULL && i < batch * layer->outputs; i++)
            step->a[l][i] *= ref_dropout_factor(draw, network, l, i);
    }
}

/* dz = da times the dropout factor times a'(z), where a is the activation before dropout. */
static void dropped_backward(const struct network *network, size_t l, size_t n,
                             const struct ref_draw *draw, struct ref_step *step)
{
    const enum weft_activation activation = network->layers[l].activation;
    for (size_t i = 0; i < n; i++) {
        double a = step->z[l][i];
        ref_activation_forward(activation, &a, 1);
        step->dz[l][i] *= ref_dropout_factor(draw, network, l, i);
        ref_activation_backward(activation, &step->z[l][i], &a, &step->dz[l][i], 1);
    }
}

/* The switch has no default, so -Wswitch names the place that needs a new value. */
void ref_head_loss(enum weft_head head, const double *z, size_t rows, size_t columns,
                   const struct ref_rule *rule, double *dz, double *loss, uint32_t *correct)
{
    const double *y = rule->targets, *weight = rule->weights, factor = rule->delta_factor;
    switch (head) {
    case WEFT_HEAD_SIGMOID:
        ref_sigmoid_cross_entropy(z, y, weight, rows, columns, factor, rule->each,
                                  rule->true_class_only, dz, loss, correct);
        break;
    case WEFT_HEAD_SOFTMAX:
        ref_softmax_cross_entropy(z, y, weight, rows, columns, factor, dz, loss, correct);
        break;
    case WEFT_HEAD_IDENTITY:
        ref_identity_squared_error(z, y, weight, rows, columns, factor, rule->each, dz, loss,
                                   correct);
        break;
    }
}

/* Computes the loss, the number of correct predictions and the delta of the output layer. `loss`
 * and `correct` [B] are scratch. */
static void judge(const struct network *network, size_t batch, const struct ref_rule *rule,
                  double *loss, uint32_t *correct, struct ref_step *step)
{
    size_t last = network->layer_count - 1;
    ref_head_loss(network->head, step->a[last], batch, network_outputs(network), rule,
                  step->dz[last], loss, correct);
    for (size_t i = 0; i < batch; i++) {
        step->loss += loss[i];
        step->correct += correct[i];
    }
}

/* dw = dz' a_below + penalty, db = column sums of dz, dz_below = (dz W) a'(z_below). */
static void backward(const struct network *network, const double *parameters, const double *x,
                     size_t batch, const struct ref_rule *rule, struct ref_step *step)
{
    for (size_t l = network->layer_count; l-- > 0;) {
        const struct dense_layer *layer = &network->layers[l];
        const double *w = parameters + layer->weight_offset; /* [O][I] */
        double *dw = step->gradient + layer->weight_offset;  /* [O][I] */
        const double *below = l == 0 ? x : step->a[l - 1];   /* [B][I] */
        ref_product_weight_gradient(step->dz[l], below, layer->outputs, layer->inputs, batch, dw);
        ref_penalty_gradient(w, layer->outputs * layer->inputs, rule->l1, rule->l2, dw);
        if (layer->bias)
            ref_bias_gradient(step->dz[l], batch, layer->outputs,
                              step->gradient + layer->bias_offset);
        if (l == 0)
            continue;
        ref_product_delta(step->dz[l], w, batch, layer->inputs, layer->outputs, step->dz[l - 1]);
        if (network->layers[l - 1].dropout > 0.0f)
            dropped_backward(network, l - 1, batch * layer->inputs, rule->draw, step);
        else
            ref_activation_backward(network->layers[l - 1].activation, step->z[l - 1],
                                    step->a[l - 1], step->dz[l - 1], batch * layer->inputs);
        if (network->layers[l - 1].batch_norm)
            normalize_backward(network, parameters, batch, l - 1, step);
    }
}

/* Implements ref_step_run for a rule with targets. `loss` and `correct` [B] are scratch. */
static enum weft_status run(const struct network *network, const double *parameters,
                            const double *x, size_t batch, const struct ref_rule *rule,
                            double *loss, uint32_t *correct, struct ref_step *step)
{
    TRY(allocate(network, batch, step));
    forward(network, parameters, x, batch, rule->draw, step);
    judge(network, batch, rule, loss, correct, step);
    ref_penalty_terms(parameters, network->weight_count, &step->weight_abs, &step->weight_squares);
    backward(network, parameters, x, batch, rule, step);
    return WEFT_OK;
}

enum weft_status ref_step_run(const struct network *network, const double *parameters,
                              const double *x, const int32_t *labels, size_t batch,
                              const struct ref_rule *rule, struct ref_step *step)
{
    struct ref_rule whole = *rule;
    double *loss = NULL, *made = NULL;
    uint32_t *correct = NULL;
    *step = (struct ref_step){0};
    enum weft_status status =
        ref_rule_complete(&whole, labels, batch, network_outputs(network), &made);
    if (status == WEFT_OK)
        status = NEW_ARRAY(loss, batch);
    if (status == WEFT_OK)
        status = NEW_ARRAY(correct, batch);
    if (status == WEFT_OK)
        status = run(network, parameters, x, batch, &whole, loss, correct, step);
    memory_free(correct);
    memory_free(loss);
    memory_free(made);
    if (status != WEFT_OK)
        ref_step_reset(step);
    return status;
}

void ref_step_reset(struct ref_step *step)
{
    for (size_t l = 0; l < step->layer_count; l++) {
        memory_free(step->q[l]);
        memory_free(step->z[l]);
        memory_free(step->a[l]);
        memory_free(step->dz[l]);
    }
    memory_free(step->q);
    memory_free(step->statistics);
    memory_free(step->z);
    memory_free(step->a);
    memory_free(step->dz);
    memory_free(step->gradient);
    *step = (struct ref_step){0};
}
