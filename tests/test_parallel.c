/* Tests the thread pool. Each element is processed once, by any thread, and nobody waits for a late
 * thread. Other tests cover a system that grants no thread, nested loops, a fork, and shutdown.
 *
 * Nothing is timed. pthread_create is wrapped, so that the test can refuse a thread or hold it
 * back.
 */
#define _XOPEN_SOURCE 700
#include <dirent.h>
#include <errno.h>
#include <omp.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/parallel.h"
#include "plain_options.h"
#include "small_training.h"

/* ---- pthread_create ---- */

enum creation { GRANTED, REFUSED, HELD };
static enum creation creation;
static sem_t door; /* of a thread that is held */
static void *(*held_start)(void *);
static void *held_argument;

static void *held_main(void *unused)
{
    (void)unused;
    while (sem_wait(&door) != 0)
        continue;
    return held_start(held_argument);
}

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *argument);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *argument)
{
    if (creation == REFUSED)
        return EAGAIN;
    if (creation == GRANTED)
        return __real_pthread_create(thread, attributes, start, argument);
    held_start = start;
    held_argument = argument;
    return __real_pthread_create(thread, attributes, held_main, NULL);
}

/* ---- loops ---- */

enum { MOST = 5000 };

/* How often each element was computed. */
struct counts {
    atomic_int of[MOST];
};

static void count_piece(const void *work, size_t first, size_t count)
{
    struct counts *const *counts = work;
    for (size_t i = first; i < first + count; i++)
        atomic_fetch_add(&(*counts)->of[i], 1);
}

static void count_loop(size_t n, size_t step, bool shared)
{
    static struct counts room;
    struct counts *counts = &room;
    memset(counts, 0, sizeof *counts);
    parallel_for(n, step, shared, count_piece, &counts);
    for (size_t i = 0; i < MOST; i++)
        if (atomic_load(&counts->of[i]) != (i < n))
            ck_abort_msg("%zu elements in pieces of %zu: element %zu %d times", n, step, i,
                         atomic_load(&counts->of[i]));
}

/* Threads of this process. */
static size_t thread_count(void)
{
    DIR *folder = opendir("/proc/self/task");
    size_t count = 0;
    ck_assert_ptr_nonnull(folder);
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count - 2; /* . and .. */
}

/* Counts the threads after parallel_stop. A thread that was joined may be listed for a moment
 * longer, so the count has a second to fall. */
static size_t threads_left(void)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    for (int i = 0; i < 1000 && thread_count() > 1; i++)
        nanosleep(&pause, NULL);
    return thread_count();
}

/* Two pieces that wait for each other: two threads compute them. */
struct meeting {
    atomic_int *arrived;
    size_t *workers; /* [2] */
    sigset_t *masks; /* [2] */
};

static void meeting_piece(const void *work, size_t piece, size_t count)
{
    const struct meeting *at = work;
    ck_assert_uint_eq(count, 1);
    at->workers[piece] = parallel_worker();
    pthread_sigmask(SIG_BLOCK, NULL, &at->masks[piece]);
    atomic_fetch_add(at->arrived, 1);
    while (atomic_load(at->arrived) < 2)
        continue;
}

/* Makes two threads meet; which piece the helper had. */
static size_t meet(sigset_t masks[2])
{
    atomic_int arrived = 0;
    size_t workers[2];
    const struct meeting work = {&arrived, workers, masks};
    parallel_for(2, 1, true, meeting_piece, &work);
    ck_assert_uint_eq(workers[0] + workers[1], 1);
    return workers[1] == 1;
}

START_TEST(every_element_once)
{
    static const size_t lengths[] = {0, 1, 7, 64, 93, 1000, MOST};
    static const size_t steps[] = {1, 7, 64, MOST};
    for (int threads = 1; threads <= 5; threads++) {
        omp_set_num_threads(threads);
        ck_assert_uint_eq(parallel_threads(), (size_t)threads);
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
            for (size_t j = 0; j < sizeof steps / sizeof *steps; j++) {
                count_loop(lengths[i], steps[j], true);
                count_loop(lengths[i], steps[j], false);
            }
    }
    for (int i = 0; i < 2000; i++) /* helpers awake and asleep, early and late */
        count_loop((size_t)i, 3, true);
}
END_TEST

START_TEST(helpers_take_part)
{
    sigset_t masks[2];
    omp_set_num_threads(2);
    for (int i = 0; i < 100; i++)
        meet(masks);
    ck_assert_uint_eq(thread_count(), 2);
}
END_TEST

