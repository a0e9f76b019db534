/* Answers the OpenCL loader's questions about a layer. Both layers of this folder use it. */
#ifndef WEFT_TESTS_OPENCL_LAYER_ANSWER_H
#define WEFT_TESTS_OPENCL_LAYER_ANSWER_H

#include <string.h>

#include <CL/cl_layer.h>

/* Answers as the clGet...Info functions do. */
static inline cl_int layer_answer(const void *from, size_t bytes, size_t size, void *value,
                                  size_t *needed)
{
    if (value != NULL && size < bytes)
        return CL_INVALID_VALUE;
    if (value != NULL)
        memcpy(value, from, bytes);
    if (needed != NULL)
        *needed = bytes;
    return CL_SUCCESS;
}

/* Answers clGetLayerInfo for the layer with this name. */
static inline cl_int layer_answer_info(const char *name, cl_layer_info what, size_t size,
                                       void *value, size_t *needed)
{
    static const cl_layer_api_version version = CL_LAYER_API_VERSION_100;
    if (what == CL_LAYER_API_VERSION)
        return layer_answer(&version, sizeof version, size, value, needed);
    return what == CL_LAYER_NAME ? layer_answer(name, strlen(name) + 1, size, value, needed)
                                 : CL_INVALID_VALUE;
}

#endif
