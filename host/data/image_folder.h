/* Folders of images: one folder for each class, with PNG and JPEG files in it, or images without
 * classes in the folder itself. */
#ifndef WEFT_DATA_IMAGE_FOLDER_H
#define WEFT_DATA_IMAGE_FOLDER_H

#include "data/dataset.h"
#include "data/notes.h"

/* Where the classes of the two sets lie. Paths are owned; NULL if there is no such set. */
struct image_folder {
    char *train, *test;
    bool has_images; /* the training set has a PNG or JPEG file */
};

/* Looks at a folder. The subfolder "train" is the training set, and "test", "val", "valid" or
 * "validation" the test set, in this order; otherwise, the folder itself is the training set. */
WEFT_MUST_CHECK enum weft_status image_folder_find(const char *path, struct image_folder *folder);
void image_folder_reset(struct image_folder *folder);

/* Reads the images of a set. The classes are the names of its folders, in the order of their bytes.
 * If only `path` itself has images, they are the set, which has no labels. The texts of the data
 * set are the names of the files, with the folder of the class, as column "file". Files that are
 * not images are ignored, and so are images beside the folders of the classes; notes count them.
 *
 *   path       the folder that has the folders of the classes, or images
 *   channels   of an image; 0: 3 if any image has colors, otherwise 1
 *   options    image_height, image_width and grayscale; may be NULL
 *
 * All sizes are read from the headers and checked before the pixels are allocated. The images are
 * decoded by all threads. Returns WEFT_ERROR_DATA for a damaged file, for images of several sizes
 * if no size is given, and if the images do not fit into memory. */
WEFT_MUST_CHECK enum weft_status image_folder_read(const char *path, size_t channels,
                                                   const struct weft_data_options *options,
                                                   struct notes notes,
                                                   struct weft_dataset **dataset);

/* Gives a test set the classes of the training set in `path`, if it has classes, without reading
 * its images. */
WEFT_MUST_CHECK enum weft_status image_folder_map(const char *path, struct notes notes,
                                                  struct weft_dataset *dataset);

/* Tells the path of every file of a set. */
WEFT_MUST_CHECK enum weft_status image_folder_files(const char *path, weft_file_function *function,
                                                    void *user);

#endif
