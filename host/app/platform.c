/* Platform calls of the program, for POSIX. */
#define _POSIX_C_SOURCE   200809L
#define _FILE_OFFSET_BITS 64
#include "platform.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

void platform_guard_streams(void)
{
    /* open() takes the lowest free number. stdin and stdout are opened the wrong way round, so that
     * using them fails as it would have; what is said on stderr may be lost. */
    static const int modes[] = {O_WRONLY, O_RDONLY, O_WRONLY};
    for (int descriptor = 0; descriptor < 3; descriptor++)
        if (fcntl(descriptor, F_GETFD) == -1 && open("/dev/null", modes[descriptor]) != descriptor)
            _Exit(EXIT_FAILURE);
}

bool platform_file_exists(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0;
}

/* ---- one file under two names ---- */

enum { PATH_LIMIT = 4096, MOST_LINKS = 40 };

/* A file, or where it would be made. */
struct place {
    struct stat about;     /* of the file, or of the folder it is to lie in */
    char name[PATH_LIMIT]; /* in that folder; "" for a file that is there */
};

/* Puts what a symbolic link points to in the place of its name; false where it is none. */
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
