/* Tests augmentation: the random draws, the resulting images, and trainings under shadow training.
 *
 * The images of the first tests contain numbers that tell where each pixel comes from.
 */
#define _DEFAULT_SOURCE /* anonymous maps */
#define _XOPEN_SOURCE   700
#include <sys/mman.h>

#include "cpu/cpu_kernels.h"
#include "data/augmentation.h"
#include "data/dataset.h"
#include "small_training.h"
#include "temporary.h"
#include "weft_device.h"

enum { HEIGHT = 3, WIDTH = 4, PIXELS = HEIGHT * WIDTH, IMAGES = 64 };

/* ---- draws ---- */

START_TEST(draws_reach_everything_and_nothing_else)
{
    const struct augmentation augmentation = {
        .height = 9, .width = 7, .channels = 1, .shift = 2, .flip = true, .erase = 3};
    size_t down[5] = {0}, right[5] = {0}, flips = 0, top[7] = {0}, left[5] = {0};
    for (uint32_t row = 0; row < 4000; row++) {
        uint32_t words[4];
        int32_t draw[DRAW_NUMBERS];
        image_draw_words(5, 1, 9, row, words);
        image_draw_from(&augmentation, words, draw);
        ck_assert(abs(draw[DRAW_DOWN]) <= 2 && abs(draw[DRAW_RIGHT]) <= 2);
        ck_assert(draw[DRAW_TOP] >= 0 && draw[DRAW_TOP] <= 6);
        ck_assert(draw[DRAW_LEFT] >= 0 && draw[DRAW_LEFT] <= 4);
        down[draw[DRAW_DOWN] + 2]++;
        right[draw[DRAW_RIGHT] + 2]++;
        top[draw[DRAW_TOP]]++;
        left[draw[DRAW_LEFT]]++;
        flips += draw[DRAW_FLIP] == 1;
    }
    /* means of 800, 571 and 2000, six standard deviations of 25, 22 and 32 */
    for (size_t i = 0; i < 5; i++)
        ck_assert(down[i] > 650 && down[i] < 950 && right[i] > 650 && right[i] < 950 &&
                  left[i] > 650 && left[i] < 950);
    for (size_t i = 0; i < 7; i++)
        ck_assert(top[i] > 440 && top[i] < 703);
    ck_assert(flips > 1810 && flips < 2190);
}
END_TEST

/* Beta(1, 1) is uniform, so its larger part has mean 3/4 and mean square 7/12; Beta(1/2, 1/2), the
 * arcsine law, 1/2 + 1/pi. */
START_TEST(mixup_shares_follow_beta)
{
    enum { BATCHES = 20000 };
    double sum = 0.0, squares = 0.0, arcsine = 0.0;
    for (uint32_t batch = 0; batch < BATCHES; batch++) {
        const double share = (double)mixup_share(1.0, 3, 1, batch);
        const double half = (double)mixup_share(0.5, 3, 2, batch);
        ck_assert(share >= 0.5 && share <= 1.0 && half >= 0.5 && half <= 1.0);
        sum += share;
        squares += share * share;
        arcsine += half;
    }
    ck_assert_double_eq_tol(sum / BATCHES, 0.75, 0.006);
    ck_assert_double_eq_tol(squares / BATCHES, 7.0 / 12.0, 0.009);
    ck_assert_double_eq_tol(arcsine / BATCHES, 0.5 + 1.0 / 3.14159265, 0.008);
    ck_assert(mixup_share(1.0, 3, 1, 0) == mixup_share(1.0, 3, 1, 0));
    ck_assert(mixup_share(1.0, 3, 1, 0) != mixup_share(1.0, 4, 1, 0));
}
END_TEST

/* ---- images ---- */

/* Image n has 100 n + its pixel's number, from 1, in its pixels. */
static void batch_gathered(const struct augmentation *augmentation, const struct batch_draw *draw,
                           float *x)
{
    static float raw[IMAGES * PIXELS];
    static int32_t labels[IMAGES];
    const size_t widths[] = {PIXELS, 2};
    struct network network;
    struct device_data *samples;
    struct workspace *workspace;
    for (size_t i = 0; i < IMAGES * PIXELS; i++)
        raw[i] = (float)(100 * (i / PIXELS) + i % PIXELS + 1);
    const struct data_source source = {
        .samples = IMAGES, .features = PIXELS, .x = raw, .labels = labels, .images = true};
    ck_ok(network_init(&network, widths, 1, WEFT_HEAD_SOFTMAX, true));
    const struct workspace_plan plan = {.network = &network,
                                        .batch = IMAGES,
                                        .slots = 1,
                                        .training = true,
                                        .by_operation = true,
                                        .augmentation = *augmentation};
    ck_ok(backend->data_create(device, &source, &samples));
    ck_ok(backend->workspace_create(device, &plan, &workspace));
    ck_ok(backend->batch_gather(workspace, samples, 0, IMAGES, draw));
    ck_ok(backend->tensor_download(workspace, TENSOR_INPUT, 0, x));
    backend->workspace_destroy(workspace);
    backend->data_destroy(samples);
    network_reset(&network);
}

