/* Tests how files are recognized by their content, and how foreign formats are named. */
#define _XOPEN_SOURCE 700
#include <stdint.h>
#include <zlib.h>

#include "data/file_kind.h"
#include "format_files.h"

#define BYTES(text) (text), sizeof(text) - 1

static const struct {
    const char *bytes;
    size_t size;
    enum file_kind kind;
} known[] = {
    {BYTES("\0\0\10\3\0\0\0\1"), FILE_IDX},
    {BYTES("\0\0\0\0"), FILE_IDX}, /* damaged; its reader says how */
    {BYTES("\x93NUMPY\1\0"), FILE_NPY},
    {BYTES("PK\3\4\24\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\5\0\0\0x.npy"), FILE_NPZ},
    {BYTES("\x89PNG\r\n\x1a\n"), FILE_PNG},
    {BYTES("\xff\xd8\xff\xe0"), FILE_JPEG},
    {BYTES("1 1:0.5 2:1\n"), FILE_LIBSVM},
    {BYTES("a,b\n1,2\n"), FILE_TEXT},
    {BYTES("\xef\xbb\xbf"
           "a;b\n"),
     FILE_TEXT},
    {BYTES("5\n6\n"), FILE_TEXT},
    {BYTES("a\tb\n1\t\0\n"), FILE_TEXT}, /* its reader says where the NUL byte is */
    {BYTES("PAR1,PAR2\n1,2\n"), FILE_TEXT},
    {BYTES("ORCHARD,BMI\nx,2\n"), FILE_TEXT},
    {BYTES("<TICKER>,<CLOSE>\nX,2\n"), FILE_TEXT},
    {BYTES("PKW,LKW\n1,2\n"), FILE_TEXT},
};

START_TEST(formats_that_are_read)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        enum file_kind kind = FILE_TEXT;
        ck_ok(file_kind_find("file", (const unsigned char *)known[i].bytes, known[i].size, &kind));
        ck_assert_msg(kind == known[i].kind, "row %zu: %d", i, (int)kind);
    }
}
END_TEST

static const struct {
    const char *bytes;
    size_t size;
    const char *what, *command;
} foreign[] = {
    {BYTES("PAR1\25\4\25\20\0"), "a Parquet file",
     "pd.read_parquet(\"x.bin\").to_csv(\"x.bin.csv\", index=False)"},
    {BYTES("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"),
     "a Git LFS pointer", "git lfs pull --include \"x.bin\""},
    {BYTES("<!DOCTYPE html><html>"), "an HTML or XML page", NULL},
    {BYTES("\n  <HTML lang=en>"), "an HTML or XML page", NULL},
    {BYTES("<?xml version='1.0'?><Error>"), "an HTML or XML page", NULL},
    {BYTES("PK\3\4\24\0\6\0\10\0\0\0!\0\0\0\0\0\0\0\0\0\0\0\0\0\23\0\10\2[Content_Types].xml"),
     "an Excel file (xlsx)", "pd.read_excel(\"x.bin\")"},
    {BYTES("PK\3\4\24\0\6\0\10\0\0\0!\0\0\0\0\0\0\0\0\0\0\0\0\0\10\0\0\0mimetypeapplication"),
     "an OpenDocument table", "pd.read_excel"},
    {BYTES("PK\3\4\24\0\6\0\10\0\0\0!\0\0\0\0\0\0\0\0\0\0\0\0\0\20\0\0\0archive/data.pkl"),
     "a PyTorch file", "numpy.savez"},
    {BYTES("PK\3\4\24\0\6\0\10\0\0\0!\0\0\0\0\0\0\0\0\0\0\0\0\0\5\0\0\0a.csv"), "a ZIP archive",
     "unzip \"x.bin\""},
    {BYTES("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0"), "an Excel file (xls)", "pd.read_excel"},
    {BYTES("\x89HDF\r\n\x1a\n\0"), "an HDF5 file", "numpy.savez"},
    {BYTES("\x80\4\x95\1"), "a Python pickle", "numpy.savez"},
    {BYTES("% comment\n@RELATION iris\n@ATTRIBUTE a NUMERIC\n"), "an ARFF file",
     "arff.loadarff(\"x.bin\")"},
    {BYTES("{\"a\": [1, 2]}"), "JSON", "pd.read_json(\"x.bin\")"},
    {BYTES("{\"a\": 1}\n{\"a\": 2}\n"), "JSON lines", "lines=True"},
    {BYTES("[[1, 2], [3, 4]]"), "JSON", "pd.read_json"},
    {BYTES("SQLite format 3\0\20"), "an SQLite database", "sqlite3 -header -csv \"x.bin\""},
    {BYTES("\100\0\0\0\0\0\0\0{\"a\":{"), "a safetensors file", "numpy.savez"},
    {BYTES("BZh91AY&SY\1\2"), "a bzip2 file", "bunzip2"},
    {BYTES("\xfd"
           "7zXZ\0"),
     "an xz file", "unxz"},
    {BYTES("\x28\xb5\x2f\xfd\4"), "a Zstandard file", "unzstd"},
    {BYTES("7z\xbc\xaf\x27\x1c\0\4"), "a 7-Zip archive", "7z x"},
    {BYTES("FEA1\0\0\0\0"), "a Feather file", "pd.read_feather"},
    {BYTES("ARROW1\0\0\1"), "an Arrow file", "pd.read_feather"},
    {BYTES("\xff\xfe"
           "a\0,\0b\0"),
     "text in UTF-16", "iconv -f UTF-16"},
    {BYTES("a\0,\0b\0\n\0"), "text in UTF-16 without", "iconv -f UTF-16LE"},
    {BYTES("\0a\0,\0b\0\n"), "text in UTF-16 without", "iconv -f UTF-16BE"},
    {BYTES("GIF89a\1\0"), "a GIF image", "from PIL import Image"},
    {BYTES("RIFF\1\0\0\0WEBPVP8 "), "a WebP image", "from PIL import Image"},
    {BYTES("BM\1\0\0\0\0\0\0\0\66\0"), "a BMP image", "from PIL import Image"},
    {BYTES("\0\0\0\x1c"
           "ftypavif"),
     "an AVIF image", "from PIL import Image"},
    {BYTES("%PDF-1.7\n\xe2\xe3\1\2"), "a PDF document", NULL},
};

