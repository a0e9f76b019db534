/* Whose files may be believed: needs _POSIX_C_SOURCE before the first include. */
#ifndef WEFT_BASE_TRUSTED_USER_H
#define WEFT_BASE_TRUSTED_USER_H

#include <stdbool.h>
#include <sys/types.h>

/* This user and root, who may change everything anyway. */
bool user_is_trusted(uid_t user);

#endif
