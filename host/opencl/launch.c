/* The launchers, see launch.h: arguments and grids of all kernels. */
#include "opencl/launch.h"

#include "base/memory.h"

/* Rows of dz in a slice of bias_gradient, at least; and slices at most. */
enum { SLICE_ROWS = 32, MAX_SLICES = 64 };
/* Shares of penalty_shares. */
enum { PENALTY_SHARES = 1024 };
/* Work-groups in the second dimension of a grid: what CUDA's hardware takes. */
enum { MAX_GROUPS = 65535 };

struct argument {
    size_t size;
    const void *value; /* NULL: local memory of `size` bytes */
};

/* An argument from a variable, or local memory of `bytes`. */
#define ARGUMENT(variable)                                                                         \
    {                                                                                              \
        sizeof(variable), &(variable)                                                              \
    }
#define LOCAL(bytes)                                                                               \
    {                                                                                              \
        (bytes), NULL                                                                              \
    }

/* A work-item each of a grid; local sizes divide the global ones. */
struct grid {
    cl_uint dimensions;
    size_t global[2], local[2];
};

static size_t round_up(size_t n, size_t multiple)
{
    return (n + multiple - 1) / multiple * multiple;
}

/* n work-items in groups of the device's size. */
static struct grid grid_line(const struct opencl_device *device, size_t n)
{
    return (struct grid){1, {round_up(n, device->group), 1}, {device->group, 1}};
}

/* (columns, rows) work-items: groups 16 wide where the device allows, so that neighbours read
 * neighbours and narrow matrices waste little. */
static struct grid grid_plane(const struct opencl_device *device, size_t columns, size_t rows)
{
    const size_t wide = size_min(device->group, 16);
    const size_t high = device->group / wide;
    return (struct grid){2, {round_up(columns, wide), round_up(rows, high)}, {wide, high}};
}

/* One work-group. */
static struct grid grid_group(const struct opencl_device *device)
{
    return (struct grid){1, {device->group, 1}, {device->group, 1}};
}

static enum weft_status launch(struct opencl_device *device, enum kernel kernel, const char *name,
                               struct grid grid, const struct argument *arguments, cl_uint count)
{
    for (cl_uint i = 0; i < count; i++)
        TRY(opencl_check(
            device,
            clSetKernelArg(device->kernels[kernel], i, arguments[i].size, arguments[i].value),
            name));
    /* Some drivers take no more than MAX_GROUPS work-groups in the second dimension. */
    const size_t rows = grid.global[1], most = MAX_GROUPS * grid.local[1];
    for (size_t first = 0; first < rows; first += most) {
        const size_t offset[2] = {0, first};
        const size_t global[2] = {grid.global[0], size_min(most, rows - first)};
        TRY(opencl_check(device,
                         clEnqueueNDRangeKernel(device->queue, device->kernels[kernel],
                                                grid.dimensions, first > 0 ? offset : NULL, global,
                                                grid.local, 0, NULL, NULL),
                         name));
    }
    return WEFT_OK;
}

/* launch() with the arguments counted. */
#define LAUNCH(device, kernel, name, grid, arguments)                                              \
    launch(device, kernel, name, grid, arguments,                                                  \
           (cl_uint)(sizeof(arguments) / sizeof *(arguments)))

static size_t slice_rows(size_t rows)
{
    return size_max(SLICE_ROWS, (rows + MAX_SLICES - 1) / MAX_SLICES);
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
    const struct argument arguments[] = {ARGUMENT(z), ARGUMENT(b), ARGUMENT(b_first),
                                         ARGUMENT(row_count), ARGUMENT(column_count)};
    return LAUNCH(device, KERNEL_BIAS_ADD, "bias_add", grid_plane(device, columns, rows),
                  arguments);
}

enum weft_status launch_sigmoid_forward(struct opencl_device *device, cl_mem z, size_t n)
{
    const cl_ulong count = n;
    const struct argument arguments[] = {ARGUMENT(z), ARGUMENT(count)};
    return LAUNCH(device, KERNEL_SIGMOID_FORWARD, "sigmoid_forward", grid_line(device, n),
                  arguments);
}

enum weft_status launch_sigmoid_backward(struct opencl_device *device, cl_mem a, cl_mem da,
                                         size_t n)
{
    const cl_ulong count = n;
    const struct argument arguments[] = {ARGUMENT(a), ARGUMENT(da), ARGUMENT(count)};
    return LAUNCH(device, KERNEL_SIGMOID_BACKWARD, "sigmoid_backward", grid_line(device, n),
                  arguments);
}

