/* Implements the helpers of parallel.h and distributes a loop among them.
 *
 * A loop is open from the moment its fields are set until the caller finds no more pieces.
 * `entered` counts the helpers inside the loop. Its bit CLOSED keeps late helpers out, because the
 * fields belong to the loop only while that bit is clear. The caller sets CLOSED, waits until no
 * helper is inside, and returns. A helper that wakes up later finds the loop closed.
 *
 * Both sides spin for a moment and then sleep. A thread that falls asleep announces it and then
 * checks its condition once more. A thread that changes this condition checks afterward whether
 * somebody sleeps. All these accesses are sequentially consistent, so at least one of the two
 * threads sees the other.
 */
#define _XOPEN_SOURCE 700
#include "base/parallel.h"

#include <omp.h>
#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/file.h"
#include "base/thread_start.h"

enum {
    MOST_HELPERS = 255,
    STACK_BYTES = 1 << 20, /* matrix products keep panels of 128 KiB here; a BLAS needs little */
    CLOSED = 1 << 30,
    LOOKS = 64 /* checks of the condition between two readings of the clock */
};

/* The spin time exceeds the pause between two loops of a training step; a thread that slept wakes
 * 50 us late. It is also a tenth of the system's time slice, so other processes lose little. */
static const double spin_seconds = 200e-6;

struct helper {
    pthread_t thread;
    pthread_cond_t wake;
    atomic_bool asleep;
};

/* The pieces that a thread starts with. Loops of equal length give a thread the same elements,
 * which may still be in its cache. A thread that finishes its share continues with the shares of
 * others. */
struct share {
    alignas(64) atomic_size_t next; /* the next unclaimed piece */
    size_t end;
};

static struct pool {
    pthread_mutex_t owner; /* held by the caller of a loop */
    pid_t process;         /* the process that started the helpers; a forked child has none */
    size_t count;          /* number of helpers */
    struct helper helpers[MOST_HELPERS];

    /* The open loop: */
    parallel_piece *run;
    const void *work;
    size_t n, step;
    size_t wanted; /* the first `wanted` helpers take part */
    struct share shares[MOST_HELPERS + 1];
    atomic_int entered; /* number of helpers inside the loop, and the bit CLOSED */

    pthread_mutex_t sleep; /* protects the condition variables and `quit` */
    pthread_cond_t done;
    atomic_bool caller_asleep;
    atomic_uint loops; /* number of loops so far; helpers wait for a change */
    bool quit;
} pool = {.owner = PTHREAD_MUTEX_INITIALIZER,
          .entered = CLOSED,
          .sleep = PTHREAD_MUTEX_INITIALIZER,
          .done = PTHREAD_COND_INITIALIZER};

static _Thread_local size_t worker;

size_t parallel_worker(void)
{
    return worker;
}

size_t parallel_threads(void)
{
    const int threads = omp_in_parallel() ? 1 : omp_get_max_threads();
    return threads > MOST_HELPERS + 1 ? MOST_HELPERS + 1 : (size_t)threads;
}

/* ---- waiting ---- */

static inline void pause_briefly(void)
{
#if defined(__x86_64__) && defined(__GNUC__)
    __builtin_ia32_pause();
#elif defined(__aarch64__) && defined(__GNUC__)
    __asm__ volatile("yield");
#endif
}

/* Spins until `ready` returns true. Returns false if that takes longer than the spin time. */
static bool spin_until(bool (*ready)(unsigned seen), unsigned seen)
{
    for (double end = clock_seconds() + spin_seconds; clock_seconds() < end;)
        for (int i = 0; i < LOOKS; i++) {
            if (ready(seen))
                return true;
            pause_briefly();
        }
    return false;
}

static bool new_loop(unsigned seen)
{
    return atomic_load(&pool.loops) != seen;
}

static bool all_left(unsigned seen)
{
    (void)seen;
    return atomic_load(&pool.entered) == CLOSED;
}

/* ---- a helper ---- */

static void share_run(struct share *share)
{
    for (size_t piece; (piece = atomic_fetch_add(&share->next, 1)) < share->end;) {
        const size_t first = piece * pool.step, left = pool.n - first;
        pool.run(pool.work, first, left < pool.step ? left : pool.step);
    }
}

static void pieces_run(void)
{
    const size_t shares = pool.wanted + 1;
    for (size_t i = 0; i < shares; i++)
        share_run(&pool.shares[(worker + i) % shares]);
}

static void loop_join(void)
{
    if ((atomic_fetch_add(&pool.entered, 1) & CLOSED) == 0 && worker <= pool.wanted)
        pieces_run();
    if (atomic_fetch_sub(&pool.entered, 1) - 1 == CLOSED && atomic_load(&pool.caller_asleep)) {
        pthread_mutex_lock(&pool.sleep);
        pthread_cond_signal(&pool.done);
        pthread_mutex_unlock(&pool.sleep);
    }
}

