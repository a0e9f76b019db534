/* A model: a network, its parameters, standardization, class names, and how it was trained. */
#ifndef WEFT_NETWORK_MODEL_H
#define WEFT_NETWORK_MODEL_H

#include "data/dataset.h"
#include "data/scale.h"
#include "network/network.h"

/* What training leaves in the file; no times, no paths: the same training gives the same bytes. */
struct training_record {
    size_t epochs;
    struct weft_options options; /* of these the ones that are given, all of them `recorded` */
    double train_accuracy, validation_accuracy,
        test_accuracy; /* NaN where there was no such part */
};

/* Where a training has ended, for one that goes on: what a model file does not have. */
struct training_state {
    uint64_t steps;                /* updates so far; 0: there is no state */
    enum weft_optimizer optimizer; /* whose `arrays` these are */
    size_t arrays;
    float *values; /* [arrays + 1][value_count] owned: what updates keep, then the parameters that
                      were trained and their statistics, of which the model may have the average */
};

/* Forgets it. */
void training_state_reset(struct training_state *state);

struct weft_model {
    char preset[32];
    struct network network;
    float
        *parameters; /* [network.value_count] owned, layout of struct network: statistics follow */
    struct scale scale;
    bool scale_settled; /* no other scale is to be made, even where there is none */
    size_t classes;     /* C; outputs are C, or 1 with a single output */
    char **class_names; /* [C] owned */
    size_t *widths;     /* [layer_count + 1] owned: features, hidden widths, outputs */
    enum weft_activation *activations; /* [layer_count] owned, of the hidden layers; at least one */
    bool article_quirks;               /* probabilities are the softmax of the sigmoid outputs */
    uint64_t seed;
    struct training_record record;
    size_t member_count;         /* of an ensemble, beside this one; 0: no ensemble */
    struct weft_model **members; /* [member_count] owned: the same network, other parameters */
    size_t mirror_width, mirror_channels; /* of images that are predicted mirrored, too; 0: none */
    struct training_state state;          /* of the last training of this object */
};

/* As it was made: initial parameters of options->seed, no scale, nothing recorded. */
void model_restart(struct weft_model *model, const struct weft_options *options);

/* The dropout of the next training. WEFT_ERROR_USAGE, and all is as it was: neither one rate for
 * all hidden layers nor one for each. */
WEFT_MUST_CHECK enum weft_status model_set_dropout(struct weft_model *model,
                                                   const struct weft_options *options);

/* The scale that is to be made from the training part; a model keeps what it has, none too. */
static inline enum weft_scale model_scale_to_make(const struct weft_model *model,
                                                  const struct weft_options *options)
{
    return model->scale_settled || model->scale.features > 0 ? WEFT_SCALE_NONE : options->scale;
}

/* What decides the size of a model; everything borrowed. */
struct model_shape {
    size_t features; /* D */
    const size_t *hidden;
    size_t hidden_count;
    const enum weft_activation *activations; /* [hidden_count] */
    const float *dropout;                    /* [hidden_count], or NULL */
    enum weft_head head;
    enum weft_task task;
    bool bias;
    bool batch_norm;
    bool single_output;
    size_t classes;                 /* C */
    const char *const *class_names; /* [C], copied */
};

/* A model of that shape: zero weights, no scale, nothing recorded. Errors of network_init. */
WEFT_MUST_CHECK enum weft_status model_allocate(const struct model_shape *shape,
                                                struct weft_model **model);

/* The network that `options` describe for `dataset`, its parameters zero; the first half of
 * weft_model_create and weft_model_create_from, with all their errors about options and data. */
WEFT_MUST_CHECK enum weft_status model_from_options(const struct weft_options *options,
                                                    const struct weft_dataset *dataset,
                                                    struct weft_model **model);

/* What it wants of data. */
static inline struct dataset_needs model_needs(const struct weft_model *model)
{
    return (struct dataset_needs){network_features(&model->network), model->classes,
                                  model->network.task};
}

/* Two classes behind one output, whose target is the label. */
static inline bool model_has_single_output(const struct weft_model *model)
{
    return model->classes == 2 && network_outputs(&model->network) == 1;
}

#endif
