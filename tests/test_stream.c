/* Tests weft_stream: tables of any length become samples block by block, in bounded memory. */
#define _XOPEN_SOURCE 700

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "models.h"
#include "tables.h"

/* Makes an untrained model of `people` with `id` and a scale. */
static struct weft_model *people_model(const char *text, const char *id)
{
    struct weft_data_options data;
    struct weft_data_sets sets;
    struct weft_model *model;
    const struct weft_options options = small_options();
    weft_data_options_init(&data);
    data.target = "y";
    data.id = id;
    ck_ok(weft_data_open(temporary_write("people.csv", text, strlen(text)), NULL, &data, &sets));
    ck_ok(weft_model_create(&options, sets.train, &model));
    ck_ok(scale_fit(sets.train, WEFT_SCALE_STANDARD, &model->scale));
    weft_data_sets_reset(&sets);
    return model;
}

static struct weft_data_options stream_options(void)
{
    struct weft_data_options options;
    weft_data_options_init(&options);
    options.note = notes_add;
    notes_text[0] = '\0';
    return options;
}

static const char rows[] = "code,age,city,height,member,comment\n"
                           "007,34,Rome,1.75,true,\"two\nlines\"\n"
                           "1e3,,Oslo,1.62,false,\n"
                           "a b,51,Paris,,true,x\n"
                           " 5 ,29,Bonn,1.80,true,1.50\n"
                           "9,29,Paris,1.80,true,-\n";

/* ---- blocks ---- */

/* Blocks of any size give the samples of the whole file. */
START_TEST(blocks_are_the_whole)
{
    struct weft_model *model = people_model(people, NULL);
    struct weft_data_options options = stream_options();
    struct weft_dataset *whole;
    const char *path = temporary_write("rows.csv", rows, strlen(rows));
    ck_ok(weft_data_open_for(model, path, true, false, &options, &whole));
    for (size_t size = 1; size <= 6; size++) {
        struct weft_stream *stream;
        const struct weft_dataset *block;
        size_t row = 0;
        options = stream_options();
        ck_ok(weft_stream_open(model, path, true, &options, &stream));
        for (;;) {
            ck_ok(weft_stream_next(stream, size, &block));
            if (block == NULL)
                break;
            ck_assert_uint_eq(block->samples, row + size <= 5 ? size : 5 - row);
            ck_assert_mem_eq(block->x, whole->x + row * whole->features,
                             block->samples * block->features * sizeof(float));
            row += block->samples;
        }
        ck_assert_uint_eq(row, 5);
        ck_ok(weft_stream_next(stream, size, &block));
        ck_assert_ptr_null(block);
        assert_note("\"city\": 2 of 5 rows have categories that training never saw (\"Paris\" 2 "
                    "times)");
        ck_assert_ptr_eq(strstr(notes_text, "Paris"), strrchr(notes_text, 'P')); /* told once */
        weft_stream_close(stream);
    }
    weft_dataset_destroy(whole);
    weft_model_destroy(model);
}
END_TEST

START_TEST(kept_columns_have_their_spelling)
{
    static const char *const codes[] = {"007", "1e3", "a b", " 5 ", "9"},
                             *const comments[] = {"two\nlines", NULL, "x", "1.50", "-"},
                             *const heights[] = {"1.75", "1.62", NULL, "1.80", "1.80"};
    struct weft_model *model = people_model(people, NULL);
    struct weft_data_options options = stream_options();
    struct weft_stream *stream;
    const struct weft_dataset *block;
    options.id = "code";
    options.keep = "comment,4,code";
    ck_ok(weft_stream_open(model, temporary_write("rows.csv", rows, strlen(rows)), true, &options,
                           &stream));
    ck_assert_str_eq(weft_stream_column(stream, 0), "code");
    ck_assert_str_eq(weft_stream_column(stream, 1), "comment");
    ck_assert_str_eq(weft_stream_column(stream, 2), "height");
    ck_assert_ptr_null(weft_stream_column(stream, 4));
    for (size_t row = 0; row < 5; row++) {
        ck_ok(weft_stream_next(stream, 1, &block));
        ck_assert_ptr_nonnull(block);
        ck_assert_str_eq(weft_stream_text(stream, 0, 0), codes[row]);
        ck_assert_pstr_eq(weft_stream_text(stream, 1, 0), comments[row]);
        ck_assert_pstr_eq(weft_stream_text(stream, 2, 0), heights[row]);
        ck_assert_ptr_null(weft_stream_text(stream, 0, 1));
    }
    weft_stream_close(stream);
    options.keep = "nothing";
    ck_fails(weft_stream_open(model, temporary_path("rows.csv"), true, &options, &stream),
             WEFT_ERROR_USAGE, "nothing");
    ck_assert_ptr_null(stream);
    weft_model_destroy(model);
}
END_TEST

