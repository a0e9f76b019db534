/* Makes every read of a file fail, be interrupted, or return less than requested, or truncates the
 * file meanwhile.
 *
 * The linker redirects the library's read() to the function here (-Wl,--wrap, see CMakeLists.txt).
 * The files are larger than every buffer, so that each place that reads is tested.
 */
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <sys/types.h>
#include <zlib.h>

#include "data/table.h"
#include "idx_files.h"
#include "models.h"

/* ---- read() ---- */

enum fault { NO_FAULT, ERROR, INTERRUPTED, SHORT, CUT };

static struct {
    size_t calls;   /* since the file was opened */
    size_t failing; /* number of the call with the fault */
    enum fault fault;
} reads;

ssize_t __real_read(int descriptor, void *buffer, size_t size);
ssize_t __wrap_read(int descriptor, void *buffer, size_t size);

ssize_t __wrap_read(int descriptor, void *buffer, size_t size)
{
    if (++reads.calls != reads.failing)
        return __real_read(descriptor, buffer, size);
    switch (reads.fault) {
    case ERROR:
        errno = EIO;
        return -1;
    case INTERRUPTED:
        errno = EINTR;
        return -1;
    case SHORT:
        return __real_read(descriptor, buffer, size / 2 + 1);
    case CUT:
        return 0;
    case NO_FAULT:
        break;
    }
    return __real_read(descriptor, buffer, size);
}

/* ---- what is read ---- */

/* A file that is read, and the code of those that are too short. The sum of its numbers tells
 * whether all came. */
struct subject {
    const char *path;
    enum weft_status too_short;
    enum weft_status (*read)(const char *path, double *sum);
};

static enum weft_status read_images(const char *path, double *sum)
{
    struct weft_dataset *dataset;
    const enum weft_status status = weft_dataset_read_idx(path, NULL, &dataset);
    ck_assert((dataset != NULL) == (status == WEFT_OK));
    *sum = 0;
    for (size_t i = 0; dataset != NULL && i < dataset->samples * dataset->features; i++)
        *sum += (double)dataset->x[i] * (double)(i % 1009);
    weft_dataset_destroy(dataset);
    return status;
}

static enum weft_status read_pair(const char *path, double *sum)
{
    struct weft_dataset *dataset;
    const enum weft_status status = weft_dataset_read_idx(temporary_path("images"), path, &dataset);
    ck_assert((dataset != NULL) == (status == WEFT_OK));
    *sum = 0;
    for (size_t i = 0; dataset != NULL && i < dataset->samples; i++)
        *sum += dataset->labels[i] * (double)(i % 1009);
    weft_dataset_destroy(dataset);
    return status;
}

static enum weft_status read_model(const char *path, double *sum)
{
    struct weft_model *model;
    const enum weft_status status = weft_model_read(path, &model);
    ck_assert((model != NULL) == (status == WEFT_OK));
    *sum = 0;
    for (size_t i = 0; model != NULL && i < model->network.parameter_count; i++)
        *sum += (double)model->parameters[i] * (double)(i % 1009);
    weft_model_destroy(model);
    return status;
}

static enum weft_status read_bare(const char *path, double *sum)
{
    struct safetensors file;
    const enum weft_status status = safetensors_read(path, &file);
    *sum = 0;
    for (size_t i = 0; i < file.tensor_count; i++)
        for (size_t k = 0; k < file.tensors[i].count; k++)
            *sum += (double)file.tensors[i].values[k] * (double)(k % 1009);
    safetensors_reset(&file);
    return status;
}

static enum weft_status read_table(const char *path, double *sum)
{
    struct weft_table *table;
    const enum weft_status status = weft_table_read(path, NULL, &table);
    ck_assert((table != NULL) == (status == WEFT_OK));
    *sum = 0;
    for (size_t row = 0; table != NULL && row < table->rows; row++)
        *sum += column_number(&table->columns[0], row) * (double)(row % 1009);
    weft_table_destroy(table);
    return status;
}

/* ---- the files ---- */

enum { VALUES = 1500000 }; /* bytes that do not pack: more than any chunk */

static unsigned char large[12 + VALUES];

/* An IDX file of VALUES samples with a feature, or of as many labels. */
static size_t fill_large(void)
{
    const struct bytes head = header(0x08, (const uint32_t[]){VALUES, 0});
    uint32_t random = 1;
    memcpy(large, head.data, head.size);
    for (size_t i = 0; i < VALUES; i++) {
        random = random * 1664525u + 1013904223u;
        large[head.size + i] = (unsigned char)(random >> 24);
    }
    return head.size + VALUES;
}

static const char *write_plain(const char *name)
{
    return temporary_write(name, large, fill_large());
}

