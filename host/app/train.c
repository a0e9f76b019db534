/* Implements weft train. It reads the data, trains, saves the model, and prints the scores, in this
 * order. A failure to print therefore cannot lose a model. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data_options.h"
#include "html_report.h"
#include "interrupt.h"
#include "message.h"
#include "output.h"
#include "platform.h"
#include "report.h"
#include "run_files.h"
#include "terminal.h"
#include "train_job.h"
#include "train_plan.h"
#include "train_ranks.h"

/* ---- callbacks ---- */

static int on_progress(void *user, const struct weft_progress *now)
{
    struct train_job *job = user;
    progress_batch(&job->progress, now);
    const bool stop = checkpoints_stop(&job->checkpoints, now);
    train_ranks_vote(job, now);
    return stop;
}

/* The log reaches the disk before a checkpoint that counts on its lines. */
static int on_batch(void *user, struct weft_moment *moment)
{
    struct train_job *job = user;
    if (!train_ranks_checkpoint(job))
        return 0;
    if (job->checkpoints.path != NULL && !train_job_take(job, moment))
        return 0;
    const enum weft_status status = epoch_log_sync(&job->log);
    if (status != WEFT_OK)
        job->log_status = status;
    const struct resume_place place = {.slices = job->options.slices,
                                       .member = job->member,
                                       .log_bytes = job->log.bytes,
                                       .epochs = job->training.epochs,
                                       .best_epoch = job->training.best_epoch,
                                       .stopped_early = job->training.stopped_early};
    const struct weft_model *finished = job->member > 1 ? job->model : NULL;
    const bool quiet = checkpoints_write(&job->checkpoints, moment, &place, finished);
    job->progress.checkpoint = job->checkpoints.saved_at;
    rank_job_note_checkpoint(job->ranks, job->checkpoints.last);
    if (quiet)
        return 0;
    progress_clear(&job->progress);
    say("note", "%s; no checkpoint is written", job->checkpoints.reason);
    return 0;
}

/* Does not stop the training run: only a batch can leave a checkpoint. */
static int on_epoch(void *user, const struct weft_epoch *epoch)
{
    struct train_job *job = user;
    progress_epoch(&job->progress, epoch);
    const enum weft_status status = epoch_log_write(&job->log, epoch, job->member);
    if (status != WEFT_OK)
        job->log_status = status;
    return 0;
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
            "--init zeros: hidden units that start equal learn nothing, or all learn the same");
}

/* Rejects files that cannot be written. */
static enum weft_status check_outputs(const struct train_job *job)
{
    const char *output = option_value(job->line, OPTION_OUTPUT);
    const char *page = option_value(job->line, OPTION_REPORT);
    if (output != NULL)
        TRY(told(weft_model_check_path(output)));
    if (page == NULL)
        return WEFT_OK;
    TRY(output_check_ending(page, "a report is a page", ".html"));
    return told(weft_model_check_path(page));
}

/* Rejects everything that can be rejected without reading data. */
static enum weft_status check_options(struct train_job *job)
{
    TRY(options_resolve(job->line, &job->options));
    TRY(train_ranks_options(job));
    TRY(check_stopping(job));
    TRY(option_number(job->line, OPTION_ENSEMBLE, 1, 100, &job->ensemble));
    TRY(check_bundle(job));
    if (rank_job_speaks(job->ranks))
        TRY(rank_job_check(job->ranks, check_outputs(job)));
    TRY(rank_job_check(job->ranks, checkpoints_init(&job->checkpoints, job->line)));
    say_zeros(job);
    return WEFT_OK;
}

/* Reads the checkpoint of --resume, whose options the command line already has. */
static enum weft_status read_checkpoint(struct train_job *job)
{
    const char *path = option_value(job->line, OPTION_RESUME);
    struct weft_checkpoint_info info;
    if (path == NULL)
        return WEFT_OK;
    TRY(told(weft_checkpoint_read(path, &job->resumed)));
    weft_checkpoint_get_info(job->resumed, &info);
    TRY(resume_place_read(path, info.note, &job->resumed_at));
    if (job->resumed_at.member > job->ensemble)
        return complain(WEFT_ERROR_MODEL, "%s: member %zu: the ensemble has %zu", path,
                        job->resumed_at.member, job->ensemble);
    if (!option_given(job->line, OPTION_QUIET))
        say(NULL, "Resuming %s after batch %zu of epoch %zu.", path, info.batch, info.epoch);
    return WEFT_OK;
}

