/* weft_model.h: networks, and the files that store them.
 *
 * The conventions of weft.h apply here too. docs/models.md has the format of the files. */
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
    bool batch_norm;                         /* all hidden layers have batch norm */
    size_t features;                         /* D */
    size_t classes;                          /* C */
    size_t outputs;                          /* C, or 1 with a single output */
    size_t layers;                           /* dense layers, output layer included */
    const enum weft_activation *activations; /* [layers - 1] one per hidden layer */
    const size_t *widths;                    /* [layers + 1] features, hidden widths, outputs */
    const char *const *class_names;          /* [C] */
    enum weft_scale scale;
    const float *scale_mean, *scale_std;   /* [D], or NULL without scaling */
    const float *target_mean, *target_std; /* [C] for regression with standardized targets, or
                                              NULL */
    uint64_t seed;
    size_t epochs;                    /* epochs that the model was trained for */
    double l1, l2;                    /* of the last training run */
    enum weft_optimizer optimizer;    /* of the last training run */
    enum weft_schedule schedule;      /* of the last training run */
    size_t parameters;                /* trainable numbers; for an ensemble, of one member */
    size_t members;                   /* number of members of an ensemble; otherwise 1 */
    const char *const *feature_names; /* [D] if the model was trained on a table, otherwise NULL */
    double train_accuracy, validation_accuracy, test_accuracy; /* of the last training run; NaN if
                                                                  unknown */
    const char *devices; /* "slices 0-3: NAME; slices 4-7: NAME" if devices of several kinds
                            computed the last training run together; otherwise "" */
};

/* Tests whether a model can work on a data set.
 *
 * with_targets   true: the labels or targets must fit too, as training and evaluation require
 *
 * Returns WEFT_ERROR_DATA if the number of features differs from the model's. If with_targets is
 * true, it also returns WEFT_ERROR_DATA if labels or targets are missing, or do not fit the task
 * and the classes. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_accepts(const struct weft_model *model,
                                                             const struct weft_dataset *dataset,
                                                             bool with_targets);

/* Fills options with the settings that a model was trained with: its preset, its task, and the
 * options that its file records. All other options get the values of the preset, or of preset
 * "default" if this version does not know the preset.
 *
 * options   must have been filled by weft_options_init
 *
 * Returns WEFT_ERROR_USAGE if the file records a value that this version does not accept. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_get_options(const struct weft_model *model,
                                                                 struct weft_options *options);

/* Creates a network for the features and classes of a data set. options->seed determines its random
 * initial weights.
 *
 * Returns
 * - WEFT_ERROR_USAGE if the options contradict each other or the data
 * - WEFT_ERROR_DATA if C is 1 for the task classify, or if the task cannot use the targets
 * - WEFT_ERROR_DATA if there are more classes than a model file can name */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_create(const struct weft_options *options,
                                                            const struct weft_dataset *dataset,
                                                            struct weft_model **model);

/* Creates a network as weft_model_create does, with the weights of a safetensors file. The tensors
 * of the file are `layers.0.weight` [O][I], `layers.0.bias` [O], ..., `scale.mean` and `scale.std`
 * [D], and for regression `target.mean` and `target.std` [C]. The file needs no metadata. Missing
 * biases are 0. With batch norm, hidden layers have no biases, so the file must have none for them.
 *
 * keep_scale   true: take the scaling of features and targets from the file; if the file is a Weft
 *              model without scaling, nothing is scaled. false: the first training run computes the
 *              scaling
 *
 * Returns WEFT_ERROR_MODEL if a tensor does not fit the network, or if the file is an ensemble or a
 * Weft model with another task, head or activation. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_create_from(const char *path,
                                                                 const struct weft_options *options,
                                                                 bool keep_scale,
                                                                 const struct weft_dataset *dataset,
                                                                 struct weft_model **model);

/* Reads a model file.
 *
 * Returns WEFT_ERROR_MODEL if it is damaged or comes from a newer version, and WEFT_ERROR_IO if it
 * cannot be read. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_read(const char *path,
                                                          struct weft_model **model);

/* Tells whether a file starts like a model file. Its contents may still be damaged. Returns false
 * for a pipe, and for a file that cannot be read. */
WEFT_API bool weft_model_recognize(const char *path);

/* Writes a model as a safetensors file. An existing file is replaced whole or not at all. Equal
 * models give equal bytes.
 *
 * Returns WEFT_ERROR_IO if the file cannot be written. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_write(const struct weft_model *model,
                                                           const char *path);

/* Tests whether weft_model_write could write to a path now, and leaves nothing behind. Call it
 * before a long training run.
 *
 * Returns WEFT_ERROR_IO if the file could not be written. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_check_path(const char *path);

/* Adds a member to a model, which turns the model into an ensemble. An ensemble predicts the mean
 * of its members' probabilities or, for regression, of their outputs. weft_model_get_info describes
 * the first member.
 *
 * member   a model with the same network and scaling; on success it belongs to `model`
 *
 * Returns WEFT_ERROR_USAGE if the networks differ, or if `model` already has this member. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_add_member(struct weft_model *model,
                                                                struct weft_model *member);

/* Makes a model predict each image and its mirror image (left to right), and return the mean of the
 * two predictions. Model files do not store this setting.
 *
 * width      width of the images in pixels, or 0 to turn averaging off
 * channels   numbers per pixel */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_model_predict_mirrored(struct weft_model *model,
                                                                      size_t width,
                                                                      size_t channels);

/* Describes a model. */
WEFT_API void weft_model_get_info(const struct weft_model *model, struct weft_model_info *info);

/* What a model does with a column of a table. Pointers are borrowed from the model. */
struct weft_model_column {
    const char *name; /* NULL if columns are matched by position */
    const char *use;  /* as in struct weft_column_info */
    const char *reason;
    size_t features;
    double fill; /* replaces a missing number; NaN if a missing number is an error */
    size_t category_count;
    const char *const *categories; /* [category_count] one feature for each, most frequent first */
};

/* Describes column number `index`, counted from 0, of the table that a model was trained on.
 * Returns false beyond the last column, and for models that were not trained on a table. */
WEFT_API bool weft_model_get_column(const struct weft_model *model, size_t index,
                                    struct weft_model_column *column);

/* Returns the weights [O][I] of a dense layer, borrowed. Layer 0 is next to the input. Returns NULL
 * beyond the last layer. */
WEFT_API const float *weft_model_weights(const struct weft_model *model, size_t layer);

/* Returns the biases [O] of a dense layer, borrowed, or NULL if it has none. */
WEFT_API const float *weft_model_biases(const struct weft_model *model, size_t layer);

/* The batch normalization of a layer: z = scale (q - mean) / sqrt(variance + 1e-5) + shift, where q
 * is the matrix product of inputs and weights (Ioffe and Szegedy 2015). Pointers are borrowed. */
struct weft_norm {
    const float *scale, *shift;   /* [O] */
    const float *mean, *variance; /* [O] running statistics, used by predictions */
};

/* Gets the batch normalization of a layer. Returns false, and NULL pointers, if it has none. */
WEFT_API bool weft_model_norm(const struct weft_model *model, size_t layer, struct weft_norm *norm);

/* Releases a model and the members that it owns. */
WEFT_API void weft_model_destroy(struct weft_model *model);

#ifdef __cplusplus
}
#endif
#endif
