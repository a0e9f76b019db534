/* Tests schemas that are applied to other tables. */
#define _XOPEN_SOURCE 700

#include "tables.h"

static const struct schema_options predict_y = {.target = "y"};

/* ---- columns with names ---- */

/* Applies what `people` teach to another table. */
static struct weft_dataset *applied(const char *text, bool targets)
{
    struct weft_table *table = table_of(people);
    struct schema *schema = schema_of(table, &predict_y);
    struct weft_table *other = table_of(text);
    struct weft_dataset *dataset = dataset_by(schema, other, targets);
    schema_release(schema);
    weft_table_destroy(other);
    weft_table_destroy(table);
    return dataset;
}

static void not_applied(const char *text, struct schema_request request, const char *message)
{
    struct weft_table *table = table_of(people);
    struct schema *schema = schema_of(table, &predict_y);
    struct weft_table *other = table_of(text);
    struct weft_dataset *dataset;
    ck_fails(schema_apply_once(schema, other, &request, keep_notes, &dataset), WEFT_ERROR_DATA,
             message);
    schema_release(schema);
    weft_table_destroy(other);
    weft_table_destroy(table);
}

START_TEST(columns_come_in_any_order)
{
    static const double age[] = {20, 43.5}, height[] = {1.7385714285714287, 2}, oslo[] = {1, 0},
                        yes[] = {0, 1};
    struct weft_dataset *dataset =
        applied("member,height,extra,age,city\nfalse,,5,20,Oslo\ntrue,2,6,,Rome\n", false);
    check_feature(dataset, "age", age);
    check_feature(dataset, "height", height);
    check_feature(dataset, "city=Oslo", oslo);
    check_feature(dataset, "member=true", yes);
    ck_assert_ptr_null(dataset->labels);
    assert_note("table.csv: the model does not use the column \"extra\"");
    weft_dataset_destroy(dataset);
}
END_TEST

START_TEST(labels_follow_the_names_of_classes)
{
    static const int32_t labels[] = {1, 1, 0};
    struct weft_dataset *dataset = applied(
        "y,age,city,height,member\nb,1,Oslo,1,true\nb,2,Oslo,1,true\na,3,Oslo,1,true\n", true);
    ck_assert_mem_eq(dataset->labels, labels, sizeof labels);
    ck_assert_uint_eq(dataset->unseen, 0);
    weft_dataset_destroy(dataset);
}
END_TEST

START_TEST(unseen_values_are_told)
{
    static const double none[] = {0, 0, 0, 1};
    struct weft_dataset *dataset = applied(
        "age,city,height,member\n1,Paris,2,true\n1,Lima,2,true\n1,Paris,2,\n1,Rome,2,true\n",
        false);
    check_feature(dataset, "city=Rome", none);
    assert_note("column \"city\": 3 of 4 rows have categories that training never saw (\"Paris\" 2 "
                "times); they count as other");
    assert_note("column \"member\": 1 of 4 rows have categories that training never saw (missing "
                "values)");
    weft_dataset_destroy(dataset);
}
END_TEST

START_TEST(unseen_classes_count_as_wrong)
{
    struct weft_dataset *dataset = applied(
        "age,city,height,member,y\n1,Rome,2,true,b\n1,Rome,2,true,zoo\n7,Rome,2,true,a\n", true);
    ck_assert_uint_eq(dataset->samples, 2);
    ck_assert_uint_eq(dataset->unseen, 1);
    ck_assert_int_eq(dataset->labels[1], 0);
    ck_assert(dataset->x[dataset->features + feature_of(dataset->schema, "age")] == 7.0f);
    assert_note("column \"y\": 1 of 3 rows have classes that training never saw (\"zoo\" 1 time)");
    weft_dataset_destroy(dataset);
    not_applied("age,city,height,member,y\n1,Rome,2,true,zoo\n",
                (struct schema_request){.targets = true},
                "table.csv: no row belongs to a class of the training set");
}
END_TEST

START_TEST(some_rows_of_a_table)
{
    static const char text[] = "age,city,height,member,y\n1,Rome,2,true,b\n2,Rome,2,true,a\n"
                               "3,Rome,2,true,zoo\n4,Rome,2,true,b\n";
    static const uint32_t rows[] = {1, 2, 3};
    const struct schema_request request = {.targets = true};
    struct weft_table *table = table_of(people);
    struct schema *schema = schema_of(table, &predict_y);
    struct weft_table *other = table_of(text);
    struct schema_applier applier;
    struct weft_dataset *dataset;
    ck_ok(schema_applier_init(&applier, schema, other, &request, keep_notes));
    ck_ok(schema_apply(&applier, other, rows, 3, &dataset));
    static const double age[] = {2, 4};
    check_feature(dataset, "age", age);
    ck_assert_int_eq(dataset->labels[1], 1);
    weft_dataset_destroy(dataset);
    ck_ok(schema_apply(&applier, other, rows + 1, 1, &dataset));
    ck_assert_ptr_null(dataset);
    ck_assert_uint_eq(applier.rows, 4);
    ck_assert_uint_eq(applier.unseen_classes, 2);
    schema_applier_reset(&applier);
    schema_release(schema);
    weft_table_destroy(other);
    weft_table_destroy(table);
}
END_TEST

