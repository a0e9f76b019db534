/* Tests learning rates: every schedule against its formula, worked by hand or taken from PyTorch's
 * documentation. It also tests how a training uses them. */
#include "train/schedule.h"

#include "small_training.h"

/* Every number is of the order of 1, and right to some 2^-53. */
#define assert_rate(got, want) ck_assert_double_eq_tol(got, want, 1e-14)

enum { EPOCHS = 10, BATCHES = 7, STEPS = EPOCHS * BATCHES };
static const double rate = 0.5, pi = 3.14159265358979323846;

static struct weft_options options_of(enum weft_schedule kind)
{
    struct weft_options options = small("default");
    options.schedule = kind;
    options.learning_rate = rate;
    options.epochs = EPOCHS;
    return options;
}

static double rate_at(const struct weft_options *options, uint64_t step)
{
    const struct schedule schedule = schedule_make(options, BATCHES);
    return schedule_rate(&schedule, step);
}

START_TEST(constant)
{
    const struct weft_options options = options_of(WEFT_SCHEDULE_CONSTANT);
    for (uint64_t t = 0; t < 2 * STEPS; t++)
        assert_rate(rate_at(&options, t), rate);
}
END_TEST

/* A tenth after every three epochs, as StepLR(step_size=3): 0.1 is what it is without a factor. */
START_TEST(step)
{
    static const double factors[EPOCHS] = {1, 1, 1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.001};
    struct weft_options options = options_of(WEFT_SCHEDULE_STEP);
    options.rate_every = 3;
    for (uint64_t t = 0; t < STEPS; t++)
        assert_rate(rate_at(&options, t), rate * factors[t / BATCHES]);
    options.rate_factor = 0.5;
    assert_rate(rate_at(&options, 9 * BATCHES), rate / 8.0);
}
END_TEST

START_TEST(exponential)
{
    struct weft_options options = options_of(WEFT_SCHEDULE_EXPONENTIAL);
    double want = rate;
    for (uint64_t epoch = 0; epoch < EPOCHS; epoch++, want *= 0.95) {
        assert_rate(rate_at(&options, epoch * BATCHES), want);
        assert_rate(rate_at(&options, epoch * BATCHES + BATCHES - 1), want);
    }
    options.rate_factor = 0.5;
    assert_rate(rate_at(&options, 3 * BATCHES), rate / 8.0);
}
END_TEST

/* cos(0), cos(pi / 3), cos(pi / 2), cos(pi) */
START_TEST(cosine)
{
    struct weft_options options = options_of(WEFT_SCHEDULE_COSINE);
    options.epochs = 6;
    const struct schedule schedule = schedule_make(&options, BATCHES);
    assert_rate(schedule_rate(&schedule, 0), rate);
    assert_rate(schedule_rate(&schedule, 14), 0.75 * rate);
    assert_rate(schedule_rate(&schedule, 21), 0.5 * rate);
    assert_rate(schedule_rate(&schedule, 42), 0.0);
    assert_rate(schedule_rate(&schedule, 1000), 0.0);
    options.min_rate = 0.1;
    const struct schedule above = schedule_make(&options, BATCHES);
    assert_rate(schedule_rate(&above, 14), 0.1 + 0.75 * 0.4);
    assert_rate(schedule_rate(&above, 1000), 0.1);
}
END_TEST

/* OneCycleLR(max_lr=0.1, total_steps=10): 0.004 to 0.1 in the steps 0 to 2, to 4e-7 in the steps 2
 * to 9. */
START_TEST(one_cycle)
{
    struct weft_options options = options_of(WEFT_SCHEDULE_ONE_CYCLE);
    options.learning_rate = 0.1;
    const struct schedule schedule = schedule_make(&options, 1);
    assert_rate(schedule_rate(&schedule, 0), 0.004);
    assert_rate(schedule_rate(&schedule, 1), 0.052);
    assert_rate(schedule_rate(&schedule, 2), 0.1);
    for (int t = 2; t < 10; t++)
        assert_rate(schedule_rate(&schedule, (uint64_t)t),
                    4e-7 + (0.1 - 4e-7) * (1.0 + cos(pi * (t - 2) / 7.0)) / 2.0);
    assert_rate(schedule_rate(&schedule, 9), 4e-7);
    assert_rate(schedule_rate(&schedule, 1000), 4e-7);
    options.rise = 0.0; /* down from the first step on */
    const struct schedule down = schedule_make(&options, 1);
    assert_rate(schedule_rate(&down, 0), 0.1);
    assert_rate(schedule_rate(&down, 9), 4e-7);
    options.rise = 1.0; /* up to the last */
    const struct schedule up = schedule_make(&options, 1);
    assert_rate(schedule_rate(&up, 0), 0.004);
    assert_rate(schedule_rate(&up, 9), 0.1);
    options.epochs = 1;
    const struct schedule one = schedule_make(&options, 1);
    assert_rate(schedule_rate(&one, 0), 0.1);
}
END_TEST

