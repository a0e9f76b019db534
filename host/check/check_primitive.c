/* Runs one primitive on a device and in the reference, and compares the results. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "check/check_cases.h"

/* Number of elements after each array that must come back unchanged. After inputs they hold a NaN,
 * which spoils every result that reads it. After outputs they hold a number, because a NaN may look
 * unchanged after a device overwrites it with a value computed from it. Outputs themselves start as
 * NaNs. */
enum { GUARD = 16 };
static const uint32_t nan_bits = 0x7fc0beefu, number_bits = 0x3f9e0652u; /* 1.23 */

/* The arrays of one call. */
struct call_arrays {
    const struct check_entry *entry;
    struct operand operands[PRIMITIVE_MAX_ARRAYS]; /* of the variant */
    size_t length[PRIMITIVE_MAX_ARRAYS];           /* without the guard */
    /* [length + GUARD] owned: what the device receives and returns */
    uint32_t *raw[PRIMITIVE_MAX_ARRAYS];
    /* [length + GUARD] owned: what the device received */
    uint32_t *before[PRIMITIVE_MAX_ARRAYS];
    double *in[PRIMITIVE_MAX_ARRAYS], *want[PRIMITIVE_MAX_ARRAYS], *bound[PRIMITIVE_MAX_ARRAYS];
    double *scratch;
    uint32_t *counts;
};

int check_primitive_variants(enum primitive primitive)
{
    const int variants = check_entries[primitive].variants;
    return variants > 0 ? variants : 1;
}

static void arrays_reset(struct call_arrays *arrays)
{
    for (size_t i = 0; i < PRIMITIVE_MAX_ARRAYS; i++) {
        memory_free(arrays->raw[i]);
        memory_free(arrays->before[i]);
        memory_free(arrays->in[i]);
        memory_free(arrays->want[i]);
        memory_free(arrays->bound[i]);
    }
    memory_free(arrays->scratch);
    memory_free(arrays->counts);
}

static enum weft_status arrays_allocate(struct call_arrays *arrays, size_t rows, size_t columns)
{
    for (size_t i = 0; i < PRIMITIVE_MAX_ARRAYS; i++) {
        const size_t n = extent_elements(arrays->operands[i].extent, rows, columns);
        arrays->length[i] = n;
        if (n == 0)
            continue;
        TRY(NEW_ARRAY(arrays->raw[i], n + GUARD));
        TRY(NEW_ARRAY(arrays->before[i], n + GUARD));
        TRY(NEW_ARRAY(arrays->in[i], n));
        TRY(NEW_ARRAY(arrays->want[i], n));
        TRY(NEW_ARRAY(arrays->bound[i], n));
    }
    TRY(NEW_ARRAY(arrays->scratch, rows * columns));
    return NEW_ARRAY(arrays->counts, rows);
}

/* Returns value `i` of the extreme inputs. Ordinary values are mixed in, so that sums stay
 * meaningful. */
static float extreme_value(struct random_stream stream, size_t i)
{
    static const float values[] = {
        0.0f,   -0.0f,   0x1p-149f, -0x1p-149f, 0x1p-127f, 0x1p-126f, 1e-30f, -1e-30f,
        1.0f,   -1.0f,   17.0f,     -17.0f,     87.5f,     -87.5f,    89.0f,  -89.0f,
        104.0f, -104.0f, 1e4f,      -1e4f,      0.5f}; /* a single output counts as 1 beyond it */
    const uint32_t bits = random_bits(stream, i);
    if (bits % 3 == 0)
        return random_uniform(stream, i + ((uint64_t)1 << 40), -3.0f, 3.0f);
    return values[(bits >> 8) % (sizeof values / sizeof *values)];
}

/* Returns value `i` of the huge inputs, mixed with ordinary ones. Their squares, products and
 * differences lie on both sides of the overflow threshold (a square overflows beyond 1.84e19). */
static float huge_value(struct random_stream stream, size_t i)
{
    static const float values[] = {1e10f, 1.8e19f, 1.9e19f, 1e30f, 0x1p127f, FLT_MAX};
    const uint32_t bits = random_bits(stream, i);
    if (bits % 3 == 0)
        return random_uniform(stream, i + ((uint64_t)1 << 40), -3.0f, 3.0f);
    const float value = values[(bits >> 8) % (sizeof values / sizeof *values)];
    return bits % 2 == 0 ? value : -value;
}

