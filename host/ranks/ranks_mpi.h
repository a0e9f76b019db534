/* What the files of this module share. Only they include mpi.h.
 *
 * MPI is called with MPI_THREAD_SERIALIZED: by the main thread and by the heartbeat, under the lock
 * of the ticker. No call that waits for another rank is made under the lock. Collectives are
 * non-blocking, and ranks_wait polls them, so that a rank notices when another one stops.
 *
 * There are three communicators, because the collectives of one must come in the same order on
 * every rank: `work` for the exchanges of a training run, `control` for weft_ranks_agree, which a
 * rank also calls when its training run has failed, and `heart` for the heartbeat.
 */
#ifndef WEFT_RANKS_RANKS_MPI_H
#define WEFT_RANKS_RANKS_MPI_H

#include <mpi.h>

#include "base/ticker.h"
#include "train/slice_group.h"
#include "weft_ranks.h"

/* Tags of messages on `heart`. */
enum { BEAT_TAG = 1, END_TAG };

/* What each rank tells all others first. All versions of Weft must agree on this structure. */
struct rank_card {
    char version[32];
    char host[216];
    int64_t process;
};
_Static_assert(sizeof(struct rank_card) == 256, "the same in all versions");

/* The heartbeat: each rank sends a byte to the next one every second, in a ring. A rank that is
 * stopped, or cannot be reached, falls silent. */
struct heart {
    struct ticker *ticker; /* owned; NULL before the heartbeat runs */
    MPI_Request sent, received;
    char out, in;
    double silent;   /* seconds since the rank before was heard, while the own heartbeat ran */
    double limit;    /* seconds of silence after which a rank is lost */
    bool last_heard; /* the rank before has said that it leaves */
    int code;        /* the first failure of an MPI call of the heartbeat, or MPI_SUCCESS */
};

struct weft_ranks {
    struct slice_group group; /* must be first: its functions get a pointer to it */
    MPI_Comm work, control, heartbeat;
    bool duplicated, starts_mpi; /* the communicators exist; weft_ranks_leave ends MPI */
    bool others;                 /* ranks have different versions, as all of them know */
    struct rank_card *cards;     /* owned; [R] */
    size_t machine_ranks, machine_rank;
    struct heart heart;
    bool (*watch)(void *user); /* may be NULL */
    void *watch_user;
    int *counts;      /* owned; [4][R] counts and displacements, to send and to receive */
    int vote, *votes; /* of this rank; owned: [R] */
};

/* Returns WEFT_OK, or WEFT_ERROR_DISTRIBUTED with a line about the MPI call that returned `code`.
 */
WEFT_MUST_CHECK enum weft_status ranks_check(const struct weft_ranks *ranks, int code,
                                             const char *call);

/* Waits for the request of the collective `call`, which returned `code`. Fails if a rank is lost,
 * or if the watch function says so. With `seconds` above 0, waits no longer than that: then `*late`
 * becomes true, and the request is pending. */
WEFT_MUST_CHECK enum weft_status ranks_wait(struct weft_ranks *ranks, int code, const char *call,
                                            MPI_Request *request, double seconds, bool *late);

/* Reads the limit of silence from the environment. */
WEFT_MUST_CHECK enum weft_status heart_limit(double *seconds);

/* Start and end the heartbeat. The end waits for the last beat of the rank before. */
WEFT_MUST_CHECK enum weft_status heart_start(struct weft_ranks *ranks);
WEFT_MUST_CHECK enum weft_status heart_stop(struct weft_ranks *ranks);

/* The functions of the group. */
enum weft_status ranks_gather(struct slice_group *group, size_t slices, const void *own,
                              size_t bytes, void *all);
enum weft_status ranks_sum(struct slice_group *group, const struct slice_sum *sum);
enum weft_status ranks_spread(struct slice_group *group, size_t values, size_t count,
                              float *numbers);

#endif
