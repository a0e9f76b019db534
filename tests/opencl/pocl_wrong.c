/* Shows a statement of a kernel that PoCL 3.1 and 6.0 lose. A work-group of ITEMS counts how often
 * each of its work-items passes three places.
 *
 * `pocl_wrong nested` has the places and an inner loop with barriers inside a loop with barriers.
 * The statement at the second place, between a barrier and the inner loop, never runs with
 * POCL_WORK_GROUP_METHOD=loops or loopvec. With cbs, which only 6.0 has, the result is correct.
 *
 * `pocl_wrong flat` has the same places with every barrier in one loop, as in Weft's kernels. The
 * exit code is 0 if all counts are correct. docs/devices.md explains more.
 */
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <stdio.h>
#include <stdlib.h>

enum { ITEMS = 8, PLACES = 3, OUTER = 2, INNER = 2 };

/* x [PLACES][ITEMS] counts; every work-item comes to every barrier. */
static const char source[] =
    "#define FIRST if (i < 4) x[i] += 1\n"
    "#define SECOND if (i < 4) x[8 + i] += 1\n"
    "#define THIRD if (*flag) x[16 + i] += 1\n"
    "__kernel void nested(__global int *x, __global const int *flag, int outer, int inner)\n"
    "{\n"
    "    const size_t i = get_local_id(0);\n"
    "    for (int o = 0; o < outer; o++) {\n"
    "        FIRST;\n"
    "        barrier(CLK_LOCAL_MEM_FENCE);\n"
    "        SECOND;\n"
    "        for (int n = 0; n < inner; n++)\n"
    "            barrier(CLK_LOCAL_MEM_FENCE);\n"
    "        barrier(CLK_LOCAL_MEM_FENCE);\n"
    "        THIRD;\n"
    "        barrier(CLK_LOCAL_MEM_FENCE);\n"
    "    }\n"
    "}\n"
    "__kernel void flat(__global int *x, __global const int *flag, int outer, int inner)\n"
    "{\n"
    "    const size_t i = get_local_id(0);\n"
    "    const int stages = inner + 3;\n"
    "    barrier(CLK_LOCAL_MEM_FENCE);\n"
    "    for (int turn = 0; turn < outer * stages; turn++) {\n"
    "        const int stage = turn % stages;\n"
    "        if (stage == 0)\n"
    "            FIRST;\n"
    "        if (stage == 1)\n"
    "            SECOND;\n"
    "        if (stage == stages - 1)\n"
    "            THIRD;\n"
    "        barrier(CLK_LOCAL_MEM_FENCE);\n"
    "    }\n"
    "}\n";

static void need(cl_int code, const char *what)
{
    if (code == CL_SUCCESS)
        return;
    fprintf(stderr, "%s: OpenCL error %d\n", what, (int)code);
    exit(EXIT_FAILURE);
}

/* The first device of the first platform, its name and driver printed. */
static cl_device_id first_device(void)
{
    cl_platform_id platform;
    cl_device_id device;
    char name[256], driver[256];
    need(clGetPlatformIDs(1, &platform, NULL), "clGetPlatformIDs");
    need(clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 1, &device, NULL), "clGetDeviceIDs");
    need(clGetDeviceInfo(device, CL_DEVICE_NAME, sizeof name, name, NULL), "CL_DEVICE_NAME");
    need(clGetDeviceInfo(device, CL_DRIVER_VERSION, sizeof driver, driver, NULL),
         "CL_DRIVER_VERSION");
    printf("%s, driver %s\n", name, driver);
    return device;
}

static cl_mem buffer_of(cl_context context, size_t bytes, void *values)
{
    cl_int code;
    const cl_mem buffer =
        clCreateBuffer(context, CL_MEM_READ_WRITE | CL_MEM_COPY_HOST_PTR, bytes, values, &code);
    need(code, "clCreateBuffer");
    return buffer;
}

/* Runs the kernel in one group; counts [PLACES][ITEMS]. Objects are left to the end of the process.
 */
static void run(cl_device_id device, const char *name, cl_int *counts)
{
    const char *text = source;
    const size_t items = ITEMS, bytes = sizeof(cl_int) * PLACES * ITEMS;
    const cl_int outer = OUTER, inner = INNER;
    cl_int flag = 1, code;
    const cl_context context = clCreateContext(NULL, 1, &device, NULL, NULL, &code);
    need(code, "clCreateContext");
    const cl_command_queue queue = clCreateCommandQueue(context, device, 0, &code);
    need(code, "clCreateCommandQueue");
    const cl_program program = clCreateProgramWithSource(context, 1, &text, NULL, &code);
    need(code, "clCreateProgramWithSource");
    need(clBuildProgram(program, 1, &device, "", NULL, NULL), "clBuildProgram");
    const cl_kernel kernel = clCreateKernel(program, name, &code);
    need(code, name);
    const cl_mem x = buffer_of(context, bytes, counts), f = buffer_of(context, sizeof flag, &flag);
    need(clSetKernelArg(kernel, 0, sizeof x, &x), "x");
    need(clSetKernelArg(kernel, 1, sizeof f, &f), "flag");
    need(clSetKernelArg(kernel, 2, sizeof outer, &outer), "outer");
    need(clSetKernelArg(kernel, 3, sizeof inner, &inner), "inner");
    need(clEnqueueNDRangeKernel(queue, kernel, 1, NULL, &items, &items, 0, NULL, NULL), name);
    need(clEnqueueReadBuffer(queue, x, CL_TRUE, 0, bytes, counts, 0, NULL, NULL), "read");
}

int main(int argc, char **argv)
{
    static const int passing[PLACES] = {4, 4, ITEMS}; /* work-items that count at each place */
    cl_int counts[PLACES * ITEMS] = {0};
    int wrong = 0;
    if (argc != 2) {
        fprintf(stderr, "usage: pocl_wrong nested|flat\n");
        return EXIT_FAILURE;
    }
    run(first_device(), argv[1], counts);
    for (int place = 0; place < PLACES; place++)
        for (int i = 0; i < ITEMS; i++) {
            const int got = counts[place * ITEMS + i], want = i < passing[place] ? OUTER : 0;
            if (got == want)
                continue;
            printf("%s: place %d, work-item %d: counted %d, need %d\n", argv[1], place + 1, i, got,
                   want);
            wrong++;
        }
    printf("%s: %s\n", argv[1], wrong > 0 ? "wrong" : "right");
    return wrong > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
