/* Exchanges the values of slices between ranks. See train/slice_group.h.
 *
 * For a sum, each rank gets its piece of the gradients of all nodes, and adds them. MPI itself adds
 * nothing: the order of the additions in MPI_Allreduce depends on the number of ranks, and its
 * results may even differ between ranks. Arrays are sent from where they are, and arrive in place.
 */
#include <limits.h>

#include "base/memory.h"
#include "ranks/ranks_mpi.h"

/* Counts of MPI are int. */
enum { MOST_NUMBERS = 1 << 30 };

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

/* Counts and places of an MPI_Ialltoallv, [R] each. */
struct exchange {
    int *sent, *sent_from, *received, *received_at;
};

static struct exchange exchange_of(struct weft_ranks *ranks)
{
    const size_t count = ranks->group.ranks;
    return (struct exchange){ranks->counts, ranks->counts + count, ranks->counts + 2 * count,
                             ranks->counts + 3 * count};
}

static size_t nodes_of(const struct weft_ranks *ranks, size_t slices, size_t rank)
{
    struct slice_tree tree;
    slice_tree_of_rank(&tree, slices, ranks->group.ranks, rank);
    return tree.count;
}

/* Exchanges number `node` of the nodes of each rank. Ranks with fewer nodes send nothing. */
static enum weft_status node_exchange(struct weft_ranks *ranks, const struct slice_sum *sum,
                                      size_t node)
{
    const size_t count = ranks->group.ranks, rank = ranks->group.rank;
    const struct exchange exchange = exchange_of(ranks);
    const bool sends = node < nodes_of(ranks, sum->slices, rank);
    MPI_Request request = MPI_REQUEST_NULL;
    size_t place = 0;
    bool late;
    for (size_t r = 0; r < count; r++) {
        size_t first, size, own_first, own;
        const size_t nodes = r != rank ? nodes_of(ranks, sum->slices, r) : 0;
        slice_piece(sum->values, sum->count, count, r, &first, &size);
        slice_piece(sum->values, sum->count, count, rank, &own_first, &own);
        exchange.sent[r] = sends && r != rank ? (int)size : 0;
        exchange.sent_from[r] = (int)first;
        exchange.received[r] = node < nodes ? (int)own : 0;
        exchange.received_at[r] = (int)(node < nodes ? (place + node) * own : 0);
        place += nodes;
    }
    ticker_lock(ranks->heart.ticker);
    const int code = MPI_Ialltoallv(sends ? sum->nodes[node] : NULL, exchange.sent,
                                    exchange.sent_from, MPI_FLOAT, sum->received, exchange.received,
                                    exchange.received_at, MPI_FLOAT, ranks->work, &request);
    ticker_unlock(ranks->heart.ticker);
    return ranks_wait(ranks, code, "MPI_Ialltoallv", &request, 0.0, &late);
}

static enum weft_status nodes_exchange(struct weft_ranks *ranks, const struct slice_sum *sum)
{
    size_t most = 0;
    for (size_t r = 0; r < ranks->group.ranks; r++)
        most = size_max(most, nodes_of(ranks, sum->slices, r));
    for (size_t node = 0; node < most; node++)
        TRY(node_exchange(ranks, sum, node));
    return WEFT_OK;
}

/* Adds the own piece of the nodes of all ranks. */
static void nodes_add(const struct weft_ranks *ranks, const struct slice_sum *sum)
{
    float *received = sum->received;
    size_t first, size, array = 0;
    slice_piece(sum->values, sum->count, ranks->group.ranks, ranks->group.rank, &first, &size);
    for (size_t r = 0; r < ranks->group.ranks; r++) {
        const size_t nodes = nodes_of(ranks, sum->slices, r);
        for (size_t i = 0; i < nodes; i++) {
            const bool own = r == ranks->group.rank;
            sum->arrays[array++] = own ? sum->nodes[i] + first : received;
            received += own ? 0 : size;
        }
    }
    slice_tree_sum(sum->additions, array - 1, sum->arrays, size, sum->sum + first);
}

/* Begins to tell all ranks how each of them votes. */
static enum weft_status votes_send(struct weft_ranks *ranks, MPI_Request *request)
{
    ranks->vote = ranks->group.votes_sent;
    ticker_lock(ranks->heart.ticker);
    const int code =
        MPI_Iallgather(&ranks->vote, 1, MPI_INT, ranks->votes, 1, MPI_INT, ranks->work, request);
    ticker_unlock(ranks->heart.ticker);
    return ranks_check(ranks, code, "MPI_Iallgather");
}

static enum weft_status votes_take(struct weft_ranks *ranks, MPI_Request *request)
{
    bool late;
    TRY(ranks_wait(ranks, MPI_SUCCESS, "MPI_Iallgather", request, 0.0, &late));
    for (size_t r = 0; r < ranks->group.ranks; r++)
        ranks->group.votes_seen |= ranks->votes[r];
    return WEFT_OK;
}

/* Counts and places of MPI are int. */
static enum weft_status numbers_fit(size_t numbers)
{
    return numbers <= INT_MAX
               ? WEFT_OK
               : fail(WEFT_ERROR_USAGE, "ranks: got %zu numbers to exchange, need at most %d",
                      numbers, INT_MAX);
}

/* Checks the numbers of a node, and the places of the pieces that a rank receives. All ranks
 * find the same. */
static enum weft_status places_fit(const struct weft_ranks *ranks, const struct slice_sum *sum)
{
    const size_t count = ranks->group.ranks;
    size_t nodes = 0, largest = 0;
    for (size_t r = 0; r < count; r++) {
        size_t first, size;
        slice_piece(sum->values, sum->count, count, r, &first, &size);
        largest = size_max(largest, size);
        nodes += nodes_of(ranks, sum->slices, r);
    }
    TRY(numbers_fit(sum->values));
    return numbers_fit(nodes * largest);
}

enum weft_status ranks_sum(struct slice_group *group, const struct slice_sum *sum)
{
    struct weft_ranks *ranks = (struct weft_ranks *)group;
    MPI_Request votes = MPI_REQUEST_NULL;
    TRY(places_fit(ranks, sum));
    TRY(votes_send(ranks, &votes)); /* they travel together with the nodes */
    TRY(nodes_exchange(ranks, sum));
    TRY(votes_take(ranks, &votes));
    nodes_add(ranks, sum);
    return WEFT_OK;
}

enum weft_status ranks_spread(struct slice_group *group, size_t values, size_t count,
                              float *numbers)
{
    struct weft_ranks *ranks = (struct weft_ranks *)group;
    int *counts = ranks->counts, *places = counts + group->ranks;
    MPI_Request request = MPI_REQUEST_NULL;
    bool late;
    TRY(numbers_fit(values));
    for (size_t r = 0; r < group->ranks; r++) {
        size_t first, size;
        slice_piece(values, count, group->ranks, r, &first, &size);
        counts[r] = (int)size;
        places[r] = (int)first;
    }
    ticker_lock(ranks->heart.ticker);
    const int code = MPI_Iallgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, numbers, counts, places,
                                     MPI_FLOAT, ranks->work, &request);
    ticker_unlock(ranks->heart.ticker);
    return ranks_wait(ranks, code, "MPI_Iallgatherv", &request, 0.0, &late);
}
