/* Reads NPZ files with minizip; see npz.h.
 *
 * The archive lies in memory, so that it can come from a pipe too. Members are inflated while they
 * are read.
 */
#include "data/npz.h"

#include <string.h>

#include "base/memory.h"
#include "base/words.h"
#include "data/npy.h"

struct npz {
    const char *path;     /* borrowed */
    unsigned char *bytes; /* [size] owned: the archive */
    size_t size, capacity;
    void *zip;    /* owned; unzFile */
    char **names; /* [count] owned: without ".npy" */
    size_t count;
};

size_t npz_count(const struct npz *npz)
{
    return npz->count;
}

const char *const *npz_names(const struct npz *npz)
{
    return (const char *const *)npz->names;
}

/* ---- which arrays ---- */

/* Names of samples and labels, of the training set and the test set, in the order of preference. */
static const char *const usual_names[][4] = {
    {"x_train", "y_train", "x_test", "y_test"},
    {"X_train", "y_train", "X_test", "y_test"},
    {"X_train", "Y_train", "X_test", "Y_test"},
    {"train_x", "train_y", "test_x", "test_y"},
    {"train_images", "train_labels", "test_images", "test_labels"},
    {"x", "y", NULL, NULL},
    {"X", "y", NULL, NULL},
    {"X", "Y", NULL, NULL},
    {"data", "target", NULL, NULL},
    {"data", "labels", NULL, NULL},
    {"images", "labels", NULL, NULL},
    {"features", "labels", NULL, NULL},
    {"arr_0", "arr_1", NULL, NULL},
    {"x", NULL, NULL, NULL},
    {"X", NULL, NULL, NULL},
    {"data", NULL, NULL, NULL},
};

static size_t find_name(const struct npz *npz, const char *name)
{
    if (name == NULL)
        return NPZ_NONE;
    const size_t index = words_find(name, npz_names(npz), npz->count);
    return index < npz->count ? index : NPZ_NONE;
}

static enum weft_status find_given(const struct npz *npz, const char *option, const char *name,
                                   size_t *index)
{
    char hint[WORDS_HINT_SIZE];
    *index = find_name(npz, name);
    if (name == NULL || *index != NPZ_NONE)
        return WEFT_OK;
    return fail_option(option, name, "%s has no array of this name; %s", npz->path,
                       words_hint(name, npz_names(npz), npz->count, hint));
}

static bool all_there(const struct npz *npz, const char *const names[2])
{
    return find_name(npz, names[0]) != NPZ_NONE &&
           (names[1] == NULL || find_name(npz, names[1]) != NPZ_NONE);
}

static enum weft_status choose_usual(const struct npz *npz, struct npz_choice *choice)
{
    char known[WORDS_HINT_SIZE];
    for (size_t i = 0; i < sizeof usual_names / sizeof *usual_names; i++) {
        const char *const *names = usual_names[i];
        if (!all_there(npz, names))
            continue;
        choice->x = find_name(npz, names[0]);
        choice->y = find_name(npz, names[1]);
        if (names[2] != NULL && all_there(npz, names + 2)) {
            choice->x_test = find_name(npz, names[2]);
            choice->y_test = find_name(npz, names[3]);
        }
        return WEFT_OK;
    }
    choice->x = 0;
    if (npz->count == 1)
        return WEFT_OK;
    words_join(npz_names(npz), npz->count, known, sizeof known);
    return fail_option("x", NULL, "%s: name the array of samples; known: %s", npz->path, known);
}

enum weft_status npz_choose(const struct npz *npz, const struct weft_data_options *options,
                            struct npz_choice *choice)
{
    const char *x = options != NULL ? options->x : NULL, *y = options != NULL ? options->y : NULL;
    struct npz_choice usual = {NPZ_NONE, NPZ_NONE, NPZ_NONE, NPZ_NONE};
    *choice = usual;
    if (x == NULL)
        TRY(choose_usual(npz, &usual));
    if (x == NULL && y == NULL) {
        *choice = usual;
        return WEFT_OK;
    }
    choice->x = usual.x;
    TRY(find_given(npz, "y", y, &choice->y));
    return x != NULL ? find_given(npz, "x", x, &choice->x) : WEFT_OK;
}

