/* Composes the file of a page and writes it. */
#include <stdio.h>

#include "base/file.h"
#include "plot/style.h"
#include "report/page.h"

/* ---- colors ---- */

/* The colors of the style sheet. Pictures have the same ones. */
static const struct {
    const char *name;
    enum ink_role role;
} colors[] = {{"paper", INK_PAPER}, {"text", INK_TEXT},   {"muted", INK_MUTED}, {"grid", INK_GRID},
              {"quiet", INK_QUIET}, {"wrong", INK_WRONG}, {"link", INK_NAME}};

static void add_colors(struct buffer *file, bool dark)
{
    char text[40];
    buffer_text(file, ":root{");
    for (size_t i = 0; i < sizeof colors / sizeof *colors; i++) {
        snprintf(text, sizeof text, "--%s:#%06x;", colors[i].name,
                 style_color(colors[i].role, dark));
        buffer_text(file, text);
    }
    buffer_text(file, "}");
}

/* ---- layout ---- */

static const char layout[] =
    "*{box-sizing:border-box}\n"
    "html{-webkit-text-size-adjust:100%}\n"
    "body{margin:0 auto;max-width:50rem;padding:2rem 1rem 3rem;background:var(--paper);"
    "color:var(--text);font-size:1rem;line-height:1.55;overflow-wrap:anywhere}\n"
    "h1{font-size:1.6rem;line-height:1.25;margin:0 0 .75rem}\n"
    "h2{font-size:1.2rem;line-height:1.3;margin:0;display:inline}\n"
    "p{margin:.75rem 0;max-width:42rem}\n"
    "a{color:var(--link)}\n"
    ".lead{font-size:1.15rem}\n"
    ".note{border-left:4px solid var(--wrong);padding:.25rem 0 .25rem .75rem}\n"
    ".note strong{color:var(--wrong)}\n"
    "section{border-top:1px solid var(--grid);padding:1.25rem 0 .5rem}\n"
    "summary{cursor:pointer;margin-bottom:.75rem}\n"
    "summary::marker{color:var(--muted)}\n"
    "nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;list-style:none;margin:1.25rem 0;"
    "padding:0;font-size:.9rem}\n"
    "nav a{display:inline-block;padding:.15rem 0}\n"
    "dl{margin:1rem 0}\n"
    "dd{margin:0}\n"
    ".numbers{display:flex;flex-wrap:wrap;gap:1rem 2.5rem}\n"
    ".numbers>div{display:flex;flex-direction:column-reverse}\n"
    ".numbers dt{font-size:.85rem;color:var(--muted)}\n"
    ".numbers dd{font-size:1.7rem;line-height:1.2;font-weight:600;"
    "font-variant-numeric:tabular-nums}\n"
    ".facts>div{display:grid;grid-template-columns:10rem 1fr;gap:0 1rem;padding:.3rem 0;"
    "border-bottom:1px solid var(--grid)}\n"
    ".facts dt{color:var(--muted)}\n"
    "figure{margin:1rem 0 1.75rem}\n"
    ".picture{overflow-x:auto;margin:0 -1rem}\n" /* the margins of a picture are 1rem */
    ".picture svg{display:block;min-width:var(--least,0)}\n"
    ".narrow{display:none}\n"
    "figcaption{margin-top:.4rem;font-size:.9rem;color:var(--muted);max-width:42rem}\n"
    ".data{white-space:nowrap;font-size:.9rem}\n"
    "figcaption .data{font-size:inherit}\n"
    ".table{overflow-x:auto;margin:1rem 0 1.75rem}\n"
    "table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums;"
    "overflow-wrap:normal}\n"
    "caption{text-align:left;color:var(--muted);padding-bottom:.4rem}\n"
    "th,td{padding:.3rem 1.5rem .3rem 0;text-align:left;border-bottom:1px solid var(--grid);"
    "vertical-align:baseline}\n"
    "th{font-weight:600}\n"
    "tbody th{font-weight:400;min-width:7rem;max-width:20rem;overflow-wrap:anywhere}\n"
    ".number{text-align:right;white-space:nowrap}\n"
    "td:last-child,th:last-child{padding-right:0}\n"
    "pre{overflow-x:auto;padding:.75rem 1rem;border:1px solid var(--grid);border-radius:6px;"
    "font:.85rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,\"DejaVu Sans Mono\",monospace;"
    "white-space:pre-wrap}\n"
    "footer{border-top:1px solid var(--grid);padding-top:1rem;font-size:.85rem;"
    "color:var(--muted)}\n"
    "@media(max-width:40rem){body{padding-top:1.25rem}h1{font-size:1.35rem}"
    ".facts>div{grid-template-columns:1fr}.narrow{display:block}.wide{display:none}"
    ".numbers{gap:1rem 2rem}.numbers dd{font-size:1.4rem}}\n"
    "@media print{nav,.data{display:none}body{max-width:none;padding:0;font-size:10pt}"
    ".picture,.table{overflow:visible}.picture{margin:0}"
    ".picture svg{min-width:0;width:auto;max-height:18cm}"
    "figure,tr,.table{break-inside:avoid}summary,caption{break-after:avoid}"
    "summary{display:block}}\n";

void page_add_style(struct buffer *file)
{
    buffer_text(file, "<style>\n");
    add_colors(file, false);
    buffer_text(file, "\n@media screen and (prefers-color-scheme:dark){");
    add_colors(file, true);
    buffer_text(file, "}\n");
    buffer_text(file, layout);
    buffer_text(file, "</style>\n");
}

/* ---- the file ---- */

static void add_part(struct buffer *file, const struct buffer *part)
{
    if (part->status != WEFT_OK)
        file->status = part->status;
    buffer_add(file, part->data, part->used);
}

/* The policy forbids scripts and everything that the page does not contain itself. */
static void add_head(const struct weft_page *page, struct buffer *file)
{
    buffer_text(file, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                      "<meta name=\"color-scheme\" content=\"light dark\">\n"
                      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                      "style-src 'unsafe-inline'; img-src data:\">\n"
                      "<meta name=\"generator\" content=\"Weft ");
    buffer_text(file, weft_version());
    buffer_text(file, "\">\n<title>");
    add_part(file, &page->title);
    buffer_text(file, "</title>\n");
    page_add_style(file);
    buffer_text(file, "</head>\n");
}

enum weft_status page_compose(const struct weft_page *page, struct buffer *file)
{
    add_head(page, file);
    buffer_text(file, "<body style=\"font-family:" STYLE_FONTS "\">\n<header>\n<h1>");
    add_part(file, &page->title);
    buffer_text(file, "</h1>\n");
    add_part(file, &page->intro);
    buffer_text(file, "</header>\n<nav aria-label=\"Sections\"><ul>\n");
    add_part(file, &page->navigation);
    buffer_text(file, "</ul></nav>\n<main>\n");
    add_part(file, &page->body);
    buffer_text(file, page->sections ? "</details></section>\n" : "");
    buffer_text(file, "</main>\n<footer>Made by Weft ");
    buffer_text(file, weft_version());
    buffer_text(file, ".</footer>\n</body>\n</html>\n");
    return file->status;
}

enum weft_status weft_page_write(const struct weft_page *page, const char *path)
{
    struct buffer file = {0};
    enum weft_status status = page_compose(page, &file);
    if (status == WEFT_OK)
        status = file_replace(path, &(struct file_part){.data = file.data, .size = file.used}, 1);
    buffer_reset(&file);
    return status;
}
