/* Tests files: how they are read, and that a written file is either complete or not there. */
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#include "base/file.h"
#include "base/memory.h"
#include "suite.h"
#include "temporary.h"

static const char old_text[] = "the old file\n", new_text[] = "the new file, longer\n";

/* `path` holds exactly `text`. */
static void check_content(const char *path, const char *text)
{
    struct file_content content;
    ck_ok(file_read(path, 1 << 20, WEFT_ERROR_DATA, &content));
    ck_assert_uint_eq(content.size, strlen(text));
    ck_assert_mem_eq(content.data, text, content.size);
    memory_free(content.data);
}

static enum weft_status replace_with(const char *path, const char *text)
{
    const struct file_part part = {.data = text, .size = strlen(text)};
    return file_replace(path, &part, 1);
}

static mode_t mode_of(const char *path)
{
    struct stat about;
    ck_assert_int_eq(lstat(path, &about), 0);
    return about.st_mode & 0777;
}

/* Root may do anything; these tests are about those who may not. */
static void drop_privileges(void)
{
    if (geteuid() == 0) {
        ck_assert_int_eq(chmod(temporary_folder, 0777), 0);
        ck_assert_int_eq(seteuid(65534), 0);
    }
}

/* So that the leak checker may look at the process at its end. */
static void regain_privileges(void)
{
    if (getuid() == 0)
        ck_assert_int_eq(seteuid(0), 0);
}

/* ---- reading ---- */

START_TEST(read_whole_file)
{
    check_content(temporary_write("read", old_text, sizeof old_text - 1), old_text);
    check_content(temporary_write("empty", "", 0), "");
}
END_TEST

START_TEST(read_refuses)
{
    struct file_content content;
    ck_fails(file_read(temporary_path("nowhere"), 10, WEFT_ERROR_MODEL, &content), WEFT_ERROR_IO,
             "nowhere: cannot open: No such file");
    ck_fails(file_read(temporary_folder, 10, WEFT_ERROR_MODEL, &content), WEFT_ERROR_IO,
             "got a folder, need a file");
    ck_fails(file_read("/dev/null", 10, WEFT_ERROR_MODEL, &content), WEFT_ERROR_IO,
             "need a regular file");
    const char *pipe = temporary_path("read-pipe");
    ck_assert_int_eq(mkfifo(pipe, 0600), 0);
    ck_fails(file_read(pipe, 10, WEFT_ERROR_MODEL, &content), WEFT_ERROR_IO,
             "need a regular file"); /* and does not wait for a writer */
    ck_fails(file_read(temporary_write("large", old_text, 11), 10, WEFT_ERROR_MODEL, &content),
             WEFT_ERROR_MODEL, "got 11 bytes, need at most 10");
    ck_assert_ptr_null(content.data);
}
END_TEST

START_TEST(read_needs_permission)
{
    const char *path = temporary_write("secret", old_text, 3);
    ck_assert_int_eq(chmod(path, 0), 0);
    drop_privileges();
    struct file_content content;
    ck_fails(file_read(path, 10, WEFT_ERROR_MODEL, &content), WEFT_ERROR_IO, "Permission denied");
    regain_privileges();
}
END_TEST

/* A header can promise terabytes; the size is compared before anything is allocated. */
START_TEST(read_limit_before_allocation)
{
    const char *path = temporary_write("sparse", "", 0);
    ck_assert_int_eq(truncate(path, (off_t)1 << 40), 0);
    struct file_content content;
    ck_fails(file_read(path, 1 << 20, WEFT_ERROR_MODEL, &content), WEFT_ERROR_MODEL,
             "got 1099511627776 bytes");
    ck_assert_int_eq(unlink(path), 0);
}
END_TEST

/* ---- replacing ---- */

START_TEST(new_file_is_what_open_makes)
{
    const char *folder = temporary_subfolder("new");
    char *path;
    ck_ok(path_join(folder, "file", &path));
    umask(027);
    const struct file_part parts[] = {{.data = "one ", .size = 4},
                                      {.data = "", .size = 0},
                                      {.data = NULL, .size = 0},
                                      {.data = "two", .size = 3}};
    ck_ok(file_replace(path, parts, 4));
    check_content(path, "one two");
    ck_assert_uint_eq(mode_of(path), 0640);
    ck_assert_uint_eq(temporary_count(folder), 1);
    memory_free(path);
}
END_TEST

