/* Tests LIBSVM files: files by scikit-learn, and lines that are wrong. */
#define _XOPEN_SOURCE 700
#include <stdint.h>

#include "bounded.h"
#include "data/libsvm.h"
#include "format_files.h"

static const char *text(const char *name, const char *lines)
{
    return temporary_write(name, lines, strlen(lines));
}

/* The matrix that make.py writes. */
static const float matrix[4][3] = {{0, 1.5f, 0}, {2, 0, -3}, {0, 0, 0}, {0.125f, 0, 1e-3f}};

static void check_matrix(const struct weft_dataset *dataset)
{
    ck_assert(dataset->samples == 4 && dataset->features == 3);
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 3; j++)
            ck_assert_msg(dataset->x[i * 3 + j] == matrix[i][j], "sample %zu, feature %zu: %g", i,
                          j, (double)dataset->x[i * 3 + j]);
}

START_TEST(labels_from_one_and_from_zero)
{
    static const char *const names[] = {"one_based.svm", "zero_based.svm"};
    static const int32_t labels[] = {1, 0, 1, 0};
    for (size_t k = 0; k < 2; k++) {
        struct source source;
        ck_ok(format_open(format_path(names[k]), NULL, &source));
        check_matrix(source.train);
        ck_assert_uint_eq(source.train->classes, 2);
        ck_assert_str_eq(source.train->class_names[0], "-1");
        ck_assert_str_eq(source.train->class_names[1], "1");
        ck_assert_mem_eq(source.train->labels, labels, sizeof labels);
        source_reset(&source);
    }
}
END_TEST

START_TEST(targets_and_query_ids)
{
    static const float targets[] = {0.5f, 2.0f, -1000.0f, 4.0f};
    struct source source;
    ck_ok(format_open(format_path("targets.svm"), NULL, &source));
    check_matrix(source.train);
    ck_assert(source.train->labels == NULL && source.train->classes == 1);
    ck_assert_mem_eq(source.train->targets, targets, sizeof targets);
    source_reset(&source);
}
END_TEST

START_TEST(task_decides_what_whole_numbers_are)
{
    struct weft_data_options options = format_options();
    struct source source;
    options.task_given = true;
    options.task = WEFT_TASK_REGRESS;
    ck_ok(format_open(format_path("one_based.svm"), &options, &source));
    ck_assert(source.train->labels == NULL && source.train->targets[1] == -1.0f);
    source_reset(&source);
    options.task = WEFT_TASK_CLASSIFY;
    ck_refused(format_path("targets.svm"), &options, "label: got 0.5, need a whole number");
}
END_TEST

/* The samples of a test set need not name the last features. */
START_TEST(features_of_the_training_set)
{
    struct source source;
    struct source_request request = {
        .what = text("short.svm", "1 1:7\n0 2:8\n"), .train = true, .features = 5};
    ck_ok(source_open(&request, &source));
    ck_assert_uint_eq(source.train->features, 5);
    ck_assert(source.train->x[6] == 8.0f && source.train->x[9] == 0.0f);
    source_reset(&source);
}
END_TEST

START_TEST(white_space_and_comments)
{
    struct source source;
    const char *lines = "# head\n\n  +1\t1:1   3:2 # tail 4:x\r\n   \n-1 2:.5e1\r\n1";
    ck_ok(format_open(text("blanks.svm", lines), NULL, &source));
    ck_assert(source.train->samples == 3 && source.train->features == 3);
    ck_assert(source.train->x[2] == 2.0f && source.train->x[4] == 5.0f);
    source_reset(&source);
}
END_TEST

