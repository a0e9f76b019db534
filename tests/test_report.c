/* Tests pages: what they escape, how they are built, the data behind their links, and files that
 * are written whole or not at all. */
#define _XOPEN_SOURCE 700
#include <stdio.h>

#include "markup.h"
#include "report/page.h"
#include "suite.h"
#include "temporary.h"

static const char nasty[] = "</style><script>alert(\"1\")</script> & 'quotes'";
static const char escaped[] =
    "&lt;/style&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; 'quotes'";
static const char hebrew[] = "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d";

static struct weft_page *new_page(const char *title)
{
    struct weft_page *page;
    ck_ok(weft_page_create(title, &page));
    return page;
}

/* Returns the file of a page, which it destroys. */
static char *file_of(struct weft_page *page)
{
    struct buffer file = {0};
    ck_ok(page_compose(page, &file));
    buffer_add(&file, "", 1);
    ck_ok(file.status);
    weft_page_destroy(page);
    return (char *)file.data;
}

static struct weft_picture *new_picture(double width)
{
    const double y[] = {3.0, 1.0, 2.0};
    const struct weft_series series = {.name = nasty, .y = y, .count = 3};
    const struct weft_panel panel = {.series = &series, .series_count = 1};
    const struct weft_line_chart chart = {
        .chart = {.title = nasty, .width = width}, .panels = &panel, .panel_count = 1};
    struct weft_picture *picture;
    ck_ok(weft_plot_lines(&chart, &picture));
    return picture;
}

/* A page with everything in it, each text hostile. */
static struct weft_page *full_page(void)
{
    static const struct weft_page_column columns[] = {{nasty, WEFT_PAGE_COLUMN_NAME},
                                                      {"n", WEFT_PAGE_COLUMN_NUMBER},
                                                      {"t", WEFT_PAGE_COLUMN_TEXT}};
    struct weft_picture *picture = new_picture(0.0), *narrow = new_picture(358.0);
    struct weft_page *page = new_page(nasty);
    for (unsigned block = 0; block <= WEFT_PAGE_NUMBERS; block++) {
        weft_page_begin(page, (enum weft_page_block)block);
        if (block >= WEFT_PAGE_FACTS)
            weft_page_term(page, nasty);
        weft_page_text(page, "%s", nasty);
        if (block >= WEFT_PAGE_FACTS)
            weft_page_term(page, "second");
        weft_page_name(page, nasty);
        weft_page_end(page);
        if (block == WEFT_PAGE_NOTE)
            weft_page_section(page, "first", nasty);
    }
    weft_page_section(page, "second", "Second");
    weft_page_begin_figure(page, picture, narrow);
    weft_page_text(page, "caption");
    weft_page_begin_data(page, nasty, columns, 3);
    for (unsigned i = 0; i < 6; i++) {
        weft_page_cell(page);
        weft_page_name(page, nasty);
    }
    weft_page_end(page);
    weft_page_end(page);
    weft_page_begin_table(page, nasty, columns, 3);
    for (unsigned i = 0; i < 6; i++) {
        weft_page_cell(page);
        weft_page_name(page, nasty);
    }
    weft_page_end(page);
    weft_picture_destroy(picture);
    weft_picture_destroy(narrow);
    return page;
}

static size_t count(const char *text, const char *part)
{
    size_t found = 0;
    for (; (text = strstr(text, part)) != NULL; text++)
        found++;
    return found;
}

/* ---- escaping */

START_TEST(every_text_is_escaped)
{
    char *file = file_of(full_page());
    ck_assert_uint_eq(count(file, "<script"), 0);
    ck_assert_uint_eq(count(file, "alert(\"1\")"), 0);
    ck_assert_uint_eq(count(file, "& '"), 0);
    /* Only the end tags of the page's own style sheets. */
    ck_assert_uint_eq(count(file, "</style>"), count(file, "<style>"));
    ck_assert_uint_eq(count(file, "<style>"), 3);
    ck_assert_uint_ge(count(file, escaped), 20);
    memory_free(file);
}
END_TEST