/* ---- the archive ---- */

#ifdef WEFT_HAVE_MINIZIP

#include <unzip.h>

enum {
    MOST_MEMBERS = 4096,
    MOST_NAME = 256,
    DEFLATE_MOST_RATIO = 1032, /* deflate expands 2 bits to 258 bytes at most. */
    METHOD_STORED = 0,
    METHOD_DEFLATED = 8
};

/* A position in the archive. minizip calls it a file. */
struct position {
    const struct npz *npz; /* borrowed */
    ZPOS64_T at;
};

static voidpf ZCALLBACK open_bytes(voidpf npz, const void *name, int mode)
{
    (void)name, (void)mode;
    struct position *position = memory_zeroed(1, sizeof *position);
    if (position != NULL)
        position->npz = npz;
    return position;
}

static uLong ZCALLBACK read_bytes(voidpf npz, voidpf stream, void *buffer, uLong size)
{
    (void)npz;
    struct position *position = stream;
    const size_t left =
        position->at < position->npz->size ? position->npz->size - (size_t)position->at : 0;
    const size_t count = size_min(size, left);
    if (count > 0)
        memcpy(buffer, position->npz->bytes + position->at, count);
    position->at += count;
    return (uLong)count;
}

static uLong ZCALLBACK write_bytes(voidpf npz, voidpf stream, const void *buffer, uLong size)
{
    (void)npz, (void)stream, (void)buffer, (void)size;
    return 0;
}

static ZPOS64_T ZCALLBACK tell_bytes(voidpf npz, voidpf stream)
{
    (void)npz;
    return ((struct position *)stream)->at;
}

static long ZCALLBACK seek_bytes(voidpf npz, voidpf stream, ZPOS64_T offset, int origin)
{
    struct position *position = stream;
    const ZPOS64_T size = ((const struct npz *)npz)->size;
    const ZPOS64_T base = origin == ZLIB_FILEFUNC_SEEK_SET   ? 0
                          : origin == ZLIB_FILEFUNC_SEEK_CUR ? position->at
                                                             : size;
    if (base + offset < base || base + offset > size)
        return -1;
    position->at = base + offset;
    return 0;
}

static int ZCALLBACK close_bytes(voidpf npz, voidpf stream)
{
    (void)npz;
    memory_free(stream);
    return 0;
}

static int ZCALLBACK error_bytes(voidpf npz, voidpf stream)
{
    (void)npz, (void)stream;
    return 0;
}

static enum weft_status fail_damaged(const struct npz *npz, const char *what)
{
    return fail(WEFT_ERROR_DATA, "%s: damaged ZIP archive: %s", npz->path, what);
}

/* Reads the whole archive into memory. */
static enum weft_status read_archive(struct npz *npz, struct byte_source *source)
{
    if (byte_source_is_gzip(source))
        return fail(WEFT_ERROR_DATA,
                    "%s: a ZIP archive inside a gzip file; unpack it with: gunzip \"%s\"",
                    npz->path, npz->path);
    if (byte_source_file_bytes(source) != FILE_SIZE_UNKNOWN)
        TRY(memory_grow(&npz->bytes, 1, 0, (size_t)byte_source_file_bytes(source) + 1,
                        &npz->capacity));
    for (;;) {
        size_t got;
        TRY(memory_grow(&npz->bytes, 1, npz->size, npz->size + 1, &npz->capacity));
        TRY(byte_source_read(source, npz->bytes + npz->size, npz->capacity - npz->size, &got));
        npz->size += got;
        if (npz->size < npz->capacity)
            return WEFT_OK;
    }
}

static enum weft_status current_name(struct npz *npz, char name[MOST_NAME])
{
    unz_file_info64 info;
    if (unzGetCurrentFileInfo64(npz->zip, &info, name, MOST_NAME, NULL, 0, NULL, 0) != UNZ_OK)
        return fail_damaged(npz, "its directory cannot be read");
    if (info.size_filename >= MOST_NAME || strlen(name) != info.size_filename)
        return fail_damaged(npz, "a name is too long or has a NUL byte");
    return WEFT_OK;
}

