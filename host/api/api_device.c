/* Implements the device functions of weft.h, and decides which device a text like "auto", "gpu" or
 * "1:0" means. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/device_choice.h"
#include "api/device_record.h"
#include "api/device_spec.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "cpu/cpu.h"
#include "opencl/opencl.h"

/* All OpenCL devices of this machine. */
struct device_list {
    size_t count;
    struct weft_device_info *devices; /* owned; [count] */
};

static enum weft_status list_fill(struct device_list *list)
{
    TRY(opencl_device_count(&list->count));
    TRY(NEW_ARRAY(list->devices, list->count));
    for (size_t i = 0; i < list->count; i++) {
        const enum weft_status status = opencl_device_describe(i, &list->devices[i]);
        /* A device that cannot even be described must not hide the others. Selected by its index,
         * it reports what is wrong. */
        if (status == WEFT_ERROR_DEVICE)
            list->devices[i] =
                (struct weft_device_info){.opencl = true, .index = i, .type = "unusable"};
        else
            TRY(status);
    }
    return WEFT_OK;
}

/* ---- failures that list the available devices ---- */

static const char nothing_here[] = "no OpenCL device on this machine";

const char *weft_device_absence(void)
{
    static char text[640];
    const char *idle = opencl_idle_platforms();
    snprintf(text, sizeof text, "%s%s", nothing_here,
             idle[0] != '\0' ? idle
                             : ": install the OpenCL driver of the GPU, or pocl-opencl-icd for the "
                               "CPU");
    return text;
}

static enum weft_status fail_no_device(const struct device_list *list, const char *spec)
{
    char there[512] = "";
    size_t used = 0;
    for (size_t i = 0; i < list->count && used < sizeof there - 1; i++) {
        const int wrote =
            snprintf(there + used, sizeof there - used, "%s%zu \"%s\" (%s)", i == 0 ? "" : ", ", i,
                     list->devices[i].name, list->devices[i].type);
        used += wrote < 0 ? 0 : size_min((size_t)wrote, sizeof there - 1 - used);
    }
    if (list->count == 0)
        return fail(WEFT_ERROR_NO_DEVICE, "--device %s: %s; --device cpu needs none", spec,
                    weft_device_absence());
    return fail(WEFT_ERROR_NO_DEVICE, "--device %s: no such device: there are %s, and cpu%s", spec,
                there, opencl_idle_platforms());
}

/* No device has this name. Tells what is wrong if a list is meant. */
static enum weft_status fail_no_name(const struct device_list *list, const char *spec)
{
    size_t known;
    const char *wrong = device_spec_wrong_item(spec, &known);
    if (wrong == NULL || known == 0 || strchr(spec, ',') == NULL)
        return fail_no_device(list, spec);
    return fail(WEFT_ERROR_USAGE,
                "--device %s: got \"%.*s\" in a list, need auto, cpu, opencl, gpu, an index or P:D",
                spec, (int)strcspn(wrong, ","), wrong);
}

/* ---- choosing a device ---- */

/* "auto" chooses the highest rank first. It never chooses RANK_OTHER. RANK_NONE can be chosen only
 * by index. */
enum { RANK_NONE, RANK_OTHER, RANK_CPU, RANK_INTEGRATED, RANK_DISCRETE };

static int rank(const struct weft_device_info *info)
{
    if (strcmp(info->type, "unusable") == 0)
        return RANK_NONE;
    if (strcmp(info->type, "gpu") == 0)
        return info->unified_memory ? RANK_INTEGRATED : RANK_DISCRETE;
    return strcmp(info->type, "cpu") == 0 ? RANK_CPU : RANK_OTHER;
}

/* Finds the best device whose rank is `least` or higher. Returns false if there is none. */
static bool choose_best(const struct device_list *list, int least, size_t *index)
{
    int best = least - 1;
    bool found = false;
    for (size_t i = 0; i < list->count; i++)
        if (rank(&list->devices[i]) > best) {
            best = rank(&list->devices[i]);
            *index = i;
            found = true;
        }
    return found;
}

