/* Lists the components of this build for `weft --version`. */
#include <stdio.h>

#include "cpu/cpu.h"
#include "opencl/opencl.h"
#include "plot/picture.h"

const char *weft_components(void)
{
    static char text[1536];
    snprintf(text, sizeof text, "%s\n%s\n%s\n", opencl_components(), cpu_blas_name(),
             picture_cairo());
    return text;
}
