/* The order in which the gradients of slices are added: a tree whose shape depends on S alone.
 *
 * Slices are added in pairs, then pairs of pairs, and so on: S = 5 gives ((0 + 1) + (2 + 3)) + 4.
 * A node of level k has the slices i 2^k up to, but not including, (i + 1) 2^k and S. A rank adds
 * the slices of a node without asking other ranks, if it owns all of them, and sends their sum.
 * So a rank sends a single array if its slices are a node, and few arrays otherwise.
 */
#ifndef WEFT_TRAIN_SLICE_TREE_H
#define WEFT_TRAIN_SLICE_TREE_H

#include <stddef.h>

/* The nodes of a range of slices are at most two of each level. */
enum { SLICE_TREE_NODES = 128 };

/* Slices first .. first + 2^level - 1, as far as there are slices. */
struct slice_node {
    size_t first;
    unsigned level;
};

/* Neighboring nodes that cannot be added to each other. */
struct slice_tree {
    size_t slices; /* S */
    size_t count;
    struct slice_node nodes[SLICE_TREE_NODES];
};

/* Appends a node that begins where the last one ends. A slice is a node of level 0. Returns how
 * many additions follow: each adds the last array to the one before it. */
size_t slice_tree_append(struct slice_tree *tree, struct slice_node node);

/* Makes the nodes of slices first .. first + count - 1. Returns the number of arrays that adding
 * the slices one after the other needs. A slice that can be added at once needs none. */
size_t slice_tree_make(struct slice_tree *tree, size_t slices, size_t first, size_t count);

/* Makes the nodes of a rank of `ranks`. */
void slice_tree_of_rank(struct slice_tree *tree, size_t slices, size_t ranks, size_t rank);

/* Array number `from` is added to array number `into`. */
struct slice_addition {
    size_t into, from;
};

/* Returns the number of nodes that all ranks have. `additions`, unless it is NULL, receives one
 * addition less: those that add the nodes of all ranks, which are numbered in order. Array 0
 * receives the sum. */
size_t slice_tree_additions(size_t slices, size_t ranks, struct slice_addition *additions);

/* Runs `count` additions of arrays [n]. `sum` [n] receives array 0, and may be that array. */
void slice_tree_sum(const struct slice_addition *additions, size_t count, float *const *arrays,
                    size_t n, float *sum);

#endif
