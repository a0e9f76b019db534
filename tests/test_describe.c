/* Tests descriptions of columns and of data. The numbers are those of pandas: value_counts,
 * describe and std with ddof 0.
 */
#define _XOPEN_SOURCE 700

#include <math.h>

#include "data/column_summary.h"
#include "people.h"

/* ---- columns ---- */

static void check_values(const struct column_summary *summary, const char *expected)
{
    char text[256] = "";
    size_t used = 0;
    for (size_t i = 0; i < summary->common_count; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s=%zu ", summary->common[i],
                                 summary->counts[i]);
    ck_assert_str_eq(text, expected);
}

static struct column_summary summary_of(const struct weft_table *table, const char *name)
{
    struct column_summary summary;
    ck_ok(column_summary_make(&table->columns[table_column(table, name)], table->rows, &summary));
    return summary;
}

START_TEST(columns_of_numbers)
{
    struct weft_table *table = table_of("a,b,c\n3,1,-0.5\n,1,1e300\n1,2,inf\n3,2,-0.5\n2,1,0\n");
    struct column_summary a = summary_of(table, "a"), b = summary_of(table, "b"),
                          c = summary_of(table, "c");
    ck_assert_uint_eq(a.missing, 1);
    ck_assert_uint_eq(a.distinct, 3);
    ck_assert(a.min == 1.0 && a.max == 3.0 && a.mean == 2.25);
    ck_assert_double_eq_tol(a.std, 0.82915619758885, 1e-14);
    check_values(&a, "3=2 1=1 2=1 ");
    check_values(&b, "1=3 2=2 ");
    ck_assert_uint_eq(b.missing, 0);
    check_values(&c, "-0.5=2 0=1 1e+300=1 inf=1 ");
    ck_assert(c.min == -0.5 && isinf(c.max));
    column_summary_reset(&a);
    column_summary_reset(&b);
    column_summary_reset(&c);
    weft_table_destroy(table);
}
END_TEST

/* Of many values, the five most frequent ones remain; equal counts keep the order of the values. */
START_TEST(the_most_frequent_values)
{
    struct weft_table *table =
        table_of("n,t\n9,i\n8,h\n8,h\n7,g\n6,f\n6,f\n5,e\n4,d\n3,c\n3,c\n3,c\n2,b\n1,a\n1,a\n");
    struct column_summary n = summary_of(table, "n"), t = summary_of(table, "t");
    ck_assert_uint_eq(n.distinct, 9);
    check_values(&n, "3=3 1=2 6=2 8=2 2=1 ");
    ck_assert_uint_eq(t.distinct, 9);
    check_values(&t, "c=3 h=2 f=2 a=2 i=1 "); /* texts come in the order of the file */
    ck_assert(isnan(t.min) && isnan(t.max) && isnan(t.mean) && isnan(t.std));
    column_summary_reset(&n);
    column_summary_reset(&t);
    weft_table_destroy(table);
}
END_TEST

START_TEST(columns_without_values)
{
    struct weft_table *table = table_of("a,b\n,x\n,\n,x\n");
    struct column_summary a = summary_of(table, "a"), b = summary_of(table, "b");
    ck_assert_uint_eq(a.missing, 3);
    ck_assert_uint_eq(a.distinct + a.common_count, 0);
    ck_assert(isnan(a.min) && isnan(a.mean) && isnan(a.std));
    ck_assert_uint_eq(b.missing, 1);
    check_values(&b, "x=2 ");
    column_summary_reset(&a);
    column_summary_reset(&b);
    struct column_summary none;
    ck_ok(column_summary_make(&table->columns[1], 0, &none)); /* the first 0 rows */
    ck_assert_uint_eq(none.distinct + none.missing, 0);
    column_summary_reset(&none);
    weft_table_destroy(table);
}
END_TEST

/* ---- tables ---- */

static struct weft_data_description *described(const char *what,
                                               const struct weft_data_options *options)
{
    struct weft_data_description *description;
    ck_ok(weft_data_describe(what, options, &description));
    return description;
}

