/* The words that the writer and the reader of bundles share. */
#ifndef WEFT_CHECK_BUNDLE_WORDS_H
#define WEFT_CHECK_BUNDLE_WORDS_H

/* Bytes for a key with a layer's number. */
enum { BUNDLE_NAME_SIZE = 48 };

/* Under the key `format`. */
extern const char bundle_format[];

/* Programs of version 1 know neither activations other than sigmoid, nor batch norm, nor dense
 * targets, nor an update that is more than w -= rate g. */
enum { BUNDLE_VERSIONS = 2 };
extern const char *const bundle_versions[BUNDLE_VERSIONS];

/* By enum weft_gemm. */
enum { BUNDLE_PRODUCTS = 3 };
extern const char *const bundle_products[BUNDLE_PRODUCTS];

#endif
