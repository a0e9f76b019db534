/* Tests what the program draws while it trains, under a clock that the test controls. The program
 * is not a library. Its source is part of this suite, with another clock and no terminal. */
#define _XOPEN_SOURCE 700

#include "app/progress.c"

#include "suite.h"
#include "temporary.h"

static double now_seconds;

double platform_seconds(void)
{
    return now_seconds;
}

bool platform_stderr_is_terminal(void)
{
    return false;
}

static struct progress progress;

/* Batch `batch` of 10 of an epoch of two is reported at that time; of 1000 samples each. */
static void report(double seconds, size_t epoch, size_t batch)
{
    const struct weft_progress now = {epoch, 2, batch, 10, 1000};
    now_seconds = seconds;
    progress_batch(&progress, &now);
}

/* What is on stderr by now. */
static const char *said(void)
{
    static char text[1024];
    FILE *file = fopen(temporary_path("said"), "r");
    ck_assert_ptr_nonnull(file);
    fflush(stderr);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

static void begin(void)
{
    temporary_create();
    ck_assert_ptr_nonnull(freopen(temporary_path("said"), "w", stderr));
    progress_init(&progress, false);
}

/* 400 samples in 2 s are 200 a second; of 2000 samples 1500 are left, or 7.5 s. */
START_TEST(a_training)
{
    report(0.0, 1, 1);
    report(0.5, 1, 2); /* one line a second */
    report(2.0, 1, 5);
    ck_assert_str_eq(said(), "epoch 1/2: 200 samples/s, ETA 0:00:08\n");
}
END_TEST

/* Member 2 of 5 is as fast as it is, however slow the first one was: 100 samples/s; its own 1400
 * samples and 2000 of each of three more take 74 s. What the first one reached is not its. */
START_TEST(a_member_of_an_ensemble)
{
    const struct weft_epoch epoch = {.epoch = 1, .error = 0.25};
    progress_member(&progress, 1, 5);
    report(0.0, 1, 1);
    progress_epoch(&progress, &epoch);
    report(1000.0, 2, 10);
    ck_assert_str_eq(said(), "member 1/5, epoch 2/2: 2 samples/s, ETA 1:10:11, error 0.25, "
                             "train 0.00 %, validation 0.00 %\n");
    progress_member(&progress, 2, 5);
    report(2000.0, 1, 1);
    report(2005.0, 1, 6);
    ck_assert_ptr_nonnull(strstr(said(), "\nmember 2/5, epoch 1/2: 100 samples/s, ETA 0:01:14\n"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("progress");
    TCase *tests = tcase_create("lines");
    tcase_add_checked_fixture(tests, begin, temporary_remove);
    tcase_add_test(tests, a_training);
    tcase_add_test(tests, a_member_of_an_ensemble);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
