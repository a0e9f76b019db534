/* Notices results that are finite but useless, and writes a note about them. */
#ifndef WEFT_TRAIN_USEFULNESS_H
#define WEFT_TRAIN_USEFULNESS_H

#include "data/dataset.h"
#include "network/model.h"
#include "train/pass.h"

enum { USEFULNESS_SIZE = 256 };

/* The prediction that all samples share, if there is one. */
struct one_answer {
    bool is_one;  /* all samples have the same predicted class or labels */
    size_t class; /* the shared class; for task classify */
};

/* Writes a note like `every sample is predicted as the same class, "Bag"; CAUSE` if the true
 * targets differ, or a note that R^2 is below 0. Otherwise `note` becomes "". `cause` is the text
 * of advice_after_nothing_learned. */
void usefulness_note(const struct weft_dataset *dataset, const struct weft_model *model,
                     struct one_answer answer, double r2, const char *cause,
                     char note[USEFULNESS_SIZE]);

/* Determines whether all `count` samples of `data` have one prediction. The pass must hold the
 * parameters of the model. The result is always false for task regress. */
WEFT_MUST_CHECK enum weft_status one_answer_find(struct pass *pass, const struct device_data *data,
                                                 size_t count, struct one_answer *answer);

/* Does the same from the outputs z and probabilities p [count][outputs] of the samples, which stay
 * unchanged. */
WEFT_MUST_CHECK enum weft_status one_answer_of_outputs(const struct network *network, float *z,
                                                       float *p, size_t count,
                                                       struct one_answer *answer);

/* Fills the note of `training`, which must already have its scores. `answer` is the answer for the
 * samples of `dataset`, on which `model` was trained. */
void usefulness_note_training(const struct weft_dataset *dataset, const struct weft_model *model,
                              const struct weft_options *options, struct one_answer answer,
                              struct weft_training *training);

#endif