static bool contains_ignoring_case(const char *text, const char *part)
{
    const size_t length = strlen(part);
    for (; *text != '\0'; text++) {
        size_t i = 0;
        while (i < length && text[i] != '\0' &&
               tolower((unsigned char)text[i]) == tolower((unsigned char)part[i]))
            i++;
        if (i == length)
            return true;
    }
    return false;
}

static bool choose_by_name(const struct device_list *list, const char *part, size_t *index)
{
    for (size_t i = 0; i < list->count; i++)
        if (contains_ignoring_case(list->devices[i].name, part)) {
            *index = i;
            return true;
        }
    return false;
}

/* Reads digits from *text and advances past them. Returns false if there are none, or on
 * overflow. */
static bool digits_read(const char **text, size_t *value)
{
    const char *start = *text;
    *value = 0;
    for (; **text >= '0' && **text <= '9'; (*text)++)
        if (!size_multiply(*value, 10, value) || !size_add(*value, (size_t)(**text - '0'), value))
            return false;
    return *text != start;
}

/* Parses "P:D" with two numbers. Returns false if `spec` has another form. */
static bool parse_pair(const char *spec, size_t *platform, size_t *device)
{
    return digits_read(&spec, platform) && *spec++ == ':' && digits_read(&spec, device) &&
           *spec == '\0';
}

static bool choose_by_pair(const struct device_list *list, size_t platform, size_t device,
                           size_t *index)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->devices[i].platform_index == platform &&
            list->devices[i].platform_device == device) {
            *index = i;
            return true;
        }
    return false;
}

/* Finds the OpenCL device that `spec` means. */
static enum weft_status choose(const struct device_list *list, const char *spec, size_t *index)
{
    size_t platform = 0, number = 0;
    const char *rest = spec;
    bool found = false;
    if (spec[0] == '\0')
        return fail(WEFT_ERROR_USAGE,
                    "--device: got an empty name, need auto, cpu, opencl, gpu, an index, "
                    "P:D or part of a name");
    if (strcmp(spec, "opencl") == 0) {
        found = choose_best(list, RANK_OTHER, index);
    } else if (strcmp(spec, "gpu") == 0) {
        found = choose_best(list, RANK_INTEGRATED, index);
    } else if (digits_read(&rest, &number) && *rest == '\0') {
        found = number < list->count;
        *index = number;
    } else if (parse_pair(spec, &platform, &number)) {
        found = choose_by_pair(list, platform, number, index);
    } else if (strspn(spec, "0123456789:") == strlen(spec)) {
        return fail(WEFT_ERROR_USAGE, "--device %s: neither an index nor P:D", spec);
    } else {
        return choose_by_name(list, spec, index) ? WEFT_OK : fail_no_name(list, spec);
    }
    return found ? WEFT_OK : fail_no_device(list, spec);
}

/* ---- several devices for several ranks ---- */

/* Tells whether `spec`, which means `best`, means this device just as well. */
static bool means_equally(const char *spec, const struct weft_device_info *best,
                          const struct weft_device_info *device)
{
    const bool kind =
        strcmp(spec, "auto") == 0 || strcmp(spec, "opencl") == 0 || strcmp(spec, "gpu") == 0;
    return kind ? rank(device) == rank(best) : contains_ignoring_case(device->name, spec);
}

/* Returns the index of device number `nth` of those that `spec` means as it means `best`. */
static size_t choose_equal(const struct device_list *list, const char *spec, size_t best,
                           size_t nth)
{
    size_t count = 0, index = best;
    for (size_t i = 0; i < list->count; i++)
        count += means_equally(spec, &list->devices[best], &list->devices[i]);
    if (count == 0)
        return best;
    nth %= count;
    for (size_t i = 0; i < list->count; i++)
        if (means_equally(spec, &list->devices[best], &list->devices[i]) && nth-- == 0) {
            index = i;
            break;
        }
    return index;
}

