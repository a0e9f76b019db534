/* Checks process limits that would end the program before it can explain why. */
#ifndef WEFT_APP_STARTUP_H
#define WEFT_APP_STARTUP_H

/* Must be called first in main, when all shared libraries have started. */
void startup_done(void);

#endif