/* The id of the training is the id of the predictions. */
START_TEST(the_model_knows_the_id)
{
    static const char named[] = "who,age,y\nann,30,a\nbob,50,b\ncat,20,a\n",
                      more[] = "age,who\n31,dan\n", without[] = "age\n31\n";
    struct weft_model *model = people_model(named, "who");
    struct weft_data_options options = stream_options();
    struct weft_stream *stream;
    const struct weft_dataset *block;
    ck_ok(weft_stream_open(model, temporary_write("more.csv", more, strlen(more)), true, &options,
                           &stream));
    ck_ok(weft_stream_next(stream, 10, &block));
    ck_assert_str_eq(weft_stream_column(stream, 0), "who");
    ck_assert_str_eq(weft_stream_text(stream, 0, 0), "dan");
    weft_stream_close(stream);
    ck_ok(weft_stream_open(model, temporary_write("less.csv", without, strlen(without)), true,
                           &options, &stream));
    ck_assert_ptr_null(weft_stream_column(stream, 0));
    weft_stream_close(stream);
    ck_assert_str_eq(notes_text, "");
    weft_model_destroy(model);
}
END_TEST

/* ---- columns without names ---- */

/* Reads the only block of `text`, which has no header. */
static void read_unnamed(const struct weft_model *model, const char *text,
                         const struct weft_data_options *options, struct weft_stream **stream,
                         const struct weft_dataset **block)
{
    ck_ok(weft_stream_open(model, temporary_write("unnamed.csv", text, strlen(text)), true, options,
                           stream));
    ck_ok(weft_stream_next(*stream, 100, block));
    ck_assert_ptr_nonnull(*block);
}

/* Columns count by position, with the target or without it. Both give the samples of the file with
 * a header. */
START_TEST(columns_without_names_count_by_position)
{
    static const char named[] = "city,member,height,age\nRome,true,1.75,34\n\"5\",false,,51\n",
                      without[] = "34,Rome,1.75,true\n51,5,,false\n",
                      with[] = "34,Rome,1.75,true,a\n51,5,,false,zoo\n";
    struct weft_model *model = people_model(people, NULL);
    struct weft_data_options options = stream_options();
    struct weft_dataset *expected;
    ck_ok(weft_data_open_for(model, temporary_write("named.csv", named, strlen(named)), true, false,
                             &options, &expected));
    options.no_header = true;
    for (int i = 0; i < 2; i++) {
        struct weft_stream *stream;
        const struct weft_dataset *block;
        options.keep = i == 0 ? NULL : "2,5";
        read_unnamed(model, i == 0 ? without : with, &options, &stream, &block);
        ck_assert_uint_eq(block->samples, 2);
        ck_assert_mem_eq(block->x, expected->x, 2 * block->features * sizeof(float));
        ck_assert_pstr_eq(weft_stream_text(stream, 1, 1), i == 0 ? NULL : "5");
        ck_assert_pstr_eq(weft_stream_text(stream, 2, 1), i == 0 ? NULL : "zoo");
        weft_stream_close(stream);
    }
    weft_dataset_destroy(expected);
    weft_model_destroy(model);
}
END_TEST

/* The labels of an evaluation are found by position, too. */
START_TEST(targets_without_names_count_by_position)
{
    static const char with[] = "34,Rome,1.75,true,b\n51,Oslo,,false,a\n";
    static const int32_t labels[] = {1, 0};
    struct weft_model *model = people_model(people, NULL);
    struct weft_data_options options = stream_options();
    struct weft_dataset *dataset;
    const char *path = temporary_write("with.csv", with, strlen(with));
    options.no_header = true;
    ck_ok(weft_data_open_for(model, path, true, true, &options, &dataset));
    ck_assert_mem_eq(dataset->labels, labels, sizeof labels);
    ck_assert((double)dataset->x[0] + model->schema->columns[0].shift == 34.0);
    weft_dataset_destroy(dataset);
    weft_model_destroy(model);
}
END_TEST

