/* Implements bytes that grow. See buffer.h. */
#include "plot/buffer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Makes room for `size` more bytes. */
static enum weft_status reserve(struct buffer *buffer, size_t size)
{
    size_t least, doubled;
    if (!size_add(buffer->used, size, &least) || !size_multiply(buffer->capacity, 2, &doubled))
        return memory_exhausted(buffer->used, 2);
    if (least <= buffer->capacity)
        return WEFT_OK;
    unsigned char *data;
    const size_t capacity = size_max(size_max(least, doubled), 256);
    TRY(NEW_ARRAY(data, capacity));
    if (buffer->used > 0)
        memcpy(data, buffer->data, buffer->used);
    memory_free(buffer->data);
    buffer->data = data;
    buffer->capacity = capacity;
    return WEFT_OK;
}

void buffer_add(struct buffer *buffer, const void *data, size_t size)
{
    if (buffer->status == WEFT_OK)
        buffer->status = reserve(buffer, size);
    if (buffer->status != WEFT_OK || size == 0)
        return;
    memcpy(buffer->data + buffer->used, data, size);
    buffer->used += size;
}

void buffer_text(struct buffer *buffer, const char *text)
{
    buffer_add(buffer, text, strlen(text));
}

void buffer_reset(struct buffer *buffer)
{
    memory_free(buffer->data);
    *buffer = (struct buffer){0};
}

void buffer_escaped(struct buffer *buffer, const char *character, size_t bytes)
{
    switch (*character) {
    case '&':
        buffer_text(buffer, "&amp;");
        break;
    case '<':
        buffer_text(buffer, "&lt;");
        break;
    case '>':
        buffer_text(buffer, "&gt;");
        break;
    case '"':
        buffer_text(buffer, "&quot;");
        break;
    default:
        buffer_add(buffer, character, bytes);
    }
}

void buffer_number(struct buffer *buffer, double value)
{
    char text[32];
    const double limited = isnan(value) ? 0.0 : fmin(fmax(value, -1e7), 1e7);
    const long long hundredths = llround(limited * 100.0);
    const long long size = hundredths < 0 ? -hundredths : hundredths;
    snprintf(text, sizeof text, "%s%lld.%02lld", hundredths < 0 ? "-" : "", size / 100, size % 100);
    size_t length = strlen(text);
    while (text[length - 1] == '0')
        length--;
    length -= text[length - 1] == '.';
    buffer_add(buffer, text, length);
}

void buffer_attribute(struct buffer *buffer, const char *name, double value)
{
    buffer_text(buffer, " ");
    buffer_text(buffer, name);
    buffer_text(buffer, "=\"");
    buffer_number(buffer, value);
    buffer_text(buffer, "\"");
}
