/* Standardization statistics.
 *
 * Sums run over differences from the first sample, so that a constant feature gives a variance of
 * exactly 0, whatever its value, and is known by that.
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

/* `name` [features] in the file. */
static enum weft_status finite_check(const float *values, size_t features, const char *path,
                                     const char *name)
{
    for (size_t i = 0; i < features; i++)
        if (!isfinite(values[i]))
            return fail(WEFT_ERROR_MODEL, "%s: %s: value %zu is %s, need finite numbers", path,
                        name, i, isnan(values[i]) ? "NaN" : "infinite");
    return WEFT_OK;
}

enum weft_status scale_check(const struct scale *scale, const char *path)
{
    TRY(finite_check(scale->mean, scale->features, path, "scale.mean"));
    TRY(finite_check(scale->std, scale->features, path, "scale.std"));
    for (size_t i = 0; i < scale->features; i++)
        if (scale->std[i] < FLT_MIN)
            return fail(WEFT_ERROR_MODEL, "%s: scale.std: value %zu is %g, need 1.2e-38 or more",
                        path, i, (double)scale->std[i]);
    return WEFT_OK;
}

void scale_reset(struct scale *scale)
{
    memory_free(scale->mean);
    memory_free(scale->std);
    *scale = (struct scale){0};
}

/* mean_j = x_0j + sum_i (x_ij - x_0j) / N */
static void compute_mean(const struct weft_dataset *dataset, double *mean /* [D], zeroed */)
{
    const size_t n = dataset->samples, d = dataset->features;
    const float *first = dataset->x; /* [D] */
    for (size_t i = 0; i < n; i++) {
        const float *row = &dataset->x[i * d];
        for (size_t j = 0; j < d; j++)
            mean[j] += (double)row[j] - (double)first[j];
    }
    for (size_t j = 0; j < d; j++)
        mean[j] = (double)first[j] + mean[j] / (double)n;
}

/* variance_j = sum_i (x_ij - mean_j)^2 / N */
static void compute_variance(const struct weft_dataset *dataset, const double *mean /* [D] */,
                             double *variance /* [D], zeroed */)
{
    const size_t n = dataset->samples, d = dataset->features;
    for (size_t i = 0; i < n; i++) {
        const float *row = &dataset->x[i * d];
        for (size_t j = 0; j < d; j++) {
            double difference = (double)row[j] - mean[j];
            variance[j] += difference * difference;
        }
    }
    for (size_t j = 0; j < d; j++)
        variance[j] /= (double)n;
}

/* One mean and one variance of all features together:
 * mean = sum_j mean_j / D, variance = sum_j (variance_j + (mean_j - mean)^2) / D */
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

enum weft_status scale_fit(const struct weft_dataset *dataset, enum weft_scale kind,
                           struct scale *scale)
{
    const size_t d = dataset->features;
    *scale = (struct scale){0};
    double *statistics; /* [2][D]: mean, variance */
    TRY(NEW_ARRAY(statistics, 2 * d));
    enum weft_status status = scale_init(scale, d);
    if (status == WEFT_OK) {
        double *mean = statistics, *variance = statistics + d;
        compute_mean(dataset, mean);
        compute_variance(dataset, mean, variance);
        if (kind == WEFT_SCALE_GLOBAL)
            unite(mean, variance, d);
        for (size_t j = 0; j < d; j++) {
            double std = sqrt(variance[j]);
            scale->mean[j] = (float)mean[j];
            /* below FLT_MIN devices read 0, and would divide by it */
            scale->std[j] = std < (double)FLT_MIN ? 1.0f : (float)std;
        }
    }
    memory_free(statistics);
    return status;
}
