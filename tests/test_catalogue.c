/* Tests data sets by name and by folder. The real Fashion-MNIST must be installed (Debian package
 * dataset-fashion-mnist). */
#define _XOPEN_SOURCE 700
#include <stdint.h>
#include <string.h>

#include "data/dataset.h"
#include "suite.h"
#include "temporary.h"

/* Two images of 1 x 2 pixels, and their labels. */
static const unsigned char images[] = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4};
static const unsigned char labels[] = {0, 0, 8, 1, 0, 0, 0, 2, 0, 1};

static const char *const four_names[] = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                         "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};

/* A folder that has the files of `four_names` whose bit is set in `which`; images of the test set
 * begin with pixel 9. */
static const char *make_folder(const char *name, unsigned which)
{
    const char *folder = temporary_subfolder(name);
    for (size_t i = 0; i < 4; i++) {
        char path[128];
        unsigned char bytes[sizeof images];
        const size_t size = i % 2 == 0 ? sizeof images : sizeof labels;
        memcpy(bytes, i % 2 == 0 ? images : labels, size);
        if (i == 2)
            bytes[16] = 9;
        snprintf(path, sizeof path, "%s/%s", name, four_names[i]);
        if (which >> i & 1)
            temporary_write(path, bytes, size);
    }
    return folder;
}

/* Nothing of this machine is found, but what a test puts there. */
static void empty_environment(void)
{
    unsetenv("WEFT_DATA");
    unsetenv("XDG_DATA_HOME");
    setenv("HOME", temporary_folder, 1);
    ck_assert_int_eq(chdir(temporary_folder), 0);
}

/* ---- names ---- */

START_TEST(exclusive_or)
{
    static const float x[8] = {0, 0, 0, 1, 1, 0, 1, 1};
    static const int32_t expected[4] = {0, 1, 1, 0};
    struct weft_dataset *train, *test;
    struct weft_dataset_info info;
    ck_ok(weft_dataset_open("xor", &train, &test));
    ck_assert_ptr_null(test);
    weft_dataset_get_info(train, &info);
    ck_assert_str_eq(info.name, "xor");
    ck_assert(info.samples == 4 && info.features == 2 && info.classes == 2);
    ck_assert_mem_eq(info.x, x, sizeof x);
    ck_assert_mem_eq(info.labels, expected, sizeof expected);
    weft_dataset_destroy(train);
    ck_ok(weft_dataset_open("xor", NULL, &test));
    ck_assert_ptr_null(test);
}
END_TEST

START_TEST(unknown_names)
{
    empty_environment();
    struct weft_dataset *train, *test;
    ck_fails(weft_dataset_open("fashon-mnist", &train, &test), WEFT_ERROR_IO,
             "\"fashon-mnist\": unknown data set or folder; did you mean fashion-mnist? Known: ");
    ck_assert(train == NULL && test == NULL);
    ck_fails(weft_dataset_open("", &train, &test), WEFT_ERROR_IO, "known: fashion-mnist, xor");
    ck_fails(weft_dataset_open("no/where", &train, &test), WEFT_ERROR_IO,
             "no/where: no such folder or file");
}
END_TEST

/* Each place is found, and those before it win. */
START_TEST(places_of_known_sets)
{
    static const char *const places[] = {".local/share", ".local/share/weft", "data", "set"};
    empty_environment();
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char command[512], name[128], pixel[256];
        snprintf(command, sizeof command, "mkdir -p '%s/%s'", temporary_folder, places[i]);
        ck_assert_int_eq(system(command), 0);
        snprintf(name, sizeof name, "%s/fashion-mnist", places[i]);
        make_folder(name, 0xf);
        unsigned char marked[sizeof images];
        memcpy(marked, images, sizeof images);
        marked[16] = (unsigned char)(100 + i);
        snprintf(pixel, sizeof pixel, "%s/%s", name, four_names[0]);
        temporary_write(pixel, marked, sizeof marked);
        if (i == 3)
            setenv("WEFT_DATA", temporary_path("set"), 1);
        struct weft_dataset *train;
        ck_ok(weft_dataset_open("fashion-mnist", &train, NULL));
        ck_assert_uint_eq(train->samples, 2);
        ck_assert(train->x[0] == (float)(100 + i));
        ck_assert_uint_eq(train->classes, 10);
        weft_dataset_destroy(train);
    }
    setenv("XDG_DATA_HOME", temporary_path("set"), 1);
    unsetenv("WEFT_DATA");
    ck_assert_int_eq(chdir("/"), 0);
    struct weft_dataset *train;
    ck_ok(weft_dataset_open("fashion-mnist", &train, NULL));
    ck_assert(train->x[0] == 103.0f);
    weft_dataset_destroy(train);
}
END_TEST

