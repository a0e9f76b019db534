/* The launchers: arguments and grids of the kernels; see launch.h. */
#include "opencl/launch.h"

#include "base/memory.h"
#include "opencl/launch_kernel.h"

/* A slice of bias_gradient has at least SLICE_ROWS rows of dz, and there are at most MAX_SLICES
 * slices. */
enum { SLICE_ROWS = 32, MAX_SLICES = 64 };
/* The number of shares that penalty_shares computes. */
enum { PENALTY_SHARES = 1024 };
static size_t slice_rows(size_t rows)
{
    return size_max(SLICE_ROWS, size_divide_up(rows, MAX_SLICES));
}

size_t launch_partial_size(size_t columns)
{
    return size_max(MAX_SLICES * columns, 2 * PENALTY_SHARES);
}

enum weft_status launch_bias_add(struct opencl_device *device, cl_mem z, cl_mem b, size_t b_offset,
                                 size_t rows, size_t columns)
{
    const cl_ulong b_first = b_offset;
    const cl_uint row_count = (cl_uint)rows, column_count = (cl_uint)columns;
    const struct kernel_argument arguments[] = {ARGUMENT(z), ARGUMENT(b), ARGUMENT(b_first),
                                                ARGUMENT(row_count), ARGUMENT(column_count)};
    return LAUNCH(device, KERNEL_BIAS_ADD, grid_plane(device, columns, rows), arguments);
}

enum weft_status launch_sigmoid_forward(struct opencl_device *device, cl_mem z, size_t n)
{
    const cl_ulong count = n;
    const struct kernel_argument arguments[] = {ARGUMENT(z), ARGUMENT(count)};
    return LAUNCH(device, KERNEL_SIGMOID_FORWARD, grid_elements(device, n), arguments);
}

enum weft_status launch_layer_forward(struct opencl_device *device, enum weft_activation activation,
                                      cl_mem z, cl_mem a, size_t n)
{
    const cl_uint code = activation;
    const cl_ulong count = n;
    const struct kernel_argument arguments[] = {ARGUMENT(z), ARGUMENT(code), ARGUMENT(count),
                                                ARGUMENT(a)};
    return LAUNCH(device, KERNEL_LAYER_FORWARD, grid_lanes(device, n), arguments);
}

enum weft_status launch_layer_backward(struct opencl_device *device,
                                       enum weft_activation activation, bool from_z, cl_mem x,
                                       cl_mem da, size_t n)
{
    const cl_uint code = activation, is_z = from_z;
    const cl_ulong count = n;
    const struct kernel_argument arguments[] = {ARGUMENT(x), ARGUMENT(code), ARGUMENT(is_z),
                                                ARGUMENT(count), ARGUMENT(da)};
    return LAUNCH(device, KERNEL_LAYER_BACKWARD, grid_lanes(device, n), arguments);
}

enum weft_status launch_dropout(struct opencl_device *device, const struct batch_draw *draw,
                                size_t layer, float share, cl_mem x, size_t rows, size_t columns)
{
    const size_t n = rows * columns;
    const cl_ulong count = n, first = draw->row * columns, seed = draw->seed;
    const cl_uint purpose = dropout_purpose(layer);
    const cl_uint threshold = dropout_threshold(share);
    const cl_float scale = dropout_scale(share);
    const struct kernel_argument arguments[] = {
        ARGUMENT(x),       ARGUMENT(count),       ARGUMENT(first),
        ARGUMENT(seed),    ARGUMENT(draw->epoch), ARGUMENT(draw->batch),
        ARGUMENT(purpose), ARGUMENT(threshold),   ARGUMENT(scale)};
    return LAUNCH(device, KERNEL_DROPOUT, grid_lanes(device, (n + 3) / 4), arguments);
}

enum weft_status launch_clip_unit(struct opencl_device *device, cl_mem z, cl_mem p, size_t n)
{
    const cl_ulong count = n;
    const struct kernel_argument arguments[] = {ARGUMENT(z), ARGUMENT(p), ARGUMENT(count)};
    return LAUNCH(device, KERNEL_CLIP_UNIT, grid_elements(device, n), arguments);
}

enum weft_status launch_bias_gradient(struct opencl_device *device, cl_mem dz, size_t rows,
                                      size_t columns, cl_mem partial, cl_mem db, size_t db_offset)
{
    const cl_uint row_count = (cl_uint)rows, column_count = (cl_uint)columns;
    const cl_uint height = (cl_uint)slice_rows(rows);
    const cl_uint slices = (row_count + height - 1) / height;
    const cl_ulong db_first = db_offset;
    const struct kernel_argument first[] = {ARGUMENT(dz),           ARGUMENT(row_count),
                                            ARGUMENT(column_count), ARGUMENT(height),
                                            ARGUMENT(slices),       ARGUMENT(partial)};
    TRY(LAUNCH(device, KERNEL_BIAS_GRADIENT_SLICES, grid_plane(device, columns, slices), first));
    const struct kernel_argument second[] = {ARGUMENT(partial), ARGUMENT(slices),
                                             ARGUMENT(column_count), ARGUMENT(db),
                                             ARGUMENT(db_first)};
    return LAUNCH(device, KERNEL_BIAS_GRADIENT, grid_line(device, columns), second);
}

