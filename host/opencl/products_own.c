/* The launchers of Weft's own matrix product kernels; see products_own.h. */
#include "opencl/products_own.h"

#include "base/memory.h"
#include "opencl/launch_kernel.h"

/* The memory layout of a form: elements from row to row, and from one term of a sum to the next. */
struct strides {
    cl_ulong a_row, a_term, b_term, b_column;
};

static struct strides strides_of(const struct product *product)
{
    const cl_ulong m = product->m, n = product->n, k = product->k;
    const bool a_transposed = product_a_transposed(product->form),
               b_transposed = product_b_transposed(product->form);
    return (struct strides){.a_row = a_transposed ? 1 : k,
                            .a_term = a_transposed ? m : 1,
                            .b_term = b_transposed ? 1 : n,
                            .b_column = b_transposed ? k : 1};
}

/* The plain kernel reads each number from memory. */
#define PLAIN_SLOWNESS 4.0

enum weft_status own_product_plain(struct opencl_device *device, const struct product *product)
{
    const struct strides strides = strides_of(product);
    const cl_ulong a_offset = product->a_offset, b_offset = product->b_offset;
    const cl_ulong c_offset = product->c_offset;
    const cl_uint m = (cl_uint)product->m, n = (cl_uint)product->n, k = (cl_uint)product->k;
    const struct kernel_argument arguments[] = {ARGUMENT(product->a),
                                                ARGUMENT(a_offset),
                                                ARGUMENT(strides.a_row),
                                                ARGUMENT(strides.a_term),
                                                ARGUMENT(product->b),
                                                ARGUMENT(b_offset),
                                                ARGUMENT(strides.b_term),
                                                ARGUMENT(strides.b_column),
                                                ARGUMENT(product->c),
                                                ARGUMENT(c_offset),
                                                ARGUMENT(m),
                                                ARGUMENT(n),
                                                ARGUMENT(k)};
    struct grid grid = grid_plane(device, product->n, product->m);
    grid.work = PLAIN_SLOWNESS * product_work(product);
    return LAUNCH(device, KERNEL_PRODUCT_PLAIN, grid, arguments);
}

/* ---- what follows a product ---- */

/* The values of AFTER_PARAMETERS in kernels/product_after.cl. */
#define AFTER_ARGUMENTS(after)                                                                     \
    ARGUMENT((after).steps), ARGUMENT((after).activation), ARGUMENT((after).bias_offset),          \
        ARGUMENT((after).x), ARGUMENT((after).first), ARGUMENT((after).seed),                      \
        ARGUMENT((after).epoch), ARGUMENT((after).batch), ARGUMENT((after).purpose),               \
        ARGUMENT((after).threshold), ARGUMENT((after).scale)

static struct product_after after_of(const struct product *product)
{
    struct product_after after = product->after;
    if (after.x == NULL)
        after.x = product->c;
    return after;
}

/* ---- for CPUs ---- */

/* A work-item of product_blocked computes a tile of c. It has at most TILE_ROWS rows, so that the
 * rows of a stay in the second-level cache, and up to TILE_PANELS panels of PANEL_VECTORS vectors
 * each, which share a copy of these rows. If there are less than ITEMS_PER_UNIT tiles for each
 * core, tiles have fewer panels, and then fewer rows, but not fewer than TILE_LEAST_ROWS. The shape
 * of a tile changes no bit. */
enum { TILE_ROWS = 256, TILE_LEAST_ROWS = 48, TILE_PANELS = 4, PANEL_VECTORS = 4 };
enum { ITEMS_PER_UNIT = 2 };
enum { WHOLE_BLOCKS = 24 }; /* rows: a multiple of the height of every block */

bool own_product_blockable(enum product_form form, size_t n, size_t k)
{
    return (form == PRODUCT_FORWARD ? k : n) >= MOST_LANES;
}

/* How an m x n matrix is cut into tiles. */
struct blocked_grid {
    size_t across, rows; /* tiles beside each other, and rows of a tile */
};

