/* Implements weft_stream: a table of any length becomes samples block by block, so that predictions
 * need little memory. Data of other kinds become one block. */
#include <stdio.h>

#include "api/data_reading.h"
#include "base/memory.h"
#include "base/number.h"
#include "data/column_list.h"
#include "data/far_features.h"
#include "data/kept_texts.h"

/* A column that predictions repeat. */
struct repeated_column {
    size_t place;                  /* in the table; SCHEMA_NO_PLACE: there is none */
    char number[NUMBER_TEXT_SIZE]; /* the last text of a column of numbers */
};

struct weft_stream {
    struct reading reading;
    struct dataset_needs needs;    /* borrows from the model */
    struct source source;          /* owned; without tables, its data set is the only block */
    struct table_reader *reader;   /* owned; NULL unless the source is text */
    struct weft_table *table;      /* owned; the current block; NULL for data sets */
    struct schema_applier applier; /* owned; unused for data sets */
    struct far_features far;       /* owned */
    struct repeated_column *kept;  /* [1 + kept_count] owned; the first is the id */
    size_t kept_count;
    struct weft_dataset *dataset; /* the current block: source.train, or owned; NULL: none */
    char name[256];               /* of the data, for notes */
    bool ended, reported;
};

/* ---- columns that predictions repeat ---- */

static enum weft_status set_id(void *user, size_t column)
{
    struct weft_stream *stream = user;
    stream->kept[0].place = column;
    return WEFT_OK;
}

static enum weft_status count_kept(void *user, size_t column)
{
    struct weft_stream *stream = user;
    (void)column;
    stream->kept_count++;
    return WEFT_OK;
}

static enum weft_status set_kept(void *user, size_t column)
{
    struct weft_stream *stream = user;
    stream->kept[++stream->kept_count].place = column;
    return WEFT_OK;
}

/* Finds the columns. Without an id in the options, the id of the training run is used if it is
 * there.
 */
static enum weft_status find_kept(struct weft_stream *stream)
{
    const struct weft_data_options *options = &stream->reading.options;
    const struct schema *schema = stream->applier.schema;
    if (stream->table != NULL)
        TRY(column_list_visit(stream->table, "keep", options->keep, count_kept, stream));
    TRY(NEW_ARRAY(stream->kept, 1 + stream->kept_count));
    stream->kept_count = 0;
    stream->kept[0].place = SCHEMA_NO_PLACE;
    if (stream->table == NULL)
        return WEFT_OK;
    for (size_t i = 0; i < schema->column_count; i++)
        if (schema->columns[i].role == ROLE_ID)
            stream->kept[0].place = stream->applier.places[i];
    TRY(column_list_visit(stream->table, "id", options->id, set_id, stream));
    return column_list_visit(stream->table, "keep", options->keep, set_kept, stream);
}

static const struct column *column_of(const struct weft_stream *stream, size_t column)
{
    const size_t place =
        column <= stream->kept_count ? stream->kept[column].place : SCHEMA_NO_PLACE;
    return place != SCHEMA_NO_PLACE ? &stream->table->columns[place] : NULL;
}

/* Returns the texts of data that is no table, and the column of theirs that predictions repeat in
 * place `column`: the id is in place 0, if there is one. */
static const struct kept_texts *texts_of(const struct weft_stream *stream, size_t *column)
{
    const struct weft_dataset *dataset = stream->source.train;
    const struct kept_texts *texts = dataset != NULL ? dataset->kept : NULL;
    if (texts == NULL || (*column == 0 && !texts->has_id))
        return NULL;
    *column -= !texts->has_id;
    return *column < texts->count ? texts : NULL;
}

const char *weft_stream_column(const struct weft_stream *stream, size_t column)
{
    const struct kept_texts *texts = texts_of(stream, &column);
    if (texts != NULL)
        return texts->columns[column].name;
    const struct column *found = column_of(stream, column);
    return found != NULL ? found->name : NULL;
}

const char *weft_stream_text(const struct weft_stream *stream, size_t column, size_t row)
{
    const struct kept_texts *texts = texts_of(stream, &column);
    if (stream->dataset == NULL)
        return NULL;
    if (texts != NULL)
        return row < stream->dataset->samples ? kept_texts_get(texts, column, row) : NULL;
    const struct column *found = column_of(stream, column);
    if (found == NULL || row >= stream->table->rows || column_is_missing(found, row))
        return NULL;
    if (found->kind == COLUMN_TEXT)
        return column_text(found, row);
    number_to_text(column_number(found, row), stream->kept[column].number);
    return stream->kept[column].number;
}

/* ---- opening ---- */

