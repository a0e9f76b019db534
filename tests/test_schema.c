/* Tests schemas: what the columns of a table are, learned from the training set and applied to
 * other tables. */
#define _XOPEN_SOURCE 700

#include "tables.h"

/* ---- features ---- */

/* The numbers are those of SimpleImputer(strategy="mean", add_indicator=True). */
START_TEST(missing_numbers_are_imputed)
{
    static const double age[] = {34, 43.5, 51, 29, 40, 62, 43.5, 45};
    static const double gap[] = {0, 1, 0, 0, 0, 0, 1, 0};
    static const double height[] = {1.75, 1.62, 1.7385714285714287, 1.8, 1.71, 1.69, 1.83, 1.77};
    static const double height_gap[] = {0, 0, 1, 0, 0, 0, 0, 0};
    struct weft_dataset *dataset = learned(people, predict_y);
    check_feature(dataset, "age", age);
    check_feature(dataset, "age is missing", gap);
    check_feature(dataset, "height", height);
    check_feature(dataset, "height is missing", height_gap); /* an eighth */
    weft_dataset_destroy(dataset);
}
END_TEST

/* A gap in 10 rows is a tenth, a gap in 11 rows is less. */
START_TEST(few_gaps_have_no_indicator)
{
    char text[512];
    for (int rows = 10; rows <= 11; rows++) {
        size_t used = (size_t)snprintf(text, sizeof text, "x,y\n,a\n");
        for (int i = 1; i < rows; i++)
            used += (size_t)snprintf(text + used, sizeof text - used, "%d,b\n", i * i);
        struct weft_dataset *dataset = learned(text, predict_y);
        ck_assert_int_eq(has_feature(dataset->schema, "x is missing"), rows == 10);
        weft_dataset_destroy(dataset);
    }
}
END_TEST

/* A name keeps 120 bytes of the column's name, and no half of a character. */
START_TEST(long_names_are_cut_between_characters)
{
    char text[512], expected[128];
    memset(expected, 'n', 119);
    expected[119] = '\0';
    snprintf(text, sizeof text, "%s\xc3\xa9 and more,y\n1,a\n2,b\n", expected);
    struct weft_dataset *dataset = learned(text, predict_y);
    ck_assert_str_eq(dataset->schema->feature_names[0], expected);
    weft_dataset_destroy(dataset);
}
END_TEST

/* The numbers are those of SimpleImputer(strategy="median"). */
START_TEST(the_median_is_imputed)
{
    static const double age[] = {34, 42.5, 51, 29, 40, 62, 42.5, 45};
    static const double height[] = {1.75, 1.62, 1.75, 1.8, 1.71, 1.69, 1.83, 1.77};
    struct weft_dataset *dataset =
        learned(people, (struct schema_options){.impute = WEFT_IMPUTE_MEDIAN});
    check_feature(dataset, "age", age);
    check_feature(dataset, "height", height);
    weft_dataset_destroy(dataset);
}
END_TEST

START_TEST(nothing_is_imputed)
{
    const struct schema_options options = {.target = "y", .impute = WEFT_IMPUTE_NONE};
    const struct schema_request request = {.targets = true};
    struct weft_table *table = table_of(people);
    struct schema *schema = schema_of(table, &options);
    struct weft_dataset *dataset;
    ck_fails(schema_apply_once(schema, table, &request, keep_notes, &dataset), WEFT_ERROR_DATA,
             "table.csv:3: column \"age\": got nothing, need a number, because the model replaces "
             "no missing ones");
    ck_assert_ptr_null(dataset);
    schema_release(schema);
    weft_table_destroy(table);
}
END_TEST

/* The numbers are those of pandas.get_dummies and of OneHotEncoder, with "missing" for the gap. */
START_TEST(texts_are_one_hot)
{
    static const double rome[] = {1, 0, 1, 0, 0, 0, 1, 0}, bonn[] = {0, 0, 0, 1, 0, 0, 0, 1},
                        oslo[] = {0, 1, 0, 0, 0, 1, 0, 0}, gap[] = {0, 0, 0, 0, 1, 0, 0, 0},
                        yes[] = {1, 0, 1, 1, 0, 1, 0, 1};
    struct weft_dataset *dataset = learned(people, predict_y);
    check_feature(dataset, "city=Rome", rome);
    check_feature(dataset, "city=Bonn", bonn);
    check_feature(dataset, "city=Oslo", oslo);
    check_feature(dataset, "city is missing", gap);
    check_feature(dataset, "member=true", yes);
    ck_assert_uint_eq(dataset->features, 4 + 4 + 2);
    ck_assert_uint_eq(feature_of(dataset->schema, "city=Rome"), 2); /* the most frequent first */
    ck_assert(!has_feature(dataset->schema, "city is other"));
    ck_assert(!has_feature(dataset->schema, "member is missing"));
    weft_dataset_destroy(dataset);
}
END_TEST

