/* Tests folders of IDX files under every spelling, and the classes of training and test sets. */
#define _XOPEN_SOURCE 700
#include <stdint.h>
#include <string.h>

#include "data/classes.h"
#include "format_files.h"
#include "idx_files.h"

/* ---- names ---- */

/* Saves three images or labels under `name`, in the folder `folder`. */
static void put(const char *folder, const char *name)
{
    char path[256];
    const struct bytes images = three_images(), labels = three_labels();
    snprintf(path, sizeof path, "%s/%s", folder, name);
    save(path, strstr(name, "abels") != NULL ? &labels : &images);
}

static const char *const spellings[][4] = {
    {"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
     "t10k-labels-idx1-ubyte"},
    {"train-images.idx3-ubyte", "train-labels.idx1-ubyte", "t10k-images.idx3-ubyte",
     "t10k-labels.idx1-ubyte"},
    {"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte", "test-images-idx3-ubyte",
     "test-labels-idx1-ubyte.gz"},
    {"emnist-letters-train-images-idx3-ubyte.gz", "emnist-letters-train-labels-idx1-ubyte.gz",
     "emnist-letters-test-images-idx3-ubyte.gz", "emnist-letters-test-labels-idx1-ubyte.gz"},
    {"train_images_idx3_ubyte", "train_labels_idx1_ubyte", "Test-Images.IDX3-Ubyte",
     "test_labels.idx1_ubyte"},
};
enum { SPELLINGS = sizeof spellings / sizeof *spellings };

static void check_sets(const char *folder)
{
    struct source source;
    ck_ok(format_open(folder, NULL, &source));
    ck_assert(source.train->samples == 3 && source.test->samples == 3);
    ck_assert(source.train->classes == 3 && source.train->height == 2);
    source_reset(&source);
}

START_TEST(every_spelling)
{
    char folder[32];
    snprintf(folder, sizeof folder, "spelling-%d", _i);
    temporary_subfolder(folder);
    for (size_t i = 0; i < 4; i++)
        put(folder, spellings[_i][i]);
    put(folder, "strain-images-idx3-ubyte"); /* of other words */
    put(folder, "train-images-idx3-ubyte.bak");
    check_sets(temporary_path(folder));
}
END_TEST

/* Each file in a folder of its name, as Kaggle's archives are unpacked, and once beside it. */
START_TEST(files_in_folders_of_their_names)
{
    temporary_subfolder("kaggle");
    for (size_t i = 0; i < 4; i++) {
        char folder[64];
        snprintf(folder, sizeof folder, "kaggle/%s", spellings[0][i]);
        temporary_subfolder(folder);
        put(folder, spellings[i % 2][i]);
    }
    check_sets(temporary_path("kaggle"));
    for (size_t i = 0; i < 4; i++)
        put("kaggle", spellings[1][i]);
    check_sets(temporary_path("kaggle"));
}
END_TEST

START_TEST(several_candidates)
{
    struct source source;
    temporary_subfolder("emnist");
    put("emnist", "emnist-digits-train-images-idx3-ubyte");
    put("emnist", "emnist-letters-train-images-idx3-ubyte");
    ck_fails(format_open(temporary_path("emnist"), NULL, &source), WEFT_ERROR_DATA,
             "emnist: several files could be the images of the training set: got ");
    put("emnist", "train-images-idx3-ubyte"); /* MNIST's own name decides */
    put("emnist", "train-labels-idx1-ubyte");
    put("emnist", "train-labels-idx1-ubyte.gz");
    ck_ok(format_open(temporary_path("emnist"), NULL, &source));
    ck_assert_ptr_null(source.test);
    source_reset(&source);
}
END_TEST

struct told {
    char paths[4096];
};

static void tell(void *user, const char *path)
{
    struct told *told = user;
    strncat(told->paths, path, sizeof told->paths - strlen(told->paths) - 2);
    strcat(told->paths, "\n");
}

START_TEST(files_of_every_spelling_are_told)
{
    struct told told = {""};
    temporary_subfolder("told");
    temporary_subfolder("told/train-images-idx3-ubyte");
    put("told/train-images-idx3-ubyte", "train-images-idx3-ubyte");
    put("told", "letters-test-labels.idx1-ubyte.gz");
    ck_ok(weft_dataset_files(temporary_path("told"), tell, &told));
    ck_assert_ptr_nonnull(
        strstr(told.paths, "told/train-images-idx3-ubyte/train-images-idx3-ubyte\n"));
    ck_assert_ptr_nonnull(strstr(told.paths, "told/letters-test-labels.idx1-ubyte.gz\n"));
}
END_TEST

/* ---- classes ---- */

