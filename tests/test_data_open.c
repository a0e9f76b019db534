/* Tests weft_data_open and its relatives: data become the sets of a training, and the samples that
 * a model needs. */
#define _XOPEN_SOURCE 700

#include "people.h"

/* Writes a file of rows "a,b,c,y": b has a gap in every fifth row, and class 2 has two rows. */
enum { ROWS = 100 };

static const char *rows_file(void)
{
    char text[4096];
    size_t used = (size_t)snprintf(text, sizeof text, "a,b,c,y\n");
    for (int i = 0; i < ROWS; i++) {
        char b[16] = "";
        if (i % 5 != 0)
            snprintf(b, sizeof b, "%d.5", i * 7 % 31);
        used += (size_t)snprintf(text + used, sizeof text - used, "%d,%s,%s,%s\n", i, b,
                                 i % 3 == 0 ? "red" : "blue",
                                 i >= 98      ? "rare"
                                 : i % 4 == 0 ? "no"
                                              : "yes");
    }
    return temporary_write("rows.csv", text, used);
}

/* ---- sets ---- */

START_TEST(a_holdout_is_stratified_and_teaches_nothing)
{
    struct weft_data_options options = data_options();
    struct weft_data_sets sets;
    options.holdout = 0.2;
    options.seed = 5;
    ck_ok(weft_data_open(rows_file(), NULL, &options, &sets));
    ck_assert_uint_eq(sets.train->samples, 80);
    ck_assert_uint_eq(sets.validation->samples, 20);
    ck_assert_ptr_null(sets.test);
    size_t counts[3] = {0, 0, 0};
    for (size_t i = 0; i < 20; i++)
        counts[sets.validation->labels[i]]++;
    ck_assert_uint_eq(counts[0], 5);  /* "no": 25 of 100 */
    ck_assert_uint_eq(counts[1], 1);  /* "rare": 2 of 100 */
    ck_assert_uint_eq(counts[2], 14); /* "yes" */
    /* The fill value is the mean of the training rows that have one; column a names the row. */
    const struct schema *schema = sets.train->schema;
    double sum = 0.0, count = 0.0;
    for (size_t i = 0; i < sets.train->samples; i++) {
        const int row = (int)sets.train->x[i * sets.train->features + feature_of(schema, "a")];
        sum += row % 5 != 0 ? row * 7 % 31 + 0.5 : 0.0;
        count += row % 5 != 0;
    }
    ck_assert(fabs(schema->columns[1].fill - sum / count) < 1e-12);
    ck_assert_ptr_eq(sets.validation->schema, sets.train->schema);
    weft_data_sets_reset(&sets);
    options.no_stratify = true;
    options.target = "a";
    ck_ok(weft_data_open(rows_file(), NULL, &options, &sets));
    ck_assert_uint_eq(sets.validation->samples, 20);
    ck_assert_ptr_nonnull(sets.validation->targets);
    weft_data_sets_reset(&sets);
}
END_TEST

START_TEST(a_test_file_is_read_as_the_training_file)
{
    static const char text[] =
        "y,c,b,a\nrare,red,1,7\nno,green,,8\nperhaps,red,1,9\nyes,blue,2,4\n";
    static const int32_t labels[] = {1, 0, 2};
    struct weft_data_options options = data_options();
    struct weft_data_sets sets;
    const char *test = temporary_write("test.csv", text, strlen(text));
    ck_ok(weft_data_open(rows_file(), test, &options, &sets));
    ck_assert_uint_eq(sets.test->samples, 3);
    ck_assert_uint_eq(sets.test->unseen, 1);
    ck_assert_mem_eq(sets.test->labels, labels, sizeof labels);
    ck_assert_ptr_eq(sets.test->schema, sets.train->schema);
    const size_t features = sets.test->features;
    const struct schema *schema = sets.test->schema;
    ck_assert(sets.test->x[features + feature_of(schema, "b is missing")] == 1.0f);
    ck_assert(sets.test->x[features + feature_of(schema, "c=red")] == 0.0f);
    ck_assert(sets.test->x[2 * features + feature_of(schema, "a")] == 4.0f);
    assert_note("column \"c\": 1 of 4 rows");
    assert_note("column \"y\": 1 of 4 rows");
    weft_data_sets_reset(&sets);
}
END_TEST

/* Of twice as many rows, half have a class that training never saw. */
START_TEST(unseen_classes_count_as_wrong_in_a_training)
{
    struct weft_data_options data = data_options();
    struct weft_data_sets sets;
    struct weft_options options = small_options();
    struct weft_device *device;
    struct weft_model *model;
    struct weft_training training;
    char text[2 * sizeof people];
    size_t used = (size_t)snprintf(text, sizeof text, "%s", people);
    for (int i = 0; i < 8; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "40,Rome,1.7,true,zoo\n");
    options.epochs = 2;
    ck_ok(weft_data_open(people_file(), temporary_write("test.csv", text, used), &data, &sets));
    ck_ok(weft_device_create("cpu", NULL, NULL, &device));
    ck_ok(weft_model_create(&options, sets.train, &model));
    ck_ok(weft_train(device, model, &options, sets.train, NULL, sets.test, NULL, &training));
    ck_assert(training.train.accuracy > 0.0);
    ck_assert(training.test.accuracy == training.train.accuracy / 2);
    weft_model_destroy(model);
    weft_device_destroy(device);
    weft_data_sets_reset(&sets);
}
END_TEST

