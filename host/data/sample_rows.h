/* Samples where they lie: in memory or in a mapped file, as floats or as bytes, all rows or some.
 *
 * Code that walks over samples reads them through here, in blocks of bounded size, so that a file
 * larger than memory needs no copy. */
#ifndef WEFT_DATA_SAMPLE_ROWS_H
#define WEFT_DATA_SAMPLE_ROWS_H

#include <stdint.h>

#include "base/status.h"

/* All pointers are borrowed. */
struct sample_rows {
    size_t features;       /* D */
    const float *x;        /* [rows][D]; NULL if the samples are bytes */
    const uint8_t *bytes;  /* [rows][D] in place of x, or NULL */
    const uint32_t *index; /* [N] sample i is row index[i]; NULL: row i */
};

/* Returns the samples from number `first` on. */
struct sample_rows sample_rows_from(struct sample_rows rows, size_t first);

/* Returns a feature of a sample. Loops over many samples use a sample_reader. */
float sample_rows_number(const struct sample_rows *rows, size_t sample, size_t feature);

/* Copies numbers first .. first + count - 1 of the matrix [N][D] that the samples are. */
void sample_rows_numbers(const struct sample_rows *rows, size_t first, size_t count, float *x);

/* Does the same as bytes, which must hold these numbers (bytes_hold). */
void sample_rows_bytes(const struct sample_rows *rows, size_t first, size_t count, uint8_t *bytes);

/* Copies samples to x [count][D]: order[0] .. order[count - 1] or, if `order` is NULL, first ..
 * first + count - 1. */
void sample_rows_gather(const struct sample_rows *rows, const uint32_t *order, size_t first,
                        size_t count, float *x);

/* Lends blocks of consecutive samples, and copies only what does not lie in place. */
struct sample_reader {
    struct sample_rows rows;
    size_t block;  /* most samples of one call, at least 1 */
    float *buffer; /* [block][D] owned; NULL if all samples lie in place */
};

WEFT_MUST_CHECK enum weft_status sample_reader_init(struct sample_reader *reader,
                                                    struct sample_rows rows);

/* Returns the samples first .. first + count - 1, [count][D], until the next call. */
const float *sample_reader_lend(struct sample_reader *reader, size_t first, size_t count);
void sample_reader_reset(struct sample_reader *reader);

#endif