/* Writes images of one pixel and labels of one byte, and returns the path of the labels. */
static const char *pixels_and_labels(const char *name, const unsigned char *labels, size_t count,
                                     const char **images)
{
    char path[64];
    struct bytes pixels = header(0x08, (const uint32_t[]){(uint32_t)count, 1, 0});
    struct bytes bytes = header(0x08, (const uint32_t[]){(uint32_t)count, 0});
    for (size_t i = 0; i < count; i++)
        add(&pixels, &(const unsigned char){(unsigned char)i}, 1);
    add(&bytes, labels, count);
    snprintf(path, sizeof path, "%s-x", name);
    *images = save(path, &pixels);
    return save(name, &bytes);
}

START_TEST(labels_with_gaps)
{
    struct weft_data_options options = format_options();
    struct source source;
    const char *images;
    const char *labels =
        pixels_and_labels("gaps", (const unsigned char[]){26, 1, 200, 1}, 4, &images);
    ck_ok(format_open_pair(images, labels, &options, &source));
    ck_assert_uint_eq(source.train->classes, 3);
    ck_assert_str_eq(source.train->class_names[0], "1");
    ck_assert_str_eq(source.train->class_names[1], "26");
    ck_assert_str_eq(source.train->class_names[2], "200");
    ck_assert_mem_eq(source.train->labels, ((const int32_t[]){1, 0, 2, 0}), 16);
    ck_assert_ptr_nonnull(strstr(format_notes, "gaps: 198 of 201 classes have no sample and are "
                                               "left out; the classes are 1 to 200"));
    source_reset(&source);
}
END_TEST

/* Without a gap nothing is said. */
START_TEST(labels_without_gaps)
{
    struct weft_data_options options = format_options();
    struct source source;
    const char *images;
    const char *labels = pixels_and_labels("whole", (const unsigned char[]){2, 0, 1}, 3, &images);
    ck_ok(format_open_pair(images, labels, &options, &source));
    ck_assert_uint_eq(source.train->classes, 3);
    ck_assert_str_eq(format_notes, "");
    source_reset(&source);
}
END_TEST

/* Labels that do not train anything keep their numbers, which the model's classes are mapped to. */
/* Opens samples with `classes` labels, each of which `each` samples have. */
static void open_labels(size_t classes, size_t each, struct weft_data_options *options)
{
    unsigned char labels[250];
    struct source source;
    const char *images;
    for (size_t i = 0; i < classes * each; i++)
        labels[i] = (unsigned char)(i % classes);
    format_notes[0] = '\0';
    const char *path = pixels_and_labels("ages", labels, classes * each, &images);
    ck_ok(format_open_pair(images, path, options, &source));
    source_reset(&source);
}

START_TEST(labels_that_look_like_quantities)
{
    struct weft_data_options options = format_options();
    open_labels(50, 4, &options);
    ck_assert_ptr_nonnull(strstr(format_notes, "ages: got 50 different labels in 200 samples; if "
                                               "they are quantities, use --task regress"));
    open_labels(50, 5, &options);
    ck_assert_str_eq(format_notes, "");
    open_labels(20, 1, &options);
    ck_assert_str_eq(format_notes, "");
    options.task_given = true; /* as the user says */
    open_labels(50, 4, &options);
    ck_assert_str_eq(format_notes, "");
}
END_TEST

START_TEST(labels_of_a_test_set)
{
    const char *images;
    const char *labels = pixels_and_labels("later", (const unsigned char[]){2, 0}, 2, &images);
    const struct source_request request = {.what = images, .labels = labels, .train = true};
    struct source source;
    ck_ok(source_open(&request, &source));
    ck_assert_uint_eq(source.train->classes, 3);
    ck_assert_int_eq(source.train->labels[0], 2);
    source_reset(&source);
}
END_TEST

START_TEST(integers_as_targets)
{
    struct weft_data_options options = format_options();
    struct source source;
    const char *images;
    const char *labels = pixels_and_labels("ages", (const unsigned char[]){42, 7, 99}, 3, &images);
    options.task_given = true;
    options.task = WEFT_TASK_REGRESS;
    ck_ok(format_open_pair(images, labels, &options, &source));
    ck_assert_ptr_null(source.train->labels);
    ck_assert_mem_eq(source.train->targets, ((const float[]){42, 7, 99}), 12);
    source_reset(&source);
    struct bytes pay = header(0x0c, (const uint32_t[]){3, 0}); /* beyond any label */
    add(&pay, "\0\1\147\140\377\377\377\377\0\0\0\1", 12);
    ck_ok(format_open_pair(images, save("pay", &pay), &options, &source));
    ck_assert_mem_eq(source.train->targets, ((const float[]){92000, -1, 1}), 12);
    source_reset(&source);
    options.labels = labels; /* as programs name the second file */
    ck_ok(format_open(images, &options, &source));
    ck_assert_mem_eq(source.train->targets, ((const float[]){42, 7, 99}), 12);
    source_reset(&source);
}
END_TEST

