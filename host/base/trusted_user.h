/* Tells whose files can be trusted. Define _POSIX_C_SOURCE before the first include. */
#ifndef WEFT_BASE_TRUSTED_USER_H
#define WEFT_BASE_TRUSTED_USER_H

#include <stdbool.h>
#include <sys/types.h>

/* Returns true for this user and for root, who may change everything anyway. */
bool user_is_trusted(uid_t user);

#endif
