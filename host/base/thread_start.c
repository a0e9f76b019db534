/* Implements thread_start.h. */
#define _XOPEN_SOURCE 700
#include "base/thread_start.h"

#include <signal.h>
#include <stddef.h>

/* A new thread inherits the blocked signals. */
bool thread_start(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *user),
                  void *user)
{
    static const int own[] = {SIGBUS, SIGFPE, SIGILL, SIGSEGV};
    sigset_t signals, before;
    sigfillset(&signals);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        sigdelset(&signals, own[i]);
    if (pthread_sigmask(SIG_SETMASK, &signals, &before) != 0)
        return false;
    const bool started = pthread_create(thread, attributes, run, user) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}
