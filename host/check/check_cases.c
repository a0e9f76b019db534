/* Expected values and error bounds of every primitive: the only table of bounds.
 *
 * Bounds follow from the accuracies that OpenCL 1.2 promises for float32 (section 7.4: add,
 * multiply 1/2 ulp; divide 2.5; exp 3; log 3; log1p 2) and from the bound n u sum |x| of a sum. U
 * is half an ulp relative to a number, 2^-24. An ulp is at most 2 U. Results below TINY may be
 * flushed to zero. Results beyond the largest float are infinite. This table stores the expected
 * value as a double, and check_primitive.c compares.
 */
#include "check/check_cases.h"

#include <math.h>
#include <string.h>

#include "options/activation_text.h"
#include "reference/reference.h"

static size_t matrix_size(const struct check_case *c)
{
    return c->rows * c->columns;
}

/* bound[i] = `ulps` ulps of want[i] */
static void bound_ulps(struct check_case *c, size_t array, size_t n, double ulps)
{
    for (size_t i = 0; i < n; i++)
        c->bound[array][i] = ulps * ULP * fabs(c->want[array][i]) + TINY;
}

static void bound_exact(struct check_case *c, size_t array, size_t n)
{
    memset(c->bound[array], 0, n * sizeof *c->bound[array]);
}

/* want = the contents of the array before the call */
static void want_input(struct check_case *c, size_t array, size_t n)
{
    memcpy(c->want[array], c->in[array], n * sizeof *c->want[array]);
}

static void expect_bias_add(struct check_case *c)
{
    want_input(c, 0, matrix_size(c));
    ref_bias_add(c->want[0], c->in[1], c->rows, c->columns);
    bound_ulps(c, 0, matrix_size(c), 1.0);
}

static void expect_sigmoid_forward(struct check_case *c)
{
    want_input(c, 0, matrix_size(c));
    ref_sigmoid_forward(c->want[0], matrix_size(c));
    bound_ulps(c, 0, matrix_size(c), SIGMOID_ULPS);
}

/* Returns the relative error of exp(z - largest): the rounding of the difference, then 3 ulp. */
static double exp_error(double z, double largest)
{
    return fabs(z - largest) * U + 3.0 * ULP;
}

double case_row_largest(const double *z, size_t columns)
{
    double largest = z[0];
    for (size_t i = 1; i < columns; i++)
        largest = fmax(largest, z[i]);
    return largest;
}

/* Returns the relative error of sum exp(z - largest), where p [columns] is the softmax. It consists
 * of the weighted errors of the terms and the errors of the additions. */
double case_sum_error(const double *z, const double *p, size_t columns)
{
    const double largest = case_row_largest(z, columns);
    double error = (double)columns * U;
    for (size_t i = 0; i < columns; i++)
        error += p[i] * exp_error(z[i], largest);
    return error;
}

/* Fills `bound` with the absolute error of p [columns], a row of softmax: numerator, denominator,
 * division. The factor 1.01 covers the products of errors. */
void case_softmax_row_bound(const double *z, const double *p, size_t columns, double *bound)
{
    const double largest = case_row_largest(z, columns);
    const double denominator = case_sum_error(z, p, columns);
    for (size_t i = 0; i < columns; i++)
        bound[i] = 1.01 * p[i] * (exp_error(z[i], largest) + denominator + 2.5 * ULP) + TINY;
}

static void expect_softmax_rows(struct check_case *c)
{
    ref_softmax_rows(c->in[0], c->rows, c->columns, c->want[1]);
    for (size_t row = 0; row < matrix_size(c); row += c->columns)
        case_softmax_row_bound(c->in[0] + row, c->want[1] + row, c->columns, c->bound[1] + row);
}

static void expect_clip_unit(struct check_case *c)
{
    ref_clip_unit(c->in[0], matrix_size(c), c->want[1]);
    /* The result is exact, but a denormal may be flushed. */
    for (size_t i = 0; i < matrix_size(c); i++)
        c->bound[1][i] = TINY;
}

static void expect_bias_gradient(struct check_case *c)
{
    ref_bias_gradient(c->in[0], c->rows, c->columns, c->want[1]);
    for (size_t column = 0; column < c->columns; column++) {
        double sum = 0.0;
        for (size_t r = 0; r < c->rows; r++)
            sum += fabs(c->in[0][r * c->columns + column]);
        c->bound[1][column] = (double)c->rows * U * sum + TINY;
    }
}