/* ReduceLROnPlateau(factor=0.1, eps=1e-8) at 1e-6: a drop to 1e-7, a second one to 1e-8, and no
 * third one, which would take 9e-9 off. */
START_TEST(plateau_ends)
{
    struct weft_options options = options_of(WEFT_SCHEDULE_PLATEAU);
    options.learning_rate = 1e-6;
    struct schedule schedule = schedule_make(&options, BATCHES);
    static const double want[] = {1e-6, 1e-7, 1e-8, 1e-8, 1e-8};
    for (; schedule.drops < 5; schedule.drops++)
        ck_assert_double_eq_tol(schedule_rate(&schedule, 0), want[schedule.drops], 1e-20);
    schedule.drops = UINT64_MAX; /* and is known at once */
    ck_assert_double_eq_tol(schedule_rate(&schedule, 0), 1e-8, 1e-20);
    options.min_rate = 2e-8; /* from 1e-7 to it, 8e-8 less */
    schedule = schedule_make(&options, BATCHES);
    schedule.drops = 2;
    ck_assert_double_eq_tol(schedule_rate(&schedule, 0), 2e-8, 1e-20);
    options.min_rate = 9.5e-8; /* only 5e-9 less */
    schedule = schedule_make(&options, BATCHES);
    schedule.drops = 2;
    ck_assert_double_eq_tol(schedule_rate(&schedule, 0), 1e-7, 1e-20);
}
END_TEST

/* Two epochs and a half of 14 steps; then the schedule as if it began there, over what is left. */
START_TEST(warmup)
{
    for (int kind = WEFT_SCHEDULE_CONSTANT; kind < WEFT_SCHEDULE_ONE_CYCLE; kind++) {
        struct weft_options options = options_of((enum weft_schedule)kind), later = options;
        options.warmup = 2.0;
        later.epochs = EPOCHS - 2;
        for (uint64_t t = 0; t < 14; t++)
            assert_rate(rate_at(&options, t), rate * (double)(t + 1) / 14.0);
        for (uint64_t t = 14; t < STEPS; t++)
            assert_rate(rate_at(&options, t), rate_at(&later, t - 14));
    }
    struct weft_options half = options_of(WEFT_SCHEDULE_CONSTANT);
    half.warmup = 0.5; /* 3.5 steps, rounded */
    assert_rate(rate_at(&half, 0), rate / 4.0);
    assert_rate(rate_at(&half, 3), rate);
}
END_TEST

/* ---- in a training ---- */

static double told[EPOCHS];

static int keep_rate(void *user, const struct weft_epoch *epoch)
{
    (void)user;
    told[epoch->epoch - 1] = epoch->learning_rate;
    return 0;
}

/* The rate of an epoch is its last batch's, and the weights go by it: two epochs of which the
 * second has no rate are one. */
START_TEST(a_training_goes_by_its_schedule)
{
    const struct weft_callbacks callbacks = {.epoch = keep_rate};
    struct weft_options options = options_of(WEFT_SCHEDULE_COSINE), one = options;
    struct weft_training training;
    struct weft_model *model = trained(&options, &callbacks, &training);
    for (uint64_t epoch = 0; epoch < EPOCHS; epoch++)
        assert_rate(told[epoch], rate_at(&options, epoch * BATCHES + BATCHES - 1));
    weft_model_destroy(model);
    options = options_of(WEFT_SCHEDULE_STEP);
    options.rate_every = 1;
    options.rate_factor = 1.2e-38; /* with the rate, 0 as a float */
    options.epochs = 2;
    one.schedule = WEFT_SCHEDULE_CONSTANT;
    one.epochs = 1;
    model = trained(&options, NULL, &training);
    struct weft_model *first = trained(&one, NULL, &training);
    ck_assert_mem_eq(weft_model_weights(model, 0), weft_model_weights(first, 0),
                     FEATURES * HIDDEN * sizeof(float));
    weft_model_destroy(first);
    weft_model_destroy(model);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("schedule");
    TCase *tests = tcase_create("rates"), *trainings = tcase_create("trainings");
    tcase_add_test(tests, constant);
    tcase_add_test(tests, step);
    tcase_add_test(tests, exponential);
    tcase_add_test(tests, cosine);
    tcase_add_test(tests, one_cycle);
    tcase_add_test(tests, plateau_ends);
    tcase_add_test(tests, warmup);
    tcase_add_checked_fixture(trainings, device_open_cpu, device_close);
    tcase_add_checked_fixture(trainings, data_open, data_close);
    tcase_add_test(trainings, a_training_goes_by_its_schedule);
    suite_add_tcase(suite, tests);
    suite_add_tcase(suite, trainings);
    return suite_main(suite);
}
