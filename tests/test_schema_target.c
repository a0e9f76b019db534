/* Tests what schemas make of the target of a table: the task and the classes. */
#define _XOPEN_SOURCE 700

#include "tables.h"

static const struct {
    const char *values; /* of the target, with commas */
    enum weft_task task;
    size_t classes;
} inferred[] = {
    {"a,b,a,c", WEFT_TASK_CLASSIFY, 3},
    {"true,false,true,true", WEFT_TASK_CLASSIFY, 2},
    {"0,1,1,0", WEFT_TASK_CLASSIFY, 2},
    {"3,1,3,1,3,1,3,1,3,1", WEFT_TASK_CLASSIFY, 2},
    {"3,1,3,1,3,1,3,1,3", WEFT_TASK_REGRESS, 1},
    {"1,2,3,4", WEFT_TASK_REGRESS, 1},
    {"0.5,0.25,0.5,0.25,0.5,0.25,0.5,0.25,0.5,0.25", WEFT_TASK_REGRESS, 1},
};

static void write_target(const char *values, char text[512])
{
    size_t used = (size_t)snprintf(text, 512, "x,y\n0,");
    for (int i = 1; *values != '\0'; values++)
        used += *values == ',' ? (size_t)snprintf(text + used, 512 - used, "\n%d,", ++i * 3 % 7)
                               : (size_t)snprintf(text + used, 512 - used, "%c", *values);
    snprintf(text + used, 512 - used, "\n");
}

START_TEST(tasks_are_inferred)
{
    char text[512];
    for (size_t i = 0; i < sizeof inferred / sizeof *inferred; i++) {
        write_target(inferred[i].values, text);
        struct weft_dataset *dataset = learned(text, predict_y);
        ck_assert_msg(dataset->schema->task == inferred[i].task, "%s", inferred[i].values);
        ck_assert_uint_eq(dataset->classes, inferred[i].classes);
        assert_note(inferred[i].task == WEFT_TASK_REGRESS ? "task regress: target \"y\": numbers"
                                                          : "task classify: target \"y\": ");
        weft_dataset_destroy(dataset);
    }
}
END_TEST

START_TEST(twenty_one_numbers_are_no_classes)
{
    char text[2048];
    for (int distinct = 20; distinct <= 21; distinct++) {
        size_t used = (size_t)snprintf(text, sizeof text, "x,y\n");
        for (int i = 0; i < 5 * distinct; i++)
            used +=
                (size_t)snprintf(text + used, sizeof text - used, "%d,%d\n", i % 3, i % distinct);
        struct weft_dataset *dataset = learned(text, predict_y);
        ck_assert_int_eq(dataset->schema->task,
                         distinct == 20 ? WEFT_TASK_CLASSIFY : WEFT_TASK_REGRESS);
        weft_dataset_destroy(dataset);
    }
}
END_TEST

START_TEST(the_task_of_the_user_wins)
{
    const struct schema_options classify = {.task_given = true, .task = WEFT_TASK_CLASSIFY},
                                regress = {.task_given = true, .task = WEFT_TASK_REGRESS};
    struct weft_dataset *dataset = learned("x,y\n1,10\n2,9\n3,-1\n4,9.5\n", classify);
    static const char *const names[] = {"-1", "9", "9.5", "10"};
    static const int32_t labels[] = {3, 1, 0, 2};
    for (int c = 0; c < 4; c++)
        ck_assert_str_eq(dataset->class_names[c], names[c]);
    ck_assert_mem_eq(dataset->labels, labels, sizeof labels);
    assert_no_note("task");
    weft_dataset_destroy(dataset);
    dataset = learned("x,y\n1,0\n2,1\n3,1\n4,0\n", regress);
    ck_assert(dataset->targets[1] == 1.0f);
    weft_dataset_destroy(dataset);
}
END_TEST

START_TEST(class_names_are_sorted_by_bytes)
{
    struct weft_dataset *dataset = learned("x,y\n1,b\n2,B\n3,10\n4,9\n5,b\n", predict_y);
    static const char *const names[] = {"10", "9", "B", "b"};
    for (int c = 0; c < 4; c++)
        ck_assert_str_eq(dataset->class_names[c], names[c]);
    weft_dataset_destroy(dataset);
}
END_TEST

