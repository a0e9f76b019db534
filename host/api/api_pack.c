/* Implements weft_pack, weft_dataset_pack and weft_dataset_map: data larger than memory. */
#include <string.h>

#include "api/data_reading.h"
#include "base/memory.h"
#include "base/memory_spool.h"
#include "network/model_file.h"
#include "pack/pack.h"

/* Stores the folder of `path` in a new string. */
static enum weft_status folder_of(const char *path, char **folder)
{
    const char *slash = strrchr(path, '/');
    TRY(text_copy(slash != NULL ? path : ".", folder));
    if (slash != NULL)
        (*folder)[size_max((size_t)(slash - path), 1)] = '\0';
    return WEFT_OK;
}

/* Opens the set that is to be packed. */
static enum weft_status open_set(const struct reading *reading, const char *what, bool test,
                                 struct weft_dataset **dataset)
{
    const struct weft_data_options *options = &reading->options;
    struct weft_data_sets sets;
    if (options->model != NULL || options->like != NULL) {
        if (options->holdout > 0.0)
            return fail_option("holdout", NULL, "has no effect on columns that are known already");
        const struct wanted wanted =
            options->model != NULL ? wanted_by_model(options->model) : wanted_beside(options->like);
        return read_wanted(reading, &wanted, what, test, true, dataset);
    }
    TRY(open_sets(reading, what, NULL, &sets));
    *dataset = test && sets.test != NULL ? sets.test : sets.train;
    if (*dataset == sets.train)
        sets.train = NULL;
    else
        sets.test = NULL;
    weft_data_sets_reset(&sets);
    return WEFT_OK;
}

static enum weft_status pack_set(const struct reading *reading, const char *what, bool test,
                                 const char *path, struct weft_pack_info *info)
{
    struct weft_dataset *dataset = NULL;
    TRY(open_set(reading, what, test, &dataset));
    const enum weft_status status = pack_write(dataset, path, info);
    weft_dataset_destroy(dataset);
    return status;
}

enum weft_status weft_pack(const char *what, bool test, const struct weft_data_options *options,
                           const char *path, struct weft_pack_info *info)
{
    struct reading reading;
    char *folder;
    TRY(reading_init(&reading, options));
    reading.packing = true;
    reading.options.map = true;
    TRY(folder_of(path, &folder));
    memory_spool_begin(folder);
    const enum weft_status status = pack_set(&reading, what, test, path, info);
    memory_spool_end();
    memory_free(folder);
    return status;
}

enum weft_status weft_dataset_pack(const struct weft_dataset *dataset, const char *path,
                                   struct weft_pack_info *info)
{
    return pack_write(dataset, path, info);
}

bool weft_model_recognize(const char *path)
{
    bool pack = false;
    return model_file_possible(path) && pack_find(path, &pack) == WEFT_OK && !pack;
}

enum weft_status weft_dataset_map(const char *path, struct weft_dataset **dataset)
{
    return pack_open(path, dataset);
}
