/* Implements pages: blocks of text and figures. Each function adds markup to a buffer, which
 * remembers a failure, so nothing here has to ask. */
#include "report/page.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "plot/text.h"

/* The markup before and after a block. */
static const struct {
    const char *before, *after;
} markup[] = {[PAGE_LEAD] = {"<p class=\"lead\">", "</p>\n"},
              [PAGE_PARAGRAPH] = {"<p>", "</p>\n"},
              [PAGE_NOTE] = {"<p class=\"note\"><strong>Note</strong> ", "</p>\n"},
              [PAGE_CODE] = {"<pre><code>", "</code></pre>\n"},
              [PAGE_FACTS] = {"<dl class=\"facts\">\n", "</dl>\n"},
              [PAGE_NUMBERS] = {"<dl class=\"numbers\">\n", "</dl>\n"},
              [PAGE_FIGURE] = {"<figure>\n", "</figcaption>\n</figure>\n"}};

/* ---- text ---- */

void page_escape(struct buffer *buffer, const char *text, bool lines)
{
    for (size_t bytes; *text != '\0'; text += bytes) {
        const unsigned code = text_code_point(text, &bytes);
        if (code == 0xfffd)
            buffer_text(buffer, "\xef\xbf\xbd");
        else if (code == '\n' && !lines)
            buffer_text(buffer, " ");
        else
            buffer_escaped(buffer, text, bytes);
    }
}

static bool in_data(const struct weft_page *page)
{
    return page->depth > 0 && page->blocks[page->depth - 1].kind == PAGE_DATA;
}

static void add_text(struct weft_page *page, const char *text)
{
    assert(page->depth > 0);
    if (in_data(page))
        text_add_valid(&page->field, text);
    else
        page_escape(page_target(page), text, page->blocks[page->depth - 1].kind == PAGE_CODE);
}

void weft_page_text(struct weft_page *page, const char *format, ...)
{
    char text[256], *longer;
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length < (int)sizeof text) {
        add_text(page, text);
        return;
    }
    const enum weft_status status = NEW_ARRAY(longer, (size_t)length + 1);
    if (status != WEFT_OK) {
        page_target(page)->status = status;
        return;
    }
    va_start(arguments, format);
    vsnprintf(longer, (size_t)length + 1, format, arguments);
    va_end(arguments);
    add_text(page, longer);
    memory_free(longer);
}

void weft_page_name(struct weft_page *page, const char *name)
{
    const bool data = in_data(page);
    buffer_text(page_target(page), data ? "" : "<bdi>");
    add_text(page, name);
    buffer_text(page_target(page), data ? "" : "</bdi>");
}

/* ---- blocks ---- */

struct buffer *page_target(struct weft_page *page)
{
    return page->sections ? &page->body : &page->intro;
}

struct page_block *page_open(struct weft_page *page, enum page_kind kind)
{
    assert(page->depth < PAGE_DEPTH);
    struct page_block *block = &page->blocks[page->depth++];
    *block = (struct page_block){.kind = kind};
    return block;
}

void weft_page_begin(struct weft_page *page, enum weft_page_block block)
{
    page_open(page, (enum page_kind)block);
    buffer_text(page_target(page), markup[block].before);
}

void weft_page_term(struct weft_page *page, const char *term)
{
    struct buffer *target = page_target(page);
    struct page_block *block = &page->blocks[page->depth - 1];
    buffer_text(target, block->begun ? "</dd></div>\n<div><dt>" : "<div><dt>");
    page_escape(target, term, false);
    buffer_text(target, "</dt><dd>");
    block->begun = true;
}

void weft_page_end(struct weft_page *page)
{
    assert(page->depth > 0);
    struct buffer *target = page_target(page);
    struct page_block *block = &page->blocks[--page->depth];
    switch (block->kind) {
    case PAGE_TABLE:
        page_close_cell(page, block);
        buffer_text(target, "</tbody>\n</table></div>\n");
        break;
    case PAGE_DATA:
        page_close_cell(page, block);
        buffer_text(target, "\">Data (CSV)</a>\n");
        break;
    case PAGE_FACTS:
    case PAGE_NUMBERS:
        buffer_text(target, block->begun ? "</dd></div>\n" : "");
        buffer_text(target, markup[block->kind].after);
        break;
    default:
        buffer_text(target, markup[block->kind].after);
    }
}

/* ---- figures ---- */

enum { LEAST_SCALE = 80, NARROW = 440 }; /* percent; pixels that fit a phone at this scale */

/* Adds a picture. On a narrow screen it shrinks to LEAST_SCALE, and then it scrolls. */
static void add_picture(struct buffer *target, const struct weft_picture *picture,
                        const char *classes)
{
    char text[80], *svg = NULL;
    double width, height;
    weft_picture_get_size(picture, &width, &height);
    buffer_text(target, "<div class=\"picture");
    buffer_text(target, classes);
    buffer_text(target, "\"");
    if (width > NARROW) {
        snprintf(text, sizeof text, " tabindex=\"0\" style=\"--least:%.0fpx\"",
                 width * LEAST_SCALE / 100.0);
        buffer_text(target, text);
    }
    buffer_text(target, ">\n");
    const enum weft_status status = weft_picture_svg(picture, &svg);
    if (status != WEFT_OK)
        target->status = status;
    else
        buffer_text(target, svg);
    weft_picture_free(svg);
    buffer_text(target, "</div>\n");
}

void weft_page_begin_figure(struct weft_page *page, const struct weft_picture *picture,
                            const struct weft_picture *narrow)
{
    struct buffer *target = page_target(page);
    page_open(page, PAGE_FIGURE);
    buffer_text(target, markup[PAGE_FIGURE].before);
    add_picture(target, picture, narrow != NULL ? " wide" : "");
    if (narrow != NULL)
        add_picture(target, narrow, " narrow");
    buffer_text(target, "<figcaption>");
}

/* ---- the page ---- */

enum weft_status weft_page_create(const char *title, struct weft_page **page)
{
    TRY(NEW_ARRAY(*page, 1));
    page_escape(&(*page)->title, title, false);
    return WEFT_OK;
}

void weft_page_destroy(struct weft_page *page)
{
    if (page == NULL)
        return;
    buffer_reset(&page->title);
    buffer_reset(&page->intro);
    buffer_reset(&page->body);
    buffer_reset(&page->navigation);
    buffer_reset(&page->field);
    memory_free(page);
}

void weft_page_section(struct weft_page *page, const char *id, const char *heading)
{
    assert(page->depth == 0);
    buffer_text(&page->body, page->sections ? "</details></section>\n" : "");
    page->sections = true;
    buffer_text(&page->body, "<section id=\"");
    buffer_text(&page->body, id);
    buffer_text(&page->body, "\"><details open>\n<summary><h2>");
    page_escape(&page->body, heading, false);
    buffer_text(&page->body, "</h2></summary>\n");
    buffer_text(&page->navigation, "<li><a href=\"#");
    buffer_text(&page->navigation, id);
    buffer_text(&page->navigation, "\">");
    page_escape(&page->navigation, heading, false);
    buffer_text(&page->navigation, "</a></li>\n");
}
