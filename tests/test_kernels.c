/* Tests every primitive on both devices against the reference, and whether this check would notice
 * a fault in the results of the CPU backend. The table is in host/check/check_cases.h. */
#include <float.h>
#include <stdio.h>

#include "check/check_cases.h"
#include "faulty_device.h"

static const struct {
    size_t rows, columns;
} sizes[] = {{1, 1},    {7, 1},    {1, 7},   {3, 5},    {93, 7},   {7, 93},
             {67, 19}, /* smallest first */
             {1000, 3}, {3, 1000}, {64, 64}, {1, 4097}, {4097, 1}, {1000, 93}};
enum { SIZES = sizeof sizes / sizeof *sizes };

static const char *const values_names[] = {
    [CHECK_ORDINARY] = "ordinary", [CHECK_EXTREME] = "extreme", [CHECK_HUGE] = "huge"};

static void assert_right(const struct check_result *result, int variant, int values, uint64_t seed)
{
    ck_assert_msg(result->ok,
                  "%s %s, %s values, variant %d, seed %d: %s, element %zu: got %.9g, need %.9g "
                  "within %.3g",
                  result->name, result->shape, values_names[values], variant, (int)seed,
                  result->array, result->index, result->got, result->want, result->bound);
}

/* Elements of the largest matrix: WEFT_KERNEL_ELEMENTS, for devices that are simulated. */
static size_t most_elements(void)
{
    const char *text = getenv("WEFT_KERNEL_ELEMENTS");
    return text != NULL ? strtoul(text, NULL, 10) : SIZE_MAX;
}

/* _i is the primitive. A simulator looks at accesses, for which one seed is as good as three. */
START_TEST(as_the_reference)
{
    const enum primitive primitive = (enum primitive)_i;
    const int variants = check_primitive_variants(primitive);
    const size_t most = most_elements();
    const uint64_t seeds = most == SIZE_MAX ? 3 : 1;
    for (size_t s = 0; s < SIZES && sizes[s].rows * sizes[s].columns <= most; s++)
        for (int values = CHECK_ORDINARY; values <= CHECK_HUGE; values++)
            for (int variant = 0; variant < variants; variant++)
                for (uint64_t seed = 1; seed <= seeds; seed++) {
                    struct check_result result;
                    ck_ok(check_primitive(device, primitive, sizes[s].rows, sizes[s].columns,
                                          (enum check_values)values, variant, seed, &result));
                    assert_right(&result, variant, values, seed);
                }
}
END_TEST

/* ||(3, 0, 4) 2^k|| = 5 2^k, whose square overflows from k = 62 on: clip = 1 / (5 2^k). */
START_TEST(large_gradients_are_clipped)
{
    for (int k = 30; k <= 120; k++) {
        float dw[] = {ldexpf(3.0f, k), 0.0f, ldexpf(4.0f, k)}, clip = -1.0f;
        const struct primitive_call call = {.primitive = PRIMITIVE_CLIP_FACTOR,
                                            .rows = 1,
                                            .columns = 3,
                                            .scalars = {1.0f},
                                            .arrays = {{dw, 3}, {&clip, 1}}};
        ck_ok(backend->primitive_run(device, &call));
        ck_assert_msg(fabs(ldexp((double)clip, k) - 0.2) < 1e-6, "2^%d: %.9g", k, (double)clip);
    }
}
END_TEST

/* On a grid that is launched in parts, of two work-groups and of one in the last. */
START_TEST(as_the_reference_in_parts)
{
    const enum primitive primitive = (enum primitive)_i;
    opencl_from(device)->most_groups = 2;
    const int variants = check_primitive_variants(primitive);
    for (size_t s = 0; s < SIZES && sizes[s].rows * sizes[s].columns <= 10000; s++)
        for (int variant = 0; variant < variants; variant++) {
            struct check_result result;
            ck_ok(check_primitive(device, primitive, sizes[s].rows, sizes[s].columns,
                                  CHECK_ORDINARY, variant, 1, &result));
            assert_right(&result, variant, CHECK_ORDINARY, 1);
        }
}
END_TEST

/* ---- the check itself can fail ---- */

enum { ROWS = 67, COLUMNS = 19 };