START_TEST(names_are_isolated_and_valid)
{
    struct weft_page *page = new_page("page");
    char expected[100];
    weft_page_begin(page, WEFT_PAGE_PARAGRAPH);
    weft_page_name(page, hebrew);
    weft_page_text(page, " 5 ");
    weft_page_name(page, "broken \xff and \x01 control");
    weft_page_end(page);
    char *file = file_of(page);
    snprintf(expected, sizeof expected, "<p><bdi>%s</bdi> 5 <bdi>broken \xef\xbf\xbd and ", hebrew);
    ck_assert_ptr_nonnull(strstr(file, expected));
    ck_assert_ptr_nonnull(strstr(file, "and \xef\xbf\xbd control</bdi></p>"));
    memory_free(file);
}
END_TEST

START_TEST(long_texts_and_line_breaks_stay)
{
    struct weft_page *page = new_page("page");
    char text[2001] = "";
    memset(text, 'x', 2000);
    weft_page_begin(page, WEFT_PAGE_CODE);
    weft_page_text(page, "one\ntwo %s<", text);
    weft_page_end(page);
    char *file = file_of(page);
    ck_assert_ptr_nonnull(strstr(file, "<pre><code>one\ntwo xxx"));
    ck_assert_ptr_nonnull(strstr(file, "xxx&lt;</code></pre>"));
    ck_assert_uint_eq(count(file, text), 1);
    memory_free(file);
}
END_TEST

/* ---- structure */

START_TEST(pages_are_well_formed)
{
    char *file = file_of(full_page());
    markup_check(strstr(file, "<html"), "meta");
    memory_free(file);
}
END_TEST

START_TEST(structure_has_a_meaning)
{
    char *file = file_of(full_page());
    ck_assert_int_eq(strncmp(file, "<!DOCTYPE html>\n<html lang=\"en\">", 32), 0);
    ck_assert_uint_eq(count(file, "<h1>"), 1);
    ck_assert_uint_eq(count(file, "<h2>"), 2);
    ck_assert_uint_eq(count(file, "<section id="), 2);
    ck_assert_uint_eq(count(file, "<li><a href=\"#first\">"), 1);
    ck_assert_uint_eq(count(file, "<th scope=\"col\""), 3);
    ck_assert_uint_eq(count(file, "<th scope=\"row\""), 2);
    ck_assert_uint_eq(count(file, "<th"), 5 + count(file, "<thead>"));
    ck_assert_uint_eq(count(file, "<caption>"), 1);
    ck_assert_uint_eq(count(file, "<figcaption>"), 1);
    ck_assert_uint_eq(count(file, "<svg xmlns"), 2);
    ck_assert_uint_eq(count(file, "role=\"img\" aria-label=\"&lt;/style&gt;"), 2);
    memory_free(file);
}
END_TEST

/* The page neither loads nor runs anything. The only addresses are a namespace and data. */
START_TEST(pages_need_no_network)
{
    char *file = file_of(full_page());
    ck_assert_ptr_nonnull(strstr(file, "content=\"default-src 'none'; "));
    ck_assert_uint_eq(count(file, "http"), 1 + count(file, "http://www.w3.org/2000/svg"));
    ck_assert_uint_eq(count(file, "http-equiv"), 1);
    ck_assert_uint_eq(count(file, "src="), 0);
    ck_assert_uint_eq(count(file, "url("), 0);
    ck_assert_uint_eq(count(file, "@import"), 0);
    ck_assert_uint_eq(count(file, "href="), count(file, "href=\"#") + count(file, "href=\"data:"));
    memory_free(file);
}
END_TEST

START_TEST(equal_pages_have_equal_bytes)
{
    char *one = file_of(full_page()), *two = file_of(full_page());
    ck_assert_str_eq(one, two);
    memory_free(one);
    memory_free(two);
}
END_TEST