/* Leaves specs that name one device, or none, as they are. */
static enum weft_status choose_nth(struct device_list *list, const char *spec, size_t nth,
                                   char chosen[WEFT_DEVICE_SPEC_SIZE])
{
    const bool automatic = strcmp(spec, "auto") == 0;
    size_t best = 0;
    snprintf(chosen, WEFT_DEVICE_SPEC_SIZE, "%s", spec);
    if (list_fill(list) != WEFT_OK)
        return WEFT_OK; /* opening the device reports it */
    if (automatic ? !choose_best(list, RANK_CPU, &best) : choose(list, spec, &best) != WEFT_OK)
        return WEFT_OK;
    if (choose_equal(list, spec, best, nth) != best || nth > 0)
        snprintf(chosen, WEFT_DEVICE_SPEC_SIZE, "%zu", choose_equal(list, spec, best, nth));
    return WEFT_OK;
}

enum weft_status device_choose(const char *spec, size_t nth, char chosen[WEFT_DEVICE_SPEC_SIZE])
{
    struct device_list list = {0, NULL};
    if (strcmp(spec, "cpu") == 0 || strspn(spec, "0123456789:") == strlen(spec)) {
        snprintf(chosen, WEFT_DEVICE_SPEC_SIZE, "%s", spec);
        return WEFT_OK;
    }
    const enum weft_status status = choose_nth(&list, spec, nth, chosen);
    memory_free(list.devices);
    return status;
}

/* ---- the devices that "auto" chooses from ---- */

static void candidate_add(const struct weft_device_info *info, const char *spec,
                          struct device_candidate *candidates, size_t *count)
{
    struct device_candidate *added = &candidates[(*count)++];
    *added = (struct device_candidate){.info = *info, .gflops = (double)NAN};
    snprintf(added->spec, sizeof added->spec, "%s", spec);
}

/* Leaves the last place to the CPU backend. */
static void candidates_add_opencl(const struct device_list *list,
                                  struct device_candidate *candidates, size_t *count)
{
    char spec[sizeof candidates->spec];
    for (int wanted = RANK_DISCRETE; wanted >= RANK_CPU; wanted--)
        for (size_t i = 0; i < list->count && *count < MOST_CANDIDATES - 1; i++) {
            snprintf(spec, sizeof spec, "%zu", i);
            if (rank(&list->devices[i]) == wanted)
                candidate_add(&list->devices[i], spec, candidates, count);
        }
}

enum weft_status device_candidates(struct device_candidate candidates[MOST_CANDIDATES],
                                   size_t *count)
{
    struct device_list list = {0, NULL};
    struct weft_device *cpu = NULL;
    *count = 0;
    if (list_fill(&list) == WEFT_OK) /* without OpenCL, there is only the CPU backend */
        candidates_add_opencl(&list, candidates, count);
    memory_free(list.devices);
    TRY(cpu_device_create(&cpu));
    candidate_add(&cpu->info, "cpu", candidates, count);
    cpu->backend->device_destroy(cpu);
    return WEFT_OK;
}

/* ---- opening: a device keeps its record as long as it exists ---- */

/* How a device is opened. */
struct opening {
    weft_log_function *log; /* may be NULL */
    void *user;
    bool as_shipped; /* ignore recorded results for products */
};

static enum weft_status open_opencl(const struct weft_device_info *info,
                                    const struct opening *opening, struct weft_device **device)
{
    struct opencl_plan plan = {.index = info->index,
                               .as_shipped = opening->as_shipped,
                               .log = opening->log,
                               .log_user = opening->user};
    TRY(device_record_open(info, &plan.record));
    const enum weft_status status = opencl_device_create(&plan, device);
    if (status != WEFT_OK)
        record_destroy(plan.record);
    return status;
}

