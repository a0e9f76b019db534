/* Limits of the process that would end the program before it can say why. */
#ifndef WEFT_APP_STARTUP_H
#define WEFT_APP_STARTUP_H

/* To be called first in main: everything that is loaded with the program has started. */
void startup_done(void);

#endif