START_TEST(an_empty_page_is_whole)
{
    char *file = file_of(new_page(""));
    ck_assert_ptr_nonnull(strstr(file, "<main>\n</main>"));
    ck_assert_ptr_nonnull(strstr(file, "</body>\n</html>\n"));
    memory_free(file);
}
END_TEST

/* ---- data */

/* Decodes the bytes of the first address of data in a page. */
static void decode(const char *file, char *text, size_t size)
{
    const char *at = strstr(file, "href=\"data:text/csv;charset=utf-8,");
    ck_assert_ptr_nonnull(at);
    at = strchr(at, ',') + 1;
    size_t used = 0;
    for (; *at != '"' && used + 1 < size; at++) {
        unsigned byte = (unsigned char)*at;
        if (*at == '%') {
            ck_assert_int_eq(sscanf(at + 1, "%2X", &byte), 1);
            at += 2;
        }
        text[used++] = (char)byte;
    }
    text[used] = '\0';
}

START_TEST(data_are_csv)
{
    static const struct weft_page_column columns[] = {{"a name", WEFT_PAGE_COLUMN_NAME},
                                                      {"x", WEFT_PAGE_COLUMN_NUMBER}};
    struct weft_page *page = new_page("page");
    char text[200];
    weft_page_begin_data(page, "data.csv", columns, 2);
    weft_page_cell(page);
    weft_page_name(page, "a,\"b\"\n");
    weft_page_text(page, "c");
    weft_page_cell(page);
    weft_page_text(page, "%d", -5);
    weft_page_cell(page);
    weft_page_name(page, hebrew);
    weft_page_cell(page);
    weft_page_end(page);
    char *file = file_of(page);
    decode(file, text, sizeof text);
    ck_assert_str_eq(text, "a name,x\r\n\"a,\"\"b\"\" c\",-5\r\n"
                           "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d,\r\n");
    ck_assert_ptr_nonnull(strstr(file, "download=\"data.csv\""));
    memory_free(file);
}
END_TEST

/* ---- files */

START_TEST(pages_are_written_whole_or_not_at_all)
{
    struct weft_page *page = full_page();
    const char *path = temporary_path("page.html");
    ck_ok(weft_page_write(page, path));
    ck_fails(weft_page_write(page, "/nonexistent/page.html"), WEFT_ERROR_IO, "/nonexistent");
    FILE *written = fopen(path, "rb");
    ck_assert_ptr_nonnull(written);
    char *file = file_of(page), *read = calloc(1, strlen(file) + 2);
    ck_assert_uint_eq(fread(read, 1, strlen(file) + 1, written), strlen(file));
    ck_assert_str_eq(read, file);
    fclose(written);
    memory_free(file);
    free(read);
}
END_TEST

START_TEST(a_page_remembers_its_first_failure)
{
    struct weft_page *page = full_page();
    const char *path = temporary_path("failed.html");
    page->navigation.status = fail(WEFT_ERROR_MEMORY, "no memory");
    weft_page_section(page, "third", "Third");
    ck_assert_int_eq(weft_page_write(page, path), WEFT_ERROR_MEMORY);
    ck_assert_ptr_null(fopen(path, "rb"));
    weft_page_destroy(page);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report");
    TCase *tests = tcase_create("pages");
    tcase_add_unchecked_fixture(tests, temporary_create, temporary_remove);
    tcase_add_test(tests, every_text_is_escaped);
    tcase_add_test(tests, names_are_isolated_and_valid);
    tcase_add_test(tests, long_texts_and_line_breaks_stay);
    tcase_add_test(tests, pages_are_well_formed);
    tcase_add_test(tests, structure_has_a_meaning);
    tcase_add_test(tests, pages_need_no_network);
    tcase_add_test(tests, equal_pages_have_equal_bytes);
    tcase_add_test(tests, an_empty_page_is_whole);
    tcase_add_test(tests, data_are_csv);
    tcase_add_test(tests, pages_are_written_whole_or_not_at_all);
    tcase_add_test(tests, a_page_remembers_its_first_failure);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
