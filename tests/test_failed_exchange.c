/* Tests that an exchange between ranks which fails while a checkpoint is prepared ends the training
 * run, whatever the callback makes of it: the ranks may be out of step. The other rank of these
 * runs does nothing. */
#define _GNU_SOURCE
#include "watched_training.h"

/* The exchange `failing` of the last moment fails, and no other one: the gather of the metrics is
 * exchange 1, and the arrays follow. */
static int failing, exchanges;
static bool counting;

static enum weft_status exchange(void)
{
    return counting && ++exchanges == failing
               ? fail(WEFT_ERROR_DISTRIBUTED, "exchange %d fails", failing)
               : WEFT_OK;
}

static enum weft_status gather(struct slice_group *group, size_t slices, const void *own,
                               size_t bytes, void *all)
{
    (void)group;
    for (size_t s = 0; s < slices; s++)
        memcpy((unsigned char *)all + s * bytes, own, bytes);
    return exchange();
}

static enum weft_status sum(struct slice_group *group, const struct slice_sum *what)
{
    (void)group;
    memset(what->sum, 0, what->count * sizeof *what->sum);
    return WEFT_OK;
}

static enum weft_status spread(struct slice_group *group, size_t values, size_t count,
                               float *numbers)
{
    (void)group, (void)values, (void)count, (void)numbers;
    return exchange();
}

enum { BATCHES = 2, EPOCHS = 2, ARRAYS = 2 };

/* After the last batch, no other batch could fail. Changes the text of weft_error(). */
static int take_last(void *user, struct weft_moment *moment)
{
    size_t *batches = user;
    struct weft_options options;
    if (++*batches < BATCHES * EPOCHS)
        return 0;
    counting = true;
    const enum weft_status status = weft_moment_take(moment);
    counting = false;
    ck_assert_int_eq(status, failing > 0 ? WEFT_ERROR_DISTRIBUTED : WEFT_OK);
    ck_assert_int_ne(weft_options_init(&options, "no such preset"), WEFT_OK);
    return 0;
}

/* Trains, and fails exchange `_i` of the last moment. */
START_TEST(an_exchange_that_fails_in_a_callback_ends_the_training_run)
{
    struct task task = task_of("slices=2 optimizer=adamw");
    struct slice_group group = {.ranks = 2, .gather = gather, .sum = sum, .spread = spread};
    size_t batches = 0;
    const struct weft_callbacks callbacks = {.user = &batches, .batch = take_last};
    struct weft_training training;
    char line[64];
    task.options.epochs = EPOCHS;
    task.options.batches = BATCHES;
    task.options.batch_size = 0;
    struct weft_model *model = task_model(&task);
    device->group = &group;
    failing = _i;
    snprintf(line, sizeof line, "exchange %d fails", failing);
    const enum weft_status status =
        weft_train(device, model, &task.options, task.train, NULL, NULL, &callbacks, &training);
    ck_assert_uint_eq(batches, BATCHES * EPOCHS);
    if (failing == 0) {
        ck_ok(status);
        ck_assert_int_eq(exchanges, 1 + ARRAYS);
    } else {
        ck_fails(status, WEFT_ERROR_DISTRIBUTED, line);
    }
    weft_model_destroy(model);
    task_reset(&task);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_set_timeout(tests, 120);
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_checked_fixture(tests, data_open, data_close);
    tcase_add_loop_test(tests, an_exchange_that_fails_in_a_callback_ends_the_training_run, 0,
                        2 + ARRAYS);
}

int main(void)
{
    Suite *suite = suite_create("failed_exchange");
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
