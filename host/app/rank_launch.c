/* Starts the ranks of `weft train --device 0,1` through mpirun, for POSIX.
 *
 * mpirun ends its ranks soon after a signal. Therefore it runs in a process group of its own, and
 * this process passes a signal on as SIGUSR2, which mpirun forwards and each rank takes as a wish
 * to stop. The exit code is the one of a single process. If a rank ends with another code than 0,
 * mpirun waits before it ends itself, so ranks that a signal has stopped end with 0.
 *
 * The mpirun of MPICH forwards SIGTERM and waits for its ranks, but SIGUSR2 ends it. If a rank
 * dies, it kills the others before they can say so, unless it is told not to. */
#define _XOPEN_SOURCE 700
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

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
 * user has said how many ranks there are. When mpirun ends the ranks, it gives rank 0 this long to
 * save the model. Variables that the user has set stay. MPICH needs none of this and ignores it. */
static void prepare(void)
{
    if (geteuid() == 0) {
        (void)setenv("OMPI_ALLOW_RUN_AS_ROOT", "1", 0);
        (void)setenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", 0);
    }
    (void)setenv("OMPI_MCA_rmaps_base_oversubscribe", "1", 0);
    (void)setenv(RANK_LAUNCHED, "1", 1);
    (void)setenv("OMPI_MCA_orte_execute_quiet", "1", 0); /* the ranks say what is wrong */
    (void)setenv("OMPI_MCA_odls_base_sigkill_timeout", "3", 0);
}

static bool is_mpich(void)
{
    return strncmp(weft_ranks_library(), "MPICH", 5) == 0;
}

static volatile sig_atomic_t caught; /* the first signal, or 0 */
static volatile sig_atomic_t job;    /* the process of mpirun, or 0 */
static volatile sig_atomic_t wish;   /* the signal that asks the ranks to stop */

/* The second signal ends the ranks at once. */
static void pass_on(int number)
{
    const int first = caught;
    if (first == 0)
        caught = number;
    if (job != 0)
        (void)kill((pid_t)job, first == 0 ? wish : SIGTERM);
}

/* Stops and continues together with the ranks. */
static void pause_all(int number)
{
    (void)kill((pid_t)job, number);
    (void)raise(SIGSTOP);
    (void)kill((pid_t)job, SIGCONT);
}

/* Only ends waitpid. */
static void look_again(int number)
{
    (void)number;
}

static void signals_take(void)
{
    static const int numbers[] = {SIGHUP, SIGINT, SIGTERM};
    struct sigaction action = {.sa_handler = pass_on}, inherited; /* they end waitpid */
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (sigaction(numbers[i], NULL, &inherited) == 0 && inherited.sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    action.sa_handler = look_again;
    sigaction(SIGALRM, &action, NULL);
    action.sa_handler = pause_all;
    sigaction(SIGTSTP, &action, NULL);
}

/* The child: becomes mpirun. Tells through `failed` why it cannot. */
static void become_mpirun(char *const *arguments, int failed)
{
    const int nothing = open("/dev/null", O_RDONLY);
    if (nothing >= 0) /* a background process must not read the terminal */
        (void)dup2(nothing, STDIN_FILENO);
    (void)setpgid(0, 0);
#ifdef __linux__
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
    (void)execvp(arguments[0], arguments);
    const int code = errno;
    (void)!write(failed, &code, sizeof code);
    _Exit(1);
}

/* Tells whether a list of processes has one that still runs. A dead one has no program. */
static bool any_runs(FILE *list)
{
    long process;
    while (fscanf(list, "%ld", &process) == 1) {
        char path[64], program[4];
        snprintf(path, sizeof path, "/proc/%ld/exe", process);
        if (readlink(path, program, sizeof program) > 0)
            return true;
    }
    return false;
}

/* Tells whether a process has children. If nobody knows, it has. */
static bool has_children(pid_t process)
{
    char path[320];
    snprintf(path, sizeof path, "/proc/%ld/task", (long)process);
    DIR *tasks = opendir(path);
    bool found = tasks == NULL;
    for (const struct dirent *task; !found && (task = readdir(tasks)) != NULL;) {
        snprintf(path, sizeof path, "/proc/%ld/task/%.200s/children", (long)process, task->d_name);
        FILE *children = fopen(path, "r");
        found = children == NULL || any_runs(children);
        if (children != NULL)
            fclose(children);
    }
    if (tasks != NULL)
        closedir(tasks);
    return found;
}

/* Waits for mpirun, and returns the exit code of the job. If a signal came and the ranks ended well
 * or by a signal, the code is 128 + this signal. A signal that comes while the ranks start reaches
 * none of them, so SIGUSR2 is sent again; a second SIGTERM would end them at once. If it ends them,
 * Open MPI may wait forever. */
static int await(pid_t process)
{
    enum { LOOK_SECONDS = 1, LOOKS = 4 };
    int status = 0, idle = 0;
    while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
        if (caught == 0)
            continue;
        idle = has_children(process) ? 0 : idle + 1;
        (void)kill(process, idle > LOOKS ? SIGKILL : wish == SIGUSR2 ? SIGUSR2 : 0);
        alarm(LOOK_SECONDS);
    }
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return caught != 0 && (code == 0 || code > 128) ? 128 + (int)caught : code;
}