START_TEST(tables_that_do_not_fit_are_refused)
{
    const struct schema_request plain = {.targets = false}, strict = {.strict = true},
                                targets = {.targets = true};
    not_applied("age,town\n1,Rome\n", plain,
                "table.csv: 3 columns are missing that the model needs: \"city\", \"height\", "
                "\"member\"");
    not_applied("age,city,height,member\n1,Rome,2,true\n", targets,
                "1 column is missing that the model needs: \"y\"");
    not_applied(
        "age,city,height,member\n1,Rome,2,true\n2,Paris,2,true\n", strict,
        "table.csv:3: column \"city\": got \"Paris\", need a value that the training set had");
    not_applied("age,city,height,member\n1,Rome,2,true\nold,Rome,2,true\n", plain,
                "table.csv:3: column \"age\": got \"old\", need a number");
    not_applied("age,city,height,member,y\n1,Rome,2,true,a\n1,Rome,2,true,\n", targets,
                "table.csv:3: column \"y\": the target is missing");
}
END_TEST

START_TEST(a_rare_category_is_no_surprise)
{
    static const int rows[] = {100, 60, 20, 8, 3, 2, 2, 2, 1, 1, 1};
    char text[4096];
    write_values(text, sizeof text, rows, 11);
    struct weft_table *table = table_of(text);
    struct schema *schema = schema_of(table, &predict_y);
    struct weft_table *other = table_of("v\nak\naa\nzz\n");
    struct weft_dataset *dataset = dataset_by(schema, other, false);
    static const double expected[] = {1, 0, 1};
    check_feature(dataset, "v is other", expected);
    assert_note("1 of 3 rows have categories that training never saw (\"zz\" 1 time)");
    weft_dataset_destroy(dataset);
    schema_release(schema);
    weft_table_destroy(other);
    weft_table_destroy(table);
}
END_TEST

START_TEST(only_the_training_rows_teach)
{
    static const uint32_t rows[] = {0, 2, 3, 5}; /* ages 34, 51, 29, 62 */
    struct weft_table *table = table_of(people);
    struct schema *schema;
    ck_ok(schema_create(table, &predict_y, keep_notes, &schema));
    ck_ok(schema_learn(schema, table, rows, 4, WEFT_IMPUTE_MEAN, keep_notes));
    ck_assert(schema->columns[0].fill == 44.0);
    ck_assert(!schema->columns[0].indicator);
    ck_assert(!schema->columns[1].missing); /* the gap is in row 4 */
    ck_assert_uint_eq(schema->classes, 2);
    schema_release(schema);
    weft_table_destroy(table);
}
END_TEST

/* ---- columns without names ---- */

START_TEST(columns_without_names_are_matched_by_position)
{
    const struct schema_options first = {.target = "1"};
    const struct schema_request plain = {.targets = false}, targets = {.targets = true};
    struct weft_table *table = table_of("7,1,2\n8,3,4\n9,5,7\n");
    table->named = false;
    struct schema *schema = schema_of(table, &first);
    struct weft_table *two = table_of("10,20\n30,40\n"), *four = table_of("1,2,3,4\n1,2,3,4\n");
    two->named = four->named = false;
    struct weft_dataset *dataset = dataset_by(schema, two, false);
    ck_assert(dataset->x[0] == 10.0f || dataset->x[0] == 30.0f);
    ck_assert_str_eq(dataset->schema->feature_names[0], "2");
    weft_dataset_destroy(dataset);
    ck_fails(schema_apply_once(schema, two, &targets, keep_notes, &dataset), WEFT_ERROR_DATA,
             "columns: got 2, the model needs 3");
    ck_fails(schema_apply_once(schema, four, &plain, keep_notes, &dataset), WEFT_ERROR_DATA,
             "columns: got 4, the model needs 3, or as many without the target");
    schema_release(schema);
    weft_table_destroy(two);
    weft_table_destroy(four);
    weft_table_destroy(table);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("schema_apply");
    TCase *tests = tcase_create("tables");
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_test(tests, columns_come_in_any_order);
    tcase_add_test(tests, labels_follow_the_names_of_classes);
    tcase_add_test(tests, unseen_values_are_told);
    tcase_add_test(tests, unseen_classes_count_as_wrong);
    tcase_add_test(tests, some_rows_of_a_table);
    tcase_add_test(tests, tables_that_do_not_fit_are_refused);
    tcase_add_test(tests, a_rare_category_is_no_surprise);
    tcase_add_test(tests, only_the_training_rows_teach);
    tcase_add_test(tests, columns_without_names_are_matched_by_position);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
