/* A checkpoint file: the whole state of a training run at the end of a batch.
 *
 * The file is a safetensors file. Its tensors are the arrays of struct training_state and the
 * weights of the model. Its metadata are the numbers of that structure, the options, digests of the
 * data sets, a note of the program, and a digest of everything else in the file. A finished part of
 * an ensemble lies in the same file, with "finished." before each name, and its curves beside it.
 * docs/checkpoints.md tells users what is promised.
 */
#ifndef WEFT_TRAIN_CHECKPOINT_H
#define WEFT_TRAIN_CHECKPOINT_H

#include "network/metadata_table.h"
#include "options/option_table.h"
#include "train/epoch_loop.h"
#include "train/trainer.h"

/* What must be the same when a training run is resumed, as digests; 0: there is no such thing. */
struct training_identity {
    uint64_t train, validation, test, scales;
};

/* A training run at the end of a batch, as the batch callback gets it. */
struct weft_moment {
    struct epoch_loop *loop;          /* borrowed */
    const struct weft_model *model;   /* borrowed */
    const struct training_sets *sets; /* borrowed */
    bool identified;                  /* `identity` is valid; it is computed when first needed */
    struct training_identity identity;
};

/* The numbers of a checkpoint: one row of checkpoint_fields for each. */
struct checkpoint_record {
    char format[20], weft_version[32], device[128];
    uint32_t format_version;
    struct training_identity identity;
    uint64_t epoch, batch, steps, epochs; /* of struct training_state */
    uint64_t recorded;                    /* complete epochs of the model */
    uint64_t drops;                       /* of the schedule */
    double best, plateau_best;            /* of both monitors; NaN before the first value */
    uint64_t best_epoch, worse, plateau_epoch, plateau_worse;
};
extern const struct metadata_field checkpoint_fields[];
extern const size_t checkpoint_field_count;

/* A checkpoint that was read. */
struct weft_checkpoint {
    char *path; /* owned; for messages */
    struct checkpoint_record record;
    struct safetensors file; /* owned, loaded */
};

/* Metrics of batches and points of curves go to tensors as they are: so many numbers of 32 bits. */
enum { METRIC_NUMBERS = 4, POINT_NUMBERS = CURVE_VALUES + 1 };
_Static_assert(sizeof(struct batch_metrics) == METRIC_NUMBERS * sizeof(float), "no padding");
_Static_assert(sizeof(struct curve_point) == POINT_NUMBERS * sizeof(float), "no padding");

/* Writes the name of the tensor with the curve of a finished member; the first model is member 0.
 * A model file would thin the curve. */
enum { CHECKPOINT_CURVE_SIZE = 40 };
void checkpoint_curve_name(size_t member, char name[CHECKPOINT_CURVE_SIZE]);

/* Where the option `row` stands in the metadata, and whether a training run may be resumed with
 * another value: it says how to compute, not what. */
enum { CHECKPOINT_KEY_SIZE = 64 };
void checkpoint_option_key(const struct option_row *row, char key[CHECKPOINT_KEY_SIZE]);
bool checkpoint_option_is_free(const struct option_row *row);

/* Returns the digest of all entries and tensors of a file, without the entry "digest" itself. */
enum { CHECKPOINT_DIGEST_SIZE = 17 };
void checkpoint_digest(const struct safetensors *file, char text[CHECKPOINT_DIGEST_SIZE]);

/* Computes the identity of a training run, once. */
const struct training_identity *checkpoint_identify(struct weft_moment *moment);

/* Returns WEFT_ERROR_MODEL, with what differs, unless the training run of `moment` is the one that
 * `checkpoint` continues. */
WEFT_MUST_CHECK enum weft_status checkpoint_fits(const struct weft_checkpoint *checkpoint,
                                                 struct weft_moment *moment);

/* Copies a checkpoint to the state of `loop` and to its workspace, and gives `model` its weights.
 * checkpoint_fits must have accepted it. */
WEFT_MUST_CHECK enum weft_status checkpoint_restore(const struct weft_checkpoint *checkpoint,
                                                    struct epoch_loop *loop,
                                                    struct weft_model *model);

#endif
