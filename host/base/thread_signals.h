/* Signals of the threads that the library starts. The program's own threads handle those that come
 * from outside. Signals that a thread causes itself stay unblocked, because the system ends a
 * process that blocks one, even if the process handles it. */
#ifndef WEFT_BASE_THREAD_SIGNALS_H
#define WEFT_BASE_THREAD_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/* Blocks the signals for the threads that the caller starts next, which inherit it. Returns false
 * if the system refuses. */
bool thread_signals_block(sigset_t *before);
void thread_signals_restore(const sigset_t *before);

#endif