/* On another device, sums run in another order. */
static void say_other_device(const struct train_job *job)
{
    struct weft_checkpoint_info info;
    if (job->resumed == NULL)
        return;
    weft_checkpoint_get_info(job->resumed, &info);
    if (strcmp(info.device, job->device.info.name) != 0)
        say("note",
            "the checkpoint was written with another device, %s: the result may differ in its last "
            "bits",
            info.device);
}

static enum weft_status check_test(const struct train_job *job)
{
    return job->sets.test != NULL ? data_check_set(job->line, job->sets.test, true, job->model)
                                  : WEFT_OK;
}

static enum weft_status make_model(struct train_job *job)
{
    TRY(options_make_model(job->line, &job->options, job->sets.train, &job->model));
    return check_test(job);
}

/* ---- training, and saving complete results ---- */

/* Trains a model from the start, or from the checkpoint the first time. */
static enum weft_status train_one(struct train_job *job, struct weft_model *model,
                                  const struct weft_options *options,
                                  const struct weft_callbacks *callbacks,
                                  struct weft_training *training)
{
    const struct weft_data_sets *sets = &job->sets;
    if (job->resumed == NULL)
        return weft_train(job->device.handle, model, options, sets->train, sets->validation,
                          sets->test, callbacks, training);
    const enum weft_status status =
        weft_resume(job->device.handle, model, options, sets->train, sets->validation, sets->test,
                    callbacks, job->resumed, training);
    weft_checkpoint_destroy(job->resumed);
    job->resumed = NULL;
    return status;
}

/* Trains one more member with the next seed. If it completes, the model takes ownership. Otherwise
 * it is destroyed. */
static enum weft_status train_member(struct train_job *job, const struct weft_callbacks *callbacks)
{
    struct weft_model *member = NULL;
    struct weft_training training;
    struct weft_options options = job->options;
    options.seed = train_job_seed(job);
    TRY(weft_model_create(&options, job->sets.train, &member));
    progress_member(&job->progress, job->member, job->ensemble);
    enum weft_status status = train_one(job, member, &options, callbacks, &training);
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
    weft_model_get_info(job->model, &info);
    for (size_t m = info.members; m < job->ensemble; m++) {
        bool stop;
        TRY(train_ranks_stop_members(job, &stop));
        if (stop)
            break;
        job->member = m + 1;
        const enum weft_status status = train_member(job, callbacks);
        if (status != WEFT_OK)
            return train_job_fail_member(job, status);
    }
    weft_model_get_info(job->model, &info);
    job->members = info.members;
    return WEFT_OK;
}

/* Takes the members that were complete when the checkpoint was written. Their times are unknown. */
static enum weft_status take_finished(struct train_job *job)
{
    struct weft_model *finished = NULL;
    TRY(told(weft_checkpoint_get_finished(job->resumed, &finished)));
    if (finished == NULL)
        return complain(WEFT_ERROR_MODEL, "%s: the checkpoint lacks the members before member %zu",
                        option_value(job->line, OPTION_RESUME), job->resumed_at.member);
    weft_model_destroy(job->model);
    job->model = finished;
    job->training = (struct weft_training){.epochs = job->resumed_at.epochs,
                                           .best_epoch = job->resumed_at.best_epoch,
                                           .stopped_early = job->resumed_at.stopped_early,
                                           .median_epoch_seconds = (double)NAN,
                                           .min_epoch_seconds = (double)NAN,
                                           .max_epoch_seconds = (double)NAN};
    return WEFT_OK;
}

