/* Opens devices whose kernels have a mistake: a copy of one file of kernels/, changed in one place.
 * Needs _XOPEN_SOURCE 700 for setenv. */
#ifndef WEFT_TESTS_MISTAKEN_KERNEL_H
#define WEFT_TESTS_MISTAKEN_KERNEL_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/check.h"
#include "faulty_device.h"
#include "temporary.h"

/* A mistake replaces `text` of kernels/`file` by `wrong`. It shows in `operation`. */
struct mistake {
    const char *file, *text, *wrong, *operation;
};

/* Reads a kernel file from the source tree. The caller frees the text. */
static inline char *kernel_text(const char *file)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/kernels/%s", WEFT_SOURCE_DIR, file);
    FILE *open = fopen(path, "rb");
    ck_assert_msg(open != NULL, "%s: cannot be read", path);
    char *text = calloc(1, 1 << 16);
    ck_assert_ptr_nonnull(text);
    ck_assert_uint_lt(fread(text, 1, 1 << 16, open), 1 << 16);
    ck_assert_int_eq(fclose(open), 0);
    return text;
}

/* Writes the file with the mistake into a folder of its own, from which kernels are then built. */
static inline void mistake_install(const struct mistake *mistake)
{
    char *text = kernel_text(mistake->file);
    const char *place = strstr(text, mistake->text);
    ck_assert_msg(place != NULL, "%s: \"%s\" is not there any more", mistake->file, mistake->text);
    ck_assert_msg(strstr(place + 1, mistake->text) == NULL, "%s: \"%s\" is there twice",
                  mistake->file, mistake->text);

    char name[256];
    const char *folder = temporary_subfolder("kernels");
    const char *rest = place + strlen(mistake->text);
    snprintf(name, sizeof name, "kernels/%s", mistake->file);
    FILE *open = fopen(temporary_path(name), "wb");
    ck_assert_ptr_nonnull(open);
    ck_assert_int_gt(fprintf(open, "%.*s%s%s", (int)(place - text), text, mistake->wrong, rest), 0);
    ck_assert_int_eq(fclose(open), 0);
    ck_assert_int_eq(setenv("WEFT_KERNEL_DIR", folder, 1), 0);
    free(text);
}

/* A driver takes seconds to compile all kernels, for each mistake. Therefore the device under test
 * runs only one primitive, the matrix products and the steps. The CPU backend runs the other
 * primitives. With WEFT_WHOLE_DEVICES, as in the long tests, the device runs them all. */
static struct weft_device *other_device;
static enum primitive tested_primitive;

static inline enum weft_status run_tested(struct weft_device *tested,
                                          const struct primitive_call *call)
{
    if (call->primitive == tested_primitive || call->primitive == PRIMITIVE_PRODUCT)
        return backend->primitive_run(tested, call);
    return other_device->backend->primitive_run(other_device, call);
}

/* Returns the primitive that the first word of `operation` names, or PRIMITIVE_PRODUCT if there is
 * none. */
static inline enum primitive primitive_named(const char *operation)
{
    struct check_result result;
    for (int p = PRIMITIVE_PRODUCT + 1; p < PRIMITIVE_COUNT; p++) {
        ck_ok(
            check_primitive(other_device, (enum primitive)p, 1, 1, CHECK_ORDINARY, 0, 1, &result));
        if (strlen(result.name) == strcspn(operation, " ") &&
            strncmp(result.name, operation, strlen(result.name)) == 0)
            return (enum primitive)p;
    }
    return PRIMITIVE_PRODUCT;
}

/* Builds the kernels with the mistake. The CPU backend runs the primitives that cannot show it. */
static inline void mistaken_device_open(const struct mistake *mistake, void (*open)(void))
{
    mistake_install(mistake);
    open();
    if (getenv("WEFT_WHOLE_DEVICES") != NULL)
        return;
    ck_ok(weft_device_create("cpu", NULL, NULL, &other_device));
    tested_primitive = primitive_named(mistake->operation);
    device_spoil(run_tested);
}

static inline void mistaken_device_close(void)
{
    device_close();
    weft_device_destroy(other_device);
}

/* The suite takes each third mistake, because every one has the kernels compiled again. The long
 * tests take them all. */
static inline int mistake_step(void)
{
    return getenv("WEFT_WHOLE_DEVICES") != NULL ? 1 : 3;
}

#endif