/* The variant of a primitive that is spoiled: the one with the most arrays. */
static int spoiled_variant(enum primitive primitive)
{
    return primitive == PRIMITIVE_PARAMETERS_UPDATE ? WEFT_OPTIMIZER_ADAMW : 0;
}

/* The operands of that variant, until the next call. */
static const struct operand *operands_of(enum primitive primitive)
{
    static struct operand operands[PRIMITIVE_MAX_ARRAYS];
    case_operands(primitive, spoiled_variant(primitive), operands);
    return operands;
}

/* What the next run spoils: element `index` of array `array`. */
static struct {
    size_t array, index;
    void (*spoil)(uint32_t *element, bool integer);
} fault;

/* Off by 0.1 %; an integer by one. */
static void spoil_value(uint32_t *element, bool integer)
{
    float value;
    if (integer) {
        *element += 1;
        return;
    }
    memcpy(&value, element, sizeof value);
    value *= 1.001f;
    memcpy(element, &value, sizeof value);
}

static void spoil_last_bit(uint32_t *element, bool integer)
{
    (void)integer;
    *element ^= 1U;
}

static enum weft_status run_and_spoil(struct weft_device *faulty, const struct primitive_call *call)
{
    ck_ok(backend->primitive_run(faulty, call));
    const struct operand *operand = &operands_of(call->primitive)[fault.array];
    uint32_t *elements = call->arrays[fault.array].values;
    ck_assert_uint_lt(fault.index, call->arrays[fault.array].length);
    fault.spoil(&elements[fault.index], content_is_integer(operand->content));
    return WEFT_OK;
}

/* The check fails, and blames the element that is wrong. */
static void assert_found(enum primitive primitive, const char *what)
{
    struct check_result result;
    char array[16];
    ck_ok(check_primitive(device_spoil(run_and_spoil), primitive, ROWS, COLUMNS, CHECK_ORDINARY,
                          spoiled_variant(primitive), 1, &result));
    ck_assert_msg(!result.ok, "%s: a wrong %s %zu, element %zu, was not noticed", result.name, what,
                  fault.array, fault.index);
    snprintf(array, sizeof array, "%s %zu", what, fault.array);
    ck_assert_str_eq(result.array, array);
    ck_assert_uint_eq(result.index, fault.index);
    ck_assert(result.worst > 1.0);
}

/* Position of the largest element of the array that the last call got back: 0.1 % of a sum that
 * nearly cancels may lie within its bound. */
static size_t largest_index;
static enum weft_status run_and_look(struct weft_device *faulty, const struct primitive_call *call)
{
    ck_ok(backend->primitive_run(faulty, call));
    const struct operand *operand = &operands_of(call->primitive)[fault.array];
    const size_t n = extent_elements(operand->extent, call->rows, call->columns);
    const float *values = call->arrays[fault.array].values;
    largest_index = 0;
    for (size_t i = 1; i < n && !content_is_integer(operand->content); i++)
        if (fabsf(values[i]) > fabsf(values[largest_index]))
            largest_index = i;
    return WEFT_OK;
}

START_TEST(a_wrong_output_is_found)
{
    const enum primitive primitive = (enum primitive)_i;
    size_t outputs = 0;
    for (size_t a = 0; a < PRIMITIVE_MAX_ARRAYS; a++) {
        struct check_result result;
        if (!operands_of(primitive)[a].output)
            continue;
        fault.array = a;
        fault.spoil = spoil_value;
        ck_ok(check_primitive(device_spoil(run_and_look), primitive, ROWS, COLUMNS, CHECK_ORDINARY,
                              spoiled_variant(primitive), 1, &result));
        ck_assert(result.ok);
        fault.index = largest_index;
        assert_found(primitive, "output");
        outputs++;
    }
    ck_assert_uint_gt(outputs, 0);
}
END_TEST

START_TEST(a_written_guard_is_found)
{
    const enum primitive primitive = (enum primitive)_i;
    for (size_t a = 0; a < PRIMITIVE_MAX_ARRAYS; a++) {
        const struct operand *operand = &operands_of(primitive)[a];
        if (operand->extent == EXTENT_NONE)
            continue;
        fault.array = a;
        fault.index = extent_elements(operand->extent, ROWS, COLUMNS); /* the first one beyond */
        fault.spoil = spoil_last_bit;
        assert_found(primitive, "guard");
    }
}
END_TEST

