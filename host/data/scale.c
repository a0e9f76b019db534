/* Computes the statistics for standardization, and standardizes targets. Devices standardize the
 * features themselves.
 *
 * The sums run over differences from the first sample. Therefore, a constant column has a variance
 * of exactly 0 whatever its value, and this identifies it.
 */
#include "data/scale.h"

#include <float.h>
#include <math.h>

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

void scale_reset(struct scale *scale)
{
    memory_free(scale->mean);
    memory_free(scale->std);
    *scale = (struct scale){0};
}

/* ---- statistics ---- */

/* Numbers in rows: features or targets. */
struct matrix {
    size_t rows, columns;
    const float *values; /* [rows][columns] */
};

/* mean_j = x_0j + sum_i (x_ij - x_0j) / N */
static void compute_mean(const struct matrix *matrix, double *mean /* [columns], zeroed */)
{
    const size_t n = matrix->rows, d = matrix->columns;
    const float *first = matrix->values; /* [columns] */
    for (size_t i = 0; i < n; i++) {
        const float *row = &matrix->values[i * d];
        for (size_t j = 0; j < d; j++)
            mean[j] += (double)row[j] - (double)first[j];
    }
    for (size_t j = 0; j < d; j++)
        mean[j] = (double)first[j] + mean[j] / (double)n;
}

/* variance_j = sum_i (x_ij - mean_j)^2 / N */
static void compute_variance(const struct matrix *matrix, const double *mean /* [columns] */,
                             double *variance /* [columns], zeroed */)
{
    const size_t n = matrix->rows, d = matrix->columns;
    for (size_t i = 0; i < n; i++) {
        const float *row = &matrix->values[i * d];
        for (size_t j = 0; j < d; j++) {
            double difference = (double)row[j] - mean[j];
            variance[j] += difference * difference;
        }
    }
    for (size_t j = 0; j < d; j++)
        variance[j] /= (double)n;
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

static enum weft_status fit(const struct matrix *matrix, enum weft_scale kind, struct scale *scale)
{
    const size_t d = matrix->columns;
    *scale = (struct scale){0};
    double *statistics; /* [2][columns]: mean, variance */
    TRY(NEW_ARRAY(statistics, 2 * d));
    enum weft_status status = scale_init(scale, d);
    if (status == WEFT_OK) {
        double *mean = statistics, *variance = statistics + d;
        compute_mean(matrix, mean);
        compute_variance(matrix, mean, variance);
        scale->global = kind == WEFT_SCALE_GLOBAL;
        if (scale->global)
            unite(mean, variance, d);
        for (size_t j = 0; j < d; j++) {
            double std = sqrt(variance[j]);
            scale->mean[j] = (float)mean[j];
            /* Devices may read a value below FLT_MIN as 0 and would then divide by 0. */
            scale->std[j] = std < (double)FLT_MIN ? 1.0f : (float)std;
        }
    }
    memory_free(statistics);
    return status;
}

enum weft_status scale_fit(const struct weft_dataset *dataset, enum weft_scale kind,
                           struct scale *scale)
{
    const struct matrix features = {dataset->samples, dataset->features, dataset->x};
    return fit(&features, kind, scale);
}

enum weft_status scale_fit_targets(const struct weft_dataset *dataset, struct scale *scale)
{
    const struct matrix targets = {dataset->samples, dataset->classes, dataset->targets};
    return fit(&targets, WEFT_SCALE_STANDARD, scale);
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
