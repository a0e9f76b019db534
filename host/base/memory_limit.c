/* The most memory that this process can have: the machine's, or less if a control group or a
 * resource limit says so. Containers and batch systems set such limits, and end a process that
 * exceeds them. */
#define _XOPEN_SOURCE 700 /* sysconf, getrlimit */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/memory.h"

static size_t machine_limit(void)
{
    const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    return pages > 0 && page > 0 ? size_product((size_t)pages, (size_t)page) : SIZE_MAX;
}

static size_t resource_limit(int resource)
{
    struct rlimit limit;
    const bool set = getrlimit(resource, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
    return set && limit.rlim_cur < SIZE_MAX ? (size_t)limit.rlim_cur : SIZE_MAX;
}

/* Reads a file that holds one number. Others, such as "max", mean that there is no limit. */
static size_t number_in(const char *path)
{
    char text[32];
    unsigned long long number = 0;
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return SIZE_MAX;
    if (fgets(text, sizeof text, file) != NULL)
        number = strtoull(text, NULL, 10);
    fclose(file);
    return number > 0 && number < SIZE_MAX ? (size_t)number : SIZE_MAX;
}

/* Returns the smallest limit of the group `group`, which begins with a slash, and of those around
 * it. */
static size_t group_limit(const char *root, char *group, const char *name)
{
    size_t smallest = SIZE_MAX;
    char path[PATH_MAX];
    for (char *end = group + strlen(group); end != NULL; end = strrchr(group, '/')) {
        *end = '\0';
        if (snprintf(path, sizeof path, "%s%s/%s", root, group, name) < (int)sizeof path)
            smallest = size_min(smallest, number_in(path));
    }
    return smallest;
}

/* Tells whether a line like "4:cpu,memory:/group" names the controller of memory. */
static bool is_memory_group(const char *line)
{
    const char *name = strstr(line, "memory");
    return name != NULL && name < strchr(line, '/');
}

/* The lines of the file are "0::/group" for version 2, and "4:memory:/group" for version 1. */
size_t memory_limit_of_groups(const char *groups, const char *root)
{
    size_t smallest = SIZE_MAX;
    char line[PATH_MAX], old_root[PATH_MAX];
    FILE *file = fopen(groups, "r");
    snprintf(old_root, sizeof old_root, "%s/memory", root);
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *group = strchr(line, '/');
        if (group != NULL && strncmp(line, "0::", 3) == 0)
            smallest = size_min(smallest, group_limit(root, group, "memory.max"));
        else if (group != NULL && is_memory_group(line))
            smallest = size_min(smallest, group_limit(old_root, group, "memory.limit_in_bytes"));
    }
    if (file != NULL)
        fclose(file);
    return smallest;
}

size_t memory_limit(void)
{
    const size_t limits =
        size_min(resource_limit(RLIMIT_AS),
                 size_min(resource_limit(RLIMIT_DATA),
                          memory_limit_of_groups("/proc/self/cgroup", "/sys/fs/cgroup")));
    return size_min(machine_limit(), limits);
}
