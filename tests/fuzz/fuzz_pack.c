/* Fuzzes packed data.
 *
 * The input is the file. Accepted data have finite features and labels of their classes. Packed
 * again and mapped again, they are the same, and a third file equals the second.
 */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "data/dataset.h"
#include "data/kept_texts.h"
#include "fuzz_target.h"
#include "memory_files.h"
#include "pack/pack.h"

/* Every text ends within its bytes; the sanitizer sees it otherwise. */
static void check_texts(const struct weft_dataset *dataset)
{
    const struct kept_texts *kept = dataset->kept;
    for (size_t c = 0; kept != NULL && c < kept->count; c++)
        for (size_t i = 0; i < dataset->samples; i++) {
            const char *text = kept_texts_get(kept, c, i);
            REQUIRE(text == NULL || strlen(text) < kept->columns[c].size);
        }
}

static void check_same_texts(const struct weft_dataset *a, const struct weft_dataset *b)
{
    const size_t count = a->kept != NULL ? a->kept->count : 0;
    REQUIRE(count == (b->kept != NULL ? b->kept->count : 0));
    for (size_t c = 0; c < count; c++)
        for (size_t i = 0; i < a->samples; i++) {
            const char *one = kept_texts_get(a->kept, c, i), *two = kept_texts_get(b->kept, c, i);
            REQUIRE(one == two || (one != NULL && two != NULL && strcmp(one, two) == 0));
        }
}

static void check_dataset(const struct weft_dataset *dataset)
{
    const struct sample_rows rows = dataset_rows(dataset);
    REQUIRE(dataset->samples >= 1 && dataset->features >= 1);
    for (size_t i = 0; i < dataset->samples; i++) {
        for (size_t j = 0; j < dataset->features; j++)
            REQUIRE(isfinite(sample_rows_number(&rows, i, j)));
        if (dataset->labels != NULL)
            REQUIRE(dataset->labels[i] >= 0 && (size_t)dataset->labels[i] < dataset->classes);
    }
    for (size_t c = 0; c < dataset->classes; c++)
        REQUIRE(dataset->class_names[c] != NULL);
    check_texts(dataset);
}

static void check_same(const struct weft_dataset *a, const struct weft_dataset *b)
{
    const struct sample_rows one = dataset_rows(a), two = dataset_rows(b);
    REQUIRE(a->samples == b->samples && a->features == b->features && a->classes == b->classes);
    for (size_t i = 0; i < a->samples; i++) {
        for (size_t j = 0; j < a->features; j++)
            REQUIRE(sample_rows_number(&one, i, j) == sample_rows_number(&two, i, j));
        if (a->labels != NULL)
            REQUIRE(a->labels[i] == b->labels[i]);
    }
    check_same_texts(a, b);
}

/* Packs `dataset` to `path`, and maps it. */
static struct weft_dataset *pack_again(const struct weft_dataset *dataset, const char *path)
{
    struct weft_dataset *again;
    REQUIRE(pack_write(dataset, path, NULL) == WEFT_OK);
    bool found = false;
    REQUIRE(pack_find(path, &found) == WEFT_OK && found);
    REQUIRE(pack_open(path, &again) == WEFT_OK);
    return again;
}

static void check_again(const struct weft_dataset *dataset)
{
    size_t sizes[2];
    struct weft_dataset *second = pack_again(dataset, "second");
    struct weft_dataset *third = pack_again(second, "third");
    check_same(dataset, second);
    const void *one = memory_files_get("second", &sizes[0]);
    const void *two = memory_files_get("third", &sizes[1]);
    REQUIRE(sizes[0] == sizes[1] && memcmp(one, two, sizes[0]) == 0);
    weft_dataset_destroy(second);
    weft_dataset_destroy(third);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct weft_dataset *dataset;
    memory_files_set("input", data, size);
    const enum weft_status status = pack_open("input", &dataset);
    if (status == WEFT_OK) {
        check_dataset(dataset);
        check_again(dataset);
    } else {
        REQUIRE(dataset == NULL);
        REQUIRE(status == WEFT_ERROR_DATA || status == WEFT_ERROR_IO);
        REQUIRE(strstr(weft_error(), ": ") != NULL);
    }
    weft_dataset_destroy(dataset);
    memory_files_clear();
    return 0;
}
