/* From the times of all candidates to the winners: no clock, no device. */
#ifndef WEFT_TUNE_CHOICE_H
#define WEFT_TUNE_CHOICE_H

#include "tune/candidates.h"
#include "weft_device.h"

/* Chooses CLBlast's setting (a device has one): that with the shortest sum over the products which
 * all settings were timed at, of those that failed nowhere. Then the fastest way of each product
 * under it. A setting that no product takes is not chosen: it would be in force for other networks,
 * too, and was measured for none of them. Idle ones have no say. Marks the winners and adds them to
 * `best`; a product of which a way was not tried has none, where that is not the plain one. */
void choose_products(struct tune_candidate *candidates, size_t count, struct record_tuning *best);

/* The same of the two ways of the step. */
void choose_step(struct tune_candidate *candidates, size_t count, struct record_tuning *best);

#endif