START_TEST(lines_that_are_wrong)
{
    static const struct {
        const char *lines, *text;
    } rows[] = {
        {"1 1:1\n1 1\n", "bad.svm:2: got \"1\", need INDEX:VALUE"},
        {"1 1:1\n1 a:2\n", "bad.svm:2: index: got \"a\", need 0 to 2147483647"},
        {"1 1:1\n1 -1:2\n", "bad.svm:2: index: got \"-1\""},
        {"1 1:1\n1 2147483648:2\n", "bad.svm:2: index: got \"2147483648\""},
        {"1 1:1\n1 1:two\n", "bad.svm:2: value of index 1: got \"two\", need a number"},
        {"1 1:1\n1 1:\n", "bad.svm:2: value of index 1: got \"\", need a number"},
        {"1 1:1\n\n\n1 3:1 2:1\n", "bad.svm:4: index: got 2 after 3, need indices in ascending"},
        {"1 1:1\n1 2:1 2:1\n", "bad.svm:2: index: got 2 after 2"},
        {"1 1:1\nyes 1:1\n", "bad.svm:2: label: got \"yes\", need a number"},
        {"1 1:1\n1,2 1:1\n", "bad.svm:2: label: got \"1,2\", need a number; several labels"},
        {"1 1:1\n1e999 1:1\n", "bad.svm:2: label: got \"1e999\""},
        {"1 1:1\n1 1:1e39\n", "bad.svm: sample 1, feature 0: got inf"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct bounds bounds = bounds_begin();
        ck_refused(text("bad.svm", rows[i].lines), NULL, rows[i].text);
        bounds_check(&bounds);
    }
    ck_refused(temporary_write("nul.svm", "1 1:1\n1 1\0:1\n", 14), NULL,
               "nul.svm:2: got a NUL byte");
}
END_TEST

START_TEST(recognized_by_content)
{
    static const char *const yes[] = {"1 1:1\n", "# a\n\n-1.5e3 qid:3 0:2\n",
                                      "1\n1\n0 7:1e-3 # x\n", "+1 1:1 2:2"};
    static const char *const no[] = {"1,2\n",        "a 1:1\n", "1 2 3\n",
                                     "12:30 1:1\n",  "1\n2\n",  "1 1:1 x\n",
                                     "x,y\n1 1:1\n", "",        "1;1:1\n"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        ck_assert_msg(libsvm_recognize(yes[i], strlen(yes[i])), "%s", yes[i]);
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        ck_assert_msg(!libsvm_recognize(no[i], strlen(no[i])), "%s", no[i]);
    ck_assert(libsvm_recognize("1 1:0.25 2:0.", 13)); /* cut inside a word */
    ck_assert(libsvm_recognize("1 1:0.25 2", 10));
}
END_TEST

/* Dense, the samples would take 160 TB. */
START_TEST(too_large_to_be_dense)
{
    const char *path = temporary_path("wide.svm");
    FILE *file = fopen(path, "w");
    for (int i = 0; i < 20000; i++)
        fprintf(file, "%d 2147483647:1\n", i % 2);
    ck_assert_int_eq(fclose(file), 0);
    const struct bounds bounds = bounds_begin();
    ck_refused(path, NULL, "20000 samples of 2147483647 features take 171798691760000 bytes");
    bounds_check(&bounds);
}
END_TEST

/* More lines than one chunk, and more entries than the first buffer. */
START_TEST(many_lines)
{
    const char *path = temporary_path("many.svm");
    FILE *file = fopen(path, "w");
    for (int i = 0; i < 30000; i++)
        fprintf(file, "%d %d:%d\n", i % 7, 1 + i % 5, i);
    ck_assert_int_eq(fclose(file), 0);
    struct source source;
    ck_ok(format_open(path, NULL, &source));
    ck_assert(source.train->samples == 30000 && source.train->classes == 7);
    for (size_t i = 0; i < 30000; i++)
        for (size_t j = 0; j < 5; j++)
            ck_assert(source.train->x[i * 5 + j] == (j == i % 5 ? (float)i : 0.0f));
    source_reset(&source);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("libsvm");
    TCase *files = tcase_create("files");
    tcase_add_unchecked_fixture(files, temporary_create, temporary_remove);
    tcase_add_test(files, labels_from_one_and_from_zero);
    tcase_add_test(files, targets_and_query_ids);
    tcase_add_test(files, task_decides_what_whole_numbers_are);
    tcase_add_test(files, features_of_the_training_set);
    tcase_add_test(files, white_space_and_comments);
    tcase_add_test(files, lines_that_are_wrong);
    tcase_add_test(files, recognized_by_content);
    tcase_add_test(files, too_large_to_be_dense);
    tcase_add_test(files, many_lines);
    suite_add_tcase(suite, files);
    return suite_main(suite);
}
