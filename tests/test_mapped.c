/* Tests data sets whose samples stay in a mapped file: IDX, NPY and packed files give the samples,
 * statistics, splits and models that the same files give when they are read. */
#define _XOPEN_SOURCE 700 /* mkdtemp, nftw */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include "base/memory.h"
#include "base/memory_spool.h"
#include "base/system_error.h"
#include "data/scale.h"
#include "data/schema.h"
#include "idx_files.h"
#include "models.h"

enum { N = 200, D = 12, C = 3, HEADER = 128 };

static const char *images_path, *labels_path, *npy_path, *table_path;

/* Feature j of sample i as a byte, and as a float that no byte holds. */
static unsigned char pixel(size_t i, size_t j)
{
    return (unsigned char)((i * 31 + j * 17 + i * j) % 251);
}

static float number(size_t i, size_t j)
{
    return (float)pixel(i, j) / 8.0f - 3.0f;
}

static void write_idx(void)
{
    struct bytes images = header(0x08, (const uint32_t[]){N, 4, 3, 0});
    struct bytes labels = header(0x08, (const uint32_t[]){N, 0});
    for (size_t i = 0; i < N; i++) {
        const unsigned char label = (unsigned char)(i * 7 / 2 % C);
        add(&labels, &label, 1);
        for (size_t j = 0; j < D; j++)
            add(&images, (const unsigned char[]){pixel(i, j)}, 1);
    }
    images_path = temporary_write("images", images.data, images.size);
    labels_path = temporary_write("labels", labels.data, labels.size);
}

static void write_npy(void)
{
    static unsigned char file[HEADER + N * D * sizeof(float)];
    char text[HEADER];
    memset(text, ' ', sizeof text);
    const int length = snprintf(
        text, sizeof text, "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", N, D);
    text[length] = ' ';
    memcpy(file, "\x93NUMPY\1\0\x76\0", 10);
    memcpy(file + 10, text, HEADER - 11);
    file[HEADER - 1] = '\n';
    for (size_t i = 0; i < (size_t)N * D; i++) {
        const float value = number(i / D, i % D);
        memcpy(file + HEADER + i * sizeof value, &value, sizeof value);
    }
    npy_path = temporary_write("x.npy", file, sizeof file);
}

static void write_table(void)
{
    static char text[1 << 16];
    size_t used = (size_t)snprintf(text, sizeof text, "size,city,gap,weight,price\n");
    static const char *const cities[] = {"Rome", "Oslo", "\"New, York\""};
    for (size_t i = 0; i < N; i++) {
        char gap[16] = "";
        if (i % 5 != 0)
            snprintf(gap, sizeof gap, "%zu", i % 7);
        used += (size_t)snprintf(text + used, sizeof text - used, "%g,%s,%s,%d,%zu\n",
                                 (double)number(i, 0), cities[i % 3], gap, i % 2 == 0 ? 1 : 2,
                                 i * 3 % 101);
    }
    table_path = temporary_write("table.csv", text, used);
}

static void write_files(void)
{
    temporary_create();
    write_idx();
    write_npy();
    write_table();
}

static struct weft_data_options options_of(bool map)
{
    struct weft_data_options options;
    weft_data_options_init(&options);
    options.map = map;
    return options;
}

/* The sources, and where packed files of them go. */
static struct weft_data_options table_options(bool map)
{
    struct weft_data_options options = options_of(map);
    options.target = "price";
    options.weight = "weight";
    return options;
}

static struct weft_dataset *open_train(const char *what, struct weft_data_options options)
{
    struct weft_data_sets sets;
    ck_ok(weft_data_open(what, NULL, &options, &sets));
    ck_assert_ptr_null(sets.test);
    return sets.train;
}

static struct weft_dataset *open_images(bool map)
{
    struct weft_data_options options = options_of(map);
    options.labels = labels_path;
    return open_train(images_path, options);
}

/* ---- equal data sets ---- */

static void check_equal(const struct weft_dataset *a, const struct weft_dataset *b)
{
    float one[D + 8], two[D + 8];
    ck_assert_uint_eq(a->samples, b->samples);
    ck_assert_uint_eq(a->features, b->features);
    ck_assert_uint_eq(a->classes, b->classes);
    ck_assert_uint_eq(a->height, b->height);
    for (size_t i = 0; i < a->samples; i++) {
        ck_ok(weft_dataset_read(a, i, 1, one));
        ck_ok(weft_dataset_read(b, i, 1, two));
        ck_assert_mem_eq(one, two, a->features * sizeof *one);
        if (a->labels != NULL)
            ck_assert_int_eq(a->labels[i], b->labels[i]);
        if (a->weights != NULL)
            ck_assert(a->weights[i] == b->weights[i]);
    }
    if (a->targets != NULL)
        ck_assert_mem_eq(a->targets, b->targets, a->samples * a->classes * sizeof *a->targets);
    for (size_t c = 0; c < a->classes; c++)
        ck_assert_str_eq(a->class_names[c], b->class_names[c]);
    ck_assert((a->labels == NULL) == (b->labels == NULL));
    ck_assert((a->targets == NULL) == (b->targets == NULL));
    ck_assert((a->weights == NULL) == (b->weights == NULL));
}

