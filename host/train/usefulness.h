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

/* Returns the number of words in an answer, which tells what samples have for a prediction: none,
 * one that they share, or several. Not for task regress. */
size_t answer_size(const struct network *network);

/* Computes the answer [answer_size] for the samples first .. first + count - 1 of `data`. The pass
 * must hold the parameters of the model. */
WEFT_MUST_CHECK enum weft_status answer_find(struct pass *pass, const struct device_data *data,
                                             size_t first, size_t count, uint32_t *answer);

/* Determines whether all samples have one prediction, from answers [count][answer_size] for parts
 * of them. */
struct one_answer answers_merge(const struct network *network, const uint32_t *answers,
                                size_t count);

/* Fills the note of `training`, which must already have its scores. `answer` is the answer for the
 * samples of `dataset`, on which `model` was trained. */
void usefulness_note_training(const struct weft_dataset *dataset, const struct weft_model *model,
                              const struct weft_options *options, struct one_answer answer,
                              struct weft_training *training);

#endif
