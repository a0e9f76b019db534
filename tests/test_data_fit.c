/* Tests how data fit: options to data, names of classes to those of a model, texts to samples. */
#define _XOPEN_SOURCE 700

#include "people.h"

/* The kept texts follow their samples: the row of an unknown class is left out. */
START_TEST(kept_texts_follow_the_samples)
{
    static const char text[] = "code,y,age,member,city,height\n007,a,1,true,Rome,1.50\n"
                               "008,zoo,2,true,Oslo,2\n,b,3,true,,1.5\n";
    struct weft_data_options options = data_options();
    struct weft_data_sets sets;
    struct weft_model *model = people_model(&sets);
    struct weft_dataset *dataset;
    const char *path = temporary_write("kept.csv", text, strlen(text));
    options.keep = "height,code,city";
    ck_ok(weft_data_open_for(model, path, true, true, &options, &dataset));
    ck_assert_uint_eq(dataset->samples, 2);
    ck_assert_str_eq(weft_dataset_column(dataset, 0), "height");
    ck_assert_str_eq(weft_dataset_column(dataset, 2), "city");
    ck_assert_ptr_null(weft_dataset_column(dataset, 3));
    ck_assert_str_eq(weft_dataset_text(dataset, 0, 0), "1.50");
    ck_assert_str_eq(weft_dataset_text(dataset, 0, 1), "1.5");
    ck_assert_str_eq(weft_dataset_text(dataset, 1, 0), "007");
    ck_assert_ptr_null(weft_dataset_text(dataset, 1, 1));
    ck_assert_ptr_null(weft_dataset_text(dataset, 2, 1));
    ck_assert_ptr_null(weft_dataset_text(dataset, 0, 2));
    ck_assert_ptr_null(weft_dataset_text(dataset, 3, 0));
    ck_assert_ptr_null(weft_dataset_text(sets.train, 0, 0));
    ck_assert_ptr_null(weft_dataset_column(sets.train, 0));
    weft_dataset_destroy(dataset);
    options.keep = "height,color";
    ck_fails(weft_data_open_for(model, path, true, true, &options, &dataset), WEFT_ERROR_USAGE,
             "keep color");
    weft_data_sets_reset(&sets);
    weft_model_destroy(model);
}
END_TEST

/* Numbers of tables in memory become texts. */
START_TEST(kept_numbers_of_tables_in_memory)
{
    static const double x[] = {0.5, (double)NAN, 3e300, 7};
    static const char *const y[] = {"b", "a", "b", "a"};
    struct weft_data_options options = data_options();
    struct weft_data_sets sets;
    struct weft_dataset *dataset;
    struct weft_table *table;
    struct weft_model *model;
    const struct weft_options network = small_options();
    ck_ok(weft_table_create(4, &table));
    ck_ok(weft_table_add_numbers(table, "x", x));
    ck_ok(weft_table_add_numbers(table, "z", x));
    ck_ok(weft_table_add_texts(table, "y", y));
    options.ignore = "x";
    options.categorical = "z";
    ck_ok(weft_table_split(table, &options, &sets));
    ck_ok(weft_model_create(&network, sets.train, &model));
    options.keep = "y,x";
    ck_ok(weft_table_for(model, table, true, &options, &dataset));
    ck_assert_str_eq(weft_dataset_text(dataset, 0, 1), "a");
    ck_assert_str_eq(weft_dataset_text(dataset, 1, 0), "0.5");
    ck_assert_ptr_null(weft_dataset_text(dataset, 1, 1));
    ck_assert_str_eq(weft_dataset_text(dataset, 1, 2), "3e+300");
    weft_dataset_destroy(dataset);
    weft_model_destroy(model);
    weft_data_sets_reset(&sets);
    weft_table_destroy(table);
}
END_TEST