static struct blocked_grid blocked_grid_of(const struct opencl_device *device, size_t m, size_t n)
{
    const size_t wanted = ITEMS_PER_UNIT * device->base.info.compute_units;
    const size_t panels = size_divide_up(size_divide_up(n, device->lanes), PANEL_VECTORS);
    const size_t down = size_divide_up(m, TILE_ROWS);
    const size_t across = size_min(
        panels, size_max(size_divide_up(wanted, down), size_divide_up(panels, TILE_PANELS)));
    const size_t most = size_divide_up(m, TILE_LEAST_ROWS);
    const size_t tiles = size_max(down, size_min(size_divide_up(wanted, across), most));
    const size_t rows = size_divide_up(size_divide_up(m, tiles), WHOLE_BLOCKS) * WHOLE_BLOCKS;
    return (struct blocked_grid){across, rows};
}

enum weft_status own_product_blocked(struct opencl_device *device, const struct product *product)
{
    const struct strides strides = strides_of(product);
    const cl_ulong a_offset = product->a_offset, b_offset = product->b_offset;
    const cl_ulong c_offset = product->c_offset;
    const cl_uint m = (cl_uint)product->m, n = (cl_uint)product->n, k = (cl_uint)product->k;
    const cl_uint transposed = product_b_transposed(product->form);
    const struct blocked_grid grid = blocked_grid_of(device, product->m, product->n);
    const cl_uint tile_rows = (cl_uint)grid.rows;
    const struct product_after after = after_of(product);
    const struct kernel_argument arguments[] = {ARGUMENT(product->a),
                                                ARGUMENT(a_offset),
                                                ARGUMENT(strides.a_row),
                                                ARGUMENT(strides.a_term),
                                                ARGUMENT(product->b),
                                                ARGUMENT(b_offset),
                                                ARGUMENT(transposed),
                                                ARGUMENT(product->c),
                                                ARGUMENT(c_offset),
                                                ARGUMENT(m),
                                                ARGUMENT(n),
                                                ARGUMENT(k),
                                                ARGUMENT(tile_rows),
                                                AFTER_ARGUMENTS(after)};
    return LAUNCH(device, KERNEL_PRODUCT_BLOCKED,
                  grid_threads(grid.across, size_divide_up(product->m, tile_rows)), arguments);
}

/* ---- for GPUs ---- */

/* A tile of kernels/product.cl has TILE x TILE elements and GROUP_SIDE x GROUP_SIDE work-items.
 * Each has some quads of QUAD columns. A sum is cut into slices of at least SLICE_INNER terms, up
 * to GROUPS_WANTED work-groups in all. Only the shape decides, so that every device adds in the
 * same order. */
enum { TILE = 32, GROUP_SIDE = 8, QUAD = TILE / GROUP_SIDE };
enum { GROUPS_WANTED = 512, SLICE_INNER = 128, MOST_SLICES = 32 };

bool own_product_tileable(const struct opencl_device *device)
{
    return device->group >= GROUP_SIDE * GROUP_SIDE;
}

static size_t tiled_slices(size_t m, size_t n, size_t k)
{
    const size_t tiles = size_divide_up(m, TILE) * size_divide_up(n, TILE);
    const size_t wanted = size_min(GROUPS_WANTED / tiles, MOST_SLICES);
    return size_max(size_min(wanted, k / SLICE_INNER), 1);
}

/* Fewer rows have fewer tiles and may have more slices, but never more than GROUPS_WANTED tiles in
 * all. A weight gradient may also have the gradient of the bias, in as many slices. */
size_t own_product_tiled_workspace(enum product_form form, size_t m, size_t n, size_t k)
{
    const size_t most = size_min(k / SLICE_INNER, MOST_SLICES);
    const size_t biases = form == PRODUCT_WEIGHT_GRADIENT ? most * m : 0;
    return most > 1 ? size_min(most * m * n, GROUPS_WANTED * TILE * TILE) + biases : 1;
}

/* Whether the product also computes the gradient of a bias. */
static bool has_bias_gradient(const struct product *product)
{
    return (product->after.steps & AFTER_BIAS_GRADIENT) != 0;
}

