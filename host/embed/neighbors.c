/* Finds nearest neighbors by blocked matrix products. See neighbors.h.
 *
 * |a - b|^2 = |a|^2 + |b|^2 - 2 a b'. In a block, rows are the samples whose neighbors are sought,
 * and columns those they are compared with. |a|^2 is the same for a whole row, so it is left out.
 * Each row keeps its nearest candidates so far in a heap, with the farthest on top. The rounding
 * errors of the products are bounded. Where they might hide a neighbor, as in a dense cluster far
 * from the mean, the row is searched again with exact distances.
 */
#include "embed/neighbors.h"

#include <math.h>
#include <string.h>

#include "backend/primitive.h"
#include "base/clones.h"
#include "base/memory.h"
#include "base/parallel.h"

enum { BLOCK_ROWS = 1024, BLOCK_COLUMNS = 8192, LANES = 16 };

/* A sample that may be a neighbor. */
struct candidate {
    double square; /* its squared distance, without |a|^2 while candidates are chosen */
    uint32_t index;
};

/* The search in one block of rows. */
struct search {
    const struct embed_samples *samples; /* borrowed */
    size_t count;                        /* K */
    size_t wanted;                       /* candidates for each row */
    float *squares;                      /* [N] owned: |b|^2 */
    double largest;                      /* the largest |b| */
    float *products;                     /* [BLOCK_ROWS][BLOCK_COLUMNS] owned: a b' */
    struct candidate *heaps;             /* [BLOCK_ROWS][wanted] owned */
    size_t found[BLOCK_ROWS];            /* candidates of each row so far */
    size_t first_row;
    size_t first_column, columns; /* of the current block */
    struct neighbors *neighbors;  /* borrowed */
    struct embed_watch *watch;    /* borrowed; NULL: nobody watches */
};

/* There are more candidates than neighbors, because rounding errors change the order of samples at
 * nearly the same distance. */
static size_t candidates_wanted(size_t samples, size_t count)
{
    return size_min(samples - 1, count + count / 4 + 8);
}

/* ---- candidates ---- */

/* Returns whether a comes after b in order of distance. */
static bool is_farther(const struct candidate *a, const struct candidate *b)
{
    return a->square > b->square || (a->square == b->square && a->index > b->index);
}

static void swap(struct candidate *a, struct candidate *b)
{
    const struct candidate other = *a;
    *a = *b;
    *b = other;
}

/* Moves element `at` of a heap [size] down until its children are nearer. */
static void heap_sink(struct candidate *heap, size_t size, size_t at)
{
    for (size_t child = 2 * at + 1; child < size; at = child, child = 2 * at + 1) {
        if (child + 1 < size && is_farther(&heap[child + 1], &heap[child]))
            child++;
        if (!is_farther(&heap[child], &heap[at]))
            return;
        swap(&heap[child], &heap[at]);
    }
}

/* Adds a candidate to the heap of a row, in place of the farthest one if the heap is full. */
static void candidate_add(struct search *search, size_t row, struct candidate candidate)
{
    struct candidate *heap = search->heaps + row * search->wanted;
    size_t *size = &search->found[row];
    if (*size < search->wanted) {
        heap[(*size)++] = candidate;
        for (size_t i = *size / 2; *size == search->wanted && i-- > 0;)
            heap_sink(heap, *size, i);
        return;
    }
    if (!is_farther(&heap[0], &candidate))
        return;
    heap[0] = candidate;
    heap_sink(heap, *size, 0);
}

/* Stores squares [j] - 2 products [j] in distances [LANES], and returns how many are below
 * `limit`. */
VECTOR_CLONES static int lanes_compare(const float *squares, const float *products, float limit,
                                       float *distances)
{
    int below = 0;
#pragma omp simd reduction(+ : below)
    for (size_t l = 0; l < LANES; l++) {
        distances[l] = squares[l] - 2.0f * products[l];
        below += distances[l] < limit;
    }
    return below;
}

