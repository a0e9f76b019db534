/* Finds the OpenCL function that a suite replaces by its own. Define _GNU_SOURCE before the first
 * include. */
#ifndef WEFT_TESTS_DRIVER_FUNCTION_H
#define WEFT_TESTS_DRIVER_FUNCTION_H

#include <dlfcn.h>
#include <string.h>

#include "suite.h"

/* Stores the function of this name that comes after the suite's at `function`, a pointer to a
 * pointer to a function. */
static inline void driver_function(const char *name, void *function)
{
    const void *symbol = dlsym(RTLD_NEXT, name);
    ck_assert_ptr_nonnull(symbol);
    memcpy(function, &symbol, sizeof symbol);
}

#endif
