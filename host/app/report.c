/* Prints the result of a training run as a table or as a JSON object. The JSON keys are promised to
 * users: keys may be added, but never changed. */
#include "report.h"

#include <math.h>
#include <stdio.h>

#include "output.h"
#include "streaming_report.h"
#include "terminal_text.h"

/* ---- training ---- */

static const char *backend_name(const struct weft_device_info *device)
{
    return device->opencl ? "opencl" : "cpu";
}

/* Prints "   87.57 % (86.96 to 88.15)". An interval tells how well the model does on new samples,
 * so the training set has none. */
static void print_accuracy(const struct weft_score *score, bool held_out)
{
    const struct weft_estimate accuracy = weft_fraction_interval(score->accuracy, score->samples);
    char interval[32] = "";
    if (held_out)
        snprintf(interval, sizeof interval, "(%.2f to %.2f)", 100.0 * accuracy.low,
                 100.0 * accuracy.high);
    printf("%8.2f %% %-17s", 100.0 * accuracy.value, interval);
}

static void print_score(const char *set, const struct weft_score *score, bool held_out)
{
    if (score->samples == 0)
        return;
    printf("%-10s  %9zu  ", set, score->samples);
    if (isfinite(score->accuracy))
        print_accuracy(score, held_out);
    else
        printf("%10.6f", score->r2);
    printf("  %12.6g\n", score->error);
}

void report_training_text(const struct training_report *report)
{
    const struct weft_training *training = report->training;
    printf("set           samples    %s         error\n",
           report->options->task == WEFT_TASK_REGRESS ? "     R^2" : "accuracy (95 % interval)  ");
    print_score("train", &training->train, false);
    print_score("validation", &training->validation, true);
    print_score("test", &training->test, true);
    printf("\n%zu of %zu epochs, preset %s, seed %llu, on the %s backend: %s\n", training->epochs,
           report->options->epochs, report->options->preset,
           (unsigned long long)report->options->seed, backend_name(report->device),
           report->device->name);
    if (report->members > 0)
        printf("ensemble of %zu: the epochs describe the first member; the error is the loss of "
               "the mean prediction, without the penalty\n",
               report->members);
    if (training->best_epoch > 0)
        printf("weights of the best epoch, %zu%s\n", training->best_epoch,
               training->stopped_early ? "; stopped early" : "");
    else if (training->stopped_early)
        printf("stopped early: the monitored value was never finite; keeping the weights of the "
               "last epoch\n");
    if (isfinite(training->median_epoch_seconds))
        printf("median epoch %.4g s (%.4g to %.4g s), ", training->median_epoch_seconds,
               training->min_epoch_seconds, training->max_epoch_seconds);
    printf("known-answer test %.2g s, whole command %.3g s\n", training->check_seconds,
           report->seconds);
    if (report->model == NULL)
        return;
    printf("saved as ");
    terminal_text_print(report->model);
    printf("\n");
}

/* Adds R^2 if it is defined, which is the case for task regress. */
static json_t *with_r2(json_t *object, double r2)
{
    if (object != NULL && isfinite(r2))
        json_object_set_new(object, "r2", output_number(r2));
    return object;
}

static json_t *score_json(const struct weft_score *score)
{
    if (score->samples == 0)
        return json_null();
    return with_r2(json_pack("{s:o, s:o}", "accuracy", output_number(score->accuracy), "error",
                             output_number(score->error)),
                   score->r2);
}

/* Only a mix of devices changes the result. */
static json_t *shares_json(const struct training_report *report)
{
    json_t *list = json_array();
    for (size_t i = 0; i < report->share_count; i++) {
        const struct device_share *share = &report->shares[i];
        json_array_append_new(list,
                              json_pack("{s:I, s:I, s:o}", "first_slice", (json_int_t)share->first,
                                        "last_slice", (json_int_t)share->last, "device",
                                        output_text(share->device)));
    }
    return list;
}

/* Adds which ranks took part, on which machines, and their slices. */
static void ranks_json(const struct training_report *report, json_t *object)
{
    struct weft_ranks_info info = {.ranks = 1};
    json_t *list = json_array();
    if (report->ranks != NULL)
        weft_ranks_get_info(report->ranks, &info);
    for (size_t r = 0; info.ranks > 1 && r < info.ranks; r++) {
        size_t first, count;
        weft_ranks_get_slices(report->ranks, r, report->options->slices, &first, &count);
        json_array_append_new(list, json_pack("{s:I, s:o, s:I, s:I}", "rank", (json_int_t)r, "host",
                                              output_text(weft_ranks_host(report->ranks, r)),
                                              "first_slice", (json_int_t)first, "last_slice",
                                              (json_int_t)(first + count - 1)));
    }
    if (json_array_size(list) > 0)
        json_object_set(object, "ranks", list);
    json_decref(list);
}

enum weft_status report_training_json(const struct training_report *report)
{
    const struct weft_training *training = report->training;
    json_t *epoch_seconds =
        json_pack("{s:o, s:o, s:o}", "median", output_number(training->median_epoch_seconds), "min",
                  output_number(training->min_epoch_seconds), "max",
                  output_number(training->max_epoch_seconds));
    json_t *object = json_pack(
        "{s:s, s:s, s:o, s:s, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "command", "train",
        "backend", backend_name(report->device), "device", output_text(report->device->name),
        "preset", report->options->preset, "seed", (json_int_t)report->options->seed, "epochs",
        (json_int_t)training->epochs, "seconds", output_number(report->seconds), "epoch_seconds",
        epoch_seconds, "check_seconds", output_number(training->check_seconds), "train",
        score_json(&training->train), "validation", score_json(&training->validation), "test",
        score_json(&training->test), "model",
        report->model != NULL ? output_text(report->model) : json_null());
    if (object != NULL && report->why[0] != '\0')
        json_object_set_new(object, "device_reason", output_text(report->why));
    if (object != NULL && training->best_epoch > 0) /* early stopping */
        json_object_set_new(object, "best_epoch", json_integer((json_int_t)training->best_epoch));
    if (object != NULL && report->options->patience > 0)
        json_object_set_new(object, "stopped_early", json_boolean(training->stopped_early));
    if (object != NULL && report->options->slices > 1)
        json_object_set_new(object, "slices", json_integer((json_int_t)report->options->slices));
    if (object != NULL && report->share_count > 1)
        json_object_set_new(object, "devices", shares_json(report));
    ranks_json(report, object);
    if (object != NULL && report->members > 0)
        json_object_set_new(object, "members", json_integer((json_int_t)report->members));
    if (streaming_happens(report->plan))
        streaming_json(report->plan, object);
    return output_json(stdout, object, OUTPUT_DOUBLE);
}
