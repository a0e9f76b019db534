/* Reads folders of images; see image_folder.h.
 *
 * The images are read twice. The first time, their headers tell which files are images and how
 * large they are. The second time, they are decoded into the data set.
 *
 * A thread that finds a fault only marks its image, because error lines belong to a thread. The
 * caller then reads the first marked image again, and gets the line.
 */
#include "data/image_folder.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "data/classes.h"
#include "data/image_file.h"
#include "data/image_head.h"
#include "data/image_list.h"
#include "data/image_resize.h"
#include "data/kept_texts.h"

enum { MOST_FILE_BYTES = 1 << 30, FILES_A_PIECE = 8 };

/* What is known of a file. */
struct image {
    const char *path, *name; /* borrowed */
    int32_t class;
    bool special, is_image, failed;
    struct image_shape shape; /* its own */
};

/* The images of a set while they are read. */
struct images {
    struct image *images; /* [count] owned */
    size_t count;
    struct image_shape shape; /* in the data set */
    bool resize;
    float *x; /* [count][height][width][channels] borrowed from the data set */
};

/* ---- one image ---- */

/* Finds out what a file is. Only an image is read completely. */
static enum weft_status look_at(struct image *image)
{
    struct file_content content;
    if (image->special)
        return WEFT_OK;
    TRY(image_head_recognize(image->path, &image->is_image));
    if (!image->is_image)
        return WEFT_OK;
    TRY(file_read(image->path, MOST_FILE_BYTES, WEFT_ERROR_DATA, &content));
    const struct image_bytes bytes = {image->path, content.data, content.size};
    const enum weft_status status = image_file_shape(&bytes, &image->shape);
    memory_free(content.data);
    return status;
}

static enum weft_status decode_bytes(const struct images *images, const struct image *image,
                                     const struct image_bytes *bytes, float *x)
{
    struct image_shape shape = image->shape;
    uint8_t *pixels;
    shape.channels = images->shape.channels;
    const size_t count = shape.height * shape.width * shape.channels;
    TRY(NEW_ARRAY(pixels, count));
    enum weft_status status = image_file_decode(bytes, &shape, pixels);
    if (status == WEFT_OK && images->resize)
        status = image_resize(pixels, shape.height, shape.width, shape.channels,
                              images->shape.height, images->shape.width, x);
    for (size_t i = 0; status == WEFT_OK && !images->resize && i < count; i++)
        x[i] = (float)pixels[i];
    memory_free(pixels);
    return status;
}

/* Decodes an image into its place in the data set. */
static enum weft_status decode(const struct images *images, size_t index)
{
    const struct image *image = &images->images[index];
    const size_t features = images->shape.height * images->shape.width * images->shape.channels;
    struct file_content content;
    TRY(file_read(image->path, MOST_FILE_BYTES, WEFT_ERROR_DATA, &content));
    const struct image_bytes bytes = {image->path, content.data, content.size};
    const enum weft_status status =
        decode_bytes(images, image, &bytes, images->x + index * features);
    memory_free(content.data);
    return status;
}

/* ---- all images ---- */

static void look_at_piece(const void *work, size_t first, size_t count)
{
    const struct images *images = work;
    for (size_t i = first; i < first + count; i++)
        images->images[i].failed = look_at(&images->images[i]) != WEFT_OK;
}

static void decode_piece(const void *work, size_t first, size_t count)
{
    const struct images *images = work;
    for (size_t i = first; i < first + count; i++)
        images->images[i].failed = decode(images, i) != WEFT_OK;
}

/* Reads marked images again, one by one. If memory was short for all threads together, it may do
 * for one. */
static enum weft_status look_at_all(struct images *images)
{
    parallel_for(images->count, FILES_A_PIECE, true, look_at_piece, images);
    for (size_t i = 0; i < images->count; i++)
        if (images->images[i].failed)
            TRY(look_at(&images->images[i]));
    return WEFT_OK;
}

static enum weft_status decode_all(struct images *images)
{
    parallel_for(images->count, FILES_A_PIECE, true, decode_piece, images);
    for (size_t i = 0; i < images->count; i++)
        if (images->images[i].failed)
            TRY(decode(images, i));
    return WEFT_OK;
}

