/* Implements train_plan.h. */
#include "train_plan.h"

#include "message.h"
#include "plan_report.h"
#include "streaming_report.h"

static size_t members_of(const struct train_job *job)
{
    return job->ensemble > 1 ? job->ensemble : 1;
}

static enum weft_status fit_or_complain(const struct weft_training_plan *plan)
{
    return plan->fits == WEFT_OK ? WEFT_OK : complain(plan->fits, "%s", plan->refusal);
}

enum weft_status train_plan_host(const struct train_job *job)
{
    struct weft_training_plan plan;
    if (option_given(job->line, OPTION_INIT_MODEL)) /* the file tells the network */
        return WEFT_OK;
    TRY(told(weft_plan_training(NULL, NULL, &job->options, &job->sets, members_of(job), &plan)));
    /* A dry run creates no model, and shows the whole plan first. */
    return option_given(job->line, OPTION_DRY_RUN) ? WEFT_OK : fit_or_complain(&plan);
}

enum weft_status train_plan(struct train_job *job)
{
    const struct plan_report report = {.device = &job->device.info,
                                       .why = job->device.why,
                                       .options = &job->options,
                                       .plan = &job->plan,
                                       .members = members_of(job),
                                       .ranks = job->ranks->info.ranks};
    TRY(told(weft_plan_training(job->device.handle, job->model, &job->options, &job->sets,
                                report.members, &job->plan)));
    const bool shows = option_given(job->line, OPTION_DRY_RUN);
    if (shows && option_given(job->line, OPTION_JSON))
        TRY(plan_report_json(&report));
    else if (shows)
        plan_report_text(&report);
    else if (option_given(job->line, OPTION_VERBOSE))
        plan_report_line(&report);
    TRY(fit_or_complain(&job->plan));
    if (!shows && !option_given(job->line, OPTION_QUIET))
        streaming_say(&report, option_given(job->line, OPTION_VERBOSE));
    return WEFT_OK;
}