/* Where the pixel that lies at (i, j) was, by its number; 0: nowhere. */
static size_t pixel(const float *x, size_t image, size_t i, size_t j)
{
    const float value = x[image * PIXELS + i * WIDTH + j];
    return value == 0.0f ? 0 : (size_t)value - 100 * image;
}

START_TEST(images_are_as_they_are_without_a_draw)
{
    const struct augmentation all = {
        .height = HEIGHT, .width = WIDTH, .channels = 1, .shift = 1, .flip = true, .erase = 2};
    float x[IMAGES * PIXELS];
    batch_gathered(&all, NULL, x);
    for (size_t n = 0; n < IMAGES; n++)
        for (size_t p = 0; p < PIXELS; p++)
            ck_assert_uint_eq(pixel(x, n, p / WIDTH, p % WIDTH), p + 1);
}
END_TEST

START_TEST(images_are_mirrored_whole)
{
    const struct augmentation flip = {
        .height = HEIGHT, .width = WIDTH, .channels = 1, .flip = true};
    const struct batch_draw draw = {.seed = 7, .epoch = 1, .batch = 0};
    float x[IMAGES * PIXELS];
    size_t flips = 0;
    batch_gathered(&flip, &draw, x);
    for (size_t n = 0; n < IMAGES; n++) {
        const bool mirrored = pixel(x, n, 0, 0) == WIDTH;
        flips += mirrored;
        for (size_t i = 0; i < HEIGHT; i++)
            for (size_t j = 0; j < WIDTH; j++)
                ck_assert_uint_eq(pixel(x, n, i, j),
                                  i * WIDTH + (mirrored ? WIDTH - 1 - j : j) + 1);
    }
    ck_assert(flips > IMAGES / 4 && flips < 3 * IMAGES / 4);
}
END_TEST

/* The pixels of one image keep their places to one another, and what comes in is 0. */
START_TEST(images_are_moved_whole)
{
    const struct augmentation shift = {.height = HEIGHT, .width = WIDTH, .channels = 1, .shift = 1};
    const struct batch_draw draw = {.seed = 7, .epoch = 1, .batch = 0};
    float x[IMAGES * PIXELS];
    bool seen[3][3] = {{false}};
    batch_gathered(&shift, &draw, x);
    for (size_t n = 0; n < IMAGES; n++) {
        const size_t middle = pixel(x, n, 1, 1) - 1; /* where it was */
        const int down = 1 - (int)(middle / WIDTH), right = 1 - (int)(middle % WIDTH);
        ck_assert(abs(down) <= 1 && abs(right) <= 1);
        seen[down + 1][right + 1] = true;
        for (int i = 0; i < HEIGHT; i++)
            for (int j = 0; j < WIDTH; j++) {
                const int row = i - down, column = j - right;
                const bool inside = row >= 0 && row < HEIGHT && column >= 0 && column < WIDTH;
                ck_assert_uint_eq(pixel(x, n, (size_t)i, (size_t)j),
                                  inside ? (size_t)(row * WIDTH + column + 1) : 0);
            }
    }
    for (size_t i = 0; i < 9; i++)
        ck_assert(seen[i / 3][i % 3]);
}
END_TEST

START_TEST(a_square_is_erased)
{
    const struct augmentation erase = {.height = HEIGHT, .width = WIDTH, .channels = 1, .erase = 2};
    const struct batch_draw draw = {.seed = 7, .epoch = 1, .batch = 0};
    float x[IMAGES * PIXELS];
    batch_gathered(&erase, &draw, x);
    for (size_t n = 0; n < IMAGES; n++) {
        size_t zeros = 0, first = PIXELS;
        for (size_t p = 0; p < PIXELS; p++) {
            const bool zero = pixel(x, n, p / WIDTH, p % WIDTH) == 0;
            first = zero && first == PIXELS ? p : first;
            zeros += zero;
        }
        ck_assert_uint_eq(zeros, 4);
        ck_assert_uint_eq(pixel(x, n, first / WIDTH + 1, first % WIDTH + 1), 0);
    }
}
END_TEST

