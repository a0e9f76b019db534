/* Makes every host allocation fail. The result must be WEFT_ERROR_MEMORY, without leaks and without
 * damaged files.
 *
 * The linker redirects calloc and free of the library to the functions here (-Wl,--wrap, see
 * CMakeLists.txt). The library allocates only in base/memory.c. jansson is set to use the same
 * functions. One job reads data; another one trains, saves, loads and predicts. Both run again and
 * again, and each time one later allocation fails.
 *
 * The parser of jansson 2.14 does not check whether it got memory. It drops characters and then
 * ends the process (load.c, lex_scan_string: assert(0)). Therefore a parse fails here as a whole,
 * as if it got no memory at the start. The allocations inside it do not fail.
 */
#define _XOPEN_SOURCE 700

#include <jansson.h>
#include <stdio.h>

#include "damage.h"
#include "suite.h"
#include "temporary.h"
#include "train/pass.h"

/* ---- the allocator ---- */

static struct {
    size_t calls;   /* since the job began */
    size_t failing; /* number of the call that fails; 0: none */
    bool parsing;   /* inside jansson's parser, nothing fails */
    size_t live;    /* blocks of the job that were not freed; Check uses the heap between jobs */
} heap;

void *__real_calloc(size_t count, size_t size);
void __real_free(void *block);
void *__wrap_calloc(size_t count, size_t size);
void __wrap_free(void *block);
json_t *__real_json_loadb(const char *text, size_t size, size_t flags, json_error_t *error);
json_t *__wrap_json_loadb(const char *text, size_t size, size_t flags, json_error_t *error);

static bool fails(void)
{
    return !heap.parsing && ++heap.calls == heap.failing;
}

void *__wrap_calloc(size_t count, size_t size)
{
    if (fails())
        return NULL;
    void *block = __real_calloc(count, size);
    heap.live += block != NULL;
    return block;
}

void __wrap_free(void *block)
{
    heap.live -= block != NULL;
    __real_free(block);
}

static void *allocate_for_jansson(size_t size)
{
    return __wrap_calloc(1, size);
}

json_t *__wrap_json_loadb(const char *text, size_t size, size_t flags, json_error_t *error)
{
    memset(error, 0, sizeof *error); /* jansson says nothing of memory */
    if (fails())
        return NULL;
    heap.parsing = true;
    json_t *json = __real_json_loadb(text, size, flags, error);
    heap.parsing = false;
    return json;
}

/* ---- the jobs ---- */

/* Everything that a job holds, all owned. */
struct job {
    struct weft_table *table;
    struct weft_options options;
    struct weft_dataset *train, *test, *rest, *holdout;
    struct weft_device *device;
    struct weft_model *model, *again;
    struct weft_evaluation *evaluation;
    struct weft_data_sets sets;
    struct weft_stream *stream;
    struct weft_data_description *description;
    struct weft_checkpoint *checkpoint;
    struct weft_checkpoint_lock *lock;
};

static const char *device_name; /* of train_and_use */
static char model_path[1024], table_path[1024], checkpoint_path[1024];
static size_t beside;                /* names in the folder besides the model's */
static void (*after_each)(size_t n); /* a further check after allocation n has failed; or NULL */

static enum weft_status read_data(struct job *job)
{
    TRY(weft_dataset_open(WEFT_SOURCE_DIR "/data/fashion-sample", &job->train, &job->test));
    return weft_dataset_holdout(job->train, 0.2, 1, &job->rest, &job->holdout);
}

/* By its name, among the user's own data. */
static enum weft_status find_data(struct job *job)
{
    return weft_dataset_open("fashion-mnist", &job->train, &job->test);
}

/* Text, quotes, missing values, lines that jump, and a column that becomes text late. */
static enum weft_status read_table(struct job *job)
{
    const char *names[] = {"x", NULL, "y"};
    const double numbers[] = {1, 0.1, 70000};
    TRY(weft_table_read(temporary_path("table.csv"), NULL, &job->table));
    weft_table_destroy(job->table);
    TRY(weft_table_create(3, &job->table));
    TRY(weft_table_add_texts(job->table, "t", names));
    return weft_table_add_numbers(job->table, "n", numbers);
}

