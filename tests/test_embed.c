/* Tests weft_embed.h as its users see it, on both devices. */
#define _XOPEN_SOURCE 700
#include <omp.h>
#include <stdio.h>

#include "base/file.h"
#include "base/memory.h"
#include "devices.h"
#include "model_by_hand.h"
#include "plain_options.h"
#include "weft_embed.h"

enum { N = 61, D = 3 };

/* Three clusters: 5 at the own feature of a class, plus sin(12.9898 i + 78.233 j). */
static void clusters(float *x)
{
    for (size_t i = 0; i < N * D; i++) {
        const size_t sample = i / D, feature = i % D;
        x[i] = (float)((sample % 3 == feature ? 5.0 : 0.0) +
                       sin(12.9898 * (double)sample + 78.233 * (double)feature));
    }
}

static struct weft_embed_options options_of(double perplexity)
{
    struct weft_embed_options options;
    weft_embed_options_init(&options);
    options.perplexity = perplexity;
    return options;
}

static double square_between(const float *y, size_t i, size_t j)
{
    const double dx = (double)y[2 * i] - (double)y[2 * j];
    const double dy = (double)y[2 * i + 1] - (double)y[2 * j + 1];
    return dx * dx + dy * dy;
}

/* sklearn.manifold.TSNE(method="exact", perplexity=20) ends at 0.01044 to 0.01056 over six starts;
 * 20 x 3 neighbors are all of them. The nearest point of each point is of its cluster. */
START_TEST(a_map_is_as_good_as_scikit_learns)
{
    float x[N * D], y[2 * N];
    struct weft_embedding embedding;
    struct weft_embed_options options = options_of(20.0);
    clusters(x);
    ck_ok(weft_embed(device, x, N, D, &options, y, &embedding));
    ck_assert_uint_eq(embedding.neighbors, 60);
    ck_assert_uint_eq(embedding.iterations, 1000);
    ck_assert_msg(embedding.divergence < 1.01 * 0.01056 && embedding.divergence > 0.009,
                  "divergence %.6f", embedding.divergence);
    for (size_t i = 0; i < N; i++) {
        size_t nearest = i == 0;
        for (size_t j = 0; j < N; j++)
            if (j != i && square_between(y, i, j) < square_between(y, i, nearest))
                nearest = j;
        ck_assert_uint_eq(nearest % 3, i % 3);
    }
}
END_TEST

START_TEST(the_same_seed_gives_the_same_bytes)
{
    float x[N * D], y[4][2 * N];
    struct weft_embedding embedding;
    struct weft_embed_options options = options_of(8.0);
    const int threads = omp_get_max_threads();
    options.iterations = 120;
    clusters(x);
    for (int run = 0; run < 4; run++) {
        omp_set_num_threads(run == 1 ? 1 : 3);
        options.seed = run == 3 ? 8 : 7;
        ck_ok(weft_embed(device, x, N, D, &options, y[run], &embedding));
    }
    omp_set_num_threads(threads);
    ck_assert_mem_eq(y[0], y[1], sizeof y[0]);
    ck_assert_mem_eq(y[0], y[2], sizeof y[0]);
    ck_assert_mem_ne(y[0], y[3], sizeof y[0]);
}
END_TEST

/* The map does not depend on the unit of the features, nor on where their zero is. */
START_TEST(units_do_not_matter)
{
    float x[N * D], y[2][2 * N];
    struct weft_embedding embedding;
    struct weft_embed_options options = options_of(8.0);
    options.iterations = 60;
    clusters(x);
    ck_ok(weft_embed(device, x, N, D, &options, y[0], &embedding));
    for (size_t i = 0; i < N * D; i++)
        x[i] *= 0x1p40f;
    ck_ok(weft_embed(device, x, N, D, &options, y[1], &embedding));
    ck_assert_mem_eq(y[0], y[1], sizeof y[0]);
}
END_TEST

