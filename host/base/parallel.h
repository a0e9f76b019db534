/* Parallel loops: several threads share the pieces of a loop. No other code of the library starts
 * threads.
 *
 * The caller never waits for a thread that has not begun. It works on the pieces itself, and
 * helpers take pieces whenever they run. At the end, the caller waits only for the pieces in
 * progress. Therefore, a helper that gets no core costs nothing. The barrier of an OpenMP region,
 * in contrast, waits for every thread until the system schedules it. That takes milliseconds in
 * each region, and even a small training run has thousands of regions.
 *
 * The assignment of pieces to threads is not deterministic. A piece must depend only on its own
 * elements; the results are then independent of the number of threads.
 *
 * The first loop that needs helpers starts them. A helper waits for the next loop actively for 200
 * microseconds and then sleeps. Helpers block all signals. Their stack size is fixed, so
 * OMP_STACKSIZE and `ulimit -s` do not matter. If the system grants no threads, the caller does all
 * the work.
 */
#ifndef WEFT_BASE_PARALLEL_H
#define WEFT_BASE_PARALLEL_H

#include <stdbool.h>
#include <stddef.h>

/* Processes elements first .. first + count - 1 of the loop. All pieces share `work`. */
typedef void parallel_piece(const void *work, size_t first, size_t count);

/* Runs `run` on elements 0 .. n - 1 in pieces of `step`, and returns when all are done. The last
 * piece may be shorter. The caller runs all pieces in order if `shared` is false or if there is
 * only one thread. It also does so while another loop uses the helpers. */
void parallel_for(size_t n, size_t step, bool shared, parallel_piece *run, const void *work);

/* Returns the number of threads that a loop may use. OpenMP decides it from OMP_NUM_THREADS,
 * omp_set_num_threads, and the CPUs of this process. Inside an OpenMP region, the result is 1. */
size_t parallel_threads(void);

/* Returns the index of the thread that runs this piece. The caller has index 0, and so does any
 * thread outside a loop. */
size_t parallel_worker(void);

/* Ends the helpers and releases their memory; the next loop starts new ones. Waits for a loop of
 * another thread to end. */
void parallel_stop(void);

#endif