START_TEST(several_targets)
{
    struct weft_dataset *dataset =
        learned("a,x,b\n1,5,0\n0,6,0\n1,7,1\n", (struct schema_options){.target = "b,a"});
    static const float labels[] = {1, 0, 0, 0, 1, 1};
    ck_assert_int_eq(dataset->schema->task, WEFT_TASK_MULTILABEL);
    ck_assert_uint_eq(dataset->classes, 2);
    ck_assert_str_eq(dataset->class_names[0], "a"); /* in the order of the table */
    ck_assert_mem_eq(dataset->targets, labels, sizeof labels);
    weft_dataset_destroy(dataset);
    dataset = learned("a,x,b\n1,5,0\n0,6,0.5\n1,7,1\n", (struct schema_options){.target = "a,b"});
    ck_assert_int_eq(dataset->schema->task, WEFT_TASK_REGRESS);
    ck_assert(dataset->targets[3] == 0.5f);
    weft_dataset_destroy(dataset);
}
END_TEST

START_TEST(bad_targets_are_refused)
{
    const struct schema_options
        two = {.target = "x,y", .task_given = true, .task = WEFT_TASK_CLASSIFY},
        regress = {.target = "y", .task_given = true, .task = WEFT_TASK_REGRESS},
        labels = {.target = "y", .task_given = true, .task = WEFT_TASK_MULTILABEL};
    refused(people, (struct schema_options){.target = NULL}, WEFT_ERROR_USAGE,
            "name the column to predict, such as the last one, y; the columns are age, city, "
            "height, member, y");
    refused("a b y\n1 2 3\n4 5 6\n", predict_y, WEFT_ERROR_DATA,
            "table.csv: got a single column, \"a b y\", need a target and a feature; if another "
            "character separates the values, name it with --delimiter");
    refused("x,y\n1,a\n2,\n3,NA\n4,b\n", predict_y, WEFT_ERROR_DATA,
            "table.csv:3: column \"y\": the target is missing in 2 of 4 rows");
    refused("x,y\n1,1.5\n2,much\n3,2\n", regress, WEFT_ERROR_DATA,
            "table.csv:3: column \"y\": got \"much\", task regress needs a number");
    refused("x,y\n1,1\n2,2\n", labels, WEFT_ERROR_DATA,
            "table.csv:3: column \"y\": got 2, task multilabel needs 0 or 1");
    refused("x,y\n1,1\n2,0\n", two, WEFT_ERROR_USAGE, "got 2 columns, task classify needs one");
}
END_TEST

/* The texts of each target, with the number of the row in the place of '#', and the note. */
static const struct {
    const char *text, *note;
} doubtful[] = {
    {"\"#,5\"", "has 12 classes in 24 rows: numbers with commas; --decimal , reads decimal commas"},
    {"$#", "has 12 classes in 24 rows: numbers with a currency sign"},
    {"2024-05-#", "has 12 classes in 24 rows: dates"},
    {"class #", NULL},
};

START_TEST(targets_that_are_no_classes_are_named)
{
    char text[1024];
    for (size_t i = 0; i < sizeof doubtful / sizeof *doubtful; i++) {
        const char *at = strchr(doubtful[i].text, '#');
        size_t used = (size_t)snprintf(text, sizeof text, "x,y\n");
        for (int row = 0; row < 24; row++)
            used += (size_t)snprintf(text + used, sizeof text - used, "%d,%.*s%d%s\n", row * row,
                                     (int)(at - doubtful[i].text), doubtful[i].text, 10 + row / 2,
                                     at + 1);
        weft_dataset_destroy(learned(text, predict_y));
        if (doubtful[i].note != NULL)
            assert_note(doubtful[i].note);
        else
            assert_no_note(" rows: ");
    }
    refused("x,y\n1,$5\n2,$6\n",
            (struct schema_options){.target = "y", .task_given = true, .task = WEFT_TASK_REGRESS},
            WEFT_ERROR_DATA, "needs a number; these are numbers with a currency sign");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("schema_target");
    TCase *tests = tcase_create("targets");
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_test(tests, tasks_are_inferred);
    tcase_add_test(tests, twenty_one_numbers_are_no_classes);
    tcase_add_test(tests, the_task_of_the_user_wins);
    tcase_add_test(tests, class_names_are_sorted_by_bytes);
    tcase_add_test(tests, several_targets);
    tcase_add_test(tests, bad_targets_are_refused);
    tcase_add_test(tests, targets_that_are_no_classes_are_named);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
