/* Tests weft_check as a program uses it. A correct device passes with every seed, the reported
 * counts add up, and a fault that only one test can see is also reported. WEFT_CHECKS sets the
 * number of seeds (2). */
#include <stdio.h>

#include "faulty_device.h"
#include "small_training.h"
#include "weft_device.h"

/* What was told. */
struct told {
    size_t results, wrong;
    char line[256]; /* of the first that is wrong */
};

static void told_add(void *user, const struct weft_check_result *result)
{
    struct told *told = user;
    told->results++;
    ck_assert_int_eq(result->ok, result->worst <= 1.0);
    ck_assert_double_ge(result->worst, 0.0);
    if (result->ok)
        return;
    if (told->wrong++ == 0)
        snprintf(told->line, sizeof told->line, "%s %s: %s, element %zu: got %.9g, need %.9g",
                 result->name, result->shape, result->array, result->index, result->got,
                 result->want);
}

static struct weft_options network_of(uint64_t seed)
{
    struct weft_options options = small(seed % 3 == 0 ? "article" : "default");
    options.head = seed % 3 == 1 ? WEFT_HEAD_IDENTITY : options.head;
    options.hidden_count = seed % 4 != 3;
    options.bias = seed % 2 == 0;
    options.l1 = seed % 5 == 0 ? 0.01 : 0.0;
    options.seed = seed;
    return options;
}

START_TEST(an_honest_device_passes)
{
    const char *count = getenv("WEFT_CHECKS");
    const uint64_t seeds = count != NULL ? strtoull(count, NULL, 10) : 2;
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        const struct weft_options options = network_of(seed);
        struct weft_model *model = model_new(&options);
        struct weft_check check;
        struct told told = {0};
        const enum weft_status status = weft_check(device, model, &options, seed % 2 ? data : NULL,
                                                   false, told_add, &told, &check);
        ck_assert_msg(status == WEFT_OK, "seed %d: %s", (int)seed, told.line);
        ck_assert_uint_eq(check.results, told.results);
        ck_assert_uint_eq(check.failed, 0);
        ck_assert_uint_ge(check.results, 60);
        weft_model_destroy(model);
    }
}
END_TEST

/* Adds 1 to the first output at the one shape that the known-answer test has for kernels. */
static enum weft_status wrong_at_one_shape(struct weft_device *faulty,
                                           const struct primitive_call *call)
{
    ck_ok(backend->primitive_run(faulty, call));
    if (call->primitive == PRIMITIVE_BIAS_ADD && call->rows == 67)
        ((float *)call->arrays[0].values)[0] += 1.0f;
    return WEFT_OK;
}

START_TEST(what_the_known_answers_alone_show_counts)
{
    const struct weft_options options = network_of(1);
    struct weft_model *model = model_new(&options);
    struct weft_check check;
    struct told told = {0};
    struct weft_device *faulty = device_spoil(wrong_at_one_shape);
    ck_fails(weft_check(faulty, model, &options, NULL, false, told_add, &told, &check),
             WEFT_ERROR_WRONG_RESULT, "bias_add 67x19: output 0, element 0");
    ck_assert_uint_eq(told.wrong, 1);
    ck_assert_uint_eq(check.failed, 1);
    weft_model_destroy(model);
}
END_TEST

START_TEST(options_of_another_head_are_refused)
{
    struct weft_options options = network_of(1);
    struct weft_model *model = model_new(&options);
    struct weft_check check;
    options.article_quirks = true;
    ck_fails(weft_check(device, model, &options, NULL, false, NULL, NULL, &check), WEFT_ERROR_USAGE,
             "article_quirks: the model has head identity");
    weft_model_destroy(model);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_checked_fixture(tests, data_open, data_close);
    tcase_set_timeout(tests, 1000);
    tcase_add_test(tests, an_honest_device_passes);
    tcase_add_test(tests, what_the_known_answers_alone_show_counts);
    tcase_add_test(tests, options_of_another_head_are_refused);
}

int main(void)
{
    Suite *suite = suite_create("check");
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
