/* Exchanges between ranks: started by mpirun with any number of ranks, prints "ok" on rank 0.
 *
 *     exchange            sums, gathers, votes and agreements have the results computed by hand
 *     exchange fail R     rank R fails, and all ranks learn how
 *     exchange late R     rank R does not answer in time
 *     exchange idle       nothing is exchanged for two heartbeats, and the ranks leave
 *     exchange time S P   prints the median seconds of a sum of P numbers in S slices
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/ticker.h"
#include "ranks/ranks.h"

static struct weft_ranks_info info;

static void expect(bool truth, const char *what)
{
    if (truth)
        return;
    fprintf(stderr, "rank %zu of %zu: wrong: %s (last error: %s)\n", info.rank, info.ranks, what,
            weft_error());
    exit(1);
}

/* Value i of slice s. The magnitudes differ, so that another order gives another sum. */
static float value(size_t s, size_t i)
{
    static const float magnitudes[] = {1e-7f, 1.0f, 3e7f, -3e7f, 1e3f};
    return magnitudes[(s * 7 + i) % 5] * (1.0f + (float)((s * 31 + i * 17) % 101) / 100.0f);
}

/* The sum of the slices first .. first + size - 1, where `size` is a power of 2. */
static float tree(size_t slices, size_t first, size_t size, size_t i)
{
    const size_t half = size / 2;
    if (size == 1)
        return value(first, i);
    const float left = tree(slices, first, half, i);
    return first + half < slices ? left + tree(slices, first + half, half, i) : left;
}

static size_t root_of(size_t slices)
{
    size_t root = 1;
    while (root < slices)
        root *= 2;
    return root;
}

/* What a rank needs for a sum of `count` numbers. */
struct buffers {
    struct slice_tree own;
    struct slice_sum sum;
    float *numbers; /* [own nodes][count] */
    float *nodes[SLICE_TREE_NODES];
};

static void buffers_make(size_t slices, size_t count, struct buffers *buffers)
{
    const size_t all = slice_tree_additions(slices, info.ranks, NULL);
    struct slice_addition *additions = malloc(all * sizeof *additions);
    size_t first = 0, size = 0;
    slice_tree_of_rank(&buffers->own, slices, info.ranks, info.rank);
    slice_piece(count, count, info.ranks, info.rank, &first, &size);
    buffers->numbers = calloc(buffers->own.count * count, sizeof(float));
    buffers->sum = (struct slice_sum){.slices = slices,
                                      .values = count,
                                      .count = count,
                                      .nodes = buffers->nodes,
                                      .arrays = malloc(all * sizeof(float *)),
                                      .received = malloc(all * (size + 1) * sizeof(float)),
                                      .additions = additions,
                                      .sum = buffers->numbers};
    expect(additions != NULL && buffers->numbers != NULL && buffers->sum.arrays != NULL &&
               buffers->sum.received != NULL,
           "memory");
    (void)slice_tree_additions(slices, info.ranks, additions);
    for (size_t i = 0; i < buffers->own.count; i++)
        buffers->nodes[i] = buffers->numbers + i * count;
}

static void buffers_free(struct buffers *buffers)
{
    free((void *)buffers->sum.additions);
    free(buffers->sum.received);
    free(buffers->sum.arrays);
    free(buffers->numbers);
}

/* Adds and spreads. */
static void sum_all(struct slice_group *group, const struct buffers *buffers)
{
    const size_t count = buffers->sum.count;
    expect(group->sum(group, &buffers->sum) == WEFT_OK, "sum fails");
    expect(group->spread(group, count, count, buffers->sum.sum) == WEFT_OK, "spread fails");
}

