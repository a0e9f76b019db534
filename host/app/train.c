/* Implements weft train. It reads the data, trains, saves the model, and prints the scores, in this
 * order. A failure to print therefore cannot lose a model. */
#include <string.h>

#include "data_options.h"
#include "device_option.h"
#include "epoch_log.h"
#include "html_report.h"
#include "interrupt.h"
#include "message.h"
#include "output.h"
#include "platform.h"
#include "progress.h"
#include "report.h"
#include "run_files.h"
#include "terminal.h"

/* All state of one run of the command. */
struct train_job {
    size_t ensemble;                 /* number of members requested; 0 and 1: no ensemble */
    size_t members;                  /* members in the finished ensemble */
    size_t member;                   /* member in training, from 1; 0 without an ensemble */
    const struct command_line *line; /* borrowed */
    struct weft_options options;
    struct weft_data_sets sets;  /* owned */
    struct weft_model *model;    /* owned */
    struct device_in_use device; /* owned */
    struct weft_training training;
    struct progress progress;
    struct epoch_log log;        /* owned */
    enum weft_status log_status; /* result of writing the log; a failure does not stop training */
    const char *saved;           /* borrowed; path of the saved model, or NULL */
};

/* ---- callbacks ---- */

static int on_progress(void *user, const struct weft_progress *now)
{
    struct train_job *job = user;
    progress_batch(&job->progress, now);
    return interrupt_signal() != 0;
}

static int on_epoch(void *user, const struct weft_epoch *epoch)
{
    struct train_job *job = user;
    progress_epoch(&job->progress, epoch);
    const enum weft_status status = epoch_log_write(&job->log, epoch, job->member);
    if (status != WEFT_OK)
        job->log_status = status;
    return interrupt_signal() != 0;
}

/* ---- the steps ---- */

/* Checks the bundle path. Only shadow training writes a bundle, and a path that the user names must
 * be valid. */
static enum weft_status check_bundle(struct train_job *job)
{
    const char *path = option_value(job->line, OPTION_BUNDLE);
    if (path != NULL && job->options.check_every == 0)
        return complain(WEFT_ERROR_USAGE, "--bundle: needs --check-every");
    if (job->options.check_every == 0)
        return WEFT_OK;
    job->options.check_bundle = run_files_bundle(job->line);
    return path != NULL ? told(weft_model_check_path(path)) : WEFT_OK;
}

/* Requires --holdout for early stopping and plateau schedules, which watch the validation set. */
static enum weft_status check_stopping(const struct train_job *job)
{
    const bool plateau = job->options.schedule == WEFT_SCHEDULE_PLATEAU;
    if (plateau && !option_given(job->line, OPTION_HOLDOUT))
        return complain(WEFT_ERROR_USAGE, "--schedule: plateau needs --holdout");
    if (job->options.patience > 0 && !option_given(job->line, OPTION_HOLDOUT))
        return complain(WEFT_ERROR_USAGE, "--patience: needs --holdout");
    return WEFT_OK;
}

/* Warns about zero weights. Units of a layer with equal weights get equal gradients. */
static void say_zeros(const struct train_job *job)
{
    if (job->options.initialization == WEFT_INIT_ZEROS && job->options.hidden_count > 0 &&
        !option_given(job->line, OPTION_INIT_MODEL))
        say("note",
            "--init zeros: the units of a hidden layer learn nothing, or they all learn the same");
}

/* Rejects everything that can be rejected without reading data. */
static enum weft_status check_options(struct train_job *job)
{
    const char *output = option_value(job->line, OPTION_OUTPUT);
    TRY(options_resolve(job->line, &job->options));
    TRY(check_stopping(job));
    TRY(option_number(job->line, OPTION_ENSEMBLE, 1, 100, &job->ensemble));
    TRY(check_bundle(job));
    if (output != NULL)
        TRY(told(weft_model_check_path(output)));
    if (option_given(job->line, OPTION_REPORT))
        TRY(told(weft_model_check_path(option_value(job->line, OPTION_REPORT))));
    say_zeros(job);
    return WEFT_OK;
}

