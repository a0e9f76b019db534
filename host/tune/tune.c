/* Runs a tuning from start to end. See tune.h.
 *
 * Products are measured first, the largest first, so that the most important results are known when
 * time runs out. In the first round every candidate has its turn, and the likely winners of all
 * products come first. Later rounds measure only candidates that may still win. The step comes last
 * and runs with the winning products.
 */
#include "tune/tune.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "backend/primitive.h"
#include "base/file.h"
#include "base/memory.h"
#include "tune/choice.h"
#include "tune/trial.h"
#include "weft_device.h"

/* The products get products_share of the time. A child may run for child_share of the time, or for
 * child_least seconds if that is more. A candidate slower than the best by a factor of up to
 * `hopeful` may still win. */
static const double products_share = 0.8, child_share = 0.25, child_least = 5.0;
static const double hopeful = 1.5;

struct run {
    const struct tune_job *job; /* borrowed */
    double start;
    struct tune_survey survey;
    struct tune_candidate *candidates; /* owned; [count], step candidates start at `steps` */
    size_t count, steps;
    const struct weft_tune_candidate *now; /* the candidate being measured */
    bool stopped;
    struct record_tuning *best; /* borrowed */
};

static bool ask(void *user)
{
    struct run *run = user;
    const struct weft_tune_plan *plan = run->job->plan;
    if (!run->stopped && plan->progress != NULL)
        run->stopped = plan->progress(plan->user, run->now) != 0;
    return run->stopped;
}

/* ---- one candidate ---- */

/* Leaves out all candidates with the engine and setting of `failed`. */
static void leave_out(struct run *run, const struct tune_candidate *failed)
{
    for (size_t i = 0; i < run->steps; i++) {
        struct tune_candidate *other = &run->candidates[i];
        if (failed->product.m == 0 || other->out ||
            strcmp(other->algorithm.engine, failed->algorithm.engine) != 0 ||
            strcmp(other->algorithm.setting, failed->algorithm.setting) != 0)
            continue;
        other->out = true;
        other->told.right = false;
        snprintf(other->told.verdict, sizeof other->told.verdict, "left out: failed at %s %s",
                 failed->told.product, failed->told.shape);
    }
}

/* Rejects the candidate for the reason `what`. */
static void refuse(struct run *run, struct tune_candidate *candidate, const char *what,
                   const char *line)
{
    leave_out(run, candidate);
    candidate->out = true;
    candidate->told.right = false;
    snprintf(candidate->told.verdict, sizeof candidate->told.verdict, "%s%.200s", what, line);
}

static void take(struct tune_candidate *candidate, double seconds)
{
    struct weft_tune_candidate *told = &candidate->told;
    candidate->seconds[candidate->rounds++] = seconds;
    told->right = true;
    told->gflops = 1e-9 * candidate->operations / tune_candidate_seconds(candidate);
    snprintf(told->verdict, sizeof told->verdict, "right");
}

/* Fills in the tuning that the device must use. For a product it holds this one algorithm. For the
 * step it holds all winners. */
static void tuning_for(const struct run *run, const struct tune_candidate *candidate,
                       struct record_tuning *tuning)
{
    if (candidate->product.m == 0) {
        *tuning = *run->best;
        record_tuning_add_step(tuning, &candidate->step);
        return;
    }
    memset(tuning, 0, sizeof *tuning);
    snprintf(tuning->setting, sizeof tuning->setting, "%s", candidate->algorithm.setting);
    record_tuning_add_product(tuning, &candidate->product);
}

/* Measures one candidate until `deadline`. If the deadline comes before the time limit of the
 * candidate, a child that is cut off does not count as a failure. */
static enum weft_status measure(struct run *run, struct tune_candidate *candidate, double best,
                                double deadline)
{
    const double limit = fmax(child_share * run->job->plan->seconds, child_least);
    const double left = deadline - clock_seconds();
    const struct trial_watch watch = {.limit_seconds = fmin(limit, left), .stop = ask, .user = run};
    struct record_tuning tuning;
    enum process_end end;
    double seconds = 0.0;
    run->now = &candidate->told;
    if (ask(run) || left <= 0.0)
        return WEFT_OK;
    tuning_for(run, candidate, &tuning);
    const enum weft_status status =
        trial_run(run->job, candidate, &tuning, best, &watch, &seconds, &end);
    if (status == WEFT_ERROR_IO)
        return status;
    if (end == PROCESS_TIMED_OUT && limit <= left) {
        char text[64];
        snprintf(text, sizeof text, "timed out after %.3g s", limit);
        refuse(run, candidate, text, "");
    } else if (end == PROCESS_DONE && status != WEFT_OK) {
        refuse(run, candidate,
               status == WEFT_ERROR_WRONG_RESULT ? "wrong: " : "failed: ", weft_error());
    } else if (end == PROCESS_DONE) {
        take(candidate, seconds);
    }
    return WEFT_OK;
}

/* ---- all candidates ---- */

