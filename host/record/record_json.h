/* A record as JSON: what its file says, and what is to be written into it. */
#ifndef WEFT_RECORD_RECORD_JSON_H
#define WEFT_RECORD_RECORD_JSON_H

#include <jansson.h>

#include "record/record.h"

/* The tree of `text` [size] where that is a record of `key`, else NULL; the caller calls
 * json_decref. Fails for lack of memory only. */
WEFT_MUST_CHECK enum weft_status record_json_parse(const struct record_key *key, const char *text,
                                                   size_t size, json_t **tree);

/* A new record of `key` that remembers nothing. */
WEFT_MUST_CHECK enum weft_status record_json_create(const struct record_key *key, json_t **tree);

/* Read a member; false where it is not there or not what it should be. */
bool record_json_get_check(const json_t *tree, struct record_check *check);
bool record_json_get_repair(const json_t *tree, struct record_repair *repair);

/* Replace a member; NULL takes it away. */
WEFT_MUST_CHECK enum weft_status record_json_set_check(json_t *tree,
                                                       const struct record_check *check);
WEFT_MUST_CHECK enum weft_status record_json_set_repair(json_t *tree,
                                                        const struct record_repair *repair);

/* ---- the tuning: record_tuning.c ---- */
bool record_json_get_tuning(const json_t *tree, struct record_tuning *tuning);
WEFT_MUST_CHECK enum weft_status record_json_set_tuning(json_t *tree,
                                                        const struct record_tuning *tuning);

/* ---- what members are made of ---- */

/* Copies the text member `name`; false where it is none, too long, or not printable ASCII. */
bool record_json_text(const json_t *object, const char *name, char *text, size_t size);

/* The member "date": "2026-11-22" and nothing that is not of this form. */
bool record_json_date(const json_t *object, char date[DATE_SIZE]);

/* Puts `member` in the place of `name`, or takes `name` away where nothing is `remembered`. */
WEFT_MUST_CHECK enum weft_status record_json_put(json_t *tree, const char *name, bool remembered,
                                                 json_t *member);

#endif
