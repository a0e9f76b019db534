/* Whether what a model says of samples is of any use: notes on results that are finite and useless.
 */
#ifndef WEFT_TRAIN_USEFULNESS_H
#define WEFT_TRAIN_USEFULNESS_H

#include "data/dataset.h"
#include "network/model.h"
#include "train/pass.h"

enum { USEFULNESS_SIZE = 256 };

/* What is said of all samples. */
struct one_answer {
    bool is_one;  /* all are predicted alike: as one class, or with the same labels */
    size_t class; /* that class; of task classify */
};

/* Into `note`: `every sample is predicted as the same class, "Bag"; CAUSE`, where the truth has
 * more than one answer, or that R^2 is below 0; else "". `cause` as advice_after_nothing_learned
 * has it. */
void usefulness_note(const struct weft_dataset *dataset, const struct weft_model *model,
                     struct one_answer answer, double r2, const char *cause,
                     char note[USEFULNESS_SIZE]);

/* Fills the note of `training`, whose scores are there, from the samples `data` of `dataset` that
 * `model` was trained on. The pass has the model's parameters. */
WEFT_MUST_CHECK enum weft_status usefulness_note_training(struct pass *pass,
                                                          const struct device_data *data,
                                                          const struct weft_dataset *dataset,
                                                          const struct weft_model *model,
                                                          const struct weft_options *options,
                                                          struct weft_training *training);

#endif
