/* Compares what the ranks of a group train. See rank_check.h. */
#include "train/rank_check.h"

#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/memory.h"
#include "base/plain_text.h"
#include "options/options.h"

enum { DEVICE_NAME_SIZE = 128 };

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
static uint64_t digest_option(const struct weft_options *options, size_t option)
{
    char text[WEFT_OPTION_TEXT_SIZE];
    if (checkpoint_option_is_free(&option_rows[option]))
        return 0;
    option_write(options, &option_rows[option], text);
    return digest_text(DIGEST_START, text);
}

static void digests_fill(struct weft_moment *moment, const struct weft_checkpoint *resumed,
                         uint64_t digests[SUBJECTS])
{
    const struct training_identity *identity = checkpoint_identify(moment);
    const struct weft_model *model = moment->model;
    digests[OF_OPTIONS] = DIGEST_START;
    for (size_t i = 0; i < option_row_count; i++) {
        const uint64_t option = digest_option(moment->loop->options, i);
        digests[OF_OPTIONS] = digest_bytes(digests[OF_OPTIONS], &option, sizeof option);
    }
    digests[OF_TRAIN] = identity->train;
    digests[OF_VALIDATION] = identity->validation;
    digests[OF_TEST] = identity->test;
    digests[OF_SCALES] = identity->scales;
    digests[OF_CHECKPOINT] = resumed != NULL ? 1 + resumed->record.steps : 0;
    digests[OF_WEIGHTS] = digest_bytes(DIGEST_START, model->parameters,
                                       model->network.value_count * sizeof *model->parameters);
}

static void host_text(const struct slice_group *group, size_t rank, char text[256])
{
    text[0] = '\0';
    if (group->host != NULL)
        snprintf(text, 256, " on %.240s", group->host(group, rank));
}

static enum weft_status fail_other(const struct slice_group *group, size_t rank, size_t subject)
{
    char host[256], first[256];
    host_text(group, rank, host);
    host_text(group, 0, first);
    return fail_rank(WEFT_ERROR_DISTRIBUTED,
                     "rank %zu%s: the %s differ%s from rank 0's%s; all ranks need the same", rank,
                     host, subjects[subject],
                     subject == OF_OPTIONS || subject == OF_WEIGHTS ? "" : "s", first);
}

/* Names the first option that differs, with its values on both ranks. All ranks call this. */
static enum weft_status fail_other_option(struct slice_group *group,
                                          const struct weft_options *options, size_t rank,
                                          size_t option)
{
    char own[WEFT_OPTION_TEXT_SIZE] = "", host[256], first[256], *all;
    option_write(options, &option_rows[option], own);
    host_text(group, rank, host);
    host_text(group, 0, first);
    TRY(NEW_ARRAY(all, group->ranks * sizeof own));
    enum weft_status status = group->gather(group, group->ranks, own, sizeof own, all);
    if (status == WEFT_OK)
        status = fail_rank(
            WEFT_ERROR_DISTRIBUTED,
            "rank %zu%s: the options differ from rank 0's%s: --%s is %.200s, and %.200s on "
            "rank 0; all ranks need the same",
            rank, host, first, option_rows[option].info.name, all + rank * sizeof own, all);
    memory_free(all);
    return status;
}

/* Finds the option that differs on a rank, and fails. all [R + 1][options], the last row for the
 * own options. All ranks call this. */
static enum weft_status options_compare(struct slice_group *group,
                                        const struct weft_options *options, size_t rank,
                                        uint64_t *all)
{
    uint64_t *own = all + group->ranks * option_row_count;
    for (size_t i = 0; i < option_row_count; i++)
        own[i] = digest_option(options, i);
    TRY(group->gather(group, group->ranks, own, option_row_count * sizeof *own, all));
    for (size_t i = 0; i < option_row_count; i++)
        if (all[rank * option_row_count + i] != all[i])
            return fail_other_option(group, options, rank, i);
    return fail_other(group, rank, OF_OPTIONS);
}

static enum weft_status fail_options(struct slice_group *group, const struct weft_options *options,
                                     size_t rank)
{
    uint64_t *all;
    TRY(NEW_ARRAY(all, (group->ranks + 1) * option_row_count));
    const enum weft_status status = options_compare(group, options, rank, all);
    memory_free(all);
    return status;
}

/* all [R][SUBJECTS] */
static enum weft_status digests_compare(struct slice_group *group,
                                        const struct weft_options *options, const uint64_t *all)
{
    for (size_t subject = 0; subject < SUBJECTS; subject++)
        for (size_t rank = 1; rank < group->ranks; rank++)
            if (all[rank * SUBJECTS + subject] != all[subject])
                return subject == OF_OPTIONS ? fail_options(group, options, rank)
                                             : fail_other(group, rank, subject);
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
        status = digests_compare(group, moment->loop->options, all);
    memory_free(all);
    return status;
}

/* names [R][DEVICE_NAME_SIZE] */
static void devices_write(const struct slice_group *group, size_t slices, const char *names,
                          char *text, size_t size)
{
    size_t used = 0, next;
    for (size_t r = 0; r < group->ranks && used < size; r = next) {
        const char *name = names + r * DEVICE_NAME_SIZE;
        for (next = r + 1; next < group->ranks; next++)
            if (strcmp(names + next * DEVICE_NAME_SIZE, name) != 0)
                break;
        if (r == 0 && next == group->ranks)
            return;
        used += (size_t)snprintf(text + used, size - used, "%sslices %zu-%zu: %s",
                                 r == 0 ? "" : "; ", slice_begin(slices, group->ranks, r),
                                 slice_begin(slices, group->ranks, next) - 1, name);
    }
}

enum weft_status rank_devices(struct slice_group *group, size_t slices, const char *name,
                              char *text, size_t size)
{
    char own[DEVICE_NAME_SIZE], *names;
    text[0] = '\0';
    if (group->ranks < 2)
        return WEFT_OK;
    snprintf(own, sizeof own, "%.*s", DEVICE_NAME_SIZE - 1, name);
    text_make_plain(own);
    TRY(NEW_ARRAY(names, group->ranks * DEVICE_NAME_SIZE));
    const enum weft_status status = group->gather(group, group->ranks, own, sizeof own, names);
    if (status == WEFT_OK)
        devices_write(group, slices, names, text, size);
    memory_free(names);
    return status;
}