/* Returns a huge value for a sum over column `column`. Sums with both signs stay far from an
 * overflow, because otherwise the order of the terms would decide the result. All other sums have
 * one sign. */
static float huge_summand(float value, enum content content, size_t column)
{
    if (content == CONTENT_SUMMAND && column % 2 == 0)
        return copysignf(fminf(fabsf(value), 1e30f), value);
    return fabsf(value);
}

static float real_value(struct random_stream stream, enum content content, enum check_values values,
                        size_t columns, size_t i)
{
    if (content == CONTENT_UNIT)
        return random_uniform(stream, i, 0.0f, 1.0f);
    if (content == CONTENT_TARGET && random_bits(stream, i) % 3 != 0)
        return (float)(random_bits(stream, i) % 3 - 1);
    if (content == CONTENT_TARGET)
        return random_uniform(stream, i + ((uint64_t)1 << 40), 0.0f, 1.0f);
    if (content == CONTENT_SCALE)
        return random_uniform(stream, i, 0.5f, 2.0f);
    if (values == CHECK_ORDINARY)
        return random_uniform(stream, i, -3.0f, 3.0f);
    if (values == CHECK_EXTREME)
        return (content == CONTENT_GRADIENT ? 0x1p80f : 1.0f) * extreme_value(stream, i);
    const float value = huge_value(stream, i);
    if (content == CONTENT_GRADIENT)
        return fmaxf(fminf(value, 1e30f), -1e30f);
    if (content == CONTENT_MODERATE)
        return fmaxf(fminf(value, 1e9f), -1e9f);
    if (content == CONTENT_SQUARE)
        return value;
    return content == CONTENT_REAL ? value : huge_summand(value, content, i % columns);
}

/* Returns a product before batch normalization. One column in three is shifted by 1000, and another
 * one repeats the number of its first row. */
static float product_value(struct random_stream stream, enum check_values values, size_t columns,
                           size_t i)
{
    const size_t column = i % columns, kind = column % 3;
    const float value =
        real_value(stream, CONTENT_MODERATE, values, columns, kind == 2 ? column : i);
    return kind == 1 ? 1000.0f + value : value;
}

/* Returns one number of an image's draw. Shifts may be twice as large as the limit of the call,
 * which gather_images does not know. */
static int32_t draw_value(uint32_t bits, size_t rows, size_t columns, size_t number)
{
    const struct augmentation augmentation = case_augmentation(columns);
    const int32_t most = 2 * (int32_t)augmentation.shift;
    switch (number) {
    case DRAW_SAMPLE:
        return (int32_t)(bits % rows);
    case DRAW_FLIP:
        return (int32_t)(bits % 2);
    case DRAW_TOP:
        return (int32_t)(bits % (augmentation.height - augmentation.erase + 1));
    case DRAW_LEFT:
        return (int32_t)(bits % (augmentation.width - augmentation.erase + 1));
    default:
        return (int32_t)(bits % (uint32_t)(2 * most + 1)) - most;
    }
}

static int32_t integer_value(struct random_stream stream, enum content content, size_t rows,
                             size_t columns, size_t i)
{
    const uint32_t bits = random_bits(stream, i);
    if (content == CONTENT_BYTE)
        return (int32_t)bits;
    if (content == CONTENT_DRAW)
        return draw_value(bits, rows, columns, i % DRAW_NUMBERS);
    if (content == CONTENT_ORDER)
        return (int32_t)(bits % rows);
    if (content == CONTENT_LABEL && columns > 1)
        return (int32_t)(bits % columns);
    return (int32_t)(bits % 2);
}

/* Fills an array: inputs with values, outputs with NaNs. Then fills the guard. */
static void array_fill(struct call_arrays *arrays, size_t a, size_t rows, size_t columns,
                       enum check_values values, uint64_t seed)
{
    const struct operand *operand = &arrays->operands[a];
    const struct random_stream stream = {seed, RANDOM_CHECK, (uint32_t)a};
    uint32_t *raw = arrays->raw[a];
    for (size_t i = 0; i < arrays->length[a]; i++) {
        if (!operand->input) {
            raw[i] = nan_bits;
        } else if (content_is_integer(operand->content)) {
            raw[i] = (uint32_t)integer_value(stream, operand->content, rows, columns, i);
        } else {
            float value = operand->content == CONTENT_PRODUCT
                              ? product_value(stream, values, columns, i)
                              : real_value(stream, operand->content, values, columns, i);
            value = operand->content == CONTENT_SQUARE ? fabsf(value) : value;
            memcpy(&raw[i], &value, sizeof value);
            arrays->in[a][i] = (double)value;
        }
    }
    for (size_t i = 0; raw != NULL && i < GUARD; i++)
        raw[arrays->length[a] + i] = operand->output ? number_bits : nan_bits;
}

