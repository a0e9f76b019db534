/* Scales of features and targets. See scaling.h. */
#include "train/scaling.h"

#include "base/memory.h"
#include "train/finite.h"

/* ---- which scales ---- */

/* Tells whether the model keeps the scales that it has, or keeps having none. */
static bool keeps_scales(const struct weft_model *model)
{
    return model->scale_settled || model->scale.features > 0 || model->target_scale.features > 0;
}

/* Computes the scales that the options ask for. */
static enum weft_status scales_make(struct scaling *scaling, const struct weft_options *options,
                                    const struct weft_dataset *train)
{
    if (options->scale != WEFT_SCALE_NONE)
        TRY(scale_fit(train, options->scale, &scaling->features));
    return options->task == WEFT_TASK_REGRESS ? scale_fit_targets(train, &scaling->targets)
                                              : WEFT_OK;
}

/* ---- the data sets ---- */

/* Replaces the data set `*set` by a copy with standardized targets. `name` is how messages call
 * it. */
static enum weft_status targets_standardize(const struct scale *scale, const char *name,
                                            const struct weft_dataset **set,
                                            struct weft_dataset *copy)
{
    const struct weft_dataset *own = *set;
    float *targets = NULL; /* [N][C] */
    TRY(NEW_ARRAY(targets, own->samples * own->classes));
    *copy = *own;
    copy->targets = targets;
    *set = copy;
    return scale_targets(scale, name, own, targets);
}

/* Checks that no feature overflows, unless that is known, and standardizes the targets. `what` is
 * the set's name in messages; NULL for the training set, which is called by its own. */
static enum weft_status set_settle(struct scaling *scaling, const struct scale *targets,
                                   const char *what, const struct weft_dataset **set,
                                   struct weft_dataset *copy)
{
    char name[SET_NAME_SIZE];
    const struct weft_dataset *own = *set;
    if (own == NULL)
        return WEFT_OK;
    if (what != NULL)
        set_name_make(what, own, name);
    const char *called = what != NULL ? name : own->name;
    const bool known = what == NULL && scaling->makes && scaling->in_use->safe;
    if (!known)
        TRY(scale_holds_rows(scaling->in_use, called, dataset_rows(own), own->samples, 0));
    if (targets->features == 0)
        return WEFT_OK;
    return targets_standardize(targets, called, set, copy);
}

enum weft_status scaling_settle(struct scaling *scaling, const struct weft_model *model,
                                const struct weft_options *options, bool anew,
                                const struct training_sets *sets)
{
    *scaling = (struct scaling){.sets = *sets};
    scaling->makes = (anew || !keeps_scales(model)) && sets->train != NULL;
    if (scaling->makes)
        TRY(scales_make(scaling, options, sets->train));
    scaling->in_use = scaling->makes ? &scaling->features : &model->scale;
    const struct scale *targets = scaling->makes ? &scaling->targets : &model->target_scale;
    struct training_sets *settled = &scaling->sets;
    TRY(set_settle(scaling, targets, NULL, &settled->train, &scaling->copies[0]));
    TRY(set_settle(scaling, targets, "validation", &settled->validation, &scaling->copies[1]));
    return set_settle(scaling, targets, "test", &settled->test, &scaling->copies[2]);
}

/* ---- what becomes of them ---- */

void scaling_give(struct scaling *scaling, struct weft_model *model)
{
    model->scale_settled = true;
    if (!scaling->makes)
        return;
    scale_reset(&model->scale);
    scale_reset(&model->target_scale);
    model->scale = scaling->features;
    model->target_scale = scaling->targets;
    scaling->features = scaling->targets = (struct scale){.features = 0};
    scaling->in_use = &model->scale;
    scaling->makes = false;
}

void scaling_reset(struct scaling *scaling)
{
    for (size_t i = 0; i < SCALING_SETS; i++)
        memory_free(scaling->copies[i].targets);
    scale_reset(&scaling->features);
    scale_reset(&scaling->targets);
    *scaling = (struct scaling){.makes = false};
}
