/* Implements thread_signals.h. */
#define _XOPEN_SOURCE 700
#include "base/thread_signals.h"

#include <pthread.h>
#include <stddef.h>

bool thread_signals_block(sigset_t *before)
{
    static const int own[] = {SIGBUS, SIGFPE, SIGILL, SIGSEGV};
    sigset_t signals;
    sigfillset(&signals);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        sigdelset(&signals, own[i]);
    return pthread_sigmask(SIG_SETMASK, &signals, before) == 0;
}

void thread_signals_restore(const sigset_t *before)
{
    pthread_sigmask(SIG_SETMASK, before, NULL);
}