/* One, two, three samples, and samples that are all the same: finite maps. */
START_TEST(few_and_equal_samples)
{
    float x[20 * D], y[40];
    struct weft_embedding embedding;
    clusters((float[N *D]){0});
    for (size_t count = 1; count <= 20; count = count < 4 ? count + 1 : count + 8) {
        for (int equal = 0; equal < 2; equal++) {
            for (size_t i = 0; i < count * D; i++)
                x[i] = equal ? 4.25f : (float)(i * i % 7);
            ck_ok(weft_embed(device, x, count, D, NULL, y, &embedding));
            for (size_t i = 0; i < 2 * count; i++)
                ck_assert(isfinite(y[i]));
            ck_assert(count == 1 ? isnan(embedding.divergence) && y[0] == 0.0f
                                 : isfinite(embedding.divergence) && embedding.perplexity >= 1.0);
            for (size_t i = 1; i < count; i++) /* equal samples part, too */
                ck_assert(square_between(y, 0, i) > 0.0);
        }
    }
}
END_TEST

/* ---- what is refused ---- */

START_TEST(bad_options_are_refused)
{
    float x[N * D], y[2 * N];
    struct weft_embedding embedding;
    struct weft_embed_options options = options_of(20.1);
    clusters(x);
    ck_fails(weft_embed(device, x, N, D, &options, y, &embedding), WEFT_ERROR_USAGE,
             "perplexity 20.1: needs 3 x 20.1 neighbors of each sample, and there are 61 samples: "
             "need at most 20");
    ck_assert_str_eq(weft_error_option(), "perplexity");
    options = options_of(0.5);
    ck_fails(weft_embed(device, x, N, D, &options, y, &embedding), WEFT_ERROR_USAGE,
             "perplexity 0.5: need at least 1");
    options = options_of((double)NAN);
    ck_fails(weft_embed(device, x, N, D, &options, y, &embedding), WEFT_ERROR_USAGE, "perplexity");
    options = options_of(0.0);
    options.iterations = 0;
    ck_fails(weft_embed(device, x, N, D, &options, y, &embedding), WEFT_ERROR_USAGE, "iterations");
    options = options_of(0.0);
    options.exaggeration = 0.5;
    ck_fails(weft_embed(device, x, N, D, &options, y, &embedding), WEFT_ERROR_USAGE,
             "exaggeration");
    options = options_of(0.0);
    options.learning_rate = -1.0;
    ck_fails(weft_embed(device, x, N, D, &options, y, &embedding), WEFT_ERROR_USAGE,
             "learning-rate");
    options = options_of(0.0);
    options.method = (enum weft_embed_method)7;
    ck_fails(weft_embed(device, x, N, D, &options, y, &embedding), WEFT_ERROR_USAGE, "method");
    options = options_of(0.0);
    options.scale = (enum weft_scale)7;
    ck_fails(weft_embed(device, x, N, D, &options, y, &embedding), WEFT_ERROR_USAGE, "scale");
    ck_fails(weft_embed(NULL, x, N, D, NULL, y, &embedding), WEFT_ERROR_USAGE, "device");
}
END_TEST

START_TEST(bad_samples_are_refused)
{
    float x[N * D], y[2 * N];
    struct weft_embedding embedding;
    clusters(x);
    ck_fails(weft_embed(device, x, 0, D, NULL, y, &embedding), WEFT_ERROR_DATA, "samples");
    x[5 * D + 2] = (float)NAN;
    ck_fails(weft_embed(device, x, N, D, NULL, y, &embedding), WEFT_ERROR_DATA,
             "sample 5, feature 2 is not finite");
    x[5 * D + 2] = HUGE_VALF;
    ck_fails(weft_embed(device, x, N, D, NULL, y, &embedding), WEFT_ERROR_DATA, "sample 5");
}
END_TEST

START_TEST(a_map_that_explodes_is_reported)
{
    float x[N * D], y[2 * N];
    struct weft_embedding embedding;
    struct weft_embed_options options = options_of(0.0);
    options.learning_rate = 1e12;
    options.exaggeration = 1e6;
    clusters(x);
    ck_fails(weft_embed(device, x, N, D, &options, y, &embedding), WEFT_ERROR_DIVERGED,
             "t-SNE diverged in iteration");
}
END_TEST

/* ---- progress ---- */

struct told {
    size_t calls, last, stop_at;
    double divergence;
};

