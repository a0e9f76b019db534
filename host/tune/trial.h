/* Runs one candidate in a child process: opens the device, checks the result against the reference,
 * and times it. */
#ifndef WEFT_TUNE_TRIAL_H
#define WEFT_TUNE_TRIAL_H

#include "base/process.h"
#include "tune/candidates.h"
#include "weft_device.h"

/* How the parent watches a child. */
struct trial_watch {
    double limit_seconds;
    bool (*stop)(void *user);
    void *user;
};

/* Finds out what the device offers for the job. Returns WEFT_ERROR_NO_DEVICE if there is only one
 * way to compute products. */
WEFT_MUST_CHECK enum weft_status trial_survey(const struct tune_job *job,
                                              const struct trial_watch *watch,
                                              struct tune_survey *survey, enum process_end *end);

/* Measures the time of one run of the candidate: the median of several runs after a warm-up. For a
 * product it is the mean of this time, with operands in the caches, and of the time with operands
 * in memory. `tuning` is the tuning that the device uses meanwhile. A candidate much slower than
 * `best` seconds is not timed for long.
 *
 * Returns WEFT_ERROR_WRONG_RESULT, with the error line, if the result is wrong, and
 * WEFT_ERROR_DEVICE if the candidate failed or crashed. WEFT_ERROR_IO means that no child process
 * could be started. All other errors are also failures of the candidate.
 */
WEFT_MUST_CHECK enum weft_status trial_run(const struct tune_job *job,
                                           const struct tune_candidate *candidate,
                                           const struct record_tuning *tuning, double best,
                                           const struct trial_watch *watch, double *seconds,
                                           enum process_end *end);

#endif