static enum weft_status train_and_save(struct job *job)
{
    struct weft_training training;
    TRY(weft_options_init(&job->options, "default"));
    TRY(weft_options_set(&job->options, "hidden", "5,3"));
    TRY(weft_options_set(&job->options, "dropout", "0"));
    TRY(weft_options_set(&job->options, "label-smoothing", "0"));
    TRY(weft_options_set(&job->options, "optimizer", "sgd"));
    TRY(weft_options_set(&job->options, "epochs", "1"));
    TRY(weft_options_set(&job->options, "l1", "0.01"));
    TRY(weft_dataset_open("xor", &job->train, &job->test));
    TRY(weft_model_check_path(model_path));
    TRY(weft_device_create(device_name, NULL, NULL, &job->device));
    TRY(weft_model_create(&job->options, job->train, &job->model));
    TRY(weft_train(job->device, job->model, &job->options, job->train, job->train, job->train, NULL,
                   &training));
    return weft_model_write(job->model, model_path);
}

static enum weft_status train_and_use(struct job *job)
{
    int32_t classes[4];
    float probabilities[4][2];
    static const float corners[4][2] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
    TRY(train_and_save(job));
    TRY(weft_model_read(model_path, &job->again));
    TRY(weft_evaluate(job->device, job->again, job->train, &job->evaluation));
    TRY(weft_predict(job->device, job->again, corners[0], 4, classes, probabilities[0]));
    weft_model_destroy(job->again);
    return weft_model_create_from(model_path, &job->options, true, job->train, &job->again);
}

/* The two checkpoints of train_and_resume, of its run without failures. */
static struct image checkpoints[2];

/* Writes a checkpoint after each of two batches, and ends the training. */
struct two_checkpoints {
    enum weft_status status;
    size_t written;
};

static int write_checkpoint(void *user, struct weft_moment *moment)
{
    struct two_checkpoints *two = user;
    two->status = weft_checkpoint_write(moment, checkpoint_path, "a note", NULL);
    if (heap.failing == 0) {
        const size_t live = heap.live; /* Check uses the heap here */
        checkpoints[two->written] = image_load(checkpoint_path);
        heap.live = live;
    }
    return ++two->written == 2 || two->status != WEFT_OK;
}

/* A training that is interrupted after its second checkpoint, and resumed. */
static enum weft_status train_and_resume(struct job *job)
{
    struct weft_training training;
    struct two_checkpoints two = {.status = WEFT_OK};
    const struct weft_callbacks callbacks = {.user = &two, .batch = write_checkpoint};
    struct weft_options *options = &job->options;
    TRY(weft_options_init(options, "xor"));
    TRY(weft_options_set(options, "hidden", "2"));
    TRY(weft_options_set(options, "ema", "0.9"));
    TRY(weft_options_set(options, "batches", "2"));
    TRY(weft_options_set(options, "epochs", "2"));
    TRY(weft_dataset_open("xor", &job->train, &job->test));
    TRY(weft_device_create(device_name, NULL, NULL, &job->device));
    TRY(weft_model_create(options, job->train, &job->model));
    TRY(weft_train(job->device, job->model, options, job->train, NULL, NULL, &callbacks,
                   &training));
    TRY(two.status);
    TRY(weft_checkpoint_read(checkpoint_path, &job->checkpoint));
    TRY(weft_model_create(options, job->train, &job->again));
    TRY(weft_resume(job->device, job->again, options, job->train, NULL, NULL, NULL, job->checkpoint,
                    &training));
    TRY(weft_checkpoint_lock(checkpoint_path, &job->lock));
    return weft_model_write(job->again, model_path);
}

/* A table with gaps, categories and free text becomes the sets of a training; its model reads
 * other tables whole and in blocks. */
static enum weft_status open_tables(struct job *job)
{
    struct weft_data_options data;
    const struct weft_dataset *block = NULL;
    weft_data_options_init(&data);
    data.target = "y";
    data.id = "id";
    data.holdout = 0.25;
    TRY(weft_data_open(table_path, table_path, &data, &job->sets));
    TRY(weft_options_init(&job->options, "default"));
    TRY(weft_options_set(&job->options, "hidden", "2"));
    TRY(weft_model_create(&job->options, job->sets.train, &job->model));
    TRY(weft_model_write(job->model, model_path));
    TRY(weft_model_read(model_path, &job->again));
    data.keep = "x,city";
    TRY(weft_data_open_for(job->again, table_path, true, true, &data, &job->test));
    TRY(weft_stream_open(job->again, table_path, true, &data, &job->stream));
    do
        TRY(weft_stream_next(job->stream, 3, &block));
    while (block != NULL);
    return weft_dataset_set_class_names(job->test, (const char *const[]){"one", "two"});
}

