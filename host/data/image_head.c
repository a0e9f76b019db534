/* Reads the first bytes of files that may be images; see image_head.h. */
#include "data/image_head.h"

#include "base/file_input.h"
#include "data/image_file.h"

enum { HEAD_BYTES = 4096 };

static enum weft_status read_head(const char *path, unsigned char *head, size_t *size)
{
    struct file_input *input;
    TRY(file_input_open(path, &input));
    const enum weft_status status = file_input_read(input, head, HEAD_BYTES, size);
    file_input_close(input);
    return status;
}

enum weft_status image_head_recognize(const char *path, bool *is_image)
{
    unsigned char head[HEAD_BYTES];
    size_t size = 0;
    *is_image = false;
    TRY(read_head(path, head, &size));
    const struct image_bytes bytes = {path, head, size};
    return image_file_recognize(&bytes, is_image);
}

bool image_head_shows(const char *path, bool otherwise)
{
    unsigned char head[HEAD_BYTES];
    size_t size = 0;
    bool is_image;
    if (read_head(path, head, &size) != WEFT_OK || size == 0)
        return otherwise;
    const struct image_bytes bytes = {path, head, size};
    return image_file_recognize(&bytes, &is_image) != WEFT_OK || is_image;
}
