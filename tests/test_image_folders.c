/* Tests folders of images: their classes, their names, sizes and what is no image. */
#define _XOPEN_SOURCE 700
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "data/kept_texts.h"
#include "format_files.h"

enum { HEIGHT = 8, WIDTH = 6 };

static void copy_to(const char *name, const char *to)
{
    struct file_content content = format_content(name);
    temporary_write(to, content.data, content.size);
    memory_free(content.data);
}

static void check_image(const struct weft_dataset *dataset, size_t sample, const char *raw)
{
    struct file_content pixels = format_content(raw);
    ck_assert_uint_eq(pixels.size, dataset->features);
    for (size_t i = 0; i < pixels.size; i++)
        ck_assert(dataset->x[sample * dataset->features + i] == (float)pixels.data[i]);
    memory_free(pixels.data);
}

/* Checks that predictions begin with the names of the files. */
static void check_names(const struct weft_dataset *dataset, size_t count, const char *const *names)
{
    ck_assert_ptr_nonnull(dataset->kept);
    ck_assert(dataset->kept->has_id && dataset->kept->count == 1);
    ck_assert_str_eq(dataset->kept->columns[0].name, "file");
    ck_assert_uint_eq(dataset->samples, count);
    for (size_t i = 0; i < count; i++)
        ck_assert_str_eq(kept_texts_get(dataset->kept, 0, i), names[i]);
}

START_TEST(folder_of_classes)
{
    struct weft_data_options options = format_options();
    struct source source;
    temporary_subfolder("animals");
    temporary_subfolder("animals/dog");
    temporary_subfolder("animals/cat");
    copy_to("rgb.png", "animals/dog/1.png");
    copy_to("interlaced.png", "animals/cat/no suffix");
    copy_to("rgb.png", "animals/cat/2.png");
    temporary_write("animals/cat/readme.txt", "text", 4);
    temporary_write("animals/cat/.hidden", "text", 4);
    temporary_write("animals/list.csv", "a,b\n", 4);
    ck_ok(format_open(temporary_path("animals"), &options, &source));
    ck_assert_ptr_nonnull(
        strstr(format_notes, "1 of 4 files are not images and are ignored, such"));
    ck_assert_ptr_nonnull(strstr(format_notes, "animals/cat/readme.txt"));
    ck_assert(source.train->samples == 3 && source.train->classes == 2 && source.test == NULL);
    ck_assert(source.train->height == HEIGHT && source.train->width == WIDTH);
    ck_assert_uint_eq(source.train->channels, 3);
    ck_assert_str_eq(source.train->class_names[0], "cat");
    ck_assert(source.train->labels[0] == 0 && source.train->labels[2] == 1);
    check_image(source.train, 0, "rgb.raw"); /* "2.png" comes before "no suffix" */
    check_names(source.train, 3, (const char *[]){"cat/2.png", "cat/no suffix", "dog/1.png"});
    check_image(source.train, 1, "interlaced.raw");
    source_reset(&source);
    options.grayscale = true;
    ck_ok(format_open(temporary_path("animals"), &options, &source));
    check_image(source.train, 0, "gray.raw");
    source_reset(&source);
}
END_TEST

