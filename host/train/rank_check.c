/* Compares what the ranks of a group train. See rank_check.h. */
#include "train/rank_check.h"

#include <stdio.h>

#include "base/digest.h"
#include "base/memory.h"
#include "options/options.h"

/* What must be equal, in the order in which a difference is reported: other options or data also
 * give other weights. */
enum subject {
    OF_OPTIONS,
    OF_TRAIN,
    OF_VALIDATION,
    OF_TEST,
    OF_SCALES,
    OF_CHECKPOINT,
    OF_WEIGHTS,
    SUBJECTS
};
static const char *const subjects[SUBJECTS] = {"options",
                                               "training set",
                                               "validation set",
                                               "test set",
                                               "scaling of the initial model",
                                               "checkpoint",
                                               "weights to start with"};

/* Engines and checks may differ from device to device. */
static uint64_t digest_options(const struct weft_options *options)
{
    char text[WEFT_OPTION_TEXT_SIZE];
    uint64_t digest = DIGEST_START;
    for (size_t i = 0; i < option_row_count; i++) {
        if (checkpoint_option_is_free(&option_rows[i]))
            continue;
        option_write(options, &option_rows[i], text);
        digest = digest_text(digest, text);
    }
    return digest;
}

static void digests_fill(struct weft_moment *moment, const struct weft_checkpoint *resumed,
                         uint64_t digests[SUBJECTS])
{
    const struct training_identity *identity = checkpoint_identify(moment);
    const struct weft_model *model = moment->model;
    digests[OF_OPTIONS] = digest_options(moment->loop->options);
    digests[OF_TRAIN] = identity->train;
    digests[OF_VALIDATION] = identity->validation;
    digests[OF_TEST] = identity->test;
    digests[OF_SCALES] = identity->scales;
    digests[OF_CHECKPOINT] = resumed != NULL ? 1 + resumed->record.steps : 0;
    digests[OF_WEIGHTS] = digest_bytes(DIGEST_START, model->parameters,
                                       model->network.value_count * sizeof *model->parameters);
}

static enum weft_status fail_other(const struct slice_group *group, size_t rank, size_t subject)
{
    char hosts[2][256] = {"", ""};
    for (size_t i = 0; group->host != NULL && i < 2; i++)
        snprintf(hosts[i], sizeof hosts[i], " on %.240s", group->host(group, i == 0 ? rank : 0));
    return fail(WEFT_ERROR_DISTRIBUTED,
                "rank %zu%s: the %s differ%s from rank 0's%s; all ranks need the same", rank,
                hosts[0], subjects[subject],
                subject == OF_OPTIONS || subject == OF_WEIGHTS ? "" : "s", hosts[1]);
}

/* all [R][SUBJECTS] */
static enum weft_status digests_compare(const struct slice_group *group, const uint64_t *all)
{
    for (size_t subject = 0; subject < SUBJECTS; subject++)
        for (size_t rank = 1; rank < group->ranks; rank++)
            if (all[rank * SUBJECTS + subject] != all[subject])
                return fail_other(group, rank, subject);
    return WEFT_OK;
}

enum weft_status rank_check(struct slice_group *group, struct weft_moment *moment,
                            const struct weft_checkpoint *resumed)
{
    uint64_t own[SUBJECTS], *all;
    if (group->ranks < 2)
        return WEFT_OK;
    digests_fill(moment, resumed, own);
    TRY(NEW_ARRAY(all, group->ranks * SUBJECTS));
    enum weft_status status = group->gather(group, group->ranks, own, sizeof own, all);
    if (status == WEFT_OK)
        status = digests_compare(group, all);
    memory_free(all);
    return status;
}
