/* Runs a training run on several ranks without MPI: each rank is a process, and shared memory
 * serves their group. */
#ifndef WEFT_TESTS_PROCESS_RANKS_H
#define WEFT_TESTS_PROCESS_RANKS_H

#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suite.h"
#include "train/slice_group.h"

enum { SHARED_BYTES = 1 << 24, MOST_RANKS = 16, RANK_SECONDS = 100 };

/* What the ranks share. */
struct rank_memory {
    pthread_barrier_t barrier;
    char error[512];
    _Alignas(float) char bytes[SHARED_BYTES];
};

static struct rank_memory *rank_memory;

static inline void rank_wait(void)
{
    const int code = pthread_barrier_wait(&rank_memory->barrier);
    ck_assert(code == 0 || code == PTHREAD_BARRIER_SERIAL_THREAD);
}

static inline enum weft_status process_gather(struct slice_group *group, size_t slices,
                                              const void *own, size_t bytes, void *all)
{
    size_t first = 0, count = 0;
    ck_assert_uint_le(slices * bytes, SHARED_BYTES);
    slice_range(slices, group->ranks, group->rank, &first, &count);
    memcpy(rank_memory->bytes + first * bytes, own, count * bytes);
    rank_wait();
    memcpy(all, rank_memory->bytes, slices * bytes);
    rank_wait();
    return WEFT_OK;
}

/* Returns the sum of number `i` of the slices first .. first + 2^level - 1, as far as there are
 * slices. A node lies at its first slice in `all`, and its other slices are absent. */
static inline float process_tree(const float *all, const bool *present, size_t slices, size_t count,
                                 size_t first, size_t size, size_t i)
{
    bool split = false;
    for (size_t s = first + 1; s < first + size && s < slices; s++)
        split = split || present[s];
    if (!split)
        return all[first * count + i];
    const size_t half = size / 2;
    const float left = process_tree(all, present, slices, count, first, half, i);
    return first + half < slices
               ? left + process_tree(all, present, slices, count, first + half, half, i)
               : left;
}

/* Each node lies in shared memory where its first slice is. */
static inline enum weft_status process_sum(struct slice_group *group, const struct slice_sum *sum)
{
    float *all = (float *)rank_memory->bytes;
    bool present[64] = {false};
    struct slice_tree tree;
    size_t root = 1, first = 0, size = 0;
    ck_assert_uint_le(sum->slices, 64);
    ck_assert_uint_le(sum->slices * sum->count * sizeof *all, SHARED_BYTES);
    for (size_t r = 0; r < group->ranks; r++) {
        slice_tree_of_rank(&tree, sum->slices, group->ranks, r);
        for (size_t i = 0; i < tree.count; i++) {
            present[tree.nodes[i].first] = true;
            if (r == group->rank)
                memcpy(all + tree.nodes[i].first * sum->count, sum->nodes[i],
                       sum->count * sizeof *all);
        }
    }
    rank_wait();
    while (root < sum->slices)
        root *= 2;
    slice_piece(sum->values, sum->count, group->ranks, group->rank, &first, &size);
    for (size_t i = first; i < first + size; i++)
        sum->sum[i] = process_tree(all, present, sum->slices, sum->count, 0, root, i);
    rank_wait();
    return WEFT_OK;
}

static inline enum weft_status process_spread(struct slice_group *group, size_t values,
                                              size_t count, float *numbers)
{
    float *all = (float *)rank_memory->bytes;
    size_t first = 0, size = 0;
    ck_assert_uint_le(count * sizeof *all, SHARED_BYTES);
    slice_piece(values, count, group->ranks, group->rank, &first, &size);
    memcpy(all + first, numbers + first, size * sizeof *all);
    rank_wait();
    memcpy(numbers, all, count * sizeof *all);
    rank_wait();
    return WEFT_OK;
}

/* What a rank does. It returns a status that must be WEFT_OK. */
typedef enum weft_status rank_work(void *user, struct slice_group *group);

static inline void rank_run(size_t ranks, size_t rank, rank_work *work, void *user)
{
    struct slice_group group = {.ranks = ranks,
                                .rank = rank,
                                .gather = process_gather,
                                .sum = process_sum,
                                .spread = process_spread};
    alarm(RANK_SECONDS);
    const enum weft_status status = work(user, &group);
    if (status != WEFT_OK)
        snprintf(rank_memory->error, sizeof rank_memory->error, "rank %zu: %s", rank, weft_error());
    _exit(status == WEFT_OK ? 0 : 1);
}

/* Runs `work` on every rank, and waits for all. */
static inline void ranks_run(size_t ranks, rank_work *work, void *user)
{
    pthread_barrierattr_t shared;
    pid_t processes[MOST_RANKS];
    ck_assert_uint_le(ranks, MOST_RANKS);
    rank_memory =
        mmap(NULL, sizeof *rank_memory, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(rank_memory, MAP_FAILED);
    ck_assert_int_eq(pthread_barrierattr_init(&shared), 0);
    ck_assert_int_eq(pthread_barrierattr_setpshared(&shared, PTHREAD_PROCESS_SHARED), 0);
    ck_assert_int_eq(pthread_barrier_init(&rank_memory->barrier, &shared, (unsigned)ranks), 0);
    for (size_t r = 0; r < ranks; r++) {
        processes[r] = fork();
        ck_assert_int_ge(processes[r], 0);
        if (processes[r] == 0)
            rank_run(ranks, r, work, user);
    }
    bool well = true;
    for (size_t r = 0; r < ranks; r++) {
        int code = 0;
        ck_assert_int_eq(waitpid(processes[r], &code, 0), processes[r]);
        well = well && WIFEXITED(code) && WEXITSTATUS(code) == 0;
    }
    ck_assert_msg(well, "%zu ranks: %s", ranks, rank_memory->error);
    munmap(rank_memory, sizeof *rank_memory);
}

#endif
