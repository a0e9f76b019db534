/* Compiled programs on disk, see program_cache.h. CLBlast's kernels are not among them: it keeps
 * them for the process alone and lets nobody put them back. */
#include "opencl/program_cache.h"

#include <string.h>

#include "base/memory.h"
#include "record/record.h"

static const char kept_name[] = "kernels";

bool program_cache_wanted(const char *platform)
{
    /* PoCL: <folder of caches>/pocl, down to machine code; the second build takes 25 ms from there
     * and 2 ms from here, but it compiles for 1.5 s before it hands a program out to be kept.
     * NVIDIA: ~/.nv/ComputeCache. A driver that is not listed and keeps them all the same costs a
     * file of some 100 KB, and once the time to write it. */
    static const char *const keepers[] = {"Portable Computing Language", "NVIDIA CUDA"};
    for (size_t i = 0; i < sizeof keepers / sizeof *keepers; i++)
        if (strcmp(platform, keepers[i]) == 0)
            return false;
    return true;
}

/* ---- reading ---- */

/* `content` as a program that is built; NULL where the driver does not take it. */
static cl_program program_from(struct opencl_device *device, const struct file_content *content,
                               const char *options)
{
    const unsigned char *bytes = content->data;
    cl_int taken = CL_SUCCESS, code = CL_SUCCESS;
    cl_program program = clCreateProgramWithBinary(device->context, 1, &device->id, &content->size,
                                                   &bytes, &taken, &code);
    if (code == CL_SUCCESS && taken == CL_SUCCESS &&
        clBuildProgram(program, 1, &device->id, options, NULL, NULL) == CL_SUCCESS)
        return program;
    if (program != NULL)
        (void)clReleaseProgram(program);
    return NULL;
}

enum weft_status program_cache_read(struct opencl_device *device, uint64_t digest,
                                    const char *options, cl_program *program)
{
    struct file_content content;
    *program = NULL;
    TRY(record_bytes_read(device->base.record, kept_name, digest, &content));
    if (content.data != NULL)
        *program = program_from(device, &content, options);
    memory_free(content.data);
    return WEFT_OK;
}

/* ---- writing ---- */

/* The program in the driver's form, owned; none where the driver has none to give. */
static enum weft_status program_bytes(const struct opencl_device *device,
                                      struct file_content *content)
{
    TRY(opencl_check(device,
                     clGetProgramInfo(device->program, CL_PROGRAM_BINARY_SIZES,
                                      sizeof content->size, &content->size, NULL),
                     "CL_PROGRAM_BINARY_SIZES"));
    if (content->size == 0)
        return WEFT_OK;
    TRY(NEW_ARRAY(content->data, content->size));
    return opencl_check(device,
                        clGetProgramInfo(device->program, CL_PROGRAM_BINARIES, sizeof content->data,
                                         &content->data, NULL),
                        "CL_PROGRAM_BINARIES");
}

void program_cache_write(struct opencl_device *device, uint64_t digest)
{
    struct file_content content = {NULL, 0};
    enum weft_status status = program_bytes(device, &content);
    if (status == WEFT_OK && content.data != NULL)
        status =
            record_bytes_write(device->base.record, kept_name, digest, content.data, content.size);
    memory_free(content.data);
    if (status != WEFT_OK && device->base.log != NULL)
        device->base.log(device->base.log_user, weft_error());
}
