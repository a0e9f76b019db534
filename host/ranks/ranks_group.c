/* Exchanges the values of slices between ranks. See train/slice_group.h.
 *
 * A sum takes two exchanges. First, each rank gets a piece of the vector from all slices of all
 * ranks, and adds it in slice order. Then all ranks gather the sums of all pieces. MPI itself adds
 * nothing: the order of the additions in MPI_Allreduce depends on the number of ranks, and its
 * results may even differ between ranks.
 */
#include <string.h>

#include "base/memory.h"
#include "ranks/ranks_mpi.h"

/* A long vector is exchanged in parts of this many numbers, which bounds the buffers. Counts of MPI
 * are int: a part of all slices together stays below 2^30 numbers. */
enum { PART_NUMBERS = 1 << 20, MOST_NUMBERS = 1 << 30 };

/* ---- gather ---- */

static enum weft_status gather_typed(struct weft_ranks *ranks, size_t slices, const void *own,
                                     MPI_Datatype type, void *all)
{
    const size_t count = ranks->group.ranks;
    int *counts = ranks->counts, *places = ranks->counts + count;
    MPI_Request request = MPI_REQUEST_NULL;
    bool late;
    for (size_t r = 0; r < count; r++) {
        size_t first, size;
        slice_range(slices, count, r, &first, &size);
        counts[r] = (int)size;
        places[r] = (int)first;
    }
    ticker_lock(ranks->heart.ticker);
    const int code = MPI_Iallgatherv(own, counts[ranks->group.rank], type, all, counts, places,
                                     type, ranks->work, &request);
    ticker_unlock(ranks->heart.ticker);
    return ranks_wait(ranks, code, "MPI_Iallgatherv", &request, 0.0, &late);
}

enum weft_status ranks_gather(struct slice_group *group, size_t slices, const void *own,
                              size_t bytes, void *all)
{
    struct weft_ranks *ranks = (struct weft_ranks *)group;
    MPI_Datatype type;
    if (bytes == 0)
        return WEFT_OK;
    if (bytes > MOST_NUMBERS || slices > MOST_NUMBERS)
        return fail(WEFT_ERROR_INTERNAL, "ranks: %zu slices of %zu bytes to gather", slices, bytes);
    ticker_lock(ranks->heart.ticker);
    int code = MPI_Type_contiguous((int)bytes, MPI_BYTE, &type);
    if (code == MPI_SUCCESS)
        code = MPI_Type_commit(&type);
    ticker_unlock(ranks->heart.ticker);
    TRY(ranks_check(ranks, code, "MPI_Type_contiguous"));
    const enum weft_status status = gather_typed(ranks, slices, own, type, all);
    ticker_lock(ranks->heart.ticker);
    code = MPI_Type_free(&type);
    ticker_unlock(ranks->heart.ticker);
    return status != WEFT_OK ? status : ranks_check(ranks, code, "MPI_Type_free");
}

/* ---- sum ---- */

/* A part of a sum: numbers first .. first + size - 1 of [count]. */
struct part {
    size_t slices, count, first, size;
    const float *own; /* [slices of this rank][count] */
    float *sum;       /* [count] */
};

static size_t slices_of(const struct weft_ranks *ranks, const struct part *part, size_t rank)
{
    size_t first, size;
    slice_range(part->slices, ranks->group.ranks, rank, &first, &size);
    return size;
}

/* Copies the piece of each rank, of all own slices, to where it is sent from, with the votes at its
 * end. */
static void pack(struct weft_ranks *ranks, const struct part *part)
{
    const size_t count = ranks->group.ranks, own = slices_of(ranks, part, ranks->group.rank);
    int *counts = ranks->counts, *places = counts + count, *from = places + count,
        *from_places = from + count;
    size_t used = 0, arriving = 0, mine, unused;
    slice_range(part->size, count, ranks->group.rank, &unused, &mine);
    for (size_t r = 0; r < count; r++) {
        size_t first, size;
        slice_range(part->size, count, r, &first, &size);
        counts[r] = (int)(own * size + 1);
        places[r] = (int)used;
        for (size_t s = 0; s < own; s++, used += size)
            memcpy(ranks->sent + used, part->own + s * part->count + part->first + first,
                   size * sizeof(float));
        ranks->sent[used++] = (float)ranks->group.votes_sent;
        from[r] = (int)(slices_of(ranks, part, r) * mine + 1);
        from_places[r] = (int)arriving;
        arriving += (size_t)from[r];
    }
}

