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

static size_t columns;

size_t platform_columns(FILE *stream)
{
    (void)stream;
    return columns;
}

static struct progress progress;

/* Batch `batch` of 10 of an epoch of two is reported at that time; of 1000 samples each. */
static void report(double seconds, size_t epoch, size_t batch)
{
    const struct weft_progress now = {
        .epoch = epoch, .epochs = 2, .batch = batch, .batches = 10, .samples = 1000};
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

/* The last line of a terminal, without what controls it. */
static const char *shown(void)
{
    static char line[1024];
    const char *text = strrchr(said(), '\r');
    size_t length = 0;
    for (; text != NULL && *text != '\0'; text++) {
        if (*text == '\033')
            text += strcspn(text, "KmlhH");
        else if (*text != '\r')
            line[length++] = *text;
    }
    line[length] = '\0';
    return line;
}

/* What is left out first: the accuracy in training, the bar, the checkpoint, then the rate. A
 * figure that is too long leaves its place to a shorter one. */
START_TEST(a_terminal)
{
    static const struct {
        size_t columns;
        const char *line;
    } cases[] = {{131, "epoch 2/2 [###############.....] 200 samples/s, ETA 0:00:03, error 0.25, "
                       "train 91.00 %, validation 87.50 %, checkpoint 0:01:05 ago"},
                 {130, "epoch 2/2 [###############.....] 200 samples/s, ETA 0:00:03, error 0.25, "
                       "validation 87.50 %, checkpoint 0:01:05 ago"},
                 {115, "epoch 2/2 200 samples/s, ETA 0:00:03, error 0.25, train 91.00 %, "
                       "validation 87.50 %, checkpoint 0:01:05 ago"},
                 {95, "epoch 2/2 200 samples/s, ETA 0:00:03, error 0.25, validation 87.50 %, "
                      "checkpoint 0:01:05 ago"},
                 {80, "epoch 2/2 200 samples/s, ETA 0:00:03, error 0.25, validation 87.50 %"},
                 {60, "epoch 2/2 ETA 0:00:03, error 0.25, validation 87.50 %"},
                 {30, "epoch 2/2 ETA 0:00:03"},
                 {5, "epoch 2/2 "}};
    const struct weft_epoch epoch = {
        .epoch = 1, .error = 0.25, .train_accuracy = 0.91, .validation_accuracy = 0.875};
    progress.terminal = true;
    progress.checkpoint = 1000.0 - 57.5;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        columns = cases[i].columns;
        progress_member(&progress, 1, 1);
        report(1000.0, 1, 0);
        progress_epoch(&progress, &epoch);
        report(1007.5, 2, 5);
        ck_assert_str_eq(shown(), cases[i].line);
        ck_assert(strlen(shown()) < columns || columns == 5);
    }
}
END_TEST

START_TEST(a_regression_shows_r2)
{
    const struct weft_epoch epoch = {.epoch = 1,
                                     .error = 0.25,
                                     .train_accuracy = (double)NAN,
                                     .validation_accuracy = (double)NAN,
                                     .validation_r2 = 0.75};
    report(0.0, 1, 1);
    progress_epoch(&progress, &epoch);
    report(2.0, 1, 5);
    ck_assert_str_eq(said(), "epoch 1/2: 200 samples/s, ETA 0:00:08, error 0.25, "
                             "validation R^2 0.7500\n");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("progress");
    TCase *tests = tcase_create("lines");
    tcase_add_checked_fixture(tests, begin, temporary_remove);
    tcase_add_test(tests, a_training);
    tcase_add_test(tests, a_member_of_an_ensemble);
    tcase_add_test(tests, a_terminal);
    tcase_add_test(tests, a_regression_shows_r2);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
