/* Reads plain files and gzip files as one stream of bytes.
 *
 * zlib's gz* functions accept truncated files and trailing garbage as a normal end. Therefore, this
 * file inflates the gzip members itself. The stream ends only at the end of the file, directly
 * after a member with a correct checksum and length.
 */
#include "data/byte_source.h"

#include <string.h>
#include <zlib.h>

#include "base/file_input.h"
#include "base/memory.h"

enum {
    CHUNK_BYTES = 1 << 18,
    MOST_OUTPUT = 1 << 30,     /* zlib counts in unsigned int. */
    GZIP_ONLY = MAX_WBITS + 16 /* for inflateInit2: require a gzip header and verify the checksum */
};

static const unsigned char gzip_magic[2] = {0x1f, 0x8b};

struct byte_source {
    char *path;               /* owned; for messages */
    struct file_input *input; /* owned */
    unsigned char *chunk;     /* [chunk_bytes] owned: bytes read from the file */
    size_t chunk_bytes;       /* CHUNK_BYTES, or the size of a smaller file */
    uint64_t position;        /* number of bytes read from the file so far */
    z_stream stream;          /* next_in and avail_in give the unused bytes of the chunk */
    bool gzip;
    bool inflating;       /* the stream has a zlib state that must be freed */
    bool between_members; /* the last member is complete */
    bool ended;
    unsigned char *peeked;         /* [peeked_size] owned: bytes that byte_source_peek has read */
    size_t peeked_size, peeked_at; /* the next read begins at byte peeked_at of them */
};

/* ---- opening ---- */

static voidpf zlib_allocate(voidpf opaque, uInt count, uInt size)
{
    (void)opaque;
    return memory_zeroed(count, size);
}

static void zlib_free(voidpf opaque, voidpf pointer)
{
    (void)opaque;
    memory_free(pointer);
}

/* Refills the chunk. Afterward, avail_in is 0 only at the end of the file. */
static enum weft_status refill(struct byte_source *source)
{
    size_t got;
    TRY(file_input_read(source->input, source->chunk, source->chunk_bytes, &got));
    source->position += got;
    source->stream.next_in = source->chunk;
    source->stream.avail_in = (uInt)got;
    return WEFT_OK;
}

/* Reads the first chunk of the open input and recognizes gzip. */
static enum weft_status begin(struct byte_source *source)
{
    const uint64_t file_bytes = file_input_size(source->input);
    source->chunk_bytes = file_bytes < CHUNK_BYTES ? (size_t)file_bytes : CHUNK_BYTES;
    TRY(NEW_ARRAY(source->chunk, source->chunk_bytes));
    TRY(refill(source));
    source->gzip = source->stream.avail_in >= sizeof gzip_magic &&
                   memcmp(source->chunk, gzip_magic, sizeof gzip_magic) == 0;
    if (!source->gzip)
        return WEFT_OK;
    source->stream.zalloc = zlib_allocate;
    source->stream.zfree = zlib_free;
    if (inflateInit2(&source->stream, GZIP_ONLY) != Z_OK)
        return fail(WEFT_ERROR_MEMORY, "%s: host memory: not available for inflating",
                    source->path);
    source->inflating = true;
    return WEFT_OK;
}

static enum weft_status open_source(struct byte_source *source, const char *path, bool pipe)
{
    const bool standard = strcmp(path, "-") == 0;
    TRY(text_copy(standard ? "standard input" : path, &source->path));
    if (standard)
        TRY(file_input_standard(&source->input));
    else
        TRY((pipe ? file_input_open_pipe : file_input_open)(path, &source->input));
    return begin(source);
}

static enum weft_status open_again(struct byte_source *source, const struct byte_source *original)
{
    TRY(text_copy(original->path, &source->path));
    TRY(file_input_again(original->input, &source->input));
    return begin(source);
}

/* Passes a status on; after a failure, closes the half-open source. */
static enum weft_status opened(enum weft_status status, struct byte_source **source)
{
    if (status != WEFT_OK) {
        byte_source_close(*source);
        *source = NULL;
    }
    return status;
}

enum weft_status byte_source_open(const char *path, struct byte_source **source)
{
    TRY(NEW_ARRAY(*source, 1));
    return opened(open_source(*source, path, false), source);
}

enum weft_status byte_source_open_pipe(const char *path, struct byte_source **source)
{
    TRY(NEW_ARRAY(*source, 1));
    return opened(open_source(*source, path, true), source);
}

bool byte_source_passes_once(const char *path)
{
    return strcmp(path, "-") == 0 || file_is_pipe(path);
}

enum weft_status byte_source_again(const struct byte_source *source, struct byte_source **again)
{
    TRY(NEW_ARRAY(*again, 1));
    return opened(open_again(*again, source), again);
}

enum weft_status byte_source_keep(struct byte_source *source)
{
    if (source->position > source->chunk_bytes) /* The chunk must still have all that was read. */
        return fail(WEFT_ERROR_DATA, "%s: gzip data: got %llu bytes without content", source->path,
                    (unsigned long long)source->position);
    return file_input_keep(source->input, source->chunk, (size_t)source->position);
}

void byte_source_close(struct byte_source *source)
{
    if (source == NULL)
        return;
    if (source->inflating)
        inflateEnd(&source->stream);
    file_input_close(source->input);
    memory_free(source->peeked);
    memory_free(source->chunk);
    memory_free(source->path);
    memory_free(source);
}

