/* Finds the files of tests/formats, which other programs wrote (tests/formats/make.py), and opens
 * data as the library does. Include it after the feature macro of temporary.h. */
#ifndef WEFT_TESTS_FORMAT_FILES_H
#define WEFT_TESTS_FORMAT_FILES_H

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "data/source.h"
#include "suite.h"
#include "temporary.h"

/* The notes of the last call. */
static char format_notes[4096];

static inline void format_note(void *user, const char *line)
{
    (void)user;
    strncat(format_notes, line, sizeof format_notes - strlen(format_notes) - 2);
    strcat(format_notes, "\n");
}

/* Returns the path of a file in tests/formats, valid until 16 more are requested. */
static inline const char *format_path(const char *name)
{
    return path_in(WEFT_SOURCE_DIR "/tests/formats", name);
}

/* Reads a file of tests/formats. Free `data` with memory_free. */
static inline struct file_content format_content(const char *name)
{
    struct file_content content;
    ck_ok(file_read(format_path(name), 1 << 20, WEFT_ERROR_DATA, &content));
    return content;
}

/* Returns empty options that collect notes. */
static inline struct weft_data_options format_options(void)
{
    format_notes[0] = '\0';
    return (struct weft_data_options){.size = sizeof(struct weft_data_options),
                                      .note = format_note};
}

/* Opens both sets of `what` for a training. */
static inline enum weft_status format_open(const char *what,
                                           const struct weft_data_options *options,
                                           struct source *source)
{
    const struct source_request request = {
        .what = what, .options = options, .train = true, .test = true, .training = true};
    return source_open(&request, source);
}

/* Opens a pair of files for a training. */
static inline enum weft_status format_open_pair(const char *what, const char *labels,
                                                const struct weft_data_options *options,
                                                struct source *source)
{
    const struct source_request request = {
        .what = what, .labels = labels, .options = options, .train = true, .training = true};
    return source_open(&request, source);
}

/* Checks that opening fails with WEFT_ERROR_DATA and a line that contains `message`. */
#define ck_refused(what, options, message)                                                         \
    do {                                                                                           \
        struct source refused_;                                                                    \
        ck_fails(format_open((what), (options), &refused_), WEFT_ERROR_DATA, (message));           \
        ck_assert(refused_.train == NULL && refused_.text == NULL);                                \
    } while (0)

/* Writes a number into a header of PNG. */
static inline void format_put_big_endian(unsigned char *bytes, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        bytes[i] = (unsigned char)(value >> (24 - 8 * i));
}

#endif
