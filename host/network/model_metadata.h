/* The metadata of a model file: everything about a model except the numbers of its tensors.
 *
 * The metadata consists of strings under __metadata__; docs/models.md describes them for users:
 *
 *     format           "weft"
 *     format_version   "1"; "2" if programs of version 1 would compute wrong results: ensembles,
 *                      batch norm, tasks other than "classify"; "3" if those of version 2 would:
 *                      standardized targets
 *     members          number of models in the file; if missing, one
 *     weft_version     the version that wrote the file
 *     preset           "default", "best-plain", "best", "article", "xor"
 *     features         D
 *     hidden, activation, head, bias, batch_norm    see network_metadata.h
 *     classes          C
 *     class_names      a JSON list of C strings
 *     schema           JSON, see schema_metadata.h; if missing, there was no table
 *     task             "multilabel", "regress"; if missing, "classify"
 *     single_output    "true": one output for two classes
 *     probability      "head", or "softmax_of_head": the article's softmax of sigmoid outputs
 *     scale            "none", "standard" or "global"; older files say "standard" for both
 *     target_scale     "standard": the network computes standardized targets; if missing, "none"
 *     seed, epochs     how the model was trained
 *     l1, l2, learning_rate    options of the last training run
 *     optimizer, schedule      options of the last training run; if missing, "sgd" and
 *                              "constant"
 *     dropout, beta1, ...      the options that option_table.c marks as RECORDED, if the
 *                              training run used them; "-" in a name becomes "_"
 *     train_accuracy, validation_accuracy, test_accuracy    fractions, if there was such a set
 */
#ifndef WEFT_NETWORK_MODEL_METADATA_H
#define WEFT_NETWORK_MODEL_METADATA_H

#include "network/model.h"
#include "network/network_metadata.h"
#include "options/option_table.h"

struct model_metadata {
    char format[8], weft_version[32];
    uint32_t format_version;
    size_t members; /* number of models in the file; 0: one, and the file does not say so */
    char preset[32];
    size_t features, classes;
    struct network_metadata network;
    char **class_names;    /* [classes] owned */
    struct schema *schema; /* shared; NULL without a table */
    enum weft_task task;
    enum weft_scale scale, target_scale;
    bool single_output, article_quirks;
    uint64_t seed;
    struct training_record record;
};

/* model_metadata_key writes the metadata key of an option. */
enum { METADATA_KEY_SIZE = 48 };
void model_metadata_key(const struct option_row *row, char key[METADATA_KEY_SIZE]);

/* Adds the metadata of `model` to `file`. */
WEFT_MUST_CHECK enum weft_status model_metadata_write(const struct weft_model *model,
                                                      struct safetensors *file);

/* Reads the metadata of a file. Returns WEFT_ERROR_MODEL if an entry is missing or invalid, or if
 * the format is newer than this version. The message begins with `path`. */
WEFT_MUST_CHECK enum weft_status model_metadata_read(const char *path,
                                                     const struct safetensors *file,
                                                     struct model_metadata *metadata);
void model_metadata_reset(struct model_metadata *metadata);

/* Refuses a checkpoint (train/checkpoint.h), which users take for the model that it leads to. */
WEFT_MUST_CHECK enum weft_status model_metadata_check_kind(const char *path,
                                                           const struct safetensors *file);

#endif