static enum weft_status describe(const char *what, const char *target, struct job *job)
{
    struct weft_data_options data;
    weft_data_options_init(&data);
    data.target = target;
    weft_data_description_destroy(job->description);
    return weft_data_describe(what, &data, &job->description);
}

/* A table, a table that no training can use, and images. */
static enum weft_status describe_data(struct job *job)
{
    TRY(describe(table_path, "y", job));
    TRY(describe(table_path, "city", job));
    return describe(WEFT_SOURCE_DIR "/data/fashion-sample", NULL, job);
}

static void job_reset(struct job *job)
{
    weft_checkpoint_unlock(job->lock);
    weft_checkpoint_destroy(job->checkpoint);
    weft_data_description_destroy(job->description);
    weft_stream_close(job->stream);
    weft_data_sets_reset(&job->sets);
    weft_table_destroy(job->table);
    weft_evaluation_destroy(job->evaluation);
    weft_model_destroy(job->again);
    weft_model_destroy(job->model);
    weft_device_destroy(job->device);
    weft_dataset_destroy(job->holdout);
    weft_dataset_destroy(job->rest);
    weft_dataset_destroy(job->test);
    weft_dataset_destroy(job->train);
}

/* ---- every n ---- */

typedef enum weft_status job_function(struct job *job);

/* Runs the work with allocation `failing` failing; how many there were is heap.calls, what was not
 * freed heap.live. */
static enum weft_status job_run(job_function *work, size_t failing)
{
    struct job job = {.train = NULL};
    heap.calls = 0;
    heap.live = 0;
    heap.failing = failing;
    const enum weft_status status = work(&job);
    job_reset(&job);
    heap.failing = 0;
    return status;
}

/* The file under the final name is a whole model, or is not there; nothing lies beside it. */
static void assert_no_half_file(size_t n)
{
    struct weft_model *model = NULL;
    const bool there = access(model_path, F_OK) == 0;
    ck_assert_msg(temporary_count(temporary_folder) == there + beside,
                  "allocation %zu: a file is left", n);
    if (!there)
        return;
    ck_assert_msg(weft_model_read(model_path, &model) == WEFT_OK, "allocation %zu: %s", n,
                  weft_error());
    weft_model_destroy(model);
    ck_assert_int_eq(remove(model_path), 0);
}

/* Every build counts what leaks. A sanitized build looks for other damage in a fifth of the jobs,
 * because it takes five times as long. */
#ifdef __SANITIZE_ADDRESS__
enum { STRIDE = 5 };
#else
enum { STRIDE = 1 };
#endif

/* Allocations 1, 1 + step, 1 + 2 step, ... of the work fail. */
static void sweep(job_function *work, size_t step)
{
    step *= STRIDE;
    snprintf(model_path, sizeof model_path, "%s", temporary_path("model"));
    json_set_alloc_funcs(allocate_for_jansson, __wrap_free);
    const enum weft_status whole = job_run(work, 0);
    const size_t calls = heap.calls, left = heap.live;
    ck_ok(whole);
    ck_assert_uint_eq(left, 0);
    ck_assert_uint_ge(calls, 20);
    for (size_t n = 1; n <= calls; n += step) {
        const enum weft_status status = job_run(work, n);
        const size_t live = heap.live;
        ck_assert_msg(status == WEFT_ERROR_MEMORY && strstr(weft_error(), "memory") != NULL,
                      "allocation %zu of %zu: status %d: %s", n, calls, (int)status, weft_error());
        ck_assert_msg(live == 0, "allocation %zu of %zu: %zu blocks leak", n, calls, live);
        assert_no_half_file(n);
        if (after_each != NULL)
            after_each(n);
    }
}

START_TEST(reading_data)
{
    sweep(read_data, 1);
}
END_TEST

START_TEST(finding_data)
{
    const char *link = temporary_path("fashion-mnist");
    ck_assert_int_eq(symlink(WEFT_SOURCE_DIR "/data/fashion-sample", link), 0);
    unsetenv("WEFT_DATA");
    setenv("XDG_DATA_HOME", temporary_folder, 1);
    ck_assert_int_eq(chdir("/"), 0);
    beside = 1;
    sweep(find_data, 1);
    ck_assert_int_eq(remove(link), 0);
}
END_TEST