/* What data cannot have is an error, rather than left out. */
START_TEST(options_that_do_not_fit_the_data)
{
    static const char images[] = WEFT_SOURCE_DIR "/data/fashion-sample";
    struct weft_data_options options = data_options();
    struct weft_data_description *description;
    struct weft_data_sets sets;
    struct weft_dataset *dataset;
    struct weft_model *model = people_model(&sets);
    weft_data_sets_reset(&sets);
    ck_fails(weft_data_open(images, NULL, &options, &sets), WEFT_ERROR_USAGE,
             "target y: needs a table; " WEFT_SOURCE_DIR "/data/fashion-sample has no columns");
    ck_assert_str_eq(weft_error_option(), "target");
    ck_fails(weft_data_describe(images, &options, &description), WEFT_ERROR_USAGE, "target y");
    options.target = NULL;
    options.keep = "x";
    ck_fails(weft_data_open_for(model, "xor", false, false, &options, &dataset), WEFT_ERROR_USAGE,
             "keep x: needs a table; xor has no columns");
    options.keep = NULL;
    options.no_header = true;
    ck_fails(weft_data_open("xor", NULL, &options, &sets), WEFT_ERROR_USAGE,
             "no-header: needs a table of text; xor is none");
    options.no_header = false;
    options.delimiter = ';';
    ck_fails(weft_data_open("xor", NULL, &options, &sets), WEFT_ERROR_USAGE, "delimiter ;: needs");
    options = data_options();
    options.image_width = options.image_height = 28;
    ck_fails(weft_data_open(people_file(), NULL, &options, &sets), WEFT_ERROR_USAGE,
             "image-size: needs images; ");
    options.image_width = options.image_height = 0;
    options.grayscale = true;
    ck_fails(weft_data_open(people_file(), NULL, &options, &sets), WEFT_ERROR_USAGE, "grayscale: ");
    weft_model_destroy(model);
}
END_TEST

/* The labels of --labels belong to the training set alone. */
START_TEST(a_test_set_has_labels_of_its_own)
{
    static const char x[] = "\0\0\x08\x02\0\0\0\2\0\0\0\2\1\2\3\4",
                      y[] = "\0\0\x08\x01\0\0\0\2\0\1", test[] = "1 1:1 2:2\n0 1:3 2:4\n";
    struct weft_data_options options = data_options();
    struct weft_data_sets sets;
    const char *labels = temporary_write("y.idx", y, sizeof y - 1);
    options.target = NULL;
    options.labels = labels;
    const char *path = temporary_write("x.idx", x, sizeof x - 1);
    ck_ok(weft_data_open(path, temporary_write("t.svm", test, strlen(test)), &options, &sets));
    ck_assert_int_eq(sets.train->labels[0], 0);
    ck_assert_int_eq(sets.test->labels[0], 1);
    ck_assert_mem_eq(sets.test->x, sets.train->x, 4 * sizeof(float));
    weft_data_sets_reset(&sets);
}
END_TEST

/* Classes 0, 2 and 3 are not the first three classes of a model that has 0 to 3. */
START_TEST(numbers_as_names_are_names)
{
    static const char test[] = "3 1:2.5 2:4\n2 1:1 2:1\n0 1:0 2:1\n";
    static const char *const gaps[] = {"0", "2", "3"}, *const words[] = {"a", "b", "c"};
    static const float x[] = {1, 2, 3, 4, 1, 2, 3, 4};
    static const int32_t labels[] = {0, 1, 2, 3}, expected[] = {3, 2, 0};
    const struct weft_options network = small_options();
    struct weft_data_options options = data_options();
    struct weft_dataset *train, *three, *file;
    struct weft_model *model;
    ck_ok(weft_dataset_create(4, 2, 4, x, labels, &train));
    ck_ok(weft_model_create(&network, train, &model));
    ck_ok(weft_dataset_create(3, 2, 3, x, labels, &three));
    ck_ok(weft_dataset_set_class_names(three, gaps));
    ck_fails(weft_model_accepts(model, three, true), WEFT_ERROR_DATA,
             "class 1 is \"2\", for the model it is \"1\"");
    ck_ok(weft_dataset_set_class_names(three, words)); /* the model's classes have no names */
    ck_ok(weft_model_accepts(model, three, true));
    options.target = NULL;
    options.task_given = true;
    ck_ok(weft_data_open_for(model, temporary_write("gaps.svm", test, strlen(test)), true, true,
                             &options, &file));
    ck_assert_mem_eq(file->labels, expected, sizeof expected);
    weft_dataset_destroy(file);
    weft_dataset_destroy(three);
    weft_dataset_destroy(train);
    weft_model_destroy(model);
}
END_TEST

