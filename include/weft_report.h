/* weft_report.h: pages of results, each a single HTML file.
 *
 * A page has a title, an introduction and sections with text, tables and pictures. It loads nothing
 * from the network, contains no scripts, follows the reader's choice of light or dark mode, and
 * prints well:
 *
 *     struct weft_page *page = NULL;
 *     if (weft_page_create("Report on fashion.safetensors", &page) == WEFT_OK) {
 *         weft_page_begin(page, WEFT_PAGE_LEAD);
 *         weft_page_text(page, "%.2f %% of the samples are right.", 90.4);
 *         weft_page_end(page);
 *         weft_page_section(page, "confusion", "Confusion");
 *         weft_page_begin_figure(page, picture, NULL);
 *         weft_page_text(page, "Shirts are often taken for T-shirts.");
 *         weft_page_end(page);
 *     }
 *     if (page == NULL || weft_page_write(page, "report.html"))
 *         fprintf(stderr, "%s\n", weft_error());
 *     weft_page_destroy(page);
 *
 * Functions that add to a page return nothing. After a failure, a page ignores further additions,
 * and weft_page_write returns the failure. All texts are escaped and may hold any bytes; invalid
 * UTF-8 becomes U+FFFD. The same calls give the same bytes on every machine. The conventions of
 * weft.h apply here too.
 */
#ifndef WEFT_REPORT_H
#define WEFT_REPORT_H

#include <weft_plot.h>

#ifdef __cplusplus
extern "C" {
#endif

struct weft_page;

/* Creates an empty page. Everything added before the first section is its introduction. */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_page_create(const char *title,
                                                           struct weft_page **page);
WEFT_API void weft_page_destroy(struct weft_page *page);

/* Begins a section. The section ends where the next one begins.
 *
 * id   names the section in links: ASCII letters, unique in the page */
WEFT_API void weft_page_section(struct weft_page *page, const char *id, const char *heading);

/* What weft_page_begin opens. */
enum weft_page_block {
    WEFT_PAGE_LEAD,      /* a paragraph in large type */
    WEFT_PAGE_PARAGRAPH, /* an ordinary paragraph */
    WEFT_PAGE_NOTE,      /* a warning */
    WEFT_PAGE_CODE,      /* commands or output; line breaks are kept */
    WEFT_PAGE_FACTS,     /* terms and their explanations; see weft_page_term */
    WEFT_PAGE_NUMBERS    /* a few important numbers, in large type; see weft_page_term */
};

/* Opens a block. Text and names go to the innermost open block. */
WEFT_API void weft_page_begin(struct weft_page *page, enum weft_page_block block);

/* Closes what was opened last: a block, a figure, a table or data. */
WEFT_API void weft_page_end(struct weft_page *page);

/* Adds text. */
WEFT_API void weft_page_text(struct weft_page *page, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 2, 3)))
#endif
    ;

/* Adds a name that comes from data. A name in a right-to-left script does not disturb the text
 * around it. */
WEFT_API void weft_page_name(struct weft_page *page, const char *name);

/* Begins the next term of WEFT_PAGE_FACTS or WEFT_PAGE_NUMBERS. The text that follows explains it.
 */
WEFT_API void weft_page_term(struct weft_page *page, const char *term);

/* Opens a figure with a picture. The text that follows is its caption.
 *
 * narrow   the same chart for narrow screens; NULL: a wide picture scrolls on a narrow screen */
WEFT_API void weft_page_begin_figure(struct weft_page *page, const struct weft_picture *picture,
                                     const struct weft_picture *narrow);

enum weft_page_content {
    WEFT_PAGE_COLUMN_TEXT,
    WEFT_PAGE_COLUMN_NUMBER, /* right-aligned */
    WEFT_PAGE_COLUMN_NAME    /* each cell is the heading of its row */
};

/* A column of a table. */
struct weft_page_column {
    const char *title;
    enum weft_page_content content;
};

enum { WEFT_PAGE_COLUMNS = 64 };

/* Opens a table. weft_page_cell begins its cells, row by row.
 *
 * columns   [count] borrowed during the call; at most WEFT_PAGE_COLUMNS */
WEFT_API void weft_page_begin_table(struct weft_page *page, const char *caption,
                                    const struct weft_page_column *columns, size_t count);

/* Opens data that the reader can save: CSV (RFC 4180) that is stored in the page, behind a link.
 * Add the cells as for a table. Inside a figure, the link is part of the caption.
 *
 * file   the suggested file name, such as "confusion.csv" */
WEFT_API void weft_page_begin_data(struct weft_page *page, const char *file,
                                   const struct weft_page_column *columns, size_t count);

/* Begins the next cell of a table or of data. */
WEFT_API void weft_page_cell(struct weft_page *page);

/* Writes a page. An existing file is replaced whole or not at all.
 *
 * Returns the first failure of the earlier calls, or WEFT_ERROR_IO if the file cannot be written.
 */
WEFT_API WEFT_MUST_CHECK enum weft_status weft_page_write(const struct weft_page *page,
                                                          const char *path);

#ifdef __cplusplus
}
#endif
#endif