/* Offers the columns of the block to one row. */
static void row_search(struct search *search, size_t row)
{
    const float *products = search->products + row * search->columns;
    const float *squares = search->squares + search->first_column;
    const struct candidate *heap = search->heaps + row * search->wanted;
    for (size_t first = 0; first < search->columns; first += LANES) {
        const size_t width = size_min(LANES, search->columns - first);
        const bool full = search->found[row] == search->wanted;
        const float limit = full ? (float)heap[0].square : HUGE_VALF;
        float distances[LANES];
        if (width == LANES) {
            if (lanes_compare(squares + first, products + first, limit, distances) == 0)
                continue;
        } else {
            for (size_t l = 0; l < width; l++)
                distances[l] = squares[first + l] - 2.0f * products[first + l];
        }
        for (size_t l = 0; l < width; l++) {
            const size_t index = search->first_column + first + l;
            if (index != search->first_row + row)
                candidate_add(search, row,
                              (struct candidate){(double)distances[l], (uint32_t)index});
        }
    }
}

static void search_piece(const void *work, size_t first, size_t count)
{
    struct search *search = *(struct search *const *)work;
    for (size_t row = first; row < first + count; row++)
        row_search(search, row);
}

/* ---- exact distances ---- */

/* |a - b|^2 in double; the sum has the same order for vectors of any width. */
VECTOR_CLONES static double square_distance(const float *a, const float *b, size_t n)
{
    double sums[LANES] = {0.0}, sum = 0.0;
    const size_t whole = n - n % LANES;
    for (size_t i = 0; i < whole; i += LANES) {
#pragma omp simd
        for (size_t l = 0; l < LANES; l++) {
            const double d = (double)a[i + l] - (double)b[i + l];
            sums[l] += d * d;
        }
    }
    for (size_t i = whole; i < n; i++) {
        const double d = (double)a[i] - (double)b[i];
        sum += d * d;
    }
    for (size_t l = 0; l < LANES; l++)
        sum += sums[l];
    return sum;
}

static double exact_square(const struct search *search, size_t a, size_t b)
{
    const size_t features = search->samples->features;
    const float *x = search->samples->x;
    return square_distance(x + a * features, x + b * features, features);
}

/* Sorts candidates, the nearest first. */
static void candidates_sort(struct candidate *heap, size_t count)
{
    for (size_t i = count / 2; i-- > 0;)
        heap_sink(heap, count, i);
    for (size_t size = count; size-- > 1;) {
        swap(&heap[0], &heap[size]);
        heap_sink(heap, size, 0);
    }
}

/* Returns a bound below the squared distance of every sample that is no candidate, if the farthest
 * candidate has the computed distance `limit` (without |a|^2). With u = 2^-24 and B the largest
 * |b|, the product has an error of D u |a| B (Higham, 3.1), |b|^2 one of u B^2, and their
 * difference one of u (B^2 + 2 |a| B). */
static double least_beyond(const struct search *search, size_t sample, double limit)
{
    const double u = 0x1p-24, b = search->largest, square = (double)search->squares[sample];
    const double features = (double)search->samples->features, a = sqrt(square);
    const double error = (2.0 * features + 2.0) * a * b + 2.0 * b * b + square;
    return limit + square - 1.01 * u * error;
}

/* Sorts the candidates of a row by exact distance and keeps the nearest. */
static void row_finish(struct search *search, size_t row)
{
    const size_t sample = search->first_row + row, samples = search->samples->count;
    struct candidate *heap = search->heaps + row * search->wanted;
    const double beyond = least_beyond(search, sample, heap[0].square);
    for (size_t i = 0; i < search->wanted; i++)
        heap[i].square = exact_square(search, sample, heap[i].index);
    candidates_sort(heap, search->wanted);
    if (search->wanted < samples - 1 && heap[search->count - 1].square > beyond) {
        search->found[row] = 0;
        for (size_t j = 0; j < samples; j++)
            if (j != sample)
                candidate_add(search, row,
                              (struct candidate){exact_square(search, sample, j), (uint32_t)j});
        candidates_sort(heap, search->wanted);
    }
    for (size_t k = 0; k < search->count; k++) {
        search->neighbors->index[sample * search->count + k] = heap[k].index;
        search->neighbors->square[sample * search->count + k] = (float)heap[k].square;
    }
}

static void finish_piece(const void *work, size_t first, size_t count)
{
    struct search *search = *(struct search *const *)work;
    for (size_t row = first; row < first + count; row++)
        row_finish(search, row);
}

/* ---- blocks ---- */