START_TEST(a_written_input_is_found)
{
    const enum primitive primitive = (enum primitive)_i;
    for (size_t a = 0; a < PRIMITIVE_MAX_ARRAYS; a++) {
        const struct operand *operand = &operands_of(primitive)[a];
        if (operand->extent == EXTENT_NONE || operand->output)
            continue;
        fault.array = a;
        fault.index = extent_elements(operand->extent, ROWS, COLUMNS) / 2;
        fault.spoil = spoil_last_bit;
        assert_found(primitive, "input");
    }
}
END_TEST

/* ---- what overflows is infinite, and nothing else is ---- */

/* The device's first infinite output becomes `infinity_becomes`, with its sign times
 * `infinity_sign`; how many there were is infinities. */
static float infinity_becomes, infinity_sign;
static size_t infinities;

static enum weft_status run_and_spoil_infinity(struct weft_device *faulty,
                                               const struct primitive_call *call)
{
    ck_ok(backend->primitive_run(faulty, call));
    infinities = 0;
    for (size_t a = 0; a < PRIMITIVE_MAX_ARRAYS; a++) {
        const struct operand *operand = &operands_of(call->primitive)[a];
        const size_t n = extent_elements(operand->extent, call->rows, call->columns);
        float *values = call->arrays[a].values;
        if (!operand->output || content_is_integer(operand->content))
            continue;
        for (size_t i = 0; i < n; i++)
            if (isinf(values[i]) && infinities++ == 0)
                values[i] = copysignf(infinity_becomes, infinity_sign * values[i]);
    }
    return WEFT_OK;
}

/* Primitives whose results are never larger than their inputs, or whose inputs are moderate. */
static bool overflows(enum primitive primitive)
{
    switch (primitive) {
    case PRIMITIVE_SIGMOID_FORWARD:
    case PRIMITIVE_LAYER_FORWARD:
    case PRIMITIVE_LAYER_BACKWARD:
    case PRIMITIVE_SOFTMAX_ROWS:
    case PRIMITIVE_CLIP_UNIT:
    case PRIMITIVE_GATHER_ROWS:
    case PRIMITIVE_IMAGE_DRAWS:
    case PRIMITIVE_MIX_ROWS:
    case PRIMITIVE_LABEL_TARGETS:
    case PRIMITIVE_GATHER_TARGETS:
    case PRIMITIVE_CLIP_FACTOR:
    case PRIMITIVE_NORM_STATISTICS:
    case PRIMITIVE_NORM_FORWARD:
    case PRIMITIVE_NORM_GRADIENT:
    case PRIMITIVE_NORM_BACKWARD:
    case PRIMITIVE_NORM_RUNNING:
    case PRIMITIVE_REPULSION:
    case PRIMITIVE_GATHER_BYTE_IMAGES: /* of bytes the quotient alone is, and not with these */
        return false;
    default:
        return true;
    }
}

static void spoil_infinity(enum primitive primitive, float becomes, float sign,
                           struct check_result *result)
{
    infinity_becomes = becomes;
    infinity_sign = sign;
    ck_ok(check_primitive(device_spoil(run_and_spoil_infinity), primitive, ROWS, COLUMNS,
                          CHECK_HUGE, spoiled_variant(primitive), 1, result));
}

START_TEST(an_overflow_is_infinite)
{
    const enum primitive primitive = (enum primitive)_i;
    struct check_result result;
    spoil_infinity(primitive, HUGE_VALF, 1.0f, &result); /* as it was */
    ck_assert(result.ok);
    ck_assert_msg((infinities > 0) == overflows(primitive), "%s: %zu results are infinite",
                  result.name, infinities);
    if (infinities == 0)
        return;
    spoil_infinity(primitive, FLT_MAX, 1.0f, &result);
    ck_assert_msg(!result.ok, "%s: a finite number for infinity was not noticed", result.name);
    spoil_infinity(primitive, HUGE_VALF, -1.0f, &result);
    ck_assert_msg(!result.ok, "%s: the wrong infinity was not noticed", result.name);
    spoil_infinity(primitive, (float)NAN, 1.0f, &result);
    ck_assert_msg(!result.ok, "%s: no number for infinity was not noticed", result.name);
}
END_TEST