enum weft_status launch_clip_unit(struct opencl_device *device, cl_mem z, cl_mem p, size_t n)
{
    const cl_ulong count = n;
    const struct argument arguments[] = {ARGUMENT(z), ARGUMENT(p), ARGUMENT(count)};
    return LAUNCH(device, KERNEL_CLIP_UNIT, "clip_unit", grid_line(device, n), arguments);
}

enum weft_status launch_softmax_rows(struct opencl_device *device, cl_mem z, cl_mem p, size_t rows,
                                     size_t columns)
{
    const cl_uint row_count = (cl_uint)rows, column_count = (cl_uint)columns;
    const struct argument arguments[] = {ARGUMENT(z), ARGUMENT(p), ARGUMENT(row_count),
                                         ARGUMENT(column_count)};
    return LAUNCH(device, KERNEL_SOFTMAX_ROWS, "softmax_rows", grid_line(device, rows), arguments);
}

/* The losses without a choice of classes: softmax_cross_entropy and identity_squared_error. */
static enum weft_status launch_loss(struct opencl_device *device, enum kernel kernel,
                                    const char *name, const struct head_buffers *head,
                                    const struct loss_rule *rule)
{
    const cl_ulong first = head->labels_first;
    const cl_uint rows = (cl_uint)head->rows, columns = (cl_uint)head->columns;
    const cl_float factor = rule->delta_factor;
    const struct argument arguments[] = {
        ARGUMENT(head->z),  ARGUMENT(head->labels), ARGUMENT(first),
        ARGUMENT(rows),     ARGUMENT(columns),      ARGUMENT(factor),
        ARGUMENT(head->dz), ARGUMENT(head->loss),   ARGUMENT(head->correct)};
    return LAUNCH(device, kernel, name, grid_line(device, head->rows), arguments);
}

enum weft_status launch_softmax_cross_entropy(struct opencl_device *device,
                                              const struct head_buffers *head,
                                              const struct loss_rule *rule)
{
    return launch_loss(device, KERNEL_SOFTMAX_CROSS_ENTROPY, "softmax_cross_entropy", head, rule);
}

enum weft_status launch_identity_squared_error(struct opencl_device *device,
                                               const struct head_buffers *head,
                                               const struct loss_rule *rule)
{
    return launch_loss(device, KERNEL_IDENTITY_SQUARED_ERROR, "identity_squared_error", head, rule);
}

enum weft_status launch_sigmoid_cross_entropy(struct opencl_device *device,
                                              const struct head_buffers *head,
                                              const struct loss_rule *rule)
{
    const cl_ulong first = head->labels_first;
    const cl_uint rows = (cl_uint)head->rows, columns = (cl_uint)head->columns;
    const cl_float factor = rule->delta_factor;
    const cl_uint only = rule->true_class_only;
    const struct argument arguments[] = {
        ARGUMENT(head->z),    ARGUMENT(head->labels), ARGUMENT(first), ARGUMENT(rows),
        ARGUMENT(columns),    ARGUMENT(factor),       ARGUMENT(only),  ARGUMENT(head->dz),
        ARGUMENT(head->loss), ARGUMENT(head->correct)};
    return LAUNCH(device, KERNEL_SIGMOID_CROSS_ENTROPY, "sigmoid_cross_entropy",
                  grid_line(device, head->rows), arguments);
}

enum weft_status launch_bias_gradient(struct opencl_device *device, cl_mem dz, size_t rows,
                                      size_t columns, cl_mem partial, cl_mem db, size_t db_offset)
{
    const cl_uint row_count = (cl_uint)rows, column_count = (cl_uint)columns;
    const cl_uint height = (cl_uint)slice_rows(rows);
    const cl_uint slices = (row_count + height - 1) / height;
    const cl_ulong db_first = db_offset;
    const struct argument first[] = {ARGUMENT(dz),     ARGUMENT(row_count), ARGUMENT(column_count),
                                     ARGUMENT(height), ARGUMENT(slices),    ARGUMENT(partial)};
    TRY(LAUNCH(device, KERNEL_BIAS_GRADIENT_SLICES, "bias_gradient_slices",
               grid_plane(device, columns, slices), first));
    const struct argument second[] = {ARGUMENT(partial), ARGUMENT(slices), ARGUMENT(column_count),
                                      ARGUMENT(db), ARGUMENT(db_first)};
    return LAUNCH(device, KERNEL_BIAS_GRADIENT, "bias_gradient", grid_line(device, columns),
                  second);
}