static struct weft_dataset *make(const int32_t *labels, const char *const *names)
{
    static const float x[] = {1, 2, 3, 4, 5, 6};
    struct weft_dataset *dataset;
    ck_ok(dataset_allocate("made", 3, 2, true, &dataset));
    memcpy(dataset->x, x, sizeof x);
    memcpy(dataset->labels, labels, 3 * sizeof *labels);
    ck_ok(dataset_finish(dataset, 3, names));
    ck_ok(NEW_ARRAY(dataset->weights, 3));
    for (size_t i = 0; i < 3; i++)
        dataset->weights[i] = (float)(10 * i);
    return dataset;
}

static void destroy(struct weft_dataset *dataset)
{
    memory_free(dataset->weights);
    dataset->weights = NULL;
    weft_dataset_destroy(dataset);
}

START_TEST(classes_in_another_order)
{
    static const char *const names[] = {"bird", "cat", "dog"}, *const order[] = {"dog", "bird",
                                                                                 "cat"};
    struct weft_dataset *dataset = make((const int32_t[]){0, 1, 2}, names);
    format_notes[0] = '\0';
    ck_ok(classes_map(dataset, order, 3, (struct notes){format_note, NULL}));
    ck_assert_mem_eq(dataset->labels, ((const int32_t[]){1, 2, 0}), 12);
    ck_assert_str_eq(dataset->class_names[0], "dog");
    ck_assert(dataset->unseen == 0 && format_notes[0] == '\0');
    destroy(dataset);
}
END_TEST

START_TEST(classes_that_training_never_saw)
{
    static const char *const names[] = {"bird", "cat", "dog"};
    static const char *const others[] = {"dog", "cat"}, *const none[] = {"x", "y"};
    struct weft_dataset *dataset = make((const int32_t[]){1, 0, 2}, names);
    format_notes[0] = '\0';
    ck_ok(classes_map(dataset, others, 2, (struct notes){format_note, NULL}));
    ck_assert(dataset->samples == 2 && dataset->unseen == 1 && dataset->classes == 2);
    ck_assert_mem_eq(dataset->labels, ((const int32_t[]){1, 0}), 8);
    ck_assert_mem_eq(dataset->x, ((const float[]){1, 2, 5, 6}), 16);
    ck_assert(dataset->weights[1] == 20.0f);
    ck_assert_ptr_nonnull(strstr(format_notes, "1 of 3 samples belong to classes that training "
                                               "never saw, such as \"bird\""));
    ck_fails(classes_map(dataset, none, 2, (struct notes){.function = NULL}), WEFT_ERROR_DATA,
             "no sample belongs to a class of the training set: got \"cat\"");
    ck_assert_uint_eq(dataset->samples, 2);
    destroy(dataset);
}
END_TEST

START_TEST(too_many_classes)
{
    enum { MANY = DATASET_MOST_CLASSES + 1 };
    struct weft_dataset *dataset;
    double *numbers = calloc(MANY, sizeof *numbers);
    for (size_t i = 0; i < MANY; i++)
        numbers[i] = (double)(MANY - i);
    ck_ok(dataset_allocate("many", MANY, 1, true, &dataset));
    ck_fails(classes_finish_numbers(dataset, numbers), WEFT_ERROR_DATA,
             "got more than 65536 distinct labels; if they are quantities, use --task regress");
    free(numbers);
    weft_dataset_destroy(dataset);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("source");
    TCase *names = tcase_create("names"), *classes = tcase_create("classes");
    tcase_add_unchecked_fixture(names, temporary_create, temporary_remove);
    tcase_add_unchecked_fixture(classes, temporary_create, temporary_remove);
    tcase_add_loop_test(names, every_spelling, 0, SPELLINGS);
    tcase_add_test(names, files_in_folders_of_their_names);
    tcase_add_test(names, several_candidates);
    tcase_add_test(names, files_of_every_spelling_are_told);
    tcase_add_test(classes, labels_with_gaps);
    tcase_add_test(classes, labels_without_gaps);
    tcase_add_test(classes, labels_that_look_like_quantities);
    tcase_add_test(classes, labels_of_a_test_set);
    tcase_add_test(classes, integers_as_targets);
    tcase_add_test(classes, classes_in_another_order);
    tcase_add_test(classes, classes_that_training_never_saw);
    tcase_add_test(classes, too_many_classes);
    suite_add_tcase(suite, names);
    suite_add_tcase(suite, classes);
    return suite_main(suite);
}
