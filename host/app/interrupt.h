/* SIGINT, SIGTERM and SIGHUP. Until interrupt_defer() they end the program at once, with 130, 143
 * or 129; after it the first one only sets a flag, which training asks for between batches so that
 * the model can still be saved, and another one ends the program at once.
 *
 * One event may bring several signals: timeout(1) signals its child and then the whole group, a
 * terminal that closes signals twice. So signals that follow the first within a quarter of a second
 * count as the same one, and SIGHUP after another signal never ends the program.
 *
 * A signal that was ignored when the program began (SIGHUP under nohup) stays ignored. SIGXFSZ ends
 * nothing: the write that is too large fails instead, and the user is told. */
#ifndef WEFT_APP_INTERRUPT_H
#define WEFT_APP_INTERRUPT_H

#include <stdbool.h>

void interrupt_install(void);
void interrupt_defer(void);

/* A pipe that nobody reads any more ends this program no longer: writing to it fails. For commands
 * whose work outlives what they print; the others are filters, which SIGPIPE ends. */
void interrupt_survive_pipes(void);

/* The signal that came, 0 for none. */
int interrupt_signal(void);

/* It is SIGHUP. */
bool interrupt_hung_up(void);

#endif
