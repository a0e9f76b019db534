/* Augmentation on the device. Images are shifted, mirrored and partly erased at random while they
 * are gathered, and samples are mixed in pairs.
 * host/data/augmentation.h explains the numbers of a draw.
 */

/* The numbers of a draw, in the order of enum image_draw. The first one is a sample index that uses
 * all 32 bits. */
#define DRAW_NUMBERS 6

/* Draws the random numbers of each image in the batch, and gathers its label: row r is sample
 * order[order_first + r], and row row_first + r of the whole batch.
 * Shapes: draws [rows][6]; labels_y [rows]; labels, order [N].
 * Grid: rows. Reference: ref_image_draws. */
__kernel void image_draws(__global const int *labels, __global const uint *order, ulong order_first,
                          uint rows, uint row_first, ulong seed, uint epoch, uint batch,
                          uint purpose, uint height, uint width, uint shift, uint flip, uint erase,
                          __global int *draws, __global int *labels_y)
{
    const uint r = get_global_id(0);
    if (r >= rows)
        return;
    const uint sample = order[order_first + r];
    const uint4 words = philox((uint4)(row_first + r, batch, epoch, purpose),
                               (uint2)((uint)seed, (uint)(seed >> 32)));
    draws += (ulong)r * DRAW_NUMBERS;
    draws[0] = as_int(sample);
    draws[1] = (int)mul_hi(words.x, 2 * shift + 1) - (int)shift;
    draws[2] = (int)mul_hi(words.y, 2 * shift + 1) - (int)shift;
    draws[3] = flip && (words.z >> 31);
    draws[4] = erase > 0 ? (int)mul_hi(words.w & 0xffff0000u, height - erase + 1) : 0;
    draws[5] = erase > 0 ? (int)mul_hi(words.w << 16, width - erase + 1) : 0;
    labels_y[r] = labels[sample];
}

/* Returns the element of an image [columns] that its draw [6] moves to element c. Returns `columns`
 * if element c is erased or comes from outside the image. */
uint image_source(__global const int *draw, uint c, uint columns, uint height, uint width,
                  uint channels, uint erase)
{
    const uint pixel = c / channels, line = pixel / width;
    const int i = (int)line;
    const int j = (int)(pixel - line * width);
    const int row = i - draw[1];
    const int moved = j - draw[2];
    const int column = draw[3] != 0 ? (int)width - 1 - moved : moved;
    const bool inside = row >= 0 && row < (int)height && column >= 0 && column < (int)width;
    const bool erased =
        i >= draw[4] && i < draw[4] + (int)erase && j >= draw[5] && j < draw[5] + (int)erase;
    return inside && !erased
               ? ((uint)row * width + (uint)column) * channels + (c - pixel * channels)
               : columns;
}

/* y = (raw - mean) / std, where raw is the image of draws[r], shifted and mirrored
 * raw is 0 where the image was shifted away or erased.
 * Shapes: x [N][columns] raw, columns = height width channels; draws [rows][6]; mean, std
 * [columns]; y [rows][columns].
 * Grid: (columns, rows). Reference: ref_gather_images. */
__kernel void gather_images(__global const float *x, __global const int *draws,
                            __global const float *mean, __global const float *std, uint rows,
                            uint columns, uint height, uint width, uint channels, uint erase,
                            __global float *y)
{
    const uint c = get_global_id(0);
    const uint r = get_global_id(1);
    if (c >= columns || r >= rows)
        return;
    draws += (ulong)r * DRAW_NUMBERS;
    const uint from = image_source(draws, c, columns, height, width, channels, erase);
    const float raw = from < columns ? x[(ulong)as_uint(draws[0]) * columns + from] : 0.0f;
    y[(ulong)r * columns + c] = (raw - mean[c]) / std[c];
}

/* gather_images for x [N][columns] bytes. Reference: ref_gather_images. */
__kernel void gather_byte_images(__global const uchar *x, __global const int *draws,
                                 __global const float *mean, __global const float *std, uint rows,
                                 uint columns, uint height, uint width, uint channels, uint erase,
                                 __global float *y)
{
    const uint c = get_global_id(0);
    const uint r = get_global_id(1);
    if (c >= columns || r >= rows)
        return;
    draws += (ulong)r * DRAW_NUMBERS;
    const uint from = image_source(draws, c, columns, height, width, channels, erase);
    const float raw = from < columns ? (float)x[(ulong)as_uint(draws[0]) * columns + from] : 0.0f;
    y[(ulong)r * columns + c] = (raw - mean[c]) / std[c];
}

/* m[r] = share m[r] + (1 - share) m[rows - 1 - r]
 * A work-item computes both rows of a pair.
 * Shapes: m [rows][columns], in place. Grid: (columns, rows / 2). Reference: ref_mix_rows. */
__kernel void mix_rows(__global float *m, uint rows, uint columns, float share)
{
    const uint c = get_global_id(0);
    const uint r = get_global_id(1);
    if (c >= columns || r >= rows / 2)
        return;
    const ulong one = (ulong)r * columns + c;
    const ulong other = (ulong)(rows - 1 - r) * columns + c;
    const float a = m[one];
    const float b = m[other];
    const float rest = 1.0f - share;
    m[one] = share * a + rest * b;
    m[other] = share * b + rest * a;
}
