/* Computes the affinities of t-SNE (van der Maaten and Hinton, Visualizing data using t-SNE, JMLR
 * 2008, section 2). See affinity.h. */
#include "embed/affinity.h"

#include <math.h>

#include "base/memory.h"
#include "base/parallel.h"

/* ---- conditional probabilities ---- */

enum { MOST_HALVINGS = 200 };
static const double entropy_tolerance = 1e-7;

/* Fills p [count] with exp(-beta (square - square[0])) and divides by their sum. Returns the
 * entropy: log sum + beta mean (square - square[0]). */
static double probabilities_fill(const float *square, size_t count, double beta, float *p)
{
    double sum = 1.0, weighted = 0.0; /* the nearest one counts 1 */
    p[0] = 1.0f;
    for (size_t k = 1; k < count; k++) {
        const double distance = (double)square[k] - (double)square[0], e = exp(-beta * distance);
        sum += e;
        weighted += e * distance;
        p[k] = (float)e;
    }
    for (size_t k = 0; k < count; k++)
        p[k] = (float)((double)p[k] / sum);
    return log(sum) + beta * weighted / sum;
}

void affinity_row(const float *square, size_t count, double perplexity, float *p)
{
    const double wanted = log(perplexity);
    double mean = 0.0, low = 0.0, high = HUGE_VAL;
    for (size_t k = 0; k < count; k++)
        mean += ((double)square[k] - (double)square[0]) / (double)count;
    double beta = mean > 0.0 ? 1.0 / mean : 1.0;
    for (int i = 0; i < MOST_HALVINGS; i++) {
        const double excess = probabilities_fill(square, count, beta, p) - wanted;
        if (fabs(excess) < entropy_tolerance)
            return;
        if (excess > 0.0)
            low = beta; /* too wide */
        else
            high = beta;
        beta = isinf(high) ? 2.0 * beta : (low + high) / 2.0;
    }
}

struct rows {
    const struct neighbors *neighbors;
    double perplexity;
    float *p; /* [N][K] */
};

static void rows_piece(const void *work, size_t first, size_t count)
{
    const struct rows *of = work;
    const size_t k = of->neighbors->count;
    for (size_t i = first; i < first + count; i++)
        affinity_row(of->neighbors->square + i * k, k, of->perplexity, of->p + i * k);
}

/* ---- the symmetric matrix ---- */

/* An element of a row while its rows are put together. */
struct element {
    int32_t column;
    float p;
};

/* Counts the elements of each row into first [N + 1]: its own, and those of its transpose. */
static void rows_count(const struct neighbors *neighbors, size_t *first)
{
    const size_t n = neighbors->samples, k = neighbors->count;
    for (size_t i = 0; i < n; i++)
        first[i + 1] = k;
    for (size_t e = 0; e < n * k; e++)
        first[neighbors->index[e] + 1]++;
    for (size_t i = 0; i < n; i++)
        first[i + 1] += first[i];
}

/* Puts the elements p_j|i and p_i|j into the rows i and j. Afterwards first [i] is where row i
 * ends. */
static void rows_place(const struct neighbors *neighbors, const float *p, size_t *first,
                       struct element *elements)
{
    const size_t n = neighbors->samples, k = neighbors->count;
    for (size_t i = 0; i < n; i++)
        for (size_t e = i * k; e < (i + 1) * k; e++) {
            const uint32_t j = neighbors->index[e];
            elements[first[i]++] = (struct element){(int32_t)j, p[e]};
            elements[first[j]++] = (struct element){(int32_t)i, p[e]};
        }
}

/* Sorts a row by column (Shell's method; rows have a few hundred elements). */
static void row_sort(struct element *row, size_t count)
{
    static const size_t gaps[] = {701, 301, 132, 57, 23, 10, 4, 1};
    for (size_t g = 0; g < sizeof gaps / sizeof *gaps; g++)
        for (size_t i = gaps[g]; i < count; i++) {
            const struct element moved = row[i];
            size_t to = i;
            for (; to >= gaps[g] && row[to - gaps[g]].column > moved.column; to -= gaps[g])
                row[to] = row[to - gaps[g]];
            row[to] = moved;
        }
}

struct sorting {
    const size_t *first; /* [N + 1] */
    struct element *elements;
};

static void sort_piece(const void *work, size_t first, size_t count)
{
    const struct sorting *of = work;
    for (size_t i = first; i < first + count; i++)
        row_sort(of->elements + of->first[i], of->first[i + 1] - of->first[i]);
}

/* Adds up elements of the same column, at most two, and divides by 2 N. `first` changes with
 * them. */
static void rows_merge(struct affinities *to, const struct element *elements)
{
    const double factor = 1.0 / (2.0 * (double)to->samples);
    size_t from = 0, at = 0;
    for (size_t i = 0; i < to->samples; i++) {
        const size_t end = to->first[i + 1];
        to->first[i] = at;
        while (from < end) {
            const bool twice = from + 1 < end && elements[from + 1].column == elements[from].column;
            const double sum =
                (double)elements[from].p + (twice ? (double)elements[from + 1].p : 0.0);
            to->column[at] = elements[from].column;
            to->p[at++] = (float)(sum * factor);
            from += twice ? 2 : 1;
        }
    }
    to->first[to->samples] = at;
}

static enum weft_status matrix_make(const struct neighbors *neighbors, const float *p,
                                    struct element *elements, struct affinities *to)
{
    const size_t n = neighbors->samples;
    TRY(NEW_ARRAY(to->first, n + 1));
    rows_count(neighbors, to->first);
    rows_place(neighbors, p, to->first, elements);
    for (size_t i = n; i > 0; i--)
        to->first[i] = to->first[i - 1];
    to->first[0] = 0;
    const struct sorting work = {to->first, elements};
    parallel_for(n, 64, true, sort_piece, &work);
    TRY(NEW_ARRAY(to->column, to->first[n]));
    TRY(NEW_ARRAY(to->p, to->first[n]));
    rows_merge(to, elements);
    return WEFT_OK;
}

enum weft_status affinities_make(const struct neighbors *neighbors, double perplexity,
                                 struct affinities *affinities)
{
    const size_t size = neighbors->samples * neighbors->count;
    float *p = NULL; /* [N][K] */
    struct element *elements = NULL;
    *affinities = (struct affinities){.samples = neighbors->samples};
    enum weft_status status = NEW_ARRAY(p, size);
    if (status == WEFT_OK)
        status = NEW_ARRAY(elements, 2 * size);
    if (status == WEFT_OK) {
        const struct rows work = {neighbors, perplexity, p};
        parallel_for(neighbors->samples, 32, true, rows_piece, &work);
        status = matrix_make(neighbors, p, elements, affinities);
    }
    memory_free(p);
    memory_free(elements);
    if (status != WEFT_OK)
        affinities_reset(affinities);
    return status;
}

void affinities_reset(struct affinities *affinities)
{
    memory_free(affinities->first);
    memory_free(affinities->column);
    memory_free(affinities->p);
    *affinities = (struct affinities){0};
}

double affinities_bytes(size_t samples, size_t neighbors)
{
    const double size = (double)samples * (double)neighbors;
    return size * sizeof(float) + 2.0 * size * sizeof(struct element) +
           2.0 * size * (sizeof(int32_t) + sizeof(float)) + (double)samples * sizeof(size_t);
}
