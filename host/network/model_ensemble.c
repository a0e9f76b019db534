/* Ensembles in memory and in files; see model_ensemble.h. */
#include "network/model_ensemble.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "data/schema.h"
#include "network/model_tensors.h"

enum { NAME_SIZE = 96 };
static const char members_begin[] = "members.";

static void prefix_of(size_t member, char prefix[NAME_SIZE])
{
    snprintf(prefix, NAME_SIZE, "%s%zu.", members_begin, member);
}

/* ---- in memory ---- */

static bool same_numbers(const float *a, const float *b, size_t count)
{
    return count == 0 || memcmp(a, b, count * sizeof *a) == 0;
}

static bool same_scale(const struct scale *a, const struct scale *b)
{
    return a->features == b->features && same_numbers(a->mean, b->mean, a->features) &&
           same_numbers(a->std, b->std, a->features);
}

static bool same_network(const struct weft_model *a, const struct weft_model *b)
{
    const struct network *one = &a->network, *other = &b->network;
    if (one->layer_count != other->layer_count || one->head != other->head ||
        one->task != other->task || one->parameter_count != other->parameter_count ||
        a->classes != b->classes || a->article_quirks != b->article_quirks ||
        !same_scale(&a->scale, &b->scale) || !same_scale(&a->target_scale, &b->target_scale))
        return false;
    for (size_t l = 0; l < one->layer_count; l++)
        if (one->layers[l].inputs != other->layers[l].inputs ||
            one->layers[l].outputs != other->layers[l].outputs ||
            one->layers[l].activation != other->layers[l].activation ||
            one->layers[l].bias != other->layers[l].bias ||
            one->layers[l].batch_norm != other->layers[l].batch_norm)
            return false;
    return schema_equal(a->schema, b->schema);
}

static bool has_member(const struct weft_model *model, const struct weft_model *member)
{
    for (size_t m = 0; m < model->member_count; m++)
        if (model->members[m] == member)
            return true;
    return false;
}

static void state_forget(struct weft_model *model)
{
    memory_free(model->state);
    model->state = NULL;
}

enum weft_status weft_model_add_member(struct weft_model *model, struct weft_model *member)
{
    struct weft_model **grown = NULL;
    if (member == model || member->member_count > 0 || !same_network(model, member))
        return fail(WEFT_ERROR_USAGE,
                    "ensemble: need different members of the same network and scaling");
    if (has_member(model, member)) /* Each member is destroyed once. */
        return fail(WEFT_ERROR_USAGE, "ensemble: already has this member");
    if (model->member_count == ENSEMBLE_MOST)
        return fail(WEFT_ERROR_USAGE, "ensemble: got more than %d members", ENSEMBLE_MOST + 1);
    TRY(NEW_ARRAY(grown, model->member_count + 1));
    if (model->member_count > 0)
        memcpy(grown, model->members, model->member_count * sizeof *grown);
    grown[model->member_count++] = member;
    memory_free(model->members);
    model->members = grown;
    state_forget(model); /* an ensemble is not trained any more */
    state_forget(member);
    return WEFT_OK;
}

enum weft_status weft_model_predict_mirrored(struct weft_model *model, size_t width,
                                             size_t channels)
{
    const size_t features = network_features(&model->network);
    if (width > 0 &&
        (channels == 0 || features % channels != 0 || features / channels % width != 0))
        return fail(WEFT_ERROR_USAGE, "mirrored images: %zu features are not rows of %zu x %zu",
                    features, width, channels);
    model->mirror_width = width;
    model->mirror_channels = channels;
    return WEFT_OK;
}

/* ---- files ---- */

static enum weft_status member_write(const struct weft_model *member, size_t number,
                                     struct safetensors *own, struct safetensors *file)
{
    char name[NAME_SIZE];
    prefix_of(number, name);
    const size_t length = strlen(name);
    TRY(model_tensors_write(member, own));
    for (size_t i = 0; i < own->tensor_count; i++) {
        const struct safetensor *tensor = &own->tensors[i];
        if (model_tensor_is_shared(tensor->name))
            continue;
        snprintf(name + length, sizeof name - length, "%s", tensor->name);
        TRY(safetensors_add(file, name, tensor->values, tensor->shape, tensor->dimensions));
    }
    return WEFT_OK;
}

