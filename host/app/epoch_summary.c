/* Implements epoch_summary.h. */
#include "epoch_summary.h"

#include <math.h>
#include <stdlib.h>

#include "message.h"

/* ---- the epochs of a model ---- */

static size_t count_epochs(const struct weft_model *model, size_t members)
{
    struct weft_epoch epoch;
    size_t count = 0;
    for (size_t m = 0; m < members; m++)
        for (size_t i = 0; weft_model_get_epoch(model, m, i, &epoch); i++)
            count++;
    return count;
}

static struct log_row row_of(const struct weft_epoch *epoch, size_t member)
{
    return (struct log_row){.epoch = (long long)epoch->epoch,
                            .member = (long long)member,
                            .values = {[LOG_ERROR] = epoch->error,
                                       [LOG_TRAIN_ACCURACY] = epoch->train_accuracy,
                                       [LOG_VALIDATION_ACCURACY] = epoch->validation_accuracy,
                                       [LOG_VALIDATION_R2] = epoch->validation_r2,
                                       [LOG_LEARNING_RATE] = epoch->learning_rate,
                                       [LOG_SECONDS] = epoch->seconds}};
}

enum weft_status epoch_rows_add_model(const struct weft_model *model, struct log_rows *rows)
{
    struct weft_model_info info;
    struct weft_epoch epoch;
    weft_model_get_info(model, &info);
    const size_t need = rows->count + count_epochs(model, info.members);
    if (need > rows->capacity) {
        struct log_row *grown = realloc(rows->rows, need * sizeof *grown);
        if (grown == NULL)
            return complain(WEFT_ERROR_MEMORY, "curve: no memory for %zu epochs", need);
        rows->rows = grown;
        rows->capacity = need;
    }
    for (size_t m = 0; m < info.members; m++)
        for (size_t i = 0; weft_model_get_epoch(model, m, i, &epoch); i++)
            rows->rows[rows->count++] = row_of(&epoch, info.members > 1 ? m + 1 : 0);
    return WEFT_OK;
}

/* ---- summaries ---- */

static int by_epoch(const void *a, const void *b)
{
    const struct log_row *one = a, *two = b;
    return (one->epoch > two->epoch) - (one->epoch < two->epoch);
}

static double *numbers(size_t count)
{
    return calloc(count > 0 ? count : 1, sizeof(double));
}

static enum weft_status allocate(struct epoch_summary *summary, size_t count)
{
    bool enough = (summary->epochs = numbers(count)) != NULL;
    for (size_t v = 0; v < LOG_VALUES; v++) {
        struct value_summary *value = &summary->values[v];
        *value = (struct value_summary){.mean = numbers(count),
                                        .low = numbers(count),
                                        .high = numbers(count),
                                        .least = (double)NAN,
                                        .greatest = (double)NAN};
        enough = enough && value->mean != NULL && value->low != NULL && value->high != NULL;
    }
    return enough ? WEFT_OK : complain(WEFT_ERROR_MEMORY, "curve: no memory for %zu epochs", count);
}

/* Summarizes a value over the rows [count] of one epoch. The running mean stays finite where a sum
 * would overflow. */
static void summarize(struct value_summary *summary, size_t at, const struct log_row *rows,
                      size_t count, enum log_value value)
{
    double mean = 0.0, low = (double)INFINITY, high = -(double)INFINITY, values = 0.0;
    for (size_t i = 0; i < count; i++)
        if (isfinite(rows[i].values[value])) {
            const double x = rows[i].values[value];
            low = fmin(low, x);
            high = fmax(high, x);
            values++;
            mean += x / values - mean / values;
        }
    summary->mean[at] = summary->low[at] = summary->high[at] = (double)NAN;
    if (values == 0.0)
        return;
    summary->mean[at] = mean;
    summary->low[at] = low;
    summary->high[at] = high;
    if (summary->values == 0 || mean < summary->least) {
        summary->least = mean;
        summary->least_at = at;
    }
    if (summary->values == 0 || mean > summary->greatest) {
        summary->greatest = mean;
        summary->greatest_at = at;
    }
    summary->values++;
}

enum weft_status epoch_summary_make(struct log_rows *rows, struct epoch_summary *summary)
{
    if (rows->count > 0)
        qsort(rows->rows, rows->count, sizeof *rows->rows, by_epoch);
    TRY(allocate(summary, rows->count));
    for (size_t i = 0, end; i < rows->count; i = end) {
        for (end = i; end < rows->count && rows->rows[end].epoch == rows->rows[i].epoch;)
            end++;
        summary->epochs[summary->epoch_count] = (double)rows->rows[i].epoch;
        for (size_t v = 0; v < LOG_VALUES; v++)
            summarize(&summary->values[v], summary->epoch_count, rows->rows + i, end - i,
                      (enum log_value)v);
        summary->epoch_count++;
    }
    return WEFT_OK;
}

enum log_value epoch_summary_score(const struct epoch_summary *summary)
{
    return summary->values[LOG_VALIDATION_ACCURACY].values > 0 ? LOG_VALIDATION_ACCURACY
           : summary->values[LOG_VALIDATION_R2].values > 0     ? LOG_VALIDATION_R2
                                                               : LOG_TRAIN_ACCURACY;
}

void epoch_summary_reset(struct epoch_summary *summary)
{
    for (size_t v = 0; v < LOG_VALUES; v++) {
        free(summary->values[v].mean);
        free(summary->values[v].low);
        free(summary->values[v].high);
    }
    free(summary->epochs);
    *summary = (struct epoch_summary){.epochs = NULL};
}