START_TEST(helpers_block_signals)
{
    sigset_t masks[2];
    omp_set_num_threads(2);
    const size_t helper = meet(masks);
    ck_assert_int_eq(sigismember(&masks[helper], SIGTERM), 1);
    ck_assert_int_eq(sigismember(&masks[helper], SIGINT), 1);
    ck_assert_int_eq(sigismember(&masks[1 - helper], SIGTERM), 0);
    /* The system ends a process that causes a signal which it blocks. */
    ck_assert_int_eq(sigismember(&masks[helper], SIGBUS), 0);
    ck_assert_int_eq(sigismember(&masks[helper], SIGSEGV), 0);
}
END_TEST

/* The helper is there, and does not run before the loops are over. */
START_TEST(who_is_late_is_not_waited_for)
{
    omp_set_num_threads(2);
    sem_init(&door, 0, 0);
    creation = HELD;
    for (int i = 0; i < 100; i++)
        count_loop(1000, 10, true);
    ck_assert_uint_eq(thread_count(), 2);
    sem_post(&door);
    sigset_t masks[2];
    meet(masks); /* and comes in time for the next */
}
END_TEST

START_TEST(without_helpers_the_caller_does_it)
{
    omp_set_num_threads(4);
    creation = REFUSED;
    count_loop(1000, 10, true);
    ck_assert_uint_eq(thread_count(), 1);
    creation = GRANTED;
    count_loop(1000, 10, true); /* asks again */
    ck_assert_uint_eq(thread_count(), 4);
}
END_TEST

static void nested_piece(const void *work, size_t first, size_t count)
{
    struct counts *const *counts = work;
    ck_assert_uint_eq(count, 1);
    struct counts *inner = *counts + first;
    parallel_for(100, 7, true, count_piece, &inner);
}

START_TEST(loops_in_loops)
{
    static struct counts rooms[8];
    struct counts *counts = rooms;
    omp_set_num_threads(3);
    parallel_for(8, 1, true, nested_piece, &counts);
    for (size_t r = 0; r < 8; r++)
        for (size_t i = 0; i < 100; i++)
            ck_assert_int_eq(atomic_load(&rooms[r].of[i]), 1);
}
END_TEST

static void *other_caller(void *argument)
{
    static struct counts rooms[2];
    struct counts *counts = &rooms[argument != NULL];
    omp_set_num_threads(2);
    for (int i = 0; i < 500; i++)
        parallel_for(MOST, 10, true, count_piece, &counts);
    for (size_t i = 0; i < MOST; i++)
        ck_assert_int_eq(atomic_load(&counts->of[i]), 500);
    return NULL;
}

START_TEST(two_callers)
{
    pthread_t other;
    ck_assert_int_eq(__real_pthread_create(&other, NULL, other_caller, &other), 0);
    other_caller(NULL);
    pthread_join(other, NULL);
}
END_TEST

START_TEST(a_fork_has_helpers_of_its_own)
{
    sigset_t masks[2];
    omp_set_num_threads(2);
    meet(masks);
    const pid_t child = fork();
    if (child == 0) {
        meet(masks);
        parallel_stop();
        _exit(threads_left() == 1 ? 0 : 1);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    meet(masks);
}
END_TEST

START_TEST(an_end_and_a_new_beginning)
{
    sigset_t masks[2];
    parallel_stop();
    for (int i = 0; i < 20; i++) {
        omp_set_num_threads(2 + i % 3);
        count_loop(100, 1, true);
        ck_assert_uint_eq(thread_count(), 2 + (size_t)i % 3);
        parallel_stop();
        ck_assert_uint_eq(threads_left(), 1);
    }
    omp_set_num_threads(2);
    meet(masks);
}
END_TEST

/* ---- trainings ---- */

static size_t threads_after_training(size_t hidden)
{
    struct weft_options options = small("default");
    struct weft_training training;
    options.hidden_count = 1;
    options.hidden[0] = hidden;
    device_open("cpu");
    data_open();
    weft_model_destroy(trained(&options, NULL, &training));
    const size_t count = thread_count();
    data_close();
    device_close();
    ck_assert_uint_eq(thread_count(), 1); /* who has no device has no threads */
    return count;
}

START_TEST(small_trainings_have_one_thread)
{
    omp_set_num_threads(2);
    ck_assert_uint_eq(threads_after_training(16), 1);
    ck_assert_uint_eq(threads_after_training(4096), 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("parallel");
    TCase *tests = tcase_create("parallel");
    tcase_add_test(tests, every_element_once);
    tcase_add_test(tests, helpers_take_part);
    tcase_add_test(tests, helpers_block_signals);
    tcase_add_test(tests, who_is_late_is_not_waited_for);
    tcase_add_test(tests, without_helpers_the_caller_does_it);
    tcase_add_test(tests, loops_in_loops);
    tcase_add_test(tests, two_callers);
    tcase_add_test(tests, a_fork_has_helpers_of_its_own);
    tcase_add_test(tests, an_end_and_a_new_beginning);
    tcase_add_test(tests, small_trainings_have_one_thread);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