enum weft_status ensemble_write(const struct weft_model *model, struct safetensors *file)
{
    for (size_t m = 0; m < model->member_count; m++) {
        struct safetensors own = {0};
        const enum weft_status status = member_write(model->members[m], m + 1, &own, file);
        safetensors_reset(&own);
        TRY(status);
    }
    return WEFT_OK;
}

/* Returns K for a name such as "members.K.layers.0.weight", and 0 for any other name. Member 0 is
 * the first model, which accepts only the tensors of its own layers. */
static size_t member_of(const char *name)
{
    const size_t begin = sizeof members_begin - 1;
    size_t member = 0;
    if (strncmp(name, members_begin, begin) != 0 || name[begin] == '0')
        return 0;
    for (name += begin; *name >= '0' && *name <= '9' && member <= ENSEMBLE_MOST; name++)
        member = 10 * member + (size_t)(*name - '0');
    return *name == '.' ? member : 0;
}

bool ensemble_has_members(const struct safetensors *file)
{
    for (size_t i = 0; i < file->tensor_count; i++)
        if (member_of(file->tensors[i].name) > 0)
            return true;
    return false;
}

enum weft_status ensemble_view(const struct safetensors *file, size_t member,
                               struct safetensors *view)
{
    char prefix[NAME_SIZE] = "";
    if (member > 0)
        prefix_of(member, prefix);
    const size_t length = strlen(prefix);
    *view = (struct safetensors){.entry_count = file->entry_count, .entries = file->entries};
    TRY(NEW_ARRAY(view->tensors, file->tensor_count));
    for (size_t i = 0; i < file->tensor_count; i++) {
        if (member_of(file->tensors[i].name) != member)
            continue;
        view->tensors[view->tensor_count] = file->tensors[i];
        view->tensors[view->tensor_count++].name += length;
    }
    return WEFT_OK;
}

/* Checks the tensors of a member, or reads them if `read` is true. */
static enum weft_status member_take(const char *path, const struct safetensors *file, size_t number,
                                    bool read, struct weft_model *member)
{
    struct safetensors view;
    char prefix[NAME_SIZE];
    prefix_of(number, prefix);
    TRY(ensemble_view(file, number, &view));
    const struct tensor_source source = {.path = path, .file = &view, .prefix = prefix};
    const struct tensor_scales none = {.features = false};
    const enum weft_status status = read ? model_tensors_read(source, TENSORS_EXACT, none, member)
                                         : model_tensors_check(source, TENSORS_EXACT, none, member);
    memory_free(view.tensors);
    return status;
}

/* Checks that no tensor belongs to a member beyond the last. */
static enum weft_status check_members(const char *path, const struct safetensors *file,
                                      size_t count)
{
    for (size_t i = 0; i < file->tensor_count; i++)
        if (member_of(file->tensors[i].name) > count)
            return fail(WEFT_ERROR_MODEL, "%s: %s: has no place in an ensemble of %zu", path,
                        file->tensors[i].name, count + 1);
    return WEFT_OK;
}

enum weft_status ensemble_allocate(const char *path, const struct safetensors *file,
                                   const struct model_shape *shape, size_t count,
                                   struct weft_model *model)
{
    TRY(check_members(path, file, count));
    TRY(NEW_ARRAY(model->members, count));
    for (; model->member_count < count; model->member_count++) {
        struct weft_model **member = &model->members[model->member_count];
        TRY(model_allocate(shape, member));
        const enum weft_status status =
            member_take(path, file, model->member_count + 1, false, *member);
        if (status != WEFT_OK) {
            weft_model_destroy(*member);
            return status;
        }
    }
    return WEFT_OK;
}

enum weft_status ensemble_read(const char *path, const struct safetensors *file,
                               struct weft_model *model)
{
    for (size_t m = 0; m < model->member_count; m++)
        TRY(member_take(path, file, m + 1, true, model->members[m]));
    return WEFT_OK;
}
