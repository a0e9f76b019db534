/* Chooses the winners. See choice.h. The candidates of a group are adjacent. */
#include "tune/choice.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Returns the end of the group that starts at candidate `first`. */
static size_t group_end(const struct tune_candidate *candidates, size_t count, size_t first)
{
    size_t end = first;
    while (end < count && candidates[end].group == candidates[first].group)
        end++;
    return end;
}

/* ---- CLBlast settings ---- */

/* Returns true if a CLBlast product failed under this setting. */
static bool setting_failed(const struct tune_candidate *candidates, size_t count,
                           const char *setting)
{
    for (size_t i = 0; i < count; i++)
        if (candidates[i].out && strcmp(candidates[i].algorithm.setting, setting) == 0)
            return true;
    return false;
}

/* Returns true if candidates [first, end) were timed under every setting that has not failed. */
static bool comparable(const struct tune_candidate *candidates, size_t count, size_t first,
                       size_t end)
{
    for (size_t i = first; i < end; i++) {
        const struct tune_candidate *candidate = &candidates[i];
        if (candidate->algorithm.setting[0] != '\0' && candidate->rounds == 0 && !candidate->out &&
            !setting_failed(candidates, count, candidate->algorithm.setting))
            return false;
    }
    return true;
}

/* Returns the time of the fastest candidate of a group under the setting, or infinity if there is
 * none. */
static double group_seconds(const struct tune_candidate *group, size_t count, const char *setting)
{
    double shortest = HUGE_VAL;
    for (size_t i = 0; i < count; i++)
        if (strcmp(group[i].algorithm.setting, setting) == 0)
            shortest = fmin(shortest, tune_candidate_seconds(&group[i]));
    return shortest;
}

/* Returns the total time under the setting over all comparable groups, or infinity if there are
 * none. */
static double setting_seconds(const struct tune_candidate *candidates, size_t count,
                              const char *setting)
{
    double sum = 0.0;
    if (setting_failed(candidates, count, setting))
        return HUGE_VAL;
    for (size_t first = 0, end; first < count; first = end) {
        end = group_end(candidates, count, first);
        if (candidates[first].idle || !comparable(candidates, count, first, end))
            continue;
        const double seconds = group_seconds(&candidates[first], end - first, setting);
        sum += seconds < HUGE_VAL ? seconds : 0.0;
    }
    return sum > 0.0 ? sum : HUGE_VAL;
}

static void choose_setting(const struct tune_candidate *candidates, size_t count, char setting[48])
{
    double best = HUGE_VAL;
    setting[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        const char *name = candidates[i].algorithm.setting;
        const double seconds =
            name[0] != '\0' ? setting_seconds(candidates, count, name) : HUGE_VAL;
        if (seconds < best) {
            best = seconds;
            snprintf(setting, 48, "%s", name);
        }
    }
}

/* ---- winners ---- */

/* Returns the fastest candidate of a group under `setting`. Returns NULL if none is right, or if
 * any candidate other than the plain one was not tried. */
static struct tune_candidate *fastest(struct tune_candidate *group, size_t count,
                                      const char *setting)
{
    struct tune_candidate *best = NULL;
    double shortest = HUGE_VAL;
    for (size_t i = 0; i < count; i++) {
        const struct tune_algorithm *algorithm = &group[i].algorithm;
        const double seconds = tune_candidate_seconds(&group[i]);
        if (group[i].rounds == 0 && !group[i].out && !tune_candidate_is_plain(&group[i]))
            return NULL;
        if (seconds < shortest &&
            (algorithm->setting[0] == '\0' || strcmp(algorithm->setting, setting) == 0)) {
            shortest = seconds;
            best = &group[i];
        }
    }
    if (best != NULL)
        best->told.winner = true;
    return best;
}

void choose_products(struct tune_candidate *candidates, size_t count, struct record_tuning *best)
{
    bool in_use = false;
    choose_setting(candidates, count, best->setting);
    for (size_t first = 0, end; first < count; first = end) {
        end = group_end(candidates, count, first);
        struct tune_candidate *winner =
            candidates[first].idle ? NULL : fastest(&candidates[first], end - first, best->setting);
        if (winner == NULL)
            continue;
        in_use = in_use || winner->algorithm.setting[0] != '\0';
        winner->product.gflops = 1e-9 * winner->operations / tune_candidate_seconds(winner);
        record_tuning_add_product(best, &winner->product);
    }
    if (!in_use)
        best->setting[0] = '\0';
}

void choose_step(struct tune_candidate *candidates, size_t count, struct record_tuning *best)
{
    struct tune_candidate *winner = fastest(candidates, count, best->setting);
    if (winner == NULL)
        return;
    winner->step.gflops = 1e-9 * winner->operations / tune_candidate_seconds(winner);
    record_tuning_add_step(best, &winner->step);
}
