/* Implements base/parallel.h without threads, for the fuzz targets. */
#include "base/parallel.h"

void parallel_for(size_t n, size_t step, bool shared, parallel_piece *run, const void *work)
{
    (void)step, (void)shared;
    run(work, 0, n);
}

size_t parallel_threads(void)
{
    return 1;
}

size_t parallel_worker(void)
{
    return 0;
}
