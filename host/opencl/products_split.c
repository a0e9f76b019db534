/* Cuts a weight gradient into slices; see products_split.h. */
#include "opencl/products_split.h"

#include "opencl/products_clblast.h"
#include "opencl/products_own.h"

size_t split_slices(enum product_engine engine)
{
    if (engine == ENGINE_SPLIT_4)
        return 4;
    return engine == ENGINE_SPLIT_16 ? 16 : 0;
}

/* The fewest samples in a slice, and the smallest ratio of K to sqrt(M N) for a C [M][N]. */
enum { LEAST_DEPTH = 64, DEEPER = 4 };

bool split_worth_tuning(enum product_engine engine, size_t m, size_t n, size_t k)
{
    const double depth = (double)k / DEEPER;
    return k >= LEAST_DEPTH * split_slices(engine) && depth * depth >= (double)m * (double)n;
}

size_t split_workspace(enum product_engine engine, size_t m, size_t n)
{
    return (split_slices(engine) + 1) * m * n;
}

/* If an operand needs no copy, CLBlast's batched kernels (1.5.3) ignore its offset and read from
 * the start of the buffer. An operand with an odd inner size always needs a copy. */
static size_t depth_of(const struct product *product, size_t slices)
{
    const size_t depth = product->k / slices;
    const bool begin = product->a_offset == 0 && product->b_offset == 0;
    return begin || depth % 2 == 1 || depth == 0 ? depth : depth - 1;
}

/* C = A_1' B_1 + ... + A_S' B_S + A_rest' B_rest, with S slices of the same depth. The rest has
 * fewer than 2 S samples, too few for CLBlast to be faster. */
enum weft_status split_run(struct opencl_device *device, const struct product *product,
                           struct product_room room)
{
    const size_t slices = split_slices(product->engine), depth = depth_of(product, slices);
    const size_t cut = slices * depth;
    struct product rest = *product;
    if (depth == 0)
        return own_product_plain(device, product);
    TRY(product_room_check(room, split_workspace(product->engine, product->m, product->n)));
    TRY(clblast_run_slices(device, product, slices, depth, room.buffer));
    rest.k -= cut;
    if (rest.k == 0)
        return own_product_slices_sum(device, product, room.buffer, slices);
    rest.a_offset += cut * product->m;
    rest.b_offset += cut * product->n;
    rest.c = room.buffer;
    rest.c_offset = slices * product->m * product->n;
    TRY(own_product_plain(device, &rest));
    return own_product_slices_sum(device, product, room.buffer, slices + 1);
}