START_TEST(columns_that_do_not_match)
{
    static const char few[] = "34,Rome\n", other[] = "a,b,c,d\n1,2,3,4\n",
                      text[] = "34,Rome,1.75,true\n51,5,tall,false\n";
    struct weft_model *model = people_model(people, NULL);
    struct weft_data_options options = stream_options();
    struct weft_stream *stream;
    const struct weft_dataset *block;
    ck_fails(weft_stream_open(model, temporary_write("other.csv", other, strlen(other)), true,
                              &options, &stream),
             WEFT_ERROR_DATA,
             "other.csv: 4 columns are missing that the model needs: \"age\", \"city\", "
             "\"height\", \"member\"; without a header, columns count by position: --no-header");
    options.no_header = true;
    ck_fails(weft_stream_open(model, temporary_write("few.csv", few, strlen(few)), true, &options,
                              &stream),
             WEFT_ERROR_DATA, "few.csv: columns: got 2, the model needs 5, or as many without");
    ck_ok(weft_stream_open(model, temporary_write("text.csv", text, strlen(text)), true, &options,
                           &stream));
    ck_ok(weft_stream_next(stream, 1, &block));
    ck_fails(weft_stream_next(stream, 1, &block), WEFT_ERROR_DATA,
             "text.csv:2: column \"3\": got \"tall\", need a number");
    weft_stream_close(stream);
    weft_model_destroy(model);
}
END_TEST

/* Numbers are the same numbers whether their column is kept, and so read as text, or not, and
 * whether they are features or categories. */
START_TEST(kept_numbers_with_a_decimal_comma)
{
    static const char train[] = "size;grade;y\n1,5;2,5;a\n2,5;3;b\n3,5;2,5;a\n4;3;b\n",
                      rows_of[] = "grade;size\n2,50; 2,25 \n3,0;-1\n";
    struct weft_data_options data = stream_options();
    const struct weft_options options = small_options();
    struct weft_data_sets sets;
    struct weft_model *model;
    struct weft_stream *stream;
    const struct weft_dataset *block;
    data.target = "y";
    data.decimal = ',';
    data.categorical = "grade";
    ck_ok(weft_data_open(temporary_write("comma.csv", train, strlen(train)), NULL, &data, &sets));
    ck_ok(weft_model_create(&options, sets.train, &model));
    data.target = data.categorical = NULL;
    const double shift = model->schema->columns[0].shift;
    const size_t three = feature_of(model->schema, "grade=3");
    for (int i = 0; i < 2; i++) {
        data.keep = i == 0 ? NULL : "grade,size";
        ck_ok(weft_stream_open(model, temporary_write("r.csv", rows_of, strlen(rows_of)), true,
                               &data, &stream));
        ck_ok(weft_stream_next(stream, 10, &block));
        ck_assert_uint_eq(block->features, 3);
        ck_assert((double)block->x[0] + shift == 2.25);
        ck_assert((double)block->x[3] + shift == -1.0);
        ck_assert(block->x[three] == 0.0f && block->x[3 + three] == 1.0f);
        ck_assert_pstr_eq(weft_stream_text(stream, 1, 0), i == 0 ? NULL : "2,50");
        ck_assert_pstr_eq(weft_stream_text(stream, 2, 0), i == 0 ? NULL : " 2,25 ");
        weft_stream_close(stream);
    }
    weft_data_sets_reset(&sets);
    weft_model_destroy(model);
}
END_TEST

/* ---- faults ---- */

START_TEST(faults_name_the_line)
{
    static const char text[] = "age,city,height,member\n1,Rome,2,true\n\n2,\"Ro\nme\",2,true\n"
                               "3,Rome,2,true\nold,Rome,2,true\n";
    struct weft_model *model = people_model(people, NULL);
    struct weft_data_options options = stream_options();
    struct weft_stream *stream;
    const struct weft_dataset *block;
    const char *path = temporary_write("faulty.csv", text, strlen(text));
    ck_ok(weft_stream_open(model, path, true, &options, &stream));
    for (int i = 0; i < 3; i++)
        ck_ok(weft_stream_next(stream, 1, &block));
    ck_fails(weft_stream_next(stream, 1, &block), WEFT_ERROR_DATA, "faulty.csv:7: column \"age\"");
    ck_assert_ptr_null(block);
    ck_ok(weft_stream_next(stream, 1, &block)); /* no more blocks */
    ck_assert_ptr_null(block);
    weft_stream_close(stream);
    options.strict = true;
    ck_ok(weft_stream_open(model, path, true, &options, &stream));
    ck_ok(weft_stream_next(stream, 1, &block));
    ck_fails(weft_stream_next(stream, 1, &block), WEFT_ERROR_DATA, "faulty.csv:4: column \"city\"");
    weft_stream_close(stream);
    ck_ok(weft_stream_open(model, path, true, &options, &stream));
    ck_fails(weft_stream_next(stream, 0, &block), WEFT_ERROR_USAGE, "rows: got 0");
    weft_stream_close(stream);
    weft_stream_close(NULL);
    weft_model_destroy(model);
}
END_TEST

