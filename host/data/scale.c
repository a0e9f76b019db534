/* Computes the statistics for standardization, and standardizes targets. Devices standardize the
 * features themselves.
 *
 * The sums run over differences from the first sample. Therefore, a constant column has a variance
 * of exactly 0 whatever its value, and this identifies it.
 */
#include "data/scale.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"

enum weft_status scale_init(struct scale *scale, size_t features)
{
    *scale = (struct scale){.features = features};
    enum weft_status status = NEW_ARRAY(scale->mean, features);
    if (status == WEFT_OK)
        status = NEW_ARRAY(scale->std, features);
    if (status != WEFT_OK) {
        scale_reset(scale);
        return status;
    }
    for (size_t j = 0; j < features; j++)
        scale->std[j] = 1.0f;
    return WEFT_OK;
}

/* Checks that all `values` [features] of the tensor `what`.`which` are finite. */
static enum weft_status finite_check(const float *values, size_t features, const char *path,
                                     const char *what, const char *which)
{
    for (size_t i = 0; i < features; i++)
        if (!isfinite(values[i]))
            return fail(WEFT_ERROR_MODEL, "%s: %s.%s: value %zu is %s, need finite numbers", path,
                        what, which, i, isnan(values[i]) ? "NaN" : "infinite");
    return WEFT_OK;
}

enum weft_status scale_check(const struct scale *scale, const char *path, const char *what)
{
    TRY(finite_check(scale->mean, scale->features, path, what, "mean"));
    TRY(finite_check(scale->std, scale->features, path, what, "std"));
    for (size_t i = 0; i < scale->features; i++)
        if (scale->std[i] < FLT_MIN)
            return fail(WEFT_ERROR_MODEL, "%s: %s.std: value %zu is %g, need 1.2e-38 or more", path,
                        what, i, (double)scale->std[i]);
    return WEFT_OK;
}

/* Reports number `column` of a sample, which overflows once it is standardized. `what` is "feature"
 * or "target". */
static enum weft_status fail_overflow(const struct scale *scale, const char *name, size_t sample,
                                      const char *what, size_t column, float value)
{
    return fail(WEFT_ERROR_DATA,
                "%s: sample %zu, %s %zu: got %g, which overflows float32 once it is standardized "
                "(mean %g, standard deviation %g)",
                name, sample, what, column, (double)value, (double)scale->mean[column],
                (double)scale->std[column]);
}

/* Returns the number of features in x [D] that overflow when they are standardized. */
static size_t count_overflows(const struct scale *scale, const float *x)
{
    size_t count = 0;
    for (size_t j = 0; j < scale->features; j++)
        count += !(fabsf((x[j] - scale->mean[j]) / scale->std[j]) <= FLT_MAX);
    return count;
}

enum weft_status scale_holds(const struct scale *scale, const char *name, const float *x,
                             size_t samples, size_t first)
{
    for (size_t i = 0; scale->features > 0 && i < samples; i++) {
        const float *row = x + i * scale->features; /* [D] */
        size_t j = 0;
        if (count_overflows(scale, row) == 0)
            continue;
        while (fabsf((row[j] - scale->mean[j]) / scale->std[j]) <= FLT_MAX)
            j++;
        return fail_overflow(scale, name, first + i, "feature", j, row[j]);
    }
    return WEFT_OK;
}

static enum weft_status blocks_hold(const struct scale *scale, const char *name,
                                    struct sample_reader *reader, size_t samples, size_t first)
{
    for (size_t i = 0; i < samples; i += reader->block) {
        const size_t count = size_min(reader->block, samples - i);
        TRY(scale_holds(scale, name, sample_reader_lend(reader, i, count), count, first + i));
    }
    return WEFT_OK;
}

enum weft_status scale_holds_rows(const struct scale *scale, const char *name,
                                  struct sample_rows rows, size_t samples, size_t first)
{
    struct sample_reader reader;
    if (scale->features == 0)
        return WEFT_OK;
    TRY(sample_reader_init(&reader, rows));
    const enum weft_status status = blocks_hold(scale, name, &reader, samples, first);
    sample_reader_reset(&reader);
    return status;
}

void scale_reset(struct scale *scale)
{
    memory_free(scale->mean);
    memory_free(scale->std);
    *scale = (struct scale){0};
}

/* ---- statistics ---- */

/* The sums over a matrix, which is read in blocks of rows. All arrays are [columns]. */
struct moments {
    size_t columns;
    double *first; /* the first row */
    double *mean, *variance;
};

/* sum_i (x_ij - x_0j) */
static void mean_add(const struct moments *moments, const float *rows, size_t count)
{
    const size_t d = moments->columns;
    const double *first = moments->first;
    double *mean = moments->mean;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < d; j++)
            mean[j] += (double)rows[i * d + j] - first[j];
}

/* sum_i (x_ij - mean_j)^2 */
static void variance_add(const struct moments *moments, const float *rows, size_t count)
{
    const size_t d = moments->columns;
    const double *mean = moments->mean;
    double *variance = moments->variance;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < d; j++) {
            const double difference = (double)rows[i * d + j] - mean[j];
            variance[j] += difference * difference;
        }
}

static void read_all(struct sample_reader *reader, size_t samples, const struct moments *moments,
                     void (*add)(const struct moments *, const float *, size_t))
{
    for (size_t first = 0; first < samples; first += reader->block) {
        const size_t count = size_min(reader->block, samples - first);
        add(moments, sample_reader_lend(reader, first, count), count);
    }
}