START_TEST(tables_in_memory)
{
    static const double age[] = {1, 2, 3, 4};
    static const char *const city[] = {"Rome", "Oslo", "Rome", NULL}, *const y[] = {"b", "a", "b",
                                                                                    "a"};
    struct weft_data_options options = data_options();
    struct weft_data_sets sets;
    struct weft_dataset *dataset;
    struct weft_table *table;
    struct weft_model *model;
    const struct weft_options network = small_options();
    ck_ok(weft_table_create(4, &table));
    ck_ok(weft_table_add_numbers(table, "age", age));
    ck_ok(weft_table_add_texts(table, "city", city));
    ck_ok(weft_table_add_texts(table, "y", y));
    ck_ok(weft_table_split(table, &options, &sets));
    ck_assert_uint_eq(sets.train->features, 4);
    ck_ok(weft_model_create(&network, sets.train, &model));
    ck_ok(weft_table_for(model, table, true, &options, &dataset));
    ck_assert_mem_eq(dataset->x, sets.train->x, 16 * sizeof(float));
    weft_dataset_destroy(dataset);
    weft_model_destroy(model);
    weft_data_sets_reset(&sets);
    weft_table_destroy(table);
}
END_TEST

START_TEST(bad_calls_are_refused)
{
    struct weft_data_options options = data_options();
    struct weft_data_sets sets;
    options.target = NULL;
    ck_fails(weft_data_open(people_file(), NULL, &options, &sets), WEFT_ERROR_USAGE, "target: ");
    ck_assert_str_eq(weft_error_option(), "target");
    ck_assert_ptr_null(sets.train);
    options.target = "Y";
    ck_fails(weft_data_open(people_file(), NULL, &options, &sets), WEFT_ERROR_USAGE, "y");
    options = data_options();
    options.size = 0;
    ck_fails(weft_data_open(people_file(), NULL, &options, &sets), WEFT_ERROR_USAGE,
             "weft_data_options_init");
    options = data_options();
    options.size = sizeof options + 8;
    ck_fails(weft_data_open(people_file(), NULL, &options, &sets), WEFT_ERROR_USAGE, "bytes");
    options = data_options();
    options.holdout = (double)NAN;
    ck_fails(weft_data_open(people_file(), NULL, &options, &sets), WEFT_ERROR_USAGE, "holdout");
    options.holdout = 1.0;
    ck_fails(weft_data_open(people_file(), NULL, &options, &sets), WEFT_ERROR_USAGE, "holdout");
    options = data_options();
    options.impute = (enum weft_impute)7;
    ck_fails(weft_data_open(people_file(), NULL, &options, &sets), WEFT_ERROR_USAGE, "impute");
    ck_fails(weft_data_open("no-such-data", NULL, NULL, &sets), WEFT_ERROR_IO, "no-such-data");
}
END_TEST

/* A program built with an older weft.h knows fewer members. */
START_TEST(shorter_options_of_an_older_program)
{
    struct weft_data_options options = data_options();
    struct weft_data_sets sets;
    options.holdout = 0.9;
    options.size = offsetof(struct weft_data_options, holdout);
    ck_ok(weft_data_open(people_file(), NULL, &options, &sets));
    ck_assert_ptr_null(sets.validation);
    weft_data_sets_reset(&sets);
}
END_TEST

/* ---- models ---- */

START_TEST(a_model_reads_columns_in_any_order)
{
    static const char text[] = "member,y,extra,height,city,age\n"
                               "true,a,1,1.75,Rome,34\n"
                               "false,b,2,1.62,Oslo,\n";
    struct weft_data_options options = data_options();
    struct weft_data_sets sets;
    struct weft_dataset *dataset;
    struct weft_model *model = people_model(&sets);
    const char *path = temporary_write("other.csv", text, strlen(text));
    ck_ok(weft_data_open_for(model, path, true, true, &options, &dataset));
    ck_assert_mem_eq(dataset->x, sets.train->x, 2 * dataset->features * sizeof(float));
    ck_assert_mem_eq(dataset->labels, sets.train->labels, 2 * sizeof(int32_t));
    ck_ok(weft_model_accepts(model, dataset, true));
    assert_note("does not use the column \"extra\"");
    weft_dataset_destroy(dataset);
    ck_fails(weft_data_open_for(model, rows_file(), true, false, NULL, &dataset), WEFT_ERROR_DATA,
             "missing that the model needs: \"age\", \"city\", \"height\", \"member\"");
    weft_model_destroy(model);
    weft_data_sets_reset(&sets);
}
END_TEST

