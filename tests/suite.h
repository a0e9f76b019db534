/* Provides what every Check suite needs: a runner, and assertions on statuses and floats. */
#ifndef WEFT_TESTS_SUITE_H
#define WEFT_TESTS_SUITE_H

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "weft.h"

#undef fail /* an old macro of Check; base/status.h has a function with this name */

/* Asserts that the call succeeds. On failure it shows the error line. */
#define ck_ok(call)                                                                                \
    do {                                                                                           \
        enum weft_status ck_status_ = (call);                                                      \
        ck_assert_msg(ck_status_ == WEFT_OK, "%s: status %d: %s", #call, (int)ck_status_,          \
                      weft_error());                                                               \
    } while (0)

/* Asserts that the call fails with `code` and that its error line contains `text`. */
#define ck_fails(call, code, text)                                                                 \
    do {                                                                                           \
        enum weft_status ck_status_ = (call);                                                      \
        ck_assert_msg(ck_status_ == (code), "%s: status %d, expected %d: %s", #call,               \
                      (int)ck_status_, (int)(code), weft_error());                                 \
        ck_assert_msg(strstr(weft_error(), (text)) != NULL, "%s: \"%s\" is not in \"%s\"", #call,  \
                      (text), weft_error());                                                       \
    } while (0)

/* Allocates zeroed memory for a test. */
static inline void *memory_of(size_t count, size_t size)
{
    void *memory = calloc(count > 0 ? count : 1, size);
    ck_assert_ptr_nonnull(memory);
    return memory;
}

/* Runs a suite. Every suite uses it as its main function. */
static inline int suite_main(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