static void target_set(struct call_arrays *arrays, size_t array, size_t i, double value)
{
    const float number = (float)value;
    memcpy(&arrays->raw[array][i], &number, sizeof number);
    arrays->in[array][i] = value;
}

/* Makes every other prediction of a loss correct. In every fourth row, each output and its sigmoid
 * are on their target's side of 1/2. In the others, y becomes largest where z is largest. */
static void rows_reach(struct call_arrays *arrays, size_t rows, size_t columns)
{
    const double *z = arrays->in[0], *y = arrays->in[1]; /* [rows][columns] */
    for (size_t r = 0; r < rows; r += 2) {
        size_t best = r * columns, top = best;
        for (size_t i = best; i < (r + 1) * columns; i++) {
            best = z[i] > z[best] ? i : best;
            top = y[i] > y[top] ? i : top;
            if (r % 4 != 0)
                continue;
            if (z[i] > 0.0 && z[i] <= 0.5)
                target_set(arrays, 0, i, -z[i]);
            target_set(arrays, 1, i, z[i] > 0.5 ? 1.0 : 0.0);
        }
        if (r % 4 == 0)
            continue;
        const double highest = y[top];
        target_set(arrays, 1, top, y[best]);
        target_set(arrays, 1, best, highest);
    }
}

static void arrays_fill(struct call_arrays *arrays, size_t rows, size_t columns,
                        enum check_values values, uint64_t seed)
{
    const struct operand *operands = arrays->operands;
    for (size_t a = 0; a < PRIMITIVE_MAX_ARRAYS; a++)
        array_fill(arrays, a, rows, columns, values, seed);
    if (operands[1].content == CONTENT_TARGET)
        rows_reach(arrays, rows, columns);
    for (size_t a = 0; a < PRIMITIVE_MAX_ARRAYS; a++)
        if (arrays->raw[a] != NULL)
            memcpy(arrays->before[a], arrays->raw[a],
                   (arrays->length[a] + GUARD) * sizeof *arrays->raw[a]);
}

/* The draw of every call that uses random numbers. All its words are odd, and its samples begin in
 * the middle of a batch. */
static const struct batch_draw case_draw = {
    .seed = 0x9e3779b97f4a7c15u, .epoch = 77, .batch = 0x12345, .row = 5};

static void expect(struct call_arrays *arrays, const struct primitive_call *call)
{
    const size_t rows = call->rows, columns = call->columns;
    struct check_case c = {.rows = rows,
                           .columns = columns,
                           .scalars = {call->scalars[0], call->scalars[1]},
                           .update = call->update,
                           .augmentation = call->augmentation,
                           .draw = call->draw,
                           .activation = call->activation,
                           .scratch = arrays->scratch,
                           .counts = arrays->counts};
    for (size_t a = 0; a < PRIMITIVE_MAX_ARRAYS; a++) {
        c.in[a] = arrays->in[a];
        c.integers[a] = (const int32_t *)arrays->before[a];
        c.floats[a] = (const void *)arrays->before[a];
        c.want[a] = arrays->want[a];
        c.bound[a] = arrays->bound[a];
    }
    arrays->entry->expect(&c);
}

/* Returns |got - want| / bound, or infinity if no bound excuses the error. Float32 becomes infinite
 * from FLT_MAX + ulp / 2 on. So an infinite `got` is correct if a number within the bound reaches
 * that. */
static double error_ratio(double got, double want, double bound)
{
    const double overflow = (double)FLT_MAX + 0x1p103;
    if (isinf(got))
        return got * want > 0.0 && fabs(want) + bound >= overflow ? 0.0 : HUGE_VAL;
    const double error = fabs(got - want);
    if (bound > 0.0 && isfinite(error))
        return error / bound;
    return error <= bound ? 0.0 : HUGE_VAL; /* also if either is NaN */
}

