/* What a model file says about its model in words: everything but the numbers of the tensors.
 *
 * Texts under __metadata__, all of which are there except the accuracies:
 *
 *     format           "weft"
 *     format_version   "1"; a file of a higher version is refused
 *                      "2" where programs of version 1 would compute wrong: ensembles, batch norm,
 *                      tasks other than "classify"
 *     members          how many models are in the file; missing: one
 *     weft_version     the version that wrote it
 *     preset           "default", "best-plain", "best", "article", "xor"
 *     features         D
 *     hidden           "128,64" from the input side, or "none"
 *     classes          C
 *     class_names      a JSON list of C texts
 *     activation       "relu" of all hidden layers, or "relu,tanh": one for each
 *     head             "sigmoid", "softmax", "identity"
 *     task             "multilabel", "regress"; missing: "classify"
 *     bias, single_output                  "true" or "false"
 *     batch_norm       "true": of all hidden layers, which have no biases then; missing: of none
 *     probability      "head", or "softmax_of_head": the article's softmax of sigmoid outputs
 *     scale            "standard" or "none"
 *     seed, epochs     how it was trained
 *     l1, l2, learning_rate                the options of its last training
 *     optimizer, schedule                  too; missing: "sgd", "constant"
 *     dropout, beta1, ...                  and those that option_table.c marks as RECORDED, if the
 *                      training used them; "-" in a name becomes "_"
 *     train_accuracy, validation_accuracy, test_accuracy    fractions, where there was such a part
 */
#ifndef WEFT_NETWORK_MODEL_METADATA_H
#define WEFT_NETWORK_MODEL_METADATA_H

#include "network/model.h"
#include "network/safetensors.h"
#include "options/option_table.h"

struct model_metadata {
    char preset[32];
    size_t features, classes;
    size_t hidden[WEFT_MAX_HIDDEN];
    size_t hidden_count;
    enum weft_activation activations[WEFT_MAX_HIDDEN]; /* of each hidden layer */
    char **class_names;                                /* [classes] owned */
    enum weft_head head;
    enum weft_task task;
    bool bias, batch_norm, single_output, article_quirks, scaled;
    uint64_t seed;
    struct training_record record;
};

/* The key of an option of the training. */
enum { METADATA_KEY_SIZE = 48 };
void model_metadata_key(const struct option_row *row, char key[METADATA_KEY_SIZE]);

/* Adds the texts for `model` to `file`. */
WEFT_MUST_CHECK enum weft_status model_metadata_write(const struct weft_model *model,
                                                      struct safetensors *file);

/* WEFT_ERROR_MODEL, the error beginning with `path`: a text that is missing or makes no sense, or a
 * newer format. */
WEFT_MUST_CHECK enum weft_status model_metadata_read(const char *path,
                                                     const struct safetensors *file,
                                                     struct model_metadata *metadata);
void model_metadata_reset(struct model_metadata *metadata);

#endif
