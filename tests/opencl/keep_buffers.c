/* Keeps every buffer alive, for programs under Oclgrind: LD_PRELOAD=.../libkeep_buffers.so.
 *
 * Oclgrind 21.10 gives the address of a released buffer to the next one, but goes on to believe
 * what it knew of the old one's contents: values that were written are then reported as
 * uninitialised. Where no buffer is ever released, no address comes twice and what it reports is
 * true. reused_address.c shows it.
 */
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>

CL_API_ENTRY cl_int CL_API_CALL clReleaseMemObject(cl_mem memory)
{
    (void)memory;
    return CL_SUCCESS;
}
