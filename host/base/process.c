/* Runs child processes on POSIX with fork, a pipe for the answer, and a time limit. */
#define _POSIX_C_SOURCE 200809L
#include "base/process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/system_error.h"

enum { POLL_MILLISECONDS = 20 };

/* The message that the child writes to the pipe before its result. */
struct answer {
    enum weft_status status;
    char line[2048]; /* weft_error() if `status` is a failure */
};

static bool write_all(int descriptor, const void *data, size_t size)
{
    const char *from = data;
    while (size > 0) {
        const ssize_t wrote = write(descriptor, from, size);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        from += wrote;
        size -= (size_t)wrote;
    }
    return true;
}

/* Runs the work in the child and never returns. _Exit keeps the child from flushing or destroying
 * what belongs to the parent. */
_Noreturn static void child_run(const struct process_plan *plan, int descriptor)
{
    struct answer answer;
    memset(&answer, 0, sizeof answer);
    answer.status = plan->work(plan->user, plan->result);
    if (answer.status != WEFT_OK)
        snprintf(answer.line, sizeof answer.line, "%s", weft_error());
    const bool wrote = write_all(descriptor, &answer, sizeof answer) &&
                       write_all(descriptor, plan->result, plan->result_size);
    _Exit(wrote ? EXIT_SUCCESS : EXIT_FAILURE);
}

/* The state of the parent while it reads the answer of the child. */
struct reading {
    const struct process_plan *plan;
    int descriptor;
    double deadline; /* in clock_seconds(); 0 if there is none */
    enum process_end end;
};

/* Waits for bytes. Returns false if the child must be killed. */
static bool wait_for_bytes(struct reading *reading)
{
    struct pollfd watched = {.fd = reading->descriptor, .events = POLLIN};
    for (;;) {
        const int ready = poll(&watched, 1, POLL_MILLISECONDS);
        if (ready > 0 || (ready < 0 && errno != EINTR))
            return true;
        if (reading->plan->stop != NULL && reading->plan->stop(reading->plan->stop_user))
            reading->end = PROCESS_STOPPED;
        else if (reading->deadline > 0.0 && clock_seconds() > reading->deadline)
            reading->end = PROCESS_TIMED_OUT;
        if (reading->end != PROCESS_DONE)
            return false;
    }
}

static bool read_all(struct reading *reading, void *data, size_t size)
{
    char *to = data;
    while (size > 0) {
        if (!wait_for_bytes(reading))
            return false;
        const ssize_t got = read(reading->descriptor, to, size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        to += got;
        size -= (size_t)got;
    }
    return true;
}

/* Reads the answer of `child`, waits until it is gone, and stores how it ended in `*end`. */
static enum weft_status child_finish(struct reading *reading, pid_t child, enum process_end *end)
{
    const struct process_plan *plan = reading->plan;
    struct answer answer;
    const bool answered = read_all(reading, &answer, sizeof answer) &&
                          read_all(reading, plan->result, plan->result_size);
    int outcome = 0;
    if (reading->end != PROCESS_DONE)
        (void)kill(child, SIGKILL);
    while (waitpid(child, &outcome, 0) < 0 && errno == EINTR)
        continue;
    *end = reading->end;
    if (*end != PROCESS_DONE)
        return WEFT_OK;
    if (answered)
        return answer.status == WEFT_OK ? WEFT_OK : fail(answer.status, "%s", answer.line);
    if (WIFSIGNALED(outcome))
        return fail(WEFT_ERROR_DEVICE, "child process: died of signal %d", WTERMSIG(outcome));
    return fail(WEFT_ERROR_DEVICE, "child process: ended with %d and no answer",
                WEXITSTATUS(outcome));
}

enum weft_status process_run(const struct process_plan *plan, enum process_end *end)
{
    int ends[2]; /* both ends of the pipe; the parent reads from ends[0] */
    *end = PROCESS_DONE;
    if (pipe(ends) != 0)
        return fail_errno("child process", "make a pipe");
    const pid_t child = fork();
    if (child < 0) {
        const enum weft_status status = fail_errno("child process", "start");
        (void)close(ends[0]);
        (void)close(ends[1]);
        return status;
    }
    if (child == 0) {
        (void)close(ends[0]);
        child_run(plan, ends[1]);
    }
    (void)close(ends[1]);
    struct reading reading = {.plan = plan, .descriptor = ends[0]};
    if (plan->limit_seconds > 0.0)
        reading.deadline = clock_seconds() + plan->limit_seconds;
    const enum weft_status status = child_finish(&reading, child, end);
    (void)close(ends[0]);
    return status;
}

enum weft_status environment_set(const char *name, const char *value)
{
    return setenv(name, value, 1) == 0 ? WEFT_OK : fail_errno(name, "be set");
}

int64_t process_number(void)
{
    return (int64_t)getpid();
}

/* Returns the state letter of a process from /proc, or '\0' if it cannot be read. It follows the
 * name, which is in parentheses and may contain any character. */
static char process_state(int64_t number)
{
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/%lld/stat", (long long)number);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return '\0';
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    const char *end = strrchr(text, ')');
    return end != NULL && end[1] == ' ' ? end[2] : '\0';
}

bool process_is_gone(int64_t number)
{
    if (kill((pid_t)number, 0) != 0)
        return errno == ESRCH;
    const char state = process_state(number);
    return state == 'Z' || state == 'X';
}

uint64_t process_peak_bytes(void)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0)
        return 0;
#ifdef __APPLE__
    return (uint64_t)usage.ru_maxrss;
#else
    return (uint64_t)usage.ru_maxrss * 1024u;
#endif
}
