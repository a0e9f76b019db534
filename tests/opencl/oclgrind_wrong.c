/* Shows two errors of Oclgrind 21.10 with --uninitialized: it complains about buffers that are
 * written completely before they are read.
 *
 * `oclgrind_wrong address` uses a buffer at the address of a smaller one that was released.
 * Oclgrind does not forget the contents of a released buffer (Uninitialized.cpp has no
 * memoryDeallocated). It also ignores writes beyond the old size (ShadowMemory::store).
 *
 * `oclgrind_wrong fill` uses a buffer that clEnqueueFillBuffer wrote.
 *
 * This is why oclgrind_buffers.c exists. small_devices.sh shows that Oclgrind reports both without
 * it and neither with it.
 */
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SMALL = 1, LARGE = 64 };

static const char source[] =
    "__kernel void write(__global float *x) { x[get_global_id(0)] = 1.0f; }"
    "__kernel void copy(__global const float *x, __global float *y)"
    "{ y[get_global_id(0)] = x[get_global_id(0)]; }";

static void need(cl_int code, const char *what)
{
    if (code == CL_SUCCESS)
        return;
    fprintf(stderr, "%s: OpenCL error %d\n", what, (int)code);
    exit(EXIT_FAILURE);
}

static cl_mem buffer_of(cl_context context, size_t count)
{
    cl_int code;
    const cl_mem buffer =
        clCreateBuffer(context, CL_MEM_READ_WRITE, count * sizeof(cl_float), NULL, &code);
    need(code, "clCreateBuffer");
    return buffer;
}

static cl_kernel kernel_of(cl_program program, const char *name, const cl_mem *buffers,
                           cl_uint count)
{
    cl_int code;
    const cl_kernel kernel = clCreateKernel(program, name, &code);
    need(code, name);
    for (cl_uint i = 0; i < count; i++)
        need(clSetKernelArg(kernel, i, sizeof buffers[i], &buffers[i]), name);
    return kernel;
}

static void run(cl_command_queue queue, cl_kernel kernel, size_t count)
{
    need(clEnqueueNDRangeKernel(queue, kernel, 1, NULL, &count, NULL, 0, NULL, NULL), "run");
    need(clFinish(queue), "clFinish");
    need(clReleaseKernel(kernel), "clReleaseKernel");
}

static void reuse_address(cl_context context, cl_command_queue queue, cl_program program)
{
    const cl_mem small = buffer_of(context, SMALL);
    run(queue, kernel_of(program, "write", &small, 1), SMALL);
    need(clReleaseMemObject(small), "clReleaseMemObject");

    const cl_mem buffers[] = {buffer_of(context, LARGE), buffer_of(context, LARGE)};
    run(queue, kernel_of(program, "write", buffers, 1), LARGE);
    run(queue, kernel_of(program, "copy", buffers, 2), LARGE);
}

static void fill(cl_context context, cl_command_queue queue, cl_program program)
{
    const cl_mem buffers[] = {buffer_of(context, LARGE), buffer_of(context, LARGE)};
    const cl_float zero = 0.0f;
    need(clEnqueueFillBuffer(queue, buffers[0], &zero, sizeof zero, 0, LARGE * sizeof zero, 0, NULL,
                             NULL),
         "clEnqueueFillBuffer");
    run(queue, kernel_of(program, "copy", buffers, 2), LARGE);
}

/* Objects but the small buffer are left to the end of the process. */
int main(int argc, char **argv)
{
    if (argc != 2)
        return EXIT_FAILURE;
    const char *text = source;
    cl_platform_id platform;
    cl_device_id device;
    cl_int code;
    need(clGetPlatformIDs(1, &platform, NULL), "clGetPlatformIDs");
    need(clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 1, &device, NULL), "clGetDeviceIDs");
    const cl_context context = clCreateContext(NULL, 1, &device, NULL, NULL, &code);
    need(code, "clCreateContext");
    const cl_command_queue queue = clCreateCommandQueue(context, device, 0, &code);
    need(code, "clCreateCommandQueue");
    const cl_program program = clCreateProgramWithSource(context, 1, &text, NULL, &code);
    need(code, "clCreateProgramWithSource");
    need(clBuildProgram(program, 1, &device, "", NULL, NULL), "clBuildProgram");
    (strcmp(argv[1], "fill") == 0 ? fill : reuse_address)(context, queue, program);
    return EXIT_SUCCESS;
}
