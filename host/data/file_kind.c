/* Recognizes files by their first bytes; see file_kind.h.
 *
 * Formats with a magic number are rows of a table. Texts have no magic number, so they are told
 * apart by their first line.
 */
#include "data/file_kind.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "data/libsvm.h"

/* Bytes that identify a format. */
struct magic {
    size_t offset;
    const char *bytes;
    size_t size;
};

#define MAGIC(offset, text)                                                                        \
    {                                                                                              \
        (offset), (text), sizeof(text) - 1                                                         \
    }

static bool has(const unsigned char *head, size_t size, struct magic magic)
{
    return size >= magic.offset + magic.size &&
           memcmp(head + magic.offset, magic.bytes, magic.size) == 0;
}

/* Counts the control characters other than white space. */
static size_t count_controls(const unsigned char *head, size_t size)
{
    enum { ESCAPE = 27 };
    size_t count = 0;
    for (size_t i = 0; i < size; i++)
        count += head[i] < ' ' && !isspace(head[i]) && head[i] != ESCAPE;
    return count;
}

/* ---- formats that are read ---- */

static const struct {
    struct magic magic;
    enum file_kind kind;
} read_formats[] = {
    {MAGIC(0, "\x93NUMPY"), FILE_NPY},
    {MAGIC(0, "\x89PNG\r\n\x1a\n"), FILE_PNG},
    {MAGIC(0, "\xff\xd8\xff"), FILE_JPEG},
    {MAGIC(0, "PK\5\6"), FILE_NPZ}, /* a ZIP archive without files; its reader says so */
    {MAGIC(0, "\0\0"), FILE_IDX},   /* the reader judges the other two bytes */
};

const char *file_kind_name(enum file_kind kind)
{
    static const char *const names[] = {
        [FILE_IDX] = "an IDX file",      [FILE_NPY] = "an NPY file", [FILE_NPZ] = "an NPZ file",
        [FILE_LIBSVM] = "a LIBSVM file", [FILE_PNG] = "an image",    [FILE_JPEG] = "an image",
        [FILE_TEXT] = "a table of text"};
    return names[kind];
}

/* ---- formats that are only named ---- */

/* A format, and the command that converts it. '@' in the command is the name of the file. */
struct foreign {
    struct magic magic;
    const char *what, *command;
    enum { BINARY, TEXT, IMAGE } kind;
};

#define PANDAS(reader)                                                                             \
    "python3 -c 'import pandas as pd; pd." reader "(\"@\").to_csv(\"@.csv\", index=False)'"
#define PILLOW     "python3 -c 'from PIL import Image; Image.open(\"@\").save(\"@.png\")'"
#define EXPORT_NPZ "save its arrays from Python with numpy.savez(\"data.npz\", x=samples, y=labels)"

