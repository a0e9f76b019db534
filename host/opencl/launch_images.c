/* The launchers of augmentation; see launch.h. */
#include "base/random.h"
#include "opencl/launch.h"
#include "opencl/launch_kernel.h"

enum weft_status launch_image_draws(struct opencl_device *device,
                                    const struct image_buffers *images)
{
    const struct augmentation *augmentation = images->augmentation;
    const cl_ulong first = images->order_first, seed = images->draw->seed;
    const cl_uint rows = (cl_uint)images->rows, row = (cl_uint)images->draw->row;
    const cl_uint purpose = RANDOM_IMAGES;
    const cl_uint epoch = images->draw->epoch, batch = images->draw->batch;
    const cl_uint height = (cl_uint)augmentation->height, width = (cl_uint)augmentation->width;
    const cl_uint shift = (cl_uint)augmentation->shift, erase = (cl_uint)augmentation->erase;
    const cl_uint flip = augmentation->flip;
    const struct kernel_argument arguments[] = {ARGUMENT(images->labels),
                                                ARGUMENT(images->order),
                                                ARGUMENT(first),
                                                ARGUMENT(rows),
                                                ARGUMENT(row),
                                                ARGUMENT(seed),
                                                ARGUMENT(epoch),
                                                ARGUMENT(batch),
                                                ARGUMENT(purpose),
                                                ARGUMENT(height),
                                                ARGUMENT(width),
                                                ARGUMENT(shift),
                                                ARGUMENT(flip),
                                                ARGUMENT(erase),
                                                ARGUMENT(images->draws),
                                                ARGUMENT(images->labels_y)};
    return LAUNCH(device, KERNEL_IMAGE_DRAWS, grid_line(device, images->rows), arguments);
}

enum weft_status launch_gather_images(struct opencl_device *device,
                                      const struct image_buffers *images)
{
    const struct augmentation *augmentation = images->augmentation;
    const cl_uint rows = (cl_uint)images->rows, columns = (cl_uint)images->columns;
    const cl_uint height = (cl_uint)augmentation->height, width = (cl_uint)augmentation->width;
    const cl_uint channels = (cl_uint)augmentation->channels, erase = (cl_uint)augmentation->erase;
    const struct kernel_argument arguments[] = {
        ARGUMENT(images->x), ARGUMENT(images->draws), ARGUMENT(images->mean), ARGUMENT(images->std),
        ARGUMENT(rows),      ARGUMENT(columns),       ARGUMENT(height),       ARGUMENT(width),
        ARGUMENT(channels),  ARGUMENT(erase),         ARGUMENT(images->y)};
    const struct grid grid = grid_plane(device, images->columns, images->rows);
    if (images->bytes)
        return LAUNCH(device, KERNEL_GATHER_BYTE_IMAGES, grid, arguments);
    return LAUNCH(device, KERNEL_GATHER_IMAGES, grid, arguments);
}

enum weft_status launch_mix_rows(struct opencl_device *device, cl_mem m, size_t rows,
                                 size_t columns, float share)
{
    const cl_uint row_count = (cl_uint)rows, column_count = (cl_uint)columns;
    const struct kernel_argument arguments[] = {ARGUMENT(m), ARGUMENT(row_count),
                                                ARGUMENT(column_count), ARGUMENT(share)};
    if (rows < 2)
        return WEFT_OK;
    return LAUNCH(device, KERNEL_MIX_ROWS, grid_plane(device, columns, rows / 2), arguments);
}
