/* Matrix products by CLBlast; see products_clblast.h. No other file uses CLBlast. */
#include "opencl/products_clblast.h"

#include <math.h>
#include <string.h>

#include <clblast_c.h>

#include "base/memory.h"

enum { MAX_PARAMETERS = 16, MAX_OVERRIDES = 7 };

/* The parameters of one family of CLBlast's kernels. */
struct override {
    const char *kernel;
    size_t count;
    const char *names[MAX_PARAMETERS];
    size_t values[MAX_PARAMETERS];
};

/* A complete choice of parameters. CLBlast's doc/tuning.md and the heads of its kernels explain the
 * names and constraints. */
struct setting {
    const char *name;
    cl_device_type types; /* the supported device types */
    size_t group;         /* largest work-group over all kernels */
    size_t local_bytes;   /* largest local memory over all kernels */
    size_t override_count;
    struct override overrides[MAX_OVERRIDES]; /* none: CLBlast's database decides */
};

/* GEMMK 0 without local memory (SA, SB 0). MDIMC x NDIMC work-items compute a tile of MWG x NWG.
 * GEMMK is never 1 here: with MWG != NWG, CLBlast before 1.6.3 computes wrong results. */
#define XGEMM(tile, dimension, kwg, vector)                                                        \
    {                                                                                              \
        "Xgemm", 16, {"GEMMK", "KREG", "KWG", "KWI", "MDIMA", "MDIMC", "MWG", "NDIMB",             \
                      "NDIMC", "NWG",  "SA",  "SB",  "STRM",  "STRN",  "VWM", "VWN"},              \
        {                                                                                          \
            0, 1, kwg, 2, dimension, dimension, tile, dimension, dimension, tile, 0, 0, 0, 0,      \
                vector, vector                                                                     \
        }                                                                                          \
    }
/* The kernel for small products, which copies nothing. With a threshold of 1 it never runs, but it
 * is compiled with the others and must fit the device. */
#define XGEMM_DIRECT(dimension, tile)                                                              \
    {                                                                                              \
        "XgemmDirect", 10, {"KWID", "MDIMAD", "MDIMCD", "NDIMBD", "NDIMCD",                        \
                            "PADA", "PADB",   "VWMD",   "VWND",   "WGD"},                          \
        {                                                                                          \
            2, dimension, dimension, dimension, dimension, 1, 1, 1, 1, tile                        \
        }                                                                                          \
    }
#define ALWAYS_INDIRECT                                                                            \
    {                                                                                              \
        "GemmRoutine", 1, {"XGEMM_MIN_INDIRECT_SIZE"},                                             \
        {                                                                                          \
            1                                                                                      \
        }                                                                                          \
    }
/* The copy kernels around Xgemm, in work-groups of up to 256, with the values that CLBlast's
 * database has for unknown devices. */
#define WIDE_COPIES                                                                                \
    {"Copy", 4, {"COPY_DIMX", "COPY_DIMY", "COPY_VW", "COPY_WPT"}, {16, 16, 4, 2}},                \
        {"Pad", 4, {"PAD_DIMX", "PAD_DIMY", "PAD_WPTX", "PAD_WPTY"}, {32, 8, 2, 1}},               \
        {"Transpose", 4, {"TRA_DIM", "TRA_PAD", "TRA_SHUFFLE", "TRA_WPT"}, {8, 0, 1, 4}},          \
    {                                                                                              \
        "Padtranspose", 3, {"PADTRA_PAD", "PADTRA_TILE", "PADTRA_WPT"},                            \
        {                                                                                          \
            0, 8, 4                                                                                \
        }                                                                                          \
    }
/* The copy kernels in work-groups of dimension x dimension. */
#define COPIES(dimension)                                                                          \
    {"Copy", 4, {"COPY_DIMX", "COPY_DIMY", "COPY_VW", "COPY_WPT"}, {dimension, dimension, 1, 1}},  \
        {"Pad",                                                                                    \
         4,                                                                                        \
         {"PAD_DIMX", "PAD_DIMY", "PAD_WPTX", "PAD_WPTY"},                                         \
         {dimension, dimension, 1, 1}},                                                            \
        {"Transpose", 4, {"TRA_DIM", "TRA_PAD", "TRA_SHUFFLE", "TRA_WPT"}, {dimension, 0, 0, 1}},  \
    {                                                                                              \
        "Padtranspose", 3, {"PADTRA_PAD", "PADTRA_TILE", "PADTRA_WPT"},                            \
        {                                                                                          \
            0, dimension, 1                                                                        \
        }                                                                                          \
    }

