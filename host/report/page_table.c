/* Implements the tables of pages, and data behind links. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "report/page.h"

static struct page_block *open_columns(struct weft_page *page, enum page_kind kind,
                                       const struct weft_page_column *columns, size_t count)
{
    assert(count > 0 && count <= WEFT_PAGE_COLUMNS);
    struct page_block *block = page_open(page, kind);
    block->count = count;
    for (size_t i = 0; i < count; i++)
        block->contents[i] = columns[i].content;
    return block;
}

void weft_page_begin_table(struct weft_page *page, const char *caption,
                           const struct weft_page_column *columns, size_t count)
{
    struct buffer *target = page_target(page);
    const struct page_block *block = open_columns(page, PAGE_TABLE, columns, count);
    buffer_text(target, "<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"");
    page_escape(target, caption, false);
    buffer_text(target, "\"><table>\n<caption>");
    page_escape(target, caption, false);
    buffer_text(target, "</caption>\n<thead><tr>");
    for (size_t i = 0; i < count; i++) {
        buffer_text(target, block->contents[i] == WEFT_PAGE_COLUMN_NUMBER
                                ? "<th scope=\"col\" class=\"number\">"
                                : "<th scope=\"col\">");
        page_escape(target, columns[i].title, false);
        buffer_text(target, "</th>");
    }
    buffer_text(target, "</tr></thead>\n<tbody>\n");
}

/* ---- data ---- */

/* Adds bytes to an address (RFC 3986): all but letters, digits and a few marks as %XX. */
static void add_percent(struct buffer *target, const unsigned char *bytes, size_t count)
{
    static const char kept[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~,";
    char text[4];
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] != '\0' && strchr(kept, bytes[i]) != NULL) {
            buffer_add(target, &bytes[i], 1);
            continue;
        }
        snprintf(text, sizeof text, "%%%02X", bytes[i]);
        buffer_text(target, text);
    }
}

/* Adds a field of CSV to an address, with quotes if it needs them. */
static void add_field(struct buffer *target, struct buffer *field)
{
    buffer_add(field, "", 1);
    const char *text = field->status == WEFT_OK ? (const char *)field->data : "";
    if (field->status != WEFT_OK)
        target->status = field->status;
    const bool quoted = strpbrk(text, ",\"") != NULL;
    buffer_text(target, quoted ? "%22" : "");
    for (; *text != '\0'; text++) {
        add_percent(target, (const unsigned char *)text, 1);
        buffer_text(target, *text == '"' ? "%22" : "");
    }
    buffer_text(target, quoted ? "%22" : "");
    buffer_reset(field);
}

void weft_page_begin_data(struct weft_page *page, const char *file,
                          const struct weft_page_column *columns, size_t count)
{
    struct buffer *target = page_target(page);
    open_columns(page, PAGE_DATA, columns, count);
    buffer_text(target, " <a class=\"data\" download=\"");
    page_escape(target, file, false);
    buffer_text(target, "\" href=\"data:text/csv;charset=utf-8,");
    for (size_t i = 0; i < count; i++) {
        weft_page_cell(page);
        buffer_text(&page->field, columns[i].title);
    }
}

/* ---- cells ---- */

void page_close_cell(struct weft_page *page, struct page_block *block)
{
    struct buffer *target = page_target(page);
    if (!block->begun)
        return;
    block->begun = false;
    const bool last = block->column + 1 == block->count;
    if (block->kind == PAGE_DATA) {
        add_field(target, &page->field);
        buffer_text(target, last ? "%0D%0A" : ",");
    } else {
        const bool name = block->contents[block->column] == WEFT_PAGE_COLUMN_NAME;
        buffer_text(target, name ? "</th>" : "</td>");
        buffer_text(target, last ? "</tr>\n" : "");
    }
    block->column = last ? 0 : block->column + 1;
}

void weft_page_cell(struct weft_page *page)
{
    static const char *const opening[] = {[WEFT_PAGE_COLUMN_TEXT] = "<td>",
                                          [WEFT_PAGE_COLUMN_NUMBER] = "<td class=\"number\">",
                                          [WEFT_PAGE_COLUMN_NAME] = "<th scope=\"row\">"};
    struct page_block *block = &page->blocks[page->depth - 1];
    page_close_cell(page, block);
    block->begun = true;
    if (block->kind == PAGE_DATA)
        return;
    buffer_text(page_target(page), block->column == 0 ? "<tr>" : "");
    buffer_text(page_target(page), opening[block->contents[block->column]]);
}