static void check_same_scale(const struct weft_dataset *a, const struct weft_dataset *b)
{
    struct scale one, two;
    ck_ok(scale_fit(a, WEFT_SCALE_STANDARD, &one));
    ck_ok(scale_fit(b, WEFT_SCALE_STANDARD, &two));
    ck_assert_mem_eq(one.mean, two.mean, a->features * sizeof *one.mean);
    ck_assert_mem_eq(one.std, two.std, a->features * sizeof *one.std);
    scale_reset(&one);
    scale_reset(&two);
}

/* Holdout sets of a mapped set are views: nothing is copied, and the samples are the same. */
static void check_same_holdout(const struct weft_dataset *read, const struct weft_dataset *mapped)
{
    struct weft_dataset *sets[4];
    if (read->labels != NULL) {
        ck_ok(weft_dataset_holdout_stratified(read, 0.3, 5, &sets[0], &sets[1]));
        ck_ok(weft_dataset_holdout_stratified(mapped, 0.3, 5, &sets[2], &sets[3]));
    } else {
        ck_ok(weft_dataset_holdout(read, 0.3, 5, &sets[0], &sets[1]));
        ck_ok(weft_dataset_holdout(mapped, 0.3, 5, &sets[2], &sets[3]));
    }
    for (size_t i = 0; i < 2; i++) {
        ck_assert_ptr_eq(sets[2 + i]->map, mapped->map);
        ck_assert_ptr_eq(sets[2 + i]->x, mapped->x);
        check_equal(sets[i], sets[2 + i]);
        check_same_scale(sets[i], sets[2 + i]);
    }
    for (size_t i = 0; i < 4; i++)
        weft_dataset_destroy(sets[i]);
}

static void check_mapped(struct weft_dataset *read, struct weft_dataset *mapped, bool bytes)
{
    ck_assert_ptr_null(read->map);
    ck_assert_ptr_nonnull(mapped->map);
    ck_assert((mapped->bytes != NULL) == bytes);
    check_equal(read, mapped);
    check_same_scale(read, mapped);
    check_same_holdout(read, mapped);
    ck_ok(dataset_load(mapped));
    ck_assert_ptr_null(mapped->map);
    ck_assert_mem_eq(read->x, mapped->x, read->samples * read->features * sizeof *read->x);
    weft_dataset_destroy(read);
    weft_dataset_destroy(mapped);
}

START_TEST(idx_files_are_mapped)
{
    check_mapped(open_images(false), open_images(true), true);
}
END_TEST

START_TEST(npy_files_are_mapped)
{
    check_mapped(open_train(npy_path, options_of(false)), open_train(npy_path, options_of(true)),
                 false);
}
END_TEST

static struct weft_dataset *open_packed(const char *what, struct weft_data_options options,
                                        bool bytes)
{
    struct weft_pack_info info;
    struct weft_dataset *mapped;
    const char *path = temporary_path("packed");
    ck_ok(weft_pack(what, false, &options, path, &info));
    ck_assert_uint_eq(info.samples, N);
    ck_assert(info.bytes == bytes);
    ck_ok(weft_dataset_map(path, &mapped));
    return mapped;
}

START_TEST(packed_images_are_bytes)
{
    struct weft_data_options options = options_of(false);
    options.labels = labels_path;
    check_mapped(open_images(false), open_packed(images_path, options, true), true);
}
END_TEST

START_TEST(packed_numbers_are_floats)
{
    check_mapped(open_train(npy_path, options_of(false)),
                 open_packed(npy_path, options_of(false), false), false);
}
END_TEST

START_TEST(packed_tables_keep_what_was_learned)
{
    struct weft_dataset *read = open_train(table_path, table_options(false));
    struct weft_dataset *mapped = open_packed(table_path, table_options(false), false);
    ck_assert_ptr_nonnull(read->targets);
    ck_assert_ptr_nonnull(read->weights);
    ck_assert(schema_equal(read->schema, mapped->schema));
    check_mapped(read, mapped, false);
}
END_TEST

