/* Shrinks a random network that fails, for as long as it still fails. */
#ifndef WEFT_TESTS_SHRINK_H
#define WEFT_TESTS_SHRINK_H

#include "random_network.h"

/* Number of places that a cut may have: layers or options. */
enum { MOST_PLACES = MOST_LAYERS + 2 };

/* Returns true if a network shows the fault. */
typedef bool recipe_fails(const struct recipe *recipe);

/* Makes a recipe smaller in one way, at place `which` (a layer, a penalty, an option). Numbers are
 * halved, or reduced by one. Returns false if there is nothing to remove or to halve. */
typedef bool recipe_cut(struct recipe *recipe, size_t which, bool half);

/* Halves *number or reduces it by one, but not below `least`. Returns false if it is at `least`
 * already. */
static inline bool number_cut(size_t *number, size_t least, bool half)
{
    const size_t before = *number, smaller = half ? before / 2 : before - 1;
    if (before <= least)
        return false;
    *number = smaller > least ? smaller : least;
    return true;
}

/* Removes the layer that has widths[which] inputs. */
static inline bool cut_layer(struct recipe *recipe, size_t which, bool half)
{
    if (half || recipe->layers == 1 || which >= recipe->layers)
        return false;
    for (size_t l = which; l < recipe->layers; l++)
        recipe->widths[l] = recipe->widths[l + 1];
    recipe->layers--;
    return true;
}

/* Reduces the features or a hidden layer. */
static inline bool cut_width(struct recipe *recipe, size_t which, bool half)
{
    return which < recipe->layers && number_cut(&recipe->widths[which], 1, half);
}

static inline bool cut_classes(struct recipe *recipe, size_t which, bool half)
{
    return which == 0 && number_cut(&recipe->widths[recipe->layers], 2, half);
}

static inline bool cut_batch(struct recipe *recipe, size_t which, bool half)
{
    return which == 0 && number_cut(&recipe->batch, 1, half);
}

static inline bool cut_before(struct recipe *recipe, size_t which, bool half)
{
    return which == 0 && number_cut(&recipe->before, 0, half);
}

static inline bool cut_penalty(struct recipe *recipe, size_t which, bool half)
{
    float *const penalties[] = {&recipe->l1, &recipe->l2, &recipe->dropout};
    if (half || which >= 3 || *penalties[which] == 0.0f)
        return false;
    *penalties[which] = 0.0f;
    return true;
}

static inline bool cut_option(struct recipe *recipe, size_t which, bool half)
{
    bool *const options[] = {&recipe->bias, &recipe->true_class_only, &recipe->ordered,
                             &recipe->sum,  &recipe->smooth,          &recipe->norm};
    if (half || which >= sizeof options / sizeof *options || !*options[which])
        return false;
    *options[which] = false;
    return true;
}

/* Takes the previous activation in their list, which begins with the plainest. */
static inline bool cut_activation(struct recipe *recipe, size_t which, bool half)
{
    if (half || which + 1 >= recipe->layers || recipe->activations[which] == 0)
        return false;
    recipe->activations[which]--;
    return true;
}

/* Replaces the recipe by the first smaller one that still fails. Returns false if there is none. */
static inline bool recipe_shrink_once(struct recipe *recipe, recipe_fails *fails)
{
    static recipe_cut *const cuts[] = {cut_layer,  cut_width,   cut_batch,  cut_classes,
                                       cut_before, cut_penalty, cut_option, cut_activation};
    for (int half = 1; half >= 0; half--)
        for (size_t c = 0; c < sizeof cuts / sizeof *cuts; c++)
            for (size_t which = 0; which < MOST_PLACES; which++) {
                struct recipe smaller = *recipe;
                if (!cuts[c](&smaller, which, half == 1) || !fails(&smaller))
                    continue;
                *recipe = smaller;
                return true;
            }
    return false;
}

/* Returns the smallest failing network like `recipe`, which must fail. Nothing more can be removed
 * from it. */
static inline struct recipe recipe_shrink(struct recipe recipe, recipe_fails *fails)
{
    while (recipe_shrink_once(&recipe, fails))
        ;
    return recipe;
}

#endif