START_TEST(old_file_is_replaced)
{
    const char *folder = temporary_subfolder("old");
    const char *path = temporary_write("old/file", old_text, sizeof old_text - 1);
    ck_assert_int_eq(chmod(path, 0604), 0);
    const int old = open(path, O_RDONLY);
    ck_ok(replace_with(path, new_text));
    check_content(path, new_text);
    ck_assert_uint_eq(mode_of(path), 0604);
    ck_assert_uint_eq(temporary_count(folder), 1);
    char text[sizeof old_text - 1]; /* who has the old one open reads it to its end */
    ck_assert_int_eq(read(old, text, sizeof text), sizeof text);
    ck_assert_mem_eq(text, old_text, sizeof text);
    close(old);
}
END_TEST

START_TEST(links_stay_links)
{
    temporary_subfolder("links");
    temporary_subfolder("links/there");
    const char *file = temporary_write("links/there/file", old_text, sizeof old_text - 1);
    const char *link = temporary_path("links/link"), *second = temporary_path("links/second");
    ck_assert_int_eq(symlink("there/file", link), 0);
    ck_assert_int_eq(symlink(link, second), 0);
    ck_ok(replace_with(second, new_text));
    check_content(file, new_text);
    ck_assert_uint_eq(mode_of(link), 0777); /* as lstat shows links */
    const char *dangling = temporary_path("links/dangling");
    ck_assert_int_eq(symlink("there/new", dangling), 0);
    ck_ok(replace_with(dangling, new_text));
    check_content(temporary_path("links/there/new"), new_text);
    const char *loop = temporary_path("links/loop");
    ck_assert_int_eq(symlink("loop", loop), 0);
    ck_fails(replace_with(loop, new_text), WEFT_ERROR_IO, "loop");
}
END_TEST

START_TEST(longest_name)
{
    char name[256];
    memset(name, 'n', 255);
    name[255] = '\0';
    const char *path = temporary_path(name);
    ck_ok(replace_with(path, new_text));
    check_content(path, new_text);
}
END_TEST

START_TEST(name_without_folder)
{
    ck_assert_int_eq(chdir(temporary_subfolder("here")), 0);
    ck_ok(replace_with("file", new_text));
    check_content("./file", new_text);
    ck_assert_uint_eq(temporary_count("."), 1);
}
END_TEST

/* The file may grow to 8 bytes and no further: what a full disk does, in the middle of a write. */
START_TEST(full_disk_keeps_the_old_file)
{
    const char *folder = temporary_subfolder("full");
    const char *path = temporary_write("full/file", old_text, sizeof old_text - 1);
    const struct rlimit limit = {8, 8};
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    enum weft_status status = replace_with(path, new_text);
    ck_assert_int_eq(status, WEFT_ERROR_IO);
    ck_assert_ptr_nonnull(strstr(weft_error(), "file: cannot write: File too large"));
    check_content(path, old_text);
    ck_assert_uint_eq(temporary_count(folder), 1);
}
END_TEST

START_TEST(bad_places_are_refused)
{
    ck_fails(replace_with("", new_text), WEFT_ERROR_IO, "empty name");
    ck_fails(replace_with(temporary_folder, new_text), WEFT_ERROR_IO, "got a folder");
    ck_fails(replace_with(temporary_path("no/where"), new_text), WEFT_ERROR_IO,
             "where: cannot open its folder: No such file");
    ck_fails(replace_with(temporary_path("nowhere/"), new_text), WEFT_ERROR_IO, "name of a folder");
    ck_fails(file_check_writable(temporary_path("no/where")), WEFT_ERROR_IO, "No such file");
    const char *file = temporary_write("plain", old_text, 3);
    char below[1024];
    snprintf(below, sizeof below, "%s/file", file);
    ck_fails(replace_with(below, new_text), WEFT_ERROR_IO, "Not a directory");
}
END_TEST

