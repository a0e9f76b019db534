/* Runs work in a child process, which can have a time limit and its own environment variables.
 *
 * The child is a copy of this process (fork without exec). It has all data in memory, but none of
 * the other threads. Therefore, the work must not use a library whose threads this process has
 * started. Fork before the first use of OpenCL, OpenMP or a BLAS.
 */
#ifndef WEFT_BASE_PROCESS_H
#define WEFT_BASE_PROCESS_H

#include "base/status.h"

/* The function that runs in the child. Only the content of `result`, the status and the error
 * line return to the parent. The function must print nothing, and nothing that it allocates
 * outlives it. */
typedef enum weft_status process_work(void *user, void *result);

struct process_plan {
    process_work *work;
    void *user;   /* passed to `work` */
    void *result; /* [result_size] zeros that the child fills in; then a copy of its result */
    size_t result_size;
    double limit_seconds; /* time after which the child is killed; 0 means never */

    /* Called every few milliseconds while the child runs; true kills the child. May be NULL. */
    bool (*stop)(void *user);
    void *stop_user;
};

enum process_end {
    PROCESS_DONE,     /* the child answered, whatever its status */
    PROCESS_STOPPED,  /* killed because `stop` returned true */
    PROCESS_TIMED_OUT /* killed because it exceeded the limit */
};

/* Runs the work and waits for it. Returns the status of the work with its error line, or WEFT_OK if
 * `*end` says that the child was killed. Returns WEFT_ERROR_DEVICE if the child died, as in a
 * driver crash, and WEFT_ERROR_IO if it could not start. No child outlives the call. */
WEFT_MUST_CHECK enum weft_status process_run(const struct process_plan *plan,
                                             enum process_end *end);

/* Sets an environment variable of this process; meant for work in a child. */
WEFT_MUST_CHECK enum weft_status environment_set(const char *name, const char *value);

/* Returns the number of this process, and whether the process with a number has ended. A process
 * that has ended counts as gone even if nobody has asked for its status yet. */
int64_t process_number(void);
bool process_is_gone(int64_t number);

/* Returns the peak memory use of this process in bytes, or 0 if it is unknown. */
uint64_t process_peak_bytes(void);

#endif