static enum weft_status open_applier(struct weft_stream *stream, const struct wanted *wanted)
{
    const struct schema_request request = {.strict = stream->reading.options.strict,
                                           .options = &stream->reading.columns};
    struct schema *schema;
    TRY(schema_for(&stream->reading, wanted, stream->table, stream->source.target, &schema));
    const enum weft_status status = schema_applier_init(&stream->applier, schema, stream->table,
                                                        &request, stream->reading.notes);
    schema_release(schema);
    return status;
}

static enum weft_status open_stream(struct weft_stream *stream, const struct wanted *wanted,
                                    const char *what, bool test,
                                    const struct weft_data_options *options)
{
    stream->needs = wanted->needs;
    TRY(reading_init(&stream->reading, options));
    TRY(open_one(&stream->reading, wanted, what, test, &stream->source));
    if (stream->source.train != NULL)
        TRY(dataset_has_features(stream->source.train, &stream->needs));
    if (stream->source.form == SOURCE_TEXT)
        TRY(open_text(&stream->reading, wanted, false, &stream->source, &stream->reader,
                      &stream->table));
    if (stream->source.form == SOURCE_TABLES) {
        stream->table = stream->source.train_table;
        stream->source.train_table = NULL;
    }
    if (stream->table != NULL)
        TRY(open_applier(stream, wanted));
    TRY(far_features_init(&stream->far, wanted->scale));
    return find_kept(stream);
}

enum weft_status weft_stream_open(const struct weft_model *model, const char *what, bool test,
                                  const struct weft_data_options *options,
                                  struct weft_stream **stream)
{
    const struct wanted wanted = wanted_by_model(model);
    *stream = NULL;
    TRY(NEW_ARRAY(*stream, 1));
    const enum weft_status status = open_stream(*stream, &wanted, what, test, options);
    if (status != WEFT_OK) {
        weft_stream_close(*stream);
        *stream = NULL;
    }
    return status;
}

/* ---- blocks ---- */

static void drop_block(struct weft_stream *stream)
{
    if (stream->dataset != stream->source.train)
        weft_dataset_destroy(stream->dataset);
    stream->dataset = NULL;
}

/* Takes the only block of data that are not read block by block. */
static enum weft_status next_whole(struct weft_stream *stream)
{
    stream->ended = true;
    if (stream->table != NULL)
        return schema_apply(&stream->applier, stream->table, NULL, 0, &stream->dataset);
    stream->dataset = stream->source.train;
    return WEFT_OK;
}

static enum weft_status next_block(struct weft_stream *stream, size_t rows)
{
    size_t got = 0;
    table_clear(stream->table);
    TRY(table_reader_next(stream->reader, rows, stream->table, &got));
    stream->ended = got < rows;
    return got > 0 ? schema_apply(&stream->applier, stream->table, NULL, 0, &stream->dataset)
                   : WEFT_OK;
}

/* Tells once what was unusual in all blocks. */
static void report(struct weft_stream *stream)
{
    const struct schema *schema = stream->applier.schema;
    if (stream->reported)
        return;
    stream->reported = true;
    if (schema != NULL)
        schema_applier_report(&stream->applier, stream->table->name, stream->reading.notes);
    far_features_report(&stream->far, stream->name, schema, stream->reading.notes);
}

enum weft_status weft_stream_next(struct weft_stream *stream, size_t rows,
                                  const struct weft_dataset **dataset)
{
    enum weft_status status = WEFT_OK;
    *dataset = NULL;
    if (rows == 0)
        return fail(WEFT_ERROR_USAGE, "rows: got 0, need at least 1");
    drop_block(stream);
    if (!stream->ended)
        status = stream->reader != NULL ? next_block(stream, rows) : next_whole(stream);
    if (status == WEFT_OK && stream->dataset != NULL)
        status = dataset_has_features(stream->dataset, &stream->needs);
    if (status != WEFT_OK) {
        stream->ended = stream->reported = true;
        return status;
    }
    if (stream->dataset == NULL) {
        report(stream);
        return WEFT_OK;
    }
    snprintf(stream->name, sizeof stream->name, "%s", stream->dataset->name);
    TRY(far_features_add(&stream->far, stream->dataset));
    *dataset = stream->dataset;
    return WEFT_OK;
}

void weft_stream_close(struct weft_stream *stream)
{
    if (stream == NULL)
        return;
    drop_block(stream);
    memory_free(stream->kept);
    far_features_reset(&stream->far);
    schema_applier_reset(&stream->applier);
    weft_table_destroy(stream->table);
    table_reader_close(stream->reader);
    source_reset(&stream->source);
    memory_free(stream);
}
