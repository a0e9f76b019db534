/* Measures text. See text.h.
 *
 * The widths of ASCII are the advance widths of DejaVu Sans 2.37 (its tables hmtx and cmap) in
 * thousandths of the font size. It is the widest of the fonts that STYLE_FONTS names, so a margin
 * that these widths decide holds whichever font a reader has. Blocks beyond ASCII have one width,
 * at least the mean of the block.
 */
#include "plot/text.h"

#include <string.h>

static const unsigned short regular[] = {
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361,  318, 337, 636, 636, 636,
    636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632,
    575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603, 787, 695, 635,  611, 732, 684, 989, 685,
    611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352,  635, 634, 278, 278, 579,
    278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592,  525, 636, 337, 636, 838};
static const unsigned short bold_widths[] = {
    348,  456, 521, 838, 696, 1002, 872, 306,  457, 457, 523, 838, 380, 415,  380, 365,
    696,  696, 696, 696, 696, 696,  696, 696,  696, 696, 400, 400, 838, 838,  838, 580,
    1000, 774, 762, 734, 830, 683,  683, 821,  837, 372, 372, 775, 637, 995,  837, 850,
    733,  850, 770, 720, 682, 812,  774, 1103, 771, 724, 725, 457, 365, 457,  838, 500,
    500,  675, 716, 593, 716, 678,  435, 716,  712, 343, 343, 665, 343, 1042, 712, 687,
    716,  716, 493, 595, 478, 712,  652, 924,  645, 652, 582, 712, 365, 712,  838};

/* The code points up to `last`, from the end of the range before, have this width. */
struct block {
    unsigned last;
    unsigned short width;
};

static const struct block blocks[] = {
    {0x02ff, 660},   {0x036f, 0},    /* Latin; combining marks */
    {0x03ff, 680},   {0x058f, 740},  /* Greek; Cyrillic, Armenian */
    {0x05cf, 0},     {0x05ff, 600},  /* Hebrew points; letters */
    {0x064a, 650},   {0x065f, 0},    /* Arabic; its marks */
    {0x07ff, 650},   {0x10ff, 800},  /* Arabic to Georgian, scripts of India among them */
    {0x115f, 1000},  {0x1fff, 750},  /* Hangul; others */
    {0x200a, 500},   {0x200f, 0},    /* spaces; joiners and marks of direction */
    {0x2029, 1000},  {0x202e, 0},    /* punctuation; embeddings */
    {0x205f, 600},   {0x206f, 0},    /* punctuation; isolates */
    {0x20cf, 640},   {0x20ff, 0},    /* superscripts, currencies; combining marks */
    {0x2e7f, 900},   {0xd7ff, 1000}, /* arrows, symbols; CJK */
    {0xfaff, 1000},  {0xfdff, 700},  /* CJK; Arabic forms */
    {0xfe0f, 0},     {0xfe2f, 0},    /* variations; half marks */
    {0x10ffff, 1000}};

static bool is_continuation(unsigned char byte)
{
    return (byte & 0xc0) == 0x80;
}

/* Reads a sequence of two to four bytes. Returns 0 if it is invalid, overlong or a surrogate. */
static unsigned read_sequence(const unsigned char *text, size_t *bytes)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    const size_t length = text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : 2;
    unsigned code = text[0] & (0x7fu >> length);
    if (text[0] < 0xc2 || text[0] > 0xf4)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if (!is_continuation(text[i]))
            return 0;
        code = code << 6 | (text[i] & 0x3fu);
    }
    *bytes = length;
    return code < least[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? 0 : code;
}

unsigned text_code_point(const char *text, size_t *bytes)
{
    enum { REPLACEMENT = 0xfffd };
    const unsigned char first = (unsigned char)text[0];
    *bytes = 1;
    if (first >= ' ' && first < 0x7f)
        return first;
    if (first == '\t' || first == '\n' || first == '\r')
        return ' ';
    const unsigned code = first < 0x80 ? 0 : read_sequence((const unsigned char *)text, bytes);
    if (code == 0)
        *bytes = 1;
    return code < 0xa0 || (code & 0xfffe) == 0xfffe || (code >= 0xfdd0 && code <= 0xfdef)
               ? REPLACEMENT
               : code;
}

static void add_code_point(struct buffer *buffer, const char *text, size_t bytes, unsigned code)
{
    if (code == ' ')
        buffer_text(buffer, " ");
    else if (code == 0xfffd)
        buffer_text(buffer, "\xef\xbf\xbd");
    else
        buffer_add(buffer, text, bytes);
}

