/* Tests images: pixels against Pillow, sizes, damage and bombs. */
#define _XOPEN_SOURCE 700
#include <stdint.h>
#include <zlib.h>

#include "bounded.h"
#include "data/image_file.h"
#include "data/image_resize.h"
#include "format_files.h"

enum { HEIGHT = 8, WIDTH = 6 };

/* ---- pixels ---- */

/* Files of make.py, their channels, and how far the pixels of Pillow may be: JPEG decoders differ
 * in the last digit. */
static const struct {
    const char *name, *raw;
    size_t channels;
    int tolerance;
} decoded[] = {
    {"gray.png", "gray.raw", 1, 0},
    {"rgb.png", "rgb.raw", 3, 0},
    {"bits.png", "bits.raw", 1, 0},
    {"palette.png", "palette.raw", 3, 0},
    {"palette_transparent.png", "palette_transparent.raw", 3, 0},
    {"rgba.png", "rgba.raw", 3, 0},
    {"gray_alpha.png", "gray_alpha.raw", 1, 0},
    {"gray16.png", "gray16.raw", 1, 0},
    {"interlaced.png", "interlaced.raw", 3, 0},
    {"rgb_jpeg.jpg", "rgb_jpeg.raw", 3, 1},
    {"gray_jpeg.jpg", "gray_jpeg.raw", 1, 1},
    {"progressive.jpg", "progressive.raw", 3, 1},
    {"cmyk.jpg", "cmyk.raw", 3, 1},
};
enum { DECODED = sizeof decoded / sizeof *decoded };

static struct image_bytes image_of(const char *name, struct file_content *content)
{
    *content = format_content(name);
    return (struct image_bytes){name, content->data, content->size};
}

static void check_pixels(const char *name, const uint8_t *pixels, const struct file_content *raw,
                         int tolerance)
{
    for (size_t i = 0; i < raw->size; i++)
        ck_assert_msg(abs(pixels[i] - raw->data[i]) <= tolerance, "%s: number %zu: %d, Pillow %d",
                      name, i, pixels[i], raw->data[i]);
}

START_TEST(pixels_of_every_kind)
{
    struct file_content content, raw = format_content(decoded[_i].raw);
    const struct image_bytes image = image_of(decoded[_i].name, &content);
    struct image_shape shape;
    bool is_image;
    uint8_t pixels[HEIGHT * WIDTH * 3];
    ck_ok(image_file_recognize(&image, &is_image));
    ck_ok(image_file_shape(&image, &shape));
    ck_assert(is_image && shape.height == HEIGHT && shape.width == WIDTH);
    ck_assert_uint_eq(shape.channels, decoded[_i].channels);
    ck_assert_uint_eq(raw.size, HEIGHT * WIDTH * shape.channels);
    ck_ok(image_file_decode(&image, &shape, pixels));
    check_pixels(decoded[_i].name, pixels, &raw, decoded[_i].tolerance);
    memory_free(content.data);
    memory_free(raw.data);
}
END_TEST

/* Pillow weights colors like this: convert("L") of rgb.png is gray.png. */
START_TEST(gray_and_colors)
{
    struct file_content color, gray, raw = format_content("gray.raw");
    const struct image_bytes rgb = image_of("rgb.png", &color), l = image_of("gray.png", &gray);
    const struct image_shape one = {HEIGHT, WIDTH, 1}, three = {HEIGHT, WIDTH, 3};
    uint8_t pixels[HEIGHT * WIDTH * 3];
    ck_ok(image_file_decode(&rgb, &one, pixels));
    check_pixels("rgb as gray", pixels, &raw, 0);
    ck_ok(image_file_decode(&l, &three, pixels));
    for (size_t i = 0; i < raw.size * 3; i++)
        ck_assert_int_eq(pixels[i], raw.data[i / 3]);
    memory_free(color.data);
    memory_free(gray.data);
    memory_free(raw.data);
}
END_TEST

START_TEST(resized_as_by_pillow)
{
    static const struct {
        const char *name;
        size_t height, width;
    } rows[] = {{"resized_3x4.raw", 3, 4}, {"resized_11x13.raw", 11, 13}};
    struct file_content from = format_content("rgb.raw");
    for (size_t k = 0; k < 2; k++) {
        struct file_content to = format_content(rows[k].name);
        float x[11 * 13 * 3];
        ck_assert_uint_eq(to.size, rows[k].height * rows[k].width * 3);
        ck_ok(image_resize(from.data, HEIGHT, WIDTH, 3, rows[k].height, rows[k].width, x));
        for (size_t i = 0; i < to.size; i++)
            ck_assert_msg(x[i] == (float)to.data[i], "%s: number %zu: %g, Pillow %d", rows[k].name,
                          i, (double)x[i], to.data[i]);
        memory_free(to.data);
    }
    memory_free(from.data);
}
END_TEST

