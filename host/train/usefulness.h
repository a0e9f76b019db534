/* Whether what a model says of samples is of any use: notes on results that are finite and useless.
 */
#ifndef WEFT_TRAIN_USEFULNESS_H
#define WEFT_TRAIN_USEFULNESS_H

#include "data/dataset.h"
#include "train/pass.h"

enum { USEFULNESS_SIZE = 256 };

/* What is said of all samples. */
struct one_answer {
    bool is_one;  /* all are predicted alike: as one class, or with the same labels */
    size_t class; /* that class; of task classify */
};

/* Of the `count` samples of `data`, which end with the first block that has two answers; never one
 * for task regress. The pass has the parameters. */
WEFT_MUST_CHECK enum weft_status one_answer_find(struct pass *pass, const struct device_data *data,
                                                 size_t count, struct one_answer *answer);

/* Whether the samples are of one class, or have the same labels; false for task regress. */
bool usefulness_truth_is_one(const struct weft_dataset *dataset, enum weft_task task);

/* Into `note`: `every sample is predicted as the same class, "Bag"; CAUSE`, where the truth has more than one
 * answer, or that R^2 is below 0; else "". `cause` as advice_after_nothing_learned has it. */
void usefulness_note(const struct weft_dataset *dataset, enum weft_task task,
                     const char *class_name, struct one_answer answer, double r2, const char *cause,
                     char note[USEFULNESS_SIZE]);

#endif
