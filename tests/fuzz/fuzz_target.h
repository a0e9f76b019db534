/* Contains what the fuzz targets share: the entry point that libFuzzer calls, and a way to report a
 * finding.
 *
 * A target is a function of bytes. libFuzzer generates the bytes (tools/fuzz). replay.c reads them
 * from files, so that every compiler can run the corpus.
 */
#ifndef WEFT_TESTS_FUZZ_TARGET_H
#define WEFT_TESTS_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* libFuzzer requires these names: llvm.org/docs/LibFuzzer.html. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* Tells whether libFuzzer runs the target, and not the corpus alone. The target may then test a
 * part of what it requires, chosen by the input. */
#if defined(WEFT_FUZZING)
enum { FUZZING = 1 };
#else
enum { FUZZING = 0 };
#endif

/* Ends the process unless `condition` holds. libFuzzer reports that as a finding. */
#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: required: %s\n", __FILE__, __LINE__, #condition);              \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

#endif
