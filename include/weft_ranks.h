/* weft_ranks.h: training with several processes, on several devices or machines.
 *
 * Several processes, called ranks, can train one model together, on several devices of a machine or
 * on several machines. An MPI launcher starts them, for example `mpirun -n 4 ./program`. Every rank
 * runs the same program on the same data:
 *
 *     weft_ranks_join(&ranks);                  waits for the other ranks
 *     weft_device_create(spec, NULL, NULL, &device);
 *     weft_ranks_attach(ranks, device);
 *     options.slices = 8;                       at least as many as ranks
 *     weft_train(device, model, &options, ...); computes together with the other ranks
 *     weft_device_destroy(device);
 *     weft_ranks_leave(ranks);                  after this, no rank can join again
 *
 * All ranks get the same model. If all devices are of one kind, its bytes depend on options.slices
 * and not on the number of ranks. Devices of different kinds round differently, so the bytes then
 * also depend on which device computes which slices.
 * docs/scaling.md explains slices. A program that no launcher started has one rank and does not
 * start MPI.
 *
 * Each rank sends a heartbeat. A rank that is stopped or cannot be reached sends none. After 30
 * seconds without one, functions that communicate with other ranks return WEFT_ERROR_DISTRIBUTED.
 * The environment variable WEFT_RANK_SECONDS sets another limit. The conventions of weft.h apply
 * here too.
 */
#ifndef WEFT_RANKS_H
#define WEFT_RANKS_H

#include <weft.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The ranks of a job, as one of them sees it. */
struct weft_ranks;

struct weft_ranks_info {
    size_t ranks, rank;                 /* number of ranks, and which one this is, from 0 */
    size_t machine_ranks, machine_rank; /* the same, but counting only the ranks on this machine */
    char host[256];                     /* the name of this machine */
};

/* Returns true if a launcher started this process as one of several ranks. `*rank` receives the
 * rank. */
WEFT_API bool weft_ranks_started(size_t *rank);

/* Returns true if a launcher started this process, even as the only rank. */
WEFT_API bool weft_ranks_launched(void);

/* Returns true if this build has MPI. Otherwise, all programs have one rank. */
WEFT_API bool weft_ranks_available(void);

/* Returns the name and the version of the MPI library, such as "MPICH 4.0.2", or "" if this build
 * has none. The string is static. */
WEFT_API const char *weft_ranks_library(void);

/* Joins the ranks of this job, and waits for them. Starts MPI unless the program already has. A
 * process can join once. After a failure, call weft_ranks_end if `*ranks` is not NULL. If it is
 * NULL, all ranks have failed and left, and there is nothing to do.
 *
 * Returns WEFT_ERROR_USAGE if a launcher started the process but this build has no MPI, and
 * WEFT_ERROR_DISTRIBUTED if MPI fails or if another rank has another version of Weft. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_ranks_join(struct weft_ranks **ranks);

/* Describes the ranks of this job. */
WEFT_API void weft_ranks_get_info(const struct weft_ranks *ranks, struct weft_ranks_info *info);

/* Returns the name of the machine of a rank. It is valid until weft_ranks_leave. */
WEFT_API const char *weft_ranks_host(const struct weft_ranks *ranks, size_t rank);

enum { WEFT_DEVICE_SPEC_SIZE = 160 };

/* Returns the number of items of a list such as "0,1" or "gpu,cpu", or 1 for any other spec. */
WEFT_API size_t weft_device_spec_count(const char *spec);

/* Chooses a device for each rank of a machine. If several devices match `spec`, such as "gpu", rank
 * i of the machine gets match i. If `spec` is a list, rank i gets item i. If there are fewer
 * matches or items than ranks, the next rank starts again at the first one.
 *
 * spec     as for weft_device_create, or a list
 * chosen   receives a spec for weft_device_create */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_ranks_choose_device(
    const struct weft_ranks *ranks, const char *spec, char chosen[WEFT_DEVICE_SPEC_SIZE]);

/* Joins this device to the ranks: weft_train, weft_resume, weft_fit and weft_partial_fit on this
 * device train together with the other ranks. `ranks` is borrowed for the life of the device. With
 * NULL for `ranks`, the device trains alone again, as it did when it was created. */