static enum weft_status check_test(const struct train_job *job)
{
    return job->sets.test != NULL ? data_check_set(job->line, job->sets.test, true, job->model)
                                  : WEFT_OK;
}

/* ---- training, and saving complete results ---- */

/* Returns the seed of the training that runs now, or ran last. */
static uint64_t member_seed(const struct train_job *job)
{
    return job->options.seed + (job->member > 0 ? job->member - 1 : 0);
}

/* Describes the failure `status` in one line. For an ensemble, the line names the member. */
static void failure_text(const struct train_job *job, enum weft_status status, char *text,
                         size_t size)
{
    size_t used = 0;
    if (job->ensemble > 1 && status != WEFT_ERROR_USAGE)
        used = (size_t)snprintf(text, size, "member %zu of %zu, seed %llu: ", job->member,
                                job->ensemble, (unsigned long long)member_seed(job));
    library_line(text + used, size - used);
}

/* Returns "; model.safetensors is unchanged" if an older model exists, and "" otherwise. */
static const char *unchanged_text(const struct train_job *job, char *text, size_t size)
{
    const char *output = option_value(job->line, OPTION_OUTPUT);
    text[0] = '\0';
    if (output != NULL && platform_file_exists(output))
        snprintf(text, size, "; %s is unchanged", output);
    return text;
}

/* Reports a failure and saves the model, which `what` describes. Hours of training may be in it. If
 * `what` is NULL, nothing is saved. */
static enum weft_status fail_saving(const struct train_job *job, enum weft_status status,
                                    const char *what)
{
    const char *output = option_value(job->line, OPTION_OUTPUT);
    char reason[1024], unchanged[1024];
    failure_text(job, status, reason, sizeof reason);
    if (output == NULL || status == WEFT_ERROR_USAGE)
        return complain(status, "%s", reason);
    if (what == NULL)
        return complain(status, "%s; nothing was saved%s", reason,
                        unchanged_text(job, unchanged, sizeof unchanged));
    if (weft_model_write(job->model, output) != WEFT_OK)
        return complain(status, "%s; %s could not be saved: %s", reason, what, weft_error());
    return complain(status, "%s; %s is saved as %s", reason, what, output);
}

/* Handles a failure of the first training by saving the model of the last good epoch. Initial
 * weights are not worth saving, least of all over an older model. Results of a device that computes
 * wrong are not saved either. */
static enum weft_status fail_first(const struct train_job *job, enum weft_status status)
{
    const size_t best = job->training.best_epoch;
    char what[64];
    if (job->training.epochs == 0 || status == WEFT_ERROR_WRONG_RESULT)
        return fail_saving(job, status, NULL);
    snprintf(what, sizeof what, "the %s model, of epoch %zu,", best > 0 ? "best" : "last good",
             best > 0 ? best : job->training.epochs);
    return fail_saving(job, status, what);
}

/* Handles a failure of a later member. The members before it still form an ensemble. */
static enum weft_status fail_member(const struct train_job *job, enum weft_status status)
{
    char what[64] = "the member before it";
    if (job->member > 2)
        snprintf(what, sizeof what, "the ensemble of the %zu members before it", job->member - 1);
    return fail_saving(job, status, what);
}

/* Trains one more member with the next seed. If it completes, the model takes ownership. Otherwise
 * it is destroyed. */
static enum weft_status train_member(struct train_job *job, const struct weft_callbacks *callbacks)
{
    struct weft_model *member = NULL;
    struct weft_training training;
    struct weft_options options = job->options;
    options.seed = member_seed(job);
    TRY(weft_model_create(&options, job->sets.train, &member));
    progress_member(&job->progress, job->member, job->ensemble);
    enum weft_status status =
        weft_train(job->device.handle, member, &options, job->sets.train, job->sets.validation,
                   job->sets.test, callbacks, &training);
    progress_clear(&job->progress);
    const bool whole = status == WEFT_OK && !training.stopped;
    if (whole)
        status = weft_model_add_member(job->model, member);
    if (!whole || status != WEFT_OK)
        weft_model_destroy(member);
    return status;
}