enum weft_status launch_penalty_terms(struct opencl_device *device, cl_mem w, size_t n,
                                      cl_mem partial, cl_mem sums, size_t slot)
{
    const cl_ulong count = n;
    const cl_uint shares = PENALTY_SHARES, slot_number = (cl_uint)slot;
    const struct argument first[] = {ARGUMENT(w), ARGUMENT(count), ARGUMENT(shares),
                                     ARGUMENT(partial)};
    TRY(LAUNCH(device, KERNEL_PENALTY_SHARES, "penalty_shares", grid_line(device, PENALTY_SHARES),
               first));
    const struct argument second[] = {ARGUMENT(partial), ARGUMENT(shares), ARGUMENT(sums),
                                      ARGUMENT(slot_number),
                                      LOCAL(device->group * sizeof(cl_float))};
    return LAUNCH(device, KERNEL_PENALTY_TERMS, "penalty_terms", grid_group(device), second);
}

enum weft_status launch_metrics_sum(struct opencl_device *device, cl_mem loss, cl_mem correct,
                                    size_t rows, cl_mem sums, cl_mem counts, size_t slot)
{
    const cl_uint row_count = (cl_uint)rows, slot_number = (cl_uint)slot;
    const struct argument arguments[] = {ARGUMENT(loss),
                                         ARGUMENT(correct),
                                         ARGUMENT(row_count),
                                         ARGUMENT(sums),
                                         ARGUMENT(counts),
                                         ARGUMENT(slot_number),
                                         LOCAL(device->group * sizeof(cl_float)),
                                         LOCAL(device->group * sizeof(cl_uint))};
    return LAUNCH(device, KERNEL_METRICS_SUM, "metrics_sum", grid_group(device), arguments);
}

enum weft_status launch_penalty_gradient(struct opencl_device *device, cl_mem w, cl_mem dw,
                                         size_t n, float l1, float l2)
{
    const cl_ulong count = n;
    const struct argument arguments[] = {ARGUMENT(w), ARGUMENT(dw), ARGUMENT(count), ARGUMENT(l1),
                                         ARGUMENT(l2)};
    return LAUNCH(device, KERNEL_PENALTY_GRADIENT, "penalty_gradient", grid_line(device, n),
                  arguments);
}

enum weft_status launch_sgd_update(struct opencl_device *device, cl_mem w, cl_mem dw, size_t n,
                                   float learning_rate)
{
    const cl_ulong count = n;
    const struct argument arguments[] = {ARGUMENT(w), ARGUMENT(dw), ARGUMENT(count),
                                         ARGUMENT(learning_rate)};
    return LAUNCH(device, KERNEL_SGD_UPDATE, "sgd_update", grid_line(device, n), arguments);
}

enum weft_status launch_standardise_rows(struct opencl_device *device, cl_mem x, cl_mem mean,
                                         cl_mem std, size_t row_first, size_t rows, size_t columns)
{
    const cl_ulong first = row_first;
    const cl_uint row_count = (cl_uint)rows, column_count = (cl_uint)columns;
    const struct argument arguments[] = {ARGUMENT(x),         ARGUMENT(mean),
                                         ARGUMENT(std),       ARGUMENT(first),
                                         ARGUMENT(row_count), ARGUMENT(column_count)};
    return LAUNCH(device, KERNEL_STANDARDISE_ROWS, "standardise_rows",
                  grid_plane(device, columns, rows), arguments);
}

enum weft_status launch_gather_rows(struct opencl_device *device, const struct gather *gather)
{
    const cl_ulong first = gather->order_first;
    const cl_uint count = (cl_uint)gather->count, rows = (cl_uint)gather->rows;
    const cl_uint columns = (cl_uint)gather->columns;
    const struct argument arguments[] = {
        ARGUMENT(gather->x), ARGUMENT(gather->labels), ARGUMENT(gather->order),
        ARGUMENT(first),     ARGUMENT(count),          ARGUMENT(rows),
        ARGUMENT(columns),   ARGUMENT(gather->y),      ARGUMENT(gather->labels_y)};
    return LAUNCH(device, KERNEL_GATHER_ROWS, "gather_rows",
                  grid_plane(device, columns, gather->rows), arguments);
}
