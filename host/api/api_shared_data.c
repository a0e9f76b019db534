/* Implements weft_ranks_open_data: the ranks of a machine read their data once, and share it.
 *
 * Ranks of one machine that name the same data are a group. Its first rank, the leader, reads the
 * data and packs each set into a temporary file; see base/shared_file.h. All ranks of the group map
 * these files. The system therefore holds one copy of the samples. If the files are on a disk, it
 * may drop pages of them. Files that are mapped anyway are not copied: every rank opens them. If a
 * file cannot be written, every rank reads the data by itself.
 *
 * Four exchanges keep the ranks together: that all are ready, what each of them reads, what its
 * leader has, and that all have opened it. No rank leaves before the last one, whatever fails. */
#include <stdio.h>
#include <string.h>

#include "api/data_reading.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/memory.h"
#include "pack/pack.h"
#include "ranks/ranks.h"

enum { SETS = 3, TEST_SET = 2, NAME_BYTES = 1024 };

/* A data set in a shared file. Names may be cut: they are for messages. */
struct shared_set {
    bool present;
    char name[NAME_BYTES], labels_name[NAME_BYTES]; /* "": as `name` */
    struct shared_file file;
};

/* What a leader tells its group. */
struct share {
    enum weft_status status;
    bool training_shared, test_shared; /* otherwise, every rank reads that data by itself */
    bool packed;                       /* the training data; see open_beside */
    char option[32], line[NAME_BYTES]; /* of a failure */
    struct shared_set sets[SETS];
};

/* One call of weft_ranks_open_data. */
struct opening {
    struct weft_ranks *ranks; /* borrowed */
    struct weft_ranks_info info;
    const char *what, *test;       /* borrowed */
    const struct reading *reading; /* borrowed */
    struct weft_data_sets *sets;   /* borrowed; the result */
    struct share own;              /* of a leader */
    struct share *shares;          /* [ranks] owned */
    uint64_t *keys;                /* [ranks] owned; equal for ranks with the same data */
    unsigned char *done;           /* [ranks] owned */
    size_t leader;                 /* the rank that reads for this one */
    bool leads;                    /* this rank reads for others */
};

static struct weft_dataset **set_of(struct weft_data_sets *sets, size_t set)
{
    struct weft_dataset **const all[SETS] = {&sets->train, &sets->validation, &sets->test};
    return all[set];
}

/* ---- groups ---- */

static uint64_t digest_of_text(uint64_t digest, const char *text)
{
    return text != NULL ? digest_text(digest_bytes(digest, "t", 1), text)
                        : digest_bytes(digest, "n", 1);
}

static bool is_packed(const char *what)
{
    bool packed = false;
    return pack_find(what, &packed) == WEFT_OK && packed;
}

/* Tells whether all data are packed already. Every rank then maps the files, all at once. */
static bool maps_anyway(const struct opening *opening)
{
    return opening->reading->options.map && is_packed(opening->what) &&
           (opening->test == NULL || is_packed(opening->test));
}

/* Digests what this rank was told to read. The model of the options is not digested: it must fit
 * the data in any case. */
static uint64_t key_of(const struct opening *opening)
{
    const struct weft_data_options *of = &opening->reading->options;
    const char *const files[] = {opening->what, opening->test, of->labels};
    const char *const texts[] = {of->target, of->ignore,  of->id, of->weight, of->categorical,
                                 of->keep,   of->missing, of->x,  of->y};
    const uint64_t numbers[] = {
        of->task_given,   of->task,         of->impute,        of->strict,      of->no_header,
        of->image_height, of->grayscale,    of->map,           of->no_stratify, of->image_width,
        of->seed,         of->impute_given, of->model != NULL, of->like != NULL};
    const char characters[] = {of->delimiter, of->decimal};
    const size_t own = opening->info.rank;
    uint64_t digest = digest_bytes(DIGEST_START, numbers, sizeof numbers);
    digest = digest_bytes(digest, characters, sizeof characters);
    digest = digest_bytes(digest, &of->holdout, sizeof of->holdout);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        digest = digest_of_text(digest, texts[i]);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        digest = path_digest(digest_of_text(digest, files[i]), files[i]);
    return maps_anyway(opening) ? digest_bytes(digest, &own, sizeof own) : digest;
}

/* Tells whether two ranks are in a group. */
static bool are_together(const struct opening *opening, size_t a, size_t b)
{
    return opening->keys[a] == opening->keys[b] &&
           strcmp(weft_ranks_host(opening->ranks, a), weft_ranks_host(opening->ranks, b)) == 0;
}

