/* Adds the gradients of slices in the order of a tree; see slice_tree.h. */
#include "train/slice_tree.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "base/clones.h"
#include "base/parallel.h"
#include "train/slice_group.h"

/* Numbers that stay in the cache of a core while all nodes are added. */
enum { PART_NUMBERS = 4096, SHARED_NUMBERS = 16 * PART_NUMBERS };

/* A node that reaches the last slice is its own parent if it is a left child. */
static bool widens(const struct slice_tree *tree, const struct slice_node *node)
{
    const bool left = (node->first >> node->level & 1) == 0;
    return left && node->first > 0 && tree->slices - node->first <= (size_t)1 << node->level;
}

static bool are_siblings(const struct slice_node *left, const struct slice_node *right)
{
    return left->level == right->level && (right->first >> right->level & 1) == 1;
}

size_t slice_tree_append(struct slice_tree *tree, struct slice_node node)
{
    size_t additions = 0;
    assert(tree->count < SLICE_TREE_NODES);
    tree->nodes[tree->count++] = node;
    for (;;) {
        struct slice_node *last = &tree->nodes[tree->count - 1];
        if (widens(tree, last)) {
            last->level++;
        } else if (tree->count > 1 && are_siblings(last - 1, last)) {
            tree->count--;
            tree->nodes[tree->count - 1].level++;
            additions++;
        } else {
            return additions;
        }
    }
}

size_t slice_tree_make(struct slice_tree *tree, size_t slices, size_t first, size_t count)
{
    size_t most = 0;
    *tree = (struct slice_tree){.slices = slices};
    for (size_t s = first; s < first + count; s++) {
        const size_t before = tree->count;
        const size_t additions = slice_tree_append(tree, (struct slice_node){.first = s});
        const size_t held = before + (additions == 0);
        most = held > most ? held : most;
    }
    return most;
}

void slice_tree_of_rank(struct slice_tree *tree, size_t slices, size_t ranks, size_t rank)
{
    size_t first, count;
    slice_range(slices, ranks, rank, &first, &count);
    (void)slice_tree_make(tree, slices, first, count);
}

/* ---- sums ---- */

size_t slice_tree_additions(size_t slices, size_t ranks, struct slice_addition *additions)
{
    struct slice_tree all = {.slices = slices}, own;
    size_t waiting[SLICE_TREE_NODES], nodes = 0, used = 0; /* the arrays of the nodes of `all` */
    for (size_t r = 0; r < ranks; r++) {
        slice_tree_of_rank(&own, slices, ranks, r);
        for (size_t i = 0; i < own.count; i++) {
            size_t last = all.count;
            waiting[last] = nodes++;
            for (size_t left = slice_tree_append(&all, own.nodes[i]); left > 0; left--, last--)
                if (additions != NULL)
                    additions[used++] = (struct slice_addition){waiting[last - 1], waiting[last]};
        }
    }
    return nodes;
}

struct tree_sum {
    const struct slice_addition *additions;
    size_t count;
    float *const *arrays;
    float *sum;
};

/* x += y */
VECTOR_CLONES static void add_part(float *restrict x, const float *restrict y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] += y[i];
}

static void sum_part(const void *work, size_t first, size_t n)
{
    const struct tree_sum *of = work;
    for (size_t i = 0; i < of->count; i++)
        add_part(of->arrays[of->additions[i].into] + first,
                 of->arrays[of->additions[i].from] + first, n);
    if (of->sum != of->arrays[0])
        memcpy(of->sum + first, of->arrays[0] + first, n * sizeof *of->sum);
}

void slice_tree_sum(const struct slice_addition *additions, size_t count, float *const *arrays,
                    size_t n, float *sum)
{
    const struct tree_sum work = {additions, count, arrays, sum};
    parallel_for(n, PART_NUMBERS, n >= SHARED_NUMBERS, sum_part, &work);
}
