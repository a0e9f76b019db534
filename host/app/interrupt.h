/* Handles SIGINT, SIGTERM and SIGHUP. Before interrupt_defer() they end the program at once with
 * exit code 130, 143 or 129. After it, the first signal only sets a flag. Training checks the flag
 * between batches, so that the model can still be saved. A second signal ends the program at once.
 *
 * One event may cause several signals. timeout(1) signals its child and then the whole group, and a
 * terminal that closes signals twice. Therefore signals within a quarter of a second after the
 * first count as the same one. SIGHUP after another signal never ends the program.
 *
 * A signal that was ignored when the program began (SIGHUP under nohup) stays ignored. SIGXFSZ does
 * not end the program: the write that is too large fails, and the user gets a message.
 */
#ifndef WEFT_APP_INTERRUPT_H
#define WEFT_APP_INTERRUPT_H

#include <stdbool.h>

/* Installs the handlers. */
void interrupt_install(void);
/* From now on, the first signal only sets a flag. */
void interrupt_defer(void);

/* From now on, SIGUSR2 counts as SIGINT: mpirun forwards it to its ranks, and no other signal. */
void interrupt_take_forwarded(void);

/* Sets what a signal prints that ends the program at once. */
void interrupt_last_words(const char *line);

/* Makes writing to a closed pipe fail instead of ending the program. Commands whose work must
 * survive their output call it. All other commands are filters, which SIGPIPE ends. */
void interrupt_survive_pipes(void);

/* Returns the signal that arrived, or 0. */
int interrupt_signal(void);

/* From now on, SIGUSR1 asks for a checkpoint. Before, it ends the program. */
void interrupt_take_requests(void);

/* Returns true once for each time that SIGUSR1 has asked for a checkpoint. */
bool interrupt_asked_for_checkpoint(void);

/* Returns true if the signal is SIGHUP. */
bool interrupt_hung_up(void);

/* Ends the program with one line and WEFT_ERROR_IO if a mapped file becomes shorter. */
void interrupt_guard_maps(void);

#endif