START_TEST(reading_tables)
{
    char text[4096] = "a,b,c\n1,\"x\ny \"\"z\"\"\",007\n\n,2,300\n";
    for (int i = 0; i < 100; i++)
        strcat(text, "0.1,w,008\n");
    strcat(text, "70000,w,late\n");
    const char *path = temporary_write("table.csv", text, strlen(text));
    beside = 1;
    sweep(read_table, 1);
    ck_assert_int_eq(remove(path), 0);
}
END_TEST

START_TEST(opening_tables)
{
    static const char text[] = "id,x,city,day,y\n1,0.5,Rome,2024-01-01,b\n2,,Oslo,2024-01-02,a\n"
                               "3,2.5,,2024-01-03,b\n4,1,Rome,2024-01-04,a\n5,,Oslo,2024-01-05,a\n"
                               "6,7,Rome,2024-01-06,b\n7,1,Bonn,2024-01-07,a\n";
    snprintf(table_path, sizeof table_path, "%s", temporary_write("table.csv", text, strlen(text)));
    beside = 1;
    sweep(open_tables, 1);
    sweep(describe_data, 1);
    ck_assert_int_eq(remove(table_path), 0);
}
END_TEST

START_TEST(training_on_the_cpu)
{
    device_name = "cpu";
    sweep(train_and_use, 1);
}
END_TEST

/* Whatever fails, the file is one of the two checkpoints, to the byte. */
static void assert_one_of_two(size_t n)
{
    const struct image now = image_load(checkpoint_path);
    bool same = false;
    for (size_t i = 0; i < 2; i++)
        same = same || (now.size == checkpoints[i].size &&
                        memcmp(now.bytes, checkpoints[i].bytes, now.size) == 0);
    ck_assert_msg(same, "allocation %zu: another checkpoint", n);
}

START_TEST(resuming)
{
    device_name = "cpu";
    beside = 1;
    snprintf(checkpoint_path, sizeof checkpoint_path, "%s/checkpoint",
             temporary_subfolder("checkpoints"));
    after_each = assert_one_of_two;
    sweep(train_and_resume, 1);
    ck_assert_uint_eq(temporary_count(temporary_path("checkpoints")), 1);
    ck_assert_int_eq(remove(checkpoint_path), 0);
    ck_assert_int_eq(rmdir(temporary_path("checkpoints")), 0);
}
END_TEST

/* A sample, as the kernels are built again for each. */
START_TEST(training_on_opencl)
{
    device_name = "opencl";
    sweep(train_and_use, 29);
}
END_TEST

/* What a constructor finds in the storage that it is handed is not what it releases. */
START_TEST(a_pass_in_used_storage)
{
    static const size_t widths[] = {1, 1};
    struct network network;
    struct weft_device *device;
    struct pass pass;
    ck_ok(network_init(&network, widths, 1, WEFT_HEAD_IDENTITY, false));
    ck_ok(weft_device_create("cpu", NULL, NULL, &device));
    memset(&pass, 0xff, sizeof pass);
    heap.calls = 0;
    heap.failing = 1;
    const enum weft_status status = pass_init(&pass, device, &network, 1, WEFT_GEMM_AUTO);
    heap.failing = 0;
    ck_assert_int_eq(status, WEFT_ERROR_MEMORY);
    ck_assert_ptr_null(pass.workspace);
    weft_device_destroy(device);
    network_reset(&network);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("allocation");
    TCase *tests = tcase_create("failing");
    tcase_set_timeout(tests, 400); /* over a thousand jobs in one test */
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_test(tests, reading_data);
    tcase_add_test(tests, finding_data);
    tcase_add_test(tests, reading_tables);
    tcase_add_test(tests, opening_tables);
    tcase_add_test(tests, training_on_the_cpu);
    tcase_add_test(tests, resuming);
    tcase_add_test(tests, training_on_opencl);
    suite_add_tcase(suite, tests);
    TCase *storage = tcase_create("storage");
    tcase_add_test(storage, a_pass_in_used_storage);
    suite_add_tcase(suite, storage);
    return suite_main(suite);
}