static enum weft_status find_group(struct opening *opening)
{
    const size_t own = opening->info.rank;
    const uint64_t key = key_of(opening);
    TRY(weft_ranks_gather(opening->ranks, &key, sizeof key, opening->keys));
    while (!are_together(opening, opening->leader, own))
        opening->leader++;
    for (size_t r = own + 1; r < opening->info.ranks && opening->leader == own; r++)
        opening->leads = opening->leads || are_together(opening, r, own);
    return WEFT_OK;
}

/* ---- a shared set ---- */

/* Maps a shared file. Messages name where the data came from. */
static enum weft_status map_set(const struct shared_set *set, const char *path,
                                struct weft_dataset **dataset)
{
    struct weft_dataset *mapped = NULL;
    char *name = NULL;
    TRY(pack_open(path, &mapped));
    enum weft_status status = WEFT_OK;
    if (set->labels_name[0] != '\0')
        status = dataset_name_labels(mapped, set->labels_name);
    if (status == WEFT_OK)
        status = text_copy(set->name, &name);
    if (status != WEFT_OK) {
        weft_dataset_destroy(mapped);
        return status;
    }
    memory_free(mapped->name);
    mapped->name = name;
    *dataset = mapped;
    return WEFT_OK;
}

/* Shares a set of the leader, which itself maps the file from then on, unless the caller wants the
 * samples in memory. */
static enum weft_status share_set(const struct opening *opening, struct weft_dataset **dataset,
                                  struct shared_set *set)
{
    struct weft_dataset *const read = *dataset;
    char path[SHARED_FILE_PATH];
    snprintf(set->name, sizeof set->name, "%s", read->name);
    if (read->labels_name != NULL)
        snprintf(set->labels_name, sizeof set->labels_name, "%s", read->labels_name);
    TRY(pack_share(read, &set->file));
    set->present = true;
    if (!opening->reading->options.map || !shared_file_path(&set->file, path))
        return WEFT_OK;
    TRY(map_set(set, path, dataset));
    weft_dataset_destroy(read);
    return WEFT_OK;
}

static void close_files(struct share *share)
{
    for (size_t i = 0; i < SETS; i++) {
        if (share->sets[i].present)
            shared_file_close(&share->sets[i].file);
        share->sets[i].present = false;
    }
}

/* ---- the leader ---- */

static enum weft_status open_test(const struct opening *opening, bool packed)
{
    return opening->test != NULL
               ? open_beside(opening->reading, packed, opening->test, opening->sets)
               : WEFT_OK;
}

static enum weft_status open_all(const struct opening *opening, bool *packed)
{
    TRY(open_training(opening->reading, opening->what, opening->test != NULL, opening->sets,
                      packed));
    return open_test(opening, *packed);
}

/* Shares the sets that do not lie in files that all ranks can map anyway. */
static enum weft_status share_sets(struct opening *opening)
{
    struct share *share = &opening->own;
    const bool training = opening->sets->train->map == NULL;
    const bool test = opening->test != NULL && opening->sets->test->map == NULL;
    for (size_t i = 0; i < SETS; i++) {
        struct weft_dataset **dataset = set_of(opening->sets, i);
        const bool beside = i == TEST_SET && opening->test != NULL;
        if (*dataset != NULL && (beside ? test : training))
            TRY(share_set(opening, dataset, &share->sets[i]));
    }
    share->training_shared = training;
    share->test_shared = test;
    return WEFT_OK;
}

/* Shares what it can. Data that cannot be packed, because of very long names, are not shared; nor
 * are data for which there is no space. */
static enum weft_status try_to_share(struct opening *opening)
{
    const enum weft_status status = share_sets(opening);
    if (status == WEFT_ERROR_IO)
        notes_say(opening->reading->notes, "%s; every rank reads the data by itself", weft_error());
    return status != WEFT_ERROR_DATA && status != WEFT_ERROR_IO ? status : WEFT_OK;
}

/* Reads the data, and notes for the group how that went. */
static enum weft_status lead(struct opening *opening)
{
    struct share *share = &opening->own;
    share->status = open_all(opening, &share->packed);
    if (share->status == WEFT_OK)
        share->status = try_to_share(opening);
    if (share->status == WEFT_OK)
        return WEFT_OK;
    const char *option = weft_error_option();
    snprintf(share->line, sizeof share->line, "%.*s", NAME_BYTES - 1, weft_error());
    snprintf(share->option, sizeof share->option, "%s", option != NULL ? option : "");
    return share->status;
}

/* ---- the others ---- */

