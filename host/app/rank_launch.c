/* Starts the ranks of `weft train --device 0,1` through mpirun, for POSIX. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "message.h"
#include "rank_job.h"

enum { MOST_ARGUMENTS = 1024, PATH_SIZE = 4096 };

bool rank_launch_needed(const struct command_line *line)
{
    const char *spec = option_value(line, OPTION_DEVICE);
    size_t rank;
    return line->command->bit == COMMAND_TRAIN && spec != NULL &&
           weft_device_spec_count(spec) > 1 && !weft_ranks_started(&rank);
}

/* Open MPI refuses to run as root, and to start more ranks than the machine has cores. Here the
 * user has said how many ranks there are. When it ends the ranks, it gives rank 0 this long to save
 * the model. Variables that the user has set stay. MPICH needs none of this and ignores it. */
static void prepare(void)
{
    if (geteuid() == 0) {
        (void)setenv("OMPI_ALLOW_RUN_AS_ROOT", "1", 0);
        (void)setenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", 0);
    }
    (void)setenv("OMPI_MCA_rmaps_base_oversubscribe", "1", 0);
    (void)setenv("OMPI_MCA_orte_execute_quiet", "1", 0); /* the ranks say what is wrong */
    (void)setenv("OMPI_MCA_odls_base_sigkill_timeout", "10", 0);
}

enum weft_status rank_launch(const struct command_line *line)
{
    const char *spec = option_value(line, OPTION_DEVICE);
    static char mpirun[] = "mpirun", n[] = "-n", ranks[24], path[PATH_SIZE];
    static char *arguments[MOST_ARGUMENTS + 5];
    const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (!weft_ranks_available())
        return complain(WEFT_ERROR_USAGE,
                        "--device %s: several devices need MPI, which this build does not have: "
                        "install mpi-default-dev and mpi-default-bin, and build Weft again",
                        spec);
    if (length <= 0 || line->argument_count > MOST_ARGUMENTS)
        return complain(WEFT_ERROR_USAGE, "--device %s: the command cannot be started again", spec);
    snprintf(ranks, sizeof ranks, "%zu", weft_device_spec_count(spec));
    arguments[0] = mpirun;
    arguments[1] = n;
    arguments[2] = ranks;
    arguments[3] = path;
    memcpy(arguments + 4, line->arguments, (size_t)line->argument_count * sizeof *arguments);
    prepare();
    (void)execvp(mpirun, arguments);
    return complain(
        WEFT_ERROR_USAGE,
        "--device %s: several devices need mpirun, which cannot be started: %s; install "
        "mpi-default-bin",
        spec, strerror(errno));
}
