/* Corrects two errors of Oclgrind 21.10 for programs that run under it:
 * LD_PRELOAD=.../liboclgrind_buffers.so.
 *
 * Oclgrind gives the address of a released buffer to the next one, but keeps what it knew about the
 * contents of the old one. It also ignores what clEnqueueFillBuffer writes. It then reports
 * initialized values as uninitialized. With this library, no buffer is ever released, so no address
 * occurs twice. Buffers are filled by writing to them. The reports are then true. oclgrind_wrong.c
 * shows both errors.
 */
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <stdlib.h>
#include <string.h>

CL_API_ENTRY cl_int CL_API_CALL clReleaseMemObject(cl_mem memory)
{
    (void)memory;
    return CL_SUCCESS;
}

CL_API_ENTRY cl_int CL_API_CALL clEnqueueFillBuffer(cl_command_queue queue, cl_mem buffer,
                                                    const void *pattern, size_t pattern_size,
                                                    size_t offset, size_t size, cl_uint wait_count,
                                                    const cl_event *waits, cl_event *event)
{
    char *bytes = malloc(size);
    if (!bytes)
        return CL_OUT_OF_HOST_MEMORY;
    for (size_t at = 0; at < size; at += pattern_size)
        memcpy(bytes + at, pattern, pattern_size);
    const cl_int code =
        clEnqueueWriteBuffer(queue, buffer, CL_TRUE, offset, size, bytes, wait_count, waits, event);
    free(bytes);
    return code;
}