/* 200 rows: 1 % are 2 rows. */
START_TEST(rare_categories_share_a_feature)
{
    static const int rows[] = {100, 60, 20, 8, 3, 2, 2, 2, 1, 1, 1};
    char text[4096];
    write_values(text, sizeof text, rows, 11);
    struct weft_dataset *dataset = learned(text, predict_y);
    const struct schema_column *column = &dataset->schema->columns[0];
    ck_assert_uint_eq(column->category_count, 8);
    ck_assert_uint_eq(column->known_count, 11);
    ck_assert_uint_eq(dataset->features, 9);
    float sum = 0.0f;
    for (size_t i = 0; i < dataset->samples; i++)
        sum += dataset->x[i * 9 + feature_of(dataset->schema, "v is other")];
    ck_assert(sum == 3.0f);
    weft_dataset_destroy(dataset);
}
END_TEST

START_TEST(nine_categories_have_a_feature_each)
{
    static const int rows[] = {100, 60, 20, 8, 3, 2, 2, 2, 1};
    char text[4096];
    write_values(text, sizeof text, rows, 9);
    struct weft_dataset *dataset = learned(text, predict_y);
    ck_assert_uint_eq(dataset->features, 9);
    ck_assert(has_feature(dataset->schema, "v=ai"));
    weft_dataset_destroy(dataset);
}
END_TEST

START_TEST(at_most_64_categories)
{
    int rows[100];
    char text[8192];
    for (int v = 0; v < 100; v++)
        rows[v] = v == 77 ? 3 : 12;
    write_values(text, sizeof text, rows, 100);
    struct weft_dataset *dataset = learned(text, predict_y);
    ck_assert_uint_eq(dataset->features, 65);
    ck_assert(has_feature(dataset->schema, "v=cl")); /* the 64th in the order of bytes */
    ck_assert(!has_feature(dataset->schema, "v=cm"));
    weft_dataset_destroy(dataset);
}
END_TEST

/* A column of "1,5" and "2" would be numbers with another decimal separator. */
START_TEST(decimal_commas_are_named)
{
    char text[1024];
    size_t used = (size_t)snprintf(text, sizeof text, "x,v,y\n");
    for (int i = 0; i < 24; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "\"%d%s\",%d,%d\n", i % 12,
                                 i % 12 == 3 ? "" : ",5", i * i, i % 2);
    struct weft_dataset *dataset = learned(text, predict_y);
    ck_assert_uint_eq(dataset->features, 1);
    assert_note("left out: \"x\" (numbers with commas; --decimal , reads decimal commas);");
    weft_dataset_destroy(dataset);
}
END_TEST

START_TEST(columns_that_are_no_features_are_named)
{
    char text[4096];
    size_t used = (size_t)snprintf(text, sizeof text, "day,at,review,key,one,x,y\n");
    for (int i = 0; i < 24; i++)
        used += (size_t)snprintf(
            text + used, sizeof text - used,
            "2024-03-%02d,%d.%d.2023 1%d:15,the %d-th time I bought it,k%d,same,%d,%d\n", i + 1,
            i + 1, i % 12 + 1, i % 10, i, i, i * i, i % 2);
    struct weft_dataset *dataset = learned(text, predict_y);
    ck_assert_uint_eq(dataset->features, 1);
    assert_note("left out: \"day\" (dates), \"at\" (dates), \"review\" (free text), \"key\" "
                "(another text in each row), \"one\" (constant); --categorical");
    weft_dataset_destroy(dataset);
    dataset = learned(text, (struct schema_options){.categorical = "day,1"});
    assert_no_note("\"day\"");
    ck_assert(has_feature(dataset->schema, "day=2024-03-05"));
    weft_dataset_destroy(dataset);
}
END_TEST