/* An empty $WEFT_DATA, a relative $XDG_DATA_HOME and no $HOME name no place. */
START_TEST(no_places)
{
    struct weft_dataset *train;
    empty_environment();
    setenv("WEFT_DATA", "", 1);
    setenv("XDG_DATA_HOME", "relative", 1);
    setenv("HOME", temporary_subfolder("home"), 1);
    ck_assert_int_eq(chdir(temporary_path("home")), 0);
    temporary_subfolder("home/relative");
    make_folder("home/relative/fashion-mnist", 0xf);
    ck_ok(weft_dataset_open("fashion-mnist", &train, NULL)); /* the installed one */
    ck_assert_uint_eq(train->samples, 60000);
    weft_dataset_destroy(train);
    unsetenv("HOME");
    ck_ok(weft_dataset_open("fashion-mnist", &train, NULL));
    ck_assert_uint_eq(train->samples, 60000);
    weft_dataset_destroy(train);
    temporary_subfolder("home/share");
    make_folder("home/share/fashion-mnist", 0xf);
    setenv("XDG_DATA_HOME", temporary_path("home/share"), 1);
    ck_ok(weft_dataset_open("fashion-mnist", &train, NULL));
    ck_assert_uint_eq(train->samples, 2);
    weft_dataset_destroy(train);
}
END_TEST

START_TEST(damaged_known_set_is_an_error)
{
    empty_environment();
    temporary_subfolder("damaged");
    make_folder("damaged/fashion-mnist", 0xd);
    setenv("WEFT_DATA", temporary_path("damaged"), 1);
    struct weft_dataset *train, *test;
    ck_fails(weft_dataset_open("fashion-mnist", &train, &test), WEFT_ERROR_IO,
             "neither train-labels-idx1-ubyte nor train-labels-idx1-ubyte.gz is there");
}
END_TEST

/* ---- folders and files ---- */

START_TEST(folder_of_four)
{
    const char *folder = make_folder("four", 0xf);
    struct weft_dataset *train, *test;
    ck_ok(weft_dataset_open(folder, &train, &test));
    ck_assert_str_eq(train->name, folder);
    ck_assert(train->samples == 2 && train->features == 2 && train->classes == 2);
    ck_assert(train->x[0] == 1.0f && test->x[0] == 9.0f);
    ck_assert_int_eq(test->labels[1], 1);
    weft_dataset_destroy(train);
    weft_dataset_destroy(test);
    ck_ok(weft_dataset_open(folder, NULL, &test));
    ck_assert(test->x[0] == 9.0f);
    weft_dataset_destroy(test);
}
END_TEST

START_TEST(folder_without_test_part)
{
    struct weft_dataset *train, *test;
    ck_ok(weft_dataset_open(make_folder("two", 0x3), &train, &test));
    ck_assert_uint_eq(train->samples, 2);
    ck_assert_ptr_null(test);
    weft_dataset_destroy(train);
}
END_TEST

