/* The files that a run reads and writes, looked at before it touches any of them. */
#ifndef WEFT_APP_RUN_FILES_H
#define WEFT_APP_RUN_FILES_H

#include "options.h"

/* WEFT_ERROR_USAGE, said, where a name is empty or "-", or where a file that the run writes is also
 * one that it reads (--data and --test read the files in their folders) or writes as something
 * else: by the same name, another spelling, or a link of either kind. Only the model of -o may be
 * the one of --init. WEFT_ERROR_IO, said, for a pipe that is written and that nobody reads; others
 * are held open from now on. */
WEFT_MUST_CHECK enum weft_status run_files_check(const struct command_line *line);

/* Where shadow training writes a step that was computed wrong. */
const char *run_files_bundle(const struct command_line *line);

#endif
