/* Lists the components of this build for `weft --version`. */
#include <stdio.h>

#include "cpu/cpu.h"
#include "data/image_file.h"
#include "data/npz.h"
#include "opencl/opencl.h"
#include "plot/picture.h"

const char *weft_components(void)
{
    static char text[1792];
    const char *images = image_file_libraries(), *arrays = npz_library();
    snprintf(text, sizeof text, "%s\n%s\nimages: %s\nNPZ files: %s\npictures: %s\n",
             opencl_components(), cpu_blas_name(), images[0] != '\0' ? images : "not in this build",
             arrays[0] != '\0' ? arrays : "not in this build", picture_cairo());
    return text;
}