/* sum = ((x_0 + x_1) + x_2) + ..., with the slices of all ranks in order */
static void add_slices(struct weft_ranks *ranks, const struct part *part, float *sum, size_t size)
{
    const float *x = ranks->received;
    bool first = true;
    for (size_t r = 0; r < ranks->group.ranks; r++) {
        for (size_t s = slices_of(ranks, part, r); s > 0; s--, x += size, first = false) {
            if (first) {
                memcpy(sum, x, size * sizeof *sum);
                continue;
            }
            for (size_t i = 0; i < size; i++)
                sum[i] += x[i];
        }
        ranks->group.votes_seen |= (int)*x++;
    }
}

/* Gathers the sums of all pieces, in place. */
static enum weft_status gather_pieces(struct weft_ranks *ranks, const struct part *part)
{
    const size_t count = ranks->group.ranks;
    int *counts = ranks->counts, *places = counts + count;
    MPI_Request request = MPI_REQUEST_NULL;
    bool late;
    for (size_t r = 0; r < count; r++) {
        size_t first, size;
        slice_range(part->size, count, r, &first, &size);
        counts[r] = (int)size;
        places[r] = (int)first;
    }
    ticker_lock(ranks->heart.ticker);
    const int code = MPI_Iallgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, part->sum + part->first,
                                     counts, places, MPI_FLOAT, ranks->work, &request);
    ticker_unlock(ranks->heart.ticker);
    return ranks_wait(ranks, code, "MPI_Iallgatherv", &request, 0.0, &late);
}

static enum weft_status part_sum(struct weft_ranks *ranks, const struct part *part)
{
    const size_t count = ranks->group.ranks;
    const int *counts = ranks->counts;
    MPI_Request request = MPI_REQUEST_NULL;
    size_t first, size;
    bool late;
    pack(ranks, part);
    ticker_lock(ranks->heart.ticker);
    const int code =
        MPI_Ialltoallv(ranks->sent, counts, counts + count, MPI_FLOAT, ranks->received,
                       counts + 2 * count, counts + 3 * count, MPI_FLOAT, ranks->work, &request);
    ticker_unlock(ranks->heart.ticker);
    TRY(ranks_wait(ranks, code, "MPI_Ialltoallv", &request, 0.0, &late));
    slice_range(part->size, count, ranks->group.rank, &first, &size);
    add_slices(ranks, part, part->sum + part->first + first, size);
    return gather_pieces(ranks, part);
}

/* Makes room for parts of `size` numbers. The first sums of a training run are the longest. */
static enum weft_status buffers_grow(struct weft_ranks *ranks, const struct part *part, size_t size)
{
    const size_t count = ranks->group.ranks, own = slices_of(ranks, part, ranks->group.rank);
    const size_t sent = own * size + count;
    const size_t received = part->slices * size_divide_up(size, count) + count;
    TRY(memory_grow(&ranks->sent, sizeof *ranks->sent, 0, sent, &ranks->sent_size));
    return memory_grow(&ranks->received, sizeof *ranks->received, 0, received,
                       &ranks->received_size);
}

enum weft_status ranks_sum(struct slice_group *group, size_t slices, const float *own, size_t count,
                           float *sum)
{
    struct weft_ranks *ranks = (struct weft_ranks *)group;
    struct part part = {.slices = slices, .count = count, .own = own, .sum = sum};
    const size_t most = size_min(PART_NUMBERS, size_max(1, MOST_NUMBERS / slices));
    TRY(buffers_grow(ranks, &part, size_min(count, most)));
    for (part.first = 0; part.first < count; part.first += most) {
        part.size = size_min(count - part.first, most);
        TRY(part_sum(ranks, &part));
    }
    return WEFT_OK;
}