static void check_sum(struct slice_group *group, size_t slices, size_t count)
{
    struct buffers buffers;
    buffers_make(slices, count, &buffers);
    for (size_t n = 0; n < buffers.own.count; n++)
        for (size_t i = 0; i < count; i++)
            buffers.nodes[n][i] = tree(slices, buffers.own.nodes[n].first,
                                       (size_t)1 << buffers.own.nodes[n].level, i);
    sum_all(group, &buffers);
    for (size_t i = 0; i < count; i++) {
        const float want = tree(slices, 0, root_of(slices), i);
        expect(memcmp(&want, &buffers.sum.sum[i], sizeof want) == 0, "a sum");
    }
    buffers_free(&buffers);
}

static void check_gather(struct slice_group *group, size_t slices, size_t bytes)
{
    size_t first, own;
    slice_range(slices, info.ranks, info.rank, &first, &own);
    unsigned char *values = malloc(own * bytes + 1), *all = malloc(slices * bytes + 1);
    expect(values != NULL && all != NULL, "memory");
    for (size_t k = 0; k < own * bytes; k++)
        values[k] = (unsigned char)((first * bytes + k) * 37 % 251);
    all[slices * bytes] = 42;
    expect(group->gather(group, slices, values, bytes, all) == WEFT_OK, "gather fails");
    for (size_t k = 0; k < slices * bytes; k++)
        expect(all[k] == k * 37 % 251, "a gathered byte");
    expect(all[slices * bytes] == 42, "gather writes beyond its end");
    free(values);
    free(all);
}

static void check_votes(struct weft_ranks *ranks, struct slice_group *group)
{
    struct buffers buffers;
    buffers_make(info.ranks, 1, &buffers);
    expect(weft_ranks_vote(ranks, info.rank == info.ranks - 1 ? 2 : 0) == 0, "a vote before");
    sum_all(group, &buffers);
    expect(weft_ranks_vote(ranks, 0) == 2, "the votes of the last rank");
    sum_all(group, &buffers);
    expect(weft_ranks_vote(ranks, 0) == 0, "votes are sent again");
    group->votes_sent |= info.rank == 0 ? SLICE_VOTE_STOP : 0;
    sum_all(group, &buffers);
    expect(weft_ranks_vote(ranks, 1) == 0, "a wish to stop is a vote of the user");
    expect((group->votes_seen & SLICE_VOTE_STOP) != 0, "a wish to stop is lost");
    buffers_free(&buffers);
}

static void check_slices(const struct weft_ranks *ranks)
{
    size_t next = 0;
    for (size_t r = 0; r < info.ranks; r++) {
        size_t first = 99, count = 0;
        weft_ranks_get_slices(ranks, r, 2 * info.ranks + 1, &first, &count);
        expect(first == next && count >= 2 && count <= 3, "the slices of a rank");
        next = first + count;
    }
    expect(next == 2 * info.ranks + 1, "the slices of all ranks");
}

static void check_exchanges(struct weft_ranks *ranks)
{
    struct slice_group *group = ranks_group(ranks);
    static const size_t counts[] = {1, 3, 8, 93, 1000, (1 << 20) + 77};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        check_sum(group, info.ranks, counts[c]);
        check_sum(group, 8 + info.ranks, counts[c]);
    }
    static const size_t bytes[] = {0, 1, 12, 4097};
    for (size_t c = 0; c < sizeof bytes / sizeof *bytes; c++) {
        check_gather(group, info.ranks, bytes[c]);
        check_gather(group, 13 + info.ranks, bytes[c]);
    }
    check_votes(ranks, group);
    check_slices(ranks);
}

/* All ranks get the status and the line of the rank that failed. */
static void check_failure(struct weft_ranks *ranks, size_t failing)
{
    char want[128];
    bool all;
    const enum weft_status mine = info.rank == failing ? WEFT_ERROR_DEVICE : WEFT_OK;
    snprintf(want, sizeof want, "rank %zu on %s: the device is lost", failing,
             weft_ranks_host(ranks, failing));
    expect(weft_ranks_agree(ranks, mine, "the device is lost", 0, &all) == WEFT_ERROR_DEVICE,
           "the status of the rank that failed");
    expect(all && strcmp(weft_error(), want) == 0, "the line of the rank that failed");
}