START_TEST(features_far_from_the_training_set_are_told_once)
{
    struct weft_model *model = people_model(people, NULL);
    struct weft_data_options options = stream_options();
    struct weft_stream *stream;
    const struct weft_dataset *block;
    char text[4096];
    size_t used = (size_t)snprintf(text, sizeof text, "age,city,height,member\n");
    for (int i = 0; i < 100; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "40,Rome,%s,true\n",
                                 i % 10 == 0 ? "175" : "1.75");
    ck_ok(weft_stream_open(model, temporary_write("cm.csv", text, used), true, &options, &stream));
    do
        ck_ok(weft_stream_next(stream, 7, &block));
    while (block != NULL);
    assert_note("cm.csv: feature \"height\" is over 20 standard deviations from the training mean "
                "1.73857 in 10 of 100 samples");
    weft_stream_close(stream);
    weft_model_destroy(model);
}
END_TEST

/* ---- long tables ---- */

/* Writes `count` rows to a pipe, whose ids all differ. */
static void write_rows(int descriptor, size_t count, bool header)
{
    FILE *file = fdopen(descriptor, "w");
    if (header)
        fprintf(file, "id,age,city,height,member\n");
    for (size_t i = 0; i < count; i++)
        fprintf(file, "a rather long identifier of row %zu,%zu,%s,1.7,true\n", i, i % 90,
                i % 2 ? "Rome" : "Oslo");
    fclose(file);
}

static long peak_kilobytes(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

/* Connects standard input to a child that writes `count` rows. */
static pid_t feed_standard_input(size_t count, bool header)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        write_rows(ends[1], count, header);
        _exit(0);
    }
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    return child;
}

/* 400000 rows are 21 MB of text and 16 MB of samples. In the second run, the columns have no names.
 */
START_TEST(a_pipe_of_any_length)
{
    enum { COUNT = 400000, BLOCK = 4096 };
    static const char trained[] = "id,age,city,height,member,y\nr,20,Rome,1.7,true,a\n"
                                  "s,30,Oslo,1.8,false,b\nt,40,Rome,1.9,true,a\n";
    struct weft_model *model = people_model(trained, "id");
    struct weft_data_options options = stream_options();
    struct weft_stream *stream;
    const struct weft_dataset *block;
    size_t row = 0;
    long begin = 0;
    options.no_header = _i == 1;
    const pid_t child = feed_standard_input(COUNT, _i == 0);
    ck_ok(weft_stream_open(model, "-", true, &options, &stream));
    for (;;) {
        char id[64];
        ck_ok(weft_stream_next(stream, BLOCK, &block));
        if (block == NULL)
            break;
        snprintf(id, sizeof id, "a rather long identifier of row %zu", row);
        ck_assert_str_eq(weft_stream_text(stream, 0, 0), id);
        ck_assert((double)block->x[0] + model->schema->columns[1].shift == (double)(row % 90));
        row += block->samples;
        if (row == 10 * BLOCK)
            begin = peak_kilobytes();
    }
    ck_assert_uint_eq(row, COUNT);
    ck_assert_msg(peak_kilobytes() - begin < 2048, "memory grew by %ld kB",
                  peak_kilobytes() - begin);
    weft_stream_close(stream);
    weft_model_destroy(model);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
}
END_TEST

START_TEST(other_data_are_one_block)
{
    const struct weft_options options = small_options();
    struct weft_data_options data = stream_options();
    struct weft_dataset * xor ;
    struct weft_stream *stream;
    struct weft_model *model;
    const struct weft_dataset *block;
    ck_ok(weft_dataset_open("xor", &xor, NULL));
    ck_ok(weft_model_create(&options, xor, &model));
    ck_ok(weft_stream_open(model, "xor", true, &data, &stream));
    ck_ok(weft_stream_next(stream, 1, &block));
    ck_assert_uint_eq(block->samples, 4);
    ck_assert_ptr_null(weft_stream_column(stream, 0));
    ck_assert_ptr_null(weft_stream_text(stream, 0, 0));
    ck_ok(weft_stream_next(stream, 1, &block));
    ck_assert_ptr_null(block);
    weft_stream_close(stream);
    weft_model_destroy(model);
    weft_dataset_destroy(xor);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stream");
    TCase *tests = tcase_create("blocks");
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_test(tests, blocks_are_the_whole);
    tcase_add_test(tests, kept_columns_have_their_spelling);
    tcase_add_test(tests, the_model_knows_the_id);
    tcase_add_test(tests, columns_without_names_count_by_position);
    tcase_add_test(tests, targets_without_names_count_by_position);
    tcase_add_test(tests, columns_that_do_not_match);
    tcase_add_test(tests, kept_numbers_with_a_decimal_comma);
    tcase_add_test(tests, faults_name_the_line);
    tcase_add_test(tests, features_far_from_the_training_set_are_told_once);
    tcase_add_loop_test(tests, a_pipe_of_any_length, 0, 2);
    tcase_add_test(tests, other_data_are_one_block);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
