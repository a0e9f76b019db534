/* What a command is; each has its own file, and main.c holds the list of them. */
#ifndef WEFT_APP_COMMAND_H
#define WEFT_APP_COMMAND_H

#include <popt.h>

struct command_line; /* options.h */

struct command {
    const char *name;
    const char *summary;                         /* one line for `weft --help` */
    const char *example;                         /* one command line that works */
    struct poptOption *options;                  /* the table of popt, static */
    int (*run)(const struct command_line *line); /* returns the exit code, having said why */
};

extern const struct command train_command;
extern const struct command evaluate_command;
extern const struct command predict_command;
extern const struct command devices_command;
extern const struct command check_command;
extern const struct command bench_command;
extern const struct command tune_command;

#endif
