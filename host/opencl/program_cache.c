/* Compiled programs on disk; see program_cache.h. CLBlast's kernels are not included, because
 * CLBlast keeps them only for the process and offers no way to restore them. */
#include "opencl/program_cache.h"

#include <string.h>

#include "base/memory.h"
#include "record/record.h"

static const char kept_name[] = "kernels";

bool program_cache_wanted(const char *platform)
{
    /* PoCL caches down to machine code in <cache folder>/pocl. The second build takes 25 ms from
     * there and 2 ms from here, but PoCL compiles for 1.5 s before it returns a program to keep.
     * NVIDIA caches in ~/.nv/ComputeCache. A driver that caches but is not listed costs a file of
     * about 100 KB and the time to write it once. */
    static const char *const keepers[] = {"Portable Computing Language", "NVIDIA CUDA"};
    for (size_t i = 0; i < sizeof keepers / sizeof *keepers; i++)
        if (strcmp(platform, keepers[i]) == 0)
            return false;
    return true;
}

/* ---- reading ---- */

/* Builds a program from `content`. Returns NULL if the driver does not accept it. */
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

/* Gets the program in the driver's binary format, owned. It is empty if the driver offers none. */
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
