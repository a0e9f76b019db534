/* Tests schemas in model files: they come back exactly, and damaged ones are refused. */
#define _XOPEN_SOURCE 700

#include "base/memory.h"
#include "network/schema_metadata.h"
#include "people.h"

START_TEST(a_model_file_keeps_the_schema)
{
    struct weft_data_sets sets;
    struct weft_dataset *dataset;
    struct weft_model *model = people_model(&sets), *again, *thrice;
    const char *path = temporary_path("people.safetensors"),
               *second = temporary_path("again.safetensors");
    struct weft_model_info info;
    ck_ok(weft_model_write(model, path));
    ck_ok(weft_model_read(path, &again));
    ck_assert(again->schema != NULL && again->schema != model->schema);
    ck_assert(schema_equal(again->schema, model->schema));
    weft_model_get_info(again, &info);
    ck_assert_str_eq(info.feature_names[2], "city=Rome");
    ck_ok(weft_model_write(again, second));
    ck_ok(weft_model_read(second, &thrice));
    ck_assert(schema_equal(thrice->schema, model->schema));
    ck_ok(weft_data_open_for(again, people_file(), true, true, NULL, &dataset));
    ck_assert_mem_eq(dataset->x, sets.train->x,
                     dataset->samples * dataset->features * sizeof(float));
    ck_ok(weft_model_accepts(again, sets.train, true)); /* an equal schema, not the same object */
    weft_dataset_destroy(dataset);
    weft_model_destroy(thrice);
    weft_model_destroy(again);
    weft_model_destroy(model);
    weft_data_sets_reset(&sets);
}
END_TEST

/* The numbers have no short decimal form, or lie at the ends of the range. */
START_TEST(numbers_of_a_schema_come_back_exactly)
{
    static const double numbers[] = {1.0 / 3.0, -0.0, 1e300, 5e-324, -9007199254740993.0, 0.1, 42};
    enum { COUNT = sizeof numbers / sizeof *numbers };
    const struct schema_context context = {.features = COUNT,
                                           .classes = 1,
                                           .task = WEFT_TASK_REGRESS,
                                           .class_names = (char *const[]){(char[]){"y"}}};
    struct safetensors file = {.entry_count = 0};
    struct schema *schema, *again;
    char *text;
    ck_ok(schema_allocate(COUNT + 1, &schema));
    for (size_t i = 0; i < COUNT; i++) {
        schema->columns[i].role = ROLE_NUMBER;
        schema->columns[i].fill = numbers[i];
        schema->columns[i].shift = numbers[COUNT - 1 - i];
    }
    schema->columns[COUNT].role = ROLE_TARGET;
    ck_ok(schema_finish(schema));
    ck_ok(schema_to_text(schema, &text));
    ck_ok(safetensors_add_entry(&file, "schema", text));
    ck_ok(
        schema_metadata_read((struct metadata_source){"file", &file}, "schema", &context, &again));
    ck_assert(schema_equal(schema, again));
    ck_assert(signbit(again->columns[1].fill));
    memory_free(text);
    safetensors_reset(&file);
    schema_release(again);
    schema_release(schema);
}
END_TEST

static const struct {
    const char *text, *message;
} damaged[] = {
    {"", "not JSON"},
    {"[]", "columns: need a list"},
    {"{\"named\":true,\"columns\":[]}", "columns: need a list"},
    {"{\"named\":1,\"columns\":[{\"fill\":1}]}", "named: need true or false"},
    {"{\"named\":true,\"columns\":[{\"fill\":1}]}", "column 0: name: need a text"},
    {"{\"named\":true,\"columns\":[{\"name\":5}]}", "column 0: name: need a text"},
    {"{\"named\":true,\"columns\":[7]}", "column 0: name: need a text"},
    {"{\"named\":false,\"columns\":[7]}", "0 targets"},
    {"{\"named\":false,\"columns\":[{\"role\":\"targets\"}]}", "column 0: role: need number"},
    {"{\"named\":false,\"columns\":[{\"role\":\"unsettled\"}]}", "column 0: role: need number"},
    {"{\"named\":false,\"columns\":[{\"role\":7}]}", "column 0: role: need number"},
    {"{\"named\":false,\"columns\":[{\"fill\":\"1\"}]}", "column 0: fill: need a number"},
    {"{\"named\":false,\"columns\":[{\"fill\":1e999}]}", "not JSON"},
    {"{\"named\":false,\"columns\":[{\"shift\":null}]}", "column 0: shift: need a number"},
    {"{\"named\":false,\"columns\":[{\"indicator\":1}]}", "column 0: indicator: need true"},
    {"{\"named\":false,\"columns\":[{\"role\":\"category\"}]}", "column 0: categories: need"},
    {"{\"named\":false,\"columns\":[{\"role\":\"category\",\"categories\":[1]}]}",
     "column 0: categories: need a list of texts"},
    {"{\"named\":false,\"columns\":[{\"role\":\"category\",\"categories\":[\"a\"],\"rare\":[\"b\"]}"
     "]}",
     "column 0: rare: need"},
    {"{\"named\":false,\"columns\":[{\"role\":\"category\",\"categories\":[\"a\"],\"other\":true,"
     "\"rare\":{}}]}",
     "column 0: rare: need"},
    {"{\"named\":false,\"columns\":[{\"role\":\"target\"},{\"role\":\"target\"}]}", "2 targets"},
    {"{\"named\":false,\"columns\":[{\"role\":\"target\"},{\"fill\":1}]}",
     "got columns of 1 features, need 10"},
    {"{\"named\":false,\"columns\":[{\"role\":\"target\"},{\"role\":\"category\",\"categories\":["
     "\"a\",\"b\"]}]}",
     "got columns of 2 features, need 10"},
};