static int on_progress(void *user, const struct weft_embed_progress *now)
{
    struct told *told = user;
    ck_assert_uint_eq(now->iterations, 1000);
    ck_assert_uint_gt(now->iteration, told->last); /* sooner where the machine is slow */
    ck_assert_uint_le(now->iteration, told->last / 50 * 50 + 50);
    ck_assert(isfinite(now->divergence) && now->seconds >= 0.0);
    told->calls++;
    told->last = now->iteration;
    told->divergence = now->divergence;
    return now->iteration == told->stop_at;
}

START_TEST(progress_is_told_and_stops)
{
    float x[N * D], y[2 * N];
    struct weft_embedding embedding;
    struct weft_embed_options options = options_of(0.0);
    struct told told = {.stop_at = 0};
    options.progress = on_progress;
    options.user = &told;
    clusters(x);
    ck_ok(weft_embed(device, x, N, D, &options, y, &embedding));
    ck_assert_uint_ge(told.calls, 19); /* 50, ..., 950 */
    ck_assert(!embedding.stopped);
    told = (struct told){.stop_at = 100};
    ck_ok(weft_embed(device, x, N, D, &options, y, &embedding));
    ck_assert(embedding.stopped);
    ck_assert_uint_eq(embedding.iterations, 100);
    ck_assert(embedding.divergence == told.divergence);
}
END_TEST

enum { MANY = 3000 };

static int on_search(void *user, const struct weft_embed_progress *now)
{
    struct told *told = user;
    ck_assert_uint_eq(now->samples, MANY);
    ck_assert_uint_eq(now->iteration, 0);
    ck_assert_uint_eq(now->searched, told->last + 1024);
    ck_assert(isnan(now->divergence));
    told->calls++;
    told->last = now->searched;
    return now->searched == told->stop_at;
}

/* Searching the neighbors of many samples takes minutes: the caller hears of it, and may stop. */
START_TEST(the_search_is_told_and_stops)
{
    static float x[MANY * D], y[2 * MANY], start[2 * MANY];
    struct weft_embedding embedding;
    struct weft_embed_options options = options_of(0.0);
    struct told told = {.stop_at = 0};
    for (size_t i = 0; i < (size_t)MANY * D; i++)
        x[i] = (float)((i * 7919) % 1009) / 1009.0f;
    options.progress = on_search;
    options.user = &told;
    options.iterations = 1;
    ck_ok(weft_embed(device, x, MANY, D, &options, y, &embedding));
    ck_assert_uint_eq(told.calls, 2); /* 1024, 2048 */
    ck_assert_uint_eq(embedding.iterations, 1);
    told = (struct told){.stop_at = 1024};
    ck_ok(weft_embed(device, x, MANY, D, &options, y, &embedding));
    ck_assert_uint_eq(told.calls, 1);
    ck_assert(embedding.stopped);
    ck_assert_uint_eq(embedding.iterations, 0);
    options.method = WEFT_EMBED_PCA;
    ck_ok(weft_embed(NULL, x, MANY, D, &options, start, &embedding));
    ck_assert_mem_eq(y, start, sizeof y);
}
END_TEST

/* An older program knows fewer members. */
START_TEST(a_shorter_struct_has_defaults)
{
    float x[N * D], y[2][2 * N];
    struct weft_embedding embedding;
    struct weft_embed_options options;
    memset(&options, 0xff, sizeof options);
    weft_embed_options_init_sized(&options, offsetof(struct weft_embed_options, exaggeration));
    options.iterations = 60;
    clusters(x);
    ck_ok(weft_embed(device, x, N, D, &options, y[0], &embedding));
    options = options_of(0.0);
    options.iterations = 60;
    ck_ok(weft_embed(device, x, N, D, &options, y[1], &embedding));
    ck_assert_mem_eq(y[0], y[1], sizeof y[0]);
}
END_TEST

/* ---- PCA ---- */

