/* Contains main(), which selects the command and returns its exit code. Exit codes are the values
 * of enum weft_status, or 128 + signal. The program works only through weft.h. */
#include <stdio.h>
#include <string.h>

#include "driver_watch.h"
#include "help.h"
#include "interrupt.h"
#include "message.h"
#include "options.h"
#include "output.h"
#include "platform.h"
#include "rank_job.h"
#include "resume.h"
#include "run_files.h"
#include "startup.h"

static const struct command *const commands[] = {
    &train_command, &evaluate_command, &predict_command, &devices_command, &check_command,
    &bench_command, &tune_command,     &presets_command, &inspect_command, &plot_command,
    &embed_command, &report_command,   &pack_command};
enum { COMMANDS = sizeof commands / sizeof *commands };

/* Complains about an unknown or missing command. */
static enum weft_status complain_command(const char *word)
{
    const char *names[COMMANDS + 2];
    for (size_t i = 0; i < COMMANDS; i++)
        names[i] = commands[i]->name;
    names[COMMANDS] = "--help";
    names[COMMANDS + 1] = "--version";
    return complain_word(word, "command", word, names, COMMANDS + 2);
}

static bool wants_help(const struct command_line *line)
{
    return option_given(line, OPTION_HELP) || option_given(line, OPTION_HELP_ALL);
}

static int run_checked(struct command_line *line)
{
    enum weft_status status = run_files_check_names(line);
    if (status == WEFT_OK)
        status = resume_options(line);
    if (status == WEFT_OK && rank_launch_needed(line)) /* the checkpoint has several devices */
        return rank_launch(line);
    if (status == WEFT_OK)
        status = run_files_check(line);
    return status == WEFT_OK ? line->command->run(line) : (int)status;
}

/* Runs the command as one rank of several if mpirun started it, or if it names several devices. */
static int run_ranks(struct command_line *line)
{
    if (rank_launch_needed(line))
        return rank_launch(line);
    const enum weft_status status = rank_job_begin(line->ranks, line);
    return rank_job_finish(line->ranks, status == WEFT_OK ? run_checked(line) : (int)status);
}

static int run_command(const struct command *command, double started, int argc, const char **argv)
{
    struct rank_job ranks = {.handle = NULL};
    struct command_line line = {.ranks = &ranks,
                                .command = command,
                                .started = started,
                                .argument_count = argc,
                                .arguments = (char **)argv};
    int code = (int)command_line_parse(&line, argc, argv);
    if (code == 0)
        code = wants_help(&line)
                   ? (int)help_print_command(command, option_given(&line, OPTION_HELP_ALL))
                   : run_ranks(&line);
    command_line_reset(&line);
    return code;
}

static void print_version(void)
{
    printf("weft %s\n%s%s", weft_version(), weft_components(),
           strchr(weft_components(), '\0')[-1] == '\n' ? "" : "\n");
}

/* Handles `weft --help`, `weft --version`, and words that are not commands. */
static enum weft_status stand_alone(int count, const char **words)
{
    bool help = strcmp(words[0], "--help") == 0 || strcmp(words[0], "-h") == 0;
    if (!help && strcmp(words[0], "--version") != 0)
        return complain_command(words[0]);
    if (count > 1)
        return complain(WEFT_ERROR_USAGE, "%s: unexpected; %s takes nothing else", words[1],
                        words[0]);
    if (help)
        help_print_program(commands, COMMANDS);
    else
        print_version();
    return WEFT_OK;
}

static int dispatch(double started, int argc, const char **argv)
{
    if (argc < 2)
        return (int)complain_command(NULL);
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(argv[1], commands[i]->name) == 0)
            return run_command(commands[i], started, argc - 1, argv + 1);
    return (int)stand_alone(argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    startup_done();
    double started = platform_seconds();
    platform_guard_streams();
    interrupt_install();
    interrupt_guard_maps();
    driver_watch_install(argc, argv);
    size_t rank;
    if (weft_ranks_started(&rank) && rank > 0)
        message_hold();
    int code = dispatch(started, argc, (const char **)argv);
    /* Lost output is a failure, but one error line is enough if there was another error. After
     * SIGHUP the terminal may be gone. */
    if (code == 0 || code > 128) {
        enum weft_status status = interrupt_hung_up() ? WEFT_OK : output_flush();
        if (status != WEFT_OK)
            code = (int)status;
    }
    driver_watch_end();
    return code;
}
