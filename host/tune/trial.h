/* One candidate in a child process: opened, held against the reference, timed. */
#ifndef WEFT_TUNE_TRIAL_H
#define WEFT_TUNE_TRIAL_H

#include "base/process.h"
#include "tune/candidates.h"
#include "weft_device.h"

/* How children are watched. */
struct trial_watch {
    double limit_seconds;
    bool (*stop)(void *user);
    void *user;
};

/* What the device offers for the job. WEFT_ERROR_NO_DEVICE: one way only. */
WEFT_MUST_CHECK enum weft_status trial_survey(const struct tune_job *job,
                                              const struct trial_watch *watch,
                                              struct tune_survey *survey, enum process_end *end);

/* Seconds of one run of the candidate, the median of several after a warm-up; `tuning` is what the
 * device is to have in force for it. What is much slower than `best` seconds is not timed for long.
 * WEFT_ERROR_WRONG_RESULT, with the line: it is wrong; WEFT_ERROR_DEVICE: it failed or crashed;
 * other failures likewise are the candidate's, but for WEFT_ERROR_IO: no child could be started. */
WEFT_MUST_CHECK enum weft_status trial_run(const struct tune_job *job,
                                           const struct tune_candidate *candidate,
                                           const struct record_tuning *tuning, double best,
                                           const struct trial_watch *watch, double *seconds,
                                           enum process_end *end);

#endif