START_TEST(pca_needs_no_device)
{
    static const float x[] = {0, 0, 3, 4, 6, 8, -3, -4, -6, -8};
    static const float want[] = {0, 0, 5, 0, 10, 0, -5, 0, -10, 0};
    float y[20]; /* [10][2] */
    struct weft_embedding embedding;
    struct weft_embed_options options = options_of(0.0);
    options.method = WEFT_EMBED_PCA;
    ck_ok(weft_embed(NULL, x, 5, 2, &options, y, &embedding));
    for (size_t i = 0; i < 10; i++)
        ck_assert_msg(fabsf(y[i] - want[i]) < 1e-5f, "%zu: %.9g", i, (double)y[i]);
    ck_assert(fabs(embedding.variance[0] - 1.0) < 1e-12);
    ck_assert(isnan(embedding.divergence));
    ck_ok(weft_embed(NULL, x, 10, 1, &options, y, &embedding)); /* one feature */
    ck_assert(y[1] == 0.0f && fabsf(y[2] - y[0]) < 1e-6f);
}
END_TEST

START_TEST(memory_grows_with_the_samples)
{
    double small, large, pca;
    struct weft_embed_options options = options_of(30.0);
    ck_ok(weft_embed_check(&options, 10000, 784, &small));
    ck_ok(weft_embed_check(&options, 70000, 784, &large));
    options.method = WEFT_EMBED_PCA;
    ck_ok(weft_embed_check(&options, 70000, 784, &pca));
    ck_assert(large < 7.0 * small && large < 600e6 && pca < large && pca > 70000.0 * 784 * 4);
    options = options_of(30.0);
    ck_fails(weft_embed_check(&options, 90, 784, &small), WEFT_ERROR_USAGE, "perplexity");
}
END_TEST

/* ---- the choice of samples ---- */

START_TEST(classes_keep_their_proportions)
{
    enum { ALL = 1000 };
    float x[ALL];
    int32_t labels[ALL];
    size_t rows[ALL], other[ALL], counts[3] = {0};
    struct weft_dataset *dataset;
    for (size_t i = 0; i < ALL; i++) {
        x[i] = (float)i;
        labels[i] = i % 10 < 6 ? 0 : i % 10 < 9 ? 1 : 2;
    }
    ck_ok(weft_dataset_create(ALL, 1, 3, x, labels, &dataset));
    ck_ok(weft_embed_choose(dataset, 50, 1, rows));
    for (size_t i = 0; i < 50; i++) {
        ck_assert(rows[i] < ALL && (i == 0 || rows[i] > rows[i - 1]));
        counts[labels[rows[i]]]++;
    }
    ck_assert(counts[0] == 30 && counts[1] == 15 && counts[2] == 5);
    ck_ok(weft_embed_choose(dataset, 50, 2, other));
    ck_assert_mem_ne(rows, other, 50 * sizeof *rows);
    for (size_t count = 1; count <= ALL; count += 333) { /* 1, 334, 667, 1000 */
        ck_ok(weft_embed_choose(dataset, count, 1, rows));
        for (size_t i = 1; i < count; i++)
            ck_assert(rows[i] < ALL && rows[i] > rows[i - 1]);
    }
    ck_ok(weft_embed_choose(dataset, ALL - 1, 1, rows)); /* leaves one sample of three classes */
    ck_assert(rows[ALL - 2] >= ALL - 2);
    ck_fails(weft_embed_choose(dataset, ALL + 1, 1, rows), WEFT_ERROR_USAGE, "need 1 to 1000");
    ck_fails(weft_embed_choose(dataset, 0, 1, rows), WEFT_ERROR_USAGE, "got 0");
    weft_dataset_destroy(dataset);
}
END_TEST

/* ---- the file ---- */

