/* Watches for an MPI library that ends the process. Open MPI calls _exit() when it loses a
 * connection, and MPICH calls exit() or abort(); no function of MPI returns then. The process has
 * prepared its last words, which name the rank and the last checkpoint. A normal run pays nothing.
 */
#ifndef WEFT_APP_MPI_WATCH_H
#define WEFT_APP_MPI_WATCH_H

#include <stdbool.h>

/* Begins to watch: from now on, an unexpected end of the process prints `line`. `training` tells
 * whether the ranks train together. Call it again when the line or `training` has changed. */
void mpi_watch_begin(const char *line, bool training);

/* Returns true if this process is watched. */
bool mpi_watch_is_armed(void);

/* Returns true if it is watched and trains together with other ranks: MPI then ends the process
 * more likely than the driver of a device. */
bool mpi_watch_trains(void);

/* Prints the line, once. For code that runs when the process ends. Returns only if the process is
 * not watched, or after the line. */
void mpi_watch_tell(void);

/* Does the same, and then ends the process with WEFT_ERROR_DISTRIBUTED. Returns only if the process
 * is not watched. */
void mpi_watch_exit(void);

/* Stops watching, because the process is about to end on purpose. */
void mpi_watch_end(void);

#endif