static const struct setting settings[] = {
    /* No GPU in the database needs more. */
    {"database", CL_DEVICE_TYPE_GPU, 256, 32768, 0, {{NULL, 0, {NULL}, {0}}}},
    /* CLBlast's database has no entry for PoCL's CPUs, and its default is 15 times slower than this
     * setting. Here a work-item computes a tile of 16 x 16 in vectors of 8, without barriers. Sizes
     * that are multiples of 16 need no padding; most batches and images have such sizes. The
     * parameters were measured on AVX-512. Copies in smaller work-groups make an epoch up to twice
     * as long. */
    {"cpu",
     CL_DEVICE_TYPE_CPU,
     256,
     8192,
     7,
     {XGEMM(16, 1, 16, 8), XGEMM_DIRECT(8, 8), ALWAYS_INDIRECT, WIDE_COPIES}},
    {"portable-64",
     CL_DEVICE_TYPE_ALL,
     64,
     4096,
     7,
     {XGEMM(32, 8, 16, 1), XGEMM_DIRECT(8, 8), ALWAYS_INDIRECT, COPIES(8)}},
    {"portable-16",
     CL_DEVICE_TYPE_ALL,
     16,
     4096,
     7,
     {XGEMM(32, 4, 16, 1), XGEMM_DIRECT(4, 8), ALWAYS_INDIRECT, COPIES(4)}},
    {"portable-4",
     CL_DEVICE_TYPE_ALL,
     4,
     4096,
     7,
     {XGEMM(16, 2, 16, 1), XGEMM_DIRECT(2, 8), ALWAYS_INDIRECT, COPIES(2)}},
    {"portable-1",
     CL_DEVICE_TYPE_ALL,
     1,
     4096,
     7,
     {XGEMM(8, 1, 16, 1), XGEMM_DIRECT(1, 8), ALWAYS_INDIRECT, COPIES(1)}},
};

enum { SETTING_COUNT = sizeof settings / sizeof *settings };

static bool setting_fits(const struct setting *setting, const struct opencl_device *device)
{
    return (setting->types & device->type) != 0 && setting->group <= device->max_group &&
           setting->local_bytes <= device->max_local;
}

/* Passes the parameters of a setting to CLBlast. `*taken` is false if this version of CLBlast has
 * other parameters. Any other error is a failure of the device. */
static enum weft_status setting_apply(const struct setting *setting,
                                      const struct opencl_device *device, bool *taken)
{
    for (size_t i = 0; i < setting->override_count; i++) {
        const struct override *override = &setting->overrides[i];
        const char *names[MAX_PARAMETERS];
        memcpy(names, override->names, sizeof names);
        const CLBlastStatusCode code =
            CLBlastOverrideParameters(device->id, override->kernel, CLBlastPrecisionSingle,
                                      override->count, names, override->values);
        *taken = code != CLBlastInvalidOverrideKernel && code != CLBlastMissingOverrideParameter;
        if (!*taken)
            return WEFT_OK;
        TRY(opencl_check(device, (int)code, "CLBlastOverrideParameters"));
    }
    *taken = true;
    return WEFT_OK;
}

/* CLBlast keeps overrides for a device until the process ends, and cannot return to its database.
 * This table records, for as long, which setting is in use on which device. */
enum { MAX_OVERRIDDEN = 64 };
static struct {
    cl_device_id id;
    size_t setting;
} overridden[MAX_OVERRIDDEN];

/* Returns the place of a device in `overridden`, or a free place, or the last one if all are
 * taken. */
static size_t overridden_place(cl_device_id id)
{
    size_t i = 0;
    while (i < MAX_OVERRIDDEN - 1 && overridden[i].id != NULL && overridden[i].id != id)
        i++;
    return i;
}

/* Selects a setting if this version of CLBlast accepts it. */
static enum weft_status setting_put(struct opencl_device *device, size_t number, bool *found)
{
    const size_t place = overridden_place(device->id);
    TRY(setting_apply(&settings[number], device, found));
    if (!*found)
        return WEFT_OK;
    device->setting = number;
    overridden[place].id = device->id;
    overridden[place].setting = number;
    return WEFT_OK;
}

/* Selects the first setting that fits the device, starting at number `from`. */
static enum weft_status setting_choose(struct opencl_device *device, size_t from, bool *found)
{
    *found = false;
    for (size_t i = from; i < SETTING_COUNT && !*found; i++)
        if (setting_fits(&settings[i], device))
            TRY(setting_put(device, i, found));
    return WEFT_OK;
}

/* Returns the number of the setting `name`, or 0 if the name is NULL or unknown. */
static size_t setting_number(const char *name)
{
    for (size_t i = 0; name != NULL && i < SETTING_COUNT; i++)
        if (strcmp(settings[i].name, name) == 0)
            return i;
    return 0;
}

enum weft_status clblast_init(struct opencl_device *device, const char *first, bool *found)
{
    const size_t place = overridden_place(device->id);
    if (overridden[place].id == device->id)
        return setting_choose(device, overridden[place].setting, found);
    TRY(setting_choose(device, setting_number(first), found));
    return *found ? WEFT_OK : setting_choose(device, 0, found);
}