/* Makes the paths of all sets. Returns false if this process cannot open one of them. */
static bool find_paths(const struct share *share, char paths[SETS][SHARED_FILE_PATH])
{
    bool found = true;
    for (size_t i = 0; i < SETS && found; i++)
        if (share->sets[i].present)
            found = shared_file_path(&share->sets[i].file, paths[i]);
    return found;
}

/* Takes what the leader shares, and opens the rest. */
static enum weft_status take(const struct opening *opening, const struct share *share,
                             char paths[SETS][SHARED_FILE_PATH])
{
    bool packed = share->packed;
    if (!share->training_shared)
        TRY(open_training(opening->reading, opening->what, opening->test != NULL, opening->sets,
                          &packed));
    for (size_t i = 0; i < SETS; i++)
        if (share->sets[i].present)
            TRY(map_set(&share->sets[i], paths[i], set_of(opening->sets, i)));
    return share->test_shared ? WEFT_OK : open_test(opening, packed);
}

/* Fails as the leader has. The memory of a single process may be limited, so it is named. */
static enum weft_status fail_as_leader(const struct opening *opening)
{
    const struct share *share = &opening->shares[opening->leader];
    if (share->status != WEFT_ERROR_MEMORY)
        return fail_again(share->status, share->option, share->line);
    return fail_rank(share->status, "rank %zu on %s: %s", opening->leader,
                     weft_ranks_host(opening->ranks, opening->leader), share->line);
}

/* Does what its leader does, or fails as it has. */
static enum weft_status follow(struct opening *opening)
{
    const struct share *share = &opening->shares[opening->leader];
    char paths[SETS][SHARED_FILE_PATH];
    bool packed;
    if (share->status != WEFT_OK)
        return fail_as_leader(opening);
    if ((!share->training_shared && !share->test_shared) || !find_paths(share, paths))
        return open_all(opening, &packed);
    return take(opening, share, paths);
}

/* ---- all ranks ---- */

/* Runs between two exchanges, so that no rank leaves early. */
static enum weft_status open_together(struct opening *opening)
{
    const bool follows = opening->leader != opening->info.rank;
    const unsigned char done = 1;
    enum weft_status status = WEFT_OK;
    bool packed;
    if (!follows)
        status = opening->leads ? lead(opening) : open_all(opening, &packed);
    TRY(weft_ranks_gather(opening->ranks, &opening->own, sizeof opening->own, opening->shares));
    if (follows)
        status = follow(opening);
    TRY(weft_ranks_gather(opening->ranks, &done, sizeof done, opening->done));
    return status;
}

static enum weft_status allocate(struct opening *opening)
{
    const size_t ranks = opening->info.ranks;
    TRY(NEW_ARRAY(opening->keys, ranks));
    TRY(NEW_ARRAY(opening->shares, ranks));
    return NEW_ARRAY(opening->done, ranks);
}

/* If one rank cannot begin, none does. A failure about an option of this rank stays one. */
static enum weft_status agree_to_begin(const struct opening *opening, enum weft_status ready)
{
    const char *option = ready != WEFT_OK ? weft_error_option() : NULL;
    char line[NAME_BYTES];
    bool all;
    snprintf(line, sizeof line, "%.*s", NAME_BYTES - 1, weft_error());
    const enum weft_status agreed = weft_ranks_agree(opening->ranks, ready, line, 0.0, &all);
    return option != NULL ? fail_again(ready, option, line) : agreed;
}

/* `ready` tells whether this rank has taken its options. */
static enum weft_status open_as_rank(struct opening *opening, enum weft_status ready)
{
    if (ready == WEFT_OK)
        ready = allocate(opening);
    TRY(agree_to_begin(opening, ready));
    TRY(find_group(opening));
    return open_together(opening);
}

enum weft_status weft_ranks_open_data(struct weft_ranks *ranks, const char *what, const char *test,
                                      const struct weft_data_options *options,
                                      struct weft_data_sets *sets)
{
    struct reading reading;
    struct opening opening = {
        .ranks = ranks, .what = what, .test = test, .reading = &reading, .sets = sets};
    *sets = (struct weft_data_sets){.train = NULL};
    weft_ranks_get_info(ranks, &opening.info);
    enum weft_status status = reading_init(&reading, options);
    if (opening.info.ranks > 1)
        status = open_as_rank(&opening, status);
    else if (status == WEFT_OK)
        status = open_sets(&reading, what, test, sets);
    close_files(&opening.own);
    memory_free(opening.done);
    memory_free(opening.shares);
    memory_free(opening.keys);
    if (status != WEFT_OK)
        weft_data_sets_reset(sets);
    return status;
}
