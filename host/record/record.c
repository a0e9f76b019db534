/* A record in memory. record_open reads it once, the set functions change it, and record_store
 * writes it to its file. See record.h for the limits of its use. */
#include "record/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "record/record_json.h"
#include "record/record_path.h"

/* Records of Weft are much smaller. The tree of a file of this size stays under 16 MiB. */
enum { LARGEST_RECORD = 1 << 17 };

struct record {
    struct record_key key;
    char *path;                    /* owned; NULL if there is no cache folder */
    bool checked, repaired, tuned; /* whether the members below are valid */
    /* Whether they have changed since the last store. */
    bool check_set, repair_set, tuning_set, speeds_set;
    struct record_check check;
    struct record_repair repair;
    struct record_tuning tuning;
    struct record_speeds speeds; /* always valid; may be empty */
};

static void make_plain(char *text)
{
    for (; *text != '\0'; text++)
        if (*text < ' ' || *text > '~')
            *text = '?';
}

static void make_key_plain(struct record_key *key)
{
    make_plain(key->backend);
    make_plain(key->platform);
    make_plain(key->device);
    make_plain(key->driver);
    make_plain(key->products);
}

/* ---- reading ---- */

/* Reads the tree of the file. `*tree` is NULL if the file is missing or is not a record of this
 * key. Returns WEFT_ERROR_IO if the name exists but cannot be read as a file. */
static enum weft_status tree_read(const struct record *record, json_t **tree)
{
    *tree = NULL;
    struct file_content content;
    enum weft_status status = record_file_read(record->path, LARGEST_RECORD, &content);
    if (status == WEFT_ERROR_DATA || (status == WEFT_ERROR_IO && !file_exists(record->path)))
        return WEFT_OK;
    TRY(status);
    status = record_json_parse(&record->key, (const char *)content.data, content.size, tree);
    memory_free(content.data);
    return status;
}

static enum weft_status record_fill(struct record *record, const struct record_key *key)
{
    json_t *tree;
    record->key = *key;
    make_key_plain(&record->key);
    TRY(record_path("device", &record->key, "json", &record->path));
    if (record->path == NULL)
        return WEFT_OK;
    const enum weft_status status = tree_read(record, &tree);
    if (status == WEFT_ERROR_IO)
        return WEFT_OK;
    TRY(status);
    record->checked = record_json_get_check(tree, &record->check);
    record->repaired = record_json_get_repair(tree, &record->repair);
    record->tuned = record_json_get_tuning(tree, &record->tuning);
    record_json_get_speeds(tree, &record->speeds);
    json_decref(tree);
    return WEFT_OK;
}

enum weft_status record_open(const struct record_key *key, struct record **record)
{
    TRY(NEW_ARRAY(*record, 1));
    const enum weft_status status = record_fill(*record, key);
    if (status != WEFT_OK) {
        record_destroy(*record);
        *record = NULL;
    }
    return status;
}

void record_destroy(struct record *record)
{
    if (record == NULL)
        return;
    memory_free(record->path);
    memory_free(record);
}

const struct record_key *record_key(const struct record *record)
{
    return &record->key;
}

/* ---- the content of a record ---- */

const struct record_check *record_last_check(const struct record *record)
{
    return record != NULL && record->checked ? &record->check : NULL;
}

const struct record_repair *record_last_repair(const struct record *record)
{
    return record != NULL && record->repaired ? &record->repair : NULL;
}

const struct record_tuning *record_last_tuning(const struct record *record)
{
    return record != NULL && record->tuned ? &record->tuning : NULL;
}

const struct record_speeds *record_speeds_of(const struct record *record)
{
    return record != NULL ? &record->speeds : NULL;
}

void record_repair_text(const struct record_repair *repair, char *text, size_t size)
{
    snprintf(text, size, "%s computed wrong; using %s since %s: %s", repair->wrong, repair->use,
             repair->date, repair->fault);
}

bool record_repair_has(const struct record_repair *repair, const char *what)
{
    const size_t length = strlen(what);
    for (const char *item = repair->wrong; item != NULL;) {
        if (strncmp(item, what, length) == 0 && (item[length] == ',' || item[length] == '\0'))
            return true;
        item = strstr(item, ", ");
        item = item != NULL ? item + 2 : NULL;
    }
    return false;
}

void record_repair_add(struct record_repair *repair, const char *what)
{
    const size_t length = strlen(repair->wrong);
    if (!record_repair_has(repair, what))
        snprintf(repair->wrong + length, sizeof repair->wrong - length, "%s%s",
                 length > 0 ? ", " : "", what);
}

void record_set_check(struct record *record, const struct record_check *check)
{
    if (record == NULL)
        return;
    record->checked = check != NULL;
    record->check_set = true;
    if (check == NULL)
        return;
    record->check = *check;
    make_plain(record->check.network);
    if (check->date[0] == '\0')
        clock_date(record->check.date);
}

void record_set_repair(struct record *record, const struct record_repair *repair)
{
    if (record == NULL)
        return;
    record->repaired = repair != NULL;
    record->repair_set = true;
    if (repair == NULL)
        return;
    record->repair = *repair;
    make_plain(record->repair.setting);
    make_plain(record->repair.wrong);
    make_plain(record->repair.use);
    make_plain(record->repair.fault);
    if (repair->date[0] == '\0')
        clock_date(record->repair.date);
}

void record_set_tuning(struct record *record, const struct record_tuning *tuning)
{
    if (record == NULL)
        return;
    record->tuned = tuning != NULL;
    record->tuning_set = true;
    if (tuning == NULL)
        return;
    record->tuning = *tuning;
    if (tuning->date[0] == '\0')
        clock_date(record->tuning.date);
}

void record_add_speed(struct record *record, const struct record_speed *speed)
{
    if (record == NULL)
        return;
    record_speeds_add(&record->speeds, speed);
    record->speeds_set = true;
}

/* ---- writing ---- */

static enum weft_status tree_write(const struct record *record, json_t *tree)
{
    if (record->check_set)
        TRY(record_json_set_check(tree, record_last_check(record)));
    if (record->repair_set)
        TRY(record_json_set_repair(tree, record_last_repair(record)));
    if (record->tuning_set)
        TRY(record_json_set_tuning(tree, record_last_tuning(record)));
    if (record->speeds_set)
        TRY(record_json_set_speeds(tree, &record->speeds));
    char *text = json_dumps(tree, JSON_INDENT(1));
    if (text == NULL)
        return fail(WEFT_ERROR_MEMORY, "%s: no memory for its JSON", record->path);
    const struct file_part parts[] = {{.data = text, .size = strlen(text)},
                                      {.data = "\n", .size = 1}};
    const enum weft_status status =
        record_file_replace(record->path, parts, sizeof parts / sizeof *parts);
    free(text); /* allocated by jansson */
    return status;
}

enum weft_status record_store(struct record *record)
{
    json_t *tree;
    if (record == NULL || record->path == NULL ||
        !(record->check_set || record->repair_set || record->tuning_set || record->speeds_set))
        return WEFT_OK;
    TRY(tree_read(record, &tree));
    if (tree == NULL)
        TRY(record_json_create(&record->key, &tree));
    const enum weft_status status = tree_write(record, tree);
    json_decref(tree);
    if (status == WEFT_OK)
        record->check_set = record->repair_set = record->tuning_set = record->speeds_set = false;
    return status;
}