static void expect_penalty_gradient(struct check_case *c)
{
    const double l1 = (double)c->scalars[0], l2 = (double)c->scalars[1];
    want_input(c, 1, matrix_size(c));
    ref_penalty_gradient(c->in[0], matrix_size(c), l1, l2, c->want[1]);
    for (size_t i = 0; i < matrix_size(c); i++)
        c->bound[1][i] = 3.0 * U * (fabs(c->in[1][i]) + l1 + l2 * fabs(c->in[0][i])) + TINY;
}

static void expect_penalty_terms(struct check_case *c)
{
    const size_t n = matrix_size(c);
    ref_penalty_terms(c->in[0], n, &c->want[1][0], &c->want[1][1]);
    c->bound[1][0] = (double)n * U * c->want[1][0] + (double)n * TINY;
    c->bound[1][1] = (double)(n + 1) * U * c->want[1][1] + (double)n * TINY;
}

static void expect_metrics_sum(struct check_case *c)
{
    double sum = 0.0, magnitude = 0.0, count = 0.0;
    for (size_t r = 0; r < c->rows; r++) {
        sum += c->in[0][r];
        magnitude += fabs(c->in[0][r]);
        count += c->integers[1][r];
    }
    c->want[2][0] = sum;
    c->bound[2][0] = (double)c->rows * (U * magnitude + TINY);
    c->want[3][0] = count;
    bound_exact(c, 3, 1);
}

static void expect_standardize_rows(struct check_case *c)
{
    want_input(c, 0, matrix_size(c));
    ref_standardize_rows(c->want[0], c->in[1], c->in[2], c->rows, c->columns);
    bound_ulps(c, 0, matrix_size(c), 3.1); /* subtraction 1/2, division 2.5 */
    for (size_t i = 0; i < matrix_size(c); i++) {
        const float difference = (float)(c->in[0][i] - c->in[1][i % c->columns]);
        if (!isfinite(difference)) { /* the division leaves it infinite */
            c->want[0][i] = (double)difference;
            c->bound[0][i] = 0.0;
        }
    }
}

static void expect_gather_rows(struct check_case *c)
{
    for (size_t r = 0; r < c->rows; r++) {
        const size_t sample = (size_t)c->integers[2][r];
        memcpy(c->want[3] + r * c->columns, c->in[0] + sample * c->columns,
               c->columns * sizeof *c->want[3]);
        c->want[4][r] = c->integers[1][sample];
    }
    bound_exact(c, 3, matrix_size(c));
    bound_exact(c, 4, c->rows);
}

#define IN(extent, content)                                                                        \
    {                                                                                              \
        EXTENT_##extent, CONTENT_##content, true, false                                            \
    }
#define OUT(extent, content)                                                                       \
    {                                                                                              \
        EXTENT_##extent, CONTENT_##content, false, true                                            \
    }
#define IN_PLACE(extent, content)                                                                  \
    {                                                                                              \
        EXTENT_##extent, CONTENT_##content, true, true                                             \
    }
#define LOSS_OPERANDS                                                                              \
    {                                                                                              \
        IN(MATRIX, REAL), IN(MATRIX, TARGET), IN(ROWS, SCALE), OUT(MATRIX, REAL), OUT(ROWS, REAL), \
            OUT(ROWS, COUNT)                                                                       \
    }

