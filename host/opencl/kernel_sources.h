/* The source text of kernels/, which cmake/EmbedKernels.cmake embeds into the library. */
#ifndef WEFT_OPENCL_KERNEL_SOURCES_H
#define WEFT_OPENCL_KERNEL_SOURCES_H

#include <stddef.h>

struct kernel_source {
    const char *name; /* "activation.cl" */
    const char *text; /* the whole file */
};

extern const struct kernel_source kernel_sources[]; /* common.cl first */
extern const size_t kernel_source_count;

#endif
