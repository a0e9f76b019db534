/* Defines a command. Each command has its own file, and main.c has the list of all commands. */
#ifndef WEFT_APP_COMMAND_H
#define WEFT_APP_COMMAND_H

#include "weft.h"

struct command_line; /* defined in options.h */

/* One bit per command, for the tables of options. The library defines the bits of the commands that
 * train. */
enum command_bit {
    COMMAND_TRAIN = WEFT_COMMAND_TRAIN,
    COMMAND_CHECK = WEFT_COMMAND_CHECK,
    COMMAND_BENCH = WEFT_COMMAND_BENCH,
    COMMAND_TUNE = WEFT_COMMAND_TUNE,
    COMMAND_EVALUATE = WEFT_COMMAND_OWN,
    COMMAND_PREDICT = WEFT_COMMAND_OWN << 1,
    COMMAND_DEVICES = WEFT_COMMAND_OWN << 2,
    COMMAND_PRESETS = WEFT_COMMAND_OWN << 3,
    COMMAND_INSPECT = WEFT_COMMAND_OWN << 4,
    COMMAND_PLOT = WEFT_COMMAND_OWN << 5,
    COMMAND_EMBED = WEFT_COMMAND_OWN << 6,
    COMMAND_REPORT = WEFT_COMMAND_OWN << 7,
    COMMAND_PACK = WEFT_COMMAND_OWN << 8
};

struct command {
    const char *name;
    enum command_bit bit;
    const char *summary; /* one sentence for `weft --help`, without a period */
    const char *usage;   /* what follows the command: "[OPTIONS] --data WHAT" */
    const char *details; /* lines that follow the summary in its help, or NULL */
    const char *example; /* a complete command line that works */
    bool takes_name;     /* accepts one word that is not an option */
    int (*run)(const struct command_line *line); /* prints any error and returns the exit code */
};

extern const struct command train_command;
extern const struct command evaluate_command;
extern const struct command predict_command;
extern const struct command devices_command;
extern const struct command check_command;
extern const struct command bench_command;
extern const struct command tune_command;
extern const struct command presets_command;
extern const struct command inspect_command;
extern const struct command plot_command;
extern const struct command embed_command;
extern const struct command report_command;
extern const struct command pack_command;

#endif