/* ---- features that are left out ---- */

/* All but the first three samples, 0.3 of their features left out under a draw. */
static void batch_dropped(struct device_data *samples, const struct batch_draw *draw, float *x)
{
    const size_t widths[] = {FEATURES, 2};
    const struct augmentation dropout = {.dropout = 0.3f};
    struct network network;
    struct workspace *workspace;
    ck_ok(network_init(&network, widths, 1, WEFT_HEAD_SOFTMAX, true));
    const struct workspace_plan plan = {.network = &network,
                                        .batch = SAMPLES,
                                        .slots = 1,
                                        .training = true,
                                        .by_operation = true,
                                        .augmentation = dropout};
    ck_ok(backend->workspace_create(device, &plan, &workspace));
    ck_ok(backend->batch_gather(workspace, samples, 3, SAMPLES - 3, draw));
    ck_ok(backend->tensor_download(workspace, TENSOR_INPUT, 0, x));
    backend->workspace_destroy(workspace);
    network_reset(&network);
}

/* Which are left out was computed by another Philox, in Python. The samples themselves stay as they
 * are, whether a batch is a slice of them or drawn. */
START_TEST(features_are_left_out)
{
    enum { COUNT = (SAMPLES - 3) * FEATURES };
    static const int kept[] = {1, 1, 1, 0, 1, 1, 0, 1, 1, 1, 0, 1,
                               1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1};
    const struct data_source source = {
        .samples = SAMPLES, .features = FEATURES, .x = data->x, .labels = data->labels};
    const struct batch_draw draw = {.seed = 7, .epoch = 1, .batch = 5};
    const float *raw = data->x + 3 * FEATURES, scale = (float)(1.0 / (1.0 - (double)0.3f));
    uint32_t order[SAMPLES];
    float x[COUNT];
    struct device_data *samples;
    size_t there = 0;
    for (uint32_t i = 0; i < SAMPLES; i++)
        order[i] = i;
    ck_ok(backend->data_create(device, &source, &samples));
    ck_ok(backend->order_upload(samples, _i == 0 ? NULL : order));
    batch_dropped(samples, &draw, x);
    for (size_t i = 0; i < COUNT; i++) {
        ck_assert(x[i] == 0.0f || x[i] == scale * raw[i]);
        there += x[i] != 0.0f;
    }
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        ck_assert_int_eq(x[i] != 0.0f, kept[i]);
    ck_assert_uint_eq(there, 1238);
    batch_dropped(samples, NULL, x);
    ck_assert_mem_eq(x, raw, sizeof x);
    backend->data_destroy(samples);
}
END_TEST

/* ---- watched ---- */

static struct backend faulty;

static enum weft_status gather_of_another_batch(struct workspace *space,
                                                const struct device_data *samples, size_t first,
                                                size_t count, const struct batch_draw *draw)
{
    struct batch_draw other = draw != NULL ? *draw : (struct batch_draw){0};
    other.batch++;
    return backend->batch_gather(space, samples, first, count, draw != NULL ? &other : NULL);
}

/* Trains under a shadow on the small problem, whose samples are said to be images. */
static struct weft_options augmented(const char *path)
{
    struct weft_options options = small("default");
    ck_ok(weft_dataset_set_image(data, 3, 3, 1));
    options.check_every = 1;
    options.check_bundle = path;
    ck_ok(weft_options_set(&options, "shift", "1"));
    ck_ok(weft_options_set(&options, "flip", "yes"));
    ck_ok(weft_options_set(&options, "erase", "1"));
    return options;
}

/* A training whose batches are gathered wrong is stopped; its step, which lies in `path`, is right
 * on an honest device and wrong on that one. */
static void assert_watched(const struct weft_options *options, const char *path)
{
    struct weft_training training;
    struct weft_check check;
    struct weft_model *model = trained(options, NULL, &training);
    faulty = *backend;
    faulty.batch_gather = gather_of_another_batch;
    device->backend = &faulty;
    ck_fails(weft_train(device, model, options, data, NULL, NULL, NULL, &training),
             WEFT_ERROR_WRONG_RESULT, "gather");
    device->backend = backend;
    ck_ok(weft_check_replay(device, path, NULL, NULL, &check));
    ck_assert_uint_eq(check.failed, 0);
    device->backend = &faulty;
    ck_fails(weft_check_replay(device, path, NULL, NULL, &check), WEFT_ERROR_WRONG_RESULT,
             "gather");
    device->backend = backend;
    weft_model_destroy(model);
}