static const struct foreign foreign_formats[] = {
    {MAGIC(0, "version https://git-lfs"), "a Git LFS pointer, not the file itself",
     "git lfs pull --include \"@\"", TEXT},
    {MAGIC(0, "PAR1"), "a Parquet file", PANDAS("read_parquet"), BINARY},
    {MAGIC(0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "an Excel file (xls)", PANDAS("read_excel"),
     BINARY},
    {MAGIC(0, "\x89HDF\r\n\x1a\n"), "an HDF5 file", EXPORT_NPZ, BINARY},
    {MAGIC(512, "\x89HDF\r\n\x1a\n"), "an HDF5 file (MATLAB 7.3)", EXPORT_NPZ, BINARY},
    {MAGIC(0, "MATLAB 5.0"), "a MATLAB file", EXPORT_NPZ, BINARY},
    {MAGIC(0, "SQLite format 3\0"), "an SQLite database",
     "sqlite3 -header -csv \"@\" \"SELECT * FROM TABLE\" > \"@.csv\"", BINARY},
    {MAGIC(0, "FEA1"), "a Feather file", PANDAS("read_feather"), BINARY},
    {MAGIC(0, "ARROW1"), "an Arrow file", PANDAS("read_feather"), BINARY},
    {MAGIC(0, "ORC"), "an ORC file", PANDAS("read_orc"), BINARY},
    {MAGIC(0, "Obj\1"), "an Avro file", EXPORT_NPZ, BINARY},
    {MAGIC(0, "<stata_dta>"), "a Stata file", PANDAS("read_stata"), TEXT},
    {MAGIC(0, "$FL2"), "an SPSS file", PANDAS("read_spss"), BINARY},
    {MAGIC(0, "RDX"), "an R data file",
     "Rscript -e 'load(\"@\"); write.csv(get(ls()[1]), \"@.csv\", row.names=FALSE)'", BINARY},
    {MAGIC(0, "%PDF"), "a PDF document", NULL, BINARY},
    {MAGIC(257, "ustar\0"), "a tar archive", "tar -xf \"@\"", BINARY},
    {MAGIC(257, "ustar  \0"), "a tar archive", "tar -xf \"@\"", BINARY},
    {MAGIC(0, "BZh"), "a bzip2 file", "bunzip2 \"@\"", BINARY},
    {MAGIC(0, "\xfd"
              "7zXZ"),
     "an xz file", "unxz \"@\"", BINARY},
    {MAGIC(0, "\x28\xb5\x2f\xfd"), "a Zstandard file", "unzstd \"@\"", BINARY},
    {MAGIC(0, "7z\xbc\xaf\x27\x1c"), "a 7-Zip archive", "7z x \"@\"", BINARY},
    {MAGIC(0, "Rar!\x1a\7"), "a RAR archive", "unrar x \"@\"", BINARY},
    {MAGIC(0, "\x1f\x8b"), "a gzip file inside a gzip file", "gunzip \"@\"", BINARY},
    {MAGIC(0, "\xff\xfe"), "text in UTF-16", "iconv -f UTF-16 -t UTF-8 \"@\" > \"@.csv\"", BINARY},
    {MAGIC(0, "\xfe\xff"), "text in UTF-16", "iconv -f UTF-16 -t UTF-8 \"@\" > \"@.csv\"", BINARY},
    {MAGIC(0, "GIF8"), "a GIF image", PILLOW, IMAGE},
    {MAGIC(8, "WEBP"), "a WebP image", PILLOW, IMAGE},
    {MAGIC(0, "II*\0"), "a TIFF image", PILLOW, IMAGE},
    {MAGIC(0, "MM\0*"), "a TIFF image", PILLOW, IMAGE},
    {MAGIC(0, "BM"), "a BMP image", PILLOW, IMAGE},
    {MAGIC(4, "ftypavif"), "an AVIF image", PILLOW, IMAGE},
    {MAGIC(4, "ftypheic"), "a HEIC image", PILLOW, IMAGE},
};
enum { FOREIGN_FORMATS = sizeof foreign_formats / sizeof *foreign_formats };

static const struct foreign safetensors = {
    .what = "a safetensors file: a model, or tensors without columns", .command = EXPORT_NPZ};
static const struct foreign trained = {
    .what = "a file that weft train has written, not data; --model, --init-model and --resume take "
            "models and checkpoints",
    .command = NULL};
static const struct foreign packed = {
    .what = "a file of weft pack, which cannot be compressed or piped, and is no table of text",
    .command = NULL};
static const struct foreign pickle = {
    .what = "a Python pickle, which can run any code when it is read", .command = EXPORT_NPZ};
static const struct foreign html = {
    .what = "an HTML or XML page, not data; a download may have failed", .command = NULL};
static const struct foreign utf16_le = {.what = "text in UTF-16 without a byte order mark",
                                        .command = "iconv -f UTF-16LE -t UTF-8 \"@\" > \"@.csv\""};
static const struct foreign utf16_be = {.what = "text in UTF-16 without a byte order mark",
                                        .command = "iconv -f UTF-16BE -t UTF-8 \"@\" > \"@.csv\""};
static const struct foreign json = {.what = "JSON", .command = PANDAS("read_json")};
static const struct foreign json_lines = {
    .what = "JSON lines",
    .command = "python3 -c 'import pandas as pd; pd.read_json(\"@\", lines=True).to_csv(\"@.csv\", "
               "index=False)'"};
static const struct foreign arff = {
    .what = "an ARFF file",
    .command = "python3 -c 'from scipy.io import arff; import pandas as pd; "
               "pd.DataFrame(arff.loadarff(\"@\")[0]).to_csv(\"@.csv\", index=False)'"};

/* Replaces each '@' of a command by the path. */
static void command_text(const char *command, const char *path, char *text, size_t size)
{
    size_t used = 0;
    for (; *command != '\0' && used + 1 < size; command++) {
        if (*command != '@')
            text[used++] = *command;
        else
            used +=
                size_min((size_t)snprintf(text + used, size - used, "%s", path), size - used - 1);
    }
    text[used] = '\0';
}

static enum weft_status fail_foreign(const char *path, const struct foreign *foreign)
{
    char command[1024];
    if (foreign->command == NULL)
        return fail(WEFT_ERROR_DATA, "%s: this looks like %s", path, foreign->what);
    command_text(foreign->command, path, command, sizeof command);
    return fail(WEFT_ERROR_DATA, "%s: this looks like %s, which Weft does not read; convert it: %s",
                path, foreign->what, command);
}

/* ---- ZIP archives ---- */

/* What is recognized by the name of the first file in a ZIP archive. */
static const struct {
    const char *name;
    struct foreign foreign;
} zip_formats[] = {
    {"[Content_Types].xml", {.what = "an Excel file (xlsx)", .command = PANDAS("read_excel")}},
    {"xl/", {.what = "an Excel file (xlsx)", .command = PANDAS("read_excel")}},
    {"_rels/", {.what = "an Excel file (xlsx)", .command = PANDAS("read_excel")}},
    {"docProps/", {.what = "an Excel file (xlsx)", .command = PANDAS("read_excel")}},
    {"mimetype", {.what = "an OpenDocument table (ods)", .command = PANDAS("read_excel")}},
    {"archive/", {.what = "a PyTorch file", .command = EXPORT_NPZ}},
    {"", {.what = "a ZIP archive", .command = "unzip \"@\""}},
};

/* A local file header has the length of the name in bytes 26 and 27 and the name from byte 30. */
static enum weft_status find_in_zip(const char *path, const unsigned char *head, size_t size,
                                    enum file_kind *kind)
{
    enum { LENGTH = 26, NAME = 30 };
    static const char suffix[] = ".npy";
    const size_t rest = size > NAME ? size - NAME : 0;
    const size_t length =
        rest > 0 ? size_min((size_t)head[LENGTH] | (size_t)head[LENGTH + 1] << 8, rest) : 0;
    const char *name = (const char *)head + NAME;
    const size_t end = sizeof suffix - 1;
    if (length >= end && memcmp(name + length - end, suffix, end) == 0) {
        *kind = FILE_NPZ;
        return WEFT_OK;
    }
    size_t i = 0;
    while (length < strlen(zip_formats[i].name) ||
           memcmp(name, zip_formats[i].name, strlen(zip_formats[i].name)) != 0)
        i++; /* The last name is empty, so it fits. */
    return fail_foreign(path, &zip_formats[i].foreign);
}

/* ---- texts ---- */

static bool begins_with(const char *text, size_t size, const char *word)
{
    const size_t length = strlen(word);
    if (size < length)
        return false;
    for (size_t i = 0; i < length; i++)
        if (tolower((unsigned char)text[i]) != word[i])
            return false;
    return true;
}

/* Returns the first line that is not empty and is no comment of ARFF. */
static size_t skip_to_content(const char *text, size_t size)
{
    size_t at = 0;
    while (at < size && (isspace((unsigned char)text[at]) || text[at] == '%'))
        if (text[at] == '%')
            for (; at < size && text[at] != '\n'; at++)
                ;
        else
            at++;
    return at;
}

static bool is_markup(const char *text, size_t size)
{
    static const char *const beginnings[] = {"<!doctype", "<!--",   "<?xml", "<html",
                                             "<head",     "<body",  "<meta", "<script",
                                             "<title",    "<error", "<svg"};
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
        if (begins_with(text, size, beginnings[i]))
            return true;
    return false;
}

/* Names texts that are not tables, or returns NULL. */
static const struct foreign *foreign_text(const char *text, size_t size)
{
    static const char mark[] = "\xef\xbb\xbf"; /* byte order mark of UTF-8 */
    if (begins_with(text, size, mark)) {
        text += sizeof mark - 1;
        size -= sizeof mark - 1;
    }
    const size_t at = skip_to_content(text, size);
    text += at;
    size -= at;
    if (begins_with(text, size, "@relation"))
        return &arff;
    if (is_markup(text, size))
        return &html;
    if (size > 0 && text[0] == '[')
        return &json;
    if (size > 0 && text[0] == '{') {
        const char *end = memchr(text, '\n', size);
        return end != NULL && end > text && end[-1] == '}' ? &json_lines : &json;
    }
    return NULL;
}

static enum weft_status find_text(const char *path, const unsigned char *head, size_t size,
                                  enum file_kind *kind)
{
    const size_t controls = count_controls(head, size);
    if (controls > size / 3 || count_controls(head, 1) > 0) /* A table may have a few by mistake. */
        return fail(WEFT_ERROR_DATA,
                    "%s: byte 0: unknown format: got %02x %02x %02x %02x, need IDX, NPY, NPZ, "
                    "LIBSVM, PNG, JPEG or a table of text",
                    path, head[0], size > 1 ? head[1] : 0, size > 2 ? head[2] : 0,
                    size > 3 ? head[3] : 0);
    const struct foreign *foreign = foreign_text((const char *)head, size);
    if (foreign != NULL)
        return fail_foreign(path, foreign);
    *kind = libsvm_recognize((const char *)head, size) ? FILE_LIBSVM : FILE_TEXT;
    return WEFT_OK;
}

/* ---- the whole ---- */

/* Protocols 2 to 5 begin with 80 and the number of the protocol. */
static bool is_pickle(const unsigned char *head, size_t size)
{
    return size > 2 && head[0] == 0x80 && head[1] >= 2 && head[1] <= 5;
}

bool file_kind_is_safetensors(const unsigned char *head, size_t size)
{
    static const unsigned char upper_half[4] = {0};
    return size >= SAFETENSORS_HEAD && memcmp(head + 4, upper_half, sizeof upper_half) == 0 &&
           head[8] == '{';
}

static bool header_has(const unsigned char *head, size_t size, const char *text)
{
    const size_t length = strlen(text);
    for (size_t i = SAFETENSORS_HEAD; i + length <= size; i++)
        if (memcmp(head + i, text, length) == 0)
            return true;
    return false;
}

/* Tells the safetensors files of Weft from others by their metadata: see pack/pack_metadata.h,
 * network/model_metadata.h and train/checkpoint.h. */
static const struct foreign *find_safetensors(const unsigned char *head, size_t size)
{
    if (header_has(head, size, "\"format\":\"weft-pack\""))
        return &packed;
    return header_has(head, size, "\"format\":\"weft") ? &trained : &safetensors;
}

/* Tells whether the beginning is ASCII in UTF-16: every other byte, from `zero` on, is 0. */
static bool is_wide_text(const unsigned char *head, size_t size, size_t zero)
{
    enum { LEAST = 8, LOOKED_AT = 64 };
    for (size_t i = 0; i < size_min(size, LOOKED_AT); i++)
        if (i % 2 == zero ? head[i] != 0 : !isprint(head[i]) && !isspace(head[i]))
            return false;
    return size >= LEAST;
}

/* The letters of a magic number may also begin a table: the header "PAR1,PAR2" is no Parquet
 * file. */
static const struct foreign *find_foreign(const unsigned char *head, size_t size)
{
    enum { LOOKED_AT = 256 };
    const bool text = count_controls(head, size_min(size, LOOKED_AT)) == 0;
    for (size_t i = 0; i < FOREIGN_FORMATS; i++)
        if (has(head, size, foreign_formats[i].magic) &&
            (!text || foreign_formats[i].kind == TEXT || head[0] >= 0x80))
            return &foreign_formats[i];
    if (file_kind_is_safetensors(head, size))
        return find_safetensors(head, size);
    if (is_wide_text(head, size, 1))
        return &utf16_le;
    if (is_wide_text(head, size, 0))
        return &utf16_be;
    return is_pickle(head, size) ? &pickle : NULL;
}

enum weft_status file_kind_find(const char *path, const unsigned char *head, size_t size,
                                enum file_kind *kind)
{
    static const struct magic zip = MAGIC(0, "PK\3\4");
    if (size == 0)
        return fail(WEFT_ERROR_DATA, "%s: byte 0: empty file: got 0 bytes, need data", path);
    const struct foreign *foreign = find_foreign(head, size);
    if (foreign != NULL)
        return fail_foreign(path, foreign);
    for (size_t i = 0; i < sizeof read_formats / sizeof *read_formats; i++)
        if (has(head, size, read_formats[i].magic)) {
            *kind = read_formats[i].kind;
            return WEFT_OK;
        }
    return has(head, size, zip) ? find_in_zip(path, head, size, kind)
                                : find_text(path, head, size, kind);
}

const char *file_kind_foreign_image(const unsigned char *head, size_t size)
{
    const struct foreign *foreign = find_foreign(head, size);
    return foreign != NULL && foreign->kind == IMAGE ? foreign->what : NULL;
}
