/* weft_model.h: networks, and the files that store them.
 *
 * The conventions of weft.h apply here too. docs/models.md describes the format of model files. */
#ifndef WEFT_MODEL_H
#define WEFT_MODEL_H

#include "weft_dataset.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A network with its parameters, the scaling of its features and targets, and its class names. */
struct weft_model;

/* The description of a model. Pointers are borrowed from the model. */
struct weft_model_info {
    const char *preset;
    enum weft_task task;
    enum weft_head head;
    bool bias;                               /* true: each layer without batch norm has a bias */
    bool batch_norm;                         /* true: each hidden layer has batch norm */
    size_t features;                         /* D */
    size_t classes;                          /* C */
    size_t outputs;                          /* number of outputs: 1 with `single_output` of the
                                                options, otherwise C */
    size_t layers;                           /* number of dense layers, including the output
                                                layer */
    const enum weft_activation *activations; /* [layers - 1] one per hidden layer */
    const size_t *widths;                    /* [layers + 1] `features`, the units of each hidden
                                                layer, `outputs` */
    const char *const *class_names;          /* [C] */
    enum weft_scale scale;
    const float *scale_mean, *scale_std;   /* [D]; NULL if features are not scaled */
    const float *target_mean, *target_std; /* [C] for regression with standardized targets,
                                              otherwise NULL */
    uint64_t seed;
    size_t epochs;                    /* number of epochs that the model was trained for */
    double l1, l2;                    /* of the last training run */
    enum weft_optimizer optimizer;    /* of the last training run */
    enum weft_schedule schedule;      /* of the last training run */
    size_t parameters;                /* number of trainable numbers; for an ensemble, those of one
                                         member */
    size_t members;                   /* number of members of an ensemble; otherwise 1 */
    const char *const *feature_names; /* [D] if the model was trained on a table, otherwise NULL */
    double train_accuracy, validation_accuracy, test_accuracy; /* of the last training run; NaN if
                                                                  unknown */
    const char *devices; /* the slices that each device computed, such as "slices 0-3: NAME;
                            slices 4-7: NAME", if devices of several kinds shared the last training
                            run; otherwise "" */
};

/* Tests whether a model can work on a data set.
 *
 * with_targets   true: labels or targets must fit the model too, as training and evaluation
 *                require; false: only features must fit
 *
 * Returns WEFT_ERROR_DATA if the data set and the model differ in the number of features. With
 * with_targets true, it returns WEFT_ERROR_DATA also if labels or targets are missing, or do not
 * fit the task and the classes of the model. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_accepts(const struct weft_model *model,
                                                             const struct weft_dataset *dataset,
                                                             bool with_targets);

/* Fills options with the settings that a model was trained with: its preset, its task, and the
 * options that a model file records (see docs/models.md). All other options get the values of this
 * preset or, if this version of Weft does not know it, of preset "default".
 *
 * options   must have been filled by weft_options_init
 *
 * Returns WEFT_ERROR_USAGE if the model has a recorded value that this version of Weft does not
 * accept. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_get_options(const struct weft_model *model,
                                                                 struct weft_options *options);

/* Creates a network for the features and classes of a data set. options->seed determines the random
 * initial weights of the network.
 *
 * Returns
 * - WEFT_ERROR_USAGE if options contradict each other, or do not suit the data
 * - WEFT_ERROR_DATA if C is 1 for the task classify, or if the task cannot use the targets
 * - WEFT_ERROR_DATA if there are more classes than a model file can name */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_create(const struct weft_options *options,
                                                            const struct weft_dataset *dataset,
                                                            struct weft_model **model);