/* Lists the members, all of which must be NPY files. */
static enum weft_status list_members(struct npz *npz, size_t members)
{
    static const char suffix[] = ".npy";
    const size_t end = sizeof suffix - 1;
    TRY(NEW_ARRAY(npz->names, members));
    for (int code = unzGoToFirstFile(npz->zip); npz->count < members;
         code = unzGoToNextFile(npz->zip)) {
        char name[MOST_NAME] = "";
        if (code != UNZ_OK)
            return fail_damaged(npz, "its directory ends early");
        TRY(current_name(npz, name));
        const size_t length = strlen(name);
        if (length < end || strcmp(name + length - end, suffix) != 0)
            return fail(WEFT_ERROR_DATA, "%s: member \"%.64s\": need only NPY files", npz->path,
                        name);
        name[length - end] = '\0';
        TRY(text_copy(name, &npz->names[npz->count++]));
    }
    return WEFT_OK;
}

/* Checks that the archive ends with a whole record: PK 5 6, 18 bytes, and a comment of the length
 * in the last two of them. minizip reads bytes behind the end as 0. */
static enum weft_status check_end(const struct npz *npz)
{
    enum { RECORD = 22, MOST_COMMENT = 65535, ENTRIES = 10 };
    for (size_t comment = 0; comment <= MOST_COMMENT && RECORD + comment <= npz->size; comment++) {
        const unsigned char *record = npz->bytes + npz->size - RECORD - comment;
        if (memcmp(record, "PK\5\6", 4) != 0 ||
            ((size_t)record[RECORD - 2] | (size_t)record[RECORD - 1] << 8) != comment)
            continue;
        if (record[ENTRIES] == 0 && record[ENTRIES + 1] == 0)
            return fail(WEFT_ERROR_DATA, "%s: arrays: got 0, need at least 1", npz->path);
        return WEFT_OK;
    }
    return fail_damaged(npz, "its end is missing; the file may be cut");
}

static enum weft_status open_archive(struct npz *npz, struct byte_source *source)
{
    unz_global_info64 info;
    TRY(read_archive(npz, source));
    TRY(check_end(npz));
    zlib_filefunc64_def functions = {open_bytes, read_bytes,  write_bytes, tell_bytes,
                                     seek_bytes, close_bytes, error_bytes, npz};
    npz->zip = unzOpen2_64(npz->path, &functions);
    if (npz->zip == NULL || unzGetGlobalInfo64(npz->zip, &info) != UNZ_OK)
        return fail_damaged(npz, "its directory cannot be found");
    if (info.number_entry == 0 || info.number_entry > MOST_MEMBERS)
        return fail(WEFT_ERROR_DATA, "%s: members: got %llu, need 1 to %d", npz->path,
                    (unsigned long long)info.number_entry, (int)MOST_MEMBERS);
    return list_members(npz, (size_t)info.number_entry);
}

enum weft_status npz_open(struct byte_source *source, const char *path, struct npz **npz)
{
    TRY(NEW_ARRAY(*npz, 1));
    (*npz)->path = path;
    const enum weft_status status = open_archive(*npz, source);
    if (status != WEFT_OK) {
        npz_close(*npz);
        *npz = NULL;
    }
    return status;
}

void npz_close(struct npz *npz)
{
    if (npz == NULL)
        return;
    if (npz->zip != NULL)
        unzClose(npz->zip);
    for (size_t i = 0; i < npz->count; i++)
        memory_free(npz->names[i]);
    memory_free(npz->names);
    memory_free(npz->bytes);
    memory_free(npz);
}

/* ---- a member ---- */

static enum weft_status read_member(void *from, void *buffer, size_t size, size_t *got)
{
    enum { MOST_A_CALL = 1 << 30 };
    struct npz *npz = from;
    *got = 0;
    while (*got < size) {
        const int count = unzReadCurrentFile(npz->zip, (unsigned char *)buffer + *got,
                                             (unsigned)size_min(size - *got, MOST_A_CALL));
        if (count < 0)
            return fail_damaged(npz, "a member cannot be inflated");
        if (count == 0)
            break;
        *got += (size_t)count;
    }
    return WEFT_OK;
}

