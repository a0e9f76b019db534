/* Starts the threads of the library. The program's own threads handle signals from outside, so they
 * are blocked here. Signals that a thread causes itself stay unblocked, because the system ends a
 * process whose thread blocks one, even if the process handles it. */
#ifndef WEFT_BASE_THREAD_START_H
#define WEFT_BASE_THREAD_START_H

#include <pthread.h>
#include <stdbool.h>

/* Starts run(user) in a new thread. `attributes` may be NULL. Returns false if the system refuses.
 */
bool thread_start(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *user),
                  void *user);

#endif
