/* Work in a child process: with a time limit, in an environment of its own, from a clean start.
 *
 * The child is a copy of this process (fork without exec): it has all data in memory already, but
 * none of the other threads. So the work may not use a library whose threads this process has
 * started: fork before OpenCL, OpenMP or a BLAS is first used.
 */
#ifndef WEFT_BASE_PROCESS_H
#define WEFT_BASE_PROCESS_H

#include "base/status.h"

/* Runs in the child; what it leaves in `result` comes back, and its status with the error line.
 * Nothing else does: it may print nothing and owns nothing that outlives it. */
typedef enum weft_status process_work(void *user, void *result);

struct process_plan {
    process_work *work;
    void *user;   /* handed to `work` */
    void *result; /* [result_size] zeros for the child to fill, then a copy of what it filled in */
    size_t result_size;
    double limit_seconds; /* the child is killed after so long; 0: never */

    /* Asked every few milliseconds while the child runs: true kills it. May be NULL. */
    bool (*stop)(void *user);
    void *stop_user;
};

enum process_end {
    PROCESS_DONE,     /* the result is there, whatever the status */
    PROCESS_STOPPED,  /* killed: `stop` asked for it */
    PROCESS_TIMED_OUT /* killed: it ran past the limit */
};

/* Runs the work and waits. The status is that of the work, with its line; WEFT_OK for a child that
 * was killed here. WEFT_ERROR_DEVICE: the child died (a driver crashed); WEFT_ERROR_IO: it could
 * not be started. No child is left behind. */
WEFT_MUST_CHECK enum weft_status process_run(const struct process_plan *plan,
                                             enum process_end *end);

/* Sets a variable of this process's environment: for work in a child. */
WEFT_MUST_CHECK enum weft_status environment_set(const char *name, const char *value);

/* The most bytes of memory that this process has had in use at once; 0 where that is not known. */
uint64_t process_peak_bytes(void);

#endif