/* A packed file that is packed again has the same bytes. */
START_TEST(packing_twice_changes_nothing)
{
    struct weft_data_options options = table_options(false);
    const struct weft_data_options none = options_of(false);
    static unsigned char one[1 << 16], two[1 << 16];
    const char *paths[] = {temporary_path("one"), temporary_path("two")};
    ck_ok(weft_pack(table_path, false, &options, paths[0], NULL));
    ck_ok(weft_pack(paths[0], false, &none, paths[1], NULL));
    FILE *files[] = {fopen(paths[0], "rb"), fopen(paths[1], "rb")};
    const size_t size = fread(one, 1, sizeof one, files[0]);
    ck_assert_uint_eq(fread(two, 1, sizeof two, files[1]), size);
    ck_assert_uint_gt(size, 1000);
    ck_assert_mem_eq(one, two, size);
    fclose(files[0]);
    fclose(files[1]);
}
END_TEST

/* Test data that are packed like their training set have its columns and fill values. */
START_TEST(test_data_are_packed_like_training_data)
{
    static const char text[] = "price,size,city,gap,weight\n5,1.5,Oslo,,1\n6,2.5,Paris,3,1\n";
    const char *test = temporary_write("test.csv", text, sizeof text - 1);
    struct weft_data_options options = table_options(false);
    struct weft_data_sets sets;
    struct weft_dataset *mapped, *train;
    ck_ok(weft_pack(table_path, false, &options, temporary_path("train"), NULL));
    ck_ok(weft_dataset_map(temporary_path("train"), &train));
    ck_ok(weft_data_open(table_path, test, &options, &sets));
    options = options_of(false);
    options.like = train;
    ck_ok(weft_pack(test, false, &options, temporary_path("test"), NULL));
    ck_ok(weft_dataset_map(temporary_path("test"), &mapped));
    check_equal(sets.test, mapped);
    ck_assert(schema_equal(sets.test->schema, mapped->schema));
    weft_dataset_destroy(mapped);
    weft_dataset_destroy(train);
    weft_data_sets_reset(&sets);
}
END_TEST

/* A stream has its columns from the beginning to the end, but texts only of the current block. */
START_TEST(texts_are_those_of_the_block)
{
    const struct weft_options small = small_options();
    const char *paths[] = {temporary_path("city"), table_path};
    struct weft_data_options options = options_of(false);
    options.target = "weight"; /* 1 or 2: classes */
    struct weft_dataset *train = open_train(table_path, options);
    struct weft_model *model;
    struct weft_stream *stream;
    const struct weft_dataset *block;
    ck_ok(weft_model_create(&small, train, &model));
    options.keep = "city";
    ck_ok(weft_pack(table_path, false, &options, paths[0], NULL));
    options = options_of(false);
    options.keep = "city";
    for (size_t i = 0; i < 2; i++) {
        ck_ok(weft_stream_open(model, paths[i], false, &options, &stream));
        for (int blocks = 0; blocks < 3; blocks++) {
            ck_assert_pstr_eq(weft_stream_column(stream, 1), "city");
            ck_assert_ptr_null(weft_stream_column(stream, 2));
            ck_assert_pstr_eq(weft_stream_text(stream, 1, 2), blocks == 1 ? "New, York" : NULL);
            ck_assert_ptr_null(weft_stream_text(stream, 1, N));
            ck_ok(weft_stream_next(stream, N + 1, &block));
        }
        ck_assert_ptr_null(block);
        weft_stream_close(stream);
    }
    weft_model_destroy(model);
    weft_dataset_destroy(train);
}
END_TEST

/* Samples of classes that training never saw leave a mapped set by its index. */
START_TEST(unknown_classes_leave_a_mapped_set)
{
    struct weft_data_options options = options_of(true);
    struct weft_data_sets sets[2];
    unsigned char few[] = {0, 0, 8, 1, 0, 0, 0, 4, 0, 1, 0, 1};
    struct bytes images = header(0x08, (const uint32_t[]){4, 4, 3, 0});
    for (size_t i = 0; i < (size_t)4 * D; i++)
        add(&images, (const unsigned char[]){(unsigned char)(i * 5 % 256)}, 1);
    const char *train = temporary_write("few", images.data, images.size);
    options.labels = temporary_write("few labels", few, sizeof few);
    ck_ok(weft_pack(images_path, false,
                    &(struct weft_data_options){.size = sizeof options, .labels = labels_path},
                    temporary_path("test"), NULL));
    for (size_t map = 0; map < 2; map++) {
        options.map = map == 1;
        ck_ok(weft_data_open(train, temporary_path("test"), &options, &sets[map]));
    }
    ck_assert_uint_gt(sets[1].test->unseen, 0);
    ck_assert_uint_eq(sets[0].test->unseen, sets[1].test->unseen);
    ck_assert_ptr_nonnull(sets[1].test->index);
    check_equal(sets[0].test, sets[1].test);
    weft_data_sets_reset(&sets[0]);
    weft_data_sets_reset(&sets[1]);
}
END_TEST