enum weft_status launch_penalty_terms(struct opencl_device *device, cl_mem w, size_t n,
                                      cl_mem partial, cl_mem sums, size_t slot)
{
    const cl_ulong count = n;
    const cl_uint shares = PENALTY_SHARES, slot_number = (cl_uint)slot;
    const struct kernel_argument first[] = {ARGUMENT(w), ARGUMENT(count), ARGUMENT(shares),
                                            ARGUMENT(partial)};
    TRY(LAUNCH(device, KERNEL_PENALTY_SHARES, grid_line(device, PENALTY_SHARES), first));
    const struct kernel_argument second[] = {ARGUMENT(partial), ARGUMENT(shares), ARGUMENT(sums),
                                             ARGUMENT(slot_number),
                                             LOCAL(device->group * sizeof(cl_float))};
    return LAUNCH(device, KERNEL_PENALTY_TERMS, grid_group(device), second);
}

enum weft_status launch_metrics_sum(struct opencl_device *device, cl_mem loss, cl_mem correct,
                                    size_t rows, cl_mem sums, cl_mem counts, size_t slot)
{
    const cl_uint row_count = (cl_uint)rows, slot_number = (cl_uint)slot;
    const struct kernel_argument arguments[] = {ARGUMENT(loss),
                                                ARGUMENT(correct),
                                                ARGUMENT(row_count),
                                                ARGUMENT(sums),
                                                ARGUMENT(counts),
                                                ARGUMENT(slot_number),
                                                LOCAL(device->group * sizeof(cl_float)),
                                                LOCAL(device->group * sizeof(cl_uint))};
    return LAUNCH(device, KERNEL_METRICS_SUM, grid_group(device), arguments);
}

enum weft_status launch_penalty_gradient(struct opencl_device *device, cl_mem w, cl_mem dw,
                                         size_t n, float l1, float l2)
{
    const cl_ulong count = n;
    const struct kernel_argument arguments[] = {ARGUMENT(w), ARGUMENT(dw), ARGUMENT(count),
                                                ARGUMENT(l1), ARGUMENT(l2)};
    return LAUNCH(device, KERNEL_PENALTY_GRADIENT, grid_elements(device, n), arguments);
}

enum weft_status launch_gradient_add(struct opencl_device *device, cl_mem dw, cl_mem sum, size_t n)
{
    const cl_ulong count = n;
    const struct kernel_argument arguments[] = {ARGUMENT(dw), ARGUMENT(sum), ARGUMENT(count)};
    return LAUNCH(device, KERNEL_GRADIENT_ADD, grid_elements(device, n), arguments);
}

enum weft_status launch_standardize_rows(struct opencl_device *device, cl_mem x, cl_mem mean,
                                         cl_mem std, size_t row_first, size_t rows, size_t columns)
{
    const cl_ulong first = row_first;
    const cl_uint row_count = (cl_uint)rows, column_count = (cl_uint)columns;
    const struct kernel_argument arguments[] = {ARGUMENT(x),         ARGUMENT(mean),
                                                ARGUMENT(std),       ARGUMENT(first),
                                                ARGUMENT(row_count), ARGUMENT(column_count)};
    return LAUNCH(device, KERNEL_STANDARDIZE_ROWS, grid_plane(device, columns, rows), arguments);
}

/* A work-item for each vector of a row. */
static struct grid gather_grid(const struct opencl_device *device, const struct gather *gather)
{
    return grid_plane(device, size_divide_up(gather->columns, device->lanes), gather->rows);
}

enum weft_status launch_gather_rows(struct opencl_device *device, const struct gather *gather)
{
    const cl_ulong first = gather->order_first;
    const cl_uint count = (cl_uint)gather->count, rows = (cl_uint)gather->rows;
    const cl_uint columns = (cl_uint)gather->columns;
    const struct kernel_argument arguments[] = {
        ARGUMENT(gather->x), ARGUMENT(gather->labels), ARGUMENT(gather->order),
        ARGUMENT(first),     ARGUMENT(count),          ARGUMENT(rows),
        ARGUMENT(columns),   ARGUMENT(gather->y),      ARGUMENT(gather->labels_y)};
    return LAUNCH(device, KERNEL_GATHER_ROWS, gather_grid(device, gather), arguments);
}

enum weft_status launch_gather_byte_rows(struct opencl_device *device, const struct gather *gather)
{
    const cl_ulong first = gather->order_first;
    const cl_uint count = (cl_uint)gather->count, rows = (cl_uint)gather->rows;
    const cl_uint columns = (cl_uint)gather->columns;
    const struct kernel_argument arguments[] = {ARGUMENT(gather->x),       ARGUMENT(gather->labels),
                                                ARGUMENT(gather->order),   ARGUMENT(gather->mean),
                                                ARGUMENT(gather->std),     ARGUMENT(first),
                                                ARGUMENT(count),           ARGUMENT(rows),
                                                ARGUMENT(columns),         ARGUMENT(gather->y),
                                                ARGUMENT(gather->labels_y)};
    return LAUNCH(device, KERNEL_GATHER_BYTE_ROWS, gather_grid(device, gather), arguments);
}