START_TEST(permissions_are_asked)
{
    const char *file = temporary_write("protected", old_text, sizeof old_text - 1);
    ck_assert_int_eq(chmod(file, 0444), 0);
    const char *folder = temporary_subfolder("closed");
    ck_assert_int_eq(chmod(folder, 0555), 0);
    drop_privileges();
    ck_fails(replace_with(file, new_text), WEFT_ERROR_IO, "Permission denied");
    ck_fails(file_check_writable(file), WEFT_ERROR_IO, "Permission denied");
    check_content(file, old_text);
    ck_fails(replace_with(temporary_path("closed/file"), new_text), WEFT_ERROR_IO,
             "Permission denied");
    ck_fails(file_check_writable(temporary_path("closed/file")), WEFT_ERROR_IO,
             "Permission denied");
    regain_privileges();
}
END_TEST

START_TEST(check_leaves_nothing)
{
    const char *folder = temporary_subfolder("check");
    ck_ok(file_check_writable(temporary_path("check/file")));
    ck_assert_uint_eq(temporary_count(folder), 0);
    const char *path = temporary_write("check/old", old_text, sizeof old_text - 1);
    ck_ok(file_check_writable(path));
    check_content(path, old_text);
    ck_assert_uint_eq(temporary_count(folder), 1);
}
END_TEST

/* ---- in place ---- */

/* Without the rights of root: the code under test, if it were wrong, would replace the device. */
START_TEST(full_device)
{
    drop_privileges();
    ck_ok(file_check_writable("/dev/full"));
    ck_fails(replace_with("/dev/full", new_text), WEFT_ERROR_IO,
             "/dev/full: cannot write: No space left on device");
    ck_ok(replace_with("/dev/null", new_text));
    struct stat about;
    ck_assert(stat("/dev/null", &about) == 0 && S_ISCHR(about.st_mode));
    regain_privileges();
}
END_TEST

START_TEST(pipe_gets_the_bytes)
{
    const char *path = temporary_path("pipe");
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_ok(file_check_writable(path)); /* without opening it: its reader would see an end */
    const int reader = open(path, O_RDONLY | O_NONBLOCK);
    ck_ok(replace_with(path, new_text));
    char text[64];
    const ssize_t got = read(reader, text, sizeof text);
    ck_assert_int_eq(got, sizeof new_text - 1);
    ck_assert_mem_eq(text, new_text, sizeof new_text - 1);
    ck_assert_int_eq(read(reader, text, sizeof text), 0);
    ck_assert_int_eq(close(reader), 0);
}
END_TEST

/* More than a pipe holds: the writer waits for the reader and loses nothing. */
START_TEST(a_slow_reader_gets_all)
{
    static char large[300000], got[sizeof large];
    const char *path = temporary_path("slow");
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    memset(large, 'x', sizeof large);
    const int reader = open(path, O_RDONLY | O_NONBLOCK);
    const pid_t writer = fork();
    if (writer == 0) {
        const struct file_part part = {.data = large, .size = sizeof large};
        _exit(file_replace(path, &part, 1) == WEFT_OK ? 0 : 1);
    }
    size_t bytes = 0;
    alarm(30);
    while (bytes < sizeof large) {
        const ssize_t now = read(reader, got + bytes, sizeof got - bytes);
        bytes += now > 0 ? (size_t)now : 0;
    }
    int result;
    ck_assert_int_eq(waitpid(writer, &result, 0), writer);
    ck_assert_int_eq(result, 0);
    ck_assert_mem_eq(got, large, sizeof large);
}
END_TEST

START_TEST(a_pipe_that_nobody_reads)
{
    const char *path = temporary_path("unread");
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    alarm(20);
    ck_fails(replace_with(path, new_text), WEFT_ERROR_IO,
             "unread: no process reads from this pipe");
}
END_TEST

