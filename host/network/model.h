/* A model: a network, its parameters, its standardization, its class names, and a record of its
 * training. */
#ifndef WEFT_NETWORK_MODEL_H
#define WEFT_NETWORK_MODEL_H

#include "data/dataset.h"
#include "data/scale.h"
#include "network/curve.h"
#include "network/network.h"

enum { RECORD_DEVICES_SIZE = 1024 };

/* What a model file records of a training run. It contains no times and no paths, so the same
 * training gives the same bytes. */
struct training_record {
    size_t epochs;
    struct weft_options options; /* only the options marked as given are recorded */
    double train_accuracy, validation_accuracy, test_accuracy; /* NaN if there was no such set */
    char devices[RECORD_DEVICES_SIZE]; /* which slices ran on which device, if several kinds of
                                          device computed together; otherwise "" */
};

struct training_state; /* train/training_state.h */

struct weft_model {
    char preset[32];
    struct network network;
    float *parameters;  /* [network.value_count] owned, laid out as in struct network; statistics
                           follow the parameters */
    struct scale scale; /* of the features */
    struct scale target_scale; /* of the targets of task regress: the network computes standardized
                                  numbers, and predictions go back to the units of the targets */
    bool scale_settled;        /* no new scale is made, even if the model has none */
    size_t classes;            /* C; there are C outputs, or 1 with a single output */
    char **class_names;        /* [C] owned */
    struct schema *schema;     /* shared: how samples come from a table; NULL without a table */
    size_t *widths;            /* [layer_count + 1] owned: features, hidden widths, outputs */
    enum weft_activation *activations; /* [layer_count] owned: one per hidden layer; never empty */
    bool article_quirks;               /* probabilities are the softmax of the sigmoid outputs */
    uint64_t seed;
    struct training_record record;
    struct curve curve;                   /* of the last training run; owned */
    size_t member_count;                  /* number of further models in the ensemble */
    struct weft_model **members;          /* [member_count] owned: same network, other parameters */
    size_t mirror_width, mirror_channels; /* shape of images to predict mirrored too; 0: off */
    struct training_state *state; /* owned, one block: where the last training run of this object
                                     stopped, so that another one can continue it; or NULL. A model
                                     file does not contain it. */
};

/* Resets the model to its initial state: parameters drawn with options->seed, no scale, and an
 * empty record. */
void model_restart(struct weft_model *model, const struct weft_options *options);

/* Sets the dropout rates for the next training. Returns WEFT_ERROR_USAGE and changes nothing unless
 * there is one rate for all hidden layers, or one for each. */
WEFT_MUST_CHECK enum weft_status model_set_dropout(struct weft_model *model,
                                                   const struct weft_options *options);

/* What determines the size of a model. All pointers are borrowed. */
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

/* Creates a model of the given shape with zero weights, no scale and an empty record. Returns the
 * errors of network_init. */
WEFT_MUST_CHECK enum weft_status model_allocate(const struct model_shape *shape,
                                                struct weft_model **model);

/* Does what model_from_options does, but the model has no parameters: they are NULL. */
WEFT_MUST_CHECK enum weft_status model_outline(const struct weft_options *options,
                                               const struct weft_dataset *dataset,
                                               struct weft_model **model);

/* Creates the network that `options` describe for `dataset`, with zero parameters. It is the first
 * half of weft_model_create and weft_model_create_from and reports all their errors about options
 * and data. */
WEFT_MUST_CHECK enum weft_status model_from_options(const struct weft_options *options,
                                                    const struct weft_dataset *dataset,
                                                    struct weft_model **model);

/* Returns the curve of member `member`, which exists; the first model is member 0. */
const struct curve *model_curve(const struct weft_model *model, size_t member);

/* Returns the requirements of the model for its data. */
static inline struct dataset_needs model_needs(const struct weft_model *model)
{
    return (struct dataset_needs){network_features(&model->network), model->classes,
                                  model->network.task, (const char *const *)model->class_names,
                                  model->schema};
}

/* Tells whether the model has one output for two classes. The target of this output is the
 * label. */
static inline bool model_has_single_output(const struct weft_model *model)
{
    return model->classes == 2 && network_outputs(&model->network) == 1;
}

#endif