/* c [M][N] = the sum of partial [slices][M][N], in order, and what follows the product. */
static enum weft_status slices_sum(struct opencl_device *device, const struct product *product,
                                   cl_mem partial, size_t slices)
{
    const cl_uint slice_count = (cl_uint)slices;
    const cl_uint rows = (cl_uint)product->m, columns = (cl_uint)product->n;
    const cl_ulong c_offset = product->c_offset;
    const struct product_after after = after_of(product);
    const struct kernel_argument arguments[] = {
        ARGUMENT(partial),    ARGUMENT(slice_count), ARGUMENT(rows),     ARGUMENT(columns),
        ARGUMENT(product->b), ARGUMENT(product->c),  ARGUMENT(c_offset), AFTER_ARGUMENTS(after)};
    const size_t quads = product->m * size_divide_up(product->n, QUAD);
    return LAUNCH(device, KERNEL_PRODUCT_SLICES_SUM,
                  grid_elements(device, quads + (has_bias_gradient(product) ? product->m : 0)),
                  arguments);
}

size_t own_product_tiled_slices(const struct product *product)
{
    return tiled_slices(product->m, product->n, product->k);
}

/* What the tiles run if they leave slices in a workspace: the gradient of the bias, behind
 * the sums of all elements. */
static struct product_after after_in_slices(const struct product *product, size_t slices, cl_mem c)
{
    return (struct product_after){.steps = product->after.steps & AFTER_BIAS_GRADIENT,
                                  .x = c,
                                  .bias_offset = slices * product->m * product->n};
}

enum weft_status own_product_tiled_in_slices(struct opencl_device *device,
                                             const struct product *product,
                                             struct product_workspace workspace)
{
    const struct strides strides = strides_of(product);
    const size_t slices = tiled_slices(product->m, product->n, product->k);
    const cl_mem c = slices > 1 ? workspace.buffer : product->c;
    const cl_ulong a_offset = product->a_offset, b_offset = product->b_offset;
    const cl_ulong c_offset = slices > 1 ? 0 : product->c_offset;
    const cl_uint m = (cl_uint)product->m, n = (cl_uint)product->n, k = (cl_uint)product->k;
    const cl_uint slice_inner = (cl_uint)size_divide_up(product->k, slices);
    const cl_uint columns = (cl_uint)size_divide_up(product->n, TILE);
    const struct product_after after =
        slices > 1 ? after_in_slices(product, slices, c) : after_of(product);
    const struct kernel_argument arguments[] = {ARGUMENT(product->a),
                                                ARGUMENT(a_offset),
                                                ARGUMENT(strides.a_row),
                                                ARGUMENT(strides.a_term),
                                                ARGUMENT(product->b),
                                                ARGUMENT(b_offset),
                                                ARGUMENT(strides.b_term),
                                                ARGUMENT(strides.b_column),
                                                ARGUMENT(c),
                                                ARGUMENT(c_offset),
                                                ARGUMENT(m),
                                                ARGUMENT(n),
                                                ARGUMENT(k),
                                                ARGUMENT(slice_inner),
                                                ARGUMENT(columns),
                                                AFTER_ARGUMENTS(after)};
    const struct grid grid = {
        .dimensions = 2,
        .global = {columns * slices * GROUP_SIDE, size_divide_up(m, TILE) * GROUP_SIDE},
        .local = {GROUP_SIDE, GROUP_SIDE},
        .work = product_work(product)};
    const size_t biases = has_bias_gradient(product) ? product->m : 0;
    const size_t needed = slices > 1 ? slices * (product->m * product->n + biases) : 0;
    if (needed > workspace.count)
        return fail(WEFT_ERROR_INTERNAL, "the workspace of a product has %zu elements: need %zu",
                    workspace.count, needed);
    return LAUNCH(device, KERNEL_PRODUCT_TILED, grid, arguments);
}

enum weft_status own_product_tiled(struct opencl_device *device, const struct product *product,
                                   struct product_workspace workspace)
{
    const size_t slices = own_product_tiled_slices(product);
    TRY(own_product_tiled_in_slices(device, product, workspace));
    return slices > 1 ? slices_sum(device, product, workspace.buffer, slices) : WEFT_OK;
}

/* ---- engines ---- */

bool own_product_follows(const struct opencl_device *device, enum product_engine engine)
{
    return engine == ENGINE_BLOCKED || (engine == ENGINE_TILED && device->lanes <= QUAD);
}

bool own_product_drops(const struct opencl_device *device, enum product_engine engine, size_t n)
{
    return n % (engine == ENGINE_TILED ? QUAD : PANEL_VECTORS * device->lanes) == 0;
}