static const char *write_packed(void)
{
    const char *path = temporary_path("packed");
    const size_t size = fill_large();
    gzFile file = gzopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    for (size_t first = 0; first < size; first += size / 3 + 1) { /* members cut anywhere */
        const size_t rest = size - first, part = rest < size / 3 + 1 ? rest : size / 3 + 1;
        ck_assert_int_eq(gzwrite(file, large + first, (unsigned)part), (int)part);
        ck_assert_int_eq(gzclose(file), Z_OK);
        file = gzopen(path, "ab");
    }
    ck_assert_int_eq(gzclose(file), Z_OK);
    return path;
}

/* A column of numbers, of which no part looks like another. */
static const char *write_table(void)
{
    size_t size = (size_t)sprintf((char *)large, "n\n");
    for (int row = 0; size + 16 < sizeof large; row++)
        size += (size_t)sprintf((char *)large + size, "%d\n", row);
    return temporary_write("table.csv", large, size);
}

/* 4-20000-3: weights of 560000 bytes. */
static const char *write_model(const char *name)
{
    struct weft_options options = small_options();
    ck_ok(weft_options_set(&options, "hidden", "20000"));
    struct weft_model *model = model_of(&options, 3);
    const char *path = temporary_path(name);
    ck_ok(weft_model_write(model, path));
    weft_model_destroy(model);
    return path;
}

static struct subject subject_make(int which)
{
    switch (which) {
    case 0:
        return (struct subject){write_plain("plain"), WEFT_ERROR_DATA, read_images};
    case 1:
        return (struct subject){write_packed(), WEFT_ERROR_DATA, read_images};
    case 2:
        write_plain("images");
        return (struct subject){write_plain("labels"), WEFT_ERROR_DATA, read_pair};
    case 3:
        return (struct subject){write_model("model"), WEFT_ERROR_MODEL, read_model};
    case 4:
        return (struct subject){write_table(), WEFT_ERROR_IO, read_table};
    default:
        return (struct subject){write_model("bare"), WEFT_ERROR_MODEL, read_bare};
    }
}
enum { SUBJECTS = 6 };

/* ---- the tests ---- */

static enum weft_status read_with(const struct subject *subject, enum fault fault, size_t failing,
                                  double *sum)
{
    reads.calls = 0;
    reads.failing = failing;
    reads.fault = fault;
    const enum weft_status status = subject->read(subject->path, sum);
    reads.failing = 0;
    return status;
}

/* Numbers, and how many calls it took to read them. */
static size_t read_whole(const struct subject *subject, double *sum)
{
    ck_ok(read_with(subject, NO_FAULT, 0, sum));
    ck_assert_uint_ge(reads.calls, 3);
    return reads.calls;
}

START_TEST(errors)
{
    const struct subject subject = subject_make(_i);
    double whole, sum;
    const size_t calls = read_whole(&subject, &whole);
    for (size_t n = 1; n <= calls; n++) {
        ck_fails(read_with(&subject, ERROR, n, &sum), WEFT_ERROR_IO,
                 "cannot read: Input/output error");
        ck_assert_msg(strncmp(weft_error(), temporary_folder, strlen(temporary_folder)) == 0,
                      "read %zu: %s", n, weft_error());
    }
}
END_TEST

START_TEST(interruptions_and_short_reads)
{
    const struct subject subject = subject_make(_i);
    double whole, sum;
    const size_t calls = read_whole(&subject, &whole);
    for (size_t n = 1; n <= calls; n++) {
        ck_ok(read_with(&subject, INTERRUPTED, n, &sum));
        ck_assert_msg(sum == whole, "read %zu interrupted: other numbers", n);
        ck_ok(read_with(&subject, SHORT, n, &sum));
        ck_assert_msg(sum == whole, "read %zu short: other numbers", n);
    }
}
END_TEST

/* The size was that of the file when it was opened. Only the reads that look for its end may find
 * nothing. */
START_TEST(files_cut_meanwhile)
{
    const struct subject subject = subject_make(_i);
    double whole, sum;
    size_t refused = 0;
    const size_t calls = read_whole(&subject, &whole);
    for (size_t n = 1; n <= calls; n++) {
        const enum weft_status status = read_with(&subject, CUT, n, &sum);
        ck_assert_msg(status == subject.too_short || (status == WEFT_OK && sum == whole),
                      "read %zu of %zu cut: status %d: %s", n, calls, (int)status, weft_error());
        refused += status != WEFT_OK;
    }
    ck_assert_uint_ge(refused, 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("read_faults");
    TCase *tests = tcase_create("read_faults");
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_loop_test(tests, errors, 0, SUBJECTS);
    tcase_add_loop_test(tests, interruptions_and_short_reads, 0, SUBJECTS);
    tcase_add_loop_test(tests, files_cut_meanwhile, 0, SUBJECTS);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
