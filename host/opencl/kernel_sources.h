/* The kernels of kernels/, embedded when the library is built.
 *
 * The texts are the files, byte for byte; cmake/EmbedKernels.cmake writes the table, in the order
 * of host/CMakeLists.txt. No file is needed at run time.
 */
#ifndef WEFT_OPENCL_KERNEL_SOURCES_H
#define WEFT_OPENCL_KERNEL_SOURCES_H

#include <stddef.h>

struct kernel_source {
    const char *name; /* "activation.cl" */
    const char *text;
};

extern const struct kernel_source kernel_sources[]; /* [kernel_source_count] */
extern const size_t kernel_source_count;

#endif
