/* Lists the components of this build for `weft --version`. */
#include <stdio.h>

#include "cpu/cpu.h"
#include "data/image_file.h"
#include "data/npz.h"
#include "opencl/opencl.h"
#include "plot/picture.h"
#include "ranks/ranks.h"

const char *weft_components(void)
{
    static char text[1792];
    static const char none[] = "not in this build";
    const char *images = image_file_libraries(), *arrays = npz_library(), *ranks = ranks_library();
    snprintf(text, sizeof text, "%s\n%s\nimages: %s\nNPZ files: %s\npictures: %s\nranks: %s\n",
             opencl_components(), cpu_blas_name(), images[0] != '\0' ? images : none,
             arrays[0] != '\0' ? arrays : none, picture_cairo(), ranks[0] != '\0' ? ranks : none);
    return text;
}
