/* Tests that t-SNE tells its caller how far it is, however slow the device is, and that the caller
 * can stop it. The device is the CPU backend with a pause before each operation. */
#define _XOPEN_SOURCE 700
#include <time.h>

#include "backend/primitive.h"
#include "embed/tsne.h"
#include "suite.h"

static struct weft_device *device;
static const struct backend *backend;
static struct backend slow;

/* Takes at least a fifth of a second, so three operations exceed half a second. */
static enum weft_status run_slowly(struct weft_device *on, const struct primitive_call *call)
{
    nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
    return backend->primitive_run(on, call);
}

static void device_open(void)
{
    ck_ok(weft_device_create("cpu", NULL, NULL, &device));
    backend = device->backend;
    slow = *backend;
    slow.primitive_run = run_slowly;
    device->backend = &slow;
}

static void device_close(void)
{
    device->backend = backend;
    weft_device_destroy(device);
}

struct told {
    size_t calls, last, stop_at; /* iterations */
};

static int on_progress(void *user, const struct weft_embed_progress *now)
{
    struct told *told = user;
    ck_assert_uint_gt(now->iteration, told->last);
    ck_assert_uint_le(now->iteration, told->last + 3);
    ck_assert_uint_eq(now->iterations, 8);
    ck_assert(isfinite(now->divergence) && now->seconds >= 0.5);
    told->calls++;
    told->last = now->iteration;
    return now->iteration >= told->stop_at;
}

/* Four samples on a line, each with two neighbors. */
static void affinities_open(struct affinities *affinities)
{
    uint32_t index[] = {1, 2, 0, 2, 1, 3, 2, 1};
    float square[] = {1, 4, 1, 1, 1, 1, 1, 4};
    const struct neighbors neighbors = {.samples = 4, .count = 2, .index = index, .square = square};
    ck_ok(affinities_make(&neighbors, 1.5, affinities));
}

static void descend(struct weft_embed_options *options, struct affinities *affinities,
                    struct weft_embedding *embedding, float y[8])
{
    struct tsne_map map;
    ck_ok(tsne_map_init(&map, device, affinities));
    for (size_t i = 0; i < 8; i++)
        map.y[i] = 0.01f * (float)((i * 5) % 8);
    struct embed_watch watch = embed_watch_start(options);
    ck_ok(tsne_descend(&map, options, &watch, embedding));
    memcpy(y, map.y, 8 * sizeof *y);
    tsne_map_reset(&map);
}

START_TEST(slow_iterations_are_told_and_stopped)
{
    float watched[8], alone[8];
    struct weft_embedding embedding = {0};
    struct affinities affinities;
    struct weft_embed_options options;
    struct told told = {.stop_at = 100};
    weft_embed_options_init(&options);
    options.iterations = 8;
    options.learning_rate = 1.0;
    affinities_open(&affinities);
    options.progress = on_progress;
    options.user = &told;
    descend(&options, &affinities, &embedding, watched);
    ck_assert_uint_ge(told.calls, 2);
    ck_assert_uint_eq(embedding.iterations, 8);

    told = (struct told){.stop_at = 1};
    descend(&options, &affinities, &embedding, alone);
    ck_assert(embedding.stopped);
    ck_assert_uint_eq(told.calls, 1);
    ck_assert_uint_eq(embedding.iterations, told.last);

    options.progress = NULL;
    descend(&options, &affinities, &embedding, alone);
    ck_assert_mem_eq(watched, alone, sizeof alone);
    affinities_reset(&affinities);
}
END_TEST

static int stop_search(void *user, const struct weft_embed_progress *now)
{
    size_t *calls = user;
    ck_assert_uint_eq(now->searched, 0);
    ++*calls;
    return 1;
}

/* A block of rows of many samples takes seconds. The search stops within it. */
START_TEST(a_slow_search_is_told_and_stopped)
{
    enum { MANY = 30000 };
    size_t calls = 0;
    struct weft_embed_options options;
    struct embed_samples samples;
    struct neighbors neighbors;
    float *x = calloc(MANY, sizeof *x);
    ck_assert_ptr_nonnull(x);
    for (size_t i = 0; i < MANY; i++)
        x[i] = (float)(i % 1009);
    weft_embed_options_init(&options);
    options.progress = stop_search;
    options.user = &calls;
    struct embed_watch watch = embed_watch_start(&options);
    ck_ok(embed_samples_init(&samples, x, MANY, 1, WEFT_SCALE_NONE));
    ck_ok(neighbors_find(device, &samples, 3, &watch, &neighbors));
    ck_assert(neighbors.stopped);
    ck_assert_uint_eq(calls, 1);
    neighbors_reset(&neighbors);
    embed_samples_reset(&samples);
    free(x);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("embed_watch");
    TCase *tests = tcase_create("slow");
    tcase_add_checked_fixture(tests, device_open, device_close);
    tcase_add_test(tests, slow_iterations_are_told_and_stopped);
    tcase_add_test(tests, a_slow_search_is_told_and_stopped);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