START_TEST(damaged_schemas_are_refused)
{
    struct weft_data_sets sets;
    struct weft_model *model = people_model(&sets), *read;
    const char *path = temporary_path("whole.safetensors");
    struct safetensors file;
    ck_ok(weft_model_write(model, path));
    ck_ok(safetensors_read(path, &file));
    size_t entry = 0;
    while (strcmp(file.entries[entry].key, "schema") != 0)
        entry++;
    char *whole = file.entries[entry].value;
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        char copy[512];
        snprintf(copy, sizeof copy, "%s", damaged[i].text);
        file.entries[entry].value = copy;
        const char *spoilt = write_without(&file, NULL);
        ck_assert_msg(weft_model_read(spoilt, &read) == WEFT_ERROR_MODEL &&
                          strstr(weft_error(), damaged[i].message) != NULL,
                      "%s: %s", damaged[i].text, weft_error());
        ck_assert_ptr_null(read);
    }
    file.entries[entry].value = whole;
    safetensors_reset(&file);
    weft_model_destroy(model);
    weft_data_sets_reset(&sets);
}
END_TEST

/* Each cut and each changed byte of the JSON gives an error or a whole model. */
START_TEST(a_schema_cut_or_changed_anywhere)
{
    const struct schema_context context = {.features = 10,
                                           .classes = 2,
                                           .task = WEFT_TASK_CLASSIFY,
                                           .class_names =
                                               (char *const[]){(char[]){"a"}, (char[]){"b"}}};
    struct weft_data_sets sets;
    struct weft_data_options options = data_options();
    ck_ok(weft_data_open(people_file(), NULL, &options, &sets));
    char *text;
    ck_ok(schema_to_text(sets.train->schema, &text));
    const size_t length = strlen(text);
    for (size_t i = 0; i < length; i++)
        for (int change = 0; change < 3; change++) {
            static const char other[] = "\"]0";
            const char kept = text[i];
            struct safetensors file = {.entry_count = 0};
            struct schema *schema = NULL;
            text[i] = change == 0 ? '\0' : other[change];
            ck_ok(safetensors_add_entry(&file, "schema", text));
            text[i] = kept;
            const enum weft_status status = schema_metadata_read(
                (struct metadata_source){"file", &file}, "schema", &context, &schema);
            ck_assert(status == WEFT_ERROR_MODEL || status == WEFT_OK);
            ck_assert_msg(change != 0 || status == WEFT_ERROR_MODEL, "cut at byte %zu", i);
            ck_assert_msg((status == WEFT_OK) == (schema != NULL), "byte %zu", i);
            schema_release(schema);
            safetensors_reset(&file);
        }
    memory_free(text);
    weft_data_sets_reset(&sets);
}
END_TEST

START_TEST(a_schema_too_large_for_a_file_is_refused_before_training)
{
    const struct weft_options network = small_options();
    struct weft_data_options options = data_options();
    struct weft_data_sets sets;
    struct weft_model *model;
    struct weft_table *table;
    static const double rows[] = {1, 2.5};
    static const char *const y[] = {"a", "b"};
    ck_ok(weft_table_create(2, &table));
    for (int i = 0; i < 12000; i++) {
        char name[32];
        snprintf(name, sizeof name, "column %d", i);
        ck_ok(weft_table_add_numbers(table, name, rows));
    }
    ck_ok(weft_table_add_texts(table, "y", y));
    ck_ok(weft_table_split(table, &options, &sets));
    ck_fails(weft_model_create(&network, sets.train, &model), WEFT_ERROR_DATA,
             "12001 columns and their categories: got");
    weft_data_sets_reset(&sets);
    weft_table_destroy(table);
}
END_TEST

START_TEST(members_of_an_ensemble_read_the_same_columns)
{
    const struct weft_options network = small_options();
    struct weft_data_options options = data_options();
    struct weft_data_sets sets, others;
    struct weft_model *model, *same, *other;
    ck_ok(weft_data_open(people_file(), NULL, &options, &sets));
    options.impute = WEFT_IMPUTE_MEDIAN; /* other fill values, as many features */
    ck_ok(weft_data_open(people_file(), NULL, &options, &others));
    ck_ok(weft_model_create(&network, sets.train, &model));
    ck_ok(weft_model_create(&network, sets.train, &same));
    ck_ok(weft_model_create(&network, others.train, &other));
    ck_ok(weft_model_add_member(model, same));
    ck_assert_uint_eq(others.train->features, sets.train->features);
    ck_fails(weft_model_add_member(model, other), WEFT_ERROR_USAGE, "ensemble");
    ck_fails(weft_model_accepts(model, others.train, true), WEFT_ERROR_DATA,
             "the columns, their fill values or their categories differ from those");
    weft_model_destroy(other);
    weft_model_destroy(model);
    weft_data_sets_reset(&others);
    weft_data_sets_reset(&sets);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("schema_file");
    TCase *tests = tcase_create("files");
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_test(tests, a_model_file_keeps_the_schema);
    tcase_add_test(tests, numbers_of_a_schema_come_back_exactly);
    tcase_add_test(tests, damaged_schemas_are_refused);
    tcase_add_test(tests, a_schema_cut_or_changed_anywhere);
    tcase_add_test(tests, a_schema_too_large_for_a_file_is_refused_before_training);
    tcase_add_test(tests, members_of_an_ensemble_read_the_same_columns);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