START_TEST(training_goes_on_with_the_columns_of_the_model)
{
    static const char text[] = "age,city,height,member,y\n20,Rome,1.6,true,a\n70,Bonn,1.9,false,b\n"
                               "30,Oslo,,false,a\n,Rome,1.7,true,b\n";
    struct weft_options network = small_options();
    struct weft_data_options options = data_options();
    struct weft_data_sets sets, fresh, alike;
    struct weft_model *model = people_model(&sets), *again;
    const char *path = temporary_path("first.safetensors"),
               *more = temporary_write("more.csv", text, strlen(text));
    ck_ok(weft_model_write(model, path));
    ck_ok(weft_data_open(more, NULL, &options, &fresh));
    options.model = model;
    ck_ok(weft_data_open(more, NULL, &options, &alike));
    ck_assert(schema_equal(alike.train->schema, model->schema));
    ck_ok(weft_model_create_from(path, &network, true, alike.train, &again));
    weft_model_destroy(again);
    const enum weft_status status =
        weft_model_create_from(path, &network, true, fresh.train, &again);
    ck_assert_int_eq(status, WEFT_ERROR_MODEL);
    weft_data_sets_reset(&alike);
    weft_data_sets_reset(&fresh);
    weft_model_destroy(model);
    weft_data_sets_reset(&sets);
}
END_TEST

/* ---- models without a schema, and data without columns ---- */

START_TEST(a_model_without_columns_reads_rows_of_numbers)
{
    static const char text[] = "0,1\n1,1\n", labeled[] = "1,0,1\n0,1,1\n", words[] = "0,x\n";
    const struct weft_options network = small_options();
    struct weft_data_options options = data_options();
    struct weft_dataset * xor, *dataset;
    struct weft_model *model;
    options.target = NULL;
    options.no_header = true;
    ck_ok(weft_dataset_open("xor", &xor, NULL));
    ck_ok(weft_model_create(&network, xor, &model));
    const char *path = temporary_write("two.csv", text, strlen(text));
    ck_ok(weft_data_open_for(model, path, true, false, &options, &dataset));
    ck_assert_uint_eq(dataset->samples, 2);
    ck_assert(dataset->x[0] == 0.0f && dataset->x[1] == 1.0f && dataset->x[3] == 1.0f);
    weft_dataset_destroy(dataset);
    path = temporary_write("three.csv", labeled, strlen(labeled));
    ck_fails(weft_data_open_for(model, path, true, true, &options, &dataset), WEFT_ERROR_DATA,
             "got 3 columns of features, the model needs 2");
    options.target = "1";
    ck_ok(weft_data_open_for(model, path, true, true, &options, &dataset));
    ck_assert_int_eq(dataset->labels[0], 1);
    ck_assert(dataset->x[0] == 0.0f && dataset->x[1] == 1.0f);
    weft_dataset_destroy(dataset);
    options.target = NULL;
    path = temporary_write("words.csv", words, strlen(words));
    ck_fails(weft_data_open_for(model, path, true, false, &options, &dataset), WEFT_ERROR_DATA,
             "words.csv:1: column \"2\": got \"x\", need a number");
    weft_model_destroy(model);
    weft_dataset_destroy(xor);
}
END_TEST

/* Ages in days instead of years. */
START_TEST(features_far_from_the_training_set_are_told)
{
    static const char text[] = "age,city,height,member\n12410,Rome,1.75,true\n36,Oslo,1.7,true\n"
                               "40,Oslo,1.7,true\n40,Bonn,1.7,false\n";
    struct weft_data_options options = data_options();
    struct weft_data_sets sets;
    struct weft_dataset *dataset;
    struct weft_model *model = people_model(&sets);
    options = data_options();
    ck_ok(weft_data_open_for(model, people_file(), true, false, &options, &dataset));
    assert_no_note("standard deviations");
    weft_dataset_destroy(dataset);
    ck_ok(weft_data_open_for(model, temporary_write("days.csv", text, strlen(text)), true, false,
                             &options, &dataset));
    assert_note("days.csv: feature \"age\" is over 20 standard deviations from the training mean");
    assert_note("in 1 of 4 samples");
    weft_dataset_destroy(dataset);
    weft_model_destroy(model);
    weft_data_sets_reset(&sets);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("data_open");
    TCase *tests = tcase_create("data");
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_test(tests, a_holdout_is_stratified_and_teaches_nothing);
    tcase_add_test(tests, a_test_file_is_read_as_the_training_file);
    tcase_add_test(tests, unseen_classes_count_as_wrong_in_a_training);
    tcase_add_test(tests, tables_in_memory);
    tcase_add_test(tests, bad_calls_are_refused);
    tcase_add_test(tests, shorter_options_of_an_older_program);
    tcase_add_test(tests, a_model_reads_columns_in_any_order);
    tcase_add_test(tests, training_goes_on_with_the_columns_of_the_model);
    tcase_add_test(tests, a_model_without_columns_reads_rows_of_numbers);
    tcase_add_test(tests, features_far_from_the_training_set_are_told);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