START_TEST(a_shadow_watches_augmentation)
{
    static const char *const mixups[] = {"0", "0.4"};
    const char *path = temporary_path("step.safetensors");
    for (size_t m = 0; m < 2; m++) {
        struct weft_options options = augmented(path);
        ck_ok(weft_options_set(&options, "mixup", mixups[m]));
        assert_watched(&options, path);
    }
}
END_TEST

/* The same of features that are left out, in file order and another, by either engine. */
START_TEST(a_shadow_watches_dropped_features)
{
    static const struct {
        const char *shuffle, *products, *mixup;
    } rows[] = {
        {"no", "clblast", "0"}, {"yes", "clblast", "0.4"}, {"no", "own", "0"}, {"yes", "own", "0"}};
    const char *path = temporary_path("step.safetensors");
    struct weft_options options = small("default");
    options.check_every = 1;
    options.check_bundle = path;
    ck_ok(weft_options_set(&options, "input-dropout", "0.25"));
    ck_ok(weft_options_set(&options, "shuffle", rows[_i].shuffle));
    ck_ok(weft_options_set(&options, "gemm", rows[_i].products));
    ck_ok(weft_options_set(&options, "mixup", rows[_i].mixup));
    assert_watched(&options, path);
}
END_TEST

START_TEST(what_cannot_be_is_refused)
{
    struct weft_options options = small("default");
    struct weft_model *model = model_new(&options);
    struct weft_training training;
    options.input_dropout = 1.0;
    ck_fails(weft_train(device, model, &options, data, NULL, NULL, NULL, &training),
             WEFT_ERROR_USAGE, "input-dropout 1: the rate must be at least 0 and below 1");
    options.input_dropout = 0.0;
    options.flip = true;
    ck_fails(weft_train(device, model, &options, data, NULL, NULL, NULL, &training),
             WEFT_ERROR_USAGE,
             "data set: samples are not images: got shift 0, flip yes and erase 0, need");
    ck_fails(weft_dataset_set_image(data, 3, 4, 1), WEFT_ERROR_USAGE, "images of 3x4x1: got 9");
    ck_ok(weft_dataset_set_image(data, 3, 3, 1));
    options.shift = 3;
    ck_fails(weft_train(device, model, &options, data, NULL, NULL, NULL, &training),
             WEFT_ERROR_USAGE, "data set: images of 3x3: got shift 3 and erase 0, need");
    weft_model_destroy(model);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_checked_fixture(tests, data_open, data_close);
    tcase_add_test(tests, images_are_as_they_are_without_a_draw);
    tcase_add_test(tests, images_are_mirrored_whole);
    tcase_add_test(tests, images_are_moved_whole);
    tcase_add_test(tests, a_square_is_erased);
    tcase_add_loop_test(tests, features_are_left_out, 0, 2);
    tcase_add_test(tests, a_shadow_watches_augmentation);
    tcase_add_loop_test(tests, a_shadow_watches_dropped_features, 0, 4);
    tcase_add_test(tests, what_cannot_be_is_refused);
}

/* ---- many samples ---- */

/* Sample 2^31 + 3 of images of one byte, on the CPU; of 2 GiB of zeros one page is there. */
START_TEST(samples_from_2_to_the_31_are_found)
{
    const size_t bytes = ((size_t)1 << 31) + 8;
    const struct augmentation augmentation = {.height = 1, .width = 1, .channels = 1};
    const int32_t draw[DRAW_NUMBERS] = {(int32_t)0x80000003u};
    const float mean = 1.0f, std = 2.0f;
    float y = 0.0f;
    uint8_t *x = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    ck_assert(x != MAP_FAILED);
    x[((size_t)1 << 31) + 3] = 201;
    cpu_gather_byte_images(x, draw, &mean, &std, 1, &augmentation, &y);
    ck_assert_double_eq((double)y, (201.0 - 1.0) / 2.0);
    ck_assert_int_eq(munmap(x, bytes), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("augmentation");
    TCase *draws = tcase_create("draws");
    tcase_add_test(draws, draws_reach_everything_and_nothing_else);
    tcase_add_test(draws, mixup_shares_follow_beta);
    tcase_add_test(draws, samples_from_2_to_the_31_are_found);
    suite_add_tcase(suite, draws);
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
