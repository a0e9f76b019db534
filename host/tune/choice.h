/* Picks the winners from the times of all candidates. It needs neither a clock nor a device. */
#ifndef WEFT_TUNE_CHOICE_H
#define WEFT_TUNE_CHOICE_H

#include "tune/candidates.h"
#include "weft_device.h"

/* Chooses the CLBlast setting, of which a device has one, and the fastest way to compute each
 * product under it. The winning setting has the shortest total time over the products that were
 * timed under all settings. A setting that failed anywhere is excluded.
 *
 * A setting that no winner uses is not chosen. It would also apply to other networks, for which it
 * was not measured. Idle candidates do not count.
 *
 * Marks the winners and adds them to `best`. A product has no winner if any algorithm other than
 * the plain one was not tried.
 */
void choose_products(struct tune_candidate *candidates, size_t count, struct record_tuning *best);

/* Chooses between the two ways to run the step, marks the winner, and adds it to `best`. */
void choose_step(struct tune_candidate *candidates, size_t count, struct record_tuning *best);

#endif