/* What cannot be opened after hours of training is refused before them. */
START_TEST(a_socket_is_no_file)
{
    const char *path = temporary_path("socket");
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    const int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_uint_lt(strlen(path), sizeof name.sun_path);
    memcpy(name.sun_path, path, strlen(path));
    ck_assert_int_eq(bind(descriptor, (const struct sockaddr *)&name, sizeof name), 0);
    ck_fails(file_check_writable(path), WEFT_ERROR_IO, "got a disk or socket, need a file");
    ck_assert_int_eq(close(descriptor), 0);
}
END_TEST

START_TEST(an_empty_name)
{
    struct file_content content;
    ck_fails(file_read("", 10, WEFT_ERROR_MODEL, &content), WEFT_ERROR_IO,
             "file to read: got an empty name");
    ck_fails(file_check_writable(""), WEFT_ERROR_IO, "file to write: got an empty name");
}
END_TEST

/* `weft ... -o /dev/stdout > file`: after what is there already, not over it. */
START_TEST(standard_output_is_continued)
{
    const char *path = temporary_path("redirected");
    const int file = open(path, O_WRONLY | O_CREAT, 0600), standard = dup(STDOUT_FILENO);
    ck_assert_int_eq(dup2(file, STDOUT_FILENO), STDOUT_FILENO);
    ck_assert_int_eq(write(STDOUT_FILENO, "first\n", 6), 6);
    enum weft_status status = replace_with("/dev/stdout", new_text);
    ck_assert_int_eq(dup2(standard, STDOUT_FILENO), STDOUT_FILENO);
    ck_assert_int_eq(status, WEFT_OK);
    check_content(path, "first\nthe new file, longer\n");
}
END_TEST

/* ---- names, clock ---- */

START_TEST(paths_join)
{
    static const char *const rows[][3] = {
        {"a", "b", "a/b"}, {"a/", "b", "a/b"}, {"/", "b", "/b"},     {"", "b", "b"},
        {".", "b", "./b"}, {"a", "", "a/"},    {"a/b", "c", "a/b/c"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *path;
        ck_ok(path_join(rows[i][0], rows[i][1], &path));
        ck_assert_str_eq(path, rows[i][2]);
        memory_free(path);
    }
}
END_TEST

START_TEST(files_and_folders)
{
    const char *file = temporary_write("there", "", 0);
    ck_assert(file_exists(file) && !folder_exists(file));
    ck_assert(!file_exists(temporary_folder) && folder_exists(temporary_folder));
    ck_assert(file_exists("/dev/null"));
    ck_assert(!file_exists(temporary_path("absent")) && !folder_exists(temporary_path("absent")));
}
END_TEST

START_TEST(clock_goes_forward)
{
    const double begin = clock_seconds();
    const struct timespec pause = {0, 20000000};
    nanosleep(&pause, NULL);
    const double seconds = clock_seconds() - begin;
    ck_assert(seconds >= 0.02 && seconds < 10.0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("file");
    TCase *tests = tcase_create("file");
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_test(tests, read_whole_file);
    tcase_add_test(tests, read_refuses);
    tcase_add_test(tests, read_needs_permission);
    tcase_add_test(tests, read_limit_before_allocation);
    tcase_add_test(tests, new_file_is_what_open_makes);
    tcase_add_test(tests, old_file_is_replaced);
    tcase_add_test(tests, links_stay_links);
    tcase_add_test(tests, longest_name);
    tcase_add_test(tests, name_without_folder);
    tcase_add_test(tests, full_disk_keeps_the_old_file);
    tcase_add_test(tests, bad_places_are_refused);
    tcase_add_test(tests, permissions_are_asked);
    tcase_add_test(tests, check_leaves_nothing);
    tcase_add_test(tests, full_device);
    tcase_add_test(tests, pipe_gets_the_bytes);
    tcase_add_test(tests, a_slow_reader_gets_all);
    tcase_add_test(tests, a_pipe_that_nobody_reads);
    tcase_add_test(tests, a_socket_is_no_file);
    tcase_add_test(tests, an_empty_name);
    tcase_add_test(tests, standard_output_is_continued);
    tcase_add_test(tests, paths_join);
    tcase_add_test(tests, files_and_folders);
    tcase_add_test(tests, clock_goes_forward);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