/* Leaves out the files that are not images. */
static void keep_images(struct images *images, const char *path, struct notes notes)
{
    size_t kept = 0;
    const char *example = NULL;
    for (size_t i = 0; i < images->count; i++) {
        if (images->images[i].is_image)
            images->images[kept++] = images->images[i];
        else if (example == NULL)
            example = images->images[i].path;
    }
    if (kept < images->count)
        notes_say(notes, "%s: %zu of %zu files are not images and are ignored, such as %s", path,
                  images->count - kept, images->count, example);
    images->count = kept;
}

/* Names the images that lie beside the folders of the classes. */
static void say_beside(const struct image_list *list, const char *path, struct notes notes)
{
    if (list->beside > 0)
        notes_say(notes, "%s: %zu image%s beside the folders of the classes %s ignored, such as %s",
                  path, list->beside, list->beside == 1 ? "" : "s",
                  list->beside == 1 ? "is" : "are", list->beside_path);
}

/* ---- shapes ---- */

/* Checks that all images have the size of the first one. */
static enum weft_status check_equal(const struct images *images)
{
    const struct image *first = &images->images[0];
    for (size_t i = 1; i < images->count; i++) {
        const struct image *image = &images->images[i];
        if (image->shape.height != first->shape.height || image->shape.width != first->shape.width)
            return fail(WEFT_ERROR_DATA,
                        "%s: image of %zux%zu: need %zux%zu, as in %s; or resize all images with "
                        "--image-size %zux%zu",
                        image->path, image->shape.width, image->shape.height, first->shape.width,
                        first->shape.height, first->path, first->shape.width, first->shape.height);
    }
    return WEFT_OK;
}

static size_t most_channels(const struct images *images)
{
    size_t most = 1;
    for (size_t i = 0; i < images->count; i++)
        most = size_max(most, images->images[i].shape.channels);
    return most;
}

/* Checks that the pixels of the data set fit into memory. */
static enum weft_status check_memory(const struct images *images, const char *path)
{
    size_t bytes = sizeof(float);
    if (size_multiply(bytes, images->shape.height, &bytes) &&
        size_multiply(bytes, images->shape.width, &bytes) &&
        size_multiply(bytes, images->shape.channels, &bytes) &&
        size_multiply(bytes, images->count, &bytes) && bytes <= memory_limit())
        return WEFT_OK;
    return fail(WEFT_ERROR_DATA,
                "%s: %zu images of %zux%zux%zu do not fit into the %zu bytes of memory of this "
                "machine; give a smaller --image-size",
                path, images->count, images->shape.width, images->shape.height,
                images->shape.channels, memory_limit());
}

/* Decides the shape of the images in the data set. */
static enum weft_status settle_shape(struct images *images, const char *path, size_t channels,
                                     const struct weft_data_options *options)
{
    const bool size_given = options != NULL && options->image_width > 0;
    const bool gray = options != NULL && options->grayscale;
    images->shape = images->images[0].shape;
    if (size_given) {
        images->shape.height = options->image_height;
        images->shape.width = options->image_width;
        images->resize = true;
    } else {
        TRY(check_equal(images));
    }
    images->shape.channels = gray ? 1 : channels > 0 ? channels : most_channels(images);
    return check_memory(images, path);
}

/* ---- the data set ---- */

/* Keeps the names of the files, in the order of the samples. */
static enum weft_status keep_names(const struct images *images, struct weft_dataset *dataset)
{
    const char **names;
    TRY(NEW_ARRAY(names, images->count));
    for (size_t i = 0; i < images->count; i++)
        names[i] = images->images[i].name;
    const enum weft_status status = kept_texts_name("file", names, images->count, &dataset->kept);
    memory_free(names);
    return status;
}

static enum weft_status fill(struct images *images, const struct image_list *list,
                             struct weft_dataset *dataset)
{
    dataset->height = images->shape.height;
    dataset->width = images->shape.width;
    dataset->channels = images->shape.channels;
    images->x = dataset->x;
    for (size_t i = 0; dataset->labels != NULL && i < images->count; i++)
        dataset->labels[i] = images->images[i].class;
    TRY(keep_names(images, dataset));
    TRY(decode_all(images));
    return dataset_finish(dataset, list->class_count, (const char *const *)list->classes);
}

