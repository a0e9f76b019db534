/* Signal handlers, for POSIX. A handler may only touch flags and call _exit. */
#define _XOPEN_SOURCE 700
#include "interrupt.h"

#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t deferred; /* 1: the first signal waits for the batch */
static volatile sig_atomic_t caught;   /* the first signal that came, 0 for none */

static void handle(int number)
{
    if (!deferred || caught != 0)
        _exit(128 + number);
    caught = number;
}

void interrupt_install(void)
{
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    /* A write beyond `ulimit -f` then fails with EFBIG, as on a full disk. */
    action.sa_handler = SIG_IGN;
    sigaction(SIGXFSZ, &action, NULL);
}

void interrupt_defer(void)
{
    deferred = 1;
}

int interrupt_signal(void)
{
    return caught;
}
