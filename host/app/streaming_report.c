/* Implements streaming_report.h. */
#include "streaming_report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "byte_size.h"
#include "message.h"
#include "output.h"

enum { TEXT_SIZE = 400 };

bool streaming_happens(const struct weft_training_plan *plan)
{
    return plan->streams_train || plan->streams_validation || plan->streams_test;
}

/* Writes "training set", "training and test sets" or "training, validation and test sets". */
static void sets_write(const struct weft_training_plan *plan, char *text, size_t size)
{
    const char *names[3];
    size_t count = 0, used = 0;
    if (plan->streams_train)
        names[count++] = "training";
    if (plan->streams_validation)
        names[count++] = "validation";
    if (plan->streams_test)
        names[count++] = "test";
    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s",
                                 i == 0          ? ""
                                 : i + 1 < count ? ", "
                                                 : " and ",
                                 names[i]);
    snprintf(text + used, size - used, " set%s", count == 1 ? "" : "s");
}

/* Returns the bytes per second that hide copying behind computing, or NaN if the time of an epoch
 * is unknown. */
static double hidden_above(const struct weft_training_plan *plan)
{
    return (double)plan->epoch_copied_bytes / plan->epoch_seconds;
}

static bool shares_memory(const struct weft_device_info *device)
{
    return device->unified_memory || strcmp(device->type, "cpu") == 0;
}

/* Writes what decides the speed. */
static void speed_write(const struct plan_report *report, char *text, size_t size)
{
    const struct weft_training_plan *plan = report->plan;
    const double rate = hidden_above(plan);
    const char *path = shares_memory(report->device) ? "memory" : "the bus";
    char copied[BYTE_SIZE_TEXT];
    byte_size_format(plan->epoch_copied_bytes, copied);
    if (plan->epoch_copied_bytes == 0)
        snprintf(text, size, "nothing is copied in an epoch");
    else if (isfinite(rate))
        snprintf(text, size,
                 "%s are copied per epoch while the device computes; that costs no time if the "
                 "host and %s manage more than %.2g GB/s",
                 copied, path, 1e-9 * rate);
    else
        snprintf(text, size,
                 "%s are copied per epoch while the device computes; that costs no time if the "
                 "host and %s manage more than %.2g GB/s for each 1000 GFLOP/s of the device",
                 copied, path, 1e-6 * (double)plan->epoch_copied_bytes / plan->epoch_gflop);
}

static bool several_are_streamed(const struct weft_training_plan *plan)
{
    return plan->streams_train + plan->streams_validation + plan->streams_test > 1;
}

/* Writes how batches reach the device. */
static void path_write(const struct plan_report *report, char *text, size_t size)
{
    const struct weft_training_plan *plan = report->plan;
    char host[BYTE_SIZE_TEXT], device[BYTE_SIZE_TEXT];
    if (!report->device->opencl) {
        snprintf(text, size,
                 "the CPU backend keeps no copy of %s and standardizes each batch when it is "
                 "needed",
                 several_are_streamed(plan) ? "them" : "it");
        return;
    }
    snprintf(text, size, "two batches %stake %s on the device and %s on the host",
             several_are_streamed(plan) ? "of each " : "",
             byte_size_format(plan->staging_device_bytes, device),
             byte_size_format(plan->staging_host_bytes, host));
}

/* Writes what random reading of a mapped file costs. */
static void random_write(const struct weft_training_plan *plan, char *text, size_t size)
{
    char bytes[BYTE_SIZE_TEXT];
    snprintf(text, size,
             "--shuffle reads the file of the training set in random order, about %s per epoch; "
             "with --shuffle-blocks, an epoch reads the file once",
             byte_size_format(plan->epoch_read_bytes, bytes));
}

/* A set of the plan. */
struct set_place {
    const char *name;
    uint64_t bytes;
    bool mapped, streamed;
};

enum { SETS = 3 };

static void set_places(const struct weft_training_plan *plan, struct set_place places[SETS])
{
    places[0] =
        (struct set_place){"train", plan->train_bytes, plan->maps_train, plan->streams_train};
    places[1] = (struct set_place){"validation", plan->validation_bytes, plan->maps_validation,
                                   plan->streams_validation};
    places[2] = (struct set_place){"test", plan->test_bytes, plan->maps_test, plan->streams_test};
}