/* Trains the other members of an ensemble. The first one is already trained. */
static enum weft_status train_members(struct train_job *job, const struct weft_callbacks *callbacks)
{
    struct weft_model_info info;
    if (job->ensemble < 2)
        return WEFT_OK;
    for (size_t m = 1; m < job->ensemble && interrupt_signal() == 0; m++) {
        job->member = m + 1;
        const enum weft_status status = train_member(job, callbacks);
        if (status != WEFT_OK)
            return fail_member(job, status);
    }
    weft_model_get_info(job->model, &info);
    job->members = info.members;
    return WEFT_OK;
}

static enum weft_status train_first(struct train_job *job, const struct weft_callbacks *callbacks)
{
    job->member = job->ensemble > 1 ? 1 : 0;
    progress_init(&job->progress, option_given(job->line, OPTION_QUIET));
    if (job->ensemble > 1)
        progress_member(&job->progress, 1, job->ensemble);
    const enum weft_status status =
        weft_train(job->device.handle, job->model, &job->options, job->sets.train,
                   job->sets.validation, job->sets.test, callbacks, &job->training);
    progress_clear(&job->progress);
    device_say_note(&job->device);
    return status == WEFT_OK ? WEFT_OK : fail_first(job, status);
}

/* Saves the model before anything else can fail. Without a complete epoch, the model replaces
 * nothing. */
static enum weft_status save(struct train_job *job)
{
    const char *output = option_value(job->line, OPTION_OUTPUT);
    if (output == NULL || job->training.epochs == 0)
        return WEFT_OK;
    TRY(told(weft_model_write(job->model, output)));
    job->saved = output;
    return WEFT_OK;
}

/* Describes how far an interrupted training came. */
static void place_text(const struct train_job *job, char *text, size_t size)
{
    const size_t epochs = job->training.epochs;
    const bool first_whole = job->members > 0 && !job->training.stopped;
    if (epochs == 0)
        snprintf(text, size, "before the first epoch ended");
    else if (first_whole)
        snprintf(text, size, "after member %zu of %zu", job->members, job->ensemble);
    else
        snprintf(text, size, "after epoch %zu of %zu%s", epochs, job->options.epochs,
                 job->members > 0 ? " of the first member" : "");
}

static void say_interrupted(const struct train_job *job)
{
    char place[128], unchanged[1024];
    if (interrupt_signal() == 0)
        return;
    place_text(job, place, sizeof place);
    if (job->saved != NULL)
        say(NULL, "Interrupted %s. The model is saved as %s.", place, job->saved);
    else
        say(NULL, "Interrupted %s. Nothing was saved%s.", place,
            unchanged_text(job, unchanged, sizeof unchanged));
}

/* Replaces the scores of the first member with the accuracy and loss of the whole ensemble. */
static enum weft_status score_again(struct train_job *job, const struct weft_dataset *set,
                                    struct weft_score *score)
{
    struct weft_evaluation *evaluation = NULL;
    if (set == NULL || job->members == 0)
        return WEFT_OK;
    const enum weft_status status = weft_evaluate(job->device.handle, job->model, set, &evaluation);
    if (status != WEFT_OK && job->saved != NULL)
        return complain(status, "%s; the ensemble is saved as %s", weft_error(), job->saved);
    TRY(told(status));
    score->accuracy = evaluation->accuracy;
    score->r2 = evaluation->r2;
    score->error = evaluation->loss;
    if (set == job->sets.train || job->training.note[0] == '\0')
        memcpy(job->training.note, evaluation->note, sizeof job->training.note);
    weft_evaluation_destroy(evaluation);
    return WEFT_OK;
}

static enum weft_status train_and_save(struct train_job *job)
{
    struct weft_callbacks callbacks = {.user = job, .progress = on_progress, .epoch = on_epoch};
    if (!option_given(job->line, OPTION_OUTPUT))
        say("note", "the model will not be saved: no -o FILE");
    interrupt_defer();
    TRY(train_first(job, &callbacks));
    TRY(train_members(job, &callbacks));
    TRY(save(job));
    say_interrupted(job);
    TRY(score_again(job, job->sets.train, &job->training.train));
    TRY(score_again(job, job->sets.validation, &job->training.validation));
    return score_again(job, job->sets.test, &job->training.test);
}

