/* Handles signals, for POSIX. A handler may only use flags, read the clock and call _Exit. */
#define _XOPEN_SOURCE 700
#include "interrupt.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "weft.h"

enum { SAME_EVENT_MILLISECONDS = 250 };

/* Atomic, because drivers have threads, and any thread may run the handler. */
static atomic_int deferred; /* 1: the first signal waits for the end of the batch */
static atomic_int caught;   /* the first signal received, or 0 */
static atomic_int asked;    /* SIGUSR1 has asked for a checkpoint */
static atomic_llong since;  /* when it arrived, in milliseconds; 0 before */

static long long milliseconds(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static char last_words[1536]; /* prepared, because a handler cannot format */

static void handle(int received)
{
    int none = 0;
    const int number = received == SIGUSR2 ? SIGINT : received;
    const long long now = milliseconds();
    if (atomic_load(&deferred) == 0) {
        (void)!write(STDERR_FILENO, last_words, strlen(last_words));
        _Exit(128 + number);
    }
    if (atomic_compare_exchange_strong(&caught, &none, number)) {
        atomic_store(&since, now);
        return;
    }
    if (received == SIGUSR2) /* rank_launch.c sends it until all ranks end */
        return;
    const long long first = atomic_load(&since);
    if (number != SIGHUP && first != 0 && now - first > SAME_EVENT_MILLISECONDS)
        _Exit(128 + number);
}

void interrupt_install(void)
{
    static const int numbers[] = {SIGHUP, SIGINT, SIGTERM};
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART}, inherited;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (sigaction(numbers[i], NULL, &inherited) == 0 && inherited.sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    /* With SIGXFSZ ignored, a write beyond `ulimit -f` fails with EFBIG, as on a full disk. */
    action.sa_handler = SIG_IGN;
    sigaction(SIGXFSZ, &action, NULL);
}

void interrupt_take_forwarded(void)
{
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGUSR2, &action, NULL);
}

/* A mapped file has become shorter. Nothing that was read from it can be trusted. Several threads
 * may notice at once: the first one tells and ends the program, and the others wait for that. */
static void end_truncated(int number)
{
    static atomic_flag noticed = ATOMIC_FLAG_INIT;
    static const char line[] =
        "weft: data: a file that this run has mapped became shorter while it was read, or its disk "
        "fails\n";
    while (atomic_flag_test_and_set(&noticed))
        pause();
    const ssize_t told = write(STDERR_FILENO, line, sizeof line - 1);
    (void)number, (void)told;
    _Exit(WEFT_ERROR_IO);
}

void interrupt_guard_maps(void)
{
    struct sigaction action = {.sa_handler = end_truncated};
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, NULL);
}

void interrupt_defer(void)
{
    atomic_store(&deferred, 1);
}

void interrupt_last_words(const char *line)
{
    snprintf(last_words, sizeof last_words, "%s", line);
}

void interrupt_survive_pipes(void)
{
    struct sigaction action = {.sa_handler = SIG_IGN};
    sigemptyset(&action.sa_mask);
    sigaction(SIGPIPE, &action, NULL);
}

static void take_request(int number)
{
    (void)number;
    atomic_store(&asked, 1);
}

void interrupt_take_requests(void)
{
    struct sigaction action = {.sa_handler = take_request, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGUSR1, &action, NULL);
}

bool interrupt_asked_for_checkpoint(void)
{
    return atomic_exchange(&asked, 0) != 0;
}

int interrupt_signal(void)
{
    return atomic_load(&caught);
}

bool interrupt_hung_up(void)
{
    return interrupt_signal() == SIGHUP;
}
