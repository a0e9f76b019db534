/* What the fuzz targets share: the entry that libFuzzer calls, and how a finding is told.
 *
 * A target is a function of bytes. libFuzzer makes up the bytes (tools/fuzz); replay.c takes them
 * from files, so that every compiler can run the corpus.
 */
#ifndef WEFT_TESTS_FUZZ_TARGET_H
#define WEFT_TESTS_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* These names are libFuzzer's: llvm.org/docs/LibFuzzer.html. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* Ends the process, which is a finding, unless `condition` holds. */
#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: required: %s\n", __FILE__, __LINE__, #condition);              \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

#endif