START_TEST(a_table)
{
    const struct weft_data_options options = data_options();
    struct weft_data_description *data = described(people_file(), &options);
    const struct weft_column_info *age = &data->columns[0], *city = &data->columns[1],
                                  *y = &data->columns[4];
    ck_assert_uint_eq(data->samples, 8);
    ck_assert_uint_eq(data->test_samples, 0);
    ck_assert_uint_eq(data->column_count, 5);
    ck_assert(data->task_known && data->task == WEFT_TASK_CLASSIFY && !data->target_assumed);
    ck_assert_uint_eq(data->classes, 2);
    ck_assert_str_eq(data->class_names[1], "b");
    ck_assert_uint_eq(data->class_counts[0], 4);
    ck_assert_uint_eq(data->class_counts[1], 4);
    ck_assert_ptr_null(data->obstacle);
    ck_assert(isnan(data->min) && data->width == 0);
    ck_assert_str_eq(age->use, "number");
    ck_assert_uint_eq(age->missing, 2);
    ck_assert_uint_eq(age->features, 2); /* the number, and whether it is missing */
    ck_assert(age->min == 29.0 && age->max == 62.0 && age->mean == 43.5);
    ck_assert_double_eq_tol(age->std, 10.90489186863706, 1e-13);
    ck_assert_str_eq(city->use, "category");
    ck_assert(city->text && !age->text);
    ck_assert_uint_eq(city->features, 4); /* Rome, Oslo, Bonn, missing */
    ck_assert_str_eq(city->common[0].text, "Rome");
    ck_assert_uint_eq(city->common[0].count, 3);
    ck_assert_str_eq(y->use, "target");
    ck_assert_uint_eq(y->features, 0);
    size_t features = 0;
    for (size_t c = 0; c < data->column_count; c++)
        features += data->columns[c].features;
    ck_assert_uint_eq(features, data->features);
    weft_data_description_destroy(data);
}
END_TEST

/* Without a target, the last column stands for it; a file without a header has numbers for names.
 */
START_TEST(the_last_column_stands_for_the_target)
{
    static const char named[] = "a,b\n1,2.5\n2,3.5\n3,1\n", unnamed[] = "1,x\n2,y\n3,x\n";
    struct weft_data_options options = data_options();
    options.target = NULL;
    struct weft_data_description *data =
        described(temporary_write("n.csv", named, strlen(named)), &options);
    ck_assert(data->target_assumed && data->task == WEFT_TASK_REGRESS);
    ck_assert_ptr_null(data->class_counts);
    ck_assert_str_eq(data->class_names[0], "b");
    weft_data_description_destroy(data);
    options.no_header = true;
    data = described(temporary_write("u.csv", unnamed, strlen(unnamed)), &options);
    ck_assert_str_eq(data->columns[1].name, "2");
    ck_assert_str_eq(data->columns[1].use, "target");
    ck_assert_uint_eq(data->class_counts[0], 2);
    weft_data_description_destroy(data);
    weft_data_description_destroy(NULL);
}
END_TEST

START_TEST(obstacles_are_told)
{
    static const char gap[] = "a,b,y\n1,,p\n2,,\n3,,q\n", empty[] = "a,b,y\n1,,p\n2,,q\n";
    struct weft_data_options options = data_options();
    struct weft_data_description *data =
        described(temporary_write("gap.csv", gap, strlen(gap)), &options);
    ck_assert_ptr_nonnull(strstr(data->obstacle, "gap.csv:3: column \"y\": the target is missing"));
    ck_assert(!data->task_known && data->classes == 0 && data->features == 0);
    ck_assert_ptr_null(data->columns[0].use);
    ck_assert_uint_eq(data->columns[1].missing, 3);
    ck_assert_uint_eq(data->columns[2].distinct, 2);
    weft_data_description_destroy(data);
    data = described(temporary_write("empty.csv", empty, strlen(empty)), &options);
    ck_assert_ptr_nonnull(strstr(data->obstacle, "column \"b\": all 2 values are missing"));
    weft_data_description_destroy(data);
    options.target = "z";
    ck_fails(weft_data_describe(temporary_path("gap.csv"), &options, &data), WEFT_ERROR_USAGE,
             "target z");
    ck_assert_ptr_null(data);
    options.target = "y";
    ck_fails(weft_data_describe("/nowhere.csv", &options, &data), WEFT_ERROR_IO, "/nowhere.csv");
    options.size = 0;
    ck_fails(weft_data_describe("xor", &options, &data), WEFT_ERROR_USAGE, "data options");
}
END_TEST

