/* Reads and prints sizes in bytes. */
#ifndef WEFT_APP_BYTE_SIZE_H
#define WEFT_APP_BYTE_SIZE_H

#include "options.h"

/* Gets a size such as 2GiB, 1.5GB or 65536. A unit is B, KiB, MiB, GiB or TiB, or KB, MB, GB or TB
 * for powers of 1000, in any case. `*bytes` stays unchanged if the option is not given. */
WEFT_MUST_CHECK enum weft_status option_size(const struct command_line *line, enum option option,
                                             uint64_t *bytes);

enum { BYTE_SIZE_TEXT = 32 };

/* Formats "46.1 MiB", and returns `text`. */
const char *byte_size_format(uint64_t bytes, char text[BYTE_SIZE_TEXT]);

#endif
