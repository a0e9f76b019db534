/* Results of checks on their way to the user of the library: counted, told, and judged. */
#ifndef WEFT_API_CHECK_TALLY_H
#define WEFT_API_CHECK_TALLY_H

#include "check/step_trial.h"
#include "weft_device.h"

struct check_tally {
    weft_check_function *function; /* may be NULL */
    void *user;
    struct weft_check *check;        /* borrowed; filled */
    struct check_result first_fault; /* name NULL: none */
};

/* A sink that counts results and tells them; valid as long as `tally`. */
struct check_sink check_tally_sink(struct check_tally *tally);

/* WEFT_ERROR_WRONG_RESULT with the first result that was not right. */
WEFT_MUST_CHECK enum weft_status check_tally_verdict(const struct check_tally *tally,
                                                     const struct weft_device *device);

#endif
