/* Loops whose pieces several threads share: the only place in the library that starts threads.
 *
 * The one thing to know: the caller never waits for a thread that has not begun. It works on the
 * pieces itself, helpers take pieces when they happen to run, and at the end the caller waits for
 * those that are under way and for nothing else. So a helper that other work keeps from its core
 * costs nothing. The barrier of an OpenMP region waits for every thread, as long as the system
 * takes to let it run: milliseconds in each region, and a small training has thousands of regions.
 *
 * Who computes a piece is chance. A piece must depend on nothing but its elements; then results do
 * not depend on the number of threads either. Helpers start with the first loop that is worth them,
 * wait for the next one actively for 200 microseconds and asleep from then on. They block all
 * signals, and have stacks of their own size: neither `ulimit -s` nor OMP_STACKSIZE matters. Where
 * the system grants no thread the caller does all the work.
 */
#ifndef WEFT_BASE_PARALLEL_H
#define WEFT_BASE_PARALLEL_H

#include <stdbool.h>
#include <stddef.h>

/* Elements first .. first + count - 1 of the loop; `work` is shared by all pieces. */
typedef void parallel_piece(const void *work, size_t first, size_t count);

/* Runs elements 0 .. n - 1 in pieces of `step`, the last one shorter, and returns when all are
 * done. Unless `shared`, with one thread, or while another loop has the helpers (of this thread or
 * another), the caller runs the pieces in order. */
void parallel_for(size_t n, size_t step, bool shared, parallel_piece *run, const void *work);

/* How many threads a loop may have: what OpenMP would use here (OMP_NUM_THREADS,
 * omp_set_num_threads, the CPUs that this process may use); 1 inside of an OpenMP region. */
size_t parallel_threads(void);

/* Which of them runs this piece: 0 is the caller. Outside of a loop 0. */
size_t parallel_worker(void);

/* Ends the helpers and gives their memory back; the next loop starts them anew. Waits for a loop of
 * another thread to end. */
void parallel_stop(void);

#endif