START_TEST(formats_that_are_named)
{
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        const char *path = temporary_write("x.bin", foreign[i].bytes, foreign[i].size);
        enum file_kind kind;
        ck_fails(file_kind_find("x.bin", (const unsigned char *)foreign[i].bytes, foreign[i].size,
                                &kind),
                 WEFT_ERROR_DATA, foreign[i].what);
        ck_assert_ptr_nonnull(strstr(weft_error(), "x.bin: this looks like "));
        ck_assert_msg(foreign[i].command == NULL ||
                          strstr(weft_error(), foreign[i].command) != NULL,
                      "%s", weft_error());
        ck_refused(path, NULL, foreign[i].what); /* from a file, too */
    }
}
END_TEST

START_TEST(tar_archives)
{
    unsigned char head[512] = "data.csv";
    enum file_kind kind;
    memcpy(head + 257, "ustar", 6);
    ck_fails(file_kind_find("x", head, sizeof head, &kind), WEFT_ERROR_DATA, "a tar archive");
    memcpy(head + 257, "ustar  ", 8);
    ck_fails(file_kind_find("x", head, sizeof head, &kind), WEFT_ERROR_DATA, "a tar archive");
}
END_TEST

START_TEST(inside_gzip)
{
    const char *path = temporary_path("page.csv.gz");
    gzFile file = gzopen(path, "wb");
    ck_assert_int_gt(gzputs(file, "<html>404</html>"), 0);
    ck_assert_int_eq(gzclose(file), Z_OK);
    ck_refused(path, NULL, "an HTML or XML page");
}
END_TEST

/* weft_table_read refuses what is no table, in the words of data sets. */
START_TEST(tables_are_told_apart_by_the_same_rule)
{
    struct weft_table *table;
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        const char *path = temporary_write("file", foreign[i].bytes, foreign[i].size);
        ck_fails(weft_table_read(path, NULL, &table), WEFT_ERROR_DATA, foreign[i].what);
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].kind != FILE_TEXT) {
            const char *path = temporary_write("file", known[i].bytes, known[i].size);
            ck_fails(weft_table_read(path, NULL, &table), WEFT_ERROR_DATA,
                     ", need a table of text");
        }
}
END_TEST

START_TEST(nothing_and_noise)
{
    enum file_kind kind;
    ck_fails(file_kind_find("x", (const unsigned char *)"", 0, &kind), WEFT_ERROR_DATA,
             "x: byte 0: empty file: got 0 bytes");
    ck_fails(file_kind_find("x", (const unsigned char *)"\1\2\3", 3, &kind), WEFT_ERROR_DATA,
             "x: byte 0: unknown format: got 01 02 03 00, need IDX, NPY");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("file_kind");
    TCase *kinds = tcase_create("kinds");
    tcase_add_unchecked_fixture(kinds, temporary_create, temporary_remove);
    tcase_add_test(kinds, formats_that_are_read);
    tcase_add_test(kinds, formats_that_are_named);
    tcase_add_test(kinds, tar_archives);
    tcase_add_test(kinds, inside_gzip);
    tcase_add_test(kinds, tables_are_told_apart_by_the_same_rule);
    tcase_add_test(kinds, nothing_and_noise);
    suite_add_tcase(suite, kinds);
    return suite_main(suite);
}