static enum weft_status train_first(struct train_job *job, const struct weft_callbacks *callbacks)
{
    job->member = job->ensemble > 1 ? 1 : 0;
    progress_init(&job->progress,
                  option_given(job->line, OPTION_QUIET) || !rank_job_speaks(job->ranks));
    if (job->resumed_at.member > 1)
        return take_finished(job);
    if (job->ensemble > 1)
        progress_member(&job->progress, 1, job->ensemble);
    const enum weft_status status =
        train_one(job, job->model, &job->options, callbacks, &job->training);
    progress_clear(&job->progress);
    device_say_note(&job->device);
    return status == WEFT_OK ? WEFT_OK : train_job_fail_first(job, status);
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
    struct weft_callbacks callbacks = {
        .user = job, .progress = on_progress, .epoch = on_epoch, .batch = on_batch};
    if (!option_given(job->line, OPTION_OUTPUT))
        say("note", "the model will not be saved: no -o FILE");
    interrupt_defer();
    TRY(train_first(job, &callbacks));
    TRY(train_members(job, &callbacks));
    rank_job_hold(job->ranks);
    if (!rank_job_speaks(job->ranks))
        return WEFT_OK;
    weft_ranks_attach(NULL, job->device.handle); /* what follows is for this rank alone */
    TRY(train_job_save(job));
    train_job_say_stopped(job);
    TRY(score_again(job, job->sets.train, &job->training.train));
    TRY(score_again(job, job->sets.validation, &job->training.validation));
    return score_again(job, job->sets.test, &job->training.test);
}

static enum weft_status report(const struct train_job *job)
{
    struct training_report report = {.device = &job->device.info,
                                     .why = job->device.why,
                                     .plan = &job->plan,
                                     .options = &job->options,
                                     .training = &job->training,
                                     .members = job->members,
                                     .model = job->saved,
                                     .seconds = platform_seconds() - job->line->started,
                                     .shares = job->shares,
                                     .share_count = job->share_count,
                                     .ranks = job->ranks->handle};
    if (option_given(job->line, OPTION_JSON))
        return report_training_json(&report);
    report_training_text(&report);
    return WEFT_OK;
}

/* Draws the curve of the training run in the terminal, if stderr is one. */
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

/* Writes the page of --report, about the test set if there is one. An interrupted training run ends
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
    if (!option_given(job->line, OPTION_REPORT) || train_job_is_stopping(job))
        return WEFT_OK;
    enum weft_status status = plot_read_curve(job->model, &rows, &report.runs);
    if (status == WEFT_OK)
        status = html_report_write(&report, option_value(job->line, OPTION_REPORT));
    log_rows_reset(&rows);
    return status;
}

/* Does everything that --dry-run leaves out. */
static enum weft_status run_training(struct train_job *job)
{
    say_other_device(job);
    if (!rank_job_speaks(job->ranks))
        return train_and_save(job);
    enum weft_status status =
        epoch_log_open(&job->log, option_value(job->line, OPTION_LOG), &job->options);
    if (status == WEFT_OK)
        status = epoch_log_cut(&job->log, job->resumed_at.log_bytes);
    TRY(rank_job_check(job->ranks, status));
    TRY(train_and_save(job));
    TRY(report(job));
    if (job->training.note[0] != '\0')
        say("note", "%s", job->training.note);
    TRY(draw_curve(job));
    TRY(write_page(job));
    TRY(epoch_log_finish(&job->log));
    return job->log_status != WEFT_OK ? job->log_status : checkpoints_finish(&job->checkpoints);
}

static enum weft_status run_steps(struct train_job *job)
{
    TRY(check_options(job));
    TRY(read_checkpoint(job));
    TRY(data_open_sets(job->line, &job->options, NULL, &job->sets));
    TRY(told(
        weft_options_settle(&job->options, job->sets.train))); /* the report shows the epochs */
    TRY(train_ranks_settle(job));
    TRY(train_plan_host(job));
    if (option_given(job->line, OPTION_INIT_MODEL)) /* the file says what the network is */
        TRY(make_model(job));
    TRY(train_ranks_open(job));
    device_say_checked(job->line, &job->device);
    const bool dry = option_given(job->line, OPTION_DRY_RUN);
    if (!dry || rank_job_speaks(job->ranks))
        TRY(train_plan(job));
    if (dry)
        return WEFT_OK;
    if (job->model == NULL)
        TRY(make_model(job));
    TRY(train_ranks_ready(job));
    return run_training(job);
}

static int run(const struct command_line *line)
{
    struct train_job job = {.line = line, .ranks = line->ranks};
    interrupt_survive_pipes();
    interrupt_take_requests();
    enum weft_status status = run_steps(&job);
    free(job.shares);
    epoch_log_close(&job.log);
    checkpoints_reset(&job.checkpoints);
    weft_checkpoint_destroy(job.resumed);
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