/* Prints where the samples of each set stay while the training runs. */
static void places_print(const struct plan_report *report)
{
    struct set_place places[SETS];
    char bytes[BYTE_SIZE_TEXT];
    set_places(report->plan, places);
    for (size_t i = 0; i < SETS; i++) {
        if (places[i].bytes == 0)
            continue;
        printf("%-10s %s as %s, %s\n", places[i].name, byte_size_format(places[i].bytes, bytes),
               places[i].mapped ? "a mapped file" : "an array in memory",
               places[i].streamed       ? "streamed"
               : report->device->opencl ? "resident on the device"
                                        : "resident in memory");
    }
    if (report->plan->epoch_read_bytes > 0)
        printf("an epoch reads %s of the training file\n",
               byte_size_format(report->plan->epoch_read_bytes, bytes));
}

void streaming_print(const struct plan_report *report)
{
    char sets[64], path[TEXT_SIZE], speed[TEXT_SIZE];
    places_print(report);
    if (!streaming_happens(report->plan))
        return;
    sets_write(report->plan, sets, sizeof sets);
    path_write(report, path, sizeof path);
    printf("streamed: the %s; %s\n", sets, path);
    if (report->plan->reads_at_random) {
        random_write(report->plan, speed, sizeof speed);
        printf("%s\n", speed);
    }
    if (!report->device->opencl)
        return;
    speed_write(report, speed, sizeof speed);
    printf("%s\n", speed);
}

void streaming_say(const struct plan_report *report, bool verbose)
{
    const struct weft_memory_plan *memory = &report->plan->device;
    char sets[64], path[TEXT_SIZE], speed[TEXT_SIZE], size[BYTE_SIZE_TEXT];
    if (!streaming_happens(report->plan))
        return;
    sets_write(report->plan, sets, sizeof sets);
    if (report->device->opencl)
        say("note",
            "the %s will be streamed, because the device has only %s; the results are the same",
            sets, byte_size_format(memory->available, size));
    else
        say("note", "the %s will be streamed to save memory; the results are the same", sets);
    if (report->plan->reads_at_random) {
        random_write(report->plan, speed, sizeof speed);
        say("note", "%s", speed);
    }
    if (!verbose)
        return;
    path_write(report, path, sizeof path);
    say("plan", "streamed: %s", path);
    if (!report->device->opencl)
        return;
    speed_write(report, speed, sizeof speed);
    say("plan", "streamed: %s", speed);
}

static json_t *places_json(const struct weft_training_plan *plan)
{
    struct set_place places[SETS];
    json_t *list = json_array();
    set_places(plan, places);
    for (size_t i = 0; list != NULL && i < SETS; i++)
        if (places[i].bytes > 0)
            json_array_append_new(list, json_pack("{s:s, s:I, s:b, s:b}", "name", places[i].name,
                                                  "bytes", (json_int_t)places[i].bytes, "mapped",
                                                  (int)places[i].mapped, "streamed",
                                                  (int)places[i].streamed));
    return list;
}

void streaming_json(const struct weft_training_plan *plan, json_t *object)
{
    json_t *sets = json_array();
    if (sets == NULL || object == NULL) {
        json_decref(sets);
        return;
    }
    json_object_set_new(object, "sets", places_json(plan));
    json_object_set_new(object, "epoch_read_bytes",
                        json_integer((json_int_t)plan->epoch_read_bytes));
    json_object_set_new(object, "reads_at_random", json_boolean(plan->reads_at_random));
    if (plan->streams_train)
        json_array_append_new(sets, json_string("train"));
    if (plan->streams_validation)
        json_array_append_new(sets, json_string("validation"));
    if (plan->streams_test)
        json_array_append_new(sets, json_string("test"));
    json_object_set_new(object, "streamed", sets);
    json_object_set_new(object, "staging_bytes",
                        json_pack("{s:I, s:I}", "host", (json_int_t)plan->staging_host_bytes,
                                  "device", (json_int_t)plan->staging_device_bytes));
    json_object_set_new(object, "epoch_copied_bytes",
                        json_integer((json_int_t)plan->epoch_copied_bytes));
    json_object_set_new(object, "needed_bytes_per_second",
                        plan->epoch_copied_bytes > 0 ? output_number(hidden_above(plan))
                                                     : json_null());
}
