/* Passes the results of checks to the user of the library: counts, reports and judges them. */
#ifndef WEFT_API_CHECK_TALLY_H
#define WEFT_API_CHECK_TALLY_H

#include "backend/backend.h"
#include "check/check_result.h"
#include "weft_device.h"

struct check_tally {
    weft_check_function *function; /* may be NULL */
    void *user;
    struct weft_check *check;        /* borrowed; receives the counts */
    struct check_result first_fault; /* its name is NULL: none */
};

/* Returns a sink that counts and reports results. It is valid as long as `tally`. */
struct check_sink check_tally_sink(struct check_tally *tally);

/* Returns WEFT_ERROR_WRONG_RESULT, with the first wrong result, if any result was wrong. */
WEFT_MUST_CHECK enum weft_status check_tally_verdict(const struct check_tally *tally,
                                                     const struct weft_device *device);

#endif