static enum weft_status report(const struct train_job *job)
{
    struct training_report report = {.device = &job->device.info,
                                     .options = &job->options,
                                     .training = &job->training,
                                     .members = job->members,
                                     .model = job->saved,
                                     .seconds = platform_seconds() - job->line->started};
    if (option_given(job->line, OPTION_JSON))
        return report_training_json(&report);
    report_training_text(&report);
    return WEFT_OK;
}

/* Draws the curve of the training in the terminal, if stderr is one. */
static enum weft_status draw_curve(const struct train_job *job)
{
    struct terminal terminal;
    struct log_rows rows = {0};
    struct epoch_summary summary = {.epochs = NULL};
    if (option_given(job->line, OPTION_QUIET) || option_given(job->line, OPTION_NO_PLOT) ||
        !terminal_of(stderr, &terminal))
        return WEFT_OK;
    enum weft_status status = epoch_rows_add_model(job->model, &rows);
    if (status == WEFT_OK)
        status = epoch_summary_make(&rows, &summary);
    if (status == WEFT_OK)
        terminal_draw_curve(&terminal, &summary);
    epoch_summary_reset(&summary);
    log_rows_reset(&rows);
    return status;
}

/* Writes the page of --report, about the test set if there is one. An interrupted training ends
 * without it. */
static enum weft_status write_page(const struct train_job *job)
{
    const struct weft_data_sets *sets = &job->sets;
    struct weft_dataset_info train;
    struct log_rows rows = {0};
    weft_dataset_get_info(sets->train, &train);
    struct html_report report = {.line = job->line,
                                 .device = job->device.handle,
                                 .model = job->model,
                                 .options = &job->options,
                                 .dataset = sets->test != NULL         ? sets->test
                                            : sets->validation != NULL ? sets->validation
                                                                       : sets->train,
                                 .part = sets->test != NULL         ? "test"
                                         : sets->validation != NULL ? "validation"
                                                                    : "training",
                                 .model_file = job->saved,
                                 .train_samples = train.samples,
                                 .seconds = platform_seconds() - job->line->started,
                                 .rows = &rows};
    if (!option_given(job->line, OPTION_REPORT) || interrupt_signal() != 0)
        return WEFT_OK;
    enum weft_status status = plot_read_curve(job->model, &rows, &report.runs);
    if (status == WEFT_OK)
        status = html_report_write(&report, option_value(job->line, OPTION_REPORT));
    log_rows_reset(&rows);
    return status;
}

static enum weft_status run_steps(struct train_job *job)
{
    TRY(check_options(job));
    TRY(data_open_sets(job->line, &job->options, NULL, &job->sets));
    weft_options_settle(&job->options, job->sets.train); /* the report shows the epochs */
    TRY(options_make_model(job->line, &job->options, job->sets.train, &job->model));
    TRY(check_test(job));
    TRY(device_open(job->line, true, &job->device));
    device_say_checked(job->line, &job->device);
    TRY(epoch_log_open(&job->log, option_value(job->line, OPTION_LOG), &job->options));
    TRY(train_and_save(job));
    TRY(report(job));
    if (job->training.note[0] != '\0')
        say("note", "%s", job->training.note);
    TRY(draw_curve(job));
    TRY(write_page(job));
    TRY(epoch_log_finish(&job->log));
    return job->log_status;
}

static int run(const struct command_line *line)
{
    struct train_job job = {.line = line};
    interrupt_survive_pipes();
    enum weft_status status = run_steps(&job);
    epoch_log_close(&job.log);
    weft_device_destroy(job.device.handle);
    weft_model_destroy(job.model);
    weft_data_sets_reset(&job.sets);
    return status == WEFT_OK && interrupt_signal() != 0 ? 128 + interrupt_signal() : (int)status;
}

const struct command train_command = {
    .name = "train",
    .bit = COMMAND_TRAIN,
    .summary = "Train a network and save it",
    .usage = "[OPTIONS] --data WHAT [-o MODEL]",
    .example = "weft train --data fashion-mnist --epochs 20 -o fashion.safetensors",
    .run = run};