const char *byte_source_name(const struct byte_source *source)
{
    return source->path;
}

uint64_t byte_source_file_bytes(const struct byte_source *source)
{
    return file_input_size(source->input);
}

bool byte_source_is_gzip(const struct byte_source *source)
{
    return source->gzip;
}

/* ---- reading ---- */

static enum weft_status read_plain(struct byte_source *source, unsigned char *buffer, size_t size,
                                   size_t *got)
{
    z_stream *stream = &source->stream;
    size_t ready = size_min(stream->avail_in, size); /* bytes left over from the first chunk */
    if (ready > 0)
        memcpy(buffer, stream->next_in, ready);
    stream->next_in += ready;
    stream->avail_in -= (uInt)ready;
    TRY(file_input_read(source->input, buffer + ready, size - ready, got));
    *got += ready;
    return WEFT_OK;
}

/* Returns the offset of the byte in the file that zlib reads next. */
static unsigned long long place(const struct byte_source *source)
{
    return source->position - source->stream.avail_in;
}

/* Skips zeros that pad the file up to its end, as on tapes. gzip(1) ignores such zeros too. */
static enum weft_status skip_padding(struct byte_source *source)
{
    z_stream *stream = &source->stream;
    while (stream->avail_in > 0 && stream->next_in[0] == 0) {
        stream->next_in++;
        stream->avail_in--;
        if (stream->avail_in == 0)
            TRY(refill(source));
    }
    return WEFT_OK;
}

static enum weft_status fail_garbage(const struct byte_source *source)
{
    const uint64_t file_bytes = file_input_size(source->input);
    const unsigned long long rest =
        (file_bytes != FILE_SIZE_UNKNOWN ? file_bytes : source->position) - place(source);
    return fail(WEFT_ERROR_DATA,
                "%s: byte %llu: garbage after the gzip data: got %llu bytes more, need none",
                source->path, place(source), rest);
}

/* Begins the next member. Without one, only padding may precede the end of the file. */
static enum weft_status begin_member(struct byte_source *source)
{
    z_stream *stream = &source->stream;
    const bool another = stream->avail_in > 0 && stream->next_in[0] == gzip_magic[0];
    if (!another)
        TRY(skip_padding(source));
    if (stream->avail_in == 0) {
        source->ended = true;
        return WEFT_OK;
    }
    if (!another)
        return fail_garbage(source);
    source->between_members = false;
    if (inflateReset(stream) != Z_OK)
        return fail(WEFT_ERROR_INTERNAL, "%s: zlib cannot begin a member", source->path);
    return WEFT_OK;
}

/* Inflates one step, or moves on to the next member. */
static enum weft_status inflate_step(struct byte_source *source)
{
    z_stream *stream = &source->stream;
    if (stream->avail_in == 0)
        TRY(refill(source));
    if (source->between_members)
        return begin_member(source);
    if (stream->avail_in == 0)
        return fail(WEFT_ERROR_DATA, "%s: byte %llu: gzip data: got the end of the file, need more",
                    source->path, place(source));
    switch (inflate(stream, Z_NO_FLUSH)) {
    case Z_STREAM_END:
        source->between_members = true;
        return WEFT_OK;
    case Z_OK:
    case Z_BUF_ERROR: /* No progress: inflate needs more input or output, which follows. */
        return WEFT_OK;
    case Z_MEM_ERROR:
        return fail(WEFT_ERROR_MEMORY, "%s: host memory: not available for inflating",
                    source->path);
    default: /* "incorrect data check" refers to the checksum. */
        return fail(WEFT_ERROR_DATA, "%s: byte %llu: damaged gzip data: %s", source->path,
                    place(source), stream->msg != NULL ? stream->msg : "unknown to zlib");
    }
}

static enum weft_status read_gzip(struct byte_source *source, unsigned char *buffer, size_t size,
                                  size_t *got)
{
    z_stream *stream = &source->stream;
    *got = 0;
    while (*got < size && !source->ended) {
        stream->next_out = buffer + *got;
        stream->avail_out = (uInt)size_min(size - *got, MOST_OUTPUT);
        TRY(inflate_step(source));
        *got = (size_t)(stream->next_out - buffer);
    }
    return WEFT_OK;
}

static enum weft_status read_on(struct byte_source *source, unsigned char *buffer, size_t size,
                                size_t *got)
{
    return source->gzip ? read_gzip(source, buffer, size, got)
                        : read_plain(source, buffer, size, got);
}

enum weft_status byte_source_read(struct byte_source *source, void *buffer, size_t size,
                                  size_t *got)
{
    const size_t ready = size_min(source->peeked_size - source->peeked_at, size);
    if (ready > 0)
        memcpy(buffer, source->peeked + source->peeked_at, ready);
    source->peeked_at += ready;
    TRY(read_on(source, (unsigned char *)buffer + ready, size - ready, got));
    *got += ready;
    return WEFT_OK;
}

enum weft_status byte_source_peek(struct byte_source *source, const unsigned char **bytes,
                                  size_t *got)
{
    if (source->peeked == NULL) {
        TRY(NEW_ARRAY(source->peeked, BYTE_SOURCE_PEEK));
        TRY(read_on(source, source->peeked, BYTE_SOURCE_PEEK, &source->peeked_size));
    }
    *bytes = source->peeked + source->peeked_at;
    *got = source->peeked_size - source->peeked_at;
    return WEFT_OK;
}