static void check_obstacle(const char *text, const struct weft_data_options *options,
                           const char *obstacle)
{
    struct weft_data_description *data =
        described(temporary_write("obstacle.csv", text, strlen(text)), options);
    ck_assert_msg(data->obstacle != NULL && strstr(data->obstacle, obstacle) != NULL, "%s, not %s",
                  data->obstacle != NULL ? data->obstacle : "none", obstacle);
    weft_data_description_destroy(data);
}

/* Faults that show only when the rows become samples. */
START_TEST(obstacles_of_rows_are_told)
{
    struct weft_data_options options = data_options();
    check_obstacle("a,y\n1,p\n2,p\n", &options, "obstacle.csv: got only one class");
    check_obstacle("a,y\n1,p\ninf,q\n", &options, "obstacle.csv:3: column \"a\": got inf");
    /* Neither 0 nor -3e38 is to blame, although both are far from the mean. */
    check_obstacle("a,y\n0,p\n1,q\n3e300,q\n", &options,
                   "obstacle.csv:4: column \"a\": got 3e+300");
    check_obstacle("a,y\n-3e38,p\n1e39,q\n3.1e38,q\n", &options, ":3: column \"a\": got 1e+39");
    options.impute = WEFT_IMPUTE_NONE;
    check_obstacle("a,b,y\n1,1,p\n2,,q\n", &options, "obstacle.csv:3: column \"b\": got nothing");
    options.weight = "b";
    check_obstacle("a,b,y\n1,1,p\n2,x,q\n", &options, "obstacle.csv:3: column \"b\": got \"x\"");
    check_obstacle("a,b,y\n1,1,p\n2,-1,q\n", &options, "column \"b\": got -1, need a weight");
}
END_TEST

/* ---- other data ---- */

START_TEST(images)
{
    struct weft_data_options options;
    weft_data_options_init(&options);
    struct weft_data_description *data =
        described(WEFT_SOURCE_DIR "/data/fashion-sample", &options);
    struct weft_dataset *train, *test;
    ck_ok(weft_dataset_open(WEFT_SOURCE_DIR "/data/fashion-sample", &train, &test));
    size_t samples = 0;
    for (size_t c = 0; c < data->classes; c++)
        samples += data->class_counts[c];
    ck_assert_uint_eq(samples, train->samples);
    ck_assert_uint_eq(data->samples, train->samples);
    ck_assert_uint_eq(data->test_samples, test->samples);
    ck_assert(data->features == 784 && data->height == 28 && data->width == 28);
    ck_assert_uint_eq(data->channels, 1);
    ck_assert(data->min == 0.0 && data->max == 255.0 && data->mean > 0.0);
    ck_assert_uint_eq(data->column_count, 0);
    ck_assert_ptr_null(data->columns);
    weft_data_description_destroy(data);
    weft_dataset_destroy(train);
    weft_dataset_destroy(test);
}
END_TEST

START_TEST(several_labels)
{
    static const char x[] = "\0\0\x08\x02\0\0\0\3\0\0\0\1\1\2\6",
                      y[] = "\0\0\x08\x02\0\0\0\3\0\0\0\2\1\0\1\1\1\0";
    struct weft_data_options options;
    weft_data_options_init(&options);
    options.labels = temporary_write("y.idx", y, sizeof y - 1);
    struct weft_data_description *data =
        described(temporary_write("x.idx", x, sizeof x - 1), &options);
    ck_assert(data->task_known && data->task == WEFT_TASK_MULTILABEL);
    ck_assert_uint_eq(data->class_counts[0], 3);
    ck_assert_uint_eq(data->class_counts[1], 1);
    ck_assert(data->min == 1.0 && data->max == 6.0 && data->mean == 3.0);
    weft_data_description_destroy(data);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("describe");
    TCase *tests = tcase_create("data");
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_test(tests, columns_of_numbers);
    tcase_add_test(tests, the_most_frequent_values);
    tcase_add_test(tests, columns_without_values);
    tcase_add_test(tests, a_table);
    tcase_add_test(tests, the_last_column_stands_for_the_target);
    tcase_add_test(tests, obstacles_are_told);
    tcase_add_test(tests, obstacles_of_rows_are_told);
    tcase_add_test(tests, images);
    tcase_add_test(tests, several_labels);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
