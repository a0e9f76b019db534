/* Reads and writes a record as JSON. */
#ifndef WEFT_RECORD_RECORD_JSON_H
#define WEFT_RECORD_RECORD_JSON_H

#include <jansson.h>

#include "record/record.h"

/* Parses `text` [size] and stores its tree in `*tree` if it is a record of `key`, else NULL. The
 * caller calls json_decref. The function fails only if memory is short. */
WEFT_MUST_CHECK enum weft_status record_json_parse(const struct record_key *key, const char *text,
                                                   size_t size, json_t **tree);

/* Creates an empty record of `key`. */
WEFT_MUST_CHECK enum weft_status record_json_create(const struct record_key *key, json_t **tree);

/* Read a member; return false if it is missing or invalid. */
bool record_json_get_check(const json_t *tree, struct record_check *check);
bool record_json_get_repair(const json_t *tree, struct record_repair *repair);

/* Replace a member; NULL removes it. */
WEFT_MUST_CHECK enum weft_status record_json_set_check(json_t *tree,
                                                       const struct record_check *check);
WEFT_MUST_CHECK enum weft_status record_json_set_repair(json_t *tree,
                                                        const struct record_repair *repair);

/* ---- the tuning: record_tuning.c ---- */
bool record_json_get_tuning(const json_t *tree, struct record_tuning *tuning);
WEFT_MUST_CHECK enum weft_status record_json_set_tuning(json_t *tree,
                                                        const struct record_tuning *tuning);

/* ---- the speeds: record_speed.c ---- */
void record_json_get_speeds(const json_t *tree, struct record_speeds *speeds);
WEFT_MUST_CHECK enum weft_status record_json_set_speeds(json_t *tree,
                                                        const struct record_speeds *speeds);

/* Adds a speed to the list; see record_add_speed. */
void record_speeds_add(struct record_speeds *speeds, const struct record_speed *speed);

/* ---- parts of members ---- */

/* Read a whole number from 1, and the positive number "gflops". Return false for anything else. */
bool record_json_size(const json_t *object, const char *name, uint64_t *size);
bool record_json_rate(const json_t *object, double *gflops);

/* Copies the string member `name`. Returns false if it is missing, too long, or not printable
 * ASCII. */
bool record_json_text(const json_t *object, const char *name, char *text, size_t size);

/* Reads the member "date", which must have the form "2026-11-22". */
bool record_json_date(const json_t *object, char date[DATE_SIZE]);

/* Sets the member `name` to `member`, or removes it if `remembered` is false. */
WEFT_MUST_CHECK enum weft_status record_json_put(json_t *tree, const char *name, bool remembered,
                                                 json_t *member);

#endif