/* A rank that cannot begin to open data does not leave the others waiting. */
static void check_options_of_one(struct weft_ranks *ranks, size_t failing)
{
    struct weft_data_options options;
    struct weft_data_sets sets;
    weft_data_options_init(&options);
    if (info.rank == failing)
        options.holdout = 2.0;
    expect(weft_ranks_open_data(ranks, "absent.csv", NULL, &options, &sets) == WEFT_ERROR_USAGE,
           "the failure of the rank that cannot begin");
    expect(strstr(weft_error(), "holdout") != NULL, "its line");
}

static void do_nothing(double seconds)
{
    const double start = clock_seconds();
    for (size_t looks = 0; clock_seconds() - start < seconds; looks++)
        poll_pause(looks);
}

/* The others end the job meanwhile. */
static void be_late(void)
{
    do_nothing(20.0);
    expect(false, "the others have not ended the job");
}

static void check_late(struct weft_ranks *ranks, size_t late)
{
    bool all = true;
    if (info.rank == late)
        be_late();
    expect(weft_ranks_agree(ranks, WEFT_ERROR_MEMORY, "no memory", 0.2, &all) == WEFT_ERROR_MEMORY,
           "the own status");
    expect(!all && strcmp(weft_error(), "no memory") == 0, "not all ranks answered");
    if (info.rank == 0)
        puts("ok");
    fflush(stdout);
    weft_ranks_end(ranks, WEFT_ERROR_MEMORY);
}

static int by_size(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void measure(struct weft_ranks *ranks, size_t slices, size_t count)
{
    enum { SUMS = 7 };
    struct slice_group *group = ranks_group(ranks);
    double seconds[SUMS];
    struct buffers buffers;
    expect(group != NULL, "more than one rank");
    buffers_make(slices, count, &buffers);
    for (int i = -1; i < SUMS; i++) { /* the first one allocates */
        const double start = clock_seconds();
        sum_all(group, &buffers);
        if (i >= 0)
            seconds[i] = clock_seconds() - start;
    }
    qsort(seconds, SUMS, sizeof *seconds, by_size);
    if (info.rank == 0)
        printf("%zu ranks, %zu slices, %zu numbers: %.6f s (%.6f to %.6f)\n", info.ranks, slices,
               count, seconds[SUMS / 2], seconds[0], seconds[SUMS - 1]);
    buffers_free(&buffers);
}

/* Says why the ranks cannot leave, if they cannot. */
static int leave_idle(struct weft_ranks *ranks)
{
    const bool first = info.rank == 0;
    do_nothing(2.5);
    if (weft_ranks_leave(ranks) != WEFT_OK) {
        fprintf(stderr, "%s\n", weft_error());
        weft_ranks_end(ranks, WEFT_ERROR_DISTRIBUTED);
    }
    if (first)
        puts("ok");
    return 0;
}

int main(int argc, char **argv)
{
    struct weft_ranks *ranks = NULL;
    bool all;
    expect(weft_ranks_join(&ranks) == WEFT_OK, "join fails");
    weft_ranks_get_info(ranks, &info);
    if (argc == 2)
        return leave_idle(ranks);
    if (argc == 4)
        measure(ranks, (size_t)atoi(argv[2]), (size_t)atoi(argv[3]));
    else if (argc == 3 && strcmp(argv[1], "fail") == 0)
        check_failure(ranks, (size_t)atoi(argv[2]));
    else if (argc == 3 && strcmp(argv[1], "open") == 0)
        check_options_of_one(ranks, (size_t)atoi(argv[2]));
    else if (argc == 3)
        check_late(ranks, (size_t)atoi(argv[2]));
    else if (info.ranks > 1)
        check_exchanges(ranks);
    expect(weft_ranks_agree(ranks, WEFT_OK, "", 0, &all) == WEFT_OK && all, "agreement");
    const bool first = info.rank == 0;
    expect(weft_ranks_leave(ranks) == WEFT_OK, "leave fails");
    if (first)
        puts("ok");
    return 0;
}
