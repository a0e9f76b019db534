/* Tests that the program produces the same bits again, as users run it. Models must not depend on
 * the run, on cold or warm kernel caches, on the number of threads, or on --quiet. Predictions must
 * not depend on the order or the choice of the samples.
 *
 * Weft promises the same model, byte for byte, for the same seed, device and settings, with any
 * number of threads. Predictions do not depend on threads either.
 *
 * WEFT_RUNS sets how often a training is repeated (3).
 */
#define _XOPEN_SOURCE 700

#include <stdarg.h>

#include "base/random.h"
#include "devices.h"
#include "plain_options.h"
#include "temporary.h"

/* The device whose case runs, as --device takes it. */
static const char *spec;

static void device_is_opencl(void)
{
    spec = "opencl";
}

static void device_is_cpu(void)
{
    spec = "cpu";
}

/* ---- the program ---- */

enum { MOST_BYTES = 1 << 22 };

/* The file `name` of the temporary folder; its size. */
static size_t file_load(const char *name, char *bytes)
{
    FILE *file = fopen(temporary_path(name), "rb");
    ck_assert_msg(file != NULL, "%s was not written", name);
    const size_t size = fread(bytes, 1, MOST_BYTES, file);
    fclose(file);
    ck_assert_uint_lt(size, MOST_BYTES);
    return size;
}

/* Runs weft in the temporary folder, with `settings` (NAME=VALUE ...) in its environment; its
 * results go to the file `output`. */
__attribute__((format(printf, 3, 4))) static void weft(const char *settings, const char *output,
                                                       const char *arguments, ...)
{
    char command[2048], text[1024];
    static char errors[MOST_BYTES];
    va_list list;
    va_start(list, arguments);
    vsnprintf(text, sizeof text, arguments, list);
    va_end(list);
    snprintf(command, sizeof command, "cd '%s' && env %s '%s' %s >%s 2>err", temporary_folder,
             settings, WEFT_PROGRAM, text, output);
    if (system(command) == 0)
        return;
    errors[file_load("err", errors)] = '\0';
    ck_abort_msg("%s: %s", command, errors);
}

/* Trains on 300 images for three epochs: shuffled, with penalties, the last batch a short one. */
static void train(const char *settings, const char *model, const char *more)
{
    weft(settings, "out",
         "train --data '%s/data/fashion-sample' --device %s --hidden 33,17 --epochs 3 "
         "--batch-size 64 --l1 1e-4 --l2 1e-3 --holdout 0.1 -o %s %s",
         WEFT_SOURCE_DIR, spec, model, more);
}

/* Two files of the temporary folder hold the same bytes, and some. */
static void assert_same_files(const char *first, const char *second, const char *why)
{
    static char a[MOST_BYTES], b[MOST_BYTES];
    const size_t size = file_load(first, a), other = file_load(second, b);
    ck_assert_uint_gt(size, 0);
    ck_assert_msg(size == other && memcmp(a, b, size) == 0, "%s, %s: other bytes", spec, why);
}

/* ---- models ---- */

START_TEST(runs)
{
    const char *count = getenv("WEFT_RUNS");
    const unsigned long repeats = count != NULL ? strtoul(count, NULL, 10) : 3;
    train("", "first", "-q");
    for (unsigned long i = 1; i < repeats; i++) {
        train("", "again", "-q");
        assert_same_files("first", "again", "run again");
    }
}
END_TEST

/* Or the files would be the same because nothing matters. */
START_TEST(seeds)
{
    struct weft_model *models[2];
    train("", "first", "-q --seed 1");
    train("", "other", "-q --seed 2");
    ck_ok(weft_model_read(temporary_path("first"), &models[0]));
    ck_ok(weft_model_read(temporary_path("other"), &models[1]));
    for (size_t l = 0; l < 3; l++)
        ck_assert_mem_ne(weft_model_biases(models[0], l), weft_model_biases(models[1], l),
                         10 * sizeof(float));
    weft_model_destroy(models[0]);
    weft_model_destroy(models[1]);
}
END_TEST

START_TEST(verbosity)
{
    static const char *const options[] = {"", "-v", "--log log", "--json", "-q --log log --json"};
    train("", "quiet", "-q");
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        train("", "model", options[i]);
        assert_same_files("quiet", "model", options[i]);
    }
}
END_TEST

/* An empty cache, then the same cache filled. */
START_TEST(kernel_caches)
{
    char cache[512];
    snprintf(cache, sizeof cache, "POCL_CACHE_DIR='%s'", temporary_subfolder("cache"));
    train("", "usual", "-q");
    train(cache, "cold", "-q");
    train(cache, "warm", "-q");
    assert_same_files("usual", "cold", "an empty kernel cache");
    assert_same_files("cold", "warm", "a filled kernel cache");
}
END_TEST

START_TEST(threads_of_the_device)
{
    train("POCL_MAX_PTHREAD_COUNT=1", "one", "-q");
    train("POCL_MAX_PTHREAD_COUNT=2", "two", "-q");
    assert_same_files("one", "two", "2 threads instead of 1");
}
END_TEST

START_TEST(threads_of_the_host)
{
    static const char *const settings[] = {"OMP_NUM_THREADS=1", "OMP_NUM_THREADS=2",
                                           "OMP_NUM_THREADS=3"};
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        train(settings[i], i == 0 ? "first" : "other", "-q");
        weft(settings[i], "out",
             "train --data '%s/data/fashion-sample' --device cpu --hidden 600,300 --epochs 2 "
             "--batch-size 150 -q -o %s",
             WEFT_SOURCE_DIR, i == 0 ? "wide" : "other-wide");
        if (i == 0)
            continue;
        assert_same_files("first", "other", settings[i]);
        assert_same_files("wide", "other-wide", settings[i]);
    }
}
END_TEST