/* Scalars are not powers of two, so that a lost or doubled factor shows. */
const struct check_entry check_entries[PRIMITIVE_COUNT] = {
    [PRIMITIVE_BIAS_ADD] = {"bias_add",
                            {IN_PLACE(MATRIX, REAL), IN(COLUMNS, REAL)},
                            {0.0f},
                            .expect = expect_bias_add},
    [PRIMITIVE_SIGMOID_FORWARD] = {"sigmoid_forward",
                                   {IN_PLACE(MATRIX, REAL)},
                                   {0.0f},
                                   .expect = expect_sigmoid_forward},
    [PRIMITIVE_DROPOUT] = {"dropout", {IN_PLACE(MATRIX, REAL)}, {0.3f}, .expect = expect_dropout},
    [PRIMITIVE_LAYER_FORWARD] = {"layer_forward",
                                 {IN(MATRIX, REAL), OUT(MATRIX, REAL)},
                                 {0.0f},
                                 .expect = expect_layer_forward,
                                 .variants = ACTIVATION_COUNT},
    [PRIMITIVE_LAYER_BACKWARD] = {"layer_backward",
                                  {IN(MATRIX, REAL), IN_PLACE(MATRIX, REAL)},
                                  {0.0f},
                                  .expect = expect_layer_backward,
                                  .variants = ACTIVATION_COUNT},
    [PRIMITIVE_SOFTMAX_ROWS] = {"softmax_rows",
                                {IN(MATRIX, REAL), OUT(MATRIX, REAL)},
                                {0.0f},
                                .expect = expect_softmax_rows},
    [PRIMITIVE_SOFTMAX_CROSS_ENTROPY] = {"softmax_cross_entropy",
                                         LOSS_OPERANDS,
                                         {0.3f, 0.0f},
                                         .expect = expect_softmax_cross_entropy},
    [PRIMITIVE_SIGMOID_CROSS_ENTROPY] = {"sigmoid_cross_entropy",
                                         LOSS_OPERANDS,
                                         {0.3f, 0.0f},
                                         .expect = expect_sigmoid_cross_entropy,
                                         .variants = 3},
    [PRIMITIVE_IDENTITY_SQUARED_ERROR] = {"identity_squared_error",
                                          LOSS_OPERANDS,
                                          {0.3f, 0.0f},
                                          .expect = expect_identity_squared_error,
                                          .variants = 2},
    [PRIMITIVE_IMAGE_DRAWS] = {"image_draws",
                               {IN(ROWS, LABEL), IN(ROWS, ORDER), OUT(DRAWS, DRAW),
                                OUT(ROWS, LABEL)},
                               {0.0f},
                               .expect = expect_image_draws},
    [PRIMITIVE_GATHER_IMAGES] = {"gather_images",
                                 {IN(MATRIX, REAL), IN(DRAWS, DRAW), IN(COLUMNS, REAL),
                                  IN(COLUMNS, SCALE), OUT(MATRIX, REAL)},
                                 {0.0f},
                                 .expect = expect_gather_images},
    [PRIMITIVE_MIX_ROWS] = {"mix_rows",
                            {IN_PLACE(MATRIX, REAL)},
                            {0.7f},
                            .expect = expect_mix_rows},
    [PRIMITIVE_LABEL_TARGETS] = {"label_targets",
                                 {IN(ROWS, LABEL), IN(ROWS, SCALE), IN(ROWS, ORDER),
                                  OUT(MATRIX, REAL), OUT(ROWS, REAL)},
                                 {0.9f, 0.03f},
                                 .expect = expect_label_targets},
    [PRIMITIVE_GATHER_TARGETS] = {"gather_targets",
                                  {IN(MATRIX, REAL), IN(ROWS, SCALE), IN(ROWS, ORDER),
                                   OUT(MATRIX, REAL), OUT(ROWS, REAL)},
                                  {0.9f, 0.03f},
                                  .expect = expect_gather_targets},
    [PRIMITIVE_CLIP_UNIT] = {"clip_unit",
                             {IN(MATRIX, REAL), OUT(MATRIX, REAL)},
                             {0.0f},
                             .expect = expect_clip_unit},
    [PRIMITIVE_NORM_STATISTICS] = {"norm_statistics",
                                   {IN(MATRIX, PRODUCT), OUT(COLUMNS, REAL), OUT(COLUMNS, REAL)},
                                   {0.0f},
                                   .expect = expect_norm_statistics},
    [PRIMITIVE_NORM_FORWARD] = {"norm_forward",
                                {IN(MATRIX, PRODUCT), IN(COLUMNS, MODERATE), IN(COLUMNS, SQUARE),
                                 IN(COLUMNS, MODERATE), IN(COLUMNS, MODERATE), OUT(MATRIX, REAL)},
                                {0.0f},
                                .expect = expect_norm_forward},
    [PRIMITIVE_NORM_GRADIENT] = {"norm_gradient",
                                 {IN(MATRIX, PRODUCT), IN(MATRIX, MODERATE), IN(COLUMNS, MODERATE),
                                  IN(COLUMNS, SQUARE), OUT(COLUMNS, REAL), OUT(COLUMNS, REAL)},
                                 {0.0f},
                                 .expect = expect_norm_gradient},
    [PRIMITIVE_NORM_BACKWARD] = {"norm_backward",
                                 {IN(MATRIX, PRODUCT), IN(COLUMNS, MODERATE), IN(COLUMNS, SQUARE),
                                  IN(COLUMNS, MODERATE), IN(COLUMNS, MODERATE),
                                  IN(COLUMNS, MODERATE), IN_PLACE(MATRIX, MODERATE)},
                                 {0.0f},
                                 .expect = expect_norm_backward},
    [PRIMITIVE_NORM_RUNNING] = {"norm_running",
                                {IN(COLUMNS, MODERATE), IN(COLUMNS, MODERATE),
                                 IN_PLACE(COLUMNS, MODERATE), IN_PLACE(COLUMNS, MODERATE)},
                                {0.1f, 1.3f},
                                .expect = expect_norm_running},
    [PRIMITIVE_BIAS_GRADIENT] = {"bias_gradient",
                                 {IN(MATRIX, SUMMAND), OUT(COLUMNS, REAL)},
                                 {0.0f},
                                 .expect = expect_bias_gradient},
    [PRIMITIVE_PENALTY_GRADIENT] = {"penalty_gradient",
                                    {IN(MATRIX, REAL), IN_PLACE(MATRIX, REAL)},
                                    {0.3f, 0.7f},
                                    .expect = expect_penalty_gradient},
    [PRIMITIVE_PENALTY_TERMS] = {"penalty_terms",
                                 {IN(MATRIX, REAL), OUT(TWO, REAL)},
                                 {0.0f},
                                 .expect = expect_penalty_terms},
    [PRIMITIVE_CLIP_FACTOR] = {"clip_factor",
                               {IN(MATRIX, GRADIENT), OUT(ONE, REAL)},
                               {0.7f},
                               .expect = expect_clip_factor},
    /* The variant is the optimizer, which decides about the last two arrays: case_operands. */
    [PRIMITIVE_PARAMETERS_UPDATE] = {"parameters_update",
                                     {IN_PLACE(MATRIX, REAL), IN(MATRIX, REAL), IN(ONE, UNIT),
                                      IN_PLACE(MATRIX, REAL), IN_PLACE(MATRIX, REAL)},
                                     {0.0f},
                                     .expect = expect_parameters_update,
                                     .variants = OPTIMIZERS},
    [PRIMITIVE_AVERAGE_UPDATE] = {"average_update",
                                  {IN(MATRIX, REAL), IN_PLACE(MATRIX, REAL)},
                                  {0.3f},
                                  .expect = expect_average_update},
    [PRIMITIVE_METRICS_SUM] = {"metrics_sum",
                               {IN(ROWS, LOSS), IN(ROWS, COUNT), OUT(ONE, REAL), OUT(ONE, COUNT)},
                               {0.0f},
                               .expect = expect_metrics_sum},
    [PRIMITIVE_STANDARDIZE_ROWS] = {"standardize_rows",
                                    {IN_PLACE(MATRIX, REAL), IN(COLUMNS, REAL), IN(COLUMNS, SCALE)},
                                    {0.0f},
                                    .expect = expect_standardize_rows},
    [PRIMITIVE_GATHER_ROWS] = {"gather_rows",
                               {IN(MATRIX, REAL), IN(ROWS, LABEL), IN(ROWS, ORDER),
                                OUT(MATRIX, REAL), OUT(ROWS, LABEL)},
                               {0.0f},
                               .expect = expect_gather_rows},
    [PRIMITIVE_GATHER_BYTE_ROWS] = {"gather_byte_rows",
                                    {IN(BYTES, BYTE), IN(ROWS, LABEL), IN(ROWS, ORDER),
                                     IN(COLUMNS, REAL), IN(COLUMNS, SCALE), OUT(MATRIX, REAL),
                                     OUT(ROWS, LABEL)},
                                    {0.0f},
                                    .expect = expect_gather_byte_rows},
    [PRIMITIVE_GATHER_BYTE_IMAGES] = {"gather_byte_images",
                                      {IN(BYTES, BYTE), IN(DRAWS, DRAW), IN(COLUMNS, REAL),
                                       IN(COLUMNS, SCALE), OUT(MATRIX, REAL)},
                                      {0.0f},
                                      .expect = expect_gather_byte_images},
    [PRIMITIVE_REPULSION] = {"repulsion",
                             {IN(POINTS, MODERATE), OUT(POINTS, REAL), OUT(ROWS, REAL)},
                             {0.0f},
                             .expect = expect_repulsion},
};

void case_operands(enum primitive primitive, int variant,
                   struct operand operands[PRIMITIVE_MAX_ARRAYS])
{
    memcpy(operands, check_entries[primitive].operands, sizeof check_entries[primitive].operands);
    if (primitive == PRIMITIVE_PARAMETERS_UPDATE)
        case_update_operands((enum weft_optimizer)variant, operands);
}

size_t extent_elements(enum extent extent, size_t rows, size_t columns)
{
    switch (extent) {
    case EXTENT_MATRIX:
        return rows * columns;
    case EXTENT_ROWS:
        return rows;
    case EXTENT_COLUMNS:
        return columns;
    case EXTENT_BYTES:
        return (rows * columns + 3) / 4;
    case EXTENT_DRAWS:
        return rows * DRAW_NUMBERS;
    case EXTENT_POINTS:
        return 2 * rows;
    case EXTENT_ONE:
        return 1;
    case EXTENT_TWO:
        return 2;
    case EXTENT_NONE:
        break;
    }
    return 0;
}

bool content_is_integer(enum content content)
{
    return content == CONTENT_LABEL || content == CONTENT_ORDER || content == CONTENT_DRAW ||
           content == CONTENT_BYTE || content == CONTENT_COUNT;
}
