/* Shrinks a random training that fails, for as long as it still fails. */
#ifndef WEFT_TESTS_SHRINK_TRAINING_H
#define WEFT_TESTS_SHRINK_TRAINING_H

#include "random_training.h"

/* Returns true if a training shows the fault. */
typedef bool training_faulty(const struct training_recipe *recipe);

/* Removes setting `which`. The value from the preset is usually plainer. */
static inline bool training_cut_setting(struct training_recipe *recipe, size_t which)
{
    if (which >= recipe->count || strcmp(recipe->settings[which].name, "epochs") == 0 ||
        strcmp(recipe->settings[which].name, "hidden") == 0)
        return false;
    recipe->count--;
    for (size_t i = which; i < recipe->count; i++)
        recipe->settings[i] = recipe->settings[i + 1];
    return true;
}

/* Removes the last value of a list. A single value of hidden or epochs becomes its `least`. */
static inline bool training_cut_value(struct training_recipe *recipe, size_t which)
{
    if (which >= recipe->count)
        return false;
    struct setting *setting = &recipe->settings[which];
    const bool hidden = strcmp(setting->name, "hidden") == 0;
    const char *least = hidden ? "none" : "1";
    char *comma = strrchr(setting->value, ',');
    if (comma != NULL)
        *comma = '\0';
    else if ((!hidden && strcmp(setting->name, "epochs") != 0) ||
             strcmp(setting->value, least) == 0)
        return false;
    else
        snprintf(setting->value, sizeof setting->value, "%s", least);
    return true;
}

/* Halves a size of the data, or reduces it by one. */
static inline bool training_cut_size(struct training_recipe *recipe, size_t which)
{
    size_t *const sizes[] = {&recipe->samples,  &recipe->height,  &recipe->width,
                             &recipe->channels, &recipe->outputs, &recipe->validation};
    const size_t count = sizeof sizes / sizeof *sizes, least = which % count == 5 ? 0 : 1;
    if (which >= 2 * count || *sizes[which % count] <= least)
        return false;
    *sizes[which % count] = which < count ? *sizes[which] / 2 : *sizes[which - count] - 1;
    return true;
}

/* Returns the smallest training like `recipe` that shows the fault. `recipe` must show it. */
static inline struct training_recipe training_shrink(struct training_recipe recipe,
                                                     training_faulty *fails)
{
    static bool (*const cuts[])(struct training_recipe * recipe, size_t which) = {
        training_cut_setting, training_cut_value, training_cut_size};
    for (size_t c = 0; c < sizeof cuts / sizeof *cuts; c++)
        for (size_t which = 0; which < MOST_SETTINGS; which++) {
            struct training_recipe smaller = recipe;
            if (!cuts[c](&smaller, which) || !fails(&smaller))
                continue;
            recipe = smaller;
            c = 0; /* start again, because more may be removable now */
            which = SIZE_MAX;
        }
    return recipe;
}

#endif
