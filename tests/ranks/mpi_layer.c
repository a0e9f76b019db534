/* Makes a call of MPI fail: lies between the program and the library (LD_PRELOAD).
 *
 *     WEFT_MPI_FAIL=MPI_Isend:3:1    the third MPI_Isend of rank 1 fails, without being done
 *     WEFT_MPI_END=exit              that call ends the process through this function (exit, _exit,
 *                                    abort, raise), as MPI libraries do that lose a connection;
 *                                    vfork: through _exit, after a child has called abort
 *     WEFT_MPI_FAILED=FILE           is created when that call fails
 *     WEFT_MPI_COUNTS=FILE           rank 0 writes how often it called each function
 *
 * Programs test requests as often as they like, so an MPI_Test counts only if the request is
 * complete.
 */
#define _DEFAULT_SOURCE /* vfork */
#include <mpi.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum call {
    INITIALIZED,
    INIT_THREAD,
    COMM_SET_ERRHANDLER,
    COMM_RANK,
    COMM_SIZE,
    COMM_DUP,
    COMM_SPLIT_TYPE,
    COMM_FREE,
    GET_PROCESSOR_NAME,
    ALLGATHER,
    ISEND,
    IRECV,
    TEST,
    TYPE_CONTIGUOUS,
    TYPE_COMMIT,
    TYPE_FREE,
    IALLGATHER,
    IALLGATHERV,
    IALLTOALLV,
    FINALIZE,
    CALLS
};

static const char *const names[CALLS] = {"MPI_Initialized",
                                         "MPI_Init_thread",
                                         "MPI_Comm_set_errhandler",
                                         "MPI_Comm_rank",
                                         "MPI_Comm_size",
                                         "MPI_Comm_dup",
                                         "MPI_Comm_split_type",
                                         "MPI_Comm_free",
                                         "MPI_Get_processor_name",
                                         "MPI_Allgather",
                                         "MPI_Isend",
                                         "MPI_Irecv",
                                         "MPI_Test",
                                         "MPI_Type_contiguous",
                                         "MPI_Type_commit",
                                         "MPI_Type_free",
                                         "MPI_Iallgather",
                                         "MPI_Iallgatherv",
                                         "MPI_Ialltoallv",
                                         "MPI_Finalize"};

static unsigned long counts[CALLS];

static int own_rank(void)
{
    const char *text = getenv("OMPI_COMM_WORLD_RANK");
    if (text == NULL)
        text = getenv("PMI_RANK");
    return text != NULL ? atoi(text) : -1;
}

/* The child shares the memory of this process. */
static void child_aborts(void)
{
    const pid_t child = vfork();
    if (child == 0)
        abort();
    (void)waitpid(child, NULL, 0);
}

static void end_process(void)
{
    const char *end = getenv("WEFT_MPI_END");
    if (end != NULL && strcmp(end, "vfork") == 0) {
        child_aborts();
        _exit(1);
    }
    if (end != NULL && strcmp(end, "raise") == 0)
        raise(SIGABRT);
    if (end != NULL && strcmp(end, "exit") == 0)
        exit(1);
    if (end != NULL && strcmp(end, "_exit") == 0)
        _exit(1);
    if (end != NULL && strcmp(end, "abort") == 0)
        abort();
}

/* Counts a call, and returns whether it fails. */
static int fails(enum call call)
{
    const char *wanted = getenv("WEFT_MPI_FAIL");
    char name[64];
    unsigned long number;
    int rank;
    counts[call]++;
    if (wanted == NULL || sscanf(wanted, "%63[^:]:%lu:%d", name, &number, &rank) != 3)
        return 0;
    if (strcmp(name, names[call]) != 0 || counts[call] != number || own_rank() != rank)
        return 0;
    const char *failed = getenv("WEFT_MPI_FAILED");
    FILE *file = failed != NULL ? fopen(failed, "w") : NULL;
    if (file != NULL)
        fclose(file);
    end_process();
    return 1;
}