static enum weft_status open_cpu(const struct opening *opening, struct weft_device **device)
{
    struct weft_device *created = NULL;
    TRY(cpu_device_create(&created));
    created->log = opening->log;
    created->log_user = opening->user;
    const enum weft_status status = device_record_open(&created->info, &created->record);
    if (status == WEFT_OK)
        *device = created;
    else
        weft_device_destroy(created);
    return status;
}

/* Opens the CPU backend because "auto" found no OpenCL device. `reason` explains why. */
static enum weft_status open_cpu_instead(const char *reason, const struct opening *opening,
                                         struct weft_device **device)
{
    /* A copy, because `reason` may be the error line, which can change. */
    char note[sizeof(*device)->info.note];
    snprintf(note, sizeof note, "%.480s: using the CPU backend", reason);
    TRY(open_cpu(opening, device));
    memcpy((*device)->info.note, note, sizeof note);
    return WEFT_OK;
}

static enum weft_status open_chosen(struct device_list *list, const char *spec,
                                    const struct opening *opening, struct weft_device **device)
{
    size_t index = 0;
    const bool automatic = strcmp(spec, "auto") == 0;
    const enum weft_status status = list_fill(list);
    if (automatic && status == WEFT_ERROR_NO_DEVICE)
        return open_cpu_instead(weft_error(), opening, device);
    TRY(status);
    if (automatic && list->count == 0) {
        char reason[sizeof(*device)->info.note - 32];
        snprintf(reason, sizeof reason, "%s%s", nothing_here, opencl_idle_platforms());
        return open_cpu_instead(reason, opening, device);
    }
    if (automatic && !choose_best(list, RANK_CPU, &index))
        return open_cpu_instead("no OpenCL GPU or CPU that can be used", opening, device);
    if (!automatic)
        TRY(choose(list, spec, &index));
    return open_opencl(&list->devices[index], opening, device);
}

/* ---- public functions ---- */

enum weft_status weft_device_count(size_t *count)
{
    return opencl_device_count(count);
}

enum weft_status weft_device_describe(size_t index, struct weft_device_info *info)
{
    struct record *record = NULL;
    TRY(opencl_device_describe(index, info));
    const enum weft_status status = device_record_open(info, &record);
    if (status == WEFT_ERROR_MEMORY)
        return status;
    device_record_show(record, info); /* there is no record if the kernels cannot be read */
    record_destroy(record);
    return WEFT_OK;
}

static enum weft_status device_open(const char *spec, const struct opening *opening,
                                    struct weft_device **device)
{
    *device = NULL;
    if (spec == NULL)
        spec = "auto";
    if (strcmp(spec, "cpu") == 0)
        return open_cpu(opening, device);
    struct device_list list = {0, NULL};
    const enum weft_status status = open_chosen(&list, spec, opening, device);
    memory_free(list.devices);
    return status;
}

enum weft_status weft_device_create(const char *spec, weft_log_function *log, void *user,
                                    struct weft_device **device)
{
    const struct opening opening = {.log = log, .user = user};
    return device_open(spec, &opening, device);
}

enum weft_status device_create_as_shipped(const char *spec, weft_log_function *log, void *user,
                                          struct weft_device **device)
{
    const struct opening opening = {.log = log, .user = user, .as_shipped = true};
    return device_open(spec, &opening, device);
}

void weft_device_limit_memory(struct weft_device *device, uint64_t bytes)
{
    device->memory_limit = bytes;
}

void weft_device_get_info(const struct weft_device *device, struct weft_device_info *info)
{
    *info = device->info;
    device_record_show(device->record, info);
}

void weft_device_destroy(struct weft_device *device)
{
    if (device == NULL)
        return;
    struct record *record = device->record;
    device->backend->device_destroy(device);
    record_destroy(record);
    parallel_stop(); /* without devices, the library keeps no threads */
}
