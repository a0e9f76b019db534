/* Implements usefulness.h. */
#include "train/usefulness.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "train/advice.h"
#include "train/score.h"

/* The predictions of a pass. All pointers are owned. */
struct answers {
    float *z, *p; /* [PASS_BLOCK][outputs] */
    bool *labels; /* [outputs] labels predicted for sample 0 */
    size_t class; /* class predicted for sample 0 */
};

/* Compares sample `row` of the block with the first of all samples. Returns true if it is the first
 * itself or has the same prediction. */
static bool is_the_same(const struct network *network, struct answers *answers, size_t row,
                        bool is_first)
{
    const size_t outputs = network_outputs(network);
    const float *z = answers->z + row * outputs, *p = answers->p + row * outputs;
    if (network->task == WEFT_TASK_CLASSIFY) {
        const size_t class = score_class(z, p, outputs);
        answers->class = is_first ? class : answers->class;
        return class == answers->class;
    }
    for (size_t c = 0; c < outputs; c++) {
        answers->labels[c] = is_first ? p[c] > 0.5f : answers->labels[c];
        if (answers->labels[c] != (p[c] > 0.5f))
            return false;
    }
    return true;
}

static enum weft_status all_compare(struct pass *pass, const struct device_data *data, size_t count,
                                    struct answers *answers, bool *same)
{
    const size_t outputs = network_outputs(pass->network);
    TRY(NEW_ARRAY(answers->z, PASS_BLOCK * outputs));
    TRY(NEW_ARRAY(answers->p, PASS_BLOCK * outputs));
    TRY(NEW_ARRAY(answers->labels, outputs));
    *same = true;
    for (size_t first = 0; *same && first < count; first += PASS_BLOCK) {
        const size_t rows = size_min(PASS_BLOCK, count - first);
        TRY(pass_outputs(pass, data, first, rows, false, answers->z, answers->p, NULL));
        for (size_t r = 0; *same && r < rows; r++)
            *same = is_the_same(pass->network, answers, r, first + r == 0);
    }
    return WEFT_OK;
}

enum weft_status one_answer_of_outputs(const struct network *network, float *z, float *p,
                                       size_t count, struct one_answer *answer)
{
    struct answers answers = {.z = z, .p = p};
    *answer = (struct one_answer){.is_one = network->task != WEFT_TASK_REGRESS};
    TRY(NEW_ARRAY(answers.labels, network_outputs(network)));
    for (size_t row = 0; answer->is_one && row < count; row++)
        answer->is_one = is_the_same(network, &answers, row, row == 0);
    answer->class = answers.class;
    memory_free(answers.labels);
    return WEFT_OK;
}

/* It stops at the first block with two different predictions. */
enum weft_status one_answer_find(struct pass *pass, const struct device_data *data, size_t count,
                                 struct one_answer *answer)
{
    struct answers answers = {.z = NULL};
    *answer = (struct one_answer){.is_one = false};
    if (pass->network->task == WEFT_TASK_REGRESS)
        return WEFT_OK;
    const enum weft_status status = all_compare(pass, data, count, &answers, &answer->is_one);
    answer->class = answers.class;
    memory_free(answers.labels);
    memory_free(answers.p);
    memory_free(answers.z);
    return status;
}

/* Returns true if all samples have one class or the same labels. Returns false for task regress. */
static bool truth_is_one(const struct weft_dataset *dataset, enum weft_task task)
{
    const size_t labels = dataset->classes;
    if (task == WEFT_TASK_REGRESS)
        return false;
    for (size_t i = 1; i < dataset->samples; i++)
        if (task == WEFT_TASK_CLASSIFY ? dataset->labels[i] != dataset->labels[0]
                                       : memcmp(dataset->targets + i * labels, dataset->targets,
                                                labels * sizeof *dataset->targets) != 0)
            return false;
    return true;
}

void usefulness_note(const struct weft_dataset *dataset, const struct weft_model *model,
                     struct one_answer answer, double r2, const char *cause,
                     char note[USEFULNESS_SIZE])
{
    const enum weft_task task = model->network.task;
    note[0] = '\0';
    if (task == WEFT_TASK_REGRESS && r2 < 0.0)
        snprintf(note, USEFULNESS_SIZE,
                 "R^2 is below 0: the mean of the targets would predict better; %s", cause);
    if (!answer.is_one || truth_is_one(dataset, task))
        return;
    if (task == WEFT_TASK_CLASSIFY)
        snprintf(note, USEFULNESS_SIZE,
                 "every sample is predicted as the same class, \"%.64s\"; %s",
                 model->class_names[answer.class], cause);
    else
        snprintf(note, USEFULNESS_SIZE, "every sample is predicted with the same labels; %s",
                 cause);
}

/* Notes that the model predicts the test or the validation set worse than a mean would, although it
 * fits the training set. */
static void note_unseen(struct weft_training *training)
{
    const bool test = training->test.r2 < 0.0; /* NaN without a test set */
    if (training->note[0] == '\0' && (test || training->validation.r2 < 0.0))
        snprintf(training->note, USEFULNESS_SIZE,
                 "R^2 of the %s set is below 0: the mean of its targets would predict better; the "
                 "features may be unrelated to the target, or there may be too few samples",
                 test ? "test" : "validation");
}

void usefulness_note_training(const struct weft_dataset *dataset, const struct weft_model *model,
                              const struct weft_options *options, struct one_answer answer,
                              struct weft_training *training)
{
    const bool classes = model->network.task == WEFT_TASK_CLASSIFY;
    char cause[ADVICE_SIZE];
    _Static_assert(sizeof training->note == USEFULNESS_SIZE, "one length of notes");
    if (truth_is_one(dataset, model->network.task)) {
        snprintf(training->note, sizeof training->note,
                 "all training samples have the same %s: the model cannot tell it from others",
                 classes ? "label" : "labels");
        return;
    }
    advice_after_nothing_learned(options, classes ? training->train.accuracy : 0.0, cause);
    usefulness_note(dataset, model, answer, training->train.r2, cause, training->note);
    note_unseen(training);
}
