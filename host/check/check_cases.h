/* The table behind check_primitive: the arrays, expected values and bounds of every primitive.
 *
 * The files named *_cases.c compute the expected values with the reference and the bounds with
 * error_analysis.h and its subjects. They store expected values as doubles, beyond the largest
 * float too, and check_primitive.c judges overflow. So most bounds have unlimited precision. */
#ifndef WEFT_CHECK_CHECK_CASES_H
#define WEFT_CHECK_CHECK_CASES_H

#include <string.h>

#include "check/check.h"
#include "check/error_analysis.h"

/* The number of elements in an array. */
enum extent {
    EXTENT_NONE,   /* no such array */
    EXTENT_MATRIX, /* rows x columns */
    EXTENT_ROWS,
    EXTENT_COLUMNS,
    EXTENT_BYTES,  /* rows x columns bytes, four per element */
    EXTENT_DRAWS,  /* rows x DRAW_NUMBERS */
    EXTENT_POINTS, /* 2 x rows */
    EXTENT_ONE,
    EXTENT_TWO
};

/* The contents of an array. */
enum content {
    CONTENT_REAL,     /* reals, as enum check_values asks */
    CONTENT_SUMMAND,  /* reals; no partial sum of a column overflows unless the sum does */
    CONTENT_LOSS,     /* reals of one column, not negative if huge */
    CONTENT_SQUARE,   /* reals, none negative */
    CONTENT_GRADIENT, /* reals up to 1e30; the squares of extreme ones overflow */
    CONTENT_MODERATE, /* reals up to 1e9, so that their products stay finite (REPULSION_LARGEST) */
    CONTENT_PRODUCT,  /* reals; some columns are far from 0, some are constant */
    CONTENT_UNIT,     /* reals in 0..1 */
    CONTENT_TARGET,   /* reals in 0..1, many of them 0 or 1 */
    CONTENT_SCALE,    /* reals in 0.5..2 */
    CONTENT_LABEL,    /* integers 0..columns-1; 0..1 with one column */
    CONTENT_ORDER,    /* integers 0..rows-1 */
    CONTENT_DRAW,     /* the integers of an image's draw, see data/augmentation.h */
    CONTENT_BYTE,     /* four arbitrary bytes */
    CONTENT_COUNT     /* integers 0..1 */
};

struct operand {
    enum extent extent;
    enum content content;
    bool input, output; /* both: in place */
};

/* One primitive during a check: inputs as doubles, expected outputs, bounds. */
struct check_case {
    size_t rows, columns;
    float scalars[2];
    const struct update_rule *update;
    struct augmentation augmentation;
    struct batch_draw draw;
    enum weft_activation activation;
    const double *in[PRIMITIVE_MAX_ARRAYS];        /* contents before the call; NULL: pure output */
    const int32_t *integers[PRIMITIVE_MAX_ARRAYS]; /* contents of integer arrays */
    const float *floats[PRIMITIVE_MAX_ARRAYS];     /* `in` as floats */
    double *want[PRIMITIVE_MAX_ARRAYS];            /* outputs only */
    double *bound[PRIMITIVE_MAX_ARRAYS];           /* largest allowed |got - want| */
    double *scratch;                               /* [rows][columns] */
    uint32_t *counts;                              /* [rows] */
};

static inline size_t case_size(const struct check_case *c)
{
    return c->rows * c->columns;
}

/* want = the contents of the array before the call */
static inline void case_want_input(struct check_case *c, size_t array, size_t n)
{
    memcpy(c->want[array], c->in[array], n * sizeof *c->want[array]);
}

/* The result of each element is exact, or the error of `roundings` roundings. */
static inline void case_bound_exact(struct check_case *c, size_t array, size_t n)
{
    memset(c->bound[array], 0, n * sizeof *c->bound[array]);
}

static inline void case_bound_rounded(struct check_case *c, size_t array, size_t n,
                                      size_t roundings)
{
    for (size_t i = 0; i < n; i++)
        c->bound[array][i] = rounded_bound(unlimited_precision, roundings, c->want[array][i]);
}

struct check_entry {
    const char *name;
    struct operand operands[PRIMITIVE_MAX_ARRAYS];
    float scalars[2];
    void (*expect)(struct check_case *c);
    const struct update_rule *update; /* for optimizers; otherwise NULL */
    int variants;                     /* 0 means one */
};

/* ---- layer_cases.c ---- */

void expect_bias_add(struct check_case *c);
void expect_sigmoid_forward(struct check_case *c);
void expect_layer_forward(struct check_case *c);
void expect_layer_backward(struct check_case *c);
void expect_dropout(struct check_case *c);
void expect_bias_gradient(struct check_case *c);

/* ---- loss_cases.c ---- */

void expect_softmax_rows(struct check_case *c);
void expect_clip_unit(struct check_case *c);
void expect_softmax_cross_entropy(struct check_case *c);
void expect_sigmoid_cross_entropy(struct check_case *c);
void expect_identity_squared_error(struct check_case *c);
void expect_metrics_sum(struct check_case *c);

/* ---- norm_cases.c ---- */

void expect_norm_statistics(struct check_case *c);
void expect_norm_forward(struct check_case *c);
void expect_norm_gradient(struct check_case *c);
void expect_norm_backward(struct check_case *c);
void expect_norm_running(struct check_case *c);

/* ---- batch_cases.c ---- */

struct augmentation case_augmentation(size_t columns); /* images that fill a row of `columns` */
void expect_image_draws(struct check_case *c);
void expect_gather_images(struct check_case *c);
void expect_gather_byte_images(struct check_case *c);
void expect_gather_byte_rows(struct check_case *c);
void expect_gather_rows(struct check_case *c);
void expect_standardize_rows(struct check_case *c);
void expect_mix_rows(struct check_case *c);
void expect_label_targets(struct check_case *c);
void expect_gather_targets(struct check_case *c);

/* ---- embedding_cases.c ---- */

void expect_repulsion(struct check_case *c);

/* ---- update_cases.c ---- */

/* Returns the rule that the check of an optimizer uses. */
struct update_rule case_update(enum weft_optimizer optimizer);
/* Changes the operands of parameters_update to those of an optimizer. */
void case_update_operands(enum weft_optimizer optimizer,
                          struct operand operands[PRIMITIVE_MAX_ARRAYS]);
void expect_penalty_gradient(struct check_case *c);
void expect_gradient_add(struct check_case *c);
void expect_penalty_terms(struct check_case *c);
void expect_clip_factor(struct check_case *c);
void expect_parameters_update(struct check_case *c);
void expect_average_update(struct check_case *c);

/* ---- check_cases.c ---- */

/* The entries of all primitives except the matrix product. */
extern const struct check_entry check_entries[PRIMITIVE_COUNT];

/* Fills the operands of a variant of a primitive. */
void case_operands(enum primitive primitive, int variant,
                   struct operand operands[PRIMITIVE_MAX_ARRAYS]);

/* Returns the name of a variant, or "" if it needs none. */
const char *check_variant_name(enum primitive primitive, int variant);

size_t extent_elements(enum extent extent, size_t rows, size_t columns);
bool content_is_integer(enum content content);

#endif