/* Runs mpirun and waits for it. If it cannot be started, `*code` is -1 and errno says why. */
static void run_mpirun(char *const *arguments, int *code)
{
    int ends[2], why = 0;
    *code = -1;
    if (pipe(ends) != 0)
        return;
    (void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    (void)signal(SIGCHLD, SIG_DFL); /* if it is ignored, waitpid has no exit code */
    const pid_t process = fork();
    if (process == 0)
        become_mpirun(arguments, ends[1]);
    job = process;
    if (process > 0)
        signals_take();
    (void)close(ends[1]);
    ssize_t got = -1;
    while (process > 0 && (got = read(ends[0], &why, sizeof why)) < 0 && errno == EINTR)
        continue;
    const bool failed = got == (ssize_t)sizeof why;
    (void)close(ends[0]);
    if (process < 0)
        return;
    const int ended = await(process);
    if (failed)
        errno = why;
    else
        *code = ended;
}

int rank_launch(const struct command_line *line)
{
    const char *spec = option_value(line, OPTION_DEVICE);
    static char mpirun[] = "mpirun", n[] = "-n", ranks[24], path[PATH_SIZE];
    static char stay[] = "-disable-auto-cleanup"; /* of MPICH */
    static char *arguments[MOST_ARGUMENTS + 6];
    char **next = arguments;
    const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (!weft_ranks_available())
        return (int)complain(
            WEFT_ERROR_USAGE,
            "--device %s: several devices need MPI, which this build does not have: "
            "install mpi-default-dev and mpi-default-bin, and build Weft again",
            spec);
    if (length <= 0 || line->argument_count > MOST_ARGUMENTS)
        return (int)complain(WEFT_ERROR_USAGE, "--device %s: the command cannot be started again",
                             spec);
    snprintf(ranks, sizeof ranks, "%zu", weft_device_spec_count(spec));
    *next++ = mpirun;
    if (is_mpich())
        *next++ = stay;
    *next++ = n;
    *next++ = ranks;
    *next++ = path;
    memcpy(next, line->arguments, (size_t)line->argument_count * sizeof *arguments);
    wish = is_mpich() ? SIGTERM : SIGUSR2;
    prepare();
    int code;
    run_mpirun(arguments, &code);
    if (code >= 0)
        return code;
    return (int)complain(
        WEFT_ERROR_USAGE,
        "--device %s: several devices need mpirun, which cannot be started: %s; install "
        "mpi-default-bin",
        spec, strerror(errno));
}
