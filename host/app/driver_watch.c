/* Handles drivers that end the program, for POSIX. Code that runs after abort() may use only
 * prepared memory and a few system calls. Therefore all texts are prepared when the device
 * opens. */
#define _XOPEN_SOURCE 700
#include "driver_watch.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "interrupt.h"
#include "mpi_watch.h"

enum { TEXT_SIZE = 640, MOST_ARGUMENTS = 512, PATH_SIZE = 1024 };

static struct {
    pid_t process; /* child processes, as in `weft tune`, are not watched */
    volatile sig_atomic_t watching, may_restart;
    int argument_count;
    char **arguments;           /* borrowed; [argument_count] */
    char device[TEXT_SIZE / 2]; /* for example "NAME (driver V)" */
    char failure[TEXT_SIZE], restart[TEXT_SIZE];
    const char *search; /* borrowed; PATH, or NULL if there is none */
    bool needs_linker;  /* true for the PoCL driver */
} watch;

/* Returns true if the linker is in a folder of PATH. */
static bool linker_found(void)
{
    char path[PATH_SIZE];
    const char *folder = watch.search != NULL ? watch.search : "/bin:/usr/bin";
    while (*folder != '\0') {
        const size_t length = strcspn(folder, ":");
        if (length > 0 && length < PATH_SIZE - sizeof "/ld") {
            memcpy(path, folder, length);
            memcpy(path + length, "/ld", sizeof "/ld");
            if (access(path, X_OK) == 0)
                return true;
        }
        folder += length + (folder[length] == ':');
    }
    return false;
}

static void tell(const char *text)
{
    static const char linker[] = "; PoCL needs the linker ld in PATH";
    if (write(STDERR_FILENO, text, strlen(text)) >= 0 && watch.needs_linker && !linker_found() &&
        write(STDERR_FILENO, linker, sizeof linker - 1) < 0)
        return; /* stderr is closed */
    (void)!write(STDERR_FILENO, "\n", 1);
}

/* Runs the same command line again with --device cpu at the end; the last --device counts. */
static void start_again(void)
{
    static char option[] = "--device", cpu[] = "cpu";
    static char *arguments[MOST_ARGUMENTS + 3];
    sigset_t none;
    memcpy(arguments, watch.arguments, (size_t)watch.argument_count * sizeof *arguments);
    arguments[watch.argument_count] = option;
    arguments[watch.argument_count + 1] = cpu;
    tell(watch.restart);
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)execv("/proc/self/exe", arguments);
}

static void driver_ended(void)
{
    if (!watch.watching || getpid() != watch.process)
        return;
    watch.watching = 0;
    if (mpi_watch_trains())
        mpi_watch_exit();
    if (watch.may_restart && interrupt_signal() == 0 && !mpi_watch_is_armed())
        start_again(); /* a single process: a rank cannot join again */
    tell(watch.failure);
    mpi_watch_tell();
    _Exit(WEFT_ERROR_DEVICE);
}

static void handle(int number)
{
    (void)number;
    driver_ended();
    mpi_watch_exit(); /* if it returns, abort() continues */
}

/* Replaces abort() of the C library, for drivers too. Compilers inside drivers, like LLVM, may
 * replace our signal handler at any time. Assertions of the C library reach only the signal
 * handler. */
__attribute__((visibility("default"))) void abort(void)
{
    sigset_t signals;
    driver_ended();
    mpi_watch_exit();
    (void)signal(SIGABRT, SIG_DFL);
    sigemptyset(&signals);
    sigaddset(&signals, SIGABRT);
    (void)sigprocmask(SIG_UNBLOCK, &signals, NULL);
    (void)raise(SIGABRT);
    _Exit(128 + SIGABRT);
}

void driver_watch_install(int argc, char **argv)
{
    watch.process = getpid();
    watch.argument_count = argc;
    watch.arguments = argv;
}

/* Installs the handlers once. They are not installed unless a device with a driver is used. */
static void handlers_install(void)
{
    static bool installed;
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_NODEFER};
    if (installed)
        return;
    installed = true;
    sigemptyset(&action.sa_mask);
    sigaction(SIGABRT, &action, NULL);
    (void)atexit(driver_ended);
}

void driver_watch_begin(const struct weft_device_info *info, const char *spec)
{
    if (info != NULL && !info->opencl) {
        watch.watching = 0;
        return;
    }
    if (info != NULL)
        snprintf(watch.device, sizeof watch.device, "%.128s (driver %.128s)", info->name,
                 info->driver);
    else
        snprintf(watch.device, sizeof watch.device, "%s%.128s", spec != NULL ? "--device " : "",
                 spec != NULL ? spec : "OpenCL");
    for (char *c = watch.device; *c != '\0'; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
    snprintf(watch.failure, sizeof watch.failure,
             "weft: %s: the driver ended the program instead of reporting an error", watch.device);
    snprintf(watch.restart, sizeof watch.restart,
             "note: %s: the driver ended the program; starting again with --device cpu",
             watch.device);
    watch.search = getenv("PATH");
    watch.needs_linker = info != NULL && strcmp(info->platform, "Portable Computing Language") == 0;
    handlers_install();
    watch.watching = 1;
}

void driver_watch_may_restart(void)
{
    watch.may_restart = watch.argument_count <= MOST_ARGUMENTS;
}

void driver_watch_stay(void)
{
    watch.may_restart = 0;
}

void driver_watch_end(void)
{
    watch.watching = 0;
}