#define LAYER(CALL, NAME, PARAMETERS, ARGUMENTS)                                                   \
    int MPI_##NAME PARAMETERS                                                                      \
    {                                                                                              \
        return fails(CALL) ? MPI_ERR_OTHER : PMPI_##NAME ARGUMENTS;                                \
    }

LAYER(INITIALIZED, Initialized, (int *started), (started))
LAYER(INIT_THREAD, Init_thread, (int *c, char ***v, int need, int *got), (c, v, need, got))
LAYER(COMM_SET_ERRHANDLER, Comm_set_errhandler, (MPI_Comm c, MPI_Errhandler h), (c, h))
LAYER(COMM_RANK, Comm_rank, (MPI_Comm c, int *rank), (c, rank))
LAYER(COMM_SIZE, Comm_size, (MPI_Comm c, int *size), (c, size))
LAYER(COMM_DUP, Comm_dup, (MPI_Comm c, MPI_Comm *copy), (c, copy))
LAYER(COMM_SPLIT_TYPE, Comm_split_type, (MPI_Comm c, int kind, int key, MPI_Info i, MPI_Comm *part),
      (c, kind, key, i, part))
LAYER(COMM_FREE, Comm_free, (MPI_Comm * c), (c))
LAYER(GET_PROCESSOR_NAME, Get_processor_name, (char *name, int *length), (name, length))
LAYER(ALLGATHER, Allgather,
      (const void *s, int n, MPI_Datatype t, void *r, int m, MPI_Datatype u, MPI_Comm c),
      (s, n, t, r, m, u, c))
LAYER(ISEND, Isend,
      (const void *s, int n, MPI_Datatype t, int to, int tag, MPI_Comm c, MPI_Request *q),
      (s, n, t, to, tag, c, q))
LAYER(IRECV, Irecv, (void *r, int n, MPI_Datatype t, int from, int tag, MPI_Comm c, MPI_Request *q),
      (r, n, t, from, tag, c, q))
LAYER(TYPE_CONTIGUOUS, Type_contiguous, (int n, MPI_Datatype t, MPI_Datatype *u), (n, t, u))
LAYER(TYPE_COMMIT, Type_commit, (MPI_Datatype * t), (t))
LAYER(TYPE_FREE, Type_free, (MPI_Datatype * t), (t))
LAYER(IALLGATHER, Iallgather,
      (const void *s, int n, MPI_Datatype t, void *r, int m, MPI_Datatype u, MPI_Comm c,
       MPI_Request *q),
      (s, n, t, r, m, u, c, q))
LAYER(IALLGATHERV, Iallgatherv,
      (const void *s, int n, MPI_Datatype t, void *r, const int *m, const int *d, MPI_Datatype u,
       MPI_Comm c, MPI_Request *q),
      (s, n, t, r, m, d, u, c, q))
LAYER(IALLTOALLV, Ialltoallv,
      (const void *s, const int *n, const int *e, MPI_Datatype t, void *r, const int *m,
       const int *d, MPI_Datatype u, MPI_Comm c, MPI_Request *q),
      (s, n, e, t, r, m, d, u, c, q))

int MPI_Test(MPI_Request *request, int *done, MPI_Status *status)
{
    const int code = PMPI_Test(request, done, status);
    return *done && fails(TEST) ? MPI_ERR_OTHER : code;
}

static void counts_write(void)
{
    const char *path = getenv("WEFT_MPI_COUNTS");
    FILE *file = path != NULL && own_rank() == 0 ? fopen(path, "w") : NULL;
    for (int i = 0; file != NULL && i < CALLS; i++)
        fprintf(file, "%s %lu\n", names[i], counts[i]);
    if (file != NULL)
        fclose(file);
}

int MPI_Finalize(void)
{
    const int failing = fails(FINALIZE);
    counts_write();
    return failing ? MPI_ERR_OTHER : PMPI_Finalize();
}
