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

/* Fills the note of `training`, which must already have its scores. `data` holds the samples of
 * `dataset` on which `model` was trained. The pass must hold the parameters of the model. */
WEFT_MUST_CHECK enum weft_status usefulness_note_training(struct pass *pass,
                                                          const struct device_data *data,
                                                          const struct weft_dataset *dataset,
                                                          const struct weft_model *model,
                                                          const struct weft_options *options,
                                                          struct weft_training *training);

#endif