START_TEST(numbers_may_be_categories)
{
    static const double seven[] = {1, 0, 1, 0}, two[] = {0, 1, 0, 0};
    struct weft_dataset *dataset =
        learned("z,y\n7,a\n2,b\n7.0,a\n-1.5,b\n", (struct schema_options){.categorical = "z"});
    ck_assert_uint_eq(dataset->features, 3);
    check_feature(dataset, "z=7", seven);
    check_feature(dataset, "z=2", two);
    ck_assert(has_feature(dataset->schema, "z=-1.5"));
    weft_dataset_destroy(dataset);
}
END_TEST

START_TEST(columns_of_the_user)
{
    struct weft_dataset *dataset =
        learned("x,w,name,junk,y\n1,2,n1,5,a\n2,0.5,n2,6,b\n3,0,n3,8,a\n",
                (struct schema_options){.ignore = "junk", .id = "name", .weight = "2"});
    ck_assert_uint_eq(dataset->features, 1);
    ck_assert(dataset->weights[0] == 2.0f && dataset->weights[1] == 0.5f);
    weft_dataset_destroy(dataset);
    refused(people, (struct schema_options){.target = "y", .ignore = "agee"}, WEFT_ERROR_USAGE,
            "age");
    refused(people, (struct schema_options){.target = "y", .ignore = "y"}, WEFT_ERROR_USAGE,
            "ignore y: the column is already named as target");
    refused(people, (struct schema_options){.target = "y", .id = "age,city"}, WEFT_ERROR_USAGE,
            "got 2 columns, need at most 1");
    refused("x,w,y\n1,2,0\n2,-1,1\n", (struct schema_options){.target = "y,,x"}, WEFT_ERROR_USAGE,
            "target: got an empty entry");
}
END_TEST

START_TEST(a_name_wins_over_a_number_and_over_its_parts)
{
    static const char text[] = "b,2,\"x,b\",y\n1,5,3,0\n2,5.5,1,1\n4,6,1,1\n";
    struct weft_dataset *dataset = learned(text, (struct schema_options){.target = "2"});
    ck_assert_uint_eq(dataset->classes, 1);
    ck_assert_str_eq(dataset->class_names[0], "2");
    ck_assert(dataset->targets[1] == 5.5f);
    weft_dataset_destroy(dataset);
    dataset = learned(text, (struct schema_options){.ignore = "x,b,2"});
    ck_assert_uint_eq(dataset->features, 1);
    ck_assert_str_eq(dataset->schema->feature_names[0], "b");
    weft_dataset_destroy(dataset);
}
END_TEST

/* ---- numbers in float32 ---- */

/* Near 1e9, numbers of float32 are 64 apart. */
START_TEST(large_numbers_keep_their_differences)
{
    static const double t[] = {1000000001, 1000000003, 1000000002, 1000000006};
    struct weft_dataset *dataset =
        learned("t,y\n1000000001,a\n1000000003,b\n1000000002,a\n1000000006,b\n", predict_y);
    ck_assert(dataset->schema->columns[0].shift == 1000000003.0);
    for (int i = 0; i < 4; i++)
        ck_assert((double)dataset->x[i] == t[i] - 1000000003.0);
    assert_no_note("float32");
    weft_dataset_destroy(dataset);
}
END_TEST

START_TEST(small_whole_numbers_are_not_shifted)
{
    struct weft_dataset *dataset = learned("t,y\n250,a\n16777216,b\n0,a\n", predict_y);
    ck_assert(dataset->schema->columns[0].shift == 0.0);
    ck_assert(dataset->x[1] == 16777216.0f);
    weft_dataset_destroy(dataset);
}
END_TEST

START_TEST(numbers_that_merge_are_noted)
{
    struct weft_dataset *dataset =
        learned("t,y\n0,a\n1,b\n2,a\n100000000000000000000,b\n", predict_y);
    assert_note("column \"t\": float32 cannot tell apart");
    assert_note("of 4 distinct ones, 2 remain");
    weft_dataset_destroy(dataset);
}
END_TEST

START_TEST(numbers_beyond_float32_are_refused)
{
    const struct schema_request request = {.targets = true};
    struct weft_table *table = table_of("t,y\n1,a\n2,b\n3,a\n"),
                      *other = table_of("t,y\n4,a\n1e39,b\n");
    struct schema *schema = schema_of(table, &predict_y);
    struct weft_dataset *dataset;
    ck_fails(schema_apply_once(schema, other, &request, keep_notes, &dataset), WEFT_ERROR_DATA,
             "table.csv:3: column \"t\": got 1e+39, need a number in the range of float32");
    schema_release(schema);
    weft_table_destroy(table);
    weft_table_destroy(other);
}
END_TEST

