/* Implements weft inspect, which describes a data file or a model. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data_options.h"
#include "inspect_print.h"
#include "message.h"
#include "output.h"

static enum weft_status inspect_model(const struct command_line *line)
{
    struct weft_model *model = NULL;
    TRY(told(weft_model_read(line->name, &model)));
    const enum weft_status status =
        option_given(line, OPTION_JSON) ? inspect_model_json(model) : inspect_model_text(model);
    weft_model_destroy(model);
    return status;
}

static enum weft_status inspect_data(const struct command_line *line)
{
    struct weft_data_description *data = NULL;
    struct weft_data_options form;
    TRY(data_read_options(line, &form));
    TRY(data_read_task(line, &form));
    TRY(told(weft_data_describe(line->name, &form, &data)));
    const enum weft_status status =
        option_given(line, OPTION_JSON) ? inspect_data_json(data) : inspect_data_text(data);
    weft_data_description_destroy(data);
    return status;
}

static int run(const struct command_line *line)
{
    if (line->name == NULL)
        return (int)complain(WEFT_ERROR_USAGE, "inspect: missing file; need weft inspect FILE");
    enum weft_status status =
        weft_model_recognize(line->name) ? inspect_model(line) : inspect_data(line);
    if (status == WEFT_OK)
        status = output_flush();
    return (int)status;
}

const struct command inspect_command = {.name = "inspect",
                                        .bit = COMMAND_INSPECT,
                                        .summary = "Describe a data file or a model",
                                        .usage = "[OPTIONS] FILE",
                                        .example = "weft inspect houses.csv --target price",
                                        .takes_name = true,
                                        .run = run};
