/* Watches for an MPI library that ends the process. Open MPI calls _exit() when it loses a
 * connection, and MPICH calls exit() or abort(); no function of MPI returns then. The process has
 * prepared its last words, which name the rank and the last checkpoint. A normal run pays nothing.
 */
#ifndef WEFT_APP_MPI_WATCH_H
#define WEFT_APP_MPI_WATCH_H

/* Begins to watch: from now on, an unexpected end of the process prints `line`. Call it again with
 * another line when the line has changed. */
void mpi_watch_begin(const char *line);

/* Prints the line, once. For code that runs when the process ends. Returns only if the process is
 * not watched, or after the line. */
void mpi_watch_tell(void);

/* Stops watching, because the process is about to end on purpose. */
void mpi_watch_end(void);

#endif
