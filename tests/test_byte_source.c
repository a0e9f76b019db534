/* Tests byte sources beyond plain files: standard input as a file and as a pipe, looking ahead, and
 * reading the same bytes again. */
#define _XOPEN_SOURCE 700
#include <fcntl.h>
#include <sys/wait.h>

#include "data/byte_source.h"
#include "suite.h"
#include "temporary.h"

enum { SIZE = 700000, FIRST = 1000, CHUNK = 1 << 18 };

static unsigned char content[SIZE];

/* Bytes that do not repeat, so that the gzip file is long too. */
static void fill_content(void)
{
    uint32_t random = 1;
    for (size_t i = 0; i < SIZE; i++) {
        random = random * 1664525u + 1013904223u;
        content[i] = (unsigned char)(random >> 24);
    }
}

static const char *write_content(bool gzip)
{
    char command[2048];
    fill_content();
    const char *path = temporary_write("content", content, SIZE);
    if (!gzip)
        return path;
    snprintf(command, sizeof command, "gzip -kf '%s'", path);
    ck_assert_int_eq(system(command), 0);
    return temporary_path("content.gz");
}

/* Makes standard input a file, or a pipe whose writer is another process. */
static void set_standard_input(const char *path, bool pipe_it)
{
    int ends[2], file = open(path, O_RDONLY);
    ck_assert_int_ge(file, 0);
    if (!pipe_it) {
        ck_assert_int_eq(dup2(file, STDIN_FILENO), STDIN_FILENO);
        return;
    }
    ck_assert_int_eq(pipe(ends), 0);
    if (fork() == 0) {
        char bytes[4096];
        ssize_t got;
        close(ends[0]);
        while ((got = read(file, bytes, sizeof bytes)) > 0)
            if (write(ends[1], bytes, (size_t)got) != got)
                _exit(1);
        _exit(0);
    }
    close(ends[1]);
    ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
}

/* Asserts that the source continues with content [first .. last). */
static void check_read(struct byte_source *source, size_t first, size_t last)
{
    static unsigned char read_bytes[SIZE + 1];
    size_t got;
    ck_ok(byte_source_read(source, read_bytes, last - first, &got));
    ck_assert_uint_eq(got, last - first);
    ck_assert(memcmp(read_bytes, content + first, got) == 0);
}

static void check_end(struct byte_source *source)
{
    unsigned char byte;
    size_t got;
    ck_ok(byte_source_read(source, &byte, 1, &got));
    ck_assert_uint_eq(got, 0);
}

static void check_peek(struct byte_source *source)
{
    const unsigned char *bytes;
    size_t got;
    ck_ok(byte_source_peek(source, &bytes, &got));
    ck_assert_uint_eq(got, BYTE_SOURCE_PEEK);
    ck_assert(memcmp(bytes, content, got) == 0);
}

/* Looks ahead, reads a part, reads the same part again, and reads the rest. */
static void check_source(const char *path, bool whole_again)
{
    struct byte_source *source, *again;
    ck_ok(byte_source_open(path, &source));
    check_peek(source);
    ck_ok(byte_source_keep(source));
    check_peek(source);
    check_read(source, 0, FIRST); /* less than was shown */
    check_read(source, FIRST, CHUNK + FIRST);
    ck_ok(byte_source_again(source, &again));
    check_peek(again);
    check_read(again, 0, CHUNK);
    check_read(source, CHUNK + FIRST, SIZE);
    check_end(source);
    byte_source_close(again);
    ck_ok(byte_source_again(source, &again));
    check_read(again, 0, whole_again ? SIZE : CHUNK);
    if (whole_again)
        check_end(again);
    byte_source_close(again);
    byte_source_close(source);
}

START_TEST(files)
{
    check_source(write_content(_i == 1), true);
}
END_TEST

START_TEST(standard_input)
{
    set_standard_input(write_content((_i & 1) != 0), (_i & 2) != 0);
    check_source("-", true);
}
END_TEST

/* Standard input that another program has begun to read. */
START_TEST(standard_input_from_the_middle)
{
    struct byte_source *source, *again;
    set_standard_input(write_content(false), false);
    ck_assert_int_eq(lseek(STDIN_FILENO, 5000, SEEK_SET), 5000);
    ck_ok(byte_source_open("-", &source));
    ck_assert_uint_eq(byte_source_file_bytes(source), SIZE - 5000);
    ck_assert_str_eq(byte_source_name(source), "standard input");
    check_read(source, 5000, SIZE);
    check_end(source);
    ck_ok(byte_source_again(source, &again));
    check_read(again, 5000, SIZE);
    byte_source_close(again);
    byte_source_close(source);
}
END_TEST

START_TEST(pipes_have_no_size)
{
    struct byte_source *source;
    set_standard_input(write_content(false), true);
    ck_ok(byte_source_open("-", &source));
    ck_assert(byte_source_file_bytes(source) == FILE_SIZE_UNKNOWN);
    byte_source_close(source);
}
END_TEST

/* The spool leaves no file, and says why it cannot be made. */
START_TEST(spools)
{
    struct byte_source *source;
    const char *folder = temporary_subfolder("spools");
    setenv("TMPDIR", folder, 1);
    set_standard_input(write_content(false), true);
    ck_ok(byte_source_open("-", &source));
    ck_ok(byte_source_keep(source));
    ck_assert_uint_eq(temporary_count(folder), 0);
    byte_source_close(source);
    setenv("TMPDIR", "/nonexistent", 1);
    set_standard_input(write_content(false), true);
    ck_ok(byte_source_open("-", &source));
    ck_fails(byte_source_keep(source), WEFT_ERROR_IO,
             "/nonexistent: cannot create a copy of standard input");
    byte_source_close(source);
}
END_TEST

START_TEST(folders_and_closed_input)
{
    struct byte_source *source;
    set_standard_input("/", false);
    ck_fails(byte_source_open("-", &source), WEFT_ERROR_IO, "standard input: got a folder");
    ck_assert_ptr_null(source);
    close(STDIN_FILENO);
    ck_fails(byte_source_open("-", &source), WEFT_ERROR_IO, "standard input: cannot open");
    ck_assert_ptr_null(source);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("byte_source");
    TCase *tests = tcase_create("byte_source");
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_loop_test(tests, files, 0, 2);
    tcase_add_loop_test(tests, standard_input, 0, 4);
    tcase_add_test(tests, standard_input_from_the_middle);
    tcase_add_test(tests, pipes_have_no_size);
    tcase_add_test(tests, spools);
    tcase_add_test(tests, folders_and_closed_input);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