START_TEST(folder_lacks_files)
{
    static const struct {
        unsigned which;
        const char *missing;
    } rows[] = {{0x0, "train-images-idx3-ubyte"},
                {0xe, "train-images-idx3-ubyte"},
                {0xd, "train-labels-idx1-ubyte"},
                {0xb, "t10k-images-idx3-ubyte"},
                {0x7, "t10k-labels-idx1-ubyte"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char name[16], text[128];
        snprintf(name, sizeof name, "lacks-%zu", i);
        snprintf(text, sizeof text, "%s: neither %s nor %s.gz is there", name, rows[i].missing,
                 rows[i].missing);
        struct weft_dataset *train, *test;
        ck_fails(weft_dataset_open(make_folder(name, rows[i].which), &train, &test), WEFT_ERROR_IO,
                 text);
        ck_assert(train == NULL && test == NULL);
    }
}
END_TEST

/* A part that nobody asks for is not read. */
START_TEST(test_part_alone)
{
    struct weft_dataset *test;
    ck_fails(weft_dataset_open(make_folder("images-of-a-test", 0x4), NULL, &test), WEFT_ERROR_IO,
             "neither t10k-labels-idx1-ubyte nor t10k-labels-idx1-ubyte.gz is there");
    ck_assert_ptr_null(test);
    ck_ok(weft_dataset_open(temporary_write("alone", "\0\0no images", 11), NULL, &test));
    ck_assert_ptr_null(test);
}
END_TEST

START_TEST(single_file_has_no_labels)
{
    struct weft_dataset *train, *test;
    ck_ok(weft_dataset_open(temporary_write("images", images, sizeof images), &train, &test));
    ck_assert(train->samples == 2 && train->classes == 0 && train->x[3] == 4.0f);
    ck_assert_ptr_null(test);
    weft_dataset_destroy(train);
    ck_fails(weft_dataset_open(temporary_write("table.csv", "a,b\n1,2\n", 8), &train, &test),
             WEFT_ERROR_DATA, "table.csv: got a table, need samples without columns");
}
END_TEST

/* ---- the real one; sums from NumPy, the three rows as the article prints them ---- */

static const unsigned char article_rows[3][28] = {
    {0,  0,  0,  0,   0,   1,  0, 0, 0, 0, 41, 188, 103, 54,
     48, 43, 87, 168, 133, 16, 0, 0, 0, 0, 0,  0,   0,   0},
    {0,   0,   0,   1,   0,   0,   0,   49,  136, 219, 216, 228, 236, 255,
     255, 255, 255, 217, 215, 254, 231, 160, 45,  0,   0,   0,   0,   0},
    {0,   0,   0,   0,   0,   14,  176, 222, 224, 212, 203, 198, 196, 200,
     215, 204, 202, 201, 201, 201, 209, 218, 224, 164, 0,   0,   0,   0}};

static void check_fashion_part(const struct weft_dataset *part, size_t samples, double sum)
{
    struct weft_dataset_info info;
    weft_dataset_get_info(part, &info);
    ck_assert_str_eq(info.name, "fashion-mnist");
    ck_assert_uint_eq(info.samples, samples);
    ck_assert_uint_eq(info.features, 784);
    ck_assert_uint_eq(info.classes, 10);
    size_t counts[10] = {0};
    double total = 0.0;
    for (size_t i = 0; i < samples; i++)
        counts[info.labels[i]]++;
    for (size_t i = 0; i < samples * 784; i++)
        total += (double)info.x[i];
    for (size_t i = 0; i < 10; i++)
        ck_assert_uint_eq(counts[i], samples / 10);
    ck_assert(total == sum);
}

START_TEST(fashion_mnist)
{
    static const char *const names[10] = {"T-shirt/top", "Trouser",   "Pullover", "Dress",
                                          "Coat",        "Sandal",    "Shirt",    "Sneaker",
                                          "Bag",         "Ankle boot"};
    static const int32_t train_labels[10] = {9, 0, 0, 3, 0, 2, 7, 2, 5, 5};
    static const int32_t test_labels[10] = {9, 2, 1, 1, 6, 1, 4, 6, 5, 7};
    empty_environment();
    struct weft_dataset *train, *test;
    ck_ok(weft_dataset_open("fashion-mnist", &train, &test));
    check_fashion_part(train, 60000, 3431114169.0);
    check_fashion_part(test, 10000, 573469082.0);
    for (size_t i = 0; i < 10; i++)
        ck_assert_str_eq(test->class_names[i], names[i]);
    ck_assert_mem_eq(train->labels, train_labels, sizeof train_labels);
    ck_assert_mem_eq(test->labels, test_labels, sizeof test_labels);
    for (size_t row = 0; row < 3; row++) /* of the second image */
        for (size_t column = 0; column < 28; column++)
            ck_assert(train->x[784 + row * 28 + column] == (float)article_rows[row][column]);
    weft_dataset_destroy(train);
    weft_dataset_destroy(test);
}
END_TEST

/* ---- which files that are ---- */

struct told {
    size_t count;
    char names[8][512];
};

static void note_file(void *user, const char *path)
{
    struct told *told = user;
    ck_assert_uint_lt(told->count, 8);
    snprintf(told->names[told->count++], sizeof told->names[0], "%s", path);
}

/* Opening `what` reads these files below the folder of the test, and no others. */
static void check_files(const char *what, const char *const *files, size_t count)
{
    struct told told = {.count = 0};
    ck_ok(weft_dataset_files(what, note_file, &told));
    ck_assert_uint_eq(told.count, count);
    for (size_t i = 0; i < count; i++) {
        struct stat one, other;
        ck_assert_int_eq(stat(told.names[i], &one), 0);
        ck_assert_int_eq(stat(temporary_path(files[i]), &other), 0);
        ck_assert(one.st_dev == other.st_dev && one.st_ino == other.st_ino);
    }
}

START_TEST(files_of_data)
{
    static const char *const all[] = {
        "listed/train-images-idx3-ubyte", "listed/train-labels-idx1-ubyte",
        "listed/t10k-images-idx3-ubyte", "listed/t10k-labels-idx1-ubyte"};
    static const char *const mixed[] = {"listed-mixed/train-images-idx3-ubyte.gz",
                                        "listed-mixed/t10k-labels-idx1-ubyte"};
    empty_environment();
    check_files(make_folder("listed", 0xf), all, 4);
    check_files("listed/", all, 4);
    make_folder("listed-mixed", 0x8);
    temporary_write("listed-mixed/train-images-idx3-ubyte.gz", images, sizeof images);
    temporary_write("listed-mixed/another", images, sizeof images);
    check_files("listed-mixed", mixed, 2); /* although it cannot be opened */
    check_files("listed/train-labels-idx1-ubyte", &all[1], 1);
    check_files("xor", NULL, 0);
    check_files("no/where", NULL, 0);
    setenv("WEFT_DATA", temporary_path("listed-root"), 1);
    temporary_subfolder("listed-root");
    ck_assert_int_eq(symlink(temporary_path("listed"), temporary_path("listed-root/fashion-mnist")),
                     0);
    check_files("fashion-mnist", all, 4);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("catalogue");
    TCase *tests = tcase_create("catalogue"), *real = tcase_create("fashion-mnist");
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_test(tests, exclusive_or);
    tcase_add_test(tests, unknown_names);
    tcase_add_test(tests, places_of_known_sets);
    tcase_add_test(tests, no_places);
    tcase_add_test(tests, damaged_known_set_is_an_error);
    tcase_add_test(tests, folder_of_four);
    tcase_add_test(tests, folder_without_test_part);
    tcase_add_test(tests, folder_lacks_files);
    tcase_add_test(tests, test_part_alone);
    tcase_add_test(tests, single_file_has_no_labels);
    tcase_add_test(tests, files_of_data);
    suite_add_tcase(suite, tests);
    tcase_add_unchecked_fixture(real, temporary_create, temporary_remove);
    tcase_add_test(real, fashion_mnist);
    suite_add_tcase(suite, real);
    return suite_main(suite);
}
