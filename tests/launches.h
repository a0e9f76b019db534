/* Puts the suite's own clEnqueueNDRangeKernel before the driver's, and tells the suite of each
 * launch. A suite includes this once. Define _GNU_SOURCE before the first include. */
#ifndef WEFT_TESTS_LAUNCHES_H
#define WEFT_TESTS_LAUNCHES_H

#include "driver_function.h"
#include "opencl/opencl_device.h"

/* The suite's own: called before each launch. */
static void launched(cl_kernel kernel);

CL_API_ENTRY cl_int CL_API_CALL clEnqueueNDRangeKernel(cl_command_queue queue, cl_kernel kernel,
                                                       cl_uint dimensions, const size_t *offset,
                                                       const size_t *global, const size_t *local,
                                                       cl_uint count, const cl_event *events,
                                                       cl_event *event)
{
    cl_int(CL_API_CALL * driver)(cl_command_queue, cl_kernel, cl_uint, const size_t *,
                                 const size_t *, const size_t *, cl_uint, const cl_event *,
                                 cl_event *) = NULL;
    driver_function("clEnqueueNDRangeKernel", &driver);
    launched(kernel);
    return driver(queue, kernel, dimensions, offset, global, local, count, events, event);
}

#endif
