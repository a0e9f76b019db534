/* Repairs of a device that computes wrong results; see repair.h. */
#include "opencl/repair.h"

#include <stdio.h>
#include <string.h>

#include "opencl/products.h"
#include "opencl/step_plan.h"

/* The size of a name in messages and records. */
enum { NAME_SIZE = sizeof(((struct repair_change *)NULL)->wrong) };

static void setting_name(const char *setting, char name[NAME_SIZE])
{
    snprintf(name, NAME_SIZE, "CLBlast setting %.24s", setting);
}

static void engine_name(const struct opencl_device *device, enum product_engine engine,
                        char name[NAME_SIZE])
{
    if (engine == ENGINE_CLBLAST)
        setting_name(products_setting_name(device), name);
    else
        snprintf(name, NAME_SIZE, "%s products", product_engine_name(engine));
}

bool repair_has_setting(const struct record_repair *repair, const char *setting)
{
    char name[NAME_SIZE];
    setting_name(setting, name);
    return record_repair_has(repair, name);
}

void repair_take(struct opencl_device *device, const struct record_repair *repair)
{
    char name[NAME_SIZE];
    bool steps_alone = true;
    for (int e = 0; e < ENGINE_COUNT; e++) {
        engine_name(device, (enum product_engine)e, name);
        device->engine_wrong[e] = e != ENGINE_CLBLAST && record_repair_has(repair, name);
        steps_alone = steps_alone && !device->engine_wrong[e];
    }
    for (int s = STEP_BY_OPERATION; s < STEP_RULES; s++) {
        const char *step = step_plan_of((enum step_rule)s)->name;
        device->step_wrong[s] = step != NULL && record_repair_has(repair, step);
    }
    device->products_repaired = !steps_alone || strstr(repair->wrong, "CLBlast") != NULL;
    device->stand_in = device->clblast ? ENGINE_CLBLAST : ENGINE_PLAIN;
}

/* Returns false if the step ran by operation already. */
static bool step_repair(struct opencl_device *device, char wrong[NAME_SIZE])
{
    const struct step_plan *ran = device->last_step;
    if (ran == NULL || ran->name == NULL)
        return false;
    snprintf(wrong, NAME_SIZE, "%s", ran->name);
    device->step_wrong[ran->rule] = true;
    return true;
}

/* Sets *found to false if no engine is left. */
static enum weft_status product_repair(struct opencl_device *device, char wrong[NAME_SIZE],
                                       bool *found)
{
    const enum product_engine engine = products_last_engine(device);
    engine_name(device, engine, wrong);
    if (engine == ENGINE_CLBLAST) {
        TRY(products_next_setting(device, found));
    } else {
        device->engine_wrong[engine] = true;
        *found = products_last_engine(device) != engine;
    }
    device->products_repaired = true;
    device->stand_in = products_last_engine(device);
    return WEFT_OK;
}

static void use_tell(const struct opencl_device *device, struct repair_change *change)
{
    char products[NAME_SIZE] = "";
    bool steps = false;
    for (int s = 0; s < STEP_RULES; s++)
        steps = steps || device->step_wrong[s];
    if (device->products_repaired)
        engine_name(device, device->stand_in, products);
    snprintf(change->use, sizeof change->use, "%s%s%s", products,
             products[0] != '\0' && steps ? ", " : "", steps ? "steps by operation" : "");
    change->setting = products_setting_name(device);
}

enum weft_status opencl_repair(struct weft_device *base, bool step, struct repair_change *change)
{
    struct opencl_device *device = opencl_from(base);
    bool found = true;
    if (step)
        found = step_repair(device, change->wrong);
    else
        TRY(product_repair(device, change->wrong, &found));
    if (!found)
        return fail(WEFT_ERROR_WRONG_RESULT, "%s: no other engine is left", base->info.name);
    use_tell(device, change);
    return WEFT_OK;
}