START_TEST(classes_in_another_order_are_not_scored)
{
    static const char *const names[] = {"cat", "dog"}, *const turned[] = {"dog", "cat"},
                             *const doubled[] = {"dog", "dog"}, *const numbers[] = {"2", "1"};
    static const float x[] = {1, 2, 3, 4};
    static const int32_t labels[] = {0, 1, 0, 1};
    const struct weft_options network = small_options();
    struct weft_dataset *train, *test;
    struct weft_model *model;
    ck_ok(weft_dataset_create(4, 1, 2, x, labels, &train));
    ck_ok(weft_dataset_create(4, 1, 2, x, labels, &test));
    ck_ok(weft_dataset_set_class_names(train, names));
    ck_ok(weft_model_create(&network, train, &model));
    ck_ok(weft_model_accepts(model, test, true)); /* nobody named its classes */
    ck_ok(weft_dataset_set_class_names(test, turned));
    ck_fails(weft_model_accepts(model, test, true), WEFT_ERROR_DATA,
             "class 0 is \"dog\", for the model it is \"cat\"");
    ck_ok(weft_dataset_set_class_names(test, numbers));
    ck_fails(weft_model_accepts(model, test, true), WEFT_ERROR_DATA,
             "class 0 is \"2\", for the model it is \"cat\"");
    ck_ok(weft_dataset_set_class_names(test, turned));
    ck_fails(weft_dataset_set_class_names(test, doubled), WEFT_ERROR_USAGE,
             "0 and 1 are both \"dog\"");
    ck_assert_str_eq(test->class_names[1], "cat");
    weft_model_destroy(model);
    weft_dataset_destroy(train);
    weft_dataset_destroy(test);
}
END_TEST

START_TEST(classes_of_files_are_matched_by_name)
{
    static const char train[] = "1 1:0.5 2:1\n2 1:1.5 2:2\n3 1:2.5 2:4\n",
                      test[] = "3 1:2.5 2:4\n2 1:1 2:1\n";
    static const int32_t labels[] = {2, 1};
    const struct weft_options network = small_options();
    struct weft_data_options options = data_options();
    struct weft_data_sets sets;
    struct weft_dataset *dataset;
    struct weft_model *model;
    options.target = NULL;
    options.task_given = true;
    ck_ok(weft_data_open(temporary_write("a.svm", train, strlen(train)), NULL, &options, &sets));
    ck_ok(weft_model_create(&network, sets.train, &model));
    const char *path = temporary_write("b.svm", test, strlen(test));
    ck_ok(weft_data_open_for(model, path, true, true, &options, &dataset));
    ck_assert_mem_eq(dataset->labels, labels, sizeof labels);
    weft_dataset_destroy(dataset);
    weft_model_destroy(model);
    weft_data_sets_reset(&sets);
}
END_TEST

START_TEST(other_data_stay_as_they_are)
{
    struct weft_data_options options = data_options();
    struct weft_data_sets sets;
    struct weft_dataset *train, *test;
    options.target = NULL;
    options.holdout = 0.25;
    ck_ok(weft_data_open(WEFT_SOURCE_DIR "/data/fashion-sample", NULL, &options, &sets));
    ck_ok(weft_dataset_open(WEFT_SOURCE_DIR "/data/fashion-sample", &train, &test));
    ck_assert_uint_eq(sets.train->samples + sets.validation->samples, train->samples);
    ck_assert_uint_eq(sets.test->samples, test->samples);
    ck_assert_mem_eq(sets.test->x, test->x, test->samples * test->features * sizeof *test->x);
    weft_dataset_destroy(train);
    weft_dataset_destroy(test);
    weft_data_sets_reset(&sets);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("data_fit");
    TCase *tests = tcase_create("data");
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_test(tests, kept_texts_follow_the_samples);
    tcase_add_test(tests, kept_numbers_of_tables_in_memory);
    tcase_add_test(tests, options_that_do_not_fit_the_data);
    tcase_add_test(tests, a_test_set_has_labels_of_its_own);
    tcase_add_test(tests, numbers_as_names_are_names);
    tcase_add_test(tests, classes_in_another_order_are_not_scored);
    tcase_add_test(tests, classes_of_files_are_matched_by_name);
    tcase_add_test(tests, other_data_stay_as_they_are);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
