/* Reads what launchers tell the processes that they start. See launcher.h. */
#include "ranks/launcher.h"

#include <stdlib.h>

#include "weft_ranks.h"

/* The variables of a launcher. If `size` is missing, only MPI knows the number of ranks. */
static const struct launcher {
    const char *rank, *size;
} launchers[] = {
    {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"}, /* Open MPI */
    {"PMI_RANK", "PMI_SIZE"},                         /* MPICH, Intel MPI, Slurm with PMI-1 and 2 */
    {"MV2_COMM_WORLD_RANK", "MV2_COMM_WORLD_SIZE"},   /* MVAPICH2 */
    {"PMIX_RANK", "SLURM_STEP_NUM_TASKS"},            /* PRRTE, Slurm with PMIx */
};

static bool read_count(const char *name, size_t *value)
{
    const char *text = getenv(name);
    char *end = NULL;
    if (text == NULL || text[0] < '0' || text[0] > '9')
        return false;
    *value = (size_t)strtoul(text, &end, 10);
    return *end == '\0';
}

/* Finds the launcher that started this process. */
static bool find(size_t *rank, size_t *ranks)
{
    *rank = 0;
    *ranks = 0;
    for (size_t i = 0; i < sizeof launchers / sizeof *launchers; i++) {
        if (!read_count(launchers[i].rank, rank))
            continue;
        if (!read_count(launchers[i].size, ranks))
            *ranks = 0;
        return true;
    }
    return false;
}

bool launcher_started(size_t *rank, size_t *ranks)
{
    return find(rank, ranks) && *ranks != 1;
}

bool weft_ranks_launched(void)
{
    size_t rank, ranks;
    return find(&rank, &ranks);
}

bool weft_ranks_started(size_t *rank)
{
    size_t ranks;
    return launcher_started(rank, &ranks);
}
