/* Implements usefulness.h. */
#include "train/usefulness.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "train/advice.h"
#include "train/score.h"

/* What the first word of an answer says. */
enum { ANSWER_NONE, ANSWER_ONE, ANSWER_SEVERAL };

size_t answer_size(const struct network *network)
{
    return 1 + (network->task == WEFT_TASK_CLASSIFY ? 1 : network_outputs(network));
}

/* Adds the prediction of a sample, whose outputs are z and p [outputs]. */
static void answer_add(const struct network *network, const float *z, const float *p,
                       uint32_t *answer)
{
    const size_t outputs = network_outputs(network), size = answer_size(network);
    const bool first = answer[0] == ANSWER_NONE;
    answer[0] = first ? ANSWER_ONE : answer[0];
    for (size_t i = 1; i < size; i++) {
        const uint32_t value = network->task == WEFT_TASK_CLASSIFY
                                   ? (uint32_t)score_class(z, p, outputs)
                                   : p[i - 1] > 0.5f;
        answer[i] = first ? value : answer[i];
        if (value != answer[i])
            answer[0] = ANSWER_SEVERAL;
    }
}

/* It stops at the first block with two different predictions. z, p [PASS_BLOCK][outputs] are
 * scratch. */
static enum weft_status all_add(struct pass *pass, const struct device_data *data, size_t first,
                                size_t count, float *z, float *p, uint32_t *answer)
{
    const size_t outputs = network_outputs(pass->network);
    for (size_t done = 0; answer[0] != ANSWER_SEVERAL && done < count; done += PASS_BLOCK) {
        const size_t rows = size_min(PASS_BLOCK, count - done);
        TRY(pass_outputs(pass, data, first + done, rows, false, z, p, NULL));
        for (size_t r = 0; r < rows; r++)
            answer_add(pass->network, z + r * outputs, p + r * outputs, answer);
    }
    return WEFT_OK;
}

enum weft_status answer_find(struct pass *pass, const struct device_data *data, size_t first,
                             size_t count, uint32_t *answer)
{
    const size_t block = PASS_BLOCK * network_outputs(pass->network);
    float *z = NULL, *p = NULL;
    answer[0] = ANSWER_NONE;
    enum weft_status status = NEW_ARRAY(z, block);
    if (status == WEFT_OK)
        status = NEW_ARRAY(p, block);
    if (status == WEFT_OK)
        status = all_add(pass, data, first, count, z, p, answer);
    memory_free(p);
    memory_free(z);
    return status;
}

struct one_answer answers_merge(const struct network *network, const uint32_t *answers,
                                size_t count)
{
    const size_t size = answer_size(network);
    const uint32_t *one = NULL; /* the first answer */
    for (size_t a = 0; a < count; a++) {
        const uint32_t *answer = answers + a * size;
        if (answer[0] == ANSWER_NONE)
            continue;
        one = one != NULL ? one : answer;
        if (answer[0] == ANSWER_SEVERAL || memcmp(answer, one, size * sizeof *one) != 0)
            return (struct one_answer){.is_one = false};
    }
    return (struct one_answer){.is_one = one != NULL, .class = one != NULL ? one[1] : 0};
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
