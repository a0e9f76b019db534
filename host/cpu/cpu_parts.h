/* The plan for small networks on the CPU: a training step in parts of the batch.
 *
 * A thread takes some samples all the way from their features to their gradient, while they are in
 * its cache. So each sample comes from memory once, and threads wait for each other a few times per
 * step, not several times per operation. The gradients of the parts are then added in order. How a
 * batch is cut depends only on the network and on the size of the batch, so the number of threads
 * changes no bit.
 *
 * batch_gather only notes which samples to take, dense_forward and dense_backward do nothing, and
 * output_delta does all their work.
 */
#ifndef WEFT_CPU_PARTS_H
#define WEFT_CPU_PARTS_H

#include "cpu/cpu_workspace.h"

/* Returns whether the training steps of a plan run in parts if a batch has enough samples. Large
 * networks do not. Batch norm and mixup need the whole batch. Without fused multiply-adds, the BLAS
 * is faster. */
bool cpu_parts_take(const struct workspace_plan *plan);

/* Allocates the arrays of struct cpu_parts, or counts them. Does nothing if the largest batch is
 * too small for parts. */
WEFT_MUST_CHECK enum weft_status cpu_parts_allocate(struct workspace *workspace,
                                                    struct memory_count *count);
void cpu_parts_free(struct workspace *workspace);

/* Returns whether the current batch, whose size is known, runs in parts. */
bool cpu_parts_in_use(const struct workspace *workspace);

/* Gathers the current batch, and computes its losses and its gradient. */
void cpu_parts_run(struct workspace *workspace, const struct loss_rule *rule);

#endif
