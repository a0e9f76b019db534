/* Implements the program's platform calls for POSIX. */
#define _POSIX_C_SOURCE   200809L
#define _FILE_OFFSET_BITS 64
#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

double platform_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

bool platform_stderr_is_terminal(void)
{
    const char *kind = getenv("TERM");
    return isatty(STDERR_FILENO) && kind != NULL && strcmp(kind, "dumb") != 0;
}

size_t platform_columns(FILE *stream)
{
    const char *text = getenv("COLUMNS");
    struct winsize size = {.ws_col = 0};
    if (!isatty(fileno(stream)))
        return 0;
    if (ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    const long columns = text != NULL ? strtol(text, NULL, 10) : 0;
    return columns > 0 ? (size_t)columns : 80;
}

void platform_guard_streams(void)
{
    /* open() takes the lowest free number. stdin and stdout are opened in the wrong mode, so that
     * using them still fails. Messages on stderr may be lost. */
    static const int modes[] = {O_WRONLY, O_RDONLY, O_WRONLY};
    for (int descriptor = 0; descriptor < 3; descriptor++)
        if (fcntl(descriptor, F_GETFD) == -1 && open("/dev/null", modes[descriptor]) != descriptor)
            _Exit(EXIT_FAILURE);
}

/* ---- one file under two names ---- */

enum { PATH_LIMIT = 4096, MOST_LINKS = 40 };

/* A file, or the place where it would be created. */
struct place {
    struct stat about;     /* of the file, or of its folder if it does not exist */
    char name[PATH_LIMIT]; /* name in that folder; "" if the file exists */
};

/* Replaces a symbolic link in `path` with its target. Returns false if `path` is not a link. */
static bool follow_link(char path[PATH_LIMIT])
{
    char text[PATH_LIMIT];
    ssize_t length = readlink(path, text, sizeof text);
    const char *slash = strrchr(path, '/');
    if (length <= 0)
        return false;
    size_t folder = text[0] != '/' && slash != NULL ? (size_t)(slash - path) + 1 : 0;
    if (folder + (size_t)length >= PATH_LIMIT)
        return false;
    memcpy(path + folder, text, (size_t)length);
    path[folder + (size_t)length] = '\0';
    return true;
}

static bool find_place(const char *name, struct place *place)
{
    char path[PATH_LIMIT];
    place->name[0] = '\0';
    if (stat(name, &place->about) == 0)
        return true;
    if (strlen(name) >= PATH_LIMIT)
        return false;
    snprintf(path, sizeof path, "%s", name);
    for (int links = 0; links < MOST_LINKS && follow_link(path); links++)
        continue;
    char *slash = strrchr(path, '/');
    snprintf(place->name, sizeof place->name, "%s", slash != NULL ? slash + 1 : path);
    if (slash == NULL)
        return stat(".", &place->about) == 0;
    slash[1] = '\0';
    return stat(path, &place->about) == 0;
}

bool platform_same_file(const char *a, const char *b)
{
    struct place one, other;
    return find_place(a, &one) && find_place(b, &other) && one.about.st_dev == other.about.st_dev &&
           one.about.st_ino == other.about.st_ino && strcmp(one.name, other.name) == 0;
}

/* ---- output files ---- */

bool platform_file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

bool platform_is_file_name(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? S_ISREG(status.st_mode) : errno == ENOENT;
}

bool platform_is_pipe(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISFIFO(status.st_mode);
}

bool platform_is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Opens a file for writing. A pipe without a reader is an error (ENXIO) instead of a wait. */
static int open_at_once(const char *path, int flags)
{
    const int descriptor = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY | flags, 0666);
    if (descriptor >= 0)
        fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK);
    return descriptor;
}

bool platform_hold_pipe(const char *path)
{
    struct stat about;
    if (stat(path, &about) != 0 || !S_ISFIFO(about.st_mode))
        return true;
    return open_at_once(path, 0) >= 0 || errno != ENXIO; /* stays open on purpose */
}

/* Returns the number of the standard stream that `path` refers to, or -1. Character devices do not
 * count, because they have no position to continue from. */
static int standard_stream(const char *path)
{
    struct stat about, stream;
    if (stat(path, &about) != 0 || S_ISCHR(about.st_mode))
        return -1;
    for (int number = STDOUT_FILENO; number <= STDERR_FILENO; number++)
        if (fstat(number, &stream) == 0 && stream.st_dev == about.st_dev &&
            stream.st_ino == about.st_ino)
            return number;
    return -1;
}

struct platform_output platform_open_output(const char *path)
{
    struct platform_output output = {.file = NULL};
    struct stat about;
    const int stream = standard_stream(path);
    int descriptor =
        stream >= 0 ? fcntl(stream, F_DUPFD_CLOEXEC, 0) : open_at_once(path, O_CREAT | O_EXCL);
    output.created = stream < 0 && descriptor >= 0;
    if (descriptor < 0 && errno == EEXIST)
        /* O_CREAT is for a link whose target does not exist. */
        descriptor = open_at_once(path, O_CREAT);
    if (descriptor < 0)
        return output;
    output.can_be_kept = stream < 0 && fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode);
    output.file = fdopen(descriptor, "w");
    if (output.file == NULL)
        close(descriptor);
    return output;
}

bool platform_empty(FILE *file)
{
    return ftruncate(fileno(file), 0) == 0;
}

long long platform_position(FILE *file)
{
    return (long long)ftello(file);
}

bool platform_ends_line(const char *path, long long bytes)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    const bool ends = fseeko(file, (off_t)bytes - 1, SEEK_SET) == 0 && getc(file) == '\n';
    fclose(file);
    return ends;
}

bool platform_cut(FILE *file, long long bytes)
{
    return ftruncate(fileno(file), (off_t)bytes) == 0 && fseeko(file, (off_t)bytes, SEEK_SET) == 0;
}

/* Some file systems have no fsync. */
bool platform_sync(FILE *file)
{
    return fsync(fileno(file)) == 0 || errno == EINVAL || errno == ENOTSUP;
}

void platform_remove(const char *path)
{
    (void)unlink(path);
}

/* ---- limits ---- */

const char *platform_host(void)
{
    static char name[256];
    if (gethostname(name, sizeof name - 1) != 0)
        snprintf(name, sizeof name, "this machine");
    return name;
}

/* A handler may only use what is prepared. */
static struct {
    char line[1600];
    size_t length;
    int code;
} limit;

static void limit_over(int number)
{
    (void)number;
    (void)!write(STDERR_FILENO, limit.line, limit.length);
    _Exit(limit.code);
}

void platform_wait(unsigned seconds)
{
    (void)sleep(seconds);
}

void platform_limit(unsigned seconds, const char *line, int code)
{
    struct sigaction action = {.sa_handler = limit_over};
    alarm(0);
    if (seconds == 0)
        return;
    snprintf(limit.line, sizeof limit.line, "%s", line);
    limit.length = strlen(limit.line);
    limit.code = code;
    sigemptyset(&action.sa_mask);
    sigaction(SIGALRM, &action, NULL);
    alarm(seconds);
}