START_TEST(sets_in_subfolders)
{
    struct weft_data_options options = format_options();
    struct source source;
    static const char *const folders[] = {"sets",         "sets/train",   "sets/train/b",
                                          "sets/train/a", "sets/test",    "sets/test/b",
                                          "sets/test/c",  "sets/train/e", "sets/val"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        temporary_subfolder(folders[i]);
    copy_to("rgb.png", "sets/train/a/1.png");
    copy_to("gray.png", "sets/train/b/1.png");
    copy_to("gray.png", "sets/test/b/1.png");
    copy_to("rgb.png", "sets/test/c/1.png");
    ck_ok(format_open(temporary_path("sets"), &options, &source));
    ck_assert(source.train->samples == 2 && source.train->classes == 2);
    ck_assert_ptr_nonnull(strstr(format_notes, "1 of 3 classes have no sample and are left out"));
    ck_assert(source.test->samples == 1 && source.test->classes == 2 && source.test->unseen == 1);
    ck_assert_int_eq(source.test->labels[0], 1); /* b, which is class 0 of the test folder */
    check_names(source.test, 1, (const char *[]){"b/1.png"});
    ck_assert_uint_eq(source.test->channels, 3); /* as the training set */
    ck_assert_ptr_nonnull(strstr(format_notes, "1 of 2 samples belong to classes that training "
                                               "never saw, such as \"c\"; they count as wrong"));
    source_reset(&source);
    const struct source_request alone = {.what = temporary_path("sets"), .test = true};
    ck_ok(source_open(&alone, &source)); /* the classes of the training set all the same */
    ck_assert(source.train == NULL && source.test->classes == 3);
    ck_assert_int_eq(source.test->labels[0], 1);
    source_reset(&source);
}
END_TEST

START_TEST(images_of_several_sizes)
{
    struct weft_data_options options = format_options();
    struct source source;
    struct file_content png = format_content("rgb.png");
    temporary_subfolder("sizes");
    temporary_subfolder("sizes/a");
    copy_to("rgb.png", "sizes/a/1.png");
    format_put_big_endian(png.data + 16, WIDTH + 1);
    format_put_big_endian(png.data + 29, (uint32_t)crc32(0, png.data + 12, 17));
    temporary_write("sizes/a/2.png", png.data, png.size);
    memory_free(png.data);
    ck_refused(temporary_path("sizes"), NULL, "sizes/a/2.png: image of 7x8: need 6x8, as in ");
    ck_assert_ptr_nonnull(strstr(weft_error(), "resize all images with --image-size 6x8"));
    options.image_width = 4;
    options.image_height = 3;
    ck_refused(temporary_path("sizes"), &options, "sizes/a/2.png: byte "); /* too few pixels */
    copy_to("interlaced.png", "sizes/a/2.png");
    ck_ok(format_open(temporary_path("sizes"), &options, &source));
    ck_assert(source.train->height == 3 && source.train->width == 4);
    check_image(source.train, 0, "resized_3x4.raw");
    source_reset(&source);
    options.image_width = options.image_height = 1000000;
    ck_refused(temporary_path("sizes"), &options, "do not fit into the ");
}
END_TEST

/* Images to predict have no classes. */
START_TEST(images_without_classes)
{
    struct weft_data_options options = format_options();
    struct source source;
    temporary_subfolder("flat");
    temporary_subfolder("flat/empty");
    copy_to("rgb.png", "flat/b, 1.png");
    copy_to("interlaced.png", "flat/caf\xe9\xc3\xa9\xc3"); /* Latin-1, UTF-8, half of UTF-8 */
    temporary_write("flat/readme.txt", "text", 4);
    ck_ok(format_open(temporary_path("flat"), &options, &source));
    ck_assert_ptr_nonnull(strstr(format_notes, "1 of 3 files are not images and are ignored"));
    ck_assert(source.train->labels == NULL && source.train->targets == NULL);
    ck_assert_uint_eq(source.train->classes, 0);
    check_names(source.train, 2, (const char *[]){"b, 1.png", "caf?\xc3\xa9?"});
    check_image(source.train, 0, "rgb.raw");
    check_image(source.train, 1, "interlaced.raw");
    source_reset(&source);
}
END_TEST

/* Other files in a subfolder do not hide the images above it. */
START_TEST(images_above_a_folder_of_notes)
{
    struct weft_data_options options = format_options();
    struct source source;
    temporary_subfolder("noted");
    temporary_subfolder("noted/notes");
    copy_to("rgb.png", "noted/1.png");
    temporary_write("noted/notes/readme.txt", "text", 4);
    temporary_write("noted/notes/empty", "", 0);
    ck_ok(format_open(temporary_path("noted"), &options, &source));
    ck_assert(source.train->labels == NULL && source.train->samples == 1);
    ck_assert_str_eq(format_notes, "");
    source_reset(&source);
    ck_assert_int_eq(unlink(temporary_path("noted/notes/empty")), 0);
    temporary_subfolder("noted/test");
    copy_to("interlaced.png", "noted/test/1.png");
    copy_to("image.gif", "noted/2.gif");
    ck_ok(format_open(temporary_path("noted"), &options, &source));
    ck_assert(source.train->labels != NULL && source.train->samples == 1);
    check_names(source.train, 1, (const char *[]){"test/1.png"});
    ck_assert_ptr_nonnull(strstr(format_notes, "noted: 2 images beside the folders of the classes "
                                               "are ignored, such as "));
    ck_assert_ptr_nonnull(strstr(format_notes, "noted/1.png"));
    source_reset(&source);
}
END_TEST

/* Files that cannot be images are not read, however large they are and whatever they are. */
START_TEST(videos_and_pipes_beside_images)
{
    static const char *const folders[] = {"movies", "shot", "shot/a"};
    struct weft_data_options options = format_options();
    struct source source;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char name[32];
        temporary_subfolder(folders[i]);
        if (i == 1)
            continue;
        snprintf(name, sizeof name, "%s/a.png", folders[i]);
        copy_to("rgb.png", name);
        snprintf(name, sizeof name, "%s/b.mp4", folders[i]);
        temporary_write(name,
                        "\x00\x00\x00\x20"
                        "ftypisom",
                        12);
        ck_assert_int_eq(truncate(temporary_path(name), (off_t)2 << 30), 0);
        snprintf(name, sizeof name, "%s/pipe", folders[i]);
        ck_assert_int_eq(mkfifo(temporary_path(name), 0600), 0);
    }
    for (size_t i = 0; i < 2; i++) {
        ck_ok(format_open(temporary_path(folders[i]), &options, &source));
        ck_assert_uint_eq(source.train->samples, 1);
        ck_assert_ptr_nonnull(strstr(format_notes, "2 of 3 files are not images and are ignored"));
        source_reset(&source);
    }
}
END_TEST

