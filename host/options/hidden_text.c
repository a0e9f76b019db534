/* Widths of hidden layers as text: "128,64". Parsing is strict, because users and damaged files
 * provide this text. */
#include "options/hidden_text.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "options/option_values.h"

const struct value_rule hidden_rule = {
    .option = "hidden", .noun = "width", .zero = NULL, .least = 1, .most = INT32_MAX};

static enum weft_status read_width(const struct value_rule *rule, const char *text, size_t place,
                                   void *values)
{
    uint64_t width = 0;
    TRY(value_read_whole(rule, text, &width));
    ((size_t *)values)[place] = (size_t)width;
    return WEFT_OK;
}

enum weft_status hidden_from_text(const char *text, size_t hidden[WEFT_MAX_HIDDEN], size_t *count)
{
    size_t widths[WEFT_MAX_HIDDEN] = {0}, found = 0;
    if (strcmp(text, "none") != 0)
        TRY(value_read_list(&hidden_rule, text, WEFT_MAX_HIDDEN, read_width, widths, &found));
    memcpy(hidden, widths, found * sizeof *widths);
    *count = found;
    return WEFT_OK;
}

void hidden_to_text(const size_t *hidden, size_t count, char text[HIDDEN_TEXT_SIZE])
{
    size_t used = (size_t)snprintf(text, HIDDEN_TEXT_SIZE, "%s", count == 0 ? "none" : "");
    for (size_t i = 0; i < count && used < HIDDEN_TEXT_SIZE; i++)
        used += (size_t)snprintf(text + used, HIDDEN_TEXT_SIZE - used, "%s%zu", i == 0 ? "" : ",",
                                 hidden[i]);
}
