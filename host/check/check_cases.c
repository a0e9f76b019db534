/* The table of all primitives: their arrays and who knows their expected values. See
 * check_cases.h. */
#include "check/check_cases.h"

#include "options/activation_text.h"

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
    [PRIMITIVE_GRADIENT_ADD] = {"gradient_add",
                                {IN(MATRIX, REAL), IN_PLACE(MATRIX, REAL)},
                                {0.0f},
                                .expect = expect_gradient_add},
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

const char *check_variant_name(enum primitive primitive, int variant)
{
    if (primitive == PRIMITIVE_LAYER_FORWARD || primitive == PRIMITIVE_LAYER_BACKWARD)
        return activation_names[variant];
    if (primitive == PRIMITIVE_PARAMETERS_UPDATE)
        return optimizer_names[variant];
    if (variant == 0)
        return "";
    return variant == 2 ? "true class" : "each output";
}
