/* SIGINT and SIGTERM. Until interrupt_defer() they end the program at once, with 130 or 143; after
 * it the first one only sets a flag, which training asks for between batches so that the model can
 * still be saved, and the second one ends the program at once. SIGXFSZ ends nothing: the write that
 * is too large fails instead, and is told. */
#ifndef WEFT_APP_INTERRUPT_H
#define WEFT_APP_INTERRUPT_H

void interrupt_install(void);
void interrupt_defer(void);

/* The signal that came, 0 for none. */
int interrupt_signal(void);

#endif