WEFT_API void weft_ranks_attach(struct weft_ranks *ranks, struct weft_device *device);

/* Computes which slices of a batch rank `rank` owns: *first .. *first + *count - 1 of `slices`. */
WEFT_API void weft_ranks_get_slices(const struct weft_ranks *ranks, size_t rank, size_t slices,
                                    size_t *first, size_t *count);

/* Sends up to 16 bits to the other ranks, together with the gradient of the next batch. Call it
 * from a progress callback. The result is one call late: it is the bitwise OR of the bits that all
 * ranks, this one included, passed to their previous call. All ranks get the same result, so all
 * of them can write a checkpoint after the same batch, for example. With one rank, nothing is
 * sent, and the result is `votes` itself. */
WEFT_API unsigned weft_ranks_vote(struct weft_ranks *ranks, unsigned votes);

/* Calls `watch` several times a second while this rank waits for others. If it returns true, the
 * function that waits returns WEFT_ERROR_DISTRIBUTED. */
WEFT_API void weft_ranks_watch(struct weft_ranks *ranks, bool (*watch)(void *user), void *user);

/* Returns true if the process of another rank on this machine has ended, although no rank has
 * called weft_ranks_end. `*rank` receives the lowest such rank. */
WEFT_API bool weft_ranks_missing(const struct weft_ranks *ranks, size_t *rank);

/* Tells every rank whether another rank has failed. Every rank calls this function at the same
 * point of the program. A rank that fails before that point calls it at once.
 *
 * status    WEFT_OK, or the failure of this rank
 * line      describes this failure; NULL: weft_error()
 * seconds   how long to wait for the other ranks, or 0 for as long as they live
 * all       receives false if not all other ranks called the function in time
 *
 * Returns the status of the lowest rank that failed, or WEFT_OK if none failed. weft_error() names
 * that rank unless all ranks failed in the same way. If `*all` becomes false, the function returns
 * `status` if that is a failure. If not, it returns WEFT_ERROR_DISTRIBUTED if communication failed,
 * and WEFT_OK if only the time was up. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_ranks_agree(struct weft_ranks *ranks,
                                                           enum weft_status status,
                                                           const char *line, double seconds,
                                                           bool *all);

/* Collects the array `own` [bytes] of every rank. On each rank, `all` [ranks][bytes] receives the
 * arrays of all ranks, in rank order. Every rank must call this function, so call it only after
 * weft_ranks_agree has succeeded. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_ranks_gather(struct weft_ranks *ranks,
                                                            const void *own, size_t bytes,
                                                            void *all);

/* Opens data as weft_data_open does, but only one rank of each machine reads them. The others share
 * what it has read, through temporary files in $TMPDIR or /tmp that all of them map, so that a
 * machine holds one copy of the samples. `x` of weft_dataset_info may therefore be NULL. If
 * options->map is false, the rank that reads also keeps the samples in its own memory.
 *
 * Every rank must call this function, so call it only after weft_ranks_agree has succeeded. A rank
 * with other data or options than the others of its machine reads its data by itself; so does one
 * that cannot open the files of another rank. If the temporary files cannot be written, each rank
 * reads the data by itself, and a note tells why (options->note of the rank that reads first).
 *
 * Returns the errors of weft_data_open, on all ranks that share the data. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_ranks_open_data(
    struct weft_ranks *ranks, const char *what, const char *test,
    const struct weft_data_options *options, struct weft_data_sets *sets);

/* Ends the processes of all ranks with this exit code, through MPI_Abort. Returns only if the job
 * has one rank or MPI is not running. This is the only function of the library that ends a
 * process. */
WEFT_API void weft_ranks_end(struct weft_ranks *ranks, enum weft_status status);

/* Leaves the job, and releases `ranks`. Every rank must call this function, and it waits for the
 * others. Do not call it before this rank's last weft_ranks_agree. Accepts NULL.
 *
 * Returns WEFT_ERROR_DISTRIBUTED if MPI fails or another rank does not leave; then call
 * weft_ranks_end. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_ranks_leave(struct weft_ranks *ranks);

#ifdef __cplusplus
}
#endif

#endif