/* ---- predictions ---- */

START_TEST(threads_predict_alike)
{
    static const char *const settings[] = {"OMP_NUM_THREADS=1 POCL_MAX_PTHREAD_COUNT=1",
                                           "OMP_NUM_THREADS=2 POCL_MAX_PTHREAD_COUNT=2",
                                           "OMP_NUM_THREADS=3 POCL_MAX_PTHREAD_COUNT=3"};
    train("", "model", "-q");
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        char output[32];
        snprintf(output, sizeof output, "predictions%zu", i);
        weft(settings[i], output,
             "predict --model model --data '%s/data/fashion-sample' --part train --proba "
             "--device %s",
             WEFT_SOURCE_DIR, spec);
        assert_same_files("predictions0", output, settings[i]);
    }
}
END_TEST

enum { SAMPLES = 1500, MOST_FEATURES = 65, MOST_CLASSES = 17 };

/* Predictions of one model, for the samples in file order. */
struct predictions {
    size_t features, classes;
    float x[SAMPLES * MOST_FEATURES];            /* [N][D] */
    float probabilities[SAMPLES * MOST_CLASSES]; /* [N][C] */
    int32_t labels[SAMPLES];                     /* [N] */
};

/* A model of random widths; all samples predicted at once. */
static struct weft_model *model_predicted(uint32_t number, struct predictions *of)
{
    const struct random_stream sizes = {1, RANDOM_CHECK, number}, x = {2, RANDOM_CHECK, number};
    struct weft_options options;
    struct weft_dataset *dataset;
    struct weft_model *model;
    options = plain_options();
    options.head = (enum weft_head)(number % 3);
    options.hidden_count = random_bits(sizes, 0) % 3;
    for (size_t l = 0; l < options.hidden_count; l++)
        options.hidden[l] = 1 + random_bits(sizes, l + 1) % 65;
    options.batch_norm = number % 2 == 1;
    options.scale = WEFT_SCALE_NONE;
    options.seed = number;
    of->features = 1 + random_bits(sizes, 10) % MOST_FEATURES;
    of->classes = 2 + random_bits(sizes, 11) % (MOST_CLASSES - 1);
    for (size_t i = 0; i < SAMPLES * of->features; i++)
        of->x[i] = random_uniform(x, i, -2.0f, 2.0f);
    for (size_t i = 0; i < SAMPLES; i++)
        of->labels[i] = (int32_t)(i % of->classes);
    ck_ok(weft_dataset_create(SAMPLES, of->features, of->classes, of->x, of->labels, &dataset));
    ck_ok(weft_model_create(&options, dataset, &model));
    ck_ok(weft_predict(device, model, of->x, SAMPLES, of->labels, of->probabilities));
    weft_dataset_destroy(dataset);
    return model;
}

/* The samples in another order, in pieces of random sizes: each gets the same bits. */
static void check_shuffled(const struct weft_model *model, uint32_t number,
                           const struct predictions *of)
{
    static float x[SAMPLES * MOST_FEATURES], probabilities[SAMPLES * MOST_CLASSES];
    static uint32_t order[SAMPLES];
    static int32_t labels[SAMPLES];
    const struct random_stream pieces = {3, RANDOM_CHECK, number};
    random_permutation((struct random_stream){4, RANDOM_CHECK, number}, order, SAMPLES);
    for (size_t i = 0; i < SAMPLES; i++)
        memcpy(x + i * of->features, of->x + order[i] * of->features, of->features * sizeof *x);
    for (size_t first = 0, piece = 0; first < SAMPLES; piece++) {
        const size_t most = SAMPLES - first, n = 1 + random_bits(pieces, piece) % 1100;
        const size_t count = n < most ? n : most;
        ck_ok(weft_predict(device, model, x + first * of->features, count, labels + first,
                           probabilities + first * of->classes));
        first += count;
    }
    for (size_t i = 0; i < SAMPLES; i++) {
        ck_assert_int_eq(labels[i], of->labels[order[i]]);
        ck_assert_msg(memcmp(probabilities + i * of->classes,
                             of->probabilities + order[i] * of->classes,
                             of->classes * sizeof *probabilities) == 0,
                      "model %u: sample %u has other probabilities at place %zu", (unsigned)number,
                      (unsigned)order[i], i);
    }
}

START_TEST(order_of_predictions)
{
    static struct predictions of;
    device_open(spec);
    for (uint32_t number = 0; number < 6; number++) {
        struct weft_model *model = model_predicted(number, &of);
        check_shuffled(model, number, &of);
        weft_model_destroy(model);
    }
    device_close();
}
END_TEST

/* Kernels are compiled from nothing once, and twenty runs take their time. */
enum { TIMEOUT_SECONDS = 500 };

static TCase *case_create(const char *name, void (*setup)(void))
{
    TCase *tests = tcase_create(name);
    tcase_set_timeout(tests, TIMEOUT_SECONDS);
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, runs);
    tcase_add_test(tests, seeds);
    tcase_add_test(tests, verbosity);
    tcase_add_test(tests, threads_predict_alike);
    tcase_add_test(tests, order_of_predictions);
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("determinism");
    TCase *opencl = case_create("opencl", device_is_opencl);
    tcase_add_test(opencl, kernel_caches);
    tcase_add_test(opencl, threads_of_the_device);
    suite_add_tcase(suite, opencl);
    TCase *cpu = case_create("cpu", device_is_cpu);
    tcase_add_test(cpu, threads_of_the_host);
    suite_add_tcase(suite, cpu);
    return suite_main(suite);
}