/* mean_j = x_0j + sum_i (x_ij - x_0j) / N, variance_j = sum_i (x_ij - mean_j)^2 / N */
static void moments_compute(struct sample_reader *reader, size_t samples,
                            const struct moments *moments)
{
    const size_t d = moments->columns;
    for (size_t j = 0; j < d; j++) {
        moments->first[j] = (double)sample_rows_number(&reader->rows, 0, j);
        moments->mean[j] = moments->variance[j] = 0.0;
    }
    read_all(reader, samples, moments, mean_add);
    for (size_t j = 0; j < d; j++)
        moments->mean[j] = moments->first[j] + moments->mean[j] / (double)samples;
    read_all(reader, samples, moments, variance_add);
    for (size_t j = 0; j < d; j++)
        moments->variance[j] /= (double)samples;
}

enum weft_status scale_moments(struct sample_rows rows, size_t samples, double *mean,
                               double *variance)
{
    struct moments moments = {.columns = rows.features, .mean = mean, .variance = variance};
    struct sample_reader reader = {.buffer = NULL};
    enum weft_status status = NEW_ARRAY(moments.first, rows.features);
    if (status == WEFT_OK)
        status = sample_reader_init(&reader, rows);
    if (status == WEFT_OK)
        moments_compute(&reader, samples, &moments);
    sample_reader_reset(&reader);
    memory_free(moments.first);
    return status;
}

/* Combines the statistics of all features into one mean and one variance: mean = sum_j mean_j / D,
 * variance = sum_j (variance_j + (mean_j - mean)^2) / D */
static void unite(double *mean, double *variance, size_t d)
{
    double middle = 0.0, spread = 0.0;
    for (size_t j = 0; j < d; j++)
        middle += mean[j] / (double)d;
    for (size_t j = 0; j < d; j++)
        spread += (variance[j] + (mean[j] - middle) * (mean[j] - middle)) / (double)d;
    for (size_t j = 0; j < d; j++) {
        mean[j] = middle;
        variance[j] = spread;
    }
}

/* Tells whether no number of `count` with this mean and variance overflows while it is standardized
 * with the mean and std of the scale.
 *
 * As (x - mean)^2 <= sum (x - mean)^2 = variance count, |x - m| <= sqrt(variance count) +
 * |mean - m| for every m. Half the largest float leaves room for roundings. */
static bool is_safe(double mean, double variance, double count, float scale_mean, float scale_std)
{
    const double most = sqrt(variance * count) + fabs(mean - (double)scale_mean);
    return most < (double)FLT_MAX / 2.0 && most / (double)scale_std < (double)FLT_MAX / 2.0;
}

/* Makes a scale from mean [d] and variance [d] of `samples` samples. */
static enum weft_status scale_make(double *mean, double *variance, size_t samples, size_t d,
                                   enum weft_scale kind, struct scale *scale)
{
    TRY(scale_init(scale, d));
    scale->global = kind == WEFT_SCALE_GLOBAL;
    if (scale->global)
        unite(mean, variance, d);
    const double count = (double)samples * (scale->global ? (double)d : 1.0);
    scale->safe = true;
    for (size_t j = 0; j < d; j++) {
        double std = sqrt(variance[j]);
        scale->mean[j] = (float)mean[j];
        /* Devices may read a value below FLT_MIN as 0 and would then divide by 0. */
        scale->std[j] = std < (double)FLT_MIN ? 1.0f : (float)std;
        scale->safe =
            scale->safe && is_safe(mean[j], variance[j], count, scale->mean[j], scale->std[j]);
    }
    return WEFT_OK;
}

/* `known` [2][D] are mean and variance if they are known already; otherwise NULL. */
static enum weft_status fit(struct sample_rows rows, size_t samples, const double *known,
                            enum weft_scale kind, struct scale *scale)
{
    const size_t d = rows.features;
    *scale = (struct scale){0};
    double *moments; /* [2][D]: mean, variance */
    TRY(NEW_ARRAY(moments, 2 * d));
    enum weft_status status = WEFT_OK;
    if (known != NULL)
        memcpy(moments, known, 2 * d * sizeof *moments);
    else
        status = scale_moments(rows, samples, moments, moments + d);
    if (status == WEFT_OK)
        status = scale_make(moments, moments + d, samples, d, kind, scale);
    memory_free(moments);
    return status;
}

enum weft_status scale_fit(const struct weft_dataset *dataset, enum weft_scale kind,
                           struct scale *scale)
{
    return fit(dataset_rows(dataset), dataset->samples, dataset->moments, kind, scale);
}

enum weft_status scale_fit_targets(const struct weft_dataset *dataset, struct scale *scale)
{
    const struct sample_rows targets = {.features = dataset->classes, .x = dataset->targets};
    return fit(targets, dataset->samples, NULL, WEFT_SCALE_STANDARD, scale);
}

/* ---- targets ---- */

/* y' = (y - mean) / std */
enum weft_status scale_targets(const struct scale *scale, const char *name,
                               const struct weft_dataset *dataset, float *targets)
{
    const size_t columns = scale->features;
    for (size_t i = 0; i < dataset->samples * columns; i++) {
        const size_t c = i % columns;
        const float y = dataset->targets[i];
        const double standard = ((double)y - (double)scale->mean[c]) / (double)scale->std[c];
        if (!(fabs(standard) <= (double)FLT_MAX))
            return fail_overflow(scale, name, i / columns, "target", c, y);
        targets[i] = (float)standard;
    }
    return WEFT_OK;
}

void scale_outputs_back(const struct scale *scale, float *z, size_t samples)
{
    const size_t columns = scale->features;
    for (size_t i = 0; i < samples * columns; i++) {
        const size_t c = i % columns;
        const double y = (double)z[i] * (double)scale->std[c] + (double)scale->mean[c];
        z[i] = fabs(y) <= (double)FLT_MAX ? (float)y : y > 0.0 ? INFINITY : -INFINITY;
    }
}
