/* Reads samples where they lie; see sample_rows.h. */
#include "data/sample_rows.h"

#include <string.h>

#include "base/memory.h"
#include "data/bytes.h"

enum { BLOCK_NUMBERS = 1 << 18 }; /* of a reader's buffer: 1 MiB */

static size_t row_of(const struct sample_rows *rows, size_t sample)
{
    return rows->index != NULL ? rows->index[sample] : sample;
}

struct sample_rows sample_rows_from(struct sample_rows rows, size_t first)
{
    if (rows.index != NULL)
        rows.index += first;
    else if (rows.bytes != NULL)
        rows.bytes += first * rows.features;
    else
        rows.x += first * rows.features;
    return rows;
}

float sample_rows_number(const struct sample_rows *rows, size_t sample, size_t feature)
{
    const size_t place = row_of(rows, sample) * rows->features + feature;
    return rows->bytes != NULL ? (float)rows->bytes[place] : rows->x[place];
}

/* Returns how many of the numbers first .. first + count - 1 lie one after the other, and where the
 * first of them is. */
static size_t run_of(const struct sample_rows *rows, size_t first, size_t count, size_t *place)
{
    const size_t features = rows->features, feature = first % features;
    *place = rows->index != NULL ? rows->index[first / features] * features + feature : first;
    return rows->index != NULL ? size_min(features - feature, count) : count;
}

/* Copies numbers that lie one after the other, from number `place` on. */
static void copy_numbers(const struct sample_rows *rows, size_t place, size_t count, float *x)
{
    if (rows->bytes == NULL)
        memcpy(x, rows->x + place, count * sizeof *x);
    else
        for (size_t i = 0; i < count; i++)
            x[i] = (float)rows->bytes[place + i];
}

void sample_rows_numbers(const struct sample_rows *rows, size_t first, size_t count, float *x)
{
    for (size_t done = 0, place = 0; done < count;) {
        const size_t part = run_of(rows, first + done, count - done, &place);
        copy_numbers(rows, place, part, x + done);
        done += part;
    }
}

void sample_rows_bytes(const struct sample_rows *rows, size_t first, size_t count, uint8_t *bytes)
{
    for (size_t done = 0, place = 0; done < count;) {
        const size_t part = run_of(rows, first + done, count - done, &place);
        if (rows->bytes != NULL)
            memcpy(bytes + done, rows->bytes + place, part);
        else
            bytes_take(rows->x + place, part, bytes + done);
        done += part;
    }
}

void sample_rows_gather(const struct sample_rows *rows, const uint32_t *order, size_t first,
                        size_t count, float *x)
{
    if (order == NULL && rows->index == NULL) {
        copy_numbers(rows, first * rows->features, count * rows->features, x);
        return;
    }
    for (size_t i = 0; i < count; i++)
        copy_numbers(rows, row_of(rows, order != NULL ? order[i] : first + i) * rows->features,
                     rows->features, x + i * rows->features);
}

enum weft_status sample_reader_init(struct sample_reader *reader, struct sample_rows rows)
{
    *reader =
        (struct sample_reader){.rows = rows, .block = size_max(BLOCK_NUMBERS / rows.features, 1)};
    if (rows.bytes == NULL && rows.index == NULL)
        return WEFT_OK;
    return NEW_ARRAY(reader->buffer, reader->block * rows.features);
}

const float *sample_reader_lend(struct sample_reader *reader, size_t first, size_t count)
{
    if (reader->buffer == NULL)
        return reader->rows.x + first * reader->rows.features;
    sample_rows_gather(&reader->rows, NULL, first, count, reader->buffer);
    return reader->buffer;
}

void sample_reader_reset(struct sample_reader *reader)
{
    memory_free(reader->buffer);
    reader->buffer = NULL;
}