/* Records an element if it is the worst so far. `ratio` is its error divided by its bound. */
static void worst_element(struct check_result *result, const char *what, size_t array, size_t index,
                          double got, double want, double bound, double ratio)
{
    if (ratio <= result->worst && result->array[0] != '\0')
        return;
    result->worst = ratio;
    snprintf(result->array, sizeof result->array, "%s %zu", what, array);
    result->index = index;
    result->got = result_number(got);
    result->want = want;
    result->bound = bound;
}

static double element_value(const struct operand *operand, uint32_t bits)
{
    if (content_is_integer(operand->content))
        return (double)(int32_t)bits;
    float value = 0.0f;
    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

static void compare_outputs(const struct call_arrays *arrays, size_t a, struct check_result *result)
{
    const struct operand *operand = &arrays->operands[a];
    for (size_t i = 0; operand->output && i < arrays->length[a]; i++) {
        const double got = element_value(operand, arrays->raw[a][i]);
        const double want = arrays->want[a][i], bound = arrays->bound[a][i];
        worst_element(result, "output", a, i, got, want, bound, error_ratio(got, want, bound));
    }
}

/* Compares inputs and guards bit by bit, so that a zero with a changed sign counts as written. */
static void compare_kept(const struct call_arrays *arrays, size_t a, struct check_result *result)
{
    const struct operand *operand = &arrays->operands[a];
    const size_t kept = operand->output ? arrays->length[a] : 0;
    for (size_t i = kept; arrays->raw[a] != NULL && i < arrays->length[a] + GUARD; i++)
        if (arrays->raw[a][i] != arrays->before[a][i])
            worst_element(result, i < arrays->length[a] ? "input" : "guard", a, i,
                          element_value(operand, arrays->raw[a][i]),
                          element_value(operand, arrays->before[a][i]), 0.0, HUGE_VAL);
}

static void compare(const struct call_arrays *arrays, struct check_result *result)
{
    for (size_t a = 0; a < PRIMITIVE_MAX_ARRAYS; a++) {
        compare_outputs(arrays, a, result);
        compare_kept(arrays, a, result);
    }
    result->ok = result->worst <= 1.0;
}

static enum weft_status run_and_compare(struct weft_device *device, enum primitive primitive,
                                        size_t rows, size_t columns, enum check_values values,
                                        int variant, uint64_t seed, struct call_arrays *arrays,
                                        struct check_result *result)
{
    TRY(arrays_allocate(arrays, rows, columns));
    arrays_fill(arrays, rows, columns, values, seed);
    const struct update_rule update = case_update((enum weft_optimizer)variant);
    struct primitive_call call = {
        .primitive = primitive,
        .rows = rows,
        .columns = columns,
        .inner = rows,
        .activation = (enum weft_activation)variant,
        .update = &update,
        .augmentation = case_augmentation(columns),
        .draw = case_draw,
        .scalars = {arrays->entry->scalars[0],
                    variant != 0 ? (float)variant : arrays->entry->scalars[1]}};
    for (size_t a = 0; a < PRIMITIVE_MAX_ARRAYS; a++)
        if (arrays->raw[a] != NULL)
            call.arrays[a] = (struct primitive_array){arrays->raw[a], arrays->length[a] + GUARD};
    expect(arrays, &call);
    TRY(device->backend->primitive_run(device, &call));
    compare(arrays, result);
    return WEFT_OK;
}

enum weft_status check_primitive(struct weft_device *device, enum primitive primitive, size_t rows,
                                 size_t columns, enum check_values values, int variant,
                                 uint64_t seed, struct check_result *result)
{
    const char *name = check_variant_name(primitive, variant);
    struct call_arrays arrays = {.entry = &check_entries[primitive]};
    case_operands(primitive, variant, arrays.operands);
    memset(result, 0, sizeof *result);
    result->name = check_entries[primitive].name;
    snprintf(result->shape, sizeof result->shape, "%zux%zu%s%s", rows, columns,
             name[0] != '\0' ? ", " : "", name);
    const enum weft_status status =
        run_and_compare(device, primitive, rows, columns, values, variant, seed, &arrays, result);
    arrays_reset(&arrays);
    return status;
}