enum weft_status clblast_next_setting(struct opencl_device *device, bool *found)
{
    return setting_choose(device, device->setting + 1, found);
}

enum weft_status clblast_set(struct opencl_device *device, const char *name, bool *found)
{
    const size_t number = setting_number(name), place = overridden_place(device->id);
    const bool known = strcmp(settings[number].name, name) == 0;
    const bool in_force = device->clblast && device->setting == number;
    const bool lost =
        settings[number].override_count == 0 && overridden[place].id == device->id && !in_force;
    *found = known && setting_fits(&settings[number], device) && !lost;
    return *found ? setting_put(device, number, found) : WEFT_OK;
}

const char *clblast_fitting(const struct opencl_device *device, size_t index)
{
    for (size_t i = 0; i < SETTING_COUNT; i++)
        if (setting_fits(&settings[i], device) && index-- == 0)
            return settings[i].name;
    return NULL;
}

const char *clblast_setting_name(const struct opencl_device *device)
{
    return settings[device->setting].name;
}

/* A form in CLBlast's terms: which operands are transposed, and the row lengths. */
struct layout {
    CLBlastTranspose a, b;
    size_t a_row, b_row; /* elements from row to row */
};

static struct layout layout_of(enum product_form form, size_t m, size_t n, size_t k)
{
    const bool a_transposed = product_a_transposed(form), b_transposed = product_b_transposed(form);
    return (struct layout){.a = a_transposed ? CLBlastTransposeYes : CLBlastTransposeNo,
                           .b = b_transposed ? CLBlastTransposeYes : CLBlastTransposeNo,
                           .a_row = a_transposed ? m : k,
                           .b_row = b_transposed ? k : n};
}

/* With an offset, CLBlast copies every operand. This is the most that any product of the form
 * needs. */
enum weft_status clblast_workspace_size(struct opencl_device *device, enum product_form form,
                                        size_t m, size_t n, size_t k, size_t *count)
{
    enum { OFFSET = 1 };
    const struct layout layout = layout_of(form, m, n, k);
    size_t bytes = 0;
    TRY(opencl_check(device,
                     (int)CLBlastSGemmTempBufferSize(
                         CLBlastLayoutRowMajor, layout.a, layout.b, m, n, k, OFFSET, layout.a_row,
                         OFFSET, layout.b_row, OFFSET, n, &device->queue, &bytes),
                     "CLBlastSGemmTempBufferSize"));
    *count = size_max(bytes / sizeof(float), 1);
    return WEFT_OK;
}

/* Computes the rows first .. first + rows - 1 of c. */
static enum weft_status rows_run(struct opencl_device *device, const struct product *product,
                                 size_t first, size_t rows, cl_mem workspace)
{
    const struct layout layout = layout_of(product->form, product->m, product->n, product->k);
    const size_t a_step = product_a_transposed(product->form) ? 1 : layout.a_row;
    return opencl_check(device,
                        (int)CLBlastSgemmWithTempBuffer(
                            CLBlastLayoutRowMajor, layout.a, layout.b, rows, product->n, product->k,
                            1.0f, product->a, product->a_offset + first * a_step, layout.a_row,
                            product->b, product->b_offset, layout.b_row, 0.0f, product->c,
                            product->c_offset + first * product->n, product->n, &device->queue,
                            NULL, workspace),
                        "CLBlastSgemm");
}

size_t clblast_parts(const struct opencl_device *device, const struct product *product)
{
    const double parts = ceil(product_work(product) / device->most_work);
    return size_max((size_t)fmin(parts, (double)product->m), 1);
}

/* A product with too much work for one launch is computed in nearly equal parts. Every part is
 * large, so that CLBlast computes it with the kernel of the whole. */
enum weft_status clblast_run(struct opencl_device *device, const struct product *product,
                             cl_mem workspace)
{
    const size_t parts = clblast_parts(device, product);
    for (size_t i = 0; i < parts; i++) {
        const size_t first = i * product->m / parts, end = (i + 1) * product->m / parts;
        TRY(rows_run(device, product, first, end - first, workspace));
    }
    return WEFT_OK;
}

void clblast_release(void)
{
    (void)CLBlastClearCache();
}

#define TEXT_OF(x)                        #x
#define VERSION_TEXT(major, minor, patch) TEXT_OF(major) "." TEXT_OF(minor) "." TEXT_OF(patch)

const char *clblast_version(void)
{
#ifdef CLBLAST_VERSION_MAJOR
    return VERSION_TEXT(CLBLAST_VERSION_MAJOR, CLBLAST_VERSION_MINOR, CLBLAST_VERSION_PATCH);
#else
    return "of unknown version";
#endif
}
