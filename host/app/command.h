/* What a command is; each has its own file, and main.c holds the list of them. */
#ifndef WEFT_APP_COMMAND_H
#define WEFT_APP_COMMAND_H

#include "weft.h"

struct command_line; /* options.h */

/* A bit for each command, for the tables of options: those that train are the library's. */
enum command_bit {
    COMMAND_TRAIN = WEFT_COMMAND_TRAIN,
    COMMAND_CHECK = WEFT_COMMAND_CHECK,
    COMMAND_BENCH = WEFT_COMMAND_BENCH,
    COMMAND_TUNE = WEFT_COMMAND_TUNE,
    COMMAND_EVALUATE = WEFT_COMMAND_OWN,
    COMMAND_PREDICT = WEFT_COMMAND_OWN << 1,
    COMMAND_DEVICES = WEFT_COMMAND_OWN << 2,
    COMMAND_PRESETS = WEFT_COMMAND_OWN << 3
};

struct command {
    const char *name;
    enum command_bit bit;
    const char *summary; /* one sentence for `weft --help`, without a dot */
    const char *usage;   /* what follows the name: "[OPTIONS] --data WHAT" */
    const char *example; /* one command line that works */
    bool takes_name;     /* one word that is no option may stand there */
    int (*run)(const struct command_line *line); /* returns the exit code, having said why */
};

extern const struct command train_command;
extern const struct command evaluate_command;
extern const struct command predict_command;
extern const struct command devices_command;
extern const struct command check_command;
extern const struct command bench_command;
extern const struct command tune_command;
extern const struct command presets_command;

#endif