/* Bounds the size of the member by its claim, and by what its compressed bytes can become. */
static enum weft_status bound_member(const struct npz *npz, const unz_file_info64 *info,
                                     struct npy_bytes *bytes)
{
    const ZPOS64_T packed = info->compressed_size;
    const bool stored = info->compression_method == METHOD_STORED;
    if ((info->flag & 1) != 0)
        return fail(WEFT_ERROR_DATA, "%s: got an encrypted member, need a plain one", bytes->name);
    if (!stored && info->compression_method != METHOD_DEFLATED)
        return fail(WEFT_ERROR_DATA,
                    "%s: compression method: got %lu, need 0 (stored) or 8 (deflated)", bytes->name,
                    (unsigned long)info->compression_method);
    if (packed > npz->size)
        return fail_damaged(npz, "a member is longer than the file");
    bytes->most = stored ? packed : packed * DEFLATE_MOST_RATIO;
    if (info->uncompressed_size > bytes->most)
        return fail(WEFT_ERROR_DATA,
                    "%s: got at most %llu bytes from %llu in the archive, which claims %llu",
                    bytes->name, (unsigned long long)bytes->most, (unsigned long long)packed,
                    (unsigned long long)info->uncompressed_size);
    bytes->most = info->uncompressed_size;
    return WEFT_OK;
}

static enum weft_status read_current(struct npz *npz, const struct npy_bytes *bytes,
                                     struct array *array)
{
    if (unzOpenCurrentFile(npz->zip) != UNZ_OK)
        return fail_damaged(npz, "a member cannot be opened");
    enum weft_status status = npy_read(bytes, array);
    const int code = unzCloseCurrentFile(npz->zip);
    if (status == WEFT_OK && code != UNZ_OK) {
        array_reset(array);
        status = fail_damaged(npz, "the checksum of a member is wrong");
    }
    return status;
}

static enum weft_status read_named(struct npz *npz, size_t index, char *name, size_t size,
                                   struct array *array)
{
    unz_file_info64 info;
    struct npy_bytes bytes = {.name = name, .read = read_member, .from = npz};
    int code = unzGoToFirstFile(npz->zip);
    snprintf(name, size, "%s: %s", npz->path, npz->names[index]);
    for (size_t i = 0; i < index && code == UNZ_OK; i++)
        code = unzGoToNextFile(npz->zip);
    if (code != UNZ_OK ||
        unzGetCurrentFileInfo64(npz->zip, &info, NULL, 0, NULL, 0, NULL, 0) != UNZ_OK)
        return fail_damaged(npz, "a member cannot be found");
    TRY(bound_member(npz, &info, &bytes));
    return read_current(npz, &bytes, array);
}

enum weft_status npz_read(struct npz *npz, size_t index, struct array *array)
{
    const size_t size = strlen(npz->path) + strlen(npz->names[index]) + sizeof ": ";
    char *name;
    *array = (struct array){.name = NULL};
    TRY(NEW_ARRAY(name, size));
    const enum weft_status status = read_named(npz, index, name, size, array);
    memory_free(name);
    return status;
}

const char *npz_library(void)
{
    return "minizip";
}

#else

enum weft_status npz_open(struct byte_source *source, const char *path, struct npz **npz)
{
    (void)source;
    *npz = NULL;
    return fail(
        WEFT_ERROR_USAGE,
        "%s: this build cannot read NPZ files: minizip was missing (Debian: apt-get install "
        "libminizip-dev)",
        path);
}

void npz_close(struct npz *npz)
{
    (void)npz;
}

enum weft_status npz_read(struct npz *npz, size_t index, struct array *array)
{
    (void)npz, (void)index, (void)array;
    return fail(WEFT_ERROR_INTERNAL, "this build cannot read NPZ files");
}

const char *npz_library(void)
{
    return "";
}

#endif
