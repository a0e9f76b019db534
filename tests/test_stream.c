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
    struct weft_data_parts parts;
    struct weft_model *model;
    const struct weft_options options = small_options();
    weft_data_options_init(&data);
    data.target = "y";
    data.id = id;
    ck_ok(weft_data_open(temporary_write("people.csv", text, strlen(text)), NULL, &data, &parts));
    ck_ok(weft_model_create(&options, parts.train, &model));
    ck_ok(scale_fit(parts.train, WEFT_SCALE_STANDARD, &model->scale));
    weft_data_parts_reset(&parts);
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
    assert_note("cm.csv: feature \"height\" is over 20 standard deviations");
    assert_note("in 10 of 100 samples");
    weft_stream_close(stream);
    weft_model_destroy(model);
}
END_TEST

/* ---- long tables ---- */

/* Writes `count` rows to a pipe, whose ids all differ. */
static void write_rows(int descriptor, size_t count)
{
    FILE *file = fdopen(descriptor, "w");
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
static pid_t feed_standard_input(size_t count)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        write_rows(ends[1], count);
        _exit(0);
    }
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    return child;
}

/* 400000 rows are 21 MB of text and 16 MB of samples. */
START_TEST(a_pipe_of_any_length)
{
    enum { COUNT = 400000, BLOCK = 4096 };
    struct weft_model *model = people_model(people, NULL);
    struct weft_data_options options = stream_options();
    struct weft_stream *stream;
    const struct weft_dataset *block;
    size_t row = 0;
    long begin = 0;
    options.id = "id";
    const pid_t child = feed_standard_input(COUNT);
    ck_ok(weft_stream_open(model, "-", true, &options, &stream));
    for (;;) {
        char id[64];
        ck_ok(weft_stream_next(stream, BLOCK, &block));
        if (block == NULL)
            break;
        snprintf(id, sizeof id, "a rather long identifier of row %zu", row);
        ck_assert_str_eq(weft_stream_text(stream, 0, 0), id);
        ck_assert((double)block->x[0] + model->schema->columns[0].shift == (double)(row % 90));
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
    tcase_add_test(tests, faults_name_the_line);
    tcase_add_test(tests, features_far_from_the_training_set_are_told_once);
    tcase_add_test(tests, a_pipe_of_any_length);
    tcase_add_test(tests, other_data_are_one_block);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