/* ---- damage ---- */

static enum weft_status decode(const struct image_bytes *image)
{
    struct image_shape shape;
    uint8_t pixels[HEIGHT * WIDTH * 3];
    enum weft_status status = image_file_shape(image, &shape);
    if (status == WEFT_OK && (shape.height != HEIGHT || shape.width != WIDTH))
        return WEFT_ERROR_DATA; /* another image, which needs another buffer */
    return status == WEFT_OK ? image_file_decode(image, &shape, pixels) : status;
}

/* A cut file is refused. The last two bytes of a JPEG file are its end marker. */
START_TEST(images_cut_anywhere)
{
    struct file_content content;
    struct image_bytes image = image_of(decoded[_i].name, &content);
    const size_t end = image.size - 2;
    for (image.size = 8; image.size < end; image.size++)
        ck_fails(decode(&image), WEFT_ERROR_DATA, decoded[_i].name);
    memory_free(content.data);
}
END_TEST

/* A flipped bit is refused or gives other pixels; nothing is read or written elsewhere. */
START_TEST(images_with_flipped_bits)
{
    struct file_content content;
    const struct image_bytes image = image_of(decoded[_i].name, &content);
    for (size_t bit = 0; bit < 8 * image.size; bit += 3) {
        content.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
        const enum weft_status status = decode(&image);
        ck_assert(status == WEFT_OK || status == WEFT_ERROR_DATA);
        content.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    memory_free(content.data);
}
END_TEST

/* Some cameras leave bytes between the segments. Every decoder skips them. */
START_TEST(bytes_between_the_segments)
{
    struct file_content content = format_content("rgb_jpeg.jpg"),
                        raw = format_content("rgb_jpeg.raw");
    const struct image_shape shape = {HEIGHT, WIDTH, 3};
    unsigned char bytes[4096], *end = bytes + content.size - 2;
    uint8_t pixels[HEIGHT * WIDTH * 3];
    memcpy(bytes, content.data, content.size);
    memcpy(end, "UUUUUUUU\xff\xd9", 10);
    const struct image_bytes image = {"camera.jpg", bytes, content.size + 8};
    ck_ok(image_file_decode(&image, &shape, pixels));
    check_pixels("camera.jpg", pixels, &raw, 1);
    memory_free(content.data);
    memory_free(raw.data);
}
END_TEST

/* Headers that claim more pixels than the file can hold. */
START_TEST(bombs)
{
    struct file_content png = format_content("gray.png"), jpeg = format_content("rgb_jpeg.jpg");
    const struct image_bytes images[] = {{"bomb.png", png.data, png.size},
                                         {"bomb.jpg", jpeg.data, jpeg.size}};
    struct image_shape shape;
    static const uint32_t sizes[] = {999999, 20000, 11000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        format_put_big_endian(png.data + 16, sizes[i]);
        format_put_big_endian(png.data + 20, sizes[i]);
        format_put_big_endian(png.data + 29, (uint32_t)crc32(0, png.data + 12, 17));
        const struct bounds bounds = bounds_begin();
        ck_fails(image_file_shape(&images[0], &shape), WEFT_ERROR_DATA, "bomb.png: image of ");
        bounds_check(&bounds);
    }
    size_t frame = 0; /* FF C0, length, precision, height, width */
    while (jpeg.data[frame] != 0xff || jpeg.data[frame + 1] != 0xc0)
        frame++;
    memcpy(jpeg.data + frame + 5, "\xea\x60\xea\x60", 4);
    const struct bounds bounds = bounds_begin();
    ck_fails(image_file_shape(&images[1], &shape), WEFT_ERROR_DATA,
             "bomb.jpg: image of 60000x60000");
    bounds_check(&bounds);
    memory_free(png.data);
    memory_free(jpeg.data);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("images");
    TCase *files = tcase_create("files");
    tcase_add_loop_test(files, pixels_of_every_kind, 0, DECODED);
    tcase_add_test(files, gray_and_colors);
    tcase_add_test(files, resized_as_by_pillow);
    tcase_add_loop_test(files, images_cut_anywhere, 0, DECODED);
    tcase_add_loop_test(files, images_with_flipped_bits, 0, DECODED);
    tcase_add_test(files, bytes_between_the_segments);
    tcase_add_test(files, bombs);
    suite_add_tcase(suite, files);
    return suite_main(suite);
}
