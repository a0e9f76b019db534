/* Exchanges between ranks: started by mpirun with any number of ranks, prints "ok" on rank 0.
 *
 *     exchange            sums, gathers, votes and agreements have the results computed by hand
 *     exchange fail R     rank R fails, and all ranks learn how
 *     exchange late R     rank R does not answer in time
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

static void check_sum(struct slice_group *group, size_t slices, size_t count)
{
    size_t first, own;
    slice_range(slices, info.ranks, info.rank, &first, &own);
    float *values = malloc(own * count * sizeof *values), *sum = malloc(count * sizeof *sum);
    expect(values != NULL && sum != NULL, "memory");
    for (size_t s = 0; s < own; s++)
        for (size_t i = 0; i < count; i++)
            values[s * count + i] = value(first + s, i);
    expect(group->sum(group, slices, values, count, sum) == WEFT_OK, "sum fails");
    for (size_t i = 0; i < count; i++) {
        float want = value(0, i);
        for (size_t s = 1; s < slices; s++)
            want += value(s, i);
        expect(memcmp(&want, &sum[i], sizeof want) == 0, "a sum");
    }
    free(values);
    free(sum);
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
    float own[64] = {0}, sum[1];
    expect(weft_ranks_vote(ranks, info.rank == info.ranks - 1 ? 2 : 0) == 0, "a vote before");
    expect(group->sum(group, info.ranks, own, 1, sum) == WEFT_OK, "sum fails");
    expect(weft_ranks_vote(ranks, 0) == 2, "the votes of the last rank");
    expect(group->sum(group, info.ranks, own, 1, sum) == WEFT_OK, "sum fails");
    expect(weft_ranks_vote(ranks, 0) == 0, "votes are sent again");
    group->votes_sent |= info.rank == 0 ? SLICE_VOTE_STOP : 0;
    expect(group->sum(group, info.ranks, own, 1, sum) == WEFT_OK, "sum fails");
    expect(weft_ranks_vote(ranks, 1) == 0, "a wish to stop is a vote of the user");
    expect((group->votes_seen & SLICE_VOTE_STOP) != 0, "a wish to stop is lost");
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

/* The others end the job meanwhile. */
static void be_late(void)
{
    const double start = clock_seconds();
    for (size_t looks = 0; clock_seconds() - start < 20.0; looks++)
        poll_pause(looks);
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
    size_t first, own;
    slice_range(slices, info.ranks, info.rank, &first, &own);
    float *values = calloc(own * count, sizeof *values), *sum = calloc(count, sizeof *sum);
    expect(values != NULL && sum != NULL && group != NULL, "memory, or more than one rank");
    for (int i = -1; i < SUMS; i++) { /* the first one allocates */
        const double start = clock_seconds();
        expect(group->sum(group, slices, values, count, sum) == WEFT_OK, "sum fails");
        if (i >= 0)
            seconds[i] = clock_seconds() - start;
    }
    qsort(seconds, SUMS, sizeof *seconds, by_size);
    if (info.rank == 0)
        printf("%zu ranks, %zu slices, %zu numbers: %.6f s (%.6f to %.6f)\n", info.ranks, slices,
               count, seconds[SUMS / 2], seconds[0], seconds[SUMS - 1]);
    free(values);
    free(sum);
}

int main(int argc, char **argv)
{
    struct weft_ranks *ranks = NULL;
    bool all;
    expect(weft_ranks_join(&ranks) == WEFT_OK, "join fails");
    weft_ranks_get_info(ranks, &info);
    if (argc == 4)
        measure(ranks, (size_t)atoi(argv[2]), (size_t)atoi(argv[3]));
    else if (argc == 3 && strcmp(argv[1], "fail") == 0)
        check_failure(ranks, (size_t)atoi(argv[2]));
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
