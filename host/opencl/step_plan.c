/* Chooses the plan of a training step; see step_plan.h. */
#include "opencl/step_plan.h"

static const struct step_plan *const plans[STEP_RULES] = {[STEP_BY_OPERATION] = &step_by_operation,
                                                          [STEP_FUSED] = &step_fused,
                                                          [STEP_MIDDLE] = &step_middle};

const struct step_plan *step_plan_of(enum step_rule rule)
{
    return plans[rule];
}

/* The plan that tuned rules select, or the default of the device. */
static enum step_rule wanted_rule(const struct opencl_device *device,
                                  const struct workspace_plan *plan)
{
    const enum step_rule tuned =
        plan->products == WEFT_GEMM_AUTO
            ? product_rules_step(&device->rules, plan->network, plan->batch)
            : STEP_SHIPPED;
    if (tuned != STEP_SHIPPED)
        return tuned;
    if (plan->products == WEFT_GEMM_CLBLAST)
        return STEP_BY_OPERATION;
    return opencl_is_cpu(device) ? STEP_FUSED : STEP_MIDDLE;
}

const struct step_plan *step_plan_choose(const struct opencl_device *device,
                                         const struct workspace_plan *plan)
{
    const enum step_rule wanted =
        plan->by_operation ? STEP_BY_OPERATION : wanted_rule(device, plan);
    const bool usable = !device->step_wrong[wanted] && plans[wanted]->takes(device, plan);
    return usable ? plans[wanted] : &step_by_operation;
}

size_t step_plan_product_layers(const struct weft_device *base, const struct workspace_plan *plan)
{
    const struct opencl_device *device = (const struct opencl_device *)base;
    return step_plan_choose(device, plan)->product_layers(plan->network);
}

/* Only CPUs have rules for steps; see products_rules_take. */
void step_plan_choices(struct weft_device *base, const struct workspace_plan *plan,
                       struct step_choices *choices)
{
    const struct opencl_device *device = opencl_from(base);
    const struct step_plan *chosen = step_plan_choose(device, plan);
    choices->fusible = opencl_is_cpu(device) && step_fused.takes(device, plan);
    choices->layers =
        (choices->fusible ? &step_by_operation : chosen)->product_layers(plan->network);
}