static void spoil_to_infinity(uint32_t *element, bool integer)
{
    const float infinity = HUGE_VALF;
    if (integer)
        *element += 1;
    else
        memcpy(element, &infinity, sizeof infinity);
}

START_TEST(no_overflow_is_not_infinite)
{
    const enum primitive primitive = (enum primitive)_i;
    for (size_t a = 0; a < PRIMITIVE_MAX_ARRAYS; a++) {
        if (!operands_of(primitive)[a].output)
            continue;
        fault.array = a;
        fault.index = 0;
        fault.spoil = spoil_to_infinity;
        assert_found(primitive, "output");
    }
}
END_TEST

/* ---- inputs are compared bit by bit ---- */

/* The sign of the first zero of array fault.array; none: fault.index beyond. */
static enum weft_status run_and_turn_zero(struct weft_device *faulty,
                                          const struct primitive_call *call)
{
    ck_ok(backend->primitive_run(faulty, call));
    uint32_t *bits = call->arrays[fault.array].values;
    fault.index = 0;
    while (fault.index < call->arrays[fault.array].length && bits[fault.index] << 1 != 0)
        fault.index++;
    if (fault.index < call->arrays[fault.array].length)
        bits[fault.index] ^= 0x80000000U;
    return WEFT_OK;
}

START_TEST(a_zero_that_changes_its_sign_is_found)
{
    const enum primitive primitive = (enum primitive)_i;
    for (size_t a = 0; a < PRIMITIVE_MAX_ARRAYS; a++) {
        const struct operand *operand = &operands_of(primitive)[a];
        struct check_result result;
        if (operand->extent != EXTENT_MATRIX || operand->output || operand->content == CONTENT_UNIT)
            continue;
        fault.array = a;
        ck_ok(check_primitive(device_spoil(run_and_turn_zero), primitive, ROWS, COLUMNS,
                              CHECK_EXTREME, spoiled_variant(primitive), 1, &result));
        ck_assert_uint_lt(fault.index, extent_elements(operand->extent, ROWS, COLUMNS));
        ck_assert_msg(!result.ok, "%s: a zero that changed its sign was not noticed", result.name);
        ck_assert_str_eq(result.array, a == 0 ? "input 0" : "input 1");
        ck_assert_uint_eq(result.index, fault.index);
    }
}
END_TEST

static void add_tests(TCase *tests)
{
    const int first = PRIMITIVE_PRODUCT + 1, end = PRIMITIVE_COUNT;
    tcase_add_loop_test(tests, as_the_reference, first, end);
    tcase_add_test(tests, large_gradients_are_clipped);
}

static void add_cpu_tests(TCase *tests)
{
    const int first = PRIMITIVE_PRODUCT + 1, end = PRIMITIVE_COUNT;
    add_tests(tests);
    tcase_add_loop_test(tests, a_wrong_output_is_found, first, end);
    tcase_add_loop_test(tests, a_written_guard_is_found, first, end);
    tcase_add_loop_test(tests, a_written_input_is_found, first, end);
    tcase_add_loop_test(tests, an_overflow_is_infinite, first, end);
    tcase_add_loop_test(tests, no_overflow_is_not_infinite, first, end);
    tcase_add_loop_test(tests, a_zero_that_changes_its_sign_is_found, first, end);
}

int main(void)
{
    Suite *suite = suite_create("kernels");
    TCase *parts = tcase_create("parts");
    suite_add_cases(suite, add_tests, &(struct device_case){"opencl", device_open_opencl}, 1);
    suite_add_cases(suite, add_cpu_tests, &(struct device_case){"cpu", device_open_cpu}, 1);
    tcase_add_checked_fixture(parts, device_open_gpu, device_close);
    tcase_add_loop_test(parts, as_the_reference_in_parts, PRIMITIVE_PRODUCT + 1, PRIMITIVE_COUNT);
    suite_add_tcase(suite, parts);
    return suite_main(suite);
}
