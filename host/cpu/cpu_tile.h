/* The tiles of the matrix products: the parts of a result that stay in registers while they are
 * summed.
 *
 * A tile has a few rows and up to MOST_VECTORS vectors in a row, so that each number of an operand
 * that is read serves several multiplications. All tiles sum over the inner index in ascending
 * order, with the same operations. So the shape of a tile changes no bit.
 *
 * The last few columns of a matrix would leave most of a vector empty. They become thin panels,
 * whose vectors lie along the inner index.
 */
#ifndef WEFT_CPU_TILE_H
#define WEFT_CPU_TILE_H

#include <string.h>

#include "cpu/cpu_kernels.h"

enum {
    VECTOR = 16,      /* numbers in a vector: one register of AVX-512, two of AVX2 */
    MOST_VECTORS = 4, /* in a row of a tile */
    FEW_VECTORS = 2,  /* in a row of the tiles with the most rows */
    MOST_THIN = 4     /* columns of a thin panel */
};

/* Neighboring columns of a matrix with K rows that are packed together. Padding is 0. */
struct panel {
    size_t first;   /* number of the first column */
    size_t columns; /* number of columns */
    size_t vectors; /* packed as [K][vectors * VECTOR]; 0: thin, packed as [columns][padded K] */
};

/* Returns the inner size of a thin panel: whole vectors. */
static inline size_t thin_inner(size_t inner)
{
    return cpu_part_count(inner, VECTOR) * VECTOR;
}

/* Copies a row of `columns` numbers, and adds zeros up to `width`. The copy of a vector has a
 * constant length: for variable lengths, gcc emits a string instruction that takes as long as the
 * product of a tile. */
static inline void row_copy(const float *from, size_t columns, size_t width, float *to)
{
    size_t j = 0;
    for (; j + VECTOR <= columns; j += VECTOR)
        memcpy(to + j, from + j, VECTOR * sizeof *to);
    for (; j < columns; j++)
        to[j] = from[j];
    for (; j < width; j++)
        to[j] = 0.0f;
}

/* Four numbers at any address. */
enum { SIDE = 4 };
typedef float quad
    __attribute__((vector_size(SIDE * sizeof(float)), aligned(sizeof(float)), may_alias));

/* to [4][to_stride] = the transpose of from [4][stride], in registers */
static inline void square_transpose(const float *from, size_t stride, float *to, size_t to_stride)
{
    const quad p = *(const quad *)from, q = *(const quad *)(from + stride);
    const quad r = *(const quad *)(from + 2 * stride), s = *(const quad *)(from + 3 * stride);
    *(quad *)to = (quad){p[0], q[0], r[0], s[0]};
    *(quad *)(to + to_stride) = (quad){p[1], q[1], r[1], s[1]};
    *(quad *)(to + 2 * to_stride) = (quad){p[2], q[2], r[2], s[2]};
    *(quad *)(to + 3 * to_stride) = (quad){p[3], q[3], r[3], s[3]};
}

/* Return the number of panels of a matrix [inner][columns], and one of them. A panel has at most
 * `most` vectors. */
size_t panel_count(size_t inner, size_t columns, size_t most);
struct panel panel_at(size_t inner, size_t columns, size_t most, size_t number);

/* The weights of a product: b [K][columns], or [columns][K] if `transposed`. */
struct panel_source {
    const float *b;
    bool transposed;
    size_t columns, inner; /* inner is K */
};

/* Packs rows k .. k + count - 1 of a panel that is not thin. */
void panel_pack(const struct panel_source *of, const struct panel *panel, size_t k, size_t count,
                float *packed);

/* A product of some rows with a panel: c = a b, or c += a b. */
struct tile_product {
    /* [rows][K], with `a_stride` numbers from row to row. If `a_transposed`, it is [K][rows], with
     * `a_stride` numbers from one term of the sums to the next. */
    const float *a;
    size_t a_stride;
    bool a_transposed; /* not for thin panels */
    size_t rows, inner;
    const float *b; /* the panel; thick ones have `b_stride` numbers from row to row */
    size_t b_stride;
    /* A panel that is needed soon, with `ahead_stride` numbers from row to row. Tiles fetch it into
     * the cache, one vector of each row at a time. NULL: tiles fetch the rows of `a` that follow,
     * unless it is transposed. Memory beyond the end of an array may be fetched. */
    const float *ahead;
    size_t ahead_stride;
    bool add;
    float *c; /* [rows][columns of the panel], with `c_stride` numbers from row to row */
    size_t c_stride;
};
void cpu_tile_product(const struct tile_product *product, const struct panel *panel);

#endif
