/* Saves pictures: the ending of a file's name decides its format. */
#include <string.h>

#include "base/file.h"
#include "plot/picture.h"

typedef enum weft_status writer(const struct weft_picture *picture, struct buffer *file);

/* Returns the writer for a file's name in `*write`. */
static enum weft_status find_writer(const char *path, writer **write)
{
    static const struct {
        const char *ending;
        writer *write;
    } formats[] = {
        {".svg", picture_write_svg}, {".png", picture_write_png}, {".pdf", picture_write_pdf}};
    const char *ending = strrchr(path, '.');
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (ending != NULL && strcmp(ending, formats[i].ending) == 0) {
            *write = formats[i].write;
            return WEFT_OK;
        }
    return fail(WEFT_ERROR_USAGE, "%s: a picture's name must end in .svg, .png or .pdf", path);
}

enum weft_status weft_picture_write(const struct weft_picture *picture, const char *path)
{
    struct buffer file = {0};
    writer *write = NULL;
    TRY(find_writer(path, &write));
    enum weft_status status = write(picture, &file);
    if (status == WEFT_OK)
        status = file_replace(path, &(struct file_part){.data = file.data, .size = file.used}, 1);
    buffer_reset(&file);
    return status;
}

/* Draws an empty picture, to learn whether the writer is built in. */
static enum weft_status try_writer(writer *write)
{
    struct weft_picture *picture;
    struct buffer file = {0};
    TRY(picture_create(&(struct weft_chart){.width = 1.0, .height = 1.0}, &picture));
    const enum weft_status status = write(picture, &file);
    buffer_reset(&file);
    weft_picture_destroy(picture);
    return status;
}

enum weft_status weft_picture_check_path(const char *path)
{
    writer *write = NULL;
    TRY(find_writer(path, &write));
    TRY(try_writer(write));
    return file_check_writable(path);
}

enum weft_status weft_picture_svg(const struct weft_picture *picture, char **svg)
{
    struct buffer file = {0};
    *svg = NULL;
    (void)!picture_write_svg(picture, &file);
    buffer_add(&file, "", 1);
    if (file.status != WEFT_OK) {
        const enum weft_status status = file.status;
        buffer_reset(&file);
        return status;
    }
    *svg = (char *)file.data;
    return WEFT_OK;
}

void weft_picture_free(char *svg)
{
    memory_free(svg);
}
