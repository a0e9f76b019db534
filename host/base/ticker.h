/* Calls a function at regular intervals, in a thread of its own and under a lock.
 *
 * The function runs even while the main thread computes for a long time. It does not run while the
 * process is stopped. The thread blocks all signals.
 */
#ifndef WEFT_BASE_TICKER_H
#define WEFT_BASE_TICKER_H

#include "base/status.h"

struct ticker;

/* Starts to call `tick` every `seconds`, with the lock held. Returns WEFT_ERROR_MEMORY if the
 * system grants no thread. */
WEFT_MUST_CHECK enum weft_status ticker_create(double seconds, void (*tick)(void *user), void *user,
                                               struct ticker **ticker);

/* Hold the lock that the function runs under. Both accept NULL and then do nothing. */
void ticker_lock(struct ticker *ticker);
void ticker_unlock(struct ticker *ticker);

/* Ends the thread. The caller does not hold the lock. Accepts NULL. */
void ticker_destroy(struct ticker *ticker);

/* Lets other threads and processes run: a caller that polls calls it between two looks. `looks`
 * counts them from 0; after the first thousand, each call sleeps for 50 us. */
void poll_pause(size_t looks);

#endif