void text_add_valid(struct buffer *buffer, const char *text)
{
    for (size_t bytes; *text != '\0'; text += bytes) {
        const unsigned code = text_code_point(text, &bytes);
        add_code_point(buffer, text, bytes, code);
    }
}

static double code_width(unsigned code, bool bold)
{
    if (code < 0x7f)
        return (bold ? bold_widths : regular)[code - ' '];
    const struct block *block = blocks;
    while (code > block->last)
        block++;
    return bold ? 1.1 * block->width : block->width;
}

double text_width(const char *text, double size, bool bold)
{
    double width = 0.0;
    for (size_t bytes; *text != '\0'; text += bytes) {
        const unsigned code = text_code_point(text, &bytes);
        width += code_width(code, bold);
    }
    return width * size / 1000.0;
}

void text_fit(const char *text, double size, bool bold, double width, struct buffer *fitted)
{
    static const char ellipsis[] = "\xe2\x80\xa6";
    const bool fits = text_width(text, size, bold) <= width;
    double left = width - (fits ? 0.0 : text_width(ellipsis, size, bold));
    for (size_t bytes; *text != '\0'; text += bytes) {
        const unsigned code = text_code_point(text, &bytes);
        left -= code_width(code, bold) * size / 1000.0;
        if (!fits && left < 0.0)
            break;
        add_code_point(fitted, text, bytes, code);
    }
    if (!fits)
        buffer_text(fitted, ellipsis);
    buffer_add(fitted, "", 1);
}

/* ---- right-to-left text ---- */

enum direction { LEFT_TO_RIGHT, RIGHT_TO_LEFT, DIGIT, MARK, NEUTRAL };

static enum direction direction_of(unsigned code)
{
    if (code_width(code, false) == 0.0)
        return MARK;
    if ((code >= '0' && code <= '9') || (code >= 0x660 && code <= 0x669) ||
        (code >= 0x6f0 && code <= 0x6f9))
        return DIGIT;
    if ((code >= 0x590 && code <= 0x8ff) || (code >= 0xfb1d && code <= 0xfdff) ||
        (code >= 0xfe70 && code <= 0xfeff))
        return RIGHT_TO_LEFT;
    if ((code >= 'A' && code <= 'Z') || (code >= 'a' && code <= 'z'))
        return LEFT_TO_RIGHT;
    return code < 0xc0 || (code >= 0x2000 && code <= 0x206f) ? NEUTRAL : LEFT_TO_RIGHT;
}

/* Returns the bytes of the right-to-left stretch at the start of `text`: up to the last letter or
 * digit before left-to-right text. */
static size_t right_to_left_bytes(const char *text)
{
    size_t end = 0;
    for (size_t at = 0, bytes; text[at] != '\0'; at += bytes) {
        const enum direction direction = direction_of(text_code_point(text + at, &bytes));
        if (direction == LEFT_TO_RIGHT || (at == 0 && direction != RIGHT_TO_LEFT))
            break;
        if (direction != NEUTRAL)
            end = at + bytes;
    }
    return end;
}

static size_t step_back(const char *text, size_t at)
{
    do
        at--;
    while (at > 0 && is_continuation((unsigned char)text[at]));
    return at;
}

/* Returns the start of what is drawn as one before `end`: a number, or a character with its marks.
 */
static size_t unit_start(const char *text, size_t end)
{
    size_t at = end, bytes;
    for (;;) {
        at = step_back(text, at);
        const enum direction direction = direction_of(text_code_point(text + at, &bytes));
        if (at == 0 || (direction != MARK && direction != DIGIT))
            return at;
        const size_t before = step_back(text, at);
        if (direction == DIGIT && direction_of(text_code_point(text + before, &bytes)) != DIGIT)
            return at;
    }
}

/* Adds a unit; a bracket is mirrored. */
static void add_unit(struct buffer *buffer, const char *unit, size_t bytes)
{
    static const char brackets[] = "()[]{}<>";
    const char *bracket = strchr(brackets, unit[0]);
    if (bracket != NULL)
        unit = &brackets[(bracket - brackets) ^ 1];
    buffer_add(buffer, unit, bytes);
}

void text_add_drawn(struct buffer *buffer, const char *text)
{
    while (*text != '\0') {
        size_t bytes;
        const size_t turned = right_to_left_bytes(text);
        text_code_point(text, &bytes);
        if (turned == 0)
            buffer_add(buffer, text, bytes);
        for (size_t end = turned; end > 0;) {
            const size_t start = unit_start(text, end);
            add_unit(buffer, text + start, end - start);
            end = start;
        }
        text += turned > 0 ? turned : bytes;
    }
}
