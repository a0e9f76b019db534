/* A page that is being made. page.c has the blocks, page_table.c tables and data, page_file.c the
 * whole file with its style sheet. */
#ifndef WEFT_REPORT_PAGE_H
#define WEFT_REPORT_PAGE_H

#include "plot/buffer.h"
#include "weft_report.h"

enum { PAGE_DEPTH = 4 };

/* Blocks of weft_report.h, and those that have functions of their own. */
enum page_kind {
    PAGE_LEAD = WEFT_PAGE_LEAD,
    PAGE_PARAGRAPH = WEFT_PAGE_PARAGRAPH,
    PAGE_NOTE = WEFT_PAGE_NOTE,
    PAGE_CODE = WEFT_PAGE_CODE,
    PAGE_FACTS = WEFT_PAGE_FACTS,
    PAGE_NUMBERS = WEFT_PAGE_NUMBERS,
    PAGE_FIGURE,
    PAGE_TABLE,
    PAGE_DATA
};

/* An open block. */
struct page_block {
    enum page_kind kind;
    bool begun;                                         /* a term or a cell is open */
    enum weft_page_content contents[WEFT_PAGE_COLUMNS]; /* [count] of tables and data */
    size_t count, column;                               /* the open cell is in this column */
};

struct weft_page {
    struct buffer title;                  /* escaped */
    struct buffer intro, body;            /* what stands before the first section; the sections */
    struct buffer navigation;             /* links to the sections */
    struct buffer field;                  /* the open cell of data */
    bool sections;                        /* there is a section */
    struct page_block blocks[PAGE_DEPTH]; /* [depth] open, the innermost last */
    size_t depth;
};

/* Returns where markup goes now: to the introduction or to the sections. */
struct buffer *page_target(struct weft_page *page);

/* Opens a block and returns it. */
struct page_block *page_open(struct weft_page *page, enum page_kind kind);

/* Closes the open cell, and the row if it is the last one. */
void page_close_cell(struct weft_page *page, struct page_block *block);

/* Adds text that HTML would not take for markup, in elements and in attributes with quotes. Line
 * breaks become blanks unless `lines` is set. */
void page_escape(struct buffer *buffer, const char *text, bool lines);

/* Adds the whole file. Returns the first failure of the page. */
WEFT_MUST_CHECK enum weft_status page_compose(const struct weft_page *page, struct buffer *file);

/* Adds the style sheet. */
void page_add_style(struct buffer *file);

#endif