static enum weft_status read_images(struct images *images, const struct image_list *list,
                                    const char *path, size_t channels,
                                    const struct weft_data_options *options, struct notes notes,
                                    struct weft_dataset **dataset)
{
    TRY(NEW_ARRAY(images->images, list->count));
    images->count = list->count;
    for (size_t i = 0; i < list->count; i++)
        images->images[i] = (struct image){.path = list->entries[i].path,
                                           .name = list->entries[i].name,
                                           .class = list->entries[i].class,
                                           .special = list->entries[i].special};
    TRY(look_at_all(images));
    keep_images(images, path, notes);
    say_beside(list, path, notes);
    if (images->count == 0)
        return fail(WEFT_ERROR_DATA,
                    "%s: images: got 0, need a folder of PNG or JPEG files for "
                    "each class",
                    path);
    TRY(settle_shape(images, path, channels, options));
    TRY(dataset_allocate(path, images->count,
                         images->shape.height * images->shape.width * images->shape.channels,
                         list->class_count > 0, dataset));
    const enum weft_status status = fill(images, list, *dataset);
    if (status != WEFT_OK) {
        weft_dataset_destroy(*dataset);
        *dataset = NULL;
    }
    return status;
}

enum weft_status image_folder_read(const char *path, size_t channels,
                                   const struct weft_data_options *options, struct notes notes,
                                   struct weft_dataset **dataset)
{
    struct image_list list;
    struct images images = {.images = NULL};
    *dataset = NULL;
    TRY(image_list_read(path, &list));
    const enum weft_status status =
        read_images(&images, &list, path, channels, options, notes, dataset);
    memory_free(images.images);
    image_list_reset(&list);
    return status;
}

enum weft_status image_folder_map(const char *path, struct notes notes,
                                  struct weft_dataset *dataset)
{
    struct image_list list;
    TRY(image_list_read(path, &list));
    enum weft_status status = WEFT_OK;
    if (list.class_count > 0)
        status = classes_map(dataset, (const char *const *)list.classes, list.class_count, notes);
    image_list_reset(&list);
    return status;
}

enum weft_status image_folder_files(const char *path, weft_file_function *function, void *user)
{
    struct image_list list;
    TRY(image_list_read(path, &list));
    for (size_t i = 0; i < list.count; i++)
        function(user, list.entries[i].path);
    image_list_reset(&list);
    return WEFT_OK;
}

/* ---- where the sets are ---- */

/* Stores the path of the first subfolder with one of the names [count], or NULL. */
static enum weft_status find_subfolder(const char *path, const char *const *names, size_t count,
                                       char **found)
{
    for (size_t i = 0; i < count; i++) {
        TRY(path_join(path, names[i], found));
        if (folder_exists(*found))
            return WEFT_OK;
        memory_free(*found);
        *found = NULL;
    }
    return WEFT_OK;
}

/* Looks for the first image. A file in the folder of a class counts as one unless its bytes show
 * something else, so that a damaged image is named. */
static enum weft_status find_image(struct image_folder *folder)
{
    struct image_list list;
    TRY(image_list_read(folder->train, &list));
    for (size_t i = 0; i < list.count && !folder->has_images; i++)
        folder->has_images = !list.entries[i].special &&
                             image_head_shows(list.entries[i].path, list.class_count > 0);
    image_list_reset(&list);
    return WEFT_OK;
}

static enum weft_status find(const char *path, struct image_folder *folder)
{
    static const char *const train[] = {"train", "training", "Train", "Training"};
    static const char *const test[] = {"test", "testing",    "Test", "Testing",
                                       "val",  "validation", "valid"};
    TRY(find_subfolder(path, train, sizeof train / sizeof *train, &folder->train));
    if (folder->train != NULL)
        TRY(find_subfolder(path, test, sizeof test / sizeof *test, &folder->test));
    else
        TRY(text_copy(path, &folder->train));
    return find_image(folder);
}

enum weft_status image_folder_find(const char *path, struct image_folder *folder)
{
    *folder = (struct image_folder){.train = NULL};
    const enum weft_status status = find(path, folder);
    if (status != WEFT_OK)
        image_folder_reset(folder);
    return status;
}

void image_folder_reset(struct image_folder *folder)
{
    memory_free(folder->train);
    memory_free(folder->test);
    *folder = (struct image_folder){.train = NULL};
}