START_TEST(a_map_is_written_as_csv)
{
    static const float y[] = {0.1f, -2.5f, 1e-20f, 33333.332f};
    static const size_t rows[] = {7, 2};
    static const int32_t labels[] = {0, 0, 1, 0, 0, 0, 0, 0};
    static const char *const names[] = {"Ankle boot", "\"a\", b"};
    static const float targets[] = {0, 0, 0, 0, 2.5f, 9, 0, 0, 0, 0, 0, 0, 0, 0, -1.0f, 9};
    const char *path = "test_embed.csv";
    struct file_content content;
    struct weft_embed_table table = {
        .samples = 2, .coordinates = y, .rows = rows, .labels = labels, .class_names = names};
    ck_ok(weft_embed_write(&table, path));
    ck_ok(file_read(path, 1000, WEFT_ERROR_DATA, &content));
    const char *want = "x,y,label,index\n0.1,-2.5,\"Ankle boot\",7\n"
                       "1e-20,33333.332,\"\"\"a\"\", b\",2\n";
    ck_assert_uint_eq(content.size, strlen(want));
    ck_assert_mem_eq(content.data, want, content.size);
    memory_free(content.data);
    table = (struct weft_embed_table){
        .samples = 2, .coordinates = y, .rows = rows, .targets = targets, .target_count = 2};
    ck_ok(weft_embed_write(&table, path));
    ck_ok(file_read(path, 1000, WEFT_ERROR_DATA, &content));
    want = "x,y,label,index\n0.1,-2.5,-1,7\n1e-20,33333.332,2.5,2\n";
    ck_assert_uint_eq(content.size, strlen(want));
    ck_assert_mem_eq(content.data, want, content.size);
    memory_free(content.data);
    remove(path);
}
END_TEST

/* ---- activations ---- */

/* Two features, a hidden layer of three ReLU units, two outputs. */
START_TEST(activations_by_hand)
{
    static const float w1[] = {1, 2, -1, 1, 3, 0}, b1[] = {0, 1, -1};
    static const float w2[] = {1, 0, 2, 0, -1, 1}, b2[] = {0.5f, 0};
    static const float x[] = {1, 1, -1, 2};
    static const float hidden[] = {3, 1, 2, 3, 4, 0}, outputs[] = {7.5f, 1, 3.5f, -4};
    const struct hand_layer layers[] = {{2, 3, w1, b1}, {3, 2, w2, b2}};
    const int32_t labels[] = {0, 1};
    struct weft_options options = plain_options();
    struct weft_dataset *dataset;
    float got[6];
    options.hidden_count = 1;
    options.hidden[0] = 3;
    options.activation_count = 1;
    options.activation[0] = WEFT_ACTIVATION_RELU;
    options.head = WEFT_HEAD_SOFTMAX;
    options.bias = true;
    options.scale = WEFT_SCALE_NONE;
    ck_ok(weft_dataset_create(2, 2, 2, x, labels, &dataset));
    struct weft_model *model = model_by_hand(&options, dataset, layers, 2);
    ck_ok(weft_model_activations(device, model, x, 2, 1, got));
    ck_assert_mem_eq(got, hidden, sizeof hidden);
    ck_ok(weft_model_activations(device, model, x, 2, 2, got));
    ck_assert_mem_eq(got, outputs, sizeof outputs);
    ck_fails(weft_model_activations(device, model, x, 2, 0, got), WEFT_ERROR_USAGE, "layer 0");
    ck_fails(weft_model_activations(device, model, x, 2, 3, got), WEFT_ERROR_USAGE,
             "layer 3: the model has the layers 1 to 2");
    ck_fails(weft_model_activations(device, model, (float[]){0, (float)NAN}, 1, 1, got),
             WEFT_ERROR_DATA, "sample 0, feature 1");
    weft_model_destroy(model);
    weft_dataset_destroy(dataset);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, a_map_is_as_good_as_scikit_learns);
    tcase_add_test(tests, the_same_seed_gives_the_same_bytes);
    tcase_add_test(tests, units_do_not_matter);
    tcase_add_test(tests, few_and_equal_samples);
    tcase_add_test(tests, bad_options_are_refused);
    tcase_add_test(tests, bad_samples_are_refused);
    tcase_add_test(tests, a_map_that_explodes_is_reported);
    tcase_add_test(tests, progress_is_told_and_stops);
    tcase_add_test(tests, the_search_is_told_and_stops);
    tcase_add_test(tests, a_shorter_struct_has_defaults);
    tcase_add_test(tests, activations_by_hand);
}

int main(void)
{
    Suite *suite = suite_create("embed");
    TCase *host = tcase_create("host");
    tcase_add_test(host, pca_needs_no_device);
    tcase_add_test(host, memory_grows_with_the_samples);
    tcase_add_test(host, classes_keep_their_proportions);
    tcase_add_test(host, a_map_is_written_as_csv);
    suite_add_tcase(suite, host);
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