/* A folder of other files is no folder of images, even if one of them is empty. */
START_TEST(folders_without_images)
{
    struct source source;
    temporary_subfolder("tables");
    temporary_write("tables/empty", "", 0);
    temporary_write("tables/list.csv", "a,b\n", 4);
    ck_fails(format_open(temporary_path("tables"), NULL, &source), WEFT_ERROR_IO,
             "tables: neither train-images-idx3-ubyte nor");
    temporary_subfolder("gifs");
    copy_to("image.gif", "gifs/photo");
    ck_refused(temporary_path("gifs"), NULL, "gifs/photo: this looks like a GIF image, which Weft");
}
END_TEST

START_TEST(files_that_are_no_images)
{
    temporary_subfolder("bad");
    temporary_subfolder("bad/a");
    copy_to("rgb.png", "bad/a/1.png");
    copy_to("image.gif", "bad/a/2.png");
    ck_refused(temporary_path("bad"), NULL, "bad/a/2.png: this looks like a GIF image, which Weft");
    ck_assert_ptr_nonnull(strstr(weft_error(), "from PIL import Image"));
    temporary_write("bad/a/2.png", "", 0);
    ck_refused(temporary_path("bad"), NULL, "bad/a/2.png: byte 0: empty file");
    ck_refused(format_path("rgb.png"), NULL, "got a single image, need a folder");
}
END_TEST

struct told {
    size_t count;
};

static void count_file(void *user, const char *path)
{
    struct told *told = user;
    told->count += file_exists(path);
}

START_TEST(files_are_told)
{
    struct told told = {0};
    temporary_subfolder("told");
    temporary_subfolder("told/train");
    temporary_subfolder("told/train/a");
    temporary_subfolder("told/test");
    temporary_subfolder("told/test/a");
    copy_to("rgb.png", "told/train/a/1.png");
    copy_to("rgb.png", "told/train/a/2.png");
    copy_to("rgb.png", "told/test/a/3.png");
    ck_ok(weft_dataset_files(temporary_path("told"), count_file, &told));
    ck_assert_uint_eq(told.count, 3);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("image_folders");
    TCase *folders = tcase_create("folders");
    tcase_add_unchecked_fixture(folders, temporary_create, temporary_remove);
    tcase_add_test(folders, folder_of_classes);
    tcase_add_test(folders, sets_in_subfolders);
    tcase_add_test(folders, images_of_several_sizes);
    tcase_add_test(folders, images_without_classes);
    tcase_add_test(folders, images_above_a_folder_of_notes);
    tcase_add_test(folders, videos_and_pipes_beside_images);
    tcase_add_test(folders, folders_without_images);
    tcase_add_test(folders, files_that_are_no_images);
    tcase_add_test(folders, files_are_told);
    suite_add_tcase(suite, folders);
    return suite_main(suite);
}