/* Tells the caller how far the search is, and stores whether to stop. */
static void search_tell(struct search *search, size_t searched)
{
    const struct weft_embed_progress progress = {
        .divergence = (double)NAN, .searched = searched, .samples = search->samples->count};
    search->neighbors->stopped = embed_watch_tell(search->watch, progress);
}

static enum weft_status block_search(struct weft_device *device, struct search *search, size_t rows)
{
    const struct embed_samples *samples = search->samples;
    const size_t features = samples->features, columns = search->columns;
    struct primitive_call call = {
        .primitive = PRIMITIVE_PRODUCT,
        .form = PRODUCT_FORWARD,
        .rows = rows,
        .columns = columns,
        .inner = features,
        .arrays = {{samples->x + search->first_row * features, rows * features},
                   {samples->x + search->first_column * features, columns * features},
                   {search->products, rows * columns}}};
    TRY(device->backend->primitive_run(device, &call));
    parallel_for(rows, 8, true, search_piece, &search);
    return WEFT_OK;
}

static enum weft_status rows_search(struct weft_device *device, struct search *search)
{
    const size_t samples = search->samples->count;
    const size_t rows = size_min(BLOCK_ROWS, samples - search->first_row);
    memset(search->found, 0, sizeof search->found);
    for (size_t first = 0; first < samples; first += BLOCK_COLUMNS) {
        if (embed_watch_due(search->watch, false))
            search_tell(search, search->first_row);
        if (search->neighbors->stopped)
            return WEFT_OK;
        search->first_column = first;
        search->columns = size_min(BLOCK_COLUMNS, samples - first);
        TRY(block_search(device, search, rows));
    }
    parallel_for(rows, 8, true, finish_piece, &search);
    if (search->first_row + rows < samples)
        search_tell(search, search->first_row + rows);
    return WEFT_OK;
}

static enum weft_status search_run(struct weft_device *device, struct search *search)
{
    const size_t samples = search->samples->count, features = search->samples->features;
    TRY(NEW_ARRAY(search->squares, samples));
    TRY(NEW_ARRAY(search->products,
                  size_min(samples, BLOCK_ROWS) * size_min(samples, BLOCK_COLUMNS)));
    TRY(NEW_ARRAY(search->heaps, size_min(samples, BLOCK_ROWS) * search->wanted));
    for (size_t i = 0; i < samples; i++) {
        double sum = 0.0;
        for (size_t j = 0; j < features; j++) {
            const double value = (double)search->samples->x[i * features + j];
            sum += value * value;
        }
        search->squares[i] = (float)sum;
        search->largest = fmax(search->largest, sqrt(sum));
    }
    for (size_t first = 0; first < samples && !search->neighbors->stopped; first += BLOCK_ROWS) {
        search->first_row = first;
        TRY(rows_search(device, search));
    }
    return WEFT_OK;
}

enum weft_status neighbors_find(struct weft_device *device, const struct embed_samples *samples,
                                size_t count, struct embed_watch *watch,
                                struct neighbors *neighbors)
{
    struct search search = {.samples = samples,
                            .count = count,
                            .wanted = candidates_wanted(samples->count, count),
                            .neighbors = neighbors,
                            .watch = watch};
    *neighbors = (struct neighbors){.samples = samples->count, .count = count};
    enum weft_status status = NEW_ARRAY(neighbors->index, samples->count * count);
    if (status == WEFT_OK)
        status = NEW_ARRAY(neighbors->square, samples->count * count);
    if (status == WEFT_OK)
        status = search_run(device, &search);
    memory_free(search.squares);
    memory_free(search.products);
    memory_free(search.heaps);
    if (status != WEFT_OK)
        neighbors_reset(neighbors);
    return status;
}

void neighbors_reset(struct neighbors *neighbors)
{
    memory_free(neighbors->index);
    memory_free(neighbors->square);
    *neighbors = (struct neighbors){0};
}

double neighbors_bytes(size_t samples, size_t count)
{
    const double rows = (double)size_min(samples, BLOCK_ROWS), n = (double)samples;
    const double wanted = (double)candidates_wanted(samples, count);
    return n * (double)count * (sizeof(uint32_t) + sizeof(float)) + n * sizeof(float) +
           rows * (double)size_min(samples, BLOCK_COLUMNS) * sizeof(float) +
           rows * wanted * sizeof(struct candidate);
}
