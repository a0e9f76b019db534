/* Implements the ticker with a POSIX thread; see ticker.h. */
#define _XOPEN_SOURCE 700
#include "base/ticker.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "base/memory.h"
#include "base/thread_start.h"

struct ticker {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct timespec interval;
    bool ending;
    void (*tick)(void *user);
    void *user; /* borrowed */
};

static struct timespec later(const struct timespec *interval)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    time.tv_sec += interval->tv_sec;
    time.tv_nsec += interval->tv_nsec;
    if (time.tv_nsec >= 1000000000L) {
        time.tv_sec++;
        time.tv_nsec -= 1000000000L;
    }
    return time;
}

static void *run(void *user)
{
    struct ticker *ticker = user;
    pthread_mutex_lock(&ticker->lock);
    while (!ticker->ending) {
        const struct timespec next = later(&ticker->interval);
        while (!ticker->ending &&
               pthread_cond_timedwait(&ticker->wake, &ticker->lock, &next) == 0) {}
        if (!ticker->ending)
            ticker->tick(ticker->user);
    }
    pthread_mutex_unlock(&ticker->lock);
    return NULL;
}

static void locks_init(struct ticker *ticker)
{
    pthread_condattr_t attributes;
    pthread_mutex_init(&ticker->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&ticker->wake, &attributes);
    pthread_condattr_destroy(&attributes);
}

static void locks_reset(struct ticker *ticker)
{
    pthread_cond_destroy(&ticker->wake);
    pthread_mutex_destroy(&ticker->lock);
}

enum weft_status ticker_create(double seconds, void (*tick)(void *user), void *user,
                               struct ticker **ticker)
{
    struct ticker *created;
    TRY(NEW_ARRAY(created, 1));
    const time_t whole = (time_t)seconds;
    created->interval = (struct timespec){whole, (long)(1e9 * (seconds - (double)whole))};
    created->tick = tick;
    created->user = user;
    locks_init(created);
    if (!thread_start(&created->thread, NULL, run, created)) {
        locks_reset(created);
        memory_free(created);
        return fail(WEFT_ERROR_MEMORY, "ranks: the system grants no thread for the heartbeat");
    }
    *ticker = created;
    return WEFT_OK;
}

void ticker_lock(struct ticker *ticker)
{
    if (ticker != NULL)
        pthread_mutex_lock(&ticker->lock);
}

void ticker_unlock(struct ticker *ticker)
{
    if (ticker != NULL)
        pthread_mutex_unlock(&ticker->lock);
}

void ticker_destroy(struct ticker *ticker)
{
    if (ticker == NULL)
        return;
    pthread_mutex_lock(&ticker->lock);
    ticker->ending = true;
    pthread_cond_signal(&ticker->wake);
    pthread_mutex_unlock(&ticker->lock);
    pthread_join(ticker->thread, NULL);
    locks_reset(ticker);
    memory_free(ticker);
}

void poll_pause(size_t looks)
{
    enum { YIELDS = 1000, NANOSECONDS = 50000 };
    if (looks < YIELDS) {
        sched_yield();
        return;
    }
    const struct timespec pause = {0, NANOSECONDS};
    nanosleep(&pause, NULL);
}