/* Creates a network as weft_model_create does, but takes its weights from a safetensors file. The
 * tensors of the file are `layers.0.weight` [O][I], `layers.0.bias` [O], and so on for each layer;
 * `scale.mean` and `scale.std` [D]; and, for regression, `target.mean` and `target.std` [C]. The
 * file needs no metadata. Biases that the file lacks are 0. With batch norm, hidden layers have no
 * biases, so the file must have no biases for them.
 *
 * keep_scale   true: take the scaling of features and targets from the file. If the file is a Weft
 *              model without scaling, nothing is scaled. false: the first training run computes the
 *              scaling
 *
 * Returns WEFT_ERROR_MODEL if a tensor does not fit the network; if the file is an ensemble; or if
 * the file is a Weft model with another task, head or activation than the options. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_create_from(const char *path,
                                                                 const struct weft_options *options,
                                                                 bool keep_scale,
                                                                 const struct weft_dataset *dataset,
                                                                 struct weft_model **model);

/* Reads a model file.
 *
 * Returns WEFT_ERROR_MODEL if the file is damaged or comes from a newer version of Weft, and
 * WEFT_ERROR_IO if the file cannot be read. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_read(const char *path,
                                                          struct weft_model **model);

/* Tells whether a file starts like a model file. The rest of the file may still be damaged. Returns
 * false for a pipe, and for a file that cannot be read. */
WEFT_API bool weft_model_recognize(const char *path);

/* Writes a model as a safetensors file. An existing file is replaced completely or, after a
 * failure, not at all. Equal models give equal bytes.
 *
 * Returns WEFT_ERROR_IO if the file cannot be written. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_write(const struct weft_model *model,
                                                           const char *path);

/* Tests whether weft_model_write could write to a path now. This test leaves no file behind. Call
 * this function before a long training run.
 *
 * Returns WEFT_ERROR_IO if the file could not be written. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_check_path(const char *path);

/* Turns a model into an ensemble, or adds a member to an ensemble. An ensemble predicts the mean of
 * the probabilities or, for regression, of the outputs of its members. `model` itself is the first
 * member. weft_model_get_info describes this member.
 *
 * member   a model with the same network and scaling; after success, `model` owns it
 *
 * Returns WEFT_ERROR_USAGE if the networks differ, or if `model` already has this member. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_add_member(struct weft_model *model,
                                                                struct weft_model *member);

/* Changes how a model makes predictions for images: it then returns the mean of the predictions for
 * each image and for its mirror image (left to right). Model files do not store this setting.
 *
 * width      width of the images in pixels; 0: turn this setting off
 * channels   number of channels of each pixel */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_predict_mirrored(struct weft_model *model,
                                                                      size_t width,
                                                                      size_t channels);

/* Describes a model. */
WEFT_API void weft_model_get_info(const struct weft_model *model, struct weft_model_info *info);

/* What a model does with a column of a table. Pointers are borrowed from the model. */
struct weft_model_column {
    const char *name; /* name of the column; NULL if columns are matched by position, not by name */
    const char *use;  /* as in struct weft_column_info */
    const char *reason;
    size_t features;
    double fill; /* the number that replaces missing numbers; NaN if a missing number is an error */
    size_t category_count;
    const char *const *categories; /* [category_count] the categories that have a feature of their
                                      own, most frequent first */
};

/* Describes column number `index`, counted from 0, of the table that a model was trained on.
 * Returns false beyond the last column, and for models that were not trained on a table. */
WEFT_API bool weft_model_get_column(const struct weft_model *model, size_t index,
                                    struct weft_model_column *column);

/* Returns the weights [O][I] of a dense layer, borrowed. Layer 0 is next to the input. Returns NULL
 * beyond the last layer. */
WEFT_API const float *weft_model_weights(const struct weft_model *model, size_t layer);

/* Returns the biases [O] of a dense layer, borrowed. Returns NULL if the layer has none. */
WEFT_API const float *weft_model_biases(const struct weft_model *model, size_t layer);

/* The batch normalization of a layer: z = scale (q - mean) / sqrt(variance + 1e-5) + shift, where q
 * is the matrix product of inputs and weights (Ioffe and Szegedy 2015). Pointers are borrowed. */
struct weft_norm {
    const float *scale, *shift;   /* [O] */
    const float *mean, *variance; /* [O] the running statistics, which predictions use */
};

/* Gets the batch normalization of a layer. If the layer has none, returns false and sets all
 * pointers to NULL. */
WEFT_API bool weft_model_norm(const struct weft_model *model, size_t layer, struct weft_norm *norm);

/* Releases a model and, for an ensemble, all its members. */
WEFT_API void weft_model_destroy(struct weft_model *model);

#ifdef __cplusplus
}
#endif
#endif
