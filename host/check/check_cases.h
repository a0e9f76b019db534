/* The table behind check_primitive: arrays, expected values and bounds of every primitive. */
#ifndef WEFT_CHECK_CHECK_CASES_H
#define WEFT_CHECK_CHECK_CASES_H

#include "check/check.h"

/* How many elements an array has. */
enum extent {
    EXTENT_NONE,   /* no such array */
    EXTENT_MATRIX, /* rows x columns */
    EXTENT_ROWS,
    EXTENT_COLUMNS,
    EXTENT_CLASSES, /* as many as columns; 2 with one column */
    EXTENT_BYTES,   /* rows x columns bytes, four to an element */
    EXTENT_DRAWS,   /* rows x numbers of a draw */
    EXTENT_ONE,
    EXTENT_TWO
};

/* What an array holds. */
enum content {
    CONTENT_REAL,     /* the values asked for */
    CONTENT_SUMMAND,  /* likewise, but no partial sum of a column overflows that the sum does not */
    CONTENT_LOSS,     /* likewise, of one column that is not negative where it is huge */
    CONTENT_SQUARE,   /* likewise, none negative */
    CONTENT_GRADIENT, /* likewise, squares overflow where they are extreme, too; none beyond 1e30 */
    CONTENT_MODERATE, /* likewise, none beyond 1e9: products of them stay finite */
    CONTENT_PRODUCT,  /* likewise, some columns far from 0, some the same in all rows */
    CONTENT_UNIT,     /* reals in 0..1 */
    CONTENT_TARGET,   /* reals in 0..1, many of them 0 or 1 */
    CONTENT_SCALE,    /* reals in 0.5..2 */
    CONTENT_LABEL,    /* integers 0..columns-1; 0..1 with one column */
    CONTENT_CLASS,    /* integers 0..columns-1, with one column too */
    CONTENT_ORDER,    /* integers 0..rows-1 */
    CONTENT_DRAW,     /* integers of draws of images, data/augmentation.h */
    CONTENT_BYTE,     /* four bytes, any */
    CONTENT_COUNT     /* integers 0..1 */
};

struct operand {
    enum extent extent;
    enum content content;
    bool input, output; /* both: in place */
};

/* One primitive on its way through a check: inputs as doubles, expected outputs, bounds. */
struct check_case {
    size_t rows, columns;
    float scalars[2];
    const struct update_rule *update;
    struct augmentation augmentation;
    struct batch_draw draw;
    enum weft_activation activation;
    const double *in[PRIMITIVE_MAX_ARRAYS]; /* what the arrays held before; NULL: pure output */
    const int32_t *integers[PRIMITIVE_MAX_ARRAYS]; /* likewise, of integer arrays */
    const float *floats[PRIMITIVE_MAX_ARRAYS];     /* `in` as it was given */
    double *want[PRIMITIVE_MAX_ARRAYS];            /* outputs alone */
    double *bound[PRIMITIVE_MAX_ARRAYS];           /* largest allowed |got - want| */
    double *scratch;                               /* [rows][columns] */
    uint32_t *counts;                              /* [rows] */
};

/* ---- what the expectations of all files share ---- */

#define U    0x1p-24
#define ULP  (2.0 * U)
#define TINY 0x1p-126

/* Ulps of 1/(1+exp) with its exp, add and divide, and one for their products. */
#define SIGMOID_ULPS 7.0

double case_row_largest(const double *z, size_t columns);
/* Relative error of sum exp(z - largest), p [columns] the softmax. */
double case_sum_error(const double *z, const double *p, size_t columns);
/* Absolute error of p [columns], a row of softmax. */
void case_softmax_row_bound(const double *z, const double *p, size_t columns, double *bound);

/* loss_cases.c */
void expect_softmax_cross_entropy(struct check_case *c);
void expect_sigmoid_cross_entropy(struct check_case *c);
void expect_identity_squared_error(struct check_case *c);

/* norm_cases.c */
void expect_norm_statistics(struct check_case *c);
void expect_norm_forward(struct check_case *c);
void expect_norm_gradient(struct check_case *c);
void expect_norm_backward(struct check_case *c);
void expect_norm_running(struct check_case *c);

/* image_cases.c */
struct augmentation case_augmentation(size_t columns); /* images that fill a row */
void expect_image_draws(struct check_case *c);
void expect_gather_images(struct check_case *c);
void expect_gather_byte_images(struct check_case *c);
void expect_gather_byte_rows(struct check_case *c);
void expect_mix_rows(struct check_case *c);

/* target_cases.c */
void expect_label_targets(struct check_case *c);
void expect_gather_targets(struct check_case *c);
void expect_softmax_cross_entropy_targets(struct check_case *c);
void expect_sigmoid_cross_entropy_targets(struct check_case *c);
void expect_identity_squared_error_targets(struct check_case *c);

struct check_entry {
    const char *name;
    struct operand operands[PRIMITIVE_MAX_ARRAYS];
    float scalars[2];
    void (*expect)(struct check_case *c);
    const struct update_rule *update; /* of the optimizers; NULL: none */
    int variants;                     /* 0: one */
};

/* ---- layer_cases.c ---- */

void expect_layer_forward(struct check_case *c);
void expect_layer_backward(struct check_case *c);
void expect_dropout(struct check_case *c);

/* What a variant is called after a comma, "" for one that needs no name. */
const char *check_variant_name(enum primitive primitive, int variant);

/* Entry of every primitive but the product. */
extern const struct check_entry check_entries[PRIMITIVE_COUNT];

/* ---- check_updates.c ---- */

/* The rules that optimizers are checked with; `variant` 1 of momentum_update: nesterov. */
extern const struct update_rule check_sgd, check_momentum, check_nesterov, check_rmsprop,
    check_adam;
void expect_clip_factor(struct check_case *c);
void expect_update(struct check_case *c);
void expect_average_update(struct check_case *c);

size_t extent_elements(enum extent extent, size_t rows, size_t columns);
bool content_is_integer(enum content content);

#endif
