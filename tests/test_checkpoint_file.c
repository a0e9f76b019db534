/* Tests the files of checkpoints: one that is damaged anywhere is refused, and one process at a
 * time writes it. */
#define _XOPEN_SOURCE 700

#include <signal.h>
#include <sys/wait.h>

#include "damage.h"
#include "watched_training.h"

static void assert_damaged(const char *path, size_t place, const char *how)
{
    struct weft_checkpoint *checkpoint;
    const enum weft_status status = weft_checkpoint_read(path, &checkpoint);
    ck_assert_msg(status == WEFT_ERROR_MODEL && checkpoint == NULL, "%s at %zu: status %d: %s", how,
                  place, (int)status, weft_error());
    ck_assert_msg(strncmp(weft_error(), path, strlen(path)) == 0, "%s", weft_error());
}

START_TEST(a_file_that_is_cut_is_refused)
{
    struct task task = task_of("");
    weft_checkpoint_destroy(checkpoint_of(&task, NULL));
    const struct image image = image_load(temporary_path("checkpoint"));
    for (size_t size = 0; size < image.size; size += 97)
        assert_damaged(temporary_write("cut", image.bytes, size), size, "cut");
    assert_damaged(temporary_write("cut", image.bytes, image.size - 1), image.size - 1, "cut");
    task_reset(&task);
}
END_TEST

START_TEST(a_file_with_a_flipped_bit_is_refused)
{
    struct task task = task_of("");
    weft_checkpoint_destroy(checkpoint_of(&task, NULL));
    const char *path = temporary_path("checkpoint");
    const struct image image = image_load(path);
    for (size_t bit = 0; bit < 8 * image.size; bit++) {
        image_put(path, &image, bit, true);
        assert_damaged(path, bit, "bit");
        image_put(path, &image, bit, false);
    }
    task_reset(&task);
}
END_TEST

START_TEST(other_files_are_no_checkpoints)
{
    struct task task = task_of("");
    struct weft_checkpoint *checkpoint;
    struct weft_model *model = task_model(&task), *read;
    ck_ok(weft_model_write(model, temporary_path("model")));
    ck_fails(weft_checkpoint_read(temporary_path("model"), &checkpoint), WEFT_ERROR_MODEL,
             "model: not a checkpoint");
    ck_fails(weft_checkpoint_read(temporary_path("missing"), &checkpoint), WEFT_ERROR_IO,
             "missing: cannot open");
    checkpoint = checkpoint_of(&task, NULL);
    ck_fails(weft_model_read(temporary_path("checkpoint"), &read), WEFT_ERROR_MODEL,
             "checkpoint: this is a checkpoint: weft train --resume continues it");
    ck_fails(weft_model_create_from(temporary_path("checkpoint"), &task.options, false, task.train,
                                    &read),
             WEFT_ERROR_MODEL, "checkpoint: this is a checkpoint");
    weft_checkpoint_destroy(checkpoint);
    weft_model_destroy(model);
    task_reset(&task);
}
END_TEST

/* ---- the lock ---- */

START_TEST(one_process_has_the_lock)
{
    const char *path = temporary_path("locked");
    struct weft_checkpoint_lock *lock = NULL, *second = NULL;
    int ready[2];
    char byte = 0;
    ck_assert_int_eq(pipe(ready), 0);
    const pid_t child = fork();
    if (child == 0) {
        if (weft_checkpoint_lock(path, &lock) == WEFT_OK)
            byte = 1;
        if (write(ready[1], &byte, 1) == 1)
            pause();
        _exit(0);
    }
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    ck_assert_int_eq(byte, 1);
    ck_fails(weft_checkpoint_lock(path, &lock), WEFT_ERROR_BUSY,
             "locked: another process is writing this file");
    ck_assert_ptr_null(lock);
    kill(child, SIGKILL); /* what it leaves behind locks nobody out */
    waitpid(child, NULL, 0);
    ck_ok(weft_checkpoint_lock(path, &lock));
    ck_fails(weft_checkpoint_lock(path, &second), WEFT_ERROR_BUSY, "another process");
    weft_checkpoint_unlock(lock);
    ck_assert_int_ne(access(temporary_path("locked.lock"), F_OK), 0);
    ck_ok(weft_checkpoint_lock(path, &lock));
    weft_checkpoint_unlock(lock);
    weft_checkpoint_unlock(NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("checkpoint_file");
    TCase *files = tcase_create("files");
    tcase_set_timeout(files, 120);
    tcase_add_unchecked_fixture(files, temporary_create, temporary_remove);
    tcase_add_checked_fixture(files, device_open_cpu, device_close);
    tcase_add_checked_fixture(files, data_open, data_close);
    tcase_add_test(files, a_file_that_is_cut_is_refused);
    tcase_add_test(files, a_file_with_a_flipped_bit_is_refused);
    tcase_add_test(files, other_files_are_no_checkpoints);
    tcase_add_test(files, one_process_has_the_lock);
    suite_add_tcase(suite, files);
    return suite_main(suite);
}
