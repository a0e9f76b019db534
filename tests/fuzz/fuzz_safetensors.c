/* Fuzzes the safetensors container.
 *
 * The input is the file. Accepted contents must be the same, bit by bit, after they are written and
 * read again.
 */
#include <string.h>

#include "fuzz_target.h"
#include "memory_files.h"
#include "network/safetensors.h"

static void check_same(const struct safetensors *a, const struct safetensors *b)
{
    REQUIRE(a->tensor_count == b->tensor_count && a->entry_count == b->entry_count);
    for (size_t i = 0; i < a->entry_count; i++) {
        REQUIRE(strcmp(a->entries[i].key, b->entries[i].key) == 0);
        REQUIRE(strcmp(a->entries[i].value, b->entries[i].value) == 0);
    }
    for (size_t i = 0; i < a->tensor_count; i++) {
        const struct safetensor *one = &a->tensors[i], *two = safetensors_find(b, one->name);
        REQUIRE(two != NULL);
        REQUIRE(one->dimensions == two->dimensions && one->count == two->count);
        REQUIRE(memcmp(one->shape, two->shape, one->dimensions * sizeof *one->shape) == 0);
        REQUIRE(memcmp(one->values, two->values, one->count * sizeof *one->values) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct safetensors file, again;
    memory_files_set("input", data, size);
    const enum weft_status status = safetensors_read("input", &file);
    if (status == WEFT_OK) {
        REQUIRE(safetensors_write("written", &file) == WEFT_OK);
        REQUIRE(safetensors_read("written", &again) == WEFT_OK);
        check_same(&file, &again);
        safetensors_reset(&again);
    } else {
        REQUIRE(status == WEFT_ERROR_MODEL && strstr(weft_error(), ": ") != NULL);
        REQUIRE(file.tensors == NULL && file.entries == NULL);
    }
    safetensors_reset(&file);
    memory_files_clear();
    return 0;
}
