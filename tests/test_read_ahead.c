/* Tests reading in advance: every sample of a batch lies in bytes that were fetched and are not yet
 * forgotten.
 *
 * The linker redirects the library's advice about mapped files to the functions here (-Wl,--wrap,
 * see CMakeLists.txt). */
#include <string.h>

#include "base/memory.h"
#include "suite.h"
#include "train/read_ahead.h"

enum { MOST_ROWS = 1200 };

/* What is known about each row of the file. No row is ever touched. */
static struct weft_dataset set;
static bool fetched[MOST_ROWS], forgotten[MOST_ROWS];

void __wrap_file_map_fetch(const void *bytes, size_t size);
void __wrap_file_map_forget(const void *bytes, size_t size);
void __wrap_file_map_expect_random(const void *bytes, size_t size, bool random);

static void mark(const void *bytes, size_t size, bool rows[MOST_ROWS])
{
    const size_t first = (size_t)((const uint8_t *)bytes - set.bytes) / set.features;
    ck_assert_uint_eq(size % set.features, 0);
    ck_assert_uint_le(first + size / set.features, MOST_ROWS);
    for (size_t row = first; row < first + size / set.features; row++)
        rows[row] = true;
}

void __wrap_file_map_fetch(const void *bytes, size_t size)
{
    mark(bytes, size, fetched);
}

void __wrap_file_map_forget(const void *bytes, size_t size)
{
    mark(bytes, size, forgotten);
}

void __wrap_file_map_expect_random(const void *bytes, size_t size, bool random)
{
    (void)bytes;
    (void)size;
    (void)random;
}

/* A window has 64 samples with 131073 features or more, and 128 samples with 131072. */
static const struct epoch_row {
    size_t samples, features, batch, slices, ranks, begin; /* the first batch that runs */
    bool shuffle, index;
} epochs[] = {
    {600, 131073, 10, 1, 1, 0, true, false},  {600, 131073, 64, 1, 1, 0, true, false},
    {600, 131073, 65, 1, 1, 0, true, true},   {600, 131073, 200, 1, 1, 0, true, false},
    {600, 131073, 600, 1, 1, 0, true, false}, {600, 131073, 200, 1, 1, 0, false, false},
    {600, 131073, 50, 1, 1, 0, false, true},  {600, 131073, 200, 3, 1, 0, true, true},
    {600, 131073, 300, 4, 3, 0, true, true},  {600, 131073, 3, 5, 2, 0, true, false},
    {600, 131073, 90, 1, 1, 3, true, false},  {600, 131073, 150, 1, 1, 2, false, true},
    {600, 131073, 70, 2, 2, 4, true, true},   {600, 131072, 300, 1, 1, 1, true, true},
};
enum { EPOCHS = sizeof epochs / sizeof *epochs };

/* Sample i of the data set is row index[i] of the file. */
static void set_make(const struct epoch_row *row)
{
    set = (struct weft_dataset){.samples = row->samples, .features = row->features};
    uint8_t *bytes = NULL;
    ck_ok(NEW_ARRAY(bytes, MOST_ROWS * row->features));
    ck_ok(NEW_ARRAY(set.map, 1));
    *set.map = (struct file_map){.bytes = bytes, .size = MOST_ROWS * row->features};
    set.bytes = bytes;
    if (!row->index)
        return;
    ck_ok(NEW_ARRAY(set.index, row->samples));
    for (size_t i = 0; i < row->samples; i++)
        set.index[i] = (uint32_t)(i * 2 - i % 2);
}

static void set_release(void)
{
    memory_free((void *)(uintptr_t)set.bytes);
    memory_free(set.map);
    memory_free(set.index);
}

/* The samples of batch `batch` that the rank needs. */
static void check_batch(const struct slice_order *order, const uint32_t *places, size_t batch)
{
    size_t held = 0, held_count = 0;
    slice_order_held(order, &held, &held_count);
    for (size_t s = order->first; s < order->first + order->own; s++) {
        size_t first = 0, count = 0;
        slice_order_rows(order, batch, s, &first, &count);
        for (size_t i = first; i < first + count; i++) {
            const size_t sample = held + (order->shuffle ? places[i] : i);
            const size_t row = set.index != NULL ? set.index[sample] : sample;
            ck_assert_msg(fetched[row], "batch %zu: row %zu is not fetched", batch, row);
            ck_assert_msg(!forgotten[row], "batch %zu: row %zu is forgotten", batch, row);
        }
    }
}

/* Epoch 1, which may begin in its middle, leaves windows behind. So epoch 2 is judged, too. */
static void check_rank(const struct epoch_row *row, size_t rank)
{
    const struct batch_plan plan = batch_plan_make(row->samples, 0, row->batch);
    const struct slice_group group = {.ranks = row->ranks, .rank = rank};
    struct slice_order order = slice_order_make(&plan, row->slices, row->shuffle, &group);
    static uint32_t places[MOST_ROWS], scratch[MOST_ROWS], blocks[MOST_ROWS];
    struct read_ahead ahead;
    order.block_features = row->shuffle ? row->features : 0;
    ck_assert_uint_le(order.own * slice_order_blocks(&order), MOST_ROWS);
    ck_ok(read_ahead_init(&ahead, &set, &order, row->shuffle ? blocks : NULL, true, NULL));
    for (size_t epoch = 1; epoch <= 2; epoch++) {
        memset(fetched, 0, sizeof fetched);
        memset(forgotten, 0, sizeof forgotten);
        read_ahead_begin(&ahead);
        if (row->shuffle)
            slice_order_draw(&order, 7, epoch, blocks, scratch, places);
        for (size_t batch = epoch == 1 ? row->begin : 0; batch < plan.count; batch++) {
            read_ahead_reach(&ahead, batch);
            check_batch(&order, places, batch);
        }
        read_ahead_end(&ahead);
    }
    read_ahead_reset(&ahead);
}

START_TEST(a_batch_is_fetched_and_not_forgotten)
{
    set_make(&epochs[_i]);
    for (size_t rank = 0; rank < epochs[_i].ranks; rank++)
        check_rank(&epochs[_i], rank);
    set_release();
}
END_TEST

/* In file order, with windows of 64 samples: batches 0, 1 and 2 need the windows 0, 0 to 1, and 1,
 * and each fetches one window more. */
START_TEST(windows_come_and_go)
{
    static const size_t fetch[] = {128, 192, 192}, forget[] = {0, 0, 64};
    const struct epoch_row row = {600, 131073, 40, 1, 1, 0, false, false};
    const struct batch_plan plan = batch_plan_make(row.samples, 0, row.batch);
    const struct slice_order order = slice_order_make(&plan, 1, false, &slice_group_local);
    struct read_ahead ahead;
    set_make(&row);
    memset(fetched, 0, sizeof fetched);
    memset(forgotten, 0, sizeof forgotten);
    ck_ok(read_ahead_init(&ahead, &set, &order, NULL, true, NULL));
    read_ahead_begin(&ahead);
    for (size_t batch = 0; batch < 3; batch++) {
        read_ahead_reach(&ahead, batch);
        for (size_t i = 0; i < row.samples; i++) {
            ck_assert_int_eq(fetched[i], i < fetch[batch]);
            ck_assert_int_eq(forgotten[i], i < forget[batch]);
        }
    }
    read_ahead_reset(&ahead);
    set_release();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("read_ahead");
    TCase *tests = tcase_create("read_ahead");
    tcase_add_loop_test(tests, a_batch_is_fetched_and_not_forgotten, 0, EPOCHS);
    tcase_add_test(tests, windows_come_and_go);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
