/* Fuzzes model files.
 *
 * The input is the file. An accepted model must be the same after it is written and read again, and
 * writing it a second time must produce the same bytes.
 */
#include <string.h>

#include "data/schema.h"
#include "fuzz_target.h"
#include "memory_files.h"
#include "network/model.h"

static void check_same_floats(const float *a, const float *b, size_t count)
{
    REQUIRE((a == NULL) == (b == NULL));
    REQUIRE(a == NULL || memcmp(a, b, count * sizeof *a) == 0);
}

static void check_same_model(const struct weft_model *a, const struct weft_model *b)
{
    struct weft_model_info one, two;
    weft_model_get_info(a, &one);
    weft_model_get_info(b, &two);
    REQUIRE(one.head == two.head && one.bias == two.bias && one.scale == two.scale);
    REQUIRE(one.features == two.features && one.classes == two.classes);
    REQUIRE(one.layers == two.layers && one.parameters == two.parameters);
    REQUIRE(memcmp(one.widths, two.widths, (one.layers + 1) * sizeof *one.widths) == 0);
    REQUIRE(one.seed == two.seed && one.epochs == two.epochs);
    REQUIRE(one.l1 == two.l1 && one.l2 == two.l2 && strcmp(one.preset, two.preset) == 0);
    for (size_t c = 0; c < one.classes; c++)
        REQUIRE(strcmp(one.class_names[c], two.class_names[c]) == 0);
    REQUIRE(schema_equal(a->schema, b->schema));
    check_same_floats(a->parameters, b->parameters, one.parameters);
    check_same_floats(one.scale_mean, two.scale_mean, one.features);
    check_same_floats(one.scale_std, two.scale_std, one.features);
}

static void check_same_bytes(const char *a, const char *b)
{
    size_t one_size, two_size;
    const void *one = memory_files_get(a, &one_size), *two = memory_files_get(b, &two_size);
    REQUIRE(one_size == two_size && memcmp(one, two, one_size) == 0);
}

static void check_round_trip(const struct weft_model *model)
{
    struct weft_model *again;
    REQUIRE(weft_model_write(model, "first") == WEFT_OK);
    REQUIRE(weft_model_read("first", &again) == WEFT_OK);
    check_same_model(model, again);
    REQUIRE(weft_model_write(again, "second") == WEFT_OK);
    check_same_bytes("first", "second");
    weft_model_destroy(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct weft_model *model;
    memory_files_set("input", data, size);
    const enum weft_status status = weft_model_read("input", &model);
    if (status == WEFT_OK)
        check_round_trip(model);
    else
        REQUIRE(status == WEFT_ERROR_MODEL && strstr(weft_error(), ": ") != NULL && model == NULL);
    weft_model_destroy(model);
    memory_files_clear();
    return 0;
}
