/* The file of a record:
 *
 *   {"format": "weft device record", "version": 1, "key": {...}, "check": {...},
 *    "repair": {...}, "tuning": {...}}
 *
 * record_tuning.c defines "tuning". Every member after the key is optional and independent. An
 * invalid member counts as missing, and an unknown member stays as it is. Therefore, a new member
 * needs no new version.
 */
#include "record/record_json.h"

#include <stdio.h>
#include <string.h>

static const char format_name[] = "weft device record";
enum { FORMAT_VERSION = 1, DIGEST_TEXT_SIZE = 17 };

static enum weft_status no_memory(void)
{
    return fail(WEFT_ERROR_MEMORY, "device record: no memory for its JSON");
}

/* ---- texts ---- */

bool record_json_text(const json_t *object, const char *name, char *text, size_t size)
{
    const char *value = json_string_value(json_object_get(object, name));
    if (value == NULL || strlen(value) >= size)
        return false;
    for (const char *c = value; *c != '\0'; c++)
        if (*c < ' ' || *c > '~')
            return false;
    memcpy(text, value, strlen(value) + 1);
    return true;
}

bool record_json_date(const json_t *object, char date[DATE_SIZE])
{
    static const char form[] = "dddd-dd-dd";
    if (!record_json_text(object, "date", date, DATE_SIZE) || strlen(date) != sizeof form - 1)
        return false;
    for (size_t i = 0; i < sizeof form - 1; i++)
        if (form[i] == 'd' ? date[i] < '0' || date[i] > '9' : date[i] != form[i])
            return false;
    return true;
}

/* ---- the key ---- */

static void kernels_text(const struct record_key *key, char text[DIGEST_TEXT_SIZE])
{
    snprintf(text, DIGEST_TEXT_SIZE, "%016llx", (unsigned long long)key->kernels);
}

static bool text_is(const json_t *object, const char *name, const char *value)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL && strcmp(text, value) == 0;
}

static bool is_record_of(const struct record_key *key, const json_t *tree)
{
    char kernels[DIGEST_TEXT_SIZE];
    const json_t *object = json_object_get(tree, "key");
    kernels_text(key, kernels);
    return text_is(tree, "format", format_name) &&
           json_integer_value(json_object_get(tree, "version")) == FORMAT_VERSION &&
           text_is(object, "backend", key->backend) && text_is(object, "platform", key->platform) &&
           text_is(object, "device", key->device) && text_is(object, "driver", key->driver) &&
           text_is(object, "products", key->products) && text_is(object, "kernels", kernels);
}

enum weft_status record_json_parse(const struct record_key *key, const char *text, size_t size,
                                   json_t **tree)
{
    json_error_t error;
    *tree = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    /* jansson gives a reason if the text is not JSON, but none if it runs out of memory. */
    if (*tree == NULL)
        return error.text[0] == '\0' ? no_memory() : WEFT_OK;
    if (!is_record_of(key, *tree)) {
        json_decref(*tree);
        *tree = NULL;
    }
    return WEFT_OK;
}

enum weft_status record_json_create(const struct record_key *key, json_t **tree)
{
    char kernels[DIGEST_TEXT_SIZE];
    kernels_text(key, kernels);
    *tree = json_pack("{s:s, s:i, s:{s:s, s:s, s:s, s:s, s:s, s:s}}", "format", format_name,
                      "version", FORMAT_VERSION, "key", "backend", key->backend, "platform",
                      key->platform, "device", key->device, "driver", key->driver, "products",
                      key->products, "kernels", kernels);
    return *tree != NULL ? WEFT_OK : no_memory();
}

/* ---- members ---- */

bool record_json_get_check(const json_t *tree, struct record_check *check)
{
    const json_t *object = json_object_get(tree, "check");
    const json_t *results = json_object_get(object, "results");
    if (!record_json_date(object, check->date) || !text_is(object, "weft", weft_version()) ||
        !record_json_text(object, "network", check->network, sizeof check->network) ||
        !json_is_integer(results) || json_integer_value(results) < 0)
        return false;
    check->thorough = json_is_true(json_object_get(object, "thorough"));
    check->results = (size_t)json_integer_value(results);
    return true;
}

bool record_json_get_repair(const json_t *tree, struct record_repair *repair)
{
    const json_t *object = json_object_get(tree, "repair");
    return record_json_date(object, repair->date) &&
           record_json_text(object, "setting", repair->setting, sizeof repair->setting) &&
           record_json_text(object, "wrong", repair->wrong, sizeof repair->wrong) &&
           record_json_text(object, "use", repair->use, sizeof repair->use) &&
           record_json_text(object, "fault", repair->fault, sizeof repair->fault);
}

enum weft_status record_json_put(json_t *tree, const char *name, bool remembered, json_t *member)
{
    if (!remembered) {
        (void)json_object_del(tree, name);
        return WEFT_OK;
    }
    return json_object_set_new(tree, name, member) == 0 ? WEFT_OK : no_memory();
}

enum weft_status record_json_set_check(json_t *tree, const struct record_check *check)
{
    json_t *member = NULL;
    if (check != NULL)
        member = json_pack("{s:s, s:s, s:s, s:b, s:I}", "date", check->date, "weft", weft_version(),
                           "network", check->network, "thorough", (int)check->thorough, "results",
                           (json_int_t)check->results);
    return record_json_put(tree, "check", check != NULL, member);
}

enum weft_status record_json_set_repair(json_t *tree, const struct record_repair *repair)
{
    json_t *member = NULL;
    if (repair != NULL)
        member =
            json_pack("{s:s, s:s, s:s, s:s, s:s}", "date", repair->date, "setting", repair->setting,
                      "wrong", repair->wrong, "use", repair->use, "fault", repair->fault);
    return record_json_put(tree, "repair", repair != NULL, member);
}