/* Sleeps until a loop other than `seen` starts. Returns false if the helper must exit. */
static bool loop_await(struct helper *self, unsigned seen)
{
    pthread_mutex_lock(&pool.sleep);
    atomic_store(&self->asleep, true);
    while (!new_loop(seen) && !pool.quit)
        pthread_cond_wait(&self->wake, &pool.sleep);
    atomic_store(&self->asleep, false);
    const bool quit = pool.quit;
    pthread_mutex_unlock(&pool.sleep);
    return !quit;
}

static void *helper_main(void *argument)
{
    struct helper *self = argument;
    worker = (size_t)(self - pool.helpers) + 1;
    omp_set_num_threads(1); /* Affects this thread alone and keeps an OpenMP BLAS from starting
                               more threads. */
    for (unsigned seen = 0;;) {
        if (!spin_until(new_loop, seen) && !loop_await(self, seen))
            return NULL;
        seen = atomic_load(&pool.loops);
        loop_join();
    }
}

/* ---- the caller ---- */

/* Resets the pool in a forked child, which has no helpers. A fork cannot happen in the middle of
 * the caller's own loop. */
static void forget_other_process(void)
{
    const pid_t process = getpid();
    if (pool.process == process)
        return;
    pool.process = process;
    pool.count = 0;
    pool.quit = false;
    atomic_store(&pool.entered, CLOSED);
    pthread_mutex_init(&pool.sleep, NULL);
    pthread_cond_init(&pool.done, NULL);
}

static bool helper_start(struct helper *helper, const pthread_attr_t *attributes)
{
    atomic_store(&helper->asleep, false);
    return pthread_cond_init(&helper->wake, NULL) == 0 &&
           thread_start(&helper->thread, attributes, helper_main, helper);
}

/* Starts helpers until there are `wanted`, or until the system refuses to create more. */
static void helpers_start(size_t wanted)
{
    pthread_attr_t attributes;
    if (pool.count >= wanted || pthread_attr_init(&attributes) != 0)
        return;
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    while (pool.count < wanted && helper_start(&pool.helpers[pool.count], &attributes))
        pool.count++;
    pthread_attr_destroy(&attributes);
}

static void helpers_wake(void)
{
    for (size_t i = 0; i < pool.wanted; i++) {
        if (!atomic_load(&pool.helpers[i].asleep))
            continue;
        pthread_mutex_lock(&pool.sleep);
        pthread_cond_signal(&pool.helpers[i].wake);
        pthread_mutex_unlock(&pool.sleep);
    }
}

/* Divides `pieces` into shares and lets the helpers in. All other fields of the loop are already
 * set. */
static void loop_open(size_t pieces)
{
    const size_t shares = pool.wanted + 1, least = pieces / shares, more = pieces % shares;
    size_t first = 0;
    for (size_t i = 0; i < shares; i++) {
        atomic_store_explicit(&pool.shares[i].next, first, memory_order_relaxed);
        first += least + (i < more);
        pool.shares[i].end = first;
    }
    atomic_fetch_and(&pool.entered, ~CLOSED);
    atomic_fetch_add(&pool.loops, 1);
    helpers_wake();
}

static void loop_close(void)
{
    atomic_fetch_or(&pool.entered, CLOSED);
    if (spin_until(all_left, 0))
        return;
    pthread_mutex_lock(&pool.sleep);
    atomic_store(&pool.caller_asleep, true);
    while (!all_left(0))
        pthread_cond_wait(&pool.done, &pool.sleep);
    atomic_store(&pool.caller_asleep, false);
    pthread_mutex_unlock(&pool.sleep);
}

/* Runs the loop with the caller and up to `helpers` helpers. */
static void loop_share(size_t n, size_t step, size_t helpers, parallel_piece *run, const void *work)
{
    forget_other_process();
    helpers_start(helpers);
    pool.n = n;
    pool.step = step;
    pool.wanted = helpers < pool.count ? helpers : pool.count;
    pool.run = run;
    pool.work = work;
    loop_open(n / step + (n % step != 0));
    pieces_run();
    loop_close();
}

void parallel_for(size_t n, size_t step, bool shared, parallel_piece *run, const void *work)
{
    const size_t pieces = n / step + (n % step != 0);
    const size_t most = shared && pieces > 1 ? parallel_threads() : 1;
    if (most > 1 && worker == 0 && pthread_mutex_trylock(&pool.owner) == 0) {
        loop_share(n, step, (most < pieces ? most : pieces) - 1, run, work);
        pthread_mutex_unlock(&pool.owner);
        return;
    }
    for (size_t first = 0; first < n; first += step)
        run(work, first, n - first < step ? n - first : step);
}

void parallel_stop(void)
{
    pthread_mutex_lock(&pool.owner);
    forget_other_process();
    pthread_mutex_lock(&pool.sleep);
    pool.quit = true;
    for (size_t i = 0; i < pool.count; i++)
        pthread_cond_signal(&pool.helpers[i].wake);
    pthread_mutex_unlock(&pool.sleep);
    for (size_t i = 0; i < pool.count; i++) {
        pthread_join(pool.helpers[i].thread, NULL);
        pthread_cond_destroy(&pool.helpers[i].wake);
    }
    pool.count = 0;
    pool.quit = false;
    pthread_mutex_unlock(&pool.owner);
}