/* ---- arrays in temporary files ---- */

START_TEST(large_arrays_leave_memory)
{
    enum { LARGE = 1 << 20 };
    const char *folder = temporary_subfolder("spool");
    unsigned char *large, *small, *outside;
    size_t capacity = 0;
    uint32_t *grown = NULL;
    memory_spool_begin(folder);
    ck_ok(NEW_ARRAY(large, LARGE));
    ck_ok(NEW_ARRAY(small, 100));
    ck_ok(memory_grow(&grown, sizeof *grown, 0, LARGE, &capacity));
    grown[LARGE - 1] = 7;
    ck_ok(memory_grow(&grown, sizeof *grown, LARGE, 2 * LARGE, &capacity));
    ck_assert_uint_eq(grown[LARGE - 1], 7);
    ck_assert_uint_eq(grown[2 * LARGE - 1], 0);
    memory_spool_end();
    ck_ok(NEW_ARRAY(outside, LARGE));
    ck_assert_uint_eq((uintptr_t)large % 64, 0);
    for (size_t i = 0; i < LARGE; i++)
        ck_assert_uint_eq(large[i], 0);
    ck_assert_uint_eq(temporary_count(folder), 0);
    memory_free(outside);
    memory_free(grown);
    memory_free(small);
    memory_free(large);
}
END_TEST

START_TEST(a_missing_folder_is_told)
{
    unsigned char *large;
    memory_spool_begin(temporary_path("nowhere"));
    ck_fails(NEW_ARRAY(large, 1 << 20), WEFT_ERROR_IO, "nowhere: cannot write a temporary file");
    memory_spool_end();
    ck_assert_int_eq(weft_pack(npy_path, false, NULL, temporary_path("nowhere/x"), NULL),
                     WEFT_ERROR_IO);
}
END_TEST

/* Refuses address space to the mapping of a temporary file. */
START_TEST(a_lack_of_address_space_is_a_lack_of_memory)
{
    unsigned char *large;
    struct rlimit usual, none;
    ck_assert_int_eq(getrlimit(RLIMIT_AS, &usual), 0);
    none = usual;
    none.rlim_cur = 0;
    memory_spool_begin(temporary_subfolder("narrow"));
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &none), 0);
    const enum weft_status status = NEW_ARRAY(large, 1 << 20);
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &usual), 0);
    memory_spool_end();
    ck_assert_int_eq(status, WEFT_ERROR_MEMORY);
    ck_assert_ptr_nonnull(strstr(weft_error(), "host memory: not available: 1048576 elements"));
}
END_TEST

START_TEST(a_system_call_without_memory_is_a_lack_of_memory)
{
    errno = ENOMEM;
    ck_fails(fail_errno("file", "open"), WEFT_ERROR_MEMORY, "file: cannot open: ");
    errno = ENOENT;
    ck_fails(fail_errno("file", "open"), WEFT_ERROR_IO, "file: cannot open: ");
}
END_TEST

/* The pass that narrows an array also finds that it is finite, so no second pass reads the file. */
START_TEST(an_array_is_checked_once)
{
    struct weft_dataset *mapped = open_train(npy_path, options_of(true));
    ck_assert(mapped->map != NULL && mapped->finite);
    weft_dataset_destroy(mapped);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mapped");
    TCase *files = tcase_create("files"), *spool = tcase_create("spool");
    tcase_add_unchecked_fixture(files, write_files, temporary_remove);
    tcase_add_test(files, idx_files_are_mapped);
    tcase_add_test(files, npy_files_are_mapped);
    tcase_add_test(files, an_array_is_checked_once);
    tcase_add_test(files, packed_images_are_bytes);
    tcase_add_test(files, packed_numbers_are_floats);
    tcase_add_test(files, packed_tables_keep_what_was_learned);
    tcase_add_test(files, packing_twice_changes_nothing);
    tcase_add_test(files, test_data_are_packed_like_training_data);
    tcase_add_test(files, texts_are_those_of_the_block);
    tcase_add_test(files, unknown_classes_leave_a_mapped_set);
    tcase_add_unchecked_fixture(spool, write_files, temporary_remove);
    tcase_add_test(spool, large_arrays_leave_memory);
    tcase_add_test(spool, a_missing_folder_is_told);
    tcase_add_test(spool, a_lack_of_address_space_is_a_lack_of_memory);
    tcase_add_test(spool, a_system_call_without_memory_is_a_lack_of_memory);
    suite_add_tcase(suite, files);
    suite_add_tcase(suite, spool);
    return suite_main(suite);
}