START_TEST(a_column_that_counts_the_rows_is_noted)
{
    char text[512];
    size_t used = (size_t)snprintf(text, sizeof text, "n,x,y\n");
    for (int i = 1; i <= 12; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%d,%d,%c\n", i, i * i % 7,
                                 i % 2 ? 'a' : 'b');
    struct weft_dataset *dataset = learned(text, predict_y);
    assert_note("column \"n\" counts the rows");
    assert_no_note("\"x\"");
    ck_assert_uint_eq(dataset->features, 2);
    weft_dataset_destroy(dataset);
}
END_TEST

START_TEST(columns_without_use_are_refused)
{
    refused("x,e,y\n1,,a\n2,,b\n", predict_y, WEFT_ERROR_DATA,
            "table.csv:2: column \"e\": all 2 values are missing");
    refused("x,y\n1,a\n1,b\n", predict_y, WEFT_ERROR_DATA, "no column remains as a feature");
    char text[1024];
    size_t used = (size_t)snprintf(text, sizeof text, "price,y\n");
    for (int i = 0; i < 30; i++)
        used += (size_t)snprintf(text + used, sizeof text - used,
                                 i == 16 ? "n.a.,%d\n" : "%d.5,1\n", i);
    refused(
        text, predict_y, WEFT_ERROR_DATA,
        "table.csv:18: column \"price\": \"n.a.\" is not a number, as most other values are; name "
        "it in --missing");
    used = (size_t)snprintf(text, sizeof text, "price,y\n");
    for (int i = 0; i < 40; i++)
        used += (size_t)snprintf(text + used, sizeof text - used,
                                 i == 16   ? "n.a.,%d\n"
                                 : i == 18 ? "-,%d\n"
                                           : "%d.5,1\n",
                                 i);
    refused(text, predict_y, WEFT_ERROR_DATA,
            "\"n.a.\" is not a number, as most other values are (others: \"-\"); name them in "
            "--missing");
}
END_TEST

START_TEST(a_constant_target_is_noted)
{
    struct weft_dataset *dataset = learned("x,y\n1,2.5\n2,2.5\n3,2.5\n", predict_y);
    assert_note("target \"y\" is always 2.5: there is nothing to learn");
    weft_dataset_destroy(dataset);
}
END_TEST

/* An infinite mean must not move the other numbers: the row with the infinite one is named. */
START_TEST(infinite_numbers_are_refused_where_they_are)
{
    const struct schema_request request = {.targets = true};
    struct weft_dataset *dataset;
    struct weft_table *table = table_of("x,y\n0.1,a\n0.2,b\n0.3,a\ninf,b\n");
    struct schema *schema = schema_of(table, &predict_y);
    ck_fails(schema_apply_once(schema, table, &request, keep_notes, &dataset), WEFT_ERROR_DATA,
             "table.csv:5: column \"x\": got inf, need a number");
    assert_no_note("tell apart");
    schema_release(schema);
    weft_table_destroy(table);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("schema");
    TCase *tests = tcase_create("tables");
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_test(tests, missing_numbers_are_imputed);
    tcase_add_test(tests, few_gaps_have_no_indicator);
    tcase_add_test(tests, long_names_are_cut_between_characters);
    tcase_add_test(tests, the_median_is_imputed);
    tcase_add_test(tests, nothing_is_imputed);
    tcase_add_test(tests, texts_are_one_hot);
    tcase_add_test(tests, rare_categories_share_a_feature);
    tcase_add_test(tests, nine_categories_have_a_feature_each);
    tcase_add_test(tests, at_most_64_categories);
    tcase_add_test(tests, decimal_commas_are_named);
    tcase_add_test(tests, columns_that_are_no_features_are_named);
    tcase_add_test(tests, numbers_may_be_categories);
    tcase_add_test(tests, columns_of_the_user);
    tcase_add_test(tests, a_name_wins_over_a_number_and_over_its_parts);
    tcase_add_test(tests, large_numbers_keep_their_differences);
    tcase_add_test(tests, small_whole_numbers_are_not_shifted);
    tcase_add_test(tests, numbers_that_merge_are_noted);
    tcase_add_test(tests, infinite_numbers_are_refused_where_they_are);
    tcase_add_test(tests, a_constant_target_is_noted);
    tcase_add_test(tests, numbers_beyond_float32_are_refused);
    tcase_add_test(tests, a_column_that_counts_the_rows_is_noted);
    tcase_add_test(tests, columns_without_use_are_refused);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
