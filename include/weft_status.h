/* weft_status.h: how functions report failures, and the version of the library. */
#ifndef WEFT_STATUS_H
#define WEFT_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define WEFT_API
#else
#define WEFT_API __attribute__((visibility("default")))
#endif
#if defined(__GNUC__)
#define WEFT_MUST_CHECK __attribute__((warn_unused_result))
#else
#define WEFT_MUST_CHECK
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The status that a function returns. The program `weft` uses the same numbers as exit codes. */
enum weft_status {
    WEFT_OK = 0,
    WEFT_ERROR_INTERNAL = 1,      /* a bug in Weft */
    WEFT_ERROR_USAGE = 2,         /* an invalid option or argument */
    WEFT_ERROR_DATA = 3,          /* bad data: a wrong format, shape, label or number */
    WEFT_ERROR_MODEL = 4,         /* a bad model file or checkpoint */
    WEFT_ERROR_IO = 5,            /* a missing file, no permission, a full disk, a read or write
                                     error */
    WEFT_ERROR_NO_DEVICE = 6,     /* no usable OpenCL device of the requested kind */
    WEFT_ERROR_DEVICE = 7,        /* a failed kernel build, too little device memory, a lost
                                     device */
    WEFT_ERROR_MEMORY = 8,        /* too little host memory */
    WEFT_ERROR_DIVERGED = 9,      /* the loss or the weights are no longer finite */
    WEFT_ERROR_WRONG_RESULT = 10, /* the device computes wrong results */
    WEFT_ERROR_DISTRIBUTED = 11,  /* another rank of a distributed training run failed */
    WEFT_ERROR_BUSY = 12          /* another process is writing this file */
};

/* Returns one line that describes the last failure in this thread. The line begins with the thing
 * that failed, such as the name of a file. Before the first failure, the line is "". The result is
 * never NULL. The string is valid until the next failure in this thread. */
WEFT_API const char *weft_error(void);

/* Returns the name of the option, such as "learning-rate", that caused the last failure in this
 * thread. The line of weft_error() then begins with this name. Returns NULL if the cause was not an
 * option. The string is static. */
WEFT_API const char *weft_error_option(void);

/* Returns true if weft_error() names the process of a job (weft_ranks.h) that has failed. */
WEFT_API bool weft_error_names_rank(void);

/* Returns the version of the library, such as "1.0.0". */
WEFT_API const char *weft_version(void);

/* Returns the names and versions of the software that Weft uses, one per line: OpenCL and its
 * platforms, CLBlast, the BLAS, and the optional libraries. The string is static. */
WEFT_API const char *weft_components(void);

#ifdef __cplusplus
}
#endif
#endif
