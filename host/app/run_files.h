/* Checks the files that a run reads and writes before it touches any of them. */
#ifndef WEFT_APP_RUN_FILES_H
#define WEFT_APP_RUN_FILES_H

#include "options.h"

/* Returns WEFT_ERROR_USAGE, with a message, if a name of a file is empty, or "-" where that does
 * not mean standard input. */
WEFT_MUST_CHECK enum weft_status run_files_check_names(const struct command_line *line);

/* Checks all file names of a run. Returns WEFT_ERROR_USAGE, with a message, if a name is empty or
 * "-". It does the same if the run would write a file that it also reads or writes under another
 * option. Other spellings and links of either kind count as the same file. --data and --test read
 * the files in their folders. Only -o may name the same file as --init-model, and --checkpoint the
 * same as --resume.
 *
 * Returns WEFT_ERROR_IO, with a message, for an output pipe without a reader. Pipes with a reader
 * are held open from then on.
 */
WEFT_MUST_CHECK enum weft_status run_files_check(const struct command_line *line);

/* Returns the path to which shadow training writes a step with wrong results. */
const char *run_files_bundle(const struct command_line *line);

#endif