static double group_best(const struct run *run, size_t group)
{
    double best = HUGE_VAL;
    for (size_t i = 0; i < run->count; i++)
        if (run->candidates[i].group == group)
            best = fmin(best, tune_candidate_seconds(&run->candidates[i]));
    return best;
}

/* Runs the first round over candidates [first, end). The likely winners of all products come first,
 * so that no product waits for slow candidates of another. */
static enum weft_status first_round(struct run *run, size_t first, size_t end, double deadline)
{
    for (int turn = 0; turn < TUNE_TURNS; turn++)
        for (size_t i = first; i < end && !run->stopped; i++) {
            struct tune_candidate *candidate = &run->candidates[i];
            if (!candidate->out && tune_candidate_turn(candidate, run->survey.device.type) == turn)
                TRY(measure(run, candidate, group_best(run, candidate->group), deadline));
        }
    return WEFT_OK;
}

/* Runs rounds over candidates [first, end) until `deadline`. */
static enum weft_status rounds_run(struct run *run, size_t first, size_t end, double deadline)
{
    TRY(first_round(run, first, end, deadline));
    for (size_t round = 1; round < TUNE_ROUNDS; round++)
        for (size_t i = first; i < end && !run->stopped; i++) {
            struct tune_candidate *candidate = &run->candidates[i];
            const double best = group_best(run, candidate->group);
            const bool hope = tune_candidate_seconds(candidate) <= hopeful * best;
            if (!candidate->out && hope && candidate->rounds == round)
                TRY(measure(run, candidate, best, deadline));
        }
    return WEFT_OK;
}

static enum weft_status survey_run(struct run *run, double deadline)
{
    static const struct weft_tune_candidate opening = {.product = ""};
    const struct trial_watch watch = {
        .limit_seconds = deadline - run->start, .stop = ask, .user = run};
    enum process_end end;
    run->now = &opening;
    TRY(trial_survey(run->job, &watch, &run->survey, &end));
    if (end == PROCESS_TIMED_OUT)
        return fail(WEFT_ERROR_DEVICE, "device %s: was not open after %.3g s",
                    run->job->plan->device != NULL ? run->job->plan->device : "auto",
                    watch.limit_seconds);
    return WEFT_OK;
}

/* Chooses again if the step is fused. Only forward passes then run products as separate operations,
 * so only their products count. */
static void choose_without_training(struct run *run)
{
    for (size_t i = 0; i < run->steps; i++) {
        struct tune_candidate *candidate = &run->candidates[i];
        struct weft_tune_candidate *told = &candidate->told;
        told->winner = false;
        candidate->idle =
            strcmp(candidate->product.form, product_form_name(PRODUCT_FORWARD)) != 0 ||
            candidate->product.m != run->job->block;
        if (candidate->idle && told->right)
            snprintf(told->verdict, sizeof told->verdict, "right; unused: the step is fused");
    }
    run->best->product_count = 0;
    choose_products(run->candidates, run->steps, run->best);
}

static enum weft_status steps_run(struct run *run)
{
    const double seconds = run->job->plan->seconds, deadline = run->start + seconds;
    TRY(survey_run(run, deadline));
    if (run->stopped)
        return WEFT_OK;
    TRY(tune_candidates_create(run->job, &run->survey, &run->candidates, &run->count));
    while (run->steps < run->count && run->candidates[run->steps].group < run->survey.product_count)
        run->steps++;
    TRY(rounds_run(run, 0, run->steps, run->start + products_share * seconds));
    choose_products(run->candidates, run->steps, run->best);
    TRY(rounds_run(run, run->steps, run->count, deadline));
    choose_step(run->candidates + run->steps, run->count - run->steps, run->best);
    if (run->best->step_count > 0 && run->best->steps[0].fused)
        choose_without_training(run);
    return WEFT_OK;
}

static enum weft_status tell(const struct run *run, struct weft_tuning *tuning)
{
    tuning->stopped = run->stopped;
    tuning->complete = true;
    tuning->device = run->survey.device;
    tuning->seconds = clock_seconds() - run->start;
    memcpy(tuning->setting, run->best->setting, sizeof tuning->setting);
    TRY(NEW_ARRAY(tuning->candidates, run->count));
    tuning->count = run->count;
    for (size_t i = 0; i < run->count; i++) {
        const struct tune_candidate *candidate = &run->candidates[i];
        tuning->candidates[i] = candidate->told;
        tuning->complete = tuning->complete && (candidate->out || candidate->rounds > 0);
    }
    return WEFT_OK;
}

enum weft_status tune_run(const struct tune_job *job, struct weft_tuning *tuning,
                          struct record_tuning *best)
{
    struct run *run = NULL;
    TRY(NEW_ARRAY(run, 1));
    *best = (struct record_tuning){.product_count = 0};
    run->job = job;
    run->start = clock_seconds();
    run->best = best;
    enum weft_status status = steps_run(run);
    if (status == WEFT_OK)
        status = tell(run, tuning);
    memory_free(run->candidates);
    memory_free(run);
    return status;
}
